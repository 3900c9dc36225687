package fetch

import (
	"net/http"
	"slices"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// settleVeils finds the fields of which the server does not show the object's
// own value, by the word of [model.Field.Veil]. It asks only about objects that
// show what a hidden value looks like.
func (r *run) settleVeils() error {
	a := r.area("references")
	for _, e := range r.found {
		for _, f := range e.item.Kind.Fields.Veiled("") {
			if !e.gone && e.item.Fields[f.Name] == f.Veil.Shows && r.hides(f.Veil) {
				r.enter(a)
				r.start(func() error {
					defer r.leave(a)
					return r.veil(a, e, &f)
				})
			}
		}
	}
	return r.wait()
}

// hides reports whether the realm may have an object that hides values.
func (r *run) hides(v *model.Veil) bool {
	k := model.Lookup(v.By)
	if !r.exists(k) {
		return false
	}
	if r.single || !r.want.has(k) || !r.room(k) {
		return true
	}
	return slices.ContainsFunc(r.found, func(e *entry) bool { return e.item.Kind == k && v.While(e.item.Fields) })
}

// veil asks what hides the value of a field, if anything does.
func (r *run) veil(a *area, e *entry, f *model.Field) error {
	base, _ := fill(r.realm, "", nil)
	id, shown := e.item.Fields[f.Veil.ID]
	if !shown { // a partial export does not
		v, err := r.get(a, base+"/"+e.path, nil)
		if keycloak.IsStatus(err, http.StatusNotFound) {
			return r.gone(e, err)
		}
		if err != nil {
			return r.refused(rightOf(e.item.Place()), err)
		}
		id = objectOf(v)[f.Veil.ID]
	}
	if textOf(id) == "" {
		return nil
	}
	k := model.Lookup(f.Veil.By)
	path, query := fill(r.realm, k.ItemTemplate(&k.Places[0]), words{"id": textOf(id)})
	v, err := r.get(a, path, query)
	by := model.Address("")
	switch {
	case err == nil && !f.Veil.While(objectOf(v)):
		return nil
	case err == nil:
		by = model.AddressOf("", k, textOf(objectOf(v)[k.Key]))
	case !keycloak.IsStatus(err, http.StatusNotFound) && !keycloak.IsStatus(err, http.StatusForbidden):
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.item.Veiled == nil {
		e.item.Veiled = map[string]model.Address{}
	}
	e.item.Veiled[f.Name] = by
	return nil
}
