package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/kcsync/kcsync/model"
)

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
	known := g.known(n, path, f, of)
	choice := known
	if choice == nil {
		choice = texts
	}
	switch f.Type {
	case model.String:
		if f.Secret && known == nil {
			choice = secrets
		}
		return g.one(choice)
	case model.Boolean:
		return g.chance(2)
	case model.Integer:
		if known == nil {
			choice = []any{1, 30, 600}
		}
		return g.one(choice)
	case model.Set:
		if l := g.some(choice); len(l) >= least[path] {
			return l
		}
		return choice[:least[path]]
	case model.Dict, model.MultiDict, model.SetDict, model.Map:
		if known == nil {
			choice = []any{"a", "b.c"}
		}
		if _, whole := choice[0].(map[string]any); whole {
			return g.one(choice)
		}
		return g.entries(n, path, f, choice)
	case model.Struct:
		out := map[string]any{}
		for i := range f.Fields {
			sub := &f.Fields[i]
			if undrawn[path+"."+sub.Name] == "" && !sub.Computed && g.has(sub) && (sub.Required || least[path+"."+sub.Name] > 0 || g.chance(2)) {
				if v := g.value(n, path+"."+sub.Name, sub, out); v != nil {
					out[sub.Name] = v
				}
			}
		}
		return out
	case model.Tree:
		if n.made != nil {
			own, _ := n.made.Fields.Clone()[f.Name].([]any)
			return g.turned(own)
		}
		if own := g.native(n); len(own) > 0 && g.chance(4) {
			of := rapid.SampledFrom(own).Draw(g.t, "copy").Fields.Clone()
			return g.turned(g.alias(of[f.Name].([]any)))
		}
		return g.executions(n.sort(), 2)
	case model.List:
		return g.list(n, path, f, choice)
	}
	return nil
}

var (
	texts   = []any{"one", "two words", "a/ü \"x\" <b>", "100%"}
	secrets = []any{"${env:KCSYNC_RANDOM_A}", "${env:KCSYNC_RANDOM_B}"}
)

// known returns the values that a field can have, as far as they are known:
// those that are said, of them what the server offers, or all that it does.
func (g *generator) known(n *node, path string, f *model.Field, of map[string]any) []any {
	out := slices.Clone(words[path])
	if out == nil && f.Enum != nil {
		out = anys(f.Enum)
	}
	if f.Names == nil || len(f.Names.In) == 0 || f.Names.Keys || f.Names.Split != nil {
		return out
	}
	offered := anys(g.offered(n, f, of))
	if out == nil || len(offered) == 0 {
		return append(out, offered...)
	}
	return slices.DeleteFunc(out, func(v any) bool { return !slices.Contains(offered, v) })
}

