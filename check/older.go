package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// Forward brings what files say that another version of Keycloak exported to
// the version of the server, as Keycloak itself does when it imports them. It
// changes only what nobody decided:
//
//   - In flows that the export calls the server's own, steps go of which the
//     server has no authenticator any more, and whole flows that it has not.
//   - Roles that the one file of a realm only names are made.
//   - Fields of the one file that Keycloak's import does not take give way to
//     what it makes of them.
//   - What the server makes along with an object goes where that has none.
//   - A map that the one file shows without a key says that there is none but
//     those of the server's own: it takes out no key that Keycloak's import
//     gives to all, and asks for none. Such a key new objects of an older
//     file get.
//   - What an older spelling adds to sets of an object is put beside what they
//     hold otherwise.
//   - Client scopes that lists of the one file name and nobody has are left out,
//     and old steps of flows become what the import makes of them.
//   - What the server has made by itself since the export's version stays in
//     the lists that it puts it into: the export did not know of it.
//   - What was the default in the export's version, and is another one now, is
//     left to the server.
//
// Where a new realm still comes to be another one than by Keycloak's import, it
// is told.
//
// The diagnostics say what was changed; the state itself is not.
func Forward(desired, current *model.State) (*model.State, model.Diagnostics) {
	f := &forward{desired: *desired, current: current, file: desired, names: map[model.Address]bool{}}
	for _, it := range desired.Items {
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			f.names[r.Addr] = true
		}
	}
	f.desired.Items = maps.Clone(desired.Items)
	if current.Server.Info != nil {
		f.flows(current.Server.Info)
	}
	f.join()
	if desired.Imported {
		f.realm = f.desired.Over(f.current, model.Address(model.Realm.Name))
		f.overrule()
		f.empty()
		f.give()
		f.same()
		f.idle()
		f.added()
		f.forgive()
		f.implied()
	}
	if f.older() {
		f.members()
		f.defaults()
	}
	if desired.Imported && current.Missing {
		f.kept()
		f.unsaid(f.unlike())
	}
	f.out.Sort()
	return &f.desired, f.out
}

type forward struct {
	desired model.State
	file    *model.State           // desired, as it was loaded
	names   map[model.Address]bool // what is named in it
	current *model.State
	out     model.Diagnostics
	realm   model.Object // as the file says it, before anything is overruled
}

// older reports whether an older minor version than the server's exported the
// file.
func (f *forward) older() bool {
	minor := strings.Join(strings.Split(f.current.Server.Version+"..", ".")[:2], ".")
	return f.desired.Exported != "" && !model.HasVersion(f.desired.Exported, strings.Trim(minor, "."))
}

func (f *forward) warn(it *model.Item, summary, detail string) {
	f.out = append(f.out, model.Diagnostic{Severity: model.Warning, Code: "older", Summary: summary, Detail: detail, Addr: it.Addr, Source: it.Source})
}

// join puts into sets what an older spelling adds to them ([model.Kind.Joins]):
// where the files say nothing of a set, beside what the object has in it, or a new
// one gets.
func (f *forward) join() {
	at := func(a model.Address) model.Object {
		if f.desired.Items[a] == nil && f.current.Items[a] == nil {
			return nil
		}
		return f.desired.Over(f.current, a)
	}
	for _, it := range f.desired.Sorted() {
		if it.Joins == nil {
			continue
		}
		fields := it.Fields.Clone()
		for name, members := range it.Joins {
			list, said := fields[name].([]any)
			if have := f.now(it); !said && have != nil {
				list, _ = have.Fields[name].([]any)
			} else if !said {
				list, _ = it.Kind.Followed(it.Kind.Fields.Get(name), it.Fields, at(model.Address(model.Realm.Name)), at).([]any)
			}
			fields[name] = slices.Concat(list, members.([]any))
		}
		f.become(it, it.Kind.Canonical(fields))
	}
}

