package model

import (
	"reflect"
	"slices"
	"testing"
)

// TestComponents shows that a realm's map of components goes to the kinds
// that its keys belong to, in both spellings, and back to an address.
func TestComponents(t *testing.T) {
	named := func(name, provider string, more ...any) map[string]any {
		o := map[string]any{"name": name, "providerId": provider}
		for i := 0; i+1 < len(more); i += 2 {
			o[more[i].(string)] = more[i+1]
		}
		return o
	}
	rep := Object{"realm": "acme", "components": map[string]any{
		keyProviderType: []any{named("rsa", "rsa-generated")},
		userStorageType: []any{named("corp", "ldap",
			"mappers", []any{named("email", "user-attribute-ldap-mapper")},
			"subComponents", map[string]any{ldapMapperType: []any{named("name", "full-name-ldap-mapper")}, "other.Type": []any{named("x", "y")}})},
		registrationPolicyType: []any{named("Hosts", "trusted-hosts", "subType", "anonymous"), named("Hosts", "trusted-hosts", "subType", "authenticated"), named("none", "x")},
		"extension.Type":       []any{named("a/b", "c", "config", map[string]any{"many": []any{"z", "", "a"}, "one": "1", "none": []any{}})},
		"org.keycloak.models.workflow.WorkflowProvider": []any{map[string]any{"config": map[string]any{}}},
	}}
	want := map[Address]string{
		"realm":                "",
		"key-provider/rsa":     "/components/" + keyProviderType + "/0",
		"user-federation/corp": "/components/" + userStorageType + "/0",
		"user-federation/corp/user-federation-mapper/email": "/components/" + userStorageType + "/0/mappers/0",
		"user-federation/corp/user-federation-mapper/name":  "/components/" + userStorageType + "/0/subComponents/" + ldapMapperType + "/0",
		"client-registration-policy/anonymous/Hosts":        "/components/" + registrationPolicyType + "/0",
		"client-registration-policy/authenticated/Hosts":    "/components/" + registrationPolicyType + "/1",
		"component/extension.Type/a%2Fb":                    "/components/extension.Type/0",
	}
	found := Unfold(Realm, "", rep, "")
	for _, f := range found {
		at, ok := want[f.Addr]
		if !ok || at != f.At {
			t.Errorf("%s stands at %s, want %q", f.Addr, f.At, at)
		}
		delete(want, f.Addr)
		if KindOf(f.Addr) != f.Kind || ParentOf(f.Addr) != f.Parent {
			t.Errorf("%s is read as a %v below %q", f.Addr, KindOf(f.Addr), ParentOf(f.Addr))
		}
		if f.Kind == component {
			config := map[string]any{"many": []any{"a", "z"}, "one": "1", "none": ""}
			if !reflect.DeepEqual(f.Fields["config"], config) || f.Fields["providerType"] != "extension.Type" {
				t.Errorf("the component is %v", f.Fields)
			}
		}
	}
	for a := range want {
		t.Errorf("%s is not found", a)
	}
	if rep["components"].(map[string]any)["extension.Type"].([]any)[0].(map[string]any)["providerType"] != nil {
		t.Error("the representation itself was changed")
	}
	if a := Address("client-registration-policy/anonymous/Hosts").Renamed("x/y"); a != "client-registration-policy/anonymous/x%2Fy" {
		t.Errorf("renamed: %s", a)
	}
}

// TestSpecialComponent shows that a file may call every component by that name.
func TestSpecialComponent(t *testing.T) {
	found := Unfold(component, "", Object{"name": "rsa", "providerId": "rsa", "providerType": keyProviderType}, "")
	if len(found) != 1 || found[0].Addr != "key-provider/rsa" {
		t.Errorf("found %v", found)
	}
}

// TestLDAPMappers shows what the server makes along with a directory, beyond
// what the scripts show on a server.
func TestLDAPMappers(t *testing.T) {
	for _, c := range []struct {
		why    string
		config map[string]any
		want   []string
	}{
		{"nothing is declared", nil, []string{"Kerberos principal attribute mapper", "creation date", "email", "first name", "last name", "modify date", "username"}},
		{"the name is the whole name, and cannot be written", map[string]any{"rdnLDAPAttribute": "CN"},
			[]string{"Kerberos principal attribute mapper", "creation date", "email", "full name", "last name", "modify date", "username"}},
		{"Active Directory tells by itself whether accounts are locked", map[string]any{"vendor": "ad"},
			[]string{"Kerberos principal attribute mapper", "MSAD account controls", "creation date", "email", "first name", "last name", "modify date", "username"}},
	} {
		var got []string
		for _, o := range ldapMappers(Object{"providerId": "ldap", "config": c.config}, "") {
			got = append(got, o["name"].(string))
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.why, got)
		}
	}
	if ldapMappers(Object{"providerId": "kerberos"}, "") != nil {
		t.Error("Kerberos has no mappers")
	}
}
