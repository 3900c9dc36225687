package model

var authenticationFlow = &Kind{
	Name:     "authentication-flow",
	Doc:      "A tree of steps by which somebody or something proves who they are.",
	Class:    "AuthenticationFlowRepresentation",
	Places:   []Place{{Path: "authentication/flows", In: "authenticationFlows", Right: "realm"}},
	Key:      "alias",
	Item:     "authentication/flows/{id}",
	ReadOnly: true,
	Fields: Fields{
		str("alias").required(),
		str("description"),
		str("providerId"),
		str("id").computed(),
		boolean("topLevel").computed(),
		boolean("builtIn").computed(),
		list("authenticationExecutions").computed(),
	},
}
