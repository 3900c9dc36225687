package diff

import (
	"fmt"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// unveil decides about the fields whose values the server hides while another
// object is as it is ([model.Field.Veil]). A declared one is written along with
// other fields, and once the plan lets the server show it again; else nobody can
// tell whether it differs. One that is not declared must not be written: the
// server would store what it shows in its place.
func (c *comparison) unveil() {
	for _, it := range c.sorted {
		have := c.existing(it.Addr)
		if have == nil {
			continue
		}
		for _, f := range it.Kind.Fields.Veiled("") {
			if have.Fields[f.Name] == model.Mask {
				c.unveilField(it, have, &f)
			}
		}
	}
	c.writeUnveiled()
	c.tellVeiled()
}

func (c *comparison) unveilField(it, have *model.Item, f *model.Field) {
	by := have.Veiled[f.Name]
	lifting := c.lifts(it.Addr, f, by)
	ch := c.changeOf(it.Addr)
	if ch != nil && (ch.Action == Delete || ch.whole()) {
		return
	}
	want, declared := it.Fields[f.Name]
	pointer := model.Pointer(f.Name)
	hidden := "the server hides " + f.Name + " while " + f.Veil.Of(by)
	put := ch != nil && slices.ContainsFunc(ch.Edits, func(e Edit) bool {
		f := it.Kind.Fields.At(e.Path)
		return f == nil || f.Link == nil && !f.Stepped && f.Type != model.Tree
	})
	switch {
	case !declared && put && !lifting:
		c.fail("veiled", it.Addr, it.Source, hidden+", and a write of the object has to say it", "declare "+f.Name)
		return
	case declared && !put && !lifting:
		c.note("veiled", it.Addr, it.FieldSource(pointer), hidden+": it is not compared", "")
		return
	case declared:
		if ch = c.updating(it, have, "shown again with "+string(by)); ch == nil {
			return
		}
		if want == nil {
			want = c.standing(f, c.defaults(it.Addr)[f.Name])
		}
		ch.Edits = append(ch.Edits, Edit{Path: pointer, Before: model.Mask, After: want})
		sortEdits(ch.Edits, ch.Kind.Fields)
	}
	if lifting && ch != nil {
		c.waits[it.Addr] = append(c.waits[it.Addr], by)
	}
}

// lifts reports whether the plan lets the server show a value that the object at
// an address hides: it will be another, or not name this one any more.
func (c *comparison) lifts(a model.Address, f *model.Field, by model.Address) bool {
	ch := c.changeOf(by)
	if ch == nil {
		return false
	}
	if ch.Action == Delete || ch.Action == Replace {
		return true
	}
	will := c.object(by)
	names := func(o model.Object) bool {
		return slices.ContainsFunc(ch.Kind.Refs(ch.Parent, o), func(r model.Ref) bool { return r.Addr == a })
	}
	return !f.Veil.While(will) || names(ch.Before) && !names(will)
}

// writeUnveiled lets what will hide the values of others wait until those are
// written.
func (c *comparison) writeUnveiled() {
	for _, by := range c.changes {
		if by.Action == Delete {
			continue
		}
		for _, ch := range c.changes {
			for _, f := range ch.Kind.Fields.Veiled(by.Kind.Name) {
				if ch.Action == Update && f.Veil.While(c.object(by.Addr)) && c.mayName(by, ch.Addr) && !slices.Contains(c.waits[ch.Addr], by.Addr) {
					c.waits[by.Addr] = append(c.waits[by.Addr], ch.Addr)
				}
			}
		}
	}
}

// tellVeiled says which objects are written again because a change links them to
// one that hides their values: the server stores what it shows by then.
func (c *comparison) tellVeiled() {
	for _, by := range c.changes {
		if by.Action == Delete {
			continue
		}
		linked := map[model.Address]bool{}
		if !by.whole() {
			for _, r := range by.Kind.Refs(by.Parent, by.Before) {
				linked[r.Addr] = true
			}
		}
		will := c.object(by.Addr)
		for _, r := range by.Kind.Refs(by.Parent, will) {
			if r.Field.Link == nil || linked[r.Addr] {
				continue
			}
			for _, f := range model.KindOf(r.Addr).Fields.Veiled(by.Kind.Name) {
				if f.Veil.While(will) && c.object(r.Addr)[f.Name] != f.Veil.Shows {
					by.Impact = append(by.Impact, c.warn(&model.Item{Addr: by.Addr, Source: by.Source},
						fmt.Sprintf("%s is written again when it is linked, so that its %s stays what it is while %s", r.Addr, f.Name, f.Veil.Of(by.Addr))))
				}
			}
		}
	}
}

// mayName reports whether a changed object will name the one at an address, as
// far as one can tell: a field that no file declares is not read.
func (c *comparison) mayName(by *Change, a model.Address) bool {
	o := c.object(by.Addr)
	for _, f := range by.Kind.Fields {
		if _, read := o[f.Name]; f.Ref == model.KindOf(a).Name && read {
			return slices.ContainsFunc(by.Kind.Refs(by.Parent, o), func(r model.Ref) bool { return r.Addr == a })
		}
	}
	return true
}

// changeOf returns the change of the object at an address, nil when there is
// none.
func (c *comparison) changeOf(a model.Address) *Change {
	i := slices.IndexFunc(c.changes, func(ch *Change) bool { return ch.Addr == a })
	if i < 0 {
		return nil
	}
	return c.changes[i]
}
