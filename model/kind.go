// Package model holds what Keycloak has: the kinds of objects that make up a
// realm's configuration, described as data, and the types that carry objects
// of those kinds from files or from a server.
//
// Nothing here talks to a server or knows how a plan is made. Everything that
// is special about one kind is said in its own kind_*.go file; the packages
// that load, fetch, compare and apply read only the words of [Kind], [Place]
// and [Field] and never name a kind.
package model

import "slices"

// Kind describes one kind of configuration object. The zero value of each
// field is the common case.
type Kind struct {
	// Name is the field's own word, such as "client-scope", and the kind's
	// segment in an [Address].
	Name string
	// Doc says in one sentence what the kind is.
	Doc string
	// Since is the first Keycloak version (major.minor) that has the kind;
	// empty for all supported ones.
	Since string
	// Feature names the server feature without which the kind does not exist.
	Feature string
	// Class is the server's representation class, from which field names and
	// types were taken; see catalogue/classes.
	Class string

	// Folder is the directory, below a realm's, that holds the kind's own
	// files; empty when objects stand only inside their parent's file.
	Folder string
	// File is the name, without its ending, of the kind's one file in a
	// realm's directory, for a kind of which there is at most one.
	File string
	// Listed says that exports put all objects into one file, as a list,
	// because each is small.
	Listed bool
	// Typed are further classes of the server, for variants of the kind, from
	// which there are fields.
	Typed []string
	// Places say under which parents objects live, and where the server
	// lists and creates them. A kind whose only place has neither a Path nor
	// a Parent is the realm itself.
	Places []Place
	// Key is the field that holds the natural key; empty for a kind of which
	// there is at most one under a parent.
	Key string
	// KeyWith are fields without which the natural key does not tell objects
	// apart; in an [Address] they come before it. They cannot change.
	KeyWith []string
	// Const are the fields that all objects of the kind have on the wire, and
	// by which the server tells them from others of the same Class.
	Const Object
	// ID is the field that holds the server's id when it is not "id".
	ID string
	// Item is the path of one object below the realm's, with {id} for the
	// server's id, {key} for the natural key and {parent} for the parent's
	// own item path, and {root} for the item path of the object of another
	// kind below which a tree stands. An address, as in {client/shop}, is the
	// id of the object there. Empty is the place's path and, unless there is
	// only one object, the id.
	Item string
	// Bare is the field that alone makes up an object's representation: in
	// files, which are called by the key, and on the server the field's value
	// stands for the object, and under Place.In there is a map by key.
	Bare string
	// Show is the path that shows one object when Item does not show all of it.
	Show string
	// Find is the path that finds an object by its natural key, {key}, where
	// no list tells its id or the list is long: it answers the object, or a
	// list of it.
	Find string
	// Variant is the field that chooses among server defaults ("protocol":
	// the defaults of a SAML client are not those of an OpenID Connect one).
	Variant string
	// Examples are the smallest objects of the kind, one per variant, from
	// which the server's defaults are recorded. Key fields are filled in.
	Examples []Object

	// Part says that an object is pure configuration of its parent, as a
	// protocol mapper is: nobody else's data hangs on it, so it is removed
	// when the list that its parent's file shows no longer holds it, and may
	// be replaced without asking. It also shares its parent's queue.
	Part bool
	// Implied says that Keycloak, when it imports a realm, makes an object that
	// others name and nothing declares.
	Implied bool
	// Spawned says that the server makes the object along with its parent:
	// to create it is to find and update it.
	Spawned bool
	// Spawns returns objects that the server makes by itself along with a new
	// parent, of which parent holds the declared fields; above is the natural
	// key of the object that the parent belongs to. To create one of them is to
	// find and update it; one that a Part's complete list does not hold is
	// removed. Objects beyond these are created as usual.
	Spawns func(parent Object, above string) []Object
	// SpawnsUntil is the first version (major.minor) whose servers do so no
	// more; empty when all do.
	SpawnsUntil string
	// Loses says what goes with an object, when it is deleted or replaced,
	// that no file can bring back.
	Loses string
	// Vital names what an object is needed for when a realm cannot be without
	// ("signing key"); "" when it can. The last object that serves a purpose
	// is never deleted.
	Vital func(Object) string
	// Reread says that the server makes more, or less, of a new object than
	// what was POSTed: creation reads it again and writes what is missing.
	Reread bool
	// Takes says what of other people's goes for good with an object of the
	// kind. Such an object is deleted only where that is confirmed by name.
	Takes string
	// After are kinds whose changes have to be made before, for reasons that
	// no field shows.
	After []string
	// NewAfter are kinds whose changes have to be made before an object of this
	// one is created.
	NewAfter []string
	// When says under which parents an object of the kind can exist; nil
	// means under every one. WhenText is what it asks of the parent, as one
	// would write it there.
	When     func(parent Object) bool
	WhenText string
	// MadeWith reports whether the server makes the object of that key along
	// with its parent, as that is configured: files need not declare it, and
	// it is not deleted.
	MadeWith func(key string, parent Object) bool
	// Keeps returns members of the kind's sets that the server puts there
	// because of the parent, and that a list which does not show them leaves
	// there.
	Keeps func(parent Object) Object
	// Overrules returns what Keycloak's import of a realm gives an object
	// whatever the file says of it.
	Overrules func(o Object) []Overrule
	// Imports are what Keycloak's import gives an object of which a file does not
	// say it, and its API does not.
	Imports []Import
	// Came says, of objects that the server makes by itself, since which version
	// it does, where older exports that do not list the like are about.
	Came map[Address]string
	// Restored are objects that every realm has, and fields of such ("rootUrl of
	// client/account"), which Keycloak's import makes as a new realm has them
	// though a file does not say them: in a file that is older than the version,
	// or in any where that is ""; and that says the object, where one follows the
	// version.
	Restored map[string]string
	// Unlike tells what Keycloak's import would make otherwise than its API of
	// an object of a new realm, in words that say it of several.
	Unlike func(o Object, file File) []Problem
	// Unspoken tells it of an object that a new realm has by itself and of which
	// the file says nothing: at the place in the realm to which the pointer leads.
	Unspoken func(o Object, file File) []Problem
	// Lapsed is a property that only representations of an older version have
	// which no version of today reads: Keycloak's import passes over the lists
	// that hold one. See [Lapse].
	Lapsed string
	// Builtin recognizes objects that the server keeps for itself although a
	// fresh realm has none; what a fresh realm has is known from [Baseline].
	Builtin func(Object) bool
	// Sealed recognizes objects of a realm that the server, since 26.7,
	// lets nobody change, nor what is below them under the same [Place.Right].
	Sealed func(realm string, it *Item) bool
	// Stays recognizes objects of the server's own that it lets nobody delete.
	Stays func(Object) bool
	// OwnID says that POST honours an id that we choose, which makes creation
	// safe to repeat.
	OwnID bool
	// Bulk is the path, below the place's parent, that creates several
	// objects of the kind in one atomic request.
	Bulk string
	// Register is how an object is made known to the server before it can be
	// written; nil: it is POSTed as it is.
	Register *Register
	// Merged says that an object is created and changed by POSTing to its own
	// path what changes: the rest stays, and null removes.
	Merged bool
	// LocatedByKey says that the Location which POST answers ends in the
	// natural key, not in the id.
	LocatedByKey bool
	// ParentField is the field in which a body names the parent by its key.
	ParentField string
	// ParentID is the field in which a body names the parent by its id.
	ParentID string
	// ReadOnly says that others refer to objects of the kind, which files
	// cannot declare.
	ReadOnly bool
	// Move is the path that moves an existing object below another parent:
	// its {id} and key are POSTed there. Empty: objects cannot move.
	Move string
	// Spares says that a write without a [Field.Late] reference leaves it as it
	// is: it is sent only where it changes, because what it names may get another
	// name meanwhile.
	Spares bool
	// Queue names the writers that must be serial: all objects whose Queue is
	// equal are written one at a time. Empty: each object is its own queue.
	Queue string
	// Clear is how an absent value is sent for scalar fields.
	Clear Clear
	// Fields are the representation's fields.
	Fields Fields
	// Unmanaged are the representation's other properties, which files may
	// hold and kcsync leaves as they are on the server, saying so.
	Unmanaged []string
	// Instead says, for some of Unmanaged, which property to write today.
	Instead map[string]string
	// Reads are the requests beyond the list that complete an object.
	Reads []Read
	// Check says what is wrong with a declared object as such, beyond what a
	// schema can tell; pure. It is asked when files are loaded, without a server:
	// what only other objects, or what the server has of this one, can tell is
	// asked of the words that follow, by a plan.
	Check func(Object) []Problem
	// Ignores tells what of a declared object the server takes and drops: it is
	// left out of the comparison, and a warning says so. It comes before the
	// changes are known. The object as it will be is whole; the function other
	// gives one that lives directly in the realm, or the realm itself, by kind and
	// key, and by "" what the object lives in; nil when there is none.
	Ignores func(o, whole Object, other func(kind, key string) Object) []Problem
	// LooksAt are, by declared field, the kinds of the realm's objects that
	// Ignores and Refuses look at for it.
	LooksAt map[string]string
	// Refuses says why the server would not take an object as a whole, be it
	// that it says so itself or not: it looks at one only when that is written,
	// and so does a plan. What the object will be is o, and have as it is, nil when
	// it is new; other is as for Ignores, and server the one asked.
	Refuses func(o, have Object, other func(kind, key string) Object, server Server) []Problem
	// Fits tells what is wrong with an object as it will be beside others, which
	// are given as for Ignores: unlike Refuses also of one that is not written
	// itself, because the server fails on a write of the others, or changes this
	// one along with them. What is so on the server already is no news of one that
	// is not written, and no warning.
	Fits func(whole Object, other func(kind, key string) Object) []Problem
	// Heeds names the fields of the realm by which the server judges an object, so
	// that they are written before.
	Heeds func(whole Object) []string
	// Switch names the switch of the realm that has to be on for the server to take
	// such an object, new or changed; "" when it takes it in any realm.
	Switch func(whole Object) string
	// Claims returns, by pointer, what no other object of the kind in the realm
	// can have at the same time, in words; the realm is as it will be.
	Claims func(o, realm Object) map[string]string
	// Rigid says why the server would not let an object of its own become what is
	// declared, or "" when it would: what an export says of one otherwise is left
	// as it is.
	Rigid func(have, want Object) (summary, detail string)
	// Renames says why the server lets no object of the kind have another
	// natural key, by the realm as it will be, and what to do; "" when it does.
	Renames func(realm Object) (summary, detail string)
	// Impact says what an update means for people, a sentence each, on a server
	// of a version; before and after are the whole object.
	Impact func(before, after Object, version string) []string
	// Bound says that the server does not delete an object while others refer
	// to it, and that a plan names those that do.
	Bound bool
	// Withers returns the kind of which the server deletes no object, of this realm
	// or of another, without this one, because that names none; "" when there is
	// none.
	Withers func(Object) string
	// Steps are the requests that make of an object's [Tree] fields, and of
	// those that are [Field.Stepped], what is declared; pure. The object is
	// given as it was read, with all ids, and so are the others that it may share
	// something with; want is nil for one that is to be deleted, of which
	// the others keep what is theirs. That somebody may be at work with it
	// meanwhile is said by used, and the server's version is known. The function
	// id gives a UUID, always the same one, for a new part of a name.
	Steps func(now, want Object, others []Object, used bool, version string, id func(name string) string) ([]Step, error)
	// Shares reports whether two objects may have something that the server keeps
	// once for both, as an import may make it: what is done to it through the
	// one is done to the other.
	Shares func(a, b Object) bool
	// Canon turns an object into the form that is compared, after the field
	// types did their part; pure, and applied to both sides alike.
	Canon func(Object) Object
	// Fills returns the fields that the server sets by itself in a new object
	// that o declares, where they depend on o's other fields. Unlike what
	// Derive returns they are part of the object, and can be taken out of it.
	Fills func(o Object) Object
	// Adds returns the members that the server puts by itself into sets of a
	// new object that o declares, beside those that they have by default. They
	// can be taken out of it.
	Adds func(o Object) Object
	// Tugs are the members of sets that every write of an object puts in where
	// Adds returns them for the object, and takes out where it does not. In a set
	// that no file declares they come and go only with that, and the plan says so;
	// what else a write does to it is undone.
	Tugs map[string][]string
	// Derive returns the fields that the server fills in from others when
	// they are absent from a creation; parent and realm are their objects.
	Derive func(o, parent, realm Object) Object
	// Gives returns what every object of the kind shows, beside what Derive
	// returns, where it has nothing of its own; other is as for Ignores.
	Gives func(other func(kind, key string) Object) Object
	// Changes is the address of another object that the server changes along
	// with objects of the kind: changes of that one, and of all below, come
	// after those of the kind.
	Changes Address
	// Dormant says, by the representation of the object at Changes, that all
	// objects of the kind are empty. Then they are not read: the server would
	// write to answer.
	Dormant func(changed Object) bool
	// Within names what stands within an object and is referred to as if it were
	// one of the kind itself, with its id where o tells that. No two objects of
	// the kind, nor what is within them, can have one name.
	Within func(o Object) map[string]string
	// Joins takes from a representation the members of sets that an older spelling
	// adds to whatever the object has there otherwise, and to what a new one has by
	// default.
	Joins func(Object) Object
	// Rename returns an object in which what stands within it has other names.
	Rename func(o Object, names map[string]string) Object
	// Sways are what the server changes by itself along with an object of the
	// kind.
	Sways []Sway
	// Kept recognizes, by its parent's address and its representation, what
	// the server keeps among objects of the kind and another kind stands for:
	// it is not one.
	Kept func(parent Address, o Object) bool
	// Complete adds to the body of a creation what the server would
	// otherwise take from elsewhere; parent is its object.
	Complete func(body, parent Object)
	// Repeat changes what the body of an update repeats of the object, where the
	// server does not take what it shows.
	Repeat func(body Object)
	// Inherits adds to the body of a creation what the server would otherwise take
	// from the realm, all of which is read for that.
	Inherits func(body, realm Object)
	// Called returns how references name an object of which nothing but the
	// representation is known, when that is not its natural key. The function
	// name does the same for another object by its id.
	Called func(rep Object, name func(kind, id string) string) string
	// Wire turns the fields of an object into the representation that is
	// sent; it undoes what Unfold does.
	Wire func(body Object) Object
	// Unfold rewrites a representation before it is taken apart into items:
	// older spellings become today's. It reports what it could not place.
	Unfold func(Object) Object
	// Formerly returns the pointer at which an older spelling, of those that
	// Unfold knows, has what stands at a pointer today; "" when there is none.
	Formerly func(pointer string) string
}

