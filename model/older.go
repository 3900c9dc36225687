package model

import (
	"fmt"
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

// unfoldKeys makes key providers of the private key that a realm itself had
// until Keycloak 2, as Keycloak's import does where a file holds no other keys:
// one to sign with and one to encrypt, beside two that it generates. A list of
// none says nothing to it.
func unfoldKeys(rep Object) Object {
	components, _ := mapOf(rep["components"])
	if len(entries(components[keyProviderType])) > 0 {
		return rep
	}
	out := maps.Clone(rep)
	if components[keyProviderType] != nil {
		components = maps.Clone(components)
		delete(components, keyProviderType)
		out["components"] = components
	}
	if Zero(rep["privateKey"]) {
		return out
	}
	config := map[string]any{"priority": "100", "privateKey": rep["privateKey"]}
	if !Zero(rep["certificate"]) {
		config["certificate"] = rep["certificate"]
	}
	delete(out, "privateKey")
	delete(out, "certificate")
	for _, provider := range []string{"rsa", "rsa-enc"} {
		addComponent(out, keyProviderType, map[string]any{"name": provider, "providerId": provider, "config": config, movedKey: Pointer("privateKey")})
	}
	for _, made := range []map[string]any{
		{"name": "aes-generated", "providerId": "aes-generated", "config": map[string]any{"priority": "100"}},
		{"name": "hmac-generated-hs512", "providerId": "hmac-generated", "config": map[string]any{"priority": "100", "algorithm": "HS512"}},
	} {
		made[movedKey] = Pointer("privateKey")
		addComponent(out, keyProviderType, made)
	}
	return out
}

// addComponent adds a component of a type to those in a realm's representation,
// which is the caller's; what is in it is not.
func addComponent(rep Object, providerType string, component map[string]any) {
	components, _ := mapOf(rep["components"])
	if components = maps.Clone(components); components == nil {
		components = map[string]any{}
	}
	components[providerType] = append(slices.Clip(entries(components[providerType])), component)
	rep["components"] = components
}

// entries returns the entries of a list; none of what is no list.
func entries(v any) []any {
	l, _ := v.([]any)
	return l
}

// unfoldTemplates makes client scopes of the templates that clients had until
// Keycloak 3, called as Keycloak's import calls them. A realm has its own client
// scopes beside them.
func unfoldTemplates(rep Object) Object {
	templates := entries(rep["clientTemplates"])
	if len(templates) == 0 {
		return rep
	}
	out := maps.Clone(rep)
	delete(out, "clientTemplates")
	scopes := slices.Clip(entries(rep["clientScopes"]))
	for i, e := range templates {
		template, _ := mapOf(e)
		scope := map[string]any{fragmentKey: Pointer("clientTemplates", strconv.Itoa(i))}
		for _, field := range []string{"id", "name", "description", "protocol", "attributes", "protocolMappers"} {
			if v, ok := template[field]; ok {
				scope[field] = v
			}
		}
		scope["name"] = ofTemplate(scope["name"])
		scopes = append(scopes, scope)
	}
	out["clientScopes"] = scopes
	return out
}

// ofTemplate returns the name of the client scope that a template is.
func ofTemplate(template any) string {
	name, _ := template.(string)
	return strings.ReplaceAll(name, " ", "_")
}

// unfoldFederation makes components of the user federation providers, and of
// their mappers, of which realms had lists of their own until Keycloak 2. Like
// Keycloak's import it takes those whose provider is Keycloak's.
func unfoldFederation(rep Object) Object {
	const providers, mappers = "userFederationProviders", "userFederationMappers"
	out := maps.Clone(rep)
	left := func(list string, taken func(i int, o map[string]any) bool) {
		var rest []any
		for i, e := range entries(rep[list]) {
			if o, ok := mapOf(e); !ok || !taken(i, o) {
				rest = append(rest, e)
			}
		}
		if out[list] = rest; rest == nil {
			delete(out, list)
		}
	}
	found := map[string]map[string]any{} // by name
	var order []map[string]any
	left(providers, func(i int, o map[string]any) bool {
		if o["providerName"] != "ldap" && o["providerName"] != "kerberos" {
			return false
		}
		config, _ := mapOf(o["config"])
		if config = maps.Clone(config); config == nil {
			config = map[string]any{}
		}
		for _, key := range []string{"priority", "fullSyncPeriod", "changedSyncPeriod"} {
			if config[key] = o[key]; o[key] == nil {
				config[key] = "0"
			}
		}
		c := map[string]any{"name": o["displayName"], "providerId": o["providerName"], "config": config, movedKey: Pointer(providers, strconv.Itoa(i))}
		if o["id"] != nil {
			c["id"] = o["id"]
		}
		name, _ := plainText(o["displayName"])
		found[name], order = c, append(order, c)
		return true
	})
	left(mappers, func(i int, o map[string]any) bool {
		name, _ := plainText(o["federationProviderDisplayName"])
		of := found[name]
		if of == nil {
			return false
		}
		mapper := map[string]any{"name": o["name"], "providerId": o["federationMapperType"], movedKey: Pointer(mappers, strconv.Itoa(i))}
		if o["config"] != nil {
			mapper["config"] = o["config"]
		}
		of["mappers"] = append(entries(of["mappers"]), mapper)
		return true
	})
	for _, c := range order {
		addComponent(out, userStorageType, c)
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

// Shadowed returns the attributes in a realm's representation that are fields, and
// have another value there, sorted by name: Keycloak's import lets them win.
func Shadowed(rep Object) []string {
	attrs, _ := mapOf(rep["attributes"])
	var out []string
	for _, name := range Keys(attrs) {
		field, attr := rep[name], attrs[name]
		if l, ok := field.([]any); ok {
			words := make([]string, len(l))
			for i, e := range l {
				words[i] = fmt.Sprint(e)
			}
			field = strings.Join(words, ",")
		}
		// The import gives a realm its name for display after its attributes.
		if keptAsAttribute(name) && name != "displayName" && field != nil && attr != nil && fmt.Sprint(field) != fmt.Sprint(attr) {
			out = append(out, name)
		}
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
	// What the import makes by itself is among them, too, where the file does not
	// list it.
	named := func(list []any, key, name string) bool {
		return slices.ContainsFunc(list, func(e any) bool { o, _ := mapOf(e); return o[key] == name })
	}
	if !named(list, "clientId", "account") {
		account, _ := of["account"].([]any)
		of["account"] = append(slices.Clip(account), "manage-account", "view-profile")
	}
	roles := map[string]any{}
	old, _ := mapOf(rep["roles"])
	for k, v := range old {
		roles[k] = v
	}
	realm, _ := roles["realm"].([]any)
	names = slices.Clip(names)
	if !named(realm, "name", offlineAccess) || !named(entries(rep["clientScopes"]), "name", offlineAccess) {
		names = append(names, offlineAccess)
	}
	if !named(realm, "name", umaAuthorization) && !namesRole(rep, umaAuthorization) {
		names = append(names, umaAuthorization)
	}
	roles["realm"] = append(slices.Clip(realm), map[string]any{
		"name":       "default-roles-" + asciiLower(name),
		"composites": map[string]any{"realm": names, "client": of},
		fragmentKey:  at,
	})
	out["roles"] = roles
	return out
}

// offlineAccess is the role, and the client scope, by which people get tokens that
// outlive their sessions.
const offlineAccess = "offline_access"

// namesRole reports whether people, groups, other roles or scope mappings in a
// realm's representation name a role of the realm: Keycloak's import makes it of
// that, and then not as one of its own.
func namesRole(rep Object, name string) bool {
	var in func(v any) bool
	in = func(v any) bool {
		switch v := v.(type) {
		case []any:
			return slices.ContainsFunc(v, in)
		case map[string]any:
			for key, e := range v {
				list, _ := e.([]any)
				if of := key == "realmRoles" || key == "realm" || key == "roles"; of && slices.Contains(list, any(name)) || in(e) {
					return true
				}
			}
		}
		return false
	}
	return slices.ContainsFunc([]any{rep["users"], rep["groups"], rep["roles"], rep["scopeMappings"]}, in)
}

// ExportedBy returns the version of Keycloak that wrote what a realm says as its
// keycloakVersion: Red Hat's product of it had numbers of its own until 7.4.
func ExportedBy(said string) string {
	number, product := strings.CutSuffix(said, ".GA")
	minor := strings.Join(strings.Split(number+".", ".")[:2], ".")
	if version := map[string]string{"7.0": "1.9.8", "7.1": "2.5.5", "7.2": "3.4.3", "7.3": "4.8.3", "7.4": "9.0.3"}[minor]; product && version != "" {
		return version
	}
	return said
}
