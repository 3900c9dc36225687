package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

func acmePlace(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.env = map[string]string{"SMTP": "smtp-secret", "WEB": "web-secret", "GOOGLE": "google-secret"}
	return p
}

// find returns the object of a list whose field has a value.
func find(list any, field, value string) object {
	for _, e := range list.([]any) {
		if o := e.(object); o[field] == value {
			return o
		}
	}
	return nil
}

func (p *place) client(clientID string) object {
	p.t.Helper()
	return find(p.get("/clients"), "clientId", clientID)
}

// replaced replaces pairs of texts, each of which has to be there.
func replaced(yaml string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(yaml, pairs[i]) {
			panic("the files do not hold " + pairs[i])
		}
		yaml = strings.Replace(yaml, pairs[i], pairs[i+1], 1)
	}
	return yaml
}

// One realm through its life, one step building on the other: every kind is
// created, updated, renamed and deleted, and after each step a plan is empty.
func TestLife(t *testing.T) {
	p := acmePlace(t)

	p.apply(acme)
	writes := p.writes()
	if n := exactly(writes, "PUT "); n != 2 {
		t.Errorf("%d PUTs make a new realm, want 2: of the realm, for its settings and for what waits for others: %v", n, writes)
	}
	if n := count(writes, "-client-scopes/"); n != count(writes, " /default-") {
		t.Errorf("a new client's scopes go along with it: %v", writes)
	}
	if n := count(writes, "/protocol-mappers/add-models"); n != 1 {
		t.Errorf("%d bulk requests, want 1: the mappers of one client go together", n)
	}
	web := p.client("web")
	if web["secret"] != "web-secret" || web["publicClient"] != false || web["directAccessGrantsEnabled"] != false {
		t.Errorf("client web is not as declared: %v", web)
	}
	if got := fmt.Sprint(sorted(web["defaultClientScopes"])); got != "[phone profile service_account tenant]" {
		t.Errorf("default scopes %s", got)
	}
	if got := fmt.Sprint(sorted(web["optionalClientScopes"])); strings.Contains(got, "phone") {
		t.Errorf("phone is a default and an optional scope: %s", got)
	}

	p.apply(acme)
	if writes := p.writes(); len(writes) > 0 {
		t.Errorf("nothing changed and %v were sent", writes)
	}

	t.Log("update")
	p.env["WEB"] = "web-secret-2"
	second := replaced(acme,
		"accessTokenLifespan: 600", "accessTokenLifespan: 900\nssoSessionIdleTimeout: 3600\nclientSessionIdleTimeout: 1200",
		"smtpServer: {host: mail.acme.example", "smtpServer: {host: mail2.acme.example",
		"defaultDefaultClientScopes: [profile, email, roles, basic, tenant]", "defaultDefaultClientScopes: [profile, email, phone, basic]",
		"defaultOptionalClientScopes: [phone, address, acr]", "defaultOptionalClientScopes: [tenant, address, roles]",
		"description: Runs things", "description: Runs everything",
		"composites: {realm: [user, auditor], client: {realm-management: [view-users], web: [editor]}}", "composites: {realm: [user], client: {realm-management: [view-clients], web: [viewer]}}",
		"defaultClientScopes: [profile, tenant, phone, service_account]", "defaultClientScopes: [profile, email, service_account]\n  optionalClientScopes: [tenant]\n  name: Web",
		"{browser: browser, direct_grant: direct grant}", "{browser: null, direct_grant: browser}",
		"{pkce.code.challenge.method: S256}", `{pkce.code.challenge.method: "", login_theme: keycloak}`,
		"included.client.audience: api", "included.client.audience: web",
		"  - {name: ten, protocolMapper: oidc-usermodel-attribute-mapper, config: {user.attribute: tenant, claim.name: ten, access.token.claim: \"true\"}}\n", "",
		"scopeMappings: {realm: [auditor]}", "scopeMappings: {realm: [user], client: {web: [editor]}}",
		"    realmRoles: [user]\n    clientRoles: {realm-management: [view-users], web: [viewer]}\n    groups: [/staff/emea]", "    realmRoles: [auditor]\n    clientRoles: {web: [editor]}\n    groups: [/guests]",
		"attributes: {site: [hq]}", "description: Everybody\n  attributes: {site: [hq, lab]}",
		"clientRoles: {web: [viewer]}\n  subGroups", "clientRoles: {web: [editor]}\n  subGroups",
		"providerId: google\n", "providerId: google\n  displayName: Google\n",
		"role: user}", "role: auditor}",
	)
	p.apply(second)
	writes = p.writes()
	if n := exactly(writes, "PUT /clients/"+p.client("web")["id"].(string)); n != 1 {
		t.Errorf("%d PUTs of one client, want one merged: %v", n, writes)
	}
	if got := lookup(p.get("").(object), "/smtpServer/password"); got != model.Mask {
		t.Errorf("the mail password is %v, want it kept", got)
	}
	if got := lookup(p.get("/identity-provider/instances/google").(object), "/config/clientSecret"); got != model.Mask {
		t.Errorf("the identity provider's secret is %v, want it kept", got)
	}
	web = p.client("web")
	if web["secret"] != "web-secret-2" {
		t.Errorf("the client's secret is %v", web["secret"])
	}
	if m := find(web["protocolMappers"], "name", "ten"); m != nil {
		t.Errorf("a mapper that the list no longer shows is still there: %v", m)
	}

	t.Log("rename and move")
	third := replaced(second,
		"- name: auditor\n", "- name: inspector\n    previously: auditor\n",
		"composites: {realm: [auditor]}", "composites: {realm: [inspector]}",
		"role: auditor}", "role: inspector}",
		"realmRoles: [auditor]\n    clientRoles: {web", "realmRoles: [inspector]\n    clientRoles: {portal",
		"- clientId: web\n", "- clientId: portal\n  previously: web\n  fullScopeAllowed: true\n",
		"    web:\n    - {name: editor, composites: {client: {web: [viewer]}}}", "    portal:\n    - {name: editor, composites: {client: {portal: [viewer]}}}",
		"realm-management: [view-clients], web: [viewer]", "realm-management: [view-clients], portal: [viewer]",
		"client: {web: [viewer]}}\nclients", "client: {portal: [viewer]}}\nclients",
		"client: {web: [editor]}}\n", "client: {portal: [editor]}}\n",
		"included.client.audience: web", "included.client.audience: portal",
		"  fullScopeAllowed: false\n", "",
		"- name: tenant\n  protocol:", "- name: organization-tenant\n  previously: tenant\n  protocol:",
		"optionalClientScopes: [tenant]", "optionalClientScopes: [organization-tenant]",
		"defaultOptionalClientScopes: [tenant,", "defaultOptionalClientScopes: [organization-tenant,",
		"defaultGroups: [/staff]", "defaultGroups: [/people]",
		"- name: staff\n", "- name: people\n  previously: staff\n",
		"clientRoles: {web: [editor]}\n  subGroups", "clientRoles: {portal: [editor]}\n  subGroups",
		"subGroups: [{name: north, realmRoles: [auditor]}]}", "subGroups: []}",
		"- name: guests\n", "- {name: nord, previously: /staff/emea/north, realmRoles: [inspector]}\n- name: guests\n  subGroups: [{name: pacific, previously: /staff/apac}]\n",
		"  - {name: apac}\n", "",
		"name: tenant, identityProviderMapper", "name: domain, previously: tenant, identityProviderMapper",
	)
	before := map[string]any{"web": web["id"], "north": p.group("/staff/emea/north")["id"], "apac": p.group("/staff/apac")["id"],
		"role": p.get("/roles/auditor").(object)["id"], "scope": find(p.get("/client-scopes"), "name", "tenant")["id"]}
	p.apply(third)
	after := map[string]any{"web": p.client("portal")["id"], "north": p.group("/nord")["id"], "apac": p.group("/guests/pacific")["id"],
		"role": p.get("/roles/inspector").(object)["id"], "scope": find(p.get("/client-scopes"), "name", "organization-tenant")["id"]}
	for what, id := range before {
		if after[what] != id {
			t.Errorf("%s has the id %v, want %v: a rename keeps what hangs on it", what, after[what], id)
		}
	}
	// Names are kept as a history: once done they change nothing.
	p.apply(third)
	if writes := p.writes(); len(writes) > 0 {
		t.Errorf("the renames are done and %v were sent", writes)
	}

	t.Log("delete")
	fourth := `
enabled: true
defaultGroups: []
roles: {realm: [{name: user}], client: {portal: []}}
clientScopes: []
clients: [{clientId: portal, protocolMappers: [], serviceAccountsEnabled: false, scopeMappings: {realm: [], client: {}}}]
groups: [{name: guests, subGroups: []}]
identityProviders: []
`
	p.apply(fourth, prune)
	if p.client("api") != nil || p.client("account") == nil || p.group("/nord") != nil {
		t.Error("what is in no file goes, but for what the server made by itself")
	}
}

