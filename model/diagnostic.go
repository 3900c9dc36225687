package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a diagnostic stops the work.
type Severity int

// The severities.
const (
	Error   Severity = iota // nothing is written
	Warning                 // people should look
	Note                    // good to know
)

// String returns the word that starts a printed diagnostic.
func (s Severity) String() string { return [...]string{"error", "warning", "note"}[s] }

// Diagnostic is something to tell the user about a file, an object or both.
type Diagnostic struct {
	Severity Severity
	// Code is a stable word for the sort of problem: "unknown-field".
	Code string
	// Summary says what is wrong, Detail what to do next; one line each.
	Summary, Detail string
	Addr            Address
	Source          Source
}

// Error returns the diagnostic as one line: place, what, and what to do.
func (d Diagnostic) Error() string {
	var b strings.Builder
	switch {
	case d.Source.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", d.Source.File, d.Source.Line, d.Source.Col)
	case d.Source.File != "":
		fmt.Fprintf(&b, "%s: ", d.Source.File)
	case d.Addr != "":
		fmt.Fprintf(&b, "%s: ", d.Addr)
	}
	b.WriteString(d.Summary)
	if d.Detail != "" {
		b.WriteString("; ")
		b.WriteString(d.Detail)
	}
	return b.String()
}

// Diagnostics are problems and notes, all of them at once.
type Diagnostics []Diagnostic

// Errors reports whether one of them stops the work.
func (ds Diagnostics) Errors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders by file, line, column, address and text.
func (ds Diagnostics) Sort() {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Source.File, b.Source.File),
			cmp.Compare(a.Source.Line, b.Source.Line),
			cmp.Compare(a.Source.Col, b.Source.Col),
			cmp.Compare(a.Addr, b.Addr),
			cmp.Compare(a.Summary, b.Summary),
		)
	})
}

// Error returns all of them, a line each.
func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i, d := range ds {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Nearest returns the candidate that is spelled most like word, or "" when
// none is near enough to be meant.
func Nearest(word string, candidates []string) string {
	return NearestWithin(word, candidates, len(word)/3+1)
}

// NearestWithin is [Nearest] with the number of changed letters up to which a
// candidate is near enough.
func NearestWithin(word string, candidates []string, bound int) string {
	best := ""
	for _, c := range candidates {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if d < bound || d == bound && best == "" {
			best, bound = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
