package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

func (c *comparison) warn(it *model.Item, summary string) model.Diagnostic {
	return model.Diagnostic{Severity: model.Warning, Code: "impact", Summary: summary, Addr: it.Addr, Source: it.Source}
}

// below counts the objects below an address by kind: "3 roles and 2 protocol
// mappers". It is "" when there are none.
func (c *comparison) below(a model.Address) string {
	n := map[*model.Kind]int{}
	for _, it := range c.current.Items {
		if it.Addr.Under(a) {
			n[it.Kind]++
		}
	}
	var out []string
	for _, k := range model.Kinds() {
		if n[k] > 0 {
			out = append(out, count(n[k], k.Name))
		}
	}
	return listed(out)
}

// goesWith says what else is deleted along with an object.
func (c *comparison) goesWith(it *model.Item) []model.Diagnostic {
	var out []model.Diagnostic
	switch s := c.below(it.Addr); {
	case s == "":
	case strings.HasPrefix(s, "1 ") && !strings.Contains(s, " and "):
		out = append(out, c.warn(it, "its "+s+" goes with it"))
	default:
		out = append(out, c.warn(it, "its "+s+" go with it"))
	}
	if it.Kind.Loses != "" {
		out = append(out, c.warn(it, "this loses "+it.Kind.Loses))
	}
	if it.Kind.Takes != "" {
		out = append(out, c.warn(it, it.Kind.Takes))
	}
	return out
}

// lost says what replacing an object costs.
func (c *comparison) lost(have *model.Item) string {
	s := "its id"
	if below := c.below(have.Addr); below != "" {
		s += ", its " + below
	}
	if have.Kind.Loses != "" {
		s += ", " + have.Kind.Loses
	}
	s += " and all else that hangs on it"
	if have.Kind.Takes != "" {
		s += "; " + have.Kind.Takes
	}
	return s
}

// usedBeside returns the objects beside one on the server that refer to it as
// to their sibling: the server takes it out of them when it is deleted.
func (c *comparison) usedBeside(have *model.Item) []string {
	var out []string
	for _, other := range c.current.Sorted() {
		if other.Parent != have.Parent || other.Parent == "" {
			continue
		}
		for _, r := range other.Kind.Refs(other.Parent, other.Fields) {
			if r.Field.Sibling && r.Addr == have.Addr {
				out = append(out, string(other.Addr))
				break
			}
		}
	}
	return out
}

// impact says what an update means for people.
func (d *differences) impact() []model.Diagnostic {
	k, after := d.it.Kind, d.c.object(d.it.Addr)
	var out []model.Diagnostic
	for _, e := range d.edits {
		f := k.Fields.At(e.Path)
		if f == nil || f.Loss == "" {
			continue
		}
		after := members(f, e.After)
		for _, m := range memberList(e.Before) {
			if name := f.Member(m); after[name] == nil {
				out = append(out, d.c.warn(d.it, dotted(e.Path+model.Pointer(name))+" goes: "+f.Loss))
			}
		}
	}
	if k.Impact != nil && !d.c.missing {
		for _, s := range k.Impact(d.have, after, d.c.server.Version) {
			out = append(out, d.c.warn(d.it, s))
		}
	}
	if k.Vital != nil {
		if what := k.Vital(d.have); what != "" && k.Vital(after) != what && !d.c.another(k, what, d.it.Addr) {
			out = append(out, d.c.warn(d.it, "the realm then has no "+what))
		}
	}
	out = append(out, d.filled(after)...)
	out = append(out, d.tugged(after)...)
	for _, e := range d.edits {
		if f := d.it.Kind.Fields.At(e.Path); f != nil && f.Secret && d.have[f.Name] != nil {
			return append(out, d.c.warn(d.it, "whoever still uses the old "+dotted(e.Path)+" is refused"))
		}
	}
	return out
}

