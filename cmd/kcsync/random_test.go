package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kcsync/kcsync/apply"
	"github.com/kcsync/kcsync/check"
	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/export"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// TestRandomRealms applies random realms to the server: one to nothing, and
// then another that was made of it. Each plan has to be exact: what it says is
// what changes on the server, and nothing else, and a plan after it is empty;
// so is one of an export.
//
// A few are tried, always the same ones; -rapid.checks=N tries others, or with
// -rapid.seed=N those that failed. A failure shrinks, and tells the seed and
// the file that repeat it.
func TestRandomRealms(t *testing.T) {
	c := testServer(t)
	raw, err := c.ServerInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := model.Server{Version: raw.Version, Features: raw.Features}
	info := model.InfoOf(raw.Raw)
	few := map[string]string{"rapid.shrinktime": "2m"}
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		few["rapid.checks"], few["rapid.seed"] = "4", "1"
	}
	for name, few := range few {
		if f := flag.Lookup(name); f.Value.String() == f.DefValue {
			if err := flag.Set(name, few); err != nil {
				t.Fatal(err)
			}
			defer flag.Set(name, f.DefValue)
		}
	}
	realm := realmName("random")
	t.Cleanup(func() {
		if err := removeRealms(c, realm); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		if err := removeRealms(c, realm); err != nil {
			t.Fatal(err)
		}
		realms := rapid.Custom(func(t *rapid.T) pair {
			g := &generator{t: t, info: info, server: server, taken: map[string]bool{}}
			first := g.realm()
			return pair{first, g.change(first)}
		}).Draw(t, "realms")
		tr := &trial{T: t, c: c, realm: realm, dir: dir, info: info}
		tr.apply("first", realms.first)
		tr.apply("second", realms.second)
		tr.export()
	})
}

// pair are a realm and what becomes of it.
type pair struct{ first, second *node }

// GoString shows both as files.
func (p pair) GoString() string {
	return fmt.Sprintf("first:\n%s\nsecond:\n%s", p.first.json(), p.second.json())
}

// trial is one run of the test.
type trial struct {
	*rapid.T
	c          *keycloak.Client
	realm, dir string
	info       *model.Info
}

// load writes a realm's file and reads it.
func (t *trial) load(name string, root *node) *model.State {
	path := filepath.Join(t.dir, name+".json")
	if err := os.WriteFile(path, root.json(), 0o644); err != nil {
		t.Fatal(err)
	}
	states, diags := load.Load(path, load.Options{Realm: t.realm})
	if diags.Errors() {
		t.Fatalf("load: %v", diags)
	}
	return states[0]
}

// fetch reads what there is, of a realm that is not there what the server
// will make by itself.
func (t *trial) fetch(want fetch.Want) *model.State {
	s, _, err := fetch.State(t.Context(), t.c, t.realm, want)
	if err != nil {
		t.Fatalf("fetch: %v", err)
	}
	if s.Missing {
		fresh, err := fixtures.For(s.Server).Fresh.State(t.realm)
		if err != nil {
			t.Fatal(err)
		}
		s.Items = fresh.Items
	}
	return s
}

// apply applies a realm.
func (t *trial) apply(name string, root *node) {
	desired := t.load(name, root)
	current := t.fetch(fetch.For(desired))
	o := diff.Options{Baseline: fixtures.For(current.Server), Prune: true, Delete: map[model.Address]bool{}}
	for a, it := range current.Items {
		if it.Kind.Takes != "" && desired.Items[a] == nil {
			o.Delete[a] = true
		}
	}
	plan, diags := diff.Compute(desired, current, o)
	diags = append(diags, check.Check(desired, current, t.info)...)
	if diags.Errors() {
		t.Fatalf("%s: the plan has errors: %v", name, diags)
	}
	before := t.fetch(fetch.All())
	res, err := apply.Run(t.Context(), t.c, plan, current, apply.Options{Baseline: o.Baseline, Desired: desired})
	if err != nil {
		var b strings.Builder
		for _, f := range res.Failed {
			fmt.Fprintf(&b, "%v\n", f.Err)
		}
		if res.Remaining != nil {
			_ = res.Remaining.Text(&b, diff.TextOptions{Verbose: true})
		}
		t.Fatalf("%s: %v\n%s", name, err, b.String())
	}
	t.empty(name+", after apply", desired, t.fetch(fetch.For(desired)), o)
	if !before.Missing && !current.Missing {
		t.exact(name, plan, before, t.fetch(fetch.All()))
	}
}

// empty checks that there is nothing left to do.
func (t *trial) empty(when string, desired, current *model.State, o diff.Options) {
	plan, diags := diff.Compute(desired, current, o)
	if diags.Errors() {
		t.Fatalf("%s: the plan has errors: %v", when, diags)
	}
	if !plan.Empty() {
		var b strings.Builder
		_ = plan.Text(&b, diff.TextOptions{Verbose: true})
		t.Fatalf("%s: the plan is not empty:\n%s", when, b.String())
	}
}

// exact checks that what changed on the server is what the plan said.
func (t *trial) exact(name string, plan *diff.Plan, before, after *model.State) {
	edited := map[model.Address]map[string]bool{} // fields by object
	made := map[model.Address]bool{}              // or gone, with all below
	for _, c := range plan.Changes {
		if c.Action == diff.Move {
			before = before.Rename(c.From, c.Addr)
		}
		if edited[c.Addr] == nil {
			edited[c.Addr] = map[string]bool{c.Kind.Key: true}
		}
		for _, e := range c.Edits {
			edited[c.Addr][model.Segments(e.Path)[0]] = true
		}
		if c.Action != diff.Move && c.Action != diff.Update {
			made[c.Addr], made[c.From] = true, true
		}
	}
	whole := func(a model.Address) bool {
		for ; a != ""; a = model.ParentOf(a) {
			if made[a] {
				return true
			}
		}
		return false
	}
	all := append(model.Keys(before.Items), model.Keys(after.Items)...)
	slices.Sort(all)
	for _, a := range slices.Compact(all) {
		was, is := before.Items[a], after.Items[a]
		switch {
		case whole(a):
		case was == nil || is == nil:
			t.Errorf("%s: %s came or went, and the plan does not say so", name, a)
		default:
			for _, f := range slices.Compact(slices.Sorted(slices.Values(append(model.Keys(was.Fields), model.Keys(is.Fields)...)))) {
				if !edited[a][f] && !was.Kind.Fields.Get(f).Equal(was.Fields[f], is.Fields[f]) && !reflect.DeepEqual(was.Fields[f], is.Fields[f]) {
					t.Errorf("%s: %s of %s changed, and the plan does not say so (-before +after):\n%s", name, f, a, cmp.Diff(was.Fields[f], is.Fields[f]))
				}
			}
		}
	}
}

// export checks that the plan of an export is empty.
func (t *trial) export() {
	state := t.fetch(fetch.All())
	o := diff.Options{Baseline: fixtures.For(state.Server)}
	out, err := export.Files(state, o.Baseline)
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	dir := filepath.Join(t.dir, "export")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := writeFiles(dir, out.Files); err != nil {
		t.Fatal(err)
	}
	states, diags := load.Load(dir, load.Options{})
	if diags.Errors() {
		t.Fatalf("the export: %v", diags)
	}
	t.empty("of the export", states[0], state, o)
}
