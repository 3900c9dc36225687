package keycloak

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A private key in a file, and what a client needs to trust it.
type testKey struct {
	pem, jwk string
	trust    map[string]any
}

func newKey(t *testing.T, name string, key crypto.Signer, algorithm jose.SignatureAlgorithm) testKey {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private := jose.JSONWebKey{Key: key, KeyID: name, Algorithm: string(algorithm), Use: "sig"}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{private.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := json.Marshal(private)
	if err != nil {
		t.Fatal(err)
	}
	k := testKey{pem: filepath.Join(t.TempDir(), name+".pem"), jwk: filepath.Join(t.TempDir(), name+".json"),
		trust: map[string]any{"use.jwks.string": "true", "jwks.string": string(set)}}
	os.WriteFile(k.pem, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
	os.WriteFile(k.jwk, jwk, 0o600)
	return k
}

// Clients that prove themselves by a signature, with every type of key.
func TestSignedJWT(t *testing.T) {
	p := newPlace(t, nil)
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	ecKey, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	keys := map[string]testKey{}
	for name, k := range map[string]struct {
		key       crypto.Signer
		algorithm jose.SignatureAlgorithm
	}{"rsa": {rsaKey, jose.RS256}, "pss": {rsaKey, jose.PS256}, "ec": {ecKey, jose.ES384}, "ed": {edKey, jose.EdDSA}} {
		keys[name] = newKey(t, name, k.key, k.algorithm)
		p.client(map[string]any{"clientId": name, "serviceAccountsEnabled": true, "clientAuthenticatorType": "client-jwt", "attributes": keys[name].trust})
	}
	const secret = "hush-hush"
	p.client(map[string]any{"clientId": "secret", "secret": secret, "serviceAccountsEnabled": true, "clientAuthenticatorType": "client-secret-jwt"})
	p.client(map[string]any{"clientId": "plain", "secret": secret, "serviceAccountsEnabled": true})

	by := func(s *Signer, err error) *Signer {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tt := range []struct {
		why, client string
		signer      *Signer
		ahead       time.Duration // of our clock
		want        string
	}{
		{"RSA, PKCS #8", "rsa", by(NewKeySigner(keys["rsa"].pem, "")), 0, ""},
		{"RSA, JWK", "rsa", by(NewKeySigner(keys["rsa"].jwk, "")), 0, ""},
		{"RSA-PSS", "pss", by(NewKeySigner(keys["pss"].pem, "PS256")), 0, ""},
		{"RSA-PSS, by what the JWK says", "pss", by(NewKeySigner(keys["pss"].jwk, "")), 0, ""},
		{"P-384", "ec", by(NewKeySigner(keys["ec"].pem, "")), 0, ""},
		{"Ed25519", "ed", by(NewKeySigner(keys["ed"].pem, "")), 0, ""},
		{"secret", "secret", by(NewSecretSigner(secret, "")), 0, ""},
		{"secret shorter than the hash", "secret", by(NewSecretSigner(secret, "HS512")), 0, ""},
		{"a little ahead", "rsa", by(NewKeySigner(keys["rsa"].pem, "")), 5 * time.Second, ""},
		{"ahead", "rsa", by(NewKeySigner(keys["rsa"].pem, "")), 10 * time.Minute, "clock and this machine's are apart"},
		{"behind", "rsa", by(NewKeySigner(keys["rsa"].pem, "")), -10 * time.Minute, "clock and this machine's are apart"},
		{"another key", "ec", by(NewKeySigner(keys["rsa"].pem, "")), 0, "check that the client trusts this key"},
		{"another algorithm", "pss", by(NewKeySigner(keys["pss"].pem, "RS256")), 0, "check that the client trusts this key"},
		{"another secret", "secret", by(NewSecretSigner("hush", "")), 0, "has this secret"},
		{"a client without key", "plain", by(NewKeySigner(keys["rsa"].pem, "")), 0, "check that the client"},
		{"no such client", "nope", by(NewKeySigner(keys["rsa"].pem, "")), 0, "has no enabled client nope"},
		{"nothing signed", "rsa", nil, 0, "let its secret or its private key sign one"},
	} {
		o := p.opts
		o.ClientID, o.Signer = tt.client, tt.signer
		if o.Signer == nil {
			o.ClientSecret = secret
		}
		c := newClient(t, o)
		c.now = func() time.Time { return time.Now().Add(tt.ahead) }
		err := c.SignIn(t.Context())
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v, want %q", tt.why, err, tt.want)
		}
		if tt.want == "" {
			if err := c.Renew(t.Context()); err != nil { // with another assertion
				t.Errorf("%s, again: %v", tt.why, err)
			}
		}
	}
}

func TestKeyFiles(t *testing.T) {
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k := newKey(t, "ec", ecKey, jose.ES256)
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "key")
		os.WriteFile(path, []byte(text), 0o600)
		return path
	}
	sec1, _ := x509.MarshalECPrivateKey(ecKey)
	sec := string(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS"})) + string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1}))
	public, _ := jose.JSONWebKey{Key: ecKey.Public()}.MarshalJSON()
	for _, tt := range []struct{ file, algorithm, want string }{
		{k.pem, "", ""},
		{file(sec), "", ""},
		{k.pem, "RS256", "not for a key on P-256, which signs with [ES256]"},
		{"/nowhere", "", "open /nowhere"},
		{file("hush"), "", "there is none in it"},
		{file("{}"), "", "it is JSON, but no key"},
		{file(string(public)), "", "it is the public half"},
		{file("-----BEGIN ENCRYPTED PRIVATE KEY-----\naHVzaA==\n-----END ENCRYPTED PRIVATE KEY-----\n"), "", "it is encrypted"},
		{file("-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n"), "", "private key"},
	} {
		_, err := NewKeySigner(tt.file, tt.algorithm)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v, want %q", tt.file, err, tt.want)
		}
	}
	if _, err := NewSecretSigner("hush", "RS256"); err == nil || !strings.Contains(err.Error(), "HS256, HS384, HS512") {
		t.Error(err)
	}
}

