package model

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// AdminRealm is the realm whose accounts administer all realms. The roles to do
// so are those of a client for each, called after it: acme-realm.
const AdminRealm = "master"

var client = &Kind{
	Name:   "client",
	Doc:    "An application or service that asks the realm to sign users in, or signs in itself.",
	Class:  "ClientRepresentation",
	Folder: "clients",
	// Pages of 25 to 50 are what the server answers fastest per client.
	Places: []Place{{Path: "clients", Page: 50, In: "clients", Right: "clients", Besides: true}},
	Key:    "clientId",
	Item:   "clients/{id}",
	Find:   "clients?clientId={key}",

	Variant:  "protocol",
	Examples: []Object{{}, {"protocol": "saml"}},
	OwnID:    true,
	Clear:    Empty,
	Builtin: func(o Object) bool {
		attrs, _ := mapOf(o["attributes"])
		return attrs["realm_client"] == "true" || isAdminPermissions(o)
	},
	Sealed: func(realm string, it *Item) bool {
		id, _ := it.Fields["clientId"].(string)
		return id == "realm-management" || realm == AdminRealm && strings.HasSuffix(id, "-realm")
	},
	Stays: func(o Object) bool {
		id, _ := o["clientId"].(string)
		return slices.Contains([]string{"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}, id)
	},
	Fields: Fields{
		short("clientId").required(),
		short("name"),
		short("description"),
		str("type"),
		// Naming the default protocol makes POST set what the admin console
		// would set: a public client with direct access grants.
		str("protocol").quiet("openid-connect").def("openid-connect").names("providers/login-protocol"),
		boolean("enabled"),
		boolean("publicClient"),
		boolean("bearerOnly"),
		str("clientAuthenticatorType").names("providers/client-authenticator"),
		short("secret").secret().filled(hasSecret),
		str("rootUrl").takes(rootURL),
		str("baseUrl").takes(clientURL),
		str("adminUrl").takes(clientURL.since("26.6")),
		set("redirectUris").takes(redirects),
		set("webOrigins").most(columnLength),
		boolean("standardFlowEnabled"),
		boolean("implicitFlowEnabled"),
		boolean("directAccessGrantsEnabled"),
		boolean("serviceAccountsEnabled").stirs(),
		boolean("authorizationServicesEnabled"),
		boolean("consentRequired"),
		boolean("alwaysDisplayInConsole"),
		boolean("frontchannelLogout"),
		boolean("surrogateAuthRequired"),
		boolean("fullScopeAllowed"),
		integer("nodeReRegistrationTimeout"),
		dict("attributes").entryNames("themes/login", "login_theme").loosely("login_theme").
			entryNames("providers/signature", "access.token.signed.response.alg", "id.token.signed.response.alg", "user.info.response.signature.alg").
			entryNames("providers/cekmanagement", "id.token.encrypted.response.alg", "user.info.encrypted.response.alg").
			entry(whole(math.MinInt32).broken(noTokens), "access.token.lifespan", "oauth2.device.code.lifespan", "oauth2.device.polling.interval").
			entry(levels.since("26.6"), "acr.loa.map").
			entry(oneOf("S256", "plain").broken("the server would take it, and then refuse everybody who signs in to the client"), "pkce.code.challenge.method").
			entry(oneOf("poll", "ping"), "ciba.backchannel.token.delivery.mode").
			entry(Value{Like: regexp.MustCompile(`^(none|([RPE]S|ML).*|Ed.*)$`), Want: "none or an asymmetric signature, such as RS256"}, "ciba.backchannel.auth.request.signing.alg").
			entry(attributeURL, "backchannel.logout.url").
			entry(absoluteURL, "policyUri", "tosUri", "ciba.backchannel.client.notification.endpoint",
				"saml_assertion_consumer_url_post", "saml_assertion_consumer_url_redirect", "saml_artifact_binding_url", "saml_artifact_resolution_service_url",
				"saml_single_logout_service_url_post", "saml_single_logout_service_url_redirect", "saml_single_logout_service_url_soap", "saml_single_logout_service_url_artifact").
			entry(attributeURL.since("26.6"), "jwks.url", "frontchannel.logout.url").
			entry(Value{Split: "##", Unlike: regexp.MustCompile(`(?i)^(javascript|data):`), Want: "a URI, and no script", Since: "26.6"}, "request.uris").
			entry(Value{Split: "##", Unlike: redirects.Unlike, Want: redirects.Want, Since: "26.6"}, "post.logout.redirect.uris").
			secretKeys("saml.signing.private.key", "saml.encryption.private.key", "jwt.credential.private.key").
			idle(idleAttribute).
			computedKeys("realm_client", "client.secret.creation.time", "client.secret.expiration.time",
				"client.secret.rotated", "client.secret.rotated.creation.time", "client.secret.rotated.expiration.time",
				"saml.artifact.binding.identifier"),
		dict("authenticationFlowBindingOverrides").ref("authentication-flow").byID(),
		set("defaultClientScopes").ref("client-scope").forgiven().follows("defaultDefaultClientScopes").
			via(Link{Path: "clients/{id}/default-client-scopes/{target}", Each: true, Posted: true, Exclusive: "optionalClientScopes"}),
		set("optionalClientScopes").ref("client-scope").forgiven().offered().follows("defaultOptionalClientScopes").
			via(Link{Path: "clients/{id}/optional-client-scopes/{target}", Each: true, Posted: true, Exclusive: "defaultClientScopes"}),
		scopeMappings("clients/{id}"),
		str("id").computed(),
		anything("access").computed(),
		str("origin").computed(),
		integer("notBefore").computed(),
		anything("registeredNodes").computed(),
		str("registrationAccessToken").computed(),
	},
	Unmanaged: []string{
		// Gone from Keycloak, still in old files.
		"clientTemplate", "defaultRoles", "directGrantsOnly", "useTemplateConfig", "useTemplateMappers", "useTemplateScope",
	},
	Instead: map[string]string{"clientTemplate": "defaultClientScopes"},
	Reads:   []Read{readScopeMappings("clients/{id}")},
	Canon:   canonClient,
	Unfold:  unfoldClient,
	Joins:   template,
	Ignores: scopesOfOthers,
	Fits: func(whole Object, other func(kind, key string) Object) []Problem {
		return parameterized("defaultClientScopes", whole, other)
	},
	Overrules: overruled,
	Imports: []Import{{Field: "attributes", Key: "post.logout.redirect.uris", Value: "+", Before: "19.0",
		Why: "until Keycloak 18 all clients could send people to any of their redirect URIs after a logout"}},
	Restored: map[string]string{
		"attributes.client.use.lightweight.access.token.enabled of client/admin-cli":              "26.0",
		"attributes.client.use.lightweight.access.token.enabled of client/security-admin-console": "26.0",
		"attributes.pkce.code.challenge.method of client/security-admin-console":                  "9.0",
		"rootUrl of client/account": "8.0", "baseUrl of client/account": "8.0", "redirectUris of client/account": "8.0",
		"rootUrl of client/security-admin-console": "8.0", "baseUrl of client/security-admin-console": "8.0",
		"redirectUris of client/security-admin-console": "8.0", "webOrigins of client/security-admin-console": "8.0",
	},
	Unlike:   clientUnlike,
	Unspoken: clientUnspoken,
	Impact:   protects,
	Refuses:  clientRefused,
	Heeds:    judgedBy,
	Derive:   deriveClient,
	Adds: func(o Object) Object {
		if o["serviceAccountsEnabled"] != true && o["authorizationServicesEnabled"] != true {
			return nil
		}
		return Object{"defaultClientScopes": []any{"service_account"}}
	},
	Tugs: map[string][]string{"defaultClientScopes": {"service_account"}},
	// POST with one of the two scope lists empties the other.
	Inherits: func(body, realm Object) {
		lists := [2][2]string{
			{"defaultClientScopes", "defaultDefaultClientScopes"},
			{"optionalClientScopes", "defaultOptionalClientScopes"},
		}
		if body[lists[0][0]] == nil && body[lists[1][0]] == nil {
			return
		}
		for _, l := range lists {
			if body[l[0]] == nil && realm[l[1]] != nil {
				body[l[0]] = realm[l[1]]
			}
		}
	},
}

// hasSecret reports whether the server lets a client have a secret, and makes
// one if need be: any but a public one, and before 26.7 one for bearer tokens
// only.
func hasSecret(o Object, version string) bool {
	return o["publicClient"] != true && (o["bearerOnly"] != true || HasVersion(version, "26.7"))
}

// clientRefused says what the server does not take of a client as a whole.
func clientRefused(o, have Object, other func(kind, key string) Object, server Server) []Problem {
	var out []Problem
	switch {
	case o["authorizationServicesEnabled"] != true:
	case o["clientId"] == realmManagement:
		if o["bearerOnly"] == true && have["authorizationServicesEnabled"] != true && !server.Has(FeaturePermissionsV1) {
			out = append(out, Problem{Pointer: "/authorizationServicesEnabled", Summary: "only management permissions switch on the authorization services of " + realmManagement + ", which need the server feature " + FeaturePermissionsV1,
				Detail: "take authorizationServicesEnabled and authorizationSettings out, or start the server with --features=" + FeatureOption(FeaturePermissionsV1)})
		}
	case o["publicClient"] == true || o["bearerOnly"] == true:
		out = append(out, Problem{Summary: "authorizationServicesEnabled needs a client that can sign in: neither publicClient nor bearerOnly"})
	case o["serviceAccountsEnabled"] == false:
		out = append(out, Problem{Summary: "authorizationServicesEnabled needs serviceAccountsEnabled: true"})
	}
	if HasVersion(server.Version, "26.5") {
		out = append(out, outliving(o, other("realm", ""))...)
	}
	return append(out, unknownLevels(o, other("realm", ""))...)
}

// clientSessions are the attributes of a client that say how long its sessions last,
// and the realm's fields that are the most of each: with rememberMe, the longer of
// two.
var clientSessions = map[string]string{"client.session.idle.timeout": "ssoSessionIdleTimeout", "client.session.max.lifespan": "ssoSessionMaxLifespan"}

const remembered = "RememberMe"

// judgedBy names the fields of the realm by which the server judges how long the
// sessions of a client last.
func judgedBy(client Object) []string {
	attrs, _ := mapOf(client["attributes"])
	var out []string
	for _, key := range Keys(clientSessions) {
		if !Zero(attrs[key]) {
			out = append(out, clientSessions[key], clientSessions[key]+remembered, "rememberMe")
		}
	}
	return out
}

// outliving tells of sessions that would last longer than anybody is signed in.
func outliving(client, realm Object) []Problem {
	attrs, _ := mapOf(client["attributes"])
	var out []Problem
	for _, key := range Keys(clientSessions) {
		text, _ := attrs[key].(string)
		lasts, err := strconv.Atoi(text)
		field := clientSessions[key]
		most, known := wholeNumber(realm[field])
		if longer, ok := wholeNumber(realm[field+remembered]); ok && realm["rememberMe"] == true && longer > most {
			field, most = field+remembered, longer
		}
		if err == nil && known && float64(lasts) > most {
			out = append(out, Problem{Pointer: Pointer("attributes", key), Summary: fmt.Sprintf("%s is %d seconds, and the realm's %s only %.0f", key, lasts, field, most),
				Detail: "the server takes no client whose sessions would last longer than the realm's: change one of the two"})
		}
	}
	return out
}

// unknownLevels tells the classes of authentication that neither the client nor
// the realm has a level for. Which numbers there are depends on flows, too.
func unknownLevels(client, realm Object) []Problem {
	const levels = "acr.loa.map"
	attrs, _ := mapOf(client["attributes"])
	realmAttrs, _ := mapOf(realm["attributes"])
	known := map[string]any{}
	for _, v := range []any{attrs[levels], realmAttrs[levels]} {
		text, ok := v.(string)
		if v != nil && (!ok || text != "" && json.Unmarshal([]byte(text), &known) != nil) {
			return nil
		}
	}
	var out []Problem
	for _, key := range []string{"default.acr.values", "minimum.acr.value"} {
		text, _ := attrs[key].(string)
		for name := range strings.SplitSeq(text, "##") {
			if _, ok := known[name]; !ok && name != "" && strings.Trim(name, "0123456789") != "" {
				out = append(out, Problem{Pointer: Pointer("attributes", key), Summary: key + " names " + shown(name) + ", for which neither the client nor the realm has a level",
					Detail: "add it to the attribute " + levels + " of one of the two"})
			}
		}
	}
	return out
}

// protects tells of the role that comes along with authorization services.
func protects(before, after Object, _ string) []string {
	if keepsProtection(before) != nil || keepsProtection(after) == nil {
		return nil
	}
	return []string{"the server then gives it the role " + umaProtection + ", which its service account has"}
}

// clientUnspoken tells which client scopes the import does not give the server's own
// clients: it makes them before it makes the scopes of a file that lists some.
func clientUnspoken(o Object, file File) []Problem {
	admin := file.Of("client/realm-management") != nil
	late := o["clientId"] == "admin-cli" && admin // it is made after them
	none := o["clientId"] == "account-console" && file.Of("client/account") != nil
	if !file.Lists(clientScope.Name) || late || none {
		return nil
	}
	var lists []string
	for _, l := range [][2]string{{"defaultDefaultClientScopes", "defaultClientScopes"}, {"defaultOptionalClientScopes", "optionalClientScopes"}} {
		if given, said := file.Of("realm")[l[0]].([]any); !said || len(given) > 0 {
			lists = append(lists, l[1])
		}
	}
	if lists == nil {
		return nil
	}
	summary := strings.Join(lists, ", ") + " stay as a new client has them; Keycloak's own import makes these clients before the scopes that the file lists, and leaves the lists empty"
	if file.Exported != "" && !HasVersion(file.Exported, "25.0") && o["bearerOnly"] != true {
		summary += " but for scopes that are newer than the file"
	}
	return []Problem{{Pointer: Pointer("clientScopes"), Summary: summary}}
}

// clientUnlike tells what a client gets from Keycloak's import and not from its
// API, or the other way round.
func clientUnlike(o Object, file File) []Problem {
	const console = Address("client/account-console")
	if o["clientId"] == "account" && !file.New && file.Of(console) == nil {
		return []Problem{{Summary: string(console) + " is not in the file, and stays as a new realm has it; Keycloak's own import makes another, or none, where a file has this one"}}
	}
	if !file.New && o["publicClient"] == true && o["secret"] != nil {
		return []Problem{{Pointer: "/secret", Summary: "secret stays as the file has it; Keycloak's own import drops that of a public client, which nobody uses"}}
	}
	if !file.New {
		return nil
	}
	var out []Problem
	attrs, _ := mapOf(o["attributes"])
	unsaid := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { _, said := attrs[name]; return !said })
	}
	if unsaid("post.logout.redirect.uris") {
		out = append(out, Problem{Summary: `attributes.post.logout.redirect.uris is not said: no address is allowed after a logout; Keycloak's own import would make it "+", any of redirectUris`})
	}
	for said, other := range map[string]string{"defaultClientScopes": "optionalClientScopes", "optionalClientScopes": "defaultClientScopes"} {
		if o[said] != nil && o[other] == nil {
			out = append(out, Problem{Pointer: Pointer(said), Summary: other + " is not said: a new client gets what the realm gives to each; Keycloak's own import gives it none beside " + said})
		}
	}
	if o["protocol"] == "saml" && unsaid("saml.allow.ecp.flow", "saml.client.signature", "saml.force.post.binding", "saml.server.signature", "saml.signature.algorithm",
		"saml_force_name_id_format", "saml_name_id_format", "saml_signature_canonicalization_method") {
		out = append(out, Problem{Summary: "attributes get what the console gives a new SAML client; Keycloak's own import gives it only what the file says"})
	}
	if _, said := o["frontchannelLogout"]; o["protocol"] == "saml" && !said {
		out = append(out, Problem{Summary: "frontchannelLogout is not said: it is on, as the console has it for a new SAML client; Keycloak's own import leaves it off"})
	}
	account := file.Of(file.Addr + "/service-account")
	if o["authorizationServicesEnabled"] == true && account != nil && file.Of(file.Addr+"/role/"+umaProtection) == nil {
		out = append(out, Problem{Summary: "roles get " + umaProtection + ", which its service account has; Keycloak's own import makes it only where a file has no user for the account"})
	}
	if o["serviceAccountsEnabled"] == true && account["realmRoles"] == nil {
		out = append(out, Problem{Summary: "a new service account gets the realm's default roles; Keycloak's own import gives it none"})
	}
	return out
}

