package fetch

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// alias lists the object below a parent that goes by another name than the
// place asks for, by the word of [model.Place.Alias]; nothing when there is
// none.
func (r *run) alias(a *area, k *model.Kind, p *model.Place, parent *entry) (any, error) {
	export, err := r.exports()
	if keycloak.IsStatus(err, http.StatusForbidden) {
		return nil, nil // it is as if there were none
	}
	if err != nil {
		return nil, err
	}
	all, _ := export[p.Flat].([]any)
	for _, e := range all {
		rep := objectOf(e)
		if name := textOf(rep[p.Alias.Field]); name != "" && rep[p.FlatBy] == parent.item.Addr.Key() {
			path, query := fill(r.realm, p.Alias.List, words{"value": name})
			return r.get(a, path, query)
		}
	}
	if parent.item.Builtin {
		return nil, nil // what the server keeps for itself need not have any
	}
	r.note(model.Diagnostic{Severity: model.Note, Code: "not-found", Addr: parent.item.Addr,
		Summary: fmt.Sprintf("its %s is not found: the server has none of the usual name, and shows no other", k.Name)})
	return nil, nil
}

// rival lists the objects that have what a declared one is to have, unless it
// has it itself as it was found.
func (r *run) rival(a *area, by *model.Search, declared model.Object, found []any) (any, error) {
	value, ok := declared[by.Field].(string)
	if !ok || value == "" || slices.ContainsFunc(found, func(e any) bool { return strings.EqualFold(textOf(objectOf(e)[by.Field]), value) }) {
		return nil, nil
	}
	path, query := fill(r.realm, by.List, words{"value": value})
	return r.get(a, path, query)
}

// export asks for the realm with its clients.
func (r *run) export() (model.Object, error) {
	path, _ := fill(r.realm, "", nil)
	query := url.Values{"exportClients": {"true"}, "exportGroupsAndRoles": {"false"}}
	v, err := r.do(r.area("realm"), http.MethodPost, path+"/partial-export", query)
	return objectOf(v), err
}
