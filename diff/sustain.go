package diff

import (
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// sustain finds the objects that the server deletes along with the last of
// those that they name ([model.Field.Sustains]), or because they name none
// ([model.Kind.Withers]). What files declare must not go that way; what they do
// not goes too, and the plan says so.
func (c *comparison) sustain() {
	gone := map[model.Address]bool{}
	for _, ch := range c.changes {
		if ch.Action == Delete || ch.Action == Replace { // renames are done already
			gone[ch.Addr] = true
		}
	}
	if len(gone) == 0 {
		return
	}
	goes := func(a model.Address) bool {
		for ; a != ""; a = model.ParentOf(a) {
			if gone[a] {
				return true
			}
		}
		return false
	}
	c.wither(gone)
	for _, ch := range c.changes {
		if ch.Action == Create {
			ch.letGo(goes)
		}
	}
	for again := true; again; {
		again = false
		for _, have := range c.current.Sorted() {
			if goes(have.Addr) {
				continue
			}
			last := c.sustainers(have, goes)
			if last == nil {
				continue
			}
			gone[have.Addr] = true
			again = true
			what := "the server deletes it along with " + listed(last) + ", the last that it names"
			if it := c.desired.Items[have.Addr]; it == nil || c.implied[have.Addr] {
				c.goesAlong(have, what)
			} else if !slices.ContainsFunc(it.Kind.Refs(it.Parent, it.Fields), func(r model.Ref) bool { return r.Field.Sustains && goes(r.Addr) }) { // or checkReferences tells
				c.fail("goes-along", it.Addr, it.Source, what, "declare there what it is about from now on, or take it out of the files, too")
			}
		}
	}
}

// letGo takes out of what the server makes by itself the objects that all go again,
// where the object would go with them and the file does not say what stays.
func (c *Change) letGo(goes func(model.Address) bool) {
	left := map[string]bool{}
	refs := c.Kind.Refs(c.Parent, c.made)
	for _, r := range refs {
		left[r.Field.Name] = left[r.Field.Name] || !goes(r.Addr)
	}
	for _, r := range refs {
		if _, said := c.After[r.Field.Name]; r.Field.Sustains && !said && !left[r.Field.Name] {
			c.After[r.Field.Name] = r.Field.Empty()
		}
	}
}

// goesAlong plans a deletion that the server makes by itself.
func (c *comparison) goesAlong(have *model.Item, what string) {
	c.deleted[have.Addr] = true
	c.changes = append(c.changes, &Change{Addr: have.Addr, Kind: have.Kind, Parent: have.Parent, Action: Delete, Before: have.Fields, Reason: what})
}

// wither finds the objects that name nothing, and with which the server deletes
// whatever goes of a kind. Those that come to name something do so before.
func (c *comparison) wither(gone map[model.Address]bool) {
	going := map[string][]model.Address{} // changes, by kind
	for _, ch := range c.changes {
		if ch.Action == Delete || ch.Action == Replace {
			going[ch.Kind.Name] = append(going[ch.Kind.Name], ch.Addr)
		}
	}
	along := func(it *model.Item, o model.Object) (with []model.Address, what string) {
		if it.Kind.Withers == nil || len(going[it.Kind.Withers(o)]) == 0 {
			return nil, ""
		}
		kind := it.Kind.Withers(o)
		with = sortedByAddress(going[kind])
		return with, "the server deletes it along with " + string(with[0]) + ", because it names no " + plural(1, kind)
	}
	for _, it := range c.sorted {
		if with, what := along(it, c.object(it.Addr)); with != nil && !c.implied[it.Addr] {
			c.fail("goes-along", it.Addr, it.Source, what, "let it name one, or take it out of the files while that goes")
		}
	}
	for _, have := range c.current.Sorted() {
		switch with, what := along(have, have.Fields); {
		case with == nil || gone[have.Addr]:
		case c.desired.Items[have.Addr] == nil:
			gone[have.Addr] = true
			c.goesAlong(have, what)
		default:
			for _, a := range with {
				c.waits[a] = append(c.waits[a], have.Addr)
			}
		}
	}
}

// sustainers returns the objects that one names and that all go, where it
// cannot be without any of them; nil where something of the sort stays.
func (c *comparison) sustainers(have *model.Item, goes func(model.Address) bool) []string {
	named, stays := map[string][]string{}, map[string]bool{}
	var sorts []string
	for _, r := range have.Kind.Refs(have.Parent, c.object(have.Addr)) {
		if sort := r.Field.Ref; r.Field.Sustains {
			if named[sort] == nil {
				sorts = append(sorts, sort)
			}
			named[sort] = append(named[sort], strings.TrimPrefix(string(r.Addr), string(have.Parent)+"/"))
			stays[sort] = stays[sort] || !goes(r.Addr)
		}
	}
	for _, sort := range sorts {
		if !stays[sort] {
			return named[sort]
		}
	}
	return nil
}