// Sway is what the server changes by itself in other objects along with one.
type Sway struct {
	// Kind is the name of their kind. All of the realm may change, of a kind
	// whose objects live below the one only those.
	Kind string
	// Shown says that what changes is in what lists show of them: nothing more is
	// read for it, and none that is not looked up anyhow.
	Shown bool
	// By returns, of the object before (nil when it is new) and after (nil when
	// it goes), what becomes of one of them, and that in words; "" when nothing
	// does.
	By func(before, after Object) (does string, sway func(Object) Object)
}

// Problem is something wrong with a declared object.
type Problem struct {
	// Pointer leads to the field, and Member, if the field is a set, to one in
	// it.
	Pointer, Member string
	Summary, Detail string
	// Warning says that it works all the same.
	Warning bool
}

// Clear is how the absence of a value is said on the wire; it differs per
// kind and per field (measured, see docs/kinds.md).
type Clear int

// The ways to clear a value.
const (
	Omit      Clear = iota // leave the field or key out
	Empty                  // send ""
	Null                   // send null
	EmptyList              // send []
)

// Tree reports whether objects of the kind live below others of it, as
// groups do. Such an object's key in an [Address] is the path of names.
func (k *Kind) Tree() bool {
	return slices.ContainsFunc(k.Places, func(p Place) bool { return p.Parent == k.Name })
}

