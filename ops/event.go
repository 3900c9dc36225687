package ops

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// An EventQuery says which events to tell. Zero fields ask for any.
type EventQuery struct {
	Admin     bool              // what administrators did, instead of what users did
	Types     []string          // such as LOGIN_ERROR; of admin events the operations, such as UPDATE
	Resources []string          // of admin events: such as CLIENT, REALM_ROLE_MAPPING
	Filter    map[string]string // further parameters of the server: client, user, ipAddress; authUser, authClient, authRealm, authIpAddress, resourcePath
	From, To  time.Time         // the server's clock decides
	Max       int               // at most so many, the newest; 0: all
}

func (q EventQuery) values() url.Values {
	v := url.Values{"direction": {"asc"}}
	kinds := "type"
	if q.Admin {
		kinds = "operationTypes"
		v["resourceTypes"] = q.Resources
	}
	v[kinds] = q.Types
	for k, s := range q.Filter {
		v.Set(k, s)
	}
	// In milliseconds since 1970, which the server takes as well as dates.
	if !q.From.IsZero() {
		v.Set("dateFrom", strconv.FormatInt(q.From.UnixMilli(), 10))
	}
	if !q.To.IsZero() {
		v.Set("dateTo", strconv.FormatInt(q.To.UnixMilli(), 10))
	}
	return v
}

func (q EventQuery) area() string {
	if q.Admin {
		return "admin-events"
	}
	return "events"
}

// Events calls each with the events that the server has stored, the oldest first.
func (r Realm) Events(ctx context.Context, q EventQuery, each func(Object) error) error {
	if q.Max > 0 {
		// The newest are the first ones of the other direction.
		v := q.values()
		v.Set("direction", "desc")
		v.Set("first", "0")
		v.Set("max", strconv.Itoa(q.Max))
		var found []Object
		if err := r.get(ctx, v, &found, q.area()); err != nil {
			return err
		}
		for i := len(found) - 1; i >= 0; i-- {
			if err := each(found[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return r.client.Pages(ctx, r.path(q.area()), q.values(), pageSize, 1, func(_ int, page []any) error {
		for _, e := range page {
			if e, ok := e.(map[string]any); ok {
				if err := each(e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Follow calls each with the events that the server has stored and then with every new one, until the context ends.
// It asks again after each interval. An event that the server stores later than one of a second before its own time is
// found as well: the last seconds are asked for again, and what was told is not told twice.
func (r Realm) Follow(ctx context.Context, q EventQuery, interval time.Duration, each func(Object) error) error {
	const overlap = 10 * time.Second
	told := map[[sha256.Size]byte]int64{}
	newest := int64(0)
	once := func(e Object) error {
		newest = max(newest, number(e["time"]))
		data, err := json.Marshal(e)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		if _, seen := told[sum]; seen {
			return nil
		}
		told[sum] = number(e["time"])
		return each(e)
	}
	for {
		if err := r.Events(ctx, q, once); err != nil {
			return err
		}
		q.Max = 0
		if newest > 0 {
			q.From = time.UnixMilli(newest).Add(-overlap)
		}
		for sum, t := range told {
			if t < q.From.UnixMilli() {
				delete(told, sum)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
}

// ClearEvents deletes the stored events.
func (r Realm) ClearEvents(admin bool) *Deed {
	q := EventQuery{Admin: admin}
	what := "user events"
	if admin {
		what = "admin events"
	}
	return r.deed("DELETE", nil, nil, "deleted the "+what,
		[]string{"deletes all stored " + what + " of realm " + r.name + "; this cannot be taken back"}, q.area())
}
