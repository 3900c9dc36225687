package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kcsync/kcsync/model"
)

// TestState reads everything that a realm has.
func TestState(t *testing.T) {
	p := filled(t)
	s := p.state(All())
	if s.Missing || s.Server.Version == "" || len(s.Server.Features) == 0 || s.Server.URL != p.URL() {
		t.Errorf("server %+v", s.Server)
	}
	for addr, want := range map[model.Address]model.Object{
		"role/a%2Fb":                 {"name": "a/b", "attributes": object{"x": objects{"1", "2"}}, "composites": roleSet()},
		"role/boss":                  {"name": "boss", "attributes": object{}, "composites": roleSet("a/b", "Shop/x", "admin")},
		"client/Shop%2Fx/role/admin": {"name": "admin", "attributes": object{}, "composites": roleSet()},
		"client/Shop%2Fx/protocol-mapper/a": {"name": "a", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
			"config": object{"claim.name": "a", "claim.value": "v"}},
		"client/Shop%2Fx/service-account": {"realmRoles": objects{"default-roles-" + p.realm}, "clientRoles": object{"Shop/x": objects{"admin"}},
			"groups": objects{"/sales/e%2Fm 100%25"}},
		"group/sales":              {"name": "sales", "attributes": object{}, "realmRoles": objects{}, "clientRoles": object{}},
		"group/sales/e%2Fm 100%25": {"name": "e/m 100%", "attributes": object{}, "realmRoles": objects{"boss"}, "clientRoles": object{}},
		"identity-provider/google/identity-provider-mapper/m": {"name": "m", "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
			"config": object{"role": "boss"}},
	} {
		it := s.Items[addr]
		if it == nil {
			t.Errorf("there is no %s in %v", addr, model.Keys(s.Items))
			continue
		}
		if !reflect.DeepEqual(it.Fields, want) {
			t.Errorf("%s is %v, want %v", addr, it.Fields, want)
		}
		if it.ID == "" || it.Addr != addr || it.Parent != model.ParentOf(addr) {
			t.Errorf("%s: id %q, addr %s, parent %s", addr, it.ID, it.Addr, it.Parent)
		}
	}
	for pointer, want := range map[[2]string]any{
		{"client/Shop%2Fx", "authenticationFlowBindingOverrides"}: object{"browser": "registration"},
		{"realm", "defaultGroups"}:                                objects{"/sales/e%2Fm 100%25"},
		{"client/Shop%2Fx", "scopeMappings"}:                      roleSet("boss"),
		{"client-scope/tenant", "scopeMappings"}:                  roleSet("", "Shop/x", "admin"),
		{"client-scope/address", "scopeMappings"}:                 roleSet(),
		{"realm", "defaultOptionalClientScopes"}:                  objects{"address", "microprofile-jwt", "offline_access", "organization", "phone"},
		{"identity-provider/google", "providerId"}:                "google",
	} {
		if got := s.Items[model.Address(pointer[0])].Fields[pointer[1]]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", pointer, got, want)
		}
	}
	for addr, it := range s.Items {
		if !reflect.DeepEqual(it.Fields, it.Kind.Canonical(it.Fields)) {
			t.Errorf("%s is not canonical: %v", addr, it.Fields)
		}
		for name := range it.Fields {
			if it.Kind.Fields.Get(name) == nil {
				t.Errorf("%s has an unknown field %s", addr, name)
			}
		}
		if it.Fragment || len(it.Shown) > 0 {
			t.Errorf("%s: leftovers of unfolding", addr)
		}
	}
}

// roleSet is a set of a realm role and of a role of a client.
func roleSet(roles ...string) object {
	realm, client := objects{}, object{}
	if len(roles) > 0 && roles[0] != "" {
		realm = append(realm, roles[0])
	}
	if len(roles) > 2 {
		client[roles[1]] = objects{roles[2]}
	}
	return object{"realm": realm, "client": client}
}

// TestWithoutExport reads the same state with rights that do not allow a
// partial export.
func TestWithoutExport(t *testing.T) {
	p := filled(t)
	viewer := p.account("viewer", "view-realm", "view-clients", "view-users", "view-identity-providers")
	want := p.state(All())
	p.requests()
	got, notes, err := State(t.Context(), viewer, p.realm, All())
	// What only an administrator may see is left out, and that is said.
	if err != nil || slices.ContainsFunc(notes, func(d model.Diagnostic) bool { return d.Code != "left-out" }) {
		t.Fatal(err, notes)
	}
	for _, x := range p.requests() {
		if strings.HasSuffix(x.Path, "/partial-export") && x.Status != 403 {
			t.Errorf("the export was not refused: %+v", x)
		}
	}
	compare(t, got, want)

	some := For(desired(t, p, "client/Shop%2Fx", "identity-provider/google", "client-scope/tenant"))
	want = p.state(some)
	if got, _, err = State(t.Context(), viewer, p.realm, some); err != nil {
		t.Fatal(err)
	}
	compare(t, got, want)
}

