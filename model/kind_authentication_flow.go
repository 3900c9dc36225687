package model

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/javaregexp"
)

var authenticationFlow = &Kind{
	Name:   "authentication-flow",
	Doc:    "A tree of steps by which somebody or something proves who they are.",
	Class:  "AuthenticationFlowRepresentation",
	Folder: "authentication/flows",
	Places: []Place{{Path: "authentication/flows", In: "authenticationFlows", Base: true, Right: "realm"}},
	Key:    "alias",
	Item:   "authentication/flows/{id}",

	OwnID: true,
	Bound: true,
	Loses: "the place of those who are still signing in by it: they begin again, and meet an error before if an identity provider sent them",
	Fields: Fields{
		str("alias").takes(reserved).required(),
		short("description"),
		str("providerId").immutable().def("basic-flow").doc("basic-flow, or client-flow for one by which clients prove who they are."),
		renewed(flowExecutions),
		str("id").computed(),
		boolean("topLevel").computed(),
		boolean("builtIn").native().stepped().
			doc("Whether it is one of Keycloak's own, which the console protects. It stays what it is in a new realm unless a file says otherwise; of other flows it is ignored."),
		list("authenticationExecutions").computed().
			doc("Keycloak's own spelling of executions, in a realm's file only, with sub-flows and authenticatorConfig beside it."),
	},
	Reads: []Read{{
		Fields: []string{"executions"}, Base: true, Right: "realm",
		Vague: func(o Object) bool {
			nodes, _ := o["executions"].([]any)
			return vague(nodes)
		},
		More: readExecutions,
		Into: func(answer any, _ func(kind, id string) string) Object {
			m, _ := mapOf(answer)
			list, _ := m["executions"].([]any)
			nodes, _ := executionNodes(list, 0)
			return Object{"executions": nodes}
		},
	}},
	Builtin: func(o Object) bool { return o["builtIn"] == true },
	Complete: func(body, _ Object) {
		body["topLevel"], body["builtIn"] = true, false
		if body["providerId"] == nil {
			body["providerId"] = "basic-flow"
		}
	},
	Check:  checkFlow,
	Rigid:  keepSteps,
	Impact: flowImpact,
	Steps:  flowSteps,
	Shares: shareConfig,
	Restored: map[string]string{
		"authentication-flow/browser": "", "authentication-flow/direct grant": "", "authentication-flow/registration": "",
		"authentication-flow/reset credentials": "", "authentication-flow/clients": "", "authentication-flow/docker auth": "",
		"authentication-flow/first broker login": "",
	},
	Within: subFlows,
	Rename: renameSubFlows,
}

// Requirements of executions.
const (
	required    = "REQUIRED"
	alternative = "ALTERNATIVE"
	disabled    = "DISABLED"
	conditional = "CONDITIONAL"
	formFlow    = "form-flow"
	clientFlow  = "client-flow"
)

// renewed lets old steps be read, see [renewSteps].
func renewed(executions Field) Field { executions.Renew = renewSteps; return executions }

// renewSteps puts each step that was OPTIONAL, as it could be until Keycloak 7,
// into a sub-flow that asks whether the user has set it up.
func renewSteps(nodes []any, of string) []any {
	out := make([]any, len(nodes))
	for i, e := range nodes {
		out[i] = e
		node, ok := mapOf(e)
		if !ok {
			continue
		}
		node = without(node, "")
		name, _ := node["authenticator"].(string)
		flow, isFlow := node["flow"].(string)
		if below, ok := node["executions"].([]any); ok && isFlow {
			node["executions"] = renewSteps(below, flow)
		}
		if node["requirement"] == "OPTIONAL" && !isFlow {
			node["requirement"] = required
			node = Object{
				"flow":        of + " - " + name + " - Conditional",
				"description": "Flow to determine if the " + name + " authenticator should be used or not.",
				"requirement": conditional,
				"executions":  []any{map[string]any{"authenticator": "conditional-user-configured", "requirement": required}, map[string]any(node)},
			}
		}
		out[i] = map[string]any(node)
	}
	return out
}

