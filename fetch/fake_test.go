package fetch

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// fake is a server that answers by path what a real one can be brought to
// answer only by luck.
func fake(t *testing.T, answers map[string]any, watch ...func(*http.Request)) *keycloak.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, f := range watch {
			f(r)
		}
		answer, ok := answers[strings.TrimPrefix(r.URL.EscapedPath(), "/admin/realms/")]
		if list, is := answer.([]any); is && r.URL.Query().Has("max") && r.URL.Query().Get("first") != "0" {
			answer = list[:0]
		}
		w.Header().Set("Content-Type", "application/json")
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	c, err := keycloak.New(keycloak.Options{URL: server.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func none(model.Address, string) bool { return false }

// TestDuplicates tells objects of one name apart.
func TestDuplicates(t *testing.T) {
	named := func(id, name string) any { return object{"id": id, "name": name} }
	c := fake(t, map[string]any{
		"x":                        object{"id": "x", "realm": "x"},
		"x/clients-initial-access": objects{},
		"x/clients": objects{
			object{"id": "c1", "clientId": "shop", "protocolMappers": objects{
				named("m3", "same"), named("m1", "same"), named("m4", "same#2"), named("m2", "same"), named("m5", "other")}},
			object{"id": "c1", "clientId": "shop"}, // shifted to a second page
		},
	})
	s, notes, err := State(t.Context(), c, "x", Want{Kinds: []string{"client", "protocol-mapper"}, Field: none, Server: &model.Server{Version: "26.7.5"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[model.Address]string{}
	for a, it := range s.Items {
		got[a] = it.ID
	}
	want := map[model.Address]string{"realm": "x", "client/shop": "c1",
		"client/shop/protocol-mapper/same": "m1", "client/shop/protocol-mapper/same#2": "m4", "client/shop/protocol-mapper/same#3": "m2",
		"client/shop/protocol-mapper/same#4": "m3", "client/shop/protocol-mapper/other": "m5"}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for a, id := range want {
		if got[a] != id {
			t.Errorf("%s is %s, want %s", a, got[a], id)
		}
	}
	if len(notes) != 2 || notes[0].Code != "duplicate-on-server" || notes[0].Addr != "client/shop/protocol-mapper/same" {
		t.Errorf("notes %v", notes)
	}
	if it := s.Items["client/shop/protocol-mapper/same#3"]; it.Fields["name"] != "same" {
		t.Errorf("name %v", it.Fields["name"])
	}
}

// TestTree finds the place of objects whose parents come later, or not at all.
func TestTree(t *testing.T) {
	group := func(id, parent, name, path string) any {
		g := object{"id": id, "name": name, "path": path}
		if parent != "" {
			g["parentId"] = parent
		}
		return g
	}
	c := fake(t, map[string]any{
		"x": object{"id": "x", "realm": "x", "defaultGroups": objects{"/a/b/c", "/50%"}},
		"x/attack-detection/brute-force/users/kcsync": object{},
		"x/groups": objects{
			group("3", "2", "c", "/a/b/c"), group("2", "1", "b", "/a/b"), group("1", "", "a", "/a"),
			group("4", "9", "lost", "/z/lost"), group("5", "", "a/b", "/a/b"), group("6", "", "50%", "/50%"),
		},
	})
	s, notes, err := State(t.Context(), c, "x", Want{Kinds: []string{"realm", "group"}, Field: none,
		Server: &model.Server{}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range s.Sorted() {
		got = append(got, string(it.Addr)+" "+string(it.Parent))
	}
	want := []string{"realm ", "group/50%25 ", "group/a ", "group/a/b group/a", "group/a/b/c group/a/b", "group/a%2Fb "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if v := s.Items["realm"].Fields["defaultGroups"].([]any); !slices.Equal(v, []any{"/50%25", "/a/b/c"}) {
		t.Errorf("defaultGroups %v", v)
	}
	if len(notes) != 2 || notes[0].Code != "ambiguous-path" || notes[1].Code != "changed-meanwhile" {
		t.Errorf("notes %v", notes)
	}
}

// TestDeletedMeanwhile leaves out what is gone by the time its parts are read.
func TestDeletedMeanwhile(t *testing.T) {
	c := fake(t, map[string]any{
		"x":                               object{"id": "x", "realm": "x"},
		"x/clients-initial-access":        objects{},
		"x/clients":                       objects{object{"id": "c1", "clientId": "gone"}, object{"id": "c2", "clientId": "here"}},
		"x/clients/c2/roles":              objects{object{"id": "r", "name": "r"}},
		"x/roles":                         objects{},
		"x/default-default-client-scopes": objects{}, "x/default-optional-client-scopes": objects{},
		"x/clients/c2/scope-mappings": object{}, "x/clients/c1/scope-mappings": object{},
	})
	s, notes, err := State(t.Context(), c, "x", Want{Kinds: []string{"client", "role"}, Server: &model.Server{}})
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || notes[0].Addr != "client/gone" {
		t.Errorf("notes %v", notes)
	}
	if len(s.Items) != 3 || s.Items["client/here/role/r"] == nil {
		t.Errorf("items %v", model.Keys(s.Items))
	}
}

// TestDeclared looks up users that somebody asks for, and asks for no list of
// all.
func TestDeclared(t *testing.T) {
	answers := map[string]any{
		"x": object{"id": "x", "realm": "x"},
		"x/attack-detection/brute-force/users/kcsync": object{},
	}
	want := Want{Kinds: []string{"user"}, Field: none, Server: &model.Server{}}
	if s, _, err := State(t.Context(), fake(t, answers), "x", want); err != nil || len(s.Items) != 1 {
		t.Errorf("nobody was asked for: %v %v", s, err)
	}
	answers["x/users"] = objects{object{"id": "1", "username": "alice"}}
	want.Objects = []model.Address{"user/alice"}
	s, _, err := State(t.Context(), fake(t, answers), "x", want)
	if err != nil || len(s.Items) != 2 || s.Items["user/alice"].ID != "1" {
		t.Errorf("%v %v", s, err)
	}

	d := model.NewState("x")
	for _, it := range []*model.Item{
		{Addr: "user/bob", Kind: model.Lookup("user"), Previously: "user/rob", Fields: model.Object{"username": "bob"}},
		{Addr: "organization/acme", Kind: model.Lookup("organization"), Fields: model.Object{"members": []any{"carol"}}},
	} {
		d.Items[it.Addr] = it
	}
	if got := For(d).Objects; !slices.Equal(got, []model.Address{"user/bob", "user/carol", "user/rob"}) {
		t.Errorf("asked for %v", got)
	}
}

// TestFewMembers looks up the members that a file names one by one, unless
// they are many.
func TestFewMembers(t *testing.T) {
	var asked []string
	server := fake(t, map[string]any{
		"x":                         object{"id": "x", "realm": "x", "organizationsEnabled": true},
		"x/organizations":           objects{object{"id": "o", "name": "o", "alias": "o"}},
		"x/organizations/o/members": objects{},
	}, func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/members") {
			asked = append(asked, r.URL.Query().Get("search")+r.URL.Query().Get("max"))
		}
	})
	for n, want := range map[int]string{2: "m m", 21: "-1"} {
		asked = nil
		declared := model.Object{"members": slices.Repeat([]any{"m"}, n)}
		w := Want{Kinds: []string{"organization"}, Server: &model.Server{},
			Field:    func(_ model.Address, field string) bool { return field == "members" },
			Declared: func(model.Address) model.Object { return declared }}
		if _, _, err := State(t.Context(), server, "x", w); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(asked, " "); got != want {
			t.Errorf("%d members: asked for %q, not %q", n, got, want)
		}
	}
}

// TestTreeBelow places the objects of a tree that stands below another kind:
// the outermost have a parent there that is never shown.
func TestTreeBelow(t *testing.T) {
	c := fake(t, map[string]any{
		"x":               object{"id": "x", "realm": "x", "organizationsEnabled": true},
		"x/organizations": objects{object{"id": "o", "name": "o", "alias": "o"}},
		"x/organizations/o/groups": objects{
			object{"id": "2", "parentId": "1", "name": "a", "path": "/a/a"}, object{"id": "1", "parentId": "hidden", "name": "a", "path": "/a"},
		},
	})
	s, notes, err := State(t.Context(), c, "x", Want{Kinds: []string{"organization", "organization-group"}, Field: none, Server: &model.Server{}})
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	for a, id := range map[model.Address]string{"organization/o/organization-group/a": "1", "organization/o/organization-group/a/a": "2"} {
		it := s.Items[a]
		if it == nil || it.ID != id {
			t.Errorf("%s: %v", a, it)
			continue
		}
		if path := ItemPath("x", s, it); path != "/admin/realms/x/organizations/o/groups/"+id {
			t.Errorf("%s is at %s", a, path)
		}
	}
}