// overruled returns what a client with authorization services has to be, and
// what the clients of Keycloak's own pages need where a file is older than
// today's addresses and than their lightweight tokens, which hold no roles
// unless they may have all.
func overruled(o Object) []Overrule {
	var out []Overrule
	add := func(field string, value any, why string) {
		out = append(out, Overrule{Field: field, Value: value, Why: why})
	}
	id, base := o["clientId"], ""
	url, _ := o["baseUrl"].(string)
	path, old := strings.CutPrefix(url, "/auth")
	switch {
	case id == "account" && strings.HasPrefix(path, "/realms/") && (old || !strings.HasSuffix(path, "/")):
		base = strings.TrimSuffix(path, "/") + "/"
	case id == "security-admin-console" && strings.HasPrefix(path, "/") && (old || strings.HasSuffix(path, "/index.html")):
		base = strings.TrimSuffix(path, "index.html")
		add("webOrigins", []any{"+"}, "the console asks the server from its own address")
	}
	if base != "" {
		why := "Keycloak has no /auth before its paths any more"
		if !old {
			why = "its page's address ends in a slash since Keycloak 8"
		}
		add("baseUrl", base, why)
		add("redirectUris", []any{base + "*"}, why)
	}
	for i := range out {
		out[i].Before = "8.0"
	}
	attrs, _ := mapOf(o["attributes"])
	if id == "admin-cli" || id == "security-admin-console" {
		add("scopeMappings", nil, "it may have all roles")
		out[len(out)-1].Before, out[len(out)-1].Dated = "3.4.2", true
	}
	if attrs["login_theme"] == productTheme {
		out = append(out, Overrule{Field: "attributes", Key: "login_theme", Before: "22.0", Dated: true, Why: withoutProductTheme})
	}
	if _, said := attrs["client.use.lightweight.access.token.enabled"]; !said && (id == "admin-cli" || id == "security-admin-console") {
		add("fullScopeAllowed", true, "the server gives it lightweight tokens, which would let administrators do nothing")
	}
	if o["authorizationServicesEnabled"] == true && id != realmManagement {
		for field, v := range map[string]bool{"publicClient": false, "bearerOnly": false, "serviceAccountsEnabled": true} {
			add(field, v, "authorization services take a client that can sign in")
		}
	}
	return out
}

