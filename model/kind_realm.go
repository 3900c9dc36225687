package model

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Realm is the kind of the realm itself, below which everything else lives.
var Realm = &Kind{
	Name:   "realm",
	Doc:    "The settings of a realm: sign-in, sessions, tokens, mail, themes, security, and which flows and scopes it uses.",
	Class:  "RealmRepresentation",
	Places: []Place{{Base: true, Right: "realm"}},
	Queue:  "realm",
	Clear:  Empty,
	Fields: join(
		Fields{
			str("realm").required(),
			boolean("enabled"),
			str("displayName").takes(Value{Most: columnLength, Since: "26.7"}),
			str("displayNameHtml"),
			str("sslRequired").enum("none", "external", "all", "NONE", "EXTERNAL", "ALL"),
			boolean("userManagedAccessAllowed"),
			boolean("organizationsEnabled").feature("ORGANIZATION"),
			boolean("adminPermissionsEnabled").feature(featurePermissionsV2),
			boolean("verifiableCredentialsEnabled").feature("OID4VC_VCI"),
			boolean("scimApiEnabled").since("26.6").feature("SCIM_API"),
		},
		// Login
		each(boolean,
			"registrationAllowed", "registrationEmailAsUsername", "rememberMe", "verifyEmail",
			"loginWithEmailAllowed", "duplicateEmailsAllowed", "resetPasswordAllowed", "editUsernameAllowed"),
		// Email, themes, languages
		Fields{
			dict("smtpServer").secretKeys("password", "authTokenClientSecret").clearWith(Omit).most(columnLength).
				entry(mailAddress.since("26.7"), "from", "replyTo"),
			short("loginTheme").names("themes/login").loosely(),
			short("accountTheme").names("themes/account").loosely(),
			short("adminTheme").names("themes/admin").loosely(),
			short("emailTheme").names("themes/email").loosely(),
			boolean("internationalizationEnabled"),
			set("supportedLocales").most(columnLength).names("locales").loosely(),
			short("defaultLocale").names("locales").loosely(),
		},
		// Security defenses. The server merges these headers key by key.
		Fields{
			dict("browserSecurityHeaders").clearWith(Empty).takes(Value{Unlike: regexp.MustCompile(`\n`), Want: "one line"}),
			boolean("bruteForceProtected"),
			boolean("permanentLockout"),
			str("bruteForceStrategy").enum("LINEAR", "MULTIPLE"),
		},
		each(count,
			"maxTemporaryLockouts", "maxFailureWaitSeconds", "minimumQuickLoginWaitSeconds", "waitIncrementSeconds",
			"quickLoginCheckMilliSeconds", "maxDeltaTimeSeconds", "failureFactor"),
		Fields{count("maxSecondaryAuthFailures").since("26.6")},
		// Sessions
		each(integer,
			"ssoSessionIdleTimeout", "ssoSessionMaxLifespan", "ssoSessionIdleTimeoutRememberMe", "ssoSessionMaxLifespanRememberMe",
			"clientSessionIdleTimeout", "clientSessionMaxLifespan", "offlineSessionIdleTimeout"),
		Fields{boolean("offlineSessionMaxLifespanEnabled")},
		each(integer,
			"offlineSessionMaxLifespan", "clientOfflineSessionIdleTimeout", "clientOfflineSessionMaxLifespan",
			"accessCodeLifespan"),
		Fields{
			field("accessCodeLifespanLogin", Integer).takes(whole(1)),
			field("accessCodeLifespanUserAction", Integer).takes(whole(1)),
		},
		// Tokens
		Fields{
			str("defaultSignatureAlgorithm").names("providers/signature"),
			boolean("revokeRefreshToken"),
		},
		each(integer,
			"refreshTokenMaxReuse", "accessTokenLifespan", "accessTokenLifespanForImplicitFlow",
			"actionTokenGeneratedByAdminLifespan", "actionTokenGeneratedByUserLifespan",
			"oauth2DeviceCodeLifespan", "oauth2DevicePollingInterval"),
		// Policies. A policy is written whole or not at all: the server resets
		// what a PUT leaves out of it.
		Fields{
			str("passwordPolicy").most(2550).names("passwordPolicies").split(policyNames),
			str("otpPolicyType").enum("totp", "hotp").takes(Value{Enum: []string{"totp", "hotp"}, Harm: "the server would take it, and then nobody's first one-time code"}),
			str("otpPolicyAlgorithm").enum("HmacSHA1", "HmacSHA256", "HmacSHA512"),
			integer("otpPolicyDigits"),
			integer("otpPolicyInitialCounter"),
			integer("otpPolicyLookAheadWindow"),
			integer("otpPolicyPeriod"),
			boolean("otpPolicyCodeReusable"),
		},
		webAuthn("webAuthnPolicy"),
		Fields{specified("webAuthnPolicyResidentKey").since("26.7")},
		webAuthn("webAuthnPolicyPasswordless"),
		Fields{
			boolean("webAuthnPolicyPasswordlessPasskeysEnabled"),
			specified("webAuthnPolicyPasswordlessResidentKey").since("26.7"),
			str("webAuthnPolicyPasswordlessMediation").since("26.7"),
		},
		// Events
		Fields{
			boolean("eventsEnabled"),
			long("eventsExpiration"),
			set("eventsListeners").names("providers/eventsListener"),
			set("enabledEventTypes").names("enums/eventType"),
			boolean("adminEventsEnabled"),
			boolean("adminEventsDetailsEnabled"),
		},
		// Bindings
		Fields{
			str("browserFlow").ref("authentication-flow").late(),
			str("registrationFlow").ref("authentication-flow").late(),
			str("directGrantFlow").ref("authentication-flow").late(),
			str("resetCredentialsFlow").ref("authentication-flow").late(),
			str("clientAuthenticationFlow").ref("authentication-flow").late(),
			str("dockerAuthenticationFlow").ref("authentication-flow").late(),
			str("firstBrokerLoginFlow").ref("authentication-flow").late(),
		},
		// What new clients and new users get
		Fields{
			set("defaultDefaultClientScopes").ref("client-scope").forgiven().late().
				via(Link{Path: "default-default-client-scopes/{target}", Each: true, Right: "clients", Exclusive: "defaultOptionalClientScopes"}),
			set("defaultOptionalClientScopes").ref("client-scope").forgiven().retains("offline_access").late().
				via(Link{Path: "default-optional-client-scopes/{target}", Each: true, Right: "clients", Exclusive: "defaultDefaultClientScopes"}),
			set("defaultGroups").ref("group").late(),
			str("defaultRole").ref("role").wrap("name").same().doc("The role that all users have, which the server makes along with the realm."),
		},
		Fields{
			// These attributes are fields under another name.
			dict("attributes").clearWith(Omit).
				entry(breaksRealm, "actionTokenGeneratedByUserLifespan.*").
				entry(whole(math.MinInt32).filled(), "cibaExpiresIn", "cibaInterval", "parRequestUriLifespan").
				entry(Value{Unlike: noURI, Want: "a URL without spaces"}, "frontendUrl").
				entry(jsonObject.broken("the server would take it, and never read the realm again"), "client-policies.policies", "client-policies.profiles").computedKeys(
				"clientSessionIdleTimeout", "clientSessionMaxLifespan",
				"clientOfflineSessionIdleTimeout", "clientOfflineSessionMaxLifespan",
				"oauth2DeviceCodeLifespan", "oauth2DevicePollingInterval", "realmReusableOtpCode", "scimApiEnabled",
				"webAuthnPolicyExtraOrigins", "webAuthnPolicyExtraOriginsPasswordless"),
			set("requiredCredentials").enum("password", "cert", "kerberos", "secret"),
		},
		computed(each(anything,
			"id", "notBefore", "otpSupportedApplications", "keycloakVersion",
			"publicKey", "certificate", "codeSecret", "adminPermissionsClient")),
	),
	Unmanaged: []string{
		"federatedUsers",
		// Every server has its own of these.
		"clientPolicies.globalPolicies", "clientProfiles.globalProfiles",
		// Gone from Keycloak, still in old files.
		"applicationScopeMappings", "applications", "clientTemplates", "oauthClients", "protocolMappers",
		"passwordCredentialGrantAllowed", "realmCacheEnabled", "userCacheEnabled", "social", "socialProviders",
		"updateProfileOnInitialSocialLogin", "userFederationMappers", "userFederationProviders",
		"identityFederationEnabled", "roles.application", "privateKey",
	},
	Instead: map[string]string{
		"clientTemplates": "clientScopes", "privateKey": "a key provider with providerId rsa, and it in config",
		"userFederationProviders": "components, or user-federation/*.yaml", "userFederationMappers": "mappers in a directory of components",
	},
	Reads: []Read{
		{
			Fields: []string{"defaultDefaultClientScopes"}, Base: true, Right: "clients",
			Path: "default-default-client-scopes",
			Into: func(answer any, _ func(kind, id string) string) Object {
				return Object{"defaultDefaultClientScopes": namesIn(answer)}
			},
		},
		{
			Fields: []string{"defaultOptionalClientScopes"}, Base: true, Right: "clients",
			Path: "default-optional-client-scopes",
			Into: func(answer any, _ func(kind, id string) string) Object {
				return Object{"defaultOptionalClientScopes": namesIn(answer)}
			},
		},
	},
	Spares: true,
	Canon:  canonRealm,
	Impact: func(before, after Object, _ string) []string {
		return slices.Concat(rebound(before, after, "registrationFlow", "who is registering"),
			rebound(before, after, "firstBrokerLoginFlow", sentByProvider), renamesPeople(before, after))
	},
	Check: func(o Object) []Problem {
		var out []Problem
		policy, _ := o["passwordPolicy"].(string)
		for _, text := range passwordPolicyWrong(policy) {
			out = append(out, Problem{Pointer: Pointer("passwordPolicy"), Summary: text})
		}
		for _, name := range []string{"webAuthnPolicySignatureAlgorithms", "webAuthnPolicyPasswordlessSignatureAlgorithms"} {
			if l, ok := o[name].([]any); ok && len(l) == 0 {
				out = append(out, Problem{Pointer: Pointer(name), Summary: name + " cannot be empty: the server puts its own there", Detail: "write what it is to hold, or take the line out to leave it as it is"})
			}
		}
		return out
	},
	Imports: []Import{{Field: "browserSecurityHeaders", Key: "xXSSProtection", Value: "1; mode=block", Before: "3.1",
		Why: "Keycloak 3.1 gave it to all realms, and lets them have it still"}},
	Unlike:    realmUnlike,
	Overrules: realmOverruled,
	Fits: func(whole Object, other func(kind, key string) Object) []Problem {
		return parameterized("defaultDefaultClientScopes", whole, other)
	},
	Refuses: func(o, _ Object, _ func(kind, key string) Object, server Server) []Problem {
		var out []Problem
		if mail, _ := mapOf(o["smtpServer"]); len(mail) > 0 && Zero(mail["from"]) {
			out = append(out, Problem{Pointer: "/smtpServer", Summary: "smtpServer needs from, the address that mails come from"})
		}
		if o["duplicateEmailsAllowed"] == true && (o["loginWithEmailAllowed"] == true || o["registrationEmailAsUsername"] == true) {
			out = append(out, Problem{Summary: "duplicateEmailsAllowed needs loginWithEmailAllowed: false and registrationEmailAsUsername: false; the server would change them by itself"})
		}
		return append(out, tooLong(o, server.Version)...)
	},
	Unfold: unfoldRealm,
	Formerly: func(pointer string) string {
		if keptAsAttribute(strings.TrimPrefix(pointer, "/")) {
			return Pointer("attributes") + pointer
		}
		return ""
	},
	Ignores: mailWithoutSignIn,
}

