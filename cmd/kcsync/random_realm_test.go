package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// generator makes realms of what the registry says that there is: every kind
// that the server has, in every place, with fields of the types that they
// have and references to objects that there are; also what the server makes by
// itself, with other values.
type generator struct {
	t      *rapid.T
	info   *model.Info
	server model.Server
	fresh  *model.State // what the server makes by itself
	serial int
	root   model.Object // the realm's own fields
	all    []*node
	taken  map[string]bool // by words that no two objects may have
}

// randomPairs are pairs of realms of a name that a server can have.
func randomPairs(realm string, info *model.Info, server model.Server) *rapid.Generator[pair] {
	fresh, err := fixtures.For(server).Fresh.State(realm)
	if err != nil {
		panic(err)
	}
	return rapid.Custom(func(t *rapid.T) pair {
		g := &generator{t: t, info: info, server: server, fresh: fresh, taken: map[string]bool{}}
		first := g.realm()
		second, gone := g.change(first)
		p := pair{first: first, second: second}
		if g.chance(2) {
			p.absent = gone
		}
		return p
	})
}

// pair are a realm and what becomes of it. What is absent from the second is
// named there; nil: what is in no file is pruned.
type pair struct {
	first, second *node
	absent        []model.Address
}

// GoString shows both as files.
func (p pair) GoString() string {
	return fmt.Sprintf("first:\n%s\nsecond, without %q:\n%s", p.first.json(), p.absent, p.second.json())
}

// node is an object of a random realm. Values hold other nodes where they
// refer to objects, so that references follow when these get another name.
type node struct {
	kind     *model.Kind
	parent   *node // nil: the realm, or no parent
	key      string
	shape    shape
	fields   map[string]any
	children []*node
	shown    map[string]bool // complete lists of children that its file shows
	was      *node           // what it was made of
	called   string          // what it has become by the time that its file is applied again
	anew     bool            // only deleting it, and making it anew, makes it what it is
	made     *model.Item     // what the server makes by itself, and the file changes
}

// link is a value of a field that refers to a node.
type link struct {
	field *model.Field
	to    *node
}

// sole is a word for a member that can be in the field of one object only.
func (l link) sole() string { return fmt.Sprintf("%s %p", l.field.Name, l.to) }

// byOwner are members of a SetDict.
type byOwner []link

func (g *generator) chance(of int) bool { return rapid.IntRange(0, of-1).Draw(g.t, "chance") == of-1 }

func (g *generator) one(of []any) any { return rapid.SampledFrom(of).Draw(g.t, "one") }

func (g *generator) some(of []any) []any {
	out := []any{}
	for _, e := range of {
		if g.chance(2) {
			out = append(out, e)
		}
	}
	return out
}

// few is some, of which there may have to be one.
func (g *generator) few(of []any, one bool) []any {
	out := g.some(of)
	if one && len(out) == 0 {
		return of[:1]
	}
	return out
}

// key forms, of which the server takes only the first for names in addresses
// and tokens.
var (
	keyForms = []any{"%s-%d", "%s %d", "%s/%d", "%s%%ü%d", "%s.%d?"}
	strict   = []string{"client-scope", "identity-provider", "organization", "authentication-flow", "user", "client"}
)

func (g *generator) key(k *model.Kind) string {
	path := k.Name + "." + k.Key
	if l := slices.DeleteFunc(slices.Clone(words[path]), func(v any) bool { return g.taken[path+fmt.Sprint(v)] }); len(l) > 0 {
		v := g.one(l).(string)
		g.taken[path+v] = true
		return v
	} else if words[path] != nil {
		return ""
	}
	form := keyForms[0]
	if !slices.Contains(strict, k.Name) {
		form = g.one(keyForms)
	}
	g.serial++
	return fmt.Sprintf(form.(string), k.Name[:min(4, len(k.Name))], g.serial)
}

// realm makes a random realm.
func (g *generator) realm() *node {
	root := g.grow(model.Realm, nil)
	g.linkAll()
	g.wither(root)
	g.root = root.rep()
	return root
}

func (g *generator) linkAll() {
	for _, n := range g.all {
		for i := range n.kind.Fields {
			f := &n.kind.Fields[i]
			if refers(f) && n.allows(f) && g.has(f) && n.fields[f.Name] == nil && (f.Sustains || g.chance(n.rarely(2))) {
				n.set(f, g.value(n, n.kind.Name+"."+f.Name, f, n.fields))
			}
		}
	}
}

// wither takes the objects out that name none of what they cannot be without:
// the server may delete them at any time ([model.Kind.Withers]).
func (g *generator) wither(root *node) {
	of := map[*node]*node{} // those that stay
	withered := false
	for _, n := range g.all {
		if n.kind.Withers != nil && n.kind.Withers(n.rep()) != "" {
			withered = true
			above := n.parent
			if above == nil {
				above = root
			}
			above.children = slices.DeleteFunc(above.children, func(c *node) bool { return c == n })
		} else {
			of[n] = n
		}
	}
	if !withered {
		return
	}
	g.all = slices.DeleteFunc(g.all, func(n *node) bool { return of[n] == nil })
	for _, n := range g.all {
		for name, v := range n.fields {
			n.fields[name] = moved(v, of)
		}
	}
}

