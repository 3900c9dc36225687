package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// breaking is a value that the server takes, whatever it is: kcsync has to say of
// it that people cannot sign in then, and of no other.
type breaking struct {
	provider, config string // "": there is no configuration
	breaks           bool
}

// breakingRealm is a realm in which people sign in, by themselves and by an
// identity provider.
type breakingRealm struct {
	*testing.T
	c             *keycloak.Client
	realm, client string
	version       string
}

// do sends a request below the realm and returns the id of what it made.
func (r breakingRealm) do(method, path string, body any) (id string) {
	r.Helper()
	res, err := r.c.Do(context.Background(), keycloak.Request{Method: method, Path: "/admin/realms/" + r.realm + path, Body: body})
	if err != nil {
		r.Fatal(err)
	}
	return res.LocationID()
}

// judge compares what kcsync says of an object that the server has taken with
// whether somebody can sign in.
func (r breakingRealm) judge(row breaking, k *model.Kind, o model.Object, signIn func() error) {
	r.Helper()
	problems := wrongWith(k, o, r.version, func(string, string) model.Object { return nil })
	err := signIn()
	if (err != nil) != row.breaks {
		r.Errorf("%s %s: signing in: %v", row.provider, row.config, err)
	}
	if (len(problems) > 0) != row.breaks {
		r.Errorf("%s %s: kcsync says %v; signing in: %v", row.provider, row.config, problems, err)
	}
}

