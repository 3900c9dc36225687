package check

import (
	"fmt"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// rename is an object that the files call otherwise than it was called.
type rename struct{ from, to model.Address }

func renames(desired *model.State) []rename {
	var out []rename
	for _, it := range desired.Sorted() {
		if it.Previously != "" && desired.Items[it.Previously] == nil {
			out = append(out, rename{it.Previously, it.Addr})
		}
	}
	return out
}

// renamed reports the property of a provider that names an object by what it
// was called before: the server follows some of these names and leaves others,
// and none of them leads anywhere then.
func (c *checker) renamed(it *model.Item, u use) {
	for _, meant := range c.means(u) {
		if len(c.now) == 0 || slices.ContainsFunc(meant, func(a model.Address) bool { return c.desired.Items[a] != nil }) {
			continue
		}
		if a, to := c.moved(meant); to != "" {
			c.add(model.Diagnostic{Addr: it.Addr, Source: it.FieldSource(u.pointer), Code: "renamed",
				Summary: fmt.Sprintf("%s of %s names %s, which is now called %s", u.name, it.Addr, a, to),
				Detail:  "write the new name"})
		}
	}
}

// moved returns the first of the addresses that a rename leaves, and what it is
// now; "" when none is left.
func (c *checker) moved(meant []model.Address) (from, to model.Address) {
	for _, a := range meant {
		for _, r := range c.now {
			if to := a.Rebase(r.from, r.to); to != a {
				return a, to
			}
		}
	}
	return "", ""
}
