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

	begin "github.com/kcsync/kcsync"
	"github.com/kcsync/kcsync/export"
	"github.com/kcsync/kcsync/fixtures"
)

func initCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "begin a repository of realms: files, settings, a pipeline, and a server to try them on",
		ArgsUsage: "[DIR]",
		Description: "The realms are those that --realm names, as they are on the server, or else the smallest that makes sense. Nothing that is\n" +
			"there is written over.",
		Flags: append(connectionFlags(),
			&cli.StringSliceFlag{Name: "realm", Usage: "begin with this `REALM` of the server; repeatable"}),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return exit{exitInvalid, fmt.Errorf("init takes one directory; see kcsync init --help")}
			}
			dir := c.Args().First()
			if dir == "" {
				dir = "."
			}
			files, err := scaffold(c.String("url"))
			if err != nil {
				return err
			}
			realms := c.StringSlice("realm")
			if err := nothingThere(dir, files); err != nil {
				return exit{exitInvalid, err}
			}
			var secrets []export.Secret
			if len(realms) == 0 {
				realms = []string{"minimal"}
				minimal, err := starter("examples/realms/minimal", "realms/minimal")
				if err != nil {
					return err
				}
				files = append(files, minimal...)
			} else {
				exported, names, err := exportRealms(c, s, realms)
				if err != nil {
					return err
				}
				files, secrets = append(files, exported...), names
			}
			if err := writeFiles(dir, files); err != nil {
				return err
			}
			return firstSteps(s, dir, files, realms, secrets)
		},
	}
}

// exportRealms returns the files of realms of the server.
func exportRealms(c *cli.Context, s *streams, realms []string) ([]export.File, []export.Secret, error) {
	client, err := connect(c, s)
	if err != nil {
		return nil, nil, err
	}
	defer client.SignOut(context.WithoutCancel(c.Context))
	var files []export.File
	var secrets []export.Secret
	for _, realm := range realms {
		state, err := fetchWhole(c, s, client, realm)
		if err != nil {
			return nil, nil, err
		}
		res, err := export.Files(state, fixtures.For(state.Server))
		if err != nil {
			return nil, nil, err
		}
		if err := report(s, res.Notes); err != nil {
			return nil, nil, err
		}
		for _, f := range res.Files {
			f.Path = "realms/" + realm + "/" + f.Path
			files = append(files, f)
		}
		secrets = append(secrets, res.Secrets...)
	}
	return files, secrets, nil
}

// nothingThere refuses to write over what is there.
func nothingThere(dir string, files []export.File) error {
	var there []string
	for _, path := range append([]string{"realms"}, paths(files)...) {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(path))); err == nil {
			there = append(there, path)
		} else if !os.IsNotExist(err) {
			return err
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("%s has %s already, and nothing is written over: give another directory, or move them away", dir, strings.Join(there, ", "))
	}
	return nil
}

func paths(files []export.File) []string {
	var out []string
	for _, f := range files {
		out = append(out, f.Path)
	}
	return out
}

// starter returns a part of what the program carries as files.
func starter(from, to string) ([]export.File, error) {
	var files []export.File
	err := fs.WalkDir(begin.Starter, from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := begin.Starter.ReadFile(path)
		files = append(files, export.File{Path: to + strings.TrimPrefix(path, from), Content: data})
		return err
	})
	return files, err
}

// scaffold returns all files but the realms'.
func scaffold(url string) ([]export.File, error) {
	if url == "" {
		url = "http://localhost:8080"
	}
	files, err := starter("compose.yaml", "compose.yaml")
	return append(files,
		export.File{Path: settingsFile, Content: fmt.Appendf(nil, settingsText, url)},
		export.File{Path: ".gitignore", Content: []byte(ignoreText)},
		export.File{Path: ".github/workflows/kcsync.yaml", Content: []byte(workflowText)},
	), err
}

const settingsText = `# Options of kcsync for the commands that are run in this directory. What the command line
# or a KCSYNC_ variable says comes first. Secrets have no place here.
url: %s
`

const ignoreText = `# Values of secrets stay outside.
*.env
`

const workflowText = `# Checks and plans what is proposed, and applies what is merged.
# It needs, in the settings of the repository:
#   variables  KCSYNC_URL, KCSYNC_CLIENT_ID: the server, and a client whose service account may manage the realms
#   secrets    KCSYNC_CLIENT_SECRET, and those that the files refer to: list them under env
name: kcsync
on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

concurrency: kcsync

env:
  KCSYNC_URL: ${{ vars.KCSYNC_URL }}
  KCSYNC_CLIENT_ID: ${{ vars.KCSYNC_CLIENT_ID }}
  KCSYNC_CLIENT_SECRET: ${{ secrets.KCSYNC_CLIENT_SECRET }}

jobs:
  realms:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-go@v5
        with:
          go-version: stable
          cache: false
      - run: go install github.com/kcsync/kcsync/cmd/kcsync@latest
      - run: kcsync validate
      - run: kcsync plan
        if: github.event_name == 'pull_request'
      - run: kcsync apply --yes
        if: github.event_name == 'push'
`

// firstSteps says what was written and what comes next.
func firstSteps(s *streams, dir string, files []export.File, realms []string, secrets []export.Secret) error {
	var b strings.Builder
	perRealm := map[string]int{}
	for _, f := range files {
		if realm, ok := strings.CutPrefix(f.Path, "realms/"); ok {
			name, _, _ := strings.Cut(realm, "/")
			perRealm[name]++
			continue
		}
		fmt.Fprintf(&b, "  %s\n", f.Path)
	}
	for _, realm := range realms {
		n, word := perRealm[realm], "files"
		if n == 1 {
			word = "file"
		}
		fmt.Fprintf(&b, "  realms/%s (%d %s)\n", realm, n, word)
	}
	fmt.Fprintf(&b, "written to %s. ", dir)
	if len(secrets) > 0 {
		var names []string
		for _, secret := range secrets {
			names = append(names, secret.Name)
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "The files refer to these variables: %s. ", strings.Join(slices.Compact(names), ", "))
	}
	fmt.Fprint(&b, "Next:\n  docker compose up --wait      # a server to try it on: admin, admin\n"+
		"  export KCSYNC_USERNAME=admin KCSYNC_PASSWORD=admin\n  kcsync plan\n  kcsync apply\n")
	_, err := fmt.Fprint(s.out, b.String())
	return err
}