// filled says what the server fills or empties by itself when it writes the
// object ([model.Field.Filled]), which only links leave unwritten.
func (d *differences) filled(after model.Object) []model.Diagnostic {
	var out []model.Diagnostic
	edited := d.after()
	written := slices.ContainsFunc(d.edits, func(e Edit) bool {
		f := d.it.Kind.Fields.At(e.Path)
		return f == nil || f.Link == nil
	})
	for _, f := range d.it.Kind.Fields {
		if f.Filled == nil || !written {
			continue
		}
		switch has := d.have[f.Name] != nil; {
		case !has && edited[f.Name] == nil && f.Filled(after, d.c.server.Version):
			out = append(out, d.c.warn(d.it, "the server then makes a "+f.Name+" for it"))
		case has && !f.Filled(after, d.c.server.Version):
			out = append(out, d.c.warn(d.it, "the server then takes its "+f.Name+" away"))
		}
	}
	return out
}

// tugged says what the server puts into a set that no file declares, or takes out
// of it, along with the edits: [model.Kind.Tugs].
func (d *differences) tugged(after model.Object) []model.Diagnostic {
	k := d.it.Kind
	declared := func(name string) bool { _, ok := d.it.Fields[name]; return ok }
	var out []model.Diagnostic
	for _, name := range model.Keys(k.Tugs) {
		if declared(name) {
			continue
		}
		f := k.Fields.Get(name)
		other := f.Link.Exclusive
		for _, m := range k.Tugs[name] {
			has := func(o model.Object, list string) bool { return slices.Contains(listOf(o[list]), any(m)) }
			before, now := has(k.Adds(d.have), name), has(k.Adds(after), name)
			switch {
			case before && !now && has(d.have, name):
				out = append(out, d.c.warn(d.it, "the server then takes "+m+" out of its "+name))
			case now && !before && !has(d.have, name) && !(declared(other) && has(after, other)) && !d.c.lacks(f.Target("", "", m)):
				said := "the server then puts " + m + " into its " + name
				if has(d.have, other) && !declared(other) {
					said += ", and takes it out of its " + other
				}
				out = append(out, d.c.warn(d.it, said))
			}
		}
	}
	return out
}

// lacks reports whether there will be no object at an address, as far as others of
// its kind were read.
func (c *comparison) lacks(a model.Address) bool {
	read := slices.ContainsFunc(slices.Collect(maps.Values(c.current.Items)), func(it *model.Item) bool { return it.Kind == model.KindOf(a) })
	return read && !c.stands(a)
}

// after returns the values that the edits lead to.
func (d *differences) after() model.Object {
	return fieldsOf(d.edits, func(e Edit) any { return e.After })
}

// serversOwn reports whether the object on the server is one that the server
// keeps for itself.
func (c *comparison) serversOwn(a model.Address) bool {
	have := c.existing(a)
	return have != nil && (have.Builtin || c.missing)
}

// renamable reports whether an object of another name before can have the one
// that its file gives it.
func (c *comparison) renamable(it *model.Item, from model.Address) bool {
	realm := c.object(model.Address(model.Realm.Name))
	if it.Kind.Renames == nil || from == "" || from.Key() == it.Key() || realm == nil {
		return true
	}
	why, instead := it.Kind.Renames(realm)
	if why != "" {
		c.fail("name-stays", it.Addr, it.FieldSource(model.Pointer(it.Kind.Key)), why, instead)
	}
	return why == ""
}

// allowed reports whether the server would take an object's edits. What a
// realm's export says of an object that is the server's own in both may come
// from another version: it is left alone. In a new realm everything can change,
// as long as nobody is there.
func (c *comparison) allowed(it, have *model.Item, d *differences) bool {
	if it.Kind.Rigid == nil || len(d.edits) == 0 || c.missing || !c.serversOwn(it.Addr) {
		return true
	}
	why, instead := it.Kind.Rigid(have.Fields, d.after())
	switch {
	case why == "":
		return true
	case it.Builtin:
		c.note("built-in", it.Addr, it.Source, "it is left as it is: "+why, "")
		d.edits = nil
		return true
	}
	c.fail("built-in", it.Addr, it.FieldSource(d.edits[0].Path), why, instead)
	return false
}

