// Package docs writes the reference pages: what kinds of objects there are,
// kinds.md, and which endpoints of Keycloak's Admin API they cover,
// coverage.md. Both follow from the registry; the tests keep the files as it
// is, and write them with -update.
package docs

import (
	"fmt"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// generated heads the pages.
const generated = "<!-- Written by go test ./docs -update. Change the registry, model/kind_*.go, not this file. -->\n"

// page is a page of Markdown being written.
type page struct{ strings.Builder }

func (p *page) f(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

// table writes a table; cells that are empty in all rows leave no column.
func (p *page) table(head []string, rows [][]string) {
	var use []int
	for i := range head {
		for _, r := range rows {
			if r[i] != "" {
				use = append(use, i)
				break
			}
		}
	}
	line := func(cells []string) {
		for _, i := range use {
			p.f("| %s ", strings.ReplaceAll(cells[i], "|", `\|`))
		}
		p.f("|\n")
	}
	line(head)
	for range use {
		p.f("|---")
	}
	p.f("|\n")
	for _, r := range rows {
		line(r)
	}
	p.f("\n")
}

// code writes a word as code.
func code(s string) string { return "`" + s + "`" }

func codes(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = code(w)
	}
	return out
}

// link leads to a kind's section.
func link(kind string) string { return "[" + kind + "](#" + kind + ")" }

// a puts the article before a word, be it a link or code.
func a(word string) string {
	if strings.ContainsRune("aeio", rune(strings.TrimLeft(word, "[`")[0])) {
		return "an " + word
	}
	return "a " + word
}

// and joins words: "a, b and c".
func and(words []string) string { return join(words, "and") }

func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// plural returns a kind's name for several objects.
func plural(name string) string {
	if stem, ok := strings.CutSuffix(name, "y"); ok {
		return stem + "ies"
	}
	return name + "s"
}

// parentOf returns the kind of which a place's parent is; the realm for "".
func parentOf(p *model.Place) *model.Kind {
	if p.Parent == "" {
		return model.Realm
	}
	return model.Lookup(p.Parent)
}
