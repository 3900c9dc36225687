package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// call lets the objects that the declared fields name which always name the
// same one be renamed from what they are called on the server.
func (c *comparison) call(current *model.State) {
	for i, it := range c.sorted {
		for _, f := range it.Kind.Fields {
			want, _ := it.Fields[f.Name].(string)
			if !f.Same || want == "" {
				continue
			}
			fields := it.Fields.Clone()
			delete(fields, f.Name)
			c.declare(i, fields)
			have := current.Items[it.Addr]
			if have == nil {
				continue
			}
			was, _ := have.Fields[f.Name].(string)
			if from, to := f.Target(it.Parent, "", was), f.Target(it.Parent, "", want); was != "" && from != to {
				c.callOne(current, from, to, it.FieldSource(model.Pointer(f.Name)))
			}
		}
	}
	c.sorted = c.desired.Sorted()
}

func (c *comparison) callOne(current *model.State, from, to model.Address, src model.Source) {
	if current.Items[to] != nil {
		c.fail("rename-conflict", to, src, fmt.Sprintf("on the server it is %s, and there is %s, too: it cannot take the place of the other", from, to),
			fmt.Sprintf("name %s here, or delete %s on the server", from.Key(), to))
		return
	}
	named := &model.Item{Addr: to, Kind: model.KindOf(to), Parent: model.ParentOf(to), Fields: model.Object{}, Shown: map[string]bool{}, Source: src}
	named.Fields[named.Kind.Key] = to.Key()
	if it := c.desired.Items[to]; it != nil {
		*named = *it
	}
	if named.Previously == "" {
		named.Previously = from
	}
	c.desired.Items[to] = named
}

// rename makes of the current state what it will be once every object that a
// file says was called otherwise has its new name: addresses, children and
// references follow. Names may be handed on (b becomes c and a becomes b).
func (c *comparison) rename(current *model.State) {
	var pending []*model.Item
	claimed := map[model.Address]*model.Item{}
	for _, it := range c.sorted {
		if it.Previously == "" || it.Previously == it.Addr || it.Kind.ReadOnly {
			continue
		}
		if first := claimed[it.Previously]; first != nil {
			c.fail("rename-conflict", it.Addr, it.FieldSource(model.Pointer(model.Previously)),
				fmt.Sprintf("%s and %s both say that they were %s", first.Addr, it.Addr, it.Previously), "")
			continue
		}
		claimed[it.Previously] = it
		if it.Kind.NamedBy() != nil {
			if current.Items[it.Addr] == nil && current.Items[it.Previously] != nil {
				c.copied[it.Previously] = it
			}
			continue
		}
		pending = append(pending, it)
	}
	slices.SortStableFunc(pending, func(a, b *model.Item) int {
		return cmp.Or(model.CompareAddresses(a.Previously, b.Previously), model.CompareAddresses(a.Addr, b.Addr))
	})

	type renaming struct{ from, to model.Address }
	var done []renaming
	settled := map[*model.Item]bool{}
	given := map[*model.Item]bool{} // up: somebody has the name, and keeps it
	source := func(it *model.Item) model.Address {
		old := it.Previously
		for _, r := range done {
			if current.Items[old] == nil && old.Under(r.from) {
				old = old.Rebase(r.from, r.to)
			}
		}
		if _, taken := c.from[old]; taken || current.Items[old] == nil {
			return ""
		}
		return old
	}
	// waits reports whether an object goes below one that is itself still to
	// be renamed, to that place or away from it: what that one brings along,
	// or takes away, comes first.
	waits := func(it *model.Item) bool {
		return slices.ContainsFunc(pending, func(above *model.Item) bool {
			return above != it && !settled[above] && !given[above] && source(above) != "" && (it.Addr.Under(above.Addr) || it.Addr.Under(source(above)))
		})
	}
	for again := true; again; {
		again = false
		for _, it := range pending {
			old := source(it)
			if settled[it] || given[it] || old == "" || current.Items[it.Addr] != nil || waits(it) {
				continue
			}
			for a := range current.Items {
				if a == old || a.Under(old) {
					to := a.Rebase(old, it.Addr)
					c.origin[to] = c.originOf(a)
				}
			}
			current = current.Rename(old, it.Addr)
			c.from[it.Addr] = old
			done = append(done, renaming{old, it.Addr})
			settled[it], again = true, true
		}
		for _, it := range pending {
			if !again && !settled[it] && !given[it] && current.Items[it.Addr] != nil {
				given[it], again = true, true
				break
			}
		}
	}
	for _, it := range pending {
		if _, ok := c.origin[it.Addr]; !settled[it] && !ok && current.Items[it.Previously] == nil && current.Items[it.Addr] != nil {
			// It was renamed by an earlier apply.
			for a := range current.Items {
				if a == it.Addr || a.Under(it.Addr) {
					c.origin[a] = a.Rebase(it.Addr, it.Previously)
				}
			}
			continue
		}
		old := source(it)
		switch {
		case settled[it] || old == "" || given[it] && c.desired.Items[old] != nil:
			// An old name that a file declares has found another bearer.
		case given[it]:
			c.fail("rename-conflict", it.Addr, it.FieldSource(model.Pointer(model.Previously)),
				fmt.Sprintf("%s was previously %s, but the server has both", it.Addr, old),
				"delete one of the two on the server, or drop previously and declare both")
		default:
			c.fail("rename-conflict", it.Addr, it.FieldSource(model.Pointer(model.Previously)),
				fmt.Sprintf("%s was previously %s, and cannot be renamed along with what is above it", it.Addr, old),
				"make one of these renames in an apply of its own")
		}
	}
	c.current = current
}
