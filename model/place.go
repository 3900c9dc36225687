package model

import (
	"slices"
	"strings"
)

// Place is one spot where objects of a kind live.
type Place struct {
	// Parent is the kind of the parent; empty is the realm.
	Parent string
	// Path is the endpoint, below the realm's, that lists and creates:
	// "clients", "{parent}/protocol-mappers/models".
	Path string
	// List is the path, with its query, that lists when it is not Path.
	List string
	// Besides says that Keycloak's import makes what a new realm has there besides
	// what a file lists. Elsewhere it makes none of it where a file lists others.
	Besides bool
	// Alias tells how an object is found that goes by another name than List
	// asks for: the Flat list, in a partial export of the realm with its
	// clients, holds it by its parent, with the name in the field.
	Alias *Search
	// ListSince is the version (major.minor) from which on servers understand
	// List; older ones understand ListBefore.
	ListSince, ListBefore string
	// Each says that List (or Path) has to be asked once per parent, which is
	// so unless the objects come along with something else.
	Each bool
	// Page is the page size of the list, in objects; 0 reads it in one go.
	// The server's cost grows with the square of what one request touches.
	Page int
	// Document is the key, in the document at Path, of the list that holds the
	// objects: none of them has a path of its own, and each is written by
	// reading the document, changing the list, and writing the document.
	Document string
	// Fixed is the key, in the answer to List, of more such objects, which the
	// server keeps for itself: others may refer to them, nobody changes them.
	Fixed string
	// In is the key, in the parent's representation, under which objects
	// stand in files: "protocolMappers"; dots walk down ("roles.realm").
	In string
	// Under is a further key below In, taken as it is, dots and all.
	Under string
	// By is the field whose value is the key, below In, under which an object
	// stands: In is then a map of lists.
	By string
	// Except are the keys of such a map whose lists do not belong to the kind;
	// neither do those that are Under another place.
	Except []string
	// Also is another spelling of In and Under, key by key.
	Also []string
	// Flat is the key, in the realm's representation, of a list of the
	// objects of all parents ("identityProviderMappers").
	Flat string
	// FlatBy is the field, in objects of the Flat list, that names the
	// parent; empty means Flat is a map keyed by the parent.
	FlatBy string
	// Mixed says that the Flat list also holds objects of another kind: those
	// without FlatBy.
	Mixed bool
	// Declared says that the objects are data, of which there may be very
	// many: each is looked up by List when a file declares or names it, they
	// are never listed, and what is not declared does not exist for kcsync.
	Declared bool
	// Rival tells how the one is found that has a field of a declared object
	// already, which only one can have ([Kind.Claims]).
	Rival *Search
	// Inline says that the list shows objects inside their parent's own
	// representation (under In), so that no further request is needed.
	Inline bool
	// Inside says, of an Inline place, that objects are shown nowhere else:
	// to read one is to read its parent. A PUT then is the whole object.
	Inside bool
	// Given are objects that a server with the feature With puts into every new
	// parent that does not come with a list In, if only an empty one.
	Given []Object
	With  string
	// Base says that a partial export without clients, groups and roles
	// holds the objects.
	Base bool
	// Right is what a right to the objects is called in the roles of the
	// realm's administration: with "clients" it takes view-clients (or
	// manage-clients) to see them all and manage-clients to write them. With
	// [RealmAdmin] it takes that role for both.
	Right string
	// Managed says that the right to view is not enough to see them.
	Managed bool
}

// Search finds an object of a [Place] by the value of a field.
type Search struct {
	// Field is that field, and List the path, with its query, that lists the
	// objects with {value} in it.
	Field, List string
}

// Register is a request that makes an object known to the server, which then
// has it with values of its own.
type Register struct {
	// Path is below the realm's.
	Path string
	// Fields are what is POSTed there. What is not declared is sent as
	// [Kind.Derive] has it.
	Fields []string
	// As is the field whose value is the object's natural key at first.
	As string
}

// ListPath returns the template of the path, with its query, that lists the
// place on a server of the version.
func (p *Place) ListPath(version string) string {
	switch {
	case p.List == "":
		return p.Path
	case !HasVersion(version, p.ListSince):
		return p.ListBefore
	}
	return p.List
}

// GivenOn returns, in canonical form and by address, what a server puts by itself
// into a new parent of which nobody says what it has in the place.
func (k *Kind) GivenOn(server Server, parent Address) map[Address]Object {
	out := map[Address]Object{}
	up := KindOf(parent)
	if up == nil {
		return out
	}
	if p := k.Place(up.Name); p != nil && server.Features[p.With] {
		for _, o := range p.Given {
			if a, ok := k.Address(parent, o); ok {
				out[a] = k.Canonical(o)
			}
		}
	}
	return out
}

// Keys returns the keys that lead to the place's objects in the parent's
// representation; nil when there are none.
func (p *Place) Keys() []string {
	if p.In == "" {
		return nil
	}
	keys := strings.Split(p.In, ".")
	if p.Under != "" {
		keys = append(keys, p.Under)
	}
	return keys
}

// Holds reports whether a listed object is of the place: its list may be
// shared with other kinds.
func (p *Place) Holds(o Object) bool {
	if p.By == "" {
		return true
	}
	key, _ := o[p.By].(string)
	return !slices.Contains(p.Except, key) && !p.Claimed(key)
}

// Claimed reports whether another kind has its objects under a key of the
// place's In.
func (p *Place) Claimed(key string) bool {
	for _, k := range kinds {
		for i := range k.Places {
			if k.Places[i].In == p.In && k.Places[i].Under == key {
				return true
			}
		}
	}
	return false
}

// ItemTemplate returns the template of the path of one object that lives in a
// place, below the realm's path: [Kind.Item], or else what follows from the
// place. It is "" for the realm itself.
func (k *Kind) ItemTemplate(p *Place) string {
	switch {
	case k.Item != "":
		return k.Item
	case p == nil || p.Path == "":
		return ""
	case p.Document != "" || k.Singleton():
		return p.Path
	}
	return p.Path + "/{id}"
}
