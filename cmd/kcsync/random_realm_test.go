package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/kcsync/kcsync/model"
)

// generator makes realms of what the registry says that there is: every kind
// that the server has, in every place, with fields of the types that they
// have and references to objects that there are.
type generator struct {
	t      *rapid.T
	info   *model.Info
	server model.Server
	serial int
	all    []*node
	taken  map[string]bool // by words that no two objects may have
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
	return root
}

func (g *generator) linkAll() {
	for _, n := range g.all {
		for i := range n.kind.Fields {
			if f := &n.kind.Fields[i]; refers(f) && n.allows(f) && n.fields[f.Name] == nil && g.chance(2) {
				g.set(n, f, g.value(n, n.kind.Name+"."+f.Name, f, n.fields))
			}
		}
	}
}

func (g *generator) set(n *node, f *model.Field, v any) {
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
	if l, ok := words[path]; ok && len(l) == 0 {
		return false
	}
	switch {
	case f.Computed || f.Name == n.kind.Key || slices.Contains(n.kind.KeyWith, f.Name) || n.kind.Const[f.Name] != nil:
		return false
	case n.shape.only != nil:
		return slices.Contains(n.shape.only, f.Name)
	}
	return !slices.Contains(n.shape.without, f.Name)
}

// grow makes an object below a parent, with all that is below it, and without
// references.
func (g *generator) grow(k *model.Kind, parent *node) *node {
	n := &node{kind: k, parent: parent, fields: map[string]any{}, shown: map[string]bool{}}
	if k == model.Realm {
		n.fields["enabled"], n.fields["organizationsEnabled"], n.fields["adminPermissionsEnabled"] = true, true, true
	}
	if l := slices.DeleteFunc(slices.Clone(shapes[k.Name]), func(s shape) bool { return !n.fits(s) || !model.HasVersion(g.server.Version, s.since) }); len(l) > 0 {
		n.shape = rapid.SampledFrom(l).Draw(g.t, "shape")
	}
	maps.Copy(n.fields, n.shape.fixed.Clone())
	if !k.Singleton() {
		if n.key = g.key(k); n.key == "" {
			return nil
		}
	}
	if k.Name == "user" {
		n.fields["email"] = n.key + "@a.example"
	}
	for i := range k.Fields {
		f := &k.Fields[i]
		if refers(f) || !n.allows(f) || !g.has(f) {
			continue
		}
		if _, fixed := n.shape.fixed[f.Name]; fixed && f.Name != "config" {
			continue
		}
		if f.Required && n.fields[f.Name] == nil || least[k.Name+"."+f.Name] > 0 || g.chance(3) {
			g.set(n, f, g.value(n, k.Name+"."+f.Name, f, n.fields))
		}
	}
	g.all = append(g.all, n)
	for _, c := range k.Children() {
		g.growChildren(n, c)
	}
	return n
}

// has reports whether the server has a field.
func (g *generator) has(f *model.Field) bool {
	return model.HasVersion(g.server.Version, f.Since) && g.server.Has(f.Feature)
}

// fits reports whether an object of the shape can stand where the node does.
func (n *node) fits(s shape) bool {
	if n.kind.Name != "protocol-mapper" {
		return true
	}
	return s.fixed["protocol"] == n.parent.protocol()
}

// protocol returns that of a client or client scope.
func (n *node) protocol() any {
	if p := n.fields["protocol"]; p != nil {
		return p
	}
	return "openid-connect"
}

