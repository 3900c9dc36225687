package diff

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// node is a change in the graph of what needs what.
type node struct {
	*Change
	late bool // the second part of a change that was cut
	// hard holds what has to be done before in any case, loose what has to
	// be for the sake of a late reference, by the pointer of its field.
	hard  map[*node]bool
	loose map[string]map[*node]bool
}

func newNode(c *Change) *node {
	return &node{Change: c, hard: map[*node]bool{}, loose: map[string]map[*node]bool{}}
}

// need adds an edge; a change does not need itself.
func (n *node) need(m *node) {
	if m != nil && m != n {
		n.hard[m] = true
	}
}

// needs returns all that the node needs.
func (n *node) needs() map[*node]bool {
	if len(n.loose) == 0 {
		return n.hard
	}
	out := make(map[*node]bool, len(n.hard))
	for m := range n.hard {
		out[m] = true
	}
	for _, ms := range n.loose {
		for m := range ms {
			out[m] = true
		}
	}
	return out
}

// makes reports whether the object has its address only after the change.
func (n *node) makes() bool {
	return n.Action == Create || n.Action == Move || n.Action == Replace
}

// compareNodes orders changes of which none needs the other: deletes last,
// otherwise by address.
func compareNodes(a, b *node) int {
	rank := func(n *node) int {
		if n.Action == Delete {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), model.CompareAddresses(a.Addr, b.Addr), cmp.Compare(a.ID, b.ID))
}

// arrange puts the changes in an order in which they can be made, and fills
// in their IDs and needs. Circles of references are cut where the registry
// says that a reference may be written late; a circle without such a place is
// an error.
func (c *comparison) arrange() []*Change {
	var nodes []*node
	at := map[model.Address]*node{}
	freed := map[model.Address]*node{} // by the address that a change leaves
	for _, ch := range c.changes {
		ch.ID = string(ch.Addr)
		n := newNode(ch)
		nodes = append(nodes, n)
		at[ch.Addr] = n
		if ch.From != "" && ch.From != ch.Addr {
			freed[ch.From] = n
		}
	}
	slices.SortFunc(nodes, compareNodes)
	for _, n := range nodes {
		c.connect(n, at, freed)
	}
	for a, before := range c.waits {
		for _, b := range before {
			at[a].need(at[b])
		}
	}
	connectKinds(nodes)
	c.connectSwitches(nodes)
	connectChanged(nodes)
	connectSole(nodes)
	nodes = c.connectNames(nodes)
	late := map[*node]*node{}
	nodes = c.cut(nodes, late)
	connectKinds(nodes) // also for the second parts
	c.connectFollowers(nodes)
	nodes = c.cut(nodes, late)
	connectDeletes(nodes)

	out := topological(nodes)
	position := make(map[*node]int, len(out))
	changes := make([]*Change, len(out))
	for i, n := range out {
		position[n] = i
		changes[i] = n.Change
		needs := make([]*node, 0, len(n.hard))
		for m := range n.needs() {
			needs = append(needs, m)
		}
		slices.SortFunc(needs, func(a, b *node) int { return cmp.Compare(position[a], position[b]) })
		n.Needs = nil
		for _, m := range needs {
			n.Needs = append(n.Needs, m.ID)
		}
	}
	return changes
}

