package model

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value says what a server takes where the type of a field leaves more open.
// What it would refuse, or take and fail on ever after, is refused before
// anything is written. A value is never narrower than any supported server.
type Value struct {
	// Want says in words what is taken, where Like or Min and Max do.
	Want string
	// Min and Max are the bounds of a whole number; a text then has to be one.
	// Without a Max any value is taken.
	Min, Max int64
	// Most is the greatest number of characters; 0 is any.
	Most int
	// Like is what a text looks like, and Unlike what must not be in it.
	Like, Unlike *regexp.Regexp
	// Enum lists the texts that are taken; empty: any.
	Enum []string
	// Split is what stands between several values in one text.
	Split string
	// Test reports whether a text is one, where no pattern can say that.
	Test func(text string) bool
	// Filled says that an empty text is not taken, either.
	Filled bool
	// Needed says that a configuration has to have the key, see [Kind.Lacks].
	Needed bool
	// Beside names another key of the same map, and Agrees says what is wrong with
	// a text beside the one that stands there; "" where nothing is.
	Beside string
	Agrees func(text, beside string) string
	// Of are the providers, as the object names them, for which that is so; empty:
	// any.
	Of []string
	// Since is the first version (major.minor) that refuses other values.
	Since string
	// Until is the first version that takes other values, too.
	Until string
	// Harm says what becomes of a server that has another value; "" where it
	// refuses that.
	Harm string
}

// columnLength is how many characters the server's database has room for in
// most of its columns.
const columnLength = 255

// exact is the bound up to which every whole number is exact in JSON.
const exact = 1<<53 - 1

// int32s are the whole numbers that most of the server's fields can hold.
var int32s = Value{Min: math.MinInt32, Max: math.MaxInt32}

// whole returns the whole numbers from min on, as far as the server counts.
func whole(minimum int64) Value { return Value{Min: minimum, Max: math.MaxInt32} }

// broken returns the value with what becomes of a server that has another one.
func (v Value) broken(harm string) Value { v.Harm = harm; return v }

// of returns the value as that of a property of some providers only.
func (v Value) of(providers ...string) Value { v.Of = providers; return v }

// needed returns the value as one that a configuration has to have.
func (v Value) needed() Value { v.Needed = true; return v }

// filled returns the value without the empty text.
func (v Value) filled() Value { v.Filled = true; return v }

// since returns the value as one that older servers do not ask for.
func (v Value) since(version string) Value { v.Since = version; return v }

// until returns the value as one that newer servers do not ask for.
func (v Value) until(version string) Value { v.Until = version; return v }

// oneOf returns the value that is one of some texts.
func oneOf(texts ...string) Value { return Value{Enum: texts} }

// takes says which of the values of its type the field takes; of a set, list
// or map it says so of each member.
func (f Field) takes(v Value) Field { f.Takes = &v; return f }

// most says how many characters there is room for.
func (f Field) most(n int) Field {
	v := Value{Most: n}
	if f.Takes != nil {
		v = *f.Takes
		v.Most = n
	}
	return f.takes(v)
}

// entry says which values are taken under a key of a map, beside what was said
// of it before; a key that ends in "*" stands for all that begin so.
func (f Field) entry(v Value, keys ...string) Field {
	entries := maps.Clone(f.Entries)
	if entries == nil {
		entries = map[string][]Value{}
	}
	for _, k := range keys {
		entries[k] = append(slices.Clip(entries[k]), v)
	}
	f.Entries = entries
	return f
}

// anyKeys says that the keys of a map can be of any length.
func (f Field) anyKeys() Field { f.KeyMost = 0; return f }

// short is a text for which the server has room of one column.
func short(name string) Field { return str(name).most(columnLength) }

// long is a whole number for which the server has twice the room of others.
func long(name string) Field {
	return field(name, Integer).takes(Value{Min: -exact, Max: exact})
}

// count is a whole number that is not negative.
func count(name string) Field { return field(name, Integer).takes(whole(0)) }

// Entry returns what is taken under a key of the field's map, which configures a
// provider if it is not ""; none is anything.
func (f *Field) Entry(key, provider string) []Value {
	values, ok := f.Entries[key]
	for k, v := range f.Entries {
		if prefix, all := strings.CutSuffix(k, "*"); all && !ok && strings.HasPrefix(key, prefix) {
			values, ok = v, true
		}
	}
	if !ok && f.Takes != nil {
		values = []Value{*f.Takes}
	}
	return slices.DeleteFunc(slices.Clone(values), func(v Value) bool { return !v.isFor(provider) })
}

