package diff

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
)

func TestMemberEdits(t *testing.T) {
	k := model.Lookup("user-profile")
	for _, tc := range []struct{ why, before, after, want string }{
		{"nothing differs", `[{"name":"a"}]`, `[{"name":"a"}]`, ""},
		{"a field of a member", `[{"name":"a","group":"x"}]`, `[{"name":"a","group":"y"}]`, `/attributes/a/group: "x" -> "y"`},
		{"required of everybody is not the same as of nobody", `[{"name":"a","required":{}}]`, `[{"name":"a"}]`, `/attributes/a/required: {} -> null`},
		{"nor a validator without settings as none", `[{"name":"a","validations":{"email":{},"length":{}}}]`, `[{"name":"a","validations":{"length":{}}}]`,
			`/attributes/a/validations/email: {} -> null`},
		{"what comes at the end needs no word on the order", `[{"name":"a"}]`, `[{"name":"a"},{"name":"b","group":"x"}]`,
			`/attributes/b: null -> {"name":"b"}; /attributes/b/group: null -> "x"`},
		{"what comes elsewhere does", `[{"name":"a"}]`, `[{"name":"b"},{"name":"a"}]`, `/attributes/b: null -> {"name":"b"}; /attributes: ["a"] -> ["b","a"]`},
		{"what goes does not change the order", `[{"name":"a"},{"name":"b"},{"name":"c"}]`, `[{"name":"a"},{"name":"c"}]`, `/attributes/b: {"name":"b"} -> null`},
		{"order alone", `[{"name":"a"},{"name":"b"}]`, `[{"name":"b"},{"name":"a"}]`, `/attributes: ["a","b"] -> ["b","a"]`},
	} {
		canonical := func(s string) any {
			var l []any
			if err := json.Unmarshal([]byte(s), &l); err != nil {
				t.Fatal(err)
			}
			return k.Canonical(model.Object{"attributes": l})["attributes"]
		}
		var got []string
		for _, e := range memberEdits(k.Fields.Get("attributes"), Edit{Path: "/attributes", Before: canonical(tc.before), After: canonical(tc.after)}) {
			b, _ := json.Marshal(e.Before)
			a, _ := json.Marshal(e.After)
			got = append(got, e.Path+": "+string(b)+" -> "+string(a))
		}
		if got := strings.Join(got, "; "); got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.why, got, tc.want)
		}
	}
}

func TestMembersByName(t *testing.T) {
	f := model.Lookup("user-profile").Fields.Get("groups")
	got := members(f, []any{map[string]any{"name": "a", "displayHeader": "A"}, "no object"})
	if want := (map[string]map[string]any{"a": {"name": "a", "displayHeader": "A"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
