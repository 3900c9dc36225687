package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// patternsOfRealm are those of what every realm has once.
func patternsOfRealm(info *model.Info) []pattern {
	k := model.Lookup
	out := []pattern{
		{kind: k("required-action"), names: info.Providers["required-action"],
			object: `{"alias": "n", "providerId": "n", "name": "d", "enabled": true, "defaultAction": false, "priority": 7, "config": {"max_auth_age": "60"}}`},
	}
	// Each attribute of the user profile stands for itself.
	attribute := &model.Kind{Name: "attribute", Key: "name", Fields: k("user-profile").Fields.Get("attributes").Fields,
		Places: []model.Place{{Path: "users/profile", Document: "attributes"}}}
	profile := pattern{kind: attribute, at: "user-profile.json", around: `{"groups": [{"name": "g"}], "attributes": %s}`}
	for _, name := range []string{"username", "email"} {
		of := profile
		of.object = fmt.Sprintf(`{"name": %q}`, name)
		out = append(out, of)
	}
	validations := map[string]any{}
	for id, props := range info.Components["org.keycloak.validate.Validator"] {
		config := map[string]any{}
		for name := range props {
			config[name] = profileSamples[name]
		}
		validations[id] = config
	}
	text, _ := json.Marshal(validations)
	for _, more := range []string{
		`"displayName": "d", "group": "g", "multivalued": true, "defaultValue": "abc", "required": {"roles": ["admin"], "scopes": ["email"]},
			"permissions": {"view": ["admin"], "edit": ["admin"]}, "selector": {"scopes": ["email"]}, "annotations": {"inputType": "text"}`,
		`"validations": ` + string(text),
	} {
		of := profile
		of.object = `{"name": "n", ` + more + `}`
		out = append(out, of)
	}
	// What a client protects, and with which settings.
	client := &model.Kind{}
	*client = *k("client")
	client.Fields = append(slices.Clone(client.Fields), model.Field{Name: "authorizationSettings", Type: model.Struct, Fields: k("authorization").Fields})
	const protects = `"serviceAccountsEnabled": true, "authorizationServicesEnabled": true, "authorizationSettings": `
	out = append(out,
		pattern{kind: client, at: "clients/protecting.json", object: `{"clientId": "n", ` + protects + `{"policyEnforcementMode": "PERMISSIVE", "decisionStrategy": "AFFIRMATIVE", "allowRemoteResourceManagement": false}}`},
		pattern{kind: k("authorization-scope"), parent: "client/authz-scopes", around: `{"clientId": "authz-scopes", ` + protects + `{"scopes": %s}}`,
			object: `{"name": "n", "displayName": "d", "iconUri": "https://shop.example/icon"}`},
		pattern{kind: k("authorization-resource"), parent: "client/authz-resources", around: `{"clientId": "authz-resources", ` + protects + `{"scopes": [{"name": "s"}], "resources": %s}}`,
			object: `{"name": "n", "displayName": "d", "type": "t", "uris": ["/x"], "scopes": ["s"], "ownerManagedAccess": true, "icon_uri": "https://shop.example/icon", "attributes": {"a": ["b"]}}`},
	)
	about := map[string]string{"Users": `"users": ["anna"]`, "Groups": `"groups": ["/staff"]`, "Clients": `"clients": ["account"]`, "Roles": `"roles": ["buyer"]`, "Organizations": ""}
	if !model.HasVersion(info.Version, "26.7") {
		delete(about, "Organizations")
	}
	if !info.Features["ADMIN_FINE_GRAINED_AUTHZ_V2"].Enabled {
		clear(about)
	}
	for _, typ := range model.Keys(about) {
		scope := "view"
		if typ == "Roles" {
			scope = "map-role"
		}
		object := fmt.Sprintf(`{"name": "n", "description": "d", "resourceType": %q, "scopes": [%q], "policies": ["buyers"], "logic": "POSITIVE", "decisionStrategy": "UNANIMOUS"`, typ, scope)
		if about[typ] != "" {
			object += ", " + about[typ]
		}
		out = append(out, pattern{kind: k("admin-permission"), at: "admin-permissions.json",
			around: `{"policies": [{"name": "buyers", "type": "role", "roles": ["buyer"]}], "permissions": %s}`, object: object + "}"})
	}
	return append(out, settings(info)...)
}

// profileSamples are values of what configures validators.
var profileSamples = map[string]any{
	"min": 0, "max": 100, "pattern": ".*", "error-message": "wrong", "options": []any{"abc"}, "trim-disabled": true, "max-local-length": 64,
	"allowFragment": true, "allowedSchemes": []any{"https"}, "requireValidUrl": true,
}

// settings returns nonsense for each of a realm's own.
func settings(info *model.Info) []pattern {
	all, at := map[string]any{}, map[string]map[string]any{"attributes": {}, "browserSecurityHeaders": {}, "smtpServer": {}}
	for i := range model.Realm.Fields {
		f := &model.Realm.Fields[i]
		if f.Computed || f.Ours || f.Link != nil || !model.HasVersion(info.Version, f.Since) || slices.Contains([]string{"realm", "id", "organizationsEnabled", "adminPermissionsEnabled", "defaultRole"}, f.Name) {
			continue
		}
		switch f.Type {
		case model.Set, model.List:
			all[f.Name] = []any{"nonsense"}
		case model.Dict:
			for key := range f.Entries {
				if !strings.HasSuffix(key, "*") {
					at[f.Name][key] = "nonsense"
				}
			}
		default:
			all[f.Name] = "nonsense"
		}
	}
	out := []pattern{{kind: model.Realm, at: "settings.json", settings: true, object: encoded(all)}}
	for _, name := range model.Keys(at) {
		if len(at[name]) > 0 {
			out = append(out, pattern{kind: model.Realm, at: name + ".json", settings: true, around: fmt.Sprintf(`{%q: %%s}`, name), object: encoded(at[name])})
		}
	}
	return out
}

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// set puts nonsense into the realm. What the server takes, and has not after that,
// it did not take.
func (v *variant) set(t *testing.T, c *keycloak.Client, realm string) error {
	t.Helper()
	if strings.Contains(v.told, "never read the realm again") {
		return fmt.Errorf("nobody could go on after that")
	}
	path := "/admin/realms/" + realm
	before, body := got(t, c, path), v.fields.Clone()
	part, _, _ := strings.Cut(v.at, ".")
	if part != "settings" {
		body = model.Object{part: map[string]any(body)}
	}
	if _, err := c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: path, Body: body}); err != nil {
		return err
	}
	after := got(t, c, path)
	if _, err := c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: path, Body: before}); err != nil {
		t.Errorf("%s: taking it back: %v", v.what, err)
	}
	if part != "settings" {
		after, _ = after[part].(map[string]any)
	}
	if !reflect.DeepEqual(after[v.name], v.fields[v.name]) {
		return fmt.Errorf("it is %v then", after[v.name])
	}
	return nil
}

// register sends what is wrong with a required action: at the place of its own for
// configurations the server looks at what it takes unseen elsewhere.
func (v *variant) register(t *testing.T, c *keycloak.Client, realm string) error {
	t.Helper()
	path := "/admin/realms/" + realm + "/authentication/required-actions/" + v.name
	before := got(t, c, path)
	body := v.named(v.name)
	_, err := c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: path, Body: body})
	if config := body["config"]; err == nil && config != nil {
		_, err = c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: path + "/config", Body: map[string]any{"config": config}})
	}
	if _, err := c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: path, Body: before}); err != nil {
		t.Errorf("%s: taking it back: %v", v.what, err)
	}
	return err
}