// Wrong returns why the server would not take the text or number, in words
// that follow on its name, or "". The value itself is shown unless it is
// secret.
func (v *Value) Wrong(val any, secret bool) string {
	if v == nil {
		return ""
	}
	text, ok := textOf(val).(string)
	if !ok {
		return "" // of another type, which is told
	}
	if text == "" {
		if v.Filled {
			return "must be " + v.want() + ", and is empty"
		}
		return ""
	}
	if v.Most > 0 && utf8.RuneCountInString(text) > v.Most {
		return fmt.Sprintf("has %d characters; the server has room for %d", utf8.RuneCountInString(text), v.Most)
	}
	parts := []string{text}
	if v.Split != "" {
		parts = strings.Split(text, v.Split)
	}
	for _, part := range parts {
		if !v.has(part) {
			if secret {
				return "must be " + v.want() + ", and is something else"
			}
			if _, isText := val.(string); isText {
				part = shown(part)
			}
			return fmt.Sprintf("must be %s, not %s", v.want(), part)
		}
	}
	return ""
}

func (v *Value) has(text string) bool {
	if v.Max != 0 {
		n, err := strconv.ParseInt(text, 10, 64)
		return err == nil && v.Min <= n && n <= v.Max
	}
	return (v.Enum == nil || slices.Contains(v.Enum, text)) &&
		(v.Like == nil || v.Like.MatchString(text)) &&
		(v.Unlike == nil || !v.Unlike.MatchString(text)) &&
		(v.Test == nil || v.Test(text))
}

// want says in words what the value is.
func (v *Value) want() string {
	switch {
	case v.Want != "":
		return v.Want
	case v.Max != 0 && v.Min < 0:
		return fmt.Sprintf("a whole number up to %d", v.Max)
	case v.Max != 0:
		return fmt.Sprintf("a whole number from %d to %d", v.Min, v.Max)
	case len(v.Enum) > 1:
		return strings.Join(v.Enum[:len(v.Enum)-1], ", ") + " or " + v.Enum[len(v.Enum)-1]
	}
	return strings.Join(v.Enum, "")
}

