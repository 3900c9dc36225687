package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/ops"
	"github.com/kcsync/kcsync/text"
)

// revokeFlags say which tokens to make void.
func revokeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "before", Usage: "tokens from before this `TIME`: now, a date, or a duration ago such as 2h", Value: "now"},
		&cli.BoolFlag{Name: "lift", Usage: "make tokens of any age good again"},
	}
}

func revoke(o *operating, client string) (*ops.Deed, error) {
	var before time.Time
	if !o.Bool("lift") {
		var err error
		if before, err = when(o.String("before")); err != nil {
			return nil, err
		}
	}
	return o.realm.Revoke(o.Context.Context, client, before)
}

// when reads a time: now, a date, a date with a time, or a duration ago.
func when(s string) (time.Time, error) {
	if s == "now" {
		return time.Now(), nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		return time.Now().Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, exit{exitInvalid, fmt.Errorf("%q is no time: give a date (2006-01-02), a date with a time (2006-01-02T15:04:05Z), or a duration ago (90m)", s)}
}

var realmOperations = []operation{
	{name: "realm logout", usage: "end all sessions of all users",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.LogOutAll(o.Context.Context) }},
	{name: "realm revoke", usage: "make void all tokens from before a time (not-before)", flags: revokeFlags(),
		deed: func(o *operating) (*ops.Deed, error) { return revoke(o, "") }},
	{name: "realm clear-cache", args: "CACHE", usage: "empty one of the server's caches: " + strings.Join(ops.Caches(), ", "),
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.ClearCache(o.arg[0]) }},
	{name: "realm statistics", usage: "count users, groups, roles, clients and sessions", flags: []cli.Flag{
		&cli.StringFlag{Name: "by", Usage: "count for each `THING`: role (its users), group (its members), client (its sessions); roles and groups are read whole"},
	}, list: statistics},
	{name: "smtp test", usage: "send a mail to yourself by the realm's mail server",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.TestSMTP(o.Context.Context) }},
	{name: "identity-provider reload-keys", args: "ALIAS", usage: "fetch an identity provider's keys again",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.ReloadKeys(o.Context.Context, o.arg[0]) }},
	{name: "identity-provider import-config", args: "ADDRESS", usage: "print the config that an identity provider has by the metadata at an address", flags: []cli.Flag{
		&cli.StringFlag{Name: "type", Usage: "the provider's `TYPE`: oidc, saml, …", Value: "oidc"},
	}, run: importConfig},
}

func statistics(o *operating) (*ops.List, error) {
	ctx, parallel := o.Context.Context, o.Int("parallelism")
	switch by := o.String("by"); by {
	case "":
		return o.realm.Statistics(ctx)
	case "role":
		return o.realm.RoleStatistics(ctx, parallel)
	case "group":
		return o.realm.GroupStatistics(ctx, parallel)
	case "client":
		return o.realm.SessionStatistics(ctx)
	default:
		return nil, exit{exitInvalid, fmt.Errorf("--by is role, group or client, not %q", by)}
	}
}

// importConfig prints an identity provider as files declare it.
func importConfig(o *operating) error {
	config, err := o.realm.ImportConfig(o.Context.Context, o.String("type"), o.arg[0])
	if err != nil {
		return err
	}
	return text.Encode(o.s.out, text.FromAny(map[string]any{"providerId": o.String("type"), "config": config}, nil))
}

