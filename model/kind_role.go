package model

import (
	"slices"
	"strings"
)

var role = &Kind{
	Name:   "role",
	Doc:    "A role of the realm or of one of its clients, which may be composed of other roles.",
	Class:  "RoleRepresentation",
	Folder: "roles",
	Listed: true,
	Places: []Place{
		{Path: "roles", List: "roles?briefRepresentation=false", Page: 100, In: "roles.realm", Right: "realm", Besides: true},
		{Parent: "client", Path: "{parent}/roles", List: "{parent}/roles?briefRepresentation=false", Each: true, In: "roles", Flat: "roles.client", Right: "clients"},
	},
	Key:          "name",
	Item:         "roles-by-id/{id}",
	LocatedByKey: true,
	Implied:      true,
	Came: map[Address]string{
		"client/account/role/manage-account": "1.0", "client/account/role/view-profile": "1.0", "client/account/role/view-groups": "20.0",
	},
	Restored: map[string]string{
		"client/account/role/delete-account": "", "client/account/role/view-groups": "20.0",
		"client/account/role/manage-consent": "9.0", "client/account/role/view-consent": "9.0", "client/account/role/view-applications": "9.0",
		"composites.client of client/account/role/manage-consent": "9.0",
		"client/account/role/manage-account-links":                "3.0", "composites.client of client/account/role/manage-account": "3.0",
	},
	Unlike:   roleUnlike,
	Unspoken: roleUnspoken,
	MadeWith: func(key string, client Object) bool {
		return key == umaProtection && client["authorizationServicesEnabled"] == true
	},
	Sealed: func(realm string, it *Item) bool {
		return realm == AdminRealm && it.Parent == "" && (it.Fields["name"] == "admin" || it.Fields["name"] == "create-realm")
	},
	Examples: []Object{{}},
	Fields: Fields{
		short("name").required(),
		short("description"),
		roles("composites", "roles-by-id/{id}/composites", "roles-by-id/{id}/composites"),
		multi("attributes").most(columnLength),
		str("id").computed(),
		boolean("composite").computed(),
		boolean("clientRole").computed(),
		str("containerId").computed(),
		boolean("scopeParamRequired").computed(),
	},
	Unmanaged: []string{"composites.application"},
	Unfold: func(rep Object) Object {
		composites, ok := mapOf(rep["composites"])
		if !ok {
			return rep
		}
		out := renamed(rep, "", "")
		out["composites"] = map[string]any(renamed(composites, "application", "client"))
		return out
	},
	Called: func(rep Object, name func(kind, id string) string) string {
		called, _ := rep["name"].(string)
		if of, ok := rep["containerId"].(string); ok && rep["clientRole"] == true {
			return name("client", of) + "/" + called
		}
		return called
	},
	Reads: []Read{{
		Fields: []string{"composites"},
		Path:   "roles-by-id/{id}/composites",
		When:   func(o Object) bool { return o["composite"] == true },
		Into: func(answer any, name func(kind, id string) string) Object {
			realm, client := []any{}, map[string]any{}
			for _, e := range asList(answer) {
				r, _ := mapOf(e)
				if r["clientRole"] != true {
					realm = append(realm, r["name"])
					continue
				}
				container, _ := r["containerId"].(string)
				owner := name("client", container)
				have, _ := client[owner].([]any)
				client[owner] = append(have, r["name"])
			}
			return Object{"composites": map[string]any{"realm": realm, "client": client}}
		},
	}},
}

// umaProtection is the role with which the service account of a client with
// authorization services may manage the client's resources.
const umaProtection = "uma_protection"

// mappings reads a server's MappingsRepresentation: the roles that are mapped
// to something, those of the realm and those of each client.
func mappings(answer any) (realm []any, client map[string]any) {
	names := func(v any) []any {
		out := []any{}
		l, _ := v.([]any)
		for _, e := range l {
			r, _ := mapOf(e)
			out = append(out, r["name"])
		}
		return out
	}
	m, _ := mapOf(answer)
	client = map[string]any{}
	byClient, _ := mapOf(m["clientMappings"])
	for id, e := range byClient {
		c, _ := mapOf(e)
		client[id] = names(c["mappings"])
	}
	return names(m["realmMappings"]), client
}

