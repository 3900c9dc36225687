package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// tree compares a whole tree. What in it cannot be compared, because the
// server shows only the mask or a reference stands for nothing, is taken to be
// as it should be.
func (d *differences) tree(v value, want, have any) {
	resolved, failed := d.resolveTree(v, want)
	if failed {
		return
	}
	if !v.field.Equal(resolved, have) {
		d.edits = append(d.edits, Edit{Path: v.path, Before: veil(v.field, have, want), After: want})
		return
	}
	masks := masks(have, v.path)
	switch {
	case len(masks) == 0:
	case d.c.opt.WriteSecrets:
		d.edits = append(d.edits, Edit{Path: v.path, After: want, Secret: true})
	default:
		d.unreadable = append(d.unreadable, masks...)
	}
}

// resolveTree returns a tree with what its references stand for, and the mask
// in the place of those that stand for nothing.
func (d *differences) resolveTree(v value, want any) (resolved any, failed bool) {
	resolved = model.Leaves(want, func(leaf any) any {
		r, ok := leaf.(model.Reference)
		if !ok {
			return leaf
		}
		s, err := d.c.opt.Resolver.Resolve(r)
		switch {
		case err == nil:
			return s
		case d.creating:
			failed = true
			d.fail("unset-reference", v.path, fmt.Sprintf("%s is needed to create the object: %v", dotted(v.path), err), "")
		default:
			d.unset = append(d.unset, v.path)
			d.missing[err.Error()] = true
		}
		return model.Mask
	})
	return resolved, failed
}

// masks returns the pointers of the masks in a value.
func masks(v any, at string) []string {
	var out []string
	switch v := v.(type) {
	case string:
		if v == model.Mask {
			return []string{at}
		}
	case []any:
		for i, e := range v {
			out = append(out, masks(e, fmt.Sprintf("%s/%d", at, i))...)
		}
	case map[string]any:
		for _, key := range model.Keys(v) {
			out = append(out, masks(v[key], at+model.Pointer(key))...)
		}
	}
	return out
}

// veil puts the mask over the values of a tree that are to become what a
// reference stands for: they are secrets, too.
func veil(f *model.Field, have, want any) any {
	a, _ := have.([]any)
	b, _ := want.([]any)
	if !refers(want) || a == nil {
		return have
	}
	out := model.Plain(a).([]any)
	for _, p := range f.Pairs(out, b) {
		if p.Before != nil && p.After != nil {
			veilNode(f, p.Before, p.After)
		}
	}
	return out
}

// veilNode veils a node, or a map within it, in place.
func veilNode(f *model.Field, have, want map[string]any) {
	for key, v := range have {
		switch w := want[key].(type) {
		case model.Reference:
			have[key] = model.Mask
		case map[string]any:
			if m := object(v); m != nil {
				veilNode(f, m, w)
			}
		case []any:
			if key == f.Name {
				have[key] = veil(f, v, w)
			}
		}
	}
}

// ViewNode is a node of a tree, and what becomes of it: "" when it stays as it
// is.
type ViewNode struct {
	Action Action `json:"action,omitempty"`
	Name   string `json:"name"`
	// Fields are what the node has, Edits what differs in one that stays.
	Fields   []ViewField `json:"fields,omitempty"`
	Edits    []ViewEdit  `json:"edits,omitempty"`
	Children []ViewNode  `json:"children,omitempty"`
}

// viewTree returns two trees as one.
func viewTree(f *model.Field, before, after any) []ViewNode {
	a, _ := before.([]any)
	b, _ := after.([]any)
	var out []ViewNode
	for _, p := range f.Pairs(a, b) {
		out = append(out, viewNode(f, p))
	}
	return out
}

func viewNode(f *model.Field, p model.Pair) ViewNode {
	var n ViewNode
	was, is := nodeValues(f, p.Before), nodeValues(f, p.After)
	switch {
	case p.Before == nil:
		n.Action, n.Name, n.Fields = Create, nodeTitle(f, p.After), is
	case p.After == nil:
		n.Action, n.Name, n.Fields = Delete, nodeTitle(f, p.Before), was
	default:
		n.Name = nodeTitle(f, p.After)
		if old := nodeTitle(f, p.Before); old != n.Name {
			n.Name = old + " -> " + n.Name
			n.Action = Move
		}
		if n.Edits, n.Fields = nodeEdits(was, is), is; n.Edits != nil {
			n.Action = Update
		}
		if p.Moved {
			n.Action = Move
		}
	}
	n.Children = viewTree(f, p.Before[f.Name], p.After[f.Name])
	if n.Action == Delete {
		n.Children = nil
	}
	if n.Action == "" && !slices.ContainsFunc(n.Children, func(c ViewNode) bool { return c.changes() }) {
		n.Children = nil
	}
	return n
}

