package model

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
			configuration().configOf("executor").typed("")),
	},
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
			configuration().configOf("condition").typed("the server would take it, and then fail whenever a client is made, changed or asks for anything")),
		list("profiles").ref("client-profile").byName(),
	},
	Canon: configured("conditions"),
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
