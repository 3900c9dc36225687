package export

import (
	"strconv"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// tree writes a tree, the fields of every node in the order of the registry
// and what is below it last. A value that the server masks becomes a
// reference.
func (w *writer) tree(it *model.Item, f *model.Field, v any, at string) *text.Node {
	nodes, _ := v.([]any)
	out := &text.Node{Kind: text.List}
	for i, e := range nodes {
		m, _ := e.(map[string]any)
		here := at + model.Pointer(strconv.Itoa(i))
		node := w.node(it, f.Fields, m, here)
		if below := m[f.Name]; below != nil {
			add(node, f.Name, w.tree(it, f, below, here+model.Pointer(f.Name)))
		}
		out.Items = append(out.Items, node)
	}
	return out
}

func (w *writer) node(it *model.Item, fs model.Fields, m map[string]any, at string) *text.Node {
	out := &text.Node{Kind: text.Map}
	for i := range fs {
		f := &fs[i]
		v, ok := m[f.Name]
		if !ok {
			continue
		}
		here := at + model.Pointer(f.Name)
		sub, isMap := v.(map[string]any)
		switch {
		case f.Type == model.Struct:
			add(out, f.Name, w.node(it, f.Fields, sub, here))
		case isMap:
			values := &text.Node{Kind: text.Map}
			for _, key := range model.Keys(sub) {
				if sub[key] == model.Mask {
					add(values, key, w.secret(it, here+model.Pointer(key), model.Mask))
				} else {
					add(values, key, text.FromAny(sub[key], nil))
				}
			}
			add(out, f.Name, values)
		default:
			add(out, f.Name, text.FromAny(v, nil))
		}
	}
	return out
}
