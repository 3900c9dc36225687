package docs

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/check"
	"github.com/kcsync/kcsync/model"
)

// recorded is what one variant of a kind reads back as when nothing is
// declared.
type recorded struct {
	variant string
	fields  map[string]any
}

// defaultsOf returns the recorded defaults of a kind, by variant.
func defaultsOf(k *model.Kind, base *model.Baseline) []recorded {
	if k == model.Realm {
		return []recorded{{fields: base.Fresh.Items[model.Address(k.Name)]}}
	}
	var out []recorded
	for _, e := range k.Examples {
		v := k.VariantOf(e)
		if d, ok := base.Defaults[model.DefaultsKey(k, v)]; ok {
			if v == "" && k.Variant != "" {
				v, _ = k.Fields.Get(k.Variant).Default.(string)
			}
			out = append(out, recorded{v, d})
		}
	}
	return out
}

// fields returns the rows that describe fields, those inside others after
// them.
func fields(k *model.Kind, fs model.Fields, in string, defaults []recorded) [][]string {
	var out [][]string
	for i := range fs {
		f := &fs[i]
		if f.Computed {
			continue
		}
		name := in + f.Name
		line := []string{code(name), value(f), byDefault(f, defaults), remarks(k, f)}
		if f.Type != model.Struct || len(f.Fields) == 0 || line[3] != "" {
			out = append(out, line)
		}
		inside := make([]recorded, 0, len(defaults))
		for _, d := range defaults {
			if m, ok := d.fields[f.Name].(map[string]any); ok {
				inside = append(inside, recorded{d.variant, m})
			}
		}
		sep := "."
		if f.Type != model.Struct {
			sep, inside = "[].", nil
		}
		out = append(out, fields(k, f.Fields, name+sep, inside)...)
	}
	return out
}

// value says in plain words what a field holds.
func value(f *model.Field) string {
	if f.Ref != "" {
		return reference(f)
	}
	switch f.Type {
	case model.String:
		return "text"
	case model.Boolean:
		return "true or false"
	case model.Integer:
		return "whole number"
	case model.Set:
		return "set of texts"
	case model.List:
		if len(f.Fields) > 0 {
			return "list of objects"
		}
		return "list of texts"
	case model.Dict:
		return "map of texts"
	case model.MultiDict:
		if f.Unordered {
			return "map of texts or sets"
		}
		return "map of lists"
	case model.Map:
		return "map of anything"
	case model.Struct:
		return "object"
	}
	return "anything"
}

// reference says what a field that refers to objects holds.
func reference(f *model.Field) string {
	to := link(f.Ref)
	key := "name"
	if k := model.Lookup(f.Ref); k.Tree() {
		key = "path"
	} else if k.Key != "" && k.Key != "name" {
		key = code(k.Key)
	}
	switch f.Type {
	case model.String:
		return fmt.Sprintf("%s of %s", key, a(to))
	case model.Set:
		return fmt.Sprintf("set: %s of each %s", key, to)
	case model.List:
		return fmt.Sprintf("list: %s of each %s", key, to)
	case model.SetDict:
		return fmt.Sprintf("map: for each %s a set of %s names", link(f.Owner), to)
	case model.Dict:
		return fmt.Sprintf("map: %s of %s", key, a(to))
	}
	return fmt.Sprintf("%s, with %s of each %s", value(&model.Field{Type: f.Type, Fields: f.Fields}), key, to)
}

