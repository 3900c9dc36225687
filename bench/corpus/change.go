package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kcsync/kcsync/apply"
	"github.com/kcsync/kcsync/check"
	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/export"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// change makes, to the export of what Keycloak's own import made, changes of
// every sort to objects of every kind that the realm has, chosen by a seed
// that is the realm's slug: each alone is planned as exactly that. One of each
// sort and kind are then made at once and really applied, in the fewest
// writes; and taken back, which leaves the realm as it was.
func change(ctx context.Context, r *realm) outcome {
	before, err := r.imported(ctx)
	if err != nil {
		return failed("Keycloak's own import: %v", err)
	}
	if err := r.load(ctx); err != nil {
		return failed("Keycloak's own import: %v", err)
	}
	c, err := newChanging(ctx, r)
	if err != nil {
		return failed("%v", err)
	}
	r.pure = false
	chosen := c.alone()
	for range 4 {
		refused := c.together(ctx, chosen, before)
		if refused == nil {
			break
		}
		// The server has an opinion about the new value: without it, then,
		// and from the beginning.
		judged := append(c.judgments, refused...)
		if before, err = r.again(ctx); err != nil {
			return failed("Keycloak's own import: %v", err)
		}
		if c, err = newChanging(ctx, r); err != nil {
			return failed("%v", err)
		}
		r.pure, c.judgments = false, judged
		chosen = c.alone()
	}
	r.Changes = changes{Planned: c.planned, Refused: c.refused + len(c.judgments), Applied: len(chosen), Writes: c.wrote, Fewest: c.fewest}
	if len(c.wrong) > 0 {
		return outcome{Verdict: wrong, Reason: c.wrong[0], More: c.wrong}
	}
	return outcome{Verdict: through}
}

// again has Keycloak import the file once more, and returns the snapshot of it.
func (r *realm) again(ctx context.Context) (string, error) {
	if err := r.load(ctx); err != nil {
		return "", err
	}
	return r.snapshot(ctx, "imported-again")
}

// changes counts those of one realm.
type changes struct {
	Planned int // alone, against what was read
	Refused int // for what the server lacks, or thinks of a value
	Applied int // together
	Writes  int // it took to apply them and to take them back
	Fewest  int // it could have taken, but for places within flows
}

// changing is the work on one realm.
type changing struct {
	*realm
	*mutator
	baseline *model.Baseline
	resolver model.Resolver
	client   *keycloak.Client
	writes   atomic.Int64
	trace    func(keycloak.Exchange)

	planned       int
	refused       int
	judgments     []*mutation // that the server refused to take
	wrote, fewest int
	wrong         []string
}