// overrule gives fields the values that they get from Keycloak's import,
// whatever the file says of them.
func (f *forward) overrule() {
	for _, it := range f.desired.Sorted() {
		if it.Kind.Overrules == nil || f.current.Sealed(it.Addr) != "" {
			continue
		}
		c := *it
		c.Fields = it.Fields.Clone()
		for _, o := range it.Kind.Overrules(it.Fields) {
			in, at := map[string]any(c.Fields), []string{o.Field}
			if o.Key != "" {
				in, _ = in[o.Field].(map[string]any)
				at = append(at, o.Key)
			}
			key := at[len(at)-1]
			said, ok := in[key]
			newer := o.Dated && f.desired.Exported == "" || o.Before != "" && f.desired.Exported != "" && model.HasVersion(f.desired.Exported, o.Before)
			if !ok || newer || model.EqualValues(said, o.Value) {
				continue
			}
			if in[key] = o.Value; o.Value == nil {
				delete(in, key)
			}
			f.desired.Items[it.Addr] = &c
			f.out = append(f.out, model.Diagnostic{Severity: model.Warning, Code: "overruled", Addr: it.Addr, Source: it.FieldSource(model.Pointer(at...)),
				Summary: fmt.Sprintf("%s: %s is taken to be %s, as by Keycloak's own import, and not %s: %s", it.Addr, strings.Join(at, "."), shown(o.Value), shown(said), o.Why)})
		}
	}
}

// empty reads maps without a key as Keycloak's import does, whose own exports
// show one wherever nothing is said.
func (f *forward) empty() {
	for _, it := range f.desired.Sorted() {
		have := f.now(it)
		if have == nil {
			continue // it gets the defaults
		}
		fields := it.Fields.Clone()
		for i := range it.Kind.Fields {
			field := &it.Kind.Fields[i]
			if m, ok := fields[field.Name].(map[string]any); !ok || len(m) > 0 || field.Type != model.Dict && field.Type != model.MultiDict {
				continue
			}
			there, _ := have.Fields[field.Name].(map[string]any)
			without := map[string]any{}
			for key, v := range there {
				if !slices.ContainsFunc(it.Kind.Imports, func(given model.Import) bool {
					return field.Name == given.Field && key == given.Key && v == given.Value
				}) {
					without[key] = nil
				}
			}
			if fields[field.Name] = without; len(without) == 0 {
				delete(fields, field.Name)
			}
		}
		f.become(it, fields)
	}
}

// give gives new objects of an older file what they have after Keycloak's own
// import of it.
func (f *forward) give() {
	to, order := map[*model.Import][]*model.Item{}, []*model.Import(nil)
	for _, it := range append(f.desired.Sorted(), f.untold()...) {
		isNew := f.now(it) == nil
		if it.Kind.Singleton() {
			isNew = f.current.Missing // it comes with the realm
		}
		for i := range it.Kind.Imports {
			given := &it.Kind.Imports[i]
			has := f.has(given, it)
			// The import makes what every realm has anew, too.
			anew := isNew || f.current.Missing && !has && !idle(given, it)
			if !anew && !has || !f.gives(given, it) || !anew {
				continue
			}
			if to[given] == nil {
				order = append(order, given)
			}
			to[given] = append(to[given], it)
		}
	}
	for _, given := range order {
		items := to[given]
		names := make([]string, len(items))
		for i, it := range items {
			names[i] = string(it.Addr)
		}
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "given", Addr: items[0].Addr, Source: items[0].Source,
			Summary: fmt.Sprintf("%s is made %s, as by Keycloak's own import, of %s: %s", cmp.Or(given.Key, given.Field), given.Value, strings.Join(names, ", "), given.Why)})
	}
}

// idle reports whether an object with what is given says no more than without.
func idle(given *model.Import, it *model.Item) bool {
	f := it.Kind.Fields.Get(given.Field)
	return f.Idle != nil && f.Idle(it.Fields, given.Key, given.Value)
}

// has reports whether an object that is there was given a key: it keeps it.
func (f *forward) has(given *model.Import, it *model.Item) bool {
	have := f.now(it)
	if have == nil {
		return false
	}
	keys, _ := have.Fields[given.Field].(map[string]any)
	return given.Key != "" && keys[given.Key] == given.Value
}

