package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// member is one member of a link field; owner is the key of a SetDict that
// it stands under, and body, for a member that is an object, its JSON.
type member struct{ owner, name, body string }

// linkChange says what is to be added to and removed from a link field.
type linkChange struct {
	f           *model.Field
	path        string // JSON pointer of the field
	add, remove []member
}

// linkStep is one request, or for Link.Each one request per member.
type linkStep struct {
	f       *model.Field
	remove  bool
	owner   string // whose id the path wants; "" when it wants none
	members []target
}

// target is a member, with the field that it is in.
type target struct {
	member
	f    *model.Field
	path string // JSON pointer of the field
}

// addr returns the address of the object that is the member.
func (t target) addr() model.Address { return t.f.Target("", t.owner, t.name) }

// linkBatch bounds the members of one request.
const linkBatch = 100

// membersOf returns the members in a canonical value of a link field.
func membersOf(f *model.Field, v any) map[member]bool {
	out := map[member]bool{}
	add := func(owner string, v any) {
		l, _ := v.([]any)
		for _, e := range l {
			if s := f.Member(e); s != "" {
				out[member{owner, s, bodyOf(e)}] = true
			}
		}
	}
	if m, ok := v.(map[string]any); ok {
		for owner, l := range m {
			add(owner, l)
		}
		return out
	}
	add("", v)
	return out
}

// bodyOf returns the JSON of a member that is an object, "" for another.
func bodyOf(e any) string {
	m, ok := e.(map[string]any)
	if !ok {
		return ""
	}
	body, _ := json.Marshal(m) // plain values: no error
	return string(body)
}

// linkFields returns the link fields below a pointer's field, with pointers.
func linkFields(fs model.Fields, at string) map[string]*model.Field {
	out := map[string]*model.Field{}
	for i := range fs {
		f := &fs[i]
		p := at + model.Pointer(f.Name)
		switch {
		case f.Link != nil:
			out[p] = f
		case f.Type == model.Struct:
			maps.Copy(out, linkFields(f.Fields, p))
		}
	}
	return out
}

// linkChanges takes from edits what they change about links.
func linkChanges(k *model.Kind, edits []diff.Edit) []linkChange {
	found := map[string]*linkChange{}
	note := func(path string, f *model.Field, before, after any) {
		c := found[path]
		if c == nil {
			c = &linkChange{f: f, path: path}
			found[path] = c
		}
		was, want := membersOf(f, before), membersOf(f, after)
		c.add = append(c.add, without(want, was)...)
		c.remove = append(c.remove, without(was, want)...)
	}
	for _, e := range edits {
		if !linked(k, e) {
			continue
		}
		l := locate(k.Fields, e.Path)
		at := model.Pointer(l.path...)
		switch {
		case l.f.Link == nil: // a Struct of links, as a whole
			for p, f := range linkFields(l.f.Fields, at) {
				sub := strings.TrimPrefix(p, at)
				note(p, f, lookupIn(e.Before, sub), lookupIn(e.After, sub))
			}
		case len(l.rest) == 1: // one owner of a SetDict
			note(at, l.f, map[string]any{l.rest[0]: e.Before}, map[string]any{l.rest[0]: e.After})
		default:
			note(at, l.f, e.Before, e.After)
		}
	}
	return sortedChanges(found)
}

func sortedChanges(found map[string]*linkChange) []linkChange {
	var out []linkChange
	for _, p := range model.Keys(found) {
		if c := found[p]; len(c.add)+len(c.remove) > 0 {
			out = append(out, *c)
		}
	}
	return out
}