// Whole reports whether every write of an object names all that it has, and
// so also what it refers to and does not change.
func (k *Kind) Whole() bool {
	return k.Wire != nil || slices.ContainsFunc(k.Places, func(p Place) bool { return p.Inside })
}

// Singleton reports whether there is at most one object under a parent.
func (k *Kind) Singleton() bool { return k.Key == "" }

// NamedBy returns the kinds whose objects go by the names of k's, see
// [Field.ByName]. An object of k is renamed by making another, letting those
// name it, and deleting the first, so that none is ever left without.
func (k *Kind) NamedBy() []*Kind {
	var out []*Kind
	for _, other := range kinds {
		if slices.ContainsFunc(other.Fields, func(f Field) bool { return f.ByName && f.Ref == k.Name }) {
			out = append(out, other)
		}
	}
	return out
}

// ReferredBy returns the kinds of the realm's own objects that name objects of
// k in a field.
func (k *Kind) ReferredBy() []*Kind {
	var out []*Kind
	for _, other := range kinds {
		if other != k && other.Top() && slices.ContainsFunc(other.Fields, func(f Field) bool { return f.Ref == k.Name }) {
			out = append(out, other)
		}
	}
	return out
}

// IDField returns the field that holds the server's id.
func (k *Kind) IDField() string {
	if k.ID != "" {
		return k.ID
	}
	return "id"
}

