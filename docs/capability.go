package docs

import (
	_ "embed"
	"strings"
)

// The capabilities of the two Python clients, and where each is at home here.
// One a line, tab separated: what it is there; its homes here, with "; "
// between them; what else is to be known. A home is one of
//
//	kind NAME, kind NAME.FIELD          what files declare
//	command WORDS, command WORDS --FLAG what kcsync does
//	api NAME                            an operation of the Admin API, by kcsync api call
//	func PACKAGE.NAME[.METHOD]          a function, type or method of the library
//
// with "later" before it where it is not there yet. Tests look for each.
var (
	//go:embed python-keycloak.tsv
	pythonKeycloak string
	//go:embed ackc.tsv
	ackc string
)

// A Capability is something that another client can do.
type Capability struct {
	Name  string
	Homes []Home
	Note  string
}

// A Home is what does it here.
type Home struct {
	Sort  string // kind, command, api or func
	Name  string
	Later bool // it is not there yet
}

// Capabilities returns what the two Python clients can do, by their names.
func Capabilities() map[string][]Capability {
	return map[string][]Capability{"python-keycloak": capabilities(pythonKeycloak), "ackc": capabilities(ackc)}
}

func capabilities(table string) []Capability {
	var out []Capability
	for line := range strings.Lines(table) {
		cols := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "", "")
		c := Capability{Name: cols[0], Note: cols[2]}
		for home := range strings.SplitSeq(cols[1], "; ") {
			var h Home
			home, h.Later = strings.CutPrefix(home, "later ")
			h.Sort, h.Name, _ = strings.Cut(home, " ")
			c.Homes = append(c.Homes, h)
		}
		out = append(out, c)
	}
	return out
}

// cell returns a home as it is shown.
func (h Home) cell() string {
	shown := code(h.Name)
	switch h.Sort {
	case "kind":
		kind, field, _ := strings.Cut(h.Name, ".")
		shown = "kind [" + kind + "](kinds.md#" + kind + ")"
		if field != "" {
			shown += ", " + code(field)
		}
	case "command":
		shown = code("kcsync " + h.Name)
	case "api":
		shown = code("kcsync api call " + h.Name)
	}
	if h.Later {
		shown += " (not yet)"
	}
	return shown
}

// inPlaceOf adds the table of one client's capabilities.
func (p *page) inPlaceOf(client string, all []Capability) {
	p.f("## In place of %s\n\n", client)
	var rows [][]string
	for _, c := range all {
		var homes []string
		for _, h := range c.Homes {
			homes = append(homes, h.cell())
		}
		rows = append(rows, []string{c.Name, strings.Join(homes, "<br>"), c.Note})
	}
	p.table([]string{"There", "Here", ""}, rows)
}
