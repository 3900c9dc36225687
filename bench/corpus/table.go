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
	if all := sum(realms); all.Planned > 0 {
		fmt.Fprintln(w, all)
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

// sum adds up what mode change did to all realms.
func sum(realms []*realm) changes {
	var all changes
	for _, r := range realms {
		all.Planned += r.Changes.Planned
		all.Refused += r.Changes.Refused
		all.Applied += r.Changes.Applied
		all.Writes += r.Changes.Writes
		all.Fewest += r.Changes.Fewest
	}
	return all
}

func (c changes) String() string {
	return fmt.Sprintf("%d changes planned alone, %d of them refused by the server or for what it lacks; %d applied and taken back in %d writes, where %d are the fewest.",
		c.Planned, c.Refused, c.Applied, c.Writes, c.Fewest)
}