func sorted(list any) []string {
	var out []string
	for _, e := range list.([]any) {
		out = append(out, e.(string))
	}
	slices.Sort(out)
	return out
}

func count(writes []string, part string) int {
	n := 0
	for _, w := range writes {
		if strings.Contains(w, part) {
			n++
		}
	}
	return n
}

func exactly(writes []string, w string) int {
	return len(writes) - len(slices.DeleteFunc(slices.Clone(writes), func(s string) bool { return s == w }))
}

// group returns a group by path, or nil.
func (p *place) group(path string) object {
	p.t.Helper()
	res, err := p.Do(context.Background(), keycloak.Request{Method: "GET", Path: p.path("/group-by-path" + path)})
	if keycloak.IsStatus(err, 404) {
		return nil
	}
	if err != nil {
		p.t.Fatal(err)
	}
	var o object
	if err := res.Decode(&o); err != nil {
		p.t.Fatal(err)
	}
	return o
}

// Stopped after any number of requests, what is there is a start: running
// again makes the rest.
func TestStoppedAndRunAgain(t *testing.T) {
	p := acmePlace(t)
	p.fresh()
	for round, limit := range []int64{1, 3, 8, 12, 12} {
		w := p.plan(acme)
		if w.plan.Empty() {
			t.Fatalf("round %d: everything was done by %d requests; the test wants more rounds", round, limit)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var n atomic.Int64
		p.mu.Lock()
		p.onSend = func(x keycloak.Exchange) {
			if x.Method != "GET" && strings.HasPrefix(x.Path, "/admin/") && n.Add(1) == limit {
				cancel()
			}
		}
		p.mu.Unlock()
		res, err := p.run(ctx, w)
		p.mu.Lock()
		p.onSend = nil
		p.mu.Unlock()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("round %d: error %v, want that it was stopped", round, err)
		}
		if got := len(res.Done) + len(res.Failed) + len(res.Skipped); got != len(w.plan.Changes) {
			t.Errorf("round %d: %d done, %d failed, %d skipped of %d: every change has to be accounted for",
				round, len(res.Done), len(res.Failed), len(res.Skipped), len(w.plan.Changes))
		}
		for _, f := range res.Failed {
			if !errors.Is(f.Err, context.Canceled) {
				t.Errorf("round %d: %v", round, f.Err)
			}
		}
		t.Logf("round %d: %d of %d done", round, len(res.Done), len(w.plan.Changes))
		cancel()
	}
	p.apply(acme)
}

