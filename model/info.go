package model

import (
	"maps"
	"slices"
	"strings"
)

// Info is what a server has that configuration can name: the part of its
// serverinfo that does not depend on the machine it runs on.
type Info struct {
	// Version is the server's, such as 26.7.5.
	Version string `json:"version"`
	// Features by name.
	Features map[string]Feature `json:"features"`
	// Themes are the names of themes by type ("login"), with their locales.
	Themes map[string]map[string][]string `json:"themes"`
	// Providers are the ids of providers by the name of their SPI, such as
	// "authenticator", "eventsListener" or "required-action".
	Providers map[string][]string `json:"providers"`
	// IdentityProviders are the ids of kinds of identity providers, the
	// social ones among them.
	IdentityProviders []string `json:"identityProviders"`
	// ProtocolMappers are by protocol and id, Components by the interface
	// of the provider (as in providerType) and id; both with the properties
	// that their configuration has.
	ProtocolMappers map[string]map[string]Properties `json:"protocolMappers"`
	Components      map[string]map[string]Properties `json:"components"`
	// PasswordPolicies are the ids of password policies.
	PasswordPolicies []string `json:"passwordPolicies"`
	// Enums are the values by type, such as "eventType".
	Enums map[string][]string `json:"enums"`

	// Stock says that this is not what one server told, but what Keycloak of
	// its version has by itself.
	Stock bool `json:"-"`
}

// Offers returns what the server has at a path, by name and, for providers
// whose configuration it describes, with their properties:
//
//	themes/TYPE               the themes of a type
//	locales                   the locales of all themes
//	enums/NAME                the values of a type
//	providers/SPI             the providers of an SPI
//	components                the types of components
//	components/TYPE           the providers of such a type
//	protocolMappers/PROTOCOL  the mappers of a protocol, * for any
//	identityProviders         the kinds of identity providers
//	passwordPolicies          the password policies
//
// It is nil when the server says nothing of what the path names.
func (i *Info) Offers(path string) map[string]Properties {
	part, name, _ := strings.Cut(path, "/")
	switch part {
	case "themes":
		return named(Keys(i.Themes[name]))
	case "locales":
		var all []string
		for _, themes := range i.Themes {
			for _, locales := range themes {
				all = append(all, locales...)
			}
		}
		return named(all)
	case "enums":
		return named(i.Enums[name])
	case "providers":
		return named(i.Providers[name])
	case "components":
		if name == "" {
			return named(Keys(i.Components))
		}
		return i.Components[name]
	case "protocolMappers":
		if name != "*" {
			return i.ProtocolMappers[name]
		}
		all := map[string]Properties{}
		for _, mappers := range i.ProtocolMappers {
			maps.Copy(all, mappers)
		}
		return all
	case "identityProviders":
		return named(i.IdentityProviders)
	case "passwordPolicies":
		return named(i.PasswordPolicies)
	}
	return nil
}

// OffersAny returns what the server has at any of the paths.
func (i *Info) OffersAny(paths []string) map[string]Properties {
	var out map[string]Properties
	for _, p := range paths {
		for name, props := range i.Offers(p) {
			if out == nil {
				out = map[string]Properties{}
			}
			if out[name] == nil {
				out[name] = props
			}
		}
	}
	return out
}

// named returns names of which nothing more is known.
func named(names []string) map[string]Properties {
	if len(names) == 0 {
		return nil
	}
	out := make(map[string]Properties, len(names))
	for _, n := range names {
		out[n] = nil
	}
	return out
}

// Feature is a feature that a server knows.
type Feature struct {
	Type    string `json:"type"` // DEFAULT, PREVIEW, EXPERIMENTAL …
	Enabled bool   `json:"enabled,omitempty"`
}

// FeatureOption returns how a server is told to start with a feature that it
// calls by a name.
func FeatureOption(name string) string {
	if name == FeaturePermissionsV1 {
		return "admin-fine-grained-authz:v1"
	}
	s := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if i := strings.LastIndex(s, "-v"); i > 0 && len(s) == i+3 {
		s = s[:i] + ":" + s[i+1:]
	}
	return s
}

// Properties are the properties of a provider's configuration, by name.
type Properties map[string]Property

