package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// differences are what is not as one item's file says.
type differences struct {
	c        *comparison
	it       *model.Item
	creating bool // the object is to be created
	have     model.Object
	def      model.Object

	edits []Edit
	// withheld are the paths of edits of secrets of which the server shows
	// not even a mask; they are made only along with others.
	withheld map[string]bool
	fixed    []Edit // of fields that can only be set when the object is created
	failed   bool

	hides      []string        // keys that the server takes with a new object only
	unreadable []string        // secrets that cannot be compared
	masked     []string        // secrets that the file holds only as a mask
	unset      []string        // fields whose references stand for nothing
	missing    map[string]bool // and why
}

// differences compares an item with the fields of the object on the server,
// fields in registry order and keys in theirs.
func (c *comparison) differences(it *model.Item, have model.Object, creating bool) *differences {
	d := &differences{c: c, it: it, have: have, creating: creating, withheld: map[string]bool{}, missing: map[string]bool{}}
	if have != nil && asksDefault(map[string]any(it.Fields)) {
		d.def = c.defaults(it.Addr)
	}
	d.fields(it.Kind.Fields, it.Fields, have, d.def, "")
	d.evict()
	if len(d.edits) == len(d.withheld) && !c.opt.WriteSecrets {
		for _, e := range d.edits {
			d.unreadable = append(d.unreadable, e.Path)
		}
		d.edits = nil
	}
	return d
}

// evict adds what goes from a field of which the file says nothing because it
// is put into another that excludes it, by the word of [model.Link.Exclusive].
func (d *differences) evict() {
	for _, e := range d.edits {
		f := d.it.Kind.Fields.At(e.Path)
		if d.have == nil || f == nil || f.Link == nil || f.Link.Exclusive == "" {
			continue
		}
		other := f.Link.Exclusive
		if _, declared := d.it.Fields[other]; declared {
			continue
		}
		there := listOf(d.have[other])
		stay := slices.DeleteFunc(slices.Clone(there), func(m any) bool { return slices.Contains(listOf(e.After), m) })
		if len(stay) < len(there) {
			d.edits = append(d.edits, Edit{Path: model.Pointer(other), Before: there, After: stay})
		}
	}
	sortEdits(d.edits, d.it.Kind.Fields)
}

// asksDefault reports whether a value, or one within it, asks for the
// server's default.
func asksDefault(v any) bool {
	if v == nil {
		return true
	}
	m := object(v)
	if m == nil {
		return false
	}
	for _, e := range m {
		if asksDefault(e) {
			return true
		}
	}
	return len(m) == 0
}

func (d *differences) fields(fs model.Fields, want, have, def map[string]any, at string) {
	for i := range fs {
		f := &fs[i]
		if v, ok := want[f.Name]; ok && !f.Computed {
			d.field(f, v, have[f.Name], def[f.Name], at+model.Pointer(f.Name))
		}
	}
	for _, name := range model.Keys(want) {
		if fs.Get(name) == nil {
			d.value(value{secret: looksSecret(name), path: at + model.Pointer(name)}, want[name], have[name], def[name])
		}
	}
}

func (d *differences) field(f *model.Field, want, have, def any, path string) {
	if want != nil && !model.HasVersion(d.c.server.Version, f.Since) {
		d.fail(CodeSince, path, fmt.Sprintf("%s exists since Keycloak %s; the server is %s", dotted(path), f.Since, d.c.server.Version), "")
		return
	}
	if !model.Zero(want) && !d.c.server.Has(f.Feature) {
		d.fail(CodeFeature, path, fmt.Sprintf("%s needs the server feature %s, which is off", dotted(path), f.Feature), startWith(f.Feature))
		return
	}
	if f.Initial && d.have != nil {
		return
	}
	switch f.Type {
	case model.Dict, model.MultiDict:
		if keys, ok := entries(want, have, def); ok {
			h, n := object(have), object(def)
			for _, key := range model.Keys(keys) {
				if keys[key] == nil && slices.Contains(f.MadeKeys, key) {
					continue
				}
				if d.have != nil && d.hidden(f, key) {
					if !model.Zero(keys[key]) {
						d.hides = append(d.hides, path+model.Pointer(key))
					}
					continue
				}
				secret := slices.Contains(f.SecretKeys, key)
				d.value(value{of: f, verbatim: f.Verbatim, immutable: f.Immutable, secret: secret || looksSecret(key), path: path + model.Pointer(key)}, keys[key], h[key], n[key])
			}
			return
		}
	case model.Struct:
		if sub, ok := entries(want, have, def); ok {
			d.fields(f.Fields, sub, object(have), object(def), path)
			return
		}
	}
	d.value(value{field: f, immutable: f.Immutable, secret: f.Secret, path: path}, want, have, def)
}

