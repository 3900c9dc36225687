package apply

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// base is the realm's own path.
func (r *run) base() string { return keycloak.Path("admin", "realms", r.plan.Realm) }

// path fills in a path template for the object at an address, finding out the
// ids that it takes, and returns the template's query apart.
func (j *job) path(ctx context.Context, k *model.Kind, a, parent model.Address, template string, more ...string) (string, url.Values, error) {
	s := &model.State{Items: map[model.Address]*model.Item{}}
	it, err := j.chain(ctx, s, k, a, parent, template, "")
	if err != nil {
		return "", nil, err
	}
	for _, at := range fetch.Addresses(template) {
		if _, err := j.chain(ctx, s, model.KindOf(at), at, model.ParentOf(at), "{id}", ""); err != nil {
			return "", nil, err
		}
	}
	path, query := fetch.Path(j.plan.Realm, s, it, template, more...)
	return path, query, nil
}

// chain puts an object and those above it into a state, with the ids that a
// template takes; id is the object's own where it is known.
func (j *job) chain(ctx context.Context, s *model.State, k *model.Kind, a, parent model.Address, template, id string) (*model.Item, error) {
	it := &model.Item{Addr: a, Kind: k, Parent: parent, ID: id, Fields: j.w.fields(a)}
	if id == "" && strings.Contains(template, "{id}") {
		var err error
		if it.ID, err = j.id(ctx, k, a, parent); err != nil {
			return nil, err
		}
	}
	needsParent := strings.Contains(template, "{parent") || strings.Contains(template, "{root}") || k.Singleton() && strings.Contains(template, "{key}")
	if parent != "" && needsParent {
		pk, above := model.KindOf(parent), model.ParentOf(parent)
		if _, err := j.chain(ctx, s, pk, parent, above, pk.ItemTemplate(placeOf(pk, above)), ""); err != nil {
			return nil, err
		}
	}
	s.Items[a] = it
	return it, nil
}

// itemPath returns the path of one object.
func (j *job) itemPath(ctx context.Context, k *model.Kind, a, parent model.Address) (string, error) {
	if placeOf(k, parent) == nil {
		return "", fmt.Errorf("a %s cannot live at %s", k.Name, a)
	}
	path, _, err := j.path(ctx, k, a, parent, k.ItemTemplate(placeOf(k, parent)))
	return path, err
}

// pathOf returns the path of the object with an id.
func (j *job) pathOf(ctx context.Context, k *model.Kind, a, parent model.Address, id string) (string, error) {
	s := &model.State{Items: map[model.Address]*model.Item{}}
	template := k.ItemTemplate(placeOf(k, parent))
	it, err := j.chain(ctx, s, k, a, parent, template, id)
	if err != nil {
		return "", err
	}
	path, _ := fetch.Path(j.plan.Realm, s, it, template)
	return path, nil
}

// placePath returns the path at which objects below a parent are created.
func (j *job) placePath(ctx context.Context, k *model.Kind, a, parent model.Address) (string, error) {
	place := placeOf(k, parent)
	if place == nil {
		return "", fmt.Errorf("a %s cannot live at %s", k.Name, a)
	}
	path, _, err := j.path(ctx, k, a, parent, place.Path)
	return path, err
}
