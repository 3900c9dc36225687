package model

import (
	"strconv"
	"strings"
)

// Type is the shape of a field's canonical value.
type Type int

// The shapes of values, with the Go type that carries each.
const (
	String    Type = iota // string
	Boolean               // bool
	Integer               // int64
	Set                   // []any of strings, sorted, each once: order has no meaning
	List                  // []any in an order that has meaning
	Dict                  // map[string]any of strings, managed key by key
	MultiDict             // map[string]any of []any of strings, sorted, and as often as said, managed key by key
	SetDict               // map[string]any of Sets, complete: a role set by client
	Struct                // map[string]any with Fields of its own
	Map                   // map[string]any of whatever it is, compared whole
	Tree                  // []any of nodes with Fields, each with more of them under the field's own name; one value
	Any                   // whatever it is, compared whole
)

// Field is one field of a representation. Fields are made by the words below
// and refined by the words that are its methods.
type Field struct {
	Name string
	Type Type
	// Fields are a Struct's, or those of a List's members or a Tree's nodes. A
	// member is one value: what is absent from it is empty.
	Fields Fields
	// Keys are the fields by which nodes of a Tree are recognized, a name of
	// their own first; "a/b" is the field b of a. See [Field.Pairs].
	Keys []string
	// Renew returns the nodes of a Tree, of the object that goes by a name, as
	// Keycloak's import makes them of those of an older version.
	Renew func(nodes []any, of string) []any
	// Forgiven says that Keycloak's import passes over members that name
	// nothing.
	Forgiven bool
	// Retains is the member that Keycloak's import puts into the set where the
	// file lists objects of the kind of Ref and this one not among them.
	Retains string
	// Ref is the kind that values name by natural key; values of a SetDict
	// name objects of the kind below the owner that its key names.
	Ref string
	// Sibling says that the object referred to lives below the same parent.
	Sibling bool
	// Below is the address below which all objects referred to live, when it is
	// always the same.
	Below Address
	// Slashed says that a role's name may follow that of its client, as in
	// "shop/buyer"; without one, or with nothing before the first "/", it is a
	// realm role.
	Slashed bool
	// Wrap is the key under which Keycloak spells each member of a Set, or a
	// String, as an object: with "name", [{name: a}] is [a]. That is what is sent.
	Wrap string
	// Same says that on a server the field names the same object for ever: to
	// declare another name is to call that object so. It is not written itself.
	Same bool
	// Ours says that no class of the server has the field: the kind's Unfold
	// and Wire turn it from and into others.
	Ours bool
	// Owner is the kind of a SetDict's keys.
	Owner string
	// Named is, for a List of objects, the field that tells them apart. Such a
	// list is complete, and plans show it member by member.
	Named string
	// Holds are the names of members without which the list is refused.
	Holds []string
	// Loss says, for a list with Named, what it means that a member goes.
	Loss string
	// Among names the list, of the same object, one of whose members a member's
	// value names.
	Among string
	// ByName says that the server keeps the name that it is given: it does not
	// follow when what it names is renamed, and does not keep it from being
	// deleted.
	ByName bool
	// Present says that an empty value is not the same as none.
	Present bool
	// Verbatim says that in a Dict an empty text is a text like others.
	Verbatim bool
	// Whole says that a Struct is one value: what is absent from it is empty.
	Whole bool
	// Late says that the reference may be written after the object itself,
	// which is how circles of references are cut.
	Late bool
	// ByID says that the server wants the referenced object's id, not its
	// natural key.
	ByID bool
	// Computed fields are the server's own: never compared, never written.
	Computed bool
	// Immutable fields can only be set when the object is created.
	Immutable bool
	// Secret values are never shown; the server masks or withholds them.
	Secret bool
	// Passing recognizes a node of a Tree that a change puts there only
	// meanwhile: none of another name is what became of it.
	Passing func(node map[string]any) bool
	// Unordered says of a list with Named that its order has no meaning, and of
	// a MultiDict that its values are a set: its canonical form holds a single
	// value as it is, several as a Set, and "" where there is none.
	Unordered bool
	// SecretKeys are the keys of a Dict or MultiDict whose values are secret.
	SecretKeys []string
	// ComputedKeys are the keys of a Dict or MultiDict that are the server's own.
	ComputedKeys []string
	// Idle recognizes a value of a key of a Dict that means what it means when
	// there is none: exports leave it out.
	Idle func(o Object, key string, value any) bool
	// Imposed says that a new object gets a value from settings of its realm
	// unless it is sent one. null asks for none, and is sent as such.
	Imposed bool
	// MadeKeys are the keys of a Dict for which the server makes a value where
	// there is none: the default is the one that it has made.
	MadeKeys []string
	// Hides says of a configuration, see [Names.ConfigOf], that the server
	// takes keys that its provider does not describe with a new object only,
	// and never shows them.
	Hides bool
	// Veil says when the server shows another value than the object's own;
	// nil: never.
	Veil *Veil
	// Offered says that members have no effect until somebody asks for them.
	Offered bool
	// Initial values are given to an object when it is created, and are the
	// object's own affair from then on: neither compared nor written.
	Initial bool
	// Grows says that members which a file does not show stay where they are,
	// because they are other people's data.
	Grows bool
	// Sustains says that the server deletes the object along with the last of
	// those that the field, and others of the same Ref, name.
	Sustains bool
	// Sole says that a member can be in the field of one object only: it is
	// taken out of one before it is put into another.
	Sole bool
	// Required fields have to be declared.
	Required bool
	// OfNew says that a required field has to be declared only of an object that
	// the server does not have yet.
	OfNew bool
	// Default is what the server means by absence, when that is neither
	// false, 0, "" nor empty.
	Default any
	// Follows names a field of the realm: the server's default is what that
	// holds when the object is created.
	Follows string
	// Stirs says that the server changes other fields of the object by itself
	// when this one is written, so that they are read again.
	Stirs bool
	// Filled says of a field that a server of a version, whenever it writes the
	// object, gives a value of its own where there is none, or empties: which of
	// the two, by the object as it is then. nil: it does neither.
	Filled func(o Object, version string) bool
	// Native says of a field that an object which a new realm has is to have it
	// as it is there, unless a file says otherwise: nobody thinks of declaring
	// it. Of all other objects the server alone knows it.
	Native bool
	// Stepped says that the kind's Steps write the field, as they do trees.
	Stepped bool
	// Quiet is a value that is not sent on creation, because naming it makes
	// the server add more than saying nothing does.
	Quiet any
	// Enum lists the values that the server accepts; empty: any.
	Enum []string
	// Takes says which values of its type the field takes, or each member of a
	// set, list or map; nil: any.
	Takes *Value
	// Entries are the values that are taken under single keys of a map, each of
	// which has to fit; a key that ends in "*" stands for all that begin so.
	Entries map[string][]Value
	// KeyMost is the greatest number of characters of a map's keys; 0 is any.
	KeyMost int
	// Names says what on the server the values name, if that is not an object.
	Names *Names
	// Since is the first version (major.minor) that has the field.
	Since string
	// Feature names the server feature without which the field stays empty.
	Feature string
	// Link is how the value is written when it is not part of the object's
	// own representation.
	Link *Link
	// Clear overrides the kind's way to clear a value, when Cleared is set.
	Clear   Clear
	Cleared bool
	// Doc says what the field means where its name does not.
	Doc string
}