// without returns the members of a that are not in b, sorted.
func without(a, b map[member]bool) []member {
	var out []member
	for m := range a {
		if !b[m] {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(x, y member) int {
		return cmp.Or(cmp.Compare(x.owner, y.owner), cmp.Compare(x.name, y.name), cmp.Compare(x.body, y.body))
	})
	return out
}

func lookupIn(v any, pointer string) any {
	m, _ := v.(map[string]any)
	return lookup(m, pointer)
}

// linkSteps orders link changes into requests. Members leave the fields that
// exclude each other before any is added: added to one while still in the
// other, they would silently stay where they are. Members that are objects are
// changed by taking the old one away first. Everywhere else additions come
// first, so that there is no moment without a role.
func linkSteps(changes []linkChange) []linkStep {
	var before, adds, after []linkStep
	for _, c := range changes {
		removals := stepsOf(c, c.remove, true)
		if c.f.Link.Exclusive != "" || c.f.Named != "" {
			before = append(before, removals...)
		} else {
			after = append(after, removals...)
		}
		adds = append(adds, stepsOf(c, c.add, false)...)
	}
	return slices.Concat(merge(before), merge(adds), merge(after))
}

// stepsOf groups members by the path of their request.
func stepsOf(c linkChange, members []member, remove bool) []linkStep {
	byOwner := map[string][]target{}
	for _, m := range members {
		owner := ""
		if strings.Contains(c.f.Link.Path, "{owner}") {
			owner = m.owner
		}
		byOwner[owner] = append(byOwner[owner], target{m, c.f, c.path})
	}
	var out []linkStep
	for _, owner := range model.Keys(byOwner) {
		out = append(out, linkStep{c.f, remove, owner, byOwner[owner]})
	}
	return out
}

// merge puts steps with the same path into one request and cuts those that
// would be too big.
func merge(steps []linkStep) []linkStep {
	var out []linkStep
	for _, s := range steps {
		i := slices.IndexFunc(out, func(o linkStep) bool {
			return !s.f.Link.Each && !o.f.Link.Each && o.f.Link.Path == s.f.Link.Path && o.owner == s.owner
		})
		if i < 0 {
			out = append(out, s)
			continue
		}
		out[i].members = append(out[i].members, s.members...)
	}
	var cut []linkStep
	for _, s := range out {
		for part := range slices.Chunk(s.members, linkBatch) {
			s.members = part
			cut = append(cut, s)
		}
	}
	return cut
}

// evict adds the removals without which additions would come to nothing: a
// member cannot be in two fields that exclude each other, also when only one
// of them is declared.
func evict(k *model.Kind, changes []linkChange, now model.Object) []linkChange {
	for _, c := range slices.Clone(changes) {
		other := c.f.Link.Exclusive
		if other == "" {
			continue
		}
		f := k.Fields.Get(other)
		there := membersOf(f, now[other])
		for _, m := range c.add {
			if !there[m] {
				continue
			}
			i := slices.IndexFunc(changes, func(o linkChange) bool { return o.f == f })
			if i < 0 {
				i = len(changes)
				changes = append(changes, linkChange{f: f, path: model.Pointer(other)})
			}
			if !slices.Contains(changes[i].remove, m) {
				changes[i].remove = append(changes[i].remove, m)
			}
		}
	}
	return changes
}

// link sends the requests of link steps, in order.
func (j *job) link(ctx context.Context, steps []linkStep) error {
	for _, s := range steps {
		if err := j.step(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// step does one step. When that fails it looks whether the members are where
// they should be all the same, by an earlier attempt or because what they are
// is gone.
func (j *job) step(ctx context.Context, s linkStep) error {
	err := j.stepOnce(ctx, s)
	if err == nil || !(unsure(err) || s.remove && keycloak.IsStatus(err, 404)) {
		return err
	}
	fields := map[string]bool{}
	for _, t := range s.members {
		fields[model.Segments(t.path)[0]] = true
	}
	_, now, look := j.read(ctx, fields)
	if look != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(s.members), func(t target) bool {
		return membersOf(t.f, lookup(now, t.path))[t.member] != s.remove
	})
	if len(left) == 0 {
		return nil
	}
	if len(left) == len(s.members) {
		return err
	}
	s.members = left
	return j.step(ctx, s)
}

func (j *job) stepOnce(ctx context.Context, s linkStep) error {
	method := "POST"
	switch {
	case s.remove:
		method = "DELETE"
	case s.f.Link.Each:
		method = "PUT"
	}
	var more []string
	if s.owner != "" {
		k := model.Lookup(s.f.Owner)
		id, err := j.id(ctx, k, model.AddressOf("", k, s.owner), "")
		if s.remove && errors.Is(err, errAbsent) {
			return nil // and all it owned
		}
		if err != nil {
			return err
		}
		more = []string{"owner", id}
	}
	var list []map[string]any
	for _, t := range s.members {
		a := t.addr()
		id, err := j.id(ctx, model.Lookup(t.f.Ref), a, model.ParentOf(a))
		if s.remove && errors.Is(err, errAbsent) {
			continue
		}
		if err != nil {
			return err
		}
		if s.f.Link.Each {
			if err := j.linkOne(ctx, s, method, t, id, more); err != nil {
				return err
			}
			continue
		}
		list = append(list, map[string]any{"id": id, "name": a.Key()})
	}
	if len(list) == 0 {
		return nil
	}
	return j.linkRequest(ctx, method, s.f.Link.Path, list, more...)
}

// linkOne adds or removes one member.
func (j *job) linkOne(ctx context.Context, s linkStep, method string, t target, id string, more []string) error {
	l := s.f.Link
	if l.ByKey {
		id = t.name
	}
	more = append(slices.Clone(more), "target", id)
	switch {
	case s.remove || l.Add == "":
		return j.linkRequest(ctx, method, l.Path, nil, more...)
	case t.body != "":
		return j.linkRequest(ctx, "POST", l.Add, json.RawMessage(t.body), more...)
	}
	return j.linkVeiled(ctx, t, func() error { return j.linkRequest(ctx, "POST", l.Add, id, more...) })
}

func (j *job) linkRequest(ctx context.Context, method, template string, body any, more ...string) error {
	path, query, err := j.path(ctx, j.c.Kind, j.c.Addr, j.c.Parent, template, more...)
	if err != nil {
		return err
	}
	_, err = j.send(ctx, keycloak.Request{Method: method, Path: path, Query: query, Body: body, Repeatable: true})
	return err
}
