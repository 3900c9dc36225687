package ops

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// The provider types of the components that this file operates on.
const (
	userStorage   = "org.keycloak.storage.UserStorageProvider"
	storageMapper = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
)

// federation returns a user federation, by the name that files give it.
func (r Realm) federation(ctx context.Context, name string) (Object, error) {
	return r.component(ctx, "user federation", userStorage, "", name)
}

// config returns the first value of a component's setting.
func config(component Object, key string) string {
	c, _ := component["config"].(map[string]any)
	values, _ := c[key].([]any)
	if len(values) == 0 {
		return ""
	}
	return text(values[0])
}

// synchronized puts the answer of a synchronization into words (SynchronizationResult).
func synchronized(s Object) (string, error) {
	if s["ignored"] == true {
		return "", fmt.Errorf("the server ignored it: another synchronization is running, or the provider has none")
	}
	done := text(s["status"])
	if done == "" {
		done = fmt.Sprintf("%d added, %d updated, %d removed, %d failed", number(s["added"]), number(s["updated"]), number(s["removed"]), number(s["failed"]))
	}
	if number(s["failed"]) > 0 {
		return "", fmt.Errorf("not all went well: %s; the server's log says why", done)
	}
	return done, nil
}

// SyncFederation reads the users of a federation into the realm: all of them, or only those that changed since the
// last time.
func (r Realm) SyncFederation(ctx context.Context, name string, changedOnly bool) (*Deed, error) {
	f, err := r.federation(ctx, name)
	if err != nil {
		return nil, err
	}
	action, what := "triggerFullSync", "all users"
	if changedOnly {
		action, what = "triggerChangedUsersSync", "the users that changed since the last time"
	}
	effects := []string{fmt.Sprintf("reads %s of federation %s (%s) into realm %s", what, name, config(f, "connectionUrl"), r.name)}
	if !changedOnly {
		effects = append(effects, "users that are gone there are removed here")
	}
	if config(f, "importEnabled") == "false" {
		return nil, fmt.Errorf("federation %s imports no users (importEnabled is false): there is nothing to synchronize", name)
	}
	return &Deed{Effects: effects, Do: func(ctx context.Context) (Result, error) {
		var s Object
		if err := r.send(ctx, "POST", url.Values{"action": {action}}, nil, &s, "user-storage", text(f["id"]), "sync"); err != nil {
			return Result{}, err
		}
		done, err := synchronized(s)
		return Result{Done: done}, err
	}}, nil
}

// SyncMapper moves what a mapper of a federation is about, such as groups: from the directory into the realm, or the
// other way.
func (r Realm) SyncMapper(ctx context.Context, federation, mapper string, toDirectory bool) (*Deed, error) {
	f, err := r.federation(ctx, federation)
	if err != nil {
		return nil, err
	}
	m, err := r.component(ctx, "mapper of federation "+federation, storageMapper, text(f["id"]), mapper)
	if err != nil {
		return nil, err
	}
	direction, what := "fedToKeycloak", "from the directory into realm "+r.name
	if toDirectory {
		direction, what = "keycloakToFed", "from realm "+r.name+" into the directory"
	}
	effects := []string{fmt.Sprintf("synchronizes mapper %s (%s) of federation %s %s", mapper, m["providerId"], federation, what)}
	if config(m, "drop.non.existing.groups.during.sync") == "true" && !toDirectory {
		effects = append(effects, "groups that are gone there are deleted here")
	}
	return &Deed{Effects: effects, Do: func(ctx context.Context) (Result, error) {
		var s Object
		if err := r.send(ctx, "POST", url.Values{"direction": {direction}}, nil, &s, "user-storage", text(f["id"]), "mappers", text(m["id"]), "sync"); err != nil {
			return Result{}, err
		}
		done, err := synchronized(s)
		return Result{Done: done}, err
	}}, nil
}

// UnlinkUsers makes the users that came from a federation the realm's own.
func (r Realm) UnlinkUsers(ctx context.Context, name string) (*Deed, error) {
	f, err := r.federation(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.deed("POST", nil, nil, "unlinked the users of "+name,
		[]string{
			fmt.Sprintf("makes every user that came from federation %s the own user of realm %s, without a password", name, r.name),
			"they are not linked again by themselves: this cannot be taken back",
		}, "user-storage", text(f["id"]), "unlink-users"), nil
}

// RemoveImportedUsers deletes the users that came from a federation. They come again when they sign in, as new users.
func (r Realm) RemoveImportedUsers(ctx context.Context, name string) (*Deed, error) {
	f, err := r.federation(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.deed("POST", nil, nil, "removed the imported users of "+name,
		[]string{
			fmt.Sprintf("deletes every user of realm %s that came from federation %s, with roles, groups, consents and second factors given here", r.name, name),
			"the directory keeps its users; they come again, as new users, when they sign in",
		}, "user-storage", text(f["id"]), "remove-imported-users"), nil
}

// TestFederation lets the server connect to a federation's directory, and sign in there. The settings are those of the
// federation; the server knows its password.
func (r Realm) TestFederation(ctx context.Context, name string) (*Deed, error) {
	f, err := r.federation(ctx, name)
	if err != nil {
		return nil, err
	}
	if f["providerId"] != "ldap" {
		return nil, fmt.Errorf("federation %s is of type %s; only ldap can be tested", name, f["providerId"])
	}
	address := config(f, "connectionUrl")
	body := Object{
		"componentId": f["id"], "connectionUrl": address, "bindDn": config(f, "bindDn"),
		"bindCredential": config(f, "bindCredential"), "authType": config(f, "authType"), "startTls": config(f, "startTls"),
		"useTruststoreSpi": config(f, "useTruststoreSpi"), "connectionTimeout": config(f, "connectionTimeout"),
	}
	steps := []struct{ action, what string }{{"testConnection", "connect"}}
	if config(f, "authType") != "none" {
		steps = append(steps, struct{ action, what string }{"testAuthentication", "sign in as " + config(f, "bindDn")})
	}
	var whats []string
	for _, s := range steps {
		whats = append(whats, s.what)
	}
	return &Deed{
		Effects: []string{fmt.Sprintf("lets the server %s at %s; nothing is changed", strings.Join(whats, " and "), address)},
		Do: func(ctx context.Context) (Result, error) {
			for _, s := range steps {
				body["action"] = s.action
				if err := r.send(ctx, "POST", nil, body, nil, "testLDAPConnection"); err != nil {
					return Result{}, fmt.Errorf("the server cannot %s at %s: %w", s.what, address, err)
				}
			}
			return Result{Done: "the server can " + strings.Join(whats, " and ") + " at " + address}, nil
		},
	}, nil
}

// TestSMTP lets the server send a mail by the realm's mail server, to the email address of the signed-in account.
func (r Realm) TestSMTP(ctx context.Context) (*Deed, error) {
	settings, err := r.settings(ctx)
	if err != nil {
		return nil, err
	}
	smtp, _ := settings["smtpServer"].(map[string]any)
	if text(smtp["host"]) == "" {
		return nil, fmt.Errorf("realm %s has no mail server: declare smtpServer", r.name)
	}
	server := text(smtp["host"])
	if port := text(smtp["port"]); port != "" {
		server += ":" + port
	}
	return &Deed{
		Effects: []string{fmt.Sprintf("sends a mail by %s from %s to the address of the account that you are signed in with", server, smtp["from"])},
		Do: func(ctx context.Context) (Result, error) {
			// The mask that stands for the password is understood by the server.
			err := r.send(ctx, "POST", nil, smtp, nil, "testSMTPConnection")
			return Result{Done: "the mail server took the mail"}, err
		},
	}, nil
}
