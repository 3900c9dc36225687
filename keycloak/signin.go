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

// What Keycloak says: below /realms/NAME, with a 404; and of a wrong user name, password or one-time code.
const (
	noRealm          = "Realm does not exist"
	wrongCredentials = "Invalid user credentials"
)

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
	if c.opts.Way == ByToken {
		return errors.New("a given access token cannot be renewed: where rights granted later are needed, sign in with a user or a client instead")
	}
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.yield()
	return c.authenticate(ctx)
}

// SignOut ends the session that a user's sign-in began; Keycloak stores it for half an hour otherwise. A service account
// has none, and what was begun elsewhere (a given Token or RefreshToken) or is kept for later (Options.Keep) is left to
// its owner. The client may be used again, and signs in anew.
func (c *Client) SignOut(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.yield()
	if c.opts.Keep != nil || c.opts.RefreshToken != "" {
		return nil
	}
	return c.endSession(ctx)
}

// EndSession ends the session of this client even if it is kept for later or was begun elsewhere, and with it what the
// same person has open in a browser by it. Without a session it does nothing.
func (c *Client) EndSession(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.yield()
	defer c.keep("")
	return c.endSession(ctx)
}

// endSession is called by who has the turn.
func (c *Client) endSession(ctx context.Context) error {
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
	switch o.Way {
	case ByToken:
		who = "the owner of the token"
	case ByRefresh:
		who = "the owner of the refresh token by " + who
	case ByPassword:
		who = "user " + o.Username + " by " + who
	case ByDevice, ByBrowser:
		who = "a person by " + string(o.Way) + " and " + who
	}
	var e *Error
	if errors.As(err, &e) && e.hint == "" && e.Status != 0 {
		e.hint = c.refusalHint(ctx, e)
	}
	return fmt.Errorf("sign in to %s, realm %s, as %s: %w", c.base, o.AuthRealm, who, err)
}

// refusalHint says what to do about an error of the token endpoint.
func (c *Client) refusalHint(ctx context.Context, e *Error) string {
	o := c.opts
	said := func(words string) bool { return strings.Contains(e.Message, words) }
	assertion := o.Signer != nil
	switch {
	case e.Message == noRealm:
		return fmt.Sprintf("this server has no realm %s to sign in to: check the authentication realm (it is master unless the account lives elsewhere)", o.AuthRealm)
	case e.Message == "Realm not enabled":
		return "the authentication realm is switched off: sign in through another one, such as master"
	case e.Message == "Account disabled":
		return "the user is switched off: enable it, or sign in as another"
	case e.Message == "Account is not fully set up":
		return "the user must log in to the account console once, to finish required actions such as a new password"

	case said("Standard token exchange is not enabled"):
		return "switch on \"Standard token exchange\" of this client"
	case said("Client is not within the token audience"), said("not within the token audience"):
		return fmt.Sprintf("the token to be exchanged is not for client %s: add it to the token's audience by a mapper, or exchange by a client that it is for", o.ClientID)
	case e.Message == "Audience not found":
		return "the realm has no client of that name for the new token to be for"
	case said("Requested audience not available"):
		return fmt.Sprintf("client %s can put no such audience into tokens: give it, or a scope of it, an audience mapper or the roles of that client", o.ClientID)
	case e.Message == "Client not allowed.":
		return "a public client may not ask: give a client with its secret, key or certificate"

	case e.Code == "expired_token":
		return "nobody signed in before the code ended: try again"
	case e.Code == "access_denied" && o.Way == ByDevice:
		return "the sign-in was refused in the browser, or this account may not use the client"
	case said("Device Authorization Grant"):
		return "switch on \"OAuth 2.0 Device Authorization Grant\" of this client"

	case e.Code == "invalid_grant" && o.Way == ByRefresh:
		return "the refresh token, or its session, has ended, or it was issued to another client than " + o.ClientID + ": sign in anew"
	case e.Code == "invalid_grant" && o.Way == ByPassword && o.OTP != nil:
		return "check user name and password, and the one-time code: a code serves once, and for about a minute, by this machine's clock and the server's alike; " +
			"a user locked for a while after failed logins is refused the same way"
	case e.Code == "invalid_grant" && o.Way == ByPassword:
		return "check user name and password; a user locked for a while after failed logins, or who needs a one-time code, is refused the same way: " +
			"give the code, or use a client with a service account, which suits programs better"
	case e.Code == "invalid_grant":
		return "try again; the client may ask for something else, such as PKCE by another method"
	case e.Code == "invalid_scope":
		return fmt.Sprintf("client %s has no such scope: ask for others", o.ClientID)

	case said("Public client"):
		return "this client has no secret: switch on its \"Client authentication\" and \"Service account roles\", or sign in with a user name and password"
	case said("Token is not active"), said("issued in the future"):
		return "the server's clock and this machine's are apart: set them, by NTP"
	case said("client_assertion_type is missing"):
		return "this client proves itself by a signed JWT: let its secret or its private key sign one"
	case said("client_assertion"), said("Invalid signature"), said("Unable to load public key"), said("Signature on JWT token"), assertion && e.Code == "unauthorized_client":
		return "the signature does not fit: check that the client trusts this key (Clients, Keys, in the admin console), or has this secret, and wants this algorithm"

	case e.Code == "invalid_client" && o.CertFile != "" && o.ClientSecret == "" && !assertion:
		return fmt.Sprintf("check that realm %s has an enabled client %s, and that the subject of its X.509 certificate fits that of %s", o.AuthRealm, o.ClientID, o.CertFile)
	case e.Code == "invalid_client":
		return fmt.Sprintf("realm %s has no enabled client %s: check client id and authentication realm", o.AuthRealm, o.ClientID)
	case said("direct access grants"):
		return "switch on \"Direct access grants\" of this client, or sign in with a client id and secret instead of a user"
	case said("service account"):
		return "switch on \"Service account roles\" of this client, or sign in with a user name and password"
	case e.Code == "unauthorized_client" && o.ClientSecret == "":
		return "this client needs its secret: give it, or use a public client such as admin-cli"
	case e.Code == "unauthorized_client":
		return "check the client secret (Clients, Credentials in the admin console)"
	case e.Status == http.StatusProxyAuthRequired:
		return e.advice()
	case e.Status == http.StatusForbidden && strings.HasPrefix(e.Message, notJSON):
		return "something in front of Keycloak lets nobody by: give the header that it asks for"
	case e.Status == http.StatusForbidden:
		return "the realm does not let this account sign in"
	case e.Code == "" && e.Status < 429: // a token endpoint gives a code
		return c.lost(ctx)
	}
	return ""
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
