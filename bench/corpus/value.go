package main

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// proposal is another value for a field, or for one key of a map, of an
// object: what somebody might write there.
type proposal struct {
	path  []string // of the value in the object's representation
	value any
	also  []string // a field that changes with it, of which the files say nothing
}

// proposals returns other values for the fields that an object shows, by the
// words of the registry. A list or set is changed by one member.
func (m *mutator) proposals(it *model.Item) []proposal {
	have := m.current.Items[it.Addr]
	if have == nil {
		return nil
	}
	var out []proposal
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		if !changeable(it.Kind, f, m.current.Server.Version) || !m.current.Server.Has(f.Feature) || f.Link != nil && f.Grows {
			continue
		}
		v, ok := it.Fields[f.Name]
		if !ok {
			v, ok = have.Fields[f.Name]
		}
		if !ok && f.Name != "description" {
			continue
		}
		if own, ok := m.derived(it)[f.Name]; ok && f.Type == model.String && f.Equal(own, v) {
			continue // it goes by something else
		}
		out = append(out, m.others(it, f, []string{f.Name}, v)...)
	}
	return out
}

// derived returns the fields of an object that the server takes from others.
func (m *mutator) derived(it *model.Item) model.Object {
	if it.Kind.Derive == nil {
		return nil
	}
	fields := func(a model.Address) model.Object {
		if have := m.current.Items[a]; have != nil {
			return have.Fields
		}
		return model.Object{}
	}
	return it.Kind.Derive(fields(it.Addr), fields(it.Parent), fields(model.Address(model.Realm.Name)))
}

// changeable reports whether a field of an object that exists can be written.
func changeable(k *model.Kind, f *model.Field, version string) bool {
	return !f.Computed && !f.Immutable && !f.Secret && !f.Initial && !f.Same && !f.Native && f.Name != k.Key && f.Name != k.Variant &&
		!slices.Contains(k.KeyWith, f.Name) && model.HasVersion(version, f.Since) && !(k == model.Realm && f.Name == "realm")
}

// others returns other values for a field that has the value v.
func (m *mutator) others(it *model.Item, f *model.Field, path []string, v any) []proposal {
	one := func(v any) []proposal {
		if v == nil {
			return nil
		}
		return []proposal{{path: path, value: v}}
	}
	if _, secret := v.(model.Reference); secret {
		return nil
	}
	switch f.Type {
	case model.Boolean:
		return one(v != true)
	case model.Integer:
		n, _ := v.(int64)
		return one(n + 1)
	case model.String:
		s, _ := v.(string)
		if other := m.another(it, f, s, nil); other != "" {
			return one(other)
		}
	case model.Set, model.List:
		return m.otherList(it, f, path, v)
	case model.SetDict:
		byOwner, _ := v.(map[string]any)
		for owner, l := range byOwner {
			list, _ := l.([]any)
			for _, t := range m.targets(it, f) {
				if model.ParentOf(t).Key() == owner && !slices.Contains(list, any(t.Key())) {
					all := cloneMap(byOwner)
					all[owner] = append(slices.Clone(list), t.Key())
					return one(all)
				}
			}
		}
	case model.Dict, model.MultiDict:
		return m.otherEntry(it, f, path, v)
	case model.Struct:
		fields, _ := v.(map[string]any)
		var out []proposal
		for i := range f.Fields {
			sub := &f.Fields[i]
			if _, ok := fields[sub.Name]; !ok || sub.Computed {
				continue
			}
			for _, p := range m.others(it, sub, []string{sub.Name}, fields[sub.Name]) {
				if !f.Whole {
					out = append(out, proposal{path: append(slices.Clone(path), p.path...), value: p.value})
					continue
				}
				all := cloneMap(fields)
				all[sub.Name] = p.value
				out = append(out, proposal{path: path, value: all})
			}
		}
		return out
	case model.Tree:
		return m.otherTree(it, f, path, v)
	}
	return nil
}

func cloneMap(m map[string]any) map[string]any {
	return model.Object(m).Clone()
}

