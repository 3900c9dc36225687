package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// TestLawsAcme checks the laws on the realm that the guide is about.
func TestLawsAcme(t *testing.T) {
	realm, dir := realmName("laws-acme"), t.TempDir()
	copyExample(t, "realms/acme", dir)
	replaceIn(t, filepath.Join(dir, "realm.yaml"), "realm: acme", "realm: "+realm)
	replaceIn(t, filepath.Join(dir, "roles", "defaults.yaml"), "default-roles-acme", "default-roles-"+realm)
	checkLaws(t, realm, dir)
}

// TestLawsHarbor checks the laws on a realm that has something of every kind,
// as far as the server has it.
func TestLawsHarbor(t *testing.T) {
	realm, dir := realmName("laws-harbor"), t.TempDir()
	copyExample(t, "harbor", dir)
	checkEveryKind(t, dir)
	info, err := testServer(t).ServerInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := model.Server{Version: info.Version, Features: info.Features}
	lacking(server).directory(t, dir)
	if !model.HasVersion(server.Version, "26.5") {
		defaultAuthorization.directory(t, dir)
	}
	replaceIn(t, filepath.Join(dir, "realm.yaml"), "harbor", realm) // its name, and nothing else
	checkLaws(t, realm, dir)
}

// foreign are the kinds of which no server has something unless it is started
// for that, with what it takes.
var foreign = map[string]string{
	"component":              "an extension that brings components of a type of its own",
	"management-permissions": "version 1 of fine-grained admin permissions, which excludes version 2",
	"management-permission":  "version 1 of fine-grained admin permissions, which excludes version 2",
}

// checkEveryKind checks that files declare an object of every kind.
func checkEveryKind(t *testing.T, dir string) {
	t.Helper()
	states, diags := load.Load(dir, load.Options{})
	if diags.Errors() {
		t.Fatal(diags)
	}
	declared := map[string]bool{}
	for _, it := range states[0].Items {
		declared[it.Kind.Name] = true
	}
	for _, k := range model.Kinds() {
		if !declared[k.Name] && !k.ReadOnly && foreign[k.Name] == "" {
			t.Errorf("%s declares no %s", dir, k.Name)
		}
	}
}

// copyExample copies the files of a realm of the examples.
func copyExample(t *testing.T, name, dir string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(), "examples", name))); err != nil {
		t.Fatal(err)
	}
}

// TestLawsLarge checks the laws on a realm of 200 clients.
func TestLawsLarge(t *testing.T) {
	realm, dir := realmName("laws-large"), t.TempDir()
	writeLarge(t, realm, dir)
	checkLaws(t, realm, dir)
}