// gives gives one object one of these, unless the file says it.
func (f *forward) gives(given *model.Import, it *model.Item) bool {
	before := f.desired.Exported != "" && !model.HasVersion(f.desired.Exported, given.Before) && model.HasVersion(f.current.Server.Version, given.Before)
	if !before || given.Of != nil && !given.Of(it.Fields, f.realm) {
		return false
	}
	if now := f.desired.Items[it.Addr]; now != nil {
		it = now // with what it was given already
	}
	fields := it.Fields.Clone()
	in, key := map[string]any(fields), given.Field
	if given.Key != "" {
		keys, _ := it.Fields[given.Field].(map[string]any)
		if keys = maps.Clone(keys); keys == nil {
			keys = map[string]any{}
		}
		fields[given.Field] = keys
		in, key = keys, given.Key
	}
	if _, said := in[key]; said {
		return false
	}
	in[key] = given.Value
	f.become(it, fields)
	return true
}

// untold are the objects of which every realm has one and the file says nothing.
func (f *forward) untold() []*model.Item {
	var out []*model.Item
	for _, k := range model.Kinds() {
		if a := model.Address(k.Name); k.Imports != nil && k.Singleton() && f.desired.Items[a] == nil {
			out = append(out, &model.Item{Addr: a, Kind: k, Source: f.desired.ExportedAt, Fields: model.Object{}, Shown: map[string]bool{}})
		}
	}
	return out
}

// now returns the object on the server that a desired one is, under whatever
// name; nil when it is new.
func (f *forward) now(it *model.Item) *model.Item {
	if have := f.current.Items[it.Addr]; have != nil {
		return have
	}
	if it.Previously != "" {
		return f.current.Items[it.Previously]
	}
	// What is always the same object comes to be called as the file calls it.
	for _, holder := range f.desired.Items {
		for i := range holder.Kind.Fields {
			field, own := &holder.Kind.Fields[i], f.current.Items[holder.Addr]
			if !field.Same || own == nil {
				continue
			}
			name, _ := holder.Fields[field.Name].(string)
			was, _ := own.Fields[field.Name].(string)
			if name != "" && was != "" && field.Target(holder.Addr, "", name) == it.Addr {
				return f.current.Items[field.Target(holder.Addr, "", was)]
			}
		}
	}
	return nil
}

// same tells of an object of the file that is taken to be the one which the
// server makes along with a new realm, though the file does not name it so.
func (f *forward) same() {
	if !f.current.Missing {
		return
	}
	for _, it := range f.desired.Sorted() {
		for i := range it.Kind.Fields {
			field, own := &it.Kind.Fields[i], f.current.Items[it.Addr]
			if !field.Same || it.Fields[field.Name] != nil || own == nil {
				continue
			}
			name, _ := own.Fields[field.Name].(string)
			if to := f.desired.Items[field.Target(it.Addr, "", name)]; to != nil && !to.Fragment {
				f.warn(to, fmt.Sprintf("%s is taken to be the %s of the realm, which the file does not name; Keycloak's own import would make another one beside it", to.Addr, field.Name),
					fmt.Sprintf("write %s: {%s: %s} in the realm, or call it otherwise", field.Name, field.Wrap, name))
			}
		}
	}
}

