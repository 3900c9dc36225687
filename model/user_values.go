package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// profiled are the fields of a user that the user profile describes along with
// the attributes.
var profiled = []string{"username", "email", "firstName", "lastName"}

// profileAttribute is what the user profile says of one attribute to whoever
// administers users.
type profileAttribute struct {
	name        string
	editable    bool
	required    bool
	multivalued bool
	fallback    string // its default value
	validations map[string]any
}

// profileOf returns the attributes of a user profile by name.
func profileOf(profile Object) map[string]profileAttribute {
	const role = "admin"
	has := func(o map[string]any, list string) bool { return slices.Contains(asList(o[list]), any(role)) }
	out := map[string]profileAttribute{}
	for _, e := range asList(profile["attributes"]) {
		a, _ := mapOf(e)
		name, _ := a["name"].(string)
		permissions, _ := mapOf(a["permissions"])
		required, always := mapOf(a["required"])
		p := profileAttribute{name: name, multivalued: a["multivalued"] == true}
		p.fallback, _ = a["defaultValue"].(string)
		p.validations, _ = mapOf(a["validations"])
		nobody := Zero(permissions["view"]) && Zero(permissions["edit"])
		p.editable = has(permissions, "edit") || name == "username" || name == "email" && nobody
		// With scopes it is required only of who signs in with one of them.
		p.required = always && Zero(required["scopes"]) && (Zero(required["roles"]) || has(required, "roles"))
		out[name] = p
	}
	return out
}

// profileValues returns what a user has in a field or attribute, blanks aside;
// not known where that takes the value of a reference.
func profileValues(o Object, name string) (values []string, known bool) {
	v := o[name]
	if !slices.Contains(profiled, name) {
		attrs, _ := mapOf(o["attributes"])
		v = attrs[name]
	}
	l, ok := v.([]any)
	if !ok {
		l = []any{v}
	}
	for _, e := range l {
		switch e := e.(type) {
		case nil:
		case string:
			if strings.TrimSpace(e) != "" {
				values = append(values, e)
			}
		default:
			return nil, false
		}
	}
	return values, true
}

// none reports whether a user is to have nothing in a field or attribute.
func none(o Object, name string) bool {
	values, known := profileValues(o, name)
	return known && len(values) == 0
}

// profilePointer leads to what a user has in a field or attribute.
func profilePointer(name string) string {
	if slices.Contains(profiled, name) {
		return Pointer(name)
	}
	return Pointer("attributes", name)
}

// userIgnores tells what of a user the server drops: attributes that the user
// profile has not, where it does not let administrators give users any other,
// and those that it has for others than administrators.
func userIgnores(o, _ Object, other func(kind, key string) Object) []Problem {
	profile := other("user-profile", "")
	if profile == nil {
		return nil
	}
	const locale = "locale" // whatever the policy, it is there when realms speak several languages
	policy := profile["unmanagedAttributePolicy"]
	free := policy == "ENABLED" || policy == "ADMIN_EDIT"
	attributes := profileOf(profile)
	if other("realm", "")["internationalizationEnabled"] == true {
		attributes[locale] = profileAttribute{editable: true}
	}
	attrs, _ := mapOf(o["attributes"])
	var out []Problem
	for _, name := range append(Keys(attrs), "email", "firstName", "lastName") {
		field := slices.Contains(profiled, name)
		a, known := attributes[name]
		what, instead := "attribute "+name, "add it to the user profile, or let it have unmanagedAttributePolicy: ADMIN_EDIT"
		switch {
		case name == locale:
			instead = "add it to the user profile, or let the realm have internationalizationEnabled: true"
		case field:
			what, instead = name, "add it to the user profile"
		}
		switch {
		case field && Zero(o[name]):
		case known && a.fallback != "" && attrs[name] != nil && none(o, name):
			out = append(out, Problem{Pointer: profilePointer(name),
				Summary: "the server shows the default value of " + what + " where there is none", Detail: "remove it here, or defaultValue from the user profile"})
		case known && !a.editable:
			out = append(out, Problem{Pointer: profilePointer(name),
				Summary: "the server drops " + what + ": the user profile lets no administrator edit it",
				Detail:  "let permissions.edit of it hold admin, or remove it here"})
		case !known && (!free || name == locale || field):
			out = append(out, Problem{Pointer: profilePointer(name),
				Summary: "the server drops " + what + ": the user profile has none of this name",
				Detail:  instead})
		}
	}
	return out
}

