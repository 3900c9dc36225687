package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// pattern is an object of a kind that is whole. Variants of it lack something, or
// have nonsense there.
type pattern struct {
	kind *model.Kind
	// around is the file around the list of objects; "" is the list alone. Parent is
	// the address of the object that has them.
	around string
	parent model.Address
	// at is the file; "" is one in the folder of the kind.
	at string
	// names are what variants are called, where that is not open.
	names []string
	// settings says that the members of the object are variants, one by one: it is
	// a part of the realm. All are nonsense.
	settings bool
	object   string
}

// variant is one of a pattern.
type variant struct {
	pattern
	name   string
	what   string // is other than in the pattern
	fields model.Object
	told   string // by kcsync
	file   string
	line   int
}

// TestLeftOut leaves out in turn each property of an object of each kind, and each
// of the configuration of every provider, and puts nonsense where something is to
// be chosen. Whatever the server refuses then, kcsync has to tell before it writes;
// what it takes, kcsync applies, and has nothing left to do.
func TestLeftOut(t *testing.T) {
	c, realm, version := refusingRealm(t, "left-out")
	t.Setenv("KCSYNC_URL", os.Getenv("KCSYNC_TEST_URL"))
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	res, err := c.ServerInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info := model.InfoOf(res.Raw)
	var all []*variant
	for _, p := range append(patterns(info), patternsOfRealm(info)...) {
		all = append(all, p.variants(t)...)
	}
	for i, v := range all {
		if v.name == "" {
			v.name = fmt.Sprintf("v%d", i)
		}
	}
	base := map[string]any{"realm": realm, "organizationsEnabled": true, "adminPermissionsEnabled": info.Features["ADMIN_FINE_GRAINED_AUTHZ_V2"].Enabled,
		"verifiableCredentialsEnabled": info.Features["OID4VC_VCI"].Enabled, "roles": map[string]any{"realm": []any{map[string]any{"name": "buyer"}}},
		"groups": []any{map[string]any{"name": "staff"}}, "users": []any{map[string]any{"username": "anna"}}}
	left := all
	for {
		dir := t.TempDir()
		writeVariants(t, dir, base, left)
		code, said := runKcsync("plan", dir)
		if code == exitFine {
			break
		}
		n := len(left)
		left = slices.DeleteFunc(slices.Clone(left), func(v *variant) bool { return v.tell(dir, said) })
		if n == len(left) {
			t.Fatalf("exit code %d\n%s", code, whatFailed(said))
		}
	}
	dir := t.TempDir()
	writeVariants(t, dir, base, left)
	if code, said := runKcsync("apply", "--yes", dir); code != exitFine {
		t.Errorf("kcsync took what the server did not:\n%s", whatFailed(said))
		for _, v := range left {
			if strings.Contains(said, "/"+v.name+" (") {
				t.Errorf("%s is %s %s", v.name, v.kind.Name, v.what)
			}
		}
	} else {
		noChanges(t, "after apply", dir)
	}
	state, _, err := fetch.State(t.Context(), c, realm, fetch.All())
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, v := range all {
		if v.told == "" {
			continue
		}
		told++
		if err, sent := v.send(t, c, state); sent && err == nil && !harmful.MatchString(v.told) {
			t.Errorf("%s %s: the server takes it, and kcsync says %s", v.kind.Name, v.what, v.told)
		}
	}
	t.Logf("%s: %d variants, %d of them told", version, len(all), told)
}

// harmful is what kcsync says of what the server takes: that it is broken by it,
// which TestBreakingValues shows, or goes on without what is named and is nowhere.
var harmful = regexp.MustCompile(`the server would take it|neither in the files nor|the server has no `)

var failedLine = regexp.MustCompile(`(?m)^(error|kcsync|failed|.*failed|.*: [45]\d\d ).*$`)

// whatFailed returns the lines of an output that tell of failures.
func whatFailed(said string) string {
	return strings.Join(failedLine.FindAllString(said, -1), "\n")
}

