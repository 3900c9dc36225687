package apply

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

func kind(t *testing.T, name string) *model.Kind {
	t.Helper()
	k := model.Lookup(name)
	if k == nil {
		t.Fatalf("there is no kind %s", name)
	}
	return k
}

// testEncoder resolves ${env:X} to the value of X, and knows the flows f1, f2.
func testEncoder(hidden *[]string) encoder {
	return encoder{
		resolve: func(r model.Reference) (string, error) {
			return model.Resolver{Getenv: func(name string) (string, bool) { return "value of " + name, name != "UNSET" }}.Resolve(r)
		},
		id: func(a model.Address) (string, error) {
			if strings.HasPrefix(string(a), "authentication-flow/f") {
				return "id of " + a.Key(), nil
			}
			return "", fmt.Errorf("%s %w", a, errAbsent)
		},
		hide: func(s string) {
			if hidden != nil {
				*hidden = append(*hidden, s)
			}
		},
	}
}

func TestCreation(t *testing.T) {
	for _, c := range []struct {
		why, kind, addr string
		after           object
		want            object
		err             string
		hidden          []string
	}{
		{why: "the key is sent though the file's name alone says it", kind: "group", addr: "group/a%2Fb",
			after: object{"attributes": object{"x": []any{"1"}}}, want: object{"name": "a/b", "attributes": object{"x": []any{"1"}}}},
		{why: "null asks for the default, which is what is not sent", kind: "client", addr: "client/web",
			after: object{"name": nil, "attributes": object{"a": nil, "b": "1"}}, want: object{"clientId": "web", "attributes": object{"b": "1"}}},
		{why: "naming the default protocol makes POST add more than saying nothing", kind: "client", addr: "client/web",
			after: object{"protocol": "openid-connect"}, want: object{"clientId": "web"}},
		{why: "another protocol has to be named", kind: "client", addr: "client/web",
			after: object{"protocol": "saml"}, want: object{"clientId": "web", "protocol": "saml"}},
		{why: "POST takes these links by name", kind: "client", addr: "client/web",
			after: object{"defaultClientScopes": []any{"a"}}, want: object{"clientId": "web", "defaultClientScopes": []any{"a"}}},
		{why: "other links are written afterwards", kind: "role", addr: "role/a",
			after: object{"composites": object{"realm": []any{"b"}, "client": object{}}}, want: object{"name": "a"}},
		{why: "flows are named by id on the wire", kind: "client", addr: "client/web",
			after: object{"authenticationFlowBindingOverrides": object{"browser": "f1"}},
			want:  object{"clientId": "web", "authenticationFlowBindingOverrides": object{"browser": "id of f1"}}},
		{why: "a reference is resolved, and kept out of messages", kind: "client", addr: "client/web", hidden: []string{"value of S"},
			after: object{"secret": model.Reference("${env:S}")}, want: object{"clientId": "web", "secret": "value of S"}},
		{why: "a secret in the file itself is kept out of messages", kind: "identity-provider", addr: "identity-provider/x", hidden: []string{"s3"},
			after: object{"config": object{"clientSecret": "s3", "clientId": "c"}},
			want:  object{"alias": "x", "config": object{"clientSecret": "s3", "clientId": "c"}}},
		{why: "what a reference stands for is secret wherever it is", kind: "client", addr: "client/web", hidden: []string{"value of D"},
			after: object{"redirectUris": []any{model.Reference("${env:D}")}}, want: object{"clientId": "web", "redirectUris": []any{"value of D"}}},
		{why: "a reference that stands for nothing stops the creation", kind: "client", addr: "client/web",
			after: object{"secret": model.Reference("${env:UNSET}")}, err: "environment variable UNSET is not set"},
		{why: "the mask would be stored literally", kind: "client", addr: "client/web", after: object{"secret": model.Mask}, err: "mask"},
		{why: "in maps, too", kind: "identity-provider", addr: "identity-provider/x", after: object{"config": object{"clientSecret": model.Mask}}, err: "mask"},
		{why: "computed fields are the server's", kind: "client", addr: "client/web", after: object{"origin": "x"}, want: object{"clientId": "web"}},
		{why: "fields that the registry does not know may be those of a newer server", kind: "client", addr: "client/web",
			after: object{"novel": int64(1)}, want: object{"clientId": "web", "novel": int64(1)}},
	} {
		var hidden []string
		got, err := testEncoder(&hidden).creation(kind(t, c.kind), model.Address(c.addr), c.after)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %s", c.why, err, c.err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(map[string]any(got), map[string]any(c.want)) {
			t.Errorf("%s:\ngot  %v, %v\nwant %v", c.why, got, err, c.want)
		}
		if !reflect.DeepEqual(hidden, c.hidden) {
			t.Errorf("%s: hidden %q, want %q", c.why, hidden, c.hidden)
		}
	}
}