// The codes of RFC 6238, appendix B.
func TestTOTPCodes(t *testing.T) {
	for _, tt := range []struct {
		secret string
		at     int64
		want   string
	}{
		{"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8", 59, "94287082"},
		{"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8", 20000000000, "65353130"},
		{"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&digits=8&algorithm=SHA256", 1111111109, "68084774"},
		{"gezd gnbv gy3t qojq gezd gnbv gy3t qojq", 59, "287082"},
		{"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=60", 119, "287082"},
	} {
		code, err := parseTOTP(tt.secret)
		if err != nil {
			t.Errorf("%s: %v", tt.secret, err)
		} else if got := code.code(time.Unix(tt.at, 0)); got != tt.want {
			t.Errorf("%s at %d: %s, want %s", tt.secret, tt.at, got, tt.want)
		}
	}
	for _, bad := range []string{"hush!", "", "otpauth://hotp/x?secret=GEZDGNBV", "otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5"} {
		if _, err := TOTP(bad); err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "GEZ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestOneTimeCode(t *testing.T) {
	p := newPlace(t, map[string]any{"bruteForceProtected": true, "failureFactor": 5})
	p.user("ada", map[string]any{"credentials": []any{map[string]any{"type": "password", "value": "hush"}, map[string]any{"type": "otp",
		"secretData": `{"value":"12345678901234567890"}`, "credentialData": `{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}`}}})
	o := p.opts
	o.Username, o.Password = "ada", "hush"
	if err := newClient(t, o).SignIn(t.Context()); err == nil || !strings.Contains(err.Error(), "needs a one-time code") {
		t.Errorf("without a code: %v", err)
	}
	time.Sleep(quickLogins) // two failures in less are an attack for Keycloak
	o.OTP = func(context.Context) ([]string, error) { return []string{"000000"}, nil }
	if err := newClient(t, o).SignIn(t.Context()); err == nil || !strings.Contains(err.Error(), "a code serves once") {
		t.Errorf("with a wrong code: %v", err)
	}
	time.Sleep(quickLogins)
	var err error
	if o.OTP, err = TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // in one period: the second is refused the first's code
		if err := newClient(t, o).SignIn(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A session goes from client to client by its refresh token, and ends when it is told to.
func TestRefreshToken(t *testing.T) {
	p := newPlace(t, map[string]any{"revokeRefreshToken": true}) // each refresh token serves once
	user := p.user("ada", nil)
	p.rule(user)
	var kept []string
	o := p.opts
	o.Username, o.Password, o.Keep = "ada", "hush", func(refresh string) { kept = append(kept, refresh) }
	first := newClient(t, o)
	if err := first.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.SignOut(t.Context()); err != nil || len(kept) != 1 || kept[0] == "" {
		t.Fatalf("%v, kept %d tokens", err, len(kept))
	}
	next := p.opts
	next.RefreshToken, next.Keep = kept[0], o.Keep
	c := newClient(t, next)
	if err := c.Get(t.Context(), p.path(), nil, new(any)); err != nil || len(kept) != 2 {
		t.Fatalf("%v, kept %d tokens", err, len(kept))
	}
	if err := newClient(t, next).SignIn(t.Context()); err == nil || !strings.Contains(err.Error(), "the refresh token, or its session, has ended") {
		t.Errorf("with a refresh token that has served: %v", err)
	}
	kept = nil
	p.send("POST", p.path("users", user, "logout"), nil)
	if err := c.Renew(t.Context()); err == nil || len(kept) != 1 || kept[0] != "" {
		t.Errorf("after the session's end: %v, kept %v", err, kept)
	}

	// Where the session has ended, the other way begins a new one.
	o.Way, o.RefreshToken = ByPassword, "a.b.c"
	c = newClient(t, o)
	if err := c.SignIn(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.EndSession(t.Context()); err != nil || kept[len(kept)-1] != "" {
		t.Errorf("%v, kept %v", err, kept)
	}

	// A realm that is switched off meanwhile says so, and is not taken for a missing role.
	o.RefreshToken, o.Keep = "", nil
	c = newClient(t, o)
	if err := c.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.send("PUT", p.path(), map[string]any{"enabled": false})
	if err := c.Renew(t.Context()); err == nil || !strings.Contains(err.Error(), "the authentication realm is switched off") {
		t.Errorf("with the realm switched off: %v", err)
	}
}

// What hinders people to sign in by device or browser is told before they are sent anywhere.
func TestInvitationErrors(t *testing.T) {
	p := newPlace(t, nil)
	p.client(map[string]any{"clientId": "device", "publicClient": true, "standardFlowEnabled": false,
		"attributes": map[string]any{"oauth2.device.authorization.grant.enabled": "true", "oauth2.device.polling.interval": "1", "oauth2.device.code.lifespan": "2"}})
	p.client(map[string]any{"clientId": "elsewhere", "publicClient": true, "redirectUris": []any{"https://acme.example/*"}})
	p.client(map[string]any{"clientId": "web", "publicClient": true, "redirectUris": []any{"http://127.0.0.1/*"}})
	for _, tt := range []struct {
		why     string
		way     Way
		client  string
		scope   string
		invited bool
		want    string
	}{
		{"nobody comes", ByDevice, "device", "", true, "nobody signed in before the code ended"},
		{"no device grant", ByDevice, "web", "", false, `switch on "OAuth 2.0 Device Authorization Grant"`},
		{"no such client", ByDevice, "nope", "", false, "has no enabled client nope"},
		{"no such client", ByBrowser, "nope", "", false, "has an enabled client nope"},
		{"no standard flow", ByBrowser, "device", "", false, `with "Standard flow"`},
		{"another redirect URI", ByBrowser, "elsewhere", "", false, "http://127.0.0.1/* among its valid redirect URIs"},
		{"no such scope", ByBrowser, "web", "nope", false, "ask for scopes that the client has"},
	} {
		invited := false
		o := p.opts
		o.Way, o.ClientID, o.Scope = tt.way, tt.client, tt.scope
		o.Invite = func(Invitation) { invited = true }
		err := newClient(t, o).SignIn(t.Context())
		if err == nil || !strings.Contains(err.Error(), tt.want) || invited != tt.invited {
			t.Errorf("%s, by %s: %v, invited: %t, want %q", tt.why, tt.way, err, invited, tt.want)
		}
	}
}

// The browser's answer counts only if it belongs to the question.
func TestCallback(t *testing.T) {
	p := newPlace(t, nil)
	p.client(map[string]any{"clientId": "web", "publicClient": true, "redirectUris": []any{"http://127.0.0.1/*"}})
	o := p.opts
	o.Way, o.ClientID = ByBrowser, "web"
	o.Invite = func(i Invitation) {
		u, _ := http.NewRequest("GET", i.URL, nil)
		q := u.URL.Query()
		go func() {
			for _, answer := range []string{"?code=x", "?code=x&state=y", "?code=x&state=" + q.Get("state") + "&iss=https%3A%2F%2Felsewhere.example", "?state=" + q.Get("state"), "favicon.ico"} {
				res, err := http.Get(q.Get("redirect_uri") + answer)
				if err != nil || res.StatusCode != 400 && res.StatusCode != 404 {
					t.Errorf("%s: %v %v", answer, res, err)
				}
			}
			if res, err := http.Get(q.Get("redirect_uri") + "?error=access_denied&error_description=No+%3Cb%3E&state=" + q.Get("state")); err != nil || res.StatusCode != 200 {
				t.Error(res, err)
			}
		}()
	}
	err := newClient(t, o).SignIn(t.Context())
	if err == nil || !strings.Contains(err.Error(), "access_denied: No <b>; the sign-in was cancelled") {
		t.Error(err)
	}
}

func TestStepUpWanted(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_user_authentication", error_description="A stronger sign-in is needed", acr_values="gold"`)
		w.WriteHeader(401)
	})
	c.opts.Way, c.opts.Token = ByPassword, "" // for a given token there is no way on
	c.session = session{access: "t", until: time.Now().Add(time.Hour)}
	_, err := c.send(t.Context(), &call{method: "GET", path: "/x", header: http.Header{}}, "t")
	if err == nil || !strings.Contains(err.Error(), "A stronger sign-in is needed; a stronger sign-in is wanted: sign in by browser") {
		t.Error(err)
	}
}
