package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

// serverCommand is what a server tells of itself.
func serverCommand(s *streams) *cli.Command {
	about := func(name, usage, args string, show func(w io.Writer, info *keycloak.ServerInfo, url string, words []string) error, raw func(*keycloak.ServerInfo) any) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage, ArgsUsage: args,
			Flags: append(connectionFlags(), outputFlag("the answer")),
			Action: func(c *cli.Context) error {
				inJSON, err := asJSON(c)
				if err != nil {
					return err
				}
				client, err := connect(c, s)
				if err != nil {
					return err
				}
				defer client.SignOut(context.WithoutCancel(c.Context))
				info, err := client.ServerInfo(c.Context)
				if err != nil {
					return err
				}
				if inJSON {
					return printJSON(s.out, raw(info))
				}
				return show(s.out, info, client.URL(), c.Args().Slice())
			},
		}
	}
	part := func(name string) func(*keycloak.ServerInfo) any {
		return func(info *keycloak.ServerInfo) any { return info.Raw[name] }
	}
	return &cli.Command{
		Name:  "server",
		Usage: "show what the server is, has and lets this account do",
		Subcommands: []*cli.Command{
			about("info", "show version, machine, features and themes", "", showServer, func(info *keycloak.ServerInfo) any { return info.Raw }),
			about("version", "print the server's version", "", showVersion, func(info *keycloak.ServerInfo) any {
				return map[string]string{"version": info.Version}
			}),
			about("features", "list features, or those that have all WORDs in their line", "[WORD...]", showFeatures, part("features")),
			about("providers", "list the providers of each SPI, or of those that have all WORDs in their line", "[WORD...]", showProviders, part("providers")),
			healthCommand(s), metricsCommand(s), permissionsCommand(s),
		},
	}
}

// Lists of what the server tells are looked into with care: versions differ.

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func showVersion(w io.Writer, info *keycloak.ServerInfo, _ string, _ []string) error {
	_, err := fmt.Fprintln(w, info.Version)
	return err
}

func showServer(w io.Writer, info *keycloak.ServerInfo, url string, _ []string) error {
	system, memory, cpu := object(info.Raw["systemInfo"]), object(info.Raw["memoryInfo"]), object(info.Raw["cpuInfo"])
	fmt.Fprintf(w, "Keycloak %s on %s\n", info.Version, url)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	// What the account may not see is left out by the server.
	line := func(name, format string, values ...any) {
		for _, v := range values {
			if v == nil || v == "" {
				return
			}
		}
		fmt.Fprintf(t, "  %s\t%s\n", name, fmt.Sprintf(format, values...))
	}
	line("up", "%v", system["uptime"])
	line("time", "%v", system["serverTime"])
	line("java", "%v, %v", system["javaVersion"], system["javaVm"])
	line("system", "%v %v, %v", system["osName"], system["osVersion"], system["osArchitecture"])
	line("processors", "%v", cpu["processorCount"])
	line("memory", "%v of %v used", memory["usedFormated"], memory["totalFormated"])
	line("profile", "%v", object(info.Raw["profileInfo"])["name"])
	on := 0
	for _, enabled := range info.Features {
		if enabled {
			on++
		}
	}
	line("features", "%v on, %v off", on, len(info.Features)-on)
	providers := object(info.Raw["providers"])
	n := 0
	for _, spi := range providers {
		n += len(object(object(spi)["providers"]))
	}
	line("providers", "%v of %v SPIs", n, len(providers))
	themes := object(info.Raw["themes"])
	for _, kind := range slices.Sorted(maps.Keys(themes)) {
		var names []string
		for _, theme := range list(themes[kind]) {
			names = append(names, fmt.Sprint(object(theme)["name"]))
		}
		slices.Sort(names)
		line(kind+" themes", "%s", strings.Join(names, ", "))
	}
	return t.Flush()
}

func showFeatures(w io.Writer, info *keycloak.ServerInfo, _ string, words []string) error {
	var rows [][]string
	for _, f := range list(info.Raw["features"]) {
		f := object(f)
		state := "off"
		if f["enabled"] == true {
			state = "on"
		}
		rows = append(rows, []string{fmt.Sprint(f["name"]), state, strings.ToLower(fmt.Sprint(f["type"])), fmt.Sprint(cmp.Or(f["label"], ""))})
	}
	return showRows(w, []string{"FEATURE", "STATE", "TYPE", "WHAT"}, rows, words)
}

func showProviders(w io.Writer, info *keycloak.ServerInfo, _ string, words []string) error {
	var rows [][]string
	for spi, of := range object(info.Raw["providers"]) {
		ids := slices.Sorted(maps.Keys(object(object(of)["providers"])))
		rows = append(rows, []string{spi, strings.Join(ids, ", ")})
	}
	return showRows(w, []string{"SPI", "PROVIDERS"}, rows, words)
}

// showRows writes a table: the rows that have all the words, in order.
func showRows(w io.Writer, head []string, rows [][]string, words []string) error {
	rows = slices.DeleteFunc(rows, func(r []string) bool {
		line := strings.ToLower(strings.Join(r, " "))
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, strings.ToLower(word)) })
	})
	slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a, b) })
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, r := range append([][]string{head}, rows...) {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(table.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}