// Fields are the fields of a representation, in the order in which exports
// and documentation show them.
type Fields []Field

// Link says how members are added to and removed from a field that the
// object's own PUT ignores.
type Link struct {
	// Path is below the realm's, with {id} for the object's id and, where
	// each member has its own request, {target} for the member's id; {owner}
	// is the id of the object that a SetDict's key names.
	Path string
	// Posted says that POST takes the value, as natural keys, along with the
	// object itself.
	Posted bool
	// Each says that every member is added by a PUT and removed by a DELETE
	// of its own; otherwise members are POSTed and DELETEd together, as a
	// list of representations with id and name.
	Each bool
	// Add is, for Each, the path to which a member is POSTed instead of being
	// PUT at Path: an object as it is, of any other what {target} stands for.
	Add string
	// ByKey says that {target} stands for a member's natural key.
	ByKey bool
	// Drops are the pointers of fields that a member loses when it is taken
	// out, and that have to be written again.
	Drops []string
	// Right is the right that it takes when that is not the place's.
	Right string
	// Exclusive names another field of the object whose value must not hold
	// a member at the same time: removals come before additions across both.
	Exclusive string
}

// Veil says of a field that another object may hide its value: the server then
// shows a value in its place, and would store that if it were sent back. A
// state has the [Mask] there instead, see [Item.Veiled].
type Veil struct {
	// Shows is what the server shows.
	Shows any
	// By is the kind of the other object, which lives in the realm, and ID the
	// computed field that holds its id.
	By, ID string
	// While recognizes an object that hides the value, and Is says what it is
	// then. One that the realm, as it is configured, has no room for hides the
	// value, too.
	While func(Object) bool
	Is    string
}