// variants returns the pattern itself, and what becomes of it.
func (p pattern) variants(t *testing.T) []*variant {
	t.Helper()
	var out []*variant
	whole := decoded(t, p.object)
	if p.settings {
		for _, key := range model.Keys(whole) {
			out = append(out, &variant{pattern: p, name: key, what: "nonsense for " + key, fields: model.Object{key: whole[key]}})
		}
		return out
	}
	add := func(what string, change func(o map[string]any)) {
		o := decoded(t, p.object)
		change(o)
		if p.kind.Key != "" && o[p.kind.Key] == nil && what == "whole" {
			t.Fatalf("%s: %s has no name", p.kind.Name, p.object)
		}
		out = append(out, &variant{pattern: p, what: what + " of " + p.called(whole), fields: o})
	}
	add("whole", func(map[string]any) {})
	var walk func(at []string, fs model.Fields, o map[string]any)
	walk = func(at []string, fs model.Fields, o map[string]any) {
		in := func(o map[string]any) map[string]any {
			for _, name := range at {
				switch next := o[name].(type) {
				case map[string]any:
					o = next
				case []any:
					o = next[0].(map[string]any)
				}
			}
			return o
		}
		for _, key := range model.Keys(o) {
			if len(at) == 0 && (key == p.kind.Key || slices.Contains(p.kind.KeyWith, key) || p.kind.Const[key] != nil) {
				continue
			}
			here := strings.Join(append(slices.Clone(at), key), ".")
			add("no "+here, func(o map[string]any) { delete(in(o), key) })
			f := fs.Get(key)
			switch v := o[key].(type) {
			case map[string]any:
				if f != nil {
					walk(append(slices.Clone(at), key), f.Fields, v)
				}
			case []any:
				if len(v) == 1 {
					if m, ok := v[0].(map[string]any); ok && f != nil {
						walk(append(slices.Clone(at), key), f.Fields, m)
					} else if !ok {
						add("nonsense in "+here, func(o map[string]any) { in(o)[key] = []any{"nonsense"} })
					}
				}
			case string, bool, json.Number, float64:
				if f == nil || f.Enum != nil || f.Names != nil || f.Takes != nil || f.Type == model.Boolean || f.Type == model.Integer {
					add("nonsense for "+here, func(o map[string]any) { in(o)[key] = "nonsense" })
				}
			}
		}
	}
	walk(nil, p.kind.Fields, whole)
	for i, v := range out {
		if p.names != nil {
			v.name = p.names[i]
		}
	}
	return out
}

// called is what the pattern shows: its provider or type, where it has one.
func (p pattern) called(o model.Object) string {
	for _, field := range []string{"providerId", "protocolMapper", "identityProviderMapper", "type", "protocol", "executors", "conditions"} {
		switch v := o[field].(type) {
		case string:
			return v
		case []any:
			m, _ := v[0].(map[string]any)
			return fmt.Sprint(m["executor"], m["condition"])
		}
	}
	return p.kind.Name
}

// writeVariants writes variants into files, each in a line of its own.
func writeVariants(t *testing.T, dir string, base map[string]any, variants []*variant) {
	t.Helper()
	type file struct {
		pattern
		lines []string
	}
	files := map[string]*file{}
	for _, v := range variants {
		v.file = v.at
		if v.at == "" {
			v.file = fmt.Sprintf("%s/%s.json", v.folder(), strings.ReplaceAll(strings.ReplaceAll(string(v.parent)+" "+v.kind.Name, "/", " "), ".", " "))
		}
		if files[v.file] == nil {
			files[v.file] = &file{pattern: v.pattern}
		}
		line, err := json.Marshal(v.named(v.name))
		if err != nil {
			t.Fatal(err)
		}
		if v.settings {
			line = line[1 : len(line)-1]
		}
		files[v.file].lines = append(files[v.file].lines, string(line))
		v.line = len(files[v.file].lines) + 1
	}
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}
	write("realm.json", string(text))
	for name, f := range files {
		list := "[\n" + strings.Join(f.lines, ",\n") + "\n]"
		if f.settings {
			list = "{\n" + strings.Join(f.lines, ",\n") + "\n}"
		}
		if f.around != "" {
			list = fmt.Sprintf(f.around, list)
		}
		write(name, list+"\n")
	}
}

// named returns the variant with a name of its own: all that is "n" in patterns.
func (v *variant) named(name string) model.Object {
	o := v.fields.Clone()
	for field, value := range o {
		if value == "n" {
			o[field] = name
		}
	}
	return o
}

