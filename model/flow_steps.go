package model

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// flowSteps changes the executions of a flow in place, so that no login is
// broken by it. What was measured on a real server decides how:
//
//   - One request that adds, removes, moves or configures an execution is
//     atomic, and a login that is under way goes on with what stays, because
//     that keeps its id. One that stands at a removed step is shown the first
//     page again.
//   - An execution that is disabled under a login's feet breaks it, and a
//     disabled sub-flow makes the server loop for ever. Such a node is
//     therefore removed and made again, disabled.
//   - What is new is filled while it is disabled, and then switched on.
//   - Two such requests have a state in between that nobody meant: a second
//     factor could be skipped, or a user be let in by nothing. Therefore the
//     new tree is first put, as a whole, before everything else: a required
//     sub-flow, which alone decides from then on together with what else is
//     required. Behind it the flow is changed, and then it goes.
//   - Where something cannot be done twice in one login ([unrepeatable]) that
//     would fail everybody who comes by meanwhile. There the steps are only in
//     such an order that nobody gets in who should not.
//   - The one-time code of a direct grant is such a thing, but the server tells,
//     since 26.7 or a little before, who has given one. Where it moves ([codeMoves]) the new tree is put after
//     everything else, for those who have not; what asks for the code where it was
//     goes before what asks for it where it will be comes.
//   - The server takes no executions into its own flows and none out of them, and
//     deletes none, but lets them be called others' meanwhile, or before.
//   - A configuration that several steps share, see [shareConfig], goes for all
//     of them when one gets another, or goes. The others get it again.
func flowSteps(now, want Object, others []Object, used bool, version string, id func(name string) string) ([]Step, error) {
	goes := want == nil
	if goes {
		want = Object{"executions": []any{}, "builtIn": false}
	}
	w, root, before, after := changeFlow(now, want, others, used && !goes, version, id)
	apart, err := w.apart()
	if was := now["builtIn"] == true; was && w.open && w.close {
		w.opens, w.closes = w.needed(w.opens, root), w.needed(w.closes, root)
	}
	// The flow itself is opened last: as long as it is the server's own, an
	// apply that comes after one that was killed opens what is in it, too.
	slices.Reverse(w.opens)
	if err != nil || goes {
		return append(w.opens, apart...), err
	}
	w.first = append(w.first, apart...)
	steps := slices.Concat(w.first, w.gone, w.last, w.again, w.rename())
	repeatable := len(unrepeatable(before)) == 0 && len(unrepeatable(after)) == 0
	if w.switches > 1 && !w.fixed() && now["providerId"] != clientFlow && (repeatable || w.code) {
		on, off := w.guard(root, before, after)
		steps = slices.Concat(on, steps, off)
	}
	// And it is closed last: as long as it is not, something may be left to close.
	slices.Reverse(w.closes)
	return slices.Concat(w.opens, steps, w.closes), nil
}

// changeFlow finds the steps without a guard.
func changeFlow(now, want Object, others []Object, used bool, version string, id func(name string) string) (w *flowWriter, root string, before, after []any) {
	alias, _ := want["alias"].(string)
	if alias == "" {
		alias, _ = now["alias"].(string)
	}
	root, _ = now["id"].(string)
	before, _ = now["executions"].([]any)
	after, ok := want["executions"].([]any)
	if !ok {
		after = before
	}
	w = &flowWriter{alias: alias, id: id, taken: map[string]bool{}, touched: map[string]bool{}, shared: sharedConfigs(before, others),
		keeps: map[string][]holder{}, parting: map[string][]holder{}}
	was, is := now["builtIn"] == true, want["builtIn"] == true
	_, said := want["builtIn"]
	if w.builtin = was || is; w.builtin {
		added, gone := restructured(before, after)
		w.open = added != nil || gone != nil || used && len(undermined(now, want)) > 0 || was && said && !is
		w.close = is && !was || w.open && (is || !said)
	}
	w.know(before)
	w.code = used && !w.fixed() && codeMoves(before, after, version)
	w.level(w.flow(root, now, now, true), "", before, after, used && len(before) > 0)
	return w, root, before, after
}

