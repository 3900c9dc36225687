package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// maxIDs is how many ids are tried for a new object, should the first ones
// belong to others.
const maxIDs = 4

// create makes the object of a change and then adds its links.
func (j *job) create(ctx context.Context) error {
	c, k := j.c, j.c.Kind
	switch {
	case isRealm(k, c.Parent):
		if err := j.createRealm(ctx); err != nil {
			return err
		}
		return j.update(ctx)
	case k.Spawned:
		// The server made it along with its parent, and put into it what it
		// thinks right.
		o, err := j.find(ctx, k, c.Addr, c.Parent)
		if err != nil {
			return err
		}
		if o == nil {
			return fmt.Errorf("the server has not made it along with %s; plan again", c.Parent)
		}
		j.w.made(c.Addr)
		return j.update(ctx)
	}
	switch {
	case j.w.builtin(c.Addr):
		return j.update(ctx)
	case k.Register != nil:
		return j.register(ctx)
	}
	switch there, err := j.came(ctx); {
	case err != nil:
		return err
	case there:
		return j.update(ctx)
	}
	path, err := j.placePath(ctx, k, c.Addr, c.Parent)
	if err != nil {
		return err
	}
	var clash error
	for n := 0; n < maxIDs; n++ {
		body, err := j.body(ctx, n)
		if err != nil {
			return err
		}
		id, _ := body[k.IDField()].(string)
		if k.OwnID && j.w.taken(k, id, c.Addr) {
			continue
		}
		// The natural key, or our id, makes a second attempt harmless.
		at, err := j.post(ctx, path, body)
		if err == nil {
			if at != "" && !k.LocatedByKey {
				id = at
			}
			return j.created(ctx, id)
		}
		if !doubtful(err) {
			return err
		}
		switch ours, next, look := j.already(ctx, id); {
		case look != nil:
			return fmt.Errorf("%w (%w)", look, err)
		case ours:
			j.w.made(c.Addr)
			if err := j.spawned(ctx); err != nil {
				return err
			}
			return j.update(ctx)
		case !next && !(k.OwnID && keycloak.IsStatus(err, 409)):
			return err
		}
		clash = err // with what has the id, or had it a moment ago
	}
	return cmp.Or(clash, errors.New("all ids that it could have belong to other objects"))
}

// body returns what is POSTed to create the object; n counts the ids tried.
func (j *job) body(ctx context.Context, n int) (model.Object, error) {
	c, k := j.c, j.c.Kind
	body, err := j.encoder(ctx).creation(k, c.Addr, c.After)
	if err != nil {
		return nil, err
	}
	if k.OwnID {
		body[k.IDField()] = ownID(j.realmID(ctx), c.Addr, n)
	}
	for name, v := range k.Const {
		body[name] = v
	}
	for _, child := range k.Children() {
		if c.Shown[child.Name] && len(child.GivenOn(j.plan.Server, c.Addr)) > 0 {
			body[child.Place(k.Name).In] = []any{}
		}
	}
	if k.ParentID != "" {
		if body[k.ParentID], err = j.id(ctx, model.KindOf(c.Parent), c.Parent, model.ParentOf(c.Parent)); err != nil {
			return nil, err
		}
	}
	if k.ParentField != "" {
		body[k.ParentField] = c.Parent.Key()
	}
	if k.Complete != nil {
		k.Complete(body, j.w.fields(c.Parent))
	}
	if k.Inherits != nil {
		k.Inherits(body, j.w.fields(model.Address(model.Realm.Name)))
		untangle(k, body, c.After)
	}
	if k.Wire != nil {
		body = k.Wire(body)
	}
	return body, nil
}

// created keeps what is known of a new object and adds its links.
func (j *job) created(ctx context.Context, id string) error {
	c, k := j.c, j.c.Kind
	j.w.occupy(c.Addr)
	j.sent = true
	j.w.learn(k, c.Addr, id)
	if k.Reread {
		j.w.made(c.Addr)
		return j.update(ctx)
	}
	j.w.lay(k, c.Addr, c.Parent, c.After)
	j.w.made(c.Addr)
	if err := j.spawned(ctx); err != nil {
		return err
	}
	if clears(k, c.After) || stirred(k, c.After) {
		return j.update(ctx)
	}
	var links []diff.Edit
	for _, e := range differences(k, nil, c.After) {
		if l := locate(k.Fields, e.Path); linked(k, e) && !postable(l.f) {
			links = append(links, e)
		}
	}
	tree, links := trees(k, links)
	if err := j.grow(ctx, tree); err != nil {
		return err
	}
	return j.link(ctx, linkSteps(linkChanges(k, links)))
}

// clears reports whether an object to be created is to lack keys of maps that
// the server sets by itself.
func clears(k *model.Kind, after model.Object) bool {
	for name, v := range after {
		m, _ := v.(map[string]any)
		for _, e := range m {
			if e == "" && isDict(k.Fields.Get(name)) {
				return true
			}
		}
	}
	return false
}

// stirred reports whether the server, with one of the fields that an object to
// be created has, sets others by itself.
func stirred(k *model.Kind, after model.Object) bool {
	for i := range k.Fields {
		if f := &k.Fields[i]; f.Stirs && !model.Zero(after[f.Name]) {
			return true
		}
	}
	return false
}

