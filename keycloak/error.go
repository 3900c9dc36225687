package keycloak

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// An Error is a request that failed: the server answered with a status of 300 or more, or not at all.
type Error struct {
	Method string
	URL    string // whole, with the query
	Status int    // 0: no answer
	Code   string // the server's word for a program, such as invalid_grant or error-invalid-length; may be empty
	// Message is what the server says, on one line; may be empty. Keycloak says it as {errorMessage},
	// {error, error_description}, {error}, {field, errorMessage, params} or {errors: [...]}. A validation's params may
	// repeat values that were sent.
	Message  string
	Attempts int
	Body     []byte // of the answer, as it came; it may repeat what was sent

	hint  string // what to do
	cause error  // why there is no answer
}

// Error returns one line: the request, the status, the server's words and, where known, what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if u, err := url.Parse(e.URL); e.Status == 0 || err != nil {
		fmt.Fprintf(&b, "%s %s", e.Method, e.URL)
	} else {
		fmt.Fprintf(&b, "%s %s: %d %s", e.Method, u.RequestURI(), e.Status, http.StatusText(e.Status))
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	if e.Code != "" && !strings.Contains(e.Message, e.Code) {
		b.WriteString(": " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	if h := e.advice(); h != "" {
		b.WriteString("; " + h)
	}
	return b.String()
}

// Unwrap returns why there is no answer, such as context.Canceled; nil if there is one.
func (e *Error) Unwrap() error { return e.cause }

// IsStatus reports whether err is, or wraps, an [*Error] with one of the statuses. Status 0 is no answer.
func IsStatus(err error, status ...int) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(status, e.Status)
}

func (e *Error) advice() string {
	switch {
	case e.hint != "":
		return e.hint
	case e.Code == "insufficient_user_authentication": // RFC 9470, of the server or of a proxy in front of it
		return "a stronger sign-in is wanted: sign in by browser, and ask for that level of authentication (acr)"
	case strings.Contains(e.Message, "Lightweight access token"):
		return "admin-cli has such tokens: sign in by a client of your own"
	case e.Code == "insufficient_scope":
		return "the token lacks a scope: sign in with it"
	case e.Status == http.StatusUnauthorized:
		return "the access token is not accepted: sign in again, and reach the server under the host name that issued the token"
	case e.Status == http.StatusForbidden && !strings.Contains(e.URL, openIDConnect):
		return "the signed-in account lacks the right to do this: grant it the fitting role of the realm's client realm-management " +
			"(realm-admin for everything), or in realm master the role admin"
	case e.Code == "unknown_error":
		return "the server's log tells the cause; often a field that it needs is missing"
	case e.Status == http.StatusProxyAuthRequired:
		return "the proxy on the way wants its own user name and password: give them in its address, http://USER:PASSWORD@HOST:PORT"
	case e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable:
		return "the server is overloaded or not ready: try again later or with fewer requests at a time"
	}
	return ""
}

// badAnswer returns the error of an answer that is not what was asked for.
func (c *Client) badAnswer(q *call, res *Response, attempts int) *Error {
	e := &Error{Method: q.method, URL: c.base + q.target(), Status: res.Status, Attempts: attempts, Body: res.Body}
	e.Code, e.Message = words(res)
	if code, message := challenge(res.Header.Get("WWW-Authenticate")); e.Code == "" && e.Message == "" {
		e.Code, e.Message = code, message
	}
	if to, err := url.Parse(res.Header.Get("Location")); err == nil && res.Status < 400 && to.Host != "" {
		e.hint = "the server redirects: use " + to.Scheme + "://" + to.Host + strings.TrimSuffix(to.EscapedPath(), q.path) + " as its address"
	}
	if res.Status == http.StatusUnauthorized && c.opts.Token != "" {
		e.hint = c.givenTokenRefused()
	}
	switch {
	case e.Message == "HTTPS required": // the realm's setting "Require SSL"
		e.hint = "use an https address"
	case e.Status == http.StatusBadRequest && strings.HasPrefix(e.Message, notJSON) && strings.HasPrefix(c.base, "http:"):
		e.hint = tryHTTPS
	}
	return e
}

// hungUp reports whether the other side closed the connection.
func hungUp(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// noAnswer returns the error of a request that got none. The cause is told without the layers net/http puts around it.
func (c *Client) noAnswer(q *call, cause error, attempts int) *Error {
	var layer *url.Error
	if errors.As(cause, &layer) {
		cause = layer.Err
	}
	e := &Error{Method: q.method, URL: c.base + q.target(), Attempts: attempts, cause: cause}
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		cert    *tls.CertificateVerificationError
		dns     *net.DNSError
		dial    *net.OpError
	)
	switch {
	case errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
	case errors.Is(cause, errTimeout):
		e.cause = fmt.Errorf("%w (%s)", errTimeout, c.opts.Timeout)
		e.hint = "the server may still be carrying it out, for up to 300 s: look before doing it again, and allow a longer timeout"
	case errors.As(cause, &unknown):
		e.hint = "give the certificate of the authority that signed the server's as CA file"
	case errors.As(cause, &name):
		e.hint = "use a host name that the server's certificate is made for"
	case errors.As(cause, &cert):
		e.hint = "the server needs a valid certificate"
	case errors.Is(cause, http.ErrSchemeMismatch):
		e.cause, e.hint = http.ErrSchemeMismatch, "use http:// in the address"
	case errors.As(cause, &dns):
		e.hint = "check the host name in the address, and the network"
	case errors.Is(cause, syscall.ECONNREFUSED):
		e.hint = "nothing listens there: check that the server is running, and the port in the address"
	case errors.As(cause, &dial) && dial.Op == "remote error" && c.opts.CertFile == "": // a TLS alert
		e.hint = "the server may want a client's certificate: give one"
	case errors.As(cause, &dial) && (dial.Op == "remote error" || c.opts.CertFile != "" && !c.reached.Load() && hungUp(cause)):
		// A server that hangs up may do so before its alert is read.
		e.hint = "the server does not trust the certificate of this client, " + c.opts.CertFile + ": it must not have expired, and be signed by an authority that the server trusts"
	case errors.As(cause, &dial) && dial.Op == "dial":
		e.hint = "the server cannot be reached: check the address, and firewalls and proxies on the way"
	case strings.HasPrefix(c.base, "http://") && !c.reached.Load():
		e.hint = tryHTTPS
	}
	return e
}

const (
	notJSON  = "the answer is not Keycloak's JSON but "
	tryHTTPS = "this may be an https port: try https:// in the address"
)

var challenged = regexp.MustCompile(`\b(error|error_description)="([^"]*)"`)

// challenge finds the words in a WWW-Authenticate header.
func challenge(header string) (code, message string) {
	for _, m := range challenged.FindAllStringSubmatch(header, -1) {
		if m[1] == "error" {
			code = m[2]
		} else {
			message = m[2]
		}
	}
	return code, message
}

// words finds the server's words in the body of an error. A body that is not JSON is not Keycloak's and not repeated.
func words(res *Response) (code, message string) {
	type invalid struct {
		Field, ErrorMessage string
		Params              []any
	}
	var b struct {
		Error            string
		ErrorDescription string `json:"error_description"`
		invalid
		Errors []invalid
	}
	if err := json.Unmarshal(res.Body, &b); err != nil {
		if t, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";"); len(res.Body) > 0 && !strings.HasSuffix(t, "json") {
			return "", notJSON + t
		}
		return "", ""
	}
	if b.ErrorMessage != "" {
		b.Errors = append(b.Errors, b.invalid)
	}
	var said []string
	for _, v := range b.Errors {
		s := v.ErrorMessage
		if v.Field != "" {
			s = v.Field + ": " + s
			v.Params = slices.DeleteFunc(v.Params, func(p any) bool { return p == v.Field })
		}
		if len(v.Params) > 0 {
			s += " " + strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%v", v.Params), "["), "]")
		}
		said = append(said, s)
		if code == "" && !strings.Contains(v.ErrorMessage, " ") {
			code = v.ErrorMessage
		}
	}
	switch {
	case len(said) > 0:
		message = strings.Join(said, "; ")
	case b.ErrorDescription != "":
		code, message = b.Error, b.ErrorDescription
	case strings.HasPrefix(b.Error, "HTTP "): // "HTTP 403 Forbidden": the status again
	case strings.Contains(b.Error, " "):
		message = b.Error
	default:
		code = b.Error
	}
	return code, strings.Join(strings.Fields(message), " ")
}