func compare(t *testing.T, got, want *model.State) {
	t.Helper()
	for addr, w := range want.Items {
		g := got.Items[addr]
		if g == nil {
			t.Errorf("%s is missing", addr)
			continue
		}
		for _, name := range model.Keys(w.Fields) {
			if !reflect.DeepEqual(g.Fields[name], w.Fields[name]) {
				t.Errorf("%s %s: %v, want %v", addr, name, g.Fields[name], w.Fields[name])
			}
		}
		if g.ID != w.ID || len(g.Fields) != len(w.Fields) {
			t.Errorf("%s is %s %v, want %s %v", addr, g.ID, g.Fields, w.ID, w.Fields)
		}
	}
	for addr := range got.Items {
		if want.Items[addr] == nil {
			t.Errorf("%s should not be there", addr)
		}
	}
}

// desired is a state with some of a realm's objects, as files would have them.
func desired(t *testing.T, p *place, addrs ...model.Address) *model.State {
	all, s := p.state(All()), model.NewState(p.realm)
	for _, a := range addrs {
		it := *all.Items[a]
		s.Items[a] = &it
	}
	return s
}

// TestRequests counts what is asked for: nothing twice, and nothing that
// changes anything.
func TestRequests(t *testing.T) {
	p := newPlace(t, nil)
	p.bulk(120, func(int) string { return "clients" }, func(i int) object {
		return object{"clientId": "app-" + itoa(i), "serviceAccountsEnabled": i < 3}
	})
	p.bulk(30, func(int) string { return "groups" }, func(i int) object { return object{"name": "g-" + itoa(i)} })
	p.bulk(5, func(int) string { return "identity-provider/instances" }, func(i int) object {
		return object{"alias": "idp-" + itoa(i), "providerId": "oidc", "config": object{}}
	})
	viewer := p.account("viewer", "view-realm", "view-clients", "view-users", "view-identity-providers")
	for _, tt := range []struct {
		name string
		read func(Want) (*model.State, model.Diagnostics, error)
		want Want
		most int
	}{
		{"everything", p.read, All(), 2*(120+7) + 40},
		{"everything without export", func(w Want) (*model.State, model.Diagnostics, error) {
			return State(t.Context(), viewer, p.realm, w)
		}, All(), 2*(120+7) + 85},
		{"some", p.read, For(desired(t, p, "client/app-1", "client/app-2", "role/offline_access", "group/g-1")), 20},
		{"one scope", p.read, For(desired(t, p, "client-scope/email")), 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p.requests()
			start := time.Now()
			s, _, err := tt.read(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			sent := p.requests()
			t.Logf("%d objects, %d requests, %s\n%s", len(s.Items), len(sent), took.Round(time.Millisecond), show(sent))
			seen := map[string]bool{}
			for _, x := range sent {
				u := x.Method + x.Path + "?" + x.Query
				if seen[u] || x.Attempt > 1 {
					t.Errorf("twice: %+v", x)
				}
				seen[u] = true
				if x.Method != "GET" && !strings.HasSuffix(x.Path, "/partial-export") || strings.Contains(x.Path, "service-account-user") {
					t.Errorf("%s %s changes the server", x.Method, x.Path)
				}
			}
			if len(sent) > tt.most {
				t.Errorf("%d requests, at most %d are needed", len(sent), tt.most)
			}
		})
	}
}

func (p *place) read(w Want) (*model.State, model.Diagnostics, error) {
	return State(p.t.Context(), p.Client, p.realm, w)
}

