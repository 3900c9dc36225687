package docs

import (
	"flag"
	"os"
	"testing"
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
