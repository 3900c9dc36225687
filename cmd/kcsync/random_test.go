package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"maps"
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
	pairs := randomPairs(realm, info, server)
	t.Cleanup(func() {
		if err := removeRealms(c, realm); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	key := privateKey(t)
	rapid.Check(t, func(t *rapid.T) {
		if err := removeRealms(c, realm); err != nil {
			t.Fatal(err)
		}
		realms := pairs.Draw(t, "realms")
		tr := &trial{T: t, c: c, realm: realm, dir: dir, info: info, secrets: map[string]string{randomKey: key}}
		tr.apply("first", realms.first, nil)
		tr.apply("second", realms.second, realms.absent)
		state, files := tr.export(realms)
		realms.first.reset(realms.second)
		tr.apply("the first again", realms.first, nil)
		if err := removeRealms(c, realm); err != nil {
			t.Fatal(err)
		}
		tr.again(state, files)
	})
}

// randomKey is the variable of a private key.
const randomKey = "KCSYNC_RANDOM_KEY"

// privateKey makes one.
func privateKey(t *testing.T) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// trial is one run of the test.
type trial struct {
	*rapid.T
	c          *keycloak.Client
	realm, dir string
	info       *model.Info
	secrets    map[string]string // by the name of their variable
}

// resolver gives the secrets that random realms and their exports name.
func (t *trial) resolver() model.Resolver {
	return model.Resolver{Getenv: func(name string) (string, bool) {
		if s, ok := t.secrets[name]; ok {
			return s, true
		}
		return "Made-up-1-" + name, true
	}}
}

// load writes a realm's file and reads it.
func (t *trial) load(name string, file model.Object) *model.State {
	path := filepath.Join(t.dir, name+".json")
	out, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out, 0o644); err != nil {
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

// apply applies a realm. What is absent is named in it; nil: what is in no file
// goes.
func (t *trial) apply(name string, realm *node, absent []model.Address) {
	file := realm.file()
	if absent != nil {
		file[model.Absent] = absent
	}
	desired := t.load(name, file)
	current := t.fetch(fetch.For(desired))
	o := diff.Options{Baseline: fixtures.For(current.Server), Prune: absent == nil, Delete: map[model.Address]bool{}, Replace: map[model.Address]bool{}, Resolver: t.resolver()}
	for _, a := range realm.replaced() {
		o.Replace[a] = true
	}
	for a, it := range current.Items {
		if it.Kind.Takes != "" && desired.Items[a] == nil && (absent == nil || slices.Contains(absent, a)) {
			o.Delete[a] = true
		}
	}
	t.carry(name, desired, current, o)
}

// carry carries out what there is to do.
func (t *trial) carry(name string, desired, current *model.State, o diff.Options) {
	plan, diags := diff.Compute(desired, current, o)
	diags = append(diags, check.Check(desired, current, t.info)...)
	diags = append(diags, check.Names(desired, current)...)
	diags = append(diags, check.Values(desired, current.Server.Version, o.Resolver)...)
	if diags.Errors() {
		t.Fatalf("%s: the plan has errors: %v", name, diags)
	}
	var before *model.State
	if !current.Missing {
		before = t.fetch(fetch.All())
	}
	t.Logf("%s:\n%s", name, planText(plan))
	res, err := apply.Run(t.Context(), t.c, plan, current, apply.Options{Baseline: o.Baseline, Desired: desired, Resolver: o.Resolver})
	if err != nil {
		var b strings.Builder
		for _, f := range res.Failed {
			fmt.Fprintf(&b, "%v\n", f.Err)
		}
		if res.Remaining != nil {
			b.WriteString(planText(res.Remaining))
		}
		t.Fatalf("%s: %v\n%s", name, err, b.String())
	}
	t.empty(name+", after apply", desired, t.fetch(fetch.For(desired)), o)
	if before != nil {
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
		t.Fatalf("%s: the plan is not empty:\n%s", when, planText(plan))
	}
}

func planText(p *diff.Plan) string {
	var b strings.Builder
	_ = p.Text(&b, diff.TextOptions{Verbose: true}) // to memory
	return b.String()
}

// exact checks that what changed on the server is what the plan said.
func (t *trial) exact(name string, plan *diff.Plan, before, after *model.State) {
	edited := map[model.Address][]string{} // pointers by object
	impact, told := map[model.Address]string{}, ""
	made := map[model.Address]bool{} // or gone, with all below
	for _, c := range plan.Changes {
		if c.Action == diff.Move {
			before = before.Rename(c.From, c.Addr)
		}
		for _, d := range c.Impact {
			impact[c.Addr] += d.Summary + "\n"
			told += d.Summary + "\n"
		}
		edited[c.Addr] = append(edited[c.Addr], model.Pointer(c.Kind.Key))
		for _, e := range c.Edits {
			edited[c.Addr] = append(edited[c.Addr], e.Path)
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
		case is == nil && strings.Contains(impact[model.ParentOf(a)], "deleted with all that"):
			made[a] = true
		case was == nil && is.Kind.Spawned && is.Kind.When != nil && !is.Kind.When(before.Items[is.Parent].Fields):
			made[a] = true
		case was == nil && is.Kind.MadeWith != nil && strings.Contains(impact[is.Parent], "gives it the role "+is.Key()):
		case was == nil || is == nil:
			t.Errorf("%s: %s came or went, and the plan does not say so", name, a)
		default:
			for _, d := range different("", was.Kind.Fields, tugged(was, impact[a]), is.Fields) {
				// What the server fills or empties is told in words.
				if f := was.Kind.Fields.At(d.pointer); f != nil && f.Filled != nil && strings.Contains(impact[a], f.Name) {
					continue
				}
				if p := model.Segments(d.pointer); was.Kind.Gives != nil && p[0] == "attributes" && strings.Contains(told, "the default value of "+strings.Join(p[1:], "")) {
					continue
				}
				if was.Kind.Keeps != nil && strings.Contains(impact[was.Parent], "which its service account has") &&
					d.pointer == model.Pointer("clientRoles", was.Parent.Key()) && gained(d, "uma_protection") {
					continue
				}
				// What is deleted is gone from what referred to it.
				less := referred(was, d.pointer, whole)
				goes := len(less) < len(referred(was, d.pointer, func(model.Address) bool { return false }))
				if !covered(edited[a], d.pointer) && !(goes && slices.Equal(less, referred(is, d.pointer, whole))) {
					t.Errorf("%s: a change of %s that the plan does not say: %s", name, a, d)
				}
			}
		}
	}
}

// tugged returns the fields of an object with what a plan says that the server
// puts into its sets, or takes out of them ([model.Kind.Tugs]).
func tugged(was *model.Item, impact string) model.Object {
	out := was.Fields
	for name, members := range was.Kind.Tugs {
		for _, m := range members {
			less := func(list string) []any {
				l, _ := out[list].([]any)
				return slices.DeleteFunc(slices.Clone(l), func(e any) bool { return e == m })
			}
			other := was.Kind.Fields.Get(name).Link.Exclusive
			switch {
			case strings.Contains(impact, "takes "+m+" out of its "+name):
				out = out.Clone()
				out[name] = less(name)
			case strings.Contains(impact, "puts "+m+" into its "+name):
				out = out.Clone()
				out[name] = append(less(name), m)
				if strings.Contains(impact, "takes it out of its "+other) {
					out[other] = less(other)
				}
			}
		}
	}
	return was.Kind.Canonical(out)
}

// difference is a place at which two objects are not equal.
type difference struct {
	pointer string
	was, is any
}

// String shows it.
func (d difference) String() string {
	return fmt.Sprintf("%s (-before +after):\n%s", d.pointer, cmp.Diff(d.was, d.is))
}

// gained reports whether a list has got a member, and is else as it was.
func gained(d difference, member any) bool {
	was, _ := d.was.([]any)
	is, _ := d.is.([]any)
	return slices.Contains(is, member) && slices.Equal(was, slices.DeleteFunc(slices.Clone(is), func(e any) bool { return e == member }))
}

// different returns in what two objects differ.
func different(at string, fs model.Fields, was, is map[string]any) []difference {
	var out []difference
	for _, name := range slices.Compact(slices.Sorted(slices.Values(append(model.Keys(was), model.Keys(is)...)))) {
		a, b, f, here := was[name], is[name], fs.Get(name), at+model.Pointer(name)
		x, _ := a.(map[string]any)
		y, _ := b.(map[string]any)
		switch {
		case reflect.DeepEqual(a, b) || f != nil && f.Equal(a, b):
		case f == nil && model.EqualValues(a, b): // under a key of a map
		case x != nil && y != nil && f != nil:
			out = append(out, different(here, f.Fields, x, y)...)
		default:
			out = append(out, difference{here, a, b})
		}
	}
	return out
}

// referred returns what a field of an object refers to, without what is gone.
func referred(it *model.Item, pointer string, gone func(model.Address) bool) []model.Address {
	var out []model.Address
	for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
		if r.Pointer == model.Pointer(model.Segments(pointer)[0]) || strings.HasPrefix(r.Pointer, pointer) {
			if !gone(r.Addr) {
				out = append(out, r.Addr)
			}
		}
	}
	slices.Sort(out)
	return out
}

// covered reports whether one of the edits is of what is at a path, of a part
// of it, or of what it is a part of.
func covered(edits []string, path string) bool {
	return slices.ContainsFunc(edits, func(e string) bool {
		return strings.HasPrefix(e+"/", path+"/") || strings.HasPrefix(path+"/", e+"/")
	})
}

// export checks that the plan of an export is empty. It returns the state and
// its files, to which it adds what exports leave out: users.
func (t *trial) export(p pair) (*model.State, string) {
	state := t.fetch(fetch.All())
	o := diff.Options{Baseline: fixtures.For(state.Server), Resolver: t.resolver()}
	out, err := export.Files(state, o.Baseline)
	if err != nil {
		t.Fatalf("export: %v", err)
	}
	for _, s := range out.Secrets {
		switch {
		case s.Value != "":
			t.secrets[s.Name] = s.Value
		case strings.HasSuffix(s.Pointer, "/privateKey"):
			t.secrets[s.Name] = t.secrets[randomKey]
		}
	}
	dir := filepath.Join(t.dir, "export")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := writeFiles(dir, out.Files); err != nil {
		t.Fatal(err)
	}
	desired := t.loadDirectory(dir)
	t.empty("of the export", desired, t.fetch(fetch.For(desired)), o)
	users, err := json.Marshal(map[string]any{"realm": t.realm, "users": p.users()})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "users.json"), users, 0o644); err != nil {
		t.Fatal(err)
	}
	return state, dir
}

