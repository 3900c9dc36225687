package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

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
	if err := r.load(ctx); err != nil {
		return unimported(err)
	}
	// Of one file another import makes other names where that has none.
	before, err := r.snapshot(ctx, "unchanged")
	if err != nil {
		return failed("%v", err)
	}
	c, err := newChanging(ctx, r)
	if err != nil {
		return failed("%v", err)
	}
	r.pure = false
	if err := c.together(ctx, c.alone(), before); err != nil {
		c.fail("%v", err)
	}
	r.Changes = c.counts
	c.log.Close()
	if len(c.wrong) > 0 {
		return outcome{Verdict: wrong, Reason: c.wrong[0], More: c.wrong}
	}
	return outcome{Verdict: through}
}

// changes counts those of one realm.
type changes struct {
	Planned map[string]map[sort]int // alone, against what was read: by kind
	Lacking int                     // of them are of what the server lacks, or would not take
	Applied map[string]map[sort]int // together
	Refused []string                // by the server, though the plan was happy
	Writes  int                     // it took to apply them and to take them back
	Fewest  int                     // it could have taken, but for what the server forces in flows
}

// count notes a mutation.
func count(to *map[string]map[sort]int, mu *mutation) {
	if *to == nil {
		*to = map[string]map[sort]int{}
	}
	if (*to)[mu.it.Kind.Name] == nil {
		(*to)[mu.it.Kind.Name] = map[sort]int{}
	}
	(*to)[mu.it.Kind.Name][mu.sort]++
}

// changing is the work on one realm.
type changing struct {
	*realm
	*mutator
	baseline *model.Baseline
	resolver model.Resolver
	now      *model.State // as it was last read

	mu     sync.Mutex
	writes []string // requests since the last apply began
	log    *os.File // tells somebody who looks for a fault what was done

	counts changes
	wrong  []string
}

