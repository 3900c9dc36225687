package diff

import (
	"slices"

	"github.com/kcsync/kcsync/model"
)

// restore plans to write again what objects lose when they are taken out of a
// field of another, by the word of [model.Link.Drops].
func (c *comparison) restore() {
	for _, ch := range slices.Clone(c.changes) {
		stays := map[model.Address]bool{}
		if ch.Action == Update || ch.Action == Move {
			for _, r := range ch.Kind.Refs(ch.Parent, ch.written()) {
				stays[r.Addr] = true
			}
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

// relink plans to put an object that is replaced into the fields of others again
// out of which the server takes the old one. Those that are to name it no
// longer take it out themselves, before.
func (c *comparison) relink() {
	for _, ch := range slices.Clone(c.changes) {
		if ch.Action != Replace {
			continue
		}
		for _, other := range c.changes {
			names := func(o model.Object) bool {
				return slices.ContainsFunc(other.Kind.Refs(other.Parent, o), func(r model.Ref) bool { return r.Addr == ch.Addr || r.Addr == ch.From && ch.From != "" })
			}
			if other.keeps() && names(other.erased()) && !names(other.written()) {
				c.waits[ch.Addr] = append(c.waits[ch.Addr], other.Addr)
			}
		}
		for _, it := range c.sorted {
			have := c.existing(it.Addr)
			if made := c.predicted(it); have == nil && made != nil {
				have = &model.Item{Addr: it.Addr, Kind: it.Kind, Parent: it.Parent, Fields: made}
			}
			if have == nil || it.Addr == ch.Addr {
				continue
			}
			for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
				if r.Addr == ch.Addr && (r.Field.Link != nil || r.Field.Sustains) {
					c.linkAgain(it, have, r, ch)
				}
			}
		}
	}
}

// linkAgain plans to put the object of a change into a field that named it
// before. By then the server has taken all out of it that are put there again.
func (c *comparison) linkAgain(it, have *model.Item, r model.Ref, to *Change) {
	gone := map[model.Address]bool{}
	for _, other := range it.Kind.Refs(it.Parent, it.Fields) {
		for _, ch := range c.changes {
			if other.Field == r.Field && ch.Addr == other.Addr && ch.Action == Replace {
				gone[ch.Addr], gone[ch.From] = true, ch.From != ""
			}
		}
	}
	was, _ := valueAt(have.Fields, r.Pointer).([]any)
	left := slices.DeleteFunc(slices.Clone(was), func(e any) bool {
		return gone[r.Field.Target(it.Parent, "", r.Field.Member(e))]
	})
	if len(left) == len(was) {
		return
	}
	ch := c.updating(it, have, "lost with "+string(to.Addr))
	if ch == nil {
		return
	}
	c.waits[it.Addr] = append(c.waits[it.Addr], to.Addr)
	if len(left) == 0 && r.Field.Sustains { // nothing of it is left by then
		ch.Action, ch.Edits, ch.Reason = Replace, nil, "lost with "+string(to.Addr)
		ch.Before = have.Fields
		if ch.made == nil {
			ch.After, _ = carry(it.Kind.Fields, have.Fields, it.Fields, "")
			ch.After = present(it.Kind.Fields, ch.After)
		}
		return
	}
	if ch.made != nil {
		return // it is written as a whole
	}
	ch.Edits = slices.DeleteFunc(ch.Edits, func(e Edit) bool { return e.Path == r.Pointer })
	ch.Edits = append(ch.Edits, Edit{Path: r.Pointer, Before: left, After: valueAt(it.Fields, r.Pointer)})
	sortEdits(ch.Edits, ch.Kind.Fields)
}

// updating returns the change of an item that stays, a new one if there is none
// yet; nil where all of it is written anyhow.
func (c *comparison) updating(it, have *model.Item, because string) *Change {
	i := slices.IndexFunc(c.changes, func(ch *Change) bool { return ch.Addr == it.Addr })
	if i < 0 {
		i = len(c.changes)
		c.changes = append(c.changes, &Change{
			Addr: it.Addr, Kind: it.Kind, Parent: it.Parent, Action: Update, Source: it.Source, Before: have.Fields, After: c.declared(it),
			Reason: because,
		})
		c.plan.Unchanged--
	}
	if ch := c.changes[i]; ch.keeps() {
		return ch
	}
	return nil
}

// keeps reports whether a change writes to an object that is there by then.
func (c *Change) keeps() bool {
	return c.Action == Update || c.Action == Move || c.Action == Create && c.made != nil
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
	ch := c.updating(it, have, "lost with "+string(after))
	if ch == nil {
		return
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
