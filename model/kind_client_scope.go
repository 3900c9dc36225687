package model

var clientScope = &Kind{
	Name:   "client-scope",
	Doc:    "A set of protocol mappers and role scope mappings that clients share.",
	Class:  "ClientScopeRepresentation",
	Folder: "client-scopes",
	Places: []Place{{Path: "client-scopes", In: "clientScopes", Base: true, Right: "clients"}},
	Key:    "name",
	Item:   "client-scopes/{id}",

	Came:     map[Address]string{"client-scope/microprofile-jwt": "6.0"},
	Variant:  "protocol",
	Examples: []Object{{"protocol": "openid-connect"}, {"protocol": "saml"}},
	OwnID:    true,
	Clear:    Empty,
	Fields: Fields{
		str("name").takes(scopeName).required(),
		short("description"),
		str("protocol").required().ofNew().names("providers/login-protocol"),
		dict("attributes").most(2048).clearWith(Null),
		scopeMappings("client-scopes/{id}"),
		str("id").computed(),
	},
	Reads: []Read{func() Read { r := readScopeMappings("client-scopes/{id}"); r.Base = true; return r }()},
}
