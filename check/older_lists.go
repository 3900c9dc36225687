package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// forgive takes out of lists what names nothing, where Keycloak's import passes
// it over, or makes what the server lets nobody make.
func (f *forward) forgive() {
	for _, it := range f.desired.Sorted() {
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			why := "it is left out, as by Keycloak's own import"
			switch {
			case f.desired.Items[r.Addr] != nil || f.current.Items[r.Addr] != nil:
				continue
			case r.Field.Forgiven:
			case model.ParentOf(r.Addr) != "" && f.current.Sealed(r.Addr) != "":
				why = "it is left out, for the server lets nobody make it"
			default:
				continue
			}
			c := *f.desired.Items[it.Addr]
			c.Fields = c.Fields.Clone()
			if !drop(c.Fields, model.Segments(r.Pointer), r.Owner, r.Value) {
				continue
			}
			f.desired.Items[it.Addr] = &c
			src := it.ValueSource(r.Pointer, r.Value)
			if r.Owner != "" {
				src = it.ValueSource(r.Pointer+model.Pointer(r.Owner), r.Value)
			}
			f.out = append(f.out, model.Diagnostic{Severity: model.Warning, Code: "forgiven", Addr: it.Addr, Source: src,
				Summary: fmt.Sprintf("%s of %s names %s, which is neither in the file nor on the server: %s", r.Field.Name, it.Addr, r.Addr, why),
				Detail:  "remove it, or correct the name"})
		}
	}
}

// implied adds the objects that others name, that nobody declares, and that
// Keycloak makes when it imports the file.
func (f *forward) implied() {
	there := func(a model.Address) bool {
		return a == "" || f.desired.Items[a] != nil || f.current.Items[a] != nil
	}
	for _, it := range f.desired.Sorted() {
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			k := model.KindOf(r.Addr)
			made := f.current.Items[r.Addr] != nil
			if parent := f.desired.Items[model.ParentOf(r.Addr)]; parent != nil && k.MadeWith != nil && k.MadeWith(r.Addr.Key(), parent.Fields) {
				continue
			}
			if !k.Implied || f.current.Sealed(r.Addr) != "" || f.desired.Items[r.Addr] != nil || !there(model.ParentOf(r.Addr)) || made && !f.lists(r.Addr) {
				continue
			}
			src := it.ValueSource(r.Pointer, r.Value)
			if r.Owner != "" {
				src = it.ValueSource(r.Pointer+model.Pointer(r.Owner), r.Value)
			}
			f.desired.Items[r.Addr] = &model.Item{
				Addr: r.Addr, Kind: k, Parent: model.ParentOf(r.Addr), Source: src,
				Fields: model.Object{k.Key: r.Addr.Key()}, Shown: map[string]bool{},
			}
			if made {
				continue // by an apply before this one: it is the file's
			}
			f.out = append(f.out, model.Diagnostic{Severity: model.Warning, Code: "implied", Addr: r.Addr, Source: src,
				Summary: string(r.Addr) + " is named and not declared: it is made, as by Keycloak's own import", Detail: "declare it"})
		}
	}
}

// members adds to declared lists what the server has put into them by itself
// since the version of the export.
func (f *forward) members() {
	base := fixtures.For(f.current.Server)
	fresh, err := base.Fresh.State(f.desired.Realm)
	if err != nil {
		return // plans say so
	}
	newer := map[model.Address]bool{}
	for _, it := range f.desired.Sorted() {
		if f.current.Sealed(it.Addr) != "" {
			continue // nobody changes it, whatever is in the lists
		}
		var fields model.Object
		own := base.Default(it.Kind, it.Fields, nil, nil)
		if made := fresh.Items[it.Addr]; made != nil {
			own = made.Fields
		}
		for _, r := range it.Kind.Refs(it.Parent, own) {
			if fresh.Items[r.Addr] == nil || !f.stays(it, r.Addr) || f.desired.Items[r.Addr] != nil || !f.unknown(r.Addr) ||
				r.Field.Offered && fresh.Items[it.Addr] == nil && !f.came(r.Addr) {
				continue
			}
			if fields == nil {
				fields = it.Fields.Clone()
			}
			if add(map[string]any(fields), model.Segments(r.Pointer), r.Owner, r.Value) {
				newer[r.Addr] = true
			}
		}
		if fields != nil {
			c := *it
			c.Fields = it.Kind.Canonical(fields)
			f.desired.Items[it.Addr] = &c
		}
	}
	if len(newer) == 0 {
		return
	}
	var names []string
	for _, a := range slices.SortedFunc(maps.Keys(newer), model.CompareAddresses) {
		names = append(names, string(a))
	}
	f.out = append(f.out, model.Diagnostic{
		Severity: model.Note, Code: "older", Source: f.desired.ExportedAt,
		Summary: fmt.Sprintf("Keycloak %s did not know %s: they stay in the lists to which the server adds them", f.desired.Exported, strings.Join(names, ", ")),
	})
}

// stays reports whether the server has what would be added to an object: in the
// object, where that is there, for a realm may be as old as the file.
func (f *forward) stays(it *model.Item, a model.Address) bool {
	if have := f.current.Items[it.Addr]; have != nil && !f.current.Missing {
		return slices.ContainsFunc(it.Kind.Refs(it.Parent, have.Fields), func(r model.Ref) bool { return r.Addr == a })
	}
	return f.current.Items[a] != nil
}

// unknown reports whether the version of the export did not know an object that
// the files do not declare: they list others, and it is not known to be older, or
// it came later.
func (f *forward) unknown(a model.Address) bool {
	if model.KindOf(a).Came[a] != "" {
		return f.came(a)
	}
	since, _, _ := strings.Cut(model.KindOf(a).Restored[string(a)], " ")
	return f.lists(a) && (since == "" || !model.HasVersion(f.desired.Exported, since))
}

// came reports whether an object came with a version after that of the export, as
// Keycloak's import knows: it puts it into every list to which it belongs.
func (f *forward) came(a model.Address) bool {
	since, ok := model.KindOf(a).Came[a]
	return ok && !model.HasVersion(f.desired.Exported, since)
}

// lists reports whether the files list the objects beside the one at an
// address.
func (f *forward) lists(a model.Address) bool {
	shown := f.desired.Shown
	if parent := model.ParentOf(a); parent != "" {
		it := f.desired.Items[parent]
		if it == nil {
			return false
		}
		shown = it.Shown
	}
	return shown[model.KindOf(a).Name]
}

// add adds a value to the list to which segments lead, or there to that of an
// owner; false when no list is declared there.
func add(o map[string]any, segs []string, owner, value string) bool {
	return edit(o, segs, owner, true, func(l []any) []any { return append(l, value) })
}

// drop takes a value out of such a list.
func drop(o map[string]any, segs []string, owner, value string) bool {
	return edit(o, segs, owner, false, func(l []any) []any {
		return slices.DeleteFunc(slices.Clone(l), func(e any) bool { return e == value })
	})
}

// edit changes the list to which segments lead, or there that of an owner, which
// may be made; false when no list is declared there.
func edit(o map[string]any, segs []string, owner string, grow bool, change func([]any) []any) bool {
	for _, s := range segs[:len(segs)-1] {
		next, ok := o[s].(map[string]any)
		if !ok {
			return false
		}
		o = next
	}
	last := segs[len(segs)-1]
	if owner != "" {
		next, ok := o[last].(map[string]any)
		if !ok {
			return false
		}
		o, last = next, owner
		if o[last] == nil && grow {
			o[last] = []any{}
		}
	}
	l, ok := o[last].([]any)
	if ok {
		o[last] = change(l)
	}
	return ok
}