func (n *ViewNode) changes() bool {
	return n.Action != "" || slices.ContainsFunc(n.Children, func(c ViewNode) bool { return c.changes() })
}

// nodeTitle returns what a node is called: the first of its keys that it has,
// and in parentheses the name of a part of it that is a key.
func nodeTitle(f *model.Field, n map[string]any) string {
	title := ""
	for _, k := range f.Keys {
		part, name, nested := strings.Cut(k, "/")
		switch {
		case nested && object(n[part])[name] != nil:
			title += fmt.Sprintf(" (%v)", object(n[part])[name])
		case title == "" && n[k] != nil:
			title = fmt.Sprint(n[k])
		}
	}
	return strings.TrimSpace(title)
}

// nodeValues lists the values of a node itself, in registry order, without
// the one that is its title.
func nodeValues(f *model.Field, n map[string]any) []ViewField {
	var out []ViewField
	title := false
	for i := range f.Fields {
		sub := &f.Fields[i]
		v, ok := n[sub.Name]
		if !ok {
			continue
		}
		if !title && slices.Contains(f.Keys, sub.Name) {
			title = true
			continue
		}
		for _, value := range nodeValue(sub.Name, v) {
			if !slices.Contains(f.Keys, value.Path) {
				out = append(out, value)
			}
		}
	}
	return out
}

func nodeValue(path string, v any) []ViewField {
	m := object(v)
	if m == nil {
		return []ViewField{{Path: path, Value: shown(v, false)}}
	}
	var out []ViewField
	for _, key := range model.Keys(m) {
		for _, f := range nodeValue(path+model.Pointer(key), m[key]) {
			if _, ok := f.Value.(Hidden); !ok && looksSecret(key) && object(m[key]) == nil {
				f.Value, f.Secret = shown(m[key], true), true
			}
			out = append(out, f)
		}
	}
	return out
}

func nodeEdits(before, after []ViewField) []ViewEdit {
	var out []ViewEdit
	find := func(l []ViewField, path string) *ViewField {
		if i := slices.IndexFunc(l, func(f ViewField) bool { return f.Path == path }); i >= 0 {
			return &l[i]
		}
		return nil
	}
	for _, f := range before {
		g := find(after, f.Path)
		switch {
		case g == nil:
			out = append(out, ViewEdit{Path: f.Path, Before: f.Value, Secret: f.Secret})
		case f.Value == model.Mask && !refersOrHidden(g.Value), reflect.DeepEqual(g.Value, f.Value):
		case f.Value == model.Mask:
			out = append(out, ViewEdit{Path: f.Path, After: g.Value, Secret: true})
		default:
			out = append(out, ViewEdit{Path: f.Path, Before: f.Value, After: g.Value, Secret: f.Secret || g.Secret})
		}
	}
	for _, g := range after {
		if find(before, g.Path) == nil {
			out = append(out, ViewEdit{Path: g.Path, After: g.Value, Secret: g.Secret})
		}
	}
	return out
}

func refersOrHidden(v any) bool {
	_, hidden := v.(Hidden)
	return hidden || refers(v)
}

// tree writes a tree.
func (t *textWriter) tree(nodes []ViewNode, indent int) {
	for _, n := range nodes {
		t.node(n, indent)
	}
}

// node writes a node: its title, its first field beside it, and below it what
// there is to say about the others.
func (t *textWriter) node(n ViewNode, indent int) {
	sign := signs[n.Action]
	if sign == "" {
		sign = " "
	}
	line, note := plain(n.Name), ""
	fields, edits := n.Fields, n.Edits
	switch {
	case len(edits) > 0 && !strings.Contains(edits[0].Path, "/") && edits[0].Before != nil && edits[0].After != nil && shortEdit(edits[0]):
		line += "  " + inline(edits[0].Before) + " -> " + inline(edits[0].After)
		edits = edits[1:]
	case len(fields) > 0:
		line += "  " + inline(fields[0].Value)
		fields = fields[1:]
	}
	if n.Action == Move && !strings.Contains(n.Name, " -> ") {
		note = "moved"
	}
	t.line(indent, sign, line, note)
	if n.Action == Create {
		for _, f := range fields {
			f.Path = "/" + f.Path
			t.field(f, indent+4)
		}
	}
	for _, e := range edits {
		e.Path = "/" + e.Path
		t.edit(e, indent+4, "")
	}
	t.tree(n.Children, indent+2)
}

func shortEdit(e ViewEdit) bool { return e.Path == "requirement" }
