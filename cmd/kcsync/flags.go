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
	n := 2
	for ; n < len(args); n++ {
		sub := subcommand(cmd, args[n])
		if sub == nil {
			break
		}
		cmd = sub
	}
	out, rest := slices.Clone(args[:n]), []string(nil)
	last := len(args)
	if args[last-1] == completionFlag { // stays where it is
		last--
	}
	for i := n; i < last; i++ {
		a := args[i]
		if a == "--" {
			rest = append(rest, args[i:last]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			rest = append(rest, a)
			continue
		}
		out = append(out, a)
		if name, _, given := strings.Cut(strings.TrimLeft(a, "-"), "="); !given && takesValue(cmd, name) && i+1 < last {
			i++
			out = append(out, args[i])
		}
	}
	return append(append(out, rest...), args[last:]...)
}

// subcommand returns the command of that name below another; nil for none.
func subcommand(cmd *cli.Command, name string) *cli.Command {
	for _, sub := range cmd.Subcommands {
		if sub.HasName(name) {
			return sub
		}
	}
	return nil
}

// tellUsage makes a command, and those below it, say what is wrong with their
// options in one line.
func tellUsage(cmd *cli.Command, words string) {
	words += " " + cmd.Name
	cmd.OnUsageError = func(c *cli.Context, err error, _ bool) error {
		return exit{exitInvalid, fmt.Errorf("%w; see %s --help", usageError(err, c.Command.Flags), words)}
	}
	for _, sub := range cmd.Subcommands {
		tellUsage(sub, words)
	}
	if len(cmd.Subcommands) > 0 && cmd.Action == nil {
		cmd.Action = func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return noCommand(words+" "+name, name, cmd.Subcommands)
			}
			return cli.ShowSubcommandHelp(c)
		}
	}
}

// noCommand says that there is no command of a name, and which one was
// probably meant.
func noCommand(words, name string, commands []*cli.Command) error {
	var names []string
	for _, cmd := range commands {
		names = append(names, cmd.Name)
	}
	err := fmt.Errorf("there is no command %q", strings.TrimPrefix(words, "kcsync "))
	if near := model.Nearest(name, names); near != "" {
		err = fmt.Errorf("%w; did you mean %q?", err, near)
	}
	return exit{exitInvalid, err}
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
	if slices.Contains(names, name+"-file") {
		return fmt.Errorf("there is no option --%s, because others can see a command line: set %s, or name a file by --%[1]s-file", name, envName(name))
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
