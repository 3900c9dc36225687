package model

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What the server makes keys of. These find what its own parser reads in no way;
// of what only that can tell, such as a key of an unusual sort, they say nothing.
var (
	// rsaKey is a private key as files have it.
	rsaKey = Value{Test: func(text string) bool { _, ok := rsaModulus(text); return ok },
		Want: "an RSA private key in PEM, without a password"}
	// certificate is one that is to hold the public half of such a key.
	certificate = Value{Test: func(text string) bool { return derOf(text) != nil }, Want: "a certificate in PEM"}
	// madePrivate and madePublic are the halves of a key that the server made, as a
	// complete export has them: without lines around.
	madePrivate = Value{Test: func(text string) bool {
		_, ok := wrapped(bareDER(text))
		return ok
	}, Want: "base64 of a private key (PKCS #8)", Harm: "the server would take it, and have no key"}
	madePublic = Value{Test: func(text string) bool { return bareDER(text) != nil }, Want: "base64 of a public key (X.509)"}
	// base64Secret is what a key is of which there is but one half.
	base64Secret = Value{Test: func(text string) bool { return sizeOf(text) >= 0 }, Want: "base64 of the secret's bytes"}
	// aesSecret is one with which AES works.
	aesSecret = Value{Test: func(text string) bool { n := sizeOf(text); return n < 0 || slices.Contains([]int{16, 24, 32}, n) },
		Want: "base64 of 16, 24 or 32 bytes"}
)

// pemLine are the lines around the text of a key, as the server takes them off.
var pemLine = regexp.MustCompile(`-----(BEGIN|END) (.*)-----`)

// derOf returns the bytes of the first structure in a text, with or without the
// lines that PEM has around it; nil when there is none.
func derOf(text string) []byte {
	text = strings.Join(strings.Fields(pemLine.ReplaceAllString(text, "")), "")
	if end := strings.IndexByte(text, '='); end >= 0 {
		text = text[:end]
	}
	der, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	var first asn1.RawValue
	if _, err := asn1.Unmarshal(der, &first); err != nil || first.Tag != asn1.TagSequence {
		return nil
	}
	return first.FullBytes
}

// rsaModulus returns the modulus of an RSA private key, nil where it is not known;
// ok is false for what is no such key.
func rsaModulus(text string) (n *big.Int, ok bool) {
	der := derOf(text)
	if key, ok := wrapped(der); ok {
		if !key.Algorithm.ID.Equal(rsaID) {
			return nil, !key.Algorithm.ID.Equal(ecID)
		}
		der = key.Key
	}
	var bare []asn1.RawValue
	if _, err := asn1.Unmarshal(der, &bare); err != nil || len(bare) < 9 {
		return nil, false
	}
	for _, number := range bare[:9] {
		if number.Tag != asn1.TagInteger {
			return nil, false
		}
	}
	return new(big.Int).SetBytes(bare[1].Bytes), true
}

// wrappedKey is a private key that says of which sort it is (PKCS #8).
type wrappedKey struct {
	Version   int
	Algorithm struct {
		ID     asn1.ObjectIdentifier
		Others asn1.RawValue `asn1:"optional"`
	}
	Key    []byte
	Others []asn1.RawValue `asn1:"optional,tag:0"`
	Public asn1.RawValue   `asn1:"optional"`
}

// wrapped returns the private key of such bytes.
func wrapped(der []byte) (key wrappedKey, ok bool) {
	_, err := asn1.Unmarshal(der, &key)
	return key, err == nil
}

// bareDER returns the bytes of a structure in a text without lines around it.
func bareDER(text string) []byte {
	if strings.Contains(text, "-----") {
		return nil
	}
	return derOf(text)
}

// notOfToday says that the server refuses a certificate because of the time.
func notOfToday(cert string) string {
	parsed, err := x509.ParseCertificate(derOf(cert))
	switch now := time.Now(); {
	case err != nil:
		return ""
	case now.After(parsed.NotAfter):
		return "was valid until " + parsed.NotAfter.Format(time.DateOnly) + ", and the server does not take it any more"
	case now.Before(parsed.NotBefore):
		return "is valid from " + parsed.NotBefore.Format(time.DateOnly) + " on, and the server does not take it before"
	}
	return ""
}

// How keys say of which sort they are.
var (
	rsaID = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	ecID  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

// notOfKey says that a certificate is another key's.
func notOfKey(cert, key string) string {
	n, _ := rsaModulus(key)
	parsed, err := x509.ParseCertificate(derOf(cert))
	if n == nil || err != nil {
		return "" // told, or known to the server alone
	}
	if public, ok := parsed.PublicKey.(*rsa.PublicKey); !ok || public.N.Cmp(n) != 0 {
		return "is the certificate of another key than privateKey"
	}
	return ""
}

// sizeOf returns how many bytes a secret has, as the server decodes it; -1 when it
// cannot.
func sizeOf(text string) int {
	text, _, _ = strings.Cut(text, "=")
	secret, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(text))
	if err != nil || len(secret) == 0 || strings.ContainsAny(text, "\r\n") {
		return -1
	}
	return len(secret)
}
