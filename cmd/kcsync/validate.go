package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/check"
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
		},
		Action: func(c *cli.Context) error {
			states, err := loadFiles(c, s)
			for _, st := range states {
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
