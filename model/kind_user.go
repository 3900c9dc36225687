package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

var user = &Kind{
	Name:   "user",
	Doc:    "An account of the realm. Users are data: only those that files declare are looked at; one is deleted only where absent: and --delete both name it.",
	Class:  "UserRepresentation",
	Folder: "users",
	Places: []Place{{
		Path: "users", List: "users?username={key}&exact=true", Declared: true,
		Rival: &Search{Field: "email", List: "users?email={value}&exact=true"},
		In:    "users", Right: "users",
	}},
	Key:   "username",
	Item:  "users/{id}",
	Takes: "its credentials, consents, sessions and links to identity providers are deleted with it",
	// The realm's settings say if a username may change, how good a password
	// has to be, and which attributes there are.
	After: []string{"realm", "user-profile"},
	// New people are asked for what the realm's actions say then.
	NewAfter: []string{"required-action"},
	Reread:   true,
	Unlike:   userUnlike,
	Clear:    Empty,
	Fields: join(
		Fields{
			short("username").required(),
			short("email"),
			boolean("emailVerified"),
			short("firstName"),
			short("lastName"),
			boolean("enabled").def(true),
			multi("attributes").clearWith(Omit),
			set("requiredActions").ref("required-action").late().imposed(),
			objectList("credentials",
				str("type"),
				str("value").secret(),
				boolean("temporary"),
				str("userLabel"),
				str("secretData").secret(),
				str("credentialData"),
				long("createdDate"),
				integer("priority"),
				str("federationLink"),
				str("id").computed(),
				// How Keycloak exported them until version 7; it still reads that.
				str("hashedSaltedValue").secret(),
				str("salt").secret(),
				integer("hashIterations").present(),
				str("algorithm"),
				integer("counter").present(),
				integer("digits").present(),
				integer("period").present(),
				str("device"),
				anything("config"),
			).secret().initial().doc("Given to the user once, when the account is made."),
			realmRoles("realmRoles", "users/{id}/role-mappings/realm"),
			clientRoles("clientRoles", "users/{id}/role-mappings/clients/{owner}"),
			set("groups").ref("group").late().follows("defaultGroups").via(Link{Path: "users/{id}/groups/{target}", Each: true}),
			objects("federatedIdentities", "identityProvider",
				str("identityProvider").required(), str("userId").required(), str("userName"),
			).ref("identity-provider").late().
				via(Link{Path: "users/{id}/federated-identity/{target}", Add: "users/{id}/federated-identity/{target}", Each: true, ByKey: true}),
		},
		computed(each(anything,
			"access", "createdTimestamp", "disableableCredentialTypes", "id", "notBefore", "origin", "self",
			"serviceAccountClientId", "totp", "userProfileMetadata")),
	),
	Unmanaged: []string{
		"applicationRoles", "clientConsents", "federationLink", "issuedVerifiableCredentials", "socialLinks", "verifiableCredentials",
	},
	Instead: map[string]string{"socialLinks": "federatedIdentities"},
	Reads: append(userLinks(), Read{
		Fields: []string{"federatedIdentities"},
		Path:   "users/{id}/federated-identity",
		Into: func(answer any, _ func(kind, id string) string) Object {
			return Object{"federatedIdentities": asList(answer)}
		},
	}),
	Check: stillTemporary,
	// The server makes accounts that are switched off unless told otherwise.
	Complete: func(body, _ Object) {
		if body["enabled"] == nil {
			body["enabled"] = true
		}
	},
	Renames: func(realm Object) (summary, detail string) {
		if realm["editUsernameAllowed"] == true || realm[emailAsUsername] == true {
			return "", ""
		}
		return "the realm lets nobody change a username", "declare editUsernameAllowed: true in the realm"
	},
	Derive:  func(_, _, realm Object) Object { return defaultRole(realm) },
	Gives:   profileDefaults,
	Ignores: userIgnores,
	Refuses: func(o, have Object, other func(kind, key string) Object, server Server) []Problem {
		return append(userRefused(o, have, other, server), weakPasswords(o, have, other)...)
	},
	Claims:  emailOfOne,
	LooksAt: map[string]string{"username": "user-profile"},
	Fits:    calledByEmail,
	Canon:   fullAttributes,
	// Keycloak keeps names and addresses in lower case.
	Unfold: func(rep Object) Object {
		out := fieldsFirst(renamed(rep, "applicationRoles", "clientRoles"))
		lowerField(out, "username")
		lowerField(out, "email")
		return out
	},
}

// defaultRole returns the realm's, which every new user gets.
func defaultRole(realm Object) Object {
	out := Object{}
	if name, ok := realm["defaultRole"].(string); ok {
		out["realmRoles"] = []any{name}
	}
	return out
}

// weakPasswords tells the passwords of a new user that the realm's policy does
// not let it have.
func weakPasswords(o, have Object, other func(kind, key string) Object) (out []Problem) {
	policy, _ := other("realm", "")["passwordPolicy"].(string)
	if have != nil || policy == "" {
		return nil
	}
	name, _ := o["username"].(string)
	email, _ := o["email"].(string)
	for i, e := range asList(o["credentials"]) {
		c, _ := mapOf(e)
		password, given := c["value"].(string)
		if typ := c["type"]; !given || typ != nil && typ != "password" {
			continue
		}
		if _, ok := ParseReference(password); ok {
			continue // nobody knows it yet
		}
		for _, want := range passwordLacks(policy, password, name, email) {
			out = append(out, Problem{Pointer: Pointer("credentials", strconv.Itoa(i), "value"),
				Summary: "the password " + want + ", as the realm's passwordPolicy asks", Detail: "give the user another one"})
		}
	}
	return out
}

