package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
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
	problems := wrongWith(k, o, r.version, func(string, string) model.Object { return model.Object{"providerId": "oidc"} })
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
	t.Run("keys", func(t *testing.T) { r.T = t; r.keys() })
	t.Run("client policies", func(t *testing.T) { r.T = t; r.policies() })
	t.Run("one-time codes", func(t *testing.T) { r.T = t; r.oneTimeCodes() })
	t.Run("authorization", func(t *testing.T) { r.T = t; r.authorization() })
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
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "{\"a\": 1}", "jsonType.label": "JSON", "access.token.claim": "true"}`, false},
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "[1, \"b\"]", "jsonType.label": "JSON", "access.token.claim": "true"}`, false},
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "{\"a\": 1} x", "jsonType.label": "JSON", "access.token.claim": "true"}`, false},
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "", "jsonType.label": "JSON", "access.token.claim": "true"}`, false},
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "x", "jsonType.label": "JSON", "access.token.claim": "true"}`, !model.HasVersion(r.version, "26.7")},
		{"oidc-hardcoded-claim-mapper", `{"claim.name": "c", "claim.value": "{'a': 1}", "jsonType.label": "JSON", "access.token.claim": "true"}`, !model.HasVersion(r.version, "26.7")},
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
		{"saml-user-attribute-idp-mapper", `{"attribute.name": "a", "user.attribute": "email"}`, true},
		{"saml-role-idp-mapper", `{"attribute.name": "a", "attribute.value": "b", "role": "offline_access"}`, true},
		{"saml-advanced-role-idp-mapper", `{"attributes": "[]", "role": "offline_access"}`, true},
		{"saml-advanced-group-idp-mapper", `{"attributes": "[]", "group": "/staff"}`, true},
		{"saml-username-idp-mapper", `{"template": "${NAMEID}"}`, true},
		{"saml-xpath-attribute-idp-mapper", `{"attribute.xpath": "/a", "user.attribute": "x"}`, true},
		{"facebook-user-attribute-mapper", `{"syncMode": "FORCE", "jsonField": "email", "userAttribute": "x"}`, false},
		{"keycloak-oidc-role-to-role-idp-mapper", `{"external.role": "a", "role": "offline_access"}`, true},
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
	for _, row := range []breaking{
		{"oidc", `{"syncMode": "LEGACY"}`, false},
		{"oidc", `{"syncMode": "IMPORT"}`, false},
		{"oidc", `{"syncMode": ""}`, false},
		{"oidc", `{"syncMode": "INHERIT"}`, true},
		{"oidc", `{"syncMode": "force"}`, true},
		{"oidc", `{"filteredByClaim": "true", "claimFilterName": "shop", "claimFilterValue": "o(n|f)e"}`, false},
		{"oidc", `{"filteredByClaim": "false", "claimFilterName": "shop", "claimFilterValue": "o(n|fe"}`, false},
		{"oidc", `{"filteredByClaim": "true", "claimFilterName": "shop", "claimFilterValue": "o(n|fe"}`, true},
	} {
		o := decoded(r.T, string(res.Body))
		maps.Copy(o["config"].(map[string]any), decoded(r.T, row.config))
		r.do("PUT", "/identity-provider/instances/upstream", o)
		r.judge(row, model.Lookup("identity-provider"), o, r.comesTwice)
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
		r.judge(row.breaking, model.Lookup("authentication-flow"), model.Object{"alias": name, "executions": []any{node}}, r.comes)
	}
	r.do("PUT", "", map[string]any{"browserFlow": "browser"})
}

// oneTimeCodes has somebody set up what makes one-time codes.
func (r breakingRealm) oneTimeCodes() {
	const policy = `"otpPolicyAlgorithm": "HmacSHA1", "otpPolicyDigits": 6, "otpPolicyPeriod": 30, "otpPolicyLookAheadWindow": 1, "otpPolicyInitialCounter": 0`
	for _, row := range []breaking{
		{"", `{"otpPolicyType": "totp", ` + policy + `}`, false},
		{"", `{"otpPolicyType": "nonsense", ` + policy + `}`, true},
	} {
		o := decoded(r.T, row.config)
		r.do("PUT", "", o)
		r.judge(row, model.Realm, o, r.setsUp)
	}
	r.do("PUT", "", decoded(r.T, `{"otpPolicyType": "totp", `+policy+`}`))
}

func (r breakingRealm) setsUp() error {
	const secret = "totpSecret"
	p, err := newPerson(r.c, r.realm, way{open: loginPage, first: "username", stands: secret})
	if err != nil {
		return err
	}
	res, err := r.c.Do(context.Background(), keycloak.Request{Method: "GET", Path: "/admin/realms/" + r.realm + "/users", Query: url.Values{"username": {p.name}}, Repeatable: true})
	var found []struct{ ID string }
	if err == nil {
		err = res.Decode(&found)
	}
	if err != nil {
		return err
	}
	r.do("PUT", "/users/"+found[0].ID, map[string]any{"requiredActions": []string{"CONFIGURE_TOTP"}})
	if err := p.begin(); err != nil {
		return err
	}
	p.secret = regexp.MustCompile(`name="` + secret + `"[^>]*value="([^"]+)"`).FindStringSubmatch(p.page)[1]
	form := p.knowledge()
	form.Set("totp", form.Get("otp"))
	form.Set(secret, p.secret)
	form.Set("userLabel", "phone")
	back, err := p.visit("POST", html.UnescapeString(formAction.FindStringSubmatch(p.page)[1]), form)
	if err == nil && back == "" {
		err = errors.New(wording(p.page))
	}
	return err
}

