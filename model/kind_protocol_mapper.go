package model

var protocolMapper = &Kind{
	Name:  "protocol-mapper",
	Doc:   "A rule that puts something about the user or session into tokens and assertions of a client or client scope.",
	Class: "ProtocolMapperRepresentation",
	Places: []Place{
		{Parent: "client-scope", Path: "{parent}/protocol-mappers/models", In: "protocolMappers", Inline: true, Inside: true, Right: "clients"},
		{Parent: "client", Path: "{parent}/protocol-mappers/models", In: "protocolMappers", Inline: true, Inside: true, Right: "clients"},
	},
	Key:  "name",
	Item: "{parent}/protocol-mappers/models/{id}",
	// Created in bulk, because mappers inside a client's POST get
	// userinfo.token.claim filled in.
	Bulk:  "protocol-mappers/add-models",
	Part:  true,
	OwnID: true,
	Fields: Fields{
		short("name").required().immutable(),
		str("protocol").immutable().names("providers/login-protocol"),
		str("protocolMapper").required().ofNew().names("protocolMappers/{protocol}"),
		dict("config").configOf("protocolMapper").madeKeys("pairwiseSubAlgorithmSalt"),
		str("id").computed(),
		boolean("consentRequired").computed(),
		str("consentText").computed(),
	},
	Derive: deriveMapper,
	Complete: func(body, parent, _ Object) {
		if body["protocol"] == nil {
			body["protocol"] = protocolOf(parent)
		}
	},
}

// protocolOf returns the protocol of a client or client scope.
func protocolOf(o Object) any {
	if p, ok := o["protocol"].(string); ok && p != "" {
		return p
	}
	return "openid-connect"
}

// deriveMapper returns the protocol, which is the parent's, and two switches
// that OpenID Connect mappers take from others while they are absent: what
// goes into the ID token also goes to the user info endpoint, and what goes
// into the access token also to introspection.
func deriveMapper(o, parent, _ Object) Object {
	out := Object{"protocol": protocolOf(parent)}
	config, _ := mapOf(o["config"])
	derived := map[string]any{}
	for _, like := range [][2]string{{"userinfo.token.claim", "id.token.claim"}, {"introspection.token.claim", "access.token.claim"}} {
		if v, ok := config[like[1]]; ok {
			derived[like[0]] = v
		}
	}
	if len(derived) > 0 {
		out["config"] = derived
	}
	return out
}