// stillTemporary tells a temporary password whose owner is asked for nothing.
func stillTemporary(o Object) []Problem {
	actions, said := o["requiredActions"]
	asked := slices.Contains(asList(actions), any("UPDATE_PASSWORD"))
	for i, e := range asList(o["credentials"]) {
		if c, _ := mapOf(e); said && !asked && c["temporary"] == true {
			return []Problem{{Pointer: Pointer("credentials", strconv.Itoa(i), "temporary"),
				Summary: "requiredActions does not hold UPDATE_PASSWORD, which makes a password temporary: it is not", Detail: "add it there, or take requiredActions out of the file", Warning: true}}
		}
	}
	return nil
}

// userLinks are the requests that show a user's roles and groups.
func userLinks() []Read {
	return []Read{
		{
			Fields: []string{"realmRoles", "clientRoles"},
			Path:   "users/{id}/role-mappings",
			Into: func(answer any, _ func(kind, id string) string) Object {
				realm, client := mappings(answer)
				return Object{"realmRoles": realm, "clientRoles": client}
			},
		},
		{
			Fields: []string{"groups"},
			Path:   "users/{id}/groups?max=-1",
			Into: func(answer any, _ func(kind, id string) string) Object {
				groups := []any{}
				for _, e := range asList(answer) {
					g, _ := mapOf(e)
					groups = append(groups, g["path"])
				}
				return Object{"groups": groups}
			},
		},
	}
}

// emailAsUsername is the realm's switch by which users are called by their email.
const emailAsUsername = "registrationEmailAsUsername"

// calledByEmail says which username the server would give a user instead of its
// own. It shows the email at once, whatever name it keeps, and keeps it, too,
// when the user is written the next time; one without email it does not take.
func calledByEmail(whole Object, other func(kind, key string) Object) []Problem {
	name, email := whole["username"], whole["email"]
	switch {
	case other("realm", "")[emailAsUsername] != true || name == email:
		return nil
	case Zero(email):
		return []Problem{{Pointer: Pointer("username"), Summary: "it has no email, and the realm calls users by their email (" + emailAsUsername + ")",
			Detail: "give it an email, and that as its username, too"}}
	}
	return []Problem{{Pointer: Pointer("username"), Summary: fmt.Sprintf("the server would call it %v: the realm calls users by their email (%s)", email, emailAsUsername),
		Detail: fmt.Sprintf("write username: %v, and the old one as previously:", email)}}
}

// emailOfOne returns the email of a user, which no two have unless the realm lets
// them, and the names by which it can sign in where an email is one.
func emailOfOne(o, realm Object) map[string]string {
	out := map[string]string{}
	if realm["duplicateEmailsAllowed"] == true {
		return out
	}
	email, _ := o["email"].(string)
	if email != "" {
		out["/email"] = "the email " + email
	}
	if name, _ := o["username"].(string); name != email && realm["loginWithEmailAllowed"] == true && strings.Contains(name, "@") {
		out["/username"] = "the email " + name
	}
	return out
}

// fullAttributes leaves out empty texts among a user's attributes: the server
// drops them, while those that an import kept say nothing either.
func fullAttributes(o Object) Object {
	attrs, ok := mapOf(o["attributes"])
	if !ok {
		return o
	}
	full := make(map[string]any, len(attrs))
	for name, v := range attrs {
		if l, ok := v.([]any); ok {
			v = slices.DeleteFunc(slices.Clone(l), func(e any) bool { return e == "" })
		}
		full[name] = v
	}
	o["attributes"] = full
	return o
}

// fieldsFirst makes fields of the attributes of a user that are so by now, as
// the server does.
func fieldsFirst(rep Object) Object {
	attrs, _ := mapOf(rep["attributes"])
	var rest map[string]any
	for _, name := range []string{"email", "firstName", "lastName"} {
		v, ok := attrs[name]
		if !ok {
			continue
		}
		if rest == nil {
			rest = maps.Clone(attrs)
		}
		delete(rest, name)
		if l := asList(v); rep[name] == nil && len(l) == 1 {
			rep[name] = l[0]
		}
	}
	if rest != nil {
		if rep["attributes"] = rest; len(rest) == 0 {
			delete(rep, "attributes") // an empty map would ask for none
		}
	}
	return rep
}

// userUnlike tells what a user gets from Keycloak's API and not from its import.
func userUnlike(o Object, file File) []Problem {
	out := bareRole(o["realmRoles"], "/realmRoles", file)
	for i, e := range asList(o["credentials"]) {
		if c, _ := mapOf(e); c["temporary"] == true {
			out = append(out, Problem{Pointer: Pointer("credentials", strconv.Itoa(i), "temporary"),
				Summary: "requiredActions get UPDATE_PASSWORD for a temporary password; Keycloak's own import forgets that it is one"})
		}
	}
	if o["realmRoles"] == nil {
		out = append(out, Problem{Summary: "realmRoles get the realm's default roles; Keycloak's own import gives none"})
	}
	return out
}