// idleAttribute reports whether an attribute of a client is a switch as it stands
// when nobody touched it, or says more of what the client has not: consoles write
// all that they show, and older ones those of the other protocol, too, which
// nobody reads there.
func idleAttribute(client Object, name string, value any) bool {
	saml := client["protocol"] == "saml"
	if protocol := client["protocol"]; protocol != nil && protocol != "openid-connect" && !saml {
		return false
	}
	switch name {
	case "post.logout.redirect.uris":
		return value == "+" && Zero(client["redirectUris"])
	case "backchannel.logout.session.required":
		attrs, _ := mapOf(client["attributes"])
		return value == "false" || Zero(attrs["backchannel.logout.url"])
	case "use.refresh.tokens":
		return value == "true"
	case "acr.loa.map":
		return value == "{}"
	case "backchannel.logout.revoke.offline.tokens",
		"client_credentials.use_refresh_token",
		"display.on.consent.screen",
		"exclude.issuer.from.auth.response",
		"exclude.session.state.from.auth.response",
		"id.token.as.detached.signature",
		"oauth2.device.authorization.grant.enabled",
		"oidc.ciba.grant.enabled",
		"require.pushed.authorization.requests",
		"tls.client.certificate.bound.access.tokens",
		"token.response.type.bearer.lower-case":
		return value == "false"
	}
	switch name {
	case "saml.artifact.binding", "saml.assertion.signature", "saml.encrypt", "saml.multivalued.roles", "saml.onetimeuse.condition", "saml.server.signature.keyinfo.ext":
		return value == "false"
	}
	return !saml && value == "false" && (strings.HasPrefix(name, "saml.") || strings.HasPrefix(name, "saml_"))
}

