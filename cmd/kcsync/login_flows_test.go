package main

import "strings"

// The files of the realm in which people log in, and how they change.

var flowsBefore = map[string]string{
	"realm.yaml": realmOfLogins("sign-in", "grant", "join", "link"),
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
	"authentication/flows/browser.yaml":      "alias: sign-in\n" + browserBefore,
	"authentication/flows/grant.yaml":        "alias: grant\n" + grantBefore,
	"authentication/flows/registration.yaml": "alias: join\n" + registrationBefore,
	"authentication/flows/broker.yaml":       "alias: link\n" + brokerBefore,
}

var flowChanges = []struct {
	why   string
	files map[string]string
}{
	{"requirements, order and configuration", map[string]string{
		"authentication/flows/browser.yaml":      "alias: sign-in\n" + browserEdited,
		"authentication/flows/grant.yaml":        "alias: grant\n" + grantEdited,
		"authentication/flows/registration.yaml": "alias: join\n" + registrationEdited,
		"authentication/flows/broker.yaml":       "alias: link\n" + brokerEdited,
	}},
	{"other names", map[string]string{
		"realm.yaml":                             realmOfLogins("sign-in now", "grant now", "join now", "link now"),
		"authentication/flows/browser.yaml":      "alias: sign-in now\npreviously: sign-in\n" + browserEdited,
		"authentication/flows/grant.yaml":        "alias: grant now\npreviously: grant\n" + grantEdited,
		"authentication/flows/registration.yaml": "alias: join now\npreviously: join\n" + registrationEdited,
		"authentication/flows/broker.yaml":       "alias: link now\npreviously: link\n" + brokerEdited,
	}},
	{"other steps", map[string]string{
		"authentication/flows/browser.yaml": "alias: sign-in now\n" + browserRebuilt,
	}},
	{"a sub-flow disabled, all else required", map[string]string{
		"authentication/flows/browser.yaml": "alias: sign-in now\n" + browserRequired,
	}},
	// The plan says who would meet an error: who registers, when another flow
	// is bound; whom an identity provider sent, when that step of the flow
	// goes, or when another flow is bound and it is part of a sub-flow.
	{"other flows", map[string]string{
		"realm.yaml":                         realmOfLogins("sign-in new", "grant new", "join now", "link new"),
		"authentication/flows/browser2.yaml": "alias: sign-in new\n" + renamed("new", browserBefore),
		"authentication/flows/grant2.yaml":   "alias: grant new\n" + renamed("new", grantRebuilt),
		"authentication/flows/broker2.yaml":  "alias: link new\n" + renamed("new", brokerRebuilt),
	}},
	{"others in their place, which go", map[string]string{
		"realm.yaml":                         realmOfLogins("sign-in last", "grant last", "join now", "link new"),
		"authentication/flows/browser.yaml":  "alias: sign-in last\n" + renamed("last", browserEdited),
		"authentication/flows/grant.yaml":    "alias: grant last\n" + renamed("last", grantBefore),
		"authentication/flows/broker.yaml":   "alias: link last\n" + renamed("last", brokerBefore),
		"authentication/flows/browser2.yaml": "",
		"authentication/flows/grant2.yaml":   "",
	}},
	{"Keycloak's own flow", map[string]string{
		"realm.yaml": realmOfLogins("browser", "direct grant", "join now", "link new"),
	}},
	{"a sub-flow of that disabled", map[string]string{
		"authentication/flows/own.yaml": "alias: browser\n" + ownDisabled,
	}},
}

// quickPasswords keeps the server from spending its time on hashes.
const quickPasswords = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"

func realmOfLogins(browser, grant, registration, broker string) string {
	return `
realm: REALM
enabled: true
sslRequired: none
passwordPolicy: ` + quickPasswords + `
registrationAllowed: true
browserFlow: ` + browser + `
directGrantFlow: ` + grant + `
registrationFlow: ` + registration + `
firstBrokerLoginFlow: ` + broker + "\n"
}

