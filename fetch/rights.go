package fetch

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// RightsError says that the account may not see what it was to read.
type RightsError struct {
	Realm string
	// Roles are the missing roles of the realm's administration, such as
	// view-clients.
	Roles []string
}

func (e *RightsError) Error() string {
	roles, them := "the role "+e.Roles[0], "it"
	if n := len(e.Roles) - 1; n > 0 {
		roles = "the roles " + strings.Join(e.Roles[:n], ", ") + " and " + e.Roles[n]
		them = "them"
	}
	return fmt.Sprintf("realm %s: the signed-in account would not see everything, because it lacks %s (%s); "+
		"grant %s, or leave what needs %s out of the files", e.Realm, roles, holder(e.Realm), them, them)
}

// holder says which client has the roles of a realm's administration.
func holder(realm string) string {
	if realm == model.AdminRealm {
		return "of client master-realm"
	}
	return "of client realm-management or, for an account of realm master, of client " + realm + "-realm there"
}

// probes are requests that are refused without a right. Where only a role
// such as query-users is held, Keycloak does not refuse the lists: it leaves
// out, without a word, what the account may not view, which would look as if
// it did not exist. What is not named here is refused by its own list.
//
// The access token is no proof either way: those of admin-cli do not say
// which roles they carry, and others may be older than the realm.
//
// For organizations no such request is known: with query-organizations alone
// the list is empty, its count 0 and what is not there a 404, as with the
// right to view them; a member's organizations are refused with that, too.
var probes = map[string]string{
	"clients": "clients-initial-access",
	"users":   "attack-detection/brute-force/users/kcsync", // there is no user of this id, and need not be
}

// probe finds out whether the account sees all that a right is needed for.
func (r *run) probe(a *area, right string) error {
	path, _ := fill(r.realm, probes[right], nil)
	_, err := r.get(a, path, nil)
	return r.refused(right, err)
}

// needs returns the rights without which lists that are wanted are filtered.
func (r *run) needs(base bool) []string {
	var out []string
	for _, k := range r.kinds() {
		for _, p := range k.Places {
			asked := p.Path != "" && !p.Inline && !(p.Base && base)
			if asked && probes[p.Right] != "" && !slices.Contains(out, p.Right) && r.reachable(p) {
				out = append(out, p.Right)
			}
		}
	}
	return out
}

// reachable reports whether objects of the kind that a place is below are
// read at all.
func (r *run) reachable(p model.Place) bool {
	return p.Parent == "" || r.want.has(model.Lookup(p.Parent))
}

// refused takes note of a request that was refused for want of a right, and
// returns other errors as they are. Reading goes on, so that all rights that
// are missing can be told at once.
func (r *run) refused(right string, err error) error {
	if right == "" || !keycloak.IsStatus(err, http.StatusForbidden) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.denied[right] {
		r.denied[right] = true
		if right != model.RealmAdmin && !strings.HasPrefix(right, manage) {
			right = "view-" + right
		}
		r.lacking = append(r.lacking, right)
	}
	return nil
}

// manage begins the word for a right that takes more than to view.
const manage = "manage-"

// rightOf returns the word for the right to see what is in a place.
func rightOf(p *model.Place) string {
	if p.Managed && p.Right != "" {
		return manage + p.Right
	}
	return p.Right
}

// enough reports whether the run will end with an error anyway, so that only
// first requests are still of use.
func (r *run) enough() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.denied) > 0
}
