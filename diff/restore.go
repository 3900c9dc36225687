package diff

import (
	"slices"

	"github.com/kcsync/kcsync/model"
)

// restore plans to write again what objects lose when they are taken out of a
// field of another, by the word of [model.Link.Drops].
func (c *comparison) restore() {
	for _, ch := range slices.Clone(c.changes) {
		if ch.Action != Update && ch.Action != Move {
			continue
		}
		stays := map[model.Address]bool{}
		for _, r := range ch.Kind.Refs(ch.Parent, ch.written()) {
			stays[r.Addr] = true
		}
		for _, r := range ch.Kind.Refs(ch.Parent, ch.erased()) {
			if r.Field.Link != nil && !stays[r.Addr] {
				for _, pointer := range r.Field.Link.Drops {
					c.writeAgain(r.Addr, pointer, ch.Addr)
				}
			}
		}
	}
}

// writeAgain plans to write a field of the object at an address, if a file
// declares it, after another change.
func (c *comparison) writeAgain(a model.Address, pointer string, after model.Address) {
	it, have := c.desired.Items[a], c.existing(a)
	if it == nil || have == nil {
		return
	}
	want := valueAt(it.Fields, pointer)
	if model.Zero(want) {
		return
	}
	i := slices.IndexFunc(c.changes, func(ch *Change) bool { return ch.Addr == a })
	if i < 0 {
		i = len(c.changes)
		c.changes = append(c.changes, &Change{
			Addr: a, Kind: it.Kind, Parent: it.Parent, Action: Update, Source: it.Source, Before: have.Fields, After: c.declared(it),
			Reason: "lost with " + string(after),
		})
		c.plan.Unchanged--
	}
	ch := c.changes[i]
	if ch.Action != Update && ch.Action != Move {
		return // all of it is written
	}
	ch.Edits = slices.DeleteFunc(ch.Edits, func(e Edit) bool { return e.Path == pointer })
	ch.Edits = append(ch.Edits, Edit{Path: pointer, After: want})
	sortEdits(ch.Edits, ch.Kind.Fields)
	c.waits[a] = append(c.waits[a], after)
	// What the field may be can depend on where the object is put instead.
	for _, other := range c.changes {
		if other.Addr == a || other.Action == Delete {
			continue
		}
		for _, r := range other.Kind.Refs(other.Parent, other.written()) {
			if r.Addr == a && r.Field.Link != nil && len(r.Field.Link.Drops) > 0 {
				c.waits[a] = append(c.waits[a], other.Addr)
			}
		}
	}
}

// valueAt returns the value at a pointer.
func valueAt(o model.Object, pointer string) any {
	var v any = map[string]any(o)
	for _, s := range model.Segments(pointer) {
		v = object(v)[s]
	}
	return v
}