// grantCode asks for the one-time code of a direct grant.
const grantCode = "direct-grant-validate-otp"

// unrepeatable returns those of the executions that cannot be done twice in one
// login: a user is there when it comes again, a code is used up, a mail is sent.
func unrepeatable(nodes []any) (out []any) {
	for _, n := range nodesOf(nodes) {
		if n["requirement"] == disabled {
			continue
		}
		switch a := n["authenticator"]; a {
		case "registration-user-creation", "idp-create-user-if-unique", "idp-email-verification", "reset-credential-email", grantCode:
			out = append(out, a)
		}
		below, _ := n["executions"].([]any)
		out = append(out, unrepeatable(below)...)
	}
	return out
}

// doubled reports whether there is a moment in which a login would have to do
// something twice that cannot be: it comes at one place of the flow before it
// goes at another.
func doubled(before, after []any) bool {
	var come, gone []any
	eachPair(before, after, func(p Pair) bool {
		was, is := p.Before != nil && p.Before["requirement"] != disabled, p.After != nil && p.After["requirement"] != disabled
		switch {
		case was && is:
			return true
		case is:
			come = append(come, unrepeatable([]any{p.After})...)
		case was:
			gone = append(gone, unrepeatable([]any{p.Before})...)
		}
		return false
	})
	return slices.ContainsFunc(come, func(a any) bool { return slices.Contains(gone, a) })
}

// codeMoves reports whether all that cannot be done twice is the one-time code of
// a direct grant, and it goes with one of the outermost executions and comes with
// one, on a server that tells whether somebody has given it.
func codeMoves(before, after []any, version string) bool {
	for _, nodes := range [][]any{before, after} {
		holders := 0
		for _, n := range nodesOf(nodes) {
			if asksOnce(n) && !guards(n) {
				holders++
			}
		}
		if holders > 1 || slices.ContainsFunc(unrepeatable(nodes), func(a any) bool { return a != grantCode }) {
			return false
		}
	}
	return HasVersion(version, "26.7") && doubled(before, after)
}

// asksOnce reports whether something that cannot be done twice is in a node.
func asksOnce(n map[string]any) bool { return len(unrepeatable([]any{n})) > 0 }

// guards reports whether a node is a guard that a killed apply left behind.
func guards(n map[string]any) bool { return n["description"] == guardDescription }

// flowWriter collects the steps that change a flow.
type flowWriter struct {
	alias   string // of the flow itself
	builtin bool   // it is the server's own, or is to be
	open    bool   // and has to be called another's to be changed
	close   bool   // and the server's own afterwards
	id      func(string) string
	taken   map[string]bool // ids, and aliases of flows, that are there

	// first strengthens and last weakens; names come when the old ones are free.
	first, last []Step
	names       []naming
	// code says that the one-time code of a direct grant moves: what asks for it
	// is gone before anything weakens, and comes again after that.
	code        bool
	gone, again []Step
	// opens and closes are for flows of the server's own, at both ends. Of those
	// that stay what they are only the touched ones need them.
	opens, closes []Step
	touched       map[string]bool
	// switches counts the steps by which the flow does something else than
	// before.
	switches int
	// shared are the configurations that are not one step's alone, by id, with
	// the steps of other flows. Of the steps of this flow that have one, keeps are
	// those that go on with it, and parting those that get another or none, or go.
	shared, keeps, parting map[string][]holder
}

func (w *flowWriter) know(nodes []any) {
	for _, n := range nodesOf(nodes) {
		for _, key := range []string{"id", "flowId", "configId", "flow"} {
			if s, ok := at(n, key).(string); ok {
				w.taken[s] = true
			}
		}
		below, _ := n["executions"].([]any)
		w.know(below)
	}
}