var clientOperations = []operation{
	{name: "client rotate-secret", args: "CLIENT", usage: "replace a client's secret, and print the new one", flags: []cli.Flag{secretFile()},
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.RotateSecret(o.Context.Context, o.arg[0]) }},
	{name: "client revoke-old-secret", args: "CLIENT", usage: "make void the secret that a rotation left good for a while",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.RevokeOldSecret(o.Context.Context, o.arg[0]) }},
	{name: "client rotate-registration-token", args: "CLIENT", usage: "replace a client's registration access token, and print the new one", flags: []cli.Flag{secretFile()},
		deed: func(o *operating) (*ops.Deed, error) {
			return o.realm.RotateRegistrationToken(o.Context.Context, o.arg[0])
		}},
	{name: "client generate-certificate", args: "CLIENT", usage: "make a key pair for a client; its key goes into a key store, the store's password is printed", flags: []cli.Flag{
		useFlag(),
		&cli.StringFlag{Name: "file", Usage: "the new `FILE` of the key store"},
		&cli.StringFlag{Name: "format", Usage: "PKCS12, JKS or BCFKS", Value: "PKCS12"},
		secretFile(),
	}, deed: generateCertificate},
	{name: "client upload-certificate", args: "CLIENT FILE", usage: "give a client a certificate, public key or JWKS from a file", flags: []cli.Flag{
		useFlag(),
		&cli.StringFlag{Name: "format", Usage: "what the file is: certificate, key (both PEM) or jwks", Value: "certificate"},
	}, deed: uploadCertificate},
	{name: "client sessions", args: "CLIENT", usage: "list the sessions that use a client", flags: []cli.Flag{offlineFlag()},
		list: func(o *operating) (*ops.List, error) {
			return o.realm.ClientSessions(o.Context.Context, o.arg[0], o.Bool("offline"))
		}},
	{name: "client revoke", args: "CLIENT", usage: "make void all tokens of a client from before a time (not-before)", flags: revokeFlags(),
		deed: func(o *operating) (*ops.Deed, error) { return revoke(o, o.arg[0]) }},
	{name: "initial-access list", usage: "list the initial access tokens, not their values",
		list: func(o *operating) (*ops.List, error) { return o.realm.InitialAccess(o.Context.Context) }},
	{name: "initial-access create", usage: "make a token by which clients register, and print it", flags: []cli.Flag{
		&cli.IntFlag{Name: "clients", Usage: "how many clients may register with it", Value: 1},
		&cli.DurationFlag{Name: "lifetime", Usage: "how long it works; 0 is for ever", Value: 24 * time.Hour},
		secretFile(),
	}, deed: func(o *operating) (*ops.Deed, error) {
		if o.Int("clients") < 1 || o.Duration("lifetime") < 0 {
			return nil, exit{exitInvalid, fmt.Errorf("--clients is 1 or more, and --lifetime 0 or more")}
		}
		return o.realm.CreateInitialAccess(o.Int("clients"), o.Duration("lifetime")), nil
	}},
	{name: "initial-access delete", args: "ID", usage: "make an initial access token void",
		deed: func(o *operating) (*ops.Deed, error) {
			return o.realm.DeleteInitialAccess(o.Context.Context, o.arg[0])
		}},
}

func useFlag() cli.Flag {
	return &cli.StringFlag{Name: "use", Usage: "what the certificate is for: jwt (private_key_jwt), saml-signing or saml-encryption", Value: "jwt"}
}

func certificateUse(o *operating) (ops.CertificateUse, error) {
	uses := map[string]ops.CertificateUse{"jwt": ops.JWTCredential, "saml-signing": ops.SAMLSigning, "saml-encryption": ops.SAMLEncryption}
	use, ok := uses[o.String("use")]
	if !ok {
		return "", exit{exitInvalid, fmt.Errorf("--use is jwt, saml-signing or saml-encryption, not %q", o.String("use"))}
	}
	return use, nil
}

func generateCertificate(o *operating) (*ops.Deed, error) {
	use, err := certificateUse(o)
	if err != nil {
		return nil, err
	}
	file := o.String("file")
	if file == "" {
		return nil, exit{exitInvalid, fmt.Errorf("where does the key go? give --file")}
	}
	if _, err := os.Stat(file); err == nil {
		return nil, exit{exitInvalid, fmt.Errorf("%s is there already; give another name", file)}
	}
	password := rand.Text()
	d, err := o.realm.GenerateCertificate(o.Context.Context, o.arg[0], use, ops.KeyStore{
		Format: o.String("format"), KeyAlias: o.arg[0], KeyPassword: password, StorePassword: password,
	})
	if err != nil {
		return nil, err
	}
	return telling(d, password), nil
}