// folder is where the file of the pattern is.
func (p pattern) folder() string {
	if p.parent == "" {
		return p.kind.Folder
	}
	return model.KindOf(p.parent).Folder
}

// tell takes from what kcsync said what it said of the variant.
func (v *variant) tell(dir, said string) bool {
	for line := range strings.Lines(said) {
		text, ok := strings.CutPrefix(line, fmt.Sprintf("error: %s/%s:%d:", dir, v.file, v.line))
		if ok {
			v.told += text
		}
	}
	return v.told != ""
}

// send sends the variant as it is; it is not sent where that takes more than a
// request.
func (v *variant) send(t *testing.T, c *keycloak.Client, state *model.State) (err error, sent bool) {
	t.Helper()
	switch {
	case v.settings:
		return v.set(t, c, state.Realm), true
	case v.kind.Register != nil:
		return v.register(t, c, state.Realm), true
	}
	body := v.named("sent")
	maps.Copy(body, v.kind.Const)
	var place *model.Place
	for i := range v.kind.Places {
		if p := &v.kind.Places[i]; v.parent == "" && p.Parent == "" || v.parent != "" && p.Parent == model.KindOf(v.parent).Name {
			place = p
		}
	}
	if place == nil {
		return nil, false
	}
	path := place.Path
	if parent := state.Items[v.parent]; parent != nil {
		item := strings.NewReplacer("{id}", parent.ID, "{key}", v.parent.Key()).Replace(parent.Kind.ItemTemplate(parent.Place()))
		path = strings.ReplaceAll(path, "{parent}", item)
		if v.kind.ParentID != "" {
			body[v.kind.ParentID] = parent.ID
		}
		if v.kind.ParentField != "" {
			body[v.kind.ParentField] = v.parent.Key()
		}
	}
	if strings.Contains(path, "{") || v.kind.Steps != nil || v.kind.Wire != nil && place.Document == "" {
		return nil, false
	}
	realm := "/admin/realms/" + state.Realm + "/"
	method, before := "POST", model.Object(nil)
	if place.Document != "" {
		before = got(t, c, realm+path)
		list, _ := before[place.Document].([]any)
		doc := before.Clone()
		doc[place.Document] = append(slices.Clone(list), map[string]any(body))
		method, body = "PUT", doc
	}
	if v.kind.Class == "ComponentRepresentation" {
		config := map[string]any{}
		given, _ := body["config"].(map[string]any)
		for k, e := range given {
			config[k] = []any{e}
			if l, ok := e.([]any); ok {
				config[k] = l
			}
		}
		body["config"] = config
	}
	res, err := c.Do(t.Context(), keycloak.Request{Method: method, Path: realm + path, Body: body})
	if err != nil {
		return err, true
	}
	if before != nil {
		_, err = c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: realm + path, Body: before})
	} else {
		item := strings.NewReplacer("{parent}", "", "{id}", res.LocationID(), "{key}", "sent").Replace(v.kind.ItemTemplate(place))
		if v.kind.LocatedByKey {
			item = path + "/sent"
		}
		if v.parent != "" && strings.HasPrefix(v.kind.ItemTemplate(place), "{parent}") {
			item = path + "/" + res.LocationID()
		}
		_, err = c.Do(t.Context(), keycloak.Request{Method: "DELETE", Path: realm + strings.TrimPrefix(item, "/")})
	}
	if err != nil {
		t.Errorf("%s %s: taking it back: %v", v.kind.Name, v.what, err)
	}
	return nil, true
}