// What somebody else changed between plan and apply is left alone and told.
func TestChangedMeanwhile(t *testing.T) {
	p := acmePlace(t)
	p.apply(acme)
	next := replaced(acme, "redirectUris: [\"https://web.acme.example/*\"]", "redirectUris: [\"https://new.acme.example/*\"]\n  name: Web",
		"composites: {realm: [auditor]}", "composites: {realm: []}",
		"attributes: {site: [hq]}", "attributes: {site: [lab]}")
	w := p.plan(next)
	id := p.client("web")["id"].(string)
	p.send("PUT", "/clients/"+id, object{"redirectUris": []any{"https://other.acme.example/*"}})
	user := p.get("/roles/user").(object)["id"].(string)
	offline := p.get("/roles/offline_access").(object)
	p.send("POST", "/roles-by-id/"+user+"/composites", []any{offline})
	res, err := p.run(context.Background(), w)
	if err == nil || len(res.Failed) != 2 {
		t.Fatalf("error %v, failed %v", err, res.Failed)
	}
	for _, f := range res.Failed {
		want := map[model.Address]string{"client/web": "client/web (", "role/user": "composites.realm"}[f.Change.Addr]
		if s := f.Err.Error(); !strings.Contains(s, want) || !strings.Contains(s, "changed on the server since the plan") || !strings.Contains(s, "plan again") {
			t.Errorf("the error is %s", s)
		}
	}
	web := p.client("web")
	if web["name"] == "Web" || fmt.Sprint(web["redirectUris"]) != "[https://other.acme.example/*]" {
		t.Errorf("client web was written all the same: %v", web)
	}
	if got := lookup(p.group("/staff"), "/attributes/site"); fmt.Sprint(got) != "[lab]" {
		t.Errorf("what nobody touched was not done: %v", got)
	}
	if res.Verified != true {
		t.Error("what was done is as planned, and is verified apart from what failed")
	}
	p.apply(next)
}

