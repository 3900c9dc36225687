package main

import (
	"os"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// TestNewerIsTold shows that no kind, and no field, that a version came with is
// missing in the script which shows what older versions' check says of it. That the
// registry knows of all of them is shown by model's TestFieldsAreTheServers.
func TestNewerIsTold(t *testing.T) {
	script, err := os.ReadFile("testdata/script/validate-version.txtar")
	if err != nil {
		t.Fatal(err)
	}
	oldest := fixtures.Versions()[0]
	shown := func(name, since string) {
		if !model.HasVersion(oldest, since) && !strings.Contains(string(script), name+" exists since Keycloak "+since) {
			t.Errorf("%s is there since %s, and no line of the script says so", name, since)
		}
	}
	var fields func(fs model.Fields)
	fields = func(fs model.Fields) {
		for i := range fs {
			if f := &fs[i]; !f.Computed {
				shown(f.Name, f.Since)
				fields(f.Fields)
			}
		}
	}
	for _, k := range model.Kinds() {
		shown(k.Name, k.Since)
		fields(k.Fields)
	}
}