// flowExecutions is the tree of a flow: executions, and sub-flows, which have
// executions of their own.
var flowExecutions = tree("executions", []string{"flow", "authenticator", "authenticatorConfig/alias"},
	str("flow").doc("The alias of a sub-flow, which no other flow of the realm has."),
	str("authenticator").doc("The id of the authenticator; of a form-flow, that of the page.").
		names("components/org.keycloak.authentication.Authenticator", "components/org.keycloak.authentication.FormAuthenticator",
			"components/org.keycloak.authentication.FormAction", "components/org.keycloak.authentication.ClientAuthenticator").
		choose(authenticatorsOf),
	str("requirement").required().enum(required, alternative, conditional, disabled),
	short("description").doc("Of a sub-flow."),
	str("providerId").def("basic-flow").enum("basic-flow", formFlow).doc("Of a sub-flow."),
	object("authenticatorConfig",
		short("alias").required().doc("A name; better one that no other configuration of the realm has."),
		// Tokens can name by which of them somebody signed in.
		dict("config").configOf("authenticator", "default.reference.value", "default.reference.maxAge").
			refers("identity-provider", "identity-provider-redirector/defaultProvider").
			refers("client-scope", "conditional-client-scope/client_scope").
			entry(Value{Min: math.MinInt32, Max: math.MaxInt32, Harm: noStep, Want: "a whole number"}.of("user-session-limits"), "userRealmLimit", "userClientLimit").
			entry(oneOf("Deny new session", "Terminate oldest session").broken(noStep).of("user-session-limits"), "behavior").
			entry(javaPattern.broken(noStep).of("auth-conditional-otp-form"), "noOtpRequiredForHeaderPattern", "forceOtpForHeaderPattern")),
	str("id").computed(), str("flowId").computed(), str("configId").computed(), integer("priority").computed(),
).passed(guards)

// noStep is what becomes of people at a step whose configuration the server cannot
// read.
const noStep = "the server would take it, and let nobody past the step"

// unreadStep returns why nobody would get past a step, or "".
func unreadStep(n map[string]any) string {
	config, configured := mapOf(n["authenticatorConfig"])
	settings := Object{"config": config["config"]}
	switch name := n["authenticator"]; {
	case n["requirement"] == disabled:
	case !configured && (name == "conditional-user-attribute" || name == "conditional-level-of-authentication" || name == "user-session-limits"):
		return fmt.Sprintf("%s has no authenticatorConfig", name)
	case name == "conditional-user-attribute" && configText(settings, "regex") == "true":
		const key = "attribute_expected_value"
		if why := javaregexp.Wrong(configText(settings, key)); why != "" {
			return fmt.Sprintf("%s is no regular expression: %s", key, why)
		}
	}
	return ""
}

// authenticatorsOf says where the server lists what can be the authenticator of
// a node: each sort of flow takes its own.
func authenticatorsOf(node, around Object) []string {
	const list = "components/org.keycloak.authentication."
	switch {
	case node["providerId"] == formFlow:
		return []string{list + "FormAuthenticator"}
	case around["providerId"] == formFlow:
		return []string{list + "FormAction"}
	case around["providerId"] == clientFlow:
		return []string{list + "ClientAuthenticator"}
	}
	return []string{list + "Authenticator"}
}

// readExecutions adds to a flow its executions, and to these their
// configuration.
func readExecutions(answer any, get func(path string) (any, error)) (any, error) {
	flow, _ := mapOf(answer)
	alias, _ := flow["alias"].(string)
	v, err := get("authentication/flows/" + url.PathEscape(alias) + "/executions")
	if err != nil {
		return nil, fmt.Errorf("the server cannot show the executions of the flow, which is so when it lacks one of their authenticators; "+
			"install the authenticator, or delete the flow: %w", err)
	}
	list, _ := v.([]any)
	for _, e := range list {
		info, _ := mapOf(e)
		id, _ := info["authenticationConfig"].(string)
		if id == "" {
			continue
		}
		config, err := get("authentication/config/" + url.PathEscape(id))
		if err != nil {
			return nil, err
		}
		info["config"] = config
	}
	return map[string]any{"executions": list}, nil
}

