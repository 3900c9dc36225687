package load

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestLoad runs testdata/*.txtar. The comment of each says why it is there;
// its last line is "load PATH [REALM]". Files called want/… are what comes out;
// "links" lists symbolic links, as "FROM TO".
func TestLoad(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			path, _ = filepath.Abs(path)
			ar, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			inputs := unpack(t, ar)
			lines := strings.Split(strings.TrimSpace(string(ar.Comment)), "\n")
			args := append(strings.Fields(lines[len(lines)-1]), "")
			if len(args) < 3 || args[0] != "load" {
				t.Fatalf("the comment's last line is %q, not: load PATH [REALM]", lines[len(lines)-1])
			}
			states, ds := Load(args[1], Options{Realm: args[2]})
			for _, s := range states {
				canonical(t, s)
			}
			got := []txtar.File{
				{Name: "want/diagnostics", Data: diagnostics(ds)},
				{Name: "want/states", Data: dump(t, states)},
			}
			if *update {
				ar.Files = append(inputs, got...)
				if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, g := range got {
				if want := file(ar, g.Name); want != string(g.Data) {
					t.Errorf("%s is:\n%s\nwanted:\n%s", g.Name, g.Data, want)
				}
			}
			if again, ds2 := Load(args[1], Options{Realm: args[2]}); string(dump(t, again)) != string(dump(t, states)) || ds2.Error() != ds.Error() {
				t.Error("the same files load differently the second time")
			}
		})
	}
}

func unpack(t *testing.T, ar *txtar.Archive) (inputs []txtar.File) {
	t.Helper()
	for _, f := range ar.Files {
		if strings.HasPrefix(f.Name, "want/") {
			continue
		}
		inputs = append(inputs, f)
		if f.Name == "links" {
			continue
		}
		if strings.HasSuffix(f.Name, "/") {
			if err := os.MkdirAll(f.Name, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for l := range strings.Lines(file(ar, "links")) {
		from, to, _ := strings.Cut(strings.TrimSpace(l), " ")
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	return inputs
}

func file(ar *txtar.Archive, name string) string {
	for _, f := range ar.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func diagnostics(ds model.Diagnostics) []byte {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s (%s): %s\n", d.Severity, d.Code, d.Error())
	}
	return []byte(b.String())
}

// dump writes states as text: what is shown, then an item to a line.
func dump(t *testing.T, states []*model.State) []byte {
	var b strings.Builder
	for _, s := range states {
		fmt.Fprintf(&b, "realm %s shows %s\n", s.Realm, strings.Join(model.Keys(s.Shown), " "))
		for _, it := range s.Sorted() {
			fields, err := json.Marshal(it.Fields)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "  %s  %s", it.Addr, where(it.Source))
			if len(it.Shown) > 0 && it.Kind != model.Realm {
				fmt.Fprintf(&b, "  shows %s", strings.Join(model.Keys(it.Shown), " "))
			}
			if it.Previously != "" {
				fmt.Fprintf(&b, "  previously %s", it.Previously)
			}
			fmt.Fprintf(&b, "\n    %s\n", fields)
		}
	}
	return []byte(b.String())
}

// canonical checks the law that what was loaded is in canonical form.
func canonical(t *testing.T, s *model.State) {
	t.Helper()
	for _, it := range s.Items {
		if got := it.Kind.Canonical(it.Fields); !reflect.DeepEqual(got, it.Fields) {
			t.Errorf("%s is not canonical: %v, should be %v", it.Addr, it.Fields, got)
		}
	}
}

// FuzzLoad shows that no bytes make Load panic, and that whatever it makes of
// them is canonical and the same every time.
func FuzzLoad(f *testing.F) {
	cases, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range cases {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			if isText(file.Name) {
				f.Add(file.Data, filepath.Base(filepath.Dir(file.Name)), filepath.Ext(file.Name) == ".json")
			}
		}
	}
	check := new(schema.Checker) // compiled once: inputs are many
	f.Fuzz(func(t *testing.T, data []byte, dir string, isJSON bool) {
		if !slices.Contains(folderNames(), dir) {
			dir = "."
		}
		name := "x.yaml"
		if isJSON {
			name = "x.json"
		}
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Join(root, "roles"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{root, filepath.Join(root, dir, name)} {
			states, ds := Load(path, Options{Checker: check})
			if !ds.Errors() {
				for _, s := range states {
					canonical(t, s)
				}
			}
			if again, _ := Load(path, Options{Checker: check}); string(dump(t, again)) != string(dump(t, states)) {
				t.Errorf("the same file loads differently the second time")
			}
		}
	})
}
