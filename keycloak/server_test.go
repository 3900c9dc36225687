package keycloak

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// server returns how to sign in to the Keycloak that these tests run against, as its administrator.
func server(t *testing.T) Options {
	t.Helper()
	o := Options{URL: os.Getenv("KCSYNC_TEST_URL"), Username: os.Getenv("KCSYNC_TEST_USERNAME"), Password: os.Getenv("KCSYNC_TEST_PASSWORD")}
	if o.URL == "" {
		t.Fatal("KCSYNC_TEST_URL names no Keycloak to test against: run scripts/test, which starts one")
	}
	return o
}

// A place is a realm of a test's own, gone after it, and its administrator's client.
type place struct {
	*Client
	t     *testing.T
	realm string
	opts  Options // to sign in to it: the rest is for the test to say
}

func newPlace(t *testing.T, settings map[string]any) *place {
	t.Helper()
	o := server(t)
	p := &place{Client: newClient(t, o), t: t, realm: "keycloak-test-" + strings.ToLower(rand.Text()[:10])}
	p.opts = Options{URL: o.URL, AuthRealm: p.realm}
	body := map[string]any{"realm": p.realm, "enabled": true}
	for k, v := range settings {
		body[k] = v
	}
	p.send("POST", "/admin/realms", body)
	t.Cleanup(func() {
		if _, err := p.Do(context.Background(), Request{Method: "DELETE", Path: p.path()}); err != nil {
			t.Error(err)
		}
		p.SignOut(context.Background())
	})
	return p
}

func (p *place) path(segments ...string) string {
	return Path(append([]string{"admin", "realms", p.realm}, segments...)...)
}

func (p *place) send(method, path string, body any) *Response {
	p.t.Helper()
	res, err := p.Do(p.t.Context(), Request{Method: method, Path: path, Body: body})
	if err != nil {
		p.t.Fatal(err)
	}
	return res
}

func (p *place) client(fields map[string]any) (id string) {
	p.t.Helper()
	return p.send("POST", p.path("clients"), fields).LocationID()
}

func (p *place) user(name string, fields map[string]any) (id string) {
	p.t.Helper()
	body := map[string]any{"username": name, "enabled": true, "email": name + "@acme.example", "firstName": name, "lastName": name,
		"credentials": []any{map[string]any{"type": "password", "value": "hush"}}}
	for k, v := range fields {
		body[k] = v
	}
	return p.send("POST", p.path("users"), body).LocationID()
}

// rule makes a user an administrator of the realm.
func (p *place) rule(user string) {
	p.t.Helper()
	var clients, roles []any
	if err := p.Get(p.t.Context(), p.path("clients"), url.Values{"clientId": {"realm-management"}}, &clients); err != nil {
		p.t.Fatal(err)
	}
	id := clients[0].(map[string]any)["id"].(string)
	var role any
	if err := p.Get(p.t.Context(), p.path("clients", id, "roles", "realm-admin"), nil, &role); err != nil {
		p.t.Fatal(err)
	}
	p.send("POST", p.path("users", user, "role-mappings", "clients", id), append(roles, role))
}

func (p *place) serviceAccount(client string) (user string) {
	p.t.Helper()
	var u map[string]any
	if err := p.Get(p.t.Context(), p.path("clients", client, "service-account-user"), nil, &u); err != nil {
		p.t.Fatal(err)
	}
	return u["id"].(string)
}

func TestUser(t *testing.T) {
	c := newClient(t, server(t))
	if err := c.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := c.ServerInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if on, known := info.Features["ORGANIZATION"]; !strings.HasPrefix(info.Version, "26.") || !known || !on || info.Raw["componentTypes"] == nil {
		t.Errorf("server info: version %q, features %v", info.Version, info.Features)
	}
	token := c.session.access
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = newClient(t, Options{URL: c.URL(), Token: token}).Get(t.Context(), "/admin/serverinfo", nil, new(any))
	if !IsStatus(err, 401) || !strings.Contains(err.Error(), "its session has ended") {
		t.Errorf("with a token of a session that was ended: %v", err)
	}
}