// canonClient names the service account without which the server refuses
// authorization services.
func canonClient(o Object) Object {
	if _, said := o["serviceAccountsEnabled"]; !said && o["authorizationServicesEnabled"] == true && o["clientId"] != realmManagement {
		o["serviceAccountsEnabled"] = true
	}
	return o
}

// deriveClient returns what the server takes from other fields when nothing
// is given: web origins from redirect URIs, and no full scope for a client
// that needs consent.
func deriveClient(o, _, _ Object) Object {
	uris, _ := o["redirectUris"].([]any)
	seen := map[string]bool{}
	for _, u := range uris {
		s, _ := u.(string)
		if p, err := url.Parse(s); err == nil && strings.HasPrefix(s, "http") && p.Host != "" {
			seen[p.Scheme+"://"+p.Host] = true
		}
	}
	origins := make([]any, 0, len(seen))
	for _, s := range Keys(seen) {
		origins = append(origins, s)
	}
	out := Object{"webOrigins": origins}
	if o["consentRequired"] == true {
		out["fullScopeAllowed"] = false
	}
	return out
}

// template takes from a client its template, as clients had one until Keycloak 3:
// it is a client scope by now.
func template(o Object) Object {
	name := ofTemplate(o["clientTemplate"])
	delete(o, "clientTemplate")
	if name == "" {
		return nil
	}
	return Object{"defaultClientScopes": []any{name}}
}

// scopesOfOthers tells the client scopes that are for another protocol than
// the client's, which the server does not give it.
func scopesOfOthers(o, whole Object, other func(kind, key string) Object) []Problem {
	protocol := func(o Object) any {
		if o["protocol"] == nil {
			return "openid-connect"
		}
		return o["protocol"]
	}
	var out []Problem
	for _, list := range []string{"defaultClientScopes", "optionalClientScopes"} {
		names, _ := o[list].([]any)
		for i, n := range names {
			name, _ := n.(string)
			// Verifiable credentials are asked for by openid-connect.
			if s := other("client-scope", name); s != nil && protocol(s) != protocol(whole) && (protocol(s) != "oid4vc" || protocol(whole) != "openid-connect") {
				out = append(out, Problem{Pointer: Pointer(list, strconv.Itoa(i)),
					Summary: fmt.Sprintf("the server does not give a client of protocol %v the client scope %s, which is of %v", protocol(whole), name, protocol(s)), Detail: "remove it"})
			}
		}
	}
	return out
}
