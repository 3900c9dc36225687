package model

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/text"
)

// Object is a representation in its JSON form, with Keycloak's own field
// names; fields that the registry does not know are kept. Whole numbers are
// int64.
type Object map[string]any

// Source is a place in a file. Line and Col count from 1; Col counts
// characters. The zero Source is nowhere, as for objects of a server.
type Source struct {
	File      string
	Line, Col int
	doc       *text.Node
	root      string
}

// SourceOf returns the place of the value that pointer leads to in a parsed
// document; positions of its fields are found through [Source.Field].
func SourceOf(file string, doc *text.Node, pointer string) Source {
	p := doc.PosAt(pointer)
	return Source{File: file, Line: p.Line, Col: p.Col, doc: doc, root: pointer}
}

// Field returns the place of a field of the object, by JSON pointer; the
// nearest part above it that the file holds.
func (s Source) Field(pointer string) Source {
	if s.doc == nil {
		return s
	}
	return SourceOf(s.File, s.doc, s.root+pointer)
}

// Pointer returns the JSON pointer of the place in its document.
func (s Source) Pointer() string { return s.root }

// Known reports whether the source is a place in a file.
func (s Source) Known() bool { return s.File != "" }

// Item is one configuration object, desired or current.
type Item struct {
	Addr   Address
	Kind   *Kind
	Parent Address // "" is the realm
	ID     string  // the server's id; "" for an object of a file
	Fields Object  // canonical; children are items of their own
	// Within holds the server's ids of what stands within the object, by name
	// ([Kind.Within]); "" where the representation did not tell.
	Within map[string]string
	Source Source
	// Shown holds the child kinds, by name, whose complete list the object's
	// file shows.
	Shown map[string]bool
	// Previously is the address under which the object was known before; ""
	// for an object that was not renamed.
	Previously Address
	// Builtin says that the kind's Builtin recognized the representation, of
	// which Fields no longer hold what is computed.
	Builtin bool
	// Veiled are the fields of which the server does not show the object's own
	// value ([Field.Veil]), by the object that hides it; "" where that cannot be
	// read either. Fields hold the [Mask] there.
	Veiled map[string]Address
	// Joins holds members of sets that the object has beside what these hold
	// otherwise ([Kind.Joins]).
	Joins Object
	// Fragment says that the item holds only some of the object's fields and
	// may be merged with others of the same address.
	Fragment bool

	// elsewhere holds the sources of fields that a fragment brought.
	elsewhere map[string]Source
}

// ValueSource returns the place in the files of a value in the list to which
// a JSON pointer leads, wherever in the list it stands.
func (it *Item) ValueSource(pointer, value string) Source {
	src := it.FieldSource(pointer)
	if src.doc == nil {
		return src
	}
	if list := src.doc.At(src.root); list != nil {
		for i, n := range list.Items {
			if n.Text() == value {
				return src.Field(Pointer(strconv.Itoa(i)))
			}
		}
	}
	return src
}

// FieldSource returns the place in the files of a field, by JSON pointer.
func (it *Item) FieldSource(pointer string) Source {
	src := it.Source
	for p := pointer; p != ""; p = p[:strings.LastIndexByte(p, '/')] {
		if other, ok := it.elsewhere[p]; ok {
			src = other
			break
		}
	}
	if it.Kind.Bare != "" {
		pointer = strings.TrimPrefix(pointer, Pointer(it.Kind.Bare))
	}
	if k := it.Kind; k.Formerly != nil && src.doc != nil && src.doc.At(src.root+pointer) == nil && k.Formerly(pointer) != "" {
		pointer = k.Formerly(pointer)
	}
	return src.Field(pointer)
}

func (it *Item) addFieldSource(pointer string, src Source) {
	if it.elsewhere == nil {
		it.elsewhere = map[string]Source{}
	}
	it.elsewhere[pointer] = src
}

// Place returns where the item lives.
func (it *Item) Place() *Place { return it.Kind.Place(it.parentKind()) }

func (it *Item) parentKind() string { return it.Parent.lastKind() }

func (k *Kind) hasChild(name string) bool {
	c := Lookup(name)
	return c != nil && c != k && c.Place(k.Name) != nil
}

// Key returns the item's natural key.
func (it *Item) Key() string {
	if it.Kind.Singleton() {
		return ""
	}
	return it.Addr.Key()
}

// Server says which server a state was read from.
type Server struct {
	URL      string          `json:"url,omitempty"`
	Version  string          `json:"version,omitempty"`
	Features map[string]bool `json:"features,omitempty"` // nil: unknown
	// Info is what the server has that configuration can name; nil: unknown.
	Info *Info `json:"-"`
}

