package model

// keepsProtection returns the role that the account has because its client
// has authorization services.
func keepsProtection(client Object) Object {
	id, ok := client["clientId"].(string)
	if !ok || client["authorizationServicesEnabled"] != true {
		return nil
	}
	return Object{"clientRoles": map[string]any{id: []any{umaProtection}}}
}

// serviceAccountRefused is lockedByDefault, also of an account that the server
// makes along with its client, and that is then written for its attributes.
func serviceAccountRefused(o, have Object, other func(kind, key string) Object, server Server) []Problem {
	if have == nil {
		attrs, _ := mapOf(o["attributes"])
		if EqualValues(attrs, defaultValues(other("user-profile", ""))) {
			return nil
		}
		have = Object{}
	}
	return lockedByDefault(o, have, other, server)
}

var serviceAccount = &Kind{
	Name:  "service-account",
	Doc:   "The user that a client is when it acts on its own behalf.",
	Class: "UserRepresentation",
	Places: []Place{{
		Parent: "client",
		// GET clients/{id}/service-account-user would make the user where it
		// is missing; a search does not. Imports keep what name a file gives it.
		Path:  "users",
		List:  "users?username=service-account-{key}&exact=true",
		Alias: &Search{Field: "username", List: "users?username={value}&exact=true"},
		Each:  true,
		In:    "serviceAccount",
		Flat:  "users", FlatBy: "serviceAccountClientId", Mixed: true,
		Right: "users",
	}},
	Item:    "users/{id}",
	Spawned: true,

	Derive: func(_, client, realm Object) Object {
		out := defaultRole(realm)
		for name, v := range keepsProtection(client) {
			out[name] = v
		}
		return out
	},
	Gives:    profileDefaults,
	Refuses:  serviceAccountRefused,
	LooksAt:  map[string]string{"attributes": "user-profile"},
	Keeps:    keepsProtection,
	When:     func(client Object) bool { return client["serviceAccountsEnabled"] == true },
	WhenText: "serviceAccountsEnabled: true",
	// Nobody can be looked up while the user profile names a client scope that has
	// another name by now.
	After:  []string{"user-profile"},
	Unlike: func(o Object, file File) []Problem { return bareRole(o["realmRoles"], "/realmRoles", file) },
	Fields: join(
		Fields{
			realmRoles("realmRoles", "users/{id}/role-mappings/realm"),
			clientRoles("clientRoles", "users/{id}/role-mappings/clients/{owner}"),
			set("groups").ref("group").late().follows("defaultGroups").via(Link{Path: "users/{id}/groups/{target}", Each: true}),
			multi("attributes"),
		},
		computed(each(anything,
			"access", "clientConsents", "createdTimestamp", "credentials",
			"disableableCredentialTypes", "email", "emailVerified", "enabled", "federatedIdentities",
			"federationLink", "firstName", "id", "issuedVerifiableCredentials", "lastName", "notBefore",
			"origin", "requiredActions", "self", "serviceAccountClientId", "socialLinks", "totp",
			"userProfileMetadata", "username", "verifiableCredentials")),
	),
	Unmanaged: []string{"applicationRoles"},
	Reads:     userLinks(),
	Unfold:    func(rep Object) Object { return renamed(rep, "applicationRoles", "clientRoles") },
}
