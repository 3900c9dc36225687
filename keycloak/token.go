package keycloak

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A session is what a sign-in left: the tokens and how long they serve, by our own clock.
//
// Of golang.org/x/oauth2 only the parts are used, not the token sources: these take no context per call, share a failure
// of one caller's with all, and end with the refresh token, where Keycloak's (1800 s for admin-cli in master, none for a
// service account) calls for a new grant.
type session struct {
	access  string
	until   time.Time // when to get the next access token, some time before this one ends
	refresh string    // empty: none
	ends    time.Time // of the refresh token; zero: unknown
}

// token returns an access token that is good for some seconds at least and is not the given one, which the server
// refused; the first caller who needs another gets it while all others wait for it.
func (c *Client) token(ctx context.Context, refused string) (string, error) {
	if c.opts.Token != "" || c.opts.Way == Nobody {
		return c.opts.Token, nil
	}
	if err := c.take(ctx); err != nil {
		return "", err
	}
	defer c.yield()
	if s := c.session; s.access != "" && s.access != refused && c.now().Before(s.until) {
		return s.access, nil
	}
	if c.refused != nil {
		return "", c.refused
	}
	err := c.authenticate(ctx)
	return c.session.access, err
}

// take waits for the turn to use the session. The caller must yield it, unless there is an error.
func (c *Client) take(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sign in to %s: %w", c.base, ctx.Err())
	}
}

func (c *Client) yield() { <-c.turn }

// authenticate gets a new access token: with the refresh token while it serves, else by signing in anew.
// The caller has the turn.
func (c *Client) authenticate(ctx context.Context) error {
	if s := c.session; s.refresh != "" && (c.opts.Way == ByRefresh || s.ends.IsZero() || c.now().Before(s.ends)) {
		err := c.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.refresh}})
		if err == nil {
			return nil
		}
		if !IsStatus(err, http.StatusBadRequest, http.StatusUnauthorized) {
			return c.refuse(ctx, err)
		}
		// The session was ended meanwhile, by an administrator or by the server's limits.
		c.session = session{}
		c.keep("")
		if c.opts.Way == ByRefresh {
			return c.refuse(ctx, err)
		}
	}
	c.session = session{}
	if err := c.signInAnew(ctx); err != nil {
		return c.refuse(ctx, err)
	}
	return nil
}

// refuse says what to do about a sign-in that failed, and remembers a final no: of the server, or of a person.
func (c *Client) refuse(ctx context.Context, err error) error {
	final := IsStatus(err, http.StatusBadRequest, http.StatusUnauthorized) || (c.opts.Way == ByDevice || c.opts.Way == ByBrowser) && ctx.Err() == nil
	err = c.signInError(ctx, err)
	if final {
		c.refused = err
	}
	return err
}

func (c *Client) keep(refresh string) {
	if c.opts.Keep != nil {
		c.opts.Keep(refresh)
	}
}

// scoped adds the scopes to ask for. A session that a person begins is one of OpenID Connect.
func (c *Client) scoped(form url.Values) url.Values {
	scope := c.opts.Scope
	if c.opts.Way == ByDevice || c.opts.Way == ByBrowser {
		scope = strings.TrimSpace("openid " + scope)
	}
	if scope != "" {
		form.Set("scope", scope)
	}
	return form
}

// grant asks the token endpoint for tokens and keeps them.
func (c *Client) grant(ctx context.Context, form url.Values) error {
	asked := c.now()
	res, err := c.postForm(ctx, "token", form)
	if err != nil {
		return err
	}
	var t struct {
		Access         string  `json:"access_token"`
		ExpiresIn      float64 `json:"expires_in"` // seconds
		Refresh        string  `json:"refresh_token"`
		RefreshExpires float64 `json:"refresh_expires_in"` // seconds; 0: as long as the session
	}
	if err := res.Decode(&t); err != nil || t.Access == "" {
		return &Error{Method: "POST", URL: c.base + c.openID("token"), Status: res.Status, Attempts: 1, Message: "the answer is not Keycloak's: it holds no access token"}
	}
	life := seconds(t.ExpiresIn)
	c.session = session{access: t.Access, until: asked.Add(life - min(life/4, 10*time.Second)), refresh: t.Refresh}
	if t.RefreshExpires > 0 {
		c.session.ends = asked.Add(seconds(t.RefreshExpires))
	}
	if t.Refresh != "" {
		c.keep(t.Refresh)
	}
	return nil
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

const openIDConnect = "/protocol/openid-connect/"

// openID returns the path of an OpenID Connect endpoint of the realm to sign in to.
func (c *Client) openID(endpoint string) string {
	return Path("realms", c.opts.AuthRealm) + openIDConnect + endpoint
}

// postForm sends a form, with the client's identity, to an OpenID Connect endpoint. These may be repeated without harm,
// but for an assertion, which the server takes once.
func (c *Client) postForm(ctx context.Context, endpoint string, form url.Values) (*Response, error) {
	if err := c.identify(ctx, form); err != nil {
		return nil, err
	}
	q, err := c.newCall(Request{Method: "POST", Path: c.openID(endpoint), Repeatable: c.opts.Signer == nil})
	if err != nil {
		return nil, err
	}
	q.body = []byte(form.Encode())
	q.header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.send(ctx, q, "")
}
