package check

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		why, version, file string
		want               []string
	}{
		{why: "what Keycloak has is not worth a word", file: `
realm: acme
loginTheme: keycloak.v2
passwordPolicy: length(8) and notUsername(undefined)
eventsListeners: [jboss-logging, email]
enabledEventTypes: [LOGIN, LOGIN_ERROR]
supportedLocales: [en, de, pt-BR]
clients:
  - clientId: web
    clientAuthenticatorType: client-jwt
    attributes: {login_theme: keycloak, tenant: acme}
    protocolMappers:
      - {name: a, protocolMapper: oidc-hardcoded-claim-mapper, config: {claim.name: a, claim.value: b}}
  - clientId: sso
    protocol: saml
    protocolMappers:
      - {name: a, protocolMapper: saml-role-list-mapper, config: {attribute.name: a}}
`},
		{why: "each place has its own error, and the nearest spelling", file: `
realm: acme
passwordPolicy: lengh(8) and notUsername(undefined)
eventsListeners: [email, jboss-loging]
enabledEventTypes: [LOGIN, LOGON_ERROR]
defaultSignatureAlgorithm: RS257
clients:
  - clientId: web
    protocol: openid
    clientAuthenticatorType: client-secret-jtw
    protocolMappers:
      - {name: a, protocolMapper: oidc-hardcoded-clam-mapper}
identityProviders:
  - {alias: corp, providerId: oidk}
`, want: []string{
			`error: acme.yaml:2:1: the server has no password policy "lengh"; did you mean "length"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`error: acme.yaml:3:26: the server has no events listener "jboss-loging"; did you mean "jboss-logging"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`error: acme.yaml:4:28: the server has no event type "LOGON_ERROR"; did you mean "LOGIN_ERROR"?`,
			`error: acme.yaml:5:1: the server has no signature "RS257"; did you mean "RS256"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`error: acme.yaml:8:5: the server has no login protocol "openid"; one of your own has to be deployed there first, or what needs it taken out of the file; others come with features that are off`,
			`error: acme.yaml:9:5: the server has no client authenticator "client-secret-jtw"; did you mean "client-secret-jwt"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`error: acme.yaml:13:19: the server has no type of identity provider "oidk"; did you mean "oidc"? one of your own has to be deployed there first, or what needs it taken out of the file`,
		}},
		{why: "a mapper is one of its protocol, which is its client's", file: `
realm: acme
clients:
  - clientId: sso
    protocol: saml
    protocolMappers:
      - {name: a, protocolMapper: oidc-hardcoded-claim-mapper}
clientScopes:
  - name: tenant
    protocol: openid-connect
    protocolMappers:
      - {name: a, protocolMapper: saml-role-list-mapper}
`, want: []string{
			`error: acme.yaml:6:19: the server has no saml protocol mapper "oidc-hardcoded-claim-mapper"; one of your own has to be deployed there first, or what needs it taken out of the file; others come with features that are off`,
			`error: acme.yaml:11:19: the server has no openid-connect protocol mapper "saml-role-list-mapper"; one of your own has to be deployed there first, or what needs it taken out of the file; others come with features that are off`,
		}},
		{why: "themes and languages that are not there do no harm", file: `
realm: acme
loginTheme: acme
emailTheme: keyclock
supportedLocales: [en, klingon]
clients:
  - clientId: web
    attributes: {login_theme: acme}
`, want: []string{
			`warning: acme.yaml:2:1: the server has no login theme "acme" (in 2 places); it shows its own instead, and does not say so, until one of this name is deployed there`,
			`warning: acme.yaml:3:1: the server has no email theme "keyclock"; did you mean "keycloak"? it shows its own instead, and does not say so, until one of this name is deployed there`,
			`warning: acme.yaml:4:24: the server has no locale "klingon"; texts are those of the default language until a theme or the realm's localization has others`,
		}},
		{why: "a property that is not known may be read by code that is; none is said to be unknown where none is known", file: `
realm: acme
clientScopes:
  - name: tenant
    protocol: openid-connect
    protocolMappers:
      - {name: a, protocolMapper: oidc-hardcoded-claim-mapper, config: {claim.nam: a, claim.value: b}}
      - {name: b, protocolMapper: oidc-hardcoded-claim-mapper, config: {claim.nam: a, other: "", shade: red}}
      - {name: c, protocolMapper: oidc-nonce-backwards-compatible-mapper, config: {any: thing}}
identityProviders:
  - alias: corp
    providerId: oidc
    config: {any: thing}
    mappers:
      - {name: a, identityProviderMapper: hardcoded-attribute-idp-mapper, config: {syncMode: FORCE, atribute: a}}
`, want: []string{
			`warning: acme.yaml:6:73: openid-connect protocol mapper "oidc-hardcoded-claim-mapper" has no property "claim.nam" (in 2 places); did you mean "claim.name"?`,
			`warning: acme.yaml:7:98: openid-connect protocol mapper "oidc-hardcoded-claim-mapper" has no property "shade"; it has access.token.claim, access.tokenResponse.claim, claim.name, claim.value, id.token.claim, introspection.token.claim, jsonType.label, lightweight.claim, userinfo.token.claim`,
			`warning: acme.yaml:14:101: identity provider mapper "hardcoded-attribute-idp-mapper" has no property "atribute"; did you mean "attribute"?`,
		}},
		{why: "in lists, in maps, by a fixed type, and where only the server would fill the name in", file: `
realm: acme
components:
  org.keycloak.storage.UserStorageProvider:
    - {name: corp, providerId: ldpa, config: {vendor: [ad]}}
    - {name: old, providerId: ldap, config: {vendor: [ad], priority: ["0"], conectionUrl: ["ldap://x"]}}
requiredActions:
  - {alias: VERIFY_EMAIL}
  - {alias: VERIFY_EMIAL}
  - {alias: verify, providerId: VERIFY_EMAIL}
  - {alias: terms_and_conditions}
userProfile:
  attributes:
    - {name: username, validations: {length: {min: 3, maxx: 9}, lenght: {min: 3}, not-blank: {}}}
    - {name: email}
clientProfiles:
  profiles:
    - name: strict
      executors:
        - {executor: secure-session}
        - {executor: secure-sesion}
        - {executor: pkce-enforcer, configuration: {auto-config: true}}
authenticationFlows:
  - alias: mine
    executions:
      - flow: inner
        requirement: REQUIRED
        executions:
          - authenticator: identity-provider-redirector
            requirement: ALTERNATIVE
            authenticatorConfig: {alias: a, config: {defaultProvidr: corp, default.reference.value: idp}}
clients:
  - clientId: api
    serviceAccountsEnabled: true
    authorizationServicesEnabled: true
    authorizationSettings:
      policies: [{name: a, type: roles}]
`, want: []string{
			`error: acme.yaml:4:20: the server has no user storage provider "ldpa"; did you mean "ldap"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`warning: acme.yaml:5:77: user storage provider "ldap" has no property "conectionUrl"; did you mean "connectionUrl"?`,
			`error: acme.yaml:8:5: the server has no required action "VERIFY_EMIAL"; did you mean "VERIFY_EMAIL"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`warning: acme.yaml:13:55: validator "length" has no property "maxx"; did you mean "max"?`,
			`error: acme.yaml:13:65: the server has no validator "lenght"; did you mean "length"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`error: acme.yaml:20:12: the server has no client policy executor provider "secure-sesion"; did you mean "secure-session"? one of your own has to be deployed there first, or what needs it taken out of the file`,
			`warning: acme.yaml:21:53: client policy executor provider "pkce-enforcer" has no property "auto-config"; did you mean "auto-configure"?`,
			`warning: acme.yaml:30:54: authenticator "identity-provider-redirector" has no property "defaultProvidr"; did you mean "defaultProvider"?`,
			`error: acme.yaml:36:28: the server has no policy "roles"; did you mean "role"? one of your own has to be deployed there first, or what needs it taken out of the file`,
		}},
		{why: "what a newer or older version has is told", version: "26.4.7", file: `
realm: acme
identityProviders:
  - {alias: grant, providerId: jwt-authorization-grant}
`, want: []string{
			`error: acme.yaml:3:20: the server has no type of identity provider "jwt-authorization-grant"; Keycloak 26.6 has it; the server is 26.4.7`,
		}},
		{why: "nor is it in an object that is called otherwise now", file: `
realm: acme
clients:
  - clientId: renamed
    previously: old
    clientAuthenticatorType: kerberos
    protocolMappers: [{name: m, protocolMapper: gone}]
`},
		{why: "what is on the server already is no news, and a value that only apply learns is not judged", file: `
realm: acme
eventsListeners: [audit, spool]
loginTheme: ${env:THEME}
clients:
  - clientId: old
    clientAuthenticatorType: kerberos
  - clientId: new
    clientAuthenticatorType: kerberos
`, want: []string{
			`error: acme.yaml:2:26: the server has no events listener "spool"; one of your own has to be deployed there first, or what needs it taken out of the file; others come with features that are off`,
			`error: acme.yaml:8:5: the server has no client authenticator "kerberos"; one of your own has to be deployed there first, or what needs it taken out of the file; others come with features that are off`,
		}},
	} {
		if c.version == "" {
			c.version = "26.7.5"
		}
		info := fixtures.InfoFor(c.version)
		info.Stock = false
		current := read(t, "realm: acme\neventsListeners: [audit]\nclients: [{clientId: old, clientAuthenticatorType: kerberos, protocolMappers: [{name: m, protocolMapper: gone}]}]\n")
		var got []string
		for _, d := range Check(read(t, c.file), current, info) {
			got = append(got, d.Severity.String()+": "+d.Error())
		}
		if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w {
			t.Errorf("%s:\n%s\nwant\n%s", c.why, g, w)
		}
	}
}

// TestUnknown shows that nothing is found where nothing is known.
func TestUnknown(t *testing.T) {
	desired := read(t, "realm: acme\neventsListeners: [nobody]\nloginTheme: none\n")
	if ds := Check(desired, nil, nil); len(ds) > 0 {
		t.Error("without an info: ", ds)
	}
	if ds := Check(desired, nil, &model.Info{}); len(ds) > 0 {
		t.Error("with an empty one: ", ds)
	}
	ds := Check(desired, nil, fixtures.InfoFor("26.7.5"))
	if len(ds) != 2 || !strings.Contains(ds[0].Detail, "kcsync snapshot") {
		t.Error("with a recorded one: ", ds)
	}
}

// read loads a realm from the text of its file.
func read(t *testing.T, text string) *model.State {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("acme.yaml", []byte(strings.TrimPrefix(text, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	states, ds := load.Load(filepath.Join(".", "acme.yaml"), load.Options{})
	if ds.Errors() || len(states) != 1 {
		t.Fatal(ds)
	}
	return states[0]
}

// TestNames shows that the newest recorded version tells of everything that
// the registry's fields name.
func TestNames(t *testing.T) {
	info := fixtures.InfoFor("")
	for _, k := range model.Kinds() {
		checkNames(t, k.Name, k.Fields, info)
	}
}

func checkNames(t *testing.T, where string, fs model.Fields, info *model.Info, around ...model.Fields) {
	for i := range fs {
		f := &fs[i]
		at := where + "." + f.Name
		checkNames(t, at, f.Fields, info, append(around, fs)...)
		n := f.Names
		if n == nil {
			continue
		}
		paths := n.In
		for _, p := range n.Entries {
			paths = append(paths, p)
		}
		for _, p := range paths {
			if !strings.Contains(p, "{") && info.Offers(p) == nil {
				t.Errorf("%s names what is listed at %s, where Keycloak %s lists nothing", at, p, info.Version)
			}
		}
		if of := (visitor{around: around}).field(fs, n.ConfigOf); n.ConfigOf != "" && (of == nil || of.Names == nil) {
			t.Errorf("%s configures what %s names, which names nothing", at, n.ConfigOf)
		}
	}
}

// TestNewer shows of each provider, property, event type and whatever else a newer
// version or a feature lists, and an older one does not, that the older one's check
// says which has it: wherever the registry's fields name such.
func TestNewer(t *testing.T) {
	versions := fixtures.Versions()
	for i, old := range versions[:len(versions)-1] {
		told := 0
		for _, newer := range versions[i+1:] {
			n := newerNames{t: t, old: fixtures.InfoFor(old), newer: fixtures.InfoFor(newer)}
			for _, k := range model.Kinds() {
				if !k.ReadOnly && model.HasVersion(old, k.Since) {
					n.fields(k, k.Fields, nil)
				}
			}
			told += n.told
		}
		if told == 0 {
			t.Errorf("nothing is newer than %s", old)
		}
		t.Logf("newer than Keycloak %s: %d", old, told)
	}
}

// newerNames compares what two versions list.
type newerNames struct {
	t          *testing.T
	old, newer *model.Info
	told       int
}

// fields visits the fields of a kind, which stand in others.
func (n *newerNames) fields(k *model.Kind, fs model.Fields, in []*model.Field) {
	for i := range fs {
		f := &fs[i]
		n.fields(k, f.Fields, append(slices.Clone(in), f))
		if f.Names == nil || f.Computed {
			continue
		}
		for _, path := range f.Names.In {
			for _, path := range n.paths(path) {
				for name := range n.newer.Offers(path) {
					if _, had := n.old.Offers(path)[name]; had || n.old.Offers(path) == nil {
						continue
					}
					o := model.Object{f.Name: name}
					switch {
					case f.Names.Keys:
						o[f.Name] = map[string]any{name: map[string]any{}}
					case f.Type == model.Set || f.Type == model.List:
						o[f.Name] = []any{name}
					}
					n.tells(k, in, o, path, f.Name+" "+name)
				}
			}
		}
		if f.Names.ConfigOf == "" {
			continue
		}
		of := (visitor{around: fieldsOf(k, in)}).field(fs, f.Names.ConfigOf)
		for _, path := range of.Names.In {
			for _, path := range n.paths(path) {
				for provider, props := range n.newer.Offers(path) {
					had := n.old.Offers(path)[provider]
					for name := range props {
						if _, is := had[name]; is || len(had) == 0 {
							continue
						}
						o := model.Object{f.Name: map[string]any{name: "x"}}
						outer := model.Object{of.Name: provider}
						if fs.Get(of.Name) != nil {
							o[of.Name] = provider
							outer = nil
						}
						n.tells(k, in, o, path, provider+" "+name, outer)
					}
				}
			}
		}
	}
}

// fieldsOf are the fields of the objects around those in some fields of a kind.
func fieldsOf(k *model.Kind, in []*model.Field) []model.Fields {
	out := []model.Fields{k.Fields}
	for _, f := range in {
		out = append(out, f.Fields)
	}
	return out
}

// paths are those for which a path with another field's value stands.
func (n *newerNames) paths(path string) (out []string) {
	switch before, _, ok := strings.Cut(path, "{"); {
	case !ok:
		return []string{path}
	case before == "protocolMappers/":
		out = model.Keys(n.newer.ProtocolMappers)
		for i := range out {
			out[i] = before + out[i]
		}
	case before == "components/":
		for _, typ := range model.Keys(n.newer.Components) {
			out = append(out, before+typ)
		}
	}
	return out
}

// tells checks that an object which has, where fields lead, what only the newer
// version knows is told of.
func (n *newerNames) tells(k *model.Kind, in []*model.Field, o model.Object, path, what string, around ...model.Object) {
	part, of, _ := strings.Cut(path, "/")
	for i := len(in) - 1; i >= 0; i-- {
		var v any = map[string]any(o)
		if in[i].Type == model.List || in[i].Type == model.Tree {
			v = []any{v}
		}
		o = model.Object{in[i].Name: v}
		if len(around) > 0 && around[0] != nil && i == len(in)-1 {
			maps.Copy(o, around[0])
			if i > 0 { // what stands around is a member itself
				continue
			}
		}
	}
	switch {
	case part == "protocolMappers":
		o["protocol"] = of
	case part == "components" && of != "" && k.Const["providerType"] == nil && k.Fields.Get("providerType") != nil:
		o["providerType"] = of
	case strings.HasSuffix(of, ".ClientAuthenticator"):
		o["providerId"] = "client-flow"
	case strings.HasSuffix(of, ".FormAction"):
		o["executions"] = []any{map[string]any{"flow": "form", "providerId": "form-flow", "executions": o["executions"]}}
	}
	if typ := k.Const["providerType"]; part == "components" && typ != nil && typ != of {
		return // it is another kind that has these
	}
	if k.Key != "" {
		o[k.Key] = "x"
	}
	desired := model.NewState("acme")
	a := model.AddressOf("", k, "x")
	desired.Items[a] = &model.Item{Addr: a, Kind: k, Fields: o}
	ds := Check(desired, nil, n.old)
	if !slices.ContainsFunc(ds, func(d model.Diagnostic) bool {
		return strings.Contains(d.Detail, " has it; the server is "+n.old.Version) || strings.Contains(d.Detail, "it comes with the server feature ")
	}) {
		n.t.Errorf("Keycloak %s of %s %s: %v", n.old.Version, k.Name, what, ds)
	}
	n.told++
}

func TestLabel(t *testing.T) {
	for path, want := range map[string]string{
		"themes/login":                                "login theme",
		"locales":                                     "locale",
		"enums/eventType":                             "event type",
		"providers/eventsListener":                    "events listener",
		"providers/required-action":                   "required action",
		"protocolMappers/saml":                        "saml protocol mapper",
		"components":                                  "type of component",
		"components/a.b.KeyProvider":                  "key provider",
		"components/a.ldap.mappers.LDAPStorageMapper": "LDAP storage mapper",
		"components/Authenticator":                    "authenticator",
		"identityProviders":                           "type of identity provider",
		"passwordPolicies":                            "password policy",
	} {
		if got := Label(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
