package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// entry is an object that was read, on its way to becoming an item.
type entry struct {
	item    *model.Item
	parent  *entry // nil: the realm
	path    string // below the realm's, escaped
	answers []answer
	gone    bool          // deleted while the realm was being read
	fixed   model.Address // known beforehand, when it is read again
	addr    model.Address // final: apart from others of the same key
}

// answer is what a request for more fields gave.
type answer struct {
	read *model.Read
	body any
}

// takeBase takes in the realm's own representation: with all that a partial
// export holds, or the realm alone.
func (r *run) takeBase(a *area, rep model.Object, exported bool) {
	if v, ok := rep["keycloakVersion"].(string); ok {
		r.mu.Lock()
		r.exportedBy = v
		r.mu.Unlock()
	}
	found := model.Unfold(model.Realm, "", rep, "")
	if !exported {
		found = found[:1]
	}
	r.take(a, nil, found, func(k *model.Kind, parent model.Address) bool {
		p := k.Place(kindName(parent))
		return k == model.Realm || p.Base && (!p.Each || r.want.below(parent, k)) || p.Inline
	}, nil, exported)
}

// leave drops what no file can hold: what is known to be unmanaged and, of the
// realm, the objects of kinds that came after this registry, which the ways
// to read it show or do not show. An unknown setting stays.
func leave(it *model.Item) {
	for _, name := range it.Kind.Unmanaged {
		delete(it.Fields, name)
	}
	if it.Kind != model.Realm {
		return
	}
	for name, v := range it.Fields {
		switch v.(type) {
		case map[string]any, []any:
			if it.Kind.Fields.Get(name) == nil {
				delete(it.Fields, name)
			}
		}
	}
}

// takeList takes in the objects of a list.
func (r *run) takeList(a *area, k *model.Kind, p *model.Place, parent *entry, list []any) {
	for _, e := range list {
		if rep := objectOf(e); rep != nil && p.Holds(rep) {
			r.takeOne(a, k, parent, rep)
		}
	}
}

// takeOne takes in an object and what stands inside it. It returns nil for
// one that is known already, because pages shifted while they were read.
func (r *run) takeOne(a *area, k *model.Kind, parent *entry, rep model.Object) *entry {
	var under model.Address
	if parent != nil {
		under = parent.item.Addr
	}
	found := model.Unfold(k, under, rep, "")
	if len(found) == 0 {
		return nil
	}
	inline := func(k *model.Kind, parent model.Address) bool {
		p := k.Place(kindName(parent))
		return p != nil && p.Inline
	}
	return r.take(a, parent, found, inline, rep, false)
}

// takeTree takes in the flat list of a kind whose objects live below each
// other.
func (r *run) takeTree(a *area, k *model.Kind, root *entry, list []any) {
	const parentID = "parentId"
	byID := map[string]model.Object{}
	for _, e := range list {
		rep := objectOf(e)
		if id, _ := rep[k.IDField()].(string); id != "" {
			byID[id] = rep
		}
	}
	done := map[string]*entry{}
	var take func(rep model.Object) *entry
	take = func(rep model.Object) *entry {
		id, _ := rep[k.IDField()].(string)
		if e, ok := done[id]; ok {
			return e
		}
		done[id] = nil
		parent := root
		// Below another kind the outermost have a parent of their own, which
		// the server does not show.
		if up, _ := rep[parentID].(string); up != "" && (root == nil || byID[up] != nil) {
			if byID[up] == nil || take(byID[up]) == nil {
				r.note(model.Diagnostic{
					Severity: model.Warning, Code: "changed-meanwhile", Addr: model.AddressOf("", k, textOf(rep[k.Key])),
					Summary: "the object above it was not in the server's list, so its place is not known and it is left out",
					Detail:  "it was probably moved while the realm was being read: try again",
				})
				return nil
			}
			parent = take(byID[up])
		}
		e := r.takeOne(a, k, parent, rep)
		if e != nil {
			if path, ok := rep["path"].(string); ok && root == nil {
				r.treePath(k, path, e)
			}
		}
		done[id] = e
		return e
	}
	for _, e := range list {
		take(objectOf(e))
	}
}

// take takes in an object, the first of those found, and what was found
// inside it, as far as it is wanted and accept says that it is complete
// there. It begins the requests for what they need beyond that, and returns
// the entry of the first. The listed representation is nil for what comes
// from the base.
func (r *run) take(a *area, parent *entry, found []model.Found, accept func(*model.Kind, model.Address) bool, listed model.Object, base bool) *entry {
	last := map[model.Address]*entry{} // the objects of one key follow each other
	var taken []*entry
	for i, f := range found {
		it := f.Item
		if it.Fragment && it.Kind != model.Realm {
			if e := last[it.Addr]; e != nil {
				for name, v := range it.Fields {
					e.item.Fields[name] = v
				}
			}
			continue
		}
		above := parent
		if i > 0 {
			if above = last[it.Parent]; above == nil && it.Parent != "" {
				continue
			}
		}
		wanted := r.want.has(it.Kind) || it.Kind == model.Realm
		if !wanted || i > 0 && !accept(it.Kind, it.Parent) {
			continue
		}
		it.Fragment, it.Shown = false, map[string]bool{}
		leave(it)
		e := &entry{item: it, parent: above}
		e.path = relative(it.Kind.ItemTemplate(it.Place()), e.words())
		if !r.add(e) {
			if i == 0 {
				return nil
			}
			continue
		}
		last[it.Addr] = e
		taken = append(taken, e)
	}
	r.count(a, len(taken), 0)
	for _, e := range taken {
		raw := e.item.Fields
		if e == taken[0] && listed != nil {
			raw = listed
		}
		r.complete(a, e, raw, base)
	}
	if len(taken) == 0 {
		return nil
	}
	return taken[0]
}

