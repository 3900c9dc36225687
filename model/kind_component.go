package model

import "math"

// Provider types of components that have kinds of their own.
const (
	userStorageType        = "org.keycloak.storage.UserStorageProvider"
	ldapMapperType         = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
	keyProviderType        = "org.keycloak.keys.KeyProvider"
	registrationPolicyType = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
)

// component is a component of a type that has no kind of its own, as
// extensions bring them.
var component = &Kind{
	Name:   "component",
	Doc:    "A configured provider of a type that has no kind of its own here, as extensions bring them.",
	Class:  "ComponentRepresentation",
	Folder: "components",
	Places: []Place{{
		Path: "components",
		In:   "components",
		By:   "providerType",
		Except: []string{
			ldapMapperType,
			// Written at other endpoints, and hidden or unnamed here.
			"org.keycloak.userprofile.UserProfileProvider",
			"org.keycloak.models.workflow.WorkflowProvider",
			"org.keycloak.models.workflow.WorkflowStepProvider",
		},
		Base:  true,
		Right: "realm",
	}},
	Key:       "name",
	KeyWith:   []string{"providerType"},
	OwnID:     true,
	Fields:    componentFields(Fields{short("name").required(), str("providerType").required().immutable().names("components")}),
	Loses:     "what the provider keeps about it",
	Unmanaged: []string{"subComponents"},
}

var clientRegistrationPolicy = &Kind{
	Name:   "client-registration-policy",
	Doc:    "A rule for clients that register themselves, with a token (authenticated) or without one (anonymous).",
	Class:  "ComponentRepresentation",
	Folder: "client-registration-policies",
	Listed: true,
	Places: []Place{componentPlace(registrationPolicyType)},
	Const:  Object{"providerType": registrationPolicyType},
	Key:    "name",
	// The same names exist for both.
	KeyWith: []string{"subType"},
	OwnID:   true,
	Imports: []Import{{Field: "config", Key: "allow-default-scopes", Value: "true", Before: "4.0.0",
		Of:  func(o, _ Object) bool { return o["providerId"] == "allowed-client-templates" },
		Why: "until Keycloak 3 there were no default scopes, which clients that register themselves may have"}},
	Fields: componentFields(Fields{
		short("name").required(),
		str("subType").required().immutable().enum("anonymous", "authenticated"),
		providerID(),
		config("config").configOf("providerId").hides().
			refers("client-scope", "allowed-client-scopes").firmly("allowed-client-scopes").alone("openid").
			entry(oneOf("true", "false").filled().of("trusted-hosts"), "host-sending-registration-request-must-match", "client-uris-must-match").
			entry(Value{Min: math.MinInt32, Max: math.MaxInt32, Want: "a whole number", Filled: true}.of("max-clients"), "max-clients"),
	}),
	Refuses: func(o, _ Object, _ func(kind, key string) Object, _ Server) []Problem {
		needs := map[string][]string{
			"max-clients":   {"max-clients"},
			"trusted-hosts": {"host-sending-registration-request-must-match", "client-uris-must-match"},
		}
		provider, _ := o["providerId"].(string)
		config, _ := mapOf(o["config"])
		var out []Problem
		for _, key := range needs[provider] {
			if Zero(config[key]) {
				out = append(out, Problem{Pointer: "/config", Summary: "config needs " + key})
			}
		}
		return out
	},
	Unmanaged: []string{"subComponents"},
}

// componentPlace is where the components of a provider type live.
func componentPlace(providerType string) Place {
	return Place{
		Path:  "components",
		List:  "components?type=" + providerType,
		In:    "components",
		Under: providerType,
		Base:  true,
		Right: "realm",
	}
}

// providerID is the field for the provider that a component configures.
func providerID() Field {
	return str("providerId").required().immutable().names("components/{providerType}")
}

// componentFields are the fields of a component: those that a kind describes
// itself, then all others.
func componentFields(own Fields, secret ...string) Fields {
	out := own
	for _, f := range (Fields{
		short("name").required(),
		providerID(),
		str("subType").immutable(),
		config("config").configOf("providerId").hides().secretKeys(secret...),
		str("id").computed(),
		str("parentId").computed(),
		str("providerType").computed(),
	}) {
		if own.Get(f.Name) == nil {
			out = append(out, f)
		}
	}
	return out
}
