package main

import (
	"slices"
	"strconv"

	"github.com/kcsync/kcsync/model"
)

// level is one level of a tree: the map that holds its nodes, under the name of
// the tree's field.
type level struct {
	holder map[string]any
	name   string
}

func (l *level) nodes() []any {
	nodes, _ := l.holder[l.name].([]any)
	return nodes
}

// put sets the nodes of the level.
func (l *level) put(nodes []any) { l.holder[l.name] = nodes }

// node is a seeded node of the level, of those that a condition holds for.
func (l *level) node(m *mutator, is func(map[string]any) bool) map[string]any {
	var out []map[string]any
	for _, e := range l.nodes() {
		if n, ok := e.(map[string]any); ok && is(n) {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out[m.rand.IntN(len(out))]
}

// levelsOf returns all levels of a tree.
func levelsOf(holder map[string]any, name string) []*level {
	l := &level{holder, name}
	if len(l.nodes()) == 0 {
		return nil
	}
	out := []*level{l}
	for _, e := range l.nodes() {
		if n, ok := e.(map[string]any); ok {
			out = append(out, levelsOf(n, name)...)
		}
	}
	return out
}

// otherTree returns trees that are changed in one of the ways in which people
// change them.
func (m *mutator) otherTree(it *model.Item, f *model.Field, path []string, v any) []proposal {
	var out []proposal
	for _, edit := range []func([]*level) bool{m.swap, m.require, m.describe, m.configure, m.take, m.give, m.carry} {
		holder := map[string]any{f.Name: deep(v), "providerId": m.value(it, "providerId")}
		levels := levelsOf(holder, f.Name)
		if len(levels) > 0 && edit(levels) {
			out = append(out, proposal{path: path, value: holder[f.Name]})
		}
	}
	return out
}

func (m *mutator) seeded(levels []*level) *level { return levels[m.rand.IntN(len(levels))] }

// leaf recognizes nodes without others below them.
func leaf(n map[string]any) bool { return n["flow"] == nil }

// ordinary are the levels on which any authenticator can stand: not those of
// forms, nor those of clients.
func ordinary(levels []*level) []*level {
	return slices.DeleteFunc(slices.Clone(levels), func(l *level) bool {
		kind := l.holder["providerId"]
		return kind != nil && kind != "basic-flow"
	})
}

// swap is one of two neighbours, on a seeded level of the tree.
func (m *mutator) swap(levels []*level) bool {
	levels = slices.DeleteFunc(slices.Clone(levels), func(l *level) bool { return len(l.nodes()) < 2 })
	if len(levels) == 0 {
		return false
	}
	l := levels[m.rand.IntN(len(levels))].nodes()
	i := m.rand.IntN(len(l) - 1)
	if model.EqualValues(l[i], l[i+1]) {
		return false
	}
	l[i], l[i+1] = l[i+1], l[i]
	return true
}

// require gives a node another requirement.
func (m *mutator) require(levels []*level) bool {
	n := m.seeded(levels).node(m, leaf)
	if n == nil {
		return false
	}
	for _, want := range []string{"REQUIRED", "ALTERNATIVE", "DISABLED"} {
		if n["requirement"] != want {
			n["requirement"] = want
			return true
		}
	}
	return false
}

// describe gives a sub-flow another description.
func (m *mutator) describe(levels []*level) bool {
	n := m.seeded(levels).node(m, func(n map[string]any) bool { return !leaf(n) })
	if n != nil {
		n["description"] = "changed"
	}
	return n != nil
}

// configure changes a value of an execution's configuration that is a switch or
// a number.
func (m *mutator) configure(levels []*level) bool {
	for _, l := range levels {
		for _, e := range l.nodes() {
			n, _ := e.(map[string]any)
			c, _ := n["authenticatorConfig"].(map[string]any)
			config, _ := c["config"].(map[string]any)
			for _, key := range model.Keys(config) {
				s, _ := config[key].(string)
				_, number := strconv.Atoi(s)
				_, truth := strconv.ParseBool(s)
				if number == nil || truth == nil {
					config[key] = reworded(key, s)
					return true
				}
			}
		}
	}
	return false
}

// take removes a node, where others stay.
func (m *mutator) take(levels []*level) bool {
	l := m.seeded(levels)
	if len(l.nodes()) < 2 {
		return false
	}
	i := m.rand.IntN(len(l.nodes()))
	l.put(slices.Delete(l.nodes(), i, i+1))
	return true
}

// give adds a node that every server has.
func (m *mutator) give(levels []*level) bool {
	if levels = ordinary(levels); len(levels) == 0 {
		return false
	}
	l := m.seeded(levels)
	i := m.rand.IntN(len(l.nodes()) + 1)
	l.put(slices.Insert(l.nodes(), i, any(map[string]any{"authenticator": "allow-access-authenticator", "requirement": "DISABLED"})))
	return true
}

// carry puts a node onto another level.
func (m *mutator) carry(levels []*level) bool {
	if levels = ordinary(levels); len(levels) < 2 {
		return false
	}
	m.rand.Shuffle(len(levels), func(i, j int) { levels[i], levels[j] = levels[j], levels[i] })
	from, to := levels[0], levels[1]
	i := slices.IndexFunc(from.nodes(), func(e any) bool { n, _ := e.(map[string]any); return leaf(n) })
	if i < 0 || len(from.nodes()) < 2 {
		return false
	}
	n := from.nodes()[i]
	from.put(slices.Delete(from.nodes(), i, i+1))
	to.put(append(to.nodes(), n))
	return true
}
