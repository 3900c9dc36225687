package model

import (
	"math"
	"slices"
	"strconv"
)

var clientProfile = &Kind{
	Name:    "client-profile",
	Doc:     "A set of rules that client policies apply to clients and to their requests.",
	Class:   "ClientProfileRepresentation",
	Feature: "CLIENT_POLICIES",
	Folder:  "client-profiles",
	Places: []Place{{
		Path: "client-policies/profiles", List: "client-policies/profiles?include-global-profiles=true",
		Document: "profiles", Fixed: "globalProfiles", In: "clientProfiles.profiles", Right: "realm",
	}},
	Key:   "name",
	Queue: "client-profiles",
	// Keycloak 13 wrote these, and its successor read them no more.
	Lapsed: "builtin",
	Fields: Fields{
		str("name").required(),
		str("description"),
		objectList("executors",
			str("executor").required().names("components/org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider"),
			configuration().configOf("executor").typed("").
				refers("authentication-flow", "auth-flow-alias").firmly("auth-flow-alias").
				entry(Value{Filled: true, Want: "a URL", Harm: noPage}.needed().of("intent-client-bind-checker"), "intent-client-bind-check-endpoint").
				entry(Value{Min: math.MinInt32, Max: math.MaxInt32, Want: "a whole number"}.of("secure-request-object", "secure-ciba-signed-authn-req"), "available-period", "allowed-clock-skew").
				entry(Value{Filled: true, Min: 1, Max: math.MaxInt32, Want: "a whole number of seconds"}.needed().of("secret-rotation"),
					"expiration-period", "remaining-rotation-period", "rotated-expiration-period").
				entry(javaPattern.broken(noClients).of("secure-redirect-uris-enforcer"), "allow-permitted-domains")),
	},
	Check: undecided,
	Canon: configured("executors"),
}

var clientPolicy = &Kind{
	Name:    "client-policy",
	Doc:     "Which clients, or requests of clients, have to keep to which client profiles.",
	Class:   "ClientPolicyRepresentation",
	Feature: "CLIENT_POLICIES",
	Folder:  "client-policies",
	Places: []Place{{
		Path: "client-policies/policies", List: "client-policies/policies?include-global-policies=true",
		Document: "policies", Fixed: "globalPolicies", In: "clientPolicies.policies", Right: "realm",
	}},
	Key:   "name",
	Queue: "client-policies",
	// Keycloak 13 wrote these, and its successor read them no more.
	Lapsed: "builtin",
	Fields: Fields{
		str("name").required(),
		str("description"),
		boolean("enabled"),
		str("mode").enum("DEFAULT", "STRICT").since("26.7"),
		objectList("conditions",
			str("condition").required().names("components/org.keycloak.services.clientpolicy.condition.ClientPolicyConditionProvider"),
			configuration().configOf("condition").typed(noRequests).
				refers("client-scope", "scopes").firmly("scopes").
				refers("role", "client-updater-source-roles/roles").
				entry(Value{}.broken(noClients).needed().of("client-updater-source-host"), "trusted-hosts").
				entry(pairs.broken(noRequests).of("client-attributes"), "attributes")),
		list("profiles").ref("client-profile").byName(),
	},
	Canon: configured("conditions"),
}

// What becomes of clients where the server cannot read how a client profile or
// policy is configured.
const (
	noClients  = "the server would take it, and then fail whenever a client is made or changed"
	noRequests = "the server would take it, and then fail whenever a client is made, changed or asks for anything"
)

// undecided tells the executors that do not say whether they change what does not
// fit: the server takes them, and people have them, for clients that are there
// already are served.
func undecided(o Object) []Problem {
	var out []Problem
	for i, e := range asList(o["executors"]) {
		executor, _ := mapOf(e)
		config, _ := mapOf(executor["configuration"])
		name, _ := executor["executor"].(string)
		if config["auto-configure"] == nil && slices.Contains([]string{"consent-required", "full-scope-disabled", "dpop-bind-enforcer",
			"holder-of-key-enforcer", "pkce-enforcer", "reject-implicit-grant", "reject-ropc-grant"}, name) {
			out = append(out, Problem{Pointer: Pointer("executors", strconv.Itoa(i)), Warning: true,
				Summary: "configuration of " + name + " needs auto-configure", Detail: "the server takes it without, and fails whenever a client to which the profile applies is made or changed"})
		}
	}
	return out
}

// configuration is the field for the settings of an executor or condition,
// which differ from one to the next.
func configuration() Field { return freeMap("configuration").present() }

// configured gives every member of a list its settings: the server fails on
// one that has none.
func configured(list string) func(Object) Object {
	return func(o Object) Object {
		members, _ := o[list].([]any)
		for _, e := range members {
			if m, ok := e.(map[string]any); ok && m["configuration"] == nil {
				m["configuration"] = map[string]any{}
			}
		}
		return o
	}
}
