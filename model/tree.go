package model

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// canonTree returns the canonical form of a [Tree]: of every node only what
// says something, and the nodes below it under the field's own name.
func canonTree(f *Field, v any) any {
	if v == nil {
		return nil
	}
	nodes := asList(v)
	out := make([]any, 0, len(nodes))
	for _, e := range nodes {
		m, ok := mapOf(e)
		if !ok {
			out = append(out, free(e))
			continue
		}
		node := map[string]any{}
		for name, v := range canonFields(f.Fields, m) {
			if sub := f.Fields.Get(name); name != f.Name && !(sub != nil && sub.Default != nil && v == sub.Default) {
				node[name] = v
			}
		}
		node = dense(node)
		if below, ok := canonTree(f, m[f.Name]).([]any); ok && len(below) > 0 {
			node[f.Name] = below
		}
		out = append(out, node)
	}
	return out
}

// dense returns a map without what is zero, all the way down.
func dense(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, v := range m {
		if sub, ok := mapOf(v); ok {
			v = dense(sub)
		}
		if !Zero(v) {
			out[key] = v
		}
	}
	return out
}

// sameTree reports whether two canonical trees mean the same. A value of
// which one side shows only the mask may be the other's.
func sameTree(a, b any) bool {
	if a == Mask && b != nil || b == Mask && a != nil {
		return true
	}
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, v := range a {
			if w, ok := b[key]; !ok || !sameTree(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameTree)
	}
	return reflect.DeepEqual(a, b)
}

// Pair is a node of a [Tree] before and after a change of the tree. One of
// the two is nil when the node is new or gone.
type Pair struct {
	Before, After map[string]any
	// Moved says that the node stands elsewhere among those that stay.
	Moved bool
}

// Pairs finds, among the nodes of one level before and after a change, which
// belong together: those that are equal, then by the field's Keys, of which the
// last ones may differ when there is no better match, and then by what is below
// them, all of it or most. Nodes that are alike are told apart by their position. Pairs come in the order of after,
// with what is gone where it was.
func (f *Field) Pairs(before, after []any) []Pair {
	old, now := nodesOf(before), nodesOf(after)
	match := make([]int, len(now)) // index in old, or -1
	taken := make([]bool, len(old))
	for i := range match {
		match[i] = -1
	}
	pass := func(same func(a, b map[string]any) bool) {
		for i, n := range now {
			for j := 0; j < len(old) && match[i] < 0; j++ {
				if !taken[j] && same(old[j], n) {
					match[i], taken[j] = j, true
				}
			}
		}
	}
	// Who is the same in everything is the same one, wherever it stands now.
	canonical := func(nodes []map[string]any) []any {
		out := make([]any, len(nodes))
		for i, n := range nodes {
			out[i] = canonTree(f, []any{n})
		}
		return out
	}
	were, are := canonical(old), canonical(now)
	for i := range now {
		for j := 0; j < len(old) && match[i] < 0; j++ {
			if !taken[j] && sameTree(were[j], are[i]) {
				match[i], taken[j] = j, true
			}
		}
	}
	for keys := f.Keys; len(keys) > 0; keys = keys[:len(keys)-1] {
		if len(keys) == 1 {
			// The first key alone is a name: a node without it has none, and
			// what has children and another name was renamed.
			pass(func(a, b map[string]any) bool {
				below := a[f.Name] != nil && !f.passing(a) && sameTree(canonTree(f, a[f.Name]), canonTree(f, b[f.Name]))
				return below && at(a, keys[0]) != nil && at(b, keys[0]) != nil && sameKeys(a, b, f.Keys[1:])
			})
			break
		}
		pass(func(a, b map[string]any) bool { return sameKeys(a, b, keys) })
	}
	pass(func(a, b map[string]any) bool {
		return a[f.Name] != nil && b[f.Name] != nil && !f.passing(a) && sameKeys(a, b, f.Keys[1:]) && f.alike(a, b)
	})

	stays := longestRun(match)
	var out []Pair
	next := 0 // in old
	gone := func(until int) {
		for ; next < until; next++ {
			if !taken[next] {
				out = append(out, Pair{Before: old[next]})
			}
		}
	}
	for i, n := range now {
		switch j := match[i]; {
		case j < 0:
			out = append(out, Pair{After: n})
		case stays[i]:
			gone(j)
			out = append(out, Pair{Before: old[j], After: n})
		default:
			out = append(out, Pair{Before: old[j], After: n, Moved: true})
		}
	}
	gone(len(old))
	return out
}

