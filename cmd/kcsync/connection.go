package main

import (
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

// connectionFlags say how to reach a server and sign in: the same for every
// command that talks to one. Each has an environment variable. Secrets have no
// flag for their value, see secretFlag.
func connectionFlags() []cli.Flag {
	const account = "Signing in"
	return append(reachFlags(),
		stringFlag(account, "sign-in", "the `WAY`: "+ways()+"; what the other options give unless said", ""),
		stringFlag(account, "auth-realm", "the `REALM` to sign in to", "master"),
		stringFlag(account, "client-id", "the `CLIENT` to sign in with", ""),
		secretFlag(account, "client-secret", "the client's secret; without a user name the client signs in itself"),
		boolFlag(account, "client-jwt", "let the client's secret sign a JWT instead of sending it"),
		stringFlag(account, "client-jwt-key", "let the private key in `FILE` (PEM or JWK) sign a JWT as the client's proof", ""),
		stringFlag(account, "client-jwt-alg", "the `ALGORITHM` of that signature, if not the usual one of the key", ""),
		stringFlag(account, "username", "the `USER` to sign in as", ""),
		secretFlag(account, "password", "the user's password; asked for on a terminal"),
		secretFlag(account, "otp", "a one-time code, which serves for one sign-in"),
		boolFlag(account, "ask-otp", "ask for the one-time code on the terminal"),
		secretFlag(account, "totp-secret", "the secret that one-time codes come from, or its otpauth:// address"),
		secretFlag(account, "token", "an access token to use as it is"),
		secretFlag(account, "refresh-token", "a refresh token to go on with"),
		stringFlag(account, "scope", "`SCOPES` to ask for besides the client's default ones", ""),
		stringFlag(account, "acr", "the `LEVEL` of authentication to reach by browser (step-up)", ""),
		boolFlag(account, "open", "open the page in this machine's browser; --sign-in browser does unless --open=false"),
		stringFlag(account, "token-cache", "keep the session of a person between commands in `PLACE`: keyring, file or off; keyring if there is one, off where CI is set", ""),
	)
}

// reachFlags say how to reach a server.
func reachFlags() []cli.Flag {
	const reach = "Connection"
	return []cli.Flag{
		stringFlag(reach, "url", "the server's base `ADDRESS`, with its context path (/auth) if it has one", ""),
		&cli.StringSliceFlag{Name: "header", Usage: "send `'NAME: VALUE'` with every request, for a proxy in front of the server; repeatable, a line each in the variable",
			EnvVars: []string{envName("header")}, Category: reach},
		stringFlag(reach, "proxy", "the `URL` of a proxy to go through, instead of the one that HTTPS_PROXY or HTTP_PROXY names", ""),
		stringFlag(reach, "ca-file", "a PEM `FILE` of authorities to trust besides the system's", ""),
		stringFlag(reach, "client-cert", "a PEM `FILE` of the certificate to show to the server (mTLS); with --client-id it is the client's proof", ""),
		stringFlag(reach, "client-key", "a PEM `FILE` of its private key, unless that is in the same file", ""),
		boolFlag(reach, "insecure", "accept any certificate; for trials only"),
		durationFlag(reach, "connect-timeout", "`DURATION` that connecting may take", 10*time.Second),
		durationFlag(reach, "timeout", "`DURATION` that one request may take", 2*time.Minute),
		intFlag(reach, "retries", "repeat a request that is safe to repeat up to `N` times", 4),
		intFlag(reach, "parallelism", "`N` requests may be under way at once", 8),
	}
}

func ways() string {
	var names []string
	for _, w := range keycloak.Ways {
		names = append(names, string(w))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func stringFlag(category, name, usage, value string) cli.Flag {
	return &cli.StringFlag{Name: name, Usage: usage, Value: value, EnvVars: []string{envName(name)}, Category: category}
}

func boolFlag(category, name, usage string) cli.Flag {
	return &cli.BoolFlag{Name: name, Usage: usage, EnvVars: []string{envName(name)}, Category: category}
}

func durationFlag(category, name, usage string, value time.Duration) cli.Flag {
	return &cli.DurationFlag{Name: name, Usage: usage, Value: value, EnvVars: []string{envName(name)}, Category: category}
}

func intFlag(category, name, usage string, value int) cli.Flag {
	return &cli.IntFlag{Name: name, Usage: usage, Value: value, EnvVars: []string{envName(name)}, Category: category}
}

// envName returns the environment variable of a flag.
func envName(flag string) string {
	return "KCSYNC_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// connect returns a client for the server that the flags name, signed in: what
// stands in the way of that is told before anything else, and is not taken for
// the answer to another question.
func connect(c *cli.Context, s *streams) (*keycloak.Client, error) {
	o, err := options(c, s)
	if err != nil {
		return nil, err
	}
	client, err := newClient(o)
	if err != nil {
		return nil, err
	}
	return client, client.SignIn(c.Context)
}

func newClient(o keycloak.Options) (*keycloak.Client, error) {
	client, err := keycloak.New(o)
	if err != nil {
		return nil, exit{exitInvalid, err}
	}
	return client, nil
}

// options reads the connection flags, and the session that an earlier command
// may have kept.
func options(c *cli.Context, s *streams) (keycloak.Options, error) {
	o, err := given(c, s)
	if err != nil {
		return o, err
	}
	place, err := keepingPlace(c)
	if err != nil || place == nil {
		return o, err
	}
	byPerson := o.Way == keycloak.ByDevice || o.Way == keycloak.ByBrowser || o.Way == keycloak.ByPassword && (o.AskPassword != nil || c.Bool("ask-otp"))
	return o, place.goOn(s, &o, byPerson)
}

// given reads the connection flags.
func given(c *cli.Context, s *streams) (keycloak.Options, error) {
	o, err := reach(c, s)
	if err == nil {
		err = account(c, s, &o)
	}
	if err != nil {
		return o, exit{exitInvalid, err}
	}
	return o, nil
}

// reach reads how to reach the server.
func reach(c *cli.Context, s *streams) (keycloak.Options, error) {
	if err := readSettings(c); err != nil {
		return keycloak.Options{}, err
	}
	o := keycloak.Options{
		URL:            c.String("url"),
		Proxy:          c.String("proxy"),
		CAFile:         c.String("ca-file"),
		CertFile:       c.String("client-cert"),
		KeyFile:        c.String("client-key"),
		Insecure:       c.Bool("insecure"),
		ConnectTimeout: c.Duration("connect-timeout"),
		Timeout:        c.Duration("timeout"),
		Retries:        c.Int("retries"),
		UserAgent:      "kcsync/" + version(),
	}
	if o.URL == "" {
		return o, fmt.Errorf("no server is named: give its address by --url or KCSYNC_URL")
	}
	if o.Retries == 0 {
		o.Retries = -1 // none: zero is the library's default
	}
	var err error
	if o.Header, err = headers(c.StringSlice("header")); err != nil {
		return o, err
	}
	if o.Insecure {
		fmt.Fprintln(s.err, "warning: certificates are not checked (--insecure); anybody between here and the server can read the password")
	}
	return o, nil
}

// account reads how to sign in.
func account(c *cli.Context, s *streams, o *keycloak.Options) error {
	o.Way = keycloak.Way(c.String("sign-in"))
	o.AuthRealm = c.String("auth-realm")
	o.ClientID = c.String("client-id")
	o.Username = c.String("username")
	o.Scope = c.String("scope")
	o.ACR = c.String("acr")
	if o.Way != "" && !slices.Contains(keycloak.Ways, o.Way) {
		return fmt.Errorf("--sign-in is %s, not %q", ways(), o.Way)
	}
	var err error
	var code, totp string
	for _, of := range []struct {
		name  string
		value *string
	}{
		{"client-secret", &o.ClientSecret}, {"password", &o.Password}, {"otp", &code}, {"totp-secret", &totp},
		{"token", &o.Token}, {"refresh-token", &o.RefreshToken},
	} {
		if *of.value, err = secret(c, s, of.name); err != nil {
			return err
		}
	}
	if o.Way != "" && o.Way != keycloak.ByRefresh {
		o.RefreshToken = ""
	}
	if o.Way == "" && o.Username != "" && o.Token == "" && o.RefreshToken == "" {
		o.Way = keycloak.ByPassword
	}
	if o.Way == keycloak.ByPassword && o.Username != "" && o.Password == "" && s.terminal(s.in) {
		o.AskPassword = func(context.Context) (string, error) { return s.ask("Password of " + o.Username) }
	}
	switch key := c.String("client-jwt-key"); {
	case key != "":
		o.Signer, err = keycloak.NewKeySigner(key, c.String("client-jwt-alg"))
	case c.Bool("client-jwt") && o.ClientSecret == "":
		err = fmt.Errorf("--client-jwt needs the client's secret: set KCSYNC_CLIENT_SECRET; a private key signs by --client-jwt-key")
	case c.Bool("client-jwt"):
		o.Signer, err = keycloak.NewSecretSigner(o.ClientSecret, c.String("client-jwt-alg"))
	}
	if err != nil {
		return err
	}
	switch {
	case code != "":
		o.OTP = func(context.Context) ([]string, error) { return []string{code}, nil }
	case totp != "":
		if o.OTP, err = keycloak.TOTP(totp); err != nil {
			return err
		}
	case c.Bool("ask-otp"):
		if !s.terminal(s.in) {
			return fmt.Errorf("--ask-otp needs a terminal to ask on: give the code by KCSYNC_OTP, or its secret by KCSYNC_TOTP_SECRET")
		}
		o.OTP = func(context.Context) ([]string, error) {
			code, err := s.ask("One-time code of " + o.Username)
			return []string{code}, err
		}
	}
	o.Invite = func(i keycloak.Invitation) {
		s.invite(i, c.Bool("open") || o.Way == keycloak.ByBrowser && !c.IsSet("open"))
	}
	return nil
}

// headers reads "Name: value" lines. Its errors do not repeat a value.
func headers(given []string) (http.Header, error) {
	h := http.Header{}
	for line := range strings.Lines(strings.Join(given, "\n")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		switch {
		case !ok || name == "" || strings.Contains(name, " "):
			return nil, fmt.Errorf("--header wants a name, a colon and a value, as in --header 'X-Access-Key: 1234'")
		case name == "Authorization":
			return nil, fmt.Errorf("--header Authorization: the server finds the access token there: a proxy that wants it too can only be passed by a header of another name")
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h, nil
}
