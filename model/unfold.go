package model

import (
	"maps"
	"strconv"
	"strings"
)

// Keys that kcsync's files add to Keycloak's representations.
const (
	// Previously holds the natural key, or for a tree the path, by which an
	// object was known before it was renamed or moved.
	Previously = "previously"
	// Absent is the list, in a realm's representation, of the addresses of
	// objects that are not to be.
	Absent = "absent"
	// fragmentKey marks a representation that an Unfold hook made of parts
	// that stood elsewhere; its value is the pointer, from the hook's own
	// representation, to where they stood.
	fragmentKey = "\x00fragment"
	// movedKey marks a representation that a hook took as it is from where it
	// stood; its value is that pointer, from the hook's own representation.
	movedKey = "\x00moved"
	// fixedKey marks a representation of an object that the server keeps for
	// itself.
	fixedKey = "\x00fixed"
)

// Found is an item that was taken out of a representation, and where it was.
type Found struct {
	*Item
	// At is the JSON pointer of the item's representation in the document.
	At string

	moved bool // At is from the representation whose hook moved it
}

// Unfold takes a representation of a kind apart into the object itself and
// the children that stand inside it, at any depth. The parent is "" for the
// realm and what lives directly in it; at is the representation's own pointer
// in its document. Parts that have not the shape they should have are left
// out: validation reports them.
//
// The representation of a realm, be it a file or a server's partial export,
// holds every kind; Unfold is how both are read.
func Unfold(k *Kind, parent Address, rep Object, at string) []Found {
	if k.Unfold != nil {
		rep = k.Unfold(rep)
	}
	k = k.special(parent, rep)
	addr, ok := k.Address(parent, rep)
	if !ok {
		return nil
	}
	if k.Kept != nil && k.Kept(parent, rep) {
		return nil
	}
	_, fixed := rep[fixedKey]
	it := &Item{Addr: addr, Kind: k, Parent: parent, Shown: map[string]bool{}}
	own := Object{}
	for name, v := range rep {
		own[name] = v
	}
	if prev, ok := plainText(own[Previously]); ok && prev != "" {
		it.Previously = previousAddress(it, prev)
	}
	var origin string
	origin, it.Fragment = own[fragmentKey].(string)
	moved := it.Fragment
	if at, ok := own[movedKey].(string); ok {
		origin, moved = at, true
	}
	it.ID, _ = own[k.IDField()].(string)
	delete(own, Previously)
	delete(own, fragmentKey)
	delete(own, movedKey)
	delete(own, fixedKey)

	under := it.Addr
	if k == Realm {
		under = ""
		it.Fragment = true
	}
	out := []Found{{it, at, moved}}
	if moved {
		out[0].At, at = origin, origin
	}
	for _, c := range k.Children() {
		p := c.Place(k.parentName())
		others := mixed(p)
		for _, s := range p.spots(own) {
			if others != nil {
				own[p.In] = s.list
			}
			found, ok := unfoldList(c, under, s.list, at+s.at, others)
			if ok {
				it.Shown[c.Name] = true
			}
			for i := range found {
				found[i].moved = found[i].moved || moved
			}
			out = append(out, found...)
		}
	}
	if k == Realm {
		for i, f := range out[1:] {
			if f.moved {
				out[i+1].At, out[i+1].moved = at+f.At, false
			}
		}
		out = append(out, unfoldFlat(own, out, at)...)
	}
	for _, c := range k.Children() {
		// What is left in maps that hold lists of several kinds.
		p := c.Place(k.parentName())
		for _, keys := range [][]string{p.Keys(), p.Also} {
			if len(keys) > 1 || len(keys) == 1 && p.By != "" {
				delete(own, keys[0])
			}
		}
	}
	it.Builtin = fixed || k.Builtin != nil && k.Builtin(own)
	if k.Within != nil {
		it.Within = k.Within(own)
	}
	if k.Joins != nil {
		it.Joins = k.Joins(own)
	}
	it.Fields = k.Canonical(own)
	return out
}

// plainText returns a scalar as text, a reference as it is written.
func plainText(v any) (string, bool) {
	switch s := textOf(v).(type) {
	case string:
		return s, true
	case Reference:
		return string(s), true
	}
	return "", false
}