// TestFor looks up what a comparison needs, and no more.
func TestFor(t *testing.T) {
	p := filled(t)
	s := p.state(Want{Kinds: []string{"realm", "group"}})
	kinds := map[string]int{}
	for _, it := range s.Items {
		kinds[it.Kind.Name]++
	}
	if !reflect.DeepEqual(kinds, map[string]int{"realm": 1, "group": 2}) {
		t.Errorf("kinds %v", kinds)
	}

	d := model.NewState(p.realm)
	d.Add(&model.Item{Addr: "client/Shop%2Fy", Kind: model.Lookup("client"), Previously: "client/Shop%2Fx", Fields: model.Object{"clientId": "Shop/y"}})
	d.Add(&model.Item{Addr: "client/Shop%2Fy/role/root", Parent: "client/Shop%2Fy", Kind: model.Lookup("role"), Previously: "client/Shop%2Fy/role/admin",
		Fields: model.Object{"name": "root", "composites": roleSet()}})
	d.Add(&model.Item{Addr: "group/x", Kind: model.Lookup("group"), Fields: model.Object{"name": "x", "clientRoles": object{"account": objects{"view-profile"}}}})
	s = p.state(For(d))
	for addr, field := range map[model.Address]string{
		"client/Shop%2Fx":                  "clientId",
		"client/Shop%2Fx/role/admin":       "composites",
		"client/account/role/view-profile": "name", // referred to
		"role/offline_access":              "name",
	} {
		if s.Items[addr] == nil || s.Items[addr].Fields[field] == nil {
			t.Errorf("%s %s was not read", addr, field)
		}
	}
	for addr, field := range map[model.Address]string{
		"client/Shop%2Fx":                         "scopeMappings", // not declared
		"client/account/role/manage-account":      "composites",
		"client/realm-management/role/view-realm": "name",
		"client/Shop%2Fx/service-account":         "groups",
		"client-scope/email":                      "name",
	} {
		if it := s.Items[addr]; it != nil && it.Fields[field] != nil {
			t.Errorf("%s %s was read for nothing", addr, field)
		}
	}
}

// TestReferencesNotRead names objects that only ids tell of, though their
// kind is not looked up.
func TestReferencesNotRead(t *testing.T) {
	p := filled(t)
	s := p.state(Want{Kinds: []string{"role"}})
	if got, want := s.Items["role/boss"].Fields["composites"], roleSet("a/b", "Shop/x", "admin"); !reflect.DeepEqual(got, want) {
		t.Errorf("composites are %v, want %v", got, want)
	}
}

// TestForNothing reads no more than whether the realm exists.
func TestForNothing(t *testing.T) {
	p := newPlace(t, nil)
	p.requests()
	s := p.state(For(model.NewState(p.realm)))
	if sent := p.requests(); len(sent) != 2 || len(s.Items) != 1 {
		t.Errorf("%v\n%s", model.Keys(s.Items), show(sent))
	}
}

func TestMissingRealm(t *testing.T) {
	p := newPlace(t, nil)
	for _, w := range []Want{All(), {Kinds: []string{"client"}}} {
		s, notes, err := State(t.Context(), p.Client, p.realm+"-not", w)
		if err != nil || !s.Missing || len(s.Items) > 0 || len(notes) > 0 || s.Realm != p.realm+"-not" {
			t.Errorf("%+v %v %v", s, notes, err)
		}
		if s.Server.Version == "" {
			t.Error("the server's version is not known")
		}
	}
}

// TestRights tells what is missing instead of reading a part of the realm.
func TestRights(t *testing.T) {
	p := filled(t)
	for _, tt := range []struct {
		roles []string
		want  Want
		lacks []string
	}{
		{[]string{"query-clients", "query-users", "query-groups"}, All(), []string{"view-clients", "view-identity-providers", "view-organizations", "view-realm", "view-users"}},
		{[]string{"view-realm", "query-clients"}, Want{Kinds: []string{"client"}}, []string{"view-clients"}},
		{[]string{"view-clients"}, Want{Kinds: []string{"realm", "client"}}, []string{"view-realm"}},
		{[]string{"view-clients"}, Want{Kinds: []string{"client"}}, nil},
		{[]string{"manage-clients"}, Want{Kinds: []string{"client", "client-scope"}}, nil},
		{[]string{"manage-realm"}, Want{Kinds: []string{"client-scope", "identity-provider"}}, nil},
		{[]string{"manage-realm", "query-groups"}, Want{Kinds: []string{"group"}}, []string{"view-users"}},
		{[]string{"view-users"}, Want{Kinds: []string{"group"}}, nil},
		{nil, Want{Kinds: []string{"group"}}, []string{"view-users"}},
	} {
		name := "a-" + strings.Join(append(tt.roles, tt.want.Kinds...), "-")
		c := p.account(name, tt.roles...)
		s, _, err := State(t.Context(), c, p.realm, tt.want)
		var lacks *RightsError
		if tt.lacks == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if len(s.Items) < 2 {
				t.Errorf("%s: only %v", name, model.Keys(s.Items))
			}
			continue
		}
		if !errors.As(err, &lacks) || !slices.Equal(lacks.Roles, tt.lacks) {
			t.Errorf("%s lacks %v, got %v", name, tt.lacks, err)
			continue
		}
		t.Log(err)
	}
}

