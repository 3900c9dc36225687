package model

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// adminPermissions is the resource server of the client that Keycloak keeps
// for a realm's own fine-grained permissions. Nobody but the server writes
// the client, and nothing of it is to be declared but what it holds.
var adminPermissions = &Kind{
	Name:  "admin-permissions",
	Doc:   "Who may administer which users, groups, clients and roles of the realm: its fine-grained admin permissions.",
	Class: "ResourceServerRepresentation",
	File:  "admin-permissions",

	Feature: featurePermissionsV2,
	Places: []Place{{
		Path: "clients", List: "clients?clientId=" + adminPermissionsClient, In: "adminPermissions", Right: "clients",
	}},
	Item:     "clients/{id}/authz/resource-server",
	Spawned:  true,
	When:     func(realm Object) bool { return realm["adminPermissionsEnabled"] == true },
	WhenText: "adminPermissionsEnabled: true",
	Fields: computed(each(anything,
		"allowRemoteResourceManagement", "authorizationSchema", "clientId", "decisionStrategy", "id", "name",
		"policyEnforcementMode", "resources", "scopes")),
	Unfold: func(rep Object) Object {
		out := Object{}
		for _, name := range []string{"id", "policies", "permissions"} {
			if v, ok := rep[name]; ok && (name == "id" || rep["authorizationSchema"] == nil) {
				out[name] = v
			}
		}
		return out
	},
}

var adminPolicy = &Kind{
	Name:  "admin-policy",
	Doc:   "A condition under which somebody may administer something.",
	Class: "PolicyRepresentation",
	Typed: authorizationPolicy.Typed,
	Places: []Place{{
		Parent: "admin-permissions", Path: "{parent}/policy", List: "{parent}/policy?permission=false&fields=*&max=-1", Each: true,
		In: "policies", Right: "authorization", Managed: true,
	}},
	Key:     "name",
	Find:    "{parent}/policy/search?name={key}",
	Part:    true,
	Fields:  byIDs(policyFields("admin-policy", "", "")),
	Reads:   []Read{readPolicies(func(o Object) bool { return o["type"] == "aggregate" })},
	Check:   func(o Object) []Problem { return append(namedTwice(o), scopesNotNamed(o)...) },
	Withers: namesNoScope,
	Ignores: listsOfOthers,
	Unfold:  unfoldPolicy,
	Wire:    wirePolicy,
}

// isAdminPermissions reports whether a representation is that of the client
// that the server keeps for the realm's permissions: no other is without a
// way to authenticate. Keycloak's import gives it one, and yet nowhere to send
// people.
func isAdminPermissions(client Object) bool {
	imported := client["authorizationServicesEnabled"] == true && Zero(client["redirectUris"])
	return client["clientId"] == adminPermissionsClient && (client["clientAuthenticatorType"] == nil || imported)
}

// adminObjects are, by resource type, the fields that name what a permission
// is about.
var adminObjects = map[string]string{
	"Users": "users", "Groups": "groups", "Clients": "clients", "Roles": "roles", "Organizations": "organizations",
}

// adminScopes are, by resource type, what may be done. On another the server
// fails (500) instead of refusing it.
var adminScopes = map[string][]string{
	"Users":         {"view", "manage", "map-roles", "manage-group-membership", "impersonate", "reset-password"},
	"Groups":        {"view", "manage", "manage-membership", "view-members", "manage-members", "impersonate-members", "manage-membership-of-members"},
	"Clients":       {"view", "manage", "map-roles", "map-roles-client-scope", "map-roles-composite"},
	"Roles":         {"map-role", "map-role-client-scope", "map-role-composite"},
	"Organizations": {"view", "manage"},
}

// checkAdminScopes tells the scopes that there are not, and where there is none.
func checkAdminScopes(o Object) (out []Problem) {
	typ, _ := o["resourceType"].(string)
	there := adminScopes[typ]
	if l, ok := o["scopes"].([]any); ok && len(l) == 0 {
		out = append(out, Problem{Pointer: Pointer("scopes"), Summary: "scopes must not be empty: a permission is to do something"})
	}
	for _, e := range asList(o["scopes"]) {
		if name, ok := e.(string); ok && there != nil && !slices.Contains(there, name) {
			out = append(out, Problem{Pointer: Pointer("scopes"), Member: name, Summary: fmt.Sprintf("%s have no scope %s", typ, name),
				Detail: "there are " + strings.Join(there, ", ")})
		}
	}
	return out
}

