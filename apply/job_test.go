package apply

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

func TestRedact(t *testing.T) {
	for _, c := range []struct{ why, secret, message, want string }{
		{"the server repeats what was sent", "s3cr3t", "invalid value s3cr3t", "invalid value (secret)"},
		{"its words are on one line", "two  words", "invalid two words", "invalid (secret)"},
		{"a short secret cannot be cut out without giving it away", "ab", "a bad cabin", "not shown"},
		{"what is no secret stays", "s3cr3t", "invalid redirect uri", "invalid redirect uri"},
	} {
		j := &job{hide: []string{c.secret}}
		err := j.redact(fmt.Errorf("wrapped: %w", &keycloak.Error{Method: "POST", URL: "http://x/y", Status: 400, Message: c.message}))
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.secret) {
			t.Errorf("%s: %v", c.why, err)
		}
		if !keycloak.IsStatus(err, 400) {
			t.Errorf("%s: the status is lost", c.why)
		}
	}
}

func TestErrorNamesTheObject(t *testing.T) {
	j := &job{c: &diff.Change{Addr: "client/web", Source: model.Source{File: "clients/web.yaml", Line: 3, Col: 1}}}
	err := j.failure(&keycloak.Error{Method: "POST", URL: "http://x/admin", Status: 400, Message: "A redirect URI is not a valid URI"})
	want := "client/web (clients/web.yaml:3:1): POST /admin: 400 Bad Request: A redirect URI is not a valid URI; correct the value in the file and plan again"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if j.c.Source = (model.Source{}); !strings.HasPrefix(j.failure(errors.New("x")).Error(), "client/web: ") {
		t.Error("an object of no file has no place to name")
	}
}

// Objects are found under the address that they had and the one that they
// get, however their moves hang together.
func TestWorldAfterMoves(t *testing.T) {
	s := model.NewState("r")
	add := func(a, id string, fields model.Object) {
		addr := model.Address(a)
		s.Items[addr] = &model.Item{Addr: addr, Kind: model.KindOf(addr), Parent: model.ParentOf(addr), ID: id, Fields: fields}
	}
	add("group/a", "1", model.Object{"name": "a"})
	add("group/a/x", "2", model.Object{"name": "x"})
	add("group/a/x/deep", "3", model.Object{"name": "deep"})
	add("client/web/service-account", "4", model.Object{"groups": []any{"/a/x"}})
	parent := change(diff.Move, "group/b")
	parent.From = "group/a"
	child := change(diff.Move, "group/y", "group/b")
	child.From = "group/b/x"
	w := newWorld(planOf(parent, child), s)
	for a, id := range map[model.Address]string{
		"group/a": "1", "group/b": "1", "group/a/x": "2", "group/y": "2", "group/y/deep": "3", "group/a/x/deep": "3",
	} {
		if got := w.id(a); got != id {
			t.Errorf("%s has the id %q, want %s", a, got, id)
		}
	}
	if got := w.key("group", "2"); got != "/y" {
		t.Errorf("the moved group is referred to as %s", got)
	}
	if s.Items["group/b"] != nil {
		t.Error("the state that the caller gave was changed")
	}
	// The server may still tell the old name, or the new one already.
	for _, path := range []string{"/a/x", "/y"} {
		o := w.settle(kind(t, "service-account"), "", model.Object{"groups": []any{path}})
		if o["groups"].([]any)[0] != "/y" {
			t.Errorf("%s is read as %v, want /y", path, o["groups"])
		}
	}
}
