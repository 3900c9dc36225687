package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
)

// A law of the differ is checked on random realms: small ones, from few
// names, so that renames, circles and leftovers are frequent.

const secretWord = "s3cr3t"

// randomRealm returns a realm's representation. Files have what only files
// can have: null, references and previously.
type randomRealm struct {
	*rand.Rand
	file bool
}

func (r randomRealm) one(of ...any) any { return of[r.IntN(len(of))] }
func (r randomRealm) chance(n int) bool { return r.IntN(n) == 0 }
func (r randomRealm) some(of []any) []any {
	out := []any{}
	for _, e := range of {
		if r.chance(3) {
			out = append(out, e)
		}
	}
	return out
}

func (r randomRealm) names() []any { return r.some([]any{"a", "b", "c", "d", "a/b"}) }

// set sets a field now and then, in a file sometimes to null.
func (r randomRealm) set(o map[string]any, name string, v any) {
	switch {
	case r.chance(3):
	case r.file && r.chance(8):
		o[name] = nil
	default:
		o[name] = v
	}
}

func (r randomRealm) secret() any {
	if !r.file {
		return r.one(secretWord+"1", secretWord+"2")
	}
	if r.chance(60) {
		return "${env:NOT}"
	}
	return r.one(secretWord+"1", secretWord+"2", "${env:ONE}", "x-${env:TWO}-"+secretWord)
}

func (r randomRealm) previously(o map[string]any, name string, tree bool) map[string]any {
	if r.file && r.chance(4) {
		prev := r.one("a", "b", "c", "d", "e").(string)
		if tree {
			prev = r.one(prev, "/"+prev, "/a/"+prev, "/b/"+prev).(string)
		}
		if prev != name {
			o["previously"] = prev
		}
	}
	return o
}

func (r randomRealm) realm() map[string]any {
	roleNames, clients, scopes, groups := r.names(), r.names(), r.names(), r.names()
	clientRoles := map[string][]any{}
	for _, c := range clients {
		clientRoles[c.(string)] = r.names()
	}
	rolesOf := func() map[string]any {
		m := map[string]any{}
		for _, c := range clients {
			m[c.(string)] = r.some(clientRoles[c.(string)])
		}
		return m
	}
	composites := func() any { return map[string]any{"realm": r.some(roleNames), "client": rolesOf()} }
	role := func(n any) any {
		o := r.previously(map[string]any{"name": n}, n.(string), false)
		r.set(o, "composites", composites())
		r.set(o, "description", r.one("", "x", "y"))
		r.set(o, "attributes", map[string]any{"k": []any{r.one("1", "2"), "3"}})
		return o
	}
	mappers := func() []any {
		out := []any{}
		for _, n := range r.names() {
			o := r.previously(map[string]any{"name": n, "protocolMapper": r.one("m", "n")}, n.(string), false)
			r.set(o, "config", map[string]any{"x": r.one("1", "2", ""), "client.secret": r.secret()})
			out = append(out, o)
		}
		return out
	}
	list := func(names []any, of func(any) any) []any {
		out := []any{}
		for _, n := range names {
			out = append(out, of(n))
		}
		return out
	}
	doc := map[string]any{"realm": "acme"}
	own := map[string]any{"name": "default-roles-acme"}
	if !r.chance(4) {
		doc["roles"] = map[string]any{"realm": append(list(roleNames, role), own)}
	} else {
		doc["roles"] = map[string]any{"realm": []any{own}}
		roleNames = nil
		if r.file {
			delete(doc, "roles")
		}
	}
	doc["clientScopes"] = list(scopes, func(n any) any {
		o := r.previously(map[string]any{"name": n, "protocol": "openid-connect"}, n.(string), false)
		r.set(o, "attributes", map[string]any{"x": r.one("1", "2", ""), "y": "1"})
		r.set(o, "scopeMappings", composites())
		if r.chance(2) {
			o["protocolMappers"] = mappers()
		}
		return o
	})
	doc["clients"] = list(clients, func(n any) any {
		o := r.previously(map[string]any{"clientId": n}, n.(string), false)
		r.set(o, "name", r.one("x", "y", "é\n"))
		r.set(o, "secret", r.secret())
		r.set(o, "redirectUris", r.some([]any{"https://x/*", "https://y/*", "+"}))
		r.set(o, "webOrigins", r.some([]any{"+", "https://z"}))
		r.set(o, "attributes", map[string]any{"a": r.one("1", "2", ""), "saml.signing.private.key": r.secret(), "api.key": r.secret()})
		r.set(o, "unknown", map[string]any{"password": secretWord, "x": r.one(1, 2)})
		r.set(o, "defaultClientScopes", r.some(scopes))
		r.set(o, "scopeMappings", composites())
		o["roles"] = list(clientRoles[n.(string)], role)
		if r.chance(2) {
			o["protocolMappers"] = mappers()
		}
		if r.chance(2) {
			o["serviceAccountsEnabled"] = true
			sa := map[string]any{}
			r.set(sa, "realmRoles", r.some(roleNames))
			r.set(sa, "clientRoles", rolesOf())
			o["serviceAccount"] = sa
		}
		return o
	})
	doc["groups"] = list(groups, func(n any) any {
		o := r.previously(map[string]any{"name": n}, n.(string), true)
		r.set(o, "realmRoles", r.some(roleNames))
		r.set(o, "clientRoles", rolesOf())
		if r.chance(2) {
			o["subGroups"] = list(r.names(), func(n any) any { return r.previously(map[string]any{"name": n}, n.(string), true) })
		}
		return o
	})
	doc["identityProviders"] = list(r.names(), func(n any) any {
		o := r.previously(map[string]any{"alias": n, "providerId": r.one("oidc", "saml")}, n.(string), false)
		r.set(o, "config", map[string]any{"clientSecret": "**********", "x": r.one("1", "2")})
		if r.file && !r.chance(30) {
			o["config"] = map[string]any{"clientSecret": r.secret()}
		}
		o["mappers"] = mappers()
		return o
	})
	var paths []any
	for _, n := range groups {
		paths = append(paths, "/"+model.EscapeKey(n.(string)))
	}
	r.set(doc, "defaultGroups", r.some(paths))
	r.set(doc, "defaultDefaultClientScopes", r.some(scopes))
	r.set(doc, "defaultOptionalClientScopes", r.some(scopes))
	r.set(doc, "displayName", r.one("x", "y"))
	if r.file {
		r.set(doc, "displayName", r.one("${env:ONE}", "y"))
		r.set(doc, "smtpServer", map[string]any{"host": "h", "from": "a@b", "auth": "true", "password": r.secret()})
	} else {
		r.set(doc, "smtpServer", map[string]any{"host": "i", "from": "a@b", "auth": "true", "password": "**********"})
	}
	return doc
}

