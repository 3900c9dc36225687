package ops

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/kcsync/kcsync/keycloak"
)

var sessionColumns = []string{"user", "clients", "started", "lastAccess", "ipAddress", "id"}

// session puts a session of the server (UserSessionRepresentation) into the words of a [List].
func session(s Object, offline bool) Object {
	var clients []string
	if m, ok := s["clients"].(map[string]any); ok {
		for _, name := range m {
			clients = append(clients, text(name))
		}
	}
	sort.Strings(clients)
	return Object{
		"id": s["id"], "user": s["username"], "ipAddress": s["ipAddress"], "offline": offline,
		"started": millis(s["start"]), "lastAccess": millis(s["lastAccess"]), "clients": strings.Join(clients, ", "),
	}
}

// UserSessions lists a user's sessions. Offline sessions are told client by client: they are those of the clients for
// which the user has an offline token.
func (r Realm) UserSessions(ctx context.Context, username string, offline bool) (*List, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	return r.sessionsOf(ctx, u, offline)
}

func (r Realm) sessionsOf(ctx context.Context, user Object, offline bool) (*List, error) {
	out := &List{Columns: sessionColumns}
	id := text(user["id"])
	var found []Object
	if !offline {
		if err := r.get(ctx, nil, &found, "users", id, "sessions"); err != nil {
			return nil, err
		}
	} else {
		// A consent tells of which clients there are offline tokens; asking every client of the realm would be a
		// request each.
		var consents []Object
		if err := r.get(ctx, nil, &consents, "users", id, "consents"); err != nil {
			return nil, err
		}
		for _, c := range consents {
			grants, _ := c["additionalGrants"].([]any)
			for _, g := range grants {
				if g, ok := g.(map[string]any); ok && g["key"] == "Offline Token" {
					var some []Object
					if err := r.get(ctx, nil, &some, "users", id, "offline-sessions", text(g["client"])); err != nil {
						return nil, err
					}
					found = append(found, some...)
				}
			}
		}
	}
	seen := map[any]bool{}
	for _, s := range found {
		if !seen[s["id"]] {
			seen[s["id"]] = true
			out.Items = append(out.Items, session(s, offline))
		}
	}
	return out, nil
}

// pageSize is how many objects of a list are asked for at once.
const pageSize = 100

// ClientSessions lists the sessions that use a client, all pages of them.
func (r Realm) ClientSessions(ctx context.Context, clientID string, offline bool) (*List, error) {
	c, err := r.findClient(ctx, clientID)
	if err != nil {
		return nil, err
	}
	kind := "user-sessions"
	if offline {
		kind = "offline-sessions"
	}
	out := &List{Columns: sessionColumns}
	err = r.client.Pages(ctx, r.path("clients", text(c["id"]), kind), nil, pageSize, 2, func(_ int, page []any) error {
		for _, s := range page {
			if s, ok := s.(map[string]any); ok {
				out.Items = append(out.Items, session(s, offline))
			}
		}
		return nil
	})
	return out, err
}

// SessionStatistics lists how many sessions each client of the realm has, those that have none left out.
func (r Realm) SessionStatistics(ctx context.Context) (*List, error) {
	var found []Object
	if err := r.get(ctx, nil, &found, "client-session-stats"); err != nil {
		return nil, err
	}
	out := &List{Columns: []string{"client", "active", "offline"}}
	for _, s := range found {
		// The server writes the numbers as strings.
		active, _ := strconv.ParseInt(text(s["active"]), 10, 64)
		offline, _ := strconv.ParseInt(text(s["offline"]), 10, 64)
		out.Items = append(out.Items, Object{"client": s["clientId"], "active": active, "offline": offline})
	}
	slices.SortFunc(out.Items, func(a, b Object) int { return strings.Compare(text(a["client"]), text(b["client"])) })
	return out, nil
}

// EndSession ends one session, by the id that the lists of sessions show.
func (r Realm) EndSession(id string, offline bool) *Deed {
	kind := "session"
	if offline {
		kind = "offline session"
	}
	return r.deed("DELETE", url.Values{"isOffline": {strconv.FormatBool(offline)}}, nil, "ended "+kind+" "+id,
		[]string{fmt.Sprintf("ends %s %s of realm %s; its user has to sign in again", kind, id, r.name)}, "sessions", id)
}