// Place returns the place under the given parent kind ("" is the realm), or
// nil when objects of the kind do not live there.
func (k *Kind) Place(parent string) *Place {
	for i := range k.Places {
		if k.Places[i].Parent == parent {
			return &k.Places[i]
		}
	}
	return nil
}

// Top reports whether objects of the kind live directly in the realm.
func (k *Kind) Top() bool { return k.Place("") != nil }

// SpawnedOn returns, in canonical form and by address, the objects of the kind
// that a server of the version makes by itself along with a new parent at an
// address.
func (k *Kind) SpawnedOn(version string, at Address, parent Object) map[Address]Object {
	out := map[Address]Object{}
	if k.Spawns == nil || k.SpawnsUntil != "" && HasVersion(version, k.SpawnsUntil) {
		return out
	}
	for _, o := range k.Spawns(parent, ParentOf(at).Key()) {
		if a, ok := k.Address(at, o); ok {
			out[a] = k.Canonical(o)
		}
	}
	return out
}

// VariantOf returns the value of the kind's variant field in o, or "".
func (k *Kind) VariantOf(o Object) string {
	if k.Variant == "" {
		return ""
	}
	s, _ := o[k.Variant].(string)
	return s
}

// Children returns the kinds that have a place under k, in registry order.
func (k *Kind) Children() []*Kind {
	var out []*Kind
	for _, c := range kinds {
		if p := c.Place(k.parentName()); p != nil && c != k || p != nil && c.Tree() && c == k {
			out = append(out, c)
		}
	}
	return out
}

