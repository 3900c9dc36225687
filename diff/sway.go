package diff

import (
	"maps"
	"reflect"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// sway finds what the server changes by itself along with changes of other
// objects ([model.Kind.Sways]), which these then say. What files declare of it is
// compared with what will be there by then, and written after it.
func (c *comparison) sway() {
	var swaying []*Change
	for _, ch := range c.changes {
		if ch.Kind.Sways != nil {
			swaying = append(swaying, ch)
		}
	}
	// Deletes come last.
	slices.SortStableFunc(swaying, func(a, b *Change) int { return compareNodes(newNode(a), newNode(b)) })
	after := map[string][]model.Address{} // by the kind that is swayed
	for _, ch := range swaying {
		steps := [][2]model.Object{{ch.Before, c.object(ch.Addr)}}
		switch ch.Action {
		case Create:
			steps[0][0] = nil
		case Delete:
			steps[0][1] = nil
		case Replace:
			steps = [][2]model.Object{{ch.Before, nil}, {nil, steps[0][1]}}
		}
		for _, sway := range ch.Kind.Sways {
			sways := false
			for _, s := range steps {
				if does, by := sway.By(s[0], s[1]); does != "" {
					c.swayed(ch, sway.Kind, does, by)
					sways = true
				}
			}
			if sways {
				c.waits[ch.Addr] = append(c.waits[ch.Addr], after[sway.Kind]...)
				after[sway.Kind] = append(after[sway.Kind], ch.Addr)
			}
		}
	}
	for _, ch := range c.changes {
		if ch.Action != Delete {
			c.waits[ch.Addr] = append(c.waits[ch.Addr], after[ch.Kind.Name]...)
		}
	}
}

// swayed makes of the objects of a kind that a change sways what the server
// does, and compares them again.
func (c *comparison) swayed(by *Change, kind, does string, sway func(model.Object) model.Object) {
	var names []string
	for _, have := range c.current.Sorted() {
		below := have.Kind.Place(by.Kind.Name) != nil
		if have.Kind.Name != kind || below && have.Parent != by.Addr {
			continue
		}
		o := sway(have.Fields)
		if reflect.DeepEqual(o, have.Fields) {
			continue
		}
		names = append(names, have.Addr.Key())
		s := *c.current
		s.Items = maps.Clone(s.Items)
		now := *have
		now.Fields = o
		s.Items[have.Addr] = &now
		c.current = &s
		clear(c.objects)
		c.compareAgain(have.Addr)
	}
	if names != nil {
		it := &model.Item{Addr: by.Addr, Kind: by.Kind, Source: by.Source}
		by.Impact = append(by.Impact, c.warn(it, "the server then "+does+" in "+plural(len(names), kind)+" "+listed(names)))
	}
}

// compareAgain compares what a file declares with what will be on the server by
// then. What there is to tell has been told.
func (c *comparison) compareAgain(a model.Address) {
	it := c.desired.Items[a]
	i := slices.IndexFunc(c.changes, func(ch *Change) bool { return ch.Addr == a })
	if it == nil || i >= 0 && c.changes[i].Action != Update && c.changes[i].Action != Move {
		return
	}
	diags, notes := len(c.diags), len(c.plan.Notes)
	ch, ok := c.compare(it)
	c.diags, c.plan.Notes = c.diags[:diags], c.plan.Notes[:notes]
	switch {
	case !ok:
	case ch == nil && i >= 0:
		c.changes = slices.Delete(c.changes, i, i+1)
		c.plan.Unchanged++
	case ch != nil && i >= 0:
		c.changes[i] = ch
	case ch != nil:
		c.changes = append(c.changes, ch)
		c.plan.Unchanged--
	}
}
