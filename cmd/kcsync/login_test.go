package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
)

// TestPeopleLogIn lets people sign in without pause, in every way, through
// flows that are changed, renamed and rebuilt meanwhile and give way to
// others. Some have begun before each change and go on after it. Nobody may
// meet an error, though some of those who stood at a step that went may have
// to begin again; and nobody may get in who does not know the password.
func TestPeopleLogIn(t *testing.T) {
	c := testServer(t)
	realm := realmName("login")
	t.Cleanup(func() { removeRealms(c, realm) })
	makeUpstream(t, c, realm)
	dir := filepath.Join(t.TempDir(), realm)
	place := strings.NewReplacer("REALM", realm, "SERVER", os.Getenv("KCSYNC_TEST_URL"))
	files := maps.Clone(flowsBefore)
	write := func(change map[string]string) {
		t.Helper()
		maps.Copy(files, change)
		for name, text := range files {
			path := filepath.Join(dir, name)
			if text == "" {
				os.Remove(path)
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(place.Replace(text)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		applyFiles(t, "--prune", dir)
	}
	write(nil)
	for _, change := range flowChanges {
		crowd := newCrowd(t, c, realm)
		crowd.comeBefore()
		crowd.comeMeanwhile(func() { write(change.files) })
		crowd.report(change.why)
		if t.Failed() {
			t.Fatalf("%s broke logins", change.why)
		}
	}
}

// makeUpstream makes the realm in which those have their accounts whom the
// identity provider "upstream" sends.
func makeUpstream(t *testing.T, c *keycloak.Client, realm string) {
	t.Helper()
	t.Setenv("KCSYNC_TEST_BROKER", "known")
	upstream := map[string]any{"realm": realm + "-one", "enabled": true, "sslRequired": "none", "passwordPolicy": quickPasswords, "clients": []any{
		map[string]any{"clientId": "broker", "secret": "known", "redirectUris": []any{"*"}},
	}}
	if _, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms", Body: upstream}); err != nil {
		t.Fatal(err)
	}
}

// crowd are the people who sign in while one change is made.
type crowd struct {
	*testing.T
	c     *keycloak.Client
	realm string
	begun []*person

	mu     sync.Mutex
	logins map[string]int
	again  map[string]int
}

func newCrowd(t *testing.T, c *keycloak.Client, realm string) *crowd {
	return &crowd{T: t, c: c, realm: realm, logins: map[string]int{}, again: map[string]int{}}
}

// comes makes somebody who goes as far as people stand before a change.
func (w *crowd) comes(way way) *person {
	p, err := newPerson(w.c, w.realm, way)
	if err == nil {
		err = p.begin()
	}
	if err != nil {
		w.Errorf("%s: %v", way.name, err)
		return nil
	}
	return p
}

// goes lets somebody go on.
func (w *crowd) goes(p *person) {
	again, err := p.finish()
	if err != nil {
		w.Errorf("%s: %v", p.way.name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logins[p.way.name]++
	if again {
		w.again[p.way.name]++
	}
}

func (w *crowd) comeBefore() {
	for _, way := range waysIn {
		for range 2 {
			if p := w.comes(way); p != nil {
				w.begun = append(w.begun, p)
			}
		}
	}
}

// comeMeanwhile lets people come and go in every way until a change is made
// and those who had begun are done.
func (w *crowd) comeMeanwhile(change func()) {
	stop := make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait()
	defer close(stop)
	on := func(visit func()) {
		all.Go(func() {
			for !w.Failed() {
				select {
				case <-stop:
					return
				default:
					visit()
				}
			}
		})
	}
	for _, way := range waysIn {
		on(func() {
			if p := w.comes(way); p != nil {
				w.goes(p)
			}
		})
	}
	for _, way := range waysIn[:2] {
		on(func() { w.asks(way) })
	}
	on(w.intrudes)
	change()
	for _, p := range w.begun {
		w.goes(p)
	}
}

// asks gets a token by the direct grant.
func (w *crowd) asks(way way) {
	p, err := newPerson(w.c, w.realm, way)
	if err == nil {
		err = p.grant()
	}
	if err != nil {
		w.Errorf("direct grant with %s: %v", way.name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logins["direct grant"]++
}

// intrudes tries to get in without the password.
func (w *crowd) intrudes() {
	p := w.comes(waysIn[0])
	if p == nil {
		return
	}
	p.password = "guess"
	if err := p.grant(); err == nil {
		w.Error("a token was given for a wrong password")
	}
	if back, err := p.next(); err != nil || back != "" {
		w.Errorf("a wrong password led to %q, %v", back, err)
	}
}

func (w *crowd) report(why string) {
	w.Logf("%s: %v logins, of which began again: %v", why, w.logins, w.again)
}
