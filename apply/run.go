// Package apply carries out a [diff.Plan]: it walks the graph of changes in
// parallel, turns each into requests, and afterwards reads again what it
// touched to see that nothing is left to do.
//
// It is generic over the registry of package model and names no kind. Nothing
// is done that is not in the plan, an object that moved since the plan was
// made is left alone, and running again after a failure or a kill converges.
package apply

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// Options are how an apply goes about its work.
type Options struct {
	// Parallelism bounds the requests in flight; 0 is 8.
	Parallelism int
	// Resolver gives the values of references, at the last moment.
	Resolver model.Resolver
	// Baseline is what the server's version makes by itself.
	Baseline *model.Baseline
	// Desired is the state that the plan leads to; nil: nothing is verified.
	Desired *model.State
	// Progress is told of every step, one call at a time; may be nil.
	Progress func(Event)
}

// Phase is what happens to a change.
type Phase string

// The phases.
const (
	Started Phase = "started"
	Done    Phase = "done"
	Failed  Phase = "failed"
	Skipped Phase = "skipped"
	// Verifying comes once, without a change, after the last one.
	Verifying Phase = "verifying"
)

// Event tells of one step of an apply, with counts that include it.
type Event struct {
	Phase   Phase
	Change  *diff.Change
	Err     error        // why it failed
	Because *diff.Change // whose failure skipped it; nil: the apply was stopped

	Done, Failed, Skipped, Total int
}

// Result says what became of every change of a plan.
type Result struct {
	Done    []*diff.Change
	Failed  []Failure
	Skipped []Skip
	// Wrote says that the server took a request that writes, or may have:
	// also a change that failed may have been made in part.
	Wrote bool
	// Verified says that what was done was read again and is as planned.
	Verified bool
	// Remaining is what a plan still shows for the objects that were done;
	// nil when nothing is left, or nothing was verified.
	Remaining *diff.Plan
}

// Failure is a change that failed. Err is an [*Error].
type Failure struct {
	Change *diff.Change
	Err    error
}

// Skip is a change that was not tried.
type Skip struct {
	Change *diff.Change
	// Because is the change whose failure this one depends on; nil when the
	// apply was stopped before.
	Because *diff.Change
}

// Error is what went wrong with one object. It never holds a secret value.
type Error struct {
	Addr   model.Address
	Source model.Source
	Err    error
}

// Error returns the object, its place in the files, and what went wrong.
func (e *Error) Error() string {
	if !e.Source.Known() {
		return fmt.Sprintf("%s: %v", e.Addr, e.Err)
	}
	at := e.Source.File
	if e.Source.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", at, e.Source.Line, e.Source.Col)
	}
	return fmt.Sprintf("%s (%s): %v", e.Addr, at, e.Err)
}

// Unwrap returns what went wrong, without the object.
func (e *Error) Unwrap() error { return e.Err }

// grace is how long requests in flight may go on once the context has ended:
// their outcome is then known, where a request cut off may or may not have
// been carried out.
const grace = 10 * time.Second

// Run carries out the plan, which was made from current. The result is never
// nil and says what became of every change; the error is nil only when all of
// them were done and, with Options.Desired, a plan of what they touched is
// empty.
func Run(ctx context.Context, c *keycloak.Client, p *diff.Plan, current *model.State, o Options) (*Result, error) {
	if o.Parallelism <= 0 {
		o.Parallelism = 8
	}
	units, err := arrange(p)
	if err != nil {
		return &Result{}, err
	}
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()

	r := &run{client: c, plan: p, o: o, late: late, w: newWorld(p, current)}
	tell := o.Progress
	if tell == nil {
		tell = func(Event) {}
	}
	res := walk(ctx, units, o.Parallelism, r.perform, tell)
	res.Wrote = r.wrote.Load()
	if err := ctx.Err(); err != nil {
		return res, fmt.Errorf("stopped: %d of %d changes are done; run apply again to do the rest: %w", len(res.Done), len(p.Changes), err)
	}
	var failed error
	if n := len(res.Failed); n > 0 {
		failed = fmt.Errorf("%d of %d changes failed and %d that need them were skipped", n, len(p.Changes), len(res.Skipped))
	}
	if o.Desired != nil {
		tell(Event{Phase: Verifying, Done: len(res.Done), Failed: len(res.Failed), Skipped: len(res.Skipped), Total: len(p.Changes)})
		switch err := r.verify(ctx, res); {
		case failed == nil:
			failed = err
		case err != nil:
			failed = fmt.Errorf("%w; of the others, %w", failed, err)
		}
	}
	return res, failed
}

// run is one apply.
type run struct {
	client *keycloak.Client
	plan   *diff.Plan
	o      Options
	late   context.Context // outlives the caller's by the grace period
	w      *world
	wrote  atomic.Bool
	shares sync.Mutex // held while objects change that may share something
}

// perform does the changes of a unit and returns the error of each.
func (r *run) perform(ctx context.Context, changes []*diff.Change) []error {
	switch c := changes[0]; {
	case len(changes) == 1:
		return []error{r.one(ctx, c)}
	case placeOf(c.Kind, c.Parent).Document != "":
		return r.inDocument(ctx, changes)
	}
	return r.bulk(ctx, changes)
}

// one does one change.
func (r *run) one(ctx context.Context, c *diff.Change) error { return r.job(c).do(ctx) }

// do does the job's change.
func (j *job) do(ctx context.Context) error {
	c := j.c
	var err error
	switch c.Action {
	case diff.Create:
		err = j.create(ctx)
	case diff.Update:
		err = j.update(ctx)
	case diff.Move:
		err = j.move(ctx)
	case diff.Delete:
		err = j.delete(ctx)
	case diff.Replace:
		if err = j.delete(ctx); err == nil {
			err = j.create(ctx)
		}
	default:
		err = fmt.Errorf("the plan asks for %q, which apply cannot do", c.Action)
	}
	return j.failure(err)
}

// failure puts an error into the words of the change's object.
func (j *job) failure(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Addr: j.c.Addr, Source: j.c.Source, Err: advise(err)}
}

// advise says what to do where the server's answer leaves it open.
func advise(err error) error {
	var e *keycloak.Error
	if !errors.As(err, &e) || errors.Is(err, errExists) {
		return err
	}
	switch {
	case e.Status == 400 && e.Code != "unknown_error":
		return fmt.Errorf("%w; correct the value in the file and plan again", err)
	case e.Status == 409:
		return fmt.Errorf("%w; something else has the name, or was written at the same time: plan again; if it is this very object under the name that it had, write that as previously: NAME", err)
	}
	return err
}