// meant returns the fields of an object without what means no more than saying
// nothing does ([model.Field.Idle]): exports leave it out.
func meant(it *model.Item) model.Object {
	out := it.Fields.Clone()
	for _, f := range it.Kind.Fields {
		if m, ok := out[f.Name].(map[string]any); ok && f.Idle != nil {
			maps.DeleteFunc(m, func(key string, v any) bool { return f.Idle(it.Fields, key, v) })
		}
	}
	return out
}

// implied returns the fields of an object with those that it has by others.
func implied(s *model.State, it *model.Item) model.Object {
	out := meant(it)
	if it.Kind.Derive == nil {
		return out
	}
	above := func(a model.Address) model.Object {
		if it := s.Items[a]; it != nil {
			return it.Fields
		}
		return nil
	}
	for name, v := range it.Kind.Derive(it.Fields, above(it.Parent), above(model.Address(model.Realm.Name))) {
		if have, ok := out[name].(map[string]any); ok {
			m, _ := v.(map[string]any)
			for key, e := range m {
				if _, ok := have[key]; !ok {
					have[key] = e
				}
			}
		} else if out[name] == nil {
			out[name] = v
		}
	}
	return out
}

// users returns those of the second realm, and of the first those who are no
// longer declared: somebody may refer to them.
func (p pair) users() []model.Object {
	out := []model.Object{}
	there := map[string]bool{}
	for _, n := range p.second.children {
		if n.kind.Name == "user" {
			there[n.key] = true
			if n.was != nil {
				there[n.was.key] = true
			}
			out = append(out, n.file())
		}
	}
	for _, n := range p.first.children {
		if n.kind.Name == "user" && !there[n.key] {
			out = append(out, model.Object{"username": n.key, "email": n.fields["email"]})
		}
	}
	return out
}

