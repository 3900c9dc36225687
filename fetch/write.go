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

// WriteError says that the account may not write what it was to write.
type WriteError struct {
	Realm string
	// Kinds are, by missing role of the realm's administration, such as
	// manage-clients, the names of the kinds that it is needed for.
	Kinds  map[string][]string
	finely bool // for all of them
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
func (e *WriteError) Finely() bool { return e.finely }

// Writable returns a [*WriteError] when the account lacks a role that writing
// takes. Kinds are the names of what is to be written, by the right that it
// takes, see [model.Place.Right]. Where fine-grained permissions are on, the
// account may have single objects without the role.
func Writable(ctx context.Context, c *keycloak.Client, realm string, kinds map[string][]string) error {
	lacking, finely := map[string][]string{}, true
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		right := model.RightNamed(name)
		if right.Probe == "" {
			continue
		}
		q := keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms", realm) + "/" + right.Probe, Repeatable: true}
		if !right.Blank {
			q.Body = struct{}{}
		}
		_, err := c.Do(ctx, q)
		switch {
		case err == nil:
		case keycloak.IsStatus(err, http.StatusForbidden):
			lacking[right.Writing()] = kinds[name]
			finely = finely && right.Finely
		case !keycloak.IsStatus(err, http.StatusBadRequest) && !keycloak.IsStatus(err, http.StatusNotFound):
			return err
		}
	}
	if len(lacking) > 0 {
		return &WriteError{Realm: realm, Kinds: lacking, finely: finely}
	}
	return nil
}

// Creatable returns an error when the account lacks the role that making a realm
// takes. The server looks at the role before it finds that the realm has no name.
func Creatable(ctx context.Context, c *keycloak.Client, realm string) error {
	_, err := c.Do(ctx, keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms"), Body: struct{}{}, Repeatable: true})
	switch {
	case keycloak.IsStatus(err, http.StatusForbidden):
		return &CreateError{Realm: realm}
	case keycloak.IsStatus(err, http.StatusBadRequest):
		return nil
	}
	return err
}

// CreateError says that the account may not make a realm.
type CreateError struct{ Realm string }

func (e *CreateError) Error() string {
	return fmt.Sprintf("realm %s is new, and the signed-in account lacks the role create-realm of realm %s", e.Realm, model.AdminRealm)
}

// silence warns where a list is empty that was asked for by name, and the
// account may not be able to see them. Who may write sees all.
func (r *run) silence(s *model.State) error {
	hidden := map[string]string{} // by right, the kind of which there is none
	for _, k := range r.kinds() {
		if r.want.Kinds == nil || !k.Top() {
			continue
		}
		found := slices.ContainsFunc(s.Sorted(), func(it *model.Item) bool { return it.Kind == k })
		if right := k.Place("").Right; model.RightNamed(right).Silent && !found {
			hidden[right] = k.Name
		}
	}
	for _, right := range slices.Sorted(maps.Keys(hidden)) {
		declared := hidden[right]
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
