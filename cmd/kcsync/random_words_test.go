package main

import "github.com/kcsync/kcsync/model"

// What the registry cannot tell a generator of realms: values that the server
// asks for, and what goes together. All else is made from the registry's words
// and from what the server says that it offers.

// words are the values of a field, or of a key of a map, by kind and path. Of a
// field that is not here the registry or the server knows the values, or it
// takes any text.
var words = map[string][]any{

	"realm.sslRequired":      {"none", "external", "all"},
	"realm.smtpServer":       {map[string]any{"host": "smtp.example", "from": "a@smtp.example"}, map[string]any{"host": "smtp.example", "from": "b@smtp.example", "port": 25, "fromDisplayName": "Ä \"quoted\""}},
	"realm.supportedLocales": {"de", "en", "nl"}, "realm.defaultLocale": {"de", "en"},
	"realm.browserSecurityHeaders":                 {"contentSecurityPolicy", "xFrameOptions", "referrerPolicy"},
	"realm.browserSecurityHeaders.xFrameOptions":   {"DENY", "SAMEORIGIN"},
	"realm.browserSecurityHeaders.referrerPolicy":  {"no-referrer", "origin"},
	"realm.passwordPolicy":                         {"length(8)", "length(9) and notUsername(undefined)", "digits(1)"},
	"realm.otpPolicyDigits":                        {6, 8},
	"realm.ssoSessionIdleTimeout":                  {600, 36000},
	"realm.ssoSessionMaxLifespan":                  {600, 36000},
	"realm.ssoSessionIdleTimeoutRememberMe":        {600, 36000},
	"realm.ssoSessionMaxLifespanRememberMe":        {600, 36000},
	"realm.offlineSessionIdleTimeout":              {600, 36000},
	"realm.offlineSessionMaxLifespan":              {600, 36000},
	"realm.clientSessionIdleTimeout":               {0, 60},
	"realm.clientSessionMaxLifespan":               {0, 60},
	"realm.clientOfflineSessionIdleTimeout":        {0, 60},
	"realm.clientOfflineSessionMaxLifespan":        {0, 60},
	"realm.defaultSignatureAlgorithm":              {"RS256", "ES256", "PS512"},
	"realm.webAuthnPolicyRpEntityName":             {"Acme", "keycloak"},
	"realm.webAuthnPolicyPasswordlessRpEntityName": {"Acme", "keycloak"},
	"realm.webAuthnPolicySignatureAlgorithms":      {"ES256", "RS256", "EdDSA"}, "realm.webAuthnPolicyPasswordlessSignatureAlgorithms": {"ES256", "RS256", "EdDSA"},
	"realm.webAuthnPolicyRpId": {"acme.example"}, "realm.webAuthnPolicyPasswordlessRpId": {"acme.example"},
	"realm.webAuthnPolicyAttestationConveyancePreference": {"not specified", "none", "direct"}, "realm.webAuthnPolicyPasswordlessAttestationConveyancePreference": {"none", "direct"},
	"realm.webAuthnPolicyAuthenticatorAttachment": {"not specified", "platform"}, "realm.webAuthnPolicyPasswordlessAuthenticatorAttachment": {"platform", "cross-platform"},
	"realm.webAuthnPolicyRequireResidentKey": {"not specified", "Yes", "No"}, "realm.webAuthnPolicyPasswordlessRequireResidentKey": {"Yes", "No"},
	"realm.webAuthnPolicyResidentKey": {"required", "preferred"}, "realm.webAuthnPolicyPasswordlessResidentKey": {"required", "preferred"},
	"realm.webAuthnPolicyUserVerificationRequirement": {"required", "preferred"}, "realm.webAuthnPolicyPasswordlessUserVerificationRequirement": {"required", "preferred"},
	"realm.webAuthnPolicyAcceptableAaguids":             {"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"},
	"realm.webAuthnPolicyPasswordlessAcceptableAaguids": {"00000000-0000-0000-0000-000000000001"},
	"realm.webAuthnPolicyExtraOrigins":                  {"https://a.example", "https://b.example"}, "realm.webAuthnPolicyPasswordlessExtraOrigins": {"https://a.example"},
	"realm.webAuthnPolicyPasswordlessMediation": {"optional", "conditional"},
	"realm.enabledEventTypes":                   {"LOGIN", "LOGOUT", "REGISTER"},
	"realm.eventsListeners":                     {"email", "jboss-logging"},

	"client.clientAuthenticatorType":                    {"client-secret", "client-jwt", "client-secret-jwt"},
	"client.redirectUris":                               {"https://a.example/*", "https://b.example/in", "http://localhost:3000/*"},
	"client.webOrigins":                                 {"+", "https://a.example", "https://c.example"},
	"client.rootUrl":                                    {"https://a.example"},
	"client.baseUrl":                                    {"https://a.example/home"},
	"client.adminUrl":                                   {"https://a.example/admin"},
	"client.nodeReRegistrationTimeout":                  {-1, 0, 60},
	"client.attributes":                                 {"pkce.code.challenge.method", "access.token.lifespan", "login_theme", "free text"},
	"client.attributes.pkce.code.challenge.method":      {"S256", "plain"},
	"client.attributes.access.token.lifespan":           {"60", "300"},
	"client.attributes.login_theme":                     {"keycloak", "keycloak.v2"},
	"protocol-mapper.config.included.client.audience":   {"account", "broker"},
	"client-scope.attributes":                           {"include.in.token.scope", "display.on.consent.screen", "consent.screen.text", "gui.order"},
	"client-scope.attributes.include.in.token.scope":    {"true", "false"},
	"client-scope.attributes.display.on.consent.screen": {"true", "false"},
	"client-scope.attributes.gui.order":                 {"1", "2"},
	"protocol-mapper.config.claim.name":                 {"a", "b.c", "d"},
	"protocol-mapper.config.claim.value":                {"x", "ü"},
	"protocol-mapper.config.user.attribute":             {"email", "nick"},
	"protocol-mapper.config.attribute.name":             {"urn:a", "urn:b"},
	"protocol-mapper.config.friendly.name":              {"A"},

	"authorization.allowRemoteResourceManagement": {true, false},
	"authorization-scope.iconUri":                 {"https://a.example/i.png"}, "authorization-resource.icon_uri": {"https://a.example/i.png"},
	"authorization-resource.type": {"urn:a", "urn:b"},
	"authorization-resource.uris": {"/a", "/b/*", "/c"},

	"authorization-policy.resourceType": {"urn:a", "urn:c"},
	"authorization-policy.groupsClaim":  {"groups"}, "admin-policy.groupsClaim": {"groups"},
	"authorization-policy.targetClaim": {"email"}, "admin-policy.targetClaim": {"email"},
	"authorization-policy.pattern": {".*@a", ".*@b"}, "admin-policy.pattern": {".*@a", ".*@b"},
	"authorization-policy.notBefore": {"2026-01-01 00:00:00"}, "admin-policy.notBefore": {"2026-01-01 00:00:00"},
	"authorization-policy.notOnOrAfter": {"2030-01-01 00:00:00"}, "admin-policy.notOnOrAfter": {"2030-01-01 00:00:00"},

	"identity-provider-mapper.config.syncMode":        {"INHERIT", "FORCE", "IMPORT"},
	"identity-provider-mapper.config.claim":           {"a", "b"},
	"identity-provider-mapper.config.user.attribute":  {"email", "firstName"},
	"identity-provider-mapper.config.attribute.value": {"x", "y"},
	"required-action.alias":                           {"TERMS_AND_CONDITIONS", "VERIFY_EMAIL", "CONFIGURE_TOTP", "UPDATE_EMAIL", "delete_account"},

	"required-action.name":                   {"One", "Two"},
	"required-action.config":                 {"max_auth_age"},
	"required-action.config.max_auth_age":    {"60", "120"},
	"user-profile.attributes.validations":    {map[string]any{"length": map[string]any{"max": 5}}, map[string]any{"options": map[string]any{"options": []any{"b", "a"}}}, map[string]any{}},
	"user-profile.attributes.required.roles": {"user"}, "user-profile.attributes.selector.roles": {"user"},
	"user-profile.attributes.permissions.view": {"admin", "user"}, "user-profile.attributes.permissions.edit": {"admin"},
	"user-profile.attributes.defaultValue":                      {"a", "b"}, // which all of the validations take
	"user-profile.unmanagedAttributePolicy":                     {"ENABLED", "ADMIN_EDIT"},
	"localization.locale":                                       {"de", "en", "nl"},
	"localization.texts":                                        {"a", "b.c", "doLogIn"},
	"client-profile.executors.configuration.available-period":   {"60", "3600"},
	"client-profile.executors.configuration.allowed-clock-skew": {"15", "60"},
	"client-policy.conditions.configuration.roles":              {"a", "b"},
	"client-policy.conditions.configuration.scopes":             {"email", "profile"},

	"user-federation.config.priority": {"0", "5"}, "user-federation.config.batchSizeForSync": {"100", "200"},

	"user-federation-mapper.config.is.binary.attribute":        {"false"},
	"user-federation-mapper.config.ldap.attribute":             {"mail", "sn"},
	"user-federation-mapper.config.user.model.attribute":       {"nick", "lastName"},
	"key-provider.config.priority":                             {"10", "200"},
	"key-provider.config.active":                               {"true", "false"},
	"key-provider.config.keySize":                              {"2048", "3072"},
	"client-registration-policy.config.trusted-hosts":          {"a.example", "b.example"},
	"client-registration-policy.config.max-clients":            {"5", "20"},
	"client-registration-policy.config.web-origins":            {"https://a.example", "https://b.example"},
	"client-registration-policy.config.allowed-client-scopes":  {"email", "profile"},
	"client-registration-policy.config.client-uris-must-match": {"true"}, // one of the two has to be

	"organization.redirectUrl":        {"https://a.example/"},
	"user.federatedIdentities.userId": {"1", "2"}, "user.federatedIdentities.userName": {"x"},
	"user.requiredActions":                             {"UPDATE_PASSWORD", "VERIFY_EMAIL"},
	"workflow.steps.uses":                              {"notify-user", "unlink-user"},
	"user-federation-mapper.config.groups.ldap.filter": {"(a=b)"}, "user-federation-mapper.config.roles.ldap.filter": {"(a=b)"}, "user-federation.config.customUserSearchFilter": {"(a=b)", "(|(a=b)(c=d))"}, "user-federation.config.connectionTimeout": {"100"}, "user-federation.config.searchScope": {"1", "2"}, "user-federation.config.readTimeout": {"100"},
	"workflow.on": {"user-authenticated"}, // nobody signs in: steps cannot change while somebody is on their way, script workflow-scheduled
	"workflow.concurrency.cancel-in-progress": {"true"},
	"workflow.steps.after":                    {"10d", "30d"}, "workflow.steps.with": {"message", "subject"},

	"realm.attributes": {"a", "b.c", "frontendUrl"}, "realm.attributes.frontendUrl": {"https://a.example"},
	"identity-provider.config":              {"syncMode", "clientSecret", "guiOrder", "defaultScope"},
	"identity-provider.config.syncMode":     {"IMPORT", "FORCE", "LEGACY"},
	"identity-provider.config.guiOrder":     {"1", "2"},
	"identity-provider.config.defaultScope": {"openid", "openid email"},
	"service-account.attributes":            {"nick"}, "service-account.attributes.nick": {"a", "b"},
	"user.attributes": {"nick", "locale"}, "user.attributes.nick": {"a"}, "user.attributes.locale": {"en"},
	"user.credentials": {
		map[string]any{"type": "password", "value": "${env:KCSYNC_RANDOM_A}"},
		map[string]any{"type": "password", "value": "${env:KCSYNC_RANDOM_B}", "temporary": true},
	},
	"workflow.if":                              {`has-role("offline_access")`, `has-user-attribute("nick", "a")`},
	"workflow.schedule.after":                  {"1d", "10d"},
	"workflow.concurrency.restart-in-progress": {"true"},
}