// connect finds what a change needs: the realm, the object above it, a free
// address, and the objects to which it refers, or its configuration does where they
// have to be there.
func (c *comparison) connect(n *node, at, freed map[model.Address]*node) {
	realm := at[model.Address(model.Realm.Name)]
	if realm != nil && realm.Action == Create {
		n.need(realm)
	}
	// maker returns the change after which there is an object at an address.
	maker := func(a model.Address) *node {
		for ; a != ""; a = model.ParentOf(a) {
			if m := at[a]; m != nil && m.makes() {
				return m
			}
		}
		return nil
	}
	n.need(maker(model.ParentOf(n.Addr)))
	n.need(maker(model.ParentOf(n.From)))
	if n.Action == Delete {
		return
	}
	n.need(freed[n.Addr])
	parent := at[n.Parent]
	if n.Parent == "" {
		parent = realm
	}
	if parent != nil && n.Kind.When != nil && settles(parent) {
		n.need(parent)
	}
	for _, a := range n.Kind.Firmly(c.object(n.Addr)) {
		n.need(maker(a))
	}
	late := func(r model.Ref, m *node) {
		if n.loose[r.Pointer] == nil {
			n.loose[r.Pointer] = map[*node]bool{}
		}
		n.loose[r.Pointer][m] = true
	}
	for _, r := range n.Kind.Refs(n.Parent, n.written()) {
		m := maker(r.Addr)
		if m == nil {
			m = at[c.holder(r.Addr)] // which may come to have it by an update
		}
		switch {
		case m == nil || m == n && !n.whole():
			// What moves refers to itself once it has moved.
		case r.Field.Late:
			late(r, m)
		default:
			n.need(m)
		}
	}
	for _, r := range n.Kind.Refs(n.Parent, n.erased()) {
		// What is there before is told, and taken away, by the name that its
		// object has by then.
		m := maker(r.Addr)
		switch {
		case m == nil || m == n || m.Action != Move:
		case r.Field.Late:
			late(r, m)
		default:
			n.need(m)
		}
	}
}

// connectKinds lets changes wait for those of other kinds where the registry
// says so.
func connectKinds(nodes []*node) {
	byKind := map[string][]*node{}
	for _, n := range nodes {
		if n.Action != Delete {
			byKind[n.Kind.Name] = append(byKind[n.Kind.Name], n)
		}
	}
	for _, n := range nodes {
		if n.Action == Delete {
			continue
		}
		before := n.Kind.After
		if n.whole() {
			before = slices.Concat(before, n.Kind.NewAfter)
		}
		for _, kind := range before {
			for _, m := range byKind[kind] {
				n.need(m)
			}
		}
	}
}

// connectSwitches lets changes wait for the realm to switch on what they need, and to
// become what they are judged by.
func (c *comparison) connectSwitches(nodes []*node) {
	i := slices.IndexFunc(nodes, func(n *node) bool { return n.Kind == model.Realm })
	if i < 0 {
		return
	}
	for _, n := range nodes {
		if n.Action == Delete {
			continue
		}
		whole := c.object(n.Addr)
		names := []string{c.switchOf(n.Kind, whole)}
		if n.Kind.Heeds != nil {
			names = append(names, n.Kind.Heeds(whole)...)
		}
		if slices.ContainsFunc(nodes[i].Edits, func(e Edit) bool { return slices.Contains(names, strings.TrimPrefix(e.Path, "/")) }) {
			n.need(nodes[i])
		}
	}
}

// switchOf returns the realm's switch that an object needs ([model.Kind.Switch]);
// a server without the feature that the switch belongs to asks for none.
func (c *comparison) switchOf(k *model.Kind, whole model.Object) string {
	if k.Switch == nil {
		return ""
	}
	name := k.Switch(whole)
	if f := model.Realm.Fields.Get(name); f == nil || !c.server.Has(f.Feature) {
		return ""
	}
	return name
}

// connectChanged lets changes of an object, and of all below, wait for those
// by which the server changes it, too.
func connectChanged(nodes []*node) {
	for _, m := range nodes {
		a := m.Kind.Changes
		if a == "" || m.Action == Delete {
			continue
		}
		for _, n := range nodes {
			if n.Kind != m.Kind && n.Action != Delete && (n.Addr == a || n.Addr.Under(a)) && !m.Addr.Under(n.Addr) {
				n.need(m)
			}
		}
	}
}

