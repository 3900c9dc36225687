package diff

import (
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// keep adds to the sets that files declare the members that the server puts
// there because of the object above: a list that does not show them leaves
// them there.
func (c *comparison) keep() {
	for i, it := range c.sorted {
		if it.Kind.Keeps == nil {
			continue
		}
		kept := it.Kind.Keeps(c.object(it.Parent))
		if have, above := c.current.Items[it.Addr], c.current.Items[it.Parent]; have != nil && above != nil && it.Kind.Keeps(above.Fields) != nil {
			// The server put them there when it made the object, and an import
			// does not: it keeps those that are there.
			kept = common(kept, have.Fields)
		}
		if fields := withMembers(it, kept); fields != nil {
			c.declare(i, fields)
		}
	}
}

// bury takes the nodes that name what the server has not out of its own trees,
// where files declare them so: nobody can.
func (c *comparison) bury() {
	current := *c.current
	current.Items = maps.Clone(current.Items)
	for _, it := range c.sorted {
		have := c.current.Items[it.Addr]
		if have == nil {
			continue
		}
		living, gone := model.Living(have, c.server.Info)
		for name, v := range living {
			f := it.Kind.Fields.Get(name)
			if want := it.Fields[name]; f.Type != model.Tree || want == nil || !f.Equal(want, v) || f.Equal(want, have.Fields[name]) {
				continue
			}
			now := *have
			now.Fields = living
			current.Items[it.Addr] = &now
			c.note("dead-step", it.Addr, it.FieldSource(model.Pointer(name)),
				"on the server it also holds "+strings.Join(gone, ", ")+", which the server has not: nobody can take that out, or change the rest",
				"it does not work: declare one of another name without it, and bind that")
		}
	}
	c.current = &current
}

// common returns the members of the sets of one object that are in those of
// another.
func common(o, other map[string]any) model.Object {
	out := model.Object{}
	for name, v := range o {
		if byOwner := object(v); byOwner != nil {
			out[name] = map[string]any(common(byOwner, object(other[name])))
			continue
		}
		there := listOf(other[name])
		out[name] = slices.DeleteFunc(slices.Clone(listOf(v)), func(m any) bool { return !slices.Contains(there, m) })
	}
	return out
}

// amend makes the desired state a copy, which may be changed.
func (c *comparison) amend() {
	if !c.amended {
		s := *c.desired
		s.Items = maps.Clone(s.Items)
		c.desired, c.amended = &s, true
	}
}

// declare lets one of the sorted items declare other fields than its file.
func (c *comparison) declare(i int, fields model.Object) {
	c.amend()
	it := *c.sorted[i]
	it.Fields = fields
	c.desired.Items[it.Addr], c.sorted[i] = &it, &it
	clear(c.objects)
}

// withMembers returns the fields of an item with the members added to the
// sets that it declares, or nil when it declares none of them.
func withMembers(it *model.Item, members model.Object) model.Object {
	var out model.Object
	for name, add := range members {
		have, ok := it.Fields[name]
		if !ok || have == nil {
			continue
		}
		if out == nil {
			out = it.Fields.Clone()
		}
		if byOwner := object(add); byOwner != nil {
			all := object(out[name])
			for owner, l := range byOwner {
				all[owner] = append(listOf(all[owner]), listOf(l)...)
			}
			continue
		}
		out[name] = append(listOf(out[name]), listOf(add)...)
	}
	if out == nil {
		return nil
	}
	return it.Kind.Canonical(out)
}

// reset declares that the parts which the server makes by itself, and which the
// complete list in a file does not show, are to be as the server makes them.
func (c *comparison) reset() {
	var with *model.State
	for _, have := range c.current.Sorted() {
		k, parent := have.Kind, c.desired.Items[have.Parent]
		if !k.Part || !k.Spawned || parent == nil || !parent.Shown[k.Name] || c.desired.Items[have.Addr] != nil {
			continue
		}
		if with == nil {
			s := *c.desired
			s.Items = maps.Clone(s.Items)
			with = &s
		}
		it := &model.Item{Addr: have.Addr, Kind: k, Parent: have.Parent, Source: parent.Source, Fields: model.Object{}, Shown: map[string]bool{}}
		for _, f := range k.Fields {
			if !f.Computed && f.Name != k.Key {
				it.Fields[f.Name] = nil
			}
		}
		with.Items[it.Addr] = it
		c.implied[it.Addr] = true
	}
	if with != nil {
		c.desired, c.sorted = with, with.Sorted()
	}
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}
