// Package ops does what administrators do to a running realm and no file can declare: it ends sessions, revokes
// tokens, clears caches and lockouts, sends mails, rotates secrets and keys, reads events, and moves users in and out.
//
// What only reads returns a [List], or calls back for each object of a stream. What changes something returns a
// [Deed]: everything it needs has been read and checked by then, its Effects say what it would do, and only its Do
// does it.
package ops

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kcsync/kcsync/keycloak"
)

// A Realm is a realm of a server, to operate on.
type Realm struct {
	client *keycloak.Client
	name   string
}

// Of returns the realm of that name, which need not exist: the first request tells.
func Of(client *keycloak.Client, name string) Realm { return Realm{client, name} }

// Name returns the realm's name.
func (r Realm) Name() string { return r.name }

// An Object is a JSON object as the server tells it, numbers exact (int64 where they are integers).
type Object = map[string]any

// A Deed is something about to be done to a realm.
type Deed struct {
	Effects []string // what Do does, and what follows from it; one sentence each
	Do      func(context.Context) (Result, error)
}

// A Result is what came of a deed.
type Result struct {
	Done   string // one sentence
	Secret string // what the server tells just once, such as a new client secret; empty if there is none
	File   []byte // what was made to be kept as a file, such as a key store; nil if there is none
}

// A List is the answer to a question.
type List struct {
	Columns []string // the properties to show, in this order; an item may have more
	Items   []Object
}

// path returns the path below the realm's admin address.
func (r Realm) path(segments ...string) string {
	return "/admin/realms" + keycloak.Path(append([]string{r.name}, segments...)...)
}

func (r Realm) get(ctx context.Context, query url.Values, v any, segments ...string) error {
	return r.client.Get(ctx, r.path(segments...), query, v)
}

// send sends a request that changes something and decodes the answer into v, unless v is nil.
func (r Realm) send(ctx context.Context, method string, query url.Values, body, v any, segments ...string) error {
	res, err := r.client.Do(ctx, keycloak.Request{Method: method, Path: r.path(segments...), Query: query, Body: body})
	if err != nil || v == nil {
		return err
	}
	return res.Decode(v)
}

// deed returns a deed that is one request without an answer of interest.
func (r Realm) deed(method string, query url.Values, body any, done string, effects []string, segments ...string) *Deed {
	return &Deed{Effects: effects, Do: func(ctx context.Context) (Result, error) {
		return Result{Done: done}, r.send(ctx, method, query, body, nil, segments...)
	}}
}

// A NotFoundError says that a realm has no object of a name.
type NotFoundError struct {
	Realm, Kind, Name string
	Hint              string // what to do about it; may be empty
}

func (e *NotFoundError) Error() string {
	s := fmt.Sprintf("realm %s has no %s %q", e.Realm, e.Kind, e.Name)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// settings returns the realm's own representation.
func (r Realm) settings(ctx context.Context) (Object, error) {
	var o Object
	err := r.get(ctx, nil, &o)
	if keycloak.IsStatus(err, 404) {
		return nil, fmt.Errorf("the server has no realm %q, or the account may not see it", r.name)
	}
	return o, err
}

// user returns the user of that name, and nil with a [NotFoundError] if there is none.
func (r Realm) user(ctx context.Context, name string) (Object, error) {
	var found []Object
	query := url.Values{"username": {name}, "exact": {"true"}, "briefRepresentation": {"false"}}
	if err := r.get(ctx, query, &found, "users"); err != nil {
		return nil, err
	}
	// The server compares without regard to case, and so do the names it keeps.
	for _, u := range found {
		if strings.EqualFold(text(u["username"]), name) {
			return u, nil
		}
	}
	return nil, &NotFoundError{r.name, "user", name, "give the user name, not the email address"}
}

// findClient returns the client of that clientId.
func (r Realm) findClient(ctx context.Context, clientID string) (Object, error) {
	var found []Object
	if err := r.get(ctx, url.Values{"clientId": {clientID}}, &found, "clients"); err != nil {
		return nil, err
	}
	for _, c := range found {
		if c["clientId"] == clientID {
			return c, nil
		}
	}
	return nil, &NotFoundError{r.name, "client", clientID, "give its clientId"}
}

// component returns the component of a type and name, below a parent unless parent is empty.
func (r Realm) component(ctx context.Context, kind, provider, parent, name string) (Object, error) {
	query := url.Values{"name": {name}}
	if provider != "" {
		query.Set("type", provider)
	}
	if parent != "" {
		query.Set("parent", parent)
	}
	var found []Object
	if err := r.get(ctx, query, &found, "components"); err != nil {
		return nil, err
	}
	for _, c := range found {
		if c["name"] == name {
			return c, nil
		}
	}
	return nil, &NotFoundError{Realm: r.name, Kind: kind, Name: name}
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return fmt.Sprint(v)
}

func number(v any) int64 {
	n, _ := v.(int64)
	return n
}

// millis puts a time in milliseconds since 1970 into words; "" for none.
func millis(v any) string {
	n := number(v)
	if n == 0 {
		return ""
	}
	return time.UnixMilli(n).UTC().Format(time.RFC3339)
}

// count returns "no sessions", "1 session", "3 sessions".
func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
