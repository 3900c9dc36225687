package diff

import (
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// Account is who applies a plan: an account of the realm that signs in by a
// client, as a user or as the client's own account.
type Account struct{ Client, User string }

// ShutsOut returns the changes that would keep an account of the plan's realm
// from signing in, or take from it the role by which it administers realms:
// the apply would fail halfway, and nobody could run it again.
func (p *Plan) ShutsOut(a Account) model.Diagnostics {
	var out model.Diagnostics
	fail := func(ch *Change, pointer, summary string) {
		out = append(out, model.Diagnostic{Severity: model.Error, Code: "shuts-out", Addr: ch.Addr, Source: ch.Source.Field(pointer),
			Summary: summary, Detail: "apply it by another account"})
	}
	client := model.AddressOf("", model.Lookup("client"), a.Client)
	user := model.AddressOf("", model.Lookup("user"), strings.ToLower(a.User))
	if a.User == "" {
		user = model.AddressOf(client, model.Lookup("service-account"), "")
	}
	for _, ch := range p.Changes {
		own := ch.Addr == client || ch.Addr == user
		switch {
		case own && (ch.Action == Delete || ch.Action == Replace):
			fail(ch, "", "the account that applies this signs in by it, and it goes")
			continue
		case !own && ch.Kind != model.Realm:
			continue
		}
		for _, field := range []string{"enabled", "directAccessGrantsEnabled", "serviceAccountsEnabled"} {
			used := field == "enabled" || ch.Addr == client && (field == "serviceAccountsEnabled") == (a.User == "")
			if used && ch.After[field] == false && ch.Before[field] == true {
				fail(ch, model.Pointer(field), field+": false would shut out the account that applies this")
			}
		}
		const role = "admin"
		held := func(o model.Object) bool {
			roles, _ := o["realmRoles"].([]any)
			return slices.Contains(roles, any(role))
		}
		if ch.After["realmRoles"] != nil && held(ch.Before) && !held(ch.After) {
			fail(ch, "/realmRoles", "realmRoles would take the role "+role+" from the account that applies this")
		}
		if ch.Addr == client && ch.Before["fullScopeAllowed"] == true && ch.After["fullScopeAllowed"] == false &&
			model.Zero(ch.Before["scopeMappings"]) && model.Zero(ch.After["scopeMappings"]) {
			fail(ch, "/fullScopeAllowed", "fullScopeAllowed: false would leave the account that applies this without its roles")
		}
	}
	return out
}
