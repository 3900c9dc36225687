package ops

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kcsync/kcsync/keycloak"
)

// userPage is how many users are read or written by one request.
const userPage = 200

// A UserExport says what to tell of the users.
type UserExport struct {
	Skip  int    // users to leave out at the beginning: an export that was interrupted goes on behind them
	After string // the name of the last user left out; an error if it is another one by now. Empty: not checked

	Groups     bool // the groups that each is a member of: one request more for each user
	Roles      bool // the roles given to each: one more
	Identities bool // the links to accounts at identity providers: one more

	Parallelism int // requests at once for these; 0: one
}

// computed are the properties of a user that the server works out, or that say where the user was found.
var computed = []string{"access", "disableableCredentialTypes", "notBefore", "totp", "userProfileMetadata", "origin", "self"}

// ExportUsers calls each with every user of the realm in the order of their names, as Keycloak's realm files hold them,
// without passwords, which the server tells nobody. One page of users is held at a time.
func (r Realm) ExportUsers(ctx context.Context, e UserExport, each func(Object) error) error {
	first, size := e.Skip, userPage
	if e.Skip > 0 && e.After != "" {
		first, size = e.Skip-1, userPage+1
	}
	for {
		var page []Object
		query := url.Values{"first": {strconv.Itoa(first)}, "max": {strconv.Itoa(size)}, "briefRepresentation": {"false"}}
		if err := r.get(ctx, query, &page, "users"); err != nil {
			return err
		}
		full := len(page) == size
		first += len(page)
		if size > userPage {
			if len(page) == 0 || page[0]["username"] != e.After {
				return fmt.Errorf("realm %s has other users than before: %s is not the last of the first %d any more; export them anew", r.name, e.After, e.Skip)
			}
			page, size = page[1:], userPage
		}
		if err := r.details(ctx, e, page); err != nil {
			return err
		}
		for _, u := range page {
			for _, k := range computed {
				delete(u, k)
			}
			if err := each(u); err != nil {
				return err
			}
		}
		if !full {
			return nil
		}
	}
}

// details adds to each user what the list of users does not tell.
func (r Realm) details(ctx context.Context, e UserExport, users []Object) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(e.Parallelism, 1))
	for _, u := range users {
		g.Go(func() error {
			if e.Groups {
				if err := r.groups(ctx, u); err != nil {
					return err
				}
			}
			if e.Roles {
				if err := r.roles(ctx, u); err != nil {
					return err
				}
			}
			if e.Identities {
				return r.identities(ctx, u)
			}
			return nil
		})
	}
	return g.Wait()
}

func (r Realm) groups(ctx context.Context, user Object) error {
	var found []Object
	if err := r.get(ctx, nil, &found, "users", text(user["id"]), "groups"); err != nil {
		return err
	}
	var paths []string
	for _, g := range found {
		paths = append(paths, text(g["path"]))
	}
	if len(paths) > 0 {
		user["groups"] = paths
	}
	return nil
}

func (r Realm) roles(ctx context.Context, user Object) error {
	var found struct {
		RealmMappings  []Object
		ClientMappings map[string]struct{ Mappings []Object }
	}
	if err := r.get(ctx, nil, &found, "users", text(user["id"]), "role-mappings"); err != nil {
		return err
	}
	names := func(roles []Object) (out []string) {
		for _, role := range roles {
			out = append(out, text(role["name"]))
		}
		return out
	}
	if len(found.RealmMappings) > 0 {
		user["realmRoles"] = names(found.RealmMappings)
	}
	clients := map[string]any{}
	for client, m := range found.ClientMappings {
		clients[client] = names(m.Mappings)
	}
	if len(clients) > 0 {
		user["clientRoles"] = clients
	}
	return nil
}

func (r Realm) identities(ctx context.Context, user Object) error {
	var found []any
	if err := r.get(ctx, nil, &found, "users", text(user["id"]), "federated-identity"); err != nil {
		return err
	}
	if len(found) > 0 {
		user["federatedIdentities"] = found
	}
	return nil
}

// Existing says what an import does with a user that the realm has already.
type Existing string