func (r randomRealm) state(t testing.TB) *model.State {
	data, err := json.Marshal(r.realm())
	if err != nil {
		t.Fatal(err)
	}
	if r.file {
		return files(t, string(data))
	}
	return server(t, string(data))
}

// pretend is a server that does what a plan says.
type pretend struct {
	t    testing.TB
	s    *model.State
	opt  Options
	done map[string]bool
}

func (s *pretend) exists(a model.Address) bool { return s.s.Items[a] != nil }

func (s *pretend) remove(a model.Address) {
	for b := range s.s.Items {
		if b == a || b.Under(a) {
			delete(s.s.Items, b)
		}
	}
	for _, h := range s.s.Users(a) {
		l, ok := h.Holder.Fields[h.Field.Name].([]any)
		if h.Field.Link == nil || !ok {
			continue
		}
		h.Holder.Fields[h.Field.Name] = slices.DeleteFunc(slices.Clone(l), func(e any) bool {
			return h.Field.Target(h.Holder.Parent, "", h.Field.Member(e)) == a
		})
	}
}

// stored returns a value as the server shows it once it was written.
func (s *pretend) stored(c *Change, e Edit) any {
	c0 := &comparison{opt: s.opt}
	v, _, err := c0.resolve(nil, e.After)
	if err != nil {
		s.t.Errorf("%s: %s is written although %v", c.ID, e.Path, err)
	}
	if v == model.Mask {
		s.t.Errorf("%s: a mask is written to %s", c.ID, e.Path)
	}
	f := c.Kind.Fields.At(e.Path)
	if v != nil && f != nil && !f.Secret && c.Kind.Fields.SecretAt(e.Path) && !strings.Contains(e.Path, "saml") && c.Kind.Name != "protocol-mapper" {
		return model.Mask
	}
	return v
}