// fixed reports whether the executions of the flow are there to stay.
func (w *flowWriter) fixed() bool { return w.builtin && !w.open }

// flow makes the flow of an id, or a part of it, one that can be changed, and
// the server's own again when that is done; before is nil for a new one.
func (w *flowWriter) flow(id string, before, after map[string]any, top bool) string {
	if w.open && before != nil {
		w.opens = append(w.opens, belongs(id, before, top, false))
	}
	if w.close {
		w.closes = append(w.closes, belongs(id, after, top, true))
	}
	return id
}

// needed are those of the requests that make the flow's parts another's, and the
// server's own again, which are about a part that executions come into or go from,
// or that goes. The flow itself is always one: it shows that something is left open.
func (w *flowWriter) needed(steps []Step, root string) []Step {
	return slices.DeleteFunc(steps, func(s Step) bool {
		id := s.Path[len(s.Path)-1]
		return id != root && !w.touched[id]
	})
}

// release makes a sub-flow that is to be removed, and those in it, ones that
// can be: Keycloak 26.4 looks at them, too, and not only at the flow that they
// are taken out of.
func (w *flowWriter) release(n map[string]any) {
	id, _ := n["flowId"].(string)
	if !w.open || id == "" {
		return
	}
	w.touched[id] = true
	w.opens = append(w.opens, belongs(id, n, false, false))
	below, _ := n["executions"].([]any)
	for _, e := range nodesOf(below) {
		w.release(e)
	}
}

// belongs is the request that makes a flow, or a part of one, the server's own
// or another's.
func belongs(id string, n map[string]any, top, builtin bool) Step {
	alias, kind := n["flow"], n["providerId"]
	if alias == nil {
		alias = n["alias"]
	}
	if kind == nil {
		kind = "basic-flow"
	}
	return Step{Method: "PUT", Path: []string{"authentication", "flows", id}, Body: Object{"id": id,
		"alias": alias, "description": n["description"], "providerId": kind, "topLevel": top, "builtIn": builtin}}
}

// newID returns an id for a new part that no present part has.
func (w *flowWriter) newID(name string) string {
	for n := 0; ; n++ {
		s := name
		if n > 0 {
			s += "#" + strconv.Itoa(n)
		}
		if id := w.id(s); !w.taken[id] {
			w.taken[id] = true
			return id
		}
	}
}

// level changes the executions directly below a flow; live says that logins
// come by.
func (w *flowWriter) level(parent, path string, before, after []any, live bool) {
	var pairs []Pair
	for _, p := range flowExecutions.Pairs(before, after) {
		if p.Before != nil && p.After != nil && (w.remade(p) || w.code && path == "" && (asksOnce(p.Before) || asksOnce(p.After))) {
			pairs = append(pairs, Pair{Before: p.Before}, Pair{After: p.After})
		} else {
			pairs = append(pairs, p)
		}
	}
	priority := priorities(pairs)
	for i, p := range slices.Backward(pairs) {
		// From the last on, so that the order stays while numbers grow.
		if p.Before != nil && p.After != nil && !p.Moved && priority[i] != priorityOf(p.Before) {
			w.first = append(w.first, w.info(p.Before, p.Before["requirement"], priority[i]))
		}
	}
	for i, p := range pairs {
		switch {
		case p.Before == nil && w.code && asksOnce(p.After):
			w.touched[parent] = true
			w.again = append(w.again, w.add(parent, path, p.After, priority[i], live)...)
		case p.Before == nil:
			w.touched[parent] = true
			w.first = append(w.first, w.add(parent, path, p.After, priority[i], live)...)
		case p.After == nil:
			id, _ := p.Before["id"].(string)
			w.touched[parent] = true
			w.release(p.Before)
			w.leave(p.Before)
			goes := Step{Method: "DELETE", Path: []string{"authentication", "executions", id}}
			if w.code && asksOnce(p.Before) && !guards(p.Before) {
				w.gone = append(w.gone, goes)
			} else {
				w.last = append(w.last, goes)
			}
			if live && p.Before["requirement"] != disabled {
				w.switches++
			}
		default:
			w.change(path, p, priority[i], live)
		}
	}
}

