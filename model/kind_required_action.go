package model

var requiredAction = &Kind{
	Name:   "required-action",
	Doc:    "Something that users may have to do before they are signed in, such as to verify their email address.",
	Class:  "RequiredActionProviderRepresentation",
	Folder: "required-actions",
	Listed: true,
	Places: []Place{{Path: "authentication/required-actions", In: "requiredActions", Base: true, Right: "realm"}},
	Key:    "alias",
	ID:     "alias",

	LocatedByKey: true,
	Register: &Register{
		Path:   "authentication/register-required-action",
		Fields: []string{"providerId", "name"},
		As:     "providerId",
	},
	Derive: func(o, _, _ Object) Object {
		return Object{"providerId": o["alias"], "name": o["alias"], "enabled": true}
	},
	Fields: Fields{
		short("alias").required(),
		short("name"),
		str("providerId").immutable().names("providers/required-action"),
		boolean("enabled"),
		boolean("defaultAction"),
		integer("priority").doc("Users are asked to do what has the lowest number first."),
		// The server looks at these where a console sends them, and nowhere else.
		dict("config").entry(whole(0), "max_auth_age", "warning_threshold"),
	},
	Restored: map[string]string{
		"required-action/delete_account": "", "required-action/idp_link": "26.3", "required-action/delete_credential": "25.0",
		"required-action/update_user_locale": "9.0 client/account",
	},
	// What versions since have added is put in by their migrations, as a new realm has it.
	Unspoken: func(o Object, file File) []Problem {
		if file.Lists("required-action") && o["alias"] != "delete_account" {
			return nil
		}
		return renumbered(o, file)
	},
	Unlike: func(o Object, file File) []Problem {
		if p := renumbered(o, file); p != nil {
			return p
		}
		verify, said := file.Of("required-action/VERIFY_EMAIL")["priority"].(int64)
		own, _ := o["priority"].(int64)
		if file.Exported == "" || HasVersion(file.Exported, "26.7") || o["alias"] != "CONFIGURE_TOTP" && o["alias"] != "UPDATE_PASSWORD" ||
			!said || o["priority"] == nil || own == verify+1 {
			return nil
		}
		return []Problem{{Pointer: "/priority", Summary: "priority stays as the file has it; Keycloak's own import puts it next to that of VERIFY_EMAIL"}}
	},
	Overrules: func(o Object) []Overrule {
		if o["alias"] != "CONFIGURE_TOTP" || o["name"] != "Configure Totp" {
			return nil
		}
		return []Overrule{{Field: "name", Value: "Configure OTP", Why: "it is called so by now"}}
	},
	// Files of servers before Keycloak 21 have it in lower case.
	Unfold: func(rep Object) Object {
		const before, now = "terms_and_conditions", "TERMS_AND_CONDITIONS"
		if rep["alias"] != before && rep["providerId"] != before {
			return rep
		}
		out := without(rep, "")
		for _, name := range []string{"alias", "providerId"} {
			if out[name] == before {
				out[name] = now
			}
		}
		return out
	},
}

// renumbered tells of the order of required actions, which had none before
// Keycloak 4.2: its import gives them one by their names.
func renumbered(o Object, file File) []Problem {
	if file.Exported == "" || HasVersion(file.Exported, "4.2") {
		return nil
	}
	p := Problem{Pointer: "/priority", Summary: "priority stays as a new realm has it; "}
	switch {
	case file.Of(file.Addr) == nil:
		p.Pointer = "/requiredActions"
	case o["priority"] != nil:
		p.Summary = "priority stays as the file has it; "
	}
	p.Summary += "Keycloak's own import orders the actions of a file from before 4.2 by their names"
	return []Problem{p}
}