func uploadCertificate(o *operating) (*ops.Deed, error) {
	use, err := certificateUse(o)
	if err != nil {
		return nil, err
	}
	formats := map[string]string{"certificate": "Certificate PEM", "key": "Public Key PEM", "jwks": "JSON Web Key Set"}
	format, ok := formats[o.String("format")]
	if !ok {
		return nil, exit{exitInvalid, fmt.Errorf("--format is certificate, key or jwks, not %q", o.String("format"))}
	}
	data, err := os.ReadFile(o.arg[1])
	if err != nil {
		return nil, exit{exitInvalid, err}
	}
	if strings.Contains(string(data), "PRIVATE KEY") {
		return nil, exit{exitInvalid, fmt.Errorf("%s holds a private key, which must stay with the client; give the certificate alone", o.arg[1])}
	}
	return o.realm.UploadCertificate(o.Context.Context, o.arg[0], use, format, data)
}

// telling returns the deed with something more for its result to tell.
func telling(d *ops.Deed, secret string) *ops.Deed {
	do := d.Do
	return &ops.Deed{Effects: d.Effects, Do: func(ctx context.Context) (ops.Result, error) {
		res, err := do(ctx)
		res.Secret = secret
		return res, err
	}}
}

var keyOperations = []operation{
	{name: "keys list", usage: "list the realm's keys: which signs, which would, which only verifies",
		list: func(o *operating) (*ops.List, error) { return o.realm.Keys(o.Context.Context) }},
	{name: "keys add", args: "NAME", usage: "first step of a rotation: make a key and publish it; it does not sign yet", flags: []cli.Flag{
		&cli.StringFlag{Name: "algorithm", Usage: "what it signs: RS256, ES256, EdDSA, …", Value: "RS256"},
	}, deed: func(o *operating) (*ops.Deed, error) {
		return o.realm.AddKey(o.Context.Context, o.String("algorithm"), o.arg[0])
	}},
	{name: "keys promote", args: "NAME", usage: "second step: the key signs from now on",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.PromoteKey(o.Context.Context, o.arg[0]) }},
	{name: "keys retire", args: "NAME", usage: "third step: the old key never signs again, but still verifies",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.RetireKey(o.Context.Context, o.arg[0]) }},
	{name: "keys remove", args: "NAME", usage: "last step, when all that it signed has expired: delete the old key",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.RemoveKey(o.Context.Context, o.arg[0]) }},
}

var federationOperations = []operation{
	{name: "federation sync", args: "FEDERATION", usage: "read the users of a federation into the realm", flags: []cli.Flag{
		&cli.BoolFlag{Name: "changed", Usage: "only those that changed since the last time"},
	}, deed: func(o *operating) (*ops.Deed, error) {
		return o.realm.SyncFederation(o.Context.Context, o.arg[0], o.Bool("changed"))
	}},
	{name: "federation sync-mapper", args: "FEDERATION MAPPER", usage: "synchronize a mapper, such as that of groups", flags: []cli.Flag{
		&cli.BoolFlag{Name: "to-directory", Usage: "from the realm into the directory, instead of the other way"},
	}, deed: func(o *operating) (*ops.Deed, error) {
		return o.realm.SyncMapper(o.Context.Context, o.arg[0], o.arg[1], o.Bool("to-directory"))
	}},
	{name: "federation test", args: "FEDERATION", usage: "let the server connect to a directory and sign in there",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.TestFederation(o.Context.Context, o.arg[0]) }},
	{name: "federation unlink-users", args: "FEDERATION", usage: "make the users that came from a federation the realm's own",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.UnlinkUsers(o.Context.Context, o.arg[0]) }},
	{name: "federation remove-users", args: "FEDERATION", usage: "delete the users that came from a federation",
		deed: func(o *operating) (*ops.Deed, error) {
			return o.realm.RemoveImportedUsers(o.Context.Context, o.arg[0])
		}},
}