// loadDirectory reads the files of an export.
func (t *trial) loadDirectory(dir string) *model.State {
	states, diags := load.Load(dir, load.Options{})
	if diags.Errors() {
		t.Fatalf("the export: %v", diags)
	}
	return states[0]
}

// again applies an export to a server without the realm, which has then to be
// as it was.
func (t *trial) again(was *model.State, dir string) {
	desired := t.loadDirectory(dir)
	o := diff.Options{Baseline: fixtures.For(was.Server), Resolver: t.resolver()}
	t.carry("the export", desired, t.fetch(fetch.For(desired)), o)
	is := t.fetch(fetch.All())
	fresh, err := o.Baseline.Fresh.State(t.realm)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range slices.Compact(slices.Sorted(slices.Values(append(model.Keys(was.Items), model.Keys(is.Items)...)))) {
		switch x, y := was.Items[a], is.Items[a]; {
		case was.Sealed(a) != "":
			// An export tells what it cannot write.
		case x != nil && x.Kind.Builtin != nil && x.Kind.Builtin(x.Fields) && fresh.Items[a] == nil && desired.Items[a] == nil:
			// The server makes it for itself, by what a new realm has then.
		case x == nil || y == nil:
			t.Errorf("%s came or went by way of an export", a)
		default:
			for _, d := range different("", x.Kind.Fields, implied(was, x), implied(is, y)) {
				if x.Kind.Fields.SecretAt(d.pointer) && fresh.Items[a] != nil {
					continue // the server made it, and nobody declared it
				}
				if f := x.Kind.Fields.At(d.pointer); f != nil && f.Native && fresh.Items[a] == nil {
					continue // the server alone knows it
				}
				t.Errorf("by way of an export %s changes %s", a, d)
			}
		}
	}
}
