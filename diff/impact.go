package diff

import (
	"fmt"
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
	s := c.below(it.Addr)
	switch {
	case s == "":
	case strings.HasPrefix(s, "1 ") && !strings.Contains(s, " and "):
		out = append(out, c.warn(it, "its "+s+" goes with it"))
	default:
		out = append(out, c.warn(it, "its "+s+" go with it"))
	}
	if it.Kind.Loses != "" {
		out = append(out, c.warn(it, "this loses "+it.Kind.Loses))
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
	return s + " and all else that hangs on it"
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
	if out != nil {
		return out
	}
	if k.Warn != nil {
		for _, s := range k.Warn(d.have, after) {
			out = append(out, d.c.warn(d.it, s))
		}
	}
	if k.Vital != nil {
		if what := k.Vital(d.have); what != "" && k.Vital(after) != what && !d.c.another(k, what, d.it.Addr) {
			out = append(out, d.c.warn(d.it, "the realm then has no "+what))
		}
	}
	for _, e := range d.edits {
		if f := d.it.Kind.Fields.At(e.Path); f != nil && f.Secret && d.have[f.Name] != nil {
			return append(out, d.c.warn(d.it, "whoever still uses the old "+dotted(e.Path)+" is refused"))
		}
	}
	return out
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
