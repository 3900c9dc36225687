// Package check compares what a realm's files name with what a server has:
// providers, the properties of their configuration, themes, event types. It
// finds before anything is written what the server would refuse, or take and
// not know.
//
// What values name is said by the registry, see [model.Names]; what a server
// has is a [model.Info].
package check

import (
	"fmt"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// Check returns what the desired state names and the server does not have: as
// errors where that cannot work, and as warnings where the server goes on
// without it. What the current state names already is not news, and left out;
// current may be nil. Without an info nothing is known and nothing found.
func Check(desired, current *model.State, info *model.Info) model.Diagnostics {
	if info == nil {
		return nil
	}
	c := newChecker(desired, current, info)
	for _, it := range desired.Sorted() {
		if !it.Kind.ReadOnly {
			c.item(it)
		}
	}
	out := c.folded()
	out.Sort()
	return out
}

func newChecker(desired, current *model.State, info *model.Info) *checker {
	if current == nil {
		current = model.NewState(desired.Realm)
	}
	return &checker{desired: desired, current: current, info: info, offers: map[string]map[string]model.Properties{}, now: renames(desired)}
}

type checker struct {
	desired, current *model.State
	info             *model.Info
	offers           map[string]map[string]model.Properties // what the info has, by path
	now              []rename
	found            []finding
}

// item checks one desired object. What the server derives for a new object
// from its other fields is checked with them.
func (c *checker) item(it *model.Item) {
	have := c.had(it)
	known := map[string]bool{}
	if have != nil {
		visit(have.Kind.Fields, have.Fields, c.around(have), func(u use) {
			known[u.sort()], known[u.setting()] = true, true
			if u.provider != "" {
				return
			}
			if field := c.stuck(it, have, model.Segments(u.pattern)[0]); field != "" {
				c.shown(it, u, field)
			}
		})
	}
	scope, fields := c.around(it), it.Fields
	if have == nil {
		fields = model.Object{}
		for name, v := range scope[len(scope)-1] {
			// What comes from the parent is the parent's affair.
			if s, ok := v.(string); ok && s != look([]model.Object{c.merged(it.Parent)}, name) {
				fields[name] = s
			}
		}
		for name, v := range it.Fields {
			fields[name] = v
		}
	}
	visit(it.Kind.Fields, fields, scope, func(u use) {
		c.renamed(it, u)
		if !known[u.sort()] {
			c.use(it, u)
		}
		if u.provider != "" && u.field.Names.Typed && !known[u.setting()] {
			c.typed(it, u)
		}
	})
}

// grows reports whether a file declares another tree than the server has,
// but for what nobody can take out of it.
func (c *checker) grows(it, have *model.Item, field string) bool {
	f, want := it.Kind.Fields.Get(field), it.Fields[field]
	if f == nil || f.Type != model.Tree || want == nil || f.Equal(want, have.Fields[field]) {
		return false
	}
	living, _ := model.Living(have, c.info)
	return living == nil || !f.Equal(want, living[field])
}

// stuck returns the field of those that a file wants otherwise which changes only
// where the server can show a tree: the tree itself, or what is written by its
// steps; "" when there is none.
func (c *checker) stuck(it, have *model.Item, tree string) string {
	if c.grows(it, have, tree) {
		return tree
	}
	if f := it.Kind.Fields.Get(tree); f == nil || f.Type != model.Tree {
		return ""
	}
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		if want := it.Fields[f.Name]; f.Stepped && want != nil && !model.Zero(have.Fields[f.Name]) && !f.Equal(want, have.Fields[f.Name]) {
			return f.Name
		}
	}
	return ""
}

// had returns the item on the server that a desired one is about; nil for a new one.
func (c *checker) had(it *model.Item) *model.Item {
	if have := c.current.Items[it.Addr]; have != nil {
		return have
	}
	return c.current.Items[c.before(it)]
}

// before returns the address that an item had before it, or an object above it,
// was renamed.
func (c *checker) before(it *model.Item) model.Address {
	a := it.Addr
	for ; it != nil; it = c.desired.Items[it.Parent] {
		if it.Previously != "" {
			a = a.Rebase(it.Addr, it.Previously)
		}
	}
	return a
}

// shown reports a field that cannot change, because the server can show nothing of
// a tree of which a node names what it does not have.
func (c *checker) shown(it *model.Item, u use, field string) {
	offered := c.offered(u.paths)
	if _, ok := offered[u.name]; ok || offered == nil {
		return
	}
	c.add(model.Diagnostic{Addr: it.Addr, Source: it.FieldSource(model.Pointer(field)), Code: "not-shown",
		Summary: fmt.Sprintf("%s cannot change: on the server %s name the %s %s, which it does not have, so that it cannot show them",
			field, those(u, field), Label(u.paths[0]), quote(u.name)),
		Detail: "install it there, or delete the " + it.Kind.Name + " first"})
}

// those is how the tree of a name is spoken of where a field of it is.
func those(u use, field string) string {
	if tree := model.Segments(u.pattern)[0]; tree != field {
		return tree
	}
	return "they"
}

// around returns what the paths of an object's names can refer to besides the
// object's own file: what it has on the server, and what the server derives.
func (c *checker) around(it *model.Item) []model.Object {
	merged, derived := c.merged(it.Addr), model.Object(nil)
	if it.Kind.Derive != nil {
		derived = it.Kind.Derive(merged, c.merged(it.Parent), c.merged(model.Address(model.Realm.Name)))
	}
	return []model.Object{merged, it.Kind.Const, derived}
}

// merged returns the object at an address as it will be.
func (c *checker) merged(a model.Address) model.Object { return c.desired.Over(c.current, a) }

// use checks one name.
func (c *checker) use(it *model.Item, u use) {
	offered := c.offered(u.paths)
	switch {
	case offered == nil:
		// Nothing is known, or the provider that should have the property is
		// itself what is wrong.
		return
	case u.provider == "":
		if _, ok := offered[u.name]; !ok {
			c.report(it, u, model.Keys(offered))
		}
	default:
		// A provider that tells of no properties may read any, and one that
		// tells of one without its name reads that, too.
		props := offered[u.provider]
		_, nameless := props[""]
		if _, ok := props[u.name]; !ok && !nameless && len(props) > 0 {
			c.report(it, u, model.Keys(props))
		}
	}
}

// offered returns what the server has at any of the paths; nil when it tells
// of none.
func (c *checker) offered(paths []string) map[string]model.Properties {
	key := strings.Join(paths, "\x00")
	if o, ok := c.offers[key]; ok {
		return o
	}
	c.offers[key] = c.info.OffersAny(paths)
	return c.offers[key]
}