func TestOverlay(t *testing.T) {
	for _, c := range []struct {
		why, kind string
		server    object
		edits     []diff.Edit
		want      object
	}{
		{"what is not edited, known or not, stays as the server sent it", "client",
			object{"clientId": "web", "novel": "x", "access": object{"view": true}}, []diff.Edit{{Path: "/name", After: "Web"}},
			object{"clientId": "web", "novel": "x", "access": object{"view": true}, "name": "Web"}},
		{"one key of a map leaves the others alone", "client",
			object{"attributes": object{"a": "1", "b": "2"}}, []diff.Edit{{Path: "/attributes/a", After: "9"}},
			object{"attributes": object{"a": "9", "b": "2"}}},
		{"a key may hold dots and slashes", "client",
			object{}, []diff.Edit{{Path: "/attributes/x.y~1z", After: "1"}}, object{"attributes": object{"x.y/z": "1"}}},
		{"client attributes are merged, and removed by an empty string", "client",
			object{"attributes": object{"a": "1"}}, []diff.Edit{{Path: "/attributes/a", Before: "1"}}, object{"attributes": object{"a": ""}}},
		{"client scopes keep an empty string; null removes", "client-scope",
			object{"attributes": object{"a": "1"}}, []diff.Edit{{Path: "/attributes/a", Before: "1"}}, object{"attributes": object{"a": nil}}},
		{"role attributes are replaced, so that leaving out removes", "role",
			object{"attributes": object{"a": []any{"1"}, "b": []any{"2"}}}, []diff.Edit{{Path: "/attributes/a", Before: []any{"1"}}}, object{"attributes": object{"b": []any{"2"}}}},
		{"realm attributes, too", "realm",
			object{"attributes": object{"a": "1", "b": "2"}}, []diff.Edit{{Path: "/attributes/a", Before: "1"}}, object{"attributes": object{"b": "2"}}},
		{"headers are merged, and emptied", "realm",
			object{"browserSecurityHeaders": object{"xFrameOptions": "DENY"}}, []diff.Edit{{Path: "/browserSecurityHeaders/xFrameOptions", Before: "DENY"}},
			object{"browserSecurityHeaders": object{"xFrameOptions": ""}}},
		{"a role's description goes when it is left out", "role",
			object{"name": "a", "description": "x"}, []diff.Edit{{Path: "/description", Before: "x"}}, object{"name": "a"}},
		{"a client's only by an empty string", "client",
			object{"description": "x"}, []diff.Edit{{Path: "/description", Before: "x"}}, object{"description": ""}},
		{"left out of a realm, a list would stay", "realm",
			object{"supportedLocales": []any{"en"}}, []diff.Edit{{Path: "/supportedLocales", Before: []any{"en"}}}, object{"supportedLocales": []any{}}},
		{"a boolean is switched off", "client",
			object{"consentRequired": true}, []diff.Edit{{Path: "/consentRequired", Before: true}}, object{"consentRequired": false}},
		{"and left out where the server replaces the whole object", "identity-provider",
			object{"trustEmail": true}, []diff.Edit{{Path: "/trustEmail", Before: true}}, object{}},
		{"a number is zero", "realm",
			object{"eventsExpiration": int64(9)}, []diff.Edit{{Path: "/eventsExpiration", Before: int64(9)}}, object{"eventsExpiration": int64(0)}},
		{"the id of the flow is sent, and nothing takes the override away", "client",
			object{"authenticationFlowBindingOverrides": object{"direct_grant": "id of f1"}},
			[]diff.Edit{{Path: "/authenticationFlowBindingOverrides/browser", After: "f2"}, {Path: "/authenticationFlowBindingOverrides/direct_grant", Before: "f1"}},
			object{"authenticationFlowBindingOverrides": object{"browser": "id of f2", "direct_grant": ""}}},
		{"the edit of a whole map is one of its keys: others stay", "client",
			object{"attributes": object{"a": "1", "c": "3"}},
			[]diff.Edit{{Path: "/attributes", Before: object{"a": "1"}, After: object{"b": "2"}}},
			object{"attributes": object{"a": "", "b": "2", "c": "3"}}},
	} {
		k := kind(t, c.kind)
		body := model.Object(c.server).Clone()
		if err := overlay(k, body, perKey(k, c.edits), testEncoder(nil)); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if !reflect.DeepEqual(map[string]any(body), map[string]any(c.want)) {
			t.Errorf("%s:\ngot  %v\nwant %v", c.why, body, c.want)
		}
	}
	body := model.Object{}
	err := overlay(kind(t, "client"), body, []diff.Edit{{Path: "/secret", After: model.Mask}}, testEncoder(nil))
	if !errors.Is(err, errMask) {
		t.Errorf("a mask as a secret's new value: %v, want a refusal: the server stores it literally", err)
	}
}