// tooLong tells the sessions of clients that would outlast those of people: a server
// writes no such realm. 26.4 does; 26.5 and 26.6 were not asked.
func tooLong(o Object, version string) []Problem {
	if !HasVersion(version, "26.7") {
		return nil
	}
	var out []Problem
	seconds := func(name string) float64 { n, _ := number(o[name]); return n }
	for _, of := range [][2]string{{"clientSessionIdleTimeout", "ssoSessionIdleTimeout"}, {"clientSessionMaxLifespan", "ssoSessionMaxLifespan"}} {
		most := seconds(of[1])
		if remembered := of[1] + "RememberMe"; o["rememberMe"] == true {
			most = max(most, seconds(remembered))
		}
		if o[of[0]] != nil && o[of[1]] != nil && seconds(of[0]) > most {
			out = append(out, Problem{Pointer: Pointer(of[0]), Summary: fmt.Sprintf("%s must not be greater than %s, which is %v", of[0], of[1], o[of[1]])})
		}
	}
	return out
}

// renamesPeople says what the switch does by which users are called by their
// email.
func renamesPeople(before, after Object) []string {
	if before[emailAsUsername] == true || after[emailAsUsername] != true {
		return nil
	}
	return []string{"the server calls all users by their email from then on, keeps that as the username of each when it is written, and writes none without"}
}