// connectSole lets what takes a member wait for what gives it up, where it
// can be in one object only.
func connectSole(nodes []*node) {
	members := func(n *node, o model.Object) map[model.Address]bool {
		out := map[model.Address]bool{}
		for _, r := range n.Kind.Refs(n.Parent, o) {
			if r.Field.Sole {
				out[r.Addr] = true
			}
		}
		return out
	}
	gives := map[model.Address]*node{}
	for _, n := range nodes {
		keeps := map[model.Address]bool{}
		if n.Action != Delete {
			keeps = members(n, n.written())
		}
		for a := range members(n, n.erased()) {
			if !keeps[a] {
				gives[a] = n
			}
		}
	}
	if len(gives) == 0 {
		return
	}
	for _, n := range nodes {
		if n.Action == Delete {
			continue
		}
		for a := range members(n, n.written()) {
			n.need(gives[a])
		}
	}
}

// connectFollowers lets new objects, and what makes the server make one, wait
// for what changes the fields of the realm from which the server takes what they
// do not declare. That is cut no further: they would wait for the wrong part.
func (c *comparison) connectFollowers(nodes []*node) {
	for _, m := range nodes {
		if m.Kind != model.Realm {
			continue
		}
		for _, n := range nodes {
			if n.whole() && follows(n.Kind, n.After, m) || slices.ContainsFunc(c.spawns(n), func(k *model.Kind) bool {
				var declared model.Object
				if it := c.desired.Items[model.AddressOf(n.Addr, k, "")]; it != nil {
					declared = it.Fields
				}
				return follows(k, declared, m)
			}) {
				n.need(m)
				m.hard, m.loose = m.needs(), map[string]map[*node]bool{}
			}
		}
	}
}

// follows reports whether the server takes a field of a new object from one
// of the realm that the other change writes.
func follows(k *model.Kind, o model.Object, m *node) bool {
	return slices.ContainsFunc(k.Fields, func(f model.Field) bool {
		_, declared := o[f.Name]
		return f.Follows != "" && !declared && slices.ContainsFunc(m.Edits, func(e Edit) bool { return e.Path == model.Pointer(f.Follows) })
	})
}

// spawns returns the kinds of which a change makes the server make an object
// below its own ([model.Kind.Spawned]).
func (c *comparison) spawns(n *node) []*model.Kind {
	if n.Action == Delete || n.late {
		return nil
	}
	return slices.DeleteFunc(n.Kind.Children(), func(k *model.Kind) bool {
		there := func(o model.Object) bool { return k.When == nil || k.When(o) }
		return !k.Spawned || !there(c.object(n.Addr)) || !n.whole() && there(n.Before)
	})
}

// settles reports whether a change writes more than references.
func settles(n *node) bool {
	if n.makes() {
		return true
	}
	return slices.ContainsFunc(n.Edits, func(e Edit) bool {
		f := n.Kind.Fields.At(e.Path)
		return f == nil || f.Ref == ""
	})
}

// whole reports whether a change writes all of the object at once. A realm is
// created empty and then edited.
func (c *Change) whole() bool {
	return c.Action == Replace || c.Action == Create && c.Kind != model.Realm
}

// written returns the fields that a change writes.
func (c *Change) written() model.Object {
	if c.whole() {
		return c.After
	}
	if c.Kind.Whole() {
		return overlay(c.Kind.Fields, c.Before, c.After, nil)
	}
	return fieldsOf(c.Edits, func(e Edit) any { return e.After })
}

// erased returns, of the fields that a change writes, what was there before.
func (c *Change) erased() model.Object {
	if c.Action == Delete || c.Action == Replace {
		return c.Before
	}
	if c.made != nil {
		return c.made
	}
	return fieldsOf(c.Edits, func(e Edit) any { return e.Before })
}

// fieldsOf builds the object that holds a value of every edit at its path.
func fieldsOf(edits []Edit, value func(Edit) any) model.Object {
	out := map[string]any{}
	for _, e := range edits {
		segs := model.Segments(e.Path)
		m := out
		for _, s := range segs[:len(segs)-1] {
			next := object(m[s])
			if next == nil {
				next = map[string]any{}
				m[s] = next
			}
			m = next
		}
		m[segs[len(segs)-1]] = value(e)
	}
	return out
}