// Property is one of them.
type Property struct {
	Type     string   `json:"type"` // String, boolean, List, MultivaluedString, Role …
	Default  any      `json:"default,omitempty"`
	Options  []string `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
	Secret   bool     `json:"secret,omitempty"`
}

// Means returns the addresses of the objects of which a value of the property
// can be the name: none where the property is not a name. The role of a client
// stands behind the client and a dot, and there are dots in names. A type may be
// the name of a kind.
func (p Property) Means(value string) []Address {
	switch {
	case value == "":
		return nil
	case p.Type == "Role" || p.Type == role.Name:
		out := []Address{AddressOf("", role, value)}
		for i, r := range value {
			if r == '.' {
				out = append(out, AddressOf(AddressOf("", client, value[:i]), role, value[i+1:]))
			}
		}
		return out
	case p.Type == "Group" || p.Type == group.Name:
		return []Address{TreePath(group, strings.TrimSpace(value))}
	case p.Type == "ClientList":
		return []Address{AddressOf("", client, value)}
	case p.Type == "IdentityProviderMultiList":
		return []Address{AddressOf("", identityProvider, value)}
	}
	if k := Lookup(p.Type); k != nil {
		return []Address{AddressOf("", k, value)}
	}
	return nil
}

// InfoOf takes what is of use from a server's answer, keycloak.ServerInfo.Raw.
func InfoOf(raw map[string]any) *Info {
	info := &Info{
		Features: map[string]Feature{}, Themes: map[string]map[string][]string{}, Providers: map[string][]string{},
		ProtocolMappers: map[string]map[string]Properties{}, Components: map[string]map[string]Properties{}, Enums: map[string][]string{},
	}
	info.Version = stringIn(mapIn(raw["systemInfo"])["version"])
	for _, f := range mapsIn(raw["features"]) {
		on, _ := f["enabled"].(bool)
		info.Features[stringIn(f["name"])] = Feature{Type: stringIn(f["type"]), Enabled: on}
	}
	for kind, list := range mapIn(raw["themes"]) {
		info.Themes[kind] = map[string][]string{}
		for _, t := range mapsIn(list) {
			info.Themes[kind][stringIn(t["name"])] = stringsIn(t["locales"])
		}
	}
	for spi, s := range mapIn(raw["providers"]) {
		info.Providers[spi] = Keys(mapIn(mapIn(s)["providers"]))
	}
	seen := map[string]any{}
	for _, list := range []string{"identityProviders", "socialProviders"} {
		for _, p := range mapsIn(raw[list]) {
			seen[stringIn(p["id"])] = nil
		}
	}
	info.IdentityProviders = Keys(seen)
	byType(info.ProtocolMappers, raw["protocolMapperTypes"])
	byType(info.Components, raw["componentTypes"])
	for _, p := range mapsIn(raw["passwordPolicies"]) {
		info.PasswordPolicies = append(info.PasswordPolicies, stringIn(p["id"]))
	}
	slices.Sort(info.PasswordPolicies)
	for name, list := range mapIn(raw["enums"]) {
		info.Enums[name] = stringsIn(list)
	}
	return info
}

func byType(out map[string]map[string]Properties, v any) {
	for kind, list := range mapIn(v) {
		out[kind] = map[string]Properties{}
		for _, p := range mapsIn(list) {
			props := Properties{}
			for _, c := range mapsIn(p["properties"]) {
				required, _ := c["required"].(bool)
				secret, _ := c["secret"].(bool)
				prop := Property{Type: stringIn(c["type"]), Default: c["defaultValue"], Options: stringsIn(c["options"]), Required: required, Secret: secret}
				if prop.Default == "" {
					prop.Default = nil
				}
				props[stringIn(c["name"])] = prop
			}
			out[kind][stringIn(p["id"])] = props
		}
	}
}

func mapIn(v any) map[string]any {
	m, _ := mapOf(v)
	return m
}

func mapsIn(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func stringIn(v any) string {
	s, _ := v.(string)
	return s
}

// stringsIn returns a list of strings, sorted.
func stringsIn(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		out = append(out, stringIn(e))
	}
	slices.Sort(out)
	return out
}
