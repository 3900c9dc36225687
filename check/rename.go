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
	value, ok := u.value.(string)
	if !ok || len(c.now) == 0 {
		return
	}
	meant := c.offered(u.paths)[u.provider][u.name].Means(value)
	for _, a := range meant {
		if c.desired.Items[a] != nil {
			return
		}
	}
	for _, a := range meant {
		for _, r := range c.now {
			if to := a.Rebase(r.from, r.to); to != a {
				c.add(model.Diagnostic{Addr: it.Addr, Source: it.FieldSource(u.pointer), Code: "renamed",
					Summary: fmt.Sprintf("%s of %s names %s, which is now called %s", u.name, it.Addr, a, to),
					Detail:  "write the new name"})
				return
			}
		}
	}
}

// nowhere reports the property of a provider that names an object which nobody
// has. All is known of a new realm alone: in another one what no file speaks of
// is not looked up.
func (c *checker) nowhere(it *model.Item, u use) {
	value, ok := u.value.(string)
	if !ok || !c.current.Missing || len(c.current.Items) == 0 {
		return
	}
	meant := c.offered(u.paths)[u.provider][u.name].Means(value)
	for _, a := range meant {
		if c.desired.Items[a] != nil || c.current.Items[a] != nil {
			return
		}
	}
	if len(meant) == 0 {
		return
	}
	d := model.Diagnostic{Severity: model.Warning, Addr: it.Addr, Source: it.FieldSource(u.pointer), Code: "names-nothing",
		Summary: fmt.Sprintf("%s of %s names %s, which is neither in the files nor on the server", u.name, it.Addr, meant[0]),
		Detail:  "the server takes it, and goes on without"}
	if slices.Contains(u.field.Names.Firm, u.name) {
		d.Severity, d.Detail = model.Error, "declare it, or correct the name"
	}
	c.add(d)
}
