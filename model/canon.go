package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Canonical returns o in the one form in which objects of the kind are
// compared: values have the Go types that [Type] names, sets are sorted,
// computed fields and absent values are gone, and the kind's own equivalences
// hold. It is pure, and a fixpoint: canonical objects stay as they are.
//
// A nil value, which in a file asks for the server's default, is kept.
// Values that do not fit their field's type are kept as they are; validation
// reports them.
func (k *Kind) Canonical(o Object) Object {
	out := canonFields(k.Fields, o)
	for i := range k.Fields {
		if f := &k.Fields[i]; f.Ref != "" && !f.ByID && f.Type == Set && Lookup(f.Ref).Tree() {
			rootPaths(out[f.Name])
		}
	}
	if k.Canon != nil {
		out = k.Canon(out)
	}
	return out
}

// rootPaths puts the slash before paths of objects of a tree that people leave
// out.
func rootPaths(v any) {
	l, _ := v.([]any)
	for i, e := range l {
		if s, ok := e.(string); ok && !strings.HasPrefix(s, "/") {
			l[i] = "/" + s
		}
	}
}

func canonFields(fs Fields, o map[string]any) Object {
	out := Object{}
	for name, v := range o {
		f := fs.Get(name)
		switch {
		case f == nil:
			out[name] = free(v)
		case f.Computed:
		default:
			out[name] = canonValue(f, v)
		}
	}
	return out
}

func canonValue(f *Field, v any) any {
	if v == nil {
		return nil
	}
	if _, ok := v.(Reference); ok {
		return v
	}
	switch f.Type {
	case String:
		if m, ok := mapOf(v); ok && f.Wrap != "" {
			v = m[f.Wrap]
		}
		return textOf(v)
	case Boolean:
		if s, ok := v.(string); ok {
			if b, err := strconv.ParseBool(s); err == nil {
				return b
			}
		}
		return v
	case Integer:
		return integerOf(v)
	case Set:
		return canonSet(f.unwrapped(v))
	case List:
		return canonList(f, v)
	case Dict:
		return canonEntries(f, v, func(val any) (any, bool) { return textOf(val), true })
	case MultiDict:
		return canonEntries(f, v, func(val any) (any, bool) { return f.Texts(val), true })
	case SetDict:
		return canonEntries(f, v, func(val any) (any, bool) {
			set := canonSet(val)
			l, ok := set.([]any)
			return set, !ok || len(l) > 0
		})
	case Struct:
		m, ok := mapOf(v)
		if !ok {
			return v
		}
		out := map[string]any(canonFields(f.Fields, m))
		for i := range f.Fields {
			if sub := &f.Fields[i]; f.Whole && out[sub.Name] == nil {
				out[sub.Name] = sub.Empty()
			}
		}
		return out
	case Tree:
		return canonTree(f, v)
	}
	return free(v)
}

// free returns the canonical form of a value of which no field tells what is
// in it: plain, with what refers to values outside of the files told apart.
func free(v any) any {
	return Leaves(Plain(v), func(leaf any) any {
		if s, ok := leaf.(string); ok {
			if r, ok := ParseReference(s); ok {
				return r
			}
		}
		return leaf
	})
}

// Leaves returns a copy of a plain value in which each leaf, which is neither
// a list nor a map, is what leaf makes of it, in the order of lists and keys.
func Leaves(v any, leaf func(any) any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Leaves(e, leaf)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range Keys(v) {
			out[key] = Leaves(v[key], leaf)
		}
		return out
	}
	return leaf(v)
}

// Empty returns the canonical value of the field that holds nothing.
func (f *Field) Empty() any {
	switch f.Type {
	case Boolean:
		return false
	case Integer:
		return int64(0)
	case Set, List, Tree:
		return []any{}
	case Dict, MultiDict, SetDict, Struct, Map:
		return map[string]any{}
	case String:
		return ""
	}
	return nil
}

// unwrapped takes the members of a set out of the objects as which Keycloak may
// spell them.
func (f *Field) unwrapped(v any) any {
	l, ok := v.([]any)
	if f.Wrap == "" || !ok {
		return v
	}
	out := make([]any, len(l))
	for i, e := range l {
		out[i] = e
		if m, ok := mapOf(e); ok {
			out[i] = m[f.Wrap]
		}
	}
	return out
}

func canonSet(v any) any {
	if v == nil {
		return nil
	}
	l := asList(v)
	out := make([]any, 0, len(l))
	for _, e := range l {
		if e = textOf(e); e != "" { // the server keeps no empty member
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b any) int { return compareText(a, b) })
	return slices.CompactFunc(out, func(a, b any) bool { return a == b })
}

// canonList returns a list whose objects hold nothing that means the same as
// its absence, in the order of their names if their own has no meaning.
func canonList(f *Field, v any) any {
	if len(f.Fields) == 0 {
		return free(asList(v))
	}
	out := []any{}
	for _, e := range asList(v) {
		if m, ok := mapOf(e); ok {
			e = prune(f.Fields, canonFields(f.Fields, m))
		}
		out = append(out, free(e))
	}
	if f.Unordered {
		slices.SortStableFunc(out, func(a, b any) int { return compareText(f.Member(a), f.Member(b)) })
	}
	return out
}

