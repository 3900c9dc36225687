package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// page returns the outcomes as a page of the documentation.
func page(realms []*realm, ms []mode) string {
	var b strings.Builder
	b.WriteString(`# Real realms

<!-- Written by go run ./bench/corpus --write docs/corpus.md; do not edit. -->

Realm files that people published, and those of Keycloak's own tests, as they go
through kcsync on a real Keycloak 26.7.5. What is compared are states that a script
independent of kcsync reads through the Admin API.

| Mode | Each realm |
|---|---|
| plan | is imported by Keycloak itself: a plan of its file asks for nothing, but what kcsync says that it takes otherwise than the import |
| live | is imported by Keycloak itself and exported by ` + "`kcsync export`" + `: a plan of the export is empty, it is valid offline, and applied to an empty server it gives the same realm, after which the plan is empty |
| file | is planned and applied from its file to an empty server: that gives what Keycloak's own import gives |
| change | has parts of every kind, and some of its people, changed, added, removed, renamed and re-ordered, as a seed says (` + "`--seed`" + ` another): that, and nothing else, is planned, and made in the fewest writes |

A realm is *refused*, before anything is written, with the reason: mostly that the server
lacks a provider which the realm names. It is *not importable* when Keycloak itself does
not take the file, which says why, and *wrong* when something comes out otherwise.
Left out of the comparison are people, ids, and keys and certificates that the server
makes by itself; what is empty counts as absent, and what the server reads into silence
(a claim of the ID token is one of the user info) as said.

A realm has a code here; ` + "`go run ./bench/corpus --only CODE`" + ` runs it alone.

`)
	counts(&b, realms, ms)
	original, exported := 0, 0
	for _, r := range realms {
		if r.Exported > 0 {
			original += r.Bytes
			exported += r.Exported
		}
	}
	if original > 0 {
		fmt.Fprintf(&b, "\nThe exports have %d KB in all, the files that were imported %d KB: %.0f %%.\n", exported/1000, original/1000, 100*float64(exported)/float64(original))
	}
	if all := sum(realms); all.Planned != nil {
		fmt.Fprintf(&b, "\n%v So often were these kinds changed in these ways (planned / applied):\n\n", all)
		all.table(&b)
	}
	b.WriteString("\n| Realm |")
	for _, m := range ms {
		fmt.Fprintf(&b, " %s |", m.name)
	}
	b.WriteString(" File | Export |\n|---|")
	b.WriteString(strings.Repeat("---|", len(ms)) + "---:|---:|\n")
	for _, r := range realms {
		fmt.Fprintf(&b, "| %s |", r.Code)
		for _, m := range ms {
			fmt.Fprintf(&b, " %s |", cell(r.Outcomes[m.name]))
		}
		size := ""
		if r.Exported > 0 {
			size = fmt.Sprint(r.Exported)
		}
		fmt.Fprintf(&b, " %d | %s |\n", r.Bytes, size)
	}
	return b.String()
}

// counts writes how many realms fared how.
func counts(b *strings.Builder, realms []*realm, ms []mode) {
	b.WriteString("| | tried |")
	for _, v := range verdicts {
		fmt.Fprintf(b, " %s |", v)
	}
	b.WriteString("\n|---|---:|" + strings.Repeat("---:|", len(verdicts)) + "\n")
	for _, m := range ms {
		n := tally(realms, m)
		fmt.Fprintf(b, "| %s | %d |", m.name, tried(n))
		for _, v := range verdicts {
			fmt.Fprintf(b, " %d |", n[v])
		}
		b.WriteString("\n")
	}
}

// What belongs on no page: the names of people, and where files are on the
// machine that wrote it, which names the realms, too.
var (
	people    = regexp.MustCompile(`\busers?/[^ ,;:\]]+`)
	realmFile = regexp.MustCompile(`/[^ :]*/realms/[^ :]+\.json`)
	ourFile   = regexp.MustCompile(`/[^ :]*/(change/)`)
)

// cell writes an outcome into a table's cell.
func cell(o outcome) string {
	if o.Reason == "" {
		return string(o.Verdict)
	}
	reason := strings.NewReplacer("|", "\\|", "\n", " ", "error: ", "", "<", "&lt;").Replace(o.Reason)
	reason = realmFile.ReplaceAllString(reason, "the file")
	reason = ourFile.ReplaceAllString(reason, "")
	reason = people.ReplaceAllString(reason, "a user")
	if len(reason) > 200 {
		reason = strings.ToValidUTF8(reason[:200], "") + "..."
	}
	return string(o.Verdict) + ": " + reason
}

// record is what a page says of each realm and mode; of a mode as such it says
// "" if it has a column for it.
type record map[[2]string]verdict

// readRecord reads a page that was written before.
func readRecord(file string) (record, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out, head := record{}, []string(nil)
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		switch {
		case strings.HasPrefix(line, "| Realm | "):
			head = cells
			for _, mode := range head {
				out[[2]string{"", mode}] = ""
			}
		case head != nil && strings.HasPrefix(line, "| ") && len(cells) >= len(head)-1:
			for i, mode := range head {
				name, _, _ := strings.Cut(cells[min(i, len(cells)-1)], ":")
				out[[2]string{strings.TrimPrefix(cells[0], "| "), mode}] = verdict(name)
			}
		}
	}
	return out, nil
}

// doubtful returns the realms that fare worse than they did.
func (rec record) doubtful(realms []*realm, ms []mode) []*realm {
	return slices.DeleteFunc(slices.Clone(realms), func(r *realm) bool { return len(rec.worse([]*realm{r}, ms)) == 0 })
}

// worse tells of the realms that fare worse than they did, in the modes that the
// page tells of.
func (rec record) worse(realms []*realm, ms []mode) []string {
	var out []string
	for _, r := range realms {
		for _, m := range ms {
			if _, told := rec[[2]string{"", m.name}]; !told {
				continue
			}
			was, told := rec[[2]string{r.Code, m.name}]
			o := r.Outcomes[m.name]
			if told && slices.Index(verdicts, o.Verdict) > slices.Index(verdicts, was) {
				out = append(out, fmt.Sprintf("%s of %s, which was %s, is %s: %s", m.name, r.Code, was, o.Verdict, o.Reason))
			}
		}
	}
	return out
}