func newChanging(ctx context.Context, r *realm) (*changing, error) {
	c := &changing{realm: r}
	var err error
	if c.log, err = os.Create(r.at("change.log")); err != nil {
		return nil, err
	}
	path := keycloak.Path("admin", "realms", r.Name)
	r.written.Store(path, func(x keycloak.Exchange) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.writes = append(c.writes, fmt.Sprintf("%s %s %d", x.Method, strings.TrimPrefix(x.Path, path), x.Status))
	})
	h := fnv.New64a()
	h.Write([]byte(r.Slug))
	seeded := rand.New(rand.NewPCG(h.Sum64(), r.seed))
	want := fetch.All()
	if want.Objects, err = c.people(ctx, seeded); err != nil {
		return nil, err
	}
	state, _, err := fetch.State(ctx, c.client, r.Name, want)
	if err != nil {
		return nil, err
	}
	c.baseline, c.now = fixtures.For(state.Server), state
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
	fresh, err := c.baseline.Fresh.State(r.Name)
	if err != nil {
		return nil, err
	}
	c.mutator = &mutator{edition: ed, rand: seeded, current: state, fresh: fresh.CalledAs(state).Items, untold: untold,
		lacking: map[model.Address]bool{}, keeps: map[model.Address]bool{}}
	if c.desired, err = c.files(); err != nil {
		return nil, err
	}
	// And the data that the files name.
	data := fetch.Want{Server: &state.Server}
	for _, a := range fetch.For(c.desired).Objects {
		if state.Items[a] == nil {
			data.Kinds, data.Objects = append(data.Kinds, model.KindOf(a).Name), append(data.Objects, a)
		}
	}
	if data.Objects != nil {
		more, _, err := fetch.State(ctx, c.client, r.Name, data)
		if err != nil {
			return nil, err
		}
		for a, it := range more.Items {
			if it.Kind.Place("").Declared {
				state.Items[a] = it
			}
		}
	}
	p, err := c.plan(c.desired, state, nil)
	if err != nil {
		return nil, err
	}
	if !p.Empty() {
		return nil, fmt.Errorf("plan of the export: %s", strings.Join(shapes(p), "; "))
	}
	for _, d := range check.Check(c.desired, nil, state.Server.Info) {
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

// people chooses some of the realm's users: data, which no export holds, and
// which files may declare.
func (c *changing) people(ctx context.Context, seeded *rand.Rand) ([]model.Address, error) {
	var users []struct{ Username string }
	if err := c.client.Get(ctx, keycloak.Path("admin", "realms", c.Name, "users"), url.Values{"max": {"100"}, "briefRepresentation": {"true"}}, &users); err != nil {
		return nil, err
	}
	seeded.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
	var out []model.Address
	for _, u := range users[:min(len(users), mostObjects)] {
		out = append(out, model.AddressOf("", model.Lookup("user"), u.Username))
	}
	return out, nil
}

// files loads them as they are edited.
func (c *changing) files() (*model.State, error) {
	desired, diags := load.Load(c.edition.dir, load.Options{Realm: c.Name, Checker: &c.checker})
	if err := errorsIn(diags); err != nil {
		return nil, err
	}
	return desired[0], nil
}

// plan is what kcsync plan does: what makes of the state that was read the
// desired one.
func (c *changing) plan(desired, current *model.State, mus []*mutation) (*diff.Plan, error) {
	o := diff.Options{Resolver: c.resolver, Baseline: c.baseline, Delete: map[model.Address]bool{}, Replace: map[model.Address]bool{}}
	for _, mu := range mus {
		for _, a := range mu.remove {
			o.Delete[a] = true
		}
		for _, a := range mu.replace {
			o.Replace[a] = true
		}
	}
	p, diags := diff.Compute(desired, current, o)
	if err := errorsIn(diags); err != nil {
		return nil, err
	}
	if err := errorsIn(check.Check(desired, current, current.Server.Info)); err != nil {
		return nil, fmt.Errorf("%w: %w", errLacking, err)
	}
	return p, nil
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

// alone plans every mutation against what was read of the server, and chooses
// one of each sort and kind to be applied together. Mutations that have nothing
// to do with each other are planned in one go: where the plan is not exactly
// what they are, each is planned by itself.
func (c *changing) alone() []*mutation {
	var all []*mutation
	for _, k := range model.Kinds() {
		all = append(all, c.mutations(k)...)
	}
	good := map[*mutation]bool{}
	for _, group := range c.apart(all) {
		want := wanted(group)
		if p, err := c.try(group); err == nil && slices.Equal(c.own(p, group), want) {
			for _, mu := range group {
				good[mu] = true
			}
			continue
		}
		for _, mu := range group {
			switch p, err := c.try([]*mutation{mu}); {
			case errors.Is(err, errLacking) && c.lacks(mu.it.Addr):
				c.counts.Lacking++ // what the server lacks cannot be made, or not be changed
			case err != nil && mu.invented():
				c.counts.Lacking++ // kcsync knows that the server would not take it
			case err != nil:
				c.fail("%s: %v", mu, err)
			case !slices.Equal(c.own(p, group), mu.want):
				c.fail("%s: planned as [%s], not [%s]", mu, strings.Join(c.own(p, group), "; "), strings.Join(mu.want, "; "))
			default:
				good[mu] = true
			}
		}
	}
	// Where one of a kind can be made only, for there is one object of it, it
	// is not always of the same sort.
	order := slices.Clone(sorts)
	c.rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var chosen []*mutation
	for _, k := range model.Kinds() {
		for _, s := range order {
			i := slices.IndexFunc(all, func(mu *mutation) bool {
				return mu.it.Kind == k && mu.sort == s && good[mu] && !c.judged(mu) && !c.lacks(mu.it.Addr) && !slices.ContainsFunc(chosen, mu.near)
			})
			if i >= 0 {
				chosen = append(chosen, all[i])
			}
		}
	}
	for _, mu := range all {
		count(&c.counts.Planned, mu)
	}
	return chosen
}

// apart puts mutations into groups whose members are not near each other. What
// names something that the server lacks is alone: its plan fails.
func (c *changing) apart(all []*mutation) [][]*mutation {
	const most = 16
	var groups [][]*mutation
	for _, mu := range all {
		i := slices.IndexFunc(groups, func(g []*mutation) bool {
			return len(g) < most && !c.lacks(mu.it.Addr) && !c.lacks(g[0].it.Addr) && !slices.ContainsFunc(g, mu.near)
		})
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], mu)
	}
	return groups
}

