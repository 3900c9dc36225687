package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"
)

func snapshotCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:  "snapshot",
		Usage: "record a realm of the server, without its secrets, for plan --against",
		Flags: append(connectionFlags(),
			&cli.StringFlag{Name: "realm", Usage: "the `REALM` to record"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "the `DIR` to write state.json and serverinfo.json to"},
		),
		Action: func(c *cli.Context) error {
			if err := needs(c, "realm", "output"); err != nil {
				return err
			}
			state, err := wholeState(c, s)
			if err != nil {
				return err
			}
			dir := c.String("output")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			path := filepath.Join(dir, "state.json")
			if err := writeJSON(path, state.Record()); err != nil {
				return err
			}
			// What the server has besides: providers of one's own can be
			// checked offline only by that.
			if info := state.Server.Info; info != nil {
				if err := writeJSON(filepath.Join(dir, "serverinfo.json"), info); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(s.out, "%d objects recorded in %s\n", len(state.Items), path)
			return err
		},
	}
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(data, '\n'), 0o644)
}
