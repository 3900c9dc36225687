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
// for all, as the link says; and the nodes of a tree one each. What the server
// makes along with another object is written only where it is to be otherwise,
// and what it adds to an object by itself takes a request to be taken out
// again. What the server forces beyond, most counts, too.
func fewest(p *diff.Plan, current, desired *model.State) (least, most int) {
	w := writes{version: p.Server.Version, current: current, desired: desired, together: map[string]bool{}}
	for _, c := range p.Changes {
		w.change(c)
	}
	return w.least, w.least + w.more
}

// writes counts requests.
type writes struct {
	least, more      int
	version          string
	current, desired *model.State
	together         map[string]bool // what is written in one request
	builtin          bool            // what is changed is the server's own
}

func (w *writes) once(key string) {
	if !w.together[key] {
		w.together[key] = true
		w.least++
	}
}

// fields are those of an object as they will be.
func (w *writes) fields(a model.Address) model.Object { return w.desired.Over(w.current, a) }

func (w *writes) change(c *diff.Change) {
	k := c.Kind
	place := k.Place(kindName(c.Parent))
	switch {
	case place != nil && place.Document != "":
		w.once(place.Path + " " + strings.Join(c.Needs, " "))
		return
	case k.Bulk != "" && c.Action == diff.Create:
		w.once(k.Bulk + " " + string(c.Parent))
		return
	}
	links, own := linkRequests{}, false
	now := w.current.Items[c.Addr]
	w.builtin = now != nil && now.Fields["builtIn"] == true
	switch c.Action {
	case diff.Delete:
		w.least++
		w.apart(c.Before)
		return
	case diff.Create, diff.Replace:
		made := w.made(c)
		own = made == nil
		given := w.given(c)
		for name, v := range c.After {
			f := k.Fields.Get(name)
			switch {
			case linkedBy(k.Fields, []string{name}):
				before := made[name]
				if given[name] != nil {
					before = given[name]
				}
				w.field(links, f, before, v, made == nil)
			case made != nil && !f.Equal(made[name], v):
				own = true
			case given[name] != nil && f.Missing(v, given[name]) != nil:
				w.least++ // it is taken away again, by one more request
			}
			if m, ok := v.(map[string]any); ok && (f.Type == model.Dict || f.Type == model.MultiDict) && slices.Contains(slices.Collect(maps.Values(m)), any("")) {
				w.least++ // what the server makes by itself is taken out again
			}
		}
		if c.Action == diff.Replace {
			w.least++
		}
	default:
		own = c.Action == diff.Move && c.From.Key() != c.Addr.Key()
		for _, e := range c.Edits {
			if path := model.Segments(e.Path); linkedBy(k.Fields, path) {
				w.at(links, k.Fields, path, e.Before, e.After)
			} else {
				own = true
			}
		}
		for i := range k.Fields { // its parts are the server's own, or not, each by itself
			if f := &k.Fields[i]; f.Type == model.Tree && own {
				w.more += 1 + below(f, c.Before)
			}
		}
	}
	if own {
		w.least++
		w.added(c, links)
	}
	w.least += len(links)
}

// made returns what the server makes by itself of an object that a plan
// creates, along with its parent; nil when it makes none.
func (w *writes) made(c *diff.Change) model.Object {
	if c.Kind.Spawned {
		made, realm := model.Object{}, w.fields(model.Address(model.Realm.Name))
		if c.Kind.Derive != nil {
			made = c.Kind.Derive(c.After, w.fields(c.Parent), realm)
		}
		for _, f := range c.Kind.Fields {
			if f.Follows != "" {
				made[f.Name] = realm[f.Follows]
			}
		}
		return made
	}
	if w.current.Items[c.Parent] == nil {
		return c.Kind.SpawnedOn(w.version, c.Parent, w.fields(c.Parent))[c.Addr]
	}
	return nil
}

// given returns what the server gives each new user, whatever the request says:
// the realm's default role and groups, and the required actions that are everybody's
// (UserProvider.addUser).
func (w *writes) given(c *diff.Change) model.Object {
	if c.Kind.Name != "user" {
		return nil
	}
	var actions []any
	for _, it := range w.current.Sorted() {
		if o := w.fields(it.Addr); it.Kind.Name == "required-action" && o["enabled"] == true && o["defaultAction"] == true {
			actions = append(actions, it.Addr.Key())
		}
	}
	realm := w.fields(model.Address(model.Realm.Name))
	return model.Object{"realmRoles": []any{realm["defaultRole"]}, "groups": realm["defaultGroups"], "requiredActions": actions}
}

