package model

import (
	"encoding/json"
	"regexp"
	"strconv"
)

var userProfile = &Kind{
	Name:  "user-profile",
	Doc:   "Which attributes users have, who may see and edit them, and what is asked of their values.",
	Class: "UPConfig",
	File:  "user-profile",
	// A partial export holds it only if it was ever changed.
	Places:  []Place{{Path: "users/profile", In: "userProfile", Right: "realm"}},
	Item:    "users/profile",
	Spawned: true,
	Impact:  otherDefaults,
	Unlike: func(o Object, _ File) []Problem {
		if o["attributes"] == nil || o["groups"] != nil {
			return nil
		}
		return []Problem{{Summary: "groups is not said: that of a new realm stays; Keycloak's own import leaves a profile without any"}}
	},
	Sways: []Sway{{Kind: "user", Shown: true, By: swayDefaults}, {Kind: "service-account", Shown: true, By: swayDefaults}},
	Fields: Fields{
		objectList("attributes",
			str("name").required().takes(Value{Like: regexp.MustCompile(`^[a-zA-Z0-9._-]+$`), Want: "a name of letters, digits, and any of ._-", Filled: true}),
			str("displayName"),
			str("group").among("groups").doc("The name of one of the groups."),
			boolean("multivalued"),
			str("defaultValue"),
			// Empty, it is required of everybody; absent, of nobody.
			object("required", set("roles").enum("admin", "user"), set("scopes").ref("client-scope").byName()).present(),
			object("permissions", set("view").enum("admin", "user"), set("edit").enum("admin", "user")),
			object("selector", set("scopes").ref("client-scope").byName()),
			freeMap("validations").keysName("components/org.keycloak.validate.Validator", "providers/validator"),
			freeMap("annotations"),
		).named("name").holds("username", "email").
			loss("what users have in it stays in the database, and the policy for unmanaged attributes decides who sees it").
			doc("All attributes, in the order in which forms show them. Each is complete: what is absent from it is empty."),
		objectList("groups",
			str("name").required(),
			str("displayHeader"),
			str("displayDescription"),
			freeMap("annotations"),
		).named("name").
			doc("All groups of attributes, in the order in which forms show them."),
		str("unmanagedAttributePolicy").enum("ENABLED", "ADMIN_VIEW", "ADMIN_EDIT").
			doc("Who sees and edits attributes that are not in the list: nobody while it is absent."),
	},
	Imports: []Import{{Field: "unmanagedAttributePolicy", Value: "ENABLED", Before: "24.0", Of: userProfileDisabled,
		Why: "until Keycloak 23 people could have any attribute"}},
	Check: checkProfile,
}

// userProfileDisabled recognizes the realms whose users had any attributes, as
// long as a realm could have no profile.
func userProfileDisabled(_, realm Object) bool {
	attrs, _ := mapOf(realm["attributes"])
	return attrs["userProfileEnabled"] != "true"
}

// checkProfile finds what the server refuses: settings that validators do not
// have, default values that they do not take, and annotations of another form.
func checkProfile(o Object) []Problem {
	var out []Problem
	for i, e := range asList(o["attributes"]) {
		a, _ := mapOf(e)
		name, _ := a["name"].(string)
		at := Pointer("attributes", strconv.Itoa(i))
		validations, _ := mapOf(a["validations"])
		text, _ := a["defaultValue"].(string)
		for _, id := range Keys(validations) {
			config, ok := mapOf(validations[id])
			v := validators[id]
			if !ok || v.config == nil && v.value == nil {
				continue
			}
			if v.config != nil {
				if key, wrong := v.config(config); wrong != "" {
					here, what := at+Pointer("validations", id), "validator "+id+" of attribute "+name
					if key != "" {
						here, what = here+Pointer(key), key+" of "+what
					}
					out = append(out, Problem{Pointer: here, Summary: what + " " + wrong})
					continue
				}
			}
			if v.value != nil && text != "" {
				if wrong := v.value(config, text); wrong != "" {
					out = append(out, Problem{Pointer: at + Pointer("defaultValue"), Summary: "defaultValue of attribute " + name + " " + wrong + ", as validator " + id + " has it"})
				}
			}
		}
		annotations, _ := mapOf(a["annotations"])
		if v, ok := annotations["inputOptions"]; ok {
			if _, isList := v.([]any); !isList {
				out = append(out, Problem{Pointer: at + Pointer("annotations", "inputOptions"), Summary: "inputOptions of attribute " + name + " must be a list"})
			}
		}
		if v, ok := annotations["inputOptionLabels"]; ok {
			if _, isMap := mapOf(v); !isMap {
				out = append(out, Problem{Pointer: at + Pointer("annotations", "inputOptionLabels"), Summary: "inputOptionLabels of attribute " + name + " must be an object"})
			}
		}
	}
	return out
}

// Where Keycloak's own realm files keep the user profile: as text, in a list
// of one, in the configuration of a component.
const (
	profileProvider = "org.keycloak.userprofile.UserProfileProvider"
	profileConfig   = "kc.user.profile.config"
)

// unfoldProfile moves the user profile from the components, among which a
// realm's representation has it, to a key of its own.
func unfoldProfile(rep Object) Object {
	components, _ := mapOf(rep["components"])
	l, _ := components[profileProvider].([]any)
	if len(l) != 1 {
		return rep
	}
	c, _ := mapOf(l[0])
	config, _ := mapOf(c["config"])
	text, key := profileText(config)
	out, others := Object{}, map[string]any{}
	for k, v := range rep {
		out[k] = v
	}
	for k, v := range components {
		if k != profileProvider {
			others[k] = v
		}
	}
	if out["components"] = others; len(others) == 0 {
		delete(out, "components")
	}
	var profile map[string]any
	if json.Unmarshal([]byte(text), &profile) == nil {
		profile[fragmentKey] = Pointer("components", profileProvider, "0", "config", key)
		out["userProfile"] = profile
	}
	return out
}

// profileText returns the profile as the component's configuration holds it, and
// the key where it begins: until Keycloak 22 it was cut into pieces.
func profileText(config map[string]any) (text, key string) {
	one := func(key string) string {
		l, _ := config[key].([]any)
		if len(l) != 1 {
			return ""
		}
		s, _ := l[0].(string)
		return s
	}
	if text = one(profileConfig); text != "" {
		return text, profileConfig
	}
	const piece = "config-piece-"
	for i := 0; one(piece+strconv.Itoa(i)) != ""; i++ {
		text += one(piece + strconv.Itoa(i))
	}
	return text, piece + "0"
}
