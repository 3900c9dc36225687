package main

import "github.com/kcsync/kcsync/model"

// What the registry cannot tell a generator of realms: values that the server
// asks for, and what goes together. All else is made from the registry's words
// and from what the server says that it offers.

// words are the values of a field, or of a key of a map, by kind and path; an
// empty list is never written. Of a field that is not here the registry or the
// server knows the values, or it takes any text.
var words = map[string][]any{
	// Set for good, so that there is room for what depends on them.
	"realm.realm": {}, "realm.enabled": {}, "realm.organizationsEnabled": {}, "realm.adminPermissionsEnabled": {}, "realm.requiredCredentials": {},
	// Bindings of flows of the right sort, which nobody can tell by looking.
	"realm.clientAuthenticationFlow": {},

	"realm.sslRequired":                 {"none", "external", "all"},
	"realm.smtpServer":                  {map[string]any{"host": "smtp.example", "from": "a@smtp.example"}, map[string]any{"host": "smtp.example", "from": "b@smtp.example", "port": 25, "fromDisplayName": "Ä \"quoted\""}},
	"realm.registrationEmailAsUsername": {}, // names would be addresses
	"realm.duplicateEmailsAllowed":      {}, // excludes others
	"realm.supportedLocales":            {"de", "en", "nl"}, "realm.defaultLocale": {"de", "en"},
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

	"client-scope.protocol": {}, "client.protocol": {}, "client.type": {}, "protocol-mapper.protocol": {},
	"client.bearerOnly": {}, "client.surrogateAuthRequired": {}, "client.publicClient": {}, "client.serviceAccountsEnabled": {}, "client.authorizationServicesEnabled": {},
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
	"service-account.attributes":                        {},

	"authorization.allowRemoteResourceManagement": {true, false},
	"authorization-scope.iconUri":                 {"https://a.example/i.png"}, "authorization-resource.icon_uri": {"https://a.example/i.png"},
	"authorization-resource.type": {"urn:a", "urn:b"},
	"authorization-resource.uris": {"/a", "/b/*", "/c"},
	"authorization-policy.config": {}, "admin-policy.config": {},
	"authorization-policy.users": {"ann"}, "admin-policy.users": {},
	"authorization-policy.resourceType": {"urn:a", "urn:c"},
	"authorization-policy.groupsClaim":  {"groups"}, "admin-policy.groupsClaim": {"groups"},
	"authorization-policy.targetClaim": {"email"}, "admin-policy.targetClaim": {"email"},
	"authorization-policy.pattern": {".*@a", ".*@b"}, "admin-policy.pattern": {".*@a", ".*@b"},
	"authorization-policy.notBefore": {"2026-01-01 00:00:00"}, "admin-policy.notBefore": {"2026-01-01 00:00:00"},
	"authorization-policy.notOnOrAfter": {"2030-01-01 00:00:00"}, "admin-policy.notOnOrAfter": {"2030-01-01 00:00:00"},

	"identity-provider.config":                        {},
	"identity-provider-mapper.config.role":            {},
	"identity-provider-mapper.config.syncMode":        {"INHERIT", "FORCE", "IMPORT"},
	"identity-provider-mapper.config.claim":           {"a", "b"},
	"identity-provider-mapper.config.user.attribute":  {"email", "firstName"},
	"identity-provider-mapper.config.attribute.value": {"x", "y"},
	"required-action.alias":                           {"TERMS_AND_CONDITIONS", "VERIFY_EMAIL", "CONFIGURE_TOTP", "UPDATE_EMAIL", "delete_account"},
	"required-action.providerId":                      {},
	"required-action.name":                            {"One", "Two"},
	"required-action.config":                          {"max_auth_age"},
	"required-action.config.max_auth_age":             {"60", "120"},
	"user-profile.attributes.defaultValue":            {"a"}, // which every validation takes
	"user-profile.attributes.validations":             {map[string]any{"length": map[string]any{"max": 5}}, map[string]any{"options": map[string]any{"options": []any{"b", "a"}}}, map[string]any{}},
	"user-profile.attributes.required.roles":          {"user", "admin"}, "user-profile.attributes.selector.roles": {"user"},
	"user-profile.attributes.permissions.view": {"admin", "user"}, "user-profile.attributes.permissions.edit": {"admin", "user"},
	"user-profile.unmanagedAttributePolicy":        {"ENABLED", "ADMIN_EDIT"},
	"localization.locale":                          {"de", "en", "nl"},
	"localization.texts":                           {"a", "b.c", "doLogIn"},
	"client-profile.executors.executor":            {"pkce-enforcer", "consent-required", "full-scope-disabled", "reject-implicit-grant", "secure-client-authenticator", "secure-session"},
	"client-policy.conditions.condition":           {"any-client", "client-access-type", "client-roles", "client-updater-context"},
	"client-policy.conditions.configuration.roles": {"a", "b"},

	"user-federation.config.priority": {"0", "5"}, "user-federation.config.batchSizeForSync": {"100", "200"},
	"user-federation.config.validatePasswordPolicy": {}, "user-federation.config.vendor": {}, "user-federation.config.editMode": {}, "user-federation.config.authType": {}, "user-federation.config.allowKerberosAuthentication": {},
	"user-federation.config.useKerberosForPasswordAuthentication": {}, "user-federation.config.syncRegistrations": {}, "user-federation.config.startTls": {},
	"user-federation-mapper.config.is.binary.attribute":        {"false"},
	"user-federation-mapper.config.ldap.attribute":             {"mail", "sn"},
	"user-federation-mapper.config.user.model.attribute":       {"nick", "email"},
	"key-provider.config.priority":                             {"10", "200"},
	"key-provider.config.active":                               {"true", "false"},
	"key-provider.config.keySize":                              {"2048", "3072"},
	"client-registration-policy.config.trusted-hosts":          {"a.example", "b.example"},
	"client-registration-policy.config.max-clients":            {"5", "20"},
	"client-registration-policy.config.web-origins":            {"https://a.example", "https://b.example"},
	"client-registration-policy.config.allowed-client-scopes":  {"email", "profile"},
	"client-registration-policy.config.client-uris-must-match": {"true"}, // one of the two has to be

	"organization.redirectUrl": {"https://a.example/"},
	"user.email":               {}, "user.attributes": {}, "user.credentials": {}, "user.federatedIdentities.userId": {"1", "2"}, "user.federatedIdentities.userName": {"x"},
	"user.requiredActions": {"UPDATE_PASSWORD", "VERIFY_EMAIL"}, "organization.members": {},
	"workflow.on": {"user-created", "user-authenticated"}, "workflow.if": {}, "workflow.schedule": {},
	"workflow.concurrency.cancel-in-progress": {"true"}, "workflow.concurrency.restart-in-progress": {},
	"workflow.steps.uses": {"disable-user", "notify-user"}, "workflow.steps.after": {"10d", "30d"}, "workflow.steps.with": {"message", "subject"},
}