// wanted is what a plan of mutations has to show.
func wanted(mus []*mutation) []string {
	var out []string
	for _, mu := range mus {
		out = append(out, mu.want...)
	}
	slices.Sort(out)
	return out
}

// own are the shapes of a plan without what comes along with new objects, which
// their files do not have, and with what other objects the server changes by
// itself, see [model.Kind.Sways].
func (c *changing) own(p *diff.Plan, mus []*mutation) []string {
	want := wanted(mus)
	return slices.DeleteFunc(shapes(p), func(s string) bool {
		return !slices.Contains(want, s) && slices.ContainsFunc(mus, func(mu *mutation) bool {
			return slices.ContainsFunc(mu.anew, func(a model.Address) bool { return strings.HasPrefix(s, "delete "+string(a)+"/") }) ||
				slices.ContainsFunc(mu.sways, func(kind string) bool {
					return strings.HasPrefix(s, "update ") && strings.Contains(strings.Replace(s, " ", "/", 1), "/"+kind+"/")
				})
		})
	})
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

// try plans mutations and takes them back.
func (c *changing) try(mus []*mutation) (*diff.Plan, error) {
	defer c.restore()
	desired, err := c.edited(mus)
	if err != nil {
		return nil, err
	}
	return c.plan(desired, c.current, mus)
}

// edited makes mutations in the files, and loads them.
func (c *changing) edited(mus []*mutation) (*model.State, error) {
	for _, mu := range mus {
		if err := c.make(mu); err != nil {
			return nil, fmt.Errorf("%s: %w", mu, err)
		}
	}
	return c.written()
}

// written writes the files as they are edited, and loads them.
func (c *changing) written() (*model.State, error) {
	c.settle()
	if err := c.write(); err != nil {
		return nil, err
	}
	return c.files()
}

// together applies mutations at once, and takes them back.
func (c *changing) together(ctx context.Context, chosen []*mutation, before string) error {
	late := func(s sort) int { return slices.Index([]sort{changeField, reorder, rename, remove, addObject}, s) }
	slices.SortStableFunc(chosen, func(a, b *mutation) int { return late(a.sort) - late(b.sort) })
	chosen, err := c.forth(ctx, chosen)
	if err != nil {
		return err
	}
	after, err := c.snapshot(ctx, "changed")
	if err != nil {
		return err
	}
	if err := c.compare(before, after, chosen); err != nil {
		return err
	}
	if err := c.back(ctx, chosen); err != nil {
		return err
	}
	again, err := c.snapshot(ctx, "back")
	if err != nil {
		return err
	}
	diffs, err := everything(before, again)
	if err != nil {
		return err
	}
	for _, d := range diffs {
		if !byServer.MatchString(d) && !c.hidden(d) {
			c.fail("taken back, and yet %s", d)
		}
	}
	return nil
}

// hidden reports whether a difference is of a service account that the server
// does not show, because an import gave it another name: kcsync says so, and a
// client that is made again has a new one.
func (c *changing) hidden(line string) bool {
	for a, it := range c.current.Items {
		if it.Fields["serviceAccountsEnabled"] == true && c.current.Items[a+"/service-account"] == nil && strings.HasPrefix(line, "/clients/"+a.Key()+"/serviceAccountRoles/") {
			return true
		}
	}
	return false
}

// forth applies mutations. What the server refuses to take is a finding; it is
// left out then, and the rest made all the same.
func (c *changing) forth(ctx context.Context, chosen []*mutation) ([]*mutation, error) {
	desired, err := c.edited(chosen)
	if err != nil {
		return nil, err
	}
	refused, err := c.apply(ctx, "all at once", desired, wanted(chosen), chosen)
	if err != nil {
		return nil, err
	}
	for len(refused) > 0 {
		left := slices.DeleteFunc(slices.Clone(chosen), func(mu *mutation) bool { return slices.Contains(refused, mu) })
		if err := c.restore(); err != nil {
			return nil, err
		}
		if desired, err = c.edited(left); err != nil {
			return nil, err
		}
		if refused, err = c.apply(ctx, "the rest", desired, nil, left); err != nil {
			return nil, err
		}
		chosen = left
	}
	for _, mu := range chosen {
		count(&c.counts.Applied, mu)
	}
	return chosen, nil
}

// back takes mutations back. Users are never deleted by kcsync: those who came
// are by us.
func (c *changing) back(ctx context.Context, chosen []*mutation) error {
	if err := c.restore(); err != nil {
		return err
	}
	undo := &mutation{it: &model.Item{}}
	var want []string
	for _, mu := range chosen {
		switch {
		case mu.sort == addObject && mu.data():
			made := c.now.Items[mu.to]
			if made == nil {
				return fmt.Errorf("%s was made, and is not there", mu.to)
			}
			path := keycloak.Path("admin", "realms", c.Name) + "/" + mu.it.Place().Path + "/" + made.ID
			if _, err := c.client.Do(ctx, keycloak.Request{Method: http.MethodDelete, Path: path}); err != nil {
				return err
			}
			delete(c.now.Items, mu.to)
			continue
		case mu.sort == addObject && !mu.it.Kind.Part:
			undo.remove = append(undo.remove, mu.to)
		case mu.path != nil:
			c.forget(mu)
		case mu.sort == rename:
			put(c.node(c.spotOf(mu.it)), []string{model.Previously}, text.FromAny(mu.to.Key(), nil))
		}
		undo.sways = append(undo.sways, mu.sways...)
		if mu.replace != nil {
			undo.replace = append(undo.replace, mu.it.Addr)
		}
		if mu.replace != nil || mu.sort == remove {
			undo.anew = append(undo.anew, mu.it.Addr)
		}
		want = append(want, c.backwards(mu)...)
	}
	desired, err := c.written()
	if err != nil {
		return err
	}
	slices.Sort(want)
	undo.want = want
	if refused, err := c.apply(ctx, "all taken back", desired, want, []*mutation{undo}); err != nil || refused != nil {
		return err
	}
	if err := c.restore(); err != nil {
		return err
	}
	return c.same("the export, after all", c.desired, nil, nil)
}

// byServer matches what the server does by itself: it gives a scope to every new
// client with a service account, and a role to each that decides about
// authorization, which one of an old realm may not have, and a secret to its own
// client broker when that is first written, and keeps the client of admin
// permissions when these are switched off; the members of an organization go with
// it, when it gets another alias, and so does what people have of a provider, role
// or group that goes. Lists of a policy that are empty are as good as none.
var byServer = regexp.MustCompile(`^/clients/.*/roles(/uma_protection.*: \(absent\)|: \(absent\) -> \{"uma_protection")|^/clients/.*/default(Client)?Scopes.*(service_account|"roles","web-origins"\])|^/clients/.*/serviceAccountRoles/clientMappings/[^/]*/(client: \(absent\)|mappings/uma_protection)|^/clients/broker/secret: |^/clients/admin-permissions[:/]|^/realm/adminPermissionsClient[:/]|^/organizations/.*/members: |^/users/.*/(federatedIdentities|realmRoles|clientRoles|groups)(: |/)|/authz/policies/.*: \(absent\) -> \{"!json":\[\]\}`)

// backwards is what the plan shows that takes a mutation back.
func (c *changing) backwards(mu *mutation) []string {
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
		out = append(mu.alsoWanted(), shape(diff.Create, at, ""), shape(diff.Delete, mu.to, ""))
	case mu.it.Kind.Fields.Get(mu.it.Kind.Key).Immutable:
		created()
		out[0] = shape(diff.Replace, at, mu.to)
		out = append(out, mu.alsoWanted()...)
	default:
		out = append(mu.alsoWanted(), shape(diff.Move, at, mu.to))
	}
	return out
}