// executionNodes makes a tree of the server's flat list, in which every entry
// tells its level, and returns the rest of the list.
func executionNodes(list []any, level int64) (nodes, rest []any) {
	nodes = []any{}
	for len(list) > 0 {
		info, _ := mapOf(list[0])
		if l, _ := integerOf(info["level"]).(int64); l < level {
			break
		}
		list = list[1:]
		node := map[string]any{}
		set := func(name string, v any) {
			if v != nil {
				node[name] = v
			}
		}
		set("id", info["id"])
		set("requirement", info["requirement"])
		set("priority", info["priority"])
		set("authenticator", info["providerId"])
		if info["authenticationFlow"] == true {
			set("flow", info["displayName"])
			set("flowId", info["flowId"])
			set("description", info["description"])
			if info["providerId"] != nil {
				node["providerId"] = formFlow
			}
			node["executions"], list = executionNodes(list, level+1)
		}
		if c, ok := mapOf(info["config"]); ok {
			set("configId", c["id"])
			node["authenticatorConfig"] = map[string]any{"alias": c["alias"], "config": c["config"]}
		}
		nodes = append(nodes, node)
	}
	return nodes, list
}

// unfoldFlows rewrites the flows of a realm's representation, where sub-flows
// stand beside the flows that they are part of and configurations in a list
// of their own, to trees. Entries keep their place in the list.
func unfoldFlows(rep Object) Object {
	flows, ok := rep["authenticationFlows"].([]any)
	if !ok {
		if rep["authenticatorConfig"] == nil {
			return rep
		}
	}
	f := folding{flows: map[string]map[string]any{}, configs: map[string]map[string]any{}}
	configs, _ := rep["authenticatorConfig"].([]any)
	for _, e := range configs {
		if m, ok := mapOf(e); ok {
			if alias, ok := plainText(m["alias"]); ok {
				c := map[string]any{"alias": alias, "config": m["config"]}
				if was, ok := f.configs[alias]; ok && !reflect.DeepEqual(was["config"], c["config"]) {
					c["config"] = Mask // who names one of them does not tell which
				}
				f.configs[alias] = c
			}
		}
	}
	for _, e := range flows {
		if m, ok := mapOf(e); ok {
			if alias, ok := plainText(m["alias"]); ok {
				f.flows[alias] = m
			}
		}
	}
	part := map[string]bool{}
	for _, e := range flows {
		m, _ := mapOf(e)
		for _, n := range nodesOf(asList(m["authenticationExecutions"])) {
			if alias, ok := plainText(n["flowAlias"]); ok {
				part[alias] = true
			}
		}
	}
	out := Object{}
	for k, v := range rep {
		out[k] = v
	}
	delete(out, "authenticatorConfig")
	if !ok {
		return out
	}
	list := make([]any, len(flows))
	for i, e := range flows {
		m, ok := mapOf(e)
		executions, listed := m["authenticationExecutions"].([]any)
		switch {
		case !ok:
			list[i] = e
		case m["topLevel"] == false, m["topLevel"] == nil && part[aliasOf(m)], m["alias"] == ecp && m["builtIn"] == true:
			// Part of others, or what the server hides from its own lists.
		case !listed:
			list[i] = e
		default:
			flow := map[string]any{}
			for k, v := range m {
				flow[k] = v
			}
			flow["executions"] = f.nodes(executions, nil)
			list[i] = flow
		}
	}
	out["authenticationFlows"] = list
	if clients, ok := rep["clients"].([]any); ok {
		out["clients"] = f.overrides(clients)
	}
	return out
}

// aliasOf returns the alias of a flow, as it is written.
func aliasOf(flow map[string]any) string {
	alias, _ := plainText(flow["alias"])
	return alias
}

