package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// use is one name in an object.
type use struct {
	field *model.Field
	// pointer leads to the field or list that holds the name, or for the key
	// of a map to the entry; pattern is the same without positions in lists.
	pointer, pattern string
	name             string
	// paths are where the server lists the name or, for a property, the
	// provider that should have it.
	paths    []string
	provider string
	value    any // of the property
	lax      bool
}

// sort is the same for uses of a name in like places: what belongs to another
// provider, or is chosen from other lists, is another sort.
func (u use) sort() string {
	return strings.Join(append([]string{u.pattern, u.name, u.provider}, u.paths...), "\x00")
}

// visit finds the names in an object. The scope is what the paths of names
// can refer to, innermost first.
func visit(fs model.Fields, o model.Object, scope []model.Object, found func(use)) {
	v := visitor{found: found}
	v.object(fs, o, scope, "", "")
}

type visitor struct {
	found func(use)
	// around are the fields of the objects around the one that is visited,
	// outermost first.
	around []model.Fields
}

// field returns the innermost field of a name.
func (v visitor) field(fs model.Fields, name string) *model.Field {
	f := fs.Get(name)
	for i := len(v.around) - 1; f == nil && i >= 0; i-- {
		f = v.around[i].Get(name)
	}
	return f
}

func (v visitor) object(fs model.Fields, o model.Object, scope []model.Object, pointer, pattern string) {
	inside := visitor{v.found, append(slices.Clone(v.around), fs)}
	for i := range fs {
		f := &fs[i]
		val := o[f.Name]
		if val == nil || f.Computed || f.Secret {
			continue
		}
		at := model.Pointer(f.Name)
		if f.Names != nil {
			v.names(fs, f, val, scope, pointer+at, pattern+at)
		}
		if len(f.Fields) > 0 {
			inside.nested(f, val, scope, pointer+at, pattern+at)
		}
	}
}

// nested visits the objects in a field: one, a list, or a map of them.
func (v visitor) nested(f *model.Field, val any, scope []model.Object, pointer, pattern string) {
	one := func(e any, pointer, pattern string) {
		if o, ok := e.(map[string]any); ok {
			v.object(f.Fields, o, slices.Insert(slices.Clone(scope), 0, model.Object(o)), pointer, pattern)
			if below := o[f.Name]; f.Type == model.Tree && below != nil {
				v.nested(f, below, slices.Insert(slices.Clone(scope), 0, model.Object(o)), pointer+model.Pointer(f.Name), pattern+model.Pointer(f.Name))
			}
		}
	}
	switch val := val.(type) {
	case []any:
		for i, e := range val {
			one(e, pointer+model.Pointer(strconv.Itoa(i)), pattern)
		}
	case map[string]any:
		if f.Type == model.Struct {
			one(val, pointer, pattern)
			return
		}
		for _, key := range model.Keys(val) {
			one(val[key], pointer+model.Pointer(key), pattern+model.Pointer(key))
		}
	}
}

// names visits the names in a field itself.
func (v visitor) names(fs model.Fields, f *model.Field, val any, scope []model.Object, pointer, pattern string) {
	n := f.Names
	in := fill(lists(n, scope), scope)
	m, _ := val.(map[string]any)
	one := func(e any, pointer, pattern string, paths []string, lax bool) {
		s, ok := e.(string)
		if !ok || s == "" {
			return // a reference, whose value only apply learns, or nothing
		}
		parts := []model.Part{{Name: s}}
		if n.Split != nil {
			parts = n.Split(s)
		}
		for _, p := range parts {
			in := paths
			if p.In != "" {
				in = []string{p.In}
			}
			v.found(use{field: f, pointer: pointer, pattern: pattern, name: p.Name, paths: in, lax: lax})
		}
	}
	switch {
	case n.ConfigOf != "":
		provider := look(scope, n.ConfigOf)
		pf := v.field(fs, n.ConfigOf)
		if provider == "" || pf == nil || pf.Names == nil {
			return
		}
		v.properties(f, m, fill(pf.Names.In, scope), provider, pointer, pattern)
	case n.Keys:
		for _, key := range model.Keys(m) {
			at := model.Pointer(key)
			v.found(use{field: f, pointer: pointer + at, pattern: pattern + at, name: key, paths: in, lax: n.Lax})
			config, _ := m[key].(map[string]any)
			v.properties(f, config, in, key, pointer+at, pattern+at)
		}
	case n.Entries != nil:
		for _, key := range model.Keys(n.Entries) {
			at := model.Pointer(key)
			one(m[key], pointer+at, pattern+at, fill([]string{n.Entries[key]}, scope), slices.Contains(n.LaxEntries, key))
		}
	default:
		if l, ok := val.([]any); ok {
			for _, e := range l {
				one(e, pointer, pattern, in, n.Lax)
			}
			return
		}
		one(val, pointer, pattern, in, n.Lax)
	}
}

// lists returns where the server may list the names.
func lists(n *model.Names, scope []model.Object) []string {
	if n.Choose == nil {
		return n.In
	}
	var around model.Object
	if len(scope) > 1 {
		around = scope[1]
	}
	return n.Choose(scope[0], around)
}

// properties visits the keys of a provider's configuration.
func (v visitor) properties(f *model.Field, config map[string]any, paths []string, provider, pointer, pattern string) {
	for _, key := range model.Keys(config) {
		if slices.Contains(f.Names.Also, key) || slices.Contains(f.Names.Made, key) || config[key] == nil || model.Zero(config[key]) {
			continue // nothing is written
		}
		at := model.Pointer(key)
		v.found(use{field: f, pointer: pointer + at, pattern: pattern + at, name: key, paths: paths, provider: provider, value: config[key], lax: true})
	}
}

// fill puts the values of fields into paths; what nothing is known of is *.
func fill(paths []string, scope []model.Object) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		before, rest, ok := strings.Cut(p, "{")
		if ok {
			name, after, _ := strings.Cut(rest, "}")
			value := look(scope, name)
			if value == "" {
				value = "*"
			}
			p = before + value + after
		}
		out[i] = p
	}
	return out
}

// look returns the text of a field in the innermost object that has it.
func look(scope []model.Object, field string) string {
	for _, o := range scope {
		if s, ok := o[field].(string); ok && s != "" {
			return s
		}
	}
	return ""
}
