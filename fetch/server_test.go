package fetch

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// place is a realm of a test's own, gone after it, and its administrator.
type place struct {
	*keycloak.Client
	t     *testing.T
	realm string

	mu   sync.Mutex
	sent []keycloak.Exchange
}

type object = map[string]any
type objects = []any

func newPlace(t *testing.T, settings object) *place {
	t.Helper()
	p := &place{t: t, realm: "fetch-test-" + strings.ToLower(rand.Text()[:10])}
	o := keycloak.Options{URL: os.Getenv("KCSYNC_TEST_URL"), Username: os.Getenv("KCSYNC_TEST_USERNAME"), Password: os.Getenv("KCSYNC_TEST_PASSWORD")}
	if o.URL == "" {
		t.Fatal("KCSYNC_TEST_URL names no Keycloak to test against: run scripts/test, which starts one")
	}
	o.Trace = p.trace
	p.Client = p.newClient(o)
	body := object{"realm": p.realm, "enabled": true}
	for k, v := range settings {
		body[k] = v
	}
	p.send("POST", "/admin/realms", body)
	t.Cleanup(func() {
		if _, err := p.Do(context.Background(), keycloak.Request{Method: "DELETE", Path: p.path("")}); err != nil {
			t.Error(err)
		}
		p.SignOut(context.Background())
	})
	return p
}

func (p *place) newClient(o keycloak.Options) *keycloak.Client {
	p.t.Helper()
	c, err := keycloak.New(o)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

func (p *place) trace(x keycloak.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, x)
}

// requests returns what was sent since the last call, sign-in left out.
func (p *place) requests() []keycloak.Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := slices.DeleteFunc(p.sent, func(x keycloak.Exchange) bool { return strings.HasPrefix(x.Path, "/realms/") })
	p.sent = nil
	return sent
}

// path returns a path below the realm's, which is escaped already.
func (p *place) path(below string) string {
	if below == "" {
		return keycloak.Path("admin", "realms", p.realm)
	}
	return keycloak.Path("admin", "realms", p.realm) + "/" + below
}

func (p *place) send(method, path string, body any) *keycloak.Response {
	p.t.Helper()
	res, err := p.Do(p.t.Context(), keycloak.Request{Method: method, Path: path, Body: body})
	if err != nil {
		p.t.Fatal(err)
	}
	return res
}

// post creates something in the realm and returns its id.
func (p *place) post(path string, body any) string {
	p.t.Helper()
	return p.send("POST", p.path(path), body).LocationID()
}

func (p *place) get(path string, query ...string) any {
	p.t.Helper()
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	var v any
	if err := p.Get(p.t.Context(), p.path(path), q, &v); err != nil {
		p.t.Fatal(err)
	}
	return v
}

// client returns the id of a client.
func (p *place) clientID(name string) string {
	p.t.Helper()
	list := p.get("clients", "clientId", name).(objects)
	return list[0].(object)["id"].(string)
}

func (p *place) state(w Want) *model.State {
	p.t.Helper()
	s, notes, err := State(p.t.Context(), p.Client, p.realm, w)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(notes) > 0 {
		p.t.Error(notes)
	}
	return s
}

// account makes a client whose service account has roles of the realm's
// administration, and returns a client that signs in as it.
func (p *place) account(name string, roles ...string) *keycloak.Client {
	p.t.Helper()
	p.post("clients", object{"clientId": name, "secret": "s", "serviceAccountsEnabled": true})
	user := p.get("users", "username", "service-account-"+name, "exact", "true").(objects)[0].(object)["id"].(string)
	rm := p.clientID("realm-management")
	var reps objects
	for _, r := range roles {
		reps = append(reps, p.get("clients/"+rm+"/roles/"+r))
	}
	if len(reps) > 0 {
		p.send("POST", p.path("users/"+user+"/role-mappings/clients/"+rm), reps)
	}
	return p.newClient(keycloak.Options{URL: p.URL(), AuthRealm: p.realm, ClientID: name, ClientSecret: "s", Trace: p.trace})
}

// filled is a realm with something of every kind.
func filled(t *testing.T) *place {
	p := newPlace(t, object{"smtpServer": object{"host": "mail", "from": "a@b.example", "auth": "true", "user": "u", "password": "hush"}})
	p.post("roles", object{"name": "a/b", "attributes": object{"x": objects{"1", "2"}}})
	p.post("roles", object{"name": "boss"})
	p.post("client-scopes", object{"name": "tenant", "protocol": "openid-connect", "protocolMappers": objects{mapper("t")}})
	p.post("clients", object{"clientId": "Shop/x", "serviceAccountsEnabled": true, "protocolMappers": objects{mapper("b"), mapper("a")},
		"authenticationFlowBindingOverrides": object{"browser": p.find("authentication/flows", "alias", "registration")}})
	shop := p.clientID("Shop/x")
	p.post("clients/"+shop+"/roles", object{"name": "admin"})
	admin := p.get("clients/" + shop + "/roles/admin")
	p.send("POST", p.path("roles/boss/composites"), objects{admin, p.get("roles/a%2Fb")})
	scope := p.find("client-scopes", "name", "tenant")
	p.send("POST", p.path("client-scopes/"+scope+"/scope-mappings/clients/"+shop), objects{admin})
	p.send("POST", p.path("clients/"+shop+"/scope-mappings/realm"), objects{p.get("roles/boss")})
	user := p.get("users", "username", "service-account-shop/x", "exact", "true").(objects)[0].(object)["id"].(string)
	p.send("POST", p.path("users/"+user+"/role-mappings/clients/"+shop), objects{admin})

	sales := p.post("groups", object{"name": "sales"})
	emea := p.post("groups/"+sales+"/children", object{"name": "e/m 100%"})
	p.send("POST", p.path("groups/"+emea+"/role-mappings/realm"), objects{p.get("roles/boss")})
	p.send("PUT", p.path("default-groups/"+emea), nil)
	p.send("PUT", p.path("users/"+user+"/groups/"+emea), nil)

	p.post("identity-provider/instances", object{"alias": "google", "providerId": "google", "config": object{"clientId": "c", "clientSecret": "hush"}})
	p.post("identity-provider/instances/google/mappers", object{"name": "m", "identityProviderAlias": "google",
		"identityProviderMapper": "oidc-hardcoded-role-idp-mapper", "config": object{"role": "boss"}})
	return p
}

func (p *place) find(list, key, name string) string {
	p.t.Helper()
	for _, e := range p.get(list).(objects) {
		if e.(object)[key] == name {
			return e.(object)["id"].(string)
		}
	}
	p.t.Fatalf("%s has no %s", list, name)
	return ""
}

func mapper(name string) object {
	return object{"name": name, "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
		"config": object{"claim.name": name, "claim.value": "v"}}
}

// bulk sends many creations, eight at a time.
func (p *place) bulk(n int, path func(int) string, body func(int) object) {
	p.t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range n {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if _, err := p.Do(p.t.Context(), keycloak.Request{Method: http.MethodPost, Path: p.path(path(i)), Body: body(i)}); err != nil {
				p.t.Error(err)
			}
		})
	}
	wg.Wait()
}

// show lists requests with how often each was made.
func show(sent []keycloak.Exchange) string {
	count := map[string]int{}
	for _, x := range sent {
		u := x.Method + " " + x.Path
		if x.Query != "" {
			u += "?" + x.Query
		}
		count[u]++
	}
	var lines []string
	for u, n := range count {
		lines = append(lines, fmt.Sprintf("%3d %s", n, u))
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(a[4:], b[4:]) })
	return strings.Join(lines, "\n")
}
