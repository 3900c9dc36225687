package apply

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// unit is what is done in one go: one change, creations that go into one bulk
// request, or changes to one document.
type unit struct {
	index   int // in the plan's order
	changes []*diff.Change
	queue   string
	waits   int // needs that are not done
}

// bulkSize bounds one bulk request; the server's cost grows with the square
// of what a request touches.
const bulkSize = 50

// arrange turns a plan into units, in the plan's order. Changes form one unit
// when they create objects of a bulk kind under the same parent, or are of
// objects in the same document, and need the same: then they are ready at the
// same time anyhow.
func arrange(p *diff.Plan) ([]*unit, error) {
	seen := map[string]bool{}
	bulk := map[string]*unit{}
	var units []*unit
	for _, c := range p.Changes {
		for _, need := range c.Needs {
			if !seen[need] {
				return nil, fmt.Errorf("the plan is not in order: %s needs %s, which does not come before it", c.ID, need)
			}
		}
		if seen[c.ID] {
			return nil, fmt.Errorf("the plan holds %s twice", c.ID)
		}
		seen[c.ID] = true
		key := ""
		if p := placeOf(c.Kind, c.Parent); c.Kind.Bulk != "" && c.Action == diff.Create || p != nil && p.Document != "" {
			needs := slices.Clone(c.Needs)
			slices.Sort(needs)
			key = strings.Join(append([]string{c.Kind.Name, string(c.Parent)}, slices.Compact(needs)...), "\n")
			if u := bulk[key]; u != nil && len(u.changes) < bulkSize {
				u.changes = append(u.changes, c)
				continue
			}
		}
		u := &unit{index: len(units), changes: []*diff.Change{c}, queue: queueOf(c)}
		units = append(units, u)
		if key != "" {
			bulk[key] = u
		}
	}
	return units, nil
}

// queueOf names the queue of a change: the server loses writes when one
// object has two writers at a time, and a part is written through its parent.
func queueOf(c *diff.Change) string {
	switch {
	case c.Kind.Queue != "":
		return "queue " + c.Kind.Queue
	case c.Kind.Part || c.Kind.Spawned:
		return string(c.Parent)
	}
	return string(c.Addr)
}

// walk does the units: each when all that it needs is done, at most parallel
// at a time and one at a time per queue. A failure skips what depends on it
// and nothing else. Once the context has ended no unit is started.
func walk(ctx context.Context, units []*unit, parallel int, do func(context.Context, []*diff.Change) []error, tell func(Event)) *Result {
	w := &walker{res: &Result{}, tell: tell, dependents: map[string][]*unit{}, skipped: map[*unit]bool{}}
	w.waiting, w.busy = map[string][]*unit{}, map[string]bool{}
	for _, u := range units {
		w.total += len(u.changes)
		needs := slices.Clone(u.changes[0].Needs)
		slices.Sort(needs)
		for _, need := range slices.Compact(needs) {
			w.dependents[need] = append(w.dependents[need], u)
			u.waits++
		}
		if u.waits == 0 {
			heap.Push(&w.ready, u)
		}
	}

	type outcome struct {
		u    *unit
		errs []error
	}
	outcomes := make(chan outcome)
	running, finished := 0, map[*unit]bool{}
	for {
		for running < parallel && ctx.Err() == nil {
			u := w.next()
			if u == nil {
				break
			}
			running++
			for _, c := range u.changes {
				w.event(Event{Phase: Started, Change: c})
			}
			go func() { outcomes <- outcome{u, do(ctx, u.changes)} }()
		}
		if running == 0 {
			break
		}
		o := <-outcomes
		running--
		finished[o.u] = true
		w.free(o.u.queue)
		w.finish(o.u, o.errs)
	}
	for _, u := range units {
		if !finished[u] && !w.skipped[u] {
			w.skip(u, nil)
		}
	}
	return w.res
}

// walker is the state of a walk; only the walk's own goroutine uses it.
type walker struct {
	res        *Result
	tell       func(Event)
	total      int
	dependents map[string][]*unit // by the ID of the change that is needed
	skipped    map[*unit]bool
	ready      unitHeap           // all needs are done
	busy       map[string]bool    // queues with a writer
	waiting    map[string][]*unit // ready, behind a writer
}

// next takes the first ready unit whose queue is free, or nil.
func (w *walker) next() *unit {
	for w.ready.Len() > 0 {
		u := heap.Pop(&w.ready).(*unit)
		if !w.busy[u.queue] {
			w.busy[u.queue] = true
			return u
		}
		w.waiting[u.queue] = append(w.waiting[u.queue], u)
	}
	return nil
}

func (w *walker) free(queue string) {
	w.busy[queue] = false
	for _, u := range w.waiting[queue] {
		heap.Push(&w.ready, u)
	}
	delete(w.waiting, queue)
}

func (w *walker) finish(u *unit, errs []error) {
	for i, c := range u.changes {
		if err := errs[i]; err != nil {
			w.res.Failed = append(w.res.Failed, Failure{c, err})
			w.event(Event{Phase: Failed, Change: c, Err: err})
			for _, d := range w.dependents[c.ID] {
				w.skip(d, c)
			}
			continue
		}
		w.res.Done = append(w.res.Done, c)
		w.event(Event{Phase: Done, Change: c})
		for _, d := range w.dependents[c.ID] {
			if d.waits--; d.waits == 0 && !w.skipped[d] {
				heap.Push(&w.ready, d)
			}
		}
	}
}

// skip gives up a unit and all that depends on it.
func (w *walker) skip(u *unit, because *diff.Change) {
	if w.skipped[u] {
		return
	}
	w.skipped[u] = true
	for _, c := range u.changes {
		w.res.Skipped = append(w.res.Skipped, Skip{c, because})
		w.event(Event{Phase: Skipped, Change: c, Because: because})
		for _, d := range w.dependents[c.ID] {
			w.skip(d, because)
		}
	}
}

func (w *walker) event(e Event) {
	e.Done, e.Failed, e.Skipped, e.Total = len(w.res.Done), len(w.res.Failed), len(w.res.Skipped), w.total
	w.tell(e)
}

// unitHeap gives units in the plan's order.
type unitHeap []*unit

func (h unitHeap) Len() int           { return len(h) }
func (h unitHeap) Less(i, j int) bool { return h[i].index < h[j].index }
func (h unitHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *unitHeap) Push(u any)        { *h = append(*h, u.(*unit)) }
func (h *unitHeap) Pop() any {
	u := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return u
}

// isRealm reports whether a change is about the realm itself, which lives at
// no path below it.
func isRealm(k *model.Kind, parent model.Address) bool {
	p := placeOf(k, parent)
	return p != nil && p.Path == "" && p.Parent == ""
}

// placeOf returns where objects of a kind live below a parent.
func placeOf(k *model.Kind, parent model.Address) *model.Place {
	if parent == "" {
		return k.Place("")
	}
	if pk := model.KindOf(parent); pk != nil {
		return k.Place(pk.Name)
	}
	return nil
}