// Of says what hides a value: the object at an address, or one that cannot be
// read.
func (v *Veil) Of(by Address) string {
	if by == "" {
		return "its " + v.By + " is " + v.Is + " or cannot be read"
	}
	return string(by) + " is " + v.Is
}

func field(name string, t Type) Field { return Field{Name: name, Type: t} }

func str(name string) Field     { return field(name, String) }
func boolean(name string) Field { return field(name, Boolean) }
func integer(name string) Field { return field(name, Integer).takes(int32s) }
func set(name string) Field     { return field(name, Set) }
func list(name string) Field    { return field(name, List) }
func dict(name string) Field    { return keyed(name, Dict) }

// multi is a map of lists of strings, as attributes of roles are. The server
// keeps a row for each value, and reads them in no order.
func multi(name string) Field { return keyed(name, MultiDict) }

// keyed is a map whose keys the server keeps in a column of their own.
func keyed(name string, t Type) Field {
	f := field(name, t)
	f.KeyMost = columnLength
	return f
}

// config is a map of sets of strings, as the configuration of
// components is. A key is cleared by an empty list.
func config(name string) Field {
	f := multi(name).clearWith(EmptyList)
	f.Unordered = true
	return f
}

// anything is carried and compared whole.
func anything(name string) Field { return field(name, Any) }

// object is a nested representation with fields of its own.
func object(name string, fields ...Field) Field {
	return Field{Name: name, Type: Struct, Fields: fields}
}

// freeMap is a map of whatever it is, compared whole.
func freeMap(name string) Field { return field(name, Map) }

// objects is a list of objects, told apart by one of their fields, in an
// order that has no meaning.
func objects(name, by string, fields ...Field) Field {
	return Field{Name: name, Type: List, Named: by, Unordered: true, Fields: fields}
}

// objectList is a list of objects in an order that has meaning.
func objectList(name string, fields ...Field) Field {
	return Field{Name: name, Type: List, Fields: fields}
}

// tree is an ordered tree of nodes with fields, known by some of them.
func tree(name string, keys []string, fields ...Field) Field {
	return Field{Name: name, Type: Tree, Keys: keys, Fields: fields}
}

func (f Field) filled(by func(o Object, version string) bool) Field { f.Filled = by; return f }

func (f Field) passed(when func(node map[string]any) bool) Field { f.Passing = when; return f }

// realmRoles is a set of realm roles, by name, that is written at a path.
func realmRoles(name, path string) Field {
	return set(name).ref("role").late().via(Link{Path: path})
}

// clientRoles is a set of client roles by client, {clientId: [name]}, that is
// written at a path.
func clientRoles(name, path string) Field {
	f := field(name, SetDict).ref("role").late().via(Link{Path: path})
	f.Owner = "client"
	return f
}

// roles is a set of roles of both sorts, {realm: [name], client: {clientId: [name]}}.
func roles(name, realmPath, clientPath string) Field {
	f := object(name, realmRoles("realm", realmPath), clientRoles("client", clientPath))
	f.Whole = true
	return f
}