func (e *entry) words() words {
	w := words{"id": e.item.ID, "key": naturalKey(e.item)}
	if e.parent != nil {
		w["parent"], w["parentId"], w["root"] = e.parent.path, e.parent.item.ID, e.root().path
		if e.item.Kind.Singleton() {
			w["key"] = naturalKey(e.parent.item)
		}
	}
	return w
}

// root returns the object of another kind below which a tree stands.
func (e *entry) root() *entry {
	up := e.parent
	for up.parent != nil && up.item.Kind == e.item.Kind {
		up = up.parent
	}
	return up
}

// add keeps the entry unless the object is known.
func (r *run) add(e *entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := objectID{e.item.Kind.Name, e.item.ID}
	if id.id != "" {
		if r.byID[id] != nil {
			return false
		}
		r.byID[id] = e
	}
	r.found = append(r.found, e)
	return true
}

// complete begins the requests for the fields and children that an object
// was listed without.
func (r *run) complete(a *area, e *entry, raw model.Object, base bool) {
	k := e.item.Kind
	for i := range k.Reads {
		rd := &k.Reads[i]
		switch {
		case !r.want.read(e.item.Addr, rd):
			if base && rd.Base { // nobody asked: the state must not depend on how it was read
				for _, name := range rd.Fields {
					delete(e.item.Fields, name)
				}
			}
		case base && rd.Base && holds(e.item.Fields, rd.Fields) && (rd.Vague == nil || !rd.Vague(e.item.Fields)):
			// It came along.
		case base && rd.Base && !holds(e.item.Fields, rd.Fields), rd.When != nil && !rd.When(raw):
			r.answer(e, rd, []any{})
		default:
			r.enter(a)
			r.start(func() error {
				defer r.leave(a)
				return r.more(a, e, rd, raw)
			})
		}
	}
	if r.single {
		return
	}
	for _, c := range k.Children() {
		p := c.Place(k.Name)
		switch {
		case p == nil, c == k, !p.Each, base && p.Base, !r.want.has(c), !r.want.below(e.item.Addr, c):
			continue
		case c.When != nil && !c.When(e.item.Fields):
			continue
		}
		below := r.area(k.Name + "/" + c.Name)
		r.enter(below)
		deeper := r.enterBelow(c, false)
		r.start(func() error {
			defer r.leave(below)
			defer deeper()
			if r.enough() || !r.exists(c) {
				return nil
			}
			return r.list(below, c, p, e, "")
		})
	}
}

func holds(o model.Object, fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return o[f] == nil })
}

// more reads more fields of an object, of which the list shows raw.
func (r *run) more(a *area, e *entry, rd *model.Read, raw model.Object) error {
	if r.enough() {
		return nil
	}
	var v any = map[string]any(raw)
	var err error
	if rd.Path != "" {
		w := e.words()
		if err := r.addressed(a, rd.Path, w); err != nil {
			return err
		}
		v, err = r.members(a, e, rd, w)
	}
	if keycloak.IsStatus(err, http.StatusNotFound) {
		return r.gone(e, err)
	}
	if err == nil && rd.More != nil {
		base, _ := fill(r.realm, "", nil)
		v, err = rd.More(v, func(path string) (any, error) { return r.get(a, base+"/"+path, nil) })
		if err != nil && !keycloak.IsStatus(err, http.StatusForbidden) {
			return fmt.Errorf("%s: %w", e.item.Addr, err)
		}
	}
	if keycloak.IsStatus(err, http.StatusForbidden) && e.item.Kind == model.Realm && !r.want.has(model.Realm) {
		return nil
	}
	right := rd.Right
	if right == "" {
		right = rightOf(e.item.Place())
	}
	if err != nil {
		return r.refused(right, err)
	}
	r.answer(e, rd, v)
	return nil
}

// members sends the request of a read, or those for the few members of its
// field that matter.
func (r *run) members(a *area, e *entry, rd *model.Read, w words) (any, error) {
	var few []string
	if r.want.Declared != nil {
		few = rd.Few(r.want.Declared(e.item.Addr))
	}
	if few == nil {
		path, query := fill(r.realm, rd.Path, w)
		return r.get(a, path, query)
	}
	all := []any{}
	for _, name := range few {
		w["member"] = name
		path, query := fill(r.realm, rd.One, w)
		v, err := r.get(a, path, query)
		if err != nil {
			return nil, err
		}
		l, _ := v.([]any)
		all = append(all, l...)
	}
	return all, nil
}

func (r *run) answer(e *entry, rd *model.Read, body any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.answers = append(e.answers, answer{rd, body})
}

// gone takes note that an object was deleted after it had been listed, which
// the server tells by a 404 for what is below it.
func (r *run) gone(e *entry, err error) error {
	if err := r.settle(err); errors.Is(err, errMissing) || e.item.Kind == model.Realm {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !e.gone {
		r.notes = append(r.notes, model.Diagnostic{
			Severity: model.Warning, Code: "changed-meanwhile", Addr: e.item.Addr,
			Summary: "it was in the server's list but is not there any more, so it is left out",
			Detail:  "somebody changes the realm at the same time: look again before you go on",
		})
	}
	e.gone = true
	return nil
}

func kindName(a model.Address) string {
	if k := model.KindOf(a); k != nil {
		return k.Name
	}
	return ""
}

func objectOf(v any) model.Object {
	m, _ := v.(map[string]any)
	return m
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}