// Has reports whether the server has the named feature; true when it is not
// known which features it has, and for "".
func (s Server) Has(feature string) bool {
	return feature == "" || s.Features == nil || s.Features[feature]
}

// State is a realm's configuration: what files ask for, or what a server has.
type State struct {
	Realm  string
	Server Server
	Items  map[Address]*Item
	// Shown holds the top-level kinds, by name, that the files say something
	// about, be it an empty list.
	Shown map[string]bool
	// Absent holds the addresses of what is not to be, and where the files say
	// so.
	Absent map[Address]Source
	// Imported says that the files are one in the form that Keycloak imports.
	Imported bool
	// Exported is the version of Keycloak that wrote the files, when they say
	// so, and ExportedAt where.
	Exported   string
	ExportedAt Source
	// Missing says that the realm does not exist on the server; Items are
	// then what the server will make by itself.
	Missing bool
}

// NewState returns an empty state of a realm.
func NewState(realm string) *State {
	return &State{Realm: realm, Items: map[Address]*Item{}, Shown: map[string]bool{}, Absent: map[Address]Source{}}
}

// sealedSince is the version since which the server answers 403 to whoever
// writes what administers realms; measured on 26.6.4 and 26.7.5.
const sealedSince = "26.7"

// Seals reports whether the realm's server lets nobody change an object, be it
// there or not.
func (s *State) Seals(it *Item) bool {
	return it.Kind.Sealed != nil && HasVersion(s.Server.Version, sealedSince) && it.Kind.Sealed(s.Realm, it)
}

// Sealed returns the address of the object, the one at an address itself or
// one above it, that the server lets nobody change; "" when there is none.
func (s *State) Sealed(a Address) Address {
	for p := a; p != ""; p = ParentOf(p) {
		if it := s.Items[p]; it != nil && s.Seals(it) && it.Place().Right == placeOf(a).Right {
			return p
		}
	}
	return ""
}

// placeOf returns where the object at an address lives.
func placeOf(a Address) *Place { return KindOf(a).Place(ParentOf(a).lastKind()) }

// Sorted returns the items by kind, in registry order, then by address.
func (s *State) Sorted() []*Item {
	return slices.SortedFunc(maps.Values(s.Items), CompareItems)
}

// CompareItems orders items by the kind of the outermost object, in registry
// order, then by address, so that children follow their parents.
func CompareItems(a, b *Item) int { return CompareAddresses(a.Addr, b.Addr) }

// CompareAddresses orders addresses by the kind of the outermost object, in
// registry order, then segment by segment.
func CompareAddresses(a, b Address) int {
	x, restA, moreA := strings.Cut(string(a), "/")
	y, restB, moreB := strings.Cut(string(b), "/")
	if x != y {
		if c := cmp.Compare(kindIndex(x), kindIndex(y)); c != 0 {
			return c
		}
	}
	for x == y && moreA && moreB {
		x, restA, moreA = strings.Cut(restA, "/")
		y, restB, moreB = strings.Cut(restB, "/")
	}
	if c := strings.Compare(x, y); c != 0 || moreA == moreB {
		return c
	}
	if moreB {
		return -1
	}
	return 1
}

func kindIndex(name string) int {
	return slices.IndexFunc(kinds, func(k *Kind) bool { return k.Name == name })
}

// ByID returns the natural key of the object of a kind with a server id.
func (s *State) ByID(kind, id string) *Item {
	for _, it := range s.Items {
		if it.ID == id && it.Kind.Name == kind {
			return it
		}
	}
	return nil
}

// Children returns the items directly below an address, of one kind, sorted.
func (s *State) Children(parent Address, k *Kind) []*Item {
	var out []*Item
	for _, it := range s.Items {
		if it.Parent == parent && it.Kind == k && it.Addr != parent {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, CompareItems)
	return out
}

// Over returns the fields of the object at an address: what s says of it, laid
// over what another state does. It is empty when neither has the object.
func (s *State) Over(below *State, a Address) Object {
	out := Object{}
	for _, state := range []*State{below, s} {
		if it := state.Items[a]; it != nil {
			maps.Copy(out, it.Fields)
		}
	}
	return out
}

// Beside returns what gives the objects of the state beside which one stands, as
// the words of [Kind] ask for them: by kind and key those of the realm, and by ""
// what the object lives in.
func (s *State) Beside(it *Item) func(kind, key string) Object {
	return func(kind, key string) Object {
		a := it.Parent
		if kind != "" {
			a = AddressOf("", Lookup(kind), key)
		}
		if other := s.Items[a]; other != nil {
			return other.Fields
		}
		return nil
	}
}