func newChanging(ctx context.Context, r *realm) (*changing, error) {
	c := &changing{realm: r}
	o := r.server
	o.Trace = func(x keycloak.Exchange) {
		if x.Method != "GET" && !strings.HasSuffix(x.Path, "/token") && !strings.HasSuffix(x.Path, "/partial-export") && !strings.HasSuffix(x.Path, "/logout") {
			c.writes.Add(1)
			if c.trace != nil {
				c.trace(x)
			}
		}
	}
	var err error
	if c.client, err = keycloak.New(o); err != nil {
		return nil, err
	}
	state, _, err := fetch.State(ctx, c.client, r.Name, fetch.All())
	if err != nil {
		return nil, err
	}
	c.baseline = fixtures.For(state.Server)
	res, err := export.Files(state, c.baseline)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range res.Files {
		files[f.Path] = f.Content
	}
	env, untold := map[string]string{}, map[model.Address]bool{}
	for _, s := range res.Secrets {
		if env[s.Name] = s.Value; s.Value == "" {
			env[s.Name] = "a secret of our own"
			untold[s.Addr] = true
		}
	}
	c.resolver = model.Resolver{Getenv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	dir := r.at("change")
	os.RemoveAll(dir)
	ed, err := edit(dir, files)
	if err != nil {
		return nil, err
	}
	h := fnv.New64a()
	h.Write([]byte(r.Slug))
	fresh, err := c.baseline.Fresh.State(r.Name)
	if err != nil {
		return nil, err
	}
	c.mutator = &mutator{edition: ed, rand: rand.New(rand.NewPCG(h.Sum64(), 0)), current: state, fresh: fresh.Items, untold: untold,
		lacking: map[model.Address]bool{}, keeps: map[model.Address]bool{}}
	states, diags := load.Load(dir, load.Options{Realm: r.Name, Checker: &r.checker})
	if err := errorsIn(diags); err != nil {
		return nil, err
	}
	if want := fetch.For(states[0]); len(want.Objects) > 0 {
		all := fetch.All() // and the data that the files name
		all.Objects = want.Objects
		if c.mutator.current, _, err = fetch.State(ctx, c.client, r.Name, all); err != nil {
			return nil, err
		}
	}
	p, desired, err := c.plan(c.mutator.current)
	if err != nil {
		return nil, err
	}
	if !p.Empty() {
		return nil, fmt.Errorf("plan of the export: %s", strings.Join(shapes(p), "; "))
	}
	c.mutator.desired = desired
	for _, d := range check.Check(desired, nil, state.Server.Info) {
		if d.Severity == model.Error {
			c.lacking[d.Addr] = true
		}
	}
	var rep struct{ DefaultRole struct{ Name string } }
	if err := c.client.Get(ctx, keycloak.Path("admin", "realms", r.Name), nil, &rep); err != nil {
		return nil, err
	}
	c.keeps[model.AddressOf("", model.Lookup("role"), rep.DefaultRole.Name)] = true
	return c, nil
}

// plan is what kcsync plan does, with the files against a state.
func (c *changing) plan(current *model.State, mus ...*mutation) (*diff.Plan, *model.State, error) {
	desired, diags := load.Load(c.mutator.dir, load.Options{Realm: c.Name, Checker: &c.checker})
	if err := errorsIn(diags); err != nil {
		return nil, nil, err
	}
	o := diff.Options{Resolver: c.resolver, Baseline: c.baseline, Delete: map[model.Address]bool{}, Replace: map[model.Address]bool{}}
	for _, mu := range mus {
		for _, a := range mu.remove {
			o.Delete[a] = true
		}
		for _, a := range mu.replace {
			o.Replace[a] = true
		}
	}
	p, diags := diff.Compute(desired[0], current, o)
	if err := errorsIn(diags); err != nil {
		return nil, nil, err
	}
	if err := errorsIn(check.Check(desired[0], current, current.Server.Info)); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errLacking, err)
	}
	return p, desired[0], nil
}

// errLacking says that files name what the server does not have.
var errLacking = errors.New("refused")

func errorsIn(ds model.Diagnostics) error {
	var out []string
	for _, d := range ds {
		if d.Severity == model.Error {
			out = append(out, d.Error())
		}
	}
	if out == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(out, "; "))
}

