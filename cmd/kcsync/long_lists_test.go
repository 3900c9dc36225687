package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLongLists has more of everything than the server puts into a list
// unasked (10, or 100): what was made is found again, so that nothing is made
// twice.
func TestLongLists(t *testing.T) {
	c := testServer(t)
	realm := realmName("long")
	t.Cleanup(func() { removeRealms(c, realm) })
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	var files strings.Builder
	fmt.Fprintf(&files, "realm: %s\norganizationsEnabled: true\n", realm)
	each := func(n int, format string) {
		for i := range n {
			fmt.Fprintf(&files, format, i)
		}
	}
	files.WriteString("identityProviders:\n")
	each(103, "  - {alias: idp-%03d, providerId: google, config: {clientId: x}}\n")
	files.WriteString("organizations:\n")
	each(12, "  - {name: organization-%02d}\n")
	files.WriteString("groups:\n  - name: staff\n    subGroups:\n")
	each(12, "      - {name: group-%02d}\n")
	files.WriteString("clients:\n  - clientId: api\n    serviceAccountsEnabled: true\n    authorizationServicesEnabled: true\n    authorizationSettings:\n      resources:\n")
	each(103, "        - {name: resource-%03d}\n")
	dir := filepath.Join(t.TempDir(), realm)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "realm.yaml"), []byte(files.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out := runApply(context.Background(), os.Getenv("KCSYNC_TEST_URL"), dir); code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	if code, out := runApply(context.Background(), os.Getenv("KCSYNC_TEST_URL"), dir); code != 0 || !strings.Contains(out, "No changes") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
