package docs

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/catalogue"
	"github.com/kcsync/kcsync/model"
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

// TestCapabilities shows that nothing is said to be at home here that is not:
// that kinds, fields, operations and functions are there. Commands are looked
// for by a test of the command itself.
func TestCapabilities(t *testing.T) {
	parsed := map[string][]string{}
	for client, n := range map[string]int{"python-keycloak": 216, "ackc": 91} {
		all := Capabilities()[client]
		if len(all) < n {
			t.Errorf("%s can do %d things, and %d have a row", client, n, len(all))
		}
		for _, c := range all {
			if len(c.Homes) == 0 {
				t.Errorf("%s: %s has no home", client, c.Name)
			}
			for _, h := range c.Homes {
				there := true
				switch h.Sort {
				case "kind":
					kind, field, _ := strings.Cut(h.Name, ".")
					k := model.Lookup(kind)
					there = k != nil && (field == "" || k.Fields.Get(field) != nil)
				case "api":
					there = catalogue.For("").Lookup(h.Name) != nil
				case "func":
					there = declared(t, parsed, h.Name)
				case "command":
					continue
				default:
					t.Errorf("%s: %s: %q is no sort of home", client, c.Name, h.Sort)
				}
				if there == h.Later {
					t.Errorf("%s: %s: %s %s: later is %t", client, c.Name, h.Sort, h.Name, h.Later)
				}
			}
		}
	}
}

// declared reports whether a package of ours has a function, a type or a type's
// method: keycloak.New, keycloak.Client.Do.
func declared(t *testing.T, parsed map[string][]string, name string) bool {
	pkg, name, _ := strings.Cut(name, ".")
	if parsed[pkg] == nil {
		files, err := filepath.Glob("../" + pkg + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				parsed[pkg] = append(parsed[pkg], names(d)...)
			}
		}
	}
	return slices.Contains(parsed[pkg], name)
}

// names returns what a declaration declares; a method as Type.Method.
func names(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		of := d.Recv.List[0].Type
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		if id, ok := of.(*ast.Ident); ok {
			return []string{id.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		var out []string
		for _, spec := range d.Specs {
			if s, ok := spec.(*ast.TypeSpec); ok {
				out = append(out, s.Name.Name)
			}
		}
		return out
	}
	return nil
}

// TestTraps finds each test that traps.md names.
func TestTraps(t *testing.T) {
	page, err := os.ReadFile("traps.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	paths, _ := filepath.Glob("../*/*_test.go")
	more, _ := filepath.Glob("../*/*/*_test.go")
	for _, path := range append(paths, more...) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				tests[fn.Name.Name] = true
			}
		}
	}
	n := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.Contains(line, "---") || strings.Contains(cells[2], "Shown by") {
			continue
		}
		n++
		words := strings.Split(cells[2], "`")
		if len(words) < 3 {
			t.Errorf("nothing shows:%s", cells[1])
		}
		for i := 1; i < len(words); i += 2 {
			name, _, _ := strings.Cut(words[i], " ")
			path := "../" + name
			if strings.HasSuffix(name, ".txtar") {
				path = "../cmd/kcsync/testdata/script/" + name
			}
			if _, err := os.Stat(path); err != nil && !tests[name] {
				t.Errorf("%s: there is no such test:%s", name, cells[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("traps.md is about %d traps, fewer than there are", n)
	}
}
