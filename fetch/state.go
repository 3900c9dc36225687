// Package fetch reads a realm's configuration from a server into a
// [model.State]. It knows the kinds of objects only by the words of the
// registry.
//
// One partial export gives, at the price of a single small request, what a
// realm holds besides clients, roles, groups and users; these are read in
// pages and one by one, many at a time, because the cost of a request on the
// server grows with the square of what it touches. An account that may not
// export reads everything in this second way, and gets the same state.
//
// Nothing here changes anything on the server.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// State reads a realm. A realm that does not exist gives a state that is
// Missing and has no items. The diagnostics are notes and warnings about what
// was found, such as two objects that go by one name.
//
// What the account has no right to see is a [*RightsError], never a state
// that lacks it: the realm itself is left out instead if w does not name it.
func State(ctx context.Context, c *keycloak.Client, realm string, w Want) (*model.State, model.Diagnostics, error) {
	r := newRun(ctx, c, realm, w)
	defer r.cancel(nil)
	r.start(r.ask)
	base := r.baseWanted()
	r.start(func() error { return r.readBase(base) })
	for _, right := range r.needs(base) {
		r.start(func() error { return r.settle(r.probe(&area{}, right)) })
	}
	for _, k := range r.kinds() {
		for i := range k.Places {
			switch p := &k.Places[i]; {
			case p.Parent != "" || k == model.Realm || p.Base:
			case p.Declared:
				for _, a := range w.Objects {
					if model.KindOf(a) == k {
						r.startList(k, p, a.Key())
					}
				}
			default:
				r.startList(k, p, "")
			}
		}
	}
	err := r.wait()
	if r.missing && errors.Is(err, errMissing) {
		s := model.NewState(realm)
		s.Missing, s.Server = true, r.server
		return s, r.notes, nil
	}
	if err == nil && len(r.lacking) > 0 {
		err = &RightsError{Realm: realm, Roles: sorted(r.lacking)}
	}
	if err != nil {
		return nil, nil, r.failed(err)
	}
	s, err := r.state()
	if err == nil {
		err = r.silence(s)
	}
	if err != nil {
		return nil, nil, r.failed(err)
	}
	return s, r.notes, nil
}

// errMissing ends a run whose realm does not exist.
var errMissing = errors.New("there is no such realm")

func (r *run) failed(err error) error {
	var rights *RightsError
	if errors.As(err, &rights) {
		return err
	}
	return fmt.Errorf("reading realm %s: %w", r.realm, err)
}

// kinds returns the kinds that are wanted, parents before children.
func (r *run) kinds() []*model.Kind {
	var out []*model.Kind
	for _, k := range model.Kinds() {
		if r.want.has(k) {
			out = append(out, k)
		}
	}
	return out
}

// baseWanted reports whether a partial export saves requests.
func (r *run) baseWanted() bool {
	for _, k := range r.kinds() {
		for _, p := range k.Places {
			if p.Base && k != model.Realm && r.reachable(p) {
				return true
			}
		}
	}
	return false
}

// readBase reads the realm itself and, if the export is wanted and allowed,
// what comes with it.
func (r *run) readBase(export bool) error {
	a := r.area("realm")
	r.enter(a)
	defer r.leave(a)
	path, _ := fill(r.realm, "", nil)
	var rep model.Object
	exported := export
	if export {
		query := url.Values{"exportClients": {"false"}, "exportGroupsAndRoles": {"false"}}
		v, err := r.do(a, http.MethodPost, path+"/partial-export", query)
		if keycloak.IsStatus(err, http.StatusForbidden) {
			exported = false
		} else if err != nil {
			return r.settleRealm(err)
		}
		rep = objectOf(v)
	}
	if !exported {
		v, err := r.get(a, path, nil)
		if err = r.realmRefused(err); err != nil {
			return r.settleRealm(err)
		}
		rep = objectOf(v)
	}
	r.base = rep
	r.settleRealm(nil)
	if rep["id"] == nil { // the few fields that one may know who may not view the realm
		if r.want.has(model.Realm) {
			r.refused(model.Realm.Places[0].Right, &keycloak.Error{Status: http.StatusForbidden})
		}
	} else {
		if exported {
			for _, k := range r.kinds() {
				if p := k.Place(""); p != nil && p.Base && k != model.Realm {
					defer r.enterBelow(k, true)()
				}
			}
		}
		r.takeBase(a, rep, exported)
	}
	if !export || exported {
		return nil
	}
	for _, k := range r.kinds() {
		for i := range k.Places {
			if p := &k.Places[i]; p.Parent == "" && p.Base && k != model.Realm {
				r.startList(k, p, "")
			}
		}
	}
	return nil
}

// realmRefused forgives an account that may not even know that the realm
// exists, unless the realm is what was asked for.
func (r *run) realmRefused(err error) error {
	if keycloak.IsStatus(err, http.StatusForbidden) && !r.want.has(model.Realm) {
		return nil
	}
	return r.refused(model.Realm.Places[0].Right, err)
}