// A service account sends the same requests whether its client is in master or in the realm it works on.
func TestServiceAccount(t *testing.T) {
	p := newPlace(t, nil)
	id := p.client(map[string]any{"clientId": "robot", "secret": "hush", "serviceAccountsEnabled": true})
	own := p.opts
	own.ClientID, own.ClientSecret = "robot", "hush"
	c := newClient(t, own)

	_, err := c.ServerInfo(t.Context())
	if !IsStatus(err, 403) || !strings.Contains(err.Error(), "realm-management") {
		t.Errorf("server info without any right: %v", err)
	}
	p.rule(p.serviceAccount(id))
	if err := c.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := c.ServerInfo(t.Context()); err != nil || info.Version == "" {
		t.Errorf("server info as realm-admin: %v %v", info, err)
	}
	var realm map[string]any
	if err := c.Get(t.Context(), p.path(), nil, &realm); err != nil || realm["accessTokenLifespan"] != int64(300) {
		t.Errorf("realm: %v, accessTokenLifespan %#v", err, realm["accessTokenLifespan"])
	}

	master := &place{Client: p.Client, t: t, realm: "master"}
	id = master.client(map[string]any{"clientId": p.realm, "secret": "hush", "serviceAccountsEnabled": true})
	defer master.send("DELETE", master.path("clients", id), nil)
	var role any
	if err := p.Get(t.Context(), master.path("roles", "admin"), nil, &role); err != nil {
		t.Fatal(err)
	}
	master.send("POST", master.path("users", master.serviceAccount(id), "role-mappings", "realm"), []any{role})
	c = newClient(t, Options{URL: own.URL, ClientID: p.realm, ClientSecret: "hush"})
	if err := c.Get(t.Context(), p.path("clients"), nil, new(any)); err != nil {
		t.Error(err)
	}
}

// An administrator's token serves for a realm that it has created, renewed or not.
func TestRenew(t *testing.T) {
	p := newPlace(t, nil)
	old := p.session.access
	if err := p.Renew(t.Context()); err != nil || p.session.access == old {
		t.Errorf("%v, a new token: %t", err, p.session.access != old)
	}
	if err := p.Get(t.Context(), p.path("clients"), nil, new(any)); err != nil {
		t.Error(err)
	}
	given := newClient(t, Options{URL: p.URL(), Token: old})
	if err := given.Get(t.Context(), p.path("clients"), nil, new(any)); err != nil {
		t.Error(err)
	}
	if err := given.Renew(t.Context()); err == nil {
		t.Error("a given token was renewed")
	}
}

// Eight goroutines work on while the access token ends, and through the end of the session.
func TestRefresh(t *testing.T) {
	p := newPlace(t, map[string]any{"accessTokenLifespan": 4})
	user := p.user("ada", nil)
	p.rule(user)
	var tokens, refused atomic.Int32
	o := p.opts
	o.Username, o.Password = "ada", "hush"
	o.Trace = func(x Exchange) {
		if x.Method == "POST" {
			tokens.Add(1)
		}
		if x.Status == 401 {
			refused.Add(1)
		}
	}
	c := newClient(t, o)
	work := func(d time.Duration) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
					if err := c.Get(t.Context(), p.path(), nil, new(any)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	work(7 * time.Second)
	if n := tokens.Load(); n < 2 || n > 3 || refused.Load() > 0 {
		t.Errorf("%d tokens in 7 s, each for 3 s; %d requests refused", n, refused.Load())
	}
	if err := c.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	tokens.Store(0)
	p.send("POST", p.path("users", user, "logout"), nil)
	work(100 * time.Millisecond)
	if n := tokens.Load(); n != 2 || refused.Load() < 1 {
		t.Errorf("after the session's end: %d requests for tokens, want a refused refresh and a sign-in; %d requests refused", n, refused.Load())
	}
}

func TestSignInErrors(t *testing.T) {
	p := newPlace(t, nil)
	p.user("ada", nil)
	p.user("bob", map[string]any{"enabled": false})
	p.user("cyd", map[string]any{"requiredActions": []any{"UPDATE_PASSWORD"}})
	p.client(map[string]any{"clientId": "web", "secret": "hush", "directAccessGrantsEnabled": true})
	p.client(map[string]any{"clientId": "robot", "secret": "hush", "serviceAccountsEnabled": true, "directAccessGrantsEnabled": false})
	p.client(map[string]any{"clientId": "off", "secret": "hush", "serviceAccountsEnabled": true, "enabled": false})
	p.client(map[string]any{"clientId": "app", "publicClient": true})
	ssl := newPlace(t, map[string]any{"sslRequired": "all"})
	off := newPlace(t, map[string]any{"enabled": false})

	user := func(name, client, secret string) Options {
		return Options{URL: p.URL(), AuthRealm: p.realm, Username: name, Password: "hush", ClientID: client, ClientSecret: secret}
	}
	robot := func(client, secret string) Options {
		return Options{URL: p.URL(), AuthRealm: p.realm, ClientID: client, ClientSecret: secret}
	}
	in := func(realm string) Options {
		return Options{URL: p.URL(), AuthRealm: realm, Username: "ada", Password: "hush"}
	}
	at := func(url string) Options { return Options{URL: url, Username: "ada", Password: "hush"} }
	wrong := user("ada", "", "")
	wrong.Password = "hush-hush"
	for _, tt := range []struct {
		why  string
		o    Options
		want string
	}{
		{"all well", user("ada", "web", "hush"), ""},
		{"wrong password", wrong, "check user name and password"},
		{"no such user", user("eve", "", ""), "check user name and password"},
		{"user switched off", user("bob", "", ""), "the user is switched off"},
		{"required action", user("cyd", "", ""), "log in to the account console once"},
		{"no such client", user("ada", "nope", ""), "has no enabled client nope"},
		{"client switched off", robot("off", "hush"), "has no enabled client off"},
		{"no secret", user("ada", "web", ""), "this client needs its secret"},
		{"wrong secret", robot("robot", "hush-hush"), "check the client secret"},
		{"no direct access grants", user("ada", "robot", "hush"), `switch on "Direct access grants"`},
		{"no service account", robot("web", "hush"), `switch on "Service account roles"`},
		{"public client", robot("app", "hush"), "this client has no secret"},
		{"no such realm", in("nope-" + p.realm), "this server has no realm nope-"},
		{"realm switched off", in(off.realm), "the authentication realm is switched off"},
		{"realm wants https", in(ssl.realm), "use an https address"},
		{"copied from the admin console", at(p.URL() + "/admin/master/console"), "Keycloak answers below " + p.URL() + ":"},
		{"copied from a login page", at(p.URL() + "/realms/master/account"), "Keycloak answers below " + p.URL() + ":"},
		{"a context path too many", at(p.URL() + "/auth"), "Keycloak answers below " + p.URL() + ":"},
	} {
		err := newClient(t, tt.o).SignIn(t.Context())
		if tt.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v\nwant %q", tt.why, err, tt.want)
		} else if testing.Verbose() {
			t.Logf("%s: %v", tt.why, err)
		}
	}

	// A wrong password is sent once, however many requests wait for a token.
	var asked atomic.Int32
	wrong.Trace = func(Exchange) { asked.Add(1) }
	c := newClient(t, wrong)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := c.Get(t.Context(), "/admin/serverinfo", nil, new(any)); !IsStatus(err, 400, 401) {
				t.Error(err)
			}
		})
	}
	if all.Wait(); asked.Load() != 1 {
		t.Errorf("a wrong password was sent %d times", asked.Load())
	}
}