// rarely is how rare a value is of which one in so many new objects has one:
// of what the server makes fewer do.
func (n *node) rarely(of int) int {
	if n.made != nil {
		return 2 * of
	}
	return of
}

func (n *node) set(f *model.Field, v any) {
	if v != nil {
		n.fields[f.Name] = v
	}
}

// refers reports whether values of the field hold references.
func refers(f *model.Field) bool {
	return f.Ref != "" || slices.ContainsFunc(f.Fields, func(f model.Field) bool { return refers(&f) })
}

// allows reports whether the object may have the field beyond its shape.
func (n *node) allows(f *model.Field) bool {
	path := n.kind.Name + "." + f.Name
	switch {
	case undrawn[path] != "":
		return false
	case slices.ContainsFunc(shapes[n.kind.Name], func(s shape) bool { return s.fixed[f.Name] != nil }) && f.Name != "config" && f.Name != "scopes":
		return false // it is what makes the one or the other
	case f.Computed || f.Name == n.kind.Key || slices.Contains(n.kind.KeyWith, f.Name) && n.fields[f.Name] != nil || n.kind.Const[f.Name] != nil:
		return false
	case n.shape.only != nil:
		return slices.Contains(n.shape.only, f.Name)
	}
	return !slices.Contains(n.shape.without, f.Name)
}

// settled reports whether the shape of an object says all of a field.
func (n *node) settled(f *model.Field) bool {
	_, fixed := n.shape.fixed[f.Name]
	return fixed && f.Name != "config"
}

// grow makes an object below a parent, with all that is below it, and without
// references.
func (g *generator) grow(k *model.Kind, parent *node) *node {
	n := &node{kind: k, parent: parent, fields: map[string]any{}, shown: map[string]bool{}}
	if l := g.shapes(n); len(l) > 0 {
		n.shape = rapid.SampledFrom(l).Draw(g.t, "shape")
	}
	if !k.Singleton() {
		if n.key = g.key(k); n.key == "" {
			return nil
		}
	}
	n.distinguish()
	g.fill(n)
	return n
}

// distinguish gives an object what only one can have.
func (n *node) distinguish() {
	if n.shape.fixed = n.shape.fixed.Clone(); n.kind.Name == "user" {
		n.shape.fixed["email"] = n.key + "@a.example"
	}
	if config, _ := n.shape.fixed["config"].(map[string]any); config["issuer"] != nil {
		config["issuer"] = "https://" + n.key + ".example"
	}
}

// adopt makes a node of what the server makes by itself, with other values in
// some of its fields.
func (g *generator) adopt(it *model.Item, parent *node) *node {
	k := it.Kind
	n := &node{kind: k, parent: parent, fields: map[string]any{}, shown: map[string]bool{}, made: it, key: it.Fields[k.Key].(string)}
	n.shape.fixed = model.Object{}
	for i := range k.Fields {
		f := &k.Fields[i]
		if v := it.Fields[f.Name]; v != nil && f.Name != k.Key && (f.Required || f.Immutable || f.Name == k.Variant || f.Name == "config") {
			n.shape.fixed[f.Name] = v
		}
	}
	g.taken[k.Name+"."+k.Key+n.key] = true
	g.fill(n)
	return n
}

// fill gives an object fields, and what is below it.
func (g *generator) fill(n *node) {
	maps.Copy(n.fields, n.shape.fixed.Clone())
	for i := range n.kind.Fields {
		f := &n.kind.Fields[i]
		path := n.kind.Name + "." + f.Name
		if refers(f) || !n.allows(f) || !g.has(f) || n.settled(f) {
			continue
		}
		if f.Required && n.fields[f.Name] == nil || n.made == nil && g.needed(n, f) || g.chance(n.rarely(3)) {
			n.set(f, g.value(n, path, f, n.fields))
		}
	}
	g.all = append(g.all, n)
	for _, c := range n.kind.Children() {
		g.growChildren(n, c)
	}
}

// needed reports whether an object cannot be without a field.
func (g *generator) needed(n *node, f *model.Field) bool {
	if f.Names != nil && f.Names.ConfigOf != "" {
		provider, _ := n.fields[f.Names.ConfigOf].(string)
		for key, p := range g.properties(n, f, n.fields) {
			if asked(f, provider, key, p) {
				return true
			}
		}
	}
	return f.Required || f.Sustains || least[n.kind.Name+"."+f.Name] > 0
}

// has reports whether the server has a field.
func (g *generator) has(f *model.Field) bool {
	return model.HasVersion(g.server.Version, f.Since) && g.server.Has(f.Feature)
}

