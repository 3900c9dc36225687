package apply

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// veil puts the mask over the fields of an object, as it was just read, whose
// own values the server does not show ([model.Field.Veil]).
func (j *job) veil(ctx context.Context, raw, now model.Object) error {
	j.veils = nil
	for _, f := range j.c.Kind.Fields.Veiled("") {
		id, _ := raw[f.Veil.ID].(string)
		if raw[f.Name] != f.Veil.Shows || id == "" {
			continue
		}
		k := model.Lookup(f.Veil.By)
		path, query := fetch.Path(j.plan.Realm, nil, &model.Item{Kind: k, ID: id}, k.ItemTemplate(&k.Places[0]))
		var by model.Object
		err := j.get(ctx, path, query, &by)
		switch {
		case err == nil && !f.Veil.While(by):
			continue
		case err != nil && !keycloak.IsStatus(err, 404) && !keycloak.IsStatus(err, 403):
			return err
		}
		j.veils = append(j.veils, f.Name)
		now[f.Name] = model.Mask
	}
	return nil
}

// unveil puts into the body of a write what the plan read where the server now
// shows another value than the object's own. It is an error when nobody knows
// that: the server would store what it shows.
func (j *job) unveil(body model.Object, own []diff.Edit) error {
	for _, name := range j.veils {
		before, known := j.c.Before[name]
		switch {
		case touches(own, name):
		case !known || before == model.Mask:
			return fmt.Errorf("the server hides its %s, and a write would store what it shows in its place: declare %s", name, name)
		default:
			body[name] = before
		}
	}
	return nil
}

// linkVeiled puts a member into a link of the change's object. Where that hides
// values of the member, the server stores what it shows instead: they are
// written again.
func (j *job) linkVeiled(ctx context.Context, t target, link func() error) error {
	k, a, whole := model.Lookup(t.f.Ref), t.addr(), j.w.fields(j.c.Addr).Clone()
	if whole == nil {
		whole = model.Object{}
	}
	maps.Copy(whole, j.c.After)
	veiled := slices.DeleteFunc(k.Fields.Veiled(j.c.Kind.Name), func(f model.Field) bool { return !f.Veil.While(whole) })
	if len(veiled) == 0 {
		return link()
	}
	path, err := j.itemPath(ctx, k, a, model.ParentOf(a))
	if err != nil {
		return err
	}
	var before, after model.Object
	if err := j.get(ctx, path, nil, &before); err != nil {
		return err
	}
	err = link()
	if err != nil && !unsure(err) {
		return err
	}
	if look := j.get(ctx, path, nil, &after); look != nil {
		return cmp.Or(err, look)
	}
	lost := false
	for _, f := range veiled {
		if before[f.Name] != f.Veil.Shows && after[f.Name] == f.Veil.Shows {
			after[f.Name], lost = before[f.Name], true
		}
	}
	if lost {
		j.hide = append(j.hide, secretsIn(k, after)...)
		unmask(k, after)
		if _, put := j.send(ctx, keycloak.Request{Method: "PUT", Path: path, Body: after}); put != nil {
			return cmp.Or(err, put)
		}
	}
	return err
}