// scopeMappings is the field for the roles that a client or client scope may
// put into tokens when it does not allow the full scope.
func scopeMappings(item string) Field {
	return roles("scopeMappings", item+"/scope-mappings/realm", item+"/scope-mappings/clients/{owner}")
}

func readScopeMappings(item string) Read {
	return Read{
		Fields: []string{"scopeMappings"},
		Path:   item + "/scope-mappings",
		Into: func(answer any, _ func(kind, id string) string) Object {
			realm, client := mappings(answer)
			return Object{"scopeMappings": map[string]any{"realm": realm, "client": client}}
		},
	}
}

// roleUnlike tells what Keycloak's import makes of roles along with a client, or a
// client scope, that the file does not have.
func roleUnlike(o Object, file File) []Problem {
	if !strings.HasPrefix(string(file.Addr), "role/") {
		return nil
	}
	const offline, described = "offline_access", "${role_offline-access}"
	if o["name"] == offline && o["description"] != nil && o["description"] != described && file.Of("client-scope/"+offline) == nil {
		return []Problem{{Pointer: "/description", Summary: "description stays as the file has it; Keycloak's own import makes it " + described + ", along with a client scope that the file does not have"}}
	}
	realm, _ := file.Of("realm")["realm"].(string)
	composites, said := mapOf(o["composites"])
	of, _ := mapOf(composites["client"])
	if bare := bareRole(composites["realm"], "/composites", file); bare != nil && o["name"] != umaAuthorization {
		return bare
	}
	if o["name"] != "default-roles-"+asciiLower(realm) {
		return nil
	}
	if said && of["account"] == nil && file.Of("client/account") == nil {
		return []Problem{{Pointer: "/composites", Summary: "composites stay as the file has them; Keycloak's own import adds roles of the client account, which the file does not have"}}
	}
	if !said { // a file that says which role it is has it made without
		return bareDefault("", umaAuthorization, accountRoles[0], accountRoles[1])
	}
	return nil
}

// roleUnspoken tells of the default role, of which a file says nothing, what the
// import does not put into it: what the file has, it does not make.
func roleUnspoken(_ Object, file File) []Problem {
	realm, _ := file.Of("realm")["realm"].(string)
	if file.Addr != Address("role/default-roles-"+asciiLower(realm)) {
		return nil
	}
	var out []string
	if file.Of("role/offline_access") != nil && file.Of("client-scope/offline_access") != nil {
		out = append(out, "offline_access")
	}
	if a := Address("role/" + umaAuthorization); file.Of(a) != nil || file.Names(a) {
		out = append(out, umaAuthorization)
	}
	if file.Of("client/account") != nil {
		out = append(out, accountRoles...)
	}
	if out == nil {
		return nil
	}
	return bareDefault("/roles", out...)
}

// accountRoles are those of the client account that everybody has.
var accountRoles = []string{"account/manage-account", "account/view-profile"}

// bareDefault tells what the import does not put into the default role.
func bareDefault(pointer string, without ...string) []Problem {
	return []Problem{{Pointer: pointer, Summary: "composites stay as a new realm has them; Keycloak's own import puts in none of these: " + strings.Join(without, ", ")}}
}

// umaAuthorization is the role by which people may manage resources of their own.
const umaAuthorization = "uma_authorization"

// bareRole tells that a list names that role and the file does not declare it:
// Keycloak's import makes one of what names it before it would make its own.
func bareRole(list any, pointer string, file File) []Problem {
	if declared := file.Of("role/" + umaAuthorization); len(declared) > 1 || !slices.Contains(asList(list), any(umaAuthorization)) {
		return nil
	}
	return []Problem{{Pointer: pointer, Summary: "role/" + umaAuthorization + " is not declared and is left as a new realm has it; " +
		"Keycloak's own import makes one that has nothing but this name, and gives it to those only whom the file names"}}
}