// checkLaws applies a directory and checks that the plan is empty then; that
// the plan of an export is empty; and that the export, applied to a server
// without the realm, makes the same realm again.
func checkLaws(t *testing.T, realm, dir string) {
	c := testServer(t)
	t.Cleanup(func() {
		if err := removeRealms(c, realm); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("KCSYNC_URL", os.Getenv("KCSYNC_TEST_URL"))
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	tmp := t.TempDir()
	first, second := filepath.Join(tmp, "first"), filepath.Join(tmp, "second")

	giveSecrets(t, dir, nil)
	kcsync(t, "apply", dir)
	noChanges(t, "after apply", dir)

	kcsync(t, "export", "--realm", realm, "-o", first, "--secrets-file", filepath.Join(tmp, "first.env"))
	noChanges(t, "of the export", first)

	req := keycloak.Request{Method: "DELETE", Path: keycloak.Path("admin", "realms", realm)}
	if _, err := c.Do(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	giveSecrets(t, first, readEnv(t, filepath.Join(tmp, "first.env")))
	kcsync(t, "apply", first)
	noChanges(t, "after applying the export", first)
	data.directory(t, dir)
	noChanges(t, "of the files, with the realm made from the export", dir)

	kcsync(t, "export", "--realm", realm, "-o", second, "--secrets-file", filepath.Join(tmp, "second.env"))
	if diff := compareDirs(first, second); diff != "" {
		t.Errorf("the export of the realm that was made from an export: %s", diff)
	}
	one, two := readFile(t, filepath.Join(tmp, "first.env")), readFile(t, filepath.Join(tmp, "second.env"))
	if one != two {
		t.Errorf("the secrets that the server tells are other ones:\n%s\n%s", one, two)
	}
}

// kcsync runs a command, which has to succeed, and returns what it prints.
func kcsync(t *testing.T, args ...string) string {
	t.Helper()
	var out, errw bytes.Buffer
	if code := Run(context.Background(), append([]string{"kcsync"}, args...), strings.NewReader(""), &out, &errw); code != exitFine {
		t.Fatalf("kcsync %s: exit code %d\n%s%s", strings.Join(args, " "), code, out.String(), errw.String())
	}
	return out.String()
}

func noChanges(t *testing.T, when, dir string) {
	t.Helper()
	var out, errw bytes.Buffer
	code := Run(context.Background(), []string{"kcsync", "plan", "--detailed-exitcode", dir}, strings.NewReader(""), &out, &errw)
	if code != exitFine || !strings.Contains(out.String(), "No changes.") {
		t.Fatalf("the plan %s is not empty: exit code %d\n%s%s", when, code, out.String(), errw.String())
	}
}

var reference = regexp.MustCompile(`\$\{env:([A-Za-z0-9_]+)\}`)

// giveSecrets sets every environment variable that the files below a
// directory refer to: as told, or to a value made up.
func giveSecrets(t *testing.T, dir string, told map[string]string) {
	files, err := dirFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range files {
		for _, m := range reference.FindAllStringSubmatch(content, -1) {
			value, ok := told[m[1]]
			if !ok {
				value = "made-up-" + m[1]
			}
			t.Setenv(m[1], value)
		}
	}
}

// readEnv reads a file of secrets: NAME='value' lines.
func readEnv(t *testing.T, path string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(readFile(t, path)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		out[name] = strings.ReplaceAll(strings.Trim(value, "'"), `'\''`, "'")
	}
	return out
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func replaceIn(t *testing.T, path, old, now string) {
	t.Helper()
	text := readFile(t, path)
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands not once in %s", old, path)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(text, old, now, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeLarge writes the files of a realm of 200 clients with two mappers and
// two roles each, 50 realm roles, half of them composite, 10 client scopes
// and 40 groups.
func writeLarge(t *testing.T, realm, dir string) {
	var clients, scopes, roles, groups strings.Builder
	for i := range 10 {
		fmt.Fprintf(&scopes, `- name: scope-%02d
  protocol: openid-connect
  protocolMappers:
    - name: audience
      protocolMapper: oidc-audience-mapper
      config: {included.client.audience: client-%03[1]d, access.token.claim: true}
`, i)
	}
	for i := range 200 {
		fmt.Fprintf(&clients, `- clientId: client-%03d
  name: Client %[1]d
  publicClient: %t
  redirectUris: [https://c%[1]d.example/*, https://c%[1]d.example/login]
  defaultClientScopes: [basic, profile, scope-%02[3]d]
  attributes: {tosUri: https://c%[1]d.example/tos}
  roles:
    - name: use
    - name: manage
      composites: {client: {client-%03[1]d: [use]}}
  protocolMappers:
    - name: tier
      protocolMapper: oidc-hardcoded-claim-mapper
      config: {claim.name: tier, claim.value: gold}
    - name: site
      protocolMapper: oidc-usermodel-attribute-mapper
      config: {user.attribute: site, claim.name: site, access.token.claim: true}
`, i, i%2 == 0, i%10)
	}
	for i := range 50 {
		fmt.Fprintf(&roles, "- name: role-%02d\n  attributes: {level: [\"%d\"]}\n", i, i)
		if i%2 == 1 {
			fmt.Fprintf(&roles, "  composites: {realm: [role-%02d], client: {client-%03d: [use]}}\n", i-1, i)
		}
	}
	for i := range 20 {
		fmt.Fprintf(&groups, `- name: group-%02d
  attributes: {floor: ["%d"]}
  realmRoles: [role-%02[1]d]
  subGroups:
    - name: managers
      clientRoles: {client-%03[1]d: [manage]}
`, i, i%5)
	}
	for path, content := range map[string]string{
		"realm.yaml":             "realm: " + realm + "\nenabled: true\ndefaultGroups: [/group-00]\n",
		"clients/all.yaml":       clients.String(),
		"client-scopes/all.yaml": scopes.String(),
		"roles/all.yaml":         roles.String(),
		"groups/all.yaml":        groups.String(),
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
