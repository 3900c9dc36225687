// Package gate finds the changes of a plan that would shut out the account that
// applies it. It knows by what of a realm Keycloak lets an account in, and
// therefore names kinds, as the engine does not.
package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// Account is who applies a plan: an account of the realm that signs in by a
// client, as a user or as the client's own account.
type Account struct{ Client, User string }

// ShutsOut returns the changes that would keep an account of the plan's realm
// from signing in, or take from it the roles by which it administers realms:
// the apply would fail halfway, and nobody could run it again. Current is what
// the plan was made of.
func ShutsOut(p *diff.Plan, a Account, current *model.State) model.Diagnostics {
	g := gate{Account: a}
	g.client = model.AddressOf("", model.Lookup("client"), a.Client)
	g.user = model.AddressOf("", model.Lookup("user"), strings.ToLower(a.User))
	binding := "directGrantFlow"
	if a.User == "" {
		g.user = model.AddressOf(g.client, model.Lookup("service-account"), "")
		binding = "clientAuthenticationFlow"
	}
	realm := current.Items[model.Address(model.Realm.Name)]
	if realm != nil {
		alias, _ := realm.Fields[binding].(string)
		g.flow = model.AddressOf("", model.Lookup("authentication-flow"), alias)
	}
	for _, ch := range p.Changes {
		if alias, ok := ch.After[binding].(string); ok && ch.Kind == model.Realm {
			g.flow = model.AddressOf("", model.Lookup("authentication-flow"), alias)
		}
	}
	for _, ch := range p.Changes {
		g.change(ch)
	}
	return g.out
}

// gate is what an account passes to sign in.
type gate struct {
	Account
	client, user, flow model.Address
	out                model.Diagnostics
}

func (g *gate) fail(ch *diff.Change, pointer, summary string) {
	g.out = append(g.out, model.Diagnostic{Severity: model.Error, Code: "shuts-out", Addr: ch.Addr, Source: ch.Source.Field(pointer),
		Summary: summary, Detail: "apply it by another account"})
}

func (g *gate) change(ch *diff.Change) {
	own := ch.Addr == g.client || ch.Addr == g.user
	gone := ch.Action == diff.Delete || ch.Action == diff.Replace
	switch {
	case ch.Addr == g.flow:
		g.step(ch)
	case ch.Addr == administrator && gone:
		g.fail(ch, "", "the role "+adminRole+", by which the account that applies this administers, goes")
	case ch.Addr == administrator:
		g.composites(ch)
	case own && gone:
		g.fail(ch, "", "the account that applies this signs in by it, and it goes")
	case (ch.From == g.client || ch.From == g.user && g.User != "") && ch.From != "":
		g.fail(ch, "", "the account that applies this signs in by "+string(ch.From)+", which would have another name")
	case own || ch.Kind == model.Realm:
		g.signIn(ch)
		g.held(ch)
	}
}

// signIn finds what of the client, the account or the realm no longer lets the
// account sign in.
func (g *gate) signIn(ch *diff.Change) {
	for _, field := range []string{"enabled", "directAccessGrantsEnabled", "serviceAccountsEnabled"} {
		used := field == "enabled" || ch.Addr == g.client && (field == "serviceAccountsEnabled") == (g.User == "")
		if used && ch.After[field] == false && ch.Before[field] == true {
			g.fail(ch, model.Pointer(field), field+": false would shut out the account that applies this")
		}
	}
	for _, e := range ch.Edits {
		name := strings.TrimPrefix(e.Path, "/")
		switch {
		case ch.Addr == g.client && slices.Contains([]string{"secret", "clientAuthenticatorType", "publicClient"}, name):
			g.fail(ch, e.Path, "another "+name+" would shut out the account that applies this, which signs in by what it is now")
		case ch.Addr == g.user && name == "requiredActions" && len(listOf(e.After)) > len(listOf(e.Before)):
			g.fail(ch, e.Path, "requiredActions would shut out the account that applies this: it signs in without a browser")
		}
	}
}

