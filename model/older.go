package model

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unfoldNames spells as today what a realm's representation called otherwise
// until Keycloak 2.
func unfoldNames(rep Object) Object {
	out := renamed(rep, "applicationScopeMappings", "clientScopeMappings")
	if roles, ok := mapOf(out["roles"]); ok {
		out["roles"] = map[string]any(renamed(roles, "application", "client"))
	}
	for _, old := range []string{"applications", "oauthClients"} {
		list, ok := out[old].([]any)
		if !ok {
			continue
		}
		delete(out, old)
		clients, _ := out["clients"].([]any)
		clients = clients[:len(clients):len(clients)]
		for i, e := range list {
			app, ok := mapOf(e)
			if !ok {
				continue
			}
			c := renamed(app, "name", "clientId")
			if old == "oauthClients" { // applications of others
				c["consentRequired"], c["fullScopeAllowed"] = true, false
			}
			c[fragmentKey] = Pointer(old, strconv.Itoa(i))
			clients = append(clients, map[string]any(c))
		}
		out["clients"] = clients
	}
	return out
}

// Lapse takes out of a realm's representation the lists of objects of which
// one has the property of [Kind.Lapsed]. It returns what is left, and by
// pointer the kinds of what is gone.
func Lapse(rep Object) (Object, map[string]*Kind) {
	gone := map[string]*Kind{}
	for _, k := range kinds {
		p := k.Place("")
		if k.Lapsed == "" || p == nil {
			continue
		}
		keys := p.Keys()
		list, at := take(maps.Clone(rep), keys)
		if slices.ContainsFunc(asList(list), func(e any) bool { m, _ := mapOf(e); return m[k.Lapsed] != nil }) {
			rep = rep.Clone()
			gone[at] = k
			above := map[string]any(rep)
			for _, key := range keys[:len(keys)-1] {
				above, _ = mapOf(above[key])
			}
			delete(above, keys[len(keys)-1])
		}
	}
	return rep, gone
}

// renamed returns a copy of a representation in which the field of an old name
// has today's, unless there is one of that.
func renamed(rep map[string]any, old, name string) Object {
	out := Object{}
	for k, v := range rep {
		out[k] = v
	}
	if v, ok := out[old]; ok && out[name] == nil {
		out[name] = v
		delete(out, old)
	}
	return out
}

// unfoldAttributes moves the attributes of a realm that are fields to these:
// the server keeps them among the attributes, and old versions exported both.
// So they did with the headers, which have a name of their own there.
func unfoldAttributes(rep Object) Object {
	attrs, ok := mapOf(rep["attributes"])
	if !ok {
		return rep
	}
	out, rest := Object{}, map[string]any{}
	for k, v := range rep {
		out[k] = v
	}
	for k, v := range attrs {
		switch {
		case strings.HasPrefix(k, "_browser_header."), k == "firstBrokerLoginFlowId":
		case !keptAsAttribute(k):
			rest[k] = v
		case out[k] == nil && !Zero(v):
			out[k] = v
		}
	}
	if out["attributes"] = rest; len(rest) == 0 && len(attrs) > 0 {
		delete(out, "attributes") // an empty map would ask for the defaults
	}
	return out
}

// keptAsAttribute reports whether a field of the realm is one that the server
// keeps among its attributes and no longer shows there.
func keptAsAttribute(name string) bool {
	switch name {
	case "displayName", "displayNameHtml", "defaultSignatureAlgorithm",
		"organizationsEnabled", "adminPermissionsEnabled", "verifiableCredentialsEnabled",
		"bruteForceProtected", "permanentLockout", "bruteForceStrategy", "maxTemporaryLockouts", "maxFailureWaitSeconds", "waitIncrementSeconds",
		"quickLoginCheckMilliSeconds", "minimumQuickLoginWaitSeconds", "maxDeltaTimeSeconds", "failureFactor", "maxSecondaryAuthFailures",
		"actionTokenGeneratedByAdminLifespan", "actionTokenGeneratedByUserLifespan", "offlineSessionMaxLifespanEnabled", "offlineSessionMaxLifespan",
		"clientSessionIdleTimeout", "clientSessionMaxLifespan", "clientOfflineSessionIdleTimeout", "clientOfflineSessionMaxLifespan",
		"oauth2DeviceCodeLifespan", "oauth2DevicePollingInterval":
		return true
	}
	return strings.HasPrefix(name, "webAuthnPolicy") && !strings.Contains(name, "ExtraOrigins")
}

// unfoldDefaultRoles makes a role of the default roles of a realm and of its
// clients, as they were until Keycloak 12. Keycloak adds them to those that
// every realm has.
func unfoldDefaultRoles(rep Object) Object {
	name, _ := rep["realm"].(string)
	names, _ := rep["defaultRoles"].([]any)
	at, of := Pointer("defaultRoles"), map[string]any{}
	list, _ := rep["clients"].([]any)
	clients := slices.Clone(list)
	for i, e := range list {
		c, _ := mapOf(e)
		id, named := plainText(c["clientId"])
		roles, ok := c["defaultRoles"].([]any)
		if !ok || !named {
			continue
		}
		if len(roles) > 0 {
			of[id] = roles
			if rep["defaultRoles"] == nil {
				at = Pointer("clients", strconv.Itoa(i), "defaultRoles")
			}
		}
		without := map[string]any{}
		for k, v := range c {
			if k != "defaultRoles" {
				without[k] = v
			}
		}
		clients[i] = without
	}
	if name == "" || rep["defaultRoles"] == nil && len(of) == 0 {
		return rep
	}
	out := Object{}
	for k, v := range rep {
		if k != "defaultRoles" {
			out[k] = v
		}
	}
	if list != nil {
		out["clients"] = clients
	}
	account, _ := of["account"].([]any)
	of["account"] = append(account[:len(account):len(account)], "manage-account", "view-profile")
	roles := map[string]any{}
	old, _ := mapOf(rep["roles"])
	for k, v := range old {
		roles[k] = v
	}
	realm, _ := roles["realm"].([]any)
	roles["realm"] = append(realm[:len(realm):len(realm)], map[string]any{
		"name":       "default-roles-" + asciiLower(name),
		"composites": map[string]any{"realm": append(names[:len(names):len(names)], "offline_access", "uma_authorization"), "client": of},
		fragmentKey:  at,
	})
	out["roles"] = roles
	return out
}
