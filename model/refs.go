package model

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"
)

// Ref is one reference that an object makes to another.
type Ref struct {
	// Pointer leads to the field that holds the reference, and Path is how one
	// speaks of that: by the names of members.
	Pointer, Path string
	// Field is that field.
	Field *Field
	// Value is the reference as it stands in the field; Owner the key of the
	// SetDict that holds it, Key that of the Dict.
	Value, Owner, Key string
	// Addr is the object that is referred to.
	Addr Address
}

// Refs returns the references in a canonical object below a parent, fields in
// registry order.
func (k *Kind) Refs(parent Address, o Object) []Ref { return refsIn(k.Fields, parent, o, "", "") }

func refsIn(fs Fields, parent Address, o map[string]any, at, path string) []Ref {
	var out []Ref
	for i := range fs {
		f := &fs[i]
		v, ok := o[f.Name]
		if !ok || f.Computed {
			continue
		}
		pointer, path := at+Pointer(f.Name), path+f.Name
		if f.Type == Struct {
			if m, ok := mapOf(v); ok {
				out = append(out, refsIn(f.Fields, parent, m, pointer, path+".")...)
			}
			continue
		}
		if f.Type == List && len(f.Fields) > 0 && f.Ref == "" {
			l, _ := v.([]any)
			for i, e := range l {
				member := strconv.Itoa(i)
				if m, ok := mapOf(e); ok {
					out = append(out, refsIn(f.Fields, parent, m, pointer+Pointer(member), path+"."+cmp.Or(f.Member(m), member)+".")...)
				}
			}
			continue
		}
		if f.Ref == "" {
			continue
		}
		add := func(key, owner string, v any) {
			if s := f.Member(v); s != "" {
				out = append(out, Ref{Pointer: pointer, Path: path, Field: f, Value: s, Key: key, Owner: owner, Addr: f.Target(parent, owner, s)})
			}
		}
		switch v := v.(type) {
		case string:
			add("", "", v)
		case []any:
			for _, e := range v {
				add("", "", e)
			}
		case map[string]any:
			for _, key := range Keys(v) {
				if f.Type == Dict {
					add(key, "", v[key])
					continue
				}
				for _, e := range asList(v[key]) {
					add("", key, e)
				}
			}
		}
	}
	return out
}

// Held is a reference from the side of what is referred to.
type Held struct {
	Holder *Item
	Field  *Field
}

// Users returns the references to an object, in the order of their holders.
func (s *State) Users(a Address) []Held {
	var out []Held
	for _, it := range s.Sorted() {
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			if r.Addr == a {
				out = append(out, Held{it, r.Field})
			}
		}
	}
	return out
}

// Target returns the address of the object that a value of the field names;
// parent is that of the object that has the field, and owner the key of a
// SetDict, "" otherwise.
func (f *Field) Target(parent Address, owner, value string) Address {
	k := Lookup(f.Ref)
	if k.Tree() {
		return TreePath(k, value)
	}
	if f.Sibling {
		return AddressOf(parent, k, value)
	}
	if f.Below != "" {
		return AddressOf(f.Below, k, value)
	}
	if of, name, ok := strings.Cut(value, "/"); ok && f.Slashed {
		if of == "" {
			return AddressOf("", k, name)
		}
		return AddressOf(AddressOf("", client, of), k, name)
	}
	if owner != "" {
		return AddressOf(AddressOf("", Lookup(f.Owner), owner), k, value)
	}
	return AddressOf("", k, value)
}

// Spell returns how a value of the field names the object at an address.
func (f *Field) Spell(a Address) string {
	switch k := Lookup(f.Ref); {
	case k.Tree():
		return PathOf(k, a)
	case f.Slashed && ParentOf(a) != "":
		return ownerOf(a) + "/" + a.Key()
	case f.Slashed:
		return slashed(a.Key())
	}
	return a.Key()
}

// slashed spells a realm role where the name of a client's role follows that of
// the client ([Field.Slashed]).
func slashed(name string) string {
	if strings.Contains(name, "/") {
		return "/" + name
	}
	return name
}

// CalledAs returns a fresh realm in which what always is the same object, see
// [Field.Same], has the name that it has in another realm; the fields that name
// it are as they were.
func (s *State) CalledAs(now *State) *State {
	fresh := s
	for _, it := range now.Items {
		for i := range it.Kind.Fields {
			f := &it.Kind.Fields[i]
			own := fresh.Items[it.Addr]
			if !f.Same || own == nil {
				continue
			}
			was, _ := own.Fields[f.Name].(string)
			if name, _ := it.Fields[f.Name].(string); was != "" && name != "" && name != was {
				fresh = fresh.Rename(f.Target(it.Parent, "", was), f.Target(it.Parent, "", name))
				fresh.Items[it.Addr].Fields[f.Name] = was
			}
		}
	}
	return fresh
}

// Rename rewrites every reference to an object at or below an address, and
// every item's own address, as if the object had always been called by the
// new one. Items are copied, not changed.
func (s *State) Rename(from, to Address) *State {
	out := *s
	out.Items = make(map[Address]*Item, len(s.Items))
	for _, it := range s.Items {
		c := *it
		c.Addr = it.Addr.Rebase(from, to)
		if it.Parent != "" {
			c.Parent = it.Parent.Rebase(from, to)
		}
		if it.Addr == from {
			c.Fields = it.Fields.Clone()
			c.Parent = ParentOf(to)
		}
		if f := renameRefs(c.Kind.Fields, it.Parent, c.Fields, from, to); f != nil {
			c.Fields = f
		}
		out.Items[c.Addr] = &c
	}
	return &out
}

// renameRefs returns a copy of o with references rewritten, or nil when none
// of them is concerned.
func renameRefs(fs Fields, parent Address, o map[string]any, from, to Address) Object {
	var out Object
	put := func(name string, v any) {
		if out == nil {
			out = Object(o).Clone()
		}
		out[name] = v
	}
	for i := range fs {
		f := &fs[i]
		v, ok := o[f.Name]
		if !ok {
			continue
		}
		if f.Type == Struct {
			if m, ok := mapOf(v); ok {
				if r := renameRefs(f.Fields, parent, m, from, to); r != nil {
					put(f.Name, map[string]any(r))
				}
			}
			continue
		}
		if f.Ref == "" || f.ByName {
			continue
		}
		one := func(owner string, v any) (string, any) {
			s, ok := v.(string)
			if !ok || s == "" {
				return owner, v
			}
			t := f.Target(parent, owner, s).Rebase(from, to)
			if owner != "" {
				owner = ownerOf(t)
			}
			return owner, f.Spell(t)
		}
		var next any
		switch v := v.(type) {
		case string:
			_, next = one("", v)
		case []any:
			l := make([]any, len(v))
			for i, e := range v {
				_, l[i] = one("", e)
			}
			next = l
		case map[string]any:
			m := make(map[string]any, len(v))
			for key, e := range v {
				if f.Type == Dict {
					_, m[key] = one("", e)
					continue
				}
				for _, e := range asList(e) {
					owner, s := one(key, e)
					have, _ := m[owner].([]any)
					m[owner] = append(have, s)
				}
			}
			next = m
		}
		if next = canonValue(f, next); !reflect.DeepEqual(next, v) {
			put(f.Name, next)
		}
	}
	return out
}

// ownerOf returns the key of the object that owns the one at an address such
// as "client/shop/role/admin".
func ownerOf(a Address) string {
	return ParentOf(a).Key()
}