var adminPermission = &Kind{
	Name:  "admin-permission",
	Doc:   "What it takes to administer users, groups, clients or roles: all of a type, or those that are named.",
	Class: "PolicyRepresentation",
	Typed: []string{"RolePolicyRepresentation", "UserPolicyRepresentation", "ClientPolicyRepresentation@authorization", "GroupPolicyRepresentation"},
	Places: []Place{{
		Parent: "admin-permissions", Path: "{parent}/permission/scope", List: "{parent}/permission?fields=*&max=-1", Each: true,
		In: "permissions", Right: "authorization", Managed: true,
	}},
	Key:  "name",
	Find: "{parent}/permission/search?name={key}",
	Show: "{parent}/permission/scope/{id}?fields=*",
	Part: true,
	Fields: join(
		Fields{
			short("name").required(),
			short("description"),
			str("resourceType").required().immutable().enum("Users", "Groups", "Clients", "Roles", "Organizations").
				takes(Value{Unlike: regexp.MustCompile("^Organizations$"), Want: "Users, Groups, Clients or Roles before Keycloak 26.7"}.until("26.7")).
				doc("What the permission is about."),
			set("scopes").ofNew().doc("What may be done: view, manage, and more, depending on the type."),
			set("policies").ref("admin-policy").sibling().sustains().doc("Who may do it."),
			set("groups").ref("group").byID().sustains().doc("Of type Groups: the groups it is about; without, all."),
			set("clients").ref("client").byID().sustains().doc("Of type Clients: the clients it is about; without, all."),
			set("roles").ref("role").slashed().byID().sustains().doc("Of type Roles: the roles it is about, those of clients as client/role; without, all."),
			set("users").ref("user").byID().sustains().doc("Of type Users: the users it is about; without, all."),
			set("organizations").since("26.7").ref("organization").byID().ours().sustains().doc("Of type Organizations: the organizations it is about; without, all."),
			str("logic").enum("POSITIVE", "NEGATIVE").def("POSITIVE"),
			str("decisionStrategy").enum("UNANIMOUS").def("UNANIMOUS"),
		},
		computed(each(anything, "config", "id", "owner", "resources", "resourcesData", "scopesData", "type")),
	),
	Check:  checkAdminScopes,
	Reads:  []Read{readPolicies(nil)},
	Unfold: unfoldAdminPermission,
	Wire: func(body Object) Object {
		out := without(body, "")
		typ, _ := out["resourceType"].(string)
		resources := []any{}
		for of, field := range adminObjects {
			if l, ok := out[field].([]any); ok && of == typ {
				resources = l
			}
			delete(out, field)
		}
		out["resources"], out["type"] = resources, "scope"
		return out
	},
}

