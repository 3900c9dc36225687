package docs

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/catalogue"
)

var update = flag.Bool("update", false, "rewrite the pages")

// golden compares a page with its file.
func golden(t *testing.T, name, page string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, _ := os.ReadFile(name); string(have) != page {
		t.Errorf("docs/%s is not what the registry says; run go test ./docs -update", name)
	}
}

func TestKinds(t *testing.T) { golden(t, "kinds.md", Kinds()) }

func TestCoverage(t *testing.T) { golden(t, "coverage.md", Coverage()) }

// TestNothingForgotten shows that somebody thought of every endpoint that
// holds configuration, and that no reason is left for what is gone.
func TestNothingForgotten(t *testing.T) {
	matched := map[int]bool{}
	n := 0
	for _, c := range cover() {
		n++
		matched[c.rule] = true
		if c.verdict == unknown {
			t.Errorf("%s %s: no kind's words name it and no rule in coverage.go is about it", c.method, c.path)
		}
	}
	if n != 256 {
		t.Errorf("%d endpoints hold configuration, not 256", n)
	}
	for i, r := range rules {
		if r.why != "" && !matched[i] {
			t.Errorf("the rule about %s is about nothing", r.path)
		}
	}
	for _, r := range rows() {
		if r.class == "data" && theirs[r.subject] == "" {
			t.Errorf("%s %s: nothing is said about data of %s", r.method, r.path, r.subject)
		}
	}
}

// TestEndpoints compares the endpoints with the catalogue of the same version,
// which is read from the server's classes again and in another way.
func TestEndpoints(t *testing.T) {
	var listed, found []string
	for _, r := range rows() {
		path := r.path
		if !strings.HasPrefix(path, "/") {
			path = strings.TrimSuffix(realmPath+"/"+path, "/")
		}
		listed = append(listed, r.method+" "+anyWord(path))
	}
	for _, op := range catalogue.For(apiVersion).Operations {
		found = append(found, op.Method+" "+anyWord(op.Path))
	}
	// A preflight, which browsers ask before they ask the endpoint itself.
	listed = append(listed, "OPTIONS /admin/serverinfo/{}")
	slices.Sort(listed)
	slices.Sort(found)
	for _, line := range diff(listed, found) {
		t.Errorf("only in endpoints.csv: %s", line)
	}
	for _, line := range diff(found, listed) {
		t.Errorf("only in the catalogue: %s", line)
	}
}

// diff returns the elements of a that b does not have as often.
func diff(a, b []string) []string {
	b = slices.Clone(b)
	var out []string
	for _, s := range a {
		if i := slices.Index(b, s); i >= 0 {
			b = slices.Delete(b, i, i+1)
		} else {
			out = append(out, s)
		}
	}
	return out
}
