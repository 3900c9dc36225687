package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestOpsPage compares docs/ops.md with the operations there are; -update
// writes it.
func TestOpsPage(t *testing.T) {
	var page bytes.Buffer
	page.WriteString(opsHead)
	for _, noun := range opsCommand(&streams{}).Subcommands {
		fmt.Fprintf(&page, "\n## kcsync ops %s\n%s.\n\n| operation | what it does | options of its own |\n|---|---|---|\n", noun.Name, noun.Usage)
		for _, verb := range noun.Subcommands {
			words := strings.TrimSpace(verb.Name + " " + verb.ArgsUsage)
			fmt.Fprintf(&page, "| `%s` | %s | %s |\n", words, verb.Usage, strings.Join(ownFlags(verb), ", "))
		}
	}
	path := filepath.Join(root(), "docs", "ops.md")
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(old, page.Bytes()) {
		t.Errorf("docs/ops.md is not what the operations say (%v): go test ./cmd/kcsync -run TestOpsPage -update", err)
	}
}

const opsHead = `# Operations
What administrators do to a running realm and no file can declare. Every operation takes ` + "`--realm`" + ` (or KCSYNC_REALM) and the
[connection's](guide.md) options. Whatever changes something first says what it would do and asks; ` + "`--dry-run`" + ` only says it,
` + "`--yes`" + ` does not ask. Where nobody can be asked and ` + "`--yes`" + ` is not given, nothing is done. Lists are text, or JSON with
` + "`-o json`" + `. A secret that the server tells once is printed alone on the output, or written by ` + "`--secret-file`" + ` to a new file
that only you may read. This page is made from the commands by a test.

Keys are rotated in four steps, each of which can be taken at leisure, and none of which logs anybody out:

    kcsync ops keys add rsa-2027 --realm acme       # published, does not sign yet
    kcsync ops keys promote rsa-2027 --realm acme   # signs from now on
    kcsync ops keys retire rsa-2026 --realm acme    # the old one only verifies
    kcsync ops keys remove rsa-2026 --realm acme    # when all that it signed has expired

Users leave and enter a realm by a file of JSON lines, in parts: memory does not grow with their number, and what was interrupted
goes on where it was. Passwords never leave the server.

    kcsync ops users export users.jsonl --realm acme --groups --roles
    kcsync ops users import users.jsonl --realm acme-new --new-ids
`

// ownFlags returns the options that not every operation has.
func ownFlags(cmd *cli.Command) []string {
	common := map[string]bool{"realm": true, "yes": true, "dry-run": true, "output": true}
	for _, f := range connectionFlags() {
		common[f.Names()[0]] = true
	}
	var out []string
	for _, f := range cmd.Flags {
		if name := f.Names()[0]; !common[name] {
			out = append(out, "`--"+name+"`")
		}
	}
	return out
}