// defaults leaves to the server what was the default in the export's version
// and is another now: nobody decided it.
func (f *forward) defaults() {
	now := fixtures.For(f.current.Server)
	then := fixtures.For(model.Server{Version: f.desired.Exported})
	var left []string
	var first *model.Item
	for _, it := range f.desired.Sorted() {
		was, is, have := then.Fresh.Items[it.Addr], now.Fresh.Items[it.Addr], f.current.Items[it.Addr]
		if was == nil || is == nil || have == nil {
			continue
		}
		fields := it.Fields.Clone()
		for i := range it.Kind.Fields {
			field := &it.Kind.Fields[i]
			switch fields[field.Name].(type) {
			case string, bool, int64:
			default:
				continue
			}
			if field.Ref == "" && !field.Equal(was[field.Name], is[field.Name]) && field.Equal(fields[field.Name], was[field.Name]) && field.Equal(have.Fields[field.Name], is[field.Name]) {
				delete(fields, field.Name)
				left = append(left, fmt.Sprintf("%s of %s", field.Name, it.Addr))
				if first == nil {
					first = it
				}
			}
		}
		if len(fields) < len(it.Fields) {
			f.become(it, fields)
		}
	}
	if first != nil {
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "older", Addr: first.Addr, Source: first.Source,
			Summary: fmt.Sprintf("what was the default in Keycloak %s, and is not any more, is left to the server: %s", f.desired.Exported, strings.Join(left, ", "))})
	}
}

// become gives a desired object other fields.
func (f *forward) become(it *model.Item, fields model.Object) {
	c := *it
	c.Fields = fields
	f.desired.Items[it.Addr] = &c
}

// shown returns a value for messages.
func shown(v any) string {
	if v == nil {
		return "none"
	}
	switch v := v.(type) {
	case []any:
		words := make([]string, len(v))
		for i, e := range v {
			words[i] = shown(e)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case map[string]any:
		var words []string
		for _, key := range model.Keys(v) {
			if !model.Zero(v[key]) {
				words = append(words, key+": "+shown(v[key]))
			}
		}
		return "{" + strings.Join(words, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// idle leaves out what the server makes along with another object where that, as
// it will be, has none: an export holds it from a time when it had.
func (f *forward) idle() {
	for _, it := range f.desired.Sorted() {
		if !it.Kind.Spawned || it.Kind.When == nil || f.desired.Items[it.Parent] == nil {
			continue
		}
		if it.Kind.When(f.desired.Over(f.current, it.Parent)) {
			continue
		}
		delete(f.desired.Items, it.Addr)
		f.warn(it, fmt.Sprintf("%s is left out: %s, as it is configured, has none", it.Addr, it.Parent), "declare "+it.Kind.WhenText+" there, or take it out")
	}
}

// added lets members stay that the server puts by itself into the lists of a
// new object, or the import into those of a realm: who wrote the file did not
// know of them.
func (f *forward) added() {
	var in []*model.Item
	var names []string
	keep := func(it *model.Item, field *model.Field, member any, there func(model.Address) bool) {
		now := f.desired.Items[it.Addr]
		list, ok := now.Fields[field.Name].([]any)
		target, _ := member.(string)
		if !ok || slices.Contains(list, member) || !there(field.Target(it.Addr, "", target)) {
			return
		}
		c := *now
		c.Fields = now.Fields.Clone()
		c.Fields[field.Name] = append(slices.Clone(list), member)
		c.Fields = c.Kind.Canonical(c.Fields)
		f.desired.Items[it.Addr] = &c
		in, names = append(in, it), append(names, fmt.Sprintf("%s of %s: %s", field.Name, it.Addr, target))
	}
	for _, it := range f.desired.Sorted() {
		for i := range it.Kind.Fields {
			if field := &it.Kind.Fields[i]; field.Retains != "" {
				keep(it, field, field.Retains, func(a model.Address) bool {
					return f.desired.Items[a] == nil && f.stays(it, a) && f.lists(a)
				})
			}
		}
		if it.Kind.Adds == nil {
			continue
		}
		for name, v := range it.Kind.Adds(it.Fields) {
			members, _ := v.([]any)
			for _, m := range members {
				keep(it, it.Kind.Fields.Get(name), m, func(a model.Address) bool {
					return f.stays(it, a) || f.desired.Items[a] != nil && f.current.Items[it.Addr] == nil
				})
			}
		}
	}
	if len(in) > 0 {
		f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "added", Addr: in[0].Addr, Source: in[0].Source,
			Summary: "what the server puts into lists by itself stays there, as by Keycloak's own import: " + strings.Join(names, ", ")})
	}
}