// byType are values of properties of a provider's configuration.
var byType = map[string][]any{
	"Role": {"offline_access", "account.view-profile"}, "ClientList": {"account", "broker"}, "Group": {"/a"},
	"UserProfileAttributeList": {"lastName", "nick"}, "Integer": {"1", "2"}, "int": {"1", "2"}, "Number": {"1", "2"},
}

const together = "goes with others only"

// undrawn are the fields, and properties of configurations, that are in no
// random realm, with the reason.
var undrawn = map[string]string{
	"realm.realm":       "the test's own",
	"realm.defaultRole": "a name that a file has for what every realm has",
	"user-federation.config.usernameLDAPAttribute":   "changes a mapper, too, as the plan says",
	"user-federation-mapper.config.write.only":       together,
	"realm.requiredCredentials":                      "of servers long gone",
	"realm.registrationEmailAsUsername":              "names would be addresses",
	"realm.duplicateEmailsAllowed":                   "excludes others; script realm-refused",
	"client.type":                                    "needs a feature; script feature-client-type",
	"authorization-policy.config":                    "another spelling of the other fields",
	"organization.enabled":                           "the server shows the identity providers of one that is not as disabled",
	"user-federation-mapper.config.is.der.formatted": together,
	"admin-policy.resourceType":                      "of permissions", "admin-permission.logic": "POSITIVE only", "admin-permission.decisionStrategy": "UNANIMOUS only",
	"admin-policy.config":                "another spelling of the other fields",
	"required-action.providerId":         "every server has all of its own",
	"user.credentials.hashedSaltedValue": "how Keycloak 7 and before wrote them", "user.credentials.salt": "how Keycloak 7 and before wrote them",
	"user.credentials.hashIterations": "how Keycloak 7 and before wrote them", "user.credentials.algorithm": "how Keycloak 7 and before wrote them",
	"user.credentials.counter": "how Keycloak 7 and before wrote them", "user.credentials.digits": "how Keycloak 7 and before wrote them",
	"user.credentials.period": "how Keycloak 7 and before wrote them", "user.credentials.device": "how Keycloak 7 and before wrote them",
	"user.credentials.config":                       "how Keycloak 7 and before wrote them",
	"user-federation.config.validatePasswordPolicy": together, "user-federation.config.syncRegistrations": together, "user-federation.config.startTls": together,
	"user-federation.config.allowKerberosAuthentication": together, "user-federation.config.useKerberosForPasswordAuthentication": together,
	"user-federation.config.vendor": "makes what it is", "user-federation.config.editMode": "makes what it is", "user-federation.config.authType": "makes what it is",
	"user.credentials.federationLink": "of directories that are not there",
}

