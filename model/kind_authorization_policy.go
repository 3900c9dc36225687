package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// authorizationPolicy is a policy or a permission: one namespace, one
// endpoint, and one list in files.
//
// Keycloak has two spellings of them. That of realm exports and of the
// authorization settings is a map of texts, config, in which lists are JSON;
// it is what goes over the wire, because it takes every reference by name.
// That of the typed endpoints is what people would write, and here the form
// that is compared.
var authorizationPolicy = &Kind{
	Name: "authorization-policy",
	Doc:  "A condition under which access is granted (a policy), or what it takes to get at resources and scopes (a permission: type resource or scope).",
	// The typed forms have fields of their own.
	Class: "PolicyRepresentation",
	Typed: []string{
		"AggregatePolicyRepresentation", "ClientPolicyRepresentation@authorization", "ClientScopePolicyRepresentation",
		"GroupPolicyRepresentation", "RegexPolicyRepresentation", "RolePolicyRepresentation", "TimePolicyRepresentation",
		"UserPolicyRepresentation",
	},
	Places: []Place{{
		Parent: "authorization", Path: "{parent}/policy", In: "policies", Inline: true, Inside: true,
		Right: "authorization", Managed: true,
	}},
	Key:  "name",
	Find: "{parent}/policy/search?name={key}",
	Part: true,
	Kept: ofManagement(managedPolicy.MatchString),
	Spawns: func(_ Object, client string) []Object {
		return []Object{
			{
				"name": "Default Policy", "type": "js", "description": "A policy that grants access only for users within this realm",
				"decisionStrategy": "AFFIRMATIVE",
				"config":           map[string]any{"code": "// by default, grants any permission associated with this policy\n$evaluation.grant();\n"},
			},
			{
				"name": "Default Permission", "type": "resource", "description": "A permission that applies to the default resource type",
				"resourceType": defaultResourceType(client), "policies": []any{"Default Policy"},
			},
		}
	},
	SpawnsUntil: "26.5",
	Fields:      policyFields("authorization-policy", "authorization-resource", "authorization-scope"),
	Check: func(o Object) []Problem {
		return slices.Concat(namedTwice(o), rolesNotFound(o), scopesNotNamed(o))
	},
	Withers: namesNoScope,
	Ignores: listsOfOthers,
	Unfold:  unfoldPolicy,
	Wire:    wirePolicy,
}

// scopesNotNamed tells that a policy goes when it is least expected.
func scopesNotNamed(o Object) []Problem {
	if namesNoScope(o) == "" || o["clientScopes"] == nil {
		return nil
	}
	return []Problem{{Warning: true, Pointer: Pointer("clientScopes"), Summary: "it names no client scope: the server deletes it along with any that is deleted, in this realm or in another",
		Detail: "name one, or leave the policy out"}}
}

// namesNoScope returns the kind along with any object of which the server deletes
// a policy: wherever a client scope goes, it deletes those of type client-scope
// that have none left.
func namesNoScope(o Object) string {
	if o["type"] != "client-scope" || !Zero(o["clientScopes"]) || !Zero(o["requiredClientScopes"]) {
		return ""
	}
	return "client-scope"
}

// namedTwice tells what a policy has both among those of which one is enough
// and among those that are needed in any case: the server takes it once.
func namedTwice(o Object) []Problem {
	var out []Problem
	for _, lists := range [][2]string{{"roles", "requiredRoles"}, {"clientScopes", "requiredClientScopes"}, {"groups", "groupsWithChildren"}} {
		first, _ := o[lists[0]].([]any)
		second, _ := o[lists[1]].([]any)
		for _, name := range second {
			if slices.Contains(first, name) {
				out = append(out, Problem{Pointer: Pointer(lists[1]), Summary: fmt.Sprintf("%v is in %s and in %s", name, lists[0], lists[1]), Detail: "it can be in one of the two only"})
			}
		}
	}
	return out
}

// rolesNotFound tells the realm roles that the server, which keeps and takes them
// by name here, would look for below a client.
func rolesNotFound(o Object) []Problem {
	var out []Problem
	for _, list := range []string{"roles", "requiredRoles"} {
		for _, e := range asList(o[list]) {
			if name, _ := e.(string); strings.HasPrefix(name, "/") {
				out = append(out, Problem{Pointer: Pointer(list), Member: name, Summary: fmt.Sprintf("the server would not find role %s: it takes what is before a / for the name of a client", name[1:]),
					Detail: "give the role a name without one"})
			}
		}
	}
	return out
}

