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
		node := w.node(it, f.Fields, m, here, model.Pointer(nodeName(f, m)))
		if below := m[f.Name]; below != nil {
			add(node, f.Name, w.tree(it, f, below, here+model.Pointer(f.Name)))
		}
		out.Items = append(out.Items, node)
	}
	return out
}

// nodeName is what people know a node by: secrets in it are called so, wherever
// it stands, and keep their name when others come or go above it.
func nodeName(f *model.Field, m map[string]any) string {
	for _, key := range f.Keys {
		if name, _ := m[key].(string); name != "" {
			return name
		}
	}
	return ""
}

// node writes a node, or a struct in one, that stands at a pointer; known is what
// secrets in it are called by in its place.
func (w *writer) node(it *model.Item, fs model.Fields, m map[string]any, at, known string) *text.Node {
	out := &text.Node{Kind: text.Map}
	for i := range fs {
		f := &fs[i]
		v, ok := m[f.Name]
		if !ok {
			continue
		}
		here, known := at+model.Pointer(f.Name), known+model.Pointer(f.Name)
		sub, isMap := v.(map[string]any)
		switch {
		case f.Type == model.Struct:
			add(out, f.Name, w.node(it, f.Fields, sub, here, known))
		case isMap:
			values := &text.Node{Kind: text.Map}
			for _, key := range model.Keys(sub) {
				if sub[key] == model.Mask {
					add(values, key, w.secretAs(known+model.Pointer(key), it, here+model.Pointer(key), model.Mask))
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