// authorization has the server ask policies whether somebody may have something.
func (r breakingRealm) authorization() {
	id := r.do("POST", "/clients", map[string]any{"clientId": "authz", "publicClient": false, "serviceAccountsEnabled": true, "authorizationServicesEnabled": true})
	anna := r.do("POST", "/users", map[string]any{"username": "anna", "enabled": true, "email": "anna@shop.example", "firstName": "A", "lastName": "B"})
	path := "/clients/" + id + "/authz/resource-server"
	r.do("POST", path+"/resource", map[string]any{"name": "shelf"})
	for _, row := range []breaking{
		{"regex", `{"targetClaim": "email", "pattern": "anna@.*"}`, false},
		{"regex", `{"targetClaim": "email", "pattern": "anna@(.*"}`, true},
		{"regex", `{"targetClaim": "email", "pattern": "[z-a]"}`, true},
		{"time", `{"hour": "8", "hourEnd": "9"}`, false},
		{"time", `{"hour": "eight", "hourEnd": "9"}`, true},
	} {
		o := decoded(r.T, row.config)
		o["name"], o["type"] = "asked", row.provider
		r.do("POST", path+"/policy/"+row.provider, o)
		r.do("POST", path+"/permission/resource", map[string]any{"name": "permission", "resources": []string{"shelf"}, "policies": []string{"asked"}})
		r.judge(row, model.Lookup("authorization-policy"), o, func() error {
			_, err := r.c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms/" + r.realm + path + "/policy/evaluate",
				Body: map[string]any{"userId": anna, "clientId": id, "resources": []any{map[string]any{"name": "shelf"}}, "context": map[string]any{"attributes": map[string]any{}}}})
			return err
		})
		for _, name := range []string{"permission", "asked"} {
			found := got(r.T, r.c, "/admin/realms/"+r.realm+path+"/policy/search", "name", name)
			r.do("DELETE", path+"/policy/"+fmt.Sprint(found["id"]), nil)
		}
	}
}

func (r breakingRealm) keys() {
	p, err := newPerson(r.c, r.realm, way{})
	if err != nil {
		r.Fatal(err)
	}
	secret := func(size int) string { return base64.RawURLEncoding.EncodeToString(make([]byte, size)) }
	for _, row := range []breaking{
		{"hmac-generated", `{"algorithm": ["HS512"]}`, false},
		{"hmac-generated", `{"algorithm": ["RS256"]}`, true},
		{"hmac-generated", `{"algorithm": ["HS512"], "kid": ["k"], "secret": ["` + secret(1) + `"]}`, false},
		{"rsa-generated", `{"algorithm": ["PS512"]}`, false},
		{"rsa-generated", `{"algorithm": ["HS512"]}`, true},
		{"rsa-enc-generated", `{"algorithm": ["RS256"]}`, false},
		{"rsa-enc-generated", `{"algorithm": ["AES"]}`, true},
		{"aes-generated", `{"secretSize": ["24"]}`, false},
		{"aes-generated", `{"secretSize": ["64"]}`, true},
		{"aes-generated", `{"kid": ["k"], "secret": ["` + secret(16) + `"]}`, false},
		{"aes-generated", `{"kid": ["k"], "secret": ["` + secret(17) + `"]}`, true},
		{"ecdsa-generated", `{"algorithm": ["RS256"]}`, false},
	} {
		o := decoded(r.T, fmt.Sprintf(`{"name": "k", "providerId": %q, "providerType": "org.keycloak.keys.KeyProvider", "config": %s}`, row.provider, row.config))
		o["config"].(map[string]any)["priority"] = []any{"5000"}
		id := r.do("POST", "/components", o)
		r.judge(row, model.Lookup("key-provider"), o, func() error {
			if err := p.grant(); err != nil {
				return err
			}
			return r.comes()
		})
		r.do("DELETE", "/components/"+id, nil)
	}
}