// LogOutUser ends all sessions of a user. The server (26.7.5) takes no token any more that was issued to the user
// before, offline tokens included.
func (r Realm) LogOutUser(ctx context.Context, username string) (*Deed, error) {
	u, err := r.user(ctx, username)
	if err != nil {
		return nil, err
	}
	sessions, err := r.sessionsOf(ctx, u, false)
	if err != nil {
		return nil, err
	}
	name, n := text(u["username"]), count(len(sessions.Items), "session")
	return r.deed("POST", nil, nil, "logged out "+name,
		[]string{fmt.Sprintf("ends %s of user %s of realm %s", n, name, r.name), "every token issued to the user until now is void, offline tokens included"},
		"users", text(u["id"]), "logout"), nil
}

// LogOutAll ends all sessions of all users of the realm, and tells clients that have an admin URL. The server (26.7.5)
// sets the realm's notBefore as well, see [Realm.Revoke].
func (r Realm) LogOutAll(ctx context.Context) (*Deed, error) {
	stats, err := r.SessionStatistics(ctx)
	if err != nil {
		return nil, err
	}
	effects := []string{
		"ends every session of every user of realm " + r.name,
		"every token issued until now is void, offline tokens included",
	}
	for _, s := range stats.Items {
		effects = append(effects, fmt.Sprintf("client %s: %s in use now", s["client"], count(int(number(s["active"])), "session")))
	}
	return &Deed{Effects: effects, Do: func(ctx context.Context) (Result, error) {
		var told Object
		err := r.send(ctx, "POST", nil, nil, &told, "logout-all")
		return Result{Done: "logged out everybody" + failedRequests(told)}, err
	}}, nil
}

// failedRequests says which admin URLs the server could not reach (GlobalRequestResult).
func failedRequests(told Object) string {
	failed, _ := told["failedRequests"].([]any)
	if len(failed) == 0 {
		return ""
	}
	var urls []string
	for _, f := range failed {
		urls = append(urls, text(f))
	}
	return "; not reached: " + strings.Join(urls, ", ")
}

// Revoke makes every token void that was issued before a time, for the whole realm or, unless clientID is empty, for
// one client; the zero time lifts that. Clients that have an admin URL are told. Resource servers that look at
// signature and expiry alone go on taking such tokens until they expire.
func (r Realm) Revoke(ctx context.Context, clientID string, before time.Time) (*Deed, error) {
	var seconds int64
	when := "lifts the revocation: tokens of any age are good again"
	if !before.IsZero() {
		seconds = before.Unix()
		when = "makes void every token that was issued before " + before.UTC().Format(time.RFC3339)
	}
	put, what := r.path(), "realm "+r.name
	push := r.path("push-revocation")
	realm, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	body, shadowed := Object{"realm": r.name, "notBefore": seconds}, false
	if clientID != "" {
		current, err := r.findClient(ctx, clientID)
		if err != nil {
			return nil, err
		}
		id := text(current["id"])
		put, what, shadowed = r.path("clients", id), "client "+clientID, number(realm["notBefore"]) > 0
		push = r.path("clients", id, "push-revocation")
		// A client's PUT deletes its authorization data where the switch is left out: the whole client is sent.
		body = current
		body["notBefore"] = seconds
	}
	effects := []string{what + ": " + when}
	if !before.IsZero() {
		effects = append(effects, "whoever holds such a token has to sign in again, offline tokens included")
		if shadowed {
			// Measured: the refresh tokens stay good on 26.4.7, and do not on 26.7.5.
			effects = append(effects, "realm "+r.name+" has such a time, too, as a logout of everybody sets it: Keycloak 26.4 heeds only that one; there, revoke for the realm")
		}
	}
	return &Deed{Effects: effects, Do: func(ctx context.Context) (Result, error) {
		if _, err := r.client.Do(ctx, keycloak.Request{Method: "PUT", Path: put, Body: body}); err != nil {
			return Result{}, err
		}
		var told Object
		res, err := r.client.Do(ctx, keycloak.Request{Method: "POST", Path: push})
		if err == nil {
			err = res.Decode(&told)
		}
		if err != nil {
			return Result{}, fmt.Errorf("revoked, but the clients were not told: %w", err)
		}
		return Result{Done: "revoked" + failedRequests(told)}, nil
	}}, nil
}
