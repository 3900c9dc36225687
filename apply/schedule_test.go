package apply

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// change makes the change of an object; needs are addresses.
func change(action diff.Action, addr string, needs ...string) *diff.Change {
	a := model.Address(addr)
	return &diff.Change{ID: addr, Addr: a, Kind: model.KindOf(a), Parent: model.ParentOf(a), Action: action, Needs: needs}
}

func planOf(changes ...*diff.Change) *diff.Plan { return &diff.Plan{Realm: "r", Changes: changes} }

func ids(changes []*diff.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

func TestArrange(t *testing.T) {
	for _, c := range []struct {
		why  string
		plan *diff.Plan
		want string
		err  string
	}{
		{"mappers of one client that need the same go together", planOf(
			change(diff.Create, "client/a"),
			change(diff.Create, "client/a/protocol-mapper/x", "client/a"),
			change(diff.Create, "client/b"),
			change(diff.Create, "client/a/protocol-mapper/y", "client/a"),
			change(diff.Create, "client/b/protocol-mapper/z", "client/b"),
		), "client/a | client/a/protocol-mapper/x client/a/protocol-mapper/y | client/b | client/b/protocol-mapper/z", ""},
		{"one that needs more must not hold up the others", planOf(
			change(diff.Create, "role/r"),
			change(diff.Create, "client/a/protocol-mapper/x"),
			change(diff.Create, "client/a/protocol-mapper/y", "role/r"),
		), "role/r | client/a/protocol-mapper/x | client/a/protocol-mapper/y", ""},
		{"only creations go in bulk", planOf(
			change(diff.Create, "client/a/protocol-mapper/x"),
			change(diff.Delete, "client/a/protocol-mapper/y"),
		), "client/a/protocol-mapper/x | client/a/protocol-mapper/y", ""},
		{"what is in one document is written together, whatever is done to it, as far as order allows", planOf(
			change(diff.Create, "client-profile/a"),
			change(diff.Update, "client-profile/b"),
			change(diff.Update, "client-policy/p", "client-profile/a"),
			change(diff.Delete, "client-profile/c"),
			change(diff.Delete, "client-profile/d", "client-policy/p"),
		), "client-profile/a client-profile/b client-profile/c | client-policy/p | client-profile/d", ""},
		{"other kinds have no bulk request", planOf(change(diff.Create, "role/a"), change(diff.Create, "role/b")), "role/a | role/b", ""},
		{"a need that comes later can never be met", planOf(change(diff.Create, "role/a", "role/b"), change(diff.Create, "role/b")), "", "not in order"},
		{"two changes of one ID cannot be told apart", planOf(change(diff.Create, "role/a"), change(diff.Create, "role/a")), "", "twice"},
	} {
		units, err := arrange(c.plan)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v", c.why, err)
			}
			continue
		}
		var got []string
		for _, u := range units {
			got = append(got, ids(u.changes))
		}
		if s := strings.Join(got, " | "); s != c.want || err != nil {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", c.why, s, err, c.want)
		}
	}
}

func TestQueue(t *testing.T) {
	for addr, want := range map[string]string{
		"realm":                      "queue realm", // the kind's own word
		"client/a":                   "client/a",
		"client/a/protocol-mapper/x": "client/a", // written through its client
		"client/a/service-account":   "client/a",
		"client/a/role/x":            "client/a/role/x", // an object of its own
		"group/a/b":                  "group/a/b",
		"identity-provider/i/identity-provider-mapper/m": "identity-provider/i",
	} {
		if got := queueOf(change(diff.Update, addr)); got != want {
			t.Errorf("%s: queue %q, want %q", addr, got, want)
		}
	}
}

func walkAll(ctx context.Context, t *testing.T, p *diff.Plan, parallel int, do func(*diff.Change) error) (*Result, []Event) {
	t.Helper()
	units, err := arrange(p)
	if err != nil {
		t.Fatal(err)
	}
	var events []Event
	res := walk(ctx, units, parallel, func(_ context.Context, cs []*diff.Change) []error {
		errs := make([]error, len(cs))
		for i, c := range cs {
			errs[i] = do(c)
		}
		return errs
	}, func(e Event) { events = append(events, e) })
	return res, events
}

