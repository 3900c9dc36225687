package model

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnfoldRealm takes a realm's representation apart, such as an export of
// Keycloak's, in which objects of one kind stand in several spellings.
func TestUnfoldRealm(t *testing.T) {
	rep := Object{
		"realm":       "acme",
		"displayName": "Acme",
		"roles": map[string]any{
			"realm":  []any{map[string]any{"name": "clerk"}},
			"client": map[string]any{"shop": []any{map[string]any{"name": "buyer"}}},
		},
		"clients": []any{map[string]any{
			"clientId":        "shop",
			"protocolMappers": []any{map[string]any{"name": "tenant"}},
			"serviceAccount":  map[string]any{"realmRoles": []any{"clerk"}},
		}},
		"clientScopes":  []any{map[string]any{"name": "tenant", "id": "1"}},
		"scopeMappings": []any{map[string]any{"client": "shop", "roles": []any{"clerk"}}},
		"clientScopeMappings": map[string]any{
			"shop": []any{map[string]any{"clientScope": "tenant", "roles": []any{"buyer"}}},
		},
		"groups": []any{map[string]any{"name": "sales", "subGroups": []any{map[string]any{"name": "emea"}}}},
		"identityProviders": []any{
			map[string]any{"alias": "corp", "internalId": "2"},
			map[string]any{"alias": "other"},
		},
		"identityProviderMappers": []any{map[string]any{"name": "mail", "identityProviderAlias": "corp"}},
	}
	s := NewState("acme")
	at := map[Address]string{}
	for _, f := range Unfold(Realm, "", rep, "") {
		if _, ok := at[f.Addr]; !ok {
			at[f.Addr] = f.At
		}
		if c := s.Add(f.Item); c != nil {
			t.Errorf("%s: %v", f.Addr, c)
		}
	}
	want := map[Address]string{
		"realm":                              "",
		"client-scope/tenant":                "/clientScopes/0",
		"client/shop":                        "/clients/0",
		"client/shop/protocol-mapper/tenant": "/clients/0/protocolMappers/0",
		"client/shop/service-account":        "/clients/0/serviceAccount",
		"client/shop/role/buyer":             "/roles/client/shop/0",
		"role/clerk":                         "/roles/realm/0",
		"group/sales":                        "/groups/0",
		"group/sales/emea":                   "/groups/0/subGroups/0",
		"identity-provider/corp":             "/identityProviders/0",
		"identity-provider/other":            "/identityProviders/1",
		"identity-provider/corp/identity-provider-mapper/mail": "/identityProviderMappers/0",
	}
	if d := cmp.Diff(want, at); d != "" {
		t.Errorf("items and where they stood:\n%s", d)
	}
	if got := s.Items["client/shop"].Fields["scopeMappings"]; !cmp.Equal(got, map[string]any{"realm": []any{"clerk"}, "client": map[string]any{}}) {
		t.Errorf("the client's scope mappings: %v", got)
	}
	if got := s.Items["client-scope/tenant"].Fields["scopeMappings"]; !cmp.Equal(got, map[string]any{"realm": []any{}, "client": map[string]any{"shop": []any{"buyer"}}}) {
		t.Errorf("the client scope's scope mappings: %v", got)
	}
	if s.Items["client-scope/tenant"].ID != "1" || s.Items["identity-provider/corp"].ID != "2" {
		t.Error("ids are lost")
	}
	if !s.Items["identity-provider/other"].Shown["identity-provider-mapper"] {
		t.Error("a list of all mappers shows that this identity provider has none")
	}
	if s.Items["client-scope/tenant"].Shown["protocol-mapper"] {
		t.Error("a client scope without a list of mappers says nothing about them")
	}
}

func TestAddConflicts(t *testing.T) {
	s := NewState("acme")
	add := func(rep Object) []Conflict {
		var out []Conflict
		for _, f := range Unfold(Realm, "", rep, "") {
			out = append(out, s.Add(f.Item)...)
		}
		return out
	}
	if c := add(Object{"realm": "acme", "attributes": map[string]any{"a": "1"}, "clients": []any{map[string]any{"clientId": "shop"}}}); c != nil {
		t.Fatalf("first file: %v", c)
	}
	if c := add(Object{"realm": "acme", "attributes": map[string]any{"b": "2"}, "loginTheme": "x"}); c != nil {
		t.Errorf("two files may each hold a part of the realm: %v", c)
	}
	c := add(Object{"realm": "acme", "loginTheme": "y", "clients": []any{map[string]any{"clientId": "shop"}}})
	if len(c) != 2 || c[0].Field != "/loginTheme" || c[1].Field != "" {
		t.Errorf("one setting and one client twice: %v", c)
	}
}

// TestRename shows that children and references follow a renamed object.
func TestRename(t *testing.T) {
	s := NewState("acme")
	for _, f := range Unfold(Realm, "", Object{
		"realm":         "acme",
		"defaultGroups": []any{"/sales/emea"},
		"clients":       []any{map[string]any{"clientId": "shop", "roles": []any{map[string]any{"name": "buyer"}}}},
		"roles":         map[string]any{"realm": []any{map[string]any{"name": "all", "composites": map[string]any{"client": map[string]any{"shop": []any{"buyer"}}}}}},
		"groups":        []any{map[string]any{"name": "sales", "subGroups": []any{map[string]any{"name": "emea"}}}},
	}, "") {
		s.Add(f.Item)
	}
	n := s.Rename("client/shop", "client/store").Rename("group/sales/emea", "group/emea")
	if n.Items["client/store/role/buyer"] == nil || n.Items["client/shop"] != nil {
		t.Errorf("the client's role did not follow: %v", Keys(n.Items))
	}
	if got := n.Items["role/all"].Fields["composites"]; !cmp.Equal(got, map[string]any{"realm": []any{}, "client": map[string]any{"store": []any{"buyer"}}}) {
		t.Errorf("the composite did not follow: %v", got)
	}
	if got := n.Items["realm"].Fields["defaultGroups"]; !cmp.Equal(got, []any{"/emea"}) {
		t.Errorf("the default group did not follow: %v", got)
	}
	if g := n.Items["group/emea"]; g == nil || g.Parent != "" {
		t.Errorf("the group's parent: %+v", g)
	}
	if s.Items["client/shop"] == nil || !cmp.Equal(s.Items["realm"].Fields["defaultGroups"], []any{"/sales/emea"}) {
		t.Error("the state itself was changed")
	}
}

// TestUserFields checks that what became fields is not taken for attributes,
// where the server would move it.
func TestUserFields(t *testing.T) {
	rep := Object{"username": "John", "lastName": "Doe", "attributes": map[string]any{
		"email": "J@example.com", "lastName": []any{"Dough"}, "locale": []any{"en"},
	}}
	got := Unfold(Lookup("user"), "", rep, "")[0].Fields
	want := Object{"username": "john", "email": "j@example.com", "lastName": "Doe", "attributes": map[string]any{"locale": []any{"en"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
