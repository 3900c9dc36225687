package apply

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// spell writes steps as "+ clientRoles(web): client/web/role/a".
func spell(steps []linkStep) []string {
	var out []string
	for _, s := range steps {
		sign, owner := "+", ""
		if s.remove {
			sign = "-"
		}
		if s.owner != "" {
			owner = "(" + s.owner + ")"
		}
		var names []string
		for _, m := range s.members {
			names = append(names, string(m.addr()))
		}
		out = append(out, fmt.Sprintf("%s %s%s: %s", sign, model.Segments(s.members[0].path)[0], owner, strings.Join(names, " ")))
	}
	return out
}

func TestLinkSteps(t *testing.T) {
	l := func(s ...any) []any { return s }
	for _, c := range []struct {
		why, kind string
		edits     []diff.Edit
		now       object
		want      []string
	}{
		{"from one list to the other: added while still in the first, it would silently stay there", "client",
			[]diff.Edit{{Path: "/defaultClientScopes", Before: l("a", "b"), After: l("a")}, {Path: "/optionalClientScopes", Before: l(), After: l("b")}}, nil,
			[]string{"- defaultClientScopes: client-scope/b", "+ optionalClientScopes: client-scope/b"}},
		{"the other list is not declared, but the scope has to leave it", "client",
			[]diff.Edit{{Path: "/defaultClientScopes", Before: l(), After: l("b")}}, object{"optionalClientScopes": l("b", "c")},
			[]string{"- optionalClientScopes: client-scope/b", "+ defaultClientScopes: client-scope/b"}},
		{"no moment without a role", "group",
			[]diff.Edit{{Path: "/realmRoles", Before: l("a", "b"), After: l("b", "c", "d")}}, nil,
			[]string{"+ realmRoles: role/c role/d", "- realmRoles: role/a"}},
		{"one request per client", "group",
			[]diff.Edit{{Path: "/clientRoles", Before: object{"x": l("a"), "y": l("b")}, After: object{"x": l("a", "c"), "z": l("d")}}}, nil,
			[]string{"+ clientRoles(x): client/x/role/c", "+ clientRoles(z): client/z/role/d", "- clientRoles(y): client/y/role/b"}},
		{"an edit of one owner's roles", "group",
			[]diff.Edit{{Path: "/clientRoles/x", Before: l("a"), After: l("b")}}, nil,
			[]string{"+ clientRoles(x): client/x/role/b", "- clientRoles(x): client/x/role/a"}},
		{"composites of both sorts go to one path, hence in one request", "role",
			[]diff.Edit{{Path: "/composites/realm", Before: l(), After: l("a")}, {Path: "/composites/client", Before: object{}, After: object{"x": l("b"), "y": l("c")}}}, nil,
			[]string{"+ composites: client/x/role/b client/y/role/c role/a"}},
		{"an edit of composites as a whole", "role",
			[]diff.Edit{{Path: "/composites", Before: object{"realm": l("a"), "client": object{}}, After: object{"realm": l("b"), "client": object{"x": l("c")}}}}, nil,
			[]string{"+ composites: client/x/role/c role/b", "- composites: role/a"}},
		{"scope mappings have a path for each sort", "client-scope",
			[]diff.Edit{{Path: "/scopeMappings/realm", After: l("a")}, {Path: "/scopeMappings/client", After: object{"x": l("b")}}}, nil,
			[]string{"+ scopeMappings(x): client/x/role/b", "+ scopeMappings: role/a"}},
		{"groups are named by path", "service-account",
			[]diff.Edit{{Path: "/groups", After: l("/staff/emea")}}, nil, []string{"+ groups: group/staff/emea"}},
		{"what does not change needs no request", "group", []diff.Edit{{Path: "/realmRoles", Before: l("a"), After: l("a")}}, nil, nil},
	} {
		k := kind(t, c.kind)
		got := spell(linkSteps(evict(k, linkChanges(k, c.edits), c.now)))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.why, got, c.want)
		}
	}
}

func TestLinkBatch(t *testing.T) {
	var many []any
	for i := range linkBatch + 1 {
		many = append(many, fmt.Sprintf("role-%03d", i))
	}
	steps := linkSteps(linkChanges(kind(t, "group"), []diff.Edit{{Path: "/realmRoles", After: many}}))
	if len(steps) != 2 || len(steps[0].members) != linkBatch {
		t.Errorf("%d roles are sent in %d requests; the server's cost grows with the square of one request", len(many), len(steps))
	}
}

func TestRemaining(t *testing.T) {
	k := kind(t, "service-account")
	now := model.Object{"realmRoles": []any{"default-roles-x"}, "attributes": object{"a": []any{"1"}}}
	after := model.Object{"realmRoles": []any{"user"}, "attributes": object{"a": []any{"1"}}}
	planned := []diff.Edit{{Path: "/realmRoles", After: []any{"user"}}, {Path: "/attributes/b", Before: []any{"x"}}}
	got := remaining(k, now, after, planned)
	want := []diff.Edit{
		{Path: "/realmRoles", Before: []any{"default-roles-x"}, After: []any{"user"}},
		{Path: "/attributes/b"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("what the server put into an object by itself is the starting point:\ngot  %v\nwant %v", got, want)
	}
}
