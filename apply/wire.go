package apply

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// encoder turns canonical values into what goes over the wire.
type encoder struct {
	// resolve gives the value of a reference.
	resolve func(model.Reference) (string, error)
	// id gives the server's id of the object at an address.
	id func(model.Address) (string, error)
	// off leaves values canonical, to be encoded later.
	off bool
	// hide is told of every secret value, so that no message shows it.
	hide func(string)
}

// errMask is a secret that is only the mask: written, it would become the
// secret, ten asterisks long.
var errMask = errors.New("the secret's value is the mask that Keycloak shows in place of it; give the value itself, such as ${env:NAME}")

// value encodes a value of a field; f is nil for fields that the registry
// does not know.
func (e encoder) value(f *model.Field, v any, secret bool) (any, error) {
	if e.off {
		return v, nil
	}
	if f != nil && f.Secret && len(f.Fields) == 0 {
		secret = true
	}
	switch v := v.(type) {
	case model.Reference:
		s, err := e.resolve(v)
		if err != nil {
			return nil, err
		}
		return e.text(f, s, true)
	case string:
		return e.text(f, v, secret)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			var err error
			if out[i], err = e.value(f, x, secret); err != nil {
				return nil, err
			}
			if f != nil && f.Wrap != "" {
				out[i] = map[string]any{f.Wrap: out[i]}
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, x := range v {
			inner := f
			if f != nil && len(f.Fields) > 0 {
				inner = f.Fields.Get(key)
			}
			enc, err := e.value(inner, x, secret || f != nil && slices.Contains(f.SecretKeys, key))
			if err != nil {
				return nil, err
			}
			if isDict(f) && enc == "" {
				continue // what the server sets in its place is cleared later
			}
			if isDict(f) && f.Unordered {
				enc = values(enc)
			}
			out[key] = enc
		}
		return out, nil
	case model.Object:
		return e.value(f, map[string]any(v), secret)
	}
	return v, nil
}

// values returns a canonical value of an unordered map as the list that goes
// over the wire.
func values(v any) any {
	switch v := v.(type) {
	case []any:
		return v
	case nil, string:
		if v == nil || v == "" {
			return []any{}
		}
	}
	return []any{v}
}

func (e encoder) text(f *model.Field, s string, secret bool) (any, error) {
	if secret {
		if s == model.Mask {
			return nil, errMask
		}
		e.hide(s)
	}
	if f != nil && f.ByID && f.Ref != "" && s != "" {
		return e.id(f.Target("", "", s))
	}
	if f != nil && f.Ref != "" && model.Lookup(f.Ref).Tree() {
		return model.UnescapeKey(s), nil // the server does not escape a "/" in a name
	}
	return s, nil
}

// creation returns the body that creates an object: the declared fields that
// are its own, and the natural keys of links that POST takes.
func (e encoder) creation(k *model.Kind, a model.Address, after model.Object) (model.Object, error) {
	body := model.Object{}
	for _, name := range model.Keys(after) {
		v, f := after[name], k.Fields.Get(name)
		if v == nil || f != nil && (f.Computed || !postable(f) || f.Quiet != nil && reflect.DeepEqual(v, f.Quiet)) {
			continue
		}
		enc, err := e.value(f, dropNil(v), false)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		body[name] = enc
	}
	if !k.Singleton() {
		body[k.Key] = a.Key()
	}
	return body, nil
}

// postable reports whether POST takes a field along with the object.
func postable(f *model.Field) bool {
	if f.Link != nil {
		return f.Link.Posted
	}
	if f.Type == model.Tree || f.Stepped {
		return false
	}
	if f.Type == model.Struct && len(f.Fields) > 0 {
		return slices.ContainsFunc(f.Fields, func(f model.Field) bool { return postable(&f) })
	}
	return true
}

// dropNil leaves absent values out of maps.
func dropNil(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for key, x := range m {
		if x != nil {
			out[key] = dropNil(x)
		}
	}
	return out
}

// untangle takes out of the lists that only complete a body what a declared
// list holds, since no object can stand in both.
func untangle(k *model.Kind, body, declared model.Object) {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Link == nil || f.Link.Exclusive == "" || declared[f.Name] == nil || declared[f.Link.Exclusive] != nil {
			continue
		}
		mine, _ := body[f.Name].([]any)
		if others, ok := body[f.Link.Exclusive].([]any); ok {
			body[f.Link.Exclusive] = slices.DeleteFunc(slices.Clone(others), func(v any) bool { return slices.Contains(mine, v) })
		}
	}
}

// located is where an edit leads: through Structs to a field, and below it.
type located struct {
	f    *model.Field
	path []string // up to and including the field
	rest []string // into a map
}

// locate follows a JSON pointer.
func locate(fs model.Fields, pointer string) located {
	segs := model.Segments(pointer)
	var l located
	for i, s := range segs {
		f := fs.Get(s)
		if f == nil {
			break
		}
		l = located{f, segs[:i+1], segs[i+1:]}
		if f.Type != model.Struct {
			break
		}
		fs = f.Fields
	}
	if l.f == nil { // a field that the registry does not know is one value
		return located{nil, segs[:1], segs[1:]}
	}
	return l
}

