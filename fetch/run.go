package fetch

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// defaultParallelism saturates a small server; more only makes requests wait
// there instead of here.
const defaultParallelism = 8

// listPages is how many pages of one list may be under way: the rest of the
// requests is better spent on other lists than beyond the end of this one.
const listPages = 4

// run is one reading of a realm.
type run struct {
	client *keycloak.Client
	realm  string
	want   Want

	outer  context.Context // the caller's
	ctx    context.Context // ends with the first error
	cancel context.CancelCauseFunc
	tasks  sync.WaitGroup
	slots  chan struct{} // one for every request under way

	mu      sync.Mutex
	found   []*entry
	areas   map[string]*area
	byID    map[objectID]*entry
	paths   map[treePath]*entry
	notes   model.Diagnostics
	denied  map[string]bool // rights that are missing, by the word of Place.Right
	lacking []string        // the same, in the order of their discovery

	single     bool   // objects are read again, without what else is below them
	exportedBy string // the version that a partial export tells

	exports func() (model.Object, error) // the realm with its clients, in one export

	named  map[model.Address]func() (model.Object, error) // objects that the registry names
	others map[objectID]model.Address                     // objects that are known and not read
	names  map[objectID]string                            // natural keys, by id, of objects that were not read

	server  model.Server  // good once asked is closed
	asked   chan struct{} // the server has told what it is
	settled chan struct{} // it is known whether the realm exists
	base    model.Object  // its representation, as far as one may see it; good once settled is closed
	missing bool          // it does not; good once settled is closed
}

// objectID is what identifies an object on a server.
type objectID struct{ kind, id string }

func newRun(ctx context.Context, c *keycloak.Client, realm string, w Want) *run {
	if w.Parallelism <= 0 {
		w.Parallelism = defaultParallelism
	}
	r := &run{
		client: c, realm: realm, want: w, outer: ctx,
		slots:  make(chan struct{}, w.Parallelism),
		byID:   map[objectID]*entry{},
		paths:  map[treePath]*entry{},
		denied: map[string]bool{},
		names:  map[objectID]string{},
		named:  map[model.Address]func() (model.Object, error){},
		others: map[objectID]model.Address{},
		asked:  make(chan struct{}), settled: make(chan struct{}),
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.exports = sync.OnceValues(r.export)
	return r
}

// start does something beside the rest. Its error ends the whole run.
func (r *run) start(task func() error) {
	r.tasks.Go(func() {
		if err := task(); err != nil {
			r.cancel(err)
		}
	})
}

// wait returns when all is done or something went wrong.
func (r *run) wait() error {
	r.tasks.Wait()
	return context.Cause(r.ctx)
}

// do sends a request when its turn has come.
func (r *run) do(a *area, method, path string, query url.Values) (any, error) {
	select {
	case r.slots <- struct{}{}:
	case <-r.ctx.Done():
		return nil, context.Cause(r.ctx)
	}
	defer func() { <-r.slots }()
	if r.ctx.Err() != nil { // both were ready
		return nil, context.Cause(r.ctx)
	}
	res, err := r.client.Do(r.ctx, keycloak.Request{Method: method, Path: path, Query: query, Repeatable: true})
	if err != nil {
		return nil, err
	}
	var v any
	if err := res.Decode(&v); err != nil {
		return nil, err
	}
	r.count(a, 0, 1)
	return v, nil
}

func (r *run) get(a *area, path string, query url.Values) (any, error) {
	return r.do(a, http.MethodGet, path, query)
}

// pages reads a list, size objects at a time, and hands each page on in
// order. More pages are asked for at once as more of them turn out full.
//
// Only an empty page is the end: Keycloak cuts a page first and leaves out
// objects that fail to load then, so that a short one proves nothing.
func (r *run) pages(a *area, path string, query url.Values, size int, each func([]any)) error {
	type result struct {
		list []any
		err  error
	}
	var flight []chan result
	next := 0
	ask := func() {
		q := pageQuery(query, next*size, size)
		next++
		ch := make(chan result, 1)
		flight = append(flight, ch)
		r.tasks.Go(func() {
			v, err := r.get(a, path, q)
			list, _ := v.([]any)
			ch <- result{list, err}
		})
	}
	width, full := 2, 0
	for {
		for len(flight) < width {
			ask()
		}
		got := <-flight[0]
		flight = flight[1:]
		if got.err != nil {
			return got.err
		}
		if len(got.list) == 0 {
			for _, ch := range flight {
				<-ch // empty too, and part of this
			}
			return nil
		}
		each(got.list)
		if len(got.list) == size {
			full++
			width = min(max(width, full+1), listPages)
		} else {
			width = 1
		}
	}
}

func pageQuery(query url.Values, first, size int) url.Values {
	q := url.Values{}
	for name, v := range query {
		q[name] = v
	}
	q.Set("first", itoa(first))
	q.Set("max", itoa(size))
	return q
}

// area counts what was read of one area of the configuration.
type area struct {
	Event
	open int // tasks that are not done, and parents that may still bring some
}

// enter begins, or joins, the reading of an area.
func (r *run) enter(a *area) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.open++
	if a.open == 1 {
		r.tell(a)
	}
}

// leave ends what enter began.
func (r *run) leave(a *area) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.open--
	if a.open == 0 {
		a.Done = true
		r.tell(a)
	}
}

func (r *run) count(a *area, objects, requests int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.Objects += objects
	a.Requests += requests
	r.tell(a)
}

// tell is called with the lock held, so that events come one at a time.
func (r *run) tell(a *area) {
	if r.want.Progress != nil && a.Area != "" {
		r.want.Progress(a.Event)
	}
}
