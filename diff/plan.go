// Package diff compares what files ask for with what a server has and makes
// of it a [Plan]: every change that would be made, in an order in which it
// can be made. It is pure: no server, no clock, no environment but through
// [Options].
package diff

import "github.com/kcsync/kcsync/model"

// Action says what a change does.
type Action string

// The actions.
const (
	Create  Action = "create"
	Update  Action = "update"
	Delete  Action = "delete"
	Replace Action = "replace" // delete and create anew, because a fixed field differs
	Move    Action = "move"    // renamed or put under another parent; the id stays
)

// Edit is one difference in a field, or in one key of a map.
type Edit struct {
	// Path is a JSON pointer into the object: "/redirectUris",
	// "/attributes/pkce.code.challenge.method".
	Path string
	// Before and After are canonical values; nil is absent, and After nil is
	// to be cleared. A secret's Before is nil, and its After is a
	// [model.Reference] unless the file holds the value itself; within a set
	// or list, some of the members may be References.
	Before, After any
	// Secret values are applied but never shown.
	Secret bool
}

// Change is one step of a plan. Only what it says is done.
type Change struct {
	// ID names the change within its plan: the address, and for the second
	// part of a change that was cut in two the address and " (late)".
	ID   string
	Addr model.Address
	// From is where a moved, or replaced and renamed, object was before; ""
	// when it stays. It is the address at the moment of the change, when all
	// that the change needs is done: below a parent that moves too, it is
	// below the parent's new address.
	From   model.Address
	Kind   *model.Kind
	Parent model.Address
	Action Action
	// Reason says why, where that does not go without saying: "no longer in
	// the files", "providerId is fixed".
	Reason string
	// Before is the object on the server, as far as it was read; nil when
	// there is none. After is what the file declares; nil for a delete. A
	// change that was cut in two has in After only what its own part writes.
	Before, After model.Object
	// made is what the server will have made there by itself when an object is
	// created, along with the one above it; nil when that is nothing.
	made model.Object
	// Shown are the kinds of objects, by name, whose complete list the files
	// have in this one.
	Shown map[string]bool
	// Edits are what differs, by path; empty for Create, Delete and Replace,
	// but for the Create of a realm: it is created empty, and Edits are what
	// differs then from what its server makes by itself.
	Edits []Edit
	// Needs are the IDs of changes that must be done before.
	Needs []string
	// Impact says what the change means for people.
	Impact []model.Diagnostic
	Source model.Source
}

// Plan is everything that an apply would do. It is a value: what is printed,
// saved and applied is this.
type Plan struct {
	Realm  string
	Server model.Server
	// Changes are in an order in which they can be applied: every change
	// comes after all that it needs.
	Changes []*Change
	// Unmanaged are the objects on the server and in no file.
	Unmanaged []model.Address
	// Notes are things to know that stop nothing.
	Notes model.Diagnostics
	// Desired and Current count the objects in the files and on the server.
	Desired, Current int
	// Unchanged counts the objects that are as the files say.
	Unchanged int
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 }

// Options are what a comparison depends on beside the two states.
type Options struct {
	// Resolver gives the values of references, to compare them with secrets
	// that the server lets us read.
	Resolver model.Resolver
	// Baseline is what the server's version makes by itself; nil when unknown.
	Baseline *model.Baseline
	// Prune deletes what is on the server and in no file, of the kinds that
	// the files say something about; never what the server made by itself.
	Prune bool
	// Recorded says that the current state is a recorded one, so that nobody
	// will apply the plan: a reference that is not set is only noted, even if
	// the object is to be created.
	Recorded bool
	// WriteSecrets writes the secrets that the server does not let us read,
	// whether or not they differ.
	WriteSecrets bool
	// Delete holds the addresses of objects in no file that are deleted, also
	// where Prune would not, because other people's data goes with them.
	Delete map[model.Address]bool
	// Replace holds the addresses that may be deleted and created anew.
	Replace map[model.Address]bool
}
