package diff

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/kcsync/kcsync/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it was; run with -update and look at the difference. Now:\n%s", file, got)
	}
}

// richPlan has everything in it that a text can show.
func richPlan(t *testing.T) *Plan {
	desired := files(t, `{
		"displayNameHtml": "<div>\n  <b>Acme</b>\n  <i>new</i>\n</div>",
		"accessTokenLifespan": 600,
		"passwordPolicy": "length(12) and upperCase(1) and lowerCase(1) and digits(1) and specialChars(1) and notUsername and passwordHistory(5)",
		"smtpServer": {"host": "mail", "password": "${env:SMTP_PASSWORD}"},
		"attributes": {"frontendUrl": "https://sso.acme.example", "old": ""},
		"defaultDefaultClientScopes": ["profile", "tenant"],
		"clientScopes": [
			{"name": "profile", "protocol": "openid-connect"},
			{"name": "tenant", "protocol": "openid-connect", "attributes": {"include.in.token.scope": true}, "protocolMappers": [
				{"name": "tenant-id", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"claim.name": "tenant"}}]}
		],
		"roles": {"realm": [
			{"name": "staff", "composites": {"realm": ["viewer"], "client": {"shop-web": ["buyer"]}}},
			{"name": "viewer"}
		]},
		"clients": [
			{"clientId": "shop-web", "secret": "${env:SHOP_SECRET}", "redirectUris": ["https://shop.acme.example/*", "https://www.acme.example/*"],
				"defaultClientScopes": ["profile", "tenant"], "attributes": {"pkce.code.challenge.method": "S256"},
				"protocolMappers": [], "roles": [{"name": "buyer", "composites": {"realm": ["staff"]}}]},
			{"clientId": "batch", "serviceAccountsEnabled": true, "secret": "written-in-the-file", "serviceAccount": {"realmRoles": ["viewer"], "clientRoles": {"shop-web": ["buyer"]}}},
			{"clientId": "portal", "protocolMappers": [{"name": "m", "protocolMapper": "n"}]}
		],
		"groups": [{"name": "sales", "subGroups": [{"name": "emea", "previously": "/emea", "attributes": {"region": ["eu", "apac"]}}]}, {"name": "ops", "previously": "it"}],
		"identityProviders": [{"alias": "corp", "providerId": "saml", "config": {"clientSecret": "${env:CORP}", "many": "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x"}}]
	}`)
	current := server(t, `{
		"displayNameHtml": "<div>\n  <b>Acme</b>\n  <i>old</i>\n</div>",
		"accessTokenLifespan": 300,
		"passwordPolicy": "length(12) and upperCase(1) and lowerCase(1) and digits(1) and specialChars(1) and notEmail and passwordHistory(5)",
		"smtpServer": {"host": "mail", "from": "a@b", "auth": "true", "password": "**********"},
		"attributes": {"old": "x"},
		"defaultDefaultClientScopes": ["profile"],
		"clientScopes": [{"name": "profile", "protocol": "openid-connect"}, {"name": "spare"}],
		"clients": [
			{"clientId": "shop-web", "secret": "the-old-one", "redirectUris": ["https://old.acme.example/*", "https://www.acme.example/*"], "defaultClientScopes": ["profile"],
				"protocolMappers": [{"name": "groups", "protocolMapper": "x"}]},
			{"clientId": "portal"}, {"clientId": "left-over", "roles": [{"name": "r"}]}
		],
		"roles": {"realm": [{"name": "viewer"}, {"name": "bad\u001b[31m"}]},
		"groups": [{"name": "emea", "attributes": {"region": ["me", "eu"]}}, {"name": "sales"}, {"name": "it"}],
		"identityProviders": [{"alias": "corp", "providerId": "oidc"}],
		"identityProviderMappers": [{"name": "m", "identityProviderAlias": "corp"}]
	}`)
	p, diags := Compute(desired, current, Options{
		Resolver: env(map[string]string{"SHOP_SECRET": "the-new-one", "SMTP_PASSWORD": "p", "CORP": "c"}),
		Replace:  map[model.Address]bool{"identity-provider/corp": true},
	})
	if diags != nil {
		t.Fatal(diags)
	}
	return p
}

func TestTextGolden(t *testing.T) {
	rich := richPlan(t)
	same := files(t, `{"displayName": "Acme", "clients": [{"clientId": "a", "secret": "${env:UNSET}"}]}`)
	none, _ := Compute(same, server(t, `{"displayName": "Acme", "clients": [{"clientId": "a", "secret": "x"}]}`), Options{Resolver: env(nil)})
	newRealm := server(t, fresh)
	newRealm.Missing = true
	created, diags := Compute(files(t, `{"enabled": true, "displayName": "Acme", "defaultDefaultClientScopes": ["mine", "profile"], "clientScopes": [{"name": "mine", "protocol": "openid-connect"}]}`), newRealm, Options{})
	if diags != nil {
		t.Fatal(diags)
	}
	pruned, diags := Compute(files(t, `{"clients": []}`), server(t, `{"clients": [{"clientId": "a", "roles": [{"name": "r"}, {"name": "s"}], "protocolMappers": [{"name": "m"}]}]}`), Options{Prune: true})
	if diags != nil {
		t.Fatal(diags)
	}
	for _, c := range []struct {
		file string
		plan *Plan
		o    TextOptions
	}{
		{"rich.txt", rich, TextOptions{Source: "examples/realms/acme"}},
		{"rich-verbose.txt", rich, TextOptions{Verbose: true}},
		{"rich-color.txt", rich, TextOptions{Color: true}},
		{"none.txt", none, TextOptions{}},
		{"created.txt", created, TextOptions{}},
		{"pruned.txt", pruned, TextOptions{}},
	} {
		var b bytes.Buffer
		if err := c.plan.Text(&b, c.o); err != nil {
			t.Fatal(err)
		}
		golden(t, c.file, b.Bytes())
	}
	data, err := rich.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "rich.json", data)
}
