package main

import (
	"context"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// The realm in which people log in, its flows, and how they change.

// boundFlow is a flow that the realm uses; what is empty stays what it is.
type boundFlow struct{ alias, executions string }

// flowBindings are the fields of a realm that name its flows.
var flowBindings = []string{"browserFlow", "directGrantFlow", "registrationFlow", "firstBrokerLoginFlow", "resetCredentialsFlow"}

const (
	anew    = iota // what has another alias is another flow, and the old one goes
	renamed        // it is the flow that was there
	kept           // it is another flow, and the old one stays
)

type flowChange struct {
	why string
	to  map[string]boundFlow
	how int // of what has another alias
	// tells is what the plan says of people who may meet an error, by the field
	// that names their flow.
	tells map[string][]string
}

// quickPasswords keeps the server from spending its time on hashes.
const quickPasswords = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"

func realmOfLogins(flows map[string]boundFlow) string {
	out := `
realm: REALM
enabled: true
sslRequired: none
passwordPolicy: ` + quickPasswords + `
registrationAllowed: true
resetPasswordAllowed: true
smtpServer: {host: 127.0.0.1, port: MAILS, from: sso@shop.example}
`
	for _, field := range flowBindings {
		out += field + ": " + flows[field].alias + "\n"
	}
	return out
}

var webOfLogins = map[string]string{
	"clients/web.yaml": `
clientId: web
publicClient: true
directAccessGrantsEnabled: true
redirectUris: [http://localhost:1/*]
`,
	"identity-providers/upstream.yaml": `
alias: upstream
providerId: oidc
config:
  clientId: broker
  clientSecret: ${env:KCSYNC_TEST_BROKER}
  clientAuthMethod: client_secret_post
  authorizationUrl: SERVER/realms/REALM-one/protocol/openid-connect/auth
  tokenUrl: SERVER/realms/REALM-one/protocol/openid-connect/token
  userInfoUrl: SERVER/realms/REALM-one/protocol/openid-connect/userinfo
`,
}

var flowsBefore = map[string]boundFlow{
	"browserFlow":          {"sign-in", browserBefore},
	"directGrantFlow":      {"grant", grantBefore},
	"registrationFlow":     {"join", registrationBefore},
	"firstBrokerLoginFlow": {"link", brokerBefore},
	"resetCredentialsFlow": {"forget", resetBefore},
}

const refusedBetween = "who comes by between two of them may be refused"

// tellsCodes reports whether the server tells who has given a one-time code by a
// direct grant, so that nobody is refused while it moves.
func tellsCodes(c *keycloak.Client) bool {
	info, err := c.ServerInfo(context.Background())
	return err == nil && model.HasVersion(info.Version, "26.7")
}

// boundElsewhere is what the plan says when the realm uses other flows.
var boundElsewhere = map[string][]string{
	"registrationFlow":     {"who is registering meanwhile may meet an error"},
	"firstBrokerLoginFlow": {"whom an identity provider sent for the first time meanwhile may meet an error"},
}

// flowChanges are made one after the other.
var flowChanges = []flowChange{
	{why: "requirements, order and configuration", to: map[string]boundFlow{
		"browserFlow":          {executions: browserEdited},
		"directGrantFlow":      {executions: grantEdited},
		"registrationFlow":     {executions: registrationEdited},
		"firstBrokerLoginFlow": {executions: brokerEdited},
		"resetCredentialsFlow": {executions: resetEdited},
	}, tells: map[string][]string{
		"firstBrokerLoginFlow": {"who stands at idp-username-password-form meanwhile meets an error"},
	}},
	{why: "other names", how: renamed, to: map[string]boundFlow{
		"browserFlow":          {alias: "sign-in now"},
		"directGrantFlow":      {alias: "grant now"},
		"registrationFlow":     {alias: "join now"},
		"firstBrokerLoginFlow": {alias: "link now"},
		"resetCredentialsFlow": {alias: "forget now"},
	}},
	{why: "other steps", to: map[string]boundFlow{
		"browserFlow":          {executions: browserRebuilt},
		"directGrantFlow":      {executions: grantRebuilt},
		"registrationFlow":     {executions: registrationRebuilt},
		"firstBrokerLoginFlow": {executions: brokerRebuilt},
		"resetCredentialsFlow": {executions: resetRebuilt},
	}, tells: map[string][]string{
		"firstBrokerLoginFlow": {"who stands at idp-review-profile, link account meanwhile meets an error", refusedBetween},
	}},
	{why: "a sub-flow disabled, all else required", to: map[string]boundFlow{
		"browserFlow": {executions: browserRequired},
	}},
	// The plan says who would meet an error: who registers, when another flow
	// is bound; whom an identity provider sent, when that step of the flow
	// goes, or when another flow is bound and it is part of a sub-flow.
	{why: "other flows", how: kept, to: map[string]boundFlow{
		"browserFlow":          {"sign-in new", apart("new", browserBefore)},
		"directGrantFlow":      {"grant new", apart("new", grantRebuilt)},
		"registrationFlow":     {"join new", apart("new", registrationBefore)},
		"firstBrokerLoginFlow": {"link new", apart("new", brokerBefore)},
		"resetCredentialsFlow": {"forget new", apart("new", resetBefore)},
	}, tells: boundElsewhere},
	{why: "others in their place, which go", to: map[string]boundFlow{
		"browserFlow":          {"sign-in last", apart("last", browserEdited)},
		"directGrantFlow":      {"grant last", apart("last", grantBefore)},
		"registrationFlow":     {"join last", apart("last", registrationBefore)},
		"firstBrokerLoginFlow": {"link last", apart("last", brokerBefore)},
		"resetCredentialsFlow": {"forget last", apart("last", resetBefore)},
	}, tells: boundElsewhere},
	{why: "Keycloak's own flows", how: kept, to: map[string]boundFlow{
		"browserFlow":          {"browser", unchanged},
		"directGrantFlow":      {"direct grant", unchanged},
		"resetCredentialsFlow": {"reset credentials", unchanged},
	}},
	{why: "a sub-flow of one of these disabled", to: map[string]boundFlow{"browserFlow": {executions: ownDisabled}}},
}

// unchanged are the executions of a flow of the server's own.
const unchanged = "executions: null\n"

// edited replaces, in a flow, texts that stand there once.
func edited(flow string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(flow, pairs[i]) != 1 {
			panic("not once in the flow: " + pairs[i])
		}
		flow = strings.Replace(flow, pairs[i], pairs[i+1], 1)
	}
	return flow
}

