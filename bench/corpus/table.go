package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kcsync/kcsync/model"
)

// summary prints the table of what was tried.
func summary(w io.Writer, realms []*realm, ms []mode, took time.Duration) {
	fmt.Fprintf(w, "\n%-8s %7s", "", "tried")
	for _, v := range verdicts {
		fmt.Fprintf(w, " %*s", len(v)+1, v)
	}
	fmt.Fprintln(w)
	for _, m := range ms {
		n := tally(realms, m)
		fmt.Fprintf(w, "%-8s %7d", m.name, tried(n))
		for _, v := range verdicts {
			fmt.Fprintf(w, " %*d", len(v)+1, n[v])
		}
		fmt.Fprintln(w)
	}
	if all := sum(realms); all.Planned != nil {
		fmt.Fprintf(w, "%v\n\n", all)
		all.table(w)
		for _, s := range all.Refused {
			fmt.Fprintf(w, "refused by the server: %s\n", s)
		}
	}
	fmt.Fprintf(w, "%d realms in %s\n", len(realms), took.Round(time.Second))
	for _, v := range verdicts[1:] {
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

// tried is how many there were of all verdicts.
func tried(n map[verdict]int) (all int) {
	for _, v := range verdicts {
		all += n[v]
	}
	return all
}

// sum adds up what mode change did to all realms.
func sum(realms []*realm) changes {
	var all changes
	for _, r := range realms {
		add(&all.Planned, r.Changes.Planned)
		add(&all.Applied, r.Changes.Applied)
		all.Lacking += r.Changes.Lacking
		all.Refused = append(all.Refused, r.Changes.Refused...)
		all.Writes += r.Changes.Writes
		all.Fewest += r.Changes.Fewest
	}
	return all
}

func add(to *map[string]map[sort]int, counts map[string]map[sort]int) {
	for kind, sorts := range counts {
		if *to == nil {
			*to = map[string]map[sort]int{}
		}
		if (*to)[kind] == nil {
			(*to)[kind] = map[sort]int{}
		}
		for s, n := range sorts {
			(*to)[kind][s] += n
		}
	}
}

func (c changes) String() string {
	total := func(of map[string]map[sort]int) (n int) {
		for _, sorts := range of {
			for _, m := range sorts {
				n += m
			}
		}
		return n
	}
	return fmt.Sprintf("%d changes planned, %d of them refused before the first write, for what the server lacks or would not take; %d applied, %d of them refused by the server, and taken back in %d writes, where %d are the fewest; what is more the server forces, where a flow changes under those who sign in.",
		total(c.Planned), c.Lacking, total(c.Applied)+len(c.Refused), len(c.Refused), c.Writes, c.Fewest)
}

// table writes how often each kind was changed in each way: planned, and
// really applied.
func (c changes) table(w io.Writer) {
	fmt.Fprintf(w, "| %-26s |", "Kind")
	for _, s := range sorts {
		fmt.Fprintf(w, " %11s |", s)
	}
	fmt.Fprint(w, "\n|---|"+strings.Repeat("---:|", len(sorts))+"\n")
	for _, k := range model.Kinds() {
		if k.ReadOnly {
			continue
		}
		fmt.Fprintf(w, "| %-26s |", k.Name)
		for _, s := range sorts {
			cell := ""
			if n := c.Planned[k.Name][s]; n > 0 {
				cell = fmt.Sprintf("%d / %d", n, c.Applied[k.Name][s])
			}
			fmt.Fprintf(w, " %11s |", cell)
		}
		fmt.Fprintln(w)
	}
}
