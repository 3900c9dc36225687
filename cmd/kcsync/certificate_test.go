package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// certificate is the script command of that name: it makes NAME.pem and
// NAME.key, for a client that is called NAME. The server trusts it, unless it
// is to be self-signed.
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) == 2 && args[1] != "self-signed" || len(args) > 2 {
		ts.Fatalf("usage: certificate NAME [self-signed]")
	}
	ca := os.Getenv("KCSYNC_TEST_CA")
	if ca == "" {
		ts.Fatalf("no Keycloak that asks for certificates is named by KCSYNC_TEST_HTTPS_URL and KCSYNC_TEST_CA: run scripts/test, or start one by scripts/keycloak up --https")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: args[0], Organization: []string{"Acme"}},
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	parent, signer := template, any(key)
	if len(args) == 1 {
		pair, err := tls.LoadX509KeyPair(filepath.Join(ca, "ca.pem"), filepath.Join(ca, "ca.key"))
		ts.Check(err)
		parent, signer = pair.Leaf, pair.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for suffix, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]+suffix), pem.EncodeToMemory(block), 0o600))
	}
	ts.Setenv("HTTPS_URL", os.Getenv("KCSYNC_TEST_HTTPS_URL"))
	ts.Setenv("CA", filepath.Join(ca, "ca.pem"))
}
