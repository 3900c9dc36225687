package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// TestImported checks that what Keycloak's import makes of a file that cannot
// be taken at its word is taken over, and told where it stands.
func TestImported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "acme.json")
	content := `{"realm": "acme", "clients": [
		{"clientId": "admin-cli", "fullScopeAllowed": false}, {"clientId": "account", "baseUrl": "/auth/realms/acme/account", "redirectUris": ["/auth/realms/acme/account/*"]},
		{"clientId": "security-admin-console", "fullScopeAllowed": false, "attributes": {"client.use.lightweight.access.token.enabled": "false"}},
		{"clientId": "api", "publicClient": true, "serviceAccountsEnabled": true,
			"authorizationSettings": {"resources": [{"name": "r", "scopes": [{"name": "view"}]}]}},
		{"clientId": "off", "publicClient": true, "authorizationServicesEnabled": false,
			"defaultClientScopes": ["tenant", "ghost"], "serviceAccountsEnabled": true}],
		"oauthClients": [{"name": "guest"}],
		"clientScopes": [{"name": "service_account", "protocol": "openid-connect"}, {"name": "tenant", "protocol": "openid-connect"}],
		"authenticationFlows": [{"alias": "house", "topLevel": true, "builtIn": false, "authenticationExecutions": [
			{"authenticator": "auth-username-password-form", "requirement": "REQUIRED", "priority": 10},
			{"authenticator": "auth-otp-form", "requirement": "OPTIONAL", "priority": 20}]}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	states, diags := load.Load(file, load.Options{})
	if diags.Errors() {
		t.Fatal(diags)
	}
	current := model.NewState("acme")
	current.Missing, current.Server.Info = true, fixtures.InfoFor("26.7.5")
	got, diags := Forward(states[0], current)
	flow := got.Items["authentication-flow/house"].Fields["executions"].([]any)[1].(map[string]any)
	if flow["flow"] != "house - auth-otp-form - Conditional" || flow["requirement"] != "CONDITIONAL" || len(flow["executions"].([]any)) != 2 {
		t.Errorf("an optional step becomes %v", flow)
	}
	if scopes := got.Items["client/off"].Fields["defaultClientScopes"].([]any); len(scopes) != 2 || scopes[0] != "service_account" || scopes[1] != "tenant" {
		t.Errorf("of the scopes of a client %v are left, want the one that there is and that of the server", scopes)
	}
	for _, c := range []struct {
		addr  model.Address
		field string
		want  any
		why   string
	}{
		{"client/admin-cli", "fullScopeAllowed", true, "its lightweight tokens need it"},
		{"client/security-admin-console", "fullScopeAllowed", false, "the file says that its tokens are none"},
		{"client/account", "baseUrl", "/realms/acme/account/", "as it is called now"},
		{"client/guest", "consentRequired", true, "it was another's application"},
		{"client/api", "authorizationServicesEnabled", true, "settings switch the services on"},
		{"client/api", "publicClient", false, "authorization services take a confidential client"},
		{"client/off", "publicClient", true, "without them, any"},
		{"client/api/authorization/authorization-scope/view", "name", "view", "a scope that only a resource names is made"},
	} {
		it := got.Items[c.addr]
		if it == nil || it.Fields[c.field] != c.want {
			t.Errorf("%s: %s of %s is not %v: %v", c.why, c.field, c.addr, c.want, it)
		}
	}
	var said []string
	for _, d := range diags {
		said = append(said, strings.ReplaceAll(d.Error(), file, "acme.json"))
	}
	want := []string{
		"acme.json:1:2: realm: defaultDefaultClientScopes is not said: that of a new realm stays; Keycloak's own import leaves it empty where a file lists client scopes",
		"acme.json:1:2: realm: defaultOptionalClientScopes is not said: that of a new realm stays; Keycloak's own import leaves it empty where a file lists client scopes",
		"acme.json:2:29: client/admin-cli: fullScopeAllowed is taken to be true, as by Keycloak's own import, and not false: the server gives it lightweight tokens, which would let administrators do nothing",
		`acme.json:2:57: client/account, client/admin-cli, client/api, client/guest, client/off, client/security-admin-console: attributes.post.logout.redirect.uris is not said: no address is allowed after a logout; Keycloak's own import would make it "+", any of redirectUris`,
		"acme.json:2:81: client/account: baseUrl is taken to be /realms/acme/account/, as by Keycloak's own import, and not /auth/realms/acme/account: Keycloak has no /auth before its paths any more",
		"acme.json:2:121: client/account: redirectUris is taken to be [/realms/acme/account/*], as by Keycloak's own import, and not [/auth/realms/acme/account/*]: Keycloak has no /auth before its paths any more",
		"acme.json:4:3: client/api, client/off: a new service account gets the realm's default roles; Keycloak's own import gives it none",
		"acme.json:4:23: client/api: publicClient is taken to be false, as by Keycloak's own import, and not true: authorization services take a client that can sign in",
		"acme.json:5:58: client/api/authorization/authorization-scope/view is named and not declared: it is made, as by Keycloak's own import; declare it",
		"acme.json:6:3: what the server puts into lists by itself stays there, as by Keycloak's own import: defaultClientScopes of client/off: service_account",
		"acme.json:7:4: client/off: optionalClientScopes is not said: a new client gets what the realm gives to each; Keycloak's own import gives it none beside defaultClientScopes",
		"acme.json:7:38: defaultClientScopes of client/off names client-scope/ghost, which is neither in the file nor on the server: it is left out, as by Keycloak's own import; remove it, or correct the name",
		"acme.json:10:27: authentication-flow/house has steps of requirement OPTIONAL, which is gone: each becomes a conditional sub-flow, as by Keycloak's own import",
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("said:\n%s\nwant:\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}