// listsOfOthers tells what a policy says that only those of other types have:
// the server takes it and drops it.
func listsOfOthers(o, whole Object, _ func(kind, key string) Object) []Problem {
	typ, _ := whole["type"].(string)
	if policyLists[typ] == nil && policyTexts[typ] == nil {
		return nil // of a type of somebody's own
	}
	own, others := map[string]bool{}, map[string]bool{}
	for of, lists := range policyLists {
		for _, l := range lists {
			for _, field := range []string{l.field, l.flagged} {
				own[field] = own[field] || of == typ
				others[field] = true
			}
		}
	}
	var out []Problem
	for _, field := range Keys(others) {
		// Any may be about resources and scopes.
		if !own[field] && !Zero(o[field]) && field != "resources" && field != "scopes" {
			out = append(out, Problem{Pointer: Pointer(field),
				Summary: fmt.Sprintf("a policy of type %s has no %s: the server drops them", typ, field), Detail: "remove them, or make it one of another type"})
		}
	}
	return out
}

// policyFields are the fields of policies and permissions whose references
// to each other are of the given kinds.
func policyFields(policy, resource, scope string) Fields {
	return join(
		Fields{
			short("name").required(),
			str("type").required().immutable().names("providers/policy"),
			short("description"),
			str("logic").enum("POSITIVE", "NEGATIVE").def("POSITIVE"),
			str("decisionStrategy").enum("UNANIMOUS", "AFFIRMATIVE", "CONSENSUS").def("UNANIMOUS"),
			str("resourceType").doc("Of a permission of type resource: the type of resources that it is about."),
			set("resources").ref(resource).sibling().sustains(),
			set("scopes").ref(scope).sibling().sustains(),
			set("policies").ref(policy).sibling().sustains().doc("The policies that a permission or a policy of type aggregate asks."),
			set("roles").ref("role").slashed().doc("Of a policy of type role: realm roles, and client roles as client/role, of which one is enough."),
			set("requiredRoles").ref("role").slashed().ours().doc("Roles that are needed in any case."),
			boolean("fetchRoles"),
			set("users").ref("user"),
			set("clients").ref("client"),
			set("clientScopes").ref("client-scope").sustains().doc("Of a policy of type client-scope: scopes of which one is enough."),
			set("requiredClientScopes").ref("client-scope").ours().sustains().doc("Scopes that are needed in any case."),
			str("groupsClaim"),
			set("groups").ref("group").byID(),
			set("groupsWithChildren").ref("group").byID().ours().doc("Groups that stand for those below them, too."),
			str("targetClaim"),
			str("pattern").takes(javaPattern.broken(noAnswer)),
			boolean("targetContextAttributes"),
		},
		each(date, "notBefore", "notOnOrAfter"),
		each(dial, timeOfPolicy...),
		Fields{dict("config").doc("What policies of other types have; or, as in Keycloak's exports, of all types: lists are then JSON.")},
		computed(each(anything, "id", "owner", "resourcesData", "scopesData")),
	)
}

var timeOfPolicy = []string{
	"dayMonth", "dayMonthEnd", "month", "monthEnd", "year", "yearEnd", "hour", "hourEnd", "minute", "minuteEnd",
}

// policyTexts are, by type, the fields that are plain texts in config, and
// their keys there.
var policyTexts = map[string][][2]string{
	"role":     {{"fetchRoles", "fetchRoles"}},
	"group":    {{"groupsClaim", "groupsClaim"}},
	"regex":    {{"targetClaim", "targetClaim"}, {"pattern", "pattern"}, {"targetContextAttributes", "targetContextAttributes"}},
	"time":     append([][2]string{{"notBefore", "nbf"}, {"notOnOrAfter", "noa"}}, sameNames(timeOfPolicy)...),
	"resource": {{"resourceType", "defaultResourceType"}},
}

func sameNames(names []string) [][2]string {
	out := make([][2]string, len(names))
	for i, n := range names {
		out[i] = [2]string{n, n}
	}
	return out
}