// renamed gives the parts of a flow names that no other flow's have.
func renamed(now, executions string) string {
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

const browserEdited = `
executions:
  - authenticator: identity-provider-redirector
    requirement: ALTERNATIVE
    authenticatorConfig: {alias: redirect, config: {defaultProvider: ""}}
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - flow: sign-in forms
    requirement: REQUIRED
    executions:
      - {authenticator: auth-username-password-form, requirement: REQUIRED}
      - flow: sign-in second factor
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: auth-otp-form, requirement: ALTERNATIVE}
          - {authenticator: auth-recovery-authn-code-form, requirement: ALTERNATIVE}
`

const browserRebuilt = `
executions:
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - flow: sign-in forms
    requirement: ALTERNATIVE
    executions:
      - {authenticator: auth-username-form, requirement: REQUIRED}
      - flow: sign-in factors
        requirement: REQUIRED
        executions:
          - {authenticator: auth-password-form, requirement: ALTERNATIVE}
          - {authenticator: webauthn-authenticator, requirement: ALTERNATIVE}
      - flow: sign-in second factor
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: auth-otp-form, requirement: REQUIRED}
`

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

const grantBefore = `
executions:
  - {authenticator: direct-grant-validate-username, requirement: REQUIRED}
  - {authenticator: direct-grant-validate-password, requirement: REQUIRED}
  - flow: grant second factor
    requirement: CONDITIONAL
    executions:
      - {authenticator: conditional-user-configured, requirement: REQUIRED}
      - {authenticator: direct-grant-validate-otp, requirement: REQUIRED}
`

const grantEdited = `
executions:
  - {authenticator: direct-grant-validate-username, requirement: REQUIRED}
  - flow: grant second factor
    requirement: CONDITIONAL
    executions:
      - {authenticator: conditional-user-configured, requirement: REQUIRED}
      - {authenticator: direct-grant-validate-otp, requirement: REQUIRED}
  - {authenticator: direct-grant-validate-password, requirement: REQUIRED}
`

const grantRebuilt = `
executions:
  - {authenticator: direct-grant-validate-username, requirement: REQUIRED}
  - flow: grant secrets
    requirement: REQUIRED
    executions:
      - {authenticator: direct-grant-validate-password, requirement: REQUIRED}
      - flow: grant one-time code
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: direct-grant-validate-otp, requirement: REQUIRED}
`

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

const registrationEdited = `
executions:
  - flow: join form
    providerId: form-flow
    authenticator: registration-page-form
    requirement: REQUIRED
    description: The page
    executions:
      - {authenticator: registration-recaptcha-action, requirement: DISABLED}
      - {authenticator: registration-user-creation, requirement: REQUIRED}
      - {authenticator: registration-terms-and-conditions, requirement: REQUIRED}
      - {authenticator: registration-password-action, requirement: REQUIRED}
`

const registrationRebuilt = `
executions:
  - flow: join page
    providerId: form-flow
    authenticator: registration-page-form
    requirement: REQUIRED
    executions:
      - {authenticator: registration-terms-and-conditions, requirement: DISABLED}
      - {authenticator: registration-user-creation, requirement: REQUIRED}
      - {authenticator: registration-password-action, requirement: REQUIRED}
  - flow: join form
    providerId: form-flow
    authenticator: registration-page-form
    requirement: DISABLED
    executions:
      - {authenticator: registration-recaptcha-action, requirement: DISABLED}
`

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

const brokerEdited = `
executions:
  - authenticator: idp-review-profile
    requirement: REQUIRED
    authenticatorConfig: {alias: link review, config: {update.profile.on.first.login: "on", note: edited}}
  - flow: link account
    requirement: REQUIRED
    description: The account
    executions:
      - authenticator: idp-create-user-if-unique
        requirement: ALTERNATIVE
        authenticatorConfig: {alias: link create, config: {require.password.update.after.registration: "false"}}
      - flow: link existing
        requirement: ALTERNATIVE
        executions:
          - {authenticator: idp-confirm-link, requirement: REQUIRED}
`

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
