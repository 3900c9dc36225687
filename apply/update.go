package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// rounds is how often an object is read and written when the outcome of a
// write is unknown.
const rounds = 3

// update makes the edits of a change: at most one PUT of the whole object,
// which is the server's own representation with the edits laid over, and then
// the requests of its links. Nothing is written when the object is not as the
// plan read it.
func (j *job) update(ctx context.Context) error {
	c, k := j.c, j.c.Kind
	written := false // the object itself is as it shall be; links may not be
	var undo []diff.Edit
	for round := 1; ; round++ {
		raw, now, err := j.read(ctx, j.concerned())
		if err != nil {
			return err
		}
		own, links, err := j.todo(now)
		if err != nil {
			return err
		}
		if len(own) > 0 && !written {
			undo = j.untug(now)
			err := j.put(ctx, raw, own)
			switch {
			case err == nil:
				written = true
			case round < rounds && unsure(err):
				continue // what was done will not be to do again
			default:
				return err
			}
			stirs := slices.ContainsFunc(k.Fields, func(f model.Field) bool { return (f.Stirs || f.Name == k.Variant) && touches(own, f.Name) })
			if round < rounds && (stirs || j.tugs(now)) {
				// The server gave it the links that go with the new value, or did to
				// them what it does with every write.
				j.w.made(c.Addr)
				continue
			}
		}
		tree, links := trees(k, append(links, undo...))
		if err := j.grow(ctx, tree); err != nil {
			return err
		}
		if err := j.link(ctx, linkSteps(evict(k, linkChanges(k, links), now))); err != nil {
			return err
		}
		j.lay()
		return nil
	}
}

// lay keeps what became of the job's object. Where its file asks for a default,
// only the edit says what that is.
func (j *job) lay() {
	c := j.c
	over := maps.Clone(c.After)
	for _, e := range c.Edits {
		if name := model.Segments(e.Path); len(name) == 1 {
			over[name[0]] = e.After
		}
	}
	j.w.lay(c.Kind, c.Addr, c.Parent, over)
}

// concerned returns the fields that the change is about, and those that
// exclude them.
func (j *job) concerned() map[string]bool {
	out := map[string]bool{}
	add := func(name string) {
		out[name] = true
		if f := j.c.Kind.Fields.Get(name); f != nil && f.Link != nil && f.Link.Exclusive != "" {
			out[f.Link.Exclusive] = true
		}
	}
	for _, e := range j.c.Edits {
		add(model.Segments(e.Path)[0])
	}
	if j.w.unread(j.c.Addr) {
		for name := range j.c.After {
			add(name)
		}
	}
	return out
}

// todo returns the edits that are still to be made, those of the object's own
// representation apart from those of links. It is an error when the object is
// neither as the plan read it nor as it shall be.
func (j *job) todo(now model.Object) (own, links []diff.Edit, err error) {
	c, k := j.c, j.c.Kind
	edits := slices.Clone(perKey(k, c.Edits))
	if j.w.unread(c.Addr) {
		edits = remaining(k, now, c.After, edits)
	}
	if j.sent { // what the server does not show as it is need not be sent again
		edits = slices.DeleteFunc(edits, func(e diff.Edit) bool { return hidden(k, e) && !model.Zero(e.After) })
	}
	if from, to := c.From.Key(), c.Addr.Key(); c.Action == diff.Move && from != to && !slices.ContainsFunc(edits, func(e diff.Edit) bool { return e.Path == model.Pointer(k.Key) }) {
		edits = append(edits, diff.Edit{Path: model.Pointer(k.Key), Before: from, After: to})
	}
	todo, moved := drift(k, now, edits)
	if len(moved) > 0 {
		for i, p := range moved {
			moved[i] = strings.Join(model.Segments(p), ".")
		}
		return nil, nil, fmt.Errorf("changed on the server since the plan: %s; plan again", strings.Join(moved, ", "))
	}
	for _, e := range todo {
		if linked(k, e) {
			links = append(links, e)
		} else {
			own = append(own, e)
		}
	}
	return own, links, nil
}

// remaining returns what is to be done to an object that the plan has not
// read: what is declared and is not so, and what the plan's edits ask for
// beyond that.
func remaining(k *model.Kind, now, after model.Object, planned []diff.Edit) []diff.Edit {
	out := differences(k, now, after)
	for _, e := range planned {
		if slices.ContainsFunc(out, func(o diff.Edit) bool { return o.Path == e.Path }) {
			continue
		}
		e.Before = lookup(now, e.Path)
		out = append(out, e)
	}
	return out
}