// linked reports whether an edit is about links, which have requests of their
// own, and not about the object's representation.
func linked(k *model.Kind, e diff.Edit) bool {
	l := locate(k.Fields, e.Path)
	return l.f != nil && (l.f.Link != nil || !postable(l.f))
}

// overlay lays edits, none of them of a whole map, over an object as the
// server shows it, in place.
func overlay(k *model.Kind, body model.Object, edits []diff.Edit, enc encoder) error {
	for _, e := range edits {
		if err := overlayOne(k, body, e, enc); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
	}
	return nil
}

func overlayOne(k *model.Kind, body model.Object, e diff.Edit, enc encoder) error {
	l := locate(k.Fields, e.Path)
	at := map[string]any(body)
	for _, s := range l.path[:len(l.path)-1] {
		at = child(at, s)
	}
	name := l.path[len(l.path)-1]
	secret := e.Secret || k.Fields.SecretAt(e.Path)

	switch {
	case isDict(l.f) && len(l.rest) == 1:
		return setKey(k, l.f, child(at, name), l.rest[0], e.After, secret, enc)
	case len(l.rest) > 0:
		for _, s := range append([]string{name}, l.rest[:len(l.rest)-1]...) {
			at = child(at, s)
		}
		name = l.rest[len(l.rest)-1]
	}
	if e.After == nil {
		clearField(k, l.f, at, name)
		return nil
	}
	before := at[name]
	v, err := enc.value(l.f, e.After, secret)
	if err != nil {
		return err
	}
	at[name] = v
	if l.f != nil && l.f.Named != "" {
		keepUnknown(l.f, v, before)
	}
	return nil
}

// keepUnknown copies what the registry does not know about the members of a
// list from those that the server showed.
func keepUnknown(f *model.Field, list, before any) {
	old := map[string]map[string]any{}
	was, _ := before.([]any)
	for _, e := range was {
		old[f.Member(e)], _ = e.(map[string]any)
	}
	now, _ := list.([]any)
	for _, e := range now {
		m, _ := e.(map[string]any)
		for name, v := range old[f.Member(e)] {
			if _, ok := m[name]; !ok && m != nil && f.Fields.Get(name) == nil {
				m[name] = v
			}
		}
	}
}

// child returns the map at a key, made if need be.
func child(m map[string]any, key string) map[string]any {
	c, ok := m[key].(map[string]any)
	if !ok {
		c = map[string]any{}
		m[key] = c
	}
	return c
}

// setKey sets or clears one key of a map field.
func setKey(k *model.Kind, f *model.Field, m map[string]any, key string, v any, secret bool, enc encoder) error {
	if v != nil {
		x, err := enc.value(f, v, secret)
		if err == nil && f.Unordered {
			x = values(x)
		}
		if err == nil {
			m[key] = x
		}
		return err
	}
	switch clearing(k, f) {
	case model.Omit:
		delete(m, key)
	case model.Empty:
		m[key] = ""
	case model.Null:
		m[key] = nil
	case model.EmptyList:
		m[key] = []any{}
	}
	return nil
}

func clearing(k *model.Kind, f *model.Field) model.Clear {
	if f != nil && f.Cleared {
		return f.Clear
	}
	return k.Clear
}

// clearField says on the wire that a field has no value. Where leaving it out
// would keep it, its type tells what nothing looks like.
func clearField(k *model.Kind, f *model.Field, at map[string]any, name string) {
	how := clearing(k, f)
	switch {
	case f != nil && f.Default != nil:
		at[name] = f.Default // there may be no such thing as no value
	case how == model.Omit:
		delete(at, name)
	case f == nil:
		at[name] = nil
	case f.Type == model.Boolean:
		at[name] = false
	case f.Type == model.Integer:
		at[name] = int64(0)
	case f.Type == model.Set || f.Type == model.List:
		at[name] = []any{}
	case f.Type == model.SetDict || f.Type == model.Struct:
		at[name] = map[string]any{}
	case how == model.Empty && f.Type == model.String:
		at[name] = ""
	case how == model.EmptyList:
		at[name] = []any{}
	default:
		at[name] = nil
	}
}

// unmask takes the mask out of fields of their own. Left out, a secret stays
// as it is; the mask would be stored in its place. In maps the server knows
// the mask and keeps the value.
func unmask(k *model.Kind, body model.Object) {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Secret && f.Type == model.String && body[f.Name] == model.Mask {
			delete(body, f.Name)
		}
	}
}

// secretsIn returns the secret values that the server shows of an object.
func secretsIn(k *model.Kind, o model.Object) []string {
	var out []string
	add := func(v any) {
		if s, ok := v.(string); ok && s != "" && s != model.Mask {
			out = append(out, s)
		}
	}
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Secret {
			add(o[f.Name])
		}
		m, _ := o[f.Name].(map[string]any)
		for _, key := range f.SecretKeys {
			add(m[key])
		}
	}
	return out
}

