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
			out = append(out, Edit{Path: at(name), Before: m, Secret: e.Secret})
			continue
		}
		stay = append(stay, name)
		for _, field := range memberFields(f, object(m), want) {
			if b, a := object(m)[field], want[field]; !reflect.DeepEqual(b, a) {
				out = append(out, Edit{Path: at(name, field), Before: b, After: a, Secret: e.Secret})
			}
		}
	}
	var kept []any // in the new order
	for _, m := range memberList(e.After) {
		name := f.Member(m)
		want = append(want, name)
		if before[name] == nil {
			out = append(out, Edit{Path: at(name), After: m, Secret: e.Secret})
			continue
		}
		kept = append(kept, name)
	}
	added := len(want) - len(kept)
	if !slices.Equal(stay, kept) || !slices.Equal(want[:len(want)-added], kept) {
		var have []any
		for _, m := range memberList(e.Before) {
			have = append(have, f.Member(m))
		}
		out = append(out, Edit{Path: e.Path, Before: have, After: want})
	}
	return out
}

// memberFields returns the names of the fields of two objects, known ones
// first and in their order.
func memberFields(f *model.Field, a, b map[string]any) []string {
	var out []string
	for _, sub := range f.Fields {
		out = append(out, sub.Name)
	}
	for _, m := range []map[string]any{a, b} {
		for _, name := range model.Keys(m) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
