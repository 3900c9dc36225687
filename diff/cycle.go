package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// cut opens every circle in the graph by moving late references of one of its
// changes into a second change, and returns the nodes with those added; late
// holds the second part of each that has one. Of the changes in a circle that
// can be cut it takes the one that most others need, so that one cut opens as
// much as it can.
func (c *comparison) cut(nodes []*node, late map[*node]*node) []*node {
	work := components(nodes, (*node).needs)
	for len(work) > 0 {
		scc := work[0]
		work = work[1:]
		if len(scc) == 1 && !scc[0].needs()[scc[0]] {
			continue
		}
		in := map[*node]bool{}
		for _, n := range scc {
			in[n] = true
		}
		needed := map[*node]int{}
		for _, n := range scc {
			for m := range n.needs() {
				needed[m]++
			}
		}
		var best *node
		for _, n := range scc {
			if len(n.within(in)) > 0 && (best == nil || needed[n] > needed[best]) {
				best = n
			}
		}
		if best == nil {
			c.breakHard(scc, in)
			continue
		}
		second := late[best]
		if second == nil {
			second = newNode(&Change{
				ID: best.ID + " (late)", Addr: best.Addr, Kind: best.Kind, Parent: best.Parent,
				Action: Update, Before: best.Before, After: model.Object{}, Source: best.Source,
			})
			second.late = true
			second.need(best)
			late[best] = second
			nodes = append(nodes, second)
		}
		best.move(second, best.within(in))
		work = append(work, components(scc, func(n *node) map[*node]bool {
			out := map[*node]bool{}
			for m := range n.needs() {
				if in[m] {
					out[m] = true
				}
			}
			return out
		})...)
	}
	for best, second := range late {
		targets := map[*node]bool{}
		for m := range second.hard {
			if m != best && m.Kind != model.Realm {
				targets[m] = true
			}
		}
		second.Reason = after(targets)
		sortEdits(second.Edits, second.Kind.Fields)
	}
	slices.SortFunc(nodes, compareNodes)
	return nodes
}

// within returns the pointers of the node's late references to nodes of a set.
func (n *node) within(set map[*node]bool) []string {
	var out []string
	for _, p := range model.Keys(n.loose) {
		for m := range n.loose[p] {
			if set[m] {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// move gives the fields at the pointers, and those that must be written
// together with them, to the second part of the change.
func (n *node) move(second *node, pointers []string) {
	for _, p := range pointers {
		if f := n.Kind.Fields.At(p); f != nil && f.Link != nil && f.Link.Exclusive != "" {
			if q := model.Pointer(f.Link.Exclusive); !slices.Contains(pointers, q) {
				pointers = append(pointers, q)
			}
		}
	}
	for _, p := range pointers {
		for m := range n.loose[p] {
			second.need(m)
		}
		delete(n.loose, p)
		v := takeField(n.After, p)
		if v != nil {
			putField(second.After, p, v)
		}
		if n.whole() {
			if v != nil {
				second.Edits = append(second.Edits, Edit{Path: p, After: v})
			}
			continue
		}
		n.Edits = slices.DeleteFunc(n.Edits, func(e Edit) bool {
			moves := e.Path == p || strings.HasPrefix(e.Path, p+"/")
			if moves {
				second.Edits = append(second.Edits, e)
			}
			return moves
		})
	}
}

// takeField removes and returns the value at a pointer, and the objects that
// are empty without it.
func takeField(o map[string]any, pointer string) any {
	segs := model.Segments(pointer)
	v, ok := o[segs[0]]
	if !ok || len(segs) == 1 {
		delete(o, segs[0])
		return v
	}
	m := object(v)
	v = takeField(m, model.Pointer(segs[1:]...))
	if len(m) == 0 {
		delete(o, segs[0])
	}
	return v
}

func putField(o map[string]any, pointer string, v any) {
	segs := model.Segments(pointer)
	if len(segs) == 1 {
		o[segs[0]] = v
		return
	}
	m := object(o[segs[0]])
	if m == nil {
		m = map[string]any{}
		o[segs[0]] = m
	}
	putField(m, model.Pointer(segs[1:]...), v)
}

// sortEdits orders edits as [Compute] makes them.
func sortEdits(edits []Edit, fs model.Fields) {
	slices.SortStableFunc(edits, func(a, b Edit) int {
		return comparePaths(fs, model.Segments(a.Path), model.Segments(b.Path))
	})
}

// comparePaths orders paths by field, in registry order, fields that the
// registry does not know last, and keys of maps by name.
func comparePaths(fs model.Fields, a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) - len(b)
	}
	if a[0] == b[0] {
		var sub model.Fields
		if f := fs.Get(a[0]); f != nil {
			sub = f.Fields
		}
		return comparePaths(sub, a[1:], b[1:])
	}
	index := func(name string) int {
		if i := slices.IndexFunc(fs, func(f model.Field) bool { return f.Name == name }); i >= 0 {
			return i
		}
		return len(fs)
	}
	return cmp.Or(cmp.Compare(index(a[0]), index(b[0])), strings.Compare(a[0], b[0]))
}

// breakHard reports a circle in which every step has to come before the
// next, and takes its edges away so that the rest can be ordered.
func (c *comparison) breakHard(scc []*node, in map[*node]bool) {
	// Walk along the first edge of each until a node comes again.
	var path []*node
	for n := scc[0]; !slices.Contains(path, n); {
		path = append(path, n)
		var next []*node
		for m := range n.hard {
			if in[m] {
				next = append(next, m)
			}
		}
		slices.SortFunc(next, compareNodes)
		n = next[0]
		if i := slices.Index(path, n); i >= 0 {
			path = append(path[i:], n)
			break
		}
	}
	first := path[0]
	c.fail("cycle", first.Addr, first.Source, "these changes need each other: "+names(path, " -> "), "make one of them in an apply of its own")
	for _, n := range scc {
		for m := range in {
			delete(n.hard, m)
		}
	}
}

// components returns the strongly connected components of a graph, each
// sorted, in a fixed order (Tarjan's algorithm, without recursion: chains of
// references may be long).
func components(nodes []*node, edges func(*node) map[*node]bool) [][]*node {
	type frame struct {
		n    *node
		next []*node
	}
	index, low := map[*node]int{}, map[*node]int{}
	on := map[*node]bool{}
	var stack []*node
	var out [][]*node
	open := func(n *node) frame {
		index[n] = len(index) + 1
		low[n] = index[n]
		stack = append(stack, n)
		on[n] = true
		var next []*node
		for m := range edges(n) {
			next = append(next, m)
		}
		slices.SortFunc(next, compareNodes)
		return frame{n, next}
	}
	for _, root := range nodes {
		if index[root] != 0 {
			continue
		}
		frames := []frame{open(root)}
		for len(frames) > 0 {
			f := &frames[len(frames)-1]
			if len(f.next) > 0 {
				m := f.next[0]
				f.next = f.next[1:]
				if index[m] == 0 {
					frames = append(frames, open(m))
				} else if on[m] {
					low[f.n] = min(low[f.n], index[m])
				}
				continue
			}
			n := f.n
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				p := frames[len(frames)-1].n
				low[p] = min(low[p], low[n])
			}
			if low[n] != index[n] {
				continue
			}
			var scc []*node
			for m := (*node)(nil); m != n; {
				m = stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				on[m] = false
				scc = append(scc, m)
			}
			slices.SortFunc(scc, compareNodes)
			out = append(out, scc)
		}
	}
	return out
}
