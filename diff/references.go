package diff

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/kcsync/kcsync/model"
)

// blind reports that nothing is known of what the server will make by itself,
// so that nothing can be said to be missing.
func (c *comparison) blind() bool { return c.missing && len(c.current.Items) == 0 }

// stands reports whether there will be an object at an address.
func (c *comparison) stands(a model.Address) bool {
	if it := c.desired.Items[a]; it != nil && !it.Kind.ReadOnly {
		return true
	}
	if c.comesWith(a) {
		return true
	}
	if c.existing(a) == nil {
		return c.holder(a) != ""
	}
	for p := a; p != ""; p = model.ParentOf(p) {
		if c.deleted[p] {
			return false
		}
	}
	return true
}

// holder returns the address of the object within which there will be what is
// referred to at an address ([model.Kind.Within]), or "".
func (c *comparison) holder(a model.Address) model.Address {
	k := model.KindOf(a)
	if k == nil || k.Within == nil || c.desired.Items[a] != nil || c.existing(a) != nil {
		return ""
	}
	for _, s := range []*model.State{c.desired, c.current} {
		for _, it := range s.Sorted() {
			if it.Kind != k || !c.stands(it.Addr) {
				continue
			}
			if _, ok := k.Within(c.object(it.Addr))[a.Key()]; ok {
				return it.Addr
			}
		}
	}
	return ""
}

// comesWith reports whether the server makes the object at an address along
// with its parent.
func (c *comparison) comesWith(a model.Address) bool {
	k := model.KindOf(a)
	if k == nil || k.MadeWith == nil {
		return false
	}
	parent := model.ParentOf(a)
	return (parent == "" || c.stands(parent)) && k.MadeWith(a.Key(), c.object(parent))
}

// standing returns a default without the members that name objects that there
// are not (any more), and by its new name the one object that it names.
func (c *comparison) standing(f *model.Field, v any) any {
	if f == nil || f.Ref == "" || c.blind() {
		return v
	}
	keep := func(owner string, l []any) []any {
		out := make([]any, 0, len(l))
		for _, e := range l {
			if s, ok := e.(string); !ok || c.stands(f.Target("", owner, s)) {
				out = append(out, e)
			}
		}
		return out
	}
	switch v := v.(type) {
	case string:
		if to := c.newName(f.Target("", "", v)); to != "" && !c.stands(f.Target("", "", v)) {
			return f.Spell(to)
		}
	case []any:
		return keep("", v)
	case map[string]any:
		out := map[string]any{}
		for owner, l := range v {
			if l, ok := l.([]any); ok {
				if l = keep(owner, l); len(l) > 0 {
					out[owner] = l
				}
			}
		}
		return out
	}
	return v
}

// checkReferences finds the references in the files that lead nowhere.
func (c *comparison) checkReferences() {
	if c.blind() {
		c.note("no-baseline", "", model.Source{}, "references are not checked: it is not known what this server makes of a new realm by itself", "")
		return
	}
	for _, it := range c.sorted {
		if it.Kind.ReadOnly || c.current.Sealed(it.Addr) != "" {
			continue
		}
		c.checkMembers(it)
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			if c.stands(r.Addr) || c.dangles(it.Addr, r) {
				continue
			}
			field, at := r.Path, r.Pointer
			if r.Key != "" {
				field, at = field+"."+r.Key, at+model.Pointer(r.Key)
			}
			if r.Owner != "" {
				at += model.Pointer(r.Owner)
			}
			summary := fmt.Sprintf("%s names %s, which is neither in the files nor on the server", field, r.Addr)
			detail := c.suggest(r)
			if parent := model.ParentOf(r.Addr); detail == "" && parent != "" && c.current.Sealed(parent) != "" && c.existing(parent) != nil {
				detail = "the server lets nobody make another in " + string(parent)
			}
			if c.existing(r.Addr) != nil {
				summary = fmt.Sprintf("%s names %s, which this plan deletes", field, r.Addr)
				detail = "declare it in a file, or remove the reference"
				if it := c.copied[r.Addr]; it != nil {
					detail = "it is now called " + spell(it.Kind, it.Addr)
				}
			}
			c.fail("unknown-reference", it.Addr, it.FieldSource(at), summary, detail)
		}
	}
}

// dangles reports whether the object at an address names on the server already
// what is not there, as imports let it: that is left as it is. What is there, and
// gets another name, is not of that sort.
func (c *comparison) dangles(a model.Address, r model.Ref) bool {
	have := c.existing(a)
	if have == nil || c.existing(r.Addr) != nil || c.newName(r.Addr) != "" {
		return false
	}
	return slices.ContainsFunc(have.Kind.Refs(have.Parent, have.Fields), func(was model.Ref) bool {
		return was.Addr == r.Addr && was.Field == r.Field
	})
}

