package diff

import (
	"slices"

	"github.com/kcsync/kcsync/model"
)

// fit finds the objects that the server would not take as they will be beside
// others ([model.Kind.Fits]).
func (c *comparison) fit() {
	for _, it := range c.sorted {
		if it.Kind.Fits == nil {
			continue
		}
		problems := it.Kind.Fits(c.object(it.Addr), c.beside(it))
		if have := c.existing(it.Addr); have != nil && problems != nil {
			written := slices.ContainsFunc(c.changes, func(ch *Change) bool { return ch.Addr == it.Addr && ch.own() })
			known := it.Kind.Fits(have.Fields, c.current.Beside(have))
			problems = slices.DeleteFunc(problems, func(p model.Problem) bool { return (p.Warning || !written) && slices.Contains(known, p) })
		}
		for _, p := range problems {
			src := it.FieldSource(p.Pointer)
			if p.Warning {
				c.plan.Notes = append(c.plan.Notes, model.Diagnostic{Severity: model.Warning, Code: "misfit", Summary: p.Summary, Detail: p.Detail, Addr: it.Addr, Source: src})
				continue
			}
			c.fail("misfit", it.Addr, src, p.Summary, p.Detail)
		}
	}
}

// beside returns what gives the objects that one will be beside, as the kind's
// words ask for them.
func (c *comparison) beside(it *model.Item) func(kind, key string) model.Object {
	return func(kind, key string) model.Object {
		if kind == "" {
			return c.standsAs(it.Parent)
		}
		return c.other(kind, key)
	}
}