// unfoldAdminPermissions moves the permissions from the client below which a
// realm's representation has them to a key of their own. That client is the
// server's. Where they are switched off they are kept for another time, and
// not looked at.
func unfoldAdminPermissions(rep Object) Object {
	clients, _ := rep["clients"].([]any)
	i := slices.IndexFunc(clients, func(e any) bool {
		c, ok := mapOf(e)
		return ok && isAdminPermissions(c)
	})
	if i < 0 {
		return rep
	}
	out := without(rep, "")
	others := slices.Clone(clients)
	others[i] = nil // the places of the others must not shift
	out["clients"] = others
	c, _ := mapOf(clients[i])
	settings, ok := mapOf(c["authorizationSettings"])
	if !ok || rep["adminPermissionsEnabled"] != true && Zero(settings["policies"]) || rep["adminPermissions"] != nil {
		return out
	}
	at := Pointer("clients", strconv.Itoa(i), "authorizationSettings")
	names := namesByID(rep)
	policies, permissions := []any{}, []any{}
	for i, e := range asList(settings["policies"]) {
		p, ok := mapOf(e)
		if !ok {
			continue
		}
		p = without(p, "")
		p[movedKey] = at + Pointer("policies", strconv.Itoa(i))
		config, _ := mapOf(p["config"])
		typ, _ := config["defaultResourceType"].(string)
		if p["type"] != "scope" || adminObjects[typ] == "" {
			policies = append(policies, map[string]any(p))
			continue
		}
		about := []any{}
		resources, _ := jsonList(config["resources"])
		for _, r := range resources {
			id, _ := r.(string)
			if name := names[id]; name != "" {
				r = name
			}
			if r != typ {
				about = append(about, r)
			}
		}
		scopes, _ := jsonList(config["scopes"])
		apply, _ := jsonList(config["applyPolicies"])
		delete(p, "config")
		p["resourceType"], p[adminObjects[typ]], p["scopes"], p["policies"] = typ, about, scopes, apply
		permissions = append(permissions, map[string]any(p))
	}
	out["adminPermissions"] = map[string]any{"policies": policies, "permissions": permissions, movedKey: at}
	return out
}

// namesByID returns how references name the users, groups, clients, roles and
// organizations in a realm's representation, by id.
func namesByID(rep Object) map[string]string {
	out := map[string]string{}
	add := func(list any, k *Kind, spell func(name string) string) {
		for _, e := range asList(list) {
			m, _ := mapOf(e)
			if id, _ := m["id"].(string); id != "" {
				name, _ := plainText(m[k.Key])
				out[id] = spell(name)
			}
		}
	}
	asIs := func(name string) string { return name }
	add(rep["users"], user, asIs)
	add(rep["clients"], client, asIs)
	add(rep["organizations"], organization, asIs)
	roles, _ := mapOf(rep["roles"])
	add(roles["realm"], role, slashed)
	byClient, _ := mapOf(roles["client"])
	for of, l := range byClient {
		add(l, role, func(name string) string { return of + "/" + name })
	}
	var walk func(list any, above string)
	walk = func(list any, above string) {
		for _, e := range asList(list) {
			m, ok := mapOf(e)
			if !ok {
				continue
			}
			name, _ := plainText(m[group.Key])
			path := above + "/" + EscapeKey(name)
			if id, _ := m["id"].(string); id != "" {
				out[id] = path
			}
			walk(m["subGroups"], path)
		}
	}
	walk(rep["groups"], "")
	return out
}

// unfoldAdminPermission reads what a permission is about from what the server
// shows of it: a resource that is called by an object's id, or by the type
// itself when it is all of them.
func unfoldAdminPermission(rep Object) Object {
	out := without(rep, "scopesData")
	lower(out, "users", "")
	if l, ok := rep["scopesData"].([]any); ok {
		out["scopes"] = namesIn(l)
	}
	typ, _ := plainText(rep["resourceType"])
	field := adminObjects[typ]
	if field == "" {
		return out
	}
	if l, ok := rep["resourcesData"].([]any); ok {
		about := []any{}
		for _, name := range namesIn(l) {
			if name != typ {
				about = append(about, name)
			}
		}
		out[field] = about
		delete(out, "resourcesData")
	}
	return out
}

// readPolicies reads the policies that a policy or permission asks, which no
// other answer shows.
func readPolicies(when func(Object) bool) Read {
	return Read{
		Fields: []string{"policies"},
		Path:   "{parent}/policy/{id}/associatedPolicies",
		When:   when,
		Into: func(answer any, _ func(kind, id string) string) Object {
			return Object{"policies": namesIn(answer)}
		},
	}
}

// byIDs returns the fields with references that the server makes by id; those
// that have nothing to refer to are the server's own.
func byIDs(fs Fields) Fields {
	for i := range fs {
		f := &fs[i]
		switch {
		case f.Sibling && f.Ref == "":
			f.Sibling, f.Computed = false, true
		case f.Ref != "" && !f.Sibling:
			f.ByID = true
		}
	}
	return fs
}