// policyLists are, by type, the lists that are JSON in config.
var policyLists = map[string][]policyList{
	"role":         {{field: "roles", key: "roles", member: "id", flag: "required", flagged: "requiredRoles"}},
	"client-scope": {{field: "clientScopes", key: "clientScopes", member: "id", flag: "required", flagged: "requiredClientScopes"}},
	// By path the server does not find a group whose name holds a "/".
	"group":     {{field: "groups", key: "groups", member: "path", sent: "id", flag: "extendChildren", flagged: "groupsWithChildren"}},
	"user":      {{field: "users", key: "users"}},
	"client":    {{field: "clients", key: "clients"}},
	"aggregate": {{field: "policies", key: "applyPolicies"}},
	"resource":  {{field: "policies", key: "applyPolicies"}, {field: "resources", key: "resources"}},
	"scope":     {{field: "policies", key: "applyPolicies"}, {field: "resources", key: "resources"}, {field: "scopes", key: "scopes"}},
}

// policyList is a list of names, or of objects with a name and a flag.
type policyList struct{ field, key, member, sent, flag, flagged string }

// unfoldPolicy takes the fields out of config.
func unfoldPolicy(rep Object) Object {
	out := without(rep, "")
	typ, _ := plainText(rep["type"])
	config, _ := mapOf(rep["config"])
	rest := without(config, "")
	move := func(field, key string, v any) {
		if _, ok := out[field]; !ok {
			out[field] = v
		}
		delete(rest, key)
	}
	for _, t := range policyTexts[typ] {
		if v, ok := config[t[1]]; ok {
			move(t[0], t[1], v)
		}
	}
	for _, l := range policyLists[typ] {
		if v, ok := jsonList(config[l.key]); ok {
			move(l.field, l.key, v)
		}
		l.split(out)
	}
	lower(out, "users", "")
	switch {
	case len(rest) > 0:
		out["config"] = map[string]any(rest)
	case config != nil:
		delete(out, "config")
	}
	return out
}

// split parts the members that carry the flag from those that do not. A list
// that is shown is complete: so is then the other.
func (l policyList) split(o Object) {
	v, ok := o[l.field]
	if l.member == "" || !ok || v == nil {
		return
	}
	plain, flagged := []any{}, []any{}
	for _, e := range asList(v) {
		m, ok := mapOf(e)
		name := m[l.member]
		if name == nil {
			name = m[l.sent]
		}
		switch {
		case !ok:
			plain = append(plain, e)
		case m[l.flag] == true || m[l.flag] == "true":
			flagged = append(flagged, name)
		default:
			plain = append(plain, name)
		}
	}
	o[l.field] = plain
	if _, ok := o[l.flagged]; !ok {
		o[l.flagged] = flagged
	}
}

// wirePolicy puts the fields into config. Lists that are empty are named,
// because the server keeps those that are not.
func wirePolicy(body Object) Object {
	out := without(body, "")
	typ, _ := out["type"].(string)
	config := map[string]any{}
	have, _ := mapOf(out["config"])
	for k, v := range have {
		config[k] = v
	}
	for _, t := range policyTexts[typ] {
		if v, ok := out[t[0]]; ok {
			if b, ok := v.(bool); ok {
				v = strconv.FormatBool(b)
			}
			config[t[1]] = v
		}
	}
	for _, l := range policyLists[typ] {
		config[l.key] = l.text(out)
	}
	for _, f := range policyFields("", "", "") {
		if !slices.Contains([]string{"name", "type", "description", "logic", "decisionStrategy"}, f.Name) {
			delete(out, f.Name)
		}
	}
	out["config"] = config
	return out
}

// text returns the list as JSON.
func (l policyList) text(o Object) string {
	members := []any{}
	add := func(field string, flag bool) {
		list, _ := o[field].([]any)
		for _, e := range list {
			if l.member == "" {
				members = append(members, e)
				continue
			}
			members = append(members, map[string]any{cmp.Or(l.sent, l.member): e, l.flag: flag})
		}
	}
	add(l.field, false)
	if l.flagged != "" {
		add(l.flagged, true)
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic("model: names are not JSON: " + err.Error())
	}
	return string(text)
}