// another returns a value that a text may have instead; "" when none is known.
func (m *mutator) another(it *model.Item, f *model.Field, s string, taken []any) string {
	pick := func(l []string) string {
		l = slices.DeleteFunc(slices.Clone(l), func(o string) bool {
			return strings.EqualFold(o, s) || slices.Contains(taken, any(o))
		})
		if len(l) == 0 {
			return ""
		}
		return l[m.rand.IntN(len(l))]
	}
	switch {
	case len(f.Enum) > 0:
		return pick(f.Enum)
	case f.Ref != "":
		var l []string
		for _, t := range m.targets(it, f) {
			l = append(l, f.Spell(t))
		}
		if s == "" && taken == nil {
			return "" // what may stand there is not known from what does
		}
		return pick(l)
	case f.Names != nil:
		if f.Required || f.Names.Split != nil {
			return ""
		}
		var l []string
		for _, in := range f.Names.In {
			if !strings.Contains(in, "{") {
				l = append(l, model.Keys(m.current.Server.Info.Offers(in))...)
			}
		}
		return pick(l)
	}
	return reworded(f.Name, s)
}

// duration is a time that is told with its unit.
var duration = regexp.MustCompile(`^(\d+)(ms|s|m|h|d)$`)

// reworded returns a text like another: a number stays one, and so does a time, or an
// address, be it of a page or of a mailbox.
func reworded(name, s string) string {
	if n, err := strconv.Atoi(s); err == nil {
		return strconv.Itoa(n + 1)
	}
	if m := duration.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		return strconv.Itoa(n+1) + m[2]
	}
	if b, err := strconv.ParseBool(s); err == nil {
		return strconv.FormatBool(!b)
	}
	if u, err := url.Parse(s); err == nil && u.Scheme != "" && u.Host != "" || strings.HasPrefix(s, "/") {
		return strings.TrimSuffix(strings.TrimSuffix(s, "*"), "/") + "/changed"
	}
	if low := strings.ToLower(name); strings.HasSuffix(low, "url") || strings.HasSuffix(low, "uri") || strings.HasSuffix(low, "uris") || strings.HasSuffix(low, "origins") {
		return "https://changed.example"
	}
	if strings.IndexByte(s, '@') > 0 && !strings.ContainsAny(s, " ,/") {
		return "changed." + s
	}
	if s == "" {
		return "changed"
	}
	return s + " changed"
}

// targets returns what the field of an object can name: objects like those
// that such fields name, which for a client scope is one of its protocol.
func (m *mutator) targets(it *model.Item, f *model.Field) []model.Address {
	k := model.Lookup(f.Ref)
	var out []model.Address
	for _, t := range m.current.Sorted() {
		if t.Kind != k || f.Sibling && t.Parent != it.Parent || !f.Slashed && f.Owner == "" && !k.Tree() && !f.Sibling && t.Parent != "" {
			continue
		}
		if f.Owner != "" && model.KindOf(t.Parent) != model.Lookup(f.Owner) || t.Addr == it.Addr {
			continue
		}
		if k.Variant != "" {
			if own, ok := m.current.Items[it.Addr].Fields[k.Variant]; ok && !f.Sibling && own != t.Fields[k.Variant] {
				continue
			}
		}
		out = append(out, t.Addr)
	}
	return out
}

// otherList returns a list with one more member, one with a member less, and,
// where order has a meaning, one in another order.
func (m *mutator) otherList(it *model.Item, f *model.Field, path []string, v any) []proposal {
	l, _ := v.([]any)
	var out []proposal
	add := func(l []any) { out = append(out, proposal{path: path, value: l}) }
	if f.Type == model.List && f.Ref == "" && len(l) > 1 && !f.Unordered {
		swapped := slices.Clone(l)
		i := m.rand.IntN(len(l) - 1)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		if !model.EqualValues(swapped, any(l)) {
			add(swapped)
		}
	}
	if f.Named != "" || len(f.Fields) > 0 {
		for i, e := range l {
			fields, ok := e.(map[string]any)
			if !ok || i > 2 {
				continue
			}
			for j := range f.Fields {
				sub := &f.Fields[j]
				if _, ok := fields[sub.Name]; !ok || sub.Computed || sub.Required || sub.Among != "" || sub.Secret || sub.Type == model.Any {
					continue
				}
				for _, p := range m.others(it, sub, []string{sub.Name}, fields[sub.Name]) {
					all := slices.Clone(l)
					one := cloneMap(fields)
					set(one, p.path, p.value)
					all[i] = one
					add(all)
				}
			}
		}
		if f.Named != "" && f.Ref == "" {
			for i, e := range l {
				fields, ok := e.(map[string]any)
				if !ok {
					continue
				}
				if one := cloneMap(fields); i == 0 {
					one[f.Named] = f.Member(e) + "-copy"
					add(append(slices.Clone(l), one))
				}
				if !slices.Contains(f.Holds, f.Member(e)) && i == len(l)-1 {
					add(slices.Delete(slices.Clone(l), i, i+1))
				}
			}
		}
		return out
	}
	if len(l) > 1 {
		i := m.rand.IntN(len(l))
		add(slices.Delete(slices.Clone(l), i, i+1))
	}
	first := ""
	if len(l) > 0 {
		first, _ = l[0].(string)
	}
	taken := append([]any{}, l...)
	if f.Link != nil && it.Fields[f.Link.Exclusive] != nil {
		there, _ := it.Fields[f.Link.Exclusive].([]any)
		taken = append(taken, there...)
	}
	if other := m.another(it, f, first, taken); other != "" && !slices.Contains(l, any(other)) {
		add(append(slices.Clone(l), other))
	}
	return out
}