// lookup returns the value in a canonical object at a JSON pointer.
func lookup(o model.Object, pointer string) any {
	var v any = map[string]any(o)
	for _, s := range model.Segments(pointer) {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[s]
	}
	return v
}

// same reports whether two canonical values that an edit leads to mean the
// same.
func same(k *model.Kind, pointer string, a, b any) bool {
	l := locate(k.Fields, pointer)
	switch {
	case l.f != nil && len(l.rest) == 0:
		return l.f.Equal(a, b)
	case l.f != nil && l.f.Verbatim:
		return a == b
	}
	return model.Zero(a) && model.Zero(b) || reflect.DeepEqual(a, b)
}

// drift compares what edits expect with what is there now. It returns the
// edits that are still to be made and the paths at which the object is
// neither as it was nor as it shall be.
func drift(k *model.Kind, now model.Object, edits []diff.Edit) (todo []diff.Edit, moved []string) {
	for _, e := range edits {
		secret := e.Secret || k.Fields.SecretAt(e.Path)
		have := lookup(now, e.Path)
		switch {
		case secret:
			todo = append(todo, e) // not shown, or not to be compared
		case grows(k, e):
			if len(locate(k.Fields, e.Path).f.Missing(have, e.After)) > 0 {
				todo = append(todo, e)
			}
		case same(k, e.Path, have, e.After):
		case k.Fields.At(e.Path) != nil && k.Fields.At(e.Path).Veil != nil && (e.Before == model.Mask || have == model.Mask):
			todo = append(todo, e) // the server hides the value, or hid it
		case !same(k, e.Path, have, e.Before):
			moved = append(moved, e.Path)
		default:
			todo = append(todo, e)
		}
	}
	return todo, moved
}

// grows reports whether an edit only adds members to those that there are.
func grows(k *model.Kind, e diff.Edit) bool {
	f := locate(k.Fields, e.Path).f
	return f != nil && f.Grows
}

func isDict(f *model.Field) bool {
	return f != nil && (f.Type == model.Dict || f.Type == model.MultiDict)
}

// perKey turns edits of whole maps into edits of their keys: such a map is
// managed key by key, and others may have keys of their own in it.
func perKey(k *model.Kind, edits []diff.Edit) []diff.Edit {
	var out []diff.Edit
	for _, e := range edits {
		l := locate(k.Fields, e.Path)
		if !isDict(l.f) || len(l.rest) > 0 {
			out = append(out, e)
			continue
		}
		before, _ := e.Before.(map[string]any)
		after, _ := e.After.(map[string]any)
		all := maps.Clone(after)
		if all == nil {
			all = map[string]any{}
		}
		maps.Copy(all, before)
		for _, key := range model.Keys(all) {
			if b, a := before[key], after[key]; !reflect.DeepEqual(a, b) {
				out = append(out, diff.Edit{Path: e.Path + model.Pointer(key), Before: b, After: a, Secret: e.Secret})
			}
		}
	}
	return out
}

// differences returns the edits that make an object what is declared. What is
// not declared, or declared to be the server's default, stays.
func differences(k *model.Kind, now, after model.Object) []diff.Edit {
	if f := k.Fields.Get(k.Key); f != nil && f.Ours && after[k.Key] != nil { // the server knows it by something else
		after = after.Clone()
		delete(after, k.Key)
	}
	return fieldDifferences(k.Fields, map[string]any(now), map[string]any(after), "")
}

func fieldDifferences(fs model.Fields, now, after map[string]any, at string) []diff.Edit {
	var out []diff.Edit
	for _, name := range model.Keys(after) {
		want, have, f := after[name], now[name], fs.Get(name)
		path := at + model.Pointer(name)
		switch {
		case want == nil || f != nil && (f.Computed || f.Initial):
		case f != nil && f.Grows:
			if missing := f.Missing(have, want); len(missing) > 0 {
				out = append(out, diff.Edit{Path: path, Before: []any{}, After: missing})
			}
		case f == nil:
			if !reflect.DeepEqual(have, want) {
				out = append(out, diff.Edit{Path: path, Before: have, After: want})
			}
		case f.Type == model.Dict || f.Type == model.MultiDict:
			old, _ := have.(map[string]any)
			m, _ := want.(map[string]any)
			for _, key := range model.Keys(m) {
				if m[key] != nil && !reflect.DeepEqual(old[key], m[key]) && !(model.Zero(old[key]) && model.Zero(m[key]) && !f.Verbatim) {
					out = append(out, diff.Edit{Path: path + model.Pointer(key), Before: old[key], After: m[key],
						Secret: f.Secret || slices.Contains(f.SecretKeys, key)})
				}
			}
		case f.Type == model.Struct:
			old, _ := have.(map[string]any)
			m, _ := want.(map[string]any)
			out = append(out, fieldDifferences(f.Fields, old, m, path)...)
		case !f.Equal(have, want):
			out = append(out, diff.Edit{Path: path, Before: have, After: want, Secret: f.Secret})
		}
	}
	return out
}