// unfit are what a server offers, or makes by itself, and what is not in random
// realms, with the reason.
var unfit = map[string]string{
	"kerberos":                        "the server switches a step of its browser flow with it",
	"hardcoded-ldap-group-mapper":     "names a group, which nothing follows",
	"js":                              "comes as a file of an extension",
	"uma":                             "of users",
	"java-keystore":                   "needs a file on the server",
	"kubernetes":                      "script feature-kubernetes",
	"spiffe":                          "script feature-spiffe",
	"oidc-sha256-pairwise-sub-mapper": "needs redirect URIs of one host, or of one that tells them all",
}

// asks are the settings that the server asks for of a provider.
var asks = map[string]map[string]any{
	"full-name-ldap-mapper": {"ldap.full.name.attribute": "cn"},
	"group-ldap-mapper": {"groups.dn": "o=g", "group.name.ldap.attribute": "cn", "group.object.classes": "group", "membership.ldap.attribute": "member",
		"membership.attribute.type": "DN", "membership.user.ldap.attribute": "uid", "mode": "READ_ONLY", "user.roles.retrieve.strategy": "LOAD_GROUPS_BY_MEMBER_ATTRIBUTE",
		"preserve.group.inheritance": "false", "groups.path": "/"},
	"role-ldap-mapper": {"roles.dn": "o=r", "role.name.ldap.attribute": "cn", "role.object.classes": "group", "membership.ldap.attribute": "member",
		"membership.attribute.type": "DN", "membership.user.ldap.attribute": "uid", "mode": "READ_ONLY", "user.roles.retrieve.strategy": "LOAD_ROLES_BY_MEMBER_ATTRIBUTE",
		"use.realm.roles.mapping": "true"},
	"max-clients":   {"max-clients": "3"},
	"trusted-hosts": {"host-sending-registration-request-must-match": "true", "client-uris-must-match": "true"},
	"rsa":           {"privateKey": "${env:KCSYNC_RANDOM_KEY}"}, "rsa-enc": {"privateKey": "${env:KCSYNC_RANDOM_KEY}"},
}

