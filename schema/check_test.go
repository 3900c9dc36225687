package schema

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// TestCheck shows what is right and what is wrong, and the words for it. What
// whole files make of it is shown in package load.
func TestCheck(t *testing.T) {
	var c Checker
	for _, tc := range []struct {
		kind, file, want, why string
	}{
		{"client", "clientId: web", "", "the smallest client"},
		{"client", "[{clientId: a}, {clientId: b}]", "", "a list of them"},
		{"client", "[]", "", "a list of none"},
		{"client", "{clientId: 1, name: 1.5, enabled: 'false', attributes: {a: 1, b: null}}", "", "what canonical form makes of it fits"},
		{"client", "{clientId: a, redirectUris: x, defaultClientScopes: null}", "", "one value is a set of it; null is the default"},
		{"client", "{clientId: a, id: {}, access: [], secret: '${env:A}'}", "", "the server's own fields are passed over"},
		{"client", "{clientId: a, defaultRoles: {x: [1]}}", "", "so is what is not managed"},
		{"client", "{clientId: a, roles: [{name: r}, {nam: r}]}", `x.yaml:1:35: unknown field "nam" in role; did you mean "name"?`, "a child has its own fields"},
		{"group", "{name: a, subGroups: [{name: b, subGroups: [{name: c, x: 1}]}]}", `x.yaml:1:55: unknown field "x" in group; remove it; the fields are those of Keycloak's GroupRepresentation`, "at any depth"},
		{"realm", "{}", "", "a directory names its realm"},
		{"realm", "realm: null", "x.yaml:1:1: realm is empty; give it a value", "but not to nothing"},
		{"realm", "users: [{username: jane, whatever: 1}, {serviceAccountClientId: a, whatever: 1}]",
			`x.yaml:1:26: unknown field "whatever" in user; remove it; the fields are those of Keycloak's UserRepresentation
x.yaml:1:68: unknown field "whatever" in service-account; remove it; the fields are those of Keycloak's UserRepresentation`, "a list of two kinds of objects"},
		{"realm", "identityProviderMappers: [{name: a, identityProviderAlias: b, identityProviderMapper: c, previously: d}]", "", "a flat list names the parents"},
		{"identity-provider", "{alias: a, providerId: b, mappers: [{name: m, identityProviderMapper: c, identityProviderAlias: [1]}]}", "", "a nested one need not"},
		{"role", "{name: a, composites: {client: {web: }}}", "x.yaml:1:33: composites.client.web is empty; write [] for none, or remove the line", "nothing is not none"},
	} {
		docs, errs := text.Parse("x.yaml", []byte(tc.file))
		if errs != nil {
			t.Fatal(tc.file, errs)
		}
		if got := c.Check(model.Lookup(tc.kind), "x.yaml", docs[0], "").Error(); got != tc.want {
			t.Errorf("%s: %s: %s\ngot  %s\nwant %s", tc.why, tc.kind, tc.file, got, tc.want)
		}
	}
}

// TestServersNames shows that no property that some version of the server
// has is an error: people paste what a server shows them.
func TestServersNames(t *testing.T) {
	files, _ := filepath.Glob("../catalogue/classes/*.tsv")
	if len(files) == 0 {
		t.Fatal("no representations are recorded")
	}
	known := map[*model.Kind]map[string]any{}
	for _, k := range Kinds() {
		def := Realm()
		if k != model.Realm {
			def = For(k)["$defs"].(map[string]any)[k.Name].(map[string]any)
		}
		known[k], _ = def["properties"].(map[string]any)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for sc := bufio.NewScanner(f); sc.Scan(); {
			cols := strings.Split(sc.Text(), "\t")
			for k, props := range known {
				version := strings.TrimSuffix(filepath.Base(file), ".tsv")
				if cols[0] != k.Class || cols[1] == "*" || !model.HasVersion(version, k.Since) {
					continue // before the kind was there, its class was another
				}
				if _, ok := props[cols[1]]; !ok {
					t.Errorf("%s: %s.%s is an error", filepath.Base(file), cols[0], cols[1])
				}
			}
		}
		f.Close()
	}
}
