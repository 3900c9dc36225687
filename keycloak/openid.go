package keycloak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// AccessToken returns an access token that is good for some seconds at least; it signs in, or refreshes, where that is
// needed. Whoever has it acts with the rights of the account: it belongs into no log.
func (c *Client) AccessToken(ctx context.Context) (string, error) { return c.token(ctx, "") }

// A Token is what a JSON Web Token says, and what is wrong with it.
type Token struct {
	Algorithm, KeyID string
	Header, Claims   map[string]any
	Realm            string   // that issued it and whose key signed it; empty if that is not known
	Problems         []string // why it is not to be trusted; none: it is
}

var (
	realmKeys  = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}
	serverKeys = []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512}
)

// Verify takes a token apart, and checks its signature with the keys of the realm that it names as its issuer, and its
// times. An error is returned if it is no token, or if there is no answer to the question for the keys.
func (c *Client) Verify(ctx context.Context, token string) (*Token, error) {
	if strings.Count(token, ".") == 4 {
		return nil, errors.New("the token is encrypted: only the client that it was issued to can read it")
	}
	parsed, err := jwt.ParseSigned(token, append(append([]jose.SignatureAlgorithm(nil), realmKeys...), serverKeys...))
	if err != nil || len(parsed.Headers) != 1 {
		return nil, errors.New("that is no JSON Web Token: three parts with dots between them are expected")
	}
	h := parsed.Headers[0]
	t := &Token{Algorithm: h.Algorithm, KeyID: h.KeyID, Header: map[string]any{"alg": h.Algorithm}}
	if h.KeyID != "" {
		t.Header["kid"] = h.KeyID
	}
	for k, v := range h.ExtraHeaders {
		t.Header[string(k)] = v
	}
	var payload json.RawMessage
	var times jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&payload, &times); err != nil {
		return nil, fmt.Errorf("the token's claims cannot be read: %w", err)
	}
	if err := (Response{Body: payload}).Decode(&t.Claims); err != nil {
		return nil, err
	}
	problem := func(format string, a ...any) { t.Problems = append(t.Problems, fmt.Sprintf(format, a...)) }

	t.Realm = c.realmOf(ctx, times.Issuer)
	switch {
	case t.Realm == "":
		problem("it was issued by %s, which is no realm of %s: its signature cannot be checked here", times.Issuer, c.base)
	case strings.HasPrefix(t.Algorithm, "HS"):
		problem("it is signed with %s, by a key that only the server has (as refresh tokens are): introspection asks the server", t.Algorithm)
	default:
		if err := c.checkSignature(ctx, t.Realm, parsed, h.KeyID); IsStatus(err, 0) {
			return nil, err
		} else if err != nil {
			problem("%s", err)
		}
	}
	now := c.now()
	if end := times.Expiry; end != nil && !now.Before(end.Time()) {
		problem("it has expired")
	}
	if start := times.NotBefore; start != nil && now.Before(start.Time()) {
		problem("it is not valid yet")
	}
	return t, nil
}

// realmOf returns the realm of this server that an issuer is, empty for none. Under the server's own host name, where that
// is another than ours, only the realm to sign in to is known.
func (c *Client) realmOf(ctx context.Context, issuer string) string {
	if realm, ours := strings.CutPrefix(issuer, c.base+"/realms/"); ours && !strings.Contains(realm, "/") {
		if name, err := url.PathUnescape(realm); err == nil {
			return name
		}
	}
	if d, err := c.discover(ctx); err == nil && issuer != "" && d.Issuer == issuer {
		return c.opts.AuthRealm
	}
	return ""
}

func (c *Client) checkSignature(ctx context.Context, realm string, token *jwt.JSONWebToken, id string) error {
	q, err := c.newCall(Request{Method: "GET", Path: Path("realms", realm) + openIDConnect + "certs"})
	if err != nil {
		return err
	}
	res, err := c.send(ctx, q, "")
	if err != nil {
		return err
	}
	var set jose.JSONWebKeySet
	if err := res.Decode(&set); err != nil {
		return err
	}
	keys := set.Key(id)
	if len(keys) == 0 {
		return fmt.Errorf("realm %s has no key %s: it was removed since, or the token is forged", realm, id)
	}
	if err := token.Claims(keys[0].Key, new(jwt.Claims)); err != nil {
		return fmt.Errorf("its signature is wrong: it was changed, or another key signed it")
	}
	return nil
}

// Time returns a claim that is a time, zero if it is none.
func (t *Token) Time(claim string) time.Time {
	if n, ok := t.Claims[claim].(int64); ok && n > 0 {
		return time.Unix(n, 0)
	}
	return time.Time{}
}

// Audience returns the claim aud, of one name or several.
func (t *Token) Audience() []string {
	switch a := t.Claims["aud"].(type) {
	case string:
		return []string{a}
	case []any:
		var out []string
		for _, v := range a {
			out = append(out, fmt.Sprint(v))
		}
		return out
	}
	return nil
}

// Introspect asks the server what it knows of a token, of any type: the claim active tells whether it is good. The
// client must prove itself by a secret, a Signer or a certificate. On Keycloak 26.7.5 it must be among an access token's
// audience: no other token is active for it.
func (c *Client) Introspect(ctx context.Context, token string) (map[string]any, error) {
	res, err := c.postForm(ctx, "token/introspect", url.Values{"token": {token}})
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	var claims map[string]any
	return claims, res.Decode(&claims)
}

// UserInfo asks who the access token's user is; the scope openid is needed for it.
func (c *Client) UserInfo(ctx context.Context) (map[string]any, error) {
	var claims map[string]any
	return claims, c.Get(ctx, c.openID("userinfo"), nil, &claims)
}

// A TokenExchange asks for a token in place of another (RFC 8693, Keycloak's standard token exchange).
type TokenExchange struct {
	Subject  string   // the access token to be exchanged
	Audience []string // the clients that the new one is for; none: those of the old one
	Scope    string   // with blanks between them; empty: those of the old one
}

// Exchange returns an access token in place of another. The client must prove itself, allow "Standard token exchange",
// and be among the old token's audience.
func (c *Client) Exchange(ctx context.Context, x TokenExchange) (string, error) {
	form := url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {x.Subject},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"audience":           x.Audience,
	}
	if x.Scope != "" {
		form.Set("scope", x.Scope)
	}
	res, err := c.postForm(ctx, "token", form)
	if err != nil {
		return "", c.explain(ctx, err)
	}
	var t struct {
		Access string `json:"access_token"`
	}
	return t.Access, res.Decode(&t)
}

// Revoke makes an access or refresh token worthless; with a refresh token its session with this client ends.
func (c *Client) Revoke(ctx context.Context, token string) error {
	_, err := c.postForm(ctx, "revoke", url.Values{"token": {token}})
	return c.explain(ctx, err)
}

// explain says what to do about an error of an endpoint that takes the client's proof.
func (c *Client) explain(ctx context.Context, err error) error {
	var e *Error
	if errors.As(err, &e) && e.hint == "" && e.Status != 0 {
		e.hint = c.refusalHint(ctx, e)
	}
	return err
}