// prune removes, at every depth, the fields whose values mean the same as
// their absence.
func prune(fs Fields, o Object) map[string]any {
	for name, v := range o {
		f := fs.Get(name)
		if m, ok := mapOf(v); ok && f != nil && f.Type == Struct {
			v = prune(f.Fields, m)
			o[name] = v
		}
		if v == nil || f != nil && f.Equal(v, nil) && !f.Present {
			delete(o, name)
		}
	}
	return o
}

// Member returns the name of a canonical member of the field's value: a string
// itself, or what Named tells an object apart by; "" when it has none.
func (f *Field) Member(e any) string {
	if m, ok := mapOf(e); ok && f.Named != "" {
		e = m[f.Named]
	}
	s, _ := e.(string)
	return s
}

// unordered returns the canonical form of values that are a set: the one that
// there is, or a Set of several, or "". An empty text is no value.
func unordered(vals []any) any {
	vals = slices.DeleteFunc(vals, func(v any) bool { return v == "" })
	switch set := canonSet(vals).([]any); len(set) {
	case 0:
		return ""
	case 1:
		return set[0]
	default:
		return set
	}
}

// Missing returns the members of a canonical value of the field that another
// value has not.
func (f *Field) Missing(have, want any) []any {
	there := map[string]bool{}
	if l, ok := have.([]any); ok {
		for _, e := range l {
			there[f.Member(e)] = true
		}
	}
	var out []any
	for _, e := range asList(want) {
		if !there[f.Member(e)] {
			out = append(out, e)
		}
	}
	return out
}

func compareText(a, b any) int {
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// asList returns a list as it is and any other value as a list of itself.
// canonEntries returns a dictionary with what each value is made into, without
// the keys that are the server's own and the values that are not kept.
func canonEntries(f *Field, v any, each func(any) (out any, keep bool)) any {
	m, ok := mapOf(v)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for key, val := range m {
		if slices.Contains(f.ComputedKeys, key) {
			continue
		}
		if val, keep := each(val); keep {
			out[key] = val
		}
	}
	return out
}

// Texts returns the canonical form of the values of one key of a MultiDict; a
// single one may stand without a list. Exports of old versions hold null where
// there is none.
func (f *Field) Texts(v any) any {
	if v == nil {
		return nil
	}
	texts := []any{}
	for _, e := range asList(v) {
		if e != nil {
			texts = append(texts, textOf(e))
		}
	}
	if f.Unordered {
		return unordered(texts)
	}
	slices.SortFunc(texts, compareText)
	return texts
}

func asList(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	}
	return []any{v}
}

func mapOf(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case Object:
		return v, true
	}
	return nil, false
}

// textOf returns a scalar as Keycloak's string maps hold it; other values
// stay as they are.
func textOf(v any) any {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	case string:
		if r, ok := ParseReference(v); ok {
			return r
		}
	}
	return v
}

func integerOf(v any) any {
	switch n := v.(type) {
	case int:
		return int64(n)
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n)
		}
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return i
		}
		if f, err := n.Float64(); err == nil {
			return integerOf(f)
		}
	case string:
		if i, err := strconv.ParseInt(n, 10, 64); err == nil {
			return i
		}
	}
	return v
}

// Plain returns v with maps as map[string]any, lists as []any and whole
// numbers as int64, all the way down.
func Plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = Plain(e)
		}
		return out
	case Object:
		return Plain(map[string]any(v))
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Plain(e)
		}
		return out
	case []string:
		return Plain(asList(v))
	case int, float64, json.Number:
		return integerOf(v)
	}
	return v
}

// Clone returns a deep copy of o.
func (o Object) Clone() Object {
	if o == nil {
		return nil
	}
	return Plain(map[string]any(o)).(map[string]any)
}

// Zero reports whether a canonical value means the same as its absence:
// false, 0, "", an empty list or map, a map of zeros, or nil.
func Zero(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case int64:
		return v == 0
	case float64:
		return v == 0
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, e := range v {
			if !Zero(e) {
				return false
			}
		}
		return true
	case Object:
		return Zero(map[string]any(v))
	}
	return false
}

// Equal reports whether two canonical values of the field mean the same: an
// absent value equals the field's default, and without one every zero.
func (f *Field) Equal(a, b any) bool {
	a, b = f.orDefault(a), f.orDefault(b)
	if f != nil && f.Type == Map {
		// What is in it is its own affair: there, empty is not absent.
		x, _ := mapOf(a)
		y, _ := mapOf(b)
		return len(x) == 0 && len(y) == 0 || reflect.DeepEqual(a, b)
	}
	if Zero(a) && Zero(b) {
		return true
	}
	if f != nil && f.Type == Tree {
		return sameTree(a, b)
	}
	return reflect.DeepEqual(a, b)
}

func (f *Field) orDefault(v any) any {
	if v == nil && f != nil && f.Default != nil {
		return f.Default
	}
	return v
}

// Keys returns the keys of a map in order.
func Keys[M ~map[K]V, K ~string, V any](m M) []K { return slices.Sorted(maps.Keys(m)) }

// EqualValues reports whether two canonical values, of no particular field,
// mean the same: zeros equal absence.
func EqualValues(a, b any) bool { return Zero(a) && Zero(b) || reflect.DeepEqual(a, b) }
