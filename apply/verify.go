package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/model"
)

// fewObjects is up to how many objects are read one by one to verify an
// apply; above it, reading the realm in pages is cheaper.
const fewObjects = 200

// want is what to read of the realm to compare it with what is desired.
func (r *run) want() fetch.Want {
	w := fetch.All()
	if r.o.Desired != nil {
		w = fetch.For(r.o.Desired)
	}
	w.Parallelism = r.o.Parallelism
	if r.plan.Server.Version != "" {
		w.Server = &r.plan.Server
	}
	return w
}

// readAll reads the realm.
func (r *run) readAll(ctx context.Context) (*model.State, error) {
	s, _, err := fetch.State(ctx, r.client, r.plan.Realm, r.want())
	return s, err
}

// verify reads again what was done and compares it with what is desired.
// Objects with a change that was not done are left out.
func (r *run) verify(ctx context.Context, res *Result) error {
	touched := touchedBy(res)
	if len(touched) == 0 {
		res.Verified = true
		return nil
	}
	now, err := r.readAgain(ctx, touched, writtenBy(res))
	if err != nil {
		return fmt.Errorf("what was done could not be read again to verify it: %w", err)
	}
	left := r.left(now, touched)
	if len(left) == 0 {
		res.Verified = true
		return nil
	}
	res.Remaining = &diff.Plan{Realm: r.plan.Realm, Server: r.plan.Server, Changes: left}
	return fmt.Errorf("the server took every request and is still not as the files say: %s; plan again to see it, and if it stays, "+
		"the server changes these values by itself", summary(left))
}

// touchedBy returns the addresses of which every change is done, and whether
// there is an object now.
func touchedBy(res *Result) map[model.Address]bool {
	out := map[model.Address]bool{}
	for _, c := range res.Done {
		out[c.Addr] = c.Action != diff.Delete
	}
	for _, f := range res.Failed {
		delete(out, f.Change.Addr)
	}
	for _, s := range res.Skipped {
		delete(out, s.Change.Addr)
	}
	return out
}

// written says which fields of an object were written.
type written struct {
	all    bool
	fields map[string]bool
	before model.Object // as the plan read it
}

// writtenBy returns what was written, by address.
func writtenBy(res *Result) map[model.Address]written {
	out := map[model.Address]written{}
	for _, c := range res.Done {
		w := out[c.Addr]
		if w.fields == nil {
			w.fields, w.before = map[string]bool{}, c.Before
		}
		for _, e := range c.Edits {
			w.fields[model.Segments(e.Path)[0]] = true
		}
		w.all = w.all || c.Action != diff.Update && c.Action != diff.Move
		out[c.Addr] = w
	}
	return out
}

// left returns the changes that a plan of what was touched still holds; parts
// that appeared by themselves below it are part of it.
func (r *run) left(now *model.State, touched map[model.Address]bool) []*diff.Change {
	p, _ := diff.Compute(r.o.Desired, now, diff.Options{Resolver: r.o.Resolver, Baseline: r.o.Baseline})
	var out []*diff.Change
	for _, c := range p.Changes {
		_, own := touched[c.Addr]
		if own || c.Kind.Part && touched[c.Parent] && c.Action == diff.Delete {
			out = append(out, c)
		}
	}
	for _, a := range slices.SortedFunc(maps.Keys(touched), model.CompareAddresses) {
		if it := now.Items[a]; it != nil && !touched[a] && r.o.Desired.Items[a] == nil &&
			!slices.ContainsFunc(out, func(c *diff.Change) bool { return c.Addr == a }) {
			out = append(out, &diff.Change{ID: string(a), Addr: a, Kind: it.Kind, Parent: it.Parent, Action: diff.Delete, Before: it.Fields})
		}
	}
	return out
}

// readAgain returns what is known of the realm with all that was touched read
// anew. Fields that take a request of their own are read where they were
// written: the server may not be able to show others.
func (r *run) readAgain(ctx context.Context, touched map[model.Address]bool, did map[model.Address]written) (*model.State, error) {
	var addrs []model.Address
	tops := map[model.Address]bool{}
	for _, a := range slices.SortedFunc(maps.Keys(touched), model.CompareAddresses) {
		if touched[a] {
			addrs = append(addrs, a)
			tops[inlineRoot(a)] = true
		}
	}
	if len(tops) > fewObjects {
		return r.readAll(ctx)
	}
	if err := r.learnIDs(ctx, addrs); err != nil {
		return nil, err
	}
	s := *r.w.state
	s.Items = maps.Clone(s.Items)
	w := r.want()
	wanted := w.Field
	w.Field = func(a model.Address, field string) bool {
		return wanted(a, field) && (did[a].all || did[a].fields[field])
	}
	fresh, err := fetch.Items(ctx, r.client, &s, addrs, w)
	if err != nil {
		return nil, err
	}
	for a, it := range fresh {
		before := did[a].before
		if old := s.Items[a]; before == nil && old != nil {
			before = old.Fields
		}
		for _, rd := range it.Kind.Reads {
			for _, field := range rd.Fields {
				if v, ok := before[field]; ok && wanted(a, field) && !w.Field(a, field) {
					it.Fields[field] = v
				}
			}
		}
	}
	for a, it := range s.Items {
		p := placeOf(it.Kind, it.Parent)
		if touched[a] || tops[a] || p != nil && p.Inline && tops[it.Parent] {
			delete(s.Items, a)
		}
	}
	maps.Copy(s.Items, fresh)
	return &s, nil
}

// inlineRoot returns the object in whose representation the one at an address
// is read.
func inlineRoot(a model.Address) model.Address {
	parent := model.ParentOf(a)
	if k := model.KindOf(a); k != nil && parent != "" {
		if p := placeOf(k, parent); p != nil && p.Inline {
			return inlineRoot(parent)
		}
	}
	return a
}

// learnIDs finds out the ids that the answers to creations did not tell.
func (r *run) learnIDs(ctx context.Context, addrs []model.Address) error {
	var mu sync.Mutex
	var first error
	var all sync.WaitGroup
	slots := make(chan struct{}, r.o.Parallelism)
	var unknown []*model.Item
	for _, a := range addrs {
		if it := r.w.state.Items[a]; it != nil && it.ID == "" && strings.Contains(it.Kind.ItemTemplate(placeOf(it.Kind, it.Parent)), "{id}") && inlineRoot(a) == a {
			unknown = append(unknown, it)
		}
	}
	for _, it := range unknown {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			j := r.job(&diff.Change{Addr: it.Addr, Kind: it.Kind, Parent: it.Parent})
			if _, err := j.id(ctx, it.Kind, it.Addr, it.Parent); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	all.Wait()
	return first
}

// mostShown bounds the differences that an error spells out.
const mostShown = 10

// summary names what is left, without values.
func summary(changes []*diff.Change) string {
	var out []string
	for i, c := range changes {
		if i == mostShown {
			out = append(out, fmt.Sprintf("and %d more", len(changes)-i))
			break
		}
		s := fmt.Sprintf("%s %s", c.Action, c.Addr)
		for n, e := range c.Edits {
			sep := ", "
			if n == 0 {
				sep = ": "
			}
			s += sep + strings.Join(model.Segments(e.Path), ".")
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}