// came reports whether the server made the job's object by itself, along with
// the one above it. What that one's list of them has told is known; where none
// tells ids, the object is looked up.
func (j *job) came(ctx context.Context) (bool, error) {
	c, k := j.c, j.c.Kind
	if k.Spawns == nil || !j.w.unread(c.Parent) {
		return false, nil
	}
	if j.w.id(c.Addr) != "" {
		return true, nil
	}
	if k.SpawnedOn(j.plan.Server.Version, c.Parent, j.w.fields(c.Parent))[c.Addr] == nil {
		return false, nil
	}
	o, err := j.find(ctx, k, c.Addr, c.Parent)
	return o != nil, err
}

// spawned learns what the server made by itself along with the job's object.
func (j *job) spawned(ctx context.Context) error {
	c := j.c
	for _, k := range c.Kind.Children() {
		if k.Spawns == nil {
			continue
		}
		anyone := model.AddressOf(c.Addr, k, "*")
		path, query, err := j.path(ctx, k, anyone, c.Addr, k.Place(c.Kind.Name).List)
		if err != nil {
			return err
		}
		var all []model.Object
		if err := j.get(ctx, path, query, &all); err != nil {
			return err
		}
		for _, o := range all {
			if a, ok := k.Address(c.Addr, o); ok {
				id, _ := o[k.IDField()].(string)
				j.w.learn(k, a, id)
				j.w.lay(k, a, c.Addr, j.canonical(ctx, k, o))
			}
		}
	}
	return nil
}

// doubtful reports whether an error leaves it open if the object is there:
// there was no answer, or it says that something is in the way, which may be
// what an earlier attempt made.
func doubtful(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	return errors.Is(err, errTaken) || keycloak.IsStatus(err, 0, 400, 409, 500, 502, 503, 504)
}

// errExists is an object that is there and is not as the plan would make it.
var errExists = errors.New("it exists already; plan again")

// already looks for the object whose creation failed. It is ours when it has
// the id that we chose, or is on all declared fields as we would make it;
// next says that another object has the id.
func (j *job) already(ctx context.Context, id string) (ours, next bool, err error) {
	c, k := j.c, j.c.Kind
	if k.OwnID {
		path, err := j.pathOf(ctx, k, c.Addr, c.Parent, id)
		if err != nil {
			return false, false, err
		}
		var o model.Object
		switch err := j.get(ctx, path, nil, &o); {
		case err == nil && o[k.Key] == c.Addr.Key() && j.below(ctx, o):
			j.w.learn(k, c.Addr, id)
			return true, false, nil
		case err == nil:
			return false, true, nil
		case !keycloak.IsStatus(err, 404):
			return false, false, err
		}
	}
	o, err := j.find(ctx, k, c.Addr, c.Parent)
	if err != nil || o == nil {
		return false, false, err
	}
	for _, e := range differences(k, j.canonical(ctx, k, o), c.After) {
		if !linked(k, e) && !hidden(k, e) {
			return false, false, errExists
		}
	}
	return true, false, nil
}

// below reports whether an object lives where the job's does: one below a parent
// that was renamed keeps the id that it got there.
func (j *job) below(ctx context.Context, o model.Object) bool {
	c, k := j.c, j.c.Kind
	if k.ParentID == "" {
		return true
	}
	id, err := j.id(ctx, model.KindOf(c.Parent), c.Parent, model.ParentOf(c.Parent))
	return err == nil && o[k.ParentID] == id
}

// hidden reports whether an edit is of a value that the server may not show.
func hidden(k *model.Kind, e diff.Edit) bool {
	_, ref := e.After.(model.Reference)
	return ref || e.Secret || k.Fields.SecretAt(e.Path)
}

// createRealm makes an empty realm and learns what the server put into it.
func (j *job) createRealm(ctx context.Context) error {
	_, err := j.send(ctx, keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms"), Body: map[string]any{"realm": j.plan.Realm}})
	if keycloak.IsStatus(err, 409) {
		return fmt.Errorf("%w: %w", errExists, err)
	}
	if err != nil {
		return err
	}
	// The rights over a new realm are in new tokens only.
	if err := j.client.Renew(j.late); err != nil {
		return err
	}
	s, err := j.readAll(ctx)
	if err != nil {
		return err
	}
	j.w.begin(s)
	return nil
}

// bulk makes the objects of several changes in one atomic request. Where that
// fails they are made one by one, so that one bad object fails alone and the
// server's words are about the right one.
func (r *run) bulk(ctx context.Context, changes []*diff.Change) []error {
	errs := make([]error, len(changes))
	jobs := make([]*job, len(changes))
	bodies := make([]any, len(changes))
	ids := make([]string, len(changes))
	whole := true
	for i, c := range changes {
		jobs[i] = r.job(c)
		body, err := jobs[i].body(ctx, 0)
		if err != nil || r.w.builtin(c.Addr) {
			whole = false
			break
		}
		ids[i], _ = body[c.Kind.IDField()].(string)
		bodies[i] = body
	}
	if whole {
		c := changes[0]
		template := c.Kind.Bulk
		if c.Parent != "" {
			template = "{parent}/" + template
		}
		path, _, err := jobs[0].path(ctx, c.Kind, c.Addr, c.Parent, template)
		if err == nil {
			_, err = jobs[0].send(ctx, keycloak.Request{Method: "POST", Path: path, Body: bodies, Repeatable: c.Kind.OwnID})
		}
		whole = err == nil
	}
	for i, c := range changes {
		if whole {
			errs[i] = jobs[i].failure(jobs[i].created(ctx, ids[i]))
		} else {
			errs[i] = r.one(ctx, c)
		}
	}
	return errs
}
