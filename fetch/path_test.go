package fetch

import (
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

func pathState() *model.State {
	s := model.NewState("a/b")
	for _, it := range []*model.Item{
		{Addr: "realm", ID: "r", Fields: model.Object{"realm": "a/b"}},
		{Addr: "client/shop%2Fx", ID: "c", Fields: model.Object{"clientId": "shop/x"}},
		{Addr: "client/shop%2Fx/protocol-mapper/m#2", ID: "m", Fields: model.Object{"name": "m"}},
		{Addr: "client/shop%2Fx/role/admin", ID: "ro"},
		{Addr: "client/shop%2Fx/service-account", ID: "u"},
		{Addr: "group/sales", ID: "g1"},
		{Addr: "group/sales/emea", ID: "g2"},
		{Addr: "identity-provider/my idp", ID: "i"},
		{Addr: "identity-provider/my idp/identity-provider-mapper/x", ID: "im"},
	} {
		it.Kind, it.Parent = model.KindOf(it.Addr), model.ParentOf(it.Addr)
		s.Items[it.Addr] = it
	}
	return s
}

func TestPaths(t *testing.T) {
	s := pathState()
	for _, tt := range []struct {
		addr               model.Address
		item, create, bulk string
	}{
		{"realm", "", "", ""},
		{"client/shop%2Fx", "/clients/c", "/clients", ""},
		{"client/shop%2Fx/protocol-mapper/m#2", "/clients/c/protocol-mappers/models/m", "/clients/c/protocol-mappers/models", "/clients/c/protocol-mappers/add-models"},
		{"client/shop%2Fx/role/admin", "/roles-by-id/ro", "/clients/c/roles", ""},
		{"client/shop%2Fx/service-account", "/users/u", "/users", ""},
		{"group/sales", "/groups/g1", "/groups", ""},
		{"group/sales/emea", "/groups/g2", "/groups/g1/children", ""},
		{"identity-provider/my idp", "/identity-provider/instances/my%20idp", "/identity-provider/instances", ""},
		{"identity-provider/my idp/identity-provider-mapper/x", "/identity-provider/instances/my%20idp/mappers/im", "/identity-provider/instances/my%20idp/mappers", ""},
	} {
		it := s.Items[tt.addr]
		const realm = "/admin/realms/a%2Fb"
		if got := ItemPath("a/b", s, it); got != realm+tt.item {
			t.Errorf("%s: item path %s", tt.addr, got)
		}
		if got := CreatePath("a/b", s, it); got != realm+tt.create {
			t.Errorf("%s: create path %s", tt.addr, got)
		}
		if got := BulkPath("a/b", s, it); got != "" && got != realm+tt.bulk || got == "" && tt.bulk != "" {
			t.Errorf("%s: bulk path %s", tt.addr, got)
		}
	}
}

func TestPathTemplates(t *testing.T) {
	s := pathState()
	for _, tt := range []struct {
		addr           model.Address
		template       string
		more           []string
		path, encquery string
	}{
		{"client/shop%2Fx", "clients/{id}/scope-mappings/clients/{owner}", []string{"owner", "x/y"}, "clients/c/scope-mappings/clients/x%2Fy", ""},
		{"client/shop%2Fx/service-account", "users?username=service-account-{key}&exact=true", nil, "users", "exact=true&username=service-account-shop%2Fx"},
		{"group/sales", "groups?search=*&max=1", nil, "groups", "max=1&search=%2A"},
		{"client/shop%2Fx/protocol-mapper/m#2", "{parent}/x/{key}", nil, "clients/c/x/m", ""},
	} {
		path, query := Path("r", s, s.Items[tt.addr], tt.template, tt.more...)
		if path != "/admin/realms/r/"+tt.path || query.Encode() != tt.encquery {
			t.Errorf("%s: %s?%s", tt.template, path, query.Encode())
		}
	}
}

// TestNoIDNoRequest leaves an empty segment where something is not known, and
// the client sends no such thing: it would address all objects of the kind.
func TestNoIDNoRequest(t *testing.T) {
	s := pathState()
	c, err := keycloak.New(keycloak.Options{URL: "http://localhost:1", Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range []*model.Item{
		{Addr: "client/new", Kind: model.Lookup("client")},
		{Addr: "client/new/role/x", Parent: "client/new", Kind: model.Lookup("protocol-mapper"), ID: "i"},
	} {
		path := ItemPath("r", s, it)
		if err := c.Get(t.Context(), path, nil, nil); err == nil || !strings.Contains(err.Error(), "is empty") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestTemplatesOfRegistry knows every word that the registry uses.
func TestTemplatesOfRegistry(t *testing.T) {
	known := map[string]bool{"id": true, "key": true, "parent": true, "parentId": true, "root": true, "target": true, "owner": true}
	check := func(k *model.Kind, template string) {
		for {
			_, rest, ok := strings.Cut(template, "{")
			if !ok {
				return
			}
			word, rest, ok := strings.Cut(rest, "}")
			at := model.KindOf(model.Address(word))
			if !ok || !known[word] && (at == nil || at.Find == "") {
				t.Errorf("%s: {%s} in a path template means nothing", k.Name, word)
			}
			template = rest
		}
	}
	var links func(k *model.Kind, fs model.Fields)
	links = func(k *model.Kind, fs model.Fields) {
		for i := range fs {
			if fs[i].Link != nil {
				check(k, fs[i].Link.Path)
			}
			links(k, fs[i].Fields)
		}
	}
	for _, k := range model.Kinds() {
		check(k, k.Item)
		check(k, k.Move)
		check(k, k.Bulk)
		for _, p := range k.Places {
			check(k, p.Path)
			check(k, p.List)
			check(k, p.ListBefore)
			if (p.ListSince == "") != (p.ListBefore == "") {
				t.Errorf("%s: ListSince and ListBefore belong together", k.Name)
			}
			if p.Right == "" {
				t.Errorf("%s below %q: the registry does not say which right it takes", k.Name, p.Parent)
			}
		}
		for _, rd := range k.Reads {
			check(k, rd.Path)
		}
		links(k, k.Fields)
	}
}
