package model

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPolicySpellings shows that what exports hold, what people write and
// what is sent are one and the same.
func TestPolicySpellings(t *testing.T) {
	for _, c := range []struct {
		why          string
		export, ours Object
	}{
		{"lists are JSON in exports, and members with a flag are a list of their own",
			Object{"type": "role", "config": map[string]any{"fetchRoles": "true", "roles": `[{"id":"b","required":false},{"id":"c/a","required":true}]`}},
			Object{"type": "role", "fetchRoles": true, "roles": []any{"b"}, "requiredRoles": []any{"c/a"}}},
		{"a list that is shown is complete, and so is the other",
			Object{"type": "role", "config": map[string]any{"roles": `[{"id":"b"}]`}},
			Object{"type": "role", "roles": []any{"b"}}},
		{"client scopes", Object{"type": "client-scope", "config": map[string]any{"clientScopes": `[{"id":"a","required":true}]`}},
			Object{"type": "client-scope", "clientScopes": []any{}, "requiredClientScopes": []any{"a"}}},
		{"users and clients are plain lists", Object{"type": "user", "config": map[string]any{"users": `["b","a"]`}}, Object{"type": "user", "users": []any{"a", "b"}}},
		{"times have short keys in exports, and are texts",
			Object{"type": "time", "config": map[string]any{"nbf": "2026-01-01 00:00:00", "hour": "8"}},
			Object{"type": "time", "notBefore": "2026-01-01 00:00:00", "hour": int64(8)}},
		{"a permission", Object{"type": "scope", "config": map[string]any{"resources": `["r"]`, "scopes": `["s"]`, "applyPolicies": `["p"]`}},
			Object{"type": "scope", "resources": []any{"r"}, "scopes": []any{"s"}, "policies": []any{"p"}}},
		{"a resource type", Object{"type": "resource", "config": map[string]any{"defaultResourceType": "t", "applyPolicies": `[]`, "resources": `[]`}},
			Object{"type": "resource", "resourceType": "t", "policies": []any{}, "resources": []any{}}},
		{"what is not known stays as it is", Object{"type": "script-x.js", "config": map[string]any{"code": "c", "roles": `["a"]`}},
			Object{"type": "script-x.js", "config": map[string]any{"code": "c", "roles": `["a"]`}}},
		{"what is no list stays as it is", Object{"type": "user", "config": map[string]any{"users": "ann"}}, Object{"type": "user", "config": map[string]any{"users": "ann"}}},
	} {
		canonical := func(o Object) Object { return authorizationPolicy.Canonical(unfoldPolicy(o)) }
		want := canonical(c.ours)
		if d := cmp.Diff(want, canonical(c.export)); d != "" {
			t.Errorf("%s (-ours +export):\n%s", c.why, d)
		}
		again := canonical(unfoldPolicy(want))
		if d := cmp.Diff(want, again); d != "" {
			t.Errorf("%s: no fixpoint:\n%s", c.why, d)
		}
		if c.export["type"] == "user" && want["config"] != nil {
			continue // never comes from a server
		}
		sent := canonical(wirePolicy(want))
		for name, v := range want {
			if d := cmp.Diff(v, sent[name]); d != "" {
				t.Errorf("%s: %s as sent:\n%s", c.why, name, d)
			}
		}
	}
}

// TestPolicySent shows that lists which are empty are named: the server keeps
// those that are not.
func TestPolicySent(t *testing.T) {
	got := wirePolicy(Object{"name": "p", "type": "scope", "scopes": []any{"s"}})
	want := Object{"name": "p", "type": "scope", "config": map[string]any{"applyPolicies": "[]", "resources": "[]", "scopes": `["s"]`}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got = wirePolicy(Object{"name": "p", "type": "group", "groups": []any{"id-1"}, "groupsWithChildren": []any{"id-2"}})
	want = Object{"name": "p", "type": "group", "config": map[string]any{"groups": `[{"extendChildren":false,"id":"id-1"},{"extendChildren":true,"id":"id-2"}]`}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestOwnedIsNotOurs shows that what users own is not taken for the client's,
// in a file or on a server.
func TestOwnedIsNotOurs(t *testing.T) {
	rep := Object{"clientId": "api", "authorizationServicesEnabled": true, "authorizationSettings": map[string]any{
		"resources": []any{
			map[string]any{"name": "a"},
			map[string]any{"name": "photo", "owner": map[string]any{"name": "ann"}},
			map[string]any{"name": "b", "owner": map[string]any{"name": "api"}},
		},
		"policies": []any{map[string]any{"name": "shared", "type": "uma", "owner": "ann"}},
	}}
	at := map[Address]string{}
	for _, f := range Unfold(client, "", rep, "") {
		at[f.Addr] = f.At
		if f.Kind == authorization && f.Shown["authorization-policy"] {
			t.Error("a list of what others own says nothing of the client's own")
		}
	}
	want := map[Address]string{
		"client/api":               "",
		"client/api/authorization": "/authorizationSettings",
		"client/api/authorization/authorization-resource/a": "/authorizationSettings/resources/0",
		"client/api/authorization/authorization-resource/b": "/authorizationSettings/resources/2",
	}
	if d := cmp.Diff(want, at); d != "" {
		t.Error(d)
	}
}

// TestAdminPermission shows how the server's ids stand for what a permission
// is about.
func TestAdminPermission(t *testing.T) {
	shown := func(names ...any) Object {
		var l []any
		for _, n := range names {
			l = append(l, map[string]any{"name": n})
		}
		return Object{"name": "p", "resourceType": "Groups", "resourcesData": l, "scopesData": []any{map[string]any{"name": "view"}}}
	}
	for _, c := range []struct {
		why       string
		rep, want Object
	}{
		{"all of a type", shown("Groups"), Object{"name": "p", "resourceType": "Groups", "groups": []any{}, "scopes": []any{"view"}}},
		{"some", shown("id-1"), Object{"name": "p", "resourceType": "Groups", "groups": []any{"id-1"}, "scopes": []any{"view"}}},
		{"as people write it", Object{"name": "p", "resourceType": "Groups", "groups": []any{"/a"}}, Object{"name": "p", "resourceType": "Groups", "groups": []any{"/a"}}},
	} {
		got := adminPermission.Canonical(unfoldAdminPermission(c.rep))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s:\n%s", c.why, d)
		}
	}
	got := adminPermission.Wire(Object{"name": "p", "resourceType": "Groups", "groups": []any{"id-1"}, "clients": []any{}})
	want := Object{"name": "p", "type": "scope", "resourceType": "Groups", "resources": []any{"id-1"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestListsOfOthers(t *testing.T) {
	policy := func(typ string) Object {
		return Object{"type": typ, "roles": []any{"reader"}, "policies": []any{"other"}, "scopes": []any{"read"}, "groups": []any{}}
	}
	for typ, want := range map[string][]string{
		"role":      {"/policies"},
		"aggregate": {"/roles"},
		"regex":     {"/policies", "/roles"},
		"their-own": nil, // a provider of which nothing is known
	} {
		var got []string
		for _, p := range listsOfOthers(policy(typ), policy(typ), nil) {
			got = append(got, p.Pointer)
		}
		if !slices.Equal(got, want) {
			t.Errorf("a policy of type %s: the server drops %v, want %v", typ, got, want)
		}
	}
}
