package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// state makes the state of all that was read.
func (r *run) state() (*model.State, error) {
	s := model.NewState(r.realm)
	s.Server = r.server
	if r.exportedBy != "" {
		s.Server.Version = r.exportedBy // what features tell is only the minor version
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	for _, e := range r.found {
		if !e.gone {
			s.Items[e.addr] = e.item
		}
	}
	r.notes.Sort()
	return s, nil
}

// finish turns the entries into items with their final addresses and all
// their fields.
func (r *run) finish() error {
	r.settleAddresses()
	if err := r.settleAnswers(); err != nil {
		return err
	}
	if err := r.settleVeils(); err != nil {
		return err
	}
	for _, e := range r.found {
		e.item.Addr = e.addr
		if e.parent != nil {
			e.item.Parent = e.parent.addr
		}
	}
	for _, e := range r.found {
		r.settleReferences(e.item.Kind.Fields, e.item.Fields)
		e.item.Fields = e.item.Kind.Canonical(e.item.Fields)
		for name := range e.item.Veiled {
			e.item.Fields[name] = model.Mask
		}
	}
	return nil
}

// settleAddresses gives each entry an address of its own. Keycloak lets two
// protocol mappers of a client, say, have one name: the first by id, which
// does not change from one reading to the next, keeps the address, and the
// others get a number.
func (r *run) settleAddresses() {
	type place struct {
		parent *entry
		addr   model.Address
	}
	same := map[place][]*entry{}
	for _, e := range r.found { // parents come before children
		if e.parent != nil && e.parent.gone {
			e.gone = true
		}
		if !e.gone {
			p := place{e.parent, e.item.Addr}
			same[p] = append(same[p], e)
		}
	}
	suffix := map[*entry]model.Address{}
	for _, e := range r.found {
		twins := same[place{e.parent, e.item.Addr}]
		if len(twins) < 2 || twins[0] != e {
			continue
		}
		twins = slices.SortedFunc(slices.Values(twins), func(a, b *entry) int { return strings.Compare(a.item.ID, b.item.ID) })
		n := 1
		for _, twin := range twins[1:] {
			p := place{e.parent, ""}
			for p.addr == "" || same[p] != nil { // a name may look like that
				n++
				suffix[twin] = model.Address(fmt.Sprintf("#%d", n))
				p.addr = e.item.Addr + suffix[twin]
			}
			same[p] = []*entry{twin}
		}
	}
	for _, e := range r.found {
		e.addr = e.item.Addr
		if e.parent != nil {
			e.addr = e.addr.Rebase(e.parent.item.Addr, e.parent.addr)
		}
		if n := suffix[e]; n != "" {
			r.note(model.Diagnostic{
				Severity: model.Warning, Code: "duplicate-on-server", Addr: e.addr,
				Summary: fmt.Sprintf("the server has another object of this name, with id %s; it is called %s here", e.item.ID, e.addr+n),
				Detail:  "kcsync works with the first by id: delete the others, or rename them",
			})
			e.addr += n
		}
		if e.fixed != "" {
			e.addr = e.fixed
		}
	}
}

// settleAnswers adds the fields that were read by requests of their own. Some
// answers name objects by id alone that were not read themselves: these are
// looked up first.
func (r *run) settleAnswers() error {
	for {
		var unknown []objectID
		name := func(kind, id string) string {
			n, ok := r.nameOf(kind, id)
			if o := (objectID{kind, id}); !ok && !slices.Contains(unknown, o) {
				unknown = append(unknown, o)
			}
			return n
		}
		for _, e := range r.found {
			for _, a := range e.answers {
				for field, v := range a.read.Into(a.body, name) {
					e.item.Fields[field] = v
				}
			}
		}
		var loose []objectID // what nothing may be left of
		for _, e := range r.found {
			loose = append(loose, r.unreadIDs(e)...)
		}
		if len(unknown) == 0 && len(loose) == 0 {
			return nil
		}
		a := r.area("references")
		r.enter(a)
		for _, o := range unknown {
			r.start(func() error { return r.lookUp(a, o) })
		}
		for _, o := range unique(loose, unknown) {
			r.start(func() error {
				// The id itself is better than nothing: it may lead nowhere,
				// or to what only others may see.
				err := r.lookUp(a, o)
				var rights *RightsError
				if errors.Is(err, errDangling) || errors.As(err, &rights) {
					r.mu.Lock()
					defer r.mu.Unlock()
					r.names[o], err = o.id, nil
				}
				return err
			})
		}
		err := r.wait()
		r.leave(a)
		if err != nil {
			return err
		}
	}
}

// unreadIDs returns the objects to which an entry's wanted fields refer by
// their ids and that are not known.
func (r *run) unreadIDs(e *entry) []objectID {
	var out []objectID
	for i := range e.item.Kind.Fields {
		f := &e.item.Kind.Fields[i]
		if f.Ref == "" || !f.ByID || r.want.Field != nil && !r.want.Field(e.item.Addr, f.Name) {
			continue
		}
		k := model.Lookup(f.Ref)
		add := func(v any) {
			id, _ := v.(string)
			if _, known := r.nameOf(f.Ref, id); id != "" && !known && k.Top() && !(k.Tree() && strings.HasPrefix(id, "/")) {
				out = append(out, objectID{f.Ref, id})
			}
		}
		switch v := e.item.Fields[f.Name].(type) {
		case string:
			add(v)
		case []any:
			for _, id := range v {
				add(id)
			}
		case map[string]any:
			for _, id := range v {
				add(id)
			}
		}
	}
	return out
}

// unique returns each of the objects once, without those in except.
func unique(list, except []objectID) []objectID {
	var out []objectID
	for _, o := range list {
		if !slices.Contains(out, o) && !slices.Contains(except, o) {
			out = append(out, o)
		}
	}
	return out
}

// errDangling is a reference to what is not there.
var errDangling = errors.New("is referred to but not there")

// nameOf returns the natural key, or for a tree the path, of an object.
func (r *run) nameOf(kind, id string) (string, bool) {
	o := objectID{kind, id}
	if e := r.byID[o]; e != nil {
		if k := e.item.Kind; k.Tree() {
			return model.PathOf(k, e.addr), true
		}
		return naturalKey(e.item), true
	}
	n, ok := r.names[o]
	return n, ok
}

// addressOf returns the address of an object that was read or is known
// otherwise, or "".
func (r *run) addressOf(kind, id string) model.Address {
	o := objectID{kind, id}
	if e := r.byID[o]; e != nil {
		return e.addr
	}
	return r.others[o]
}

// lookUp finds out how an object that was not read is referred to.
func (r *run) lookUp(a *area, o objectID) error {
	k := model.Lookup(o.kind)
	path, query := fill(r.realm, k.ItemTemplate(&k.Places[0]), words{"id": o.id})
	v, err := r.get(a, path, query)
	name := textOf(objectOf(v)[k.Key])
	if err == nil && k.Called != nil {
		name = k.Called(objectOf(v), func(kind, id string) string {
			other := objectID{kind, id}
			known := func() (string, bool) {
				r.mu.Lock()
				defer r.mu.Unlock()
				return r.nameOf(kind, id)
			}
			n, ok := known()
			if !ok && err == nil {
				if err = r.lookUp(a, other); err == nil {
					n, _ = known()
				}
			}
			return n
		})
	}
	if keycloak.IsStatus(err, http.StatusNotFound) || err == nil && name == "" {
		return fmt.Errorf("the %s with id %s %w: it was probably deleted while the realm was being read; try again", o.kind, o.id, errDangling)
	}
	if keycloak.IsStatus(err, http.StatusForbidden) {
		return &RightsError{Realm: r.realm, Roles: []string{"view-" + k.Places[0].Right}}
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[o] = name
	return nil
}

// addressed adds to words the ids of the objects whose addresses a template
// holds.
func (r *run) addressed(a *area, template string, w words) error {
	for _, addr := range Addresses(template) {
		o, err := r.find(a, addr)
		if err != nil {
			return err
		}
		id := textOf(o[model.KindOf(addr).IDField()])
		if id == "" {
			return fmt.Errorf("%s: the server has none", addr)
		}
		w[string(addr)] = id
	}
	return nil
}

// find asks, once, for the representation of the object of the realm at an
// address; nil when there is none.
func (r *run) find(a *area, addr model.Address) (model.Object, error) {
	r.mu.Lock()
	find := r.named[addr]
	if find == nil {
		find = sync.OnceValues(func() (model.Object, error) {
			k := model.KindOf(addr)
			path, query := fill(r.realm, k.Find, words{"key": addr.Key()})
			v, err := r.get(a, path, query)
			if err != nil {
				return nil, r.settle(r.refused(rightOf(&k.Places[0]), err))
			}
			return k.FoundIn(v), nil
		})
		r.named[addr] = find
	}
	r.mu.Unlock()
	return find()
}

// treePath is the path by which the server refers to an object of a tree. A
// "/" in a name is not escaped in it.
type treePath struct{ kind, path string }

// treePath keeps the server's path of an entry.
func (r *run) treePath(k *model.Kind, path string, e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := treePath{k.Name, path}
	if other := r.paths[p]; other != nil {
		r.notes = append(r.notes, model.Diagnostic{
			Severity: model.Warning, Code: "ambiguous-path", Addr: e.item.Addr,
			Summary: fmt.Sprintf("the server calls both this and %s %q, because it does not escape a / in a name", other.item.Addr, path),
			Detail:  "references to one may be taken for the other: rename one of them",
		})
		return
	}
	r.paths[p] = e
}

// settleReferences rewrites references to natural keys: those that the server
// makes by id, as far as what they refer to was read, and paths of trees, in
// which the server does not escape a "/" in a name and addresses do.
func (r *run) settleReferences(fs model.Fields, o map[string]any) {
	for i := range fs {
		f := &fs[i]
		if m, ok := o[f.Name].(map[string]any); ok && f.Type == model.Struct {
			r.settleReferences(f.Fields, m)
		}
		if f.Ref == "" || !f.ByID && !model.Lookup(f.Ref).Tree() {
			continue
		}
		switch v := o[f.Name].(type) {
		case string:
			o[f.Name] = r.settleReference(f, v)
		case []any:
			for i, e := range v {
				if s, ok := e.(string); ok {
					v[i] = r.settleReference(f, s)
				}
			}
		case map[string]any:
			for key, e := range v {
				if s, ok := e.(string); ok {
					v[key] = r.settleReference(f, s)
				}
			}
		}
	}
}

func (r *run) settleReference(f *model.Field, s string) string {
	if a := r.addressOf(f.Ref, s); a != "" && f.ByID && f.Slashed {
		return f.Spell(a)
	}
	if f.ByID {
		if name, ok := r.nameOf(f.Ref, s); ok {
			return name
		}
		if !model.Lookup(f.Ref).Tree() || !strings.HasPrefix(s, "/") {
			return s
		}
	}
	if e := r.paths[treePath{f.Ref, s}]; e != nil {
		return model.PathOf(e.item.Kind, e.addr)
	}
	// Not read: what is certain is that a "%" is meant literally.
	return strings.ReplaceAll(s, "%", "%25")
}

// sorted returns a sorted copy.
func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
