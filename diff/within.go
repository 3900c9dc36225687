package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// namesOf returns the names that an object of a kind with [model.Kind.Within]
// has, its own and those of what stands within it.
func namesOf(k *model.Kind, key string, o model.Object) map[string]bool {
	out := map[string]bool{key: true}
	for name := range k.Within(o) {
		out[name] = true
	}
	return out
}

// checkWithin finds names that an object comes to have, though another one, or
// what is within it, has them and keeps them.
func (c *comparison) checkWithin() {
	holders := map[*model.Kind]map[string][]*model.Item{}
	all := c.current.Sorted()
	for _, it := range c.sorted {
		if c.existing(it.Addr) == nil {
			all = append(all, it)
		}
	}
	for _, it := range all {
		if k := it.Kind; k.Within != nil && c.stands(it.Addr) {
			if holders[k] == nil {
				holders[k] = map[string][]*model.Item{}
			}
			for name := range namesOf(k, it.Addr.Key(), c.object(it.Addr)) {
				holders[k][name] = append(holders[k][name], it)
			}
		}
	}
	for _, it := range c.sorted {
		k := it.Kind
		if k.Within == nil {
			continue
		}
		had := map[string]bool{}
		if have := c.existing(it.Addr); have != nil {
			had = namesOf(k, c.originOf(it.Addr).Key(), have.Fields)
		}
		for _, name := range model.Keys(k.Within(it.Fields)) {
			i := slices.IndexFunc(holders[k][name], func(other *model.Item) bool { return other.Addr != it.Addr })
			if i >= 0 && !had[name] {
				c.fail("taken", it.Addr, it.Source, fmt.Sprintf("%s is to be the name of a part of it, and is that of %s or of a part of it", name, holders[k][name][i].Addr),
					"give one of the two another name: they are unique in a realm")
			}
		}
	}
}

// connectNames lets what comes to have a name wait for what gives it up. What is
// deleted may be so last, when nothing uses it any more: it is given other names
// before, by a change of its own.
func (c *comparison) connectNames(nodes []*node) []*node {
	type names struct{ gains, loses map[string]bool }
	of := map[*node]names{}
	loses := map[string]*node{}
	for _, n := range nodes {
		if n.Kind.Within == nil {
			continue
		}
		before, after := map[string]bool{}, map[string]bool{}
		if n.Before != nil {
			key := n.Addr.Key()
			if n.From != "" {
				key = n.From.Key()
			}
			before = namesOf(n.Kind, key, n.Before)
		}
		if n.Action != Delete {
			after = namesOf(n.Kind, n.Addr.Key(), c.object(n.Addr))
		}
		d := names{map[string]bool{}, map[string]bool{}}
		for name := range after {
			d.gains[name] = !before[name]
		}
		for name := range before {
			if !after[name] {
				loses[n.Kind.Name+" "+name] = n
			}
		}
		of[n] = d
	}
	early, aside := map[*node]*node{}, map[*node]map[string]string{}
	// before lets n wait until a part of another has another name meanwhile.
	before := func(n, from *node, name string) {
		if early[from] == nil {
			early[from] = newNode(&Change{ID: from.ID + " (early)", Addr: from.Addr, Kind: from.Kind, Parent: from.Parent,
				Action: Update, Before: from.Before, Source: from.Source})
			aside[from] = map[string]string{}
			from.need(early[from])
			for m := range from.hard {
				if m.Kind == model.Realm && m.Action == Create {
					early[from].need(m)
				}
			}
			nodes = append(nodes, early[from])
		}
		aside[from][name] = from.Addr.Key() + " " + name
		n.need(early[from])
	}
	takes := map[*node]map[*node][]string{} // names, by who takes and who gives them
	for _, n := range slices.Clone(nodes) {
		for _, name := range model.Keys(of[n].gains) {
			from := loses[n.Kind.Name+" "+name]
			switch {
			case !of[n].gains[name] || from == nil:
			case from.Action == Delete && name == from.Addr.Key() && len(c.current.Users(from.Addr)) > 0:
				c.fail("taken", n.Addr, n.Source, fmt.Sprintf("%s is to be the name of a part of it, and is that of %s, which goes only when nothing uses it any more", name, from.Addr),
					"give it another name, or let the other go in an apply before")
			case from.Action == Delete && name != from.Addr.Key():
				before(n, from, name)
			default:
				if takes[n] == nil {
					takes[n] = map[*node][]string{}
				}
				takes[n][from] = append(takes[n][from], name)
			}
		}
	}
	openNames(nodes, takes, before)
	for from, n := range early {
		n.Reason = "others come to have the names " + strings.Join(model.Keys(aside[from]), ", ")
		if from.Action == Delete {
			n.Reason = "it goes later; " + n.Reason
		}
		n.After = n.Kind.Rename(n.Before, aside[from])
		for i := range n.Kind.Fields {
			f := &n.Kind.Fields[i]
			if v := n.After[f.Name]; !f.Equal(n.Before[f.Name], v) {
				n.Edits = append(n.Edits, Edit{Path: model.Pointer(f.Name), Before: n.Before[f.Name], After: v})
				for i, e := range from.Edits {
					if e.Path == model.Pointer(f.Name) {
						from.Edits[i].Before = v
					}
				}
			}
		}
		from.Before = n.After
	}
	return nodes
}

// openNames lets those that take names wait for those that give them up. Where
// some take names from each other, one of them has others meanwhile.
func openNames(nodes []*node, takes map[*node]map[*node][]string, before func(n, from *node, name string)) {
	for circle := true; circle; {
		circle = false
		for _, scc := range components(nodes, func(n *node) map[*node]bool {
			out := map[*node]bool{}
			for from := range takes[n] {
				out[from] = true
			}
			return out
		}) {
			i := slices.IndexFunc(scc, func(n *node) bool { return n.Action == Update })
			if len(scc) == 1 || i < 0 {
				continue
			}
			from := scc[i]
			for _, n := range scc {
				for _, name := range takes[n][from] {
					before(n, from, name)
				}
				delete(takes[n], from)
			}
			circle = true
		}
	}
	for n, givers := range takes {
		for from := range givers {
			n.need(from)
		}
	}
}
