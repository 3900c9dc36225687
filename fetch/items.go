package fetch

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// Items reads single objects again, which is cheaper than a whole [State]
// when there are few: one request for each, and those for the wanted fields
// that it does not show. Which objects they are, and below which parents, is
// taken from s, which has to hold them with their ids; one that the server
// makes along with its parent may be new.
//
// What is in the answer is on the server: an object that is not there any
// more, or goes by another name, is absent under its address. Children that
// come along with a parent, such as protocol mappers, are read with it and
// always there. Want's Kinds and Children do not matter.
func Items(ctx context.Context, c *keycloak.Client, s *model.State, addrs []model.Address, w Want) (map[model.Address]*model.Item, error) {
	w.Kinds = nil
	r := newRun(ctx, c, s.Realm, w)
	defer r.cancel(nil)
	r.single = true
	r.server = s.Server
	close(r.asked)
	close(r.settled)
	for _, it := range s.Items { // what answers may refer to
		if it.ID == "" {
			continue
		}
		if it.Kind.Tree() && it.Kind.Top() {
			r.names[objectID{it.Kind.Name, it.ID}] = model.PathOf(it.Kind, it.Addr)
			r.paths[treePath{it.Kind.Name, serverPath(s, it)}] = &entry{item: it, addr: it.Addr}
		} else {
			r.names[objectID{it.Kind.Name, it.ID}] = naturalKey(it)
			r.others[objectID{it.Kind.Name, it.ID}] = it.Addr
		}
	}
	a := r.area("objects")
	r.enter(a)
	for _, addr := range roots(s, addrs) {
		it := s.Items[addr]
		if it == nil {
			r.cancel(fmt.Errorf("%s: it is not known which object this is: the state that was read has none of that address", addr))
			break
		}
		r.start(func() error { return r.again(a, s, it) })
	}
	err := r.wait()
	r.leave(a)
	if err == nil && len(r.lacking) > 0 {
		err = &RightsError{Realm: r.realm, Roles: sorted(r.lacking)}
	}
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return nil, r.failed(err)
	}
	out := map[model.Address]*model.Item{}
	for _, e := range r.found {
		if !e.gone {
			out[e.addr] = e.item
		}
	}
	return out, nil
}

// roots returns the objects whose representations hold those at the
// addresses, each once.
func roots(s *model.State, addrs []model.Address) []model.Address {
	var out []model.Address
	seen := map[model.Address]bool{}
	for _, a := range addrs {
		for {
			k := model.KindOf(a)
			if k == nil {
				break
			}
			p := k.Place(kindName(parentOf(s, a)))
			if p == nil || !p.Inline {
				break
			}
			a = parentOf(s, a)
		}
		if !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}

// serverPath returns the path of an object of a tree as the server writes it.
func serverPath(s *model.State, it *model.Item) string {
	path := "/" + naturalKey(it)
	if up := s.Items[it.Parent]; up != nil && up.Kind == it.Kind {
		path = serverPath(s, up) + path
	}
	return path
}

func parentOf(s *model.State, a model.Address) model.Address {
	if it := s.Items[a]; it != nil {
		return it.Parent
	}
	return model.ParentOf(a)
}

// entryOf returns an object of a state as what others may live below.
func entryOf(s *model.State, it *model.Item) *entry {
	e := &entry{item: it, path: relative(it.Kind.ItemTemplate(it.Place()), wordsOf(s, it)), addr: it.Addr}
	if up := s.Items[it.Parent]; up != nil && it.Parent != "" {
		e.parent = entryOf(s, up)
	}
	return e
}

// again reads one object again.
func (r *run) again(a *area, s *model.State, it *model.Item) error {
	var parent *entry
	if up := s.Items[it.Parent]; up != nil && it.Parent != "" {
		parent = entryOf(s, up)
	}
	p, template := it.Place(), it.Kind.ItemTemplate(it.Place())
	if it.ID == "" && strings.Contains(template, "{id}") {
		if p == nil || !p.Each {
			return fmt.Errorf("%s: its id is not known, so it cannot be read", it.Addr)
		}
		return r.list(a, it.Kind, p, parent, "")
	}
	if it.Kind.Show != "" {
		template = it.Kind.Show
	}
	path, query := Path(r.realm, s, it, template)
	v, err := r.get(a, path, query)
	if keycloak.IsStatus(err, http.StatusNotFound) {
		return nil
	}
	if err != nil {
		return r.refused(rightOf(p), err)
	}
	rep := it.Kind.Represent(naturalKey(it), v)
	if p.Document != "" {
		list, i := it.Kind.InDocument(p, rep, naturalKey(it))
		if i < 0 {
			return nil
		}
		rep = objectOf(list[i])
	}
	if it.Kind == model.Realm {
		r.takeBase(a, rep, false)
		return nil
	}
	if it.Kind.Tree() && (parent == nil || parent.item.Kind == it.Kind) {
		var up string
		if parent != nil {
			up = parent.item.ID
		}
		if textOf(rep["parentId"]) != up {
			return nil // below another parent now
		}
	}
	e := r.takeOne(a, it.Kind, parent, rep)
	if e != nil && naturalKey(e.item) == naturalKey(it) {
		e.fixed = it.Addr
	}
	return nil
}
