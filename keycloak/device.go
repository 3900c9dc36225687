package keycloak

import (
	"context"
	"errors"
	"net/url"
	"time"

	"golang.org/x/oauth2"
)

// byDevice has a person sign in with a browser anywhere (RFC 8628).
func (c *Client) byDevice(ctx context.Context) error {
	verifier := oauth2.GenerateVerifier()
	form := c.scoped(url.Values{"code_challenge": {oauth2.S256ChallengeFromVerifier(verifier)}, "code_challenge_method": {"S256"}})
	res, err := c.postForm(ctx, "auth/device", form)
	if err != nil {
		return err
	}
	var d oauth2.DeviceAuthResponse
	if err := res.Decode(&d); err != nil {
		return err
	}
	c.opts.Invite(Invitation{URL: d.VerificationURI, Code: d.UserCode, Open: d.VerificationURIComplete, Ends: d.Expiry})

	// oauth2's own loop would prove the client's identity with one assertion again and again, which Keycloak refuses.
	wait := time.Duration(max(d.Interval, 1)) * time.Second
	for {
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		err := c.grant(ctx, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {d.DeviceCode}, "code_verifier": {verifier}})
		var e *Error
		switch {
		case !errors.As(err, &e):
			return err
		case e.Code == "authorization_pending":
		case e.Code == "slow_down":
			wait += 5 * time.Second // by the standard
		default:
			return err
		}
	}
}
