package diff

import (
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
)

// fresh is what a server makes by itself, cut down to what the cases need.
const fresh = `{
	"enabled": false, "accessTokenLifespan": 300, "browserFlow": "browser",
	"browserSecurityHeaders": {"xFrameOptions": "SAMEORIGIN"},
	"defaultDefaultClientScopes": ["profile"],
	"defaultOptionalClientScopes": ["phone"],
	"clientScopes": [
		{"name": "profile", "protocol": "openid-connect", "protocolMappers": [{"name": "nick", "protocolMapper": "m"}]},
		{"name": "phone", "protocol": "openid-connect"}
	],
	"roles": {"realm": [{"name": "offline_access"}], "client": {"account": [{"name": "view-profile"}]}},
	"clients": [{"clientId": "account", "redirectUris": ["/realms/acme/account/*"], "attributes": {"pkce": "S256"}}],
	"authenticationFlows": [{"alias": "browser"}]
}`

func TestCompute(t *testing.T) {
	vars := map[string]string{"SHOP": "s3cr3t-new", "SAME": "s3cr3t-old", "NAME": "Shop"}
	for _, c := range []struct {
		why              string
		desired, current string
		opt              Options
		missing          bool
		version          string // of the server
		want             string // brief
		errors, notes    string // parts of them, a line each
		unmanaged        string
	}{
		{
			why:     "what is equal is left alone, whatever else the server has in the object",
			desired: `{"clients": [{"clientId": "a", "redirectUris": ["y", "x"]}]}`,
			current: `{"clients": [{"clientId": "a", "redirectUris": ["x", "y"], "name": "A", "id": "1"}]}`,
		},
		{
			why:     "absent is unmanaged, declared differs",
			desired: `{"clients": [{"clientId": "a", "name": "new", "enabled": false}]}`,
			current: `{"clients": [{"clientId": "a", "name": "old", "description": "d"}]}`,
			want:    `~ client/a; name: "old" -> "new"` + "\n",
		},
		{
			why:     "edits come in registry order, keys sorted, unknown fields last",
			desired: `{"clients": [{"clientId": "a", "zz": 1, "attributes": {"b": "1", "a": "1"}, "baseUrl": "/", "name": "n"}]}`,
			current: `{"clients": [{"clientId": "a"}]}`,
			want:    `~ client/a; name: null -> "n"; baseUrl: null -> "/"; attributes.a: null -> "1"; attributes.b: null -> "1"; zz: null -> 1` + "\n",
		},
		{
			why:     "a map is managed by declared key; \"\" removes a key",
			desired: `{"clients": [{"clientId": "a", "attributes": {"x": "", "y": "2", "gone": ""}}]}`,
			current: `{"clients": [{"clientId": "a", "attributes": {"x": "1", "y": "1", "z": "1"}}]}`,
			want:    `~ client/a; attributes.x: "1" -> null; attributes.y: "1" -> "2"` + "\n",
		},
		{
			why:     "an empty map sends every key back to what the server sets by itself",
			desired: `{"clients": [{"clientId": "a", "attributes": {}}]}`,
			current: `{"clients": [{"clientId": "a", "attributes": {"x": "1", "backchannel.logout.session.required": "false"}}]}`,
			opt:     Options{Baseline: baseline(t, fresh)},
			want:    `~ client/a; attributes.backchannel.logout.session.required: "false" -> "true"; attributes.x: "1" -> null` + "\n",
		},
		{
			why:     "null is the default of the kind, also where it is derived",
			desired: `{"clients": [{"clientId": "a", "enabled": null, "webOrigins": null, "name": null, "attributes": {"x": null, "backchannel.logout.session.required": null}}]}`,
			current: `{"clients": [{"clientId": "a", "enabled": false, "redirectUris": ["https://x/y"], "webOrigins": ["+"], "name": "n", "attributes": {"x": "1"}}]}`,
			opt:     Options{Baseline: baseline(t, fresh)},
			want: `~ client/a; name: "n" -> null; enabled: false -> true; webOrigins: ["+"] -> ["https://x"];` +
				` attributes.backchannel.logout.session.required: null -> "true"; attributes.x: "1" -> null` + "\n",
		},
		{
			why:     "null in an object of the server's own is what the server made of it",
			desired: `{"accessTokenLifespan": null, "browserSecurityHeaders": {"xFrameOptions": null}, "clients": [{"clientId": "account", "redirectUris": null}]}`,
			current: `{"accessTokenLifespan": 60, "browserSecurityHeaders": {}, "clients": [{"clientId": "account", "redirectUris": []}]}`,
			opt:     Options{Baseline: baseline(t, fresh)},
			want: `~ realm; browserSecurityHeaders.xFrameOptions: null -> "SAMEORIGIN"; accessTokenLifespan: 60 -> 300` + "\n" +
				`~ client/account; redirectUris: [] -> ["/realms/acme/account/*"]` + "\n",
		},
		{
			why:     "composites are two fields; the one that the file does not show is empty",
			desired: `{"roles": {"realm": [{"name": "a", "composites": {"realm": ["b"]}}, {"name": "b"}]}}`,
			current: `{"roles": {"realm": [{"name": "a", "composites": {"client": {"c": ["r"]}}}, {"name": "b"}]}}`,
			want:    `~ role/a; composites.realm: [] -> ["b"]; composites.client: {"c":["r"]} -> {}` + "\n",
		},
		{
			why:     "what is put into one of two fields that exclude each other leaves the other, of which the file says nothing",
			desired: `{"defaultOptionalClientScopes": ["phone", "profile"], "clients": [{"clientId": "a", "defaultClientScopes": ["phone", "profile"]}]}`,
			current: `{"defaultDefaultClientScopes": ["profile"], "defaultOptionalClientScopes": ["phone"],` +
				` "clients": [{"clientId": "a", "defaultClientScopes": ["profile"], "optionalClientScopes": ["phone"]}], "clientScopes": [{"name": "phone"}, {"name": "profile"}]}`,
			want: `~ realm; defaultDefaultClientScopes: ["profile"] -> []; defaultOptionalClientScopes: ["phone"] -> ["phone","profile"]` + "\n" +
				`~ client/a; defaultClientScopes: ["profile"] -> ["phone","profile"]; optionalClientScopes: ["phone"] -> []` + "\n",
		},
		{
			why:     "lists of attribute values have no order, also where a reference stands for one",
			desired: `{"groups": [{"name": "g", "attributes": {"a": ["2", "1"], "b": ["1"], "c": [], "d": ["${env:SAME}", "z", "a"], "e": ["1", "1"]}}]}`,
			current: `{"groups": [{"name": "g", "attributes": {"a": ["1", "2"], "b": ["1"], "d": ["z", "a", "s3cr3t-old"], "e": ["1"]}}]}`,
			want:    `~ group/g; attributes.e: ["1"] -> ["1","1"]` + "\n",
		},

		// secrets and references
		{
			why:     "a secret that can be read is compared",
			desired: `{"clients": [{"clientId": "a", "secret": "${env:SHOP}"}, {"clientId": "b", "secret": "${env:SAME}"}, {"clientId": "c", "secret": "literal"}]}`,
			current: `{"clients": [{"clientId": "a", "secret": "s3cr3t-old"}, {"clientId": "b", "secret": "s3cr3t-old"}, {"clientId": "c", "secret": "s3cr3t-old"}]}`,
			want:    "~ client/a; secret: secret ${env:SHOP}\n~ client/c; secret: secret (secret)\n",
		},
		{
			why:     "a secret that cannot be read is told once per object and left",
			desired: `{"smtpServer": {"host": "h", "password": "${env:SHOP}", "authTokenClientSecret": "x"}}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "host": "h", "password": "**********", "authTokenClientSecret": "**********"}}`,
			notes:   "smtpServer.authTokenClientSecret and smtpServer.password cannot be read back and are not compared; written when the object is created, or with --write-secrets",
		},
		{
			why:     "unless it is asked to be written",
			desired: `{"smtpServer": {"password": "${env:SHOP}"}}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "password": "**********"}}`,
			opt:     Options{WriteSecrets: true},
			want:    "~ realm; smtpServer.password: secret ${env:SHOP}\n",
		},
		{
			why:     "the server shows a mask for every secret that there is, so without one there is none",
			desired: `{"smtpServer": {"password": "${env:SHOP}"}}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "host": "h"}}`,
			want:    "~ realm; smtpServer.password: secret ${env:SHOP}\n",
		},
		{
			why:     "a masked secret can be removed",
			desired: `{"smtpServer": {"password": ""}}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "password": "**********"}}`,
			want:    "~ realm; smtpServer.password: secret (none)\n",
		},
		{
			why:     "a vault expression is never masked: where there is a mask there is something else",
			desired: `{"smtpServer": {"password": "${vault.smtp}"}}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "password": "**********"}}`,
			want:    "~ realm; smtpServer.password: secret (secret)\n",
		},
		{
			why:     "a public client shows no secret; it is written only with what may make it show one",
			desired: `{"clients": [{"clientId": "a", "secret": "x"}, {"clientId": "b", "secret": "x", "publicClient": false}]}`,
			current: `{"clients": [{"clientId": "a", "publicClient": true}, {"clientId": "b", "publicClient": true}]}`,
			want:    "~ client/b; publicClient: true -> false; secret: secret (secret)\n",
			notes:   "secret cannot be read back and is not compared",
		},
		{
			why:     "any secret is the default of one",
			desired: `{"clients": [{"clientId": "a", "secret": null}]}`,
			current: `{"clients": [{"clientId": "a", "secret": "x"}]}`,
		},
		{
			why:     "an undeclared mask is nobody's business",
			desired: `{"smtpServer": {"host": "h"}}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "host": "h", "password": "**********"}}`,
		},
		{
			why:     "a mask in a file is no value",
			desired: `{"smtpServer": {"password": "**********"}, "clients": [{"clientId": "a", "secret": "**********"}]}`,
			current: `{"smtpServer": {"auth": "true", "from": "a@b", "password": "**********"}}`,
			want:    "+ client/a\n",
			errors:  "clients/a.yaml:1:1: secret is **********, which is what a server shows in place of a secret; write the secret as ${env:NAME}",
			notes:   "smtpServer.password is ********** in the files and left as on the server",
		},
		{
			why:     "a reference that is not set leaves what exists",
			desired: `{"displayName": "${env:NOPE}", "clients": [{"clientId": "a", "secret": "${env:NIL}", "attributes": {"k": "${env:NOPE}"}}]}`,
			current: `{"displayName": "x", "clients": [{"clientId": "a", "secret": "old"}]}`,
			notes: "environment variable NIL is not set and environment variable NOPE is not set; secret and attributes.k are left as on the server\n" +
				"environment variable NOPE is not set; displayName is left as on the server",
		},
		{
			why:     "a reference that is not set cannot create anything",
			desired: `{"clients": [{"clientId": "a", "secret": "${env:NOPE}"}]}`,
			current: `{}`,
			want:    "+ client/a\n",
			errors:  "clients/a.yaml:1:1: secret is needed to create the object: environment variable NOPE is not set",
		},
		{
			why:     "unless nobody will apply the plan",
			desired: `{"clients": [{"clientId": "a", "secret": "${env:NOPE}"}]}`,
			current: `{}`,
			opt:     Options{Recorded: true},
			want:    "+ client/a\n",
			notes:   "environment variable NOPE is not set; an apply needs it for secret",
		},
		{
			why:     "references outside secrets are compared by what they stand for, sets without order",
			desired: `{"displayName": "${env:NAME}", "clients": [{"clientId": "a", "redirectUris": ["b", "https://${env:NAME}/"], "name": "${env:NAME}"}]}`,
			current: `{"displayName": "Shop", "clients": [{"clientId": "a", "redirectUris": ["b", "https://Shop/"], "name": "Other"}]}`,
			want:    "~ client/a; name: secret ${env:NAME}\n",
		},

		// renames
		{
			why:     "a rename is a move with its edits; children and references follow",
			desired: `{"clients": [{"clientId": "new", "previously": "old", "name": "n", "roles": [{"name": "r"}], "protocolMappers": [{"name": "m"}]}], "roles": {"realm": [{"name": "x", "composites": {"client": {"new": ["r"]}}}]}}`,
			current: `{"clients": [{"clientId": "old", "roles": [{"name": "r"}], "protocolMappers": [{"name": "m"}]}], "roles": {"realm": [{"name": "x", "composites": {"client": {"old": ["r"]}}}]}}`,
			want:    `> client/new from client/old; clientId: "old" -> "new"; name: null -> "n"` + "\n",
		},
		{
			why:     "a rename that is done is nothing",
			desired: `{"roles": {"realm": [{"name": "new", "previously": "old"}]}}`,
			current: `{"roles": {"realm": [{"name": "new"}]}}`,
		},
		{
			why:     "a rename of what was never there is a creation",
			desired: `{"roles": {"realm": [{"name": "new", "previously": "old"}]}}`,
			current: `{}`,
			want:    "+ role/new\n",
		},
		{
			why:       "both names are taken",
			desired:   `{"roles": {"realm": [{"name": "new", "previously": "old"}]}}`,
			current:   `{"roles": {"realm": [{"name": "new"}, {"name": "old"}]}}`,
			errors:    "role/new was previously role/old, but the server has both; delete one",
			unmanaged: "role/old",
		},
		{
			why:     "names are handed on, last first",
			desired: `{"roles": {"realm": [{"name": "c", "previously": "b"}, {"name": "b", "previously": "a"}, {"name": "a"}]}}`,
			current: `{"roles": {"realm": [{"name": "a"}, {"name": "b"}]}}`,
			want: `> role/c from role/b; name: "b" -> "c"` + "\n" +
				`> role/b from role/a; name: "a" -> "b" <- role/c` + "\n" +
				"+ role/a <- role/b\n",
		},
		{
			why:     "names that were handed on are no conflict",
			desired: `{"roles": {"realm": [{"name": "c", "previously": "b"}, {"name": "b", "previously": "a"}, {"name": "a"}]}}`,
			current: `{"roles": {"realm": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}}`,
		},
		{
			why:     "a group is moved below another, which is renamed itself; its new parent's child keeps its name",
			desired: `{"groups": [{"name": "x", "previously": "a", "subGroups": [{"name": "k"}]}, {"name": "b", "previously": "/a/b"}]}`,
			current: `{"groups": [{"name": "a", "subGroups": [{"name": "b", "subGroups": [{"name": "deep"}]}, {"name": "k"}]}]}`,
			want: `> group/x from group/a; name: "a" -> "x"` + "\n" +
				"> group/b from group/x/b <- group/x\n",
		},
		{
			why:     "what a renamed group brings along is there before another group takes the name: the file has to say which of them it is",
			desired: `{"groups": [{"name": "c", "previously": "z", "subGroups": [{"name": "x", "previously": "/b/x"}]}, {"name": "b"}]}`,
			current: `{"groups": [{"name": "z", "description": "old parent", "subGroups": [{"name": "x", "description": "child"}]}, {"name": "b", "subGroups": [{"name": "x"}]}]}`,
			errors:  "group/c/x was previously group/b/x, but the server has both; delete one",
			want:    `> group/c from group/z; name: "z" -> "c"` + "\n",
		},
		{
			why:     "and may, once the one that was brought along has another name",
			desired: `{"groups": [{"name": "c", "previously": "z", "subGroups": [{"name": "x", "previously": "/b/x"}, {"name": "y", "previously": "/z/x"}]}, {"name": "b"}]}`,
			current: `{"groups": [{"name": "z", "subGroups": [{"name": "x", "description": "child"}]}, {"name": "b", "subGroups": [{"name": "x"}]}]}`,
			want: `> group/c from group/z; name: "z" -> "c"` + "\n" +
				`> group/c/y from group/c/x; name: "x" -> "y" <- group/c` + "\n" +
				"> group/c/x from group/b/x <- group/c, group/c/y\n",
		},
		{
			why:     "renames that would have to be made at once are refused",
			desired: `{"groups": [{"name": "c", "previously": "z", "subGroups": [{"name": "x", "previously": "/b/x", "subGroups": [{"name": "d", "previously": "/c"}]}]}, {"name": "b"}]}`,
			current: `{"groups": [{"name": "z", "subGroups": [{"name": "x"}]}, {"name": "c"}, {"name": "b", "subGroups": [{"name": "x"}]}]}`,
			want:    "+ group/c/x\n+ group/c/x/d <- group/c/x\n",
			errors: "group/c was previously group/z, but the server has both; delete one of the two\n" +
				"group/c/x was previously group/b/x, and cannot be renamed along with what is above it; make one\n" +
				"group/c/x/d was previously group/c, and cannot be renamed along with what is above it; make one",
			unmanaged: "group/z",
		},
		{
			why:     "a link to a renamed object is taken away by the new name, and so after the rename",
			desired: `{"roles": {"realm": [{"name": "new", "previously": "old"}]}, "clientScopes": [{"name": "s", "scopeMappings": {}}]}`,
			current: `{"roles": {"realm": [{"name": "old"}]}, "clientScopes": [{"name": "s", "scopeMappings": {"realm": ["old"]}}]}`,
			want:    `> role/new from role/old; name: "old" -> "new"` + "\n" + `~ client-scope/s; scopeMappings.realm: ["new"] -> [] <- role/new` + "\n",
		},
		{
			why:     "so is any other name that goes",
			desired: `{"defaultGroups": [], "groups": [{"name": "new", "previously": "old"}]}`,
			current: `{"defaultGroups": ["/old"], "groups": [{"name": "old"}]}`,
			want:    `> group/new from group/old; name: "old" -> "new"` + "\n" + `~ realm; defaultGroups: ["/new"] -> [] <- group/new` + "\n",
		},
		{
			why:     "a part whose name is fixed is replaced, and keeps what the file does not declare",
			desired: `{"clientScopes": [{"name": "s", "protocolMappers": [{"name": "new", "previously": "old"}]}]}`,
			current: `{"clientScopes": [{"name": "s", "protocolMappers": [{"name": "old", "protocolMapper": "m", "config": {"a": "b"}}]}]}`,
			want:    "-/+ client-scope/s/protocol-mapper/new from client-scope/s/protocol-mapper/old\n",
		},
		{
			why:     "another object whose name is fixed needs a yes",
			desired: `{"identityProviders": [{"alias": "new", "previously": "old", "providerId": "oidc"}]}`,
			current: `{"identityProviders": [{"alias": "old", "providerId": "oidc"}], "identityProviderMappers": [{"name": "m", "identityProviderAlias": "old"}]}`,
			errors:  "identity-providers/new.yaml:1:1: alias is fixed: old -> new; only deleting the object and creating it anew can change that, which loses its id, its 1 identity provider mapper and all else that hangs on it; confirm with --replace identity-provider/new",
		},
		{
			why:     "what is replaced loses what is below it; what files declare there is created anew",
			desired: `{"identityProviders": [{"alias": "a", "providerId": "saml", "mappers": [{"name": "m", "identityProviderMapper": "x"}]}]}`,
			current: `{"identityProviders": [{"alias": "a", "providerId": "oidc"}], "identityProviderMappers": [{"name": "m", "identityProviderAlias": "a"}, {"name": "n", "identityProviderAlias": "a"}]}`,
			opt:     Options{Replace: map[model.Address]bool{"identity-provider/a": true}},
			want:    "-/+ identity-provider/a\n+ identity-provider/a/identity-provider-mapper/m <- identity-provider/a\n",
		},

		// what is in no file
		{
			why:       "parts that a shown list does not hold go; objects only tell of themselves",
			desired:   `{"clients": [{"clientId": "a", "protocolMappers": [], "roles": []}], "clientScopes": [{"name": "s"}], "groups": [{"name": "g", "subGroups": []}]}`,
			current:   `{"clients": [{"clientId": "a", "protocolMappers": [{"name": "m"}], "roles": [{"name": "r"}]}, {"clientId": "b", "roles": [{"name": "r"}]}], "clientScopes": [{"name": "s", "protocolMappers": [{"name": "m"}]}], "groups": [{"name": "g", "subGroups": [{"name": "h"}]}], "identityProviders": [{"alias": "i"}]}`,
			want:      "- client/a/protocol-mapper/m\n",
			unmanaged: "client/a/role/r client/b group/g/h",
		},
		{
			why:     "--prune deletes them, children along with parents, never what the server made by itself",
			desired: `{"clients": [], "roles": {"realm": []}}`,
			current: `{"clients": [{"clientId": "a", "roles": [{"name": "r"}]}, {"clientId": "account", "roles": [{"name": "view-profile"}]}, {"clientId": "own", "attributes": {"realm_client": "true"}}], "roles": {"realm": [{"name": "x"}, {"name": "offline_access"}]}}`,
			opt:     Options{Prune: true, Baseline: baseline(t, fresh)},
			want:    "- client/a\n- role/x\n",
		},
		{
			why:     "what holds something that a file declares is not pruned",
			desired: `{"clients": [], "roles": {"client": {"a": [{"name": "r"}]}}}`,
			current: `{"clients": [{"clientId": "a", "roles": [{"name": "r"}]}]}`,
			opt:     Options{Prune: true},
		},
		{
			why:     "what a file still uses cannot be pruned",
			desired: `{"roles": {"realm": [{"name": "a", "composites": {"realm": ["b"]}}]}}`,
			current: `{"roles": {"realm": [{"name": "a"}, {"name": "b"}]}}`,
			opt:     Options{Prune: true},
			want:    "~ role/a; composites.realm: null -> [\"b\"]\n- role/b\n",
			errors:  "composites.realm names role/b, which this plan deletes; declare it in a file, or remove the reference",
		},
		{
			why:     "a delete waits for what stops using the object, and for what leaves it",
			desired: `{"roles": {"realm": [{"name": "z", "composites": {}}]}, "groups": [{"name": "n", "previously": "/o/n"}]}`,
			current: `{"roles": {"realm": [{"name": "z", "composites": {"realm": ["a"]}}, {"name": "a"}]}, "groups": [{"name": "o", "subGroups": [{"name": "n"}]}]}`,
			opt:     Options{Prune: true},
			want:    "~ role/z; composites.realm: [\"a\"] -> []\n> group/n from group/o/n\n- role/a <- role/z\n- group/o <- group/n\n",
		},
		{
			why:     "of two that are deleted the one goes first that uses the other",
			desired: `{"roles": {"realm": []}}`,
			current: `{"roles": {"realm": [{"name": "a"}, {"name": "z", "composites": {"realm": ["a"]}}, {"name": "p", "composites": {"realm": ["q"]}}, {"name": "q", "composites": {"realm": ["p"]}}]}}`,
			opt:     Options{Prune: true},
			want:    "- role/p\n- role/q\n- role/z\n- role/a <- role/z\n",
		},

		// what cannot be
		{
			why:     "two objects claim what can be in one",
			desired: `{"organizationsEnabled": true, "identityProviders": [{"alias": "i", "providerId": "oidc"}], "organizations": [{"name": "a", "identityProviders": ["i"]}, {"name": "b", "identityProviders": ["i"]}]}`,
			current: `{"organizationsEnabled": true, "identityProviders": [{"alias": "i", "providerId": "oidc"}], "organizations": [{"name": "a", "identityProviders": ["i"]}, {"name": "b", "identityProviders": ["i"]}]}`,
			errors:  "identityProviders names identity-provider/i, as organization/a does; it can be in one of them only; take it out of one of the two",
		},
		{
			why:     "a reference leads nowhere",
			desired: `{"defaultGroups": ["/sales/emaa"], "clients": [{"clientId": "account"}, {"clientId": "a", "defaultClientScopes": ["profil"], "scopeMappings": {"client": {"account": ["view-profil"], "acount": ["x"]}}}]}`,
			current: `{"clients": [{"clientId": "account", "roles": [{"name": "view-profile"}]}], "clientScopes": [{"name": "profile"}], "groups": [{"name": "sales", "subGroups": [{"name": "emea"}]}]}`,
			want:    "~ realm; defaultGroups: null -> [\"/sales/emaa\"]\n+ client/a\n",
			errors: "defaultClientScopes names client-scope/profil, which is neither in the files nor on the server; did you mean profile?\n" +
				"scopeMappings.client names client/account/role/view-profil, which is neither in the files nor on the server; did you mean view-profile?\n" +
				"scopeMappings.client names client/acount/role/x, which is neither in the files nor on the server; did you mean account?\n" +
				"defaultGroups names group/sales/emaa, which is neither in the files nor on the server; did you mean /sales/emea?",
		},
		{
			why:     "a reference to the old name of what is renamed, of the sort that the server does not follow",
			desired: `{"clientScopes": [{"name": "new", "previously": "old", "protocol": "openid-connect"}], "userProfile": {"attributes": [{"name": "ship", "selector": {"scopes": ["old"]}}]}}`,
			current: `{"clientScopes": [{"name": "old", "protocol": "openid-connect"}], "userProfile": {"attributes": [{"name": "ship", "selector": {"scopes": ["old"]}}]}}`,
			want:    "> client-scope/new from client-scope/old; name: \"old\" -> \"new\"\n",
			errors:  "attributes.ship.selector.scopes names client-scope/old, which is neither in the files nor on the server; it is now called new",
		},
		{
			why:     "a reference to the old name of what is renamed",
			desired: `{"roles": {"realm": [{"name": "new", "previously": "old"}, {"name": "x", "composites": {"realm": ["old"]}}]}}`,
			current: `{"roles": {"realm": [{"name": "old"}]}}`,
			want:    "> role/new from role/old; name: \"old\" -> \"new\"\n+ role/x\n",
			errors:  "composites.realm names role/old, which is neither in the files nor on the server; it is now called new",
		},
		{
			why:     "a child of nobody",
			desired: `{"roles": {"client": {"shp": [{"name": "r"}]}}, "clients": [{"clientId": "shop"}]}`,
			current: `{"clients": [{"clientId": "shop"}]}`,
			errors:  "it lives in client/shp, which is neither in the files nor on the server; did you mean shop?",
		},
		{
			why:     "a child that its parent cannot have",
			desired: `{"clients": [{"clientId": "a", "serviceAccount": {"realmRoles": []}}]}`,
			current: `{"clients": [{"clientId": "a"}]}`,
			errors:  "client/a, as it is configured, has no service-account; declare serviceAccountsEnabled: true there",
		},
		{
			why:     "a field that the server does not know yet, unless it only asks for the default",
			desired: `{"scimApiEnabled": true, "webAuthnPolicyResidentKey": null}`,
			current: `{}`,
			version: "26.5.7",
			errors:  "scimApiEnabled exists since Keycloak 26.6; the server is 26.5.7",
		},

		// order
		{
			why:     "what is referred to comes first, children after parents",
			desired: `{"clients": [{"clientId": "a", "defaultClientScopes": ["z"], "protocolMappers": [{"name": "m", "protocolMapper": "x"}], "roles": [{"name": "r"}]}], "clientScopes": [{"name": "z", "protocol": "openid-connect"}], "roles": {"realm": [{"name": "b", "composites": {"client": {"a": ["r"]}}}]}}`,
			current: `{}`,
			want: "+ client-scope/z\n+ client/a <- client-scope/z\n+ client/a/protocol-mapper/m <- client/a\n" +
				"+ client/a/role/r <- client/a\n+ role/b <- client/a/role/r\n",
		},
		{
			why:     "a circle of late references is cut once",
			desired: `{"roles": {"realm": [{"name": "a", "composites": {"client": {"c": ["r"]}, "realm": ["x"]}}, {"name": "x"}]}, "clients": [{"clientId": "c", "roles": [{"name": "r", "composites": {"realm": ["a"]}}]}]}`,
			current: `{}`,
			want: "+ client/c\n+ client/c/role/r <- client/c\n+ role/x\n+ role/a <- client/c/role/r, role/x\n" +
				"~ client/c/role/r (late); composites.realm: null -> [\"a\"] <- client/c/role/r, role/a\n",
		},
		{
			why:     "a service account comes with its client, or with the switch that makes it",
			desired: `{"clients": [{"clientId": "a", "serviceAccountsEnabled": true, "serviceAccount": {"realmRoles": ["r"]}}, {"clientId": "b", "serviceAccountsEnabled": true, "serviceAccount": {"realmRoles": ["r"]}}], "roles": {"realm": [{"name": "r"}]}}`,
			current: `{"clients": [{"clientId": "b"}]}`,
			want: "+ client/a\n~ client/b; serviceAccountsEnabled: null -> true\n" +
				"+ role/r\n+ client/a/service-account <- client/a, role/r\n+ client/b/service-account <- client/b, role/r\n",
		},
		{
			why:     "a scope that goes from default to optional does so in one change, together with what is late",
			missing: true,
			desired: `{"defaultDefaultClientScopes": ["mine"], "defaultOptionalClientScopes": ["profile"], "clientScopes": [{"name": "mine", "protocol": "openid-connect"}]}`,
			current: fresh,
			want: "+ realm\n+ client-scope/mine <- realm\n" +
				"~ realm (late); defaultDefaultClientScopes: [\"profile\"] -> [\"mine\"]; defaultOptionalClientScopes: [\"phone\"] -> [\"profile\"] <- realm, client-scope/mine\n",
		},
		{
			why:     "clients that name no scopes get those of the realm, and so wait for them; others do not",
			missing: true,
			desired: `{"defaultDefaultClientScopes": ["mine"], "defaultGroups": ["/g"], "groups": [{"name": "g", "clientRoles": {"a": ["r"]}}],
				"clients": [{"clientId": "a", "roles": [{"name": "r"}]}, {"clientId": "b", "defaultClientScopes": [], "optionalClientScopes": []}], "clientScopes": [{"name": "mine", "protocol": "openid-connect"}]}`,
			current: fresh,
			want: "+ realm\n+ client-scope/mine <- realm\n+ client/b <- realm\n+ group/g <- realm\n" +
				"~ realm (late); defaultDefaultClientScopes: [\"profile\"] -> [\"mine\"]; defaultGroups: null -> [\"/g\"] <- realm, client-scope/mine, group/g\n" +
				"+ client/a <- realm, realm (late)\n+ client/a/role/r <- realm, client/a\n" +
				"~ group/g (late); clientRoles: null -> {\"a\":[\"r\"]} <- group/g, client/a/role/r\n",
		},
		{
			why:     "accounts are made before a new directory in which the server would make them; a directory that is there does not wait",
			desired: `{"users": [{"username": "ann"}], "components": {"org.keycloak.storage.UserStorageProvider": [{"name": "corp", "providerId": "kerberos"}, {"name": "old", "providerId": "ldap", "config": {"priority": ["1"]}}]}}`,
			current: `{"components": {"org.keycloak.storage.UserStorageProvider": [{"name": "old", "providerId": "ldap", "config": {"editMode": ["READ_ONLY"]}}]}}`,
			want:    "~ user-federation/old; config.priority: null -> \"1\"\n+ user/ann\n+ user-federation/corp <- user/ann\n",
		},
		{
			why:     "a directory that lets nobody be looked up is warned of when it comes to be so, and not again",
			desired: `{"components": {"org.keycloak.storage.UserStorageProvider": [{"name": "corp", "providerId": "ldap", "config": {"editMode": ["READ_ONLY"], "connectionUrl": ["ldap://ldap.example"]}}, {"name": "old", "providerId": "ldap", "config": {"priority": ["1"]}}]}}`,
			current: `{"components": {"org.keycloak.storage.UserStorageProvider": [{"name": "old", "providerId": "ldap", "config": {"editMode": ["READ_ONLY"]}}]}}`,
			want:    "+ user-federation/corp\n~ user-federation/old; config.priority: null -> \"1\"\n",
			notes: "user-federations/corp.yaml:1:1: an LDAP directory without usersDn lets nobody sign in, and no user be made: the server fails (500) when it looks for one; add config.usersDn\n" +
				"user-federations/corp.yaml:1:1: the server makes along with it: user federation mappers Kerberos principal attribute mapper, creation date, email, first name, last name, modify date, username; declare those that there are to be; an empty list is none",
		},
		{
			why:     "a map of lists of parts that is empty shows that there are none",
			desired: `{"components": {"org.keycloak.storage.UserStorageProvider": [{"name": "corp", "providerId": "ldap", "subComponents": {}}]}}`,
			current: `{"components": {"org.keycloak.storage.UserStorageProvider": [{"name": "corp", "providerId": "ldap", "subComponents": {"org.keycloak.storage.ldap.mappers.LDAPStorageMapper": [{"name": "m", "providerId": "full-name-ldap-mapper"}]}}]}}`,
			want:    "- user-federation/corp/user-federation-mapper/m\n",
		},
		{
			why:     "of a realm that is not there the server's own objects are edited, and everything needs the realm",
			missing: true,
			desired: `{"enabled": true, "accessTokenLifespan": 300, "displayName": "Acme", "clients": [{"clientId": "account", "name": "x"}, {"clientId": "b"}], "clientScopes": [{"name": "profile", "protocolMappers": []}], "roles": {"realm": [{"name": "offline_access"}]}}`,
			current: fresh,
			want: "+ realm; enabled: false -> true; displayName: null -> \"Acme\"\n" +
				"~ client/account; name: null -> \"x\" <- realm\n+ client/b <- realm\n- client-scope/profile/protocol-mapper/nick <- realm\n",
		},
		{
			why:     "of a realm that is not there, and of which nothing is known, only the files speak",
			missing: true,
			desired: `{"enabled": true, "browserFlow": "browser"}`,
			current: `{}`,
			want:    "+ realm; enabled: null -> true; browserFlow: null -> \"browser\"\n",
			notes:   "references are not checked",
		},
	} {
		desired, current := files(t, c.desired), server(t, c.current)
		if c.missing {
			current.Missing = true
			if c.current == `{}` {
				current.Items = map[model.Address]*model.Item{}
			}
		}
		if c.version != "" {
			current.Server.Version = c.version
		}
		if c.opt.Resolver.Getenv == nil {
			c.opt.Resolver = env(vars)
		}
		p, diags := Compute(desired, current, c.opt)
		if got := brief(p); got != c.want {
			t.Errorf("%s: plan:\n%swant:\n%s", c.why, got, c.want)
		}
		matchLines(t, c.why+": errors", diags, c.errors)
		matchLines(t, c.why+": notes", p.Notes, c.notes)
		var un []string
		for _, a := range p.Unmanaged {
			un = append(un, string(a))
		}
		if got := strings.Join(un, " "); got != c.unmanaged {
			t.Errorf("%s: unmanaged %q, want %q", c.why, got, c.unmanaged)
		}
	}
}

