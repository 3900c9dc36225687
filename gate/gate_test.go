package gate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// TestShutsOut: what a plan may not do to the account that applies it, and what
// it may.
func TestShutsOut(t *testing.T) {
	user, service := Account{Client: "admin-cli", User: "Alba"}, Account{Client: "clerk"}
	type o = model.Object
	tests := []struct {
		name    string
		account Account
		change  diff.Change
		want    string // "" is nothing
	}{
		{"the client goes", service, diff.Change{Addr: "client/clerk", Action: diff.Delete},
			"the account that applies this signs in by it, and it goes"},
		{"another client goes", service, diff.Change{Addr: "client/other", Action: diff.Delete}, ""},
		{"the user is called otherwise", user, diff.Change{Addr: "user/bea", From: "user/alba", Action: diff.Move},
			"the account that applies this signs in by user/alba, which would have another name"},
		{"the realm is off", user, diff.Change{Addr: "realm", Before: o{"enabled": true}, After: o{"enabled": false}},
			"enabled: false would shut out the account that applies this"},
		{"the realm was off", user, diff.Change{Addr: "realm", Before: o{"enabled": false}, After: o{"enabled": false}}, ""},
		{"direct grants of the user's client are off", user,
			diff.Change{Addr: "client/admin-cli", Before: o{"directAccessGrantsEnabled": true}, After: o{"directAccessGrantsEnabled": false}},
			"directAccessGrantsEnabled: false would shut out the account that applies this"},
		{"direct grants of a client that signs in itself are off", service,
			diff.Change{Addr: "client/clerk", Before: o{"directAccessGrantsEnabled": true}, After: o{"directAccessGrantsEnabled": false}}, ""},
		{"a required action comes", user, diff.Change{Addr: "user/alba", Edits: []diff.Edit{{Path: "/requiredActions", After: []any{"UPDATE_PASSWORD"}}}},
			"requiredActions would shut out the account that applies this: it signs in without a browser"},
		{"a required action goes", user, diff.Change{Addr: "user/alba", Edits: []diff.Edit{{Path: "/requiredActions", Before: []any{"UPDATE_PASSWORD"}}}}, ""},
		{"the role to manage clients goes", user,
			diff.Change{Addr: "user/alba", Before: o{"clientRoles": map[string]any{"realm-management": []any{"manage-clients", "view-users"}}}, After: o{"clientRoles": map[string]any{}}},
			"the role manage-clients of realm-management would be taken from the account that applies this"},
		{"nothing is said of roles", user,
			diff.Change{Addr: "user/alba", Before: o{"clientRoles": map[string]any{"realm-management": []any{"manage-clients"}}}, After: o{"enabled": true}}, ""},
		{"many roles of the service account go", service,
			diff.Change{Addr: "client/clerk/service-account", Before: o{"clientRoles": map[string]any{"shop-realm": []any{"manage-clients", "manage-realm", "manage-users", "manage-events"}}},
				After: o{"clientRoles": map[string]any{}}},
			"the roles manage-clients of shop-realm, manage-realm of shop-realm and 2 more would be taken from the account that applies this"},
		{"a step of the bound flow denies access", user,
			diff.Change{Addr: "authentication-flow/grant", After: o{"executions": []any{
				map[string]any{"flow": "forms", "requirement": "REQUIRED", "executions": []any{map[string]any{"authenticator": "deny-access-authenticator", "requirement": "REQUIRED"}}}}}},
			"nobody could pass the flow by which the account that applies this signs in"},
		{"a step that denies access is for some", user,
			diff.Change{Addr: "authentication-flow/grant", After: o{"executions": []any{
				map[string]any{"authenticator": "direct-grant-validate-username", "requirement": "REQUIRED"},
				map[string]any{"flow": "some", "requirement": "CONDITIONAL", "executions": []any{map[string]any{"authenticator": "deny-access-authenticator", "requirement": "REQUIRED"}}}}}}, ""},
		{"another flow", user, diff.Change{Addr: "authentication-flow/browser", After: o{"executions": []any{}}}, ""},
	}
	current := &model.State{Items: map[model.Address]*model.Item{"realm": {Fields: o{"directGrantFlow": "grant"}}}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.change.Kind = model.KindOf(test.change.Addr)
			got := ""
			for _, d := range ShutsOut(&diff.Plan{Changes: []*diff.Change{&test.change}}, test.account, current) {
				got += d.Summary
			}
			if difference := cmp.Diff(test.want, got); difference != "" {
				t.Error(difference)
			}
		})
	}
}