// overrides returns clients that call sub-flows by their aliases, where they
// name them by their ids instead of the realm's flows: these ids go with the
// list of flows.
func (f folding) overrides(clients []any) []any {
	aliases := map[any]string{}
	for alias, m := range f.flows {
		if m["id"] != nil && m["topLevel"] == false {
			aliases[m["id"]] = alias
		}
	}
	out := slices.Clone(clients)
	for i, e := range out {
		c, _ := mapOf(e)
		named, _ := mapOf(c["authenticationFlowBindingOverrides"])
		for key, id := range named {
			if alias, ok := aliases[id]; ok {
				named = maps.Clone(named)
				named[key] = alias
				c = maps.Clone(c)
				c["authenticationFlowBindingOverrides"] = named
				out[i] = c
			}
		}
	}
	return out
}

// vague reports whether nodes use, in Keycloak's own spelling, one of several
// configurations of a name.
func vague(nodes []any) bool {
	return slices.ContainsFunc(nodesOf(nodes), func(n map[string]any) bool {
		below, _ := n["executions"].([]any)
		return at(n, "authenticatorConfig/config") == Mask || vague(below)
	})
}

// ecp is the flow for SAML's enhanced clients and proxies, which the server
// keeps for itself.
const ecp = "saml ecp"

const takenByECP = "the server has a flow called " + ecp + ", which it neither shows nor lets be changed"

type folding struct {
	flows, configs map[string]map[string]any
}

func (f folding) nodes(executions []any, above []string) []any {
	sorted := slices.Clone(executions)
	slices.SortStableFunc(sorted, func(a, b any) int {
		x, _ := mapOf(a)
		y, _ := mapOf(b)
		p, _ := integerOf(x["priority"]).(int64)
		q, _ := integerOf(y["priority"]).(int64)
		return int(p - q)
	})
	out := []any{}
	for _, e := range sorted {
		m, ok := mapOf(e)
		if !ok {
			continue
		}
		node := map[string]any{}
		for _, name := range []string{"authenticator", "requirement", "priority"} {
			if m[name] != nil {
				node[name] = m[name]
			}
		}
		if alias, ok := plainText(m["authenticatorConfig"]); ok {
			node["authenticatorConfig"] = map[string]any{"alias": alias}
			if c := f.configs[alias]; c != nil {
				node["authenticatorConfig"] = c
			}
		}
		if alias, ok := plainText(m["flowAlias"]); ok && alias != "" {
			sub := f.flows[alias]
			node["flow"] = alias
			if sub["id"] != nil {
				node["flowId"] = sub["id"]
			}
			if sub["description"] != nil {
				node["description"] = sub["description"]
			}
			if sub["providerId"] == formFlow {
				node["providerId"] = formFlow
			} else {
				delete(node, "authenticator") // old consoles wrote one, which nothing ever asked for
			}
			below, _ := sub["authenticationExecutions"].([]any)
			if !slices.Contains(above, alias) { // a file may go round in circles
				node["executions"] = f.nodes(below, append(above[:len(above):len(above)], alias))
			}
		}
		out = append(out, node)
	}
	return out
}