// shape is what makes an object of a kind: fields that have to be as they are
// from the beginning, and, of the others, those that may be there.
type shape struct {
	since         string // the version from which on it is known what comes of it
	fixed         model.Object
	only, without []string
}

var shapes = map[string][]shape{
	"client-scope": {{fixed: model.Object{"protocol": "openid-connect"}}, {fixed: model.Object{"protocol": "saml"}}},
	"client": {
		{fixed: model.Object{"publicClient": true}, without: []string{"secret"}},
		{fixed: model.Object{"publicClient": false}},
		{fixed: model.Object{"serviceAccountsEnabled": true}},
		{since: "26.5", fixed: model.Object{"serviceAccountsEnabled": true, "authorizationServicesEnabled": true}},
		{fixed: model.Object{"protocol": "saml"}, without: []string{"secret", "clientAuthenticatorType", "attributes"}},
	},
	"authorization-policy": append(policyShapes,
		shape{fixed: model.Object{"type": "scope"}, only: []string{"description", "logic", "decisionStrategy", "resources", "scopes", "policies"}},
		shape{fixed: model.Object{"type": "resource"}, only: []string{"description", "logic", "decisionStrategy", "resourceType", "policies"}}),
	"admin-policy": policyShapes,
	"admin-permission": {
		{fixed: model.Object{"resourceType": "Groups", "scopes": []any{"view"}}, only: []string{"description", "groups", "policies", "scopes"}},
		{fixed: model.Object{"resourceType": "Clients", "scopes": []any{"view"}}, only: []string{"description", "clients", "policies", "scopes"}},
		{fixed: model.Object{"resourceType": "Roles", "scopes": []any{"map-role"}}, only: []string{"description", "roles", "policies"}},
		{fixed: model.Object{"resourceType": "Users", "scopes": []any{"view"}}, only: []string{"description", "policies"}},
	},
	"identity-provider": {
		{fixed: model.Object{"providerId": "oidc", "config": map[string]any{
			"clientId": "x", "authorizationUrl": "https://a.example/auth", "tokenUrl": "https://a.example/token"}}},
		{fixed: model.Object{"providerId": "saml", "config": map[string]any{"singleSignOnServiceUrl": "https://a.example/sso", "idpEntityId": "a"}}},
		{fixed: model.Object{"providerId": "github", "config": map[string]any{"clientId": "x"}}},
	},
	"identity-provider-mapper": {
		{fixed: model.Object{"identityProviderMapper": "hardcoded-attribute-idp-mapper"}},
		{fixed: model.Object{"identityProviderMapper": "oidc-user-attribute-idp-mapper"}},
		{fixed: model.Object{"identityProviderMapper": "oidc-hardcoded-role-idp-mapper", "config": map[string]any{"role": "offline_access"}}},
	},
	"protocol-mapper": {
		{fixed: model.Object{"protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper"}},
		{fixed: model.Object{"protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper"}},
		{fixed: model.Object{"protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper"}},
		{fixed: model.Object{"protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper"}},
		{fixed: model.Object{"protocol": "saml", "protocolMapper": "saml-user-property-mapper"}},
		{fixed: model.Object{"protocol": "saml", "protocolMapper": "saml-role-list-mapper"}},
	},
	"authentication-flow": {{fixed: model.Object{"providerId": "basic-flow"}}},
	"user":                {{fixed: model.Object{"firstName": "Ann", "lastName": "Lee"}}},
	// Switched off: there is no directory to ask for users. With Kerberos, which
	// is not here, the server also switches auth-spnego in its browser flow.
	"user-federation": {
		{fixed: model.Object{"providerId": "ldap", "config": map[string]any{
			"enabled": "false", "vendor": "other", "editMode": "READ_ONLY", "connectionUrl": "ldap://ldap.example", "usersDn": "o=x", "authType": "none", "userObjectClasses": "person"}}},
		{fixed: model.Object{"providerId": "ldap", "config": map[string]any{
			"enabled": "false", "vendor": "ad", "editMode": "WRITABLE", "connectionUrl": "ldap://ldap.example", "usersDn": "o=x", "authType": "none", "userObjectClasses": "person"}}},
	},
	"user-federation-mapper": {
		{fixed: model.Object{"providerId": "user-attribute-ldap-mapper", "config": map[string]any{"ldap.attribute": "cn", "user.model.attribute": "nick"}}},
		{fixed: model.Object{"providerId": "hardcoded-ldap-role-mapper", "config": map[string]any{"role": "offline_access"}}},
	},
	"key-provider": {
		{fixed: model.Object{"providerId": "rsa-generated"}},
		{fixed: model.Object{"providerId": "ecdsa-generated"}},
		{fixed: model.Object{"providerId": "hmac-generated"}},
		{fixed: model.Object{"providerId": "aes-generated"}},
	},
	"client-registration-policy": {
		{fixed: model.Object{"subType": "anonymous", "providerId": "max-clients", "config": map[string]any{"max-clients": "3"}}},
		{fixed: model.Object{"subType": "anonymous", "providerId": "trusted-hosts", "config": map[string]any{
			"host-sending-registration-request-must-match": "true", "client-uris-must-match": "true"}}},
		{fixed: model.Object{"subType": "authenticated", "providerId": "allowed-client-templates"}},
		{fixed: model.Object{"subType": "authenticated", "providerId": "registration-web-origins"}},
		{fixed: model.Object{"subType": "authenticated", "providerId": "consent-required"}},
	},
}