// entries returns what is wanted of a map, by key. An empty map and null ask
// for the default of every key that there is.
func entries(want, have, def any) (map[string]any, bool) {
	m := object(want)
	if m == nil && want != nil {
		return nil, false
	}
	if len(m) > 0 {
		return m, true
	}
	out := map[string]any{}
	for key := range object(have) {
		out[key] = nil
	}
	for key := range object(def) {
		out[key] = nil
	}
	return out, true
}

// value says what is compared.
type value struct {
	field     *model.Field // nil: a key of a map, or a field that the registry does not know
	of        *model.Field // the map, where it is a key
	verbatim  bool         // "" is a text
	immutable bool
	secret    bool
	path      string
}

func (d *differences) value(v value, want, have, def any) {
	have = model.Literal(have)
	if v.field != nil && v.field.Veil != nil && have == model.Mask {
		return // see unveil
	}
	if want == nil {
		if v.secret && v.of == nil || def == model.Mask {
			return // any secret that the server made is its default
		}
		if d.creating && d.have == nil {
			return // what is not sent is the default
		}
		want = d.c.standing(v.field, def)
		if name, ok := want.(string); ok && v.field != nil && v.field.Ref != "" && want != have && !d.c.blind() && !d.c.stands(v.field.Target("", "", name)) {
			d.fail("no-default", v.path, fmt.Sprintf("%s is null, and the default is %s, which is not there any more", dotted(v.path), name), "name the one that is meant")
			return
		}
	}
	if v.of != nil && want == "" && !v.verbatim {
		want = nil
	}
	if want == model.Mask {
		if d.creating {
			d.fail("masked-value", v.path, dotted(v.path)+" is "+model.Mask+", which is what a server shows in place of a secret", "write the secret as ${env:NAME}")
		} else {
			d.masked = append(d.masked, v.path)
		}
		return
	}
	if v.field != nil && v.field.Type == model.Tree {
		d.tree(v, want, have)
		return
	}
	resolved, secret, err := d.c.resolve(v.field, want)
	if _, several := resolved.([]any); secret && several && v.of != nil {
		resolved = v.of.Texts(resolved)
	}
	v.secret = v.secret || secret
	if err != nil {
		if d.creating && !d.c.opt.Recorded {
			d.fail("unset-reference", v.path, fmt.Sprintf("%s is needed to create the object: %v", dotted(v.path), err), "")
		} else {
			d.unset = append(d.unset, v.path)
			d.missing[err.Error()] = true
		}
		return
	}
	edit := Edit{Path: v.path, Before: have, After: want, Secret: v.secret}
	if have == model.Mask {
		switch {
		case model.Zero(want), isVault(want), d.c.opt.WriteSecrets:
			edit.Secret = true
		default:
			d.unreadable = append(d.unreadable, v.path)
			return
		}
	} else if v.field.Equal(resolved, have) && !(v.verbatim && resolved != have) {
		return
	} else if v.field != nil && v.field.Grows {
		missing := v.field.Missing(have, want)
		if want == nil || len(missing) == 0 {
			return // by default nobody
		}
		edit.Before, edit.After = []any{}, missing
	}
	if edit.Secret {
		edit.Before = nil
	}
	if v.field != nil && v.field.Secret && have == nil && !d.creating {
		d.withheld[v.path] = true
	}
	d.edits = append(d.edits, edit)
	if v.immutable {
		d.fixed = append(d.fixed, edit)
	}
}

// hidden reports whether a key of a configuration is one that the server takes
// with a new object only, and never shows.
func (d *differences) hidden(f *model.Field, key string) bool {
	if !f.Hides || d.c.server.Info == nil || slices.Contains(f.Names.Also, key) {
		return false
	}
	provider, _ := d.have[f.Names.ConfigOf].(string)
	whole := overlay(d.it.Kind.Fields, d.it.Kind.Const, d.have, nil)
	for _, path := range d.it.Kind.Fields.Get(f.Names.ConfigOf).Names.In {
		for name, v := range whole {
			if s, ok := v.(string); ok {
				path = strings.ReplaceAll(path, "{"+name+"}", s)
			}
		}
		if props := d.c.server.Info.Offers(path)[provider]; len(props) > 0 {
			_, described := props[key]
			return !described
		}
	}
	return false
}

func (d *differences) fail(code, path, summary, detail string) {
	d.failed = true
	d.c.fail(code, d.it.Addr, d.it.FieldSource(path), summary, detail)
}

