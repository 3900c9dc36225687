package keycloak

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Request is one request below the base address.
//
// It is repeated, up to Options.Retries times, where that is safe. GET, HEAD, PUT and DELETE, and others if Repeatable,
// are repeated after 429, 502, 503, 504 and failed connections. Any other POST may have been carried out in these cases
// (Keycloak finishes what it has received even when the client is gone), and is repeated only when it certainly was not:
// after 429, and if no connection came about. A quick 500 is tried once more where that is safe: while others write, a
// request may lose a race in the server's caches (26.7.5: NullPointerException in DefaultLazyLoader). No request is
// repeated after running out of time, since the server is likely still at it. In place of an answer to its own work, a
// repeated request may meet what an earlier attempt did (404 to a DELETE, 409 to a POST): Error.Attempts tells.
type Request struct {
	Method     string
	Path       string      // below the base address, begins with "/", escaped: see [Path]
	Query      url.Values  //
	Body       any         // sent as JSON; nil: no body; json.RawMessage and []byte are sent as they are
	Header     http.Header // besides those of the Options; replaces Accept and Content-Type, both application/json
	Repeatable bool        // a POST or PATCH that may be carried out twice without harm
}

// A Response is a server's answer, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	where string // method and path of the request, for errors
}

// LocationID returns the last segment of the Location header, unescaped: the id, or the name, of what was created.
// It is empty if there is no such header.
func (r Response) LocationID() string {
	loc := r.Header.Get("Location")
	id, err := url.PathUnescape(loc[strings.LastIndexByte(loc, '/')+1:])
	if err != nil {
		return ""
	}
	return id
}

// Path joins segments to a path with a slash before each, and escapes each so that it stays one segment: "/", ";" and
// the like in a name become %2F and %3B. Client.Do refuses a path with an empty segment, "." or "..": an empty name
// would otherwise turn the address of one object into that of all its siblings.
func Path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// Get sends a GET request and decodes the answer into v as [Response.Decode] does.
func (c *Client) Get(ctx context.Context, path string, query url.Values, v any) error {
	res, err := c.Do(ctx, Request{Method: "GET", Path: path, Query: query})
	if err != nil {
		return err
	}
	return res.Decode(v)
}

// Do sends a request, signed in, and returns the answer once it is complete. A status of 300 and more, and no answer
// at all, is an [*Error]; so is a context that ended meanwhile. Where the server no longer takes the access token, one
// renewal and one more round is tried before the 401 is returned.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	call, err := c.newCall(r)
	if err != nil {
		return nil, err
	}
	token, err := c.token(ctx, "")
	if err != nil {
		return nil, err
	}
	res, err := c.send(ctx, call, token)
	if !IsStatus(err, http.StatusUnauthorized) || c.opts.Token != "" || c.opts.Way == Nobody {
		return res, err
	}
	if token, err = c.token(ctx, token); err != nil {
		return nil, err
	}
	return c.send(ctx, call, token)
}

// A call is a request made ready to be sent more than once.
type call struct {
	method, path, query string
	header              http.Header
	body                []byte
	repeatable          bool
}

// target returns what follows the base address.
func (q *call) target() string {
	if q.query == "" {
		return q.path
	}
	return q.path + "?" + q.query
}

func (c *Client) newCall(r Request) (*call, error) {
	q := &call{method: r.Method, path: r.Path, query: r.Query.Encode(), header: http.Header{}, repeatable: r.Repeatable}
	switch q.method {
	case "GET", "HEAD", "PUT", "DELETE":
		q.repeatable = true
	}
	if err := checkPath(r.Path); err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	q.header.Set("User-Agent", c.opts.UserAgent)
	q.header.Set("Accept", "application/json") // some areas, such as workflows, answer YAML otherwise
	switch b := r.Body.(type) {
	case nil:
	case json.RawMessage:
		q.body = b
	case []byte:
		q.body = b
	default:
		var err error
		if q.body, err = json.Marshal(b); err != nil {
			return nil, fmt.Errorf("%s %s: the body cannot be written as JSON: %w", r.Method, r.Path, err)
		}
	}
	if len(q.body) > 0 {
		q.header.Set("Content-Type", "application/json")
	}
	for _, h := range []http.Header{c.opts.Header, r.Header} {
		for k, v := range h {
			q.header[http.CanonicalHeaderKey(k)] = v
		}
	}
	return q, nil
}

func checkPath(p string) error {
	segments := strings.Split(p, "/")
	if len(segments) < 2 || segments[0] != "" {
		return fmt.Errorf("the path must begin with a slash")
	}
	if strings.ContainsAny(p, "?#") {
		return fmt.Errorf("the path holds ? or #: escape names with Path, and give a query apart")
	}
	for _, s := range segments[1:] {
		name, err := url.PathUnescape(s)
		if err != nil {
			return fmt.Errorf("the path is not escaped: build it with Path")
		}
		switch name {
		case "":
			return fmt.Errorf("a name in the path is empty, which would address something else")
		case ".", "..": // Keycloak refuses them, even escaped: 400 missingNormalization
			return fmt.Errorf("a name in the path is %q, which Keycloak cannot address: use the object's id or rename it", name)
		}
	}
	return nil
}

// once makes one attempt: an answer of any status, or an error when there is none.
func (c *Client) once(ctx context.Context, q *call, token string, attempt int) (*Response, error) {
	if c.opts.Timeout > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeoutCause(ctx, c.opts.Timeout, errTimeout)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, q.method, c.base+q.target(), bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	req.Header = q.header.Clone()
	req.Host = q.header.Get("Host") // empty: the one of the URL
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}

	start, res := time.Now(), &Response{where: q.method + " " + q.target()}
	if c.opts.Trace != nil {
		defer func() {
			c.opts.Trace(Exchange{Method: q.method, Path: q.path, Query: q.query, Attempt: attempt,
				Status: res.Status, Bytes: len(res.Body), Duration: time.Since(start)})
		}()
	}
	answer, err := c.http.Do(req)
	if err == nil {
		c.reached.Store(true)
		defer answer.Body.Close()
		res.Header = answer.Header
		if res.Body, err = io.ReadAll(answer.Body); err == nil {
			res.Status = answer.StatusCode
			return res, nil
		}
	}
	if context.Cause(ctx) == errTimeout {
		err = errTimeout
	}
	return nil, err
}
