package model

import (
	"fmt"
	"slices"
)

// holder is a step and what its configuration is to be.
type holder struct {
	execution string
	config    map[string]any
}

// shareConfig reports whether two flows may have steps that share one
// configuration: it has one alias.
func shareConfig(a, b Object) bool {
	aliases := map[any]bool{}
	eachConfigured(a, func(n map[string]any) { aliases[at(n, "authenticatorConfig/alias")] = true })
	shared := len(aliases) > 0 && b["executions"] == nil // it was not read
	eachConfigured(b, func(n map[string]any) { shared = shared || aliases[at(n, "authenticatorConfig/alias")] })
	return shared
}

// eachConfigured visits the nodes of a flow, or below a node, that have a
// configuration.
func eachConfigured(flow map[string]any, visit func(node map[string]any)) {
	nodes, _ := flow["executions"].([]any)
	for _, n := range nodesOf(nodes) {
		if n["authenticatorConfig"] != nil {
			visit(n)
		}
		eachConfigured(n, visit)
	}
}

// sharedConfigs returns the configurations that several steps of a flow, or of
// it and of others, share, with those of the others.
func sharedConfigs(nodes []any, others []Object) map[string][]holder {
	own := map[string]int{}
	eachConfigured(Object{"executions": nodes}, func(n map[string]any) {
		id, _ := n["configId"].(string)
		own[id]++
	})
	out := map[string][]holder{}
	for id, n := range own {
		if n > 1 {
			out[id] = nil
		}
	}
	for _, o := range others {
		eachConfigured(o, func(n map[string]any) {
			id, _ := n["configId"].(string)
			if own[id] > 0 {
				execution, _ := n["id"].(string)
				config, _ := mapOf(n["authenticatorConfig"])
				out[id] = append(out[id], holder{execution, config})
			}
		})
	}
	delete(out, "")
	return out
}

// hold notes what a step of the flow that shares a configuration is to have
// instead of it, or goes on with.
func (w *flowWriter) hold(id, execution string, have, want map[string]any) {
	if w.holders == nil {
		w.holders = map[string][]holder{}
	}
	if want == nil || !sameConfig(have, want) {
		w.parting[id] = true
	}
	w.holders[id] = append(w.holders[id], holder{execution, want})
}

// leave notes that a node goes with all that is in it: the server takes the
// configurations along.
func (w *flowWriter) leave(n map[string]any) {
	eachConfigured(Object{"executions": []any{n}}, func(n map[string]any) {
		if id, _ := n["configId"].(string); id != "" {
			w.parting[id] = true
		}
	})
}

// apart returns the steps that give each of those that share a configuration
// one of its own, when one of them gets another or goes. The first takes it from
// all of them.
func (w *flowWriter) apart() (steps []Step, err error) {
	for _, id := range Keys(w.shared) {
		if !w.parting[id] {
			continue
		}
		given := false
		for _, h := range slices.Concat(w.holders[id], w.shared[id]) {
			if h.config == nil {
				continue
			}
			for key, v := range configOf(h.config) {
				if v == Mask {
					return nil, fmt.Errorf("%s of the configuration %v is not shown by the server, which keeps it once for several steps: "+
						"give it in all flows that have the step, or make one of them anew under another alias", key, h.config["alias"])
				}
			}
			given = true
			steps = append(steps, w.config(h.execution, h.config))
		}
		if !given && len(w.holders[id]) > 0 {
			w.last = append(w.last, Step{Method: "DELETE", Path: []string{"authentication", "config", id}})
		}
	}
	return steps, nil
}