// comes has somebody sign in at the login page.
func (r breakingRealm) comes() error {
	p, err := newPerson(r.c, r.realm, way{open: loginPage, first: "username"})
	if err == nil {
		p.in, err = p.visitFirst()
	}
	if err == nil {
		_, err = p.finish()
	}
	return err
}

// makesClient has somebody sign in, and make a client. That a policy refuses a
// client is what it is for.
func (r breakingRealm) makesClient() error {
	body := map[string]any{"clientId": "new", "protocol": "openid-connect", "redirectUris": []string{"https://shop.example/x"}}
	res, err := r.c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms/" + r.realm + "/clients", Body: body})
	if keycloak.IsStatus(err, http.StatusBadRequest) {
		return nil
	}
	if err != nil {
		return err
	}
	r.do("DELETE", "/clients/"+res.LocationID(), nil)
	return r.comes()
}

// policies shows every executor without a configuration, and more.
func (r breakingRealm) policies() {
	const attributes = `{"attributes": "[{\"key\": \"a\", \"value\": \"b\"}]"}`
	const executor, condition = "executor", "condition"
	// These are made to let nobody sign in as the person of this test does.
	meant := []string{"reject-request", "secure-session", "secure-request-object", "secure-par-content", "confidential-client", "secure-client-uris", "secure-redirect-uris-enforcer"}
	broken := []string{"consent-required", "dpop-bind-enforcer", "full-scope-disabled", "holder-of-key-enforcer", "intent-client-bind-checker",
		"pkce-enforcer", "reject-implicit-grant", "reject-ropc-grant"}
	rows := []struct {
		breaking
		as string
	}{
		{breaking{"client-updater-source-host", `{}`, true}, condition},
		{breaking{"client-updater-source-host", `{"trusted-hosts": []}`, false}, condition},
		{breaking{"client-attributes", `{}`, false}, condition},
		{breaking{"client-attributes", attributes, false}, condition},
		{breaking{"client-attributes", `{"attributes": "x"}`, true}, condition},
		{breaking{"client-attributes", `{"attributes": "[{\"key\": \"a\"}]"}`, true}, condition},
		{breaking{"client-scopes", `{}`, false}, condition},
		{breaking{"client-scopes", `{"scopes": ["email"], "type": "nonsense"}`, false}, condition},
		{breaking{"client-access-type", `{"type": ["nonsense"]}`, false}, condition},
		{breaking{"client-roles", `{}`, false}, condition},
		{breaking{"client-updater-source-groups", `{}`, false}, condition},
		{breaking{"client-updater-source-roles", `{}`, false}, condition},
		{breaking{"client-updater-context", `{}`, false}, condition},
		{breaking{"pkce-enforcer", `{"auto-configure": false}`, false}, executor},
		{breaking{"consent-required", `{"auto-configure": false}`, false}, executor},
		{breaking{"intent-client-bind-checker", `{"intent-client-bind-check-endpoint": ""}`, true}, executor},
		{breaking{"secure-redirect-uris-enforcer", `{"allow-permitted-domains": ["("], "allow-http-scheme": true, "allow-ipv4-loopback-address": true}`, true}, executor},
	}
	res, err := r.c.ServerInfo(context.Background())
	if err != nil {
		r.Fatal(err)
	}
	for _, name := range model.Keys(model.InfoOf(res.Raw).Components["org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider"]) {
		if slices.Contains(meant, name) {
			continue
		}
		rows = append(rows, struct {
			breaking
			as string
		}{breaking{name, `{}`, slices.Contains(broken, name)}, executor})
	}
	for _, row := range rows {
		conditions, executors := `[{"condition": "any-client", "configuration": {}}]`, `[{"executor": "saml-signature-enforcer", "configuration": {}}]`
		kind, list := model.Lookup("client-profile"), executor+"s"
		if row.as == condition {
			conditions = fmt.Sprintf(`[{"condition": %q, "configuration": %s}]`, row.provider, row.config)
			kind, list = model.Lookup("client-policy"), condition+"s"
		} else {
			executors = fmt.Sprintf(`[{"executor": %q, "configuration": %s}]`, row.provider, row.config)
		}
		o := decoded(r.T, fmt.Sprintf(`{"name": "p", "enabled": true, "profiles": ["p"], "conditions": %s, "executors": %s}`, conditions, executors))
		r.do("PUT", "/client-policies/profiles", map[string]any{"profiles": []any{map[string]any{"name": "p", "executors": o["executors"]}}})
		r.do("PUT", "/client-policies/policies", map[string]any{"policies": []any{map[string]any{"name": "p", "enabled": true, "profiles": []string{"p"}, "conditions": o["conditions"]}}})
		r.judge(row.breaking, kind, model.Object{"name": "p", list: o[list]}, r.makesClient)
		r.do("PUT", "/client-policies/policies", map[string]any{"policies": []any{}})
	}
	r.do("PUT", "/client-policies/profiles", map[string]any{"profiles": []any{}})
}
