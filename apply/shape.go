package apply

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// errTaken is an object in a document that was not there when the plan was
// made.
var errTaken = errors.New("there is one of that name")

// object gets the change's object as the server shows it.
func (j *job) object(ctx context.Context, path string, query url.Values) (model.Object, error) {
	c, k := j.c, j.c.Kind
	var answer any
	if err := j.get(ctx, path, query, &answer); err != nil {
		return nil, err
	}
	o := k.Represent(c.Addr.Key(), answer)
	p := placeOf(k, c.Parent)
	if p.Document == "" {
		return o, nil
	}
	list, at := j.listed(p, o)
	if at < 0 {
		return nil, errAbsent
	}
	m, _ := list[at].(map[string]any)
	return m, nil
}

// listed returns the list in a document and the index of the change's object
// there, under its name of now or of before.
func (j *job) listed(p *model.Place, doc model.Object) (list []any, at int) {
	c, k := j.c, j.c.Kind
	if list, at = k.InDocument(p, doc, c.Addr.Key()); at < 0 && c.From != "" {
		return k.InDocument(p, doc, c.From.Key())
	}
	return list, at
}

// document reads the document that holds the change's object, changes the
// list in it, and writes it: at is the object's index, or -1. There is one
// writer at a time, see model.Kind.Queue.
func (j *job) document(ctx context.Context, edit func(list []any, at int) []any) error {
	p := placeOf(j.c.Kind, j.c.Parent)
	path, err := j.placePath(ctx, j.c.Kind, j.c.Addr, j.c.Parent)
	if err != nil {
		return err
	}
	shared := j.page != nil
	if !shared {
		j.page = &page{}
		defer func() { j.page = nil }()
	}
	if j.page.doc == nil {
		j.page.path = path
		if err := j.get(ctx, path, nil, &j.page.doc); err != nil {
			return err
		}
	}
	list, at := j.listed(p, j.page.doc)
	j.page.doc[p.Document] = edit(list, at)
	if shared {
		return nil
	}
	return j.putPage(ctx)
}

// page is a document on its way from the server and back.
type page struct {
	path string
	doc  model.Object // nil: it is not read yet
}

func (j *job) putPage(ctx context.Context) error {
	_, err := j.send(ctx, keycloak.Request{Method: "PUT", Path: j.page.path, Body: j.page.doc})
	return err
}

// inDocument does several changes to one document, which is then written once.
// Where that fails each is written by itself, so that one bad object fails
// alone and the server's words are about the right one.
func (r *run) inDocument(ctx context.Context, changes []*diff.Change) []error {
	errs := make([]error, len(changes))
	var all page
	var last *job
	var hide []string
	for i, c := range changes {
		last = r.job(c)
		last.page = &all
		errs[i] = last.do(ctx)
		hide = append(hide, last.hide...)
	}
	if last.hide = hide; all.doc == nil || last.putPage(ctx) == nil {
		return errs
	}
	for i, c := range changes {
		if errs[i] == nil {
			errs[i] = r.one(ctx, c)
		}
	}
	return errs
}

// post creates an object and returns the id that the server tells.
func (j *job) post(ctx context.Context, path string, body model.Object) (string, error) {
	c, k := j.c, j.c.Kind
	var sent any = body
	switch {
	case placeOf(k, c.Parent).Document != "":
		taken := false
		err := j.document(ctx, func(list []any, at int) []any {
			if taken = at >= 0; taken {
				return list
			}
			return inserted(list, k.Key, body)
		})
		if err == nil && taken {
			err = errTaken
		}
		return "", err
	case k.Bare != "":
		var err error
		if path, err = j.itemPath(ctx, k, c.Addr, c.Parent); err != nil {
			return "", err
		}
		if sent = body[k.Bare]; sent == nil {
			sent = map[string]any{}
		}
	}
	// The natural key, or our id, makes a second attempt harmless.
	res, err := j.send(ctx, keycloak.Request{Method: "POST", Path: path, Body: sent, Repeatable: true})
	if err != nil {
		return "", err
	}
	return answered(res, k), nil
}

// inserted puts a new object into the list of a document: before the first
// whose name comes after its own, so that the order does not depend on who was
// made when.
func inserted(list []any, key string, o model.Object) []any {
	name, _ := o[key].(string)
	at := slices.IndexFunc(list, func(e any) bool {
		m, _ := e.(map[string]any)
		other, _ := m[key].(string)
		return other > name
	})
	if at < 0 {
		at = len(list)
	}
	return slices.Insert(list, at, any(map[string]any(o)))
}

// answered returns the id of a new object that an answer tells, be it in a
// header or in its body; or "".
func answered(res *keycloak.Response, k *model.Kind) string {
	if at := res.LocationID(); at != "" {
		return at
	}
	var o model.Object
	if res.Decode(&o) != nil {
		return ""
	}
	id, _ := o[k.IDField()].(string)
	return id
}

// merge sends only what changes; the server keeps the rest.
func (j *job) merge(ctx context.Context, own []diff.Edit) error {
	c, k := j.c, j.c.Kind
	body := model.Object{}
	if err := overlay(k, body, own, j.encoder(ctx)); err != nil {
		return err
	}
	var sent any = body
	if k.Bare != "" {
		sent = body[k.Bare]
	}
	path, err := j.itemPath(ctx, k, c.Addr, c.Parent)
	if err != nil {
		return err
	}
	_, err = j.send(ctx, keycloak.Request{Method: "POST", Path: path, Body: sent, Repeatable: true})
	return err
}

// register makes the object known to the server and then writes what is
// declared.
func (j *job) register(ctx context.Context) error {
	c, k := j.c, j.c.Kind
	o := c.After.Clone()
	o[k.Key] = c.Addr.Key()
	derived := model.Object{}
	if k.Derive != nil {
		derived = k.Derive(o, j.w.fields(c.Parent), j.w.fields(model.Address(model.Realm.Name)))
	}
	body := model.Object{}
	for _, name := range k.Register.Fields {
		if body[name] = o[name]; o[name] == nil {
			body[name] = derived[name]
		}
	}
	as, _ := body[k.Register.As].(string)
	path, _, err := j.path(ctx, k, c.Addr, c.Parent, k.Register.Path)
	if err != nil {
		return err
	}
	if _, err = j.send(ctx, keycloak.Request{Method: "POST", Path: path, Body: body, Repeatable: true}); err != nil {
		if !doubtful(err) {
			return err
		}
		// It may be there by an earlier attempt.
		found, look := j.find(ctx, k, c.Addr, c.Parent)
		if look != nil || found == nil {
			return err
		}
		as = c.Addr.Key()
	}
	j.w.learn(k, c.Addr, as)
	j.w.made(c.Addr)
	return j.update(ctx)
}
