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

// kept tells what a new realm has besides what its one file lists, and what
// Keycloak's own import does not make.
func (f *forward) kept() {
	type list struct {
		parent model.Address
		kind   *model.Kind
		named  bool // by others in the file: the import makes something of the name
	}
	more := map[list][]string{}
	var lists []list
	for _, it := range f.current.Sorted() {
		l := list{it.Parent, it.Kind, it.Kind.Implied && f.names[it.Addr]}
		// What the import makes of the file alone has below it what the file lists there.
		up := f.desired.Items[it.Parent]
		made := f.lists(it.Addr) || up != nil && !up.Fragment
		if f.desired.Items[it.Addr] != nil || !made || f.current.Sealed(it.Addr) != "" || it.Place().Besides || f.restored(it.Kind, string(it.Addr)) {
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
		comes := "leaves them out"
		if l.named {
			comes = "makes such as have nothing but the name, for others have it in the file"
		}
		list := strings.Join(place.Keys(), ".")
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "kept", Addr: at, Source: f.desired.Items[at].FieldSource(model.Pointer(place.Keys()...)),
			Summary: fmt.Sprintf("%s of %s does not list %s, which a new realm has: they stay; Keycloak's own import %s", list, at, strings.Join(more[l], ", "), comes)})
	}
}

// restored reports whether Keycloak's import of the file makes an object, or a field
// of one, as a new realm has it, see [model.Kind.Restored].
func (f *forward) restored(k *model.Kind, what string) bool {
	before, ok := k.Restored[what]
	before, beside, _ := strings.Cut(before, " ")
	if beside != "" && f.file.Items[model.Address(beside)] == nil {
		return false
	}
	return ok && (before == "" || f.desired.Exported != "" && !model.HasVersion(f.desired.Exported, before))
}

// unsaid tells what the one file does not say of objects that a new realm, or the
// server along with their parents, has by itself, unless that was told: it stays, where
// Keycloak's own import makes them of the file alone.
func (f *forward) unsaid(told map[string]bool) {
	base := fixtures.For(f.current.Server)
	type left struct {
		what  []string
		first *model.Item
	}
	var realms, parents left
	for _, it := range f.file.Sorted() {
		if f.desired.Items[it.Addr] == nil || it.Fragment || it.Kind.Singleton() || f.current.Sealed(it.Addr) != "" {
			continue
		}
		var parent, have model.Object
		up, l := f.file.Items[it.Parent], &realms
		if up != nil {
			parent = up.Fields
		}
		if now := f.now(it); now != nil {
			have = now.Fields
		} else if up != nil && f.now(up) == nil {
			have, l = it.Kind.SpawnedOn(f.current.Server.Version, it.Parent, parent)[it.Addr], &parents
		}
		for _, name := range unsaid(it, have, base.Default(it.Kind, it.Fields, parent, f.realm)) {
			of := fmt.Sprintf("%s of %s", name, it.Addr)
			if told[of] || f.restored(it.Kind, of) {
				continue
			}
			l.what, l.first = append(l.what, of), cmp.Or(l.first, it)
		}
	}
	for _, of := range []struct {
		left
		stays string
	}{{realms, "as a new realm has it"}, {parents, "as the server makes it by itself"}} {
		if of.first != nil {
			f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "kept", Addr: of.first.Addr, Source: of.first.Source,
				Summary: "what the file does not say stays " + of.stays + "; Keycloak's own import leaves it out: " + strings.Join(of.what, ", ")})
		}
	}
}

// unsaid returns the fields, and the keys of maps, that a desired object does not
// say and the one that is there has: otherwise than the server makes any new one.
func unsaid(it *model.Item, have, made model.Object) []string {
	var out []string
	for _, name := range model.Keys(have) {
		field := it.Kind.Fields.Get(name)
		if field == nil || field.Computed || field.Follows != "" {
			continue
		}
		says, declared := it.Fields[name]
		own, isMap := have[name].(map[string]any)
		if !isMap {
			if !declared && !field.Equal(have[name], made[name]) {
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
// a new realm: once for all of which the same is to be said. It returns of which
// fields it told.
func (f *forward) unlike() map[string]bool {
	type told struct {
		in   []string
		at   model.Address
		from model.Source
	}
	all, order := map[string]*told{}, []string(nil)
	fields := map[string]bool{}
	tell := func(it *model.Item, of func(model.Object, model.File) []model.Problem, source func(pointer string) model.Source) {
		if of == nil {
			return
		}
		for _, p := range of(it.Fields, f.around(it)) {
			if all[p.Summary] == nil {
				all[p.Summary] = &told{at: it.Addr, from: source(p.Pointer)}
				order = append(order, p.Summary)
			}
			t := all[p.Summary]
			t.in = append(t.in, string(it.Addr))
			fields[strings.Join(model.Segments(p.Pointer), ".")+" of "+string(it.Addr)] = true
		}
	}
	for _, it := range f.desired.Sorted() {
		tell(it, it.Kind.Unlike, it.FieldSource)
	}
	realm := f.desired.Items[model.Address(model.Realm.Name)]
	for _, it := range f.current.Sorted() {
		if f.desired.Items[it.Addr] == nil && realm != nil {
			tell(it, it.Kind.Unspoken, realm.FieldSource)
		}
	}
	for _, summary := range order {
		t := all[summary]
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "unlike", Addr: t.at, Source: t.from,
			Summary: strings.Join(t.in, ", ") + ": " + summary})
	}
	return fields
}

// around is what the file says around an object.
func (f *forward) around(it *model.Item) model.File {
	file := model.File{Addr: it.Addr, New: f.now(it) == nil, Of: func(a model.Address) model.Object {
		if other := f.desired.Items[a]; other != nil {
			return other.Fields
		}
		return nil
	}, Names: func(a model.Address) bool { return f.names[a] }, Lists: func(kind string) bool { return f.desired.Shown[kind] }}
	if f.older() {
		file.Exported = f.desired.Exported
	}
	return file
}
