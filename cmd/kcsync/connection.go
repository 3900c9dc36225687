package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

// connectionFlags say how to reach a server and sign in. Each has an
// environment variable; secrets are best given that way, because command
// lines can be seen by others.
func connectionFlags() []cli.Flag {
	const category = "Connection"
	str := func(name, usage, value string) cli.Flag {
		return &cli.StringFlag{Name: name, Usage: usage, Value: value, EnvVars: []string{envName(name)}, Category: category}
	}
	return []cli.Flag{
		str("url", "the server's base `ADDRESS`, with its context path (/auth) if it has one", ""),
		str("auth-realm", "the `REALM` to sign in to", "master"),
		str("client-id", "the `CLIENT` to sign in with", ""),
		str("client-secret", "its `SECRET`; without a user name the client signs in itself", ""),
		str("username", "the `USER` to sign in as", ""),
		str("password", "the user's `PASSWORD`", ""),
		str("token", "an access `TOKEN` to use as it is", ""),
		str("ca-file", "a PEM `FILE` of authorities to trust besides the system's", ""),
		&cli.BoolFlag{Name: "insecure", Usage: "accept any certificate; for trials only", EnvVars: []string{envName("insecure")}, Category: category},
		&cli.DurationFlag{Name: "timeout", Usage: "`DURATION` that one request may take", Value: 2 * time.Minute, EnvVars: []string{envName("timeout")}, Category: category},
		&cli.IntFlag{Name: "parallelism", Usage: "`N` requests may be under way at once", Value: 8, EnvVars: []string{envName("parallelism")}, Category: category},
	}
}

// envName returns the environment variable of a flag.
func envName(flag string) string {
	b := []byte("KCSYNC_" + flag)
	for i, c := range b {
		switch {
		case c == '-':
			b[i] = '_'
		case 'a' <= c && c <= 'z':
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// connect returns a client for the server that the flags name, signed in: what
// stands in the way of that is told before anything else, and is not taken for
// the answer to another question.
func connect(c *cli.Context, s *streams) (*keycloak.Client, error) {
	o := keycloak.Options{
		URL:          c.String("url"),
		AuthRealm:    c.String("auth-realm"),
		ClientID:     c.String("client-id"),
		ClientSecret: c.String("client-secret"),
		Username:     c.String("username"),
		Password:     c.String("password"),
		Token:        c.String("token"),
		CAFile:       c.String("ca-file"),
		Insecure:     c.Bool("insecure"),
		Timeout:      c.Duration("timeout"),
		UserAgent:    "kcsync/" + version(),
	}
	if o.URL == "" {
		return nil, exit{exitInvalid, fmt.Errorf("no server is named: give its address by --url or KCSYNC_URL")}
	}
	if o.Insecure {
		fmt.Fprintln(s.err, "warning: certificates are not checked (--insecure); anybody between here and the server can read the password")
	}
	client, err := keycloak.New(o)
	if err != nil {
		return nil, exit{exitInvalid, err}
	}
	return client, client.SignIn(c.Context)
}
