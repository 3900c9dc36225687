package export

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kcsync/kcsync/model"
)

// baseline is a server that makes a realm, one client scope with a mapper and
// one client by itself, and clients with a few defaults.
func baseline() *model.Baseline {
	return &model.Baseline{
		Fresh: model.Record{Realm: model.RealmName, Items: map[model.Address]model.Object{
			"realm":                                  {"realm": "${realm}", "enabled": false, "accessTokenLifespan": 300.0, "defaultDefaultClientScopes": []any{"profile"}, "defaultOptionalClientScopes": []any{}},
			"client-scope/profile":                   {"name": "profile", "protocol": "openid-connect"},
			"client-scope/profile/protocol-mapper/x": {"name": "x", "protocol": "openid-connect", "protocolMapper": "oidc-full-name-mapper"},
			"client/account":                         {"clientId": "account", "baseUrl": "/realms/${realm}/account/", "enabled": true},
			"role/default-roles-${realm}":            {"name": "default-roles-${realm}"},
		}},
		Defaults: map[string]model.Object{
			"client":      {"enabled": true, "protocol": "openid-connect", "fullScopeAllowed": true, "defaultClientScopes": []any{"profile"}},
			"client:saml": {"enabled": true, "protocol": "saml", "fullScopeAllowed": true, "attributes": map[string]any{"saml.authnstatement": "true"}},
		},
	}
}

// files exports the fresh realm with what a representation adds to it.
func files(t *testing.T, rep model.Object) (map[string]string, *Result) {
	t.Helper()
	b := baseline()
	s, err := b.Fresh.State("acme")
	if err != nil {
		t.Fatal(err)
	}
	rep["realm"] = "acme"
	for _, f := range model.Unfold(model.Realm, "", rep, "") {
		if have := s.Items[f.Addr]; have != nil {
			for name, v := range f.Fields {
				have.Fields[name] = v
			}
			continue
		}
		s.Items[f.Addr] = f.Item
	}
	res, err := Files(s, b)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range res.Files {
		out[f.Path] = string(f.Content)
	}
	return out, res
}

