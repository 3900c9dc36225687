package check

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// kept tells what a new realm has besides what its one file lists: Keycloak's own
// import makes most of such only where a file says nothing of all of them.
func (f *forward) kept() {
	type list struct {
		parent model.Address
		kind   *model.Kind
	}
	more := map[list][]string{}
	var lists []list
	for _, it := range f.current.Sorted() {
		l := list{it.Parent, it.Kind}
		// What the import makes of the file alone has below it what the file lists there.
		up := f.desired.Items[it.Parent]
		made := f.lists(it.Addr) || up != nil && !up.Fragment
		if f.desired.Items[it.Addr] != nil || !made || f.current.Sealed(it.Addr) != "" || it.Place().Besides {
			continue
		}
		if more[l] == nil {
			lists = append(lists, l)
		}
		more[l] = append(more[l], string(it.Addr))
	}
	for _, l := range lists {
		at, place := model.Address(model.Realm.Name), l.kind.Place("")
		if l.parent != "" {
			at, place = l.parent, l.kind.Place(model.KindOf(l.parent).Name)
		}
		list := strings.Join(place.Keys(), ".")
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "kept", Addr: at, Source: f.desired.Items[at].FieldSource(model.Pointer(place.Keys()...)),
			Summary: fmt.Sprintf("%s of %s does not list %s, which a new realm has: they stay, though Keycloak's own import may leave such out", list, at, strings.Join(more[l], ", "))})
	}
}

// unsaid tells what the one file does not say of objects that a new realm has by
// itself: it stays, where Keycloak's own import makes them of the file alone.
func (f *forward) unsaid() {
	base := fixtures.For(f.current.Server)
	var stays []string
	var first *model.Item
	for _, it := range f.desired.Sorted() {
		have := f.current.Items[it.Addr]
		if have == nil || it.Fragment || it.Kind.Singleton() || f.current.Sealed(it.Addr) != "" {
			continue
		}
		var parent model.Object
		if up := f.desired.Items[it.Parent]; up != nil {
			parent = up.Fields
		}
		for _, name := range unsaid(it, have, base.Default(it.Kind, it.Fields, parent, f.realm)) {
			stays = append(stays, fmt.Sprintf("%s of %s", name, it.Addr))
			first = cmp.Or(first, it)
		}
	}
	if first != nil {
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "kept", Addr: first.Addr, Source: first.Source,
			Summary: "what the file does not say stays as a new realm has it, though Keycloak's own import may leave it out: " + strings.Join(stays, ", ")})
	}
}

// unsaid returns the fields, and the keys of maps, that a desired object does not
// say and the one that is there has: otherwise than the server makes any new one.
func unsaid(it, have *model.Item, made model.Object) []string {
	var out []string
	for _, name := range model.Keys(have.Fields) {
		field := it.Kind.Fields.Get(name)
		if field == nil || field.Computed || field.Follows != "" {
			continue
		}
		says, declared := it.Fields[name]
		own, isMap := have.Fields[name].(map[string]any)
		if !isMap {
			if !declared && !field.Equal(have.Fields[name], made[name]) {
				out = append(out, name)
			}
			continue
		}
		said, _ := says.(map[string]any)
		given, _ := made[name].(map[string]any)
		for _, key := range model.Keys(own) {
			imported := slices.ContainsFunc(it.Kind.Imports, func(i model.Import) bool { return i.Field == name && i.Key == key })
			// In a map that is there and empty the import leaves out even that.
			usual := len(said) > 0 && reflect.DeepEqual(own[key], given[key])
			if _, ok := said[key]; !ok && !imported && !usual && !model.Zero(own[key]) {
				out = append(out, name+"."+key)
			}
		}
	}
	return out
}

// unlike tells what Keycloak's own import would make otherwise of the objects of
// a new realm: once for all of which the same is to be said.
func (f *forward) unlike() {
	type told struct {
		in   []string
		at   model.Address
		from model.Source
	}
	all, order := map[string]*told{}, []string(nil)
	for _, it := range f.desired.Sorted() {
		if it.Kind.Unlike == nil {
			continue
		}
		file := model.File{Addr: it.Addr, New: f.now(it) == nil, Of: func(a model.Address) model.Object {
			if other := f.desired.Items[a]; other != nil {
				return other.Fields
			}
			return nil
		}, Lists: func(kind string) bool { return f.desired.Shown[kind] }}
		if f.older() {
			file.Exported = f.desired.Exported
		}
		for _, p := range it.Kind.Unlike(it.Fields, file) {
			if all[p.Summary] == nil {
				all[p.Summary] = &told{at: it.Addr, from: it.FieldSource(p.Pointer)}
				order = append(order, p.Summary)
			}
			t := all[p.Summary]
			t.in = append(t.in, string(it.Addr))
		}
	}
	for _, summary := range order {
		t := all[summary]
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "unlike", Addr: t.at, Source: t.from,
			Summary: strings.Join(t.in, ", ") + ": " + summary})
	}
}
