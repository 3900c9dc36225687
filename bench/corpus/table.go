package main

import (
	"fmt"
	"io"
	"time"
)

// summary prints the table of what was tried.
func summary(w io.Writer, realms []*realm, ms []mode, took time.Duration) {
	fmt.Fprintf(w, "\n%-8s %7s %8s %8s %6s\n", "", "tried", "through", "refused", "wrong")
	for _, m := range ms {
		n := tally(realms, m)
		fmt.Fprintf(w, "%-8s %7d %8d %8d %6d\n", m.name, n[through]+n[refused]+n[wrong], n[through], n[refused], n[wrong])
	}
	var all changes
	for _, r := range realms {
		all.Planned += r.Changes.Planned
		all.Refused += r.Changes.Refused
		all.Applied += r.Changes.Applied
		all.Writes += r.Changes.Writes
		all.Fewest += r.Changes.Fewest
	}
	if all.Planned > 0 {
		fmt.Fprintf(w, "%d changes planned alone; %d of them applied and taken back, in %d writes where %d are the fewest; %d refused by the server or for what it lacks\n",
			all.Planned, all.Applied, all.Writes, all.Fewest, all.Refused)
	}
	fmt.Fprintf(w, "%d realms in %s\n", len(realms), took.Round(time.Second))
	for _, v := range []verdict{refused, wrong} {
		for _, m := range ms {
			for _, r := range realms {
				if o := r.Outcomes[m.name]; o.Verdict == v {
					fmt.Fprintf(w, "%-8s %-7s %s: %s\n", m.name, v, r.Slug, o.Reason)
				}
			}
		}
	}
}

// tally counts the verdicts of a mode.
func tally(realms []*realm, m mode) map[verdict]int {
	n := map[verdict]int{}
	for _, r := range realms {
		if o, ok := r.Outcomes[m.name]; ok {
			n[o.Verdict]++
		}
	}
	return n
}
