package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

var update = flag.Bool("update", false, "write what kcsync prints now into the scripts, where they compare with something else")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kcsync": func() {
			if os.Getenv("COUNTS") == "differ" {
				os.Exit(withoutCounts(Main))
			}
			os.Exit(Main())
		},
		"person": signInByBrowser,
	})
}

// goldenVersion is the version whose output the scripts hold. What a realm
// has from the beginning is more or less on others, so there the numbers of
// objects on the server are not compared.
const goldenVersion = "26.7"

var counts = regexp.MustCompile(`, \d+ on the server\n`)

// withoutCounts runs a program and takes those numbers out of its output.
func withoutCounts(run func() int) int {
	stdout := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdout = w
	done := make(chan struct{})
	go func() {
		defer close(done)
		out, _ := io.ReadAll(r)
		stdout.Write(counts.ReplaceAll(out, []byte(", some on the server\n")))
	}()
	code := run()
	w.Close()
	<-done
	return code
}

// TestScripts runs the scripts in testdata/script against a real Keycloak,
// each in realms of its own: $REALM and, for those that need more, $REALM-one,
// $REALM-two and $REALM-three.
//
// In the files of a script $REALM, $URL and $VERSION (the server's) and $PREFIX
// (of the secrets' names in an export) are replaced, so that they can
// hold a realm's files and what is expected alike. Besides testscript's own
// commands there are:
//
//	exits CODE PROGRAM [ARG...]  runs a program that has to exit with CODE;
//	                             stderr is then without the "read AREA: N"
//	                             lines, which come in any order
//	until REGEXP PROGRAM [ARG...]
//	                             runs a program until its output matches
//	edit FILE OLD NEW            replaces a text that stands once in FILE; \n
//	                             is the end of a line
//	samefiles DIR1 DIR2          compares two directories, byte by byte
//	mode FILE MODE               checks a file's permissions: mode x.env 600
//	kc METHOD PATH [BODY]        calls the Admin API, without kcsync: PATH is
//	                             below /admin/realms, BODY is a file or JSON
//	kc GET PATH FIELD,FIELD...   prints an object's fields on one line, those
//	                             of several objects each on one of its own;
//	                             FIELD may lead into an object: config/issuer
//	certificate NAME [self-signed]
//	                             makes a client certificate, NAME.pem and
//	                             NAME.key, and sets $HTTPS_URL and $CA: the
//	                             server that trusts it, and its authority
//	saw TEXT                     waits until the person who drives a browser
//	                             (BROWSER=person, see signInByBrowser) saw it
//	shows LINE...                checks that this and nothing else was printed
//	signin CLIENT USER PASSWORD [SCOPE]
//	                             signs a user of $REALM in; sets $REFRESH
//	refresh CLIENT               gets new tokens for $REFRESH
//	credentials CLIENT FILE      signs a client in with the secret in FILE
//	mailserver                   starts a mail server at port $SMTP
//	directory                    starts a directory (LDAP) at port $LDAP
//	mails                        prints the mails that it got since the last time
//
// The condition [version:26.6] holds on Keycloak 26.6 and newer, [feature:spiffe]
// where that feature is on. scripts/test runs the scripts whose names begin with
// "feature" on a server of their own besides, which has these features.
//
// $MINOR is the server's version without its last part, 26.7, as in the names
// of the fixtures. Every kc sets $ID to the id of the object, if it is about a single one.
func TestScripts(t *testing.T) {
	c := testServer(t)
	info, err := c.ServerInfo(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		t.Cleanup(func() { generalize(t, info.Version) })
	}
	older := !model.HasVersion(info.Version, goldenVersion)
	if older && *update {
		t.Fatalf("the scripts hold what Keycloak %s gives; update them on one", goldenVersion)
	}
	mails := &mailServer{}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Condition: func(cond string) (bool, error) {
			if cond == "management" {
				return os.Getenv("KCSYNC_TEST_MANAGEMENT_URL") != "", nil
			}
			if v, ok := strings.CutPrefix(cond, "version:"); ok {
				return model.HasVersion(info.Version, v), nil
			}
			if f, ok := strings.CutPrefix(cond, "feature:"); ok {
				on, known := info.Features[strings.ToUpper(strings.ReplaceAll(f, "-", "_"))]
				if !known && !older {
					return false, fmt.Errorf("no feature is called %s", f)
				}
				return on, nil
			}
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			realm := realmName(strings.TrimPrefix(e.T().(interface{ Name() string }).Name(), "TestScripts/"))
			e.Setenv("REALM", realm)
			e.Setenv("PREFIX", strings.ToUpper(strings.ReplaceAll(realm, "-", "_")))
			e.Setenv("URL", os.Getenv("KCSYNC_TEST_URL"))
			e.Setenv("KCSYNC_URL", os.Getenv("KCSYNC_TEST_URL"))
			e.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
			e.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
			e.Setenv("KCSYNC_MANAGEMENT_URL", os.Getenv("KCSYNC_TEST_MANAGEMENT_URL"))
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
			e.Setenv("VERSION", info.Version)
			e.Setenv("MINOR", info.Version[:strings.LastIndexByte(info.Version, '.')])
			e.Setenv("ROOT", root())
			if older {
				e.Setenv("COUNTS", "differ")
			}
			e.Defer(func() {
				if err := removeRealms(c, realm); err != nil {
					e.T().Fatal(err)
				}
			})
			return replaceVariables(e)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"signin":      signIn,
			"refresh":     refresh,
			"credentials": credentials,
			"directory":   directory,
			"mailserver":  mails.start,
			"mails":       mails.print,
			"kc":          func(ts *testscript.TestScript, neg bool, args []string) { callKeycloak(c, ts, neg, args) },
			"exits":       exits,
			"until":       until,
			"edit":        edit,
			"samefiles":   sameFiles,
			"mode":        checkMode,
			"shows":       shows,
			"saw":         saw,
			"certificate": certificate,
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

// realmName returns a name that no other realm has.
func realmName(of string) string {
	return fmt.Sprintf("t-%s-%06x", of, time.Now().UnixNano()&0xffffff)
}

var (
	realmNames = regexp.MustCompile(`\bt-[a-z0-9-]+-[0-9a-f]{6}\b`)
	prefixes   = regexp.MustCompile(`\bT_[A-Z0-9_]+?_[0-9A-F]{6}_`)
)

// generalize puts the variables back into scripts that were updated.
func generalize(t *testing.T, version string) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range scripts {
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data := realmNames.ReplaceAll(old, []byte("$$REALM"))
		data = prefixes.ReplaceAll(data, []byte("$$PREFIX_"))
		data = bytes.ReplaceAll(data, []byte(os.Getenv("KCSYNC_TEST_URL")), []byte("$URL"))
		data = bytes.ReplaceAll(data, []byte("Keycloak "+version), []byte("Keycloak $VERSION"))
		data = bytes.ReplaceAll(data, []byte(strconv.Quote(version)), []byte(`"$VERSION"`))
		if bytes.Equal(data, old) {
			continue
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// replaceVariables replaces variables in the files of a script.
func replaceVariables(e *testscript.Env) error {
	var pairs []string
	for _, name := range []string{"REALM", "PREFIX", "URL", "VERSION"} {
		pairs = append(pairs, "$"+name, e.Getenv(name))
	}
	variables := strings.NewReplacer(pairs...)
	return filepath.WalkDir(e.WorkDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := variables.Replace(string(data))
		if e.Getenv("COUNTS") != "" {
			text = counts.ReplaceAllString(text, ", some on the server\n")
		}
		return os.WriteFile(path, []byte(text), 0o644)
	})
}

// removeRealms deletes the realms of a test. It asks for no list of realms: the
// server cannot give one while others are being deleted.
func removeRealms(c *keycloak.Client, name string) error {
	for _, more := range []string{"", "-one", "-two", "-three"} {
		req := keycloak.Request{Method: "DELETE", Path: keycloak.Path("admin", "realms", name+more), Repeatable: true}
		if _, err := c.Do(context.Background(), req); err != nil && !keycloak.IsStatus(err, 404) {
			return err
		}
	}
	return nil
}

// callKeycloak is the script command kc.
func callKeycloak(c *keycloak.Client, ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: kc METHOD PATH [BODY or FIELDS]")
	}
	path, query, _ := strings.Cut(args[1], "?")
	req := keycloak.Request{Method: args[0], Path: "/admin/realms" + strings.TrimSuffix(path, "/"), Query: parseQuery(query), Repeatable: true}
	var fields []string
	switch {
	case len(args) < 3:
	case req.Method == "GET":
		fields = strings.Split(args[2], ",")
	default:
		body := args[2]
		if !strings.HasPrefix(body, "{") && !strings.HasPrefix(body, "[") {
			body = ts.ReadFile(body)
		}
		req.Body = json.RawMessage(os.Expand(body, ts.Getenv))
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
		fmt.Fprint(ts.Stdout(), printed(v, fields))
	}
	id := res.LocationID()
	if l, ok := v.([]any); ok && len(l) == 1 {
		v = l[0]
	}
	if m, ok := v.(map[string]any); ok && id == "" {
		if id, _ = m["id"].(string); id == "" {
			id, _ = m["internalId"].(string)
		}
	}
	if id != "" {
		ts.Setenv("ID", id)
	}
}

func parseQuery(query string) map[string][]string {
	out := map[string][]string{}
	for kv := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(kv, "="); k != "" {
			out[k] = append(out[k], v)
		}
	}
	return out
}

// printed returns an answer as text: indented JSON, or the fields that are
// asked for, one object to a line, in alphabetical order.
func printed(v any, fields []string) string {
	if fields == nil {
		out, _ := json.MarshalIndent(v, "", "  ")
		return string(out) + "\n"
	}
	l, ok := v.([]any)
	if !ok {
		l = []any{v}
	}
	var lines []string
	for _, o := range l {
		var words []string
		for _, f := range fields {
			at := o
			for key := range strings.SplitSeq(f, "/") {
				m, _ := at.(map[string]any)
				at = m[key]
			}
			words = append(words, f+"="+plain(at))
		}
		lines = append(lines, strings.Join(words, " ")+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// plain returns a value without quotes: lists are sorted, since the server
// keeps most of them in no order.
func plain(v any) string {
	var words []string
	switch v := v.(type) {
	case nil:
		return "-"
	case []any:
		for _, e := range v {
			words = append(words, plain(e))
		}
		slices.Sort(words)
		return "[" + strings.Join(words, " ") + "]"
	case map[string]any:
		for k, e := range v {
			words = append(words, k+":"+plain(e))
		}
		slices.Sort(words)
		return "{" + strings.Join(words, " ") + "}"
	}
	return fmt.Sprint(v)
}

// shows is the script command of that name.
func shows(ts *testscript.TestScript, neg bool, args []string) {
	got := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	if slices.Equal(got, args) == neg {
		ts.Fatalf("printed was\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(args, "\n"))
	}
}

var progressLines = regexp.MustCompile(`(?m)^read [a-z/-]+: [0-9]+\n`)

// exits is the script command of that name.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	if e, ok := err.(*exec.ExitError); ok {
		code = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s", code, args[0])
	}
	out, told := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if rest := progressLines.ReplaceAllString(told, ""); rest != told {
		fmt.Fprint(ts.Stdout(), out)
		fmt.Fprint(ts.Stderr(), rest)
	}
}

// until is the script command of that name: for what the server does in its
// own time.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP PROGRAM [ARG...]")
	}
	pattern := regexp.MustCompile(args[0])
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		ts.Check(ts.Exec(args[1], args[2:]...))
		out := ts.ReadFile("stdout")
		if pattern.MatchString(out) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("printed is still\n%s\nand nothing that matches %s", out, args[0])
		}
	}
}