// patterns returns an object of each kind, and of each provider that the server
// has, with all of its properties.
func patterns(info *model.Info) []pattern {
	k := model.Lookup
	out := []pattern{
		{kind: k("client-scope"), object: `{"name": "n", "protocol": "openid-connect", "description": "d", "attributes": {"include.in.token.scope": "true", "display.on.consent.screen": "true", "gui.order": "1"}}`},
		{kind: k("client"), object: `{"clientId": "n", "protocol": "openid-connect", "enabled": true, "publicClient": false, "standardFlowEnabled": true, "clientAuthenticatorType": "client-secret",
			"redirectUris": ["https://shop.example/*"], "webOrigins": ["https://shop.example"], "rootUrl": "https://shop.example", "baseUrl": "/home", "adminUrl": "https://shop.example/admin",
			"defaultClientScopes": ["email"], "optionalClientScopes": ["phone"], "nodeReRegistrationTimeout": 3,
			"authenticationFlowBindingOverrides": {"browser": "browser"},
			"attributes": {"access.token.lifespan": "60", "pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+", "login_theme": "keycloak", "access.token.signed.response.alg": "RS256",
				"backchannel.logout.url": "https://shop.example/out", "acr.loa.map": "{}", "client.session.idle.timeout": "60"}}`},
		{kind: k("client"), object: `{"clientId": "n", "protocol": "saml", "enabled": true, "frontchannelLogout": true, "redirectUris": ["https://shop.example/*"],
			"attributes": {"saml.signature.algorithm": "RSA_SHA256", "saml.force.post.binding": "true", "saml_name_id_format": "username", "saml.server.signature": "true", "saml.client.signature": "false",
				"saml_assertion_consumer_url_post": "https://shop.example/acs", "saml_signature_canonicalization_method": "http://www.w3.org/2001/10/xml-exc-c14n#"}}`},
		{kind: k("role"), object: `{"name": "n", "description": "d", "attributes": {"a": ["b"]}, "composites": {"realm": ["offline_access"]}}`},
		{kind: k("group"), object: `{"name": "n", "attributes": {"a": ["b"]}, "realmRoles": ["offline_access"]}`},
		{kind: k("identity-provider"), object: `{"alias": "n", "providerId": "oidc", "enabled": true, "trustEmail": true, "firstBrokerLoginFlowAlias": "first broker login", "postBrokerLoginFlowAlias": "browser", "displayName": "d",
			"config": {"clientId": "c", "clientSecret": "s", "authorizationUrl": "https://up.example/a", "tokenUrl": "https://up.example/t", "userInfoUrl": "https://up.example/u", "logoutUrl": "https://up.example/l", "jwksUrl": "https://up.example/j", "issuer": "https://up.example",
				"clientAuthMethod": "client_secret_post", "syncMode": "IMPORT", "useJwksUrl": "true", "validateSignature": "true", "pkceEnabled": "true", "pkceMethod": "S256", "defaultScope": "openid", "prompt": "login", "allowedClockSkew": "1", "guiOrder": "1"}}`},
		{kind: k("identity-provider"), object: `{"alias": "n", "providerId": "saml", "enabled": true,
			"config": {"entityId": "e", "idpEntityId": "i", "singleSignOnServiceUrl": "https://up.example/a", "singleLogoutServiceUrl": "https://up.example/l", "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "principalType": "SUBJECT", "syncMode": "IMPORT",
				"postBindingResponse": "true", "postBindingAuthnRequest": "true", "wantAuthnRequestsSigned": "true", "signatureAlgorithm": "RSA_SHA256", "xmlSigKeyInfoKeyNameTransformer": "KEY_ID", "validateSignature": "false", "allowedClockSkew": "1", "attributeConsumingServiceIndex": "1"}}`},
		{kind: k("authentication-flow"), object: `{"alias": "n", "description": "d", "providerId": "basic-flow", "executions": [{"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"}]}`},
		{kind: k("organization"), object: `{"name": "n", "alias": "n", "enabled": true, "description": "d", "redirectUrl": "https://shop.example", "attributes": {"a": ["b"]}}`},
		{kind: k("user"), object: `{"username": "n", "enabled": true, "emailVerified": true, "firstName": "f", "lastName": "l", "requiredActions": ["UPDATE_PASSWORD"], "groups": ["/staff"], "realmRoles": ["buyer"], "attributes": {"locale": ["en"]}}`},
		{kind: k("user-federation"), object: `{"name": "n", "providerId": "ldap", "config": {"vendor": "other", "connectionUrl": "ldap://ldap.invalid", "usersDn": "ou=people", "editMode": "READ_ONLY", "authType": "simple", "bindDn": "cn=a", "bindCredential": "b",
			"usernameLDAPAttribute": "uid", "rdnLDAPAttribute": "uid", "uuidLDAPAttribute": "entryUUID", "userObjectClasses": "person", "searchScope": "1", "useTruststoreSpi": "always", "priority": "0", "enabled": "true", "importEnabled": "true", "pagination": "true", "batchSizeForSync": "10",
			"fullSyncPeriod": "-1", "changedSyncPeriod": "-1", "cachePolicy": "DEFAULT", "connectionTimeout": "1000", "readTimeout": "1000", "trustEmail": "true", "customUserSearchFilter": "(a=b)"}}`},
		{kind: k("user-federation"), object: `{"name": "n", "providerId": "kerberos", "config": {"kerberosRealm": "SHOP", "serverPrincipal": "HTTP/shop", "keyTab": "/etc/keytab", "editMode": "READ_ONLY", "cachePolicy": "DEFAULT", "priority": "0", "enabled": "true", "allowPasswordAuthentication": "false", "updateProfileFirstLogin": "false"}}`},
	}
	authorization := `{"clientId": "authz", "serviceAccountsEnabled": true, "authorizationServicesEnabled": true, "authorizationSettings": {"resources": [{"name": "r", "scopes": ["s"]}], "scopes": [{"name": "s"}], "policies": %s}}`
	for _, object := range []string{
		`{"name": "n", "type": "role", "description": "d", "logic": "POSITIVE", "roles": ["buyer"], "fetchRoles": true}`,
		`{"name": "n", "type": "user", "logic": "NEGATIVE", "users": ["anna"]}`,
		`{"name": "n", "type": "client", "clients": ["account"]}`,
		`{"name": "n", "type": "group", "groups": ["/staff"], "groupsClaim": "g"}`,
		`{"name": "n", "type": "time", "hour": 6, "hourEnd": 7, "notBefore": "2026-01-31 08:00:00"}`,
		`{"name": "n", "type": "regex", "targetClaim": "c", "pattern": "p", "targetContextAttributes": true}`,
		`{"name": "n", "type": "client-scope", "clientScopes": ["email"]}`,
		`{"name": "n", "type": "resource", "resources": ["r"], "decisionStrategy": "AFFIRMATIVE"}`,
		`{"name": "n", "type": "scope", "scopes": ["s"], "decisionStrategy": "AFFIRMATIVE"}`,
	} {
		out = append(out, pattern{kind: k("authorization-policy"), around: authorization, parent: "client/authz", object: object})
	}
	if model.HasVersion(info.Version, "26.7") {
		out = append(out, pattern{kind: k("workflow"), object: `{"name": "n", "on": "user_created", "steps": [{"uses": "disable-user", "after": "1d"}]}`})
	}
	provider := func(p pattern, names map[string]model.Properties, object func(name string, config map[string]any) map[string]any) {
		for _, name := range model.Keys(names) {
			if notPatterns[name] {
				continue
			}
			o, _ := json.Marshal(object(name, sample(name, names[name], p.kind)))
			p.object = string(o)
			out = append(out, p)
		}
	}
	component := func(name string, config map[string]any) map[string]any {
		return map[string]any{"name": "n", "providerId": name, "config": config}
	}
	for _, protocol := range []string{"openid-connect", "saml", "oid4vc"} {
		if !slices.Contains(info.Providers["login-protocol"], protocol) {
			continue
		}
		provider(pattern{kind: k("protocol-mapper"), parent: model.Address("client-scope/of-" + protocol), around: `{"name": "of-` + protocol + `", "protocol": "` + protocol + `", "protocolMappers": %s}`},
			info.ProtocolMappers[protocol], func(name string, config map[string]any) map[string]any {
				return map[string]any{"name": "n", "protocol": protocol, "protocolMapper": name, "config": config}
			})
	}
	for _, of := range []string{"oidc", "saml"} {
		fitting := maps.Clone(info.Components["org.keycloak.broker.provider.IdentityProviderMapper"])
		maps.DeleteFunc(fitting, func(name string, _ model.Properties) bool {
			return !strings.HasPrefix(name, of+"-") && !strings.HasPrefix(name, "hardcoded-")
		})
		provider(pattern{kind: k("identity-provider-mapper"), parent: model.Address("identity-provider/of-" + of),
			around: `{"alias": "of-` + of + `", "providerId": "` + of + `", "config": {"clientId": "c", "clientSecret": "s", "authorizationUrl": "https://up.example/a", "tokenUrl": "https://up.example/t", "singleSignOnServiceUrl": "https://up.example/a", "entityId": "e"}, "mappers": %s}`},
			fitting, func(name string, config map[string]any) map[string]any {
				return map[string]any{"name": "n", "identityProviderMapper": name, "config": config}
			})
	}
	provider(pattern{kind: k("user-federation-mapper"), parent: "user-federation/corp",
		around: `{"name": "corp", "providerId": "ldap", "config": {"vendor": "other", "connectionUrl": "ldap://ldap.invalid", "usersDn": "ou=people", "editMode": "WRITABLE"}, "mappers": %s}`},
		info.Components["org.keycloak.storage.ldap.mappers.LDAPStorageMapper"], component)
	provider(pattern{kind: k("key-provider")}, info.Components["org.keycloak.keys.KeyProvider"], component)
	provider(pattern{kind: k("client-registration-policy")}, info.Components["org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"],
		func(name string, config map[string]any) map[string]any {
			o := component(name, config)
			o["subType"] = "anonymous"
			return o
		})
	for kind, word := range map[string]string{"client-profile": "executor", "client-policy": "condition"} {
		spi := "org.keycloak.services.clientpolicy." + word + ".ClientPolicy" + strings.ToUpper(word[:1]) + word[1:] + "Provider"
		provider(pattern{kind: k(kind)}, info.Components[spi], func(name string, config map[string]any) map[string]any {
			return map[string]any{"name": "n", word + "s": []any{map[string]any{word: name, "configuration": config}}}
		})
	}
	return out
}

