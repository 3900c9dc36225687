package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/ops"
)

// An operation is one "kcsync ops NOUN VERB ARGUMENT…". It has one of deed,
// list and run.
type operation struct {
	name  string // noun and verb
	args  string // the names of its arguments, each of which has to be given
	usage string
	flags []cli.Flag
	deed  func(*operating) (*ops.Deed, error) // changes something: shown first, then asked
	list  func(*operating) (*ops.List, error)
	run   func(*operating) error // a stream
}

// operating is an operation under way.
type operating struct {
	*cli.Context
	s      *streams
	client *keycloak.Client
	realm  ops.Realm
	arg    []string
}

func opsCommand(s *streams) *cli.Command {
	root := &cli.Command{
		Name:        "ops",
		Usage:       "do to a running realm what no file can declare: sessions, mails, secrets, keys, events, users",
		Description: "Whatever changes something shows what it would do, and asks. --dry-run only shows it; --yes does not ask.",
	}
	nouns := map[string]*cli.Command{}
	for _, o := range slices.Concat(userOperations, realmOperations, clientOperations, keyOperations, federationOperations, eventOperations, usersOperations) {
		noun, verb, _ := strings.Cut(o.name, " ")
		if nouns[noun] == nil {
			nouns[noun] = &cli.Command{Name: noun, Usage: nounUsage[noun]}
			root.Subcommands = append(root.Subcommands, nouns[noun])
		}
		nouns[noun].Subcommands = append(nouns[noun].Subcommands, o.command(s, verb))
	}
	slices.SortFunc(root.Subcommands, func(a, b *cli.Command) int { return strings.Compare(a.Name, b.Name) })
	return root
}

// nounUsage says what the operations of a noun are about.
var nounUsage = map[string]string{
	"user":              "one user: sessions, lockout, password, mails, consents, credentials",
	"users":             "all users: export and import by stream, unlock",
	"realm":             "the whole realm: log out everybody, revoke tokens, clear caches, statistics",
	"session":           "end one session",
	"client":            "one client: secret, registration token, certificates, sessions, revoke tokens",
	"keys":              "rotate the realm's keys: list, add, promote, retire, remove",
	"federation":        "a user federation: synchronize, test, unlink or remove its users",
	"smtp":              "the realm's mail server",
	"initial-access":    "tokens by which clients register",
	"events":            "what users and administrators did",
	"identity-provider": "an identity provider: read its metadata, fetch its keys",
}

func (o operation) command(s *streams, verb string) *cli.Command {
	flags := append(connectionFlags(), &cli.StringFlag{Name: "realm", Usage: "the `REALM` to operate on", EnvVars: []string{envName("realm")}})
	flags = append(flags, o.flags...)
	switch {
	case o.deed != nil:
		flags = append(flags,
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"},
			&cli.BoolFlag{Name: "dry-run", Usage: "show what would be done, and do nothing"})
	case o.list != nil:
		flags = append(flags, &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT`: text or json", Value: "text"})
	}
	return &cli.Command{
		Name: verb, Usage: o.usage, ArgsUsage: o.args, Flags: flags,
		Action: func(c *cli.Context) error {
			names := strings.Fields(o.args)
			if c.NArg() != len(names) {
				return exit{exitInvalid, fmt.Errorf("ops %s takes %s; see kcsync ops %[1]s --help", o.name, argumentList(names))}
			}
			if c.String("realm") == "" {
				return exit{exitInvalid, fmt.Errorf("ops %s needs --realm; see kcsync ops %[1]s --help", o.name)}
			}
			client, err := connect(c, s)
			if err != nil {
				return err
			}
			defer client.SignOut(context.WithoutCancel(c.Context))
			at := &operating{Context: c, s: s, client: client, realm: ops.Of(client, c.String("realm")), arg: c.Args().Slice()}
			switch {
			case o.deed != nil:
				d, err := o.deed(at)
				if err != nil {
					return err
				}
				return at.do(d)
			case o.list != nil:
				l, err := o.list(at)
				if err != nil {
					return err
				}
				return at.show(l)
			}
			return o.run(at)
		},
	}
}

func argumentList(names []string) string {
	switch len(names) {
	case 0:
		return "no argument"
	case 1:
		return "one argument, " + names[0]
	}
	return fmt.Sprintf("%d arguments, %s", len(names), strings.Join(names, " "))
}

// do shows a deed, asks, and does it.
func (o *operating) do(d *ops.Deed) error {
	for _, e := range d.Effects {
		fmt.Fprintln(o.s.err, "- "+e)
	}
	if o.Bool("dry-run") {
		return nil
	}
	if err := o.agreed(); err != nil {
		return err
	}
	res, err := d.Do(o.Context.Context)
	if err != nil {
		return err
	}
	if res.File != nil {
		if err := writeNew(o.String("file"), res.File); err != nil {
			return fmt.Errorf("%s, but its file could not be written: %w", res.Done, err)
		}
	}
	fmt.Fprintln(o.s.err, res.Done)
	if res.Secret == "" {
		return nil
	}
	if file := o.String("secret-file"); file != "" {
		return writeNew(file, []byte(res.Secret+"\n"))
	}
	_, err = fmt.Fprintln(o.s.out, res.Secret)
	return err
}

// agreed asks whether to go on, unless --yes says so. Where nobody can be
// asked, nothing is done.
func (o *operating) agreed() error {
	if o.Bool("yes") {
		return nil
	}
	if !o.s.terminal(o.s.in) {
		return exit{exitInvalid, fmt.Errorf("nobody is there to ask; give --yes to do it, or --dry-run to only look")}
	}
	return confirm(o.s)
}

// writeNew writes a file that must not be there yet, and that only its owner
// may read.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// show prints a list.
func (o *operating) show(l *ops.List) error {
	switch o.String("output") {
	case "text":
	case "json":
		items := l.Items
		if items == nil {
			items = []ops.Object{}
		}
		enc := json.NewEncoder(o.s.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(items)
	default:
		return exit{exitInvalid, fmt.Errorf("--output is text or json, not %q", o.String("output"))}
	}
	if len(l.Items) == 0 {
		fmt.Fprintln(o.s.err, "none")
		return nil
	}
	w := tabwriter.NewWriter(o.s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ToUpper(strings.Join(l.Columns, "\t")))
	for _, item := range l.Items {
		fmt.Fprintln(w, strings.Join(cells(l.Columns, item), "\t"))
	}
	return w.Flush()
}

func cells(columns []string, item ops.Object) []string {
	row := make([]string, len(columns))
	for i, c := range columns {
		if v := item[c]; v != nil && v != "" {
			row[i] = fmt.Sprint(v)
		} else {
			row[i] = "-"
		}
	}
	return row
}

// secretFile keeps a secret from the output.
func secretFile() cli.Flag {
	return &cli.StringFlag{Name: "secret-file", Usage: "write what is secret to this new `FILE`, which only you may read, instead of the output"}
}
