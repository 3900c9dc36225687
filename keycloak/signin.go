package keycloak

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const noRealm = "Realm does not exist" // what Keycloak says below /realms/NAME, with a 404

// SignIn gets the first access token, unless there is one already. Requests do so by themselves; called first, it tells
// a wrong address, realm, client, user or password apart, each with what to do about it. Once the server has refused a
// sign-in, requests fail with its error without asking again; SignIn does ask again. Of a given Token it only sees whether
// it has expired.
func (c *Client) SignIn(ctx context.Context) error {
	if c.opts.Token != "" {
		if _, end := claims(c.opts.Token); !end.IsZero() && time.Now().After(end) {
			return fmt.Errorf("sign in to %s: %s", c.base, c.givenTokenRefused())
		}
		if _, err := c.realm(ctx, c.base); IsStatus(err, 0, http.StatusNotFound) {
			return c.signInError(ctx, err)
		}
		return nil // even if this public address is closed: the admin API may be open
	}
	if err := c.take(ctx); err != nil {
		return err
	}
	c.refused = nil
	c.yield()
	_, err := c.token(ctx, "")
	return err
}

// Renew replaces the access token by a new one, which carries rights granted since the last, such as those to a realm
// that was just created. Keycloak 26.7.5 looks them up with each request, and takes the old token as well: Renew is for
// servers where a token is bound to what its account was allowed when it was issued. A given Token cannot be renewed,
// which is an error.
func (c *Client) Renew(ctx context.Context) error {
	if c.opts.Token != "" {
		return errors.New("a given access token cannot be renewed: where rights granted later are needed, sign in with a user or a client instead")
	}
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.yield()
	return c.authenticate(ctx)
}

// SignOut ends the session that a user's sign-in began; Keycloak stores it for half an hour otherwise. A service account
// has none, and a given Token is left to its owner. The client may be used again, and signs in anew.
func (c *Client) SignOut(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.yield()
	old := c.session
	c.session = session{}
	if old.refresh == "" {
		return nil
	}
	_, err := c.postForm(ctx, "logout", url.Values{"refresh_token": {old.refresh}})
	return err
}

// signInError adds to an error of the token endpoint what was tried and what to do. It goes by the server's words, those
// of Keycloak 26.7.5: the statuses say less (a wrong secret is 401, a wrong password 400), and vary between versions.
func (c *Client) signInError(ctx context.Context, err error) error {
	o := c.opts
	who := "client " + o.ClientID
	switch {
	case o.Token != "":
		who = "the owner of the token"
	case o.Username != "":
		who = "user " + o.Username + " by " + who
	}
	var e *Error
	if errors.As(err, &e) && e.hint == "" && e.Status != 0 {
		switch {
		case e.Message == noRealm:
			e.hint = fmt.Sprintf("this server has no realm %s to sign in to: check the authentication realm (it is master unless the account lives elsewhere)", o.AuthRealm)
		case e.Message == "Realm not enabled":
			e.hint = "the authentication realm is switched off: sign in through another one, such as master"
		case e.Message == "Account disabled":
			e.hint = "the user is switched off: enable it, or sign in as another"
		case e.Message == "Account is not fully set up":
			e.hint = "the user must log in to the account console once, to finish required actions such as a new password"
		case e.Code == "invalid_grant":
			e.hint = "check user name and password; a user locked for a while after failed logins, or with a one-time password, is refused the same way: " +
				"a client with a service account suits programs better"
		case e.Code == "invalid_client":
			e.hint = fmt.Sprintf("realm %s has no enabled client %s: check client id and authentication realm", o.AuthRealm, o.ClientID)
		case strings.Contains(e.Message, "direct access grants"):
			e.hint = "switch on \"Direct access grants\" of this client, or sign in with a client id and secret instead of a user"
		case strings.Contains(e.Message, "Public client"):
			e.hint = "this client has no secret: switch on its \"Client authentication\" and \"Service account roles\", or sign in with a user name and password"
		case strings.Contains(e.Message, "service account"):
			e.hint = "switch on \"Service account roles\" of this client, or sign in with a user name and password"
		case e.Code == "unauthorized_client" && o.ClientSecret == "":
			e.hint = "this client needs its secret: give it, or use a public client such as admin-cli"
		case e.Code == "unauthorized_client":
			e.hint = "check the client secret (Clients, Credentials in the admin console)"
		case e.Code == "" && e.Status < 429: // a token endpoint gives a code
			e.hint = c.lost(ctx)
		}
	}
	return fmt.Errorf("sign in to %s, realm %s, as %s: %w", c.base, o.AuthRealm, who, err)
}

// lost tells where the server's base address may be when there is no Keycloak below ours.
func (c *Client) lost(ctx context.Context) string {
	u, err := url.Parse(c.base)
	if err != nil {
		return ""
	}
	root := u.Scheme + "://" + u.Host
	path, _, _ := strings.Cut(u.EscapedPath(), "/admin") // of a page of the admin console
	path, _, _ = strings.Cut(path, "/realms/")           // or of a login page
	for _, base := range []string{root + path, root + path + "/auth", root, root + "/auth"} {
		if base == c.base {
			continue
		}
		if found, _ := c.realm(ctx, base); found {
			return "Keycloak answers below " + base + ": use this as its address"
		}
	}
	return "there is no Keycloak at this address: check host, port and the context path (Keycloak's http-relative-path, often /auth)"
}

// realm asks for the public face of the realm to sign in to below a base address, and reports whether a Keycloak answers:
// it does even if there is no such realm. It sends no credentials.
func (c *Client) realm(ctx context.Context, base string) (bool, error) {
	there := &Client{opts: c.opts, base: base, http: c.http}
	q, err := there.newCall(Request{Method: "GET", Path: Path("realms", c.opts.AuthRealm)})
	if err != nil {
		return false, err
	}
	res, err := there.send(ctx, q, "")
	var e *Error
	if errors.As(err, &e) {
		return e.Message == noRealm, err
	}
	var realm struct{ Realm string }
	return json.Unmarshal(res.Body, &realm) == nil && realm.Realm != "", nil
}

// givenTokenRefused tells why the server may refuse Options.Token.
func (c *Client) givenTokenRefused() string {
	issuer, end := claims(c.opts.Token)
	base, _, _ := strings.Cut(issuer, "/realms/")
	switch {
	case !end.IsZero() && time.Now().After(end):
		return "the given access token expired at " + end.Format(time.RFC3339) + ": give a new one"
	case issuer != "" && base != c.base:
		return "the given access token was issued under " + base + ", and the server may take it only there: use this address, or a token from this one"
	}
	return "the given access token is not accepted: it may be of another server or realm, or its session has ended: give a new one"
}

// claims reads issuer and expiry from a token, unverified; zero where it does not tell.
func claims(token string) (issuer string, end time.Time) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", end
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var t struct {
		Issuer string `json:"iss"`
		End    int64  `json:"exp"`
	}
	if err == nil && json.Unmarshal(payload, &t) == nil && t.End > 0 {
		end = time.Unix(t.End, 0)
	}
	return t.Issuer, end
}