// A change of a field that the plan does not touch is kept: the whole object
// is written, but as the server has it by then.
func TestOthersFieldsStay(t *testing.T) {
	p := acmePlace(t)
	p.apply(acme)
	w := p.plan(replaced(acme, "redirectUris:", "name: Web\n  redirectUris:"))
	id := p.client("web")["id"].(string)
	p.send("PUT", "/clients/"+id, object{"description": "by hand", "attributes": object{"by": "hand"}})
	p.send("POST", "/clients/"+id+"/protocol-mappers/models", object{"name": "by-hand", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper"})
	res, err := p.run(context.Background(), w)
	if len(res.Failed) > 0 {
		t.Fatal(res.Failed)
	}
	// The mapper was not there for the plan, and the file shows the list.
	byHand := func(c *diff.Change) bool { return c.Addr == "client/web/protocol-mapper/by-hand" }
	if err == nil || res.Remaining == nil || !slices.ContainsFunc(res.Remaining.Changes, byHand) {
		t.Errorf("error %v, remaining %v: a mapper that nobody planned has to be told", err, res.Remaining)
	}
	web := p.client("web")
	if web["description"] != "by hand" || lookup(web, "/attributes/by") != "hand" || find(web["protocolMappers"], "name", "by-hand") == nil {
		t.Errorf("somebody else's work is lost: %v", web)
	}
}

// What the realm's representation shows of other objects is not written along
// with the realm: who writes these at the same moment loses nothing.
func TestRealmTakesNothingAlong(t *testing.T) {
	p := acmePlace(t)
	p.apply("enabled: true")
	w := p.plan("displayName: Acme")
	other, err := keycloak.New(keycloak.Options{URL: p.URL(), Username: os.Getenv("KCSYNC_TEST_USERNAME"), Password: os.Getenv("KCSYNC_TEST_PASSWORD")})
	if err != nil {
		t.Fatal(err)
	}
	profiles := object{"profiles": []any{object{"name": "by hand", "executors": []any{}}}}
	var once sync.Once
	p.onSend = func(x keycloak.Exchange) {
		if x.Method == "GET" && x.Path == p.path("") {
			once.Do(func() {
				if _, err := other.Do(context.Background(), keycloak.Request{Method: "PUT", Path: p.path("/client-policies/profiles"), Body: profiles}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	if _, err := p.run(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	if find(p.get("/client-policies/profiles").(object)["profiles"], "name", "by hand") == nil {
		t.Error("the profile that somebody made between reading and writing the realm is lost")
	}
}

// What the realm names may get another name between reading and writing it.
func TestRealmLeavesNames(t *testing.T) {
	p := acmePlace(t)
	p.apply("groups: [{name: staff}]\ndefaultGroups: [/staff]")
	w := p.plan("displayName: Acme")
	other, err := keycloak.New(keycloak.Options{URL: p.URL(), Username: os.Getenv("KCSYNC_TEST_USERNAME"), Password: os.Getenv("KCSYNC_TEST_PASSWORD")})
	if err != nil {
		t.Fatal(err)
	}
	staff := p.path("/groups/" + p.group("/staff")["id"].(string))
	var once sync.Once
	var puts atomic.Int64
	p.onSend = func(x keycloak.Exchange) {
		if x.Method == "PUT" && x.Path == p.path("") {
			puts.Add(1)
		}
		if x.Method == "GET" && x.Path == p.path("") {
			once.Do(func() {
				if _, err := other.Do(context.Background(), keycloak.Request{Method: "PUT", Path: staff, Body: object{"name": "crew"}}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	if _, err := p.run(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	if n := puts.Load(); n != 1 {
		t.Errorf("the realm was written %d times", n)
	}
	if realm := p.get("").(object); realm["displayName"] != "Acme" || fmt.Sprint(realm["defaultGroups"]) != "[/crew]" {
		t.Errorf("displayName %v, defaultGroups %v", realm["displayName"], realm["defaultGroups"])
	}
}

// A failure is told with the object and its place, keeps secrets, and stops
// only what depends on it.
func TestFailure(t *testing.T) {
	p := acmePlace(t)
	p.env["WEB"] = "javascript:secret"
	res, err := p.run(context.Background(), p.plan(`
enabled: true
clients:
- clientId: web
  rootUrl: ${env:WEB}
  roles: [{name: viewer}]
  protocolMappers:
  - {name: sub, protocolMapper: oidc-sub-mapper}
- clientId: api
  protocolMappers:
  - {name: good, protocolMapper: oidc-sub-mapper}
  - {name: bad, protocolMapper: no-such-mapper}
groups:
- {name: viewers, clientRoles: {web: [viewer]}}
- {name: others}
`))
	if err == nil {
		t.Fatal("there is no error")
	}
	var failed, skipped []string
	for _, f := range res.Failed {
		failed = append(failed, string(f.Change.Addr))
		if s := f.Err.Error(); strings.Contains(s, "secret") && !strings.Contains(s, "(secret)") || !strings.Contains(s, "realm.yaml:") {
			t.Errorf("the error is %s", s)
		}
	}
	for _, s := range res.Skipped {
		skipped = append(skipped, s.Change.ID)
	}
	slices.Sort(failed)
	slices.Sort(skipped)
	if got := fmt.Sprint(failed); got != "[client/api/protocol-mapper/bad client/web]" {
		t.Errorf("failed %s: one bad mapper of two that go in one request fails alone", got)
	}
	if got := fmt.Sprint(skipped); !strings.Contains(got, "client/web/protocol-mapper/sub") || !strings.Contains(got, "client/web/role/viewer") || strings.Contains(got, "others") {
		t.Errorf("skipped %s", got)
	}
	if !res.Verified || p.group("/others") == nil {
		t.Error("the rest has to be done, and is verified")
	}
}

// A creation that was carried out before, by a request whose answer was lost,
// is recognized; an object that only has the name is not touched.
func TestCreatedBefore(t *testing.T) {
	p := acmePlace(t)
	p.apply("enabled: true")
	const files = `
enabled: true
clients:
- {clientId: ours, name: Ours, protocolMappers: [{name: a, protocolMapper: oidc-sub-mapper}, {name: b, protocolMapper: oidc-sub-mapper}]}
- {clientId: theirs, name: Theirs}
- {clientId: same, name: Same}
roles: {realm: [{name: ours, description: x, composites: {realm: [user]}}, {name: theirs, description: x}, {name: user}]}
groups: [{name: ours, subGroups: [{name: inner, attributes: {a: [b]}}]}]
identityProviders:
- {alias: google, providerId: google, config: {clientId: x, clientSecret: y}, mappers: [{name: m, identityProviderMapper: google-user-attribute-mapper, config: {jsonField: hd, userAttribute: x}}]}
`
	w := p.plan(files)
	realm := p.get("").(object)["id"].(string)
	clientID, mapperID := ownID(realm, "client/ours", 0), ownID(realm, "client/ours/protocol-mapper/a", 0)
	p.send("POST", "/clients", object{"id": clientID, "clientId": "ours", "name": "Ours"})
	p.send("POST", "/clients/"+clientID+"/protocol-mappers/models", object{"id": mapperID, "name": "a", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper"})
	p.send("POST", "/clients", object{"clientId": "theirs", "name": "Somebody"})
	p.send("POST", "/clients", object{"clientId": "same", "name": "Same"})
	p.send("POST", "/roles", object{"name": "ours", "description": "x"})
	p.send("POST", "/roles", object{"name": "theirs", "description": "y"})
	p.send("POST", "/groups", object{"name": "ours"})
	p.send("POST", "/groups/"+p.group("/ours")["id"].(string)+"/children", object{"name": "inner", "attributes": object{"a": []any{"b"}}})
	p.send("POST", "/identity-provider/instances", object{"alias": "google", "providerId": "google", "config": object{"clientId": "x", "clientSecret": "y"}})
	p.send("POST", "/identity-provider/instances/google/mappers", object{"id": ownID(realm, "identity-provider/google/identity-provider-mapper/m", 0), "name": "m",
		"identityProviderAlias": "google", "identityProviderMapper": "google-user-attribute-mapper", "config": object{"jsonField": "hd", "userAttribute": "x"}})
	res, _ := p.run(context.Background(), w)
	for _, f := range res.Failed {
		if !errors.Is(f.Err, errExists) || f.Change.Addr.Key() != "theirs" {
			t.Errorf("%v", f.Err)
		}
	}
	if len(res.Failed) != 2 {
		t.Errorf("%d failed, want the 2 that somebody else made", len(res.Failed))
	}
	if !res.Verified {
		t.Error("what is ours is finished and verified")
	}
	p.apply(files)
}

// lossy passes requests on and loses the first answer to every write but the
// creation of a realm: the server has done the work, and nobody knows.
func lossy(t *testing.T, server string) (address string, lost *atomic.Int64) {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]bool{}
	lost = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req, err := http.NewRequestWithContext(r.Context(), r.Method, server+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = r.Header
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer res.Body.Close()
		answer, _ := io.ReadAll(res.Body)
		write := r.Method != "GET" && strings.HasPrefix(r.URL.Path, "/admin/realms/") && !strings.HasSuffix(r.URL.Path, "/partial-export")
		mu.Lock()
		key := r.Method + r.URL.String() + string(body)
		lose := write && !seen[key] && res.StatusCode < 300
		seen[key] = true
		mu.Unlock()
		if lose {
			lost.Add(1)
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		w.Write(answer)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s.URL, lost
}

// Every write of an apply loses its answer, is sent again, and meets what it
// did itself: creations, updates, links, moves and deletes all recognize it.
func TestLostAnswers(t *testing.T) {
	p := acmePlace(t)
	address, lost := lossy(t, p.URL())
	c, err := keycloak.New(keycloak.Options{URL: address, Username: os.Getenv("KCSYNC_TEST_USERNAME"), Password: os.Getenv("KCSYNC_TEST_PASSWORD")})
	if err != nil {
		t.Fatal(err)
	}
	p.apply("enabled: true")
	for i, files := range []string{
		acme,
		replaced(acme, "{name: emea, subGroups: [{name: north, realmRoles: [auditor]}]}", "{name: emea, subGroups: []}",
			"- name: guests", "- {name: nord, previously: /staff/emea/north}\n- name: guests",
			"accessTokenLifespan: 600", "accessTokenLifespan: 700",
			"defaultClientScopes: [profile, tenant, phone, service_account]", "defaultClientScopes: [profile, tenant, service_account]\n  optionalClientScopes: [phone]"),
		"enabled: true\ndefaultGroups: []\nroles: {realm: []}\nclientScopes: []\nclients: []\ngroups: []\nidentityProviders: []",
	} {
		w := p.plan(files, prune)
		res, err := Run(context.Background(), c, w.plan, w.current, Options{Resolver: p.resolver(), Baseline: p.fresh(), Desired: w.desired})
		for _, f := range res.Failed {
			t.Errorf("step %d: %v", i, f.Err)
		}
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if again := p.plan(files, prune); !again.plan.Empty() {
			t.Errorf("step %d: the plan after the apply is not empty: %s", i, summary(again.plan.Changes))
		}
	}
	if lost.Load() < 50 {
		t.Errorf("only %d answers were lost", lost.Load())
	}
}

// What the server makes by itself in a new realm can be declared, renamed and
// linked like anything else, within the apply that makes the realm; also when
// nothing is known of what it makes.
func TestBuiltins(t *testing.T) {
	for _, blind := range []bool{false, true} {
		p := acmePlace(t)
		files := `
enabled: true
requiredCredentials: [password]
roles:
  realm:
  - {name: default-roles-REALM, composites: {realm: [offline_access, basic-user], client: {account: [view-profile]}}}
  - {name: basic-user}
  client: {account: [{name: delete-account, description: Leave}]}
clients:
- {clientId: account, name: My account, baseUrl: /realms/REALM/account/, redirectUris: ["/realms/REALM/account/*"]}
- {clientId: admin-cli, directAccessGrantsEnabled: false}
clientScopes:
- {name: mail, previously: email, protocol: openid-connect}
- name: profile
  protocol: openid-connect
  protocolMappers: [{name: username, protocol: openid-connect, protocolMapper: oidc-usermodel-attribute-mapper, config: {user.attribute: username, claim.name: preferred_username}}]
`
		files = strings.ReplaceAll(files, "REALM", p.realm)
		if !blind {
			p.apply(files)
			continue
		}
		w := p.plan(strings.Replace(files, "previously: email, ", "", 1), func(o *diff.Options) { o.Baseline = nil })
		w.current = model.NewState(p.realm)
		w.current.Missing = true
		var diags model.Diagnostics
		if w.plan, diags = diff.Compute(w.desired, w.current, diff.Options{}); diags.Errors() {
			t.Fatal(diags.Error())
		}
		// The plan takes everything for new, also what will be there. It
		// cannot know of parts that no file shows: those remain, and are told.
		res, err := p.run(context.Background(), w)
		if len(res.Failed) > 0 || err == nil || !strings.Contains(err.Error(), "client-scope/profile/protocol-mapper/") {
			t.Error(err, res.Failed)
		}
		p.apply(strings.Replace(files, "previously: email, ", "", 1))
	}
}

// A name that a renamed object has left is free, also for the id that goes
// with it.
func TestNameHandedOn(t *testing.T) {
	p := acmePlace(t)
	p.apply("enabled: true\nclients: [{clientId: web}]")
	p.apply("enabled: true\nclients: [{clientId: portal, previously: web}]")
	p.apply("enabled: true\nclients: [{clientId: portal}, {clientId: web}, {clientId: third}]")
}

// What only a replacement can change is deleted and made anew, with all that
// was below it.
func TestReplace(t *testing.T) {
	p := acmePlace(t)
	const files = `
enabled: true
clients: [{clientId: web, protocolMappers: [{name: a, protocolMapper: oidc-sub-mapper}]}]
identityProviders:
- {alias: corp, providerId: google, config: {clientId: x, clientSecret: y}, mappers: [{name: m, identityProviderMapper: oidc-hardcoded-role-idp-mapper, config: {role: offline_access}}]}
`
	p.apply(files)
	p.apply(replaced(files, "name: a,", "name: b, previously: a,", "providerId: google", "providerId: github"),
		func(o *diff.Options) { o.Replace = map[model.Address]bool{"identity-provider/corp": true} })
}

// Changing a client's protocol resets its scopes; what is declared is put
// back within the same apply.
func TestVariant(t *testing.T) {
	p := acmePlace(t)
	p.apply("enabled: true\nclients: [{clientId: web, protocol: openid-connect, defaultClientScopes: [email]}]\nclientScopes: [{name: s, protocol: saml}]")
	p.apply("enabled: true\nclients: [{clientId: web, protocol: saml, defaultClientScopes: [s]}]\nclientScopes: [{name: s, protocol: saml}]")
}
