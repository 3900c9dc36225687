package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// errAbsent says that an object is not there.
var errAbsent = errors.New("is not on the server")

// job is the work on one change, done by one goroutine.
type job struct {
	*run
	c     *diff.Change
	hide  []string     // secret values that were sent
	full  model.Object // the object as it was last read, with all ids
	sent  bool         // the object was POSTed, with all its secrets
	veils []string     // fields of which the server does not show the object's own value
	page  *page        // the document that others change, too; nil: it is the job's own
}

func (r *run) job(c *diff.Change) *job { return &job{run: r, c: c} }

// encoder returns one that remembers the secrets it meets.
func (j *job) encoder(ctx context.Context) encoder {
	return encoder{
		resolve: func(r model.Reference) (string, error) {
			s, err := j.o.Resolver.Resolve(r)
			if err != nil {
				return "", fmt.Errorf("%w; set it, or take the field out of the file", err)
			}
			return s, nil
		},
		id: func(a model.Address) (string, error) {
			return j.id(ctx, model.KindOf(a), a, model.ParentOf(a))
		},
		hide: func(s string) {
			if s != "" {
				j.hide = append(j.hide, s)
			}
		},
	}
}

// send sends one request. Once ctx has ended it sends nothing more; a request
// that is under way then may still finish.
func (j *job) send(ctx context.Context, q keycloak.Request) (*keycloak.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("stopped before it was done: %w", err)
	}
	res, err := j.client.Do(j.late, q)
	if q.Method != "GET" && (err == nil || keycloak.IsStatus(err, 0)) {
		j.wrote.Store(true)
	}
	return res, j.redact(err)
}

func (j *job) get(ctx context.Context, path string, query url.Values, v any) error {
	res, err := j.send(ctx, keycloak.Request{Method: "GET", Path: path, Query: query})
	if err != nil {
		return err
	}
	return res.Decode(v)
}

// tooShort is the length below which a secret cannot be cut out of a text
// without giving it away.
const tooShort = 4

// redact takes secret values out of the server's words: a validation may
// repeat what was sent.
func (j *job) redact(err error) error {
	var e *keycloak.Error
	if !errors.As(err, &e) || e.Message == "" && e.Code == "" {
		return err
	}
	clean := *e
	for _, s := range j.hide {
		for _, form := range []string{s, strings.Join(strings.Fields(s), " ")} {
			if len(form) < tooShort && strings.Contains(clean.Message, form) {
				clean.Message = "(the server's words are not shown, for they may hold a secret)"
				continue
			}
			if form != "" {
				clean.Message = strings.ReplaceAll(clean.Message, form, "(secret)")
				clean.Code = strings.ReplaceAll(clean.Code, form, "(secret)")
			}
		}
	}
	return &clean
}

// id returns the server's id of an object, asking the server when it is not
// known yet: because the object came into being by itself, or because the
// answer to its creation did not tell.
func (j *job) id(ctx context.Context, k *model.Kind, a, parent model.Address) (string, error) {
	for _, known := range []model.Address{a, j.w.renamed(a)} {
		if id := j.w.id(known); id != "" {
			return id, nil
		}
	}
	if a == j.c.Addr && j.c.From != "" {
		if id := j.w.id(j.c.From); id != "" {
			return id, nil
		}
	}
	o, err := j.find(ctx, k, a, parent)
	if err == nil && o == nil && a == j.c.Addr && j.c.From != "" {
		o, err = j.find(ctx, k, j.c.From, parent) // not renamed yet
	}
	if err != nil {
		return "", err
	}
	if o == nil && k.Within != nil {
		if id, err := j.within(ctx, k, a); id != "" || err != nil {
			return id, err
		}
	}
	if o == nil {
		return "", fmt.Errorf("%s %w; plan again", a, errAbsent)
	}
	id, _ := o[k.IDField()].(string)
	if id == "" {
		return "", fmt.Errorf("the server does not tell the id of %s; the signed-in account may lack a right", a)
	}
	return id, nil
}

// within returns the id of what stands within another object of the kind, or "".
// What the server cannot show it cannot change either: there the id is as it was.
func (j *job) within(ctx context.Context, k *model.Kind, a model.Address) (string, error) {
	for _, it := range j.w.items(k) {
		if _, ok := k.Within(it.Fields)[a.Key()]; !ok {
			continue
		}
		holder := j.job(&diff.Change{Addr: it.Addr, Kind: k, Parent: it.Parent})
		if _, _, err := holder.read(ctx, treesOf(k)); err != nil {
			if id := it.Within[a.Key()]; id != "" && keycloak.IsStatus(err, http.StatusNotFound) {
				return id, nil
			}
			return "", err
		}
		return k.Within(holder.full)[a.Key()], nil
	}
	return "", nil
}

