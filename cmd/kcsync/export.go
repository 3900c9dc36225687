package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/export"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

func exportCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write a realm of the server to files",
		Flags: append(connectionFlags(),
			&cli.StringFlag{Name: "realm", Usage: "the `REALM` to export"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "the realm's `DIR`; made when it is not there"},
			&cli.StringFlag{Name: "secrets-file", Usage: "write the secrets that the server lets us read to `FILE`, as NAME='value' lines, for the owner only"},
			&cli.BoolFlag{Name: "overwrite", Usage: "write into a directory that has files already"},
		),
		Action: func(c *cli.Context) error {
			if err := needs(c, "realm", "output"); err != nil {
				return err
			}
			if c.NArg() > 0 {
				return exit{exitInvalid, fmt.Errorf("export takes no arguments: give the directory by -o")}
			}
			dir := c.String("output")
			if err := checkTarget(dir, c.Bool("overwrite")); err != nil {
				return exit{exitInvalid, err}
			}
			state, err := wholeState(c, s)
			if err != nil {
				return err
			}
			res, err := export.Files(state, fixtures.For(state.Server))
			if err != nil {
				return err
			}
			if err := report(s, res.Notes); err != nil {
				return err
			}
			if err := writeFiles(dir, res.Files); err != nil {
				return err
			}
			files := "files"
			if len(res.Files) == 1 {
				files = "file"
			}
			fmt.Fprintf(s.out, "%d %s written to %s\n", len(res.Files), files, dir)
			fmt.Fprintf(s.err, "Left out, because they are data: %s.\n", strings.Join(leftOut(), ", "))
			return writeSecrets(c, s, res.Secrets)
		},
	}
}

// leftOut names what an export never holds.
func leftOut() []string {
	var out []string
	for _, k := range model.Kinds() {
		if slices.ContainsFunc(k.Places, func(p model.Place) bool { return p.Declared }) {
			out = append(out, k.Name+"s")
		}
		for _, rd := range k.Reads {
			if rd.Declared {
				out = append(out, strings.Join(rd.Fields, ", ")+" of "+k.Name+"s")
			}
		}
	}
	return out
}

// wholeState reads everything that the server has of the realm that --realm
// names.
func wholeState(c *cli.Context, s *streams) (*model.State, error) {
	client, err := connect(c, s)
	if err != nil {
		return nil, err
	}
	defer client.SignOut(context.WithoutCancel(c.Context))
	return fetchWhole(c, s, client, c.String("realm"))
}

// fetchWhole reads everything that the server has of a realm.
func fetchWhole(c *cli.Context, s *streams, client *keycloak.Client, realm string) (*model.State, error) {
	want := fetch.All()
	want.Parallelism = c.Int("parallelism")
	p := newProgress(s)
	defer p.end()
	want.Progress = p.area
	state, notes, err := fetch.State(c.Context, client, realm, want)
	if err != nil {
		return nil, err
	}
	if state.Missing {
		return nil, fmt.Errorf("there is no realm %s on %s", realm, client.URL())
	}
	return state, report(s, notes)
}

// checkTarget refuses a directory that has something in it.
func checkTarget(dir string, overwrite bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case os.IsNotExist(err) || overwrite && err == nil:
		return nil
	case err != nil:
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("%s is not empty: give another directory, or --overwrite to write over files of the same names", dir)
		}
	}
	return nil
}

// writeFiles writes each file whole or not at all.
func writeFiles(dir string, files []export.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeFile(path, f.Content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file beside its place and moves it there.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Chmod(mode); err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// writeSecrets lists the names that the files refer to, and writes the
// values where a file is asked for.
func writeSecrets(c *cli.Context, s *streams, secrets []export.Secret) error {
	if len(secrets) == 0 {
		return nil
	}
	var b strings.Builder
	written := map[string]bool{}
	for _, sec := range secrets {
		if sec.Value != "" {
			fmt.Fprintf(&b, "%s='%s'\n", sec.Name, strings.ReplaceAll(sec.Value, "'", `'\''`))
			written[sec.Name] = true
		}
	}
	path := c.String("secrets-file")
	if path != "" {
		if err := writeFile(path, []byte(b.String()), 0o600); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.err, "The files refer to these environment variables:")
	for _, sec := range secrets {
		how := ""
		switch {
		case path == "":
		case written[sec.Name]:
			how = "  (in " + path + ")"
		default:
			how = "  (the server does not tell it)"
		}
		fmt.Fprintf(s.err, "  %s  %s%s%s\n", sec.Name, sec.Addr, sec.Pointer, how)
	}
	fmt.Fprintln(s.err, "One that is not set leaves an existing object's secret as it is; a new object needs it.")
	return nil
}