// TestItems reads single objects again.
func TestItems(t *testing.T) {
	p := filled(t)
	s := p.state(All())
	addrs := model.Keys(s.Items)
	keep := func(a model.Address) bool {
		return strings.HasPrefix(string(a), "client/account") || strings.HasPrefix(string(a), "client/Shop") ||
			a == "realm" || strings.HasPrefix(string(a), "role/") || strings.HasPrefix(string(a), "group/") ||
			strings.HasPrefix(string(a), "identity-provider/") || strings.HasPrefix(string(a), "client-scope/tenant") ||
			a == "authentication-flow/browser"
	}
	var some []model.Address
	for _, a := range addrs {
		if keep(model.Address(a)) {
			some = append(some, model.Address(a))
		}
	}
	p.requests()
	got, err := Items(t.Context(), p.Client, s, some, All())
	if err != nil {
		t.Fatal(err)
	}
	sent := p.requests()
	for _, a := range some {
		g, w := got[a], s.Items[a]
		if g == nil {
			t.Errorf("%s is missing", a)
			continue
		}
		if !reflect.DeepEqual(g.Fields, w.Fields) || g.ID != w.ID || g.Parent != w.Parent {
			t.Errorf("%s is %v, want %v", a, g.Fields, w.Fields)
		}
	}
	seen := map[string]bool{}
	for _, x := range sent {
		if u := x.Path + "?" + x.Query; seen[u] || x.Method != "GET" {
			t.Errorf("%s %s", x.Method, u)
		} else {
			seen[u] = true
		}
	}

	// What is gone, renamed or moved is not where it was.
	p.send("DELETE", p.path("groups/"+s.Items["group/sales/e%2Fm 100%25"].ID), nil)
	p.send("PUT", p.path("roles/boss"), object{"name": "chief"})
	shop := &model.Item{Addr: "client/Shop%2Fx/service-account", Parent: "client/Shop%2Fx", Kind: model.Lookup("service-account")}
	s.Items[shop.Addr] = shop // as if it had just been made
	got, err = Items(t.Context(), p.Client, s, []model.Address{"group/sales/e%2Fm 100%25", "role/boss", shop.Addr, "client/Shop%2Fx/protocol-mapper/b"}, Want{})
	if err != nil {
		t.Fatal(err)
	}
	if got["group/sales/e%2Fm 100%25"] != nil || got["role/boss"] != nil {
		t.Errorf("still there: %v", model.Keys(got))
	}
	if got[shop.Addr] == nil || got["client/Shop%2Fx/protocol-mapper/b"] == nil {
		t.Errorf("not there: %v", model.Keys(got))
	}
}

// TestCancel stops at once.
func TestCancel(t *testing.T) {
	p := newPlace(t, nil)
	p.bulk(40, func(int) string { return "clients" }, func(i int) object { return object{"clientId": "app-" + itoa(i)} })
	ctx, cancel := context.WithCancel(t.Context())
	w := All()
	w.Parallelism = 1
	w.Progress = func(e Event) {
		if e.Area == "client/role" && e.Requests == 3 {
			cancel()
		}
	}
	p.requests()
	start := time.Now()
	_, _, err := State(ctx, p.Client, p.realm, w)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(p.requests()); n > 80 {
		t.Errorf("%d requests in spite of it, in %s", n, time.Since(start))
	}
	t.Log(err)
}

// TestProgress hears of every area, in order, to its end.
func TestProgress(t *testing.T) {
	p := filled(t)
	w := All()
	last := map[string]Event{}
	w.Progress = func(e Event) {
		if b := last[e.Area]; b.Done || e.Objects < b.Objects || e.Requests < b.Requests {
			t.Errorf("%+v after %+v", e, b)
		}
		last[e.Area] = e
	}
	s := p.state(w)
	n := 0
	for _, e := range last {
		if !e.Done {
			t.Errorf("%+v is the last", e)
		}
		n += e.Objects
	}
	if n != len(s.Items) {
		t.Errorf("%d objects were told, %d are there", n, len(s.Items))
	}
	out, _ := json.Marshal(last)
	t.Log(string(out))
}