// checkSole finds what the files put into fields of two objects although it
// can be in one only.
func (c *comparison) checkSole() {
	first := map[model.Address]*model.Item{}
	for _, it := range c.sorted {
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			if !r.Field.Sole {
				continue
			}
			if other := first[r.Addr]; other != nil {
				c.fail("sole", it.Addr, it.FieldSource(r.Pointer), fmt.Sprintf("%s names %s, as %s does; it can be in one of them only", r.Path, r.Addr, other.Addr),
					"take it out of one of the two")
			}
			first[r.Addr] = it
		}
	}
}

// checkMembers finds the members of an item's lists that name a member of
// another list of it that there is not.
func (c *comparison) checkMembers(it *model.Item) {
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		if f.Named == "" {
			continue
		}
		for _, sub := range f.Fields {
			if sub.Among == "" || it.Fields[f.Name] == nil && it.Fields[sub.Among] == nil {
				continue
			}
			o := c.object(it.Addr)
			there := members(it.Kind.Fields.Get(sub.Among), o[sub.Among])
			for i, m := range memberList(o[f.Name]) {
				if name, _ := object(m)[sub.Name].(string); name != "" && there[name] == nil {
					at := model.Pointer(f.Name, strconv.Itoa(i), sub.Name)
					if it.Fields[f.Name] == nil {
						at = model.Pointer(sub.Among)
					}
					c.fail("unknown-reference", it.Addr, it.FieldSource(at),
						fmt.Sprintf("%s.%s.%s names %s, which is not one of the %s", f.Name, f.Member(m), sub.Name, name, sub.Among), "")
				}
			}
		}
	}
}

// checkUsers finds the objects that no change concerns and that would be left
// with the name of what is deleted: where the server goes by names, it does not
// refuse.
func (c *comparison) checkUsers() {
	gone := map[model.Address]bool{}
	for a := range c.deleted {
		gone[a] = true
	}
	for _, have := range c.current.Sorted() {
		if c.deleted[have.Addr] {
			continue
		}
		for _, r := range have.Kind.Refs(have.Parent, have.Fields) {
			if !r.Field.ByName || !gone[r.Addr] {
				continue
			}
			if it := c.desired.Items[have.Addr]; it != nil {
				if _, declared := it.Fields[model.Segments(r.Pointer)[0]]; declared {
					continue
				}
			}
			c.fail("still-used", have.Addr, model.Source{}, fmt.Sprintf("%s of it, on the server, names %s, which goes", r.Path, r.Addr),
				"declare it in a file without that name")
		}
	}
}

// newName returns the address that an object has after a rename, of this plan or an
// earlier one that the files still tell of, by the one that it had; "" where there
// was none.
func (c *comparison) newName(was model.Address) model.Address {
	for _, of := range []map[model.Address]model.Address{c.from, c.origin} {
		for _, to := range slices.Sorted(maps.Keys(of)) {
			if of[to] == was {
				return to
			}
		}
	}
	return ""
}

// suggest returns what a reference that leads nowhere may mean.
func (c *comparison) suggest(r model.Ref) string {
	if to := c.newName(r.Addr); to != "" {
		return "it is now called " + r.Field.Spell(to)
	}
	k, word := model.Lookup(r.Field.Ref), r.Value
	if k.Tree() {
		return c.nearest(k, "", word, r.Field.Spell)
	}
	parent := model.ParentOf(r.Addr)
	if parent != "" && !c.stands(parent) {
		return c.suggestAddress(parent)
	}
	return c.nearest(k, parent, word, r.Field.Spell)
}

// suggestAddress returns what an address at which there is nothing may mean.
func (c *comparison) suggestAddress(a model.Address) string {
	k := model.KindOf(a)
	if k == nil {
		return ""
	}
	word := a.Key()
	if k.Tree() {
		word = model.PathOf(k, a)
	}
	return c.nearest(k, model.ParentOf(a), word, func(a model.Address) string { return spell(k, a) })
}

// nearest asks whether the object of the kind whose spelling is most like word
// is meant; the objects of a tree are compared by path, others below a parent.
func (c *comparison) nearest(k *model.Kind, parent model.Address, word string, spell func(model.Address) string) string {
	var at []model.Address
	for _, s := range []*model.State{c.desired, c.current} {
		for a, it := range s.Items {
			if it.Kind == k && (k.Tree() || it.Parent == parent) && c.stands(a) {
				at = append(at, a)
			}
		}
	}
	words := make([]string, len(at))
	for i, a := range sortedByAddress(at) {
		words[i] = spell(a)
	}
	if n := model.Nearest(word, words); n != "" {
		return "did you mean " + n + "?"
	}
	return ""
}

// spell returns an object's address as a reference in a file has it.
func spell(k *model.Kind, a model.Address) string {
	if k.Tree() {
		return model.PathOf(k, a)
	}
	return a.Key()
}
