package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
)

// TestPeopleLogIn lets people sign in without pause, in every way, through
// flows that are changed, renamed and rebuilt meanwhile and give way to
// others. Some have begun before each change and go on after it. Nobody may
// meet an error of whom the plan does not say so, though some of those who stood
// at a step that went may have to begin again; and nobody may get in who does not
// know the password.
func TestPeopleLogIn(t *testing.T) {
	c := testServer(t)
	realm := realmName("login")
	t.Cleanup(func() { removeRealms(c, realm) })
	makeUpstream(t, c, realm)
	post := &mailServer{}
	port, stop, err := post.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	dir := filepath.Join(t.TempDir(), realm)
	place := strings.NewReplacer("REALM", realm, "SERVER", os.Getenv("KCSYNC_TEST_URL"), "MAILS", strconv.Itoa(port))
	files := maps.Clone(webOfLogins)
	flows := maps.Clone(flowsBefore)
	write := func(change flowChange) (said string) {
		t.Helper()
		for _, field := range flowBindings {
			to, now := change.to[field], flows[field]
			previously := ""
			if to.alias != "" && to.alias != now.alias {
				if change.how != kept {
					files[fileOf(now.alias)] = ""
				}
				if change.how == renamed {
					previously = "previously: " + now.alias + "\n"
				}
				now.alias = to.alias
			}
			if to.executions != "" {
				now.executions = to.executions
			}
			flows[field] = now
			files[fileOf(now.alias)] = "alias: " + now.alias + "\n" + previously + now.executions
		}
		files["realm.yaml"] = realmOfLogins(flows)
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
		return applyFiles(t, "--prune", dir)
	}
	write(flowChange{})
	for _, change := range flowChanges {
		if change.why == "other steps" && !tellsCodes(c) {
			change.tells["directGrantFlow"] = []string{refusedBetween}
		}
		crowd := newCrowd(t, c, realm, post)
		crowd.comeBefore()
		crowd.comeMeanwhile(func() { crowd.told(write(change), change.tells) })
		crowd.report(change.why)
		if t.Failed() {
			t.Fatalf("%s broke logins", change.why)
		}
	}
}

func fileOf(alias string) string { return "authentication/flows/" + alias + ".yaml" }

// makeUpstream makes the realm in which those have their accounts whom the
// identity provider "upstream" sends.
func makeUpstream(t *testing.T, c *keycloak.Client, realm string) {
	t.Helper()
	t.Setenv("KCSYNC_TEST_BROKER", "known")
	upstream := map[string]any{"realm": realm + "-one", "enabled": true, "sslRequired": "none", "passwordPolicy": quickPasswords, "clients": []any{
		map[string]any{"clientId": "broker", "secret": "known", "redirectUris": []any{"*"}, "protocolMappers": []any{
			map[string]any{"name": "shop", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": map[string]any{
				"claim.name": "shop", "claim.value": "one", "id.token.claim": "true"}}}},
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
	post  *mailServer
	begun []*person

	mu     sync.Mutex
	logins map[string]int
	again  map[string]int
	failed map[string][]error // by the field that names the flow
	tells  map[string][]string
}

func newCrowd(t *testing.T, c *keycloak.Client, realm string, post *mailServer) *crowd {
	return &crowd{T: t, c: c, realm: realm, post: post, logins: map[string]int{}, again: map[string]int{}, failed: map[string][]error{}}
}

// flowOf returns the field that names the flow of a way.
func flowOf(way way) string {
	switch {
	case way.open == registrationPage:
		return "registrationFlow"
	case way.home != "":
		return "firstBrokerLoginFlow"
	case way.link != "":
		return "resetCredentialsFlow"
	}
	return "browserFlow"
}

// met keeps an error that somebody met.
func (w *crowd) met(flow string, who string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed[flow] = append(w.failed[flow], fmt.Errorf("%s: %w", who, err))
}

// told compares what a plan says of people who may meet an error with what is
// expected.
func (w *crowd) told(plan string, tells map[string][]string) {
	w.tells = tells
	var lines []string
	for line := range strings.Lines(plan) {
		said, ok := strings.CutPrefix(strings.TrimSpace(line), "! ")
		if ok && !strings.HasPrefix(said, "this loses") && (strings.Contains(said, "error") || strings.Contains(said, "refused")) {
			lines = append(lines, said)
		}
	}
	for _, s := range slices.Concat(slices.Collect(maps.Values(tells))...) {
		i := slices.IndexFunc(lines, func(said string) bool { return strings.Contains(said, s) })
		if i < 0 {
			w.Errorf("the plan does not say: %s\n%s", s, plan)
			continue
		}
		lines = slices.Delete(lines, i, i+1)
	}
	if len(lines) > 0 {
		w.Errorf("the plan says, too: %q", lines)
	}
}

// comes makes somebody who goes as far as people stand before a change.
func (w *crowd) comes(way way) *person {
	p, err := newPerson(w.c, w.realm, way)
	if err == nil {
		p.post = w.post
		err = p.begin()
	}
	if err != nil {
		w.met(flowOf(way), way.name, err)
		return nil
	}
	return p
}

// goes lets somebody go on.
func (w *crowd) goes(p *person) {
	again, err := p.finish()
	if err != nil {
		w.met(flowOf(p.way), p.way.name, err)
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
		w.met("directGrantFlow", "direct grant with "+way.name, err)
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
	failed := map[string]int{}
	for flow, errs := range w.failed {
		if failed[flow] = len(errs); w.tells[flow] == nil {
			w.Errorf("%s: %v", flow, errors.Join(errs...))
		}
	}
	w.Logf("%s: %v logins, of which began again: %v; who failed, as the plan says: %v", why, w.logins, w.again, failed)
}
