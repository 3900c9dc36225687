package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/check"
	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/gate"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// planFlags are what plan and apply have in common.
func planFlags() []cli.Flag {
	return append(connectionFlags(),
		&cli.StringFlag{Name: "realm", Usage: "only this `REALM` of those in the files; the name of a file's realm that names none"},
		&cli.BoolFlag{Name: "prune", Usage: "delete what is on the server and in no file, of the kinds that the files speak of; never what the server made by itself"},
		&cli.StringSliceFlag{Name: "delete", Usage: "delete the object at `ADDRESS`, which is in no file; also where --prune does not, because other people's data goes with it"},
		&cli.StringSliceFlag{Name: "replace", Usage: "allow the object at `ADDRESS` to be deleted and created anew"},
		&cli.BoolFlag{Name: "write-secrets", Usage: "write the secrets that the server does not let us read, be they changed or not"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "name every unmanaged object and show long values whole"},
	)
}

func planCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what apply would change, and change nothing",
		ArgsUsage: "[PATH]",
		Flags: append(planFlags(),
			&cli.StringFlag{Name: "against", Usage: "compare with the state recorded in `DIR` instead of a server"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT` of the plan: text or json", Value: "text"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there are changes"},
		),
		Action: func(c *cli.Context) error {
			if format := c.String("output"); format != "text" && format != "json" {
				return exit{exitInvalid, fmt.Errorf("--output is text or json, not %q", format)}
			}
			desired, err := loadFiles(c, s)
			if err != nil {
				return err
			}
			var client *keycloak.Client
			if c.String("against") == "" {
				if client, err = connect(c, s); err != nil {
					return err
				}
				defer client.SignOut(context.WithoutCancel(c.Context))
			}
			ps, err := makePlans(c, s, client, desired)
			if err != nil {
				return err
			}
			if err := showPlans(c, s, ps); err != nil {
				return err
			}
			if c.Bool("detailed-exitcode") && anyChanges(ps) {
				return exit{code: exitChanges}
			}
			return nil
		},
	}
}

// planned is one realm's plan and what it was made of.
type planned struct {
	plan             *diff.Plan
	desired, current *model.State
	options          diff.Options
}

func anyChanges(ps []planned) bool {
	for _, p := range ps {
		if !p.plan.Empty() {
			return true
		}
	}
	return false
}

// makePlans reads the server, or a recorded state where there is no client,
// and compares: for all realms before anything else happens, and with all
// problems at once.
func makePlans(c *cli.Context, s *streams, client *keycloak.Client, desired []*model.State) ([]planned, error) {
	var out []planned
	var diags model.Diagnostics
	for _, d := range desired {
		current, err := currentState(c, s, client, d)
		if err != nil {
			return nil, err
		}
		d, older := check.Forward(d, current)
		diags = append(diags, older...)
		p := planned{desired: d, current: current, options: diff.Options{
			Baseline:     fixtures.For(current.Server),
			Prune:        c.Bool("prune"),
			Recorded:     client == nil,
			WriteSecrets: c.Bool("write-secrets"),
			Delete:       addresses(c, "delete"),
			Replace:      addresses(c, "replace"),
		}}
		var ds model.Diagnostics
		p.plan, ds = diff.Compute(d, current, p.options)
		diags = append(diags, ds...)
		if realm, by := whoApplies(c); client != nil && realm == d.Realm && !current.Missing {
			diags = append(diags, gate.ShutsOut(p.plan, by, current)...)
		}
		diags = append(diags, check.Check(d, current, current.Server.Info)...)
		there, err := lookUp(c, client, current, check.Unsure(d, current))
		if err != nil {
			return nil, err
		}
		if there != nil {
			diags = append(diags, check.Nowhere(d, current, there)...)
		}
		diags = append(diags, check.Names(d, current)...)
		diags = append(diags, check.Values(d, current.Server.Version, p.options.Resolver)...)
		out = append(out, p)
	}
	if err := report(s, diags); err != nil {
		return nil, err
	}
	return out, nil
}

// whoApplies returns who applies plans, and in which realm it signs in. Of a token
// and of who signs in by browser nothing is known.
func whoApplies(c *cli.Context) (realm string, by gate.Account) {
	realm, by = c.String("auth-realm"), gate.Account{Client: c.String("client-id"), User: c.String("username")}
	if realm == "" {
		realm = model.AdminRealm
	}
	if by.Client == "" {
		by.Client = "admin-cli"
	}
	return realm, by
}

// addresses returns those that a flag names.
func addresses(c *cli.Context, flag string) map[model.Address]bool {
	out := map[model.Address]bool{}
	for _, a := range c.StringSlice(flag) {
		out[model.Address(a)] = true
	}
	return out
}

// loadFiles loads the desired states from the command's argument.
func loadFiles(c *cli.Context, s *streams) ([]*model.State, error) {
	if c.NArg() > 1 {
		return nil, exit{exitInvalid, fmt.Errorf("give one path, not %d", c.NArg())}
	}
	path := c.Args().First()
	if path == "" {
		path = "realms"
	}
	states, diags := load.Load(path, load.Options{Realm: c.String("realm")})
	return states, report(s, diags)
}

// report prints diagnostics. Its error, when one of them stops the work, says
// how many did.
func report(s *streams, ds model.Diagnostics) error {
	ds.Sort()
	errors := 0
	for _, d := range ds {
		fmt.Fprintf(s.err, "%s: %s\n", d.Severity, d.Error())
		if d.Severity == model.Error {
			errors++
		}
	}
	switch errors {
	case 0:
		return nil
	case 1:
		return exit{exitInvalid, fmt.Errorf("there is an error in the input; nothing was written")}
	}
	return exit{exitInvalid, fmt.Errorf("there are %d errors in the input; nothing was written", errors)}
}

// currentState reads what the server, or a recorded state, has of what the
// files are about. Of a realm that is not there it is what a server of that
// version makes by itself.
func currentState(c *cli.Context, s *streams, client *keycloak.Client, desired *model.State) (*model.State, error) {
	var current *model.State
	if dir := c.String("against"); dir != "" {
		var err error
		if current, err = fixtures.Open(dir, desired.Realm); err != nil {
			return nil, exit{exitInvalid, err}
		}
		return current, nil
	}
	want := fetch.For(desired)
	if c.Bool("prune") || c.IsSet("delete") || len(desired.Absent) > 0 {
		want = want.WithUsers()
	}
	want.Parallelism = c.Int("parallelism")
	p := newProgress(s)
	defer p.end()
	want.Progress = p.area
	current, notes, err := fetch.State(c.Context, client, desired.Realm, want)
	if err != nil {
		return nil, err
	}
	if err := report(s, notes); err != nil {
		return nil, err
	}
	if current.Missing {
		fresh, err := fixtures.For(current.Server).Fresh.State(desired.Realm)
		if err != nil {
			return nil, err
		}
		current.Items = fresh.Items
	}
	return current, nil
}

// lookUp reads whether the realm has objects of which no file speaks: the state
// that may hold them, or nil where the account may not see that.
func lookUp(c *cli.Context, client *keycloak.Client, current *model.State, objects []model.Address) (*model.State, error) {
	if client == nil || current.Missing || len(objects) == 0 {
		return current, nil // all of it is known
	}
	want := fetch.Objects(objects...)
	want.Server, want.Parallelism = &current.Server, c.Int("parallelism")
	there, _, err := fetch.State(c.Context, client, current.Realm, want)
	if errors.As(err, new(*fetch.RightsError)) {
		return nil, nil
	}
	return there, err
}

// showPlans writes the plans to the command's output.
func showPlans(c *cli.Context, s *streams, ps []planned) error {
	if c.String("output") == "json" {
		plans := make([]*diff.View, len(ps))
		for i, p := range ps {
			plans[i] = p.plan.View()
		}
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"plans": plans})
	}
	for i, p := range ps {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		if err := p.plan.Text(s.out, diff.TextOptions{Color: s.color(s.out), Verbose: c.Bool("verbose")}); err != nil {
			return err
		}
	}
	return nil
}
