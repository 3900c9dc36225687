package diff

import (
	"maps"

	"github.com/kcsync/kcsync/model"
)

// keep adds to the sets that files declare the members that the server puts
// there because of the object above: a list that does not show them leaves
// them there.
func (c *comparison) keep() {
	var kept *model.State
	for i, it := range c.sorted {
		if it.Kind.Keeps == nil {
			continue
		}
		fields := withMembers(it, it.Kind.Keeps(c.object(it.Parent)))
		if fields == nil {
			continue
		}
		if kept == nil {
			s := *c.desired
			s.Items = maps.Clone(s.Items)
			kept = &s
		}
		with := *it
		with.Fields = fields
		kept.Items[it.Addr], c.sorted[i] = &with, &with
	}
	if kept != nil {
		c.desired = kept
	}
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

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}
