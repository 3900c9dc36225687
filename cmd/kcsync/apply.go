package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/apply"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

func applyCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "show the plan, ask on a terminal, and make the changes",
		ArgsUsage: "[PATH]",
		Flags: append(planFlags(),
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"},
		),
		Action: func(c *cli.Context) error {
			desired, err := loadFiles(c, s)
			if err != nil {
				return err
			}
			client, err := connect(c, s)
			if err != nil {
				return err
			}
			defer client.SignOut(context.WithoutCancel(c.Context))
			ps, err := makePlans(c, s, client, desired)
			if err != nil {
				return err
			}
			if err := showPlans(c, s, ps); err != nil {
				return err
			}
			if !anyChanges(ps) {
				return nil
			}
			if err := checkRights(c, s, client, ps); err != nil {
				return err
			}
			if !c.Bool("yes") && s.terminal(s.in) {
				if err := confirm(s); err != nil {
					return err
				}
			}
			return applyPlans(c, s, client, ps)
		},
	}
}

// checkRights finds out whether the account may make the changes, in all
// realms, before the first one is made. A realm that is new belongs to who
// may make it.
func checkRights(c *cli.Context, s *streams, client *keycloak.Client, ps []planned) error {
	lacks := false
	for _, p := range ps {
		var err error
		if p.current.Missing {
			err = fetch.Creatable(c.Context, client, p.plan.Realm)
		} else {
			err = fetch.Writable(c.Context, client, p.plan.Realm, p.plan.Rights())
		}
		var denied *fetch.WriteError
		var none *fetch.CreateError
		switch {
		case err == nil:
		case errors.As(err, &none):
			lacks = true
			fmt.Fprintf(s.err, "error: %v; grant it\n", err)
		case !errors.As(err, &denied):
			return err
		case finelyGranted(p.current) && denied.Finely():
			fmt.Fprintf(s.err, "warning: %v; the realm has fine-grained permissions, which may allow it all the same\n", err)
		default:
			lacks = true
			fmt.Fprintf(s.err, "error: %v; grant them\n", err)
		}
	}
	if lacks {
		return exit{exitFailed, fmt.Errorf("nothing was changed")}
	}
	return nil
}

// finelyGranted reports whether the right to an object can be had without a
// role in the realm of a state.
func finelyGranted(current *model.State) bool {
	it := current.Items[model.Address(model.Realm.Name)]
	return it != nil && it.Fields["adminPermissionsEnabled"] == true || current.Server.Features[model.FeaturePermissionsV1]
}

// confirm asks whether to go on; everything but yes is a no.
func confirm(s *streams) error {
	fmt.Fprint(s.err, "\nMake these changes? Only yes is taken for an answer: ")
	answer, _ := bufio.NewReader(s.in).ReadString('\n')
	if strings.TrimSpace(answer) != "yes" {
		return fmt.Errorf("not confirmed; nothing was written")
	}
	return nil
}

// applyPlans applies one realm's plan after the other. A realm that fails
// does not keep the next from being done.
func applyPlans(c *cli.Context, s *streams, client *keycloak.Client, ps []planned) error {
	wrote, failed := false, false
	for _, p := range ps {
		if p.plan.Empty() {
			continue
		}
		prog := newProgress(s)
		res, err := apply.Run(c.Context, client, p.plan, p.current, apply.Options{
			Parallelism: c.Int("parallelism"),
			Resolver:    p.options.Resolver,
			Baseline:    p.options.Baseline,
			Desired:     p.desired,
			Progress:    prog.change,
		})
		prog.end()
		if res != nil {
			wrote = wrote || res.Wrote
			for _, f := range res.Failed {
				fmt.Fprintf(s.err, "error: %s\n", f.Err)
			}
			for _, sk := range res.Skipped {
				why := "the apply was stopped before"
				if sk.Because != nil {
					why = "it needs " + sk.Because.ID + ", which failed"
				}
				fmt.Fprintf(s.err, "skipped: %s: %s\n", sk.Change.ID, why)
			}
			fmt.Fprintf(s.out, "Realm %s: %s\n", p.plan.Realm, summary(res))
		}
		if err != nil {
			failed = true
			fmt.Fprintf(s.err, "error: realm %s: %v\n", p.plan.Realm, err)
		}
	}
	switch {
	case !failed:
		return nil
	case !wrote:
		return exit{exitFailed, fmt.Errorf("nothing was changed")}
	}
	return exit{exitPartly, fmt.Errorf("some of the changes were made; what stood in the way is above; run apply again")}
}

func summary(r *apply.Result) string {
	objects := map[model.Address]bool{} // a change may be made in two parts
	for _, c := range r.Done {
		objects[c.Addr] = true
	}
	out := fmt.Sprintf("%d objects changed", len(objects))
	if len(objects) == 1 {
		out = "1 object changed"
	}
	if n := len(r.Failed); n > 0 {
		out += fmt.Sprintf(", %d failed", n)
	}
	if n := len(r.Skipped); n > 0 {
		out += fmt.Sprintf(", %d skipped", n)
	}
	if r.Verified && len(r.Done) > 0 {
		out += "; read again and as planned"
	}
	return out
}
