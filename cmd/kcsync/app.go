package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v2"
)

// The exit codes.
const (
	exitFine    = 0
	exitFailed  = 1 // something went wrong; nothing was written
	exitChanges = 2 // there are changes, and --detailed-exitcode asked to be told
	exitInvalid = 3 // the input is invalid; nothing was written
	exitPartly  = 4 // some of the changes were made
)

// exit is an error that ends the program with a code of its own. Its message
// may be empty: everything has been said.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// streams are where a command reads from and writes to: results to out,
// everything else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs the program with the process' arguments and streams, and returns
// its exit code. An interrupt lets running requests end and starts no more.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
}

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	app := newApp(&streams{in, out, errw})
	return exitCode(errw, app.RunContext(ctx, flagsFirst(app, args)))
}

// newApp returns the program, with all its commands.
func newApp(s *streams) *cli.App {
	app := &cli.App{
		Name:                   "kcsync",
		Usage:                  "keep Keycloak realms equal to files in git",
		UsageText:              "kcsync plan|apply|export|validate [options] [PATH]",
		Description:            "Give PATH a directory of realms, one realm's directory, or a file; ./realms when it is left out.",
		HideVersion:            true,
		UseShortOptionHandling: true,
		EnableBashCompletion:   true,
		// A comma in an address, a role's name or a header is no separator.
		DisableSliceFlagSeparator: true,
		Reader:                    s.in,
		Writer:                    s.out,
		ErrWriter:                 s.err,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError: func(c *cli.Context, err error, _ bool) error {
			return exit{exitInvalid, fmt.Errorf("%w; see kcsync --help", usageError(err, c.App.Flags))}
		},
		CommandNotFound: nil,
		Commands: []*cli.Command{
			initCommand(s),
			planCommand(s),
			applyCommand(s),
			exportCommand(s),
			validateCommand(s),
			schemaCommand(s),
			snapshotCommand(s),
			apiCommand(s),
			serverCommand(s),
			opsCommand(s),
			completionCommand(s),
			loginCommand(s),
			logoutCommand(s),
			tokenCommand(s),
			versionCommand(s),
		},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return noCommand(name, name, c.App.Commands)
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, cmd := range app.Commands {
		tellUsage(cmd, app.Name)
		completes(s, cmd)
	}
	return app
}

// exitCode says what went wrong and returns the code for it: the one place
// of exit codes.
func exitCode(errw io.Writer, err error) int {
	if err == nil {
		return exitFine
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(errw, "kcsync: interrupted")
		var e exit
		if errors.As(err, &e) {
			return e.code
		}
		return exitFailed
	}
	if msg := err.Error(); msg != "" {
		fmt.Fprintln(errw, "kcsync: "+msg)
	}
	var e exit
	if errors.As(err, &e) {
		return e.code
	}
	return exitFailed
}

// version returns the version that the program was built as.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func versionCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(*cli.Context) error {
			_, err := fmt.Fprintln(s.out, "kcsync", version())
			return err
		},
	}
}
