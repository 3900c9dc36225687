package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

func permissionsCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:  "permissions",
		Usage: "show which roles of administration the signed-in account has, realm by realm",
		Description: "An account of the realm master may have roles in every realm, others in their own. They are read from the token where it\n" +
			"tells them, and else from the account itself, which takes the right to view users of the realm it is in.",
		Flags: append(connectionFlags(), outputFlag("the answer"),
			&cli.StringFlag{Name: "realm", Usage: "only in this `REALM`", EnvVars: []string{envName("realm")}}),
		Action: func(c *cli.Context) error {
			inJSON, err := asJSON(c)
			if err != nil {
				return err
			}
			client, err := connect(c, s)
			if err != nil {
				return err
			}
			defer client.SignOut(context.WithoutCancel(c.Context))
			p, err := readPermissions(c, client)
			if err != nil {
				return err
			}
			if inJSON {
				return printJSON(s.out, p)
			}
			rows := [][]string{}
			for realm, roles := range p.Realms {
				rows = append(rows, []string{realm, strings.Join(roles, ", ")})
			}
			if p.Admin {
				fmt.Fprintln(s.out, "The account has the role admin of realm master: it may do everything, in every realm.")
			} else if p.CreateRealm {
				fmt.Fprintln(s.out, "The account may create realms.")
			}
			if len(rows) == 0 {
				_, err := fmt.Fprintln(s.out, "It has no role of administration in any realm that it sees.")
				return err
			}
			return showRows(s.out, []string{"REALM", "ROLES"}, rows, nil)
		},
	}
}

// permissions are the roles of administration that an account has.
type permissions struct {
	Admin       bool                `json:"admin"`       // of the whole server
	CreateRealm bool                `json:"createRealm"` //
	Realms      map[string][]string `json:"realms"`      // by realm, those in which it has any
}

const (
	master          = "master"
	realmManagement = "realm-management"
)

// adminClient returns the client of an account's realm whose roles are those
// of the administration of a realm.
func adminClient(authRealm, realm string) string {
	if authRealm == master {
		return realm + "-realm"
	}
	return realmManagement
}

func readPermissions(c *cli.Context, client *keycloak.Client) (*permissions, error) {
	authRealm := c.String("auth-realm")
	var realms []string
	if authRealm != master {
		realms = []string{authRealm}
	} else {
		var seen []struct{ Realm string }
		if err := client.Get(c.Context, "/admin/realms", url.Values{"briefRepresentation": {"true"}}, &seen); err != nil {
			return nil, err
		}
		for _, r := range seen {
			realms = append(realms, r.Realm)
		}
	}
	if only := c.String("realm"); only != "" {
		realms = slices.DeleteFunc(realms, func(r string) bool { return r != only })
	}
	token, err := client.AccessToken(c.Context)
	if err != nil {
		return nil, err
	}
	t, err := client.Verify(c.Context, token)
	if err != nil {
		return nil, err
	}
	var roles rolesOf
	_, inRealm := t.Claims["realm_access"]
	_, inClients := t.Claims["resource_access"]
	if inRealm || inClients {
		roles = tokenRoles(t.Claims)
	} else if roles, err = accountRoles(c, client, authRealm); err != nil {
		return nil, err
	}
	p := &permissions{Realms: map[string][]string{}}
	if authRealm == master {
		own, err := roles("")
		if err != nil {
			return nil, err
		}
		p.Admin, p.CreateRealm = slices.Contains(own, "admin"), slices.Contains(own, "admin") || slices.Contains(own, "create-realm")
	}
	for _, realm := range realms {
		has, err := roles(adminClient(authRealm, realm))
		if err != nil {
			return nil, err
		}
		if len(has) > 0 {
			slices.Sort(has)
			p.Realms[realm] = has
		}
	}
	return p, nil
}

// rolesOf returns the roles that an account has of a client; those of its realm
// for "".
type rolesOf func(clientID string) ([]string, error)

// tokenRoles returns the roles that a token tells.
func tokenRoles(claims map[string]any) rolesOf {
	return func(clientID string) ([]string, error) {
		from := object(claims["realm_access"])
		if clientID != "" {
			from = object(object(claims["resource_access"])[clientID])
		}
		var out []string
		for _, r := range list(from["roles"]) {
			out = append(out, fmt.Sprint(r))
		}
		return out, nil
	}
}

// accountRoles returns the roles that the account has, which is looked up in
// its realm.
func accountRoles(c *cli.Context, client *keycloak.Client, realm string) (rolesOf, error) {
	base := keycloak.Path("admin", "realms", realm)
	get := func(path string, query url.Values, v any) error {
		err := client.Get(c.Context, base+path, query, v)
		if keycloak.IsStatus(err, http.StatusForbidden) {
			return fmt.Errorf("the token does not tell the account's roles (those of admin-cli do not), and the account may not view users and clients of realm %s, "+
				"of which it is: sign in by a client with full scope and without lightweight tokens, which tells them: %w", realm, err)
		}
		return err
	}
	type identified struct{ ID, ClientID, Name string }
	var user identified
	switch name := c.String("username"); {
	case name != "":
		var users []identified
		if err := get("/users", url.Values{"username": {name}, "exact": {"true"}}, &users); err != nil {
			return nil, err
		}
		if len(users) != 1 {
			return nil, fmt.Errorf("there is no user %s in realm %s to look up the roles of", name, realm)
		}
		user = users[0]
	case c.String("client-id") != "":
		var clients []identified
		if err := get("/clients", url.Values{"clientId": {c.String("client-id")}}, &clients); err != nil {
			return nil, err
		}
		if len(clients) != 1 {
			return nil, fmt.Errorf("there is no client %s in realm %s to look up the roles of", c.String("client-id"), realm)
		}
		if err := get("/clients/"+clients[0].ID+"/service-account-user", nil, &user); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("the token does not tell the account's roles, and no --username or --client-id says whose they are")
	}
	var clients []identified
	if err := get("/clients", nil, &clients); err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, c := range clients {
		ids[c.ClientID] = c.ID
	}
	return func(clientID string) ([]string, error) {
		path := "/users/" + user.ID + "/role-mappings/realm/composite"
		if clientID != "" {
			if ids[clientID] == "" {
				return nil, nil
			}
			path = "/users/" + user.ID + "/role-mappings/clients/" + ids[clientID] + "/composite"
		}
		var roles []identified
		if err := get(path, nil, &roles); err != nil {
			return nil, err
		}
		names := map[string]bool{}
		for _, r := range roles {
			names[r.Name] = true
		}
		return slices.Collect(maps.Keys(names)), nil
	}, nil
}
