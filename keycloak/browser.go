package keycloak

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// browserPatience is how long a person may take; Keycloak itself gives them half an hour unless told otherwise.
const browserPatience = 30 * time.Minute

// byBrowser has a person sign in with a browser on this machine, which comes back to a port of ours with a code
// (RFC 8252), worth nothing without the verifier that we keep (PKCE).
func (c *Client) byBrowser(ctx context.Context) error {
	d, err := c.discover(ctx)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no port of this machine can be opened for the browser to come back to: %w; sign in by %s instead", err, ByDevice)
	}
	verifier, state := oauth2.GenerateVerifier(), rand.Text()
	back := "http://" + l.Addr().String() + "/"
	address := oauth2.Config{
		ClientID:    c.opts.ClientID,
		Endpoint:    oauth2.Endpoint{AuthURL: d.Authorization},
		RedirectURL: back,
		Scopes:      strings.Fields(c.scoped(url.Values{}).Get("scope")),
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if c.opts.Username != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", c.opts.Username))
	}
	if c.opts.ACR != "" {
		// Essential: a realm that cannot reach the level says so, instead of letting in by less.
		claims, _ := json.Marshal(map[string]any{"id_token": map[string]any{"acr": map[string]any{"essential": true, "values": []string{c.opts.ACR}}}})
		options = append(options, oauth2.SetAuthURLParam("claims", string(claims)))
	}

	answers := make(chan url.Values, 1)
	server := &http.Server{Handler: callback(state, d.Issuer, answers), ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(l)
	defer func() {
		// The page that says how it went is still to be delivered.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		server.Shutdown(ctx)
	}()
	page := address.AuthCodeURL(state, options...)
	if err := c.tryBrowser(ctx, page); err != nil {
		return err
	}
	c.opts.Invite(Invitation{URL: page, Open: page, Ends: time.Now().Add(browserPatience)})

	patience := time.NewTimer(browserPatience)
	defer patience.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
		return fmt.Errorf("nobody signed in within %s: try again", browserPatience)
	case a := <-answers:
		if a.Get("error") != "" {
			return c.sentBack(a)
		}
		return c.grant(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {a.Get("code")}, "redirect_uri": {back}, "code_verifier": {verifier}})
	}
}

// tryBrowser asks for the login page as a browser would that is not to show it. What the server does not send back to us,
// it tells only on a page: the person would be looking at it, and we would wait in vain.
func (c *Client) tryBrowser(ctx context.Context, page string) error {
	u, err := url.Parse(page)
	if err != nil {
		return err
	}
	query := u.Query()
	query.Set("prompt", "none")
	q, err := c.newCall(Request{Method: "GET", Path: c.openID("auth"), Query: query})
	if err != nil {
		return err
	}
	res, err := c.once(ctx, q, "", 1)
	if err != nil {
		return c.noAnswer(q, err, 1)
	}
	if to, err := url.Parse(res.Header.Get("Location")); err == nil && res.Status < 400 {
		switch to.Query().Get("error") {
		case "", "login_required", "interaction_required":
			return nil
		}
		return c.sentBack(to.Query())
	}
	e := c.badAnswer(q, res, 1)
	q.query = "" // long, and of no use to anybody
	e.URL, e.Message = c.base+q.target(), ""
	if e.Status == http.StatusBadRequest {
		e.hint = fmt.Sprintf("check that realm %s has an enabled client %s, with \"Standard flow\" and with http://127.0.0.1/* among its valid redirect URIs", c.opts.AuthRealm, c.opts.ClientID)
		if c.opts.ACR != "" {
			e.hint += fmt.Sprintf(", and that realm or client have a level of authentication %s (ACR to LoA mapping)", c.opts.ACR)
		}
	}
	return e
}

// sentBack is the error of a browser that came back without a code.
func (c *Client) sentBack(q url.Values) error {
	hint := "try again"
	switch code := q.Get("error"); {
	case code == "access_denied":
		hint = "the sign-in was cancelled, or this account may not use the client: " + hint
	case code == "unauthorized_client":
		hint = fmt.Sprintf("switch on \"Standard flow\" of client %s, or sign in by %s", c.opts.ClientID, ByDevice)
	case code == "invalid_scope":
		hint = "ask for scopes that the client has"
	case c.opts.ACR != "":
		hint = fmt.Sprintf("the account may have no credential for the level of authentication %s", c.opts.ACR)
	case q.Get("error_description") == "authentication_expired" || code == "temporarily_unavailable":
		hint = "the login took longer than the realm allows: " + hint
	}
	return fmt.Errorf("the server says %s; %s", strings.TrimSuffix(q.Get("error")+": "+q.Get("error_description"), ": "), hint)
}

// callback hears the browser come back. What does not belong to this sign-in (another state, another issuer) is told so
// and not taken for an answer.
func callback(state, issuer string, answers chan<- url.Values) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case r.URL.Path != "/" || r.Method != http.MethodGet:
			http.NotFound(w, r)
		case q.Get("state") != state || q.Get("iss") != "" && q.Get("iss") != issuer || q.Get("code")+q.Get("error") == "":
			w.WriteHeader(http.StatusBadRequest)
			say(w, "This is not the answer kcsync waits for", "Follow the address that it printed last.")
		default:
			if e := q.Get("error"); e != "" {
				say(w, "kcsync was not let in", "The server says: "+strings.TrimSpace(e+" "+q.Get("error_description")))
			} else {
				say(w, "You are signed in", "kcsync goes on; this page can be closed.")
			}
			select {
			case answers <- q:
			default: // the page was loaded again
			}
		}
	}
}

func say(w io.Writer, title, text string) {
	fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><title>kcsync</title><body style="font-family: sans-serif; margin: 4em"><h1>%s</h1><p>%s</p>`,
		html.EscapeString(title), html.EscapeString(text))
}