func (f Field) ref(kind string) Field          { f.Ref = kind; return f }
func (f Field) late() Field                    { f.Late = true; return f }
func (f Field) byID() Field                    { f.ByID = true; return f }
func (f Field) computed() Field                { f.Computed = true; return f }
func (f Field) immutable() Field               { f.Immutable = true; return f }
func (f Field) secret() Field                  { f.Secret = true; return f }
func (f Field) named(name string) Field        { f.Named = name; return f }
func (f Field) forgiven() Field                { f.Forgiven = true; return f }
func (f Field) holds(names ...string) Field    { f.Holds = names; return f }
func (f Field) retains(name string) Field      { f.Retains = name; return f }
func (f Field) loss(s string) Field            { f.Loss = s; return f }
func (f Field) among(list string) Field        { f.Among = list; return f }
func (f Field) byName() Field                  { f.ByName = true; return f }
func (f Field) present() Field                 { f.Present = true; return f }
func (f Field) verbatim() Field                { f.Verbatim = true; return f }
func (f Field) initial() Field                 { f.Initial = true; return f }
func (f Field) offered() Field                 { f.Offered = true; return f }
func (f Field) imposed() Field                 { f.Imposed = true; return f }
func (f Field) hides() Field                   { f.Hides = true; return f }
func (f Field) veiled(v Veil) Field            { f.Veil = &v; return f }
func (f Field) grows() Field                   { f.Grows = true; return f }
func (f Field) sustains() Field                { f.Sustains = true; return f }
func (f Field) sole() Field                    { f.Sole = true; return f }
func (f Field) required() Field                { f.Required = true; return f }
func (f Field) ofNew() Field                   { f.OfNew = true; return f }
func (f Field) def(v any) Field                { f.Default = v; return f }
func (f Field) follows(s string) Field         { f.Follows = s; return f }
func (f Field) stirs() Field                   { f.Stirs = true; return f }
func (f Field) native() Field                  { f.Native = true; return f }
func (f Field) stepped() Field                 { f.Stepped = true; return f }
func (f Field) quiet(v any) Field              { f.Quiet = v; return f }
func (f Field) enum(v ...string) Field         { f.Enum = v; return f }
func (f Field) since(v string) Field           { f.Since = v; return f }
func (f Field) feature(v string) Field         { f.Feature = v; return f }
func (f Field) sibling() Field                 { f.Sibling = true; return f }
func (f Field) below(a Address) Field          { f.Below = a; return f }
func (f Field) slashed() Field                 { f.Slashed = true; return f }
func (f Field) wrap(key string) Field          { f.Wrap = key; return f }
func (f Field) same() Field                    { f.Same = true; return f }
func (f Field) ours() Field                    { f.Ours = true; return f }
func (f Field) via(l Link) Field               { f.Link = &l; return f }
func (f Field) doc(s string) Field             { f.Doc = s; return f }
func (f Field) clearWith(c Clear) Field        { f.Clear, f.Cleared = c, true; return f }
func (f Field) secretKeys(k ...string) Field   { f.SecretKeys = k; return f }
func (f Field) madeKeys(k ...string) Field     { f.MadeKeys = k; return f }
func (f Field) computedKeys(k ...string) Field { f.ComputedKeys = k; return f }

func (f Field) idle(as func(o Object, key string, value any) bool) Field {
	f.Idle = as
	return f
}

// each makes a field of every name with one word.
func each(word func(string) Field, names ...string) Fields {
	out := make(Fields, len(names))
	for i, n := range names {
		out[i] = word(n)
	}
	return out
}

// join puts fields and groups of fields in a row.
func join(groups ...Fields) Fields {
	var out Fields
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// Get returns the field of that name, or nil.
func (fs Fields) Get(name string) *Field {
	for i := range fs {
		if fs[i].Name == name {
			return &fs[i]
		}
	}
	return nil
}

// At returns the field that a JSON pointer leads to, walking down Structs and
// the objects of Lists; a pointer into a map or another list gives the field
// that holds it. It is nil when the first segment is no field.
func (fs Fields) At(pointer string) *Field {
	var f *Field
	for seg := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if f != nil && len(f.Fields) == 0 {
			return f
		}
		if _, err := strconv.Atoi(seg); err == nil && f != nil && f.Type == List {
			continue
		}
		next := fs.Get(unescapePointer(seg))
		if next == nil {
			return f
		}
		f, fs = next, next.Fields
	}
	return f
}

// Veiled returns the fields whose values another object may hide, of objects
// of the kind or, with "", of any.
func (fs Fields) Veiled(by string) Fields {
	var out Fields
	for _, f := range fs {
		if f.Veil != nil && (by == "" || f.Veil.By == by) {
			out = append(out, f)
		}
	}
	return out
}

// SecretAt reports whether the value that a JSON pointer leads to is secret.
func (fs Fields) SecretAt(pointer string) bool {
	f := fs.At(pointer)
	if f == nil {
		return false
	}
	if f.Secret {
		return true
	}
	key := unescapePointer(pointer[strings.LastIndexByte(pointer, '/')+1:])
	return f.secretKey(key)
}

func (f *Field) secretKey(key string) bool {
	for _, k := range f.SecretKeys {
		if k == key {
			return true
		}
	}
	return false
}

// Pointer joins segments to a JSON pointer (RFC 6901).
func Pointer(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(pointerEscaper.Replace(s))
	}
	return b.String()
}

// Segments splits a JSON pointer into its unescaped segments.
func Segments(pointer string) []string {
	if pointer == "" {
		return nil
	}
	segs := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, s := range segs {
		segs[i] = unescapePointer(s)
	}
	return segs
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

func unescapePointer(s string) string { return pointerUnescaper.Replace(s) }

// computed marks all of the fields as the server's own.
func computed(fs Fields) Fields {
	for i := range fs {
		fs[i].Computed = true
	}
	return fs
}