// settleRealm tells everybody who waits whether the realm exists.
func (r *run) settleRealm(err error) error {
	defer close(r.settled)
	if keycloak.IsStatus(err, http.StatusNotFound) {
		r.missing = true
		return errMissing
	}
	if keycloak.IsStatus(err, http.StatusInternalServerError) {
		return r.broken(err)
	}
	return err
}

// settle returns the error of a request below the realm: when the realm does
// not exist, that is the error, and not what the request met because of it.
func (r *run) settle(err error) error {
	if !keycloak.IsStatus(err, http.StatusNotFound) {
		return err
	}
	select {
	case <-r.settled:
		if r.missing {
			return errMissing
		}
	case <-r.ctx.Done():
	}
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	return err
}

// startList reads a kind's objects of the realm, or the one of a key.
func (r *run) startList(k *model.Kind, p *model.Place, key string) {
	a := r.area(k.Name)
	r.enter(a)
	below := r.enterBelow(k, false)
	r.start(func() error {
		defer r.leave(a)
		defer below()
		if !r.exists(k) || !r.room(k) {
			return nil
		}
		return r.list(a, k, p, nil, key)
	})
}

// enterBelow keeps the areas open to which objects of the kind may bring
// more, at any depth, and returns what closes them.
func (r *run) enterBelow(k *model.Kind, base bool) (leave func()) {
	var areas []*area
	var enter func(k *model.Kind)
	enter = func(k *model.Kind) {
		for _, c := range k.Children() {
			if c == k || !r.want.has(c) {
				continue
			}
			if p := c.Place(k.Name); p.Each && !(base && p.Base) {
				a := r.area(k.Name + "/" + c.Name)
				r.enter(a)
				areas = append(areas, a)
			}
			enter(c)
		}
	}
	enter(k)
	return func() {
		for _, a := range areas {
			r.leave(a)
		}
	}
}

// list reads the objects of a place, below a parent unless that is the realm,
// or the one of a key.
func (r *run) list(a *area, k *model.Kind, p *model.Place, parent *entry, key string) error {
	w := words{"key": key}
	if parent != nil {
		w["parent"], w["parentId"], w["key"] = parent.path, parent.item.ID, naturalKey(parent.item)
	}
	if k.Dormant != nil {
		changed, err := r.find(a, k.Changes)
		if err != nil {
			return err
		}
		if k.Dormant(changed) {
			r.takeList(a, k, p, parent, []any{map[string]any{}})
			return nil
		}
	}
	version := ""
	if p.ListSince != "" {
		if !r.askedFor() {
			return nil
		}
		version = r.server.Version
	}
	path, query := fill(r.realm, p.ListPath(version), w)
	var all []any // of a tree: a page may hold a child before its parent
	take := func(list []any) {
		if k.Tree() {
			all = append(all, list...)
			return
		}
		r.takeList(a, k, p, parent, list)
	}
	var err error
	if p.Page > 0 {
		err = r.pages(a, path, query, p.Page, take)
	} else {
		var v any
		v, err = r.get(a, path, query)
		list := k.Listing(p, v)
		if err == nil && len(list) == 0 && p.Alias != nil {
			v, err = r.alias(a, k, p, parent)
			list = k.Listing(p, v)
		}
		take(list)
		if err == nil && p.Rival != nil && r.want.Declared != nil {
			v, err = r.rival(a, p.Rival, r.want.Declared(model.AddressOf("", k, key)), list)
			take(k.Listing(p, v))
		}
	}
	if parent != nil && keycloak.IsStatus(err, http.StatusNotFound) {
		return r.gone(parent, err)
	}
	if p.Right == model.RealmAdmin && r.want.Kinds == nil && keycloak.IsStatus(err, http.StatusForbidden) {
		// No right to view is enough: that must not forbid the rest.
		r.note(model.Diagnostic{
			Severity: model.Warning, Code: "left-out",
			Summary: "the account lacks the role " + model.RealmAdmin + ", without which the server shows no " + k.Name + ": these are left out",
			Detail:  "grant it, or go on without them",
		})
		return nil
	}
	err = r.settle(r.refused(rightOf(p), err))
	if k.When != nil && keycloak.IsStatus(err, http.StatusNotFound) {
		return nil // the realm, as it is configured, has none
	}
	if err != nil {
		return err
	}
	if k.Tree() {
		r.takeTree(a, k, parent, all)
	}
	return nil
}

// area returns the area of that name.
func (r *run) area(name string) *area {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.areas == nil {
		r.areas = map[string]*area{}
	}
	if r.areas[name] == nil {
		r.areas[name] = &area{Event: Event{Area: name}}
	}
	return r.areas[name]
}

func itoa(n int) string { return strconv.Itoa(n) }
