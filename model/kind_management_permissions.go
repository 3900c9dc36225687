package model

import (
	"regexp"
	"slices"
	"strconv"
)

// Version 1 of the fine-grained admin permissions is switched on for single
// objects. For each, the server then makes a resource and a permission per
// scope in the authorization services of its client realm-management, which
// it switches on as well. Their names hold the object's id; here they are
// parts of the object, and only the policies that they ask, which people
// write, stand with that client.

const (
	// FeaturePermissionsV1 is the server feature of the first version of
	// fine-grained permissions.
	FeaturePermissionsV1 = "ADMIN_FINE_GRAINED_AUTHZ"
	featurePermissionsV2 = "ADMIN_FINE_GRAINED_AUTHZ_V2"

	// realmManagement is the server's own client, whose roles are the rights to
	// administer the realm.
	realmManagement        = "realm-management"
	realmManagementAddress = Address("client/" + realmManagement)
	managementServer       = "clients/{" + string(realmManagementAddress) + "}/authz/resource-server"
)

var managementPermissions = &Kind{
	Name:    "management-permissions",
	Doc:     "Who may administer one object, or the realm's users: its fine-grained admin permissions, version 1. Without, the roles of realm administration alone decide.",
	Class:   "ManagementPermissionReference",
	Feature: FeaturePermissionsV1,
	File:    "users-management-permissions",
	Places: []Place{
		{Path: "users-management-permissions", In: "usersManagementPermissions", Right: "users"},
		{Parent: "client", Path: "{parent}/management/permissions", Each: true, In: "managementPermissions", Right: "clients"},
		{Parent: "role", Path: "{parent}/management/permissions", Each: true, In: "managementPermissions", Right: "realm"},
		{Parent: "group", Path: "{parent}/management/permissions", Each: true, In: "managementPermissions", Right: "users"},
		{Parent: "identity-provider", Path: "{parent}/management/permissions", Each: true, In: "managementPermissions", Right: "identity-providers"},
	},
	Spawned: true,
	Changes: realmManagementAddress,
	Dormant: func(client Object) bool { return client["authorizationServicesEnabled"] != true },
	// The first makes what all share; the server does not expect two at once.
	Queue: string(realmManagementAddress),
	Fields: Fields{
		boolean("enabled").doc("True where permissions are declared."),
		str("resource").computed(),
		anything("scopePermissions").computed(),
	},
	Unfold: func(rep Object) Object {
		out := without(rep, "scopePermissions")
		if scopes, ok := mapOf(rep["scopePermissions"]); ok {
			l := make([]any, 0, len(scopes))
			for _, scope := range Keys(scopes) {
				l = append(l, map[string]any{"scope": scope, "id": scopes[scope]})
			}
			out["permissions"] = l
		}
		if l, ok := out["permissions"].([]any); ok && len(l) > 0 && out["enabled"] == nil {
			out["enabled"] = true
		}
		return out
	},
}

var managementPermission = &Kind{
	Name:  "management-permission",
	Doc:   "Which policies decide who may do one thing with an object.",
	Class: "ScopePermissionRepresentation",
	Places: []Place{{
		Parent: "management-permissions", In: "permissions", Inline: true,
		Right: "authorization", Managed: true,
	}},
	Key:      "scope",
	Item:     managementServer + "/permission/scope/{id}",
	Spawned:  true,
	Part:     true,
	When:     func(permissions Object) bool { return permissions["enabled"] == true },
	WhenText: "enabled: true",
	Fields: join(
		Fields{
			str("scope").required().ours().enum(managementScopes...).doc("What may be done, such as view or manage; which there are depends on the object."),
			set("policies").ref("authorization-policy").below(realmManagementAddress + "/authorization").clearWith(EmptyList).
				doc("Policies of the client realm-management: who may do it."),
			str("decisionStrategy").enum("UNANIMOUS", "AFFIRMATIVE", "CONSENSUS"),
			str("description"),
			str("logic").enum("POSITIVE", "NEGATIVE").def("POSITIVE"),
		},
		computed(each(anything, "id", "name", "owner", "resourceType", "resources", "resourcesData", "scopes", "scopesData", "type")),
	),
	Reads: []Read{
		{
			Fields: []string{"decisionStrategy", "description", "logic"},
			Path:   managementServer + "/permission/scope/{id}",
			Into: func(answer any, _ func(kind, id string) string) Object {
				m, _ := mapOf(answer)
				return Object{"decisionStrategy": m["decisionStrategy"], "description": m["description"], "logic": m["logic"]}
			},
		},
		{
			Fields: []string{"policies"},
			Path:   managementServer + "/policy/{id}/associatedPolicies",
			Into: func(answer any, _ func(kind, id string) string) Object {
				return Object{"policies": namesIn(answer)}
			},
		},
	},
	Derive: func(o, _, _ Object) Object {
		if scope, _ := o["scope"].(string); slices.Contains(roleScopes, scope) {
			return Object{"decisionStrategy": "AFFIRMATIVE"}
		}
		return Object{"decisionStrategy": "UNANIMOUS"}
	},
}