// notPatterns are providers that need more than what stands in a file.
var notPatterns = map[string]bool{
	"java-keystore": true,                  // a file on the server; TestRefusedKeys
	"rsa":           true, "rsa-enc": true, // a key; TestRefusedKeys
	"oidc-sha256-pairwise-sub-mapper": true, // a client; TestRefusedPairwiseMappers
}

// samples are values of properties that say too little of themselves.
var samples = map[string]string{
	"oid4vc-target-role-mapper/clientId":                "account",
	"client-attributes/attributes":                      `[{"key":"a","value":"b"}]`,
	"hardcoded-ldap-group-mapper/group":                 "/staff",
	"group-ldap-mapper/groups.path":                     "/staff",
	"group-ldap-mapper/preserve.group.inheritance":      "false",
	"auth-flow-enforcer/auth-flow-alias":                "browser",
	"max-clients/max-clients":                           "10",
	"full-name-ldap-mapper/write.only":                  "false",
	"certificate-ldap-mapper/is.der.formatted":          "false",
	"user-attribute-ldap-mapper/is.binary.attribute":    "false",
	"certificate-ldap-mapper/is.binary.attribute":       "false",
	"client-scopes/scopes":                              "email",
	"identity-provider-alias/identity_provider_aliases": "of-oidc",
	"allowed-client-templates/allowed-client-scopes":    "email",
	"secure-request-object/available-period":            "10",
}

