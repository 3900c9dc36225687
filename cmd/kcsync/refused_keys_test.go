package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// TestRefusedKeys shows that the keys, certificates and secrets that kcsync refuses
// are those that the server does, or of which it makes other keys, or none.
func TestRefusedKeys(t *testing.T) {
	c, realm, version := refusingRealm(t, "keys")
	one, other := testKey(t), testKey(t)
	curve, curved, half := testCurveKey(t)
	pkcs1 := x509.MarshalPKCS1PrivateKey(one)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(one)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&one.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	locked := &pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: pkcs1}
	asPEM := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	key := asPEM("PRIVATE KEY", pkcs8)
	bytes := func(n int) string { return base64.RawURLEncoding.EncodeToString(make([]byte, n)) }
	const rsaKey, rsaMade, secret = "rsa", "rsa-generated", "hmac-generated"
	for _, r := range []struct {
		what, provider string
		config         map[string]string
		says           answer
	}{
		{"no key", rsaKey, nil, refused},
		{"a certificate without its key", rsaKey, map[string]string{"certificate": testCertificate(t, one, time.Hour)}, refused},
		{"a key", rsaKey, map[string]string{"privateKey": key}, taken},
		{"a key without lines around it", rsaKey, map[string]string{"privateKey": base64.StdEncoding.EncodeToString(pkcs8)}, taken},
		{"a key as openssl wrote it", rsaKey, map[string]string{"privateKey": asPEM("RSA PRIVATE KEY", pkcs1)}, taken},
		{"a key to encrypt", "rsa-enc", map[string]string{"privateKey": key}, taken},
		{"a locked key", rsaKey, map[string]string{"privateKey": string(pem.EncodeToMemory(locked))}, refused},
		{"a public key", rsaKey, map[string]string{"privateKey": asPEM("PUBLIC KEY", public)}, refused},
		{"a key of another sort", rsaKey, map[string]string{"privateKey": asPEM("EC PRIVATE KEY", curve)}, refused},
		{"no base64", rsaKey, map[string]string{"privateKey": "junk"}, refused},
		{"no structure", "rsa-enc", map[string]string{"privateKey": "AAAA"}, refused},
		{"a key in one line", rsaKey, map[string]string{"privateKey": strings.ReplaceAll(key, "\n", " ")}, refused},
		{"a key with its lines escaped", rsaKey, map[string]string{"privateKey": strings.ReplaceAll(key, "\n", `\n`)}, refused},
		{"its certificate", rsaKey, map[string]string{"privateKey": key, "certificate": testCertificate(t, one, time.Hour)}, taken},
		{"an old certificate", rsaKey, map[string]string{"privateKey": key, "certificate": testCertificate(t, one, -time.Hour)}, refused},
		{"the certificate of another key", rsaKey, map[string]string{"privateKey": key, "certificate": testCertificate(t, other, time.Hour)}, refused},
		{"no certificate", "rsa-enc", map[string]string{"privateKey": key, "certificate": "junk"}, refused},
		{"another key instead", rsaMade, map[string]string{"privateKey": "junk"}, broken},
		{"no key then", rsaMade, map[string]string{"privateKey": base64.StdEncoding.EncodeToString(pkcs8), "certificate": "junk"}, broken},
		{"another key without a certificate", rsaMade, map[string]string{"privateKey": base64.StdEncoding.EncodeToString(pkcs8)}, broken},
		{"the key that was made", rsaMade, map[string]string{"privateKey": base64.StdEncoding.EncodeToString(pkcs8), "certificate": testCertificate(t, one, time.Hour)}, taken},
		{"another key on the curve", "ecdsa-generated", map[string]string{"ecdsaPrivateKey": curved, "ecdsaEllipticCurveKey": "P-256"}, broken},
		{"no key on any curve", "ecdsa-generated", map[string]string{"ecdsaPrivateKey": curved, "ecdsaPublicKey": half}, broken},
		{"no key in an older form", "ecdsa-generated", map[string]string{"ecdsaPrivateKey": base64.StdEncoding.EncodeToString(curve), "ecdsaPublicKey": half, "ecdsaEllipticCurveKey": "P-256"}, broken},
		{"no public half", "ecdsa-generated", map[string]string{"ecdsaPrivateKey": curved, "ecdsaPublicKey": "junk", "ecdsaEllipticCurveKey": "P-256"}, refused},
		{"the key on the curve", "ecdsa-generated", map[string]string{"ecdsaPrivateKey": curved, "ecdsaPublicKey": half, "ecdsaEllipticCurveKey": "P-256"}, taken},
		{"an algorithm of nobody", rsaKey, map[string]string{"privateKey": key, "algorithm": "RS999"}, taken},
		{"a size", secret, map[string]string{"secretSize": "128"}, taken},
		{"a secret", secret, map[string]string{"kid": "k", "secret": "-_+/"}, taken},
		{"a secret of any size", secret, map[string]string{"kid": "k", "secret": bytes(17) + "="}, taken},
		{"a secret that is no base64", secret, map[string]string{"kid": "k", "secret": "top secret!"}, refused},
		{"a secret that ends early", secret, map[string]string{"kid": "k", "secret": "AAAAA"}, refused},
		{"a secret of two lines", secret, map[string]string{"kid": "k", "secret": "AAAA\nAAAA"}, refused},
		{"a secret of nothing", secret, map[string]string{"kid": "k", "secret": "="}, refused},
		{"no base64 for AES", "aes-generated", map[string]string{"kid": "k", "secret": "ä"}, refused},
		{"a secret for AES", "aes-generated", map[string]string{"kid": "k", "secret": bytes(24)}, taken},
		{"no key of such an algorithm", secret, map[string]string{"algorithm": "HS999"}, broken},
		{"no file", "java-keystore", nil, refused},
		{"no password", "java-keystore", map[string]string{"keystore": "keys.jks", "keyAlias": "a", "keyPassword": "b"}, refused},
		{"a file that is not there", "java-keystore", map[string]string{"keystore": "keys.jks", "keystorePassword": "c", "keyAlias": "a", "keyPassword": "b"}, unknown},
	} {
		config := map[string]any{"priority": []any{"-5"}}
		for k, v := range r.config {
			config[k] = []any{v}
		}
		o := model.Object{"name": "k", "providerId": r.provider, "providerType": "org.keycloak.keys.KeyProvider", "config": config}
		judge(t, c, version, r.provider+": "+r.what, r.says, model.Lookup("key-provider"), o, nil,
			keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms", realm, "components"), Body: o})
	}
}

func testKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// testCurveKey returns a private key on a curve, that as Keycloak has it, and the
// public half.
func testCurveKey(t *testing.T) (sec1 []byte, pkcs8, public string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(der []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	return encoded(x509.MarshalECPrivateKey(key)), base64.StdEncoding.EncodeToString(encoded(x509.MarshalPKCS8PrivateKey(key))),
		base64.StdEncoding.EncodeToString(encoded(x509.MarshalPKIXPublicKey(&key.PublicKey)))
}

// testCertificate returns the certificate of a key that is valid for a while from
// two hours ago.
func testCertificate(t *testing.T, key *rsa.PrivateKey, until time.Duration) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop"}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(until)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
