package model

import (
	"reflect"
	"testing"
)

// TestExportedAdminPermissions reads permissions out of a realm's export,
// which says by ids what they are about.
func TestExportedAdminPermissions(t *testing.T) {
	permission := func(name, typ, resource string) map[string]any {
		return map[string]any{"name": name, "type": "scope", "config": map[string]any{
			"defaultResourceType": typ, "resources": `["` + resource + `"]`, "scopes": `["view"]`, "applyPolicies": `["staff"]`,
		}}
	}
	settings := map[string]any{"policies": []any{
		map[string]any{"name": "staff", "type": "role", "config": map[string]any{"roles": `[{"id":"shop/clerk","required":false}]`}},
		permission("all", "Groups", "Groups"),
		permission("group", "Groups", "g2"),
		permission("client", "Clients", "c1"),
		permission("role", "Roles", "r1"),
		permission("client role", "Roles", "r2"),
		permission("user", "Users", "u1"),
		permission("somebody", "Users", "not in the export"),
		permission("organization", "Organizations", "o1"),
	}}
	rep := Object{
		"adminPermissionsEnabled": true,
		"users":                   []any{map[string]any{"id": "u1", "username": "ann"}},
		"organizations":           []any{map[string]any{"id": "o1", "alias": "acme"}},
		"groups": []any{map[string]any{"id": "g1", "name": "staff", "subGroups": []any{
			map[string]any{"id": "g2", "name": "night/shift"},
		}}},
		"roles": map[string]any{
			"realm":  []any{map[string]any{"id": "r1", "name": "seller"}},
			"client": map[string]any{"shop": []any{map[string]any{"id": "r2", "name": "clerk"}}},
		},
		"clients": []any{
			map[string]any{"id": "c2", "clientId": "admin-permissions", "authorizationSettings": settings},
			map[string]any{"id": "c1", "clientId": "shop"},
		},
	}
	got := map[Address]Found{}
	for _, f := range Unfold(Realm, "", rep, "/r") {
		got[f.Addr] = f
	}
	if got["client/admin-permissions"].Item != nil {
		t.Error("the server's own client is declared")
	}
	if p := got["admin-permissions/admin-policy/staff"]; p.Item == nil || !reflect.DeepEqual(p.Fields["roles"], []any{"shop/clerk"}) ||
		p.At != "/r/clients/0/authorizationSettings/policies/0" {
		t.Errorf("policy: %+v", p)
	}
	for name, want := range map[string]Object{
		"all":          {"groups": []any{}},
		"group":        {"groups": []any{"/staff/night%2Fshift"}},
		"client":       {"clients": []any{"shop"}},
		"role":         {"roles": []any{"seller"}},
		"client role":  {"roles": []any{"shop/clerk"}},
		"user":         {"users": []any{"ann"}},
		"somebody":     {"users": []any{"not in the export"}},
		"organization": {"organizations": []any{"acme"}},
	} {
		f := got[AddressOf("admin-permissions", adminPermission, name)]
		if f.Item == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		for field, v := range want {
			if !reflect.DeepEqual(f.Fields[field], v) {
				t.Errorf("%s: %s is %v, want %v", name, field, f.Fields[field], v)
			}
		}
		if !reflect.DeepEqual(f.Fields["policies"], []any{"staff"}) || !reflect.DeepEqual(f.Fields["scopes"], []any{"view"}) {
			t.Errorf("%s: %v", name, f.Fields)
		}
	}
	if !got["admin-permissions"].Shown["admin-permission"] {
		t.Error("the list is not complete")
	}
}