// tugs reports whether the server puts members into a list that the change is
// about and that is without them, or takes out those that are in it or in the one
// that excludes it, when the object is written.
func (j *job) tugs(now model.Object) bool {
	whole := now.Clone()
	maps.Copy(whole, j.c.After)
	for _, e := range j.c.Edits {
		if name := strings.TrimPrefix(e.Path, "/"); whole[name] == nil {
			whole[name] = e.After // null, which the plan knows the meaning of
		}
	}
	asked := func(list string) bool { return j.c.After[list] != nil || touches(j.c.Edits, list) }
	for name := range j.c.Kind.Tugs {
		add, remove := tugged(j.c.Kind, name, whole)
		other := j.c.Kind.Fields.Get(name).Link.Exclusive
		if asked(name) && len(add)+len(remove) > 0 || asked(other) && holds(whole[other], add) {
			return true
		}
	}
	return false
}

// untug returns the edits that undo what a write does to lists of the object
// that nobody changes: what it puts into one goes from the one that excludes it.
func (j *job) untug(now model.Object) []diff.Edit {
	var out []diff.Edit
	for _, name := range model.Keys(j.c.Kind.Tugs) {
		have, _ := now[name].([]any)
		add, remove := tugged(j.c.Kind, name, now)
		change := func(list string, before, after []any) {
			if j.c.After[list] == nil && !touches(j.c.Edits, list) {
				out = append(out, diff.Edit{Path: model.Pointer(list), Before: before, After: after})
			}
		}
		if len(add)+len(remove) > 0 {
			change(name, lessen(slices.Concat(have, add), remove), have)
		}
		if other := j.c.Kind.Fields.Get(name).Link.Exclusive; holds(now[other], add) {
			list, _ := now[other].([]any)
			change(other, lessen(list, add), list)
		}
	}
	return out
}

// holds reports whether one of the members is in a list.
func holds(list any, members []any) bool {
	l, _ := list.([]any)
	return slices.ContainsFunc(members, func(m any) bool { return slices.Contains(l, m) })
}

// lessen returns the list without the members.
func lessen(list, members []any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(e any) bool { return slices.Contains(members, e) })
}

// tugged returns the members that a write of an object adds to one of its
// lists, and those that it removes.
func tugged(k *model.Kind, name string, o model.Object) (add, remove []any) {
	have, _ := o[name].([]any)
	added, _ := k.Adds(o)[name].([]any)
	for _, m := range k.Tugs[name] {
		switch in, will := slices.Contains(have, any(m)), slices.Contains(added, any(m)); {
		case will && !in:
			add = append(add, m)
		case in && !will:
			remove = append(remove, m)
		}
	}
	return add, remove
}

// touches reports whether one of the edits is of a field.
func touches(l []diff.Edit, field string) bool {
	return slices.ContainsFunc(l, func(e diff.Edit) bool { return e.Path == model.Pointer(field) })
}

// read gets the change's object as the server shows it, and in canonical form
// with the fields that take requests of their own, as far as they are asked
// for.
func (j *job) read(ctx context.Context, fields map[string]bool) (raw, now model.Object, err error) {
	c, k := j.c, j.c.Kind
	if p := placeOf(k, c.Parent); p != nil && p.Inside {
		return j.readInside(ctx)
	}
	path, query, err := j.path(ctx, k, c.Addr, c.Parent, showTemplate(k, c.Parent))
	if err != nil {
		return nil, nil, err
	}
	if raw, err = j.object(ctx, path, query); err != nil {
		if keycloak.IsStatus(err, 404) || errors.Is(err, errAbsent) {
			err = fmt.Errorf("it is no longer on the server; plan again (%w)", err)
		}
		return nil, nil, err
	}
	whole := k.Whole() // what is not read would be lost by the write
	if whole && k.Unfold != nil {
		raw = k.Unfold(raw)
	}
	full := model.Object{}
	for name, v := range raw {
		full[name] = v
	}
	for _, rd := range k.Reads {
		asked := slices.ContainsFunc(rd.Fields, func(f string) bool { return fields[f] })
		if !asked && !whole || rd.When != nil && !rd.When(raw) {
			continue
		}
		var answer any = map[string]any(raw)
		if rd.Path != "" {
			if answer, err = j.members(ctx, rd); err != nil {
				return nil, nil, err
			}
		}
		if answer, err = j.more(ctx, rd, answer); err != nil {
			return nil, nil, err
		}
		for name, v := range rd.Into(answer, func(kind, id string) string { return j.name(ctx, kind, id) }) {
			full[name] = v
		}
	}
	j.full = full
	now = j.canonical(ctx, k, full)
	if whole {
		raw = now.Clone()
	}
	if c.Action == diff.Update || c.Action == diff.Move {
		err = j.veil(ctx, raw, now)
	}
	return raw, now, err
}

