// Package keycloak talks HTTP to a Keycloak server: it signs in, keeps the access token fresh, repeats requests that
// are safe to repeat, pages through lists and puts the server's errors into words. It knows no kind of resource.
//
// A [Client] is made by [New], needs no closing and may be used by any number of goroutines at once.
package keycloak

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Options say which server to talk to, as whom, and how patiently. Only URL and what one way to sign in needs must be
// given: see [Way].
type Options struct {
	// URL is the base address, as in https://sso.acme.example or, with a context path, https://acme.example/auth.
	// Trailing slashes do not matter. Every request goes to this host: Keycloak derives a token's issuer from the Host
	// header and answers 401 to a token whose issuer has another host.
	URL string

	// AuthRealm is the realm to sign in to; it may be another one than the realms worked on. Default: master.
	AuthRealm string

	// Way is how to sign in. Default: what the fields below give, looked for in this order: ByToken, ByRefresh,
	// ByPassword, ByClient.
	Way Way

	// ClientID is the client to sign in with. Default: admin-cli, which every realm has, and which needs no secret but
	// serves a user's password only.
	ClientID string

	// ClientSecret belongs to ClientID, and is sent with each sign-in.
	ClientSecret string

	// Signer proves the client's identity in place of the secret, which then need not be given.
	Signer *Signer

	// Username and Password are a user's. By browser, Username is only proposed.
	Username, Password string

	// AskPassword is called when the password is needed and not given.
	AskPassword func(context.Context) (string, error)

	// OTP, if not nil, gives the one-time codes that may serve with the password, to be tried in turn: see [TOTP].
	OTP func(context.Context) ([]string, error)

	// Token is an access token obtained elsewhere. It is used as it is and never refreshed.
	Token string

	// RefreshToken continues a session that was begun elsewhere, or that Keep was told of. When it has ended, Way begins
	// another, unless that is ByRefresh.
	RefreshToken string

	// Keep, if not nil, is told each refresh token as it comes, with which a later client goes on with the session, and
	// "" when the session has ended. SignOut then leaves the session alone.
	Keep func(refreshToken string)

	// Scope are the scopes to ask for, with blanks between them, besides the client's default ones.
	Scope string

	// ACR is the level of authentication to ask for by browser, in the realm's words: for step-up authentication.
	ACR string

	// Invite tells a person where to sign in by device or browser. It must not wait for that.
	Invite func(Invitation)

	// CAFile names a PEM file of certificate authorities that are trusted besides those of the system.
	CAFile string

	// CertFile and KeyFile name PEM files of the certificate, with its chain, that the client shows to a server that asks
	// for one (mTLS), and of its private key; no KeyFile: both are in CertFile. Keycloak may take the certificate as the
	// proof that ClientID needs, in place of a secret.
	CertFile, KeyFile string

	// Proxy is the URL of a proxy that all requests go through: http, https, socks5 or socks5h. Default: what the
	// environment says (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
	Proxy string

	// Insecure accepts any certificate: for trials only.
	Insecure bool

	// ConnectTimeout bounds connecting, and again the TLS handshake. Default: 10 s; negative: no bound.
	ConnectTimeout time.Duration

	// Timeout bounds one attempt at one request, from connecting to the last byte of the answer. Default: 60 s;
	// negative: no bound. Keycloak gives up a request after 300 s by itself (transaction-default-timeout): with a bound
	// above that its own answer is always heard, with a smaller one a request that ran out of time may still be carried out.
	Timeout time.Duration

	// Retries is how often a request that is safe to repeat is repeated, see [Request]. Default: 4; negative: never.
	Retries int

	// UserAgent is sent with every request. Default: kcsync.
	UserAgent string

	// Header is sent with every request, such as what a proxy in front of the server asks for. Its Host replaces the
	// one of URL. It may hold secrets: errors and Trace never show it.
	Header http.Header

	// Trace, if not nil, is told of every finished attempt, from several goroutines at once.
	Trace func(Exchange)
}

// An Exchange is one finished attempt at one request, told to Options.Trace. It holds no headers and no bodies.
type Exchange struct {
	Method   string
	Path     string // below the base address, escaped
	Query    string // encoded, without "?"
	Attempt  int    // 1 is the first
	Status   int    // 0: no answer
	Bytes    int    // length of the answer's body
	Duration time.Duration
}

// A Client sends requests to one server as one identity.
type Client struct {
	opts    Options
	base    string
	http    *http.Client
	reached atomic.Bool // something has answered at the address
	now     func() time.Time

	discovered atomic.Pointer[discovery]

	turn    chan struct{} // holds one value while a goroutine uses the two fields below; a channel, so that waiting for it ends with a context
	session session
	refused error // the server's final no to the sign-in: said to all, without asking again, lest the account be locked
}

// New checks the options and returns a client for them. It sends nothing.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.URL)
	if err != nil {
		return nil, err
	}
	if err := o.settle(); err != nil {
		return nil, err
	}
	if o.AuthRealm == "" {
		o.AuthRealm = "master"
	}
	if o.ClientID == "" {
		o.ClientID = "admin-cli"
	}
	if o.Timeout == 0 {
		o.Timeout = 60 * time.Second
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = 10 * time.Second
	}
	if o.ConnectTimeout < 0 {
		o.ConnectTimeout = 0
	}
	if o.Retries == 0 {
		o.Retries = 4
	}
	if o.UserAgent == "" {
		o.UserAgent = "kcsync"
	}
	transport, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	c := &Client{opts: o, base: base, turn: make(chan struct{}, 1), now: time.Now}
	c.session.refresh = o.RefreshToken
	// A redirect would repeat a POST as a GET, or take the token elsewhere: it is reported instead of followed.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &http.Client{Transport: transport, CheckRedirect: stay}
	return c, nil
}

// URL returns the base address of the server, without a slash at its end.
func (c *Client) URL() string { return c.base }

// parseBase checks a base address. Its errors do not repeat what may be a password.
func parseBase(s string) (string, error) {
	s = strings.TrimRight(strings.TrimSpace(s), "/")
	if s == "" {
		return "", errors.New("there is no server address: give its URL, such as https://sso.acme.example")
	}
	if strings.Contains(s, "@") {
		return "", errors.New("the server address holds a user name: give it without one, and user name and password apart from it")
	}
	if !strings.Contains(s, "://") {
		return "", fmt.Errorf("server address %s: the scheme is missing: write https://%[1]s (or http://)", s)
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("server address %s: not an http or https URL: write it as https://sso.acme.example", s)
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", fmt.Errorf("server address %s: only the base address is wanted: leave out everything from ? or # on", s)
	}
	return s, nil
}
