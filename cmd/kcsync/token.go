package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

func tokenCommand(s *streams) *cli.Command {
	about := func(name, usage string, flags []cli.Flag, do func(*cli.Context, *keycloak.Client, string) error) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage, Flags: append(connectionFlags(), flags...),
			Action: func(c *cli.Context) error {
				if name := c.Args().First(); name != "" {
					return noCommand(c.Command.Name+" "+name, name, c.Command.Subcommands)
				}
				o, err := options(c, s)
				if err != nil {
					return err
				}
				askForName(&o)
				client, err := newClient(o)
				if err != nil {
					return err
				}
				token, err := client.AccessToken(c.Context)
				if err != nil {
					return err
				}
				return do(c, client, token)
			},
		}
	}
	output := &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT`: text or json", Value: "text"}
	token := about("token", "print an access token, or look into one", nil, func(_ *cli.Context, _ *keycloak.Client, token string) error {
		_, err := fmt.Fprintln(s.out, token)
		return err
	})
	token.Description = "The commands below it are about the token that the sign-in gives, or another one that --token-file or KCSYNC_TOKEN gives.\n" +
		"Its session goes on until it times out: kcsync token revoke ends the token before."
	token.Subcommands = []*cli.Command{
		about("decode", "show what a token says, checked with the realm's keys",
			[]cli.Flag{output, &cli.StringFlag{Name: "audience", Usage: "it must be for this `CLIENT`"}},
			func(c *cli.Context, client *keycloak.Client, token string) error {
				t, err := client.Verify(c.Context, token)
				if err != nil {
					return err
				}
				if a := c.String("audience"); a != "" && !slices.Contains(t.Audience(), a) {
					t.Problems = append(t.Problems, "it is not for "+a)
				}
				switch format := c.String("output"); format {
				case "json":
					err = printJSON(s.out, map[string]any{"header": t.Header, "claims": t.Claims, "problems": append([]string{}, t.Problems...)})
				case "text":
					err = showToken(s.out, t, time.Now())
				default:
					return exit{exitInvalid, fmt.Errorf("--output is text or json, not %q", format)}
				}
				if err == nil && len(t.Problems) > 0 {
					err = fmt.Errorf("the token is not to be trusted: %s", strings.Join(t.Problems, "; "))
				}
				return err
			}),
		about("introspect", "ask the server what it knows of a token; the client needs a proof of its own", nil,
			func(c *cli.Context, client *keycloak.Client, token string) error {
				claims, err := client.Introspect(c.Context, token)
				if err != nil {
					return err
				}
				if claims["active"] == false {
					fmt.Fprintln(s.err, "The server says no more of a token that has ended or was revoked, nor of one that is not for the client that asks")
				}
				return printJSON(s.out, claims)
			}),
		about("userinfo", "ask the server who the user is", nil,
			func(c *cli.Context, client *keycloak.Client, _ string) error {
				claims, err := client.UserInfo(c.Context)
				if err != nil {
					return err
				}
				return printJSON(s.out, claims)
			}),
		about("exchange", "print an access token that is got in place of another", []cli.Flag{
			&cli.StringSliceFlag{Name: "audience", Usage: "the new token is for this `CLIENT`; repeatable"},
		},
			func(c *cli.Context, client *keycloak.Client, token string) error {
				fresh, err := client.Exchange(c.Context, keycloak.TokenExchange{Subject: token, Audience: c.StringSlice("audience"), Scope: c.String("scope")})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(s.out, fresh)
				return err
			}),
		about("revoke", "make a token worthless", nil,
			func(c *cli.Context, client *keycloak.Client, token string) error {
				if err := client.Revoke(c.Context, token); err != nil {
					return err
				}
				fmt.Fprintln(s.err, "The token is revoked")
				return nil
			}),
	}
	return token
}

// askForName asks for the scope without which the server tells nobody who the
// user is.
func askForName(o *keycloak.Options) { o.Scope = strings.TrimSpace("openid " + o.Scope) }

// showToken prints what matters first, and then every claim.
func showToken(w io.Writer, t *keycloak.Token, now time.Time) error {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-10s %s\n", name, value)
		}
	}
	text := func(claim string) string {
		v, _ := t.Claims[claim].(string)
		return v
	}
	if len(t.Problems) == 0 {
		line("trusted", fmt.Sprintf("signed with %s by key %s of realm %s", t.Algorithm, t.KeyID, t.Realm))
	}
	for _, p := range t.Problems {
		line("problem", p)
	}
	line("issuer", text("iss"))
	line("type", text("typ"))
	line("user", strings.TrimSpace(text("preferred_username")+" "+text("sub")))
	line("client", text("azp"))
	line("audience", strings.Join(t.Audience(), ", "))
	line("scope", text("scope"))
	for _, of := range []struct{ name, claim string }{{"issued", "iat"}, {"expires", "exp"}} {
		if at := t.Time(of.claim); !at.IsZero() {
			when := "in " + at.Sub(now).Round(time.Second).String()
			if at.Before(now) {
				when = now.Sub(at).Round(time.Second).String() + " ago"
			}
			line(of.name, at.UTC().Format(time.RFC3339)+", "+when)
		}
	}
	fmt.Fprintln(w)
	return printJSON(w, t.Claims)
}