// reason says which fixed fields differ.
func (d *differences) reason() string {
	var out []string
	for _, e := range d.fixed {
		s := dotted(e.Path) + " is fixed"
		if !e.Secret {
			s += fmt.Sprintf(": %s -> %s", inline(e.Before), inline(e.After))
		}
		out = append(out, s)
	}
	if d.c.missing && len(d.hides) > 0 {
		names := make([]string, len(d.hides))
		for i, p := range d.hides {
			names[i] = dotted(p)
		}
		out = append(out, "the server takes "+listed(names)+" with a new object only")
	}
	return strings.Join(out, ", ")
}

// tell notes what could not be compared.
func (d *differences) tell() {
	addr := d.it.Addr
	note := func(code string, paths []string, format, detail string) {
		if len(paths) == 0 {
			return
		}
		names := make([]string, len(paths))
		for i, p := range paths {
			names[i] = dotted(p)
		}
		is := "is"
		if len(paths) > 1 {
			is = "are"
		}
		summary := strings.ReplaceAll(format, "{is}", is)
		d.c.note(code, addr, d.it.FieldSource(paths[0]), strings.ReplaceAll(summary, "{names}", listed(names)), detail)
	}
	left := "; {names} {is} left as on the server"
	if d.creating {
		left = "; an apply needs it for {names}"
	}
	note("unset-reference", d.unset, listed(model.Keys(d.missing))+left, "")
	note("hidden-value", d.hides, "the server takes {names} with a new object only, and shows {names} to nobody: left as on the server", "")
	note("masked-value", d.masked, "{names} {is} "+model.Mask+" in the files and left as on the server", "")
	note("unreadable-secret", d.unreadable, "{names} cannot be read back and {is} not compared",
		"written when the object is created, or with --write-secrets")
}

// declared returns what the item's file declares, for an object to be
// created: what goes back to the default, or is removed from maps, is there
// only where the server would set it by itself.
func (c *comparison) declared(it *model.Item) model.Object {
	out := present(it.Kind.Fields, it.Fields)
	made := c.predicted(it)
	var def model.Object
	for name, v := range it.Fields {
		f, m := it.Kind.Fields.Get(name), object(v)
		switch {
		case f == nil:
			continue
		case f.Type != model.Dict && f.Type != model.MultiDict:
			if v == nil && (f.Imposed || !model.Zero(made[name])) {
				if def == nil {
					def = c.defaults(it.Addr)
				}
				if out[name] = c.standing(f, def[name]); out[name] == nil {
					out[name] = f.Empty()
				}
			}
			continue
		}
		if len(m) == 0 && made != nil {
			m = map[string]any{}
			for key := range object(made[name]) {
				m[key] = nil
			}
			out[name] = map[string]any{}
		}
		for key, e := range m {
			if e != "" && (e != nil || made == nil) {
				continue
			}
			if def == nil {
				def = c.defaults(it.Addr)
			}
			if !model.Zero(object(made[name])[key]) || e == "" && !model.Zero(object(def[name])[key]) {
				object(out[name])[key] = ""
			}
		}
	}
	return out
}

// predicted returns what the server will make by itself at the address of an
// item, along with the object above it; nil when that is nothing. Its values
// are no defaults: they are gone once the object is made anew.
func (c *comparison) predicted(it *model.Item) model.Object {
	up := c.desired.Items[it.Parent]
	if up == nil || c.existing(it.Parent) != nil && !c.replaced[it.Parent] {
		return nil
	}
	return it.Kind.SpawnedOn(c.server.Version, it.Parent, up.Fields)[it.Addr]
}

// present returns a copy of o without what is null, and without the keys of
// maps that are empty.
func present(fs model.Fields, o map[string]any) model.Object {
	out := model.Object{}
	for name, v := range o {
		if v == nil {
			continue
		}
		f := fs.Get(name)
		if m := object(v); m != nil && f != nil {
			switch f.Type {
			case model.Struct:
				v = map[string]any(present(f.Fields, m))
			case model.Dict, model.MultiDict:
				kept := map[string]any{}
				for key, e := range m {
					if e != nil && (e != "" || f.Verbatim) {
						kept[key] = e
					}
				}
				v = kept
			}
		}
		out[name] = v
	}
	return out.Clone()
}

// object returns v as a map, nil when it is none.
func object(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return v
	case model.Object:
		return v
	}
	return nil
}

// dotted writes a JSON pointer as people do: "smtpServer.password".
func dotted(pointer string) string { return strings.Join(model.Segments(pointer), ".") }