func TestWalkFailure(t *testing.T) {
	p := planOf(
		change(diff.Create, "role/bad"),
		change(diff.Create, "role/good"),
		change(diff.Create, "group/a", "role/bad"),
		change(diff.Create, "group/a/b", "group/a"),
		change(diff.Create, "group/c", "role/good"),
		change(diff.Update, "realm", "group/c", "group/a/b"),
	)
	boom := errors.New("boom")
	res, events := walkAll(context.Background(), t, p, 1, func(c *diff.Change) error {
		if c.ID == "role/bad" {
			return boom
		}
		return nil
	})
	if got := ids(res.Done); got != "role/good group/c" {
		t.Errorf("done %s; everything that needs no failure has to be done", got)
	}
	if len(res.Failed) != 1 || res.Failed[0].Err != boom {
		t.Errorf("failed %v", res.Failed)
	}
	for _, s := range res.Skipped {
		if s.Because == nil || s.Because.ID != "role/bad" {
			t.Errorf("%s was skipped because of %v, want the failure at the root", s.Change.ID, s.Because)
		}
	}
	if len(res.Skipped) != 3 {
		t.Errorf("skipped %v", res.Skipped)
	}
	last := events[len(events)-1]
	if last.Total != 6 || last.Done != 2 || last.Failed != 1 || last.Skipped != 3 {
		t.Errorf("the last event counts %+v", last)
	}
}

func TestWalkBulkFailure(t *testing.T) {
	// One of two changes that go in one request fails: what needs the other
	// goes on.
	p := planOf(
		change(diff.Create, "client/a/protocol-mapper/x"),
		change(diff.Create, "client/a/protocol-mapper/y"),
		change(diff.Create, "role/x", "client/a/protocol-mapper/x"),
		change(diff.Create, "role/y", "client/a/protocol-mapper/y"),
	)
	res, _ := walkAll(context.Background(), t, p, 4, func(c *diff.Change) error {
		if c.ID == "client/a/protocol-mapper/x" {
			return errors.New("no")
		}
		return nil
	})
	if ids(res.Done) != "client/a/protocol-mapper/y role/y" || len(res.Skipped) != 1 {
		t.Errorf("done %s, skipped %v", ids(res.Done), res.Skipped)
	}
}

func TestWalkStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := planOf(change(diff.Create, "role/a"), change(diff.Create, "role/b"), change(diff.Create, "role/c", "role/a"))
	res, _ := walkAll(ctx, t, p, 1, func(c *diff.Change) error { cancel(); return nil })
	if ids(res.Done) != "role/a" || len(res.Skipped) != 2 || res.Skipped[0].Because != nil {
		t.Errorf("done %s, skipped %v: what was under way is finished, the rest is said not to be done", ids(res.Done), res.Skipped)
	}
}

// However the graph looks and whatever fails: needs come first, a queue has
// one writer, the bound holds, and every change is accounted for once.
func TestWalkRandom(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var changes []*diff.Change
		for i := range 60 {
			addr := fmt.Sprintf("client/c%d", i%15)
			if i >= 15 {
				addr += fmt.Sprintf("/%s/x%d", []string{"protocol-mapper", "role"}[rnd.IntN(2)], i)
			}
			c := change([]diff.Action{diff.Create, diff.Update, diff.Delete}[rnd.IntN(3)], addr)
			for _, other := range changes {
				if rnd.IntN(20) == 0 {
					c.Needs = append(c.Needs, other.ID)
				}
			}
			changes = append(changes, c)
		}
		var mu sync.Mutex
		done, failed, busy := map[string]bool{}, map[string]bool{}, map[string]bool{}
		var running atomic.Int32
		fails := map[string]bool{}
		for _, c := range changes {
			fails[c.ID] = rnd.IntN(15) == 0
		}
		units, err := arrange(planOf(changes...))
		if err != nil {
			t.Fatal(err)
		}
		res := walk(context.Background(), units, 5, func(_ context.Context, cs []*diff.Change) []error {
			if running.Add(1) > 5 {
				t.Error("more at a time than allowed")
			}
			defer running.Add(-1)
			q := queueOf(cs[0])
			mu.Lock()
			if busy[q] {
				t.Errorf("queue %s has two writers", q)
			}
			busy[q] = true
			for _, c := range cs {
				for _, need := range c.Needs {
					if !done[need] {
						t.Errorf("%s began before %s was done", c.ID, need)
					}
				}
			}
			mu.Unlock()
			errs := make([]error, len(cs))
			mu.Lock()
			defer mu.Unlock()
			for i, c := range cs {
				if fails[c.ID] {
					errs[i], failed[c.ID] = errors.New("no"), true
				} else {
					done[c.ID] = true
				}
			}
			busy[q] = false
			return errs
		}, func(Event) {})
		if n := len(res.Done) + len(res.Failed) + len(res.Skipped); n != len(changes) {
			t.Fatalf("%d of %d changes are accounted for", n, len(changes))
		}
		for _, s := range res.Skipped {
			if !slices.ContainsFunc(s.Change.Needs, func(n string) bool { return !done[n] }) {
				t.Errorf("%s was skipped though all that it needs is done", s.Change.ID)
			}
		}
	}
}
