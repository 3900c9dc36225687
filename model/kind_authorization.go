package model

import (
	"encoding/json"
	"slices"
	"strings"
)

// authorization is what Keycloak calls the resource server of a client. Its
// parts are read together, by name, in one request.
var authorization = &Kind{
	Name:  "authorization",
	Doc:   "What a client protects, and who may do what with it: the client's authorization services.",
	Class: "ResourceServerRepresentation",
	Places: []Place{{
		Parent: "client",
		Path:   "{parent}/authz/resource-server",
		// The resource server itself shows none of its parts.
		List:  authorizationSettings,
		Each:  true,
		In:    "authorizationSettings",
		Right: "authorization",
		// To view is not enough for the settings.
		Managed: true,
	}},
	Item:    "{parent}/authz/resource-server",
	Show:    authorizationSettings,
	Spawned: true,
	When: func(client Object) bool {
		return client["authorizationServicesEnabled"] == true && client["clientId"] != adminPermissionsClient
	},
	WhenText: "authorizationServicesEnabled: true",
	Fields: join(
		Fields{
			str("policyEnforcementMode").enum("ENFORCING", "PERMISSIVE", "DISABLED").def("ENFORCING"),
			str("decisionStrategy").enum("UNANIMOUS", "AFFIRMATIVE").def("UNANIMOUS"),
			boolean("allowRemoteResourceManagement").def(true),
		},
		computed(each(anything, "authorizationSchema", "clientId", "id", "name")),
	),
	Unfold: unfoldAuthorization,
}

const (
	authorizationSettings = "{parent}/authz/resource-server/settings"
	// adminPermissionsClient holds the realm's own permissions, which are
	// other kinds.
	adminPermissionsClient = "admin-permissions"
)

// unfoldAuthorization leaves out the resources and policies that belong to
// users: applications make them at run time. Those of the client itself have
// no owner here.
func unfoldAuthorization(rep Object) Object {
	out := rep
	for _, list := range []string{"resources", "policies"} {
		l, ok := rep[list].([]any)
		if !ok {
			continue
		}
		own := make([]any, len(l))
		for i, e := range l {
			if m, ok := mapOf(e); !ok || m["owner"] == nil {
				own[i] = e // the places of the others must not shift
			}
		}
		out = without(out, "")
		out[list] = own
	}
	return out
}

// unfoldClient switches authorization services on where a representation has
// settings for them and does not say whether they are on, as the server does,
// and takes the owner off the resources that belong to the client itself. What
// was directGrantsOnly until Keycloak 1.9 are two switches.
func unfoldClient(rep Object) Object {
	if only, ok := rep["directGrantsOnly"].(bool); ok {
		rep = without(rep, "directGrantsOnly")
		for name, v := range map[string]bool{"standardFlowEnabled": !only, "directAccessGrantsEnabled": only} {
			if rep[name] == nil {
				rep[name] = v
			}
		}
	}
	settings, ok := mapOf(rep["authorizationSettings"])
	// The server switches those of its own client on along with permissions of
	// version 1.
	if _, said := rep["authorizationServicesEnabled"]; ok && !said && rep["clientId"] != realmManagement {
		rep = without(rep, "")
		rep["authorizationServicesEnabled"] = true
	}
	l, _ := settings["resources"].([]any)
	if len(l) == 0 {
		return rep
	}
	own := make([]any, len(l))
	for i, e := range l {
		own[i] = e
		m, ok := mapOf(e)
		if !ok {
			continue
		}
		owner := m["owner"]
		if o, ok := mapOf(owner); ok {
			owner = o["name"]
		}
		if s, _ := plainText(owner); s != "" && s == rep["clientId"] {
			own[i] = without(m, "owner")
		}
	}
	out := without(rep, "")
	settings = without(settings, "")
	settings["resources"] = own
	out["authorizationSettings"] = map[string]any(settings)
	return out
}

// without returns a copy of a representation without a key.
func without(m map[string]any, key string) Object {
	out := Object{}
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// authorizationScope: to delete one the server looks it up a second time without
// its client, and fails (500) where its cache does not have it by then. That was
// seen beside other writes of the apply.
var authorizationScope = &Kind{
	Name:  "authorization-scope",
	Doc:   "Something that can be done with a client's resources.",
	Class: "ScopeRepresentation",
	Places: []Place{{
		Parent: "authorization", Path: "{parent}/scope", In: "scopes", Inline: true, Inside: true,
		Right: "authorization", Managed: true,
	}},
	Key:     "name",
	Find:    "{parent}/scope/search?name={key}",
	Part:    true,
	Implied: true,
	Kept:    ofManagement(func(name string) bool { return slices.Contains(managementScopes, name) }),
	Fields: Fields{
		short("name").required(),
		short("displayName"),
		short("iconUri"),
		str("id").computed(),
		anything("policies").computed(),
		anything("resources").computed(),
	},
}

var authorizationResource = &Kind{
	Name:  "authorization-resource",
	Doc:   "Something that a client protects. Resources that belong to users are left alone.",
	Class: "ResourceRepresentation",
	Places: []Place{{
		Parent: "authorization", Path: "{parent}/resource", In: "resources", Inline: true, Inside: true,
		Right: "authorization", Managed: true,
	}},
	Key:  "name",
	ID:   "_id",
	Find: "{parent}/resource/search?name={key}",
	Part: true,
	Kept: ofManagement(isManagedResource),
	Spawns: func(_ Object, client string) []Object {
		return []Object{{"name": "Default Resource", "type": defaultResourceType(client), "uris": []any{"/*"}}}
	},
	SpawnsUntil: "26.5",
	Fields: Fields{
		short("name").required(),
		short("displayName"),
		short("type"),
		set("uris").most(columnLength),
		set("scopes").ref("authorization-scope").sibling().wrap("name"),
		boolean("ownerManagedAccess"),
		short("icon_uri"),
		multi("attributes").most(columnLength),
		str("_id").computed(),
		anything("owner").computed(),
	},
	// Until Keycloak 4 a resource had one URI.
	Unfold: func(rep Object) Object {
		if rep["uri"] == nil || rep["uris"] != nil {
			return rep
		}
		out := without(rep, "uri")
		out["uris"] = []any{rep["uri"]}
		return out
	},
	Formerly: func(pointer string) string {
		if strings.HasPrefix(pointer, "/uris") {
			return "/uri"
		}
		return ""
	},
	Unmanaged: []string{"uri", "resource_scopes"},
	Instead:   map[string]string{"uri": "uris", "resource_scopes": "scopes"},
}

// defaultResourceType is the type of the resource that servers until 26.5 make
// along with the authorization services of a client.
func defaultResourceType(client string) string { return "urn:" + client + ":resources:default" }

// jsonList returns the list that a text holds.
func jsonList(v any) ([]any, bool) {
	s, ok := v.(string)
	if !ok {
		return nil, false
	}
	var l []any
	err := json.Unmarshal([]byte(s), &l)
	return l, err == nil
}