func (c *changing) fail(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// alone plans every mutation by itself against what was read of the server,
// and chooses one of each sort and kind to be applied together.
func (c *changing) alone() []*mutation {
	var chosen []*mutation
	for _, k := range model.Kinds() {
		taken := map[sort]bool{}
		for _, mu := range c.mutations(k) {
			p, err := c.try(mu)
			c.planned++
			if errors.Is(err, errLacking) && c.lacks(mu.it.Addr) {
				c.refused++ // what the server lacks cannot be made, or not be changed
				continue
			}
			if err != nil {
				c.fail("%s: %v", mu, err)
				continue
			}
			if got := slices.DeleteFunc(shapes(p), func(s string) bool { return mu.sort == addObject && strings.HasPrefix(s, "delete "+string(mu.to)+"/") }); !slices.Equal(got, mu.want) {
				c.fail("%s: planned as [%s], not [%s]", mu, strings.Join(got, "; "), strings.Join(mu.want, "; "))
				continue
			}
			if slices.ContainsFunc(c.judgments, func(j *mutation) bool { return j.String() == mu.String() }) {
				continue
			}
			if !taken[mu.sort] && !c.judged(mu) && !c.lacks(mu.it.Addr) && !slices.ContainsFunc(chosen, mu.near) {
				taken[mu.sort] = true
				chosen = append(chosen, mu)
			}
		}
	}
	return chosen
}

// lacks reports whether an object, or one above or below it, names what the
// server does not have.
func (c *changing) lacks(a model.Address) bool {
	for below := range c.lacking {
		if a != "" && below.Under(a) {
			return true
		}
	}
	for ; a != ""; a = model.ParentOf(a) {
		if c.lacking[a] {
			return true
		}
	}
	return false
}

// judged reports whether the realm's own client policies may refuse to let a
// client be written: they look at all that there is in it.
func (c *changing) judged(mu *mutation) bool {
	return mu.it.Kind == model.Lookup("client") && len(c.current.Children("", model.Lookup("client-policy"))) > 0
}

// near reports whether two mutations concern the same object, or one what is
// below the other's, which does not stay where it is, or names it.
func (m *mutation) near(other *mutation) bool {
	a, b := m.it.Addr, other.it.Addr
	if m.names(other) || other.names(m) || slices.Contains(m.users, b) || slices.Contains(other.users, a) {
		return true
	}
	return a == b || a.Under(b) && other.sort != changeField || b.Under(a) && m.sort != changeField
}

// names reports whether what a mutation writes names the object of another,
// which goes or gets another name.
func (m *mutation) names(other *mutation) bool {
	if m.path == nil || other.sort != remove && other.sort != rename {
		return false
	}
	return slices.ContainsFunc(m.it.Kind.Refs(m.it.Parent, m.it.Kind.Canonical(model.Object{m.path[0]: m.value})), func(r model.Ref) bool {
		return r.Addr == other.it.Addr || r.Addr.Under(other.it.Addr)
	})
}

// try plans one mutation and takes it back.
func (c *changing) try(mu *mutation) (*diff.Plan, error) {
	defer c.restore()
	if err := c.make(mu); err != nil {
		return nil, err
	}
	c.settle()
	if err := c.write(); err != nil {
		return nil, err
	}
	p, _, err := c.plan(c.current, mu)
	return p, err
}

// together applies mutations at once, and takes them back.
func (c *changing) together(ctx context.Context, chosen []*mutation, before string) (refused []*mutation) {
	late := func(s sort) int { return slices.Index([]sort{changeField, reorder, rename, remove, addObject}, s) }
	slices.SortStableFunc(chosen, func(a, b *mutation) int { return late(a.sort) - late(b.sort) })
	var want, back []string
	undo := &mutation{}
	for _, mu := range chosen {
		if err := c.make(mu); err != nil {
			c.fail("%s: %v", mu, err)
			return nil
		}
		want = append(want, mu.want...)
		if mu.sort == addObject && !mu.it.Kind.Part {
			undo.remove = append(undo.remove, mu.to)
		}
		if mu.replace != nil {
			undo.replace = append(undo.replace, mu.it.Addr)
		}
		back = append(back, c.back(mu)...)
	}
	c.settle()
	slices.Sort(want)
	slices.Sort(back)
	if ok, failed := c.apply(ctx, "all at once", want, chosen...); !ok {
		return failed
	}
	after, err := c.snapshot(ctx, "changed")
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	c.compare(before, after, chosen)
	if err := c.restore(); err != nil {
		c.fail("%v", err)
		return nil
	}
	for _, mu := range chosen {
		switch {
		case mu.path != nil:
			c.forget(mu)
		case mu.sort == rename:
			put(c.node(c.spotOf(mu.it)), []string{model.Previously}, text.FromAny(mu.to.Key(), nil))
		}
	}
	if ok, _ := c.apply(ctx, "all taken back", back, undo); !ok {
		return nil
	}
	if err := c.restore(); err != nil {
		c.fail("%v", err)
		return nil
	}
	c.read(ctx, "the export, after all", nil)
	again, err := c.snapshot(ctx, "back")
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	diffs, _, err := differences(before, again, "")
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	for _, d := range diffs {
		if !byServer.MatchString(d) {
			c.fail("taken back, and yet %s", d)
		}
	}
	return nil
}

// byServer matches what the server does by itself: it gives a scope to every new
// client with a service account, which one of an old realm may not have, and a
// secret to its own client broker when that is first written, and keeps the
// client of admin permissions when these are switched off. Lists of a policy
// that are empty are as good as none.
var byServer = regexp.MustCompile(`^/clients/.*/default(Client)?Scopes.*(service_account|"roles","web-origins"\])|^/clients/broker/secret: |^/clients/admin-permissions: |^/realm/adminPermissionsClient: |/authz/policies/.*: \(absent\) -> \{"!json":\[\]\}`)

// back is what the plan shows that takes a mutation back.
func (c *changing) back(mu *mutation) []string {
	var out []string
	at := mu.it.Addr
	created := func() {
		for _, it := range c.desired.Sorted() {
			if it.Addr == at || it.Addr.Under(at) {
				out = append(out, shape(diff.Create, it.Addr, ""))
			}
		}
	}
	switch {
	case mu.sort == remove:
		created()
	case mu.sort == addObject:
		out = append(out, shape(diff.Delete, mu.to, ""))
	case mu.sort != rename:
		return mu.want
	case mu.it.Kind.NamedBy() != nil:
		out = append(slices.DeleteFunc(slices.Clone(mu.want), func(s string) bool { return !strings.HasPrefix(s, "update ") }),
			shape(diff.Create, at, ""), shape(diff.Delete, mu.to, ""))
	case mu.it.Kind.Fields.Get(mu.it.Kind.Key).Immutable:
		created()
		out[0] = shape(diff.Replace, at, mu.to)
	default:
		out = append(out, shape(diff.Move, at, mu.to))
	}
	return out
}

// read plans the files against the server as it is, and compares the plan's
// shape with what it should be.
func (c *changing) read(ctx context.Context, what string, want []string, mus ...*mutation) (*diff.Plan, *model.State, *model.State) {
	desired, diags := load.Load(c.mutator.dir, load.Options{Realm: c.Name, Checker: &c.checker})
	if err := errorsIn(diags); err != nil {
		c.fail("%s: %v", what, err)
		return nil, nil, nil
	}
	current, _, err := fetch.State(ctx, c.client, c.Name, fetch.For(desired[0]))
	if err != nil {
		c.fail("%s: %v", what, err)
		return nil, nil, nil
	}
	p, d, err := c.plan(current, mus...)
	if err != nil {
		c.fail("%s: %v", what, err)
		return nil, nil, nil
	}
	got := slices.DeleteFunc(shapes(p), func(s string) bool { return strings.HasPrefix(s, "delete ") && strings.Contains(s, "-copy/") })
	got = withoutSecrets(got, want)
	if extra, missing := without(got, want), without(want, got); len(extra)+len(missing) > 0 {
		c.fail("%s: planned also [%s], and not [%s]", what, strings.Join(extra, "; "), strings.Join(missing, "; "))
	}
	return p, d, current
}

// withoutSecrets takes a secret out of the fields of an update that is wanted
// without: a client that becomes public loses its own, and gets it back.
func withoutSecrets(got, want []string) []string {
	out := slices.Clone(got)
	for i, s := range out {
		if cut, ok := strings.CutSuffix(s, " /secret"); ok && slices.Contains(want, cut) {
			out[i] = cut
		}
	}
	return out
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// apply does what kcsync apply does with the files as they are edited, and
// counts the requests that write.
func (c *changing) apply(ctx context.Context, what string, want []string, mus ...*mutation) (ok bool, refused []*mutation) {
	if err := c.write(); err != nil {
		c.fail("%v", err)
		return false, nil
	}
	p, desired, current := c.read(ctx, what, want, mus...)
	if p == nil {
		return false, nil
	}
	least, most := fewest(p, current, desired)
	c.writes.Store(0)
	var requests []string
	var mu sync.Mutex
	c.trace = func(x keycloak.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		requests = append(requests, fmt.Sprintf("%s %s %d", x.Method, strings.TrimPrefix(x.Path, keycloak.Path("admin", "realms", c.Name)), x.Status))
	}
	res, err := apply.Run(ctx, c.client, p, current, apply.Options{Resolver: c.resolver, Baseline: c.baseline, Desired: desired})
	c.trace = nil
	for _, f := range res.Failed {
		for _, mu := range mus {
			if mu.path != nil && mu.it.Addr == f.Change.Addr && keycloak.IsStatus(f.Err, 400) {
				refused = append(refused, mu)
			}
		}
	}
	if len(refused) == len(res.Failed) && refused != nil {
		return false, refused
	}
	for _, f := range res.Failed {
		c.fail("%s: %v: requests [%s]", what, f.Err, strings.Join(requests, "; "))
	}
	if err != nil {
		c.fail("%s: %v", what, err)
		return false, nil
	}
	wrote := int(c.writes.Load())
	c.wrote += wrote
	c.fewest += least
	if wrote < least || wrote > most {
		c.fail("%s: %d writes instead of %d: plan [%s]; requests [%s]", what, wrote, least, strings.Join(shapes(p), "; "), strings.Join(requests, "; "))
	}
	c.read(ctx, what+", again", nil, mus...)
	return true, nil
}

// compare reports the differences of two snapshots that none of the mutations
// explains, and the mutations that made none.
func (c *changing) compare(before, after string, chosen []*mutation) {
	diffs, _, err := differences(before, after, "")
	if err != nil {
		c.fail("%v", err)
		return
	}
	made := map[*mutation]bool{}
	for _, d := range diffs {
		known := false
		for _, mu := range chosen {
			if mu.explains(d) {
				known, made[mu] = true, true
			}
		}
		if !known {
			c.fail("nobody asked for %s", d)
		}
	}
	for _, mu := range chosen {
		// Of lists, load.py tells an order only for the executions of flows.
		if f := mu.field(); !made[mu] && !(mu.sort == reorder && f.Type != model.Tree) && !(f != nil && f.Name == dropped) {
			c.fail("%s: load.py sees no difference", mu)
		}
	}
}

// dropped is what load.py does not show.
const dropped = "surrogateAuthRequired"

// field is what a mutation changes; nil when it is the object as a whole.
func (m *mutation) field() *model.Field {
	if m.path == nil {
		return nil
	}
	return m.it.Kind.Fields.Get(m.path[0])
}

// explains reports whether a difference of two snapshots is of the mutation's
// object: its line tells the object's name, and of a field that.
func (m *mutation) explains(line string) bool {
	if slices.ContainsFunc(m.parts(), func(name string) bool { return strings.Contains(line, "/"+name+"/") || strings.Contains(line, "/"+name+": ") }) {
		return true
	}
	key := m.it.Addr.Key()
	if m.it.Kind.Singleton() && m.it.Parent != "" {
		key = m.it.Parent.Key()
	}
	if m.it.Kind != model.Realm && m.it.Kind.File == "" && !strings.Contains(line, key) {
		return false
	}
	if m.it.Kind == model.Realm && !strings.HasPrefix(line, "/realm/") && !strings.HasPrefix(line, "/default") && !strings.HasPrefix(line, "/events/") &&
		!strings.HasPrefix(line, "/organizations: ") {
		return false
	}
	return true
}

// parts are the names of what load.py shows beside the mutation's object: the
// flows that are nodes of its trees.
func (m *mutation) parts() []string {
	var out []string
	var walk func(f *model.Field, nodes []any)
	walk = func(f *model.Field, nodes []any) {
		for _, e := range nodes {
			n, _ := e.(map[string]any)
			if name, ok := n[f.Keys[0]].(string); ok {
				out = append(out, name, name+"-copy")
			}
			below, _ := n[f.Name].([]any)
			walk(f, below)
		}
	}
	for i := range m.it.Kind.Fields {
		if f := &m.it.Kind.Fields[i]; f.Type == model.Tree {
			nodes, _ := m.it.Fields[f.Name].([]any)
			walk(f, nodes)
			if m.path != nil && m.path[0] == f.Name {
				nodes, _ = m.value.([]any)
				walk(f, nodes)
			}
		}
	}
	return out
}