func (g *generator) growChildren(n *node, c *model.Kind) {
	if foreign[c.Name] || c.ReadOnly || !model.HasVersion(g.server.Version, c.Since) || !g.server.Has(c.Feature) || c.When != nil && !c.When(n.rep()) {
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
	most := 2
	if c.Singleton() {
		most = 1
	}
	for range rapid.IntRange(0, most).Draw(g.t, c.Name) {
		below := n
		if n.kind == model.Realm {
			below = nil
		}
		if child := g.grow(c, below); child != nil {
			n.children = append(n.children, child)
		}
	}
}

// value makes a value of a field; nil when there is none.
func (g *generator) value(n *node, path string, f *model.Field, of map[string]any) any {
	if path == "organization.name" {
		return g.key(n.kind) // no two have the same
	}
	if f.Ref != "" && words[path] == nil {
		return g.references(n, path, f)
	}
	if f.Names != nil && f.Names.ConfigOf != "" {
		return g.configuration(n, path, f, of)
	}
	known := words[path]
	for _, v := range f.Enum {
		known = append(known[:len(known):len(known)], v)
	}
	if known == nil && f.Names != nil && len(f.Names.In) > 0 && !f.Names.Keys {
		for _, in := range f.Names.In {
			for _, name := range model.Keys(g.info.Offers(in)) {
				known = append(known, name)
			}
		}
	}
	texts := []any{"one", "two words", "a/ü \"x\" <b>", "100%"}
	choice := known
	if choice == nil {
		choice = texts
	}
	switch f.Type {
	case model.String:
		return g.one(choice)
	case model.Boolean:
		return g.chance(2)
	case model.Integer:
		if known == nil {
			choice = []any{1, 30, 600}
		}
		return g.one(choice)
	case model.Set:
		return g.some(choice)
	case model.Dict, model.MultiDict, model.SetDict, model.Map:
		if known == nil {
			choice = []any{"a", "b.c"}
		}
		if _, whole := choice[0].(map[string]any); whole {
			return g.one(choice)
		}
		out := map[string]any{}
		for _, key := range g.some(choice) {
			values := words[path+"."+key.(string)]
			if values == nil {
				values = texts
			}
			if f.Type == model.MultiDict || f.Type == model.SetDict {
				if l := g.some(values); len(l) > 0 {
					out[key.(string)] = l
				}
				continue
			}
			out[key.(string)] = g.one(values)
		}
		return out
	case model.Struct:
		out := map[string]any{}
		for i := range f.Fields {
			sub := &f.Fields[i]
			if l, ok := words[path+"."+sub.Name]; !sub.Computed && !(ok && len(l) == 0) && (sub.Required || g.chance(2)) {
				if v := g.value(n, path+"."+sub.Name, sub, out); v != nil {
					out[sub.Name] = v
				}
			}
		}
		return out
	case model.Tree:
		return g.executions(2)
	case model.List:
		return g.list(n, path, f, choice)
	}
	return nil
}

// list makes a list: of objects where the registry knows what is in them.
func (g *generator) list(n *node, path string, f *model.Field, texts []any) any {
	if len(f.Fields) == 0 {
		if l := g.some(texts); len(l) >= least[path] {
			return l
		}
		return texts[:least[path]]
	}
	out := []any{}
	if path == "user-profile.attributes" {
		out = append(out, standardAttributes...)
	}
	for range rapid.IntRange(least[path], 2).Draw(g.t, path) {
		m := map[string]any{}
		for i := range f.Fields {
			sub := &f.Fields[i]
			switch l, ok := words[path+"."+sub.Name]; {
			case sub.Computed || ok && len(l) == 0:
			case sub.Name == f.Named:
				g.serial++
				m[sub.Name] = fmt.Sprintf("m%d", g.serial)
				if f.Name == "domains" {
					m[sub.Name] = fmt.Sprintf("m%d.example", g.serial)
				}
			case sub.Among != "":
				if names := g.names(n, sub.Among); len(names) > 0 && g.chance(2) {
					m[sub.Name] = g.one(names)
				}
			case sub.Required || g.chance(2):
				if v := g.value(n, path+"."+sub.Name, sub, m); v != nil {
					m[sub.Name] = v
				}
			}
		}
		out = append(out, m)
	}
	return out
}

// names returns those of the members of another list of the object.
func (g *generator) names(n *node, list string) []any {
	var out []any
	f := n.kind.Fields.Get(list)
	l, _ := n.fields[list].([]any)
	for _, e := range l {
		out = append(out, e.(map[string]any)[f.Named])
	}
	return out
}

// configuration makes the settings of a provider of the properties that the
// server says it has.
func (g *generator) configuration(n *node, path string, f *model.Field, of map[string]any) any {
	out := map[string]any{}
	fixed, _ := n.shape.fixed[f.Name].(map[string]any)
	maps.Copy(out, fixed)
	props := g.properties(n, f, of)
	for _, key := range model.Keys(props) {
		values, known := words[path+"."+key]
		if known && len(values) == 0 || !g.chance(2) {
			continue
		}
		text := f.Type != model.Map
		switch p := props[key]; {
		case known && strings.HasPrefix(p.Type, "Multivalued"):
			out[key] = g.some(values)
		case known:
			out[key] = g.one(values)
		case p.Type == "boolean" && text:
			out[key] = g.one([]any{"true", "false"})
		case p.Type == "boolean":
			out[key] = g.chance(2)
		case len(p.Options) == 0 || p.Secret:
		case p.Type == "List":
			out[key] = g.one(anys(p.Options))
		case p.Type == "MultivaluedList" && f.Type != model.Dict:
			if l := g.some(anys(p.Options)); len(l) > 0 {
				out[key] = l
			}
		}
		if l, ok := out[key].([]any); ok && len(l) == 0 {
			delete(out, key)
		}
	}
	return out
}

func (g *generator) properties(n *node, f *model.Field, of map[string]any) model.Properties {
	provider, _ := of[f.Names.ConfigOf].(string)
	by := n.kind.Fields.Get(f.Names.ConfigOf)
	if by == nil {
		for i := range n.kind.Fields {
			if sub := n.kind.Fields[i].Fields.Get(f.Names.ConfigOf); sub != nil {
				by = sub
			}
		}
	}
	for _, in := range by.Names.In {
		for _, from := range []map[string]any{n.kind.Const, of} {
			for name, v := range from {
				if s, ok := v.(string); ok {
					in = strings.ReplaceAll(in, "{"+name+"}", s)
				}
			}
		}
		if props, ok := g.info.Offers(in)[provider]; ok {
			return props
		}
	}
	return nil
}

func anys(l []string) []any {
	out := make([]any, len(l))
	for i, s := range l {
		out[i] = s
	}
	return out
}

// references makes a value of references to nodes that there are.
func (g *generator) references(n *node, path string, f *model.Field) any {
	targets := g.targets(n, path, f)
	if f.Type == model.Dict {
		out := map[string]any{}
		for _, key := range []string{"browser", "direct_grant"} {
			if len(targets) > 0 && g.chance(2) {
				out[key] = link{f, rapid.SampledFrom(targets).Draw(g.t, path)}
			}
		}
		return out
	}
	if f.Type == model.String {
		if len(targets) == 0 {
			return nil
		}
		return link{f, rapid.SampledFrom(targets).Draw(g.t, path)}
	}
	out := []any{}
	var dict byOwner
	for _, to := range targets {
		r := link{f, to}
		if f.Sole && g.taken[r.sole()] || !g.chance(2) {
			continue
		}
		g.taken[r.sole()] = f.Sole
		switch {
		case f.Type == model.SetDict:
			dict = append(dict, r)
		case f.Type == model.List && len(f.Fields) > 0:
			m := map[string]any{f.Named: r}
			for i := range f.Fields {
				if sub := &f.Fields[i]; sub.Name != f.Named && !sub.Computed {
					m[sub.Name] = g.value(n, path+"."+sub.Name, sub, m)
				}
			}
			out = append(out, m)
		default:
			out = append(out, r)
		}
	}
	if f.Type == model.SetDict {
		return dict
	}
	return out
}

// targets returns the nodes to which a field of a node may refer.
func (g *generator) targets(n *node, path string, f *model.Field) []*node {
	var out []*node
	held := map[*node]bool{} // by the list that must not hold the same
	if f.Link != nil && f.Link.Exclusive != "" {
		l, _ := n.fields[f.Link.Exclusive].([]any)
		for _, e := range l {
			held[e.(link).to] = true
		}
	}
	for _, to := range g.all {
		switch {
		case to.kind.Name != f.Ref || held[to]:
		case f.Sibling && to.parent != n.parent:
		case to.kind == n.kind && !f.Late && slices.Index(g.all, to) >= slices.Index(g.all, n):
			// No circles.
		case f.Type == model.SetDict && to.parent == nil:
		case f.Type != model.SetDict && !f.Slashed && f.Ref == "role" && to.parent != nil:
		case f.Name == "policies" && (to.fields["type"] == "scope" || to.fields["type"] == "resource"):
		case strings.HasSuffix(f.Name, "ClientScopes") && n.kind.Name == "client" && to.protocol() != n.protocol():
		default:
			out = append(out, to)
		}
	}
	return out
}

// executions makes a tree of a flow.
func (g *generator) executions(depth int) []any {
	out := []any{}
	for range rapid.IntRange(0, 3).Draw(g.t, "executions") {
		out = append(out, g.execution(depth))
	}
	return out
}

func (g *generator) execution(depth int) map[string]any {
	g.serial++
	if depth > 0 && g.chance(3) {
		return map[string]any{
			"flow":        fmt.Sprintf("flow %d", g.serial),
			"description": g.one([]any{"", "x"}),
			"requirement": g.one([]any{"REQUIRED", "ALTERNATIVE", "CONDITIONAL", "DISABLED"}),
			"executions":  g.executions(depth - 1),
		}
	}
	m := map[string]any{
		"authenticator": g.one([]any{"auth-cookie", "auth-username-password-form", "auth-otp-form", "identity-provider-redirector", "deny-access-authenticator"}),
		"requirement":   g.one([]any{"REQUIRED", "ALTERNATIVE", "DISABLED"}),
	}
	config := map[string]any{}
	switch m["authenticator"] {
	case "identity-provider-redirector":
		config["defaultProvider"] = g.one([]any{"a", "b"})
	case "deny-access-authenticator":
		config["denyErrorMessage"] = g.one([]any{"no", "never"})
	}
	if len(config) > 0 && g.chance(2) {
		m["authenticatorConfig"] = map[string]any{"alias": fmt.Sprintf("config %d", g.serial), "config": config}
	}
	return m
}

// rep returns the object's own fields as a file has them.
func (n *node) rep() model.Object {
	out := model.Object{}
	if n.key != "" {
		out[n.kind.Key] = n.key
	}
	for name, v := range n.fields {
		out[name] = spelled(v)
	}
	return out
}

// spelled returns a value with references as they are written.
func spelled(v any) any {
	switch v := v.(type) {
	case link:
		return v.field.Spell(v.to.address())
	case byOwner:
		out := map[string]any{}
		for _, r := range v {
			l, _ := out[r.to.parent.key].([]any)
			out[r.to.parent.key] = append(l, r.to.key)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = spelled(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = spelled(e)
		}
		return out
	}
	return v
}

func (n *node) address() model.Address {
	if n == nil || n.kind == model.Realm {
		return ""
	}
	rep := model.Object{}
	maps.Copy(rep, n.shape.fixed)
	if n.key != "" {
		rep[n.kind.Key] = n.key
	}
	a, ok := n.kind.Address(n.parent.address(), rep)
	if !ok {
		panic(fmt.Sprintf("a %s has no address: %v", n.kind.Name, rep))
	}
	return a
}

// file returns the representation of the object with all that is below it.
func (n *node) file() model.Object {
	out := n.rep()
	if n.was != nil && n.was.parent != n.parent.before() {
		from, root := n.was.address(), n.was
		for root.parent != nil && root.parent.kind == n.kind {
			root = root.parent
		}
		above := root.parent.address()
		if above != "" {
			above += "/"
		}
		out[model.Previously] = strings.TrimPrefix(string(from), string(above)+n.kind.Name)
	} else if n.was != nil && n.was.key != n.key {
		out[model.Previously] = n.was.key
	}
	of := n.kind.Name
	if n.kind == model.Realm {
		of = ""
	}
	for _, c := range n.kind.Children() {
		place := c.Place(of)
		if !n.shown[c.Name] {
			continue
		}
		var members []any
		for _, child := range n.children {
			if child.kind == c {
				members = append(members, map[string]any(child.file()))
			}
		}
		var v any = members
		switch {
		case place.Declared && len(members) == 0:
			continue
		case c.Singleton() && len(members) == 0:
			continue
		case c.Singleton():
			v = members[0]
		case c.Bare != "":
			m := map[string]any{}
			for _, e := range members {
				o := e.(map[string]any)
				m[o[c.Key].(string)] = o[c.Bare]
				if o[c.Bare] == nil {
					m[o[c.Key].(string)] = map[string]any{}
				}
			}
			v = m
		case members == nil:
			v = []any{}
		}
		at := map[string]any(out)
		keys := place.Keys()
		for _, key := range keys[:len(keys)-1] {
			next, ok := at[key].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[key] = next
			}
			at = next
		}
		at[keys[len(keys)-1]] = v
	}
	return out
}

// json returns the file of the realm.
func (n *node) json() []byte {
	out, err := json.MarshalIndent(n.file(), "", "  ")
	if err != nil {
		panic(err)
	}
	return out
}

// before returns what the node was made of.
func (n *node) before() *node {
	if n == nil {
		return nil
	}
	return n.was
}

// change makes another realm of one: objects come and go, have other names and
// parents, and other values.
func (g *generator) change(root *node) *node {
	g.all = nil
	of := map[*node]*node{}
	out := g.copied(root, nil, of)
	for _, n := range slices.Clone(g.all) {
		if n.was != nil {
			for name, v := range n.fields {
				n.fields[name] = moved(v, of)
				l, _ := n.fields[name].([]any)
				for _, e := range l {
					if r, ok := e.(link); ok {
						g.taken[r.sole()] = r.field.Sole
					}
				}
			}
			g.redraw(n)
		}
	}
	for _, n := range slices.Clone(g.all) {
		if n.was != nil && n.kind.Tree() && len(n.children) == 0 && g.chance(4) {
			g.move(out, n)
		}
	}
	g.linkAll()
	return out
}

// copied makes a node of a node and of what is below it: some of it goes, and
// some is new.
func (g *generator) copied(n, parent *node, of map[*node]*node) *node {
	out := &node{kind: n.kind, parent: parent, key: n.key, shape: n.shape, fields: maps.Clone(n.fields), shown: maps.Clone(n.shown), was: n}
	of[n] = out
	g.all = append(g.all, out)
	if key := n.kind.Fields.Get(n.kind.Key); key != nil && (!key.Immutable || n.kind.Part) && words[n.kind.Name+"."+key.Name] == nil && n.kind.Name != "user" && g.chance(5) {
		out.key = g.key(n.kind)
	}
	below := out
	if n.kind == model.Realm {
		below = nil
	}
	for _, child := range n.children {
		if child.kind.Singleton() || child.kind.Places[0].Declared || !g.chance(5) {
			out.children = append(out.children, g.copied(child, below, of))
		}
	}
	for _, c := range n.kind.Children() {
		if out.shown[c.Name] && !c.Singleton() && g.chance(4) && (n.kind != c || n.parent == nil || n.parent.kind != c) {
			if child := g.grow(c, below); child != nil {
				out.children = append(out.children, child)
			}
		}
	}
	return out
}

// moved returns a value that refers to what nodes have become; references to
// what is gone are gone, too.
func moved(v any, of map[*node]*node) any {
	switch v := v.(type) {
	case link:
		if to := of[v.to]; to != nil {
			return link{v.field, to}
		}
		return nil
	case byOwner:
		var out byOwner
		for _, r := range v {
			if to := of[r.to]; to != nil {
				out = append(out, link{r.field, to})
			}
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			m, isMap := e.(map[string]any)
			e = moved(e, of)
			if isMap {
				for name := range m {
					if _, was := m[name].(link); was && e.(map[string]any)[name] == nil {
						e = nil
						break
					}
				}
			}
			if e != nil {
				out = append(out, e)
			}
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = moved(e, of)
		}
		return out
	}
	return v
}

// redraw gives some fields of a node another value, or null, or leaves them
// out of the file. What refers to something stays in it: what goes from the
// file stays on the server, where it would keep what it refers to.
func (g *generator) redraw(n *node) {
	for i := range n.kind.Fields {
		f := &n.kind.Fields[i]
		_, fixed := n.shape.fixed[f.Name]
		if !n.allows(f) || !g.has(f) || f.Immutable || f.Initial || fixed && f.Name != "config" || !g.chance(4) {
			continue
		}
		switch {
		case !fixed && !f.Required && least[n.kind.Name+"."+f.Name] == 0 && g.chance(4):
			n.fields[f.Name] = nil
		case !fixed && !f.Required && !refers(f) && g.chance(4):
			delete(n.fields, f.Name)
		case f.Sole:
		case n.fields[f.Name] != nil && f.Type == model.Tree:
			n.fields[f.Name] = g.reshaped(n.fields[f.Name].([]any))
		default:
			g.set(n, f, g.value(n, n.kind.Name+"."+f.Name, f, n.fields))
		}
	}
}

// reshaped changes a tree of a flow.
func (g *generator) reshaped(nodes []any) []any {
	var out []any
	for _, e := range nodes {
		m := maps.Clone(e.(map[string]any))
		if below, ok := m["executions"].([]any); ok {
			m["executions"] = g.reshaped(below)
		}
		switch rapid.IntRange(0, 7).Draw(g.t, "reshape") {
		case 4:
			m["requirement"] = g.one([]any{"REQUIRED", "ALTERNATIVE", "DISABLED"})
		case 5:
			continue
		case 6:
			out = append([]any{m}, out...)
			continue
		case 7:
			out = append(out, g.execution(1))
		}
		out = append(out, m)
	}
	return append([]any{}, out...)
}

// move puts a node of a tree, below which there is nothing, elsewhere in it.
func (g *generator) move(root, n *node) {
	var to []*node
	top := n.parent
	for top != nil && top.kind == n.kind {
		top = top.parent
	}
	for _, other := range g.all {
		if other.kind == n.kind && other != n && other.parent == top && other != n.parent {
			to = append(to, other)
		}
	}
	if n.parent != top {
		to = append(to, top)
	}
	if len(to) == 0 {
		return
	}
	home := func(n *node) *node {
		if n == nil {
			return root
		}
		return n
	}
	below := rapid.SampledFrom(to).Draw(g.t, "move")
	from := home(n.parent)
	from.children = slices.DeleteFunc(from.children, func(c *node) bool { return c == n })
	n.parent = below
	home(below).children = append(home(below).children, n)
	home(below).shown[n.kind.Name] = true
}
