package main

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/kcsync/kcsync/model"
)

// before returns what the node was made of.
func (n *node) before() *node {
	if n == nil {
		return nil
	}
	return n.was
}

// change makes another realm of one: objects come and go, have other names and
// parents, and other values. Those that go, and that a file could name as
// absent, are returned too.
func (g *generator) change(root *node) (*node, []model.Address) {
	g.all = nil
	of := map[*node]*node{}
	out := g.copied(root, nil, of)
	for _, n := range slices.Clone(g.all) {
		if n.was != nil {
			for name, v := range n.fields {
				n.fields[name] = moved(v, of)
				l, _ := n.fields[name].([]any)
				for _, e := range l {
					if r, ok := e.(link); ok {
						g.taken[r.sole()] = r.field.Sole
					}
				}
			}
			g.redraw(n)
		}
	}
	for _, n := range slices.Clone(g.all) {
		if n.was != nil && n.made == nil && n.kind.Tree() && g.chance(4) {
			g.move(out, n)
		}
	}
	g.linkAll()
	g.wither(out)
	return out, g.gone(root, of)
}

// gone returns the addresses, below what the objects above have become, of
// what nothing was made of and no complete list says to be gone.
func (g *generator) gone(n *node, of map[*node]*node) []model.Address {
	out := []model.Address{}
	for _, c := range n.children {
		if of[c] != nil {
			out = append(out, g.gone(c, of)...)
			continue
		}
		now := *c
		now.parent = of[c.parent]
		if a := now.address(); !c.kind.Part && !c.kind.Spawned && !c.kind.Places[0].Declared && g.fresh.Items[a] == nil {
			out = append(out, a)
		}
	}
	return out
}

// copied makes a node of a node and of what is below it: some of it goes, and
// some is new.
func (g *generator) copied(n, parent *node, of map[*node]*node) *node {
	out := &node{kind: n.kind, parent: parent, key: n.key, shape: n.shape, fields: maps.Clone(n.fields), shown: maps.Clone(n.shown), was: n, made: n.made}
	of[n] = out
	g.all = append(g.all, out)
	if n.renamable(g.root) && g.chance(5) {
		out.key = g.key(n.kind)
		out.anew = n.fixedKey()
		if n.kind.Name == "role" && parent == nil {
			out.key = strings.ReplaceAll(out.key, "/", "-") // policies may be about it
		}
	}
	if slices.Contains(reformed, n.kind.Name) && n.made == nil && g.chance(5) {
		g.reform(out)
	}
	below := out.home()
	for _, child := range n.children {
		if out.anew && out.key == n.key && child.kind.Part {
			continue // it may not go with what the object has become
		}
		if child.kind.When != nil && !child.kind.When(out.rep()) {
			continue // it goes with what it needs
		}
		if child.kind.Singleton() || child.kind.Places[0].Declared || child.made != nil || !g.chance(5) {
			out.children = append(out.children, g.copied(child, below, of))
		}
	}
	for _, c := range n.kind.Children() {
		if out.shown[c.Name] && !c.Singleton() && g.chance(4) && (n.kind != c || n.parent == nil || n.parent.kind != c) {
			if child := g.grow(c, below); child != nil {
				out.children = append(out.children, child)
			}
		}
	}
	return out
}

// renamable reports whether an object can have another name in a realm.
func (n *node) renamable(realm model.Object) bool {
	key := n.kind.Fields.Get(n.kind.Key)
	switch {
	case key == nil || words[n.kind.Name+"."+key.Name] != nil:
		return false
	case n.kind.Renames != nil:
		why, _ := n.kind.Renames(realm)
		return why == ""
	case n.made != nil:
		return n.kind.Name == "authentication-flow" || n.kind.Name == "client-scope" && !slices.Contains(scopesByName, n.key)
	}
	return true
}

// fixedKey reports whether an object of another name is another one.
func (n *node) fixedKey() bool {
	key := n.kind.Fields.Get(n.kind.Key)
	return key != nil && key.Immutable && !n.kind.Part
}

// kept reports whether an object of which nothing was made stays on the server.
func (n *node) kept() bool {
	return n.made != nil && n.kind.Name == "authentication-flow" || n.kind.Places[0].Declared
}

// reform makes of an object one of another shape of the same protocol. What made
// it what it was goes back to its default.
func (g *generator) reform(n *node) {
	var to []shape
	for _, s := range g.shapes(n) {
		if s.fixed["protocol"] == n.shape.fixed["protocol"] {
			to = append(to, s)
		}
	}
	now := rapid.SampledFrom(to).Draw(g.t, "reform")
	for name, v := range now.fixed {
		f := n.kind.Fields.Get(name)
		n.anew = n.anew || f.Immutable && !n.kind.Part && n.shape.fixed[name] != v
	}
	for name := range n.shape.fixed {
		n.fields[name] = nil
	}
	for _, name := range now.without {
		delete(n.fields, name)
	}
	n.shape = now
	n.distinguish()
	maps.Copy(n.fields, n.shape.fixed.Clone())
	for i := range n.kind.Fields {
		if f := &n.kind.Fields[i]; f.Names != nil && f.Names.ConfigOf != "" {
			delete(n.fields, f.Name)
			if g.needed(n, f) || n.shape.fixed[f.Name] != nil {
				n.set(f, g.value(n, n.kind.Name+"."+f.Name, f, n.fields))
			}
		}
	}
	for _, c := range n.kind.Children() {
		if c.When != nil && c.When(n.rep()) && !c.When(n.was.rep()) {
			g.growChildren(n, c)
		}
	}
}