// remarks say what else is to know about a field.
func remarks(k *model.Kind, f *model.Field) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case f.OfNew:
		add("**required** of a new one")
	case f.Required:
		add("**required**")
	}
	if f.Doc != "" {
		add("%s", strings.TrimSuffix(f.Doc, "."))
	}
	if f.Immutable && !f.Required {
		add("cannot change")
	} else if f.Immutable {
		out[0] += ", cannot change"
	}
	if f.Secret {
		add("secret: write `${env:NAME}` or `${file:PATH}`")
	}
	if len(f.SecretKeys) > 0 {
		add("secret are %s", and(codes(f.SecretKeys)))
	}
	if len(f.Enum) > 0 {
		add("%s", join(codes(distinct(f.Enum)), "or"))
	}
	if f.Names != nil {
		out = append(out, named(k, f.Names)...)
	}
	if f.Slashed {
		add("a client's role as `client/role`")
		if f.ByID {
			add("a realm role whose name holds a `/` as `/name`")
		}
	}
	if len(f.Holds) > 0 {
		add("has to hold %s", and(codes(f.Holds)))
	}
	if f.Loss != "" {
		add("where one goes, %s", f.Loss)
	}
	if f.Follows != "" {
		add("by default the realm's `%s`", f.Follows)
	}
	if f.Feature != "" {
		add("needs the server feature %s", f.Feature)
	}
	if f.Since != "" {
		add("since Keycloak %s", f.Since)
	}
	if f.Feature != "" {
		add("needs the server feature `%s`", f.Feature)
	}
	return strings.Join(out, "; ")
}

// named says what on the server the values of a field name.
func named(k *model.Kind, n *model.Names) []string {
	var out []string
	if len(n.In) > 0 {
		var what []string
		for _, path := range n.In {
			if w := label(k, path); !slices.Contains(what, w) {
				what = append(what, w)
			}
		}
		s := a(join(what, "or")) + " that the server has"
		if n.Keys {
			s = "each key is " + s
		}
		out = append(out, s)
	}
	for _, key := range model.Keys(n.Entries) {
		out = append(out, fmt.Sprintf("`%s` is %s that the server has", key, a(label(k, n.Entries[key]))))
	}
	if n.ConfigOf != "" {
		out = append(out, fmt.Sprintf("the properties of what `%s` names", n.ConfigOf))
	}
	return out
}

// label says in words what the server lists at a path.
func label(k *model.Kind, path string) string {
	for field, v := range k.Const {
		path = strings.ReplaceAll(path, "{"+field+"}", fmt.Sprint(v))
	}
	part, field, ok := strings.Cut(path, "{")
	if !ok {
		return check.Label(path)
	}
	what := "provider"
	if part == "protocolMappers/" {
		what = "protocol mapper"
	}
	return fmt.Sprintf("%s of its `%s`", what, strings.TrimSuffix(field, "}"))
}

// distinct leaves out what differs from another in case only.
func distinct(l []string) []string {
	var out []string
	for _, s := range l {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// byDefault returns what the server makes of a field that is not declared, of
// each variant if they differ.
func byDefault(f *model.Field, defaults []recorded) string {
	if f.Default != nil {
		return show(f.Default)
	}
	if f.Secret || f.Required {
		return ""
	}
	same := true
	for _, d := range defaults {
		same = same && reflect.DeepEqual(d.fields[f.Name], defaults[0].fields[f.Name])
	}
	if len(f.Fields) > 0 || len(defaults) == 0 {
		return ""
	}
	one := func(d recorded) string {
		if v := d.fields[f.Name]; v != nil || f.Type != model.Boolean {
			return show(v)
		}
		return code("false")
	}
	if same {
		return one(defaults[0])
	}
	var out []string
	for _, d := range defaults {
		name := d.variant
		if s := one(d); s != "" {
			out = append(out, s+" ("+name+")")
		}
	}
	return strings.Join(out, ", ")
}

// show returns a value in a few words.
func show(v any) string {
	const few = 4
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if v == "" {
			return ""
		}
		if len(v) > 60 {
			v = v[:57] + "..."
		}
		return code(strings.ReplaceAll(v, model.RealmName, "REALM"))
	case []any:
		if len(v) > few {
			return fmt.Sprintf("%d values", len(v))
		}
		var out []string
		for _, e := range v {
			out = append(out, show(e))
		}
		return strings.Join(out, ", ")
	case map[string]any:
		if len(v) > few {
			return fmt.Sprintf("%d entries", len(v))
		}
		var out []string
		for _, key := range model.Keys(v) {
			out = append(out, code(fmt.Sprintf("%s: %v", key, v[key])))
		}
		return strings.Join(out, "<br>")
	}
	return code(fmt.Sprint(v))
}