// connectDeletes lets every delete wait for what stops using the object, and
// for what leaves it. Deletes of objects that refer to each other in a circle
// go in any order.
func connectDeletes(nodes []*node) {
	deletes := map[model.Address]*node{}
	for _, n := range nodes {
		if n.Action == Delete {
			deletes[n.Addr] = n
		}
	}
	if len(deletes) == 0 {
		return
	}
	// holder returns the delete with which the object at an address goes.
	holder := func(a model.Address) *node {
		for ; a != ""; a = model.ParentOf(a) {
			if d := deletes[a]; d != nil {
				return d
			}
		}
		return nil
	}
	among := map[*node]map[*node]bool{}
	for _, n := range nodes {
		if d := holder(model.ParentOf(n.Addr)); d != nil {
			d.need(n)
		}
		if d := holder(n.From); d != nil && n.From != "" {
			d.need(n)
		}
		if n.Kind.Vital != nil && n.Action != Delete {
			// What takes over its purpose comes first.
			for _, d := range deletes {
				if d.Kind == n.Kind {
					d.need(n)
				}
			}
		}
		for _, r := range n.Kind.Refs(n.Parent, n.erased()) {
			d := holder(r.Addr)
			switch {
			case d == nil || d == n:
			case n.Action != Delete:
				d.need(n)
			default:
				if among[d] == nil {
					among[d] = map[*node]bool{}
				}
				among[d][n] = true
			}
		}
	}
	var list []*node
	for _, n := range nodes {
		if n.Action == Delete {
			list = append(list, n)
		}
	}
	component := map[*node]int{}
	for i, scc := range components(list, func(n *node) map[*node]bool { return among[n] }) {
		for _, n := range scc {
			component[n] = i
		}
	}
	for d, ns := range among {
		for n := range ns {
			if component[d] != component[n] {
				d.need(n)
			}
		}
	}
}

// topological returns the nodes, which form no circle, each after all that it
// needs, and as early as [compareNodes] allows.
func topological(nodes []*node) []*node {
	waits := make(map[*node]int, len(nodes))
	dependents := make(map[*node][]*node, len(nodes))
	var ready nodeHeap
	for _, n := range nodes {
		needs := n.needs()
		waits[n] = len(needs)
		for m := range needs {
			dependents[m] = append(dependents[m], n)
		}
		if len(needs) == 0 {
			ready = append(ready, n)
		}
	}
	heap.Init(&ready)
	out := make([]*node, 0, len(nodes))
	for len(ready) > 0 {
		n := heap.Pop(&ready).(*node)
		out = append(out, n)
		for _, d := range dependents[n] {
			if waits[d]--; waits[d] == 0 {
				heap.Push(&ready, d)
			}
		}
	}
	return out
}

type nodeHeap []*node

func (h nodeHeap) Len() int           { return len(h) }
func (h nodeHeap) Less(i, j int) bool { return compareNodes(h[i], h[j]) < 0 }
func (h nodeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *nodeHeap) Push(x any)        { *h = append(*h, x.(*node)) }
func (h *nodeHeap) Pop() any {
	last := len(*h) - 1
	n := (*h)[last]
	*h = (*h)[:last]
	return n
}

// names joins the addresses of nodes: "a -> b -> a".
func names(nodes []*node, sep string) string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = string(n.Addr)
	}
	return strings.Join(out, sep)
}

// after says for which objects a late part waits.
func after(targets map[*node]bool) string {
	var l []*node
	for n := range targets {
		l = append(l, n)
	}
	slices.SortFunc(l, compareNodes)
	if len(l) > 3 {
		return fmt.Sprintf("after %s and %d more", names(l[:2], ", "), len(l)-2)
	}
	return "after " + names(l, ", ")
}