// reset lets a file ask for the defaults of what only the other one, which was
// made of it, declares, and that refers to something, which may go, or makes the
// object one of another shape. What nobody deletes gets its name back.
func (n *node) reset(now *node) {
	n.anew = now.anew && n.key == now.key
	if n.key != now.key && n.kept() {
		n.called = now.key
	}
	for _, c := range now.children {
		if c.was != nil {
			c.was.reset(c)
		}
	}
	for i := range now.kind.Fields {
		f := &now.kind.Fields[i]
		if _, ok := n.fields[f.Name]; !ok && now.fields[f.Name] != nil && (refers(f) || now.shape.fixed[f.Name] != nil) {
			n.fields[f.Name] = nil
		}
		n.release(f, now.fields[f.Name])
	}
}

// moved returns a value that refers to what nodes have become; references to
// what is gone are gone, too.
func moved(v any, of map[*node]*node) any {
	switch v := v.(type) {
	case link:
		if to := of[v.to]; to != nil {
			return link{v.field, to}
		}
		return nil
	case byOwner:
		var out byOwner
		for _, r := range v {
			if to := of[r.to]; to != nil {
				out = append(out, link{r.field, to})
			}
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			m, isMap := e.(map[string]any)
			e = moved(e, of)
			if isMap {
				for name := range m {
					if _, was := m[name].(link); was && e.(map[string]any)[name] == nil {
						e = nil
						break
					}
				}
			}
			if e != nil {
				out = append(out, e)
			}
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = moved(e, of)
		}
		return out
	}
	return v
}

// redraw gives some fields of a node another value, or null, or leaves them
// out of the file. What refers to something stays in it: what goes from the
// file stays on the server, where it would keep what it refers to.
func (g *generator) redraw(n *node) {
	for i := range n.kind.Fields {
		f := &n.kind.Fields[i]
		path := n.kind.Name + "." + f.Name
		if !n.allows(f) || !g.has(f) || f.Immutable || f.Initial || n.settled(f) || !g.chance(4) {
			continue
		}
		_, fixed := n.shape.fixed[f.Name]
		switch {
		case !fixed && !g.needed(n, f) && g.chance(4):
			n.fields[f.Name] = nil
		case !fixed && !g.needed(n, f) && !refers(f) && g.chance(4):
			delete(n.fields, f.Name)
		case f.Sole:
		case n.made == nil && n.fields[f.Name] != nil && f.Type == model.Tree:
			n.fields[f.Name] = g.reshaped(n.sort(), n.fields[f.Name].([]any))
		default:
			had := n.fields[f.Name]
			n.set(f, g.value(n, path, f, n.fields))
			n.release(f, had)
		}
	}
	for i := range n.kind.Fields {
		l, _ := n.fields[n.kind.Fields[i].Name].([]any)
		for _, sub := range n.kind.Fields[i].Fields {
			for _, e := range l {
				if m, ok := e.(map[string]any); ok && sub.Among != "" && !slices.Contains(g.names(n, sub.Among), m[sub.Name]) {
					delete(m, sub.Name)
				}
			}
		}
	}
}

// release lets a file ask for the defaults of keys that hold references and that
// it no longer declares.
func (n *node) release(f *model.Field, had any) {
	now, ok := n.fields[f.Name].(map[string]any)
	if !ok || f.Type != model.Dict || !refers(f) {
		return
	}
	was, _ := had.(map[string]any)
	for key := range was {
		if _, ok := now[key]; !ok {
			now[key] = nil
		}
	}
}

// move puts a node of a tree, below which there is nothing, elsewhere in it.
func (g *generator) move(root, n *node) {
	var to []*node
	top := n.parent
	for top != nil && top.kind == n.kind {
		top = top.parent
	}
	for _, other := range g.all {
		if other.kind == n.kind && other != n && other.parent == top && other != n.parent {
			to = append(to, other)
		}
	}
	if n.parent != top {
		to = append(to, top)
	}
	if len(to) == 0 {
		return
	}
	home := func(n *node) *node {
		if n == nil {
			return root
		}
		return n
	}
	below := rapid.SampledFrom(to).Draw(g.t, "move")
	from := home(n.parent)
	from.children = slices.DeleteFunc(from.children, func(c *node) bool { return c == n })
	n.parent = below
	home(below).children = append(home(below).children, n)
	home(below).shown[n.kind.Name] = true
}
