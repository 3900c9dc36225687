package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
)

// plan compares what Keycloak's own import made of a file with the file: that
// plan is empty, but for what kcsync says of the places where the import does
// something else, be it of the fields of a new realm, and for what is [planned].
func plan(ctx context.Context, r *realm) outcome {
	if err := r.remove(ctx); err != nil {
		return failed("%v", err)
	}
	anew := r.kcsync(ctx, "plan", r.file)
	if err := r.load(ctx); err != nil {
		return unimported(err)
	}
	a := r.kcsync(ctx, "plan", "--output", "json", r.file)
	switch a.code {
	case 0:
	case 3:
		return refusal(a)
	default:
		return failed("plan of the file: %s", a.problems())
	}
	var all struct{ Plans []diff.View }
	if err := json.Unmarshal([]byte(a.out), &all); err != nil || len(all.Plans) != 1 {
		return failed("plan of the file: %d plans: %v", len(all.Plans), err)
	}
	p, heard := all.Plans[0], a.err
	for _, line := range sentences(anew.err + anew.out) {
		if fieldOf(line) != "" {
			heard += line + "\n"
		}
	}
	for _, n := range all.Plans[0].Notes {
		heard += fmt.Sprintf("%s: %s\n", n.Severity, n.Summary)
	}
	var unsaid, said []string
	for _, c := range p.Changes {
		edits, told := []string{string(c.Action)}, false
		if c.Action == diff.Update {
			edits = nil
			for _, e := range c.Edits {
				if tells(heard, c.Address, e.Path) {
					told = true
					continue
				}
				at := "/" + string(c.Address) + e.Path
				if kind, key, _ := strings.Cut(string(c.Address), "/"); sections[kind] != "" {
					at = "/" + sections[kind] + "/" + key + e.Path
				}
				if excused(planned, at, e.Before, e.After, heard+anew.err) {
					continue
				}
				edits = append(edits, fmt.Sprintf("%s: %s -> %s", e.Path, short(e.Before), short(e.After)))
			}
		} else if tells(heard, c.Address, "") {
			edits, told = nil, true
		}
		for _, e := range edits {
			unsaid = append(unsaid, fmt.Sprintf("%s %s", c.Address, e))
		}
		if told {
			said = append(said, string(c.Address))
		}
	}
	switch {
	case unsaid != nil:
		return failed("%s", strings.Join(unsaid, "\n"))
	case said != nil:
		return outcome{Verdict: through, Reason: "but for what kcsync says of " + strings.Join(said, ", ")}
	}
	return outcome{Verdict: through}
}

// tells reports whether a line of what kcsync said is about a field of an
// object: it names the object, or one that this is below, and if it tells of
// one field only, that.
func tells(said string, a model.Address, path string) bool {
	return slices.ContainsFunc(toldLine.FindAllString(said, -1), func(line string) bool {
		if harmless.MatchString(line) {
			return false
		}
		if field := fieldOf(line); field != "" && !strings.HasPrefix(path+"/", model.Pointer(strings.Split(field, ".")...)+"/") {
			return false
		}
		for at := a; at != ""; at = model.ParentOf(at) {
			if named := regexp.MustCompile(`(: |, | of )` + regexp.QuoteMeta(string(at)) + `($|[:,; /])`); named.MatchString(line) {
				return true
			}
		}
		return false
	})
}
