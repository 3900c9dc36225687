package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
)

// TestManagedMembers has somebody come to an organization through its identity
// provider. Such a member's account is the organization's: the server deletes
// it with the organization, and with the membership. kcsync takes neither away
// unless the organization is named on the command line.
func TestManagedMembers(t *testing.T) {
	c := testServer(t)
	realm := realmName("members")
	t.Cleanup(func() { removeRealms(c, realm) })
	makeUpstream(t, c, realm)
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	dir := filepath.Join(t.TempDir(), realm)
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		text = strings.NewReplacer("REALM", realm, "SERVER", os.Getenv("KCSYNC_TEST_URL")).Replace(text)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	apply := func(more ...string) string {
		t.Helper()
		args := append([]string{"kcsync", "apply", "--yes", "--prune", "--url", os.Getenv("KCSYNC_TEST_URL"), dir}, more...)
		var out strings.Builder
		if code := Run(context.Background(), args, strings.NewReader(""), &out, &out); code != 0 {
			t.Fatalf("exit code %d\n%s", code, out.String())
		}
		return out.String()
	}
	get := func(fields string, path ...string) string {
		t.Helper()
		var v any
		query := map[string][]string{"max": {"10"}}
		if err := c.Get(context.Background(), keycloak.Path(append([]string{"admin", "realms", realm}, path...)...), query, &v); err != nil {
			t.Fatal(err)
		}
		return printed(v, strings.Split(fields, ","))
	}
	write("realm.yaml", "realm: REALM\nenabled: true\nsslRequired: none\norganizationsEnabled: true\nusers: [{username: alice}]\n")
	write("clients/web.yaml", webOfLogins["clients/web.yaml"])
	write("identity-providers/upstream.yaml", webOfLogins["identity-providers/upstream.yaml"])
	const acme = "name: acme\ndomains: [{name: shop.example}]\nidentityProviders: [upstream]\n"
	write("organizations/acme.yaml", acme)
	apply()

	p, err := newPerson(c, realm, way{name: "member", open: loginPage, hint: "upstream", stands: "nothing", home: "-one"})
	if err == nil {
		err = p.begin()
	}
	if err == nil {
		_, err = p.finish()
	}
	if err != nil {
		t.Fatal(err)
	}
	id := strings.TrimSpace(strings.TrimPrefix(get("id", "organizations"), "id="))
	members := func() string { return get("username,membershipType", "organizations", id, "members") }
	is := "username=" + p.name + " membershipType=MANAGED\n"
	if got := members(); got != is {
		t.Fatalf("the members are\n%snot\n%s", got, is)
	}

	write("organizations/acme.yaml", acme+"members: [alice]\n")
	apply()
	if got := members(); !strings.Contains(got, is) || !strings.Contains(got, "username=alice membershipType=UNMANAGED") {
		t.Errorf("beside a declared member the members are\n%s", got)
	}
	if err := os.Remove(filepath.Join(dir, "organizations/acme.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "organizations"), 0o755); err != nil {
		t.Fatal(err)
	}
	apply()
	if got := members(); !strings.Contains(got, is) {
		t.Errorf("after --prune the members are\n%s", got)
	}
	out := apply("--delete", "organization/acme")
	if want := "! the accounts of the members that it manages are deleted with it"; !strings.Contains(out, want) {
		t.Errorf("the plan does not say %q:\n%s", want, out)
	}
	if got := get("username", "users"); got != "username=alice\n" {
		t.Errorf("the accounts are then\n%s", got)
	}
}