var eventOperations = []operation{
	{name: "events list", usage: "tell what users did or, with --admin, administrators", flags: []cli.Flag{
		adminFlag(),
		&cli.StringSliceFlag{Name: "type", Usage: "only this `TYPE`, such as LOGIN_ERROR; of admin events the operation, such as UPDATE"},
		&cli.StringSliceFlag{Name: "resource", Usage: "of admin events, only this `KIND`, such as CLIENT"},
		&cli.StringSliceFlag{Name: "filter", Usage: "`NAME=VALUE`: client, user (id), ipAddress; of admin events authUser, authClient, authRealm, authIpAddress, resourcePath"},
		&cli.StringFlag{Name: "since", Usage: "from this `TIME` on: a date, or a duration ago such as 2h"},
		&cli.StringFlag{Name: "until", Usage: "up to this `TIME`"},
		&cli.IntFlag{Name: "max", Usage: "at most `N`, the newest; 0 is all", Value: 100},
		&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on telling new ones until interrupted"},
		&cli.DurationFlag{Name: "interval", Usage: "how often to ask for new ones", Value: 2 * time.Second},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT`: text, or json: a line for each event", Value: "text"},
	}, run: listEvents},
	{name: "events clear", usage: "delete the stored events", flags: []cli.Flag{adminFlag()},
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.ClearEvents(o.Bool("admin")), nil }},
}

func adminFlag() cli.Flag { return &cli.BoolFlag{Name: "admin", Usage: "admin events instead"} }

func listEvents(o *operating) error {
	q := ops.EventQuery{Admin: o.Bool("admin"), Types: o.StringSlice("type"), Resources: o.StringSlice("resource"), Max: o.Int("max"), Filter: map[string]string{}}
	for _, f := range o.StringSlice("filter") {
		k, v, ok := strings.Cut(f, "=")
		if !ok {
			return exit{exitInvalid, fmt.Errorf("--filter is NAME=VALUE, not %q", f)}
		}
		q.Filter[k] = v
	}
	for flag, t := range map[string]*time.Time{"since": &q.From, "until": &q.To} {
		if s := o.String(flag); s != "" {
			var err error
			if *t, err = when(s); err != nil {
				return err
			}
		}
	}
	tell := eventLine(o)
	if o.String("output") == "json" {
		enc := json.NewEncoder(o.s.out)
		enc.SetEscapeHTML(false)
		tell = func(e ops.Object) error { return enc.Encode(e) }
	} else if o.String("output") != "text" {
		return exit{exitInvalid, fmt.Errorf("--output is text or json, not %q", o.String("output"))}
	}
	if o.Bool("follow") {
		err := o.realm.Follow(o.Context.Context, q, o.Duration("interval"), tell)
		if errors.Is(err, context.Canceled) {
			return nil // an interrupt is how it ends
		}
		return err
	}
	return o.realm.Events(o.Context.Context, q, tell)
}

// eventLine prints an event in one line.
func eventLine(o *operating) func(ops.Object) error {
	return func(e ops.Object) error {
		t, _ := e["time"].(int64)
		words := []string{time.UnixMilli(t).Format(time.RFC3339)}
		add := func(label string, v any) {
			if v != nil && v != "" {
				words = append(words, label+fmt.Sprint(v))
			}
		}
		if auth, ok := e["authDetails"].(map[string]any); ok {
			add("", e["operationType"])
			add("", e["resourceType"])
			add("", e["resourcePath"])
			add("by user ", auth["userId"])
			add("client ", auth["clientId"])
			add("from ", auth["ipAddress"])
		} else {
			add("", e["type"])
			details, _ := e["details"].(map[string]any)
			add("user ", details["username"])
			add("client ", e["clientId"])
			add("from ", e["ipAddress"])
		}
		add("error ", e["error"])
		_, err := fmt.Fprintln(o.s.out, strings.Join(words, "  "))
		return err
	}
}