// apart gives the parts of a flow names that no other flow's have.
func apart(now, executions string) string {
	return strings.NewReplacer("flow: ", "flow: "+now+" ", "alias: ", "alias: "+now+" ").Replace(executions)
}

const browserBefore = `
executions:
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - flow: sign-in forms
    requirement: ALTERNATIVE
    executions:
      - {authenticator: auth-username-password-form, requirement: REQUIRED}
      - flow: sign-in second factor
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: auth-otp-form, requirement: REQUIRED}
`

var (
	browserEdited = edited(browserBefore,
		"executions:\n  - {authenticator: auth-cookie", `executions:
  - authenticator: identity-provider-redirector
    requirement: ALTERNATIVE
    authenticatorConfig: {alias: redirect, config: {defaultProvider: ""}}
  - {authenticator: auth-cookie`,
		"forms\n    requirement: ALTERNATIVE", "forms\n    requirement: REQUIRED",
		"auth-otp-form, requirement: REQUIRED}", "auth-otp-form, requirement: ALTERNATIVE}\n          - {authenticator: auth-recovery-authn-code-form, requirement: ALTERNATIVE}")
	browserRebuilt = edited(browserBefore, "      - {authenticator: auth-username-password-form, requirement: REQUIRED}\n", `      - {authenticator: auth-username-form, requirement: REQUIRED}
      - flow: sign-in factors
        requirement: REQUIRED
        executions:
          - {authenticator: auth-password-form, requirement: ALTERNATIVE}
          - {authenticator: webauthn-authenticator, requirement: ALTERNATIVE}
`)
)

const browserRequired = `
executions:
  - {authenticator: auth-username-form, requirement: REQUIRED}
  - {authenticator: auth-password-form, requirement: REQUIRED}
  - flow: sign-in second factor
    requirement: DISABLED
    executions:
      - {authenticator: conditional-user-configured, requirement: REQUIRED}
      - {authenticator: auth-otp-form, requirement: REQUIRED}
`

const (
	grantPassword = `  - {authenticator: direct-grant-validate-password, requirement: REQUIRED}
`
	grantFactor = `  - flow: grant second factor
    requirement: CONDITIONAL
    executions:
      - {authenticator: conditional-user-configured, requirement: REQUIRED}
      - {authenticator: direct-grant-validate-otp, requirement: REQUIRED}
`
	grantBefore = `
executions:
  - {authenticator: direct-grant-validate-username, requirement: REQUIRED}
` + grantPassword + grantFactor
)

var (
	grantEdited  = edited(grantBefore, grantPassword+grantFactor, grantFactor+grantPassword)
	grantRebuilt = edited(grantBefore, grantPassword+grantFactor, "  - flow: grant secrets\n    requirement: REQUIRED\n    executions:\n"+
		deeper(grantPassword+strings.Replace(grantFactor, "second factor", "one-time code", 1)))
)

