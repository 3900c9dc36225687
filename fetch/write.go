package fetch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// asked are requests that the server refuses for want of a right to write, and
// that change nothing: it looks at the right before it finds that what is to
// be made has no name, or no content that it knows. That needs no token which
// tells its roles, and counts roles that are parts of others.
//
// There is none for the right to authorization settings, without which they
// cannot be read either.
var asked = map[string]struct {
	path string
	body any
}{
	"realm":              {"partial-export", nil},
	"clients":            {"client-description-converter", struct{}{}},
	"users":              {"users", struct{}{}},
	"identity-providers": {"identity-provider/import-config", struct{}{}},
	"organizations":      {"organizations", struct{}{}},
	model.RealmAdmin:     {"workflows", struct{}{}},
}

// WriteError says that the account may not write what it was to write.
type WriteError struct {
	Realm string
	// Kinds are, by missing role of the realm's administration, such as
	// manage-clients, the names of the kinds that it is needed for.
	Kinds map[string][]string
}

func (e *WriteError) Error() string {
	var roles []string
	for _, role := range slices.Sorted(maps.Keys(e.Kinds)) {
		roles = append(roles, fmt.Sprintf("%s for %s", role, strings.Join(e.Kinds[role], ", ")))
	}
	return fmt.Sprintf("realm %s: the signed-in account lacks roles that the changes take: %s (%s)", e.Realm, strings.Join(roles, "; "), holder(e.Realm))
}

// Finely reports whether fine-grained permissions can stand for all roles that
// are missing.
func (e *WriteError) Finely() bool {
	for role := range e.Kinds {
		if role != "manage-clients" && role != "manage-users" && role != "manage-organizations" {
			return false
		}
	}
	return true
}

// Writable returns a [*WriteError] when the account lacks a role that writing
// takes. Kinds are the names of what is to be written, by the right that it
// takes, see [model.Place.Right]. Where fine-grained permissions are on, the
// account may have single objects without the role.
func Writable(ctx context.Context, c *keycloak.Client, realm string, kinds map[string][]string) error {
	lacking := map[string][]string{}
	for _, right := range slices.Sorted(maps.Keys(kinds)) {
		q, ok := asked[right]
		if !ok {
			continue
		}
		_, err := c.Do(ctx, keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms", realm) + "/" + q.path, Body: q.body, Repeatable: true})
		switch {
		case err == nil:
		case keycloak.IsStatus(err, http.StatusForbidden):
			role := manage + right
			if right == model.RealmAdmin {
				role = right
			}
			lacking[role] = kinds[right]
		case !keycloak.IsStatus(err, http.StatusBadRequest) && !keycloak.IsStatus(err, http.StatusNotFound):
			return err
		}
	}
	if len(lacking) > 0 {
		return &WriteError{Realm: realm, Kinds: lacking}
	}
	return nil
}

// silent are the rights whose list is empty, without a word, for an account
// that has the role to query only, and for which there is no probe.
var silent = []string{"organizations"}

// silence warns where a list is empty that was asked for by name, and the
// account may not be able to see them. Who may write sees all.
func (r *run) silence(s *model.State) error {
	for _, right := range silent {
		declared, found := "", false
		for _, k := range r.kinds() {
			if r.want.Kinds != nil && k.Top() && k.Place("").Right == right {
				declared = k.Name
			}
		}
		for _, it := range s.Items {
			found = found || it.Kind.Name == declared
		}
		if declared == "" || found {
			continue
		}
		err := Writable(r.outer, r.client, r.realm, map[string][]string{right: {declared}})
		var denied *WriteError
		if errors.As(err, &denied) {
			r.note(model.Diagnostic{Severity: model.Warning, Code: "maybe-hidden",
				Summary: fmt.Sprintf("the server shows no %s, which it also does to an account that has query-%s only: what the plan creates may be there", declared, right),
				Detail:  "grant the account view-" + right})
		} else if err != nil {
			return err
		}
	}
	return nil
}