// remade reports whether a node that stays is to be removed and made again.
func (w *flowWriter) remade(p Pair) bool {
	return !w.fixed() && !silent(p.Before) &&
		p.Before["requirement"] != disabled && p.After["requirement"] == disabled
}

func priorityOf(n map[string]any) int64 {
	p, _ := integerOf(n["priority"]).(int64)
	return p
}

// priorities gives each node that there will be a priority above that of the
// one before it. Those of nodes that stay are kept as far as there is room
// between them, and all of them where nothing comes or moves; where there is
// none, as few as can be grow, and as little.
func priorities(pairs []Pair) []int64 {
	out := make([]int64, len(pairs))
	stays := func(p Pair) bool { return p.Before != nil && p.After != nil && !p.Moved }
	same := !slices.ContainsFunc(pairs, func(p Pair) bool { return p.After != nil && !stays(p) })
	prev := int64(0)
	for i, p := range pairs {
		switch {
		case p.After == nil:
			continue
		case stays(p):
			out[i] = priorityOf(p.Before)
			if out[i] <= prev && !same && prev > 0 {
				out[i] = prev + 1
			}
		default:
			out[i] = prev + 10
			if n := slices.IndexFunc(pairs[i:], stays); n >= 0 {
				come := int64(0) // up to the next that stays
				for _, p := range pairs[i : i+n] {
					if p.After != nil {
						come++
					}
				}
				out[i] = prev + max(1, min(10, (priorityOf(pairs[i+n].Before)-prev)/(come+1)))
			}
		}
		prev = out[i]
	}
	return out
}

// info is the request that changes requirement and priority of an execution,
// and, of a sub-flow, if these two stay, alias and description.
func (w *flowWriter) info(n map[string]any, requirement any, priority int64) Step {
	body := Object{"id": n["id"], "requirement": requirement, "priority": priority}
	if n["flow"] != nil {
		body["authenticationFlow"], body["flowId"] = true, n["flowId"]
		body["displayName"], body["description"] = n["flow"], n["description"]
		if body["description"] == nil {
			body["description"] = ""
		}
	}
	return Step{Method: "PUT", Path: []string{"authentication", "flows", w.alias, "executions"}, Body: body}
}

// change makes of a node what is declared.
func (w *flowWriter) change(path string, p Pair, priority int64, live bool) {
	n, want := p.Before, p.After
	live = live && !(n["requirement"] == disabled && want["requirement"] == disabled)
	if n["requirement"] != want["requirement"] || p.Moved {
		step := w.info(n, want["requirement"], priority)
		if n["requirement"] == required || n["requirement"] == conditional && want["requirement"] != required || want["requirement"] == disabled {
			w.last = append(w.last, step)
		} else {
			w.first = append(w.first, step)
		}
		if live {
			w.switches++
		}
	}
	if n["flow"] != nil {
		if n["flow"] != want["flow"] || at(n, "description") != at(want, "description") {
			named := map[string]any{"id": n["id"], "flowId": n["flowId"], "flow": want["flow"], "description": want["description"]}
			w.name(n["flow"], named, want["requirement"], priority)
		}
		id, _ := n["flowId"].(string)
		before, _ := n["executions"].([]any)
		after, _ := want["executions"].([]any)
		w.level(w.flow(id, n, want, false), path+"/"+nodeName(want), before, after, live)
	}
	w.configure(n, want)
}

// naming gives a sub-flow that is called from another alias, and a description.
type naming struct {
	from, to string
	node     map[string]any
	step     Step
}

