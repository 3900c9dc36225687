package fetch

import (
	"maps"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// Want says what to look up. The zero value is everything.
type Want struct {
	// Kinds are the kinds of objects that the state will hold; nil is all.
	// A kind that lives below another needs that one too. The realm itself is
	// in the state as far as rights allow, and an error when it is named here
	// and they do not.
	Kinds []string
	// Objects are the addresses of the objects to look up of kinds that are
	// data and never listed ([model.Place.Declared]).
	Objects []model.Address
	// Field says of which objects to read a field that takes a request of its
	// own ([model.Read]); nil is of all.
	Field func(addr model.Address, field string) bool
	// Declared returns what a file says of an object, where that makes for
	// fewer or smaller requests; nil: nothing is known.
	Declared func(addr model.Address) model.Object
	// Children says below which objects to list those of a kind where that
	// takes a request per parent ([model.Place.Each]); nil is below all.
	Children func(parent model.Address, kind string) bool
	// Server is what is known of the server already; nil asks it.
	Server *model.Server
	// Parallelism is how many requests may be under way at once; 0 is 8.
	Parallelism int
	// Progress, if not nil, is told how far the reading is, one call at a time.
	Progress func(Event)
}

// Event tells of an area of the configuration: that its reading began, went
// on, or is done.
type Event struct {
	// Area is "realm" for what is read with the realm, "client" for the
	// clients, "client/role" for the roles of clients, and so on.
	Area string
	// Objects and Requests are how many there were so far.
	Objects, Requests int
	Done              bool
}

// All is everything that a realm has.
func All() Want { return Want{} }

// For is what it takes to compare a realm with the desired state: the kinds
// that it declares or refers to, and of those only the fields and children
// that the comparison needs. Objects that are renamed are looked up under
// their old address too. More kinds can be named, whose objects are looked up
// with all their fields and children.
func For(desired *model.State, more ...string) Want {
	f := newWanted()
	for _, name := range more {
		f.whole[name] = true
		f.addKind(model.Lookup(name))
	}
	for name := range desired.Shown {
		f.addKind(model.Lookup(name))
	}
	for _, it := range desired.Sorted() { // parents first
		f.addItem(it)
	}
	for a := range desired.Absent {
		f.addAddress(a)
	}
	for _, it := range desired.Items {
		for _, ref := range it.Kind.Refs(it.Parent, it.Fields) {
			f.addAddress(ref.Addr)
			if k := model.KindOf(ref.Addr); k != nil && k.Within != nil && desired.Items[ref.Addr] == nil {
				f.whole[k.Name] = true // it may stand within another
			}
		}
	}
	return f.want()
}

// Objects is what it takes to know whether a realm has some objects.
func Objects(addresses ...model.Address) Want {
	f := newWanted()
	for _, a := range addresses {
		f.addAddress(a)
	}
	return f.want()
}

// WithUsers adds what tells whether objects can be deleted: those that refer to
// ones of a kind of which the server deletes none that is referred to.
func (w Want) WithUsers() Want {
	kinds := slices.Clone(w.Kinds)
	for _, name := range w.Kinds {
		if k := model.Lookup(name); k.Bound {
			for _, other := range k.ReferredBy() {
				kinds = append(kinds, other.Name)
			}
		}
	}
	slices.Sort(kinds)
	w.Kinds = slices.Compact(kinds)
	return w
}

// wanted is what a desired state needs to know.
type wanted struct {
	kinds    map[string]bool
	whole    map[string]bool
	listed   map[string]bool // kinds whose objects are looked up, if not all of their fields
	objects  map[model.Address]bool
	fields   map[model.Address]*model.Item // by the address that the server may know it by
	children map[childrenOf]bool
	was      map[model.Address]model.Address // by today's address, where it differs
	inherits bool
	sole     map[*model.Field]bool // fields whose members may have to leave another object first
}

func newWanted() *wanted {
	return &wanted{
		kinds:    map[string]bool{},
		fields:   map[model.Address]*model.Item{},
		children: map[childrenOf]bool{},
		was:      map[model.Address]model.Address{},
		whole:    map[string]bool{},
		listed:   map[string]bool{},
		objects:  map[model.Address]bool{},
		sole:     map[*model.Field]bool{},
	}
}

func (f *wanted) want() Want {
	kinds := slices.AppendSeq([]string{}, maps.Keys(f.kinds)) // never nil, which is all
	slices.Sort(kinds)
	objects := slices.Sorted(maps.Keys(f.objects))
	return Want{Kinds: kinds, Objects: objects, Field: f.field, Declared: f.declared, Children: f.child}
}

type childrenOf struct {
	parent model.Address
	kind   string
}

// addKind asks for the objects of a kind, and for those by whose names for
// them the server goes: it does not say that they are in use.
func (f *wanted) addKind(k *model.Kind) {
	if k == nil || f.kinds[k.Name] {
		return
	}
	f.kinds[k.Name] = true
	for _, s := range k.Sways {
		if s.Shown {
			continue
		}
		f.whole[s.Kind] = true
		f.addKind(model.Lookup(s.Kind))
	}
	for _, other := range k.NamedBy() {
		f.addKind(other)
	}
}

func (f *wanted) addItem(it *model.Item) {
	for kind := range it.Shown {
		f.addKind(model.Lookup(kind))
	}
	if it.Kind == model.Realm && len(it.Fields) <= 1 {
		return // says nothing but the realm's name
	}
	f.inherits = f.inherits || it.Kind.Inherits != nil
	was := it.Addr
	if it.Previously != "" {
		was = it.Previously
	}
	if before, ok := f.was[it.Parent]; ok {
		was = was.Rebase(it.Parent, before)
	}
	if was != it.Addr {
		f.was[it.Addr] = was
	}
	for _, a := range []model.Address{it.Addr, was} {
		f.fields[a] = it
		f.addAddress(a)
		for kind := range it.Shown {
			f.children[childrenOf{a, kind}] = true
		}
	}
	if it.Kind.Within != nil {
		f.whole[it.Kind.Name] = true // others may have the names that it comes to have
	}
	f.addReferred(it.Kind.Fields, it.Fields)
	for i := range it.Kind.Fields {
		if fd := &it.Kind.Fields[i]; fd.Sole && !model.Zero(it.Fields[fd.Name]) {
			f.sole[fd] = true
		}
	}
	// A list that is empty does not say what else may come into it.
	for i := range it.Kind.Fields {
		if fd := &it.Kind.Fields[i]; fd.Retains != "" && it.Fields[fd.Name] != nil {
			f.addKind(model.Lookup(fd.Ref))
		}
	}
	if it.Kind.Adds != nil {
		for name := range it.Kind.Adds(it.Fields) {
			if _, ok := it.Fields[name]; ok {
				f.addKind(model.Lookup(it.Kind.Fields.Get(name).Ref))
			}
		}
	}
	for name, kind := range it.Kind.LooksAt {
		if _, ok := it.Fields[name]; ok {
			f.addKind(model.Lookup(kind))
		}
	}
}

// addReferred asks for what declared fields refer to where their values do
// not say it: the server may refer to it by an id that has to be understood,
// or a default that is asked for names it.
func (f *wanted) addReferred(fs model.Fields, o map[string]any) {
	for i := range fs {
		fd := &fs[i]
		v, ok := o[fd.Name]
		m, _ := v.(map[string]any)
		switch {
		case !ok:
		case fd.Type == model.Struct && len(m) > 0:
			f.addReferred(fd.Fields, m)
		case fd.Type == model.Struct:
			for _, sub := range fd.Fields {
				f.addReferred(fd.Fields, map[string]any{sub.Name: nil})
			}
		case fd.Ref == "":
		case v == nil:
			f.addKind(model.Lookup(fd.Ref))
			f.listed[fd.Ref] = true
		case fd.ByID:
			f.addKind(model.Lookup(fd.Ref))
		}
	}
}

// addAddress asks for the object at an address and those above it.
func (f *wanted) addAddress(a model.Address) {
	for a != "" {
		k := model.KindOf(a)
		if k == nil {
			return
		}
		f.addKind(k)
		parent := model.ParentOf(a)
		if p := k.Place(kindName(parent)); p != nil && p.Declared {
			f.objects[a] = true
		}
		f.children[childrenOf{parent, k.Name}] = true
		if before, ok := f.was[parent]; ok {
			f.children[childrenOf{before, k.Name}] = true
		}
		a = parent
	}
}

func (f *wanted) declared(addr model.Address) model.Object {
	if it := f.fields[addr]; it != nil {
		return it.Fields
	}
	return nil
}

func (f *wanted) field(addr model.Address, field string) bool {
	if it := f.fields[addr]; it != nil {
		if _, ok := it.Fields[field]; ok {
			return true
		}
		// What is put into one field may have to go from the other.
		if f := it.Kind.Fields.Get(field); f != nil && f.Link != nil && it.Fields[f.Link.Exclusive] != nil {
			return true
		}
	}
	k := model.KindOf(addr)
	if k != nil && f.sole[k.Fields.Get(field)] {
		return true
	}
	if k != nil && k.Part && k.Spawned && f.children[childrenOf{model.ParentOf(addr), k.Name}] {
		return true // what a complete list does not show goes back to its default
	}
	if addr == model.Address(model.Realm.Name) && f.inherits {
		return true // a creation may have to name what the realm gives to new objects
	}
	return k != nil && f.whole[k.Name] && !slices.ContainsFunc(k.Reads, func(rd model.Read) bool {
		return rd.Declared && slices.Contains(rd.Fields, field)
	})
}

func (f *wanted) child(parent model.Address, kind string) bool {
	return f.children[childrenOf{parent, kind}] || f.whole[kind] || f.listed[kind]
}

// has reports whether objects of a kind are wanted.
func (w *Want) has(k *model.Kind) bool { return w.Kinds == nil || slices.Contains(w.Kinds, k.Name) }

// read reports whether the answer to a request of its own is wanted.
func (w *Want) read(addr model.Address, rd *model.Read) bool {
	if w.Field == nil {
		return !rd.Declared
	}
	return slices.ContainsFunc(rd.Fields, func(f string) bool { return w.Field(addr, f) })
}

func (w *Want) below(parent model.Address, k *model.Kind) bool {
	return w.Children == nil || w.Children(parent, k.Name)
}