// passing reports whether a node is there only meanwhile.
func (f *Field) passing(node map[string]any) bool { return f.Passing != nil && f.Passing(node) }

// alike reports whether most of what is below two nodes is the same.
func (f *Field) alike(a, b map[string]any) bool {
	left, n := map[string]int{}, 0
	var count func(nodes any, visit func(name string))
	count = func(nodes any, visit func(name string)) {
		l, _ := nodes.([]any)
		for _, n := range nodesOf(l) {
			for _, k := range f.Keys[1:] {
				if s, ok := at(n, k).(string); ok {
					visit(k + " " + s)
				}
			}
			count(n[f.Name], visit)
		}
	}
	count(a[f.Name], func(name string) { left[name]++; n++ })
	shared, m := 0, 0
	count(b[f.Name], func(name string) {
		if m++; left[name] > 0 {
			left[name]--
			shared++
		}
	})
	return 2*shared > max(n, m)
}

func nodesOf(l []any) []map[string]any {
	var out []map[string]any
	for _, e := range l {
		if m, ok := mapOf(e); ok {
			out = append(out, m)
		}
	}
	return out
}

func sameKeys(a, b map[string]any, keys []string) bool {
	return !slices.ContainsFunc(keys, func(k string) bool { return !reflect.DeepEqual(at(a, k), at(b, k)) })
}

// at returns the value at a path of names such as "authenticatorConfig/alias";
// nil for what is empty.
func at(m map[string]any, path string) any {
	var v any = m
	for name := range strings.SplitSeq(path, "/") {
		sub, _ := mapOf(v)
		v = sub[name]
	}
	if Zero(v) {
		return nil
	}
	return v
}

// longestRun says which of the numbers that are not negative make up a
// longest increasing run; the others have moved.
func longestRun(l []int) []bool {
	length, prev := make([]int, len(l)), make([]int, len(l))
	best := -1
	for i, v := range l {
		prev[i] = -1
		if v < 0 {
			continue
		}
		length[i] = 1
		for j := range i {
			if l[j] >= 0 && l[j] < v && length[j]+1 > length[i] {
				length[i], prev[i] = length[j]+1, j
			}
		}
		if best < 0 || length[i] > length[best] {
			best = i
		}
	}
	in := make([]bool, len(l))
	for i := best; i >= 0; i = prev[i] {
		in[i] = true
	}
	return in
}

// Having returns the nodes of a tree that name only what a server has, and what
// the others name.
func (f *Field) Having(nodes []any, info *Info) (kept []any, gone []string) {
	kept = []any{}
	for _, e := range nodes {
		node, ok := e.(map[string]any)
		if !ok {
			kept = append(kept, e)
			continue
		}
		missing := ""
		for i := range f.Fields {
			sub := &f.Fields[i]
			name, _ := node[sub.Name].(string)
			if sub.Names == nil || name == "" {
				continue
			}
			if offered := info.OffersAny(sub.Names.In); offered != nil {
				if _, has := offered[name]; !has {
					missing = name
				}
			}
		}
		if missing != "" {
			gone = append(gone, missing)
			continue
		}
		if below, ok := node[f.Name].([]any); ok {
			sub, lost := f.Having(below, info)
			if lost != nil {
				node = maps.Clone(node)
				node[f.Name] = sub
				gone = append(gone, lost...)
			}
		}
		kept = append(kept, node)
	}
	return kept, gone
}

// Living returns an object's fields without the nodes of its trees that name
// what a server has not, and what these name: what is the server's own it can
// then not show, and nobody can change. It returns nil where there are none.
func Living(it *Item, info *Info) (fields Object, gone []string) {
	if info == nil || !it.Builtin {
		return nil, nil
	}
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		nodes, _ := it.Fields[f.Name].([]any)
		if f.Type != Tree || nodes == nil {
			continue
		}
		if kept, lost := f.Having(nodes, info); lost != nil {
			if fields == nil {
				fields = it.Fields.Clone()
			}
			fields[f.Name] = kept
			gone = append(gone, lost...)
		}
	}
	slices.Sort(gone)
	return fields, slices.Compact(gone)
}
