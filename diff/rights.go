package diff

import (
	"slices"

	"github.com/kcsync/kcsync/model"
)

// Rights returns the names of the kinds that the plan writes, in order and by
// the right that it takes, see [model.Place.Right].
func (p *Plan) Rights() map[string][]string {
	out := map[string][]string{}
	needs := func(right string, k *model.Kind) {
		if right != "" && !slices.Contains(out[right], k.Name) {
			out[right] = append(out[right], k.Name)
			slices.Sort(out[right])
		}
	}
	for _, c := range p.Changes {
		parent := ""
		if k := model.KindOf(c.Parent); k != nil && k != model.Realm {
			parent = k.Name
		}
		// Of an object that changes, only what is written at a place of its own
		// may take another right, and only that.
		own := c.own()
		for _, e := range c.Edits {
			switch f := c.Kind.Fields.At(e.Path); {
			case f == nil || f.Link == nil:
			case f.Link.Right != "":
				needs(f.Link.Right, c.Kind)
			default:
				own = true
			}
		}
		if place := c.Kind.Place(parent); place != nil && own {
			needs(place.Right, c.Kind)
		}
	}
	return out
}

// own reports whether the change writes the object itself, and not only what is
// written at places of its own.
func (c *Change) own() bool {
	return c.Action != Update || len(c.Edits) == 0 || slices.ContainsFunc(c.Edits, func(e Edit) bool {
		f := c.Kind.Fields.At(e.Path)
		return f == nil || f.Link == nil
	})
}