// find looks an object up by its natural key and keeps its id; nil when the
// server has none.
func (j *job) find(ctx context.Context, k *model.Kind, a, parent model.Address) (model.Object, error) {
	var o model.Object
	var err error
	switch {
	case isRealm(k, parent):
		err = j.get(ctx, j.base(), nil, &o)
	case k.Find != "":
		var path string
		var query url.Values
		if path, query, err = j.findPath(ctx, k, a, parent); err != nil {
			return nil, err
		}
		var answer any
		if err = j.get(ctx, path, query, &answer); err == nil {
			o = k.FoundIn(answer)
		}
	case placeOf(k, parent) != nil && placeOf(k, parent).Path == "":
		o, err = j.findInParent(ctx, k, a, parent)
	case k.Show != "" && k.Singleton():
		var path string
		var query url.Values
		if path, query, err = j.path(ctx, k, a, parent, k.Show); err != nil {
			return nil, err
		}
		err = j.get(ctx, path, query, &o)
	case k.LocatedByKey:
		var path string
		if path, err = j.placePath(ctx, k, a, parent); err != nil {
			return nil, err
		}
		err = j.get(ctx, path+keycloak.Path(a.Key()), nil, &o)
	case k.Singleton() && parent == "" && !strings.Contains(k.ItemTemplate(placeOf(k, parent)), "{id}"):
		var path string
		if path, err = j.itemPath(ctx, k, a, parent); err == nil {
			err = j.get(ctx, path, nil, &o)
		}
	default:
		o, err = j.findInList(ctx, k, a, parent)
	}
	if keycloak.IsStatus(err, 404) {
		return nil, nil
	}
	if err == nil && o != nil {
		id, _ := o[k.IDField()].(string)
		j.w.learn(k, a, id)
	}
	return o, err
}

// called reports whether an object has the natural key that stands in its
// address, with all its parts.
func called(k *model.Kind, o model.Object, a model.Address) bool {
	at, ok := k.Address(model.ParentOf(a), o)
	return ok && at == a
}

// findPath returns the path that finds an object by the key in an address.
func (j *job) findPath(ctx context.Context, k *model.Kind, a, parent model.Address) (string, url.Values, error) {
	s := &model.State{Items: map[model.Address]*model.Item{}}
	it, err := j.chain(ctx, s, k, a, parent, k.Find, "")
	if err != nil {
		return "", nil, err
	}
	it.Fields = nil // of an object that is renamed they may hold the other key
	path, query := fetch.Path(j.plan.Realm, s, it, k.Find)
	return path, query, nil
}

func (j *job) findInList(ctx context.Context, k *model.Kind, a, parent model.Address) (model.Object, error) {
	place, parentID := placeOf(k, parent), ""
	if place == nil {
		return nil, fmt.Errorf("a %s cannot live at %s", k.Name, a)
	}
	listedBelow := parent
	if k.Tree() && model.KindOf(parent) == k {
		// The list of a tree holds all of it, flat.
		var err error
		if parentID, err = j.id(ctx, k, parent, model.ParentOf(parent)); err != nil {
			return nil, err
		}
		for model.KindOf(listedBelow) == k {
			listedBelow = model.ParentOf(listedBelow)
		}
		place = placeOf(k, listedBelow)
	}
	path, query, err := j.path(ctx, k, a, listedBelow, place.ListPath(j.plan.Server.Version))
	if err != nil {
		return nil, err
	}
	var found model.Object
	look := func(page []any) {
		for _, e := range page {
			o, _ := e.(map[string]any)
			if !k.Singleton() && (o[k.Key] != a.Key() || !k.Tree() && !called(k, o, a)) {
				continue
			}
			above, _ := o["parentId"].(string)
			if k.Tree() && parentID == "" && listedBelow != "" {
				// The outermost have a parent of their own there, which is not
				// shown.
				if o["path"] != "/"+a.Key() {
					continue
				}
			} else if k.Tree() && above != parentID {
				continue
			}
			found = o
		}
	}
	if place.Page > 0 {
		// Paged only as far as it takes to find the object.
		for first := 0; found == nil; first += place.Page {
			q := maps.Clone(query)
			if q == nil {
				q = url.Values{}
			}
			q.Set("first", strconv.Itoa(first))
			q.Set("max", strconv.Itoa(place.Page))
			var page []any
			if err := j.get(ctx, path, q, &page); err != nil || len(page) == 0 {
				return nil, err
			}
			look(page)
		}
		return found, nil
	}
	var all any
	if err := j.get(ctx, path, query, &all); err != nil {
		return nil, err
	}
	look(k.Listing(place, all))
	return found, nil
}