func TestUnmask(t *testing.T) {
	body := model.Object{"secret": model.Mask, "attributes": object{"k": model.Mask}}
	unmask(kind(t, "client"), body)
	if _, ok := body["secret"]; ok {
		t.Error("a client's secret was sent as its mask, which the server would store")
	}
	idp := model.Object{"config": object{"clientSecret": model.Mask}}
	unmask(kind(t, "identity-provider"), idp)
	if lookup(idp, "/config/clientSecret") != model.Mask {
		t.Error("left out of an identity provider's config the secret is deleted; the mask keeps it")
	}
}

func TestDrift(t *testing.T) {
	k := kind(t, "client")
	for _, c := range []struct {
		why   string
		now   object
		edits []diff.Edit
		todo  []string
		moved []string
	}{
		{"as the plan read it", object{"name": "a"}, []diff.Edit{{Path: "/name", Before: "a", After: "b"}}, []string{"/name"}, nil},
		{"somebody did the same", object{"name": "b"}, []diff.Edit{{Path: "/name", Before: "a", After: "b"}}, nil, nil},
		{"somebody did something else", object{"name": "c"}, []diff.Edit{{Path: "/name", Before: "a", After: "b"}}, nil, []string{"/name"}},
		{"absent and empty are the same", object{}, []diff.Edit{{Path: "/name", Before: "", After: "b"}}, []string{"/name"}, nil},
		{"what is not edited does not matter", object{"name": "a", "description": "new"}, []diff.Edit{{Path: "/name", Before: "a", After: "b"}}, []string{"/name"}, nil},
		{"one key of a map", object{"attributes": object{"x": "9", "y": "2"}},
			[]diff.Edit{{Path: "/attributes/x", Before: "1", After: "3"}, {Path: "/attributes/y", Before: "2", After: "3"}}, []string{"/attributes/y"}, []string{"/attributes/x"}},
		{"secrets are not compared", object{"secret": model.Mask}, []diff.Edit{{Path: "/secret", After: model.Reference("${env:A}"), Secret: true}}, []string{"/secret"}, nil},
		{"a set of links", object{"defaultClientScopes": []any{"a", "b"}}, []diff.Edit{{Path: "/defaultClientScopes", Before: []any{"a"}, After: []any{"c"}}}, nil, []string{"/defaultClientScopes"}},
		{"a default counts as absent", object{"protocol": "openid-connect"}, []diff.Edit{{Path: "/protocol", After: "saml"}}, []string{"/protocol"}, nil},
	} {
		todo, moved := drift(k, c.now, c.edits)
		var paths []string
		for _, e := range todo {
			paths = append(paths, e.Path)
		}
		if !reflect.DeepEqual(paths, c.todo) || !reflect.DeepEqual(moved, c.moved) {
			t.Errorf("%s: to do %v, moved %v; want %v, %v", c.why, paths, moved, c.todo, c.moved)
		}
	}
}

func TestUntangle(t *testing.T) {
	body := model.Object{"defaultClientScopes": []any{"a", "phone"}, "optionalClientScopes": []any{"phone", "address"}}
	untangle(kind(t, "client"), body, model.Object{"defaultClientScopes": []any{"a", "phone"}})
	if want := []any{"address"}; !reflect.DeepEqual(body["optionalClientScopes"], want) {
		t.Errorf("optional scopes that fill up the body are %v, want %v: a scope cannot be in both lists", body["optionalClientScopes"], want)
	}
}

func TestOwnID(t *testing.T) {
	a := ownID("realm", "client/web", 0)
	if a != ownID("realm", "client/web", 0) {
		t.Error("a repeated creation has to send the same id")
	}
	if len(a) != 36 || a[14] != '5' {
		t.Errorf("%s is not a UUID of version 5", a)
	}
	seen := map[string]bool{a: true}
	for _, other := range []string{ownID("other", "client/web", 0), ownID("realm", "client/api", 0), ownID("realm", "client/web", 1)} {
		if seen[other] {
			t.Error("ids are unique across the realms of a server")
		}
		seen[other] = true
	}
}