// members sends the request of a read, or those for the few members of its
// field that the file names.
func (j *job) members(ctx context.Context, rd model.Read) (answer any, err error) {
	ask := func(template string, more ...string) (v any, err error) {
		path, query, err := j.path(ctx, j.c.Kind, j.c.Addr, j.c.Parent, template, more...)
		if err == nil {
			err = j.get(ctx, path, query, &v)
		}
		return v, err
	}
	few := rd.Few(j.c.After)
	if few == nil {
		return ask(rd.Path)
	}
	all := []any{}
	for _, name := range few {
		v, err := ask(rd.One, "member", name)
		if err != nil {
			return nil, err
		}
		l, _ := v.([]any)
		all = append(all, l...)
	}
	return all, nil
}

// canonical returns the form in which an object of the server is compared.
func (j *job) canonical(ctx context.Context, k *model.Kind, o model.Object) model.Object {
	o = k.Canonical(o)
	for i := range k.Fields {
		f := &k.Fields[i]
		if o[f.Name] == nil || f.Ref == "" {
			continue
		}
		if target := model.Lookup(f.Ref); f.ByID {
			o[f.Name] = j.named(ctx, f, o[f.Name])
		} else if paths, ok := o[f.Name].([]any); ok && target.Tree() {
			for i, p := range paths {
				if p, ok := p.(string); ok {
					paths[i] = j.w.treePath(target, p)
				}
			}
		}
	}
	return j.w.settle(k, j.c.Parent, k.Canonical(o)) // names are not in the order of ids
}

// named replaces ids by natural keys.
func (j *job) named(ctx context.Context, f *model.Field, v any) any {
	return model.Leaves(v, func(leaf any) any {
		id, ok := leaf.(string)
		if !ok || id == "" {
			return leaf
		}
		if a := j.w.addr(f.Ref, id); a != "" {
			return f.Spell(a)
		}
		return j.name(ctx, f.Ref, id)
	})
}

// name returns how fields refer to the object of a kind with an id: the id
// itself when the server does not tell.
func (j *job) name(ctx context.Context, kind, id string) string {
	if key := j.w.key(kind, id); key != "" {
		return key
	}
	k := model.Lookup(kind)
	if k == nil || !k.Top() {
		return id
	}
	if k.Tree() && strings.HasPrefix(id, "/") { // what it shows by path it may take by id
		return j.w.treePath(k, id)
	}
	path, err := j.pathOf(ctx, k, model.AddressOf("", k, id), "", id)
	if err != nil {
		return id
	}
	var o model.Object
	if err := j.get(ctx, path, nil, &o); err != nil {
		return id
	}
	if k.Called != nil {
		return cmp.Or(k.Called(o, func(kind, id string) string { return j.name(ctx, kind, id) }), id)
	}
	key, _ := o[k.Key].(string)
	if key == "" {
		return id
	}
	j.w.learn(k, model.AddressOf("", k, key), id)
	return key
}

// put writes the object with edits laid over.
func (j *job) put(ctx context.Context, raw model.Object, own []diff.Edit) error {
	c, k := j.c, j.c.Kind
	if k.Merged {
		return j.merge(ctx, own)
	}
	body := raw.Clone()
	for _, child := range k.Children() {
		// Left out they stay; sent, those that somebody else adds meanwhile
		// would be removed.
		if keys := child.Below(k).Keys(); len(keys) > 0 {
			delete(body, keys[0])
		}
	}
	for _, f := range k.Fields {
		if k.Spares && f.Ref != "" && f.Late && f.Link == nil {
			delete(body, f.Name)
		}
	}
	j.hide = append(j.hide, secretsIn(k, body)...)
	unmask(k, body)
	if err := j.unveil(body, own); err != nil {
		return err
	}
	enc := j.encoder(ctx)
	enc.off = k.Whole()
	if err := overlay(k, body, own, enc); err != nil {
		return err
	}
	if k.Whole() {
		var err error
		if body, err = j.complete(ctx, body); err != nil {
			return err
		}
		if k.OwnID {
			if body[k.IDField()], err = j.id(ctx, k, c.Addr, c.Parent); err != nil {
				return err
			}
		}
	}
	if k.Repeat != nil {
		k.Repeat(body)
	}
	if k.Wire != nil {
		body = k.Wire(body)
	}
	path, err := j.itemPath(ctx, k, c.Addr, c.Parent)
	if err != nil {
		return err
	}
	if placeOf(k, c.Parent).Document != "" {
		err = j.document(ctx, func(list []any, at int) []any {
			if at >= 0 {
				list[at] = map[string]any(body)
			}
			return list
		})
	} else {
		_, err = j.send(ctx, keycloak.Request{Method: "PUT", Path: path, Body: body})
	}
	if err == nil && k.IDField() == k.Key {
		j.w.learn(k, c.Addr, c.Addr.Key()) // it may have a new name
	}
	return err
}