// edit is the script command of that name.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	lines := strings.NewReplacer(`\n`, "\n")
	text, old, now := ts.ReadFile(args[0]), lines.Replace(args[1]), lines.Replace(args[2])
	if n := strings.Count(text, old); n != 1 {
		ts.Fatalf("%q stands %d times in %s", args[1], n, args[0])
	}
	text = strings.Replace(text, old, now, 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// sameFiles is the script command samefiles.
func sameFiles(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: samefiles DIR1 DIR2")
	}
	diff := compareDirs(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
	if neg == (diff == "") {
		ts.Fatalf("%s and %s: %s", args[0], args[1], diff)
	}
}

// compareDirs returns what differs between two directories, or "".
func compareDirs(a, b string) string {
	x, err := dirFiles(a)
	if err != nil {
		return err.Error()
	}
	y, err := dirFiles(b)
	if err != nil {
		return err.Error()
	}
	for _, path := range slices.Compact(slices.Sorted(slices.Values(append(keys(x), keys(y)...)))) {
		switch one, inX := x[path]; {
		case !inX:
			return path + " is only in the second"
		case one != y[path]:
			if _, inY := y[path]; !inY {
				return path + " is only in the first"
			}
			return fmt.Sprintf("%s differs\n--- first\n%s\n--- second\n%s", path, one, y[path])
		}
	}
	return ""
}

func keys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// dirFiles returns the content of every file below a directory.
func dirFiles(dir string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = string(data)
		return err
	})
	return out, err
}

// checkMode is the script command mode.
func checkMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE MODE")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("mode %s, not %s", got, args[1])
	}
}
