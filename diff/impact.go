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
	s := c.below(it.Addr)
	switch {
	case s == "":
		return nil
	case strings.HasPrefix(s, "1 ") && !strings.Contains(s, " and "):
		return []model.Diagnostic{c.warn(it, "its "+s+" goes with it")}
	}
	return []model.Diagnostic{c.warn(it, "its "+s+" go with it")}
}

// lost says what replacing an object costs.
func (c *comparison) lost(have *model.Item) string {
	s := "its id"
	if below := c.below(have.Addr); below != "" {
		s += ", its " + below
	}
	return s + " and all else that hangs on it"
}

// impact says what an update means for people.
func (d *differences) impact() []model.Diagnostic {
	var lost []model.Diagnostic
	for _, e := range d.edits {
		f := d.it.Kind.Fields.At(e.Path)
		if f == nil || f.Loss == "" {
			continue
		}
		after := members(f, e.After)
		for _, m := range memberList(e.Before) {
			if name := f.Member(m); after[name] == nil {
				lost = append(lost, d.c.warn(d.it, dotted(e.Path+model.Pointer(name))+" goes: "+f.Loss))
			}
		}
	}
	if lost != nil {
		return lost
	}
	for _, e := range d.edits {
		if f := d.it.Kind.Fields.At(e.Path); f != nil && f.Secret && d.have[f.Name] != nil {
			return []model.Diagnostic{d.c.warn(d.it, "whoever still uses the old "+dotted(e.Path)+" is refused")}
		}
	}
	return nil
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