// shown quotes a value, shortened when it is long.
func shown(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Wrong returns what is wrong with single values of an object of the kind for
// a server of the version, or for all when it is empty. The function value
// gives the text that a reference stands for, if that is known.
func (k *Kind) Wrong(o Object, version string, value func(Reference) (string, bool)) []Problem {
	w := wrong{version: version, value: value}
	w.object(k.Fields, o, nil, "")
	return w.found
}

// Missing returns the fields without which no server makes an object of the kind,
// and which a new one does not have.
func (k *Kind) Missing(o Object) []string {
	var out []string
	for _, f := range k.Fields {
		if f.OfNew && o[f.Name] == nil {
			out = append(out, f.Name)
		}
	}
	return out
}

// Lacks returns what the configuration of an object needs and has not, which is
// given as it will be. What the server has without it already, and takes, is left
// to it: have is the object as it is, nil when it is new.
func (k *Kind) Lacks(o, have Object) []Problem {
	return lacks(k.Fields, o, have, "")
}

func lacks(fs Fields, o, have map[string]any, at string) []Problem {
	var out []Problem
	for i := range fs {
		f := &fs[i]
		if f.Type == List && len(f.Fields) > 0 {
			was, _ := have[f.Name].([]any)
			for i, e := range asList(o[f.Name]) {
				if m, ok := mapOf(e); ok && !slices.ContainsFunc(was, func(w any) bool { return reflect.DeepEqual(w, e) }) {
					out = append(out, lacks(f.Fields, m, nil, at+Pointer(f.Name, strconv.Itoa(i)))...)
				}
			}
			continue
		}
		config, _ := mapOf(o[f.Name])
		was, _ := mapOf(have[f.Name])
		for _, key := range Keys(f.Entries) {
			for _, v := range f.Entries[key] {
				if !v.Needed || !v.isFor(f.provider(o, nil)) || f.given(config[key]) || have != nil && v.Harm != "" && !f.given(was[key]) {
					continue
				}
				out = append(out, Problem{Pointer: at + Pointer(f.Name), Summary: fmt.Sprintf("%s of %s needs %s", f.Name, f.provider(o, nil), key), Detail: v.Harm})
			}
		}
	}
	return out
}

// given reports whether a value in the field's map is there, and more than space
// where that is no value.
func (f *Field) given(v any) bool {
	if f.Present {
		return v != nil
	}
	s, isText := v.(string)
	return !Zero(v) && !(isText && strings.TrimSpace(s) == "")
}

// provider returns what the configuration in a field is that of, by the object
// which has it or the one around that.
func (f *Field) provider(o, around map[string]any) string {
	by := "providerId"
	if f.Names != nil && f.Names.ConfigOf != "" {
		by = f.Names.ConfigOf
	}
	if name, ok := o[by].(string); ok {
		return name
	}
	name, _ := around[by].(string)
	return name
}

// isFor reports whether the value is one of a provider's configuration.
func (v *Value) isFor(provider string) bool { return v.Of == nil || slices.Contains(v.Of, provider) }

// CalledBy reports whether a problem is that the server refuses what an object
// of the kind is called: it does so when it makes one, and not in an import.
func (k *Kind) CalledBy(p Problem) bool {
	return k.Key != "" && p.Pointer == Pointer(k.Key) && p.Detail == ""
}

type wrong struct {
	version string
	value   func(Reference) (string, bool)
	found   []Problem
}

func (w *wrong) object(fs Fields, o, around map[string]any, at string) {
	for _, name := range Keys(o) {
		if f := fs.Get(name); f != nil && !f.Computed {
			w.field(f, o, around, o[name], at+Pointer(name))
		}
	}
}

func (w *wrong) field(f *Field, o, around map[string]any, v any, at string) {
	nested := func(e any, at string) {
		m, _ := mapOf(e)
		w.object(f.Fields, m, o, at)
		if below, ok := m[f.Name]; ok && f.Type == Tree {
			w.field(f, m, o, below, at+Pointer(f.Name))
		}
	}
	m, isMap := mapOf(v)
	l, isList := v.([]any)
	switch {
	case len(f.Fields) > 0 && isMap:
		nested(m, at)
	case len(f.Fields) > 0:
		for i, e := range l {
			nested(e, at+Pointer(strconv.Itoa(i)))
		}
	case f.Type == Dict || f.Type == MultiDict || f.Type == Map && f.Entries != nil:
		w.entries(f, f.provider(o, around), m, at)
	case isMap:
	case isList:
		for _, e := range l {
			w.one(f.Takes, e, at, f.Secret)
		}
	case f.Type == Boolean:
		truth := oneOf("true", "false")
		w.one(&truth, v, at, false)
	default:
		if f.Enum != nil && strings.Count(at, "/") == 1 { // of trees, old ones are told apart
			w.one(&Value{Enum: f.Enum}, v, at, f.Secret)
		}
		w.one(f.Takes, v, at, f.Secret)
	}
}

// entries checks a map of texts, which may configure a provider.
func (w *wrong) entries(f *Field, provider string, m map[string]any, at string) {
	for _, key := range Keys(m) {
		here := at + Pointer(key)
		if n := utf8.RuneCountInString(key); f.KeyMost > 0 && n > f.KeyMost {
			w.found = append(w.found, Problem{Pointer: here, Summary: fmt.Sprintf("the name has %d characters; the server has room for %d", n, f.KeyMost), Detail: "shorten it"})
		}
		for _, v := range f.Entry(key, provider) {
			for _, e := range asList(m[key]) {
				w.one(&v, e, here, f.Secret || f.secretKey(key))
			}
			if v.Beside != "" {
				w.beside(&v, m[key], m[v.Beside], here)
			}
		}
	}
}

// beside checks a text beside another of the same map, where both are known.
func (w *wrong) beside(v *Value, text, other any, at string) {
	a, _, known := w.text(text)
	b, _, both := w.text(other)
	if !known || !both || a == "" || b == "" {
		return
	}
	if why := v.Agrees(a, b); why != "" {
		w.found = append(w.found, Problem{Pointer: at, Summary: why, Detail: v.Harm})
	}
}

// text returns what a value is, or stands for, and whether it is a reference.
func (w *wrong) text(val any) (text string, outside, known bool) {
	r, ok := val.(Reference)
	switch {
	case !ok:
		text, known = textOf(val).(string)
		return text, false, known && text != Mask
	case w.value == nil:
		return "", true, false
	}
	text, known = w.value(r)
	return text, true, known
}

func (w *wrong) one(v *Value, val any, at string, secret bool) {
	switch {
	case v == nil,
		v.Since != "" && (w.version == "" || !HasVersion(w.version, v.Since)),
		v.Until != "" && (w.version == "" || HasVersion(w.version, v.Until)):
		return
	}
	if text, outside, known := w.text(val); outside {
		if !known {
			return
		}
		val, secret = text, true
	}
	if text := v.Wrong(val, secret); text != "" {
		p := Problem{Pointer: at, Summary: text, Detail: v.Harm}
		if !secret {
			p.Member, _ = textOf(val).(string)
		}
		w.found = append(w.found, p)
	}
}