func (s *pretend) do(c *Change) {
	for _, n := range c.Needs {
		if !s.done[n] {
			s.t.Errorf("%s comes before %s, which it needs", c.ID, n)
		}
	}
	if s.done[c.ID] {
		s.t.Errorf("%s is there twice", c.ID)
	}
	s.done[c.ID] = true
	if c.Action == Delete {
		if !s.exists(c.Addr) {
			s.t.Errorf("%s: nothing to delete", c.ID)
		}
		for _, it := range s.s.Items {
			for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
				if (r.Addr == c.Addr || r.Addr.Under(c.Addr)) && !(it.Addr == c.Addr || it.Addr.Under(c.Addr)) && it.Source.Known() {
					s.t.Errorf("%s is deleted while %s refers to it in %s", c.ID, it.Addr, r.Pointer)
				}
			}
		}
		s.remove(c.Addr)
		return
	}
	if c.Parent != "" && !s.exists(c.Parent) && c.Action != Replace {
		s.t.Errorf("%s: there is no %s to put it in", c.ID, c.Parent)
	}
	if c.Action == Replace {
		from := c.Addr
		if c.From != "" {
			from = c.From
		}
		if !s.exists(from) {
			s.t.Errorf("%s: nothing to replace at %s", c.ID, from)
		}
		s.remove(from)
	}
	if c.whole() {
		if s.exists(c.Addr) {
			s.t.Errorf("%s is created but exists", c.ID)
		}
		it := &model.Item{Addr: c.Addr, Kind: c.Kind, Parent: c.Parent, Fields: model.Object{}, Shown: map[string]bool{}}
		s.s.Items[c.Addr] = it
		for _, f := range editsOf(c.Kind.Fields, c.After, "") {
			patch(it.Fields, f.Path, s.stored(c, f))
		}
		var parent model.Object
		if p := s.s.Items[c.Parent]; p != nil {
			parent = p.Fields
		}
		realm := s.s.Items["realm"].Fields
		def := s.opt.Baseline.Default(c.Kind, it.Fields, parent, realm)
		for _, f := range c.Kind.Fields {
			if f.Follows != "" && realm[f.Follows] != nil {
				def[f.Name] = c.Kind.Followed(&f, it.Fields, realm, func(a model.Address) model.Object {
					if it := s.s.Items[a]; it != nil {
						return it.Fields
					}
					return nil
				})
			}
		}
		it.Fields = overlay(c.Kind.Fields, def, it.Fields, nil)
		if scopes, ok := it.Fields["defaultClientScopes"].([]any); ok { // no default is what there is not
			it.Fields["defaultClientScopes"] = slices.DeleteFunc(slices.Clone(scopes), func(e any) bool {
				return e == "service_account" && !s.exists("client-scope/service_account")
			})
		}
	}
	if c.Action == Move {
		if !s.exists(c.From) || s.exists(c.Addr) {
			s.t.Errorf("%s cannot move from %s: there %v, here %v", c.ID, c.From, s.exists(c.From), s.exists(c.Addr))
			return
		}
		done := s.s.Rename(c.From, c.Addr)
		s.s.Items = done.Items
	}
	for _, r := range c.Kind.Refs(c.Parent, c.written()) {
		if !s.exists(r.Addr) {
			s.t.Errorf("%s refers to %s in %s, which is not there yet", c.ID, r.Addr, r.Pointer)
		}
	}
	if c.whole() {
		return
	}
	it := s.s.Items[c.Addr]
	if it == nil {
		s.t.Errorf("%s does not exist", c.ID)
		return
	}
	it.Fields = it.Fields.Clone()
	for _, e := range c.Edits {
		patch(it.Fields, e.Path, s.stored(c, e))
	}
}

// editsOf writes an object as edits of nothing.
func editsOf(fs model.Fields, o map[string]any, at string) []Edit {
	var out []Edit
	for _, name := range model.Keys(o) {
		path := at + model.Pointer(name)
		f := fs.Get(name)
		if m := object(o[name]); m != nil && f != nil && f.Type == model.Struct {
			out = append(out, editsOf(f.Fields, m, path)...)
		} else if m != nil && f != nil && (f.Type == model.Dict || f.Type == model.MultiDict) {
			for _, key := range model.Keys(m) {
				out = append(out, Edit{Path: path + model.Pointer(key), After: m[key]})
			}
		} else {
			out = append(out, Edit{Path: path, After: o[name]})
		}
	}
	return out
}

