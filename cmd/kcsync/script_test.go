package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kcsync/kcsync/keycloak"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kcsync": func() { os.Exit(Main()) },
	})
}

// TestScripts runs the scripts in testdata/script against a real Keycloak,
// each in realms of its own: $REALM, and all whose names start with it.
//
// Beside testscript's own commands there is "kc METHOD PATH [BODY]", which
// calls the Admin API without kcsync: PATH is below /admin/realms, BODY is a
// file or JSON. It prints the answer as indented JSON with sorted keys.
func TestScripts(t *testing.T) {
	c := testServer(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			realm := fmt.Sprintf("t-%s-%s", strings.TrimPrefix(e.T().(interface{ Name() string }).Name(), "TestScripts/"), stamp())
			e.Setenv("REALM", realm)
			e.Setenv("KCSYNC_URL", os.Getenv("KCSYNC_TEST_URL"))
			e.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
			e.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
			e.Setenv("ROOT", root())
			e.Defer(func() { removeRealms(c, realm) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"kc": func(ts *testscript.TestScript, neg bool, args []string) { callKeycloak(c, ts, neg, args) },
		},
	})
}

// testServer returns a client for the server that the environment names.
func testServer(t *testing.T) *keycloak.Client {
	t.Helper()
	if os.Getenv("KCSYNC_TEST_URL") == "" {
		t.Fatal("no Keycloak is named by KCSYNC_TEST_URL: run scripts/test, or eval \"$(scripts/keycloak env)\" first")
	}
	c, err := keycloak.New(keycloak.Options{
		URL:      os.Getenv("KCSYNC_TEST_URL"),
		Username: os.Getenv("KCSYNC_TEST_USERNAME"),
		Password: os.Getenv("KCSYNC_TEST_PASSWORD"),
		Timeout:  5 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func root() string {
	wd, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return strings.TrimSuffix(wd, "/cmd/kcsync")
}

func stamp() string { return fmt.Sprintf("%x", time.Now().UnixNano()&0xffffff) }

// removeRealms deletes the realm and all whose names start with its name.
func removeRealms(c *keycloak.Client, prefix string) {
	var realms []map[string]any
	ctx := context.Background()
	if c.Get(ctx, "/admin/realms", map[string][]string{"briefRepresentation": {"true"}}, &realms) != nil {
		return
	}
	for _, r := range realms {
		if name, _ := r["realm"].(string); strings.HasPrefix(name, prefix) {
			c.Do(ctx, keycloak.Request{Method: "DELETE", Path: keycloak.Path("admin", "realms", name)})
		}
	}
}

// callKeycloak is the script command kc.
func callKeycloak(c *keycloak.Client, ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: kc METHOD PATH [BODY]")
	}
	path, query, _ := strings.Cut(args[1], "?")
	req := keycloak.Request{Method: args[0], Path: "/admin/realms" + path, Query: parseQuery(ts, query)}
	if len(args) == 3 {
		body := args[2]
		if !strings.HasPrefix(body, "{") && !strings.HasPrefix(body, "[") {
			body = os.Expand(ts.ReadFile(body), ts.Getenv)
		}
		req.Body = json.RawMessage(body)
	}
	res, err := c.Do(context.Background(), req)
	if neg != (err != nil) {
		ts.Fatalf("kc %s: %v", strings.Join(args, " "), err)
	}
	if err != nil {
		fmt.Fprintln(ts.Stderr(), err)
		return
	}
	var v any
	if len(res.Body) > 0 && json.Unmarshal(res.Body, &v) == nil {
		out, _ := json.MarshalIndent(v, "", "  ")
		fmt.Fprintln(ts.Stdout(), string(out))
	}
	if id := res.LocationID(); id != "" {
		ts.Setenv("ID", id)
	}
}

func parseQuery(ts *testscript.TestScript, query string) map[string][]string {
	out := map[string][]string{}
	for kv := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(kv, "="); k != "" {
			out[k] = append(out[k], v)
		}
	}
	return out
}