func set(o map[string]any, path []string, v any) {
	for ; len(path) > 1; path = path[1:] {
		sub, _ := o[path[0]].(map[string]any)
		sub = cloneMap(sub)
		if sub == nil {
			sub = map[string]any{}
		}
		o[path[0]] = sub
		o = sub
	}
	o[path[0]] = v
}

// otherEntry returns another value for a key of a map: one that the provider
// which it configures describes, or a new key.
func (m *mutator) otherEntry(it *model.Item, f *model.Field, path []string, v any) []proposal {
	have, _ := v.(map[string]any)
	var out []proposal
	add := func(key string, v any) {
		if f.Type == model.MultiDict && !f.Unordered {
			v = []any{v}
		}
		out = append(out, proposal{path: append(slices.Clone(path), key), value: v})
	}
	switch {
	case f.Ref != "":
	case f.Names != nil && f.Names.ConfigOf != "":
		provider, _ := m.value(it, f.Names.ConfigOf).(string)
		for _, key := range model.Keys(have) {
			text, ok := have[key].(string)
			idle := f.Idle != nil && f.Idle(it.Fields, key, text) // no export shows it, nor can it be taken back by one
			if !ok || idle || slices.Contains(f.SecretKeys, key) || slices.Contains(f.ComputedKeys, key) {
				continue
			}
			prop, known := m.property(it, f.Names.ConfigOf, provider, key)
			switch {
			case !known || prop.Secret:
			case prop.Type == "boolean":
				add(key, strconv.FormatBool(text != "true"))
			case prop.Type == "String" && len(prop.Options) == 0 && text != "":
				add(key, reworded(key, text))
			case prop.Type == "List":
				for _, o := range prop.Options {
					if o != text && o != "" {
						add(key, o)
						break
					}
				}
			}
		}
	default:
		add("changed", "1")
		for _, key := range model.Keys(have) {
			text, ok := have[key].(string)
			if _, err := strconv.ParseBool(text); ok && err == nil && !slices.Contains(f.ComputedKeys, key) {
				add(key, reworded(key, text))
				break
			}
		}
	}
	return out
}

// value returns the value of a field of an object, declared or not.
func (m *mutator) value(it *model.Item, name string) any {
	if v, ok := it.Fields[name]; ok {
		return v
	}
	if have := m.current.Items[it.Addr]; have != nil {
		return have.Fields[name]
	}
	return nil
}

// property finds what the server says of a key of a provider's configuration.
func (m *mutator) property(it *model.Item, field, provider, key string) (model.Property, bool) {
	f := it.Kind.Fields.Get(field)
	if f == nil || f.Names == nil {
		return model.Property{}, false
	}
	for _, in := range f.Names.In {
		for {
			i, j := strings.IndexByte(in, '{'), strings.IndexByte(in, '}')
			if i < 0 || j < i {
				break
			}
			word, _ := m.value(it, in[i+1:j]).(string)
			if word == "" {
				word, _ = it.Kind.Const[in[i+1:j]].(string)
			}
			if word == "" && in[i+1:j] == "protocol" {
				if parent := m.current.Items[it.Parent]; parent != nil {
					word, _ = parent.Fields["protocol"].(string)
				}
			}
			in = in[:i] + word + in[j+1:]
		}
		if p, ok := m.current.Server.Info.Offers(in)[provider][key]; ok {
			return p, true
		}
	}
	return model.Property{}, false
}

// deep returns a copy of a value, all the way down.
func deep(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = deep(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = deep(e)
		}
		return out
	}
	return v
}