// patch puts a value at a pointer; nil takes away what is there.
func patch(o map[string]any, pointer string, v any) {
	if v == nil {
		segs := model.Segments(pointer)
		for _, s := range segs[:len(segs)-1] {
			o = object(o[s])
		}
		delete(o, segs[len(segs)-1])
		return
	}
	putField(o, pointer, v)
}

func checkLaws(t testing.TB, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	desired, current := randomRealm{r, true}.state(t), randomRealm{r, false}.state(t)
	opt := Options{Resolver: env(map[string]string{"ONE": secretWord + "1", "TWO": secretWord + "-two"}), Prune: r.IntN(2) == 0, WriteSecrets: r.IntN(4) == 0}
	if r.IntN(2) == 0 {
		opt.Baseline = baseline(t, fresh)
	}
	if r.IntN(2) == 0 {
		opt.Replace = map[model.Address]bool{}
		for a := range desired.Items {
			opt.Replace[a] = true
		}
	}
	if r.IntN(4) == 0 {
		current.Missing = true
		opt.Baseline = nil
		// Once renamed, a server's own object may no longer be known as such.
		opt.Prune = false
		for _, it := range desired.Items {
			it.Fields = present(it.Kind.Fields, it.Fields)
		}
	}
	desiredWas, currentWas := states(desired), states(current)
	p, diags := Compute(desired, current, opt)
	if states(desired) != desiredWas || states(current) != currentWas {
		t.Fatalf("a state was changed")
	}

	// The same input gives the same bytes.
	out := outputs(t, p, diags)
	again, diags2 := Compute(desired, current, opt)
	if outputs(t, again, diags2) != out {
		t.Errorf("two plans of the same differ:\n%s", brief(p)+brief(again))
	}
	if i := strings.Index(out, secretWord); i >= 0 {
		t.Errorf("a secret is shown: ...%s...", out[max(0, i-200):min(len(out), i+40)])
	}
	for _, c := range p.Changes {
		if !slices.IsSortedFunc(c.Edits, func(a, b Edit) int {
			return comparePaths(c.Kind.Fields, model.Segments(a.Path), model.Segments(b.Path))
		}) {
			t.Errorf("%s: edits are not in order: %v", c.ID, c.Edits)
		}
		if c.Action == Update && len(c.Edits) == 0 {
			t.Errorf("%s updates nothing", c.ID)
		}
	}

	for _, d := range diags {
		if d.Code == "cycle" && !strings.Contains(d.Summary, "group/") {
			t.Errorf("a circle that files cannot make: %s", d.Summary)
		}
	}

	// Doing what the plan says leads to an empty plan.
	if diags.Errors() {
		return
	}
	s := &pretend{t, current, opt, map[string]bool{}}
	s.s = &model.State{Realm: "acme", Server: current.Server, Items: map[model.Address]*model.Item{}}
	for a, it := range current.Items {
		c := *it
		s.s.Items[a] = &c
	}
	for _, c := range p.Changes {
		s.do(c)
	}
	opt.WriteSecrets = false
	if current.Missing {
		opt.Baseline = &model.Baseline{Fresh: current.Record()}
	}
	left, diags := Compute(desired, s.s, opt)
	if !left.Empty() || diags.Errors() {
		t.Errorf("after\n%s there is left\n%s%s", brief(p), brief(left), diags.Error())
	}
}

// states writes a state so that two of them can be compared.
func states(s *model.State) string {
	var b strings.Builder
	for _, it := range s.Sorted() {
		fmt.Fprintf(&b, "%s %s %s %v\n", it.Addr, it.Parent, compact(map[string]any(it.Fields)), it.Shown)
	}
	return b.String()
}

// outputs returns all that is ever shown of a plan.
func outputs(t testing.TB, p *Plan, diags model.Diagnostics) string {
	var b bytes.Buffer
	for _, o := range []TextOptions{{}, {Color: true, Verbose: true}} {
		if err := p.Text(&b, o); err != nil {
			t.Fatal(err)
		}
	}
	data, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	b.Write(data)
	if data, err = json.Marshal(map[string]any{"plans": []*Plan{p}}); err != nil {
		t.Fatal(err)
	}
	b.Write(data)
	b.WriteString(diags.Error())
	return b.String()
}

func TestLaws(t *testing.T) {
	n := uint64(1500)
	if testing.Short() {
		n = 300
	}
	for seed := range n {
		checkLaws(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzLaws(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkLaws(t, seed) })
}