// inUse says which objects on the server refer to one.
func (c *comparison) inUse(a model.Address) string {
	if used := users(c.current.Users(a)); used != "" {
		return "in use: " + used
	}
	return ""
}

// users names the places from which an object is referred to: one of the
// realm by its field, others by their number.
func users(held []model.Held) string {
	var out []string
	n := map[*model.Kind]map[model.Address]bool{}
	for _, h := range held {
		if h.Holder.Kind == model.Realm {
			out = append(out, "realm "+h.Field.Name)
			continue
		}
		if n[h.Holder.Kind] == nil {
			n[h.Holder.Kind] = map[model.Address]bool{}
		}
		n[h.Holder.Kind][h.Holder.Addr] = true
	}
	for _, k := range model.Kinds() {
		if len(n[k]) > 0 {
			out = append(out, count(len(n[k]), k.Name))
		}
	}
	return listed(out)
}

// checkBound finds the objects that cannot be deleted because something that
// stays refers to them.
func (c *comparison) checkBound() {
	for _, a := range sortedByAddress(slices.Collect(maps.Keys(c.deleted))) {
		if !model.KindOf(a).Bound {
			continue
		}
		var names []string
		for _, h := range c.current.Users(a) {
			if it := c.desired.Items[h.Holder.Addr]; it != nil && it.Fields[h.Field.Name] != nil && slices.ContainsFunc(it.Kind.Refs(it.Parent, it.Fields), func(r model.Ref) bool {
				return r.Addr == a && r.Field == h.Field
			}) {
				continue // checkReferences has told
			}
			for _, r := range h.Holder.Kind.Refs(h.Holder.Parent, c.object(h.Holder.Addr)) {
				if r.Addr == a && r.Field == h.Field && c.stands(h.Holder.Addr) {
					names = append(names, strings.TrimPrefix(string(h.Holder.Addr)+" "+h.Field.Name, "realm "))
				}
			}
		}
		if slices.Sort(names); names != nil {
			c.fail("in-use", a, model.Source{}, "it cannot be deleted, because it is in use by "+listed(slices.Compact(names)),
				"let the files say what is used there instead, or declare it in a file to keep it")
		}
	}
}

// another reports whether, beside the object at an address, another one of
// the kind will serve the purpose ([model.Kind.Vital]).
func (c *comparison) another(k *model.Kind, what string, than model.Address) bool {
	for _, s := range []*model.State{c.desired, c.current} {
		for a, it := range s.Items {
			if it.Kind == k && a != than && c.stands(a) && k.Vital(c.object(a)) == what {
				return true
			}
		}
	}
	return false
}

// evicted says what cannot exist below an object any more as it will be, and
// so is deleted by the server.
func (c *comparison) evicted(it, have *model.Item) []model.Diagnostic {
	var kinds []string
	for _, k := range it.Kind.Children() {
		if k.When != nil && k.When(have.Fields) && !k.When(c.object(it.Addr)) {
			kinds = append(kinds, plural(1, k.Name))
		}
	}
	switch len(kinds) {
	case 0:
		return nil
	case 1:
		return []model.Diagnostic{c.warn(it, "its "+kinds[0]+" is deleted with all that it holds")}
	}
	return []model.Diagnostic{c.warn(it, "its "+listed(kinds)+" are deleted with all that they hold")}
}

// count returns a number of objects of a kind in words: "2 protocol mappers".
func count(n int, kind string) string { return fmt.Sprintf("%d %s", n, plural(n, kind)) }

// are is count with its verb.
func are(n int, kind string) string {
	if n == 1 {
		return count(n, kind) + " is"
	}
	return count(n, kind) + " are"
}

// plural returns the name of a kind as a word of a sentence.
func plural(n int, kind string) string {
	word := strings.ReplaceAll(kind, "-", " ")
	switch {
	case n == 1:
		return word
	case strings.HasSuffix(word, "y"):
		return strings.TrimSuffix(word, "y") + "ies"
	}
	return word + "s"
}

// listed joins words: "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