// excludes are lists, of one object, that must not hold the same.
var excludes = map[string]string{
	"requiredRoles": "roles", "roles": "requiredRoles", "requiredClientScopes": "clientScopes", "clientScopes": "requiredClientScopes",
	"groups": "groupsWithChildren", "groupsWithChildren": "groups",
}

// shape is what makes an object of a kind: fields that have to be as they are
// from the beginning, and, of the others, those that may be there.
type shape struct {
	fixed         model.Object
	only, without []string
}

var shapes = map[string][]shape{
	"client-scope": {{fixed: model.Object{"protocol": "openid-connect"}}, {fixed: model.Object{"protocol": "saml"}}},
	"client": {
		{fixed: model.Object{"publicClient": true}, without: []string{"secret"}},
		{fixed: model.Object{"publicClient": false}},
		{fixed: model.Object{"serviceAccountsEnabled": true}},
		{fixed: model.Object{"serviceAccountsEnabled": true, "authorizationServicesEnabled": true}},
		{fixed: model.Object{"bearerOnly": true}, without: []string{"clientAuthenticatorType"}},
		{fixed: model.Object{"protocol": "saml"}, without: []string{"secret", "clientAuthenticatorType", "attributes"}},
	},
	"authorization-policy": append(policyShapes,
		shape{fixed: model.Object{"type": "scope"}, only: []string{"description", "logic", "decisionStrategy", "resources", "scopes", "policies"}},
		shape{fixed: model.Object{"type": "resource"}, only: []string{"description", "logic", "decisionStrategy", "resourceType", "policies"}},
		shape{fixed: model.Object{"type": "resource"}, only: []string{"description", "logic", "decisionStrategy", "resources", "policies"}}),
	"admin-policy": policyShapes,
	"admin-permission": {
		{fixed: model.Object{"resourceType": "Groups", "scopes": []any{"view"}}, only: []string{"description", "groups", "policies", "scopes"}},
		{fixed: model.Object{"resourceType": "Clients", "scopes": []any{"view"}}, only: []string{"description", "clients", "policies", "scopes"}},
		{fixed: model.Object{"resourceType": "Roles", "scopes": []any{"map-role"}}, only: []string{"description", "roles", "policies"}},
		{fixed: model.Object{"resourceType": "Users", "scopes": []any{"view"}}, only: []string{"description", "policies", "users"}},
		{fixed: model.Object{"resourceType": "Organizations", "scopes": []any{"view"}}, only: []string{"description", "policies", "organizations"}},
	},
	"identity-provider": {
		{fixed: model.Object{"providerId": "oidc", "config": map[string]any{
			"clientId": "x", "authorizationUrl": "https://a.example/auth", "tokenUrl": "https://a.example/token"}}},
		{fixed: model.Object{"providerId": "saml", "config": map[string]any{"singleSignOnServiceUrl": "https://a.example/sso", "idpEntityId": "a"}}},
		{fixed: model.Object{"providerId": "oauth2", "config": map[string]any{
			"clientId": "x", "authorizationUrl": "https://a.example/auth", "tokenUrl": "https://a.example/token", "userInfoUrl": "https://a.example/me"}}},
		{fixed: model.Object{"providerId": "keycloak-oidc", "config": map[string]any{
			"clientId": "x", "authorizationUrl": "https://a.example/auth", "tokenUrl": "https://a.example/token"}}},
		{fixed: model.Object{"providerId": "jwt-authorization-grant", "config": map[string]any{"issuer": "https://b.example", "useJwksUrl": "true", "jwksUrl": "https://a.example/jwks"}}},
		social("github"), social("google"), social("facebook"), social("microsoft"), social("gitlab"), social("bitbucket"), social("twitter"),
		social("paypal"), social("linkedin-openid-connect"), social("stackoverflow"),
		{fixed: model.Object{"providerId": "openshift-v4", "config": map[string]any{"clientId": "x", "baseUrl": "https://a.example"}}},
	},
	"authentication-flow": {{fixed: model.Object{"providerId": "basic-flow"}}, {fixed: model.Object{"providerId": "client-flow"}}},
	"realm": {
		{fixed: model.Object{"enabled": true, "organizationsEnabled": true, "adminPermissionsEnabled": true, "editUsernameAllowed": true}},
		{fixed: model.Object{"enabled": true, "organizationsEnabled": true, "adminPermissionsEnabled": true, "editUsernameAllowed": false}},
	},
	"user": {{fixed: model.Object{"firstName": "Ann", "lastName": "Lee"}}},
	// Switched off: there is no directory to ask for users. With Kerberos, which
	// is not here, the server also switches auth-spnego in its browser flow.
	"user-federation": {
		{fixed: model.Object{"providerId": "ldap", "config": map[string]any{
			"enabled": "false", "vendor": "other", "editMode": "READ_ONLY", "connectionUrl": "ldap://ldap.example", "usersDn": "o=x", "authType": "none", "userObjectClasses": "person"}}},
		{fixed: model.Object{"providerId": "ldap", "config": map[string]any{
			"enabled": "false", "vendor": "ad", "editMode": "WRITABLE", "connectionUrl": "ldap://ldap.example", "usersDn": "o=x", "authType": "none", "userObjectClasses": "person"}}},
	},
}