// unsure reports whether a write that failed may have been carried out, or
// lost against another one: reading again tells.
func unsure(err error) bool {
	var e *keycloak.Error
	if !errors.As(err, &e) || errors.Is(err, context.Canceled) {
		return false
	}
	return e.Status == 0 || e.Status == 409 || e.Status == 500 && e.Attempts > 1
}

// move puts the object below another parent, if it has a new one, and makes
// its edits, of which a new name is one.
func (j *job) move(ctx context.Context) error {
	c, k := j.c, j.c.Kind
	same, err := j.sameParent(ctx, model.ParentOf(c.From), c.Parent)
	if err != nil {
		return err
	}
	if !same {
		id, err := j.id(ctx, k, c.Addr, c.Parent)
		if err != nil {
			return err
		}
		template := k.Move
		if model.KindOf(c.Parent) != k {
			template = placeOf(k, c.Parent).Path
		}
		path, _, err := j.path(ctx, k, c.Addr, c.Parent, template)
		if err != nil {
			return err
		}
		key := c.From.Key()
		body := map[string]any{k.IDField(): id, k.Key: key}
		_, err = j.send(ctx, keycloak.Request{Method: "POST", Path: path, Body: body, Repeatable: true})
		if err != nil && doubtful(err) {
			// It may be there already, by an earlier attempt.
			if o, look := j.findInList(ctx, k, model.AddressOf(c.Parent, k, key), c.Parent); look == nil && o != nil && o[k.IDField()] == id {
				err = nil
			}
		}
		if err != nil {
			return err
		}
	}
	return j.update(ctx)
}

func (j *job) sameParent(ctx context.Context, a, b model.Address) (bool, error) {
	if a == b || a == "" || b == "" {
		return a == b, nil
	}
	x, err := j.id(ctx, model.KindOf(a), a, model.ParentOf(a))
	if err != nil {
		return false, err
	}
	y, err := j.id(ctx, model.KindOf(b), b, model.ParentOf(b))
	return x == y, err
}

// delete removes the object; that there is none is as good.
func (j *job) delete(ctx context.Context) error {
	c, k := j.c, j.c.Kind
	addr, parent := c.Addr, c.Parent
	if c.Action == diff.Replace && c.From != "" {
		addr, parent = c.From, model.ParentOf(c.From)
		if j.w.id(addr) == "" { // the world knows it by its new name
			j.w.learn(k, addr, j.w.id(c.Addr))
		}
	}
	path, err := j.itemPath(ctx, k, addr, parent)
	if errors.Is(err, errAbsent) {
		j.w.forget(addr)
		return nil
	}
	if err != nil {
		return err
	}
	if k.Shares != nil {
		if err := j.part(ctx, addr, parent); err != nil {
			return err
		}
	}
	if placeOf(k, parent).Document != "" {
		err = j.document(ctx, func(list []any, at int) []any {
			if at < 0 {
				return list
			}
			return slices.Delete(list, at, at+1)
		})
	} else {
		_, err = j.send(ctx, keycloak.Request{Method: "DELETE", Path: path})
	}
	if err != nil && unsure(err) {
		var o model.Object
		if look := j.get(ctx, path, nil, &o); keycloak.IsStatus(look, 404) {
			err = nil
		}
	}
	if err != nil && !keycloak.IsStatus(err, 404) {
		return j.inUse(ctx, addr, err)
	}
	j.w.forget(addr)
	j.w.forget(c.Addr)
	return nil
}
