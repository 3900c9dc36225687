package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/docs"
)

// TestCapabilities shows that what the coverage page says a command does has
// that command, and that nothing is said to come later that is there.
func TestCapabilities(t *testing.T) {
	app := newApp(&streams{strings.NewReader(""), io.Discard, io.Discard})
	later := map[string]bool{}
	for client, all := range docs.Capabilities() {
		for _, c := range all {
			for _, h := range c.Homes {
				if h.Sort != "command" {
					continue
				}
				if hasCommand(app.Commands, strings.Fields(h.Name)) == h.Later {
					t.Errorf("%s: %s: command %s: later is %t", client, c.Name, h.Name, h.Later)
				}
				later[h.Name] = h.Later
			}
		}
	}
	n := 0
	for name, is := range later {
		if is {
			n++
			t.Logf("not yet: kcsync %s", name)
		}
	}
	if n != commandsLater {
		t.Errorf("%d commands are not there yet, not %d", n, commandsLater)
	}
}

// commandsLater is how many commands the coverage page names that are not there
// yet: it only ever falls.
const commandsLater = 0

// hasCommand reports whether there is a command of these words, with the flag
// that may be the last of them.
func hasCommand(commands []*cli.Command, words []string) bool {
	i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(words[0]) })
	switch {
	case i < 0:
		return false
	case len(words) == 1:
		return true
	}
	if flag, ok := strings.CutPrefix(words[1], "--"); ok {
		return slices.ContainsFunc(commands[i].Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), flag) })
	}
	return hasCommand(commands[i].Subcommands, words[1:])
}
