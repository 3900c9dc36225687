package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/check"
	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/schema"
)

func validateCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "validate",
		Usage:     "check the files without a server",
		ArgsUsage: "[PATH]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "realm", Usage: "only this `REALM` of those in the files; the name of a file's realm that names none"},
			&cli.StringFlag{Name: "keycloak", Usage: "tell also what Keycloak of this `VERSION`, such as 26.4, does not have"},
		},
		Action: func(c *cli.Context) error {
			version := c.String("keycloak")
			if known := fixtures.Versions(); version != "" && !slices.ContainsFunc(known, func(v string) bool { return version == v || strings.HasPrefix(version, v+".") }) {
				return exit{exitInvalid, fmt.Errorf("nothing is recorded of Keycloak %q; there are %s", version, strings.Join(known, ", "))}
			}
			states, err := loadFiles(c, s)
			for _, st := range states {
				if version != "" && err == nil {
					var ds model.Diagnostics
					if ds, err = ofVersion(st, version); err != nil {
						return err
					}
					err = report(s, ds)
				}
				lacks, err := check.New(st)
				if err != nil {
					return err
				}
				if err := report(s, append(check.Names(st, nil), lacks...)); err != nil {
					return err
				}
			}
			if err != nil {
				return err
			}
			for _, st := range states {
				fmt.Fprintf(s.out, "Realm %s: %d objects, valid\n", st.Realm, len(st.Items))
			}
			return nil
		},
	}
}

// ofVersion returns what a Keycloak of the version, as it comes, does not have of
// what the files speak of.
func ofVersion(desired *model.State, version string) (model.Diagnostics, error) {
	stock := fixtures.For(model.Server{Version: version})
	fresh, err := stock.Fresh.State(desired.Realm)
	if err != nil {
		return nil, err
	}
	fresh.Server.Info = fixtures.InfoFor(version)
	desired, out := check.Forward(desired, fresh)
	options := diff.Options{Baseline: stock, Recorded: true}
	// What the files name besides may be on the server.
	_, unmet := diff.Compute(desired, fresh, options)
	for _, d := range unmet {
		if d.Code == diff.CodeSince || d.Code == diff.CodeFeature {
			out = append(out, d)
		}
	}
	out = append(out, check.Check(desired, fresh, fresh.Server.Info)...)
	return append(out, check.Values(desired, fresh.Server.Version, options.Resolver)...), nil
}

func schemaCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "schema",
		Usage:     "print the JSON Schema of a kind's files",
		ArgsUsage: "[KIND]",
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" {
				name = model.Realm.Name
			}
			k := model.Lookup(name)
			if !slices.Contains(schema.Kinds(), k) {
				hint := "these are: " + strings.Join(kindsWithFiles(), ", ")
				if near := model.Nearest(name, kindsWithFiles()); near != "" {
					hint = fmt.Sprintf("did you mean %q?", near)
				}
				return exit{exitInvalid, fmt.Errorf("%q is no kind that has files; %s", name, hint)}
			}
			doc, err := schema.Encode(k)
			if err != nil {
				return err
			}
			_, err = s.out.Write(doc)
			return err
		},
	}
}

func kindsWithFiles() []string {
	var names []string
	for _, k := range schema.Kinds() {
		names = append(names, k.Name)
	}
	return names
}
