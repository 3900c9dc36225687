package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/model"
)

// flagsFirst moves a command's flags before its arguments, so that
// "kcsync plan ./realms --prune" means what it says. Behind "--" everything
// is an argument.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	cmd := app.Command(args[1])
	if cmd == nil {
		return args
	}
	out, rest := slices.Clone(args[:2]), []string(nil)
	for i := 2; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			rest = append(rest, args[i:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			rest = append(rest, a)
			continue
		}
		out = append(out, a)
		if name, _, given := strings.Cut(strings.TrimLeft(a, "-"), "="); !given && takesValue(cmd, name) && i+1 < len(args) {
			i++
			out = append(out, args[i])
		}
	}
	return append(out, rest...)
}

// takesValue reports whether the flag of that name is followed by a value.
func takesValue(cmd *cli.Command, name string) bool {
	for _, f := range cmd.Flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}

// usageError says which flag an unknown one was probably meant to be.
func usageError(err error, flags []cli.Flag) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return err
	}
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()[0])
	}
	err = fmt.Errorf("there is no option --%s", name)
	if near := model.Nearest(name, names); near != "" {
		err = fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

// needs returns an error for the first of a command's flags that has to be
// given and is not. (The library's own required flags print the whole help.)
func needs(c *cli.Context, names ...string) error {
	for _, name := range names {
		if c.String(name) == "" {
			return exit{exitInvalid, fmt.Errorf("%s needs --%s; see kcsync %[1]s --help", c.Command.Name, name)}
		}
	}
	return nil
}