func TestFiles(t *testing.T) {
	clients := func(c ...any) model.Object { return model.Object{"clients": c} }
	const realm = "realm: acme\n"
	for _, c := range []struct {
		why  string
		rep  model.Object
		want map[string]string
	}{
		{"a fresh realm is its name", model.Object{}, map[string]string{"realm.yaml": realm}},
		{"only what differs from the server's own is said",
			model.Object{"enabled": true, "accessTokenLifespan": 300},
			map[string]string{"realm.yaml": realm + "enabled: true\n"}},
		{"a built-in that was changed shows the change",
			clients(map[string]any{"clientId": "account", "enabled": false}),
			map[string]string{"realm.yaml": realm, "clients/account.yaml": "clientId: account\nenabled: false\n"}},
		{"defaults are left out, and a default that the object has not is said",
			clients(
				map[string]any{"clientId": "shop", "enabled": true, "fullScopeAllowed": true, "publicClient": true, "protocol": "openid-connect", "defaultClientScopes": []any{"profile"}},
				map[string]any{"clientId": "partner", "enabled": true, "protocol": "saml"}),
			map[string]string{
				"realm.yaml":           realm,
				"clients/shop.yaml":    "clientId: shop\npublicClient: true\n",
				"clients/partner.yaml": "clientId: partner\nprotocol: saml\nfullScopeAllowed: false\nattributes:\n  saml.authnstatement: \"\"\n",
			}},
		{"scopes that a client has from the realm are said when the realm's are not the server's",
			model.Object{"defaultDefaultClientScopes": []any{}, "clients": []any{
				map[string]any{"clientId": "shop", "enabled": true, "fullScopeAllowed": true, "defaultClientScopes": []any{"profile"}}}},
			map[string]string{
				"realm.yaml":        realm + "defaultDefaultClientScopes: []\n",
				"clients/shop.yaml": "clientId: shop\ndefaultClientScopes:\n  - profile\n",
			}},
		{"scopes that a client has from the realm are not said where the realm's are: those of its protocol",
			model.Object{"defaultDefaultClientScopes": []any{"profile", "saml_more", "more"}, "clientScopes": []any{
				map[string]any{"name": "more", "protocol": "openid-connect"}, map[string]any{"name": "saml_more", "protocol": "saml"}}, "clients": []any{
				map[string]any{"clientId": "shop", "enabled": true, "fullScopeAllowed": true, "protocol": "openid-connect", "defaultClientScopes": []any{"more", "profile"}}}},
			map[string]string{
				"realm.yaml":                   realm + "defaultDefaultClientScopes:\n  - more\n  - profile\n  - saml_more\n",
				"client-scopes/more.yaml":      "name: more\nprotocol: openid-connect\n",
				"client-scopes/saml_more.yaml": "name: saml_more\nprotocol: saml\n",
				"clients/shop.yaml":            "clientId: shop\n",
			}},
		{"web origins that the server would derive are left out, others not",
			clients(
				map[string]any{"clientId": "a", "enabled": true, "fullScopeAllowed": true, "defaultClientScopes": []any{"profile"}, "redirectUris": []any{"https://a.example/*"}, "webOrigins": []any{"https://a.example"}},
				map[string]any{"clientId": "b", "enabled": true, "fullScopeAllowed": true, "defaultClientScopes": []any{"profile"}, "redirectUris": []any{"https://b.example/*"}, "webOrigins": []any{}}),
			map[string]string{
				"realm.yaml":     realm,
				"clients/a.yaml": "clientId: a\nredirectUris:\n  - https://a.example/*\n",
				"clients/b.yaml": "clientId: b\nredirectUris:\n  - https://b.example/*\nwebOrigins: []\n",
			}},
		{"one more mapper on a built-in scope shows all of them: the list is complete",
			model.Object{"clientScopes": []any{map[string]any{"name": "profile", "protocol": "openid-connect", "protocolMappers": []any{
				map[string]any{"name": "y", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper"}}}}},
			map[string]string{"realm.yaml": realm, "client-scopes/profile.yaml": "name: profile\nprotocol: openid-connect\nprotocolMappers:\n" +
				"  - name: x\n    protocolMapper: oidc-full-name-mapper\n  - name: \"y\"\n    protocolMapper: oidc-sub-mapper\n"}},
		{"roles share a file, and no role's name is a file's",
			model.Object{"roles": map[string]any{"realm": []any{
				map[string]any{"name": "b/c"}, map[string]any{"name": "a", "composites": map[string]any{"realm": []any{"b/c"}}}}}},
			map[string]string{"realm.yaml": realm, "roles/roles.yaml": "- name: a\n  composites:\n    realm:\n      - b/c\n- name: b/c\n"}},
		{"two names that a file system may not tell apart get two files",
			model.Object{"groups": []any{map[string]any{"name": "Sales"}, map[string]any{"name": "sales"}, map[string]any{"name": "../sales"}}},
			map[string]string{"realm.yaml": realm, "groups/sales.yaml": "name: ../sales\n", "groups/Sales-2.yaml": "name: Sales\n", "groups/sales-3.yaml": "name: sales\n"}},
		{"a group tree is one file",
			model.Object{"groups": []any{map[string]any{"name": "staff", "subGroups": []any{map[string]any{"name": "it"}}}}},
			map[string]string{"realm.yaml": realm, "groups/staff.yaml": "name: staff\nsubGroups:\n  - name: it\n"}},
	} {
		got, _ := files(t, c.rep)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.why, d)
		}
	}
}

func TestSecrets(t *testing.T) {
	got, res := files(t, model.Object{
		"smtpServer": map[string]any{"host": "smtp.acme.example", "password": model.Mask},
		"clients": []any{
			map[string]any{"clientId": "shop-web", "secret": "hunter2", "attributes": map[string]any{"saml.signing.private.key": "MIIkey"}},
			map[string]any{"clientId": "shop web", "secret": "hunter3"},
			map[string]any{"clientId": "vault", "secret": "${vault.shop}"},
			map[string]any{"clientId": "account", "secret": "made by the server"},
			map[string]any{"clientId": "odd", "name": "costs ${env:HOME}", "redirectUris": []any{"$(env:URL:-x)/*"}},
		},
	})
	all := ""
	for path, content := range got {
		all += path + "\n" + content
	}
	for _, secret := range []string{"hunter2", "hunter3", "MIIkey", "made by the server", model.Mask} {
		if strings.Contains(all, secret) {
			t.Errorf("the files hold %q:\n%s", secret, all)
		}
	}
	if !strings.Contains(got["clients/vault.yaml"], "secret: ${vault.shop}\n") {
		t.Errorf("a vault expression is no secret:\n%s", got["clients/vault.yaml"])
	}
	want := []Secret{
		{"ACME_REALM_SMTP_SERVER_PASSWORD", "realm", "/smtpServer/password", ""},
		{"ACME_CLIENT_ODD_NAME", "client/odd", "/name", "costs ${env:HOME}"}, // only text on the server
		{"ACME_CLIENT_ODD_REDIRECT_URIS_0", "client/odd", "/redirectUris/0", "$(env:URL:-x)/*"},
		{"ACME_CLIENT_SHOP_WEB_SECRET", "client/shop web", "/secret", "hunter3"},
		{"ACME_CLIENT_SHOP_WEB_SECRET_2", "client/shop-web", "/secret", "hunter2"},
		{"ACME_CLIENT_SHOP_WEB_ATTRIBUTES_SAML_SIGNING_PRIVATE_KEY", "client/shop-web", "/attributes/saml.signing.private.key", "MIIkey"},
	}
	if d := cmp.Diff(want, res.Secrets); d != "" {
		t.Errorf("secrets (-want +got):\n%s", d)
	}
	if !strings.Contains(got["clients/shop-web-2.yaml"], "secret: ${env:ACME_CLIENT_SHOP_WEB_SECRET_2}\n") {
		t.Errorf("the file does not refer to its secret:\n%s", got["clients/shop-web-2.yaml"])
	}
}

// TestDeleted shows that an export says what it cannot express.
func TestDeleted(t *testing.T) {
	b := baseline()
	s, err := b.Fresh.State("acme")
	if err != nil {
		t.Fatal(err)
	}
	delete(s.Items, "client/account")
	res, err := Files(s, b)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Notes) != 1 || res.Notes[0].Addr != "client/account" {
		t.Errorf("notes: %v", res.Notes)
	}
}

// A secret in a step of a flow keeps its name when steps come or go above it.
func TestSecretInStep(t *testing.T) {
	step := map[string]any{"authenticator": "sms", "requirement": "REQUIRED", "authenticatorConfig": map[string]any{"alias": "sms", "config": map[string]any{"sender": model.Mask}}}
	above := map[string]any{"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"}
	for _, steps := range [][]any{{step}, {above, step}} {
		_, res := files(t, model.Object{"authenticationFlows": []any{map[string]any{"alias": "mine", "topLevel": true, "executions": steps}}})
		if len(res.Secrets) != 1 || res.Secrets[0].Name != "ACME_AUTHENTICATION_FLOW_MINE_SMS_AUTHENTICATOR_CONFIG_CONFIG_SENDER" {
			t.Errorf("%d steps: secrets %v", len(steps), res.Secrets)
		}
	}
}