// reformed are the kinds whose objects can come to be of another shape.
var reformed = []string{"client", "protocol-mapper", "identity-provider", "key-provider", "client-registration-policy"}

// scopesByName are client scopes that other settings, or the server, know by name.
var scopesByName = []string{"email", "profile", "service_account", "offline_access"}

// least is how many members a list has to have.
var least = map[string]int{"user-profile.attributes.permissions.edit": 1, "user-profile.attributes.required.roles": 1, "authorization-policy.clientScopes": 1, "admin-policy.clientScopes": 1,
	"workflow.steps": 1, "realm.webAuthnPolicySignatureAlgorithms": 1, "realm.webAuthnPolicyPasswordlessSignatureAlgorithms": 1}

// policyShapes are those of policies; each has fields of its own.
var policyShapes = []shape{
	{fixed: model.Object{"type": "role"}, only: []string{"description", "logic", "roles", "requiredRoles", "fetchRoles"}},
	{fixed: model.Object{"type": "client"}, only: []string{"description", "logic", "clients"}},
	{fixed: model.Object{"type": "client-scope"}, only: []string{"description", "logic", "clientScopes", "requiredClientScopes"}},
	{fixed: model.Object{"type": "user"}, only: []string{"description", "logic", "users"}},
	{fixed: model.Object{"type": "group", "groupsClaim": "groups"}, only: []string{"description", "logic", "groups", "groupsWithChildren"}},
	{fixed: model.Object{"type": "regex", "targetClaim": "email", "pattern": "x.*"}, only: []string{"description", "logic", "pattern", "targetContextAttributes"}},
	{fixed: model.Object{"type": "time"}, only: []string{"description", "notBefore", "notOnOrAfter"}},
	{fixed: model.Object{"type": "time", "dayMonth": "1", "dayMonthEnd": "5", "month": "2", "monthEnd": "3"}, only: []string{"description", "logic"}},
	{fixed: model.Object{"type": "time", "year": "2026", "yearEnd": "2030", "hour": "8", "hourEnd": "17", "minute": "0", "minuteEnd": "30"}, only: []string{"description"}},
	{fixed: model.Object{"type": "aggregate"}, only: []string{"description", "logic", "decisionStrategy", "policies"}},
}

var forAll = map[string]any{"view": []any{"admin", "user"}, "edit": []any{"admin", "user"}}

// standardAttributes are those of a user profile that every one of them has.
var standardAttributes = []any{
	map[string]any{"name": "username", "permissions": forAll},
	map[string]any{"name": "email", "permissions": forAll},
	map[string]any{"name": "firstName", "permissions": forAll},
	map[string]any{"name": "lastName", "permissions": forAll},
}

// social makes the shape of an identity provider that knows its addresses.
func social(provider string) shape {
	return shape{fixed: model.Object{"providerId": provider, "config": map[string]any{"clientId": "x"}}}
}
