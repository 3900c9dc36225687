package model

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var organization = &Kind{
	Name:   "organization",
	Doc:    "A customer, partner or other body of people, with its own domains, identity providers, groups and members.",
	Class:  "OrganizationRepresentation",
	Folder: "organizations",
	Places: []Place{{
		Path: "organizations", List: "organizations?briefRepresentation=false", Page: 100,
		In: "organizations", Right: "organizations",
	}},
	Key:  "alias",
	Item: "organizations/{id}",

	Feature:  "ORGANIZATION",
	When:     func(realm Object) bool { return realm["organizationsEnabled"] == true },
	WhenText: "organizationsEnabled: true",
	Takes:    "the accounts of the members that it manages are deleted with it",
	Fields: Fields{
		str("alias").takes(reservedWord).immutable().doc("The name, where that is not said."),
		short("name").required(),
		boolean("enabled").def(true),
		str("description").most(4000),
		str("redirectUrl").takes(Value{Like: aURL.Like, Unlike: noURI, Want: aURL.Want, Most: 2048}),
		objects("domains", "name", str("name").takes(Value{Unlike: regexp.MustCompile(`[\s/:_@]`), Most: columnLength, Want: "the name of a domain, as in example.com"}).required(), boolean("verified")),
		multi("attributes").most(columnLength),
		set("identityProviders").wrap("alias").ref("identity-provider").late().sole().
			via(Link{
				Path: "organizations/{id}/identity-providers/{target}", Add: "organizations/{id}/identity-providers",
				Each: true, ByKey: true, Drops: []string{"/config/kc.org.domain"},
			}),
		// A member that the organization manages loses the account with the
		// membership.
		set("members").wrap("username").ref("user").late().grows().
			via(Link{Path: "organizations/{id}/members/{target}", Add: "organizations/{id}/members", Each: true}).
			doc("Who is to be a member; others stay."),
		str("id").computed(),
	},
	Reads: []Read{
		{
			Fields: []string{"identityProviders"},
			Path:   "organizations/{id}/identity-providers",
			Into: func(answer any, _ func(kind, id string) string) Object {
				return Object{"identityProviders": asList(answer)}
			},
		},
		{
			Fields:   []string{"members"},
			Path:     "organizations/{id}/members?max=-1&briefRepresentation=true",
			One:      "organizations/{id}/members?search={member}&exact=true&briefRepresentation=true",
			Declared: true,
			Into: func(answer any, _ func(kind, id string) string) Object {
				return Object{"members": asList(answer)}
			},
		},
	},
	Unfold:  unfoldOrganization,
	Ignores: nobodySignsIn,
	LooksAt: map[string]string{"identityProviders": "identity-provider"},
	Fits:    ownDomains,
	Claims: func(o, _ Object) map[string]string {
		out := map[string]string{}
		if name, ok := o["name"].(string); ok {
			out["/name"] = "the name " + name
		}
		for i, e := range asList(o["domains"]) {
			domain, _ := mapOf(e)
			if name, ok := domain["name"].(string); ok {
				out[Pointer("domains", strconv.Itoa(i), "name")] = "the domain " + name
			}
		}
		return out
	},
}

// nobodySignsIn tells the identity providers that only vouch for clients: the
// server takes them for an organization's and forgets them.
func nobodySignsIn(o, _ Object, other func(kind, key string) Object) []Problem {
	aliases, _ := o["identityProviders"].([]any)
	var out []Problem
	for i, a := range aliases {
		alias, _ := a.(string)
		switch typ := other("identity-provider", alias)["providerId"]; typ {
		case "jwt-authorization-grant", "kubernetes", "spiffe":
			out = append(out, Problem{Pointer: Pointer("identityProviders", strconv.Itoa(i)),
				Summary: fmt.Sprintf("the server does not give an organization the identity provider %s: nobody signs in by one of %s", alias, typ), Detail: "remove it"})
		}
	}
	return out
}

// ownDomains tells the identity providers of an organization that find people by a
// domain which is not its own. The server refuses to give a provider one, and
// takes it away without a word when the organization loses it.
func ownDomains(whole Object, other func(kind, key string) Object) (out []Problem) {
	const anyDomain = "ANY"
	own := map[string]bool{anyDomain: true}
	for _, e := range asList(whole["domains"]) {
		domain, _ := mapOf(e)
		name, _ := domain["name"].(string)
		own[name] = true
	}
	for _, e := range asList(whole["identityProviders"]) {
		alias, _ := e.(string)
		if domain := configText(other("identity-provider", alias), "kc.org.domain"); domain != "" && !own[domain] {
			out = append(out, Problem{Pointer: Pointer("domains"),
				Summary: fmt.Sprintf("config.kc.org.domain of its identity provider %s is %s, which is not one of its domains", alias, domain),
				Detail:  "let the provider have another, or the organization this one"})
		}
	}
	return out
}

// unfoldOrganization spells an organization as the server would: with an
// alias, and domains and users in lower case.
func unfoldOrganization(rep Object) Object {
	out := Object{}
	for k, v := range rep {
		out[k] = v
	}
	if _, ok := out["alias"]; !ok && out["name"] != nil {
		out["alias"] = out["name"]
	}
	lower(out, "domains", "name")
	lower(out, "members", "username")
	return out
}

// lower lowers the case of the strings in a list, be they members themselves
// or fields of members.
func lower(o Object, list, name string) {
	l, ok := o[list].([]any)
	if !ok {
		return
	}
	out := make([]any, len(l))
	for i, e := range l {
		out[i] = e
		if s, ok := e.(string); ok {
			out[i] = strings.ToLower(s)
		}
		if m, ok := mapOf(e); ok {
			c := map[string]any{}
			for k, v := range m {
				c[k] = v
			}
			lowerField(c, name)
			out[i] = c
		}
	}
	o[list] = out
}

// lowerField lowers the case of a text; a reference stays what it is.
func lowerField(o map[string]any, name string) {
	if s, ok := o[name].(string); ok {
		if _, is := ParseReference(s); !is {
			o[name] = strings.ToLower(s)
		}
	}
}

var organizationGroup = &Kind{
	Name:  "organization-group",
	Doc:   "A group of an organization's members; groups form a tree of their own in each organization.",
	Class: "GroupRepresentation",
	Since: "26.6",
	Places: []Place{
		{
			Parent: "organization",
			Path:   "{parent}/groups",
			List:   "{parent}/groups?search=*&populateHierarchy=false&briefRepresentation=false",
			Page:   100,
			Each:   true,
			In:     "groups",
			Right:  "organizations",
		},
		{Parent: "organization-group", Path: "{parent}/children", In: "subGroups", Right: "organizations"},
	},
	Key:  "name",
	Item: "{root}/groups/{id}",
	Move: "{parent}/children",
	// What is POSTed below another group loses description and attributes.
	Reread: true,
	Fields: Fields{
		short("name").required(),
		short("description"),
		multi("attributes").most(columnLength),
		realmRoles("realmRoles", "{root}/groups/{id}/role-mappings/realm").since("26.7"),
		clientRoles("clientRoles", "{root}/groups/{id}/role-mappings/clients/{owner}").since("26.7"),
		str("id").computed(),
		str("path").computed(),
		str("parentId").computed(),
		integer("subGroupCount").computed(),
		anything("access").computed(),
	},
}