// sample returns a configuration with all properties.
func sample(name string, props model.Properties, kind *model.Kind) map[string]any {
	out := map[string]any{}
	free := kind.Name == "client-profile" || kind.Name == "client-policy"
	for key, p := range props {
		var v any = "x"
		switch text, ok := samples[name+"/"+key]; {
		case ok:
			v = text
		case len(p.Options) > 0:
			v = p.Options[0]
		case p.Type == "boolean" && free:
			v = true
		case p.Type == "boolean":
			v = "true"
		case p.Type == "Integer" || p.Type == "Number":
			v = 1
		case p.Type == "Role":
			v = "offline_access"
		case p.Type == "Group":
			v = "/staff"
		case p.Type == "ClientList":
			v = "account"
		case p.Type == "Map":
			v = `[{"key":"a","value":"b"}]`
		case p.Default != nil && !strings.HasPrefix(p.Type, "Multi"):
			v = fmt.Sprint(p.Default)
		case strings.Contains(key, "filter"):
			v = "(a=b)"
		case strings.Contains(key, "period"):
			v = strconv.Itoa(1)
		}
		if free && (strings.HasPrefix(p.Type, "Multivalued") || strings.HasSuffix(p.Type, "MultiList")) {
			v = []any{v}
		}
		out[key] = v
	}
	return out
}