// entries makes a map of some of the keys.
func (g *generator) entries(n *node, path string, f *model.Field, keys []any) map[string]any {
	out := map[string]any{}
	fixed, _ := n.shape.fixed[f.Name].(map[string]any)
	maps.Copy(out, fixed)
	for _, key := range g.some(keys) {
		values := words[path+"."+key.(string)]
		if values == nil {
			values = texts
		}
		if slices.Contains(f.SecretKeys, key.(string)) {
			values = secrets
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
		if whole := words[path]; len(whole) > 0 {
			m = maps.Clone(g.one(whole).(map[string]any))
		}
		for i := range f.Fields {
			sub := &f.Fields[i]
			switch {
			case sub.Computed || undrawn[path+"."+sub.Name] != "" || m[sub.Name] != nil || !g.has(sub):
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
			case sub.Required || sub.Present || g.chance(2):
				if v := g.value(n, path+"."+sub.Name, sub, m); v != nil {
					m[sub.Name] = v
				}
			}
		}
		// Older servers show the value to whoever writes a user, and refuse to get
		// it back from one who may not edit the attribute.
		if path == "user-profile.attributes" && m["permissions"] == nil && !model.HasVersion(g.server.Version, "26.7") {
			delete(m, "defaultValue")
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
	name, _ := of[f.Names.ConfigOf].(string)
	if in, nested := asks[name]; nested && fixed == nil {
		maps.Copy(out, in)
	}
	props := g.properties(n, f, of)
	for _, key := range model.Keys(props) {
		_, fixed := out[key]
		if undrawn[path+"."+key] != "" || undrawn[name+"."+key] != "" || fixed && words[path+"."+key] == nil || !g.chance(2) && !asked(f, name, key, props[key]) {
			continue
		}
		v := g.property(path+"."+key, props[key], f, asked(f, name, key, props[key]))
		if l, ok := v.([]any); v != nil && !(ok && len(l) == 0) {
			out[key] = v
		}
	}
	return out
}

// asked reports whether a provider's configuration has to have a key.
func asked(f *model.Field, provider, key string, p model.Property) bool {
	return p.Required || slices.ContainsFunc(f.Entry(key, provider), func(v model.Value) bool { return v.Needed })
}

// property makes a value of a property of a provider's configuration, which may
// have to be there.
func (g *generator) property(path string, p model.Property, f *model.Field, asked bool) any {
	values := words[path]
	switch p.Type {
	case "boolean":
		if values != nil {
			return g.one(values)
		}
		if f.Type == model.Map {
			return g.chance(2)
		}
		return g.one([]any{"true", "false"})
	case "List":
		values = append(values, anys(p.Options)...)
	case "MultivaluedList":
		values = append(values, anys(p.Options)...)
		return many(g.few(values, asked), f)
	case "MultivaluedString", "IdentityProviderMultiList":
		if values == nil {
			values = []any{"one", "two words"}
		}
		return many(g.few(values, asked), f)
	case "File":
		return nil
	case "Map":
		values = []any{`[{"key":"a","value":"b"}]`, "[]"}
	}
	if values == nil {
		values = byType[p.Type]
	}
	if p.Secret {
		values = secrets
	}
	if values == nil {
		values = []any{"one", "two words"}
	}
	return g.one(values)
}

// many returns several values as a configuration has them: as one text where
// it holds only texts.
func many(l []any, f *model.Field) any {
	if f.Type != model.Dict || len(l) == 0 {
		return l
	}
	var all []string
	for _, e := range l {
		all = append(all, e.(string))
	}
	return strings.Join(all, "##")
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
	targets := g.targets(n, f)
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
	if len(out) < least[path] {
		return nil
	}
	return out
}

// targets returns the nodes to which a field of a node may refer.
func (g *generator) targets(n *node, f *model.Field) []*node {
	var out []*node
	held := map[*node]bool{} // by the list that must not hold the same
	other := excludes[f.Name]
	if f.Link != nil && f.Link.Exclusive != "" {
		other = f.Link.Exclusive
	}
	l, _ := n.fields[other].([]any)
	for _, e := range l {
		held[e.(link).to] = true
	}
	for _, to := range g.all {
		switch {
		case to.kind.Name != f.Ref || held[to]:
		case f.Sibling && to.parent != n.parent:
		case to.kind == n.kind && !f.Late && slices.Index(g.all, to) >= slices.Index(g.all, n):
			// No circles.
		case f.Type == model.SetDict && to.parent == nil:
		case f.Type != model.SetDict && !f.Slashed && f.Ref == "role" && to.parent != nil:
		case f.Slashed && !f.ByID && to.parent == nil && strings.Contains(to.key, "/"):
			// Keycloak cannot name it there.
		case f.Name == "policies" && (to.fields["type"] == "scope" || to.fields["type"] == "resource"):
		case f.Ref == "authentication-flow" && to.sort() != (map[bool]string{true: "client-flow", false: "basic-flow"})[f.Name == "clientAuthenticationFlow"]:
		case strings.HasSuffix(f.Name, "ClientScopes") && n.kind.Name == "client" && to.protocol() != n.protocol():
		default:
			out = append(out, to)
		}
	}
	return out
}

// sort is what a flow is for.
func (n *node) sort() string {
	if s, ok := n.fields["providerId"].(string); ok {
		return s
	}
	return "basic-flow"
}

// steps are, by the sort of a flow, where the server lists what can be in it.
var steps = map[string]string{
	"basic-flow":  "components/org.keycloak.authentication.Authenticator",
	"client-flow": "components/org.keycloak.authentication.ClientAuthenticator",
	"form-flow":   "components/org.keycloak.authentication.FormAction",
}

// executions makes a tree of a flow of a sort.
func (g *generator) executions(sort string, depth int) []any {
	out := []any{}
	for range rapid.IntRange(0, 3).Draw(g.t, "executions") {
		out = append(out, g.execution(sort, depth))
	}
	return out
}

var requirements = []any{"REQUIRED", "ALTERNATIVE", "DISABLED"}

func (g *generator) execution(sort string, depth int) map[string]any {
	g.serial++
	if depth > 0 && sort == "basic-flow" && g.chance(3) {
		m := map[string]any{
			"flow":        fmt.Sprintf("flow %d", g.serial),
			"description": g.one([]any{"", "x"}),
			"requirement": g.one(append(requirements[:3:3], "CONDITIONAL")),
		}
		if g.chance(4) {
			sort = "form-flow"
			m["providerId"], m["authenticator"] = sort, "registration-page-form"
		}
		m["executions"] = g.executions(sort, depth-1)
		return m
	}
	offered := slices.DeleteFunc(model.Keys(g.info.Offers(steps[sort])), func(s string) bool { return unfit[s] != "" })
	m := map[string]any{"authenticator": g.one(anys(offered)), "requirement": g.one(requirements)}
	if config := g.authenticatorConfig(m); config != nil && g.chance(2) {
		m["authenticatorConfig"] = config
	}
	return m
}

// authenticatorConfig makes a configuration of a step, if it can have one.
func (g *generator) authenticatorConfig(step map[string]any) any {
	f := model.Lookup("authentication-flow").Fields.Get("executions").Fields.Get("authenticatorConfig").Fields.Get("config")
	n := &node{kind: model.Lookup("authentication-flow")}
	if len(g.properties(n, f, step)) == 0 {
		return nil
	}
	g.serial++
	config := g.configuration(n, "authentication-flow.config", f, step).(map[string]any)
	return map[string]any{"alias": fmt.Sprintf("config %d", g.serial), "config": config}
}

// native returns the server's own objects of a node's kind that are for the same.
func (g *generator) native(n *node) []*model.Item {
	return slices.DeleteFunc(g.fresh.Children("", n.kind), func(it *model.Item) bool {
		sort, _ := it.Fields["providerId"].(string)
		l, _ := it.Fields["executions"].([]any)
		return cmp.Or(sort, "basic-flow") != n.sort() || len(l) == 0
	})
}

// alias gives the parts of a tree names that no others have, as a copy has them.
func (g *generator) alias(nodes []any) []any {
	for _, e := range nodes {
		m := e.(map[string]any)
		g.serial++
		if name, ok := m["flow"].(string); ok {
			m["flow"] = fmt.Sprintf("%s %d", name, g.serial)
			m["executions"] = g.alias(m["executions"].([]any))
		}
		if config, ok := m["authenticatorConfig"].(map[string]any); ok {
			config["alias"] = fmt.Sprintf("%s %d", config["alias"], g.serial)
		}
	}
	return nodes
}

// turned changes of a tree what can change in one of the server's own.
func (g *generator) turned(nodes []any) []any {
	for _, e := range nodes {
		m := e.(map[string]any)
		if g.chance(4) {
			m["requirement"] = g.one(requirements)
		}
		if below, ok := m["executions"].([]any); ok {
			m["executions"] = g.turned(below)
		} else if m["authenticatorConfig"] == nil && g.chance(4) {
			if config := g.authenticatorConfig(m); config != nil {
				m["authenticatorConfig"] = config
			}
		}
	}
	if len(nodes) > 1 && g.chance(4) {
		nodes[0], nodes[1] = nodes[1], nodes[0]
	}
	return nodes
}

// reshaped changes a tree of a flow of a sort.
func (g *generator) reshaped(sort string, nodes []any) []any {
	out := []any{}
	for _, e := range nodes {
		m := maps.Clone(e.(map[string]any))
		if below, ok := m["executions"].([]any); ok {
			inside := sort
			if m["providerId"] != nil {
				inside = m["providerId"].(string)
			}
			m["executions"] = g.reshaped(inside, below)
		}
		switch rapid.IntRange(0, 8).Draw(g.t, "reshape") {
		case 4:
			m["requirement"] = g.one(requirements)
		case 5:
			continue
		case 6:
			out = append([]any{m}, out...)
			continue
		case 7:
			out = append(out, g.execution(sort, 1))
		case 8:
			delete(m, "authenticatorConfig")
			if config := g.authenticatorConfig(m); config != nil && m["flow"] == nil && g.chance(2) {
				m["authenticatorConfig"] = config
			}
		}
		out = append(out, m)
	}
	return out
}
