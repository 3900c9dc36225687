package check

import (
	"fmt"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// Unsure returns the objects that the configuration of providers names in the files
// and that neither the files nor the current state have: of a realm that is there,
// what no file speaks of has to be looked up.
func Unsure(desired, current *model.State) []model.Address {
	if current.Missing {
		return nil
	}
	var out []model.Address
	eachUnmet(desired, current, func(_ *model.Item, _ use, meant []model.Address) { out = append(out, meant...) })
	slices.Sort(out)
	return slices.Compact(out)
}

// Nowhere reports the properties of providers that name an object which nobody
// has: it is in no file, and not in the state there, in which it was looked up.
func Nowhere(desired, current, there *model.State) model.Diagnostics {
	c := &checker{}
	eachUnmet(desired, current, func(it *model.Item, u use, meant []model.Address) {
		if slices.ContainsFunc(meant, func(a model.Address) bool { return there.Items[a] != nil }) {
			return
		}
		d := model.Diagnostic{Severity: model.Warning, Addr: it.Addr, Source: it.FieldSource(u.pointer), Code: "names-nothing",
			Summary: fmt.Sprintf("%s of %s names %s, which is neither in the files nor on the server", u.name, it.Addr, meant[0]),
			Detail:  "the server takes it, and goes on without"}
		if slices.Contains(u.field.Names.Firm, u.name) {
			d.Severity, d.Detail = model.Error, "declare it, or correct the name"
		}
		c.add(d)
	})
	out := c.folded()
	out.Sort()
	return out
}

// eachUnmet visits the properties that name an object which neither state has, with
// the addresses that are meant. What the current state names itself is not news.
func eachUnmet(desired, current *model.State, visitUnmet func(it *model.Item, u use, meant []model.Address)) {
	c := newChecker(desired, current, current.Server.Info)
	if c.info == nil || len(current.Items) == 0 {
		return
	}
	for _, it := range desired.Sorted() {
		if it.Kind.ReadOnly {
			continue
		}
		known := map[string]bool{}
		if have := c.had(it); have != nil {
			visit(have.Kind.Fields, have.Fields, c.around(have), func(u use) { known[u.setting()] = true })
		}
		visit(it.Kind.Fields, it.Fields, c.around(it), func(u use) {
			if known[u.setting()] {
				return
			}
			for _, meant := range c.means(u) {
				if !slices.ContainsFunc(meant, func(a model.Address) bool { return desired.Items[a] != nil || current.Items[a] != nil }) {
					visitUnmet(it, u, meant)
				}
			}
		})
	}
}

// means returns, for each name in a property of a provider, the addresses of the
// objects of which it can be the name.
func (c *checker) means(u use) [][]model.Address {
	if u.provider == "" {
		return nil
	}
	prop, texts := c.offered(u.paths)[u.provider][u.name], []any{u.value}
	if l, ok := u.value.([]any); ok {
		texts = l
	}
	var out [][]model.Address
	for _, e := range texts {
		text, _ := e.(string)
		if meant := u.field.Names.Means(u.provider, u.name, prop, text); len(meant) > 0 {
			out = append(out, meant)
		}
	}
	return out
}