// checkFlow says what is wrong with the tree of a flow as such.
func checkFlow(o Object) []Problem {
	var out []Problem
	if p, ok := o["providerId"].(string); ok && p != "basic-flow" && p != clientFlow {
		out = append(out, Problem{Pointer: "/providerId", Summary: "providerId must be basic-flow or client-flow, not " + strconv.Quote(p)})
	}
	seen, configs := map[string]bool{}, map[string]map[string]any{}
	if alias, ok := o["alias"].(string); ok {
		seen[alias] = true
		if alias == ecp {
			out = append(out, Problem{Pointer: "/alias", Summary: takenByECP, Detail: "call it otherwise"})
		}
	}
	var check func(nodes []any, above string)
	check = func(nodes []any, above string) {
		for i, n := range nodesOf(nodes) {
			here := above + Pointer("executions", strconv.Itoa(i))
			wrong := func(summary, detail string) {
				out = append(out, Problem{Pointer: here, Summary: summary, Detail: detail})
			}
			flow, _ := n["flow"].(string)
			authenticator, _ := n["authenticator"].(string)
			switch {
			case flow == ecp:
				wrong(takenByECP, "call it otherwise")
			case flow == "" && authenticator == "":
				wrong("an execution has neither authenticator nor flow", "write authenticator: ID, or flow: ALIAS for a sub-flow")
			case flow == "" && n["executions"] != nil:
				wrong("executions stand below "+authenticator+", which is no sub-flow", "write flow: ALIAS beside them")
			case flow != "" && seen[flow]:
				wrong("two flows are called "+flow, "give one of them another alias: they are unique in a realm, those of sub-flows too")
			case flow != "" && n["providerId"] == formFlow && authenticator == "":
				wrong("the form-flow "+flow+" has no authenticator", "write the page that it is, such as authenticator: registration-page-form")
			case flow != "" && n["providerId"] != formFlow && authenticator != "":
				wrong("the sub-flow "+flow+" has an authenticator", "write providerId: form-flow for a form, or make the authenticator an execution below it")
			case flow == "" && n["requirement"] == conditional:
				out = append(out, Problem{Pointer: here, Warning: true, Summary: authenticator + " is " + conditional + ", which says something of sub-flows only",
					Detail: "the server takes it all the same; put it into a sub-flow, behind a condition"})
			}
			if flow != "" {
				seen[flow] = true
			} else if why := unreadStep(n); why != "" {
				wrong(why, noStep)
			}
			if c, _ := mapOf(n["authenticatorConfig"]); c["alias"] != nil {
				alias, _ := c["alias"].(string)
				if c["config"] == Mask {
					wrong("several of authenticatorConfig are called "+alias+", with other values", "give them names of their own")
				} else if was, ok := configs[alias]; ok && !reflect.DeepEqual(configOf(was), configOf(c)) {
					out = append(out, Problem{Pointer: here, Warning: true, Summary: "two configurations are called " + alias + ", with other values",
						Detail: "give one of them another alias: an export by Keycloak cannot tell them apart"})
				}
				configs[alias] = c
			}
			below, _ := n["executions"].([]any)
			check(below, here)
		}
	}
	nodes, _ := o["executions"].([]any)
	check(nodes, "")
	return out
}

// keepSteps keeps the server's own flows from a change of structure, which
// the server would refuse halfway.
func keepSteps(have, want Object) (summary, detail string) {
	before, _ := have["executions"].([]any)
	after, ok := want["executions"].([]any)
	if !ok {
		return "", ""
	}
	added, gone := restructured(before, after)
	var what []string
	if added != nil {
		what = append(what, "add "+strings.Join(added, ", "))
	}
	if gone != nil {
		what = append(what, "remove "+strings.Join(gone, ", "))
	}
	if what == nil {
		return "", ""
	}
	return "the flow is the server's own, in which only requirements, order and configuration can change; this would " + strings.Join(what, " and "),
		"copy it first: declare a flow of another alias with these executions, and bind that"
}

// subFlows returns the ids of a flow's sub-flows by alias: the server lets them
// be bound like flows.
func subFlows(flow Object) map[string]string {
	out := map[string]string{}
	var walk func(nodes []any)
	walk = func(nodes []any) {
		for _, n := range nodesOf(nodes) {
			if alias, ok := n["flow"].(string); ok {
				out[alias], _ = n["flowId"].(string)
			}
			below, _ := n["executions"].([]any)
			walk(below)
		}
	}
	nodes, _ := flow["executions"].([]any)
	walk(nodes)
	return out
}

// renameSubFlows returns a flow whose sub-flows have other aliases.
func renameSubFlows(flow Object, names map[string]string) Object {
	out := flow.Clone()
	var walk func(nodes []any)
	walk = func(nodes []any) {
		for _, n := range nodesOf(nodes) {
			if alias, _ := n["flow"].(string); names[alias] != "" {
				n["flow"] = names[alias]
			}
			below, _ := n["executions"].([]any)
			walk(below)
		}
	}
	nodes, _ := out["executions"].([]any)
	walk(nodes)
	return out
}

// require returns a flow in which the executions of an authenticator that have
// a requirement, or all of them where it is "", have another.
func require(flow Object, authenticator, from, to string) Object {
	out := flow.Clone()
	nodes, _ := out["executions"].([]any)
	var walk func(nodes []any)
	walk = func(nodes []any) {
		for _, n := range nodesOf(nodes) {
			if n["authenticator"] == authenticator && (from == "" || n["requirement"] == from) {
				n["requirement"] = to
			}
			below, _ := n["executions"].([]any)
			walk(below)
		}
	}
	walk(nodes)
	return out
}