// adminRole is the role of those who administer all realms.
const adminRole = "admin"

var administrator = model.AddressOf("", model.Lookup("role"), adminRole)

// held finds what no longer gives the account its roles.
func (g *gate) held(ch *diff.Change) {
	if ch.After["realmRoles"] != nil && slices.Contains(listOf(ch.Before["realmRoles"]), any(adminRole)) && !slices.Contains(listOf(ch.After["realmRoles"]), any(adminRole)) {
		g.fail(ch, "/realmRoles", "realmRoles would take the role "+adminRole+" from the account that applies this")
	}
	if ch.Addr == g.user {
		g.lost(ch, "/clientRoles", ch.Before["clientRoles"], ch.After["clientRoles"], "the account that applies this")
	}
	if ch.Addr == g.client && ch.Before["fullScopeAllowed"] == true && ch.After["fullScopeAllowed"] == false &&
		model.Zero(ch.Before["scopeMappings"]) && model.Zero(ch.After["scopeMappings"]) {
		g.fail(ch, "/fullScopeAllowed", "fullScopeAllowed: false would leave the account that applies this without its roles")
	}
}

// composites finds what the role of administrators no longer holds.
func (g *gate) composites(ch *diff.Change) {
	const who = "the role " + adminRole + ", by which the account that applies this administers"
	before, after := object(ch.Before["composites"]), object(ch.After["composites"])
	g.lost(ch, "/composites/client", before["client"], after["client"], who)
	if create := any("create-realm"); after["realm"] != nil && slices.Contains(listOf(before["realm"]), create) && !slices.Contains(listOf(after["realm"]), create) {
		g.fail(ch, "/composites/realm", "the role create-realm would be taken from "+who)
	}
}

// lost finds the roles to manage a realm that a map of roles by client no longer
// has.
func (g *gate) lost(ch *diff.Change, pointer string, before, after any, who string) {
	if after == nil {
		return // nothing is said of them
	}
	var lost []string
	for _, owner := range model.Keys(object(before)) {
		for _, r := range listOf(object(before)[owner]) {
			name, _ := r.(string)
			manages := strings.HasPrefix(name, "manage-") || name == "realm-admin"
			if manages && (owner == "realm-management" || strings.HasSuffix(owner, "-realm")) && !slices.Contains(listOf(object(after)[owner]), r) {
				lost = append(lost, name+" of "+owner)
			}
		}
	}
	switch n := len(lost); {
	case n > 3:
		g.fail(ch, pointer, fmt.Sprintf("the roles %s and %d more would be taken from %s", strings.Join(lost[:2], ", "), n-2, who))
	case n > 1:
		g.fail(ch, pointer, "the roles "+strings.Join(lost, ", ")+" would be taken from "+who)
	case n > 0:
		g.fail(ch, pointer, "the role "+lost[0]+" would be taken from "+who)
	}
}

// step finds that a flow lets nobody pass: nothing is on in it, or everybody comes
// to a step that denies access.
func (g *gate) step(ch *diff.Change) {
	if ch.After["executions"] == nil {
		return // nothing is said of them, or it goes, which the server lets none do that is bound
	}
	if open, denied := passes(listOf(ch.After["executions"])); denied || !open {
		g.fail(ch, "/executions", "nobody could pass the flow by which the account that applies this signs in")
	}
}

// passes reports whether something is on among the steps of a flow, and whether
// everybody meets one that denies access.
func passes(nodes []any) (open, denied bool) {
	for _, n := range nodes {
		node := object(n)
		switch requirement := node["requirement"]; requirement {
		case "DISABLED":
			continue
		case "REQUIRED":
			_, below := passes(listOf(node["executions"]))
			denied = denied || below || node["authenticator"] == "deny-access-authenticator"
		}
		open = true
	}
	return open, denied
}

// object returns a value that is a map, or nil.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// listOf returns a value that is a list, or nil.
func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}
