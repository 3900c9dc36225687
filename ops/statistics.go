package ops

import (
	"context"
	"net/url"

	"golang.org/x/sync/errgroup"
)

// Statistics counts what the realm has: users, groups, roles, clients, sessions.
func (r Realm) Statistics(ctx context.Context) (*List, error) {
	out := &List{Columns: []string{"what", "count"}}
	add := func(what string, n int64) { out.Items = append(out.Items, Object{"what": what, "count": n}) }
	for _, of := range []struct {
		what  string
		query url.Values
	}{
		{"users", nil},
		{"users disabled", url.Values{"enabled": {"false"}}},
		{"users with verified email address", url.Values{"emailVerified": {"true"}}},
	} {
		var n int64
		if err := r.get(ctx, of.query, &n, "users", "count"); err != nil {
			return nil, err
		}
		add(of.what, n)
	}
	var groups struct{ Count int64 }
	if err := r.get(ctx, nil, &groups, "groups", "count"); err != nil {
		return nil, err
	}
	add("groups", groups.Count)
	for _, of := range []struct{ what, area string }{{"realm roles", "roles"}, {"clients", "clients"}, {"client scopes", "client-scopes"}} {
		var found []Object
		if err := r.get(ctx, nil, &found, of.area); err != nil {
			return nil, err
		}
		add(of.what, int64(len(found)))
	}
	stats, err := r.SessionStatistics(ctx)
	if err != nil {
		return nil, err
	}
	var active, offline int64
	for _, s := range stats.Items {
		active += number(s["active"])
		offline += number(s["offline"])
	}
	add("client sessions", active)
	add("offline client sessions", offline)
	return out, nil
}

// RoleStatistics counts, for each realm role, the users that it is given to by name. The server has no count of them:
// they are read, a page at a time.
func (r Realm) RoleStatistics(ctx context.Context, parallelism int) (*List, error) {
	var roles []Object
	if err := r.get(ctx, nil, &roles, "roles"); err != nil {
		return nil, err
	}
	out := &List{Columns: []string{"role", "users"}}
	for _, role := range roles {
		out.Items = append(out.Items, Object{"role": role["name"]})
	}
	return out, r.countEach(ctx, out.Items, "users", parallelism, func(item Object) []string {
		return []string{"roles", text(item["role"]), "users"}
	})
}

// GroupStatistics counts the direct members of each group, in the same way.
func (r Realm) GroupStatistics(ctx context.Context, parallelism int) (*List, error) {
	out := &List{Columns: []string{"group", "members"}}
	var below func(area ...string) error
	below = func(area ...string) error {
		return r.client.Pages(ctx, r.path(area...), nil, pageSize, 1, func(_ int, page []any) error {
			for _, g := range page {
				g, ok := g.(map[string]any)
				if !ok {
					continue
				}
				out.Items = append(out.Items, Object{"group": g["path"], "id": g["id"]})
				if number(g["subGroupCount"]) > 0 {
					if err := below("groups", text(g["id"]), "children"); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	if err := below("groups"); err != nil {
		return nil, err
	}
	return out, r.countEach(ctx, out.Items, "members", parallelism, func(item Object) []string {
		return []string{"groups", text(item["id"]), "members"}
	})
}

// countEach sets a property of each item to the length of a list of the server's.
func (r Realm) countEach(ctx context.Context, items []Object, property string, parallelism int, list func(Object) []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(parallelism, 1))
	for _, item := range items {
		g.Go(func() error {
			n := int64(0)
			query := url.Values{"briefRepresentation": {"true"}}
			err := r.client.Pages(ctx, r.path(list(item)...), query, userPage, 1, func(_ int, page []any) error {
				n += int64(len(page))
				return nil
			})
			item[property] = n
			return err
		})
	}
	return g.Wait()
}