// added counts the requests that take out what the server adds to an object
// each time it is written: to a client with a service account the scope that
// its tokens need (ClientManager.enableServiceAccount), whatever the request
// says.
func (w *writes) added(c *diff.Change, links linkRequests) {
	if c.Kind.Adds == nil {
		return
	}
	for name, members := range c.Kind.Adds(w.fields(c.Addr)) {
		f := c.Kind.Fields.Get(name)
		want, declared := c.After[name]
		if !declared {
			continue
		}
		l, _ := members.([]any)
		there := slices.DeleteFunc(slices.Clone(l), func(e any) bool { return w.current.Items[f.Target("", "", f.Member(e))] == nil })
		w.field(links, f, f.Missing(c.Before[name], f.Missing(want, there)), nil, false)
	}
}

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
		w.tree(f, was, now)
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

// tree counts the requests that make one tree of another. More than one each the
// server forces where a node comes, goes or is switched off while people may stand
// in it (docs/decisions/008-flows.md): a node that is switched off is removed and
// made again, for the server would hang; a new one that holds others is switched on
// when it does; where nodes change at several places the flow is changed behind a
// guard, which is the new tree once more; and a flow of the server's own, at the
// levels where nodes come and go, is opened and closed again. And where the numbers
// of nodes leave no room between them, those that come after get others.
func (w *writes) tree(f *model.Field, before, after []any) {
	levels := w.nodes(f, before, after)
	switch {
	case levels == 0 || len(before) == 0:
	case w.builtin:
		w.more += 2 * (levels + 1)
	default:
		const guard, code = 4, 4 // it is made, switched on and removed; what asks for a code once lies deeper
		w.more += guard + code + anew(f, after)
	}
}

// anew counts the requests that make the nodes of a tree.
func anew(f *model.Field, nodes []any) (n int) {
	for _, e := range nodes {
		node, _ := e.(map[string]any)
		n++
		if node["flow"] != nil {
			n++
		}
		if node["authenticatorConfig"] != nil {
			n++
		}
		below, _ := node[f.Name].([]any)
		n += anew(f, below)
	}
	return n
}

// nodes counts the requests for the nodes, and returns at how many levels nodes
// come, go or are switched off.
func (w *writes) nodes(f *model.Field, before, after []any) (levels int) {
	moved, here := false, 0
	pairs := f.Pairs(before, after)
	for _, p := range pairs {
		switch {
		case p.After == nil:
			w.least++
			w.apart(p.Before)
			here = 1
			continue
		case p.Before == nil:
			w.least++
			if p.After["flow"] != nil {
				w.least++
				levels++
			}
			if config, ok := p.After["authenticatorConfig"].(map[string]any); ok {
				w.least++
				if configured(w.current, config["alias"])+configured(w.desired, config["alias"]) > 1 {
					w.more++ // another has its name: it is made under another, and then called so
				}
			}
			if p.After["flow"] != nil || p.After["authenticatorConfig"] != nil {
				w.more++
			}
			here = 1
		default:
			moved = moved || p.Moved
			if was, now := p.Before["requirement"], p.After["requirement"]; was != now && now == "DISABLED" {
				w.more += anew(f, []any{p.After})
				here = 1
			}
			if p.Moved || differ(f, p, func(sub *model.Field) bool { return sub.Type != model.Struct }) {
				w.least++
			}
			if differ(f, p, func(sub *model.Field) bool { return sub.Type == model.Struct }) {
				w.least++
				w.apart(p.Before)
			}
		}
		was, _ := p.Before[f.Name].([]any)
		now, _ := p.After[f.Name].([]any)
		levels += w.nodes(f, was, now)
	}
	if moved {
		w.more += len(pairs) - 1
	}
	return levels + here
}

// apart counts what it may take when a configuration in an object goes, or gets
// another value, which the server keeps once for all steps that an import gave
// it: each of them gets one of its own (docs/decisions/018-shared-configurations.md).
func (w *writes) apart(o map[string]any) {
	const own = 3 // its name is taken, by another name, and then by its own
	configurations(o, func(alias any) {
		if n := configured(w.current, alias); n > 1 {
			w.more += own * n
		}
	})
}

// configured counts the steps whose configuration has an alias.
func configured(s *model.State, alias any) (n int) {
	for _, it := range s.Items {
		if it.Kind.Shares != nil {
			configurations(it.Fields, func(a any) {
				if a == alias {
					n++
				}
			})
		}
	}
	return n
}

// configurations visits the aliases of the configurations in a flow or a step.
func configurations(o map[string]any, visit func(alias any)) {
	if config, ok := o["authenticatorConfig"].(map[string]any); ok {
		visit(config["alias"])
	}
	nodes, _ := o["executions"].([]any)
	for _, e := range nodes {
		n, _ := e.(map[string]any)
		configurations(n, visit)
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
