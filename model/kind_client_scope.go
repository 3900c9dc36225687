package model

import "strconv"

var clientScope = &Kind{
	Name:   "client-scope",
	Doc:    "A set of protocol mappers and role scope mappings that clients share.",
	Class:  "ClientScopeRepresentation",
	Folder: "client-scopes",
	Places: []Place{{Path: "client-scopes", In: "clientScopes", Base: true, Right: "clients"}},
	Key:    "name",
	Item:   "client-scopes/{id}",

	Came: map[Address]string{"client-scope/microprofile-jwt": "6.0"},
	Restored: map[string]string{
		"client-scope/offline_access": "", "client-scope/AuthnContextClassRef": "26.7", "client-scope/service_account": "26.1",
		"client-scope/basic": "25.0", "client-scope/acr": "18.0", "client-scope/microprofile-jwt": "6.0",
		"client-scope/roles": "4.6", "client-scope/web-origins": "4.6",
	},
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
	// ClientScopeResource.validateClientScopeProtocol
	Switch: func(o Object) string {
		if o["protocol"] == "oid4vc" {
			return "verifiableCredentialsEnabled"
		}
		return ""
	},
	Reads: []Read{func() Read { r := readScopeMappings("client-scopes/{id}"); r.Base = true; return r }()},
}

// parameterized tells the client scopes in a list of default ones that can be none:
// they are asked for with a parameter (ClientScopeModel.isParameterizedScope, until
// 26.6 isDynamicScope).
func parameterized(list string, o Object, other func(kind, key string) Object) []Problem {
	var out []Problem
	for i, name := range asList(o[list]) {
		key, _ := name.(string)
		attributes, _ := mapOf(other("client-scope", key)["attributes"])
		if attributes["is.parameterized.scope"] == "true" || attributes["is.dynamic.scope"] == "true" {
			out = append(out, Problem{Pointer: Pointer(list, strconv.Itoa(i)),
				Summary: "the client scope " + key + " has a parameter, and can be no default one", Detail: "make it an optional one"})
		}
	}
	return out
}