// What can be done with users that are there.
const (
	Skip      Existing = "SKIP"
	Overwrite Existing = "OVERWRITE" // deletes the user and makes it anew: sessions, consents and second factors are gone
	Fail      Existing = "FAIL"
)

// An Imported counts what an import has done so far.
type Imported struct {
	Lines                       int // of the file, those that were left out at the beginning included
	Added, Skipped, Overwritten int
}

// CheckUsers reads users as [Realm.ImportUsers] does, without a server, and counts them. Its error tells the first
// lines that are no users.
func CheckUsers(lines io.Reader) (n int, err error) {
	const most = 20
	var problems []error
	err = eachUser(lines, func(line int, _ Object, err error) error {
		n = line
		if err != nil && len(problems) < most {
			problems = append(problems, err)
		}
		return nil
	})
	return n, errors.Join(append(problems, err)...)
}

// eachUser calls each with every line, and with what is wrong with it as a user.
func eachUser(lines io.Reader, each func(line int, user Object, err error) error) error {
	in := bufio.NewReader(lines)
	for line := 1; ; line++ {
		text, err := in.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		last := err == io.EOF
		if last && len(bytes.TrimSpace(text)) == 0 {
			return nil
		}
		user, err := readUser(text)
		if err != nil {
			err = fmt.Errorf("line %d %w", line, err)
		}
		if err = each(line, user, err); err != nil || last {
			return err
		}
	}
}

func readUser(line []byte) (Object, error) {
	var u Object
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&u); err != nil {
		return nil, fmt.Errorf("is not a JSON object of a user: %w", err)
	}
	if strings.TrimSpace(text(u["username"])) == "" {
		return nil, errors.New("has no username")
	}
	return u, nil
}

// Exported reads what an export has written before it was interrupted: how many users, the last of them, and the bytes
// of their lines. A line that was cut off does not count.
func Exported(lines io.Reader) (n int, last string, end int64, err error) {
	in := bufio.NewReader(lines)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return n, last, end, nil
		}
		if err != nil {
			return 0, "", 0, err
		}
		user, err := readUser(line)
		if err != nil {
			return 0, "", 0, fmt.Errorf("line %d %w", n+1, err)
		}
		last = text(user["username"])
		n++
		end += int64(len(line))
	}
}

// A UserImport says how users come in.
type UserImport struct {
	Existing Existing
	Skip     int // lines to leave out at the beginning: an import that was interrupted goes on behind them

	// NewIDs lets the server give the users ids of its own, instead of those in the file. Applications know users by
	// their ids (sub), so these are kept where they can; two realms of one server cannot have the same.
	NewIDs bool
}

// ImportUsers reads users from JSON lines, one object each as ExportUsers tells them, and makes them in the realm, some
// hundred at a time, each such part as a whole or not at all. It tells each how far it is after every part. The memory
// it needs does not grow with the file.
func (r Realm) ImportUsers(ctx context.Context, lines io.Reader, u UserImport, each func(Imported) error) error {
	done := Imported{Lines: u.Skip}
	var part []Object
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		var res struct{ Added, Skipped, Overwritten int }
		body := Object{"ifResourceExists": u.Existing, "users": part}
		err := r.send(ctx, "POST", nil, body, &res, "partialImport")
		if keycloak.IsStatus(err, 409) && !u.NewIDs && u.Existing != Fail {
			err = fmt.Errorf("%w\nan id in the file may be that of a user of another realm of this server: import with new ids", err)
		}
		if err != nil {
			return fmt.Errorf("lines %d to %d, none of which was imported: %w", done.Lines+1, done.Lines+len(part), err)
		}
		done.Lines += len(part)
		done.Added, done.Skipped, done.Overwritten = done.Added+res.Added, done.Skipped+res.Skipped, done.Overwritten+res.Overwritten
		part = part[:0]
		return each(done)
	}
	err := eachUser(lines, func(line int, user Object, err error) error {
		if line <= u.Skip || err != nil {
			return err
		}
		if u.NewIDs {
			delete(user, "id")
		}
		if part = append(part, user); len(part) == userPage {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