// previousAddress returns the address that an item had; for a tree, prev is a
// path when it starts with "/", and otherwise a name below the same parent.
func previousAddress(it *Item, prev string) Address {
	if it.Kind.Tree() && strings.HasPrefix(prev, "/") {
		root := it.Parent
		for KindOf(root) == it.Kind {
			root = ParentOf(root)
		}
		return join2(root, string(TreePath(it.Kind, prev)))
	}
	if len(it.Kind.KeyWith) > 0 {
		return it.Addr.Renamed(prev)
	}
	return AddressOf(it.Parent, it.Kind, prev)
}

// special returns the kind of an object below a parent that a file calls by
// the name of the kind k: one that shares the class of k and whose constant
// fields the object has.
func (k *Kind) special(parent Address, rep Object) *Kind {
	if k.Const != nil {
		return k
	}
	for _, c := range kinds {
		if c.Class != k.Class || len(c.Const) == 0 || c.Place(parent.lastKind()) == nil {
			continue
		}
		same := true
		for name, v := range c.Const {
			same = same && rep[name] == v
		}
		if same {
			return c
		}
	}
	return k
}

// mixed returns the place whose objects stand in the same list of the realm's
// representation as those of p, which do not name a parent; nil when there is
// none.
func mixed(p *Place) *Place {
	for _, c := range kinds {
		for i := range c.Places {
			if o := &c.Places[i]; o.Mixed && p.Parent == "" && o.Flat == p.In {
				return o
			}
		}
	}
	return nil
}

// spot is a list of objects in a representation, and where it is.
type spot struct {
	list any
	at   string
}

// spots removes and returns the lists of the place's objects.
func (p *Place) spots(own Object) []spot {
	var out []spot
	add := func(keys []string) {
		if len(keys) == 0 {
			return
		}
		if v, at := take(own, keys); v != nil || at != "" {
			out = append(out, spot{v, at})
		}
	}
	if p.By == "" {
		add(p.Keys())
		add(p.Also)
		if len(p.Also) > 1 && len(out) == 0 {
			// A map of several lists that is empty shows each of them.
			if m, ok := mapOf(own[p.Also[0]]); ok && len(m) == 0 {
				out = append(out, spot{[]any{}, Pointer(p.Also[0])})
			}
		}
		return out
	}
	v, at := take(maps.Clone(own), p.Keys()) // others may have lists there, too
	lists, _ := mapOf(v)
	for _, key := range Keys(lists) {
		l, _ := lists[key].([]any)
		if !p.Holds(Object{p.By: key}) || l == nil {
			continue
		}
		named := make([]any, len(l))
		for i, e := range l {
			named[i] = e
			if m, ok := mapOf(e); ok {
				c := map[string]any{p.By: key}
				for name, v := range m {
					c[name] = v
				}
				c[p.By] = key
				named[i] = c
			}
		}
		out = append(out, spot{named, at + Pointer(key)})
	}
	return out
}

// take returns the value to which keys lead, and removes it when it is a
// property of the object itself.
func take(o Object, segs []string) (any, string) {
	m := map[string]any(o)
	for _, s := range segs[:len(segs)-1] {
		next, ok := mapOf(m[s])
		if !ok {
			return nil, ""
		}
		m = next
	}
	last := segs[len(segs)-1]
	v, ok := m[last]
	if !ok {
		return nil, ""
	}
	if len(segs) == 1 {
		delete(o, last)
	}
	return v, Pointer(segs...)
}

// unfoldList unfolds a list of a kind's representations, or the one that a
// singleton kind has. It reports whether there was one, be it empty.
// Objects that name their parent, as those of a place that is mixed in do, are
// passed over.
func unfoldList(k *Kind, parent Address, v any, at string, others *Place) ([]Found, bool) {
	if m, ok := mapOf(v); ok && k.Singleton() {
		return Unfold(k, parent, m, at), true
	}
	if m, ok := mapOf(v); ok && k.Bare != "" {
		var out []Found
		for _, key := range Keys(m) {
			if _, ok := mapOf(m[key]); ok {
				out = append(out, Unfold(k, parent, k.Represent(key, m[key]), at+Pointer(key))...)
			}
		}
		return out, true
	}
	l, ok := v.([]any)
	if !ok {
		return nil, false
	}
	var out []Found
	shown := len(l) == 0
	for i, e := range l {
		if m, ok := mapOf(e); ok {
			if others != nil && m[others.FlatBy] != nil {
				continue
			}
			out = append(out, Unfold(k, parent, m, at+"/"+strconv.Itoa(i))...)
			if _, made := m[fragmentKey]; !made {
				// A list that holds nothing but what a hook put there shows
				// nothing.
				shown = true
			}
		}
	}
	return out, shown
}

