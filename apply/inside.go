package apply

import (
	"context"
	"fmt"

	"github.com/kcsync/kcsync/model"
)

// readInside gets the change's object out of its parent's representation,
// which is the only one that shows all of it. As what is read is what was
// taken apart there, both forms are the canonical one.
func (j *job) readInside(ctx context.Context) (raw, now model.Object, err error) {
	c, k := j.c, j.c.Kind
	found, err := j.inside(ctx, c.Parent)
	if err != nil {
		return nil, nil, err
	}
	keys := []string{c.Addr.Key()}
	if c.From != "" {
		keys = append(keys, c.From.Key())
	}
	for _, key := range keys {
		for _, f := range found {
			if f.Kind == k && f.Item.Parent == c.Parent && f.Item.Key() == key {
				return f.Fields.Clone(), j.canonical(ctx, k, f.Fields), nil
			}
		}
	}
	return nil, nil, fmt.Errorf("it is no longer on the server; plan again")
}

// inside reads an object and takes it apart.
func (j *job) inside(ctx context.Context, a model.Address) ([]model.Found, error) {
	k, parent := model.KindOf(a), model.ParentOf(a)
	path, query, err := j.path(ctx, k, a, parent, showTemplate(k, parent))
	if err != nil {
		return nil, err
	}
	var o model.Object
	if err := j.get(ctx, path, query, &o); err != nil {
		return nil, err
	}
	return model.Unfold(k, parent, o, ""), nil
}

// findInParent looks an object up that only its parent's representation shows.
func (j *job) findInParent(ctx context.Context, k *model.Kind, a, parent model.Address) (model.Object, error) {
	found, err := j.inside(ctx, parent)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.Addr == a {
			o := f.Fields.Clone()
			o[k.IDField()] = f.ID
			return o, nil
		}
	}
	return nil, nil
}

// showTemplate returns the template of the path that shows one object.
func showTemplate(k *model.Kind, parent model.Address) string {
	if k.Show != "" {
		return k.Show
	}
	return k.ItemTemplate(placeOf(k, parent))
}

// complete returns the whole of an object as it is sent, from its canonical
// form: what is left out is gone, and lists are named even if they are empty,
// because some would stay.
func (j *job) complete(ctx context.Context, whole model.Object) (model.Object, error) {
	k := j.c.Kind
	for i := range k.Fields {
		f := &k.Fields[i]
		switch f.Type {
		case model.Set, model.List, model.Dict, model.MultiDict:
			if !f.Computed && whole[f.Name] == nil {
				whole[f.Name] = f.Empty()
			}
		}
	}
	return j.encoder(ctx).creation(k, j.c.Addr, k.Canonical(whole))
}