const registrationBefore = `
executions:
  - flow: join form
    providerId: form-flow
    authenticator: registration-page-form
    requirement: REQUIRED
    executions:
      - {authenticator: registration-user-creation, requirement: REQUIRED}
      - {authenticator: registration-password-action, requirement: REQUIRED}
`

var (
	registrationEdited = edited(registrationBefore,
		"    executions:\n", "    description: The page\n    executions:\n      - {authenticator: registration-recaptcha-action, requirement: DISABLED}\n",
		"      - {authenticator: registration-password", "      - {authenticator: registration-terms-and-conditions, requirement: REQUIRED}\n      - {authenticator: registration-password")
	registrationRebuilt = edited(registrationBefore, "join form", "join page",
		"    executions:\n", "    executions:\n      - {authenticator: registration-terms-and-conditions, requirement: DISABLED}\n")
)

const brokerBefore = `
executions:
  - authenticator: idp-review-profile
    requirement: REQUIRED
    authenticatorConfig: {alias: link profile, config: {update.profile.on.first.login: "on"}}
  - flow: link account
    requirement: REQUIRED
    executions:
      - {authenticator: idp-create-user-if-unique, requirement: ALTERNATIVE}
      - flow: link existing
        requirement: ALTERNATIVE
        executions:
          - {authenticator: idp-confirm-link, requirement: REQUIRED}
          - {authenticator: idp-username-password-form, requirement: REQUIRED}
`

var brokerEdited = edited(brokerBefore,
	"link profile", "link review", `"on"}`, `"on", note: edited}`,
	"account\n    requirement: REQUIRED", "account\n    requirement: REQUIRED\n    description: The account",
	"      - {authenticator: idp-create-user-if-unique, requirement: ALTERNATIVE}", `      - authenticator: idp-create-user-if-unique
        requirement: ALTERNATIVE
        authenticatorConfig: {alias: link create, config: {require.password.update.after.registration: "false"}}`,
	"          - {authenticator: idp-username-password-form, requirement: REQUIRED}\n", "")

const brokerRebuilt = `
executions:
  - flow: link steps
    requirement: REQUIRED
    executions:
      - authenticator: idp-review-profile
        requirement: REQUIRED
        authenticatorConfig: {alias: link review, config: {update.profile.on.first.login: "on"}}
      - {authenticator: idp-create-user-if-unique, requirement: REQUIRED}
`

const resetBefore = `
executions:
  - {authenticator: reset-credentials-choose-user, requirement: REQUIRED}
  - {authenticator: reset-credential-email, requirement: REQUIRED}
  - {authenticator: reset-password, requirement: REQUIRED}
  - flow: forget one-time code
    requirement: CONDITIONAL
    executions:
      - {authenticator: conditional-user-configured, requirement: REQUIRED}
      - {authenticator: reset-otp, requirement: REQUIRED}
`

var (
	resetEdited  = edited(resetBefore, "code\n    requirement: CONDITIONAL", "code\n    description: If there is one\n    requirement: DISABLED")
	resetRebuilt = edited(resetBefore, "  - {authenticator: reset-password, requirement: REQUIRED}\n  - flow: forget one-time code", `  - flow: forget secrets
    requirement: REQUIRED
    executions:
      - {authenticator: reset-password, requirement: REQUIRED}
  - flow: forget one-time code`)
)

// deeper moves lines to the right, as if they stood within a sub-flow.
func deeper(lines string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(lines, "\n"), "\n", "\n    ") + "\n"
}

const ownDisabled = `
executions:
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - {authenticator: auth-spnego, requirement: DISABLED}
  - {authenticator: identity-provider-redirector, requirement: ALTERNATIVE}
  - flow: Organization
    requirement: ALTERNATIVE
    executions:
      - flow: Browser - Conditional Organization
        description: Flow to determine if the organization identity-first login is to be used
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: organization, requirement: ALTERNATIVE}
  - flow: forms
    description: Username, password, otp and other auth forms.
    requirement: ALTERNATIVE
    executions:
      - {authenticator: auth-username-password-form, requirement: REQUIRED}
      - flow: Browser - Conditional 2FA
        description: Flow to determine if any 2FA is required for the authentication
        requirement: DISABLED
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - authenticator: conditional-credential
            requirement: REQUIRED
            authenticatorConfig: {alias: browser-conditional-credential, config: {credentials: webauthn-passwordless}}
          - {authenticator: auth-otp-form, requirement: ALTERNATIVE}
          - {authenticator: webauthn-authenticator, requirement: DISABLED}
          - {authenticator: auth-recovery-authn-code-form, requirement: DISABLED}
`
