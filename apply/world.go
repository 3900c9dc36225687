package apply

import (
	"maps"
	"slices"
	"sync"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// world is what is known of the server during an apply: what the plan read,
// laid over by what was done since. Objects stand at the addresses that they
// have after the plan; their ids are found under the old ones, too.
type world struct {
	mu    sync.Mutex
	state *model.State
	ids   map[model.Address]string
	byID  map[kindID]model.Address
	fresh map[model.Address]bool // made by this apply: nothing to compare with what the plan read
	anew  bool                   // the realm itself was made by this apply
	moves []move
}

type kindID struct{ kind, id string }

type move struct{ from, to model.Address }

func newWorld(p *diff.Plan, current *model.State) *world {
	w := &world{ids: map[model.Address]string{}, byID: map[kindID]model.Address{}, fresh: map[model.Address]bool{}}
	if current == nil {
		current = model.NewState(p.Realm)
	}
	s := *current
	for _, c := range p.Changes {
		if c.From == "" || c.From == c.Addr {
			continue
		}
		from := c.From
		if s.Items[from] == nil { // an object above it has moved before
			from = w.renamed(from)
		}
		s = *s.Rename(from, c.Addr)
		w.moves = append(w.moves, move{from, c.Addr})
	}
	w.load(current)
	return w
}

// load takes over a state that was read before the plan's moves.
func (w *world) load(read *model.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := *read
	s.Items = maps.Clone(read.Items)
	for _, m := range w.moves {
		s = *s.Rename(m.from, m.to)
	}
	w.state = &s
	for a, it := range read.Items {
		if it.ID != "" {
			w.ids[a] = it.ID
		}
	}
	for a, it := range s.Items {
		if it.ID != "" {
			w.ids[a] = it.ID
			w.byID[kindID{it.Kind.Name, it.ID}] = a
		}
	}
}

// renamed returns the address that an object has after the plan's moves: its
// own, where this apply made a new one in the place of the other.
func (w *world) renamed(a model.Address) model.Address {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := a; p != ""; p = model.ParentOf(p) {
		if w.fresh[p] {
			return a
		}
	}
	for _, m := range w.moves {
		a = a.Rebase(m.from, m.to)
	}
	return a
}

// id returns the server's id of the object at an address, or "".
func (w *world) id(a model.Address) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ids[a]
}

// addr returns the address of the object of a kind with an id, or "".
func (w *world) addr(kind, id string) model.Address {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.byID[kindID{kind, id}]
}

// key returns how fields refer to the object of a kind with an id, or "".
func (w *world) key(kind, id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.byID[kindID{kind, id}]
	if !ok {
		return ""
	}
	return refTo(model.Lookup(kind), a)
}

// refTo returns how fields refer to the object at an address.
func refTo(k *model.Kind, a model.Address) string {
	if k.Tree() {
		return model.PathOf(k, a)
	}
	return a.Key()
}

// treePath returns how fields refer to the object of a tree kind that the
// server calls by a path, in which it does not escape a "/" in a name.
func (w *world) treePath(k *model.Kind, path string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ids[model.TreePath(k, path)] != "" {
		return path
	}
	for _, a := range w.byID {
		if p := model.PathOf(k, a); model.KindOf(a) == k && model.UnescapeKey(p) == path {
			return p
		}
	}
	return path
}

// fields returns the effective fields of an object; not to be changed.
func (w *world) fields(a model.Address) model.Object {
	w.mu.Lock()
	defer w.mu.Unlock()
	if it := w.state.Items[a]; it != nil {
		return it.Fields
	}
	return nil
}

// items returns the objects of a kind.
func (w *world) items(k *model.Kind) []*model.Item {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(w.state.Sorted(), func(it *model.Item) bool { return it.Kind != k })
}

// learn keeps the id of an object.
func (w *world) learn(k *model.Kind, a model.Address, id string) {
	if id == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids[a] = id
	w.byID[kindID{k.Name, id}] = a
	if it := w.state.Items[a]; it != nil && it.ID != id {
		c := *it // others may read the old one
		c.ID = id
		w.state.Items[a] = &c
	}
}

// lay lays fields over those of the object at an address.
func (w *world) lay(k *model.Kind, a, parent model.Address, over model.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	it := &model.Item{Addr: a, Kind: k, Parent: parent, ID: w.ids[a], Shown: map[string]bool{}}
	fields := model.Object{}
	if have := w.state.Items[a]; have != nil {
		*it = *have
		fields = have.Fields.Clone()
	}
	for name, v := range over {
		if m, ok := v.(map[string]any); ok {
			if old, ok := fields[name].(map[string]any); ok {
				maps.Copy(old, m)
				continue
			}
		}
		fields[name] = v
	}
	it.Fields = fields
	w.state.Items[a] = it
}

// forget drops what is known of an object that was deleted, and of all below.
func (w *world) forget(a model.Address) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for other := range w.ids {
		if other == a || other.Under(a) {
			delete(w.ids, other)
		}
	}
	for other := range w.state.Items {
		if other == a || other.Under(a) {
			delete(w.state.Items, other)
		}
	}
}

// made marks an object as made by this apply.
func (w *world) made(a model.Address) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fresh[a] = true
}

// unread reports whether the object is not the one that the plan read,
// because this apply made it, or what is above it.
func (w *world) unread(a model.Address) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ; a != ""; a = model.ParentOf(a) {
		if w.fresh[a] {
			return true
		}
	}
	return w.anew
}

// begin takes over what a realm that this apply made holds by itself.
func (w *world) begin(s *model.State) {
	w.load(s)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.anew = true
}

// new reports whether this apply made the realm, in which nobody is yet.
func (w *world) new() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.anew
}

// builtin reports whether the server made the object along with the realm
// that this apply made. A plan may not have known that it would.
func (w *world) builtin(a model.Address) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.anew && w.ids[a] != "" && !w.left(a) && !w.fresh[a]
}

// left reports whether the object that is known at an address has been
// renamed: it is at another.
func (w *world) left(a model.Address) bool {
	return w.byID[kindID{model.KindOf(a).Name, w.ids[a]}] != a
}

// occupy forgets the object that had been at an address before it was renamed:
// there is a new one.
func (w *world) occupy(a model.Address) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ids[a] != "" && w.left(a) {
		delete(w.ids, a)
	}
}

// settle returns a canonical object with references as they are after the
// plan's moves, whether the server has made those already or not.
func (w *world) settle(k *model.Kind, parent model.Address, o model.Object) model.Object {
	if len(w.moves) == 0 {
		return o
	}
	const here = model.Address("\x00")
	s := &model.State{Items: map[model.Address]*model.Item{here: {Addr: here, Kind: k, Parent: parent, Fields: o}}}
	for _, m := range w.moves {
		s = s.Rename(m.from, m.to)
	}
	return s.Items[here].Fields
}
