package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// fewest returns in how many requests that write a plan can be carried out, by
// the words of the registry: an object is created, changed, renamed or deleted
// by one; what is a part of a document is written with it, and what can be
// created in bulk with its like; members of a link field take one each, or one
// for all, as the link says; and the nodes of a tree one each. Where nodes of a
// tree change places, each of those beside them may need another number: most
// counts these too.
func fewest(p *diff.Plan) (least, most int) {
	var w writes
	together := map[string]bool{}
	once := func(key string) {
		if !together[key] {
			together[key] = true
			w.least++
		}
	}
	for _, c := range p.Changes {
		k := c.Kind
		place := k.Place(kindName(c.Parent))
		switch {
		case place != nil && place.Document != "":
			once(place.Path + " " + strings.Join(c.Needs, " "))
			continue
		case k.Bulk != "" && c.Action == diff.Create:
			once(k.Bulk + " " + string(c.Parent))
			continue
		}
		links := linkRequests{}
		switch c.Action {
		case diff.Delete:
			w.least++
		case diff.Create, diff.Replace:
			own := !k.Spawned
			for name, v := range c.After {
				f := k.Fields.Get(name)
				if linkedBy(k.Fields, []string{name}) {
					w.field(links, f, nil, v, true)
					if k.Spawned {
						w.more++ // what the server put there has to go
					}
				} else if !model.Zero(v) {
					own = true
				}
				if m, ok := v.(map[string]any); ok && f.Type == model.Dict && slices.Contains(slices.Collect(maps.Values(m)), any("")) {
					w.least++ // what the server makes by itself is taken out again
				}
			}
			if own {
				w.least++
			}
			if c.Action == diff.Replace {
				w.least++
			}
		default:
			own := c.Action == diff.Move && c.From.Key() != c.Addr.Key()
			for _, e := range c.Edits {
				if path := model.Segments(e.Path); linkedBy(k.Fields, path) {
					w.at(links, k.Fields, path, e.Before, e.After)
				} else {
					own = true
				}
			}
			if own {
				w.least++
			}
		}
		w.least += len(links)
	}
	return w.least, w.least + w.more
}

// writes counts requests.
type writes struct{ least, more int }

// linkRequests are requests that change several members at once.
type linkRequests map[string]bool

func kindName(a model.Address) string {
	if k := model.KindOf(a); k != nil {
		return k.Name
	}
	return ""
}

// linkedBy reports whether what is at a path is not written with the object
// itself.
func linkedBy(fs model.Fields, path []string) bool {
	f := fs.Get(path[0])
	switch {
	case f == nil:
		return false
	case f.Link != nil || f.Type == model.Tree:
		return true
	case f.Type == model.Struct && len(path) > 1:
		return linkedBy(f.Fields, path[1:])
	case f.Type == model.Struct:
		for _, sub := range f.Fields {
			if sub.Link != nil {
				return true
			}
		}
	}
	return false
}

// at counts the requests that make of what is at a path what it shall be.
func (w *writes) at(links linkRequests, fs model.Fields, path []string, before, after any) {
	f := fs.Get(path[0])
	switch {
	case len(path) == 1:
		w.field(links, f, before, after, false)
	case f.Type == model.Struct:
		w.at(links, f.Fields, path[1:], before, after)
	default: // one owner of a map
		w.field(links, f, map[string]any{path[1]: before}, map[string]any{path[1]: after}, false)
	}
}

func (w *writes) field(links linkRequests, f *model.Field, before, after any, creating bool) {
	switch {
	case f.Type == model.Tree:
		was, _ := before.([]any)
		now, _ := after.([]any)
		w.nodes(f, was, now)
	case f.Type == model.Struct:
		x, _ := before.(map[string]any)
		y, _ := after.(map[string]any)
		for i := range f.Fields {
			w.field(links, &f.Fields[i], x[f.Fields[i].Name], y[f.Fields[i].Name], creating)
		}
	case f.Link == nil || creating && f.Link.Posted:
	default:
		for action, l := range map[string][2]any{"add": {after, before}, "remove": {before, after}} {
			for _, m := range members(l[0], l[1]) {
				owner := m[0]
				if !strings.Contains(f.Link.Path, "{owner}") {
					owner = ""
				}
				if f.Link.Each {
					w.least++
				} else {
					links[action+" "+f.Link.Path+" "+owner] = true
				}
			}
		}
	}
}

// members returns the members of a, as owner and name, that are not in b.
func members(a, b any) [][2]string {
	all := func(v any) map[[2]string]bool {
		out := map[[2]string]bool{}
		put := func(owner string, v any) {
			l, _ := v.([]any)
			for _, e := range l {
				out[[2]string{owner, fmt.Sprint(e)}] = true
			}
		}
		if byOwner, ok := v.(map[string]any); ok {
			for owner, l := range byOwner {
				put(owner, l)
			}
		} else {
			put("", v)
		}
		return out
	}
	var out [][2]string
	have := all(b)
	for m := range all(a) {
		if !have[m] {
			out = append(out, m)
		}
	}
	return out
}

// nodes counts the requests that make one tree of another.
func (w *writes) nodes(f *model.Field, before, after []any) {
	moved := false
	pairs := f.Pairs(before, after)
	for _, p := range pairs {
		switch {
		case p.After == nil:
			w.least++
			continue
		case p.Before == nil:
			w.least++
			if p.After["flow"] != nil {
				w.least++
			}
			if p.After["authenticatorConfig"] != nil {
				w.least++
			}
		default:
			moved = moved || p.Moved
			if was, now := p.Before["requirement"], p.After["requirement"]; was != now && now == "DISABLED" {
				// Nobody must stand in what is switched off: it is made anew,
				// in a flow of the server's own with that one opened for it.
				w.more += 5 + 2*below(f, p.After)
			}
			if p.Moved || differ(f, p, func(sub *model.Field) bool { return sub.Type != model.Struct }) {
				w.least++
			}
			if differ(f, p, func(sub *model.Field) bool { return sub.Type == model.Struct }) {
				w.least++
			}
		}
		was, _ := p.Before[f.Name].([]any)
		now, _ := p.After[f.Name].([]any)
		w.nodes(f, was, now)
	}
	if moved {
		w.more += len(pairs) - 1
	}
}

// below counts the nodes below a node.
func below(f *model.Field, n map[string]any) int {
	nodes, _ := n[f.Name].([]any)
	all := len(nodes)
	for _, e := range nodes {
		m, _ := e.(map[string]any)
		all += below(f, m)
	}
	return all
}

func differ(f *model.Field, p model.Pair, of func(*model.Field) bool) bool {
	for i := range f.Fields {
		sub := &f.Fields[i]
		if !sub.Computed && of(sub) && !sub.Equal(p.Before[sub.Name], p.After[sub.Name]) {
			return true
		}
	}
	return false
}
