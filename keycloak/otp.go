package keycloak

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// TOTP returns an Options.OTP that computes codes from the secret an authenticator application was set up with: in
// base32, as Keycloak shows it, or in an otpauth://totp/ address, which tells digits, period and algorithm if they are
// not 6, 30 s and SHA1. Keycloak takes a code once. For a second sign-in in the same period the next code follows,
// which Keycloak takes as well, by the look-around window of the realm's OTP policy.
func TOTP(secret string) (func(context.Context) ([]string, error), error) {
	t, err := parseTOTP(secret)
	if err != nil {
		return nil, err
	}
	return func(context.Context) ([]string, error) {
		now := time.Now()
		return []string{t.code(now), t.code(now.Add(t.period))}, nil
	}, nil
}

type totp struct {
	key    []byte
	hash   func() hash.Hash
	digits int
	period time.Duration
}

// parseTOTP's errors do not repeat what may be the secret.
func parseTOTP(secret string) (*totp, error) {
	t := &totp{hash: sha1.New, digits: 6, period: 30 * time.Second}
	secret = strings.TrimSpace(secret)
	if strings.HasPrefix(secret, "otpauth:") {
		u, err := url.Parse(secret)
		if err != nil || u.Host != "totp" {
			return nil, errors.New("the TOTP secret is an otpauth: address, but not one of otpauth://totp/")
		}
		q := u.Query()
		secret = q.Get("secret")
		if n, err := strconv.Atoi(q.Get("digits")); err == nil && n >= 6 && n <= 8 {
			t.digits = n
		}
		if n, err := strconv.Atoi(q.Get("period")); err == nil && n > 0 {
			t.period = time.Duration(n) * time.Second
		}
		switch a := q.Get("algorithm"); a {
		case "", "SHA1":
		case "SHA256":
			t.hash = sha256.New
		case "SHA512":
			t.hash = sha512.New
		default:
			return nil, fmt.Errorf("the TOTP secret names the algorithm %s: there are SHA1, SHA256 and SHA512", a)
		}
	}
	clean := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(secret))
	var err error
	if t.key, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(clean); err != nil || len(t.key) == 0 {
		return nil, errors.New("the TOTP secret is not base32 (letters and the digits 2 to 7): give what the authenticator application was set up with, or its otpauth:// address")
	}
	return t, nil
}

// code returns the one of a time, by RFC 6238.
func (t *totp) code(at time.Time) string {
	mac := hmac.New(t.hash, t.key)
	binary.Write(mac, binary.BigEndian, at.Unix()/int64(t.period/time.Second))
	sum := mac.Sum(nil)
	n := uint64(binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff)
	limit := uint64(1)
	for range t.digits {
		limit *= 10
	}
	return fmt.Sprintf("%0*d", t.digits, n%limit)
}
