package keycloak

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A Way is how to sign in.
type Way string

// The ways to sign in.
const (
	ByPassword Way = "password" // as a user, by the direct access grant: Username, Password, and OTP where one is asked for
	ByClient   Way = "client"   // as a client's service account: ClientID, with ClientSecret, Signer or CertFile
	ByToken    Way = "token"    // with an access token obtained elsewhere: Token
	ByRefresh  Way = "refresh"  // with a refresh token obtained elsewhere: RefreshToken, and the ClientID it was issued to
	ByDevice   Way = "device"   // a person signs in with a browser anywhere: ClientID, Invite
	ByBrowser  Way = "browser"  // a person signs in with a browser on this machine: ClientID, Invite
)

// Nobody is no way to sign in: requests carry no token. It is for what a server tells everybody, such as on the port of its
// management interface.
const Nobody Way = "nobody"

// Ways are all ways to sign in.
var Ways = []Way{ByPassword, ByClient, ByToken, ByRefresh, ByDevice, ByBrowser}

// An Invitation tells a person where to go to sign in.
type Invitation struct {
	URL  string
	Code string    // to be entered there, or compared with what is shown there; empty: there is none
	Open string    // the same page, told the code already
	Ends time.Time // of the invitation
}

// settle finds the way to sign in, and checks that it has what it needs.
func (o *Options) settle() error {
	o.Token, o.RefreshToken = strings.TrimSpace(o.Token), strings.TrimSpace(o.RefreshToken)
	proof := o.ClientSecret != "" || o.Signer != nil || o.CertFile != "" && o.ClientID != ""
	if o.Way == "" {
		switch {
		case o.Token != "":
			o.Way = ByToken
		case o.RefreshToken != "":
			o.Way = ByRefresh
		case o.Username != "" || o.Password != "":
			o.Way = ByPassword
		case proof:
			o.Way = ByClient
		default:
			return errors.New("there is nothing to sign in with: give a user name and password, or a client id and secret, or a token, or choose to sign in by browser or device")
		}
	}
	if o.Way != ByToken {
		o.Token = ""
	}
	switch o.Way {
	case Nobody:
	case ByToken:
		if o.Token == "" {
			return errors.New("there is no access token: give one, or another way to sign in")
		}
		return plainToken(o.Token)
	case ByRefresh:
		if o.RefreshToken == "" {
			return errors.New("there is no refresh token: give one, or another way to sign in")
		}
	case ByPassword:
		switch {
		case o.Username == "":
			return errors.New("there is a password but no user name: give both")
		case o.Password == "" && o.AskPassword == nil && o.RefreshToken == "":
			return fmt.Errorf("there is no password for user %s: give it, or a client id with its secret instead of a user name", o.Username)
		}
	case ByClient:
		switch {
		case o.ClientID == "":
			return errors.New("there is a client secret but no client id: give the client that the secret belongs to")
		case !proof:
			return fmt.Errorf("there is nothing by which client %s can prove that it is the one: give its secret, its private key or its certificate", o.ClientID)
		}
	case ByDevice, ByBrowser:
		switch {
		case o.ClientID == "":
			return fmt.Errorf("to sign in by %s, give the id of a client that allows it (admin-cli does not)", o.Way)
		case o.Invite == nil:
			return fmt.Errorf("to sign in by %s, there must be a person to invite", o.Way)
		}
	default:
		return fmt.Errorf("there is no way %s to sign in", o.Way)
	}
	if o.ClientSecret != "" && o.ClientID == "" {
		return errors.New("there is a client secret but no client id: give the client that the secret belongs to")
	}
	if o.ACR != "" && o.Way != ByBrowser {
		return fmt.Errorf("a level of authentication (acr) can be asked for in a browser only: sign in by %s", ByBrowser)
	}
	if o.RefreshToken != "" {
		return plainToken(o.RefreshToken)
	}
	return nil
}

// plainToken reports what cannot be a token, without repeating it.
func plainToken(token string) error {
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the token holds blanks or other characters that no token has: give the access token alone")
	}
	return nil
}

// signInAnew gets tokens by the way that was chosen. The caller has the turn.
func (c *Client) signInAnew(ctx context.Context) error {
	switch c.opts.Way {
	case ByPassword:
		return c.byPassword(ctx)
	case ByRefresh:
		return errors.New("the session of the given refresh token has ended: give the refresh token of another")
	case ByDevice:
		return c.byDevice(ctx)
	case ByBrowser:
		return c.byBrowser(ctx)
	}
	return c.grant(ctx, c.scoped(url.Values{"grant_type": {"client_credentials"}}))
}

// quickLogins is within what time Keycloak takes two failed logins for an attack, and locks the account.
const quickLogins = time.Second

func (c *Client) byPassword(ctx context.Context) error {
	var err error
	password := c.opts.Password
	switch {
	case password != "":
	case c.opts.AskPassword == nil:
		return errors.New("the session has ended, and there is no password for another")
	default:
		if password, err = c.opts.AskPassword(ctx); err != nil {
			return err
		}
	}
	codes := []string{""}
	if c.opts.OTP != nil {
		if codes, err = c.opts.OTP(ctx); err != nil {
			return err
		}
	}
	for i, code := range codes {
		if i > 0 {
			if err := sleep(ctx, quickLogins+quickLogins/5); err != nil {
				return err
			}
		}
		form := c.scoped(url.Values{"grant_type": {"password"}, "username": {c.opts.Username}, "password": {password}})
		if code != "" {
			form.Set("totp", code)
		}
		var e *Error
		if err = c.grant(ctx, form); !errors.As(err, &e) || e.Message != wrongCredentials {
			return err
		}
	}
	return err
}