// least is how many members a list has to have.
var least = map[string]int{"workflow.steps": 1, "realm.webAuthnPolicySignatureAlgorithms": 1, "realm.webAuthnPolicyPasswordlessSignatureAlgorithms": 1}

// policyShapes are those of policies; each has fields of its own.
var policyShapes = []shape{
	{fixed: model.Object{"type": "role"}, only: []string{"description", "logic", "roles", "fetchRoles"}},
	{fixed: model.Object{"type": "client"}, only: []string{"description", "logic", "clients"}},
	{fixed: model.Object{"type": "group", "groupsClaim": "groups"}, only: []string{"description", "logic", "groups"}},
	{fixed: model.Object{"type": "regex", "targetClaim": "email", "pattern": "x.*"}, only: []string{"description", "logic", "pattern", "targetContextAttributes"}},
	{fixed: model.Object{"type": "time"}, only: []string{"description", "notBefore", "notOnOrAfter"}},
	{fixed: model.Object{"type": "aggregate"}, only: []string{"description", "logic", "decisionStrategy"}},
}

var forAll = map[string]any{"view": []any{"admin", "user"}, "edit": []any{"admin", "user"}}

// standardAttributes are those of a user profile that every one of them has.
var standardAttributes = []any{
	map[string]any{"name": "username", "permissions": forAll},
	map[string]any{"name": "email", "permissions": forAll},
	map[string]any{"name": "firstName", "permissions": forAll},
	map[string]any{"name": "lastName", "permissions": forAll},
}