// webAuthn is the group of fields that both WebAuthn policies have.
func webAuthn(policy string) Fields {
	return Fields{
		specified(policy + "RpEntityName"),
		list(policy + "SignatureAlgorithms"),
		str(policy + "RpId"),
		specified(policy + "AttestationConveyancePreference"),
		specified(policy + "AuthenticatorAttachment"),
		specified(policy + "RequireResidentKey"),
		specified(policy + "UserVerificationRequirement"),
		integer(policy + "CreateTimeout"),
		boolean(policy + "AvoidSameAuthenticatorRegister"),
		set(policy + "AcceptableAaguids"),
		set(policy + "ExtraOrigins"),
	}
}

// specified is a text that the server replaces by its own where it is empty.
func specified(name string) Field {
	return str(name).takes(Value{Want: `a value, such as "not specified"`, Filled: true})
}

// namesIn returns the names of a list of representations.
func namesIn(answer any) []any {
	out := []any{}
	for _, e := range asList(answer) {
		m, _ := mapOf(e)
		out = append(out, m["name"])
	}
	return out
}

// canonRealm spells sslRequired as the server does, and leaves out who signs in
// to a mail server that asks nobody to: the server does not keep it.
func canonRealm(o Object) Object {
	if mail, ok := mapOf(o["smtpServer"]); ok && mail["auth"] == "false" {
		mail = maps.Clone(mail)
		delete(mail, "user")
		delete(mail, "password")
		o["smtpServer"] = mail
	}
	if s, ok := o["sslRequired"].(string); ok {
		o["sslRequired"] = asciiLower(s)
	}
	return o
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// unfoldRealm moves the scope mappings, which a realm's representation holds
// in two lists of its own, to the clients and client scopes they belong to,
// and the list of default roles, as it was until Keycloak 12, to the role
// that is composed of them.
func unfoldRealm(rep Object) Object {
	for _, unfold := range []func(Object) Object{
		unfoldNames, unfoldAttributes, unfoldDefaultRoles, unfoldKeys, unfoldTemplates, unfoldFederation,
		unfoldProfile, unfoldFlows, unfoldAdminPermissions, unfoldManagement,
	} {
		rep = unfold(rep)
	}
	found := map[[2]string]map[string]any{} // by list and key
	origin := map[[2]string]string{}
	mapping := func(e any, at string) (m map[string]any, roles []any) {
		rep, _ := mapOf(e)
		roles, _ = rep["roles"].([]any)
		key := [2]string{"clients"}
		if key[1], _ = rep["client"].(string); key[1] == "" {
			key[0] = "clientScopes"
			if key[1], _ = rep["clientScope"].(string); key[1] == "" {
				key[1] = ofTemplate(rep["clientTemplate"])
			}
		}
		if key[1] == "" {
			return nil, nil
		}
		if found[key] == nil {
			found[key] = map[string]any{"realm": []any{}, "client": map[string]any{}}
			origin[key] = at
		}
		return found[key], roles
	}
	l, _ := rep["scopeMappings"].([]any)
	for i, e := range l {
		if m, roles := mapping(e, Pointer("scopeMappings", strconv.Itoa(i))); m != nil {
			m["realm"] = append(m["realm"].([]any), roles...)
		}
	}
	byOwner, _ := mapOf(rep["clientScopeMappings"])
	for _, owner := range Keys(byOwner) {
		for i, e := range asList(byOwner[owner]) {
			if m, roles := mapping(e, Pointer("clientScopeMappings", owner, strconv.Itoa(i))); m != nil {
				c := m["client"].(map[string]any)
				have, _ := c[owner].([]any)
				c[owner] = append(have, roles...)
			}
		}
	}
	out := Object{}
	for k, v := range rep {
		if k != "scopeMappings" && k != "clientScopeMappings" {
			out[k] = v
		}
	}
	for _, list := range [][2]string{{"clients", "clientId"}, {"clientScopes", "name"}} {
		entries, _ := out[list[0]].([]any)
		entries = entries[:len(entries):len(entries)]
		for _, key := range slices.SortedFunc(maps.Keys(found), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
			if key[0] == list[0] {
				entries = append(entries, map[string]any{list[1]: key[1], "scopeMappings": found[key], fragmentKey: origin[key]})
			}
		}
		if len(entries) > 0 {
			out[list[0]] = entries
		}
	}
	return out
}

// mailWithoutSignIn tells the account at a mail server that does not ask for
// one: the server keeps it only where auth is true.
func mailWithoutSignIn(o, realm Object, _ func(kind, key string) Object) []Problem {
	declared, _ := mapOf(o["smtpServer"])
	whole, _ := mapOf(realm["smtpServer"])
	if _, later := whole["auth"].(Reference); later || whole["auth"] == "true" {
		return nil
	}
	var out []Problem
	for _, key := range []string{"password", "user"} {
		if !Zero(declared[key]) {
			out = append(out, Problem{Pointer: Pointer("smtpServer", key), Summary: "the server drops smtpServer." + key + " while smtpServer.auth is not true", Detail: "add auth: true"})
		}
	}
	return out
}

// realmUnlike tells which lists Keycloak's import does not read, which field it
// takes for another, and which theme it replaces by one that is gone.
func realmUnlike(o Object, file File) []Problem {
	var out []Problem
	for _, name := range []string{"defaultDefaultClientScopes", "defaultOptionalClientScopes"} {
		list, said := o[name].([]any)
		if !said && file.Lists(clientScope.Name) {
			out = append(out, Problem{Pointer: Pointer("clientScopes"), Summary: name + " is not said: that of a new realm stays; Keycloak's own import leaves it empty where a file lists client scopes"})
		}
		if len(list) > 0 && !file.Lists(clientScope.Name) {
			out = append(out, Problem{Pointer: Pointer(name), Summary: name + " stays as the file has it: Keycloak's own import reads it only beside clientScopes, and leaves the list of a new realm"})
		}
	}
	const own, general = "actionTokenGeneratedByUserLifespan", "accessCodeLifespanUserAction"
	if _, said := o[own]; !said && !Zero(o[general]) && o[general] != int64(300) {
		out = append(out, Problem{Pointer: Pointer(general), Summary: own + " is not said: it is 300, as in every new realm; Keycloak's own import makes it what " + general + " is"})
	}
	if o["otpPolicyType"] != nil && o["otpPolicyLookAheadWindow"] == nil {
		out = append(out, Problem{Pointer: Pointer("otpPolicyType"), Summary: "otpPolicyLookAheadWindow is not said: it is 1, as in every new realm; Keycloak's own import makes it 0 beside otpPolicyType"})
	}
	if !HasVersion(file.Exported, "22.0") && slices.Contains([]any{"keycloak", productTheme, "rh-sso.v2"}, o["accountTheme"]) {
		out = append(out, Problem{Pointer: Pointer("accountTheme"), Summary: "accountTheme stays as the file has it; Keycloak's own import makes it keycloak.v2, which is gone, too"})
	}
	return out
}

// realmOverruled returns what Keycloak's import replaces in files of older versions,
// which decided it for those who did not.
func realmOverruled(o Object) []Overrule {
	var out []Overrule
	for name, since := range map[string]string{"adminTheme": "21.0", "loginTheme": "22.0", "emailTheme": "22.0"} {
		switch {
		case name == "adminTheme" && (o[name] == "keycloak" || o[name] == productTheme):
			out = append(out, Overrule{Field: name, Value: "keycloak.v2", Before: since, Dated: true, Why: "the console that " + o[name].(string) + " was of is gone"})
		case name != "adminTheme" && o[name] == productTheme:
			out = append(out, Overrule{Field: name, Before: since, Dated: true, Why: withoutProductTheme})
		}
	}
	for name, value := range map[string]string{"xRobotsTag": "none", "xXSSProtection": "1; mode=block"} {
		out = append(out, Overrule{Field: "browserSecurityHeaders", Key: name, Value: value, Before: "3.1", Dated: true, Why: "Keycloak 3.1 gave it to all realms"})
	}
	if headers, _ := mapOf(o["browserSecurityHeaders"]); headers["contentSecurityPolicy"] == "frame-src 'self'" {
		out = append(out, Overrule{Field: "browserSecurityHeaders", Key: "contentSecurityPolicy", Value: "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
			Before: "3.4.2", Dated: true, Why: "it was the default of older versions"})
	}
	if policy, _ := o["passwordPolicy"].(string); !strings.Contains(policy, "hashAlgorithm") {
		var kept []string
		for part := range strings.SplitSeq(policy, " and ") {
			if strings.TrimSpace(part) != "hashIterations(20000)" {
				kept = append(kept, part)
			}
		}
		var rest any
		if kept != nil {
			rest = strings.Join(kept, " and ")
		}
		if rest != o["passwordPolicy"] {
			out = append(out, Overrule{Field: "passwordPolicy", Value: rest, Before: "3.2", Dated: true, Why: "20000 iterations were the default of another algorithm"})
		}
	}
	return append(out, Overrule{Field: "attributes", Key: "userProfileEnabled", Before: "24.0", Dated: true, Why: "every realm has a user profile since Keycloak 24"})
}

// The theme of Red Hat's product until Keycloak 22, and what comes of its name.
const (
	productTheme        = "rh-sso"
	withoutProductTheme = "only another product had this theme"
)
