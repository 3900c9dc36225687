package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
)

// TestFlowsStopped stops an apply that creates, rebuilds, renames and binds
// flows, and lets them exchange names, after each of its writes: people get in, those who should not do not,
// and the next apply makes of it what one makes that nobody stopped.
func TestFlowsStopped(t *testing.T) {
	c := testServer(t)
	realm := realmName("stopped")
	t.Cleanup(func() { removeRealms(c, realm) })
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	type state struct {
		name, dir, is string
	}
	states := []*state{{name: "one"}, {name: "other"}}
	apply := func(s *state) {
		t.Helper()
		if code, out := runApply(context.Background(), os.Getenv("KCSYNC_TEST_URL"), s.dir); code != 0 {
			t.Fatalf("the apply of the %s: exit code %d\n%s", s.name, code, out)
		}
	}
	for i, s := range states {
		s.dir = filepath.Join(t.TempDir(), realm)
		for name, text := range stoppedFlows[i] {
			path := filepath.Join(s.dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "REALM", realm)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		apply(s)
		s.is = flowsOf(t, c, realm)
	}
	// Every second stop is one of the way there, the others of that back. One
	// run stops at a third of the writes; which, is drawn.
	stops, first := 0, 1+rand.IntN(3)
	t.Logf("stopped at every third write from %d on", first)
	for k, through := first, 0; through < len(states); k += 3 {
		s := states[(k+1)%2]
		ctx, cancel := context.WithCancel(context.Background())
		code, out := runApply(ctx, stopping(t, func(nth int, body string) bool { return nth == k }, cancel), s.dir)
		cancel()
		if through++; code != 0 {
			stops, through = stops+1, 0
		}
		for _, way := range waysIn[:2] {
			if err := getsIn(c, realm, way); err != nil {
				t.Fatalf("stopped after %d writes on the way to the %s: %s: %v\n%s", k, s.name, way.name, err, out)
			}
		}
		apply(s)
		if is := flowsOf(t, c, realm); is != s.is {
			t.Fatalf("stopped after %d writes on the way to the %s, and applied again, the flows are\n%s\nand not\n%s", k, s.name, is, s.is)
		}
	}
	if t.Logf("stopped %d times", stops); stops < 8 {
		t.Errorf("there are so few writes: %d", stops)
	}
}

// getsIn lets somebody in who has what it takes, and nobody else.
func getsIn(c *keycloak.Client, realm string, w way) error {
	p, err := newPerson(c, realm, w)
	if err != nil {
		return err
	}
	if err := p.begin(); err != nil {
		return err
	}
	if _, err := p.finish(); err != nil {
		return err
	}
	if w.stands == "otp" && p.codes == 0 {
		return fmt.Errorf("nobody asked for a one-time code")
	}
	other, err := newPerson(c, realm, w)
	if err != nil {
		return err
	}
	if err := p.grant(); err != nil && tellsCodes(c) {
		return fmt.Errorf("direct grant: %w", err)
	}
	if w.stands == "otp" {
		other.secret = "guess"
		if err := other.grant(); err == nil {
			return fmt.Errorf("a token was given for a wrong one-time code")
		}
		other.secret = p.secret
	}
	other.password = "guess"
	if err := other.grant(); err == nil {
		return fmt.Errorf("a token was given for a wrong password")
	}
	if _, err := other.visitFirst(); err != nil {
		return err
	}
	for range 3 {
		if back, err := other.next(); err != nil || back != "" {
			return fmt.Errorf("a wrong password led to %q, %v", back, err)
		}
	}
	return nil
}

// runApply runs kcsync apply and returns its exit code and what it said.
func runApply(ctx context.Context, server, dir string) (int, string) {
	var out bytes.Buffer
	code := Run(ctx, []string{"kcsync", "apply", "--yes", "--prune", "--url", server, dir}, strings.NewReader(""), &out, &out)
	return code, out.String()
}

// TestFlowLeftOpen stops an apply that changes the steps of a flow of the
// server's own, which is called another's meanwhile: just after it was so called,
// and just before it is the server's own again. The next plan says so, and the
// apply sets it right, be there more to do or not.
func TestFlowLeftOpen(t *testing.T) {
	c := testServer(t)
	realm := realmName("open")
	t.Cleanup(func() { removeRealms(c, realm) })
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	dir := filepath.Join(t.TempDir(), realm)
	if err := os.MkdirAll(filepath.Join(dir, "authentication/flows"), 0o755); err != nil {
		t.Fatal(err)
	}
	apply := func(ctx context.Context, server, executions string) (int, string) {
		t.Helper()
		for name, text := range map[string]string{"realm.yaml": "realm: " + realm, "authentication/flows/own.yaml": "alias: reset credentials\n" + executions} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return runApply(ctx, server, dir)
	}
	opened := func() (names []string) {
		t.Helper()
		res, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms/" + realm + "/partial-export", Repeatable: true})
		var export struct{ AuthenticationFlows []map[string]any }
		if err == nil {
			err = res.Decode(&export)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range export.AuthenticationFlows {
			if f["builtIn"] != true {
				names = append(names, f["alias"].(string))
			}
		}
		return names
	}
	opens := func(nth int, body string) bool {
		return strings.Contains(body, `"builtIn":false`) && strings.Contains(body, `"topLevel":true`)
	}
	closes := func(nth int, body string) bool { return strings.Contains(body, `"builtIn":true`) }
	for _, tt := range []struct {
		why  string
		last func(nth int, body string) bool
		then string
		more bool
	}{
		{"all is still to do", opens, resetDisabled, true},
		{"what was to do is not wanted any more", opens, unchanged, false},
		{"nothing else is to do", closes, resetDisabled, false},
	} {
		server := os.Getenv("KCSYNC_TEST_URL")
		if code, out := apply(context.Background(), server, unchanged); code != 0 || opened() != nil {
			t.Fatalf("%s: before, exit code %d, %q\n%s", tt.why, code, opened(), out)
		}
		ctx, stop := context.WithCancel(context.Background())
		_, out := apply(ctx, stopping(t, tt.last, stop), resetDisabled)
		stop()
		if !slices.Contains(opened(), "reset credentials") {
			t.Fatalf("%s: stopped, others' are %q\n%s", tt.why, opened(), out)
		}
		code, out := apply(context.Background(), server, tt.then)
		if code != 0 || !strings.Contains(out, "builtIn: false -> true") || strings.Contains(out, "executions:") != tt.more {
			t.Errorf("%s: exit code %d\n%s", tt.why, code, out)
		}
		if names := opened(); names != nil {
			t.Errorf("%s: others' are still %q", tt.why, names)
		}
		if code, out := apply(context.Background(), server, tt.then); code != 0 || !strings.Contains(out, "No changes") {
			t.Errorf("%s: once more, exit code %d\n%s", tt.why, code, out)
		}
	}
}

// TestSharedConfigStopped tells an apply to stop at each of its writes, while a step
// gets another configuration than those that share one with it: they have it,
// though the server takes it from them in between.
func TestSharedConfigStopped(t *testing.T) {
	c := testServer(t)
	realm := realmName("shared")
	t.Cleanup(func() { removeRealms(c, realm) })
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "realm.json"), []byte(`{"realm": "`+realm+`", "authenticationFlows": [{"alias": "other"}, {"alias": "first", "executions": [
		{"authenticator": "idp-review-profile", "requirement": "REQUIRED",
			"authenticatorConfig": {"alias": "c", "config": {"update.profile.on.first.login": "on"}}}]}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	sharing := func(alias string) any {
		return map[string]any{"alias": alias, "providerId": "basic-flow", "topLevel": true, "authenticationExecutions": []any{
			map[string]any{"authenticator": "idp-review-profile", "requirement": "REQUIRED", "priority": 10, "authenticatorConfig": "c"}}}
	}
	for k, code := 1, 1; code != 0; k++ {
		removeRealms(c, realm)
		if _, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms", Body: map[string]any{"realm": realm,
			"authenticationFlows": []any{sharing("first"), sharing("other")},
			"authenticatorConfig": []any{map[string]any{"alias": "c", "config": map[string]any{"update.profile.on.first.login": "missing"}}},
		}}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var out string
		code, out = runApply(ctx, stopping(t, func(nth int, body string) bool {
			if nth == k {
				cancel()
			}
			return false
		}, cancel), dir)
		cancel()
		if k == 1 && code == 0 {
			t.Error("it was not stopped")
		}
		var steps []struct{ Alias string }
		if err := c.Get(context.Background(), keycloak.Path("admin", "realms", realm, "authentication", "flows", "other", "executions"), nil, &steps); err != nil {
			t.Fatal(err)
		}
		if len(steps) != 1 || steps[0].Alias != "c" {
			t.Errorf("stopped at write %d, the other flow has %v\n%s", k, steps, out)
		}
		if code, out := runApply(context.Background(), os.Getenv("KCSYNC_TEST_URL"), dir); code != 0 {
			t.Errorf("stopped at write %d, and applied again: exit code %d\n%s", k, code, out)
		}
	}
}

// stopping passes requests on to the server until it has answered the last of
// those that write, by their number and body, and then calls stop.
func stopping(t *testing.T, last func(nth int, body string) bool, stop func()) (address string) {
	var writes atomic.Int64
	var stopped atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		write := r.Method != "GET" && strings.HasPrefix(r.URL.Path, "/admin/realms/") && !strings.HasSuffix(r.URL.Path, "/partial-export")
		body, err := io.ReadAll(r.Body)
		if err != nil || write && stopped.Load() {
			panic(http.ErrAbortHandler)
		}
		final := write && last(int(writes.Add(1)), string(body))
		if final {
			stopped.Store(true)
		}
		req, err := http.NewRequest(r.Method, os.Getenv("KCSYNC_TEST_URL")+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		req.Header, req.ContentLength = r.Header, r.ContentLength
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer res.Body.Close()
		answer, _ := io.ReadAll(res.Body)
		if final {
			stop()
		}
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		w.Write(answer)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// flowsOf returns what the flows of a realm are, without ids, and the one that
// the realm uses.
func flowsOf(t *testing.T, c *keycloak.Client, realm string) string {
	t.Helper()
	get := func(into any, path ...string) {
		t.Helper()
		if err := c.Get(context.Background(), keycloak.Path(append([]string{"admin", "realms", realm}, path...)...), nil, into); err != nil {
			t.Fatal(err)
		}
	}
	var settings any
	get(&settings)
	var flows []map[string]any
	get(&flows, "authentication", "flows")
	var out []string
	for _, f := range flows {
		alias := f["alias"].(string)
		if f["builtIn"] == true && alias != "reset credentials" {
			continue // nobody changes it
		}
		var l []any
		get(&l, "authentication", "flows", alias, "executions")
		s := printed(f, []string{"alias", "builtIn", "description"})
		for _, e := range l { // in their order
			s += printed(e, []string{"level", "displayName", "providerId", "requirement", "alias"})
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return printed(settings, []string{"browserFlow"}) + strings.Join(out, "")
}

var stoppedFlows = [2]map[string]string{
	{
		"realm.yaml":                        "realm: REALM\nenabled: true\npasswordPolicy: " + quickPasswords + "\nbrowserFlow: sign-in\ndirectGrantFlow: grant\n",
		"clients/web.yaml":                  "clientId: web\npublicClient: true\ndirectAccessGrantsEnabled: true\nredirectUris: [http://localhost:1/*]\n",
		"clients/api.yaml":                  "clientId: api\nauthenticationFlowBindingOverrides: {browser: sign-in}\n",
		"authentication/flows/browser.yaml": "alias: sign-in\npreviously: login\n" + browserBefore,
		"authentication/flows/grant.yaml":   "alias: grant\n" + grantBefore,
		"authentication/flows/left.yaml":    "alias: left\n" + exchanged("one"),
		"authentication/flows/right.yaml":   "alias: right\n" + exchanged("other"),
		"authentication/flows/own.yaml":     "alias: reset credentials\nexecutions: null\n",
	},
	{
		"realm.yaml":                        "realm: REALM\nenabled: true\npasswordPolicy: " + quickPasswords + "\nbrowserFlow: login\ndirectGrantFlow: grant\n",
		"clients/web.yaml":                  "clientId: web\npublicClient: true\ndirectAccessGrantsEnabled: true\nredirectUris: [http://localhost:1/*]\n",
		"clients/api.yaml":                  "clientId: api\nauthenticationFlowBindingOverrides: {browser: extra}\n",
		"authentication/flows/browser.yaml": "alias: login\npreviously: sign-in\n" + strings.ReplaceAll(browserRebuilt, "flow: sign-in", "flow: login"),
		"authentication/flows/extra.yaml":   "alias: extra\n" + apart("extra", browserEdited),
		"authentication/flows/grant.yaml":   "alias: grant\n" + grantRebuilt,
		"authentication/flows/left.yaml":    "alias: left\n" + exchanged("other"),
		"authentication/flows/right.yaml":   "alias: right\n" + exchanged("one"),
		"authentication/flows/own.yaml":     "alias: reset credentials\n" + resetDisabled,
	},
}

// exchanged is a flow with a part of a name, which two flows take from each other.
func exchanged(name string) string {
	return "executions: [{flow: " + name + ", requirement: REQUIRED, executions: [{authenticator: auth-username-form, requirement: REQUIRED}]}]\n"
}

const resetDisabled = `
executions:
  - {authenticator: reset-credentials-choose-user, requirement: REQUIRED}
  - {authenticator: reset-credential-email, requirement: REQUIRED}
  - {authenticator: reset-password, requirement: REQUIRED}
  - flow: Reset - Conditional OTP
    description: Flow to determine if the OTP should be reset or not. Set to REQUIRED to force.
    requirement: DISABLED
    executions:
      - {authenticator: conditional-user-configured, requirement: REQUIRED}
      - {authenticator: reset-otp, requirement: REQUIRED}
`