// userRefused says what of a user the user profile does not take.
func userRefused(o, have Object, other func(kind, key string) Object, server Server) []Problem {
	profile := other("user-profile", "")
	if profile == nil {
		return nil
	}
	out := lockedByDefault(o, have, other, server)
	add := func(name, value, text string) {
		what := name
		if !slices.Contains(profiled, name) {
			what = "attribute " + name
		}
		out = append(out, Problem{Pointer: profilePointer(name), Member: value, Summary: what + " " + text, Detail: "the user profile asks for that"})
	}
	attributes := profileOf(profile)
	for _, name := range Keys(attributes) {
		a := attributes[name]
		values, known := profileValues(o, name)
		if !a.editable { // it stays as it is, and is looked at all the same
			values, known = profileValues(have, name)
			known = len(values) == 0
		}
		if !known {
			continue
		}
		if len(values) == 0 {
			if a.fallback != "" {
				continue
			}
			if a.required && a.editable {
				add(name, "", "must not be missing")
				continue
			}
			for _, id := range Keys(a.validations) {
				if text := validators[id].absent; text != "" {
					add(name, "", text)
				}
			}
		}
		if text := a.count(len(values)); text != "" {
			add(name, "", text)
		}
		for _, value := range values {
			for _, id := range Keys(a.validations) {
				config, _ := mapOf(a.validations[id])
				if v := validators[id]; v.value != nil && config != nil {
					if text := v.value(config, value); text != "" {
						add(name, value, text+", not "+shown(value))
					}
				}
			}
		}
	}
	attrs, _ := mapOf(o["attributes"])
	for _, name := range Keys(attrs) {
		a, known := attributes[name]
		values, _ := profileValues(o, name)
		before, _ := profileValues(have, name)
		if !known && profile["unmanagedAttributePolicy"] == nil || slices.Equal(values, before) {
			continue
		}
		if slices.ContainsFunc(serversAttributes, func(s string) bool { return strings.EqualFold(s, name) }) {
			out = append(out, Problem{Pointer: profilePointer(name), Summary: "attribute " + name + " is the server's own: nobody can set it", Detail: "remove it"})
			continue
		}
		const room = 2048
		if _, other := a.validations["length"]; other {
			continue
		}
		for _, value := range values {
			if n := len(utf16.Encode([]rune(value))); n > room {
				out = append(out, Problem{Pointer: profilePointer(name), Member: value,
					Summary: fmt.Sprintf("attribute %s has %d characters; the server takes %d where the user profile has no length for it", name, n, room),
					Detail:  "shorten it, or give it a validator length in the user profile"})
			}
		}
	}
	return out
}

// lockedByDefault says why a server before 26.7 writes no account that it has: it
// gives the account the default value of an attribute, not of a field, that no
// administrator may edit, and then refuses that itself.
func lockedByDefault(_, have Object, other func(kind, key string) Object, server Server) []Problem {
	if have == nil || HasVersion(server.Version, "26.7") {
		return nil
	}
	attributes := profileOf(other("user-profile", ""))
	var out []Problem
	for _, name := range Keys(attributes) {
		a := attributes[name]
		own, _ := profileValues(have, name)
		if a.editable || a.fallback == "" || slices.Contains(profiled, name) || len(own) > 0 && !slices.Equal(own, []string{a.fallback}) {
			continue
		}
		out = append(out, Problem{
			Summary: "Keycloak " + server.Version + " writes no account while the user profile has attribute " + name + " with a defaultValue and lets no administrator edit it",
			Detail:  "let permissions.edit of it hold admin, or remove its defaultValue"})
	}
	return out
}

// count returns what is wrong with how many values there are.
func (a profileAttribute) count(n int) string {
	config, ok := mapOf(a.validations["multivalued"])
	low, _ := wholeNumber(config["min"])
	high, _ := wholeNumber(config["max"])
	switch {
	case ok && n < int(low):
		return fmt.Sprintf("must have at least %v values", config["min"])
	case ok && n > int(high):
		return fmt.Sprintf("must have at most %v values", config["max"])
	case !ok && !a.multivalued && n > 1:
		return "must have one value only: it is not multivalued"
	}
	return ""
}

// serversAttributes are those of a user that nobody but the server sets, in
// whatever case.
var serversAttributes = []string{"KERBEROS_PRINCIPAL", "LDAP_ID", "LDAP_ENTRY_DN", "CREATED_TIMESTAMP", "createTimestamp", "modifyTimestamp"}

// profileDefaults returns the attributes that the server shows in every user who
// has none of the name.
func profileDefaults(other func(kind, key string) Object) Object {
	return Object{"attributes": defaultValues(other("user-profile", ""))}
}

// defaultValues are those of a user profile that administrators are shown.
func defaultValues(profile Object) map[string]any {
	out := map[string]any{}
	for _, e := range asList(profile["attributes"]) {
		a, _ := mapOf(e)
		name, _ := a["name"].(string)
		may, _ := mapOf(a["permissions"])
		shown := slices.Contains(slices.Concat(asList(may["view"]), asList(may["edit"])), any("admin"))
		if v := a["defaultValue"]; shown && !Zero(v) && !slices.Contains(profiled, name) {
			out[name] = []any{v}
		}
	}
	return out
}

// swayDefaults tells of users who come to show a default value. One that others
// had shown already may be their own by now: the server gives it to whoever it
// writes.
func swayDefaults(before, after Object) (string, func(Object) Object) {
	was, is := defaultValues(before), defaultValues(after)
	maps.DeleteFunc(is, func(name string, _ any) bool { return was[name] != nil })
	if len(is) == 0 {
		return "", nil
	}
	return "shows the default value of " + strings.Join(Keys(is), ", "), func(user Object) Object {
		attrs, _ := mapOf(user["attributes"])
		shown := maps.Clone(is)
		maps.Copy(shown, attrs)
		out := without(user, "")
		out["attributes"] = shown
		return out
	}
}

// otherDefaults tells of default values that come, or become others.
func otherDefaults(before, after Object, _ string) []string {
	was, is := defaultValues(before), defaultValues(after)
	var out []string
	for _, name := range Keys(is) {
		if was[name] == nil {
			out = append(out, "whoever has no "+name+" shows the default value of "+name+", and has it once written")
		}
	}
	for _, name := range Keys(was) {
		if !EqualValues(was[name], is[name]) {
			out = append(out, "who was never written since the default value of "+name+" came no longer shows it")
		}
	}
	return out
}
