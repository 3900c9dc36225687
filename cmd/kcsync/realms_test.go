package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
)

// TestRealms takes the realm files of testdata/realms, as other tools and other
// versions of Keycloak write them, to an empty server: the plan after that is
// empty, and so is that of an export. What kcsync says of a file stands beside
// it. A file that cannot go through is refused before anything is written.
func TestRealms(t *testing.T) {
	files, err := filepath.Glob("testdata/realms/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no realms")
	}
	c := testServer(t)
	info, err := c.ServerInfo(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	newest := model.HasVersion(info.Version, goldenVersion) // what is said depends on what the version makes by itself
	t.Setenv("KCSYNC_URL", os.Getenv("KCSYNC_TEST_URL"))
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden, err := filepath.Abs(strings.TrimSuffix(file, ".json") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			realm := realmName("file-" + name)
			t.Cleanup(func() {
				if err := removeRealms(c, realm); err != nil {
					t.Error(err)
				}
			})
			t.Chdir(t.TempDir())
			if err := os.WriteFile(name+".json", bytes.Replace(data, []byte(`"REALM"`), []byte(`"`+realm+`"`), 1), 0o644); err != nil {
				t.Fatal(err)
			}
			code, out := runKcsync("plan", name+".json")
			said := strings.ReplaceAll(told(out), realm, "REALM")
			if *update {
				if err := os.WriteFile(golden, []byte(said), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, _ := os.ReadFile(golden); newest && said != string(want) {
				t.Errorf("kcsync says:\n%s\nwanted:\n%s", said, want)
			}
			if code == exitInvalid {
				if code, out := runKcsync("export", "--realm", realm, "-o", "none"); code == 0 {
					t.Errorf("it was refused, and the realm is there: %s", out)
				}
				return
			}
			kcsync(t, "apply", "--yes", name+".json")
			noChanges(t, "after apply", name+".json")
			kcsync(t, "export", "--realm", realm, "-o", "export")
			noChanges(t, "of the export", "export")
		})
	}
}

// runKcsync runs the command and returns its exit code and all that it says.
func runKcsync(args ...string) (int, string) {
	var out bytes.Buffer
	code := Run(context.Background(), append([]string{"kcsync"}, args...), strings.NewReader(""), &out, &out)
	return code, out.String()
}

var diagnostic = regexp.MustCompile(`(?m)^(error|warning|note): .*\n`)

// told returns the diagnostics of an output, sorted.
func told(out string) string {
	lines := diagnostic.FindAllString(out, -1)
	slices.Sort(lines)
	return strings.Join(lines, "")
}
