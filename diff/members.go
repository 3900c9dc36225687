package diff

import (
	"reflect"
	"slices"

	"github.com/kcsync/kcsync/model"
)

func memberList(v any) []any {
	l, _ := v.([]any)
	return l
}

// members returns the objects of a list by name.
func members(f *model.Field, v any) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, e := range memberList(v) {
		if m := object(e); m != nil {
			out[f.Member(e)] = m
		}
	}
	return out
}

// memberEdits takes an edit of a list of named objects apart: what differs in
// each, by name, and last the order if that changes by more than what comes
// and goes.
func memberEdits(f *model.Field, e Edit) []Edit {
	before, after := members(f, e.Before), members(f, e.After)
	at := func(segments ...string) string { return e.Path + model.Pointer(segments...) }
	var out []Edit
	var stay, want []any
	for _, m := range memberList(e.Before) {
		name := f.Member(m)
		want := after[name]
		if want == nil {
			out = append(out, Edit{Path: at(name), Before: m})
			continue
		}
		stay = append(stay, name)
		out = append(out, memberFields(f, at(name), object(m), want)...)
	}
	var kept []any // in the new order
	for _, m := range memberList(e.After) {
		name := f.Member(m)
		want = append(want, name)
		if before[name] == nil {
			bare := map[string]any{f.Named: name}
			out = append(out, Edit{Path: at(name), After: bare})
			out = append(out, memberFields(f, at(name), bare, object(m))...)
			continue
		}
		kept = append(kept, name)
	}
	added := len(want) - len(kept)
	if !f.Unordered && (!slices.Equal(stay, kept) || !slices.Equal(want[:len(want)-added], kept)) {
		out = append(out, Edit{Path: e.Path, Before: stay, After: want})
	}
	return out
}

// memberFields returns what differs in one member, known fields first and in
// their order; of those that are objects themselves, what differs in them.
func memberFields(f *model.Field, at string, a, b map[string]any) []Edit {
	var names []string
	for _, sub := range f.Fields {
		names = append(names, sub.Name)
	}
	for _, m := range []map[string]any{a, b} {
		for _, name := range model.Keys(m) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var out []Edit
	for _, name := range names {
		before, after, path := a[name], b[name], at+model.Pointer(name)
		sub := f.Fields.Get(name)
		x, y := object(before), object(after)
		switch {
		case reflect.DeepEqual(before, after):
		case sub != nil && (sub.Type == model.Struct || sub.Type == model.Map) && x != nil && y != nil:
			out = append(out, memberFields(sub, path, x, y)...)
		default:
			out = append(out, Edit{Path: path, Before: before, After: after})
		}
	}
	return out
}