func (w *flowWriter) name(from any, node map[string]any, requirement any, priority int64) {
	was, _ := from.(string)
	to, _ := node["flow"].(string)
	w.names = append(w.names, naming{was, to, node, w.info(node, requirement, priority)})
}

// rename returns the requests that give sub-flows their names, each when nobody
// has it any more. Of those that take names from each other one is called
// otherwise meanwhile.
func (w *flowWriter) rename() (steps []Step) {
	left := slices.Clone(w.names)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(n naming) bool {
			return !slices.ContainsFunc(left, func(other naming) bool { return other.from == n.to && other.from != other.to && n.from != n.to })
		})
		if i >= 0 {
			steps = append(steps, left[i].step)
			left = slices.Delete(left, i, i+1)
			continue
		}
		n := &left[0]
		aside := maps.Clone(n.node)
		n.from = w.free(n.to)
		aside["flow"] = n.from
		steps = append(steps, w.info(aside, n.step.Body["requirement"], n.step.Body["priority"].(int64)))
	}
	return steps
}

// configure makes the configuration of an execution what is declared.
func (w *flowWriter) configure(n, want map[string]any) {
	have, _ := mapOf(n["authenticatorConfig"])
	after, _ := mapOf(want["authenticatorConfig"])
	id, _ := n["configId"].(string)
	execution, _ := n["id"].(string)
	_, shared := w.shared[id]
	switch {
	case after == nil && id == "":
	case shared:
		w.hold(id, execution, have, after)
	case after == nil:
		w.last = append(w.last, Step{Method: "DELETE", Path: []string{"authentication", "config", id}})
	case id == "":
		w.first = append(w.first, w.config(execution, after))
	case !sameConfig(have, after):
		w.first = append(w.first, Step{Method: "PUT", Path: []string{"authentication", "config", id},
			Body: Object{"id": id, "alias": after["alias"], "config": configOf(after)}})
	}
}

// sameConfig compares what is there with what is declared; a masked value may
// be another one, so that it is written along.
func sameConfig(have, want map[string]any) bool {
	return have["alias"] == want["alias"] && reflect.DeepEqual(dense(configOf(have)), dense(configOf(want)))
}

func configOf(c map[string]any) map[string]any {
	m, _ := mapOf(c["config"])
	if m == nil {
		m = map[string]any{}
	}
	return m
}

// config gives an execution a configuration of its own.
func (w *flowWriter) config(execution string, c map[string]any) Step {
	return configStep(execution, w.newID(execution+" config"), c)
}

// configStep gives an execution a configuration of an id. The server makes no two
// of one alias, but lets one be renamed to what another is called.
func configStep(execution, id string, c map[string]any) Step {
	path := []string{"authentication", "executions", execution, "config"}
	body := Object{"id": id, "alias": c["alias"], "config": configOf(c)}
	return Step{Method: "POST", Path: path, Body: body, Instead: []Step{
		{Method: "POST", Path: path, Body: Object{"id": id, "alias": id, "config": configOf(c)}},
		{Method: "PUT", Path: []string{"authentication", "config", id}, Body: body},
	}}
}

// free returns an alias like another that is taken.
func (w *flowWriter) free(alias string) string {
	for n := 2; ; n++ {
		if s := alias + " " + strconv.Itoa(n); !w.taken[s] {
			w.taken[s] = true
			return s
		}
	}
}

