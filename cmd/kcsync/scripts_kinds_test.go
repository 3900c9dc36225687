package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
)

// shownChange is a change as a script expects to see it: in a text with which
// it compares a plan, or in a pattern. Below another object one may stand
// without that one's address.
var shownChange = regexp.MustCompile(`(?m)(?:^ *|[ ('])\\?(\+|~|-|>|-/\\?\+) ([a-z-]+(?:/\S+)?)(.*)$`)

// unshown are the changes that there are not, with the reason.
var unshown = map[string]string{
	"update admin-permissions":      "nothing is in it but policies and permissions",
	"delete admin-permissions":      "the realm has it while adminPermissionsEnabled is on",
	"delete authorization":          "the client has it while authorizationServicesEnabled is on",
	"update component":              "no provider of a server without extensions has something to configure",
	"rename localization":           "a locale is not another one",
	"delete management-permissions": "the server has them of each object, switched off at first",
	"delete management-permission":  "the server makes one for each scope",
	"rename management-permission":  "a scope is not another one",
	"delete realm":                  "nothing in the files says so",
	"delete service-account":        "it comes and goes with its client",
	"create user-profile":           "each realm has one",
	"delete user-profile":           "each realm has one",
}

// TestScriptsShowEveryKind checks that scripts show an object of each kind as
// it is created, updated, renamed and deleted.
func TestScriptsShowEveryKind(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	actions := map[string]string{"+": "create", "~": "update", "-": "delete", ">": "rename", "-/+": "replace"}
	shown := map[string]bool{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shownChange.FindAllStringSubmatch(string(data), -1) {
			kind := model.KindOf(model.Address(m[2]))
			if kind == nil {
				continue // a member of a list
			}
			shown[actions[strings.ReplaceAll(m[1], `\`, "")]+" "+kind.Name] = true
			if strings.Contains(m[3], "(previously:)") {
				shown["rename "+kind.Name] = true
			}
		}
	}
	for _, k := range model.Kinds() {
		for _, action := range []string{"create", "update", "rename", "delete"} {
			if action == "rename" && k.Singleton() {
				continue
			}
			change := action + " " + k.Name
			switch why, never := unshown[change]; {
			case !shown[change] && !never:
				t.Errorf("no script shows how to %s", change)
			case shown[change] && never:
				t.Errorf("a script shows how to %s, of which this test says: %s", change, why)
			}
		}
	}
}
