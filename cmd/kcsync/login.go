package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

func loginCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "sign in, and keep the session for other commands until kcsync logout",
		Flags: connectionFlags(),
		Action: func(c *cli.Context) error {
			o, err := given(c, s)
			if err != nil {
				return err
			}
			place, err := keptPlace(c)
			if err != nil {
				return err
			}
			askForName(&o)
			place.keep(s, &o)
			kept := false
			save := o.Keep
			o.Keep = func(refresh string) {
				kept = kept || refresh != ""
				save(refresh)
			}
			client, err := newClient(o)
			if err != nil {
				return err
			}
			if err := client.SignIn(c.Context); err != nil {
				return err
			}
			if !kept {
				return exit{exitInvalid, fmt.Errorf("there is no session to keep: a client or an access token signs in by itself each time; give the same to the other commands")}
			}
			fmt.Fprintf(s.err, "Signed in to %s, realm %s; the session is kept in %s until kcsync logout\n", client.URL(), c.String("auth-realm"), place)
			return nil
		},
	}
}

func logoutCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "end the session that was kept, and forget it",
		Flags: connectionFlags(),
		Action: func(c *cli.Context) error {
			o, err := given(c, s)
			if err != nil {
				return err
			}
			place, err := keptPlace(c)
			if err != nil {
				return err
			}
			k, err := place.load()
			if err != nil {
				return err
			}
			if k == nil {
				fmt.Fprintf(s.err, "No session with %s, realm %s, is kept\n", o.URL, o.AuthRealm)
				return nil
			}
			o.Way, o.Token, o.ACR, o.ClientID, o.RefreshToken = keycloak.ByRefresh, "", "", k.ClientID, k.Refresh
			client, err := newClient(o)
			if err != nil {
				return err
			}
			if err := place.forget(); err != nil {
				return err
			}
			if err := client.EndSession(c.Context); keycloak.IsStatus(err, 0) {
				return fmt.Errorf("the session is forgotten here, but the server could not be told to end it: %w", err)
			}
			fmt.Fprintf(s.err, "Signed out of %s, realm %s\n", client.URL(), o.AuthRealm)
			return nil
		},
	}
}

// keptPlace is keepingPlace for commands that are about a kept session.
func keptPlace(c *cli.Context) (*sessionPlace, error) {
	place, err := keepingPlace(c)
	if err == nil && place == nil {
		err = exit{exitInvalid, fmt.Errorf("no session is kept where --token-cache is off, as it is where CI is set: choose keyring or file")}
	}
	return place, err
}