// look reads the server, as far as it takes to compare it with a desired state
// and with the export.
func (c *changing) look(ctx context.Context, desired *model.State) error {
	both := *c.desired
	both.Items = maps.Clone(c.desired.Items)
	maps.Copy(both.Items, desired.Items)
	want := fetch.For(&both)
	want.Server = &c.current.Server
	now, _, err := fetch.State(ctx, c.client, c.Name, want)
	if err == nil {
		c.now = now
	}
	return err
}

// same compares the shape of a plan with what it should be.
func (c *changing) same(what string, desired *model.State, want []string, mus []*mutation) error {
	p, err := c.plan(desired, c.now, mus)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	got := withoutSecrets(c.own(p, mus), want)
	if extra, missing := without(got, want), without(want, got); len(extra)+len(missing) > 0 {
		c.fail("%s: planned also [%s], and not [%s]", what, strings.Join(extra, "; "), strings.Join(missing, "; "))
	}
	return nil
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

// apply does what kcsync apply does with the files as they are edited, counts
// the requests that write, and reads what came of it. It returns the mutations
// that the server refused. Where it is not known what the plan should be, for
// it finishes one of which a part was refused, nothing is counted.
func (c *changing) apply(ctx context.Context, what string, desired *model.State, want []string, mus []*mutation) (refused []*mutation, err error) {
	p, err := c.plan(desired, c.now, mus)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if want != nil {
		if err := c.same(what, desired, want, mus); err != nil {
			return nil, err
		}
	}
	c.writes = nil
	res, err := apply.Run(ctx, c.client, p, c.now, apply.Options{Resolver: c.resolver, Baseline: c.baseline})
	wrote, requests := 0, strings.Join(c.writes, "; ")
	for _, w := range c.writes {
		// What a busy server fails at is asked again, and was no write; nor was what
		// it refuses because a name is taken, as it then gets another at first.
		if status := w[strings.LastIndexByte(w, ' ')+1:]; status < "500" && status != "409" {
			wrote++
		}
	}
	least, most := fewest(p, c.now, desired)
	fmt.Fprintf(c.log, "%s: %d writes, of %d to %d\n  plan:\n    %s\n  requests:\n    %s\n", what, wrote, least, most, strings.Join(shapes(p), "\n    "), strings.Join(c.writes, "\n    "))
	for _, f := range res.Failed {
		i := slices.IndexFunc(mus, func(mu *mutation) bool {
			return mu.it.Addr == f.Change.Addr || mu.to == f.Change.Addr
		})
		if i < 0 || !keycloak.IsStatus(f.Err, 400) {
			c.fail("%s: %v: requests [%s]", what, f.Err, requests)
			continue
		}
		refused = append(refused, mus[i])
		c.counts.Refused = append(c.counts.Refused, fmt.Sprintf("%s: %v", mus[i], f.Err))
	}
	if refused == nil && err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if err := c.look(ctx, desired); err != nil || refused != nil {
		return refused, err
	}
	if want != nil {
		c.counts.Writes += wrote
		c.counts.Fewest += least
		// Fewer than are counted as the fewest are no failure; none at all are.
		if wrote == 0 && least > 0 || wrote > most {
			c.fail("%s: %d writes instead of %d: plan [%s]; requests [%s]", what, wrote, least, strings.Join(shapes(p), "; "), requests)
		}
	}
	return nil, c.same(what+", again", desired, nil, mus)
}

// compare reports the differences of two snapshots that none of the mutations
// explains, and the mutations that made none.
func (c *changing) compare(before, after string, chosen []*mutation) error {
	diffs, err := everything(before, after)
	if err != nil {
		return err
	}
	made := map[*mutation]bool{}
	for _, d := range diffs {
		known := false
		for _, mu := range chosen {
			if mu.explains(d, c.current.Items[mu.it.Addr]) || c.keeps[mu.it.Addr] && strings.HasPrefix(d, "/realm/defaultRole/") {
				known, made[mu] = true, true
			}
		}
		if !known {
			c.fail("nobody asked for %s", d)
		}
	}
	for _, mu := range chosen {
		// Of lists, load.py tells an order only for the executions of flows.
		if f := mu.field(); !made[mu] && !(mu.sort == reorder && f.Type != model.Tree) && !mu.unseen() {
			c.fail("%s: load.py sees no difference", mu)
		}
	}
	return nil
}

// everything returns the differences of two snapshots, those of people too.
func everything(before, after string) ([]string, error) {
	diffs, _, err := differences(before, after, "")
	if err != nil {
		return nil, err
	}
	x, err := readSnapshot(before)
	if err != nil {
		return nil, err
	}
	y, err := readSnapshot(after)
	if err != nil {
		return nil, err
	}
	walk("/users", x["users"], y["users"], func(path string, a, b any) {
		diffs = append(diffs, fmt.Sprintf("%s: %s -> %s", path, short(a), short(b)))
	})
	return diffs, nil
}

// unseen reports whether load.py does not show what a mutation changes: a field
// that it drops, keys that the server made for want of others, a language whose texts are
// empty, what a service account has beside roles, workflows, the groups of organizations, and of admin
// permissions whom they are for. What kcsync reads afterwards is all there is to
// see of that.
func (m *mutation) unseen() bool {
	f := m.field()
	switch m.it.Kind.Name {
	case "organization-group", "workflow":
		return true
	case "localization":
		texts, _ := m.it.Fields["texts"].(map[string]any)
		return f == nil && !slices.ContainsFunc(slices.Collect(maps.Values(texts)), func(v any) bool { return v != "" })
	case "admin-permission", "admin-policy":
		return f != nil && f.Ref != ""
	case "service-account":
		return f != nil && f.Ref != "role"
	}
	// The server made what is called so, when it lacked a key.
	return f != nil && f.Name == "surrogateAuthRequired" || m.it.Kind.Name == "key-provider" && strings.HasPrefix(m.it.Addr.Key(), "fallback-")
}

// field is what a mutation changes; nil when it is the object as a whole.
func (m *mutation) field() *model.Field {
	if m.path == nil {
		return nil
	}
	return m.it.Kind.Fields.Get(m.path[0])
}

// explains reports whether a difference of two snapshots is of the mutation's
// object, which was as have: its line tells the object's name.
func (m *mutation) explains(line string, have *model.Item) bool {
	if slices.ContainsFunc(m.parts(have), func(name string) bool {
		return strings.Contains(line, "/"+name+"/") || strings.Contains(line, "/"+name+": ")
	}) {
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
		!strings.HasPrefix(line, "/organizations: ") && !strings.HasPrefix(line, "/clients/admin-permissions") {
		return false
	}
	return true
}

// parts are the names of what load.py shows beside the mutation's object: the
// flows that are nodes of its trees.
func (m *mutation) parts(have *model.Item) []string {
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
			nodes, _ := have.Fields[f.Name].([]any)
			walk(f, nodes)
			if m.path != nil && m.path[0] == f.Name {
				nodes, _ = m.value.([]any)
				walk(f, nodes)
			}
		}
	}
	return out
}
