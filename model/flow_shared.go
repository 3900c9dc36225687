package model

import (
	"fmt"
	"slices"
)

// holder is a step and what its configuration is to be, if it is to have one.
type holder struct {
	execution string
	config    map[string]any
	goes      bool // the step itself
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
				out[id] = append(out[id], holder{execution: execution, config: config})
			}
		})
	}
	delete(out, "")
	return out
}

// hold notes that a step of the flow that shares a configuration goes on with
// it, or is to have another or none.
func (w *flowWriter) hold(id, execution string, have, want map[string]any) {
	to := w.parting
	if want != nil && sameConfig(have, want) {
		to = w.keeps
	}
	to[id] = append(to[id], holder{execution: execution, config: want})
}

// leave notes that a node goes with all that is in it: the server takes the
// configurations along.
func (w *flowWriter) leave(n map[string]any) {
	eachConfigured(Object{"executions": []any{n}}, func(n map[string]any) {
		id, _ := n["configId"].(string)
		execution, _ := n["id"].(string)
		if _, shared := w.shared[id]; shared {
			w.parting[id] = append(w.parting[id], holder{execution: execution, goes: true})
		}
	})
}

// apart returns the steps that take a configuration from those that are to have
// another or none, and leave it to those that share it with them. When one gets
// another the server deletes what it had. The others name it still: all of them
// have it again when one is given it under its old id.
func (w *flowWriter) apart() (steps []Step, err error) {
	for _, id := range Keys(w.parting) {
		rest := slices.Concat(w.keeps[id], w.shared[id])
		var named []Step // by the names that it had, or others have
		for _, h := range w.parting[id] {
			switch own := w.config(h.execution, h.config); {
			case len(rest) > 0:
				steps = append(steps, own.Instead[0])
				if h.config != nil {
					named = append(named, own.Instead[1])
				} else if !h.goes {
					w.last = append(w.last, Step{Method: "DELETE", Path: own.Instead[1].Path})
				}
			case h.config != nil:
				steps = append(steps, own)
			case !h.goes && !slices.ContainsFunc(w.last, func(s Step) bool { return slices.Contains(s.Path, id) }):
				w.last = append(w.last, Step{Method: "DELETE", Path: []string{"authentication", "config", id}})
			}
		}
		if len(rest) > 0 {
			h := rest[0]
			for key, v := range configOf(h.config) {
				if v == Mask {
					return nil, fmt.Errorf("%s of the configuration %v is not shown by the server, which keeps it once for several steps: "+
						"give it in all flows that have the step, or make one of them anew under another alias", key, h.config["alias"])
				}
			}
			again := configStep(h.execution, id, h.config)
			again.Mends = true
			steps = append(steps, again)
		}
		steps = append(steps, named...)
	}
	return steps, nil
}