// unfoldFlat unfolds the lists in a realm's representation that hold the
// objects of all parents.
func unfoldFlat(own Object, found []Found, at string) []Found {
	var out []Found
	for _, c := range kinds {
		for _, p := range c.Places {
			if p.Flat == "" {
				continue
			}
			v, pointer := take(own, strings.Split(p.Flat, "."))
			if v == nil {
				continue
			}
			parent := Lookup(p.Parent)
			shown := map[Address]bool{}
			for _, f := range found {
				if f.Kind == parent && f.Item.Parent == "" && !f.Fragment {
					shown[f.Addr] = true
				}
			}
			for _, e := range flatEntries(v, p.FlatBy) {
				under := AddressOf("", parent, e.parent)
				shown[under] = true
				out = append(out, Unfold(c, under, e.rep, at+pointer+e.at)...)
			}
			for _, f := range found {
				if shown[f.Addr] {
					f.Shown[c.Name] = true
				}
			}
		}
	}
	return out
}

type flatEntry struct {
	parent, at string
	rep        Object
}

func flatEntries(v any, by string) []flatEntry {
	var out []flatEntry
	add := func(parent, at string, e any) {
		m, ok := mapOf(e)
		if !ok || parent == "" {
			return
		}
		rep := Object{}
		for k, v := range m {
			if k != by || by == "" {
				rep[k] = v
			}
		}
		out = append(out, flatEntry{parent, at, rep})
	}
	if by == "" {
		m, _ := mapOf(v)
		for _, key := range Keys(m) {
			for i, e := range asList(m[key]) {
				add(key, Pointer(key, strconv.Itoa(i)), e)
			}
		}
		return out
	}
	l, _ := v.([]any)
	for i, e := range l {
		if m, ok := mapOf(e); ok {
			parent, _ := plainText(m[by])
			add(parent, Pointer(strconv.Itoa(i)), e)
		}
	}
	return out
}

// Conflict is what stands in the way of two sources of one object.
type Conflict struct {
	// Field is the pointer of the field that both hold; "" when the object
	// itself is declared twice.
	Field         string
	First, Second Source
}

// Add puts an item into the state. When there is one at its address already
// and one of the two is a fragment, their fields are merged; it returns what
// both hold.
func (s *State) Add(it *Item) []Conflict {
	have, ok := s.Items[it.Addr]
	if !ok {
		s.Items[it.Addr] = it
		return nil
	}
	if !have.Fragment && !it.Fragment {
		return []Conflict{{First: have.Source, Second: it.Source}}
	}
	if have.Fragment && !it.Fragment {
		// The whole object is the one whose place counts.
		have, it = it, have
		s.Items[have.Addr] = have
	}
	var out []Conflict
	for _, name := range Keys(it.Fields) {
		v := it.Fields[name]
		old, both := have.Fields[name]
		switch {
		case !both:
			have.Fields[name] = v
			have.addFieldSource(Pointer(name), it.Source)
		case name == have.Kind.Key || have.Kind == Realm && name == "realm":
		default:
			conflict := func(pointer string) {
				out = append(out, Conflict{Field: pointer, First: have.FieldSource(pointer), Second: it.FieldSource(pointer)})
			}
			om, isMap := old.(map[string]any)
			nm, areMaps := v.(map[string]any)
			if !isMap || !areMaps || have.Kind.Fields.whole(name) {
				conflict(Pointer(name))
				continue
			}
			for _, k := range Keys(nm) {
				if _, both := om[k]; both {
					conflict(Pointer(name, k))
					continue
				}
				om[k] = nm[k]
				have.addFieldSource(Pointer(name, k), it.Source)
			}
		}
	}
	for k := range it.Shown {
		have.Shown[k] = true
	}
	if have.ID == "" {
		have.ID = it.ID
	}
	return out
}

// whole reports whether the field's value is one, not managed key by key.
func (fs Fields) whole(name string) bool {
	f := fs.Get(name)
	return f == nil || f.Type == Any || f.Whole
}