// restructured names the nodes that come into a tree and those that go.
func restructured(before, after []any) (added, gone []string) {
	eachPair(before, after, func(p Pair) bool {
		switch {
		case p.Before == nil:
			added = append(added, nodeName(p.After))
		case p.After == nil:
			gone = append(gone, nodeName(p.Before))
		default:
			return true
		}
		return false
	})
	return added, gone
}

// eachPair walks the pairs of two trees, top down; visit says whether to go on
// below a pair.
func eachPair(before, after []any, visit func(Pair) bool) {
	for _, p := range flowExecutions.Pairs(before, after) {
		if visit(p) {
			a, _ := p.Before["executions"].([]any)
			b, _ := p.After["executions"].([]any)
			eachPair(a, b, visit)
		}
	}
}

func nodeName(n map[string]any) string {
	if s, ok := n["flow"].(string); ok && s != "" {
		return s
	}
	s, _ := n["authenticator"].(string)
	return s
}

// undermined returns the nodes of a flow at which somebody who is signing in
// may stand, and which go or are disabled.
func undermined(have, want Object) (out []map[string]any) {
	before, _ := have["executions"].([]any)
	after, ok := want["executions"].([]any)
	if !ok {
		return nil
	}
	eachPair(before, after, func(p Pair) bool {
		switch {
		case p.Before == nil || p.Before["requirement"] == disabled:
			return false
		case p.After != nil && p.After["requirement"] != disabled:
			return true
		case !silent(p.Before):
			out = append(out, p.Before)
		}
		return false
	})
	return out
}

// flowImpact says for whom a change of a flow is not without consequences.
func flowImpact(have, want Object, version string) []string {
	var again, fail, out []string
	for _, n := range undermined(have, want) {
		if brokered(n) {
			fail = append(fail, nodeName(n))
		} else {
			again = append(again, nodeName(n))
		}
	}
	if again != nil {
		out = append(out, "who is signing in and stands at "+strings.Join(again, ", ")+" meanwhile has to begin again")
	}
	if fail != nil {
		out = append(out, sentByProvider+" and who stands at "+strings.Join(fail, ", ")+" meanwhile meets an error, and can begin again")
	}
	before, _ := have["executions"].([]any)
	after, _ := want["executions"].([]any)
	if doubled(before, after) && !codeMoves(before, after, version) {
		out = append(out, "it takes several requests, and who comes by between two of them may be refused; declare a flow of another alias, and bind that, where it must not be")
	}
	return out
}

// sentByProvider are those who have signed in there and are on their way back.
const sentByProvider = "whom an identity provider sent for the first time"

// rebound says who meets an error when a field names another flow than before.
// To the others the server shows its first page.
func rebound(before, after Object, field, who string) []string {
	was, is := before[field], after[field]
	if was == nil || is == nil || was == is {
		return nil
	}
	return []string{who + " meanwhile may meet an error, and can begin again"}
}

// brokered reports whether those stand at a node whom an identity provider
// sent: the server cannot show them the first page again.
func brokered(n map[string]any) bool {
	a, _ := n["authenticator"].(string)
	below, _ := n["executions"].([]any)
	return strings.HasPrefix(a, "idp-") || slices.ContainsFunc(nodesOf(below), brokered)
}

// silent reports whether a node shows no page, so that nobody stands at it.
func silent(n map[string]any) bool {
	a, _ := n["authenticator"].(string)
	if n["flow"] == nil {
		return a == "auth-cookie" || a == "docker-http-basic-authenticator" ||
			slices.ContainsFunc([]string{"conditional-", "client-", "direct-grant-"}, func(s string) bool { return strings.HasPrefix(a, s) })
	}
	below, _ := n["executions"].([]any)
	return n["providerId"] != formFlow && !slices.ContainsFunc(nodesOf(below), func(e map[string]any) bool {
		return e["requirement"] != disabled && !silent(e)
	})
}
