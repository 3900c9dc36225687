package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// TestApart checks that flows which share a configuration in the file get each
// their own, and that the one which has it on the server keeps it.
func TestApart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "acme.json")
	flow := func(alias string) string {
		return `{"alias": "` + alias + `", "topLevel": true, "authenticationExecutions":
			[{"authenticator": "idp-review-profile", "requirement": "REQUIRED", "authenticatorConfig": "review"}]}`
	}
	content := `{"realm": "acme", "authenticationFlows": [` + flow("first") + "," + flow("second") + `],
		"authenticatorConfig": [{"alias": "review", "config": {"update.profile.on.first.login": "missing"}}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	states, diags := load.Load(file, load.Options{})
	if diags.Errors() {
		t.Fatal(diags)
	}
	names := func(s *model.State) string {
		var out []string
		for _, it := range s.Sorted() {
			it.Kind.Sole(it.Fields, func(holder map[string]any, f *model.Field, pointer string) {
				out = append(out, it.Addr.Key()+": "+holder[f.Name].(string))
			})
		}
		return strings.Join(out, "; ")
	}
	got, diags := Forward(states[0], model.NewState("acme"))
	if got, want := names(got), "first: review; second: review of second"; got != want {
		t.Errorf("in a new realm: %s; want %s", got, want)
	}
	if len(diags) != 1 || diags[0].Severity != model.Warning || diags[0].Addr != "authentication-flow/second" {
		t.Errorf("diagnostics: %v", diags)
	}
	if again, diags := Forward(states[0], got); names(again) != names(got) || len(diags) != 1 {
		t.Errorf("once they are made: %s; %v", names(again), diags)
	}
	shared := model.NewState("acme")
	shared.Items = states[0].Items
	if got, diags := Forward(states[0], shared); names(got) != "first: review; second: review" || len(diags) != 0 {
		t.Errorf("where an import let them share it: %s; %v", names(got), diags)
	}
}