// add makes a new node below a flow, with all that is in it.
func (w *flowWriter) add(parent, path string, n map[string]any, priority int64, live bool) []Step {
	path += "/" + nodeName(n)
	node := Object{"id": w.newID(parent + path), "parentFlow": parent, "authenticatorFlow": false,
		"requirement": n["requirement"], "priority": priority}
	if n["authenticator"] != nil {
		node["authenticator"] = n["authenticator"]
	}
	execution := node["id"].(string)
	put := map[string]any{"id": execution} // as it will be there
	var out, inside []Step
	if alias, ok := n["flow"].(string); ok {
		flow, kind := w.newID(parent+path+" flow"), n["providerId"]
		if kind == nil {
			kind = "basic-flow"
		}
		name := alias
		if w.taken[name] {
			name = w.free(name)
			w.name(name, map[string]any{"id": execution, "flowId": flow, "flow": alias, "description": n["description"]}, n["requirement"], priority)
		}
		description := n["description"]
		if description == nil {
			description = ""
		}
		out = append(out, Step{Method: "POST", Path: []string{"authentication", "flows"}, Clash: []string{"authentication", "flows", flow},
			Body: Object{"id": flow, "alias": name, "description": description, "providerId": kind, "topLevel": false, "builtIn": false}})
		node["authenticatorFlow"], node["flowId"] = true, flow
		put["flow"], put["flowId"], put["description"] = name, flow, n["description"]
		w.touched[flow] = true
		w.flow(flow, nil, n, false)
		below, _ := n["executions"].([]any)
		for i, e := range nodesOf(below) {
			inside = append(inside, w.add(flow, path, e, int64(10*(i+1)), false)...)
		}
	}
	if c, ok := mapOf(n["authenticatorConfig"]); ok {
		inside = append(inside, w.config(execution, c))
	}
	later := live && len(inside) > 0 && n["requirement"] != disabled
	if later {
		node["requirement"] = disabled
	}
	if live && n["requirement"] != disabled {
		w.switches++
	}
	out = append(out, Step{Method: "POST", Path: []string{"authentication", "executions"}, Body: node})
	out = append(out, inside...)
	if later {
		out = append(out, w.info(put, n["requirement"], priority))
	}
	return out
}

// guardDescription tells a guard from all other sub-flows, also one that a
// killed apply left behind.
const guardDescription = "What kcsync makes of the flow; it is there only meanwhile."

// guard returns the steps that put the new tree before everything else, or for
// those who have given no one-time code after it, and those that take it away
// again.
func (w *flowWriter) guard(root string, before, after []any) (on, off []Step) {
	name := w.alias + " being changed"
	if w.taken[name] {
		name = w.free(name)
	}
	place := int64(math.MaxInt32)
	tree := map[string]any{"flow": name, "requirement": required, "executions": prefixed(after, name+" "),
		"description": guardDescription}
	if w.code {
		whole := prefixed([]any{map[string]any{"flow": w.alias, "requirement": required, "executions": after}}, name+" ")
		tree["requirement"] = conditional
		tree["executions"] = append([]any{map[string]any{"authenticator": "conditional-credential", "requirement": required,
			"authenticatorConfig": map[string]any{"alias": name, "config": map[string]any{"credentials": "otp", "included": "false"}}}}, whole...)
	} else {
		for _, n := range nodesOf(before) {
			place = min(place, priorityOf(n)-1)
		}
	}
	names, closes := len(w.names), len(w.closes)
	on = w.add(root, "/guard", tree, place, true)
	w.names, w.closes = w.names[:names], w.closes[:closes]
	id, _ := on[1].Body["id"].(string)
	return on, []Step{{Method: "DELETE", Path: []string{"authentication", "executions", id}}}
}

// prefixed returns a tree in which all aliases have a prefix.
func prefixed(nodes []any, prefix string) []any {
	out := []any{}
	for _, n := range nodesOf(nodes) {
		c := map[string]any{}
		for k, v := range n {
			c[k] = v
		}
		if s, ok := n["flow"].(string); ok {
			c["flow"] = prefix + s
		}
		if cfg, ok := mapOf(n["authenticatorConfig"]); ok {
			alias, _ := cfg["alias"].(string)
			c["authenticatorConfig"] = map[string]any{"alias": prefix + alias, "config": cfg["config"]}
		}
		if below, ok := n["executions"].([]any); ok {
			c["executions"] = prefixed(below, prefix)
		}
		out = append(out, c)
	}
	return out
}
