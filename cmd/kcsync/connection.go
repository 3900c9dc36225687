package main

import (
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

// connectionFlags say how to reach a server and sign in: the same for every
// command that talks to one. Each has an environment variable. Secrets have no
// flag for their value, see secretFlag.
func connectionFlags() []cli.Flag {
	const reach, account = "Connection", "Signing in"
	return []cli.Flag{
		stringFlag(reach, "url", "the server's base `ADDRESS`, with its context path (/auth) if it has one", ""),
		&cli.StringSliceFlag{Name: "header", Usage: "send 'NAME: VALUE' with every request, as a `HEADER` that a proxy in front of the server asks for; a line each in the variable",
			EnvVars: []string{envName("header")}, Category: reach},
		stringFlag(reach, "proxy", "the `URL` of a proxy to go through, instead of the one that HTTPS_PROXY or HTTP_PROXY names", ""),
		stringFlag(reach, "ca-file", "a PEM `FILE` of authorities to trust besides the system's", ""),
		stringFlag(reach, "client-cert", "a PEM `FILE` of the certificate to show to the server (mTLS)", ""),
		stringFlag(reach, "client-key", "a PEM `FILE` of its private key, unless that is in the same file", ""),
		&cli.BoolFlag{Name: "insecure", Usage: "accept any certificate; for trials only", EnvVars: []string{envName("insecure")}, Category: reach},
		durationFlag(reach, "connect-timeout", "`DURATION` that connecting may take", 10*time.Second),
		durationFlag(reach, "timeout", "`DURATION` that one request may take", 2*time.Minute),
		intFlag(reach, "retries", "repeat a request that is safe to repeat up to `N` times", 4),
		intFlag(reach, "parallelism", "`N` requests may be under way at once", 8),

		stringFlag(account, "auth-realm", "the `REALM` to sign in to", "master"),
		stringFlag(account, "client-id", "the `CLIENT` to sign in with", ""),
		secretFlag(account, "client-secret", "the client's secret; without a user name the client signs in itself"),
		stringFlag(account, "username", "the `USER` to sign in as", ""),
		secretFlag(account, "password", "the user's password"),
		secretFlag(account, "token", "an access token to use as it is"),
	}
}

func stringFlag(category, name, usage, value string) cli.Flag {
	return &cli.StringFlag{Name: name, Usage: usage, Value: value, EnvVars: []string{envName(name)}, Category: category}
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
		return nil, exit{exitInvalid, err}
	}
	client, err := keycloak.New(o)
	if err != nil {
		return nil, exit{exitInvalid, err}
	}
	return client, client.SignIn(c.Context)
}

// options reads the connection flags.
func options(c *cli.Context, s *streams) (keycloak.Options, error) {
	o := keycloak.Options{
		URL:            c.String("url"),
		AuthRealm:      c.String("auth-realm"),
		ClientID:       c.String("client-id"),
		Username:       c.String("username"),
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
	for _, of := range []struct {
		name  string
		value *string
	}{{"client-secret", &o.ClientSecret}, {"password", &o.Password}, {"token", &o.Token}} {
		if *of.value, err = secret(c, s, of.name); err != nil {
			return o, err
		}
	}
	if o.Header, err = headers(c.StringSlice("header")); err != nil {
		return o, err
	}
	if o.Insecure {
		fmt.Fprintln(s.err, "warning: certificates are not checked (--insecure); anybody between here and the server can read the password")
	}
	return o, nil
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