// TestBreakingValues shows that kcsync refuses the settings of mappers and steps
// that the server takes and by which it lets nobody sign in.
func TestBreakingValues(t *testing.T) {
	c, realm, version := refusingRealm(t, "breaking")
	makeUpstream(t, c, realm)
	t.Cleanup(func() { removeRealms(c, realm+"-one") })
	r := breakingRealm{T: t, c: c, realm: realm, version: version}
	upstream := os.Getenv("KCSYNC_TEST_URL") + "/realms/" + realm + "-one/protocol/openid-connect/"
	r.do("PUT", "", map[string]any{"passwordPolicy": quickPasswords, "sslRequired": "none"})
	r.client = r.do("POST", "/clients", map[string]any{"clientId": "web", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": []string{"http://localhost:1/*"}})
	r.do("POST", "/groups", map[string]any{"name": "staff"})
	r.do("POST", "/identity-provider/instances", map[string]any{"alias": "upstream", "providerId": "oidc", "trustEmail": true, "config": map[string]any{
		"clientId": "broker", "clientSecret": "known", "clientAuthMethod": "client_secret_post", "syncMode": "FORCE", "defaultScope": "openid profile email",
		"authorizationUrl": upstream + "auth", "tokenUrl": upstream + "token", "userInfoUrl": upstream + "userinfo"}})
	t.Run("protocol mappers", func(t *testing.T) { r.T = t; r.protocolMappers() })
	t.Run("identity provider mappers", func(t *testing.T) { r.T = t; r.providerMappers() })
	t.Run("identity providers", func(t *testing.T) { r.T = t; r.providers() })
	t.Run("steps", func(t *testing.T) { r.T = t; r.steps() })
}

func (r breakingRealm) protocolMappers() {
	p, err := newPerson(r.c, r.realm, way{})
	if err != nil {
		r.Fatal(err)
	}
	for _, row := range []breaking{
		{"oidc-hardcoded-role-mapper", `{"role": "nobody-has-it"}`, false},
		{"oidc-hardcoded-role-mapper", `{"role": ""}`, true},
		{"oidc-hardcoded-role-mapper", `{}`, true},
		{"oidc-role-name-mapper", `{"role": "a", "new.role.name": "b"}`, false},
		{"oidc-role-name-mapper", `{"role": "a"}`, true},
		{"oidc-role-name-mapper", `{"new.role.name": "b"}`, true},
		{"oidc-usersessionmodel-note-mapper", `{"claim.name": "c", "access.token.claim": "true"}`, true},
		{"oidc-usersessionmodel-note-mapper", `{"user.session.note": "n", "claim.name": "c", "access.token.claim": "true"}`, false},
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "x", "jsonType.label": "int", "access.token.claim": "yes"}`, false},
		{"oidc-usermodel-property-mapper", `{"claim.name": "c", "user.attribute": "email", "jsonType.label": "nothing", "access.token.claim": "true"}`, false},
		{"oidc-audience-mapper", `{"included.client.audience": "nobody", "access.token.claim": "true"}`, false},
	} {
		o := decoded(r.T, fmt.Sprintf(`{"name": "m", "protocol": "openid-connect", "protocolMapper": %q, "config": %s}`, row.provider, row.config))
		path := "/clients/" + r.client + "/protocol-mappers/models"
		id := r.do("POST", path, o)
		r.judge(row, model.Lookup("protocol-mapper"), o, p.grant)
		r.do("DELETE", path+"/"+id, nil)
	}
}

func (r breakingRealm) providerMappers() {
	const email = `[{"key": "email", "value": ".*"}]`
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	for _, row := range []breaking{
		{"oidc-hardcoded-role-idp-mapper", `{"syncMode": "INHERIT", "role": "nobody-has-it"}`, false},
		{"oidc-hardcoded-role-idp-mapper", `{}`, false},
		{"oidc-hardcoded-role-idp-mapper", `{"syncMode": "force"}`, true},
		{"oidc-hardcoded-group-idp-mapper", `{"syncMode": "FORCE", "group": "nowhere"}`, false},
		{"hardcoded-attribute-idp-mapper", `{"attribute.value": "v"}`, true},
		{"hardcoded-attribute-idp-mapper", `{"attribute": "a"}`, false},
		{"oidc-advanced-role-idp-mapper", `{"claims": ` + quoted(email) + `, "role": "offline_access", "are.claim.values.regex": "yes"}`, false},
		{"oidc-advanced-role-idp-mapper", `{"claims": ` + quoted(email) + `, "are.claim.values.regex": "true"}`, false},
		{"oidc-advanced-role-idp-mapper", `{"claims": "", "role": "offline_access"}`, false},
		{"oidc-advanced-role-idp-mapper", `{"claims": "[]", "role": "offline_access"}`, false},
		{"oidc-advanced-role-idp-mapper", `{"claims": "x", "role": "offline_access"}`, true},
		{"oidc-advanced-role-idp-mapper", `{"claims": "{\"email\": \".*\"}", "role": "offline_access"}`, true},
		{"oidc-advanced-role-idp-mapper", `{"claims": "[{\"key\": \"email\"}]", "role": "offline_access"}`, true},
		{"oidc-advanced-role-idp-mapper", `{"claims": "[{\"key\": \"email\", \"value\": [\"a\"]}]", "role": "offline_access"}`, true},
		{"oidc-advanced-role-idp-mapper", `{"claims": "[{\"key\": \"email\", \"value\": 3}]", "role": "offline_access"}`, false},
		{"oidc-advanced-group-idp-mapper", `{"claims": "[{\"key\": \"email\", \"value\": \"(\"}]", "group": "/g"}`, false},
		{"oidc-advanced-group-idp-mapper", `{"claims": "[{\"key\": \"email\", \"value\": \"(\"}]", "group": "/staff", "are.claim.values.regex": "true"}`, true},
		{"oidc-role-idp-mapper", `{"claim": "email", "claim.value": "a", "role": "offline_access"}`, false},
		{"oidc-role-idp-mapper", `{"claim": "email", "role": "offline_access"}`, true},
		{"oidc-role-idp-mapper", `{"claim.value": "a", "role": "offline_access"}`, true},
		{"oidc-user-attribute-idp-mapper", `{"user.attribute": "a"}`, true},
		{"oidc-user-attribute-idp-mapper", `{"claim": "email"}`, false},
		{"oidc-username-idp-mapper", `{}`, true},
		{"oidc-username-idp-mapper", `{"template": "x-${CLAIM.preferred_username}", "target": "NOWHERE"}`, false},
	} {
		o := decoded(r.T, fmt.Sprintf(`{"name": "m", "identityProviderAlias": "upstream", "identityProviderMapper": %q, "config": %s}`, row.provider, row.config))
		path := "/identity-provider/instances/upstream/mappers"
		id := r.do("POST", path, o)
		r.judge(row, model.Lookup("identity-provider-mapper"), o, r.comesTwice)
		r.do("DELETE", path+"/"+id, nil)
	}
}

// comesTwice has the identity provider send somebody who is not known, and again.
func (r breakingRealm) comesTwice() error {
	p, err := newPerson(r.c, r.realm, way{open: loginPage, home: "-one", hint: "upstream", first: "username"})
	for range 2 {
		p.cookies, p.at, p.in = map[string]*http.Cookie{}, nil, ""
		if err == nil {
			p.in, err = p.visitFirst()
		}
		if err == nil {
			_, err = p.finish()
		}
	}
	return err
}

func (r breakingRealm) providers() {
	res, err := r.c.Do(context.Background(), keycloak.Request{Method: "GET", Path: "/admin/realms/" + r.realm + "/identity-provider/instances/upstream", Repeatable: true})
	if err != nil {
		r.Fatal(err)
	}
	for mode, breaks := range map[string]bool{"LEGACY": false, "IMPORT": false, "": false, "INHERIT": true, "force": true} {
		o := decoded(r.T, string(res.Body))
		o["config"].(map[string]any)["syncMode"] = mode
		r.do("PUT", "/identity-provider/instances/upstream", o)
		r.judge(breaking{"oidc", mode, breaks}, model.Lookup("identity-provider"), o, r.comesTwice)
	}
}

func (r breakingRealm) steps() {
	const after, condition = "after", "condition"
	for i, row := range []struct {
		breaking
		as string
	}{
		{breaking{"user-session-limits", ``, true}, after},
		{breaking{"user-session-limits", `{}`, false}, after},
		{breaking{"user-session-limits", `{"userRealmLimit": "9", "userClientLimit": "-1"}`, false}, after},
		{breaking{"user-session-limits", `{"userRealmLimit": "many"}`, true}, after},
		{breaking{"user-session-limits", `{"userClientLimit": "1.5"}`, true}, after},
		// The server reads the patterns of all such steps in the realm: the wrong one is the last.
		{breaking{"auth-conditional-otp-form", `{"skipOtpRole": "nobody-has-it", "defaultOtpOutcome": "skip"}`, false}, after},
		{breaking{"auth-conditional-otp-form", `{"noOtpRequiredForHeaderPattern": "("}`, true}, after},
		{breaking{"conditional-user-role", ``, false}, condition},
		{breaking{"conditional-user-role", `{"condUserRole": "nobody-has-it", "negate": "yes"}`, false}, condition},
		{breaking{"conditional-user-attribute", ``, true}, condition},
		{breaking{"conditional-user-attribute", `{"attribute_expected_value": "("}`, false}, condition},
		{breaking{"conditional-user-attribute", `{"attribute_name": "email", "attribute_expected_value": "(", "regex": "true"}`, true}, condition},
		{breaking{"conditional-level-of-authentication", ``, true}, condition},
		{breaking{"conditional-level-of-authentication", `{"loa-condition-level": "high", "loa-max-age": "long"}`, false}, condition},
	} {
		name := fmt.Sprintf("f%d", i)
		flow := func(alias string, top bool) string {
			return r.do("POST", "/authentication/flows", map[string]any{"alias": alias, "providerId": "basic-flow", "topLevel": top, "builtIn": false})
		}
		add := func(flow string, step map[string]any, requirement string) (id string) {
			body := map[string]any{"parentFlow": flow, "requirement": requirement, "priority": 10, "authenticatorFlow": step["flowId"] != nil}
			if step["authenticator"] != "auth-username-password-form" {
				body["priority"] = 20
			}
			maps.Copy(body, step)
			return r.do("POST", "/authentication/executions", body)
		}
		top := flow(name, true)
		add(top, map[string]any{"authenticator": "auth-username-password-form"}, "REQUIRED")
		node := map[string]any{"authenticator": row.provider, "requirement": "REQUIRED"}
		var step string
		if row.as == condition {
			below := flow(name+" below", false)
			add(top, map[string]any{"flowId": below}, "CONDITIONAL")
			step = add(below, map[string]any{"authenticator": row.provider}, "REQUIRED")
			add(below, map[string]any{"authenticator": "allow-access-authenticator"}, "REQUIRED")
		} else {
			step = add(top, map[string]any{"authenticator": row.provider}, "REQUIRED")
		}
		if row.config != "" {
			config := map[string]any{"alias": name, "config": map[string]any(decoded(r.T, row.config))}
			r.do("POST", "/authentication/executions/"+step+"/config", config)
			node["authenticatorConfig"] = config
		}
		r.do("PUT", "", map[string]any{"browserFlow": name})
		r.judge(row.breaking, model.Lookup("authentication-flow"), model.Object{"alias": name, "executions": []any{node}}, func() error {
			p, err := newPerson(r.c, r.realm, way{open: loginPage, first: "username"})
			if err == nil {
				p.in, err = p.visitFirst()
			}
			if err == nil {
				_, err = p.finish()
			}
			return err
		})
	}
	r.do("PUT", "", map[string]any{"browserFlow": "browser"})
}