// The server below a context path, by a proxy that sets nothing else.
func TestContextPath(t *testing.T) {
	o := server(t)
	target, _ := url.Parse(o.URL)
	proxy := httptest.NewServer(http.StripPrefix("/auth", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}))
	defer proxy.Close()
	o.URL = proxy.URL + "/auth/"
	c := newClient(t, o)
	if _, err := c.ServerInfo(t.Context()); err != nil {
		t.Error(err)
	}
	o.URL = proxy.URL
	err := newClient(t, o).SignIn(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Keycloak answers below "+proxy.URL+"/auth: use this") {
		t.Errorf("without the context path: %v", err)
	}
	err = newClient(t, Options{URL: proxy.URL, Token: "t"}).SignIn(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Keycloak answers below "+proxy.URL+"/auth: use this") {
		t.Errorf("without the context path, with a token: %v", err)
	}

	// A token is good under the host that it was issued for only.
	other := newClient(t, Options{URL: server(t).URL, Token: c.session.access})
	if err = other.Get(t.Context(), "/admin/serverinfo", nil, new(any)); !IsStatus(err, 401) || !strings.Contains(err.Error(), "issued under "+proxy.URL) {
		t.Errorf("under another host: %v", err)
	}
}

func TestClientPages(t *testing.T) {
	p := newPlace(t, nil)
	var all sync.WaitGroup
	for k := range 8 {
		all.Go(func() {
			for i := range 15 {
				_, err := p.Do(t.Context(), Request{Method: "POST", Path: p.path("clients"), Body: map[string]any{"clientId": fmt.Sprintf("c%d-%02d", k, i)}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ids := map[any]bool{}
	err := p.Pages(t.Context(), p.path("clients"), nil, 25, 8, func(page int, body []any) error {
		if page < 5 && len(body) != 25 {
			t.Errorf("page %d holds %d", page, len(body))
		}
		for _, c := range body {
			ids[c.(map[string]any)["clientId"]] = true
		}
		return nil
	})
	if err != nil || len(ids) != 126 || !ids["c7-14"] || !ids["realm-management"] { // 6 are built in
		t.Errorf("%d clients, %v", len(ids), err)
	}
}

// A request that is cancelled returns at once, and the client goes on serving.
func TestCancelAtServer(t *testing.T) {
	c := newClient(t, server(t))
	if err := c.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Get(ctx, "/admin/serverinfo", nil, new(any)); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Error(err)
	}
	if _, err := c.ServerInfo(t.Context()); err != nil {
		t.Error(err)
	}
}