// Below returns where objects of the kind live below one of another, or nil.
func (k *Kind) Below(parent *Kind) *Place { return k.Place(parent.parentName()) }

// parentName is how places spell k as a parent: the realm is "".
func (k *Kind) parentName() string {
	if k == Realm {
		return ""
	}
	return k.Name
}

// kinds is the one explicit list of what a realm is made of, parents before
// children and, as far as that goes, in the order in which people think of
// them.
var kinds = []*Kind{
	Realm,
	clientScope,
	client,
	role,
	protocolMapper,
	serviceAccount,
	group,
	authorization,
	authorizationScope,
	authorizationResource,
	authorizationPolicy,
	adminPermissions,
	adminPolicy,
	adminPermission,
	identityProvider,
	identityProviderMapper,
	managementPermissions,
	managementPermission,
	authenticationFlow,
	requiredAction,
	userProfile,
	localization,
	clientProfile,
	clientPolicy,
	userFederation,
	userFederationMapper,
	keyProvider,
	clientRegistrationPolicy,
	component,
	organization,
	organizationGroup,
	user,
	workflow,
}

// Kinds returns every kind, parents before children.
func Kinds() []*Kind { return slices.Clone(kinds) }

// Lookup returns the kind of that name, or nil.
func Lookup(name string) *Kind {
	for _, k := range kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}
