package keycloak

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A Signer signs assertions, short-lived tokens by which a client proves who it is in place of sending a secret.
type Signer struct {
	signer jose.Signer
}

// assertionLife is how long an assertion serves. Keycloak 26.7.5 takes no more than 60 s of a client's own choice.
const assertionLife = 50 * time.Second

// NewSecretSigner returns a signer that uses a client's secret (client_secret_jwt). The algorithm is HS256, HS384 or
// HS512; empty: HS256.
func NewSecretSigner(secret, algorithm string) (*Signer, error) {
	if algorithm == "" {
		algorithm = "HS256"
	}
	a := jose.SignatureAlgorithm(algorithm)
	if err := among(a, "a client's secret", jose.HS256, jose.HS384, jose.HS512); err != nil {
		return nil, err
	}
	// The standard wants a secret as long as the hash, Keycloak takes any. HMAC itself fills a short one with zeros.
	key := append([]byte(secret), make([]byte, max(0, 64-len(secret)))...)
	return newSigner(a, key, "")
}

// NewKeySigner returns a signer that uses the private key in a file (private_key_jwt): PEM (PKCS #8, PKCS #1 or SEC 1) or
// JWK. The algorithm is one that the key is for: RS256 to RS512 and PS256 to PS512, ES256 to ES512, EdDSA; empty: that
// of the JWK, or RS256, that of the curve, EdDSA.
func NewKeySigner(file, algorithm string) (*Signer, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	key, id, own, err := privateKey(file, data)
	if err != nil {
		return nil, err
	}
	if algorithm == "" {
		algorithm = own
	}
	a := jose.SignatureAlgorithm(algorithm)
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if a == "" {
			a = jose.RS256
		}
		err = among(a, "an RSA key", jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512)
	case *ecdsa.PrivateKey:
		fits := map[string]jose.SignatureAlgorithm{"P-256": jose.ES256, "P-384": jose.ES384, "P-521": jose.ES512}[k.Curve.Params().Name]
		if a == "" {
			a = fits
		}
		err = among(a, "a key on "+k.Curve.Params().Name, fits)
	case ed25519.PrivateKey:
		if a == "" {
			a = jose.EdDSA
		}
		err = among(a, "an Ed25519 key", jose.EdDSA)
	default:
		err = errors.New("it is of a type that signs nothing: RSA, EC and Ed25519 keys do")
	}
	if err != nil {
		return nil, fmt.Errorf("private key %s: %w", file, err)
	}
	return newSigner(a, key, id)
}

func among(a jose.SignatureAlgorithm, what string, these ...jose.SignatureAlgorithm) error {
	if slices.Contains(these, a) {
		return nil
	}
	return fmt.Errorf("the algorithm %s is not for %s, which signs with %s", a, what, strings.ReplaceAll(fmt.Sprint(these), " ", ", "))
}

func newSigner(a jose.SignatureAlgorithm, key any, id string) (*Signer, error) {
	o := (&jose.SignerOptions{}).WithType("JWT")
	if id != "" {
		o = o.WithHeader("kid", id)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: a, Key: key}, o)
	if err != nil {
		return nil, fmt.Errorf("sign as the client: %w", err)
	}
	return &Signer{s}, nil
}

// privateKey finds the key in a file, with the id and the algorithm that a JWK may tell.
func privateKey(file string, data []byte) (key crypto.PrivateKey, id, algorithm string, err error) {
	var jwk jose.JSONWebKey
	if json.Valid(data) {
		if err := jwk.UnmarshalJSON(data); err != nil {
			return nil, "", "", fmt.Errorf("private key %s: it is JSON, but no key: %w", file, err)
		}
		if jwk.IsPublic() {
			return nil, "", "", fmt.Errorf("private key %s: it is the public half: the private one is needed", file)
		}
		return jwk.Key, jwk.KeyID, jwk.Algorithm, nil
	}
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, "", "", fmt.Errorf("private key %s: there is none in it: give a PEM file with a block that begins with -----BEGIN PRIVATE KEY-----, or a JWK "+
				"(of a keystore: openssl pkcs12 -in %[1]s -nodes -nocerts -out KEY)", file)
		}
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" {
				return nil, "", "", encryptedKey(file)
			}
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, "", "", encryptedKey(file)
		default:
			continue // a certificate, or the parameters of a curve
		}
		if err != nil {
			err = fmt.Errorf("private key %s: %w", file, err)
		}
		return key, "", "", err
	}
}

// identify adds the client and the proof that it is the one.
func (c *Client) identify(ctx context.Context, form url.Values) error {
	form.Set("client_id", c.opts.ClientID)
	switch {
	case c.opts.Signer != nil:
		d, err := c.discover(ctx)
		if err != nil {
			return err
		}
		now := c.now()
		assertion, err := jwt.Signed(c.opts.Signer.signer).Claims(jwt.Claims{
			Issuer: c.opts.ClientID, Subject: c.opts.ClientID, Audience: jwt.Audience{d.Issuer}, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
		}).Serialize()
		if err != nil {
			return fmt.Errorf("sign as client %s: %w", c.opts.ClientID, err)
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
	case c.opts.ClientSecret != "":
		form.Set("client_secret", c.opts.ClientSecret)
	}
	return nil
}

// discovery is what a realm tells of itself to applications.
type discovery struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"` // may have another host than ours: browsers shall go there
}

// discover asks the realm to sign in to, once.
func (c *Client) discover(ctx context.Context) (*discovery, error) {
	if d := c.discovered.Load(); d != nil {
		return d, nil
	}
	q, err := c.newCall(Request{Method: "GET", Path: Path("realms", c.opts.AuthRealm, ".well-known", "openid-configuration")})
	if err != nil {
		return nil, err
	}
	res, err := c.send(ctx, q, "")
	if err != nil {
		return nil, err
	}
	d := new(discovery)
	if err := res.Decode(d); err != nil {
		return nil, err
	}
	c.discovered.Store(d)
	return d, nil
}