// hasKind reports whether the server has a kind.
func (g *generator) hasKind(k *model.Kind) bool {
	return foreign[k.Name] == "" && !k.ReadOnly && model.HasVersion(g.server.Version, k.Since) && g.server.Has(k.Feature)
}

// shapes returns what an object can be: what is said of its kind, or all that
// the server offers for it.
func (g *generator) shapes(n *node) []shape {
	all, said := shapes[n.kind.Name]
	if f := provider(n.kind); f != nil && !said {
		for _, name := range g.offered(n, f, nil) {
			s := shape{fixed: model.Object{f.Name: name}}
			if n.kind.Fields.Get("protocol") != nil {
				s.fixed["protocol"] = n.parent.protocol()
			}
			if config := asks[name]; config != nil {
				s.fixed["config"] = config
			}
			all = append(all, s)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s shape) bool {
		for name, v := range s.fixed {
			f := n.kind.Fields.Get(name)
			if f.Names != nil && len(f.Names.In) > 0 && !slices.Contains(g.offered(n, f, s.fixed), v.(string)) || !g.has(f) {
				return true
			}
		}
		return len(n.kind.Wrong(s.fixed, g.server.Version, nil)) > 0 || !said && !n.fits(s.fixed)
	})
}

// fits reports whether an object may be beside its parent.
func (n *node) fits(o model.Object) bool {
	return n.kind.Fits == nil || !slices.ContainsFunc(n.kind.Fits(o, func(string, string) model.Object { return n.parent.rep() }),
		func(p model.Problem) bool { return !p.Warning })
}

// provider returns the field that says of which of the sorts that the server
// offers an object is.
func provider(k *model.Kind) *model.Field {
	for i := range k.Fields {
		if f := &k.Fields[i]; f.Required && f.Names != nil && f.Name != k.Key {
			return f
		}
	}
	return nil
}

// offered returns what the server offers for a field of an object, without
// what does not fit into random realms.
func (g *generator) offered(n *node, f *model.Field, of map[string]any) []string {
	var out []string
	for _, in := range f.Names.In {
		for _, from := range []map[string]any{n.kind.Const, of} {
			for name, v := range from {
				if s, ok := v.(string); ok {
					in = strings.ReplaceAll(in, "{"+name+"}", s)
				}
			}
		}
		if n.parent != nil {
			in = strings.ReplaceAll(in, "{protocol}", fmt.Sprint(n.parent.protocol()))
		}
		out = append(out, model.Keys(g.info.Offers(in))...)
	}
	return slices.DeleteFunc(out, func(s string) bool { return unfit[s] != "" })
}

// protocol returns that of a client or client scope.
func (n *node) protocol() any {
	if p := n.fields["protocol"]; p != nil {
		return p
	}
	return "openid-connect"
}

func (g *generator) growChildren(n *node, c *model.Kind) {
	if !g.hasKind(c) || c.When != nil && !c.When(n.rep()) {
		return
	}
	if n.kind == c && n.parent != nil && n.parent.kind == c {
		return // deep enough
	}
	if c.Name == "user-federation-mapper" && n.fields["providerId"] != "ldap" {
		return
	}
	n.shown[c.Name] = !c.Part || g.chance(2)
	if !n.shown[c.Name] {
		return
	}
	below := n.home()
	most := 2
	switch {
	case c.Singleton():
		most = 1
	case len(shapes[c.Name]) > 8:
		most = 4 // what there is so much of
	}
	for range rapid.IntRange(0, most).Draw(g.t, c.Name) {
		if child := g.grow(c, below); child != nil {
			n.children = append(n.children, child)
		}
	}
	for _, it := range g.madeBelow(n, c) {
		if g.chance(5) {
			n.children = append(n.children, g.adopt(it, below))
		}
	}
}

// home is the node as children have it for a parent: nil for the realm.
func (n *node) home() *node {
	if n.kind == model.Realm {
		return nil
	}
	return n
}

// madeBelow returns the objects of a kind that the server makes below one by
// itself, be that new or the server's own.
func (g *generator) madeBelow(n *node, c *model.Kind) []*model.Item {
	if c.Singleton() || unfit[c.Name] != "" {
		return nil
	}
	var out []*model.Item
	switch {
	case n.kind == model.Realm:
		out = g.fresh.Children("", c)
	case n.made != nil:
		out = g.fresh.Children(n.address(), c)
	default:
		spawned := c.SpawnedOn(g.server.Version, n.address(), n.rep())
		for _, a := range model.Keys(spawned) {
			out = append(out, &model.Item{Addr: a, Kind: c, Fields: spawned[a]})
		}
	}
	return slices.DeleteFunc(out, func(it *model.Item) bool {
		return g.fresh.Sealed(it.Addr) != "" || it.Kind.Below(n.kind).Fixed != "" || unfit[it.Addr.Key()] != "" ||
			g.taken[c.Name+"."+c.Key+it.Addr.Key()] && len(c.KeyWith) == 0 && n.kind == model.Realm
	})
}