// roleScopes are what may be done with a role.
var roleScopes = []string{"map-role", "map-role-client-scope", "map-role-composite"}

// managementScopes are the scopes that the server makes in the authorization
// services of realm-management.
var managementScopes = append([]string{
	"configure", "impersonate", "manage", "manage-group-membership", "manage-members", "manage-membership", "map-roles",
	"map-roles-client-scope", "map-roles-composite", "token-exchange", "user-impersonated", "view", "view-members",
}, roleScopes...)

var (
	managedResource = regexp.MustCompile(`^(client|group|role|idp)\.resource\.([0-9a-f-]{36})$`)
	managedPolicy   = regexp.MustCompile(`\.permission\.(users|((client|group|idp)\.)?[0-9a-f-]{36})$`)
)

// usersResource stands for all users.
const usersResource = "Users"

// ofManagement returns a function that recognizes, by their names, the objects
// in the authorization services of realm-management that belong to
// permissions.
func ofManagement(is func(name string) bool) func(parent Address, o Object) bool {
	return func(parent Address, o Object) bool {
		name, _ := o["name"].(string)
		return parent == realmManagementAddress+"/authorization" && is(name)
	}
}

func isManagedResource(name string) bool {
	return name == usersResource || managedResource.MatchString(name)
}

// unfoldManagement moves the permissions of version 1 from the client below
// which a realm's representation has them to the objects that they are about.
// What is about an object that is not there is left out.
func unfoldManagement(rep Object) Object {
	clients, _ := rep["clients"].([]any)
	i := slices.IndexFunc(clients, func(e any) bool {
		c, _ := mapOf(e)
		return c["clientId"] == realmManagement
	})
	if i < 0 {
		return rep
	}
	c, _ := mapOf(clients[i])
	settings, _ := mapOf(c["authorizationSettings"])
	at := Pointer("clients", strconv.Itoa(i), "authorizationSettings")
	found := map[string]map[string]any{} // by resource
	for i, e := range asList(settings["resources"]) {
		m, _ := mapOf(e)
		if name, _ := m["name"].(string); isManagedResource(name) {
			found[name] = map[string]any{"enabled": true, "permissions": []any{}, movedKey: at + Pointer("resources", strconv.Itoa(i))}
		}
	}
	if len(found) == 0 {
		return rep
	}
	for i, e := range asList(settings["policies"]) {
		p, _ := mapOf(e)
		config, _ := mapOf(p["config"])
		resources, _ := jsonList(config["resources"])
		scopes, _ := jsonList(config["scopes"])
		if name, _ := p["name"].(string); !managedPolicy.MatchString(name) || len(resources) != 1 || len(scopes) != 1 {
			continue
		}
		resource, _ := resources[0].(string)
		m := found[resource]
		policies, _ := jsonList(config["applyPolicies"])
		if m == nil || len(policies) == 0 {
			continue
		}
		p = without(without(without(p, "config"), "name"), "type")
		p["scope"], p["policies"] = scopes[0], policies
		p[movedKey] = at + Pointer("policies", strconv.Itoa(i))
		m["permissions"] = append(m["permissions"].([]any), map[string]any(p))
	}
	return attachManagement(rep, found)
}

// attachManagement puts permissions, by the resource that they are about, to
// their objects in a realm's representation.
func attachManagement(rep Object, found map[string]map[string]any) Object {
	out := without(rep, "")
	if users := found[usersResource]; users != nil {
		out["usersManagementPermissions"] = users
	}
	// with returns a copy of a list whose objects have their permissions.
	var with func(list any, resource, id string) any
	with = func(list any, resource, id string) any {
		l, ok := list.([]any)
		if !ok {
			return list
		}
		l = slices.Clone(l)
		for i, e := range l {
			m, ok := mapOf(e)
			if !ok {
				continue
			}
			m = without(m, "")
			key, _ := m[id].(string)
			if p := found[resource+".resource."+key]; p != nil && m["managementPermissions"] == nil {
				m["managementPermissions"] = p
			}
			if m["subGroups"] != nil {
				m["subGroups"] = with(m["subGroups"], resource, id)
			}
			l[i] = map[string]any(m)
		}
		return l
	}
	out["clients"] = with(rep["clients"], "client", "id")
	for key, of := range map[string][2]string{"groups": {"group", "id"}, "identityProviders": {"idp", "internalId"}} {
		if rep[key] != nil {
			out[key] = with(rep[key], of[0], of[1])
		}
	}
	if roles, ok := mapOf(rep["roles"]); ok {
		roles = without(roles, "")
		roles["realm"] = with(roles["realm"], "role", "id")
		if byClient, ok := mapOf(roles["client"]); ok {
			byClient = without(byClient, "")
			for of, l := range byClient {
				byClient[of] = with(l, "role", "id")
			}
			roles["client"] = map[string]any(byClient)
		}
		out["roles"] = map[string]any(roles)
	}
	return out
}