func matchLines(t *testing.T, what string, got model.Diagnostics, want string) {
	t.Helper()
	var lines []string
	if want != "" {
		lines = strings.Split(want, "\n")
	}
	bad := len(got) != len(lines)
	for i := 0; !bad && i < len(lines); i++ {
		bad = !strings.Contains(got[i].Error(), lines[i])
	}
	if bad {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got.Error(), want)
	}
}

func TestCounts(t *testing.T) {
	desired := files(t, `{"clients": [{"clientId": "a"}, {"clientId": "b", "name": "x"}, {"clientId": "c"}]}`)
	current := server(t, `{"clients": [{"clientId": "a"}, {"clientId": "b"}, {"clientId": "d"}]}`)
	p, _ := Compute(desired, current, Options{})
	if p.Desired != 4 || p.Current != 4 || p.Unchanged != 2 {
		t.Errorf("%d desired, %d current, %d unchanged; want 4, 4, 2", p.Desired, p.Current, p.Unchanged)
	}
}

// TestReplaceKeeps: a part that is created anew under another name keeps what
// the file leaves to the server.
func TestReplaceKeeps(t *testing.T) {
	desired := files(t, `{"clientScopes": [{"name": "s", "protocolMappers": [{"name": "new", "previously": "old", "config": {"x": "1", "y": ""}}]}]}`)
	current := server(t, `{"clientScopes": [{"name": "s", "protocolMappers": [{"name": "old", "protocolMapper": "m", "config": {"y": "2", "z": "3"}}]}]}`)
	p, _ := Compute(desired, current, Options{})
	got := compact(map[string]any(p.Changes[0].After))
	if want := `{"config":{"x":"1","z":"3"},"name":"new","protocolMapper":"m"}`; got != want {
		t.Errorf("After is %s, want %s", got, want)
	}
}
