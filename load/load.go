// Package load reads the files that say what realms should be like.
//
// A realm is a directory. Its kind folders, such as clients/, hold objects of
// that kind: one to a file, a list, or several documents. Every other YAML or
// JSON file in it, at any depth, is a fragment in the form of Keycloak's
// RealmRepresentation: an export, or a part of one written by hand. All of
// them are merged into one desired state, in which nothing may be said twice.
package load

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/schema"
)

// Options say what to load.
type Options struct {
	// Realm is the one realm to load, and the name for files that name none;
	// empty loads all.
	Realm string
	// Checker checks the files against their schemas. To share one saves those
	// who load often from compiling the schemas each time; nil makes a new one.
	Checker *schema.Checker
}

// Load reads what path holds: a directory of realms, one realm's directory,
// or a file. It returns the realms sorted by name, and everything that is
// wrong with them; with an error among the diagnostics, the states are what
// could be read and must not be applied.
func Load(path string, o Options) ([]*model.State, model.Diagnostics) {
	l := &loader{options: o, check: o.Checker}
	if l.check == nil {
		l.check = new(schema.Checker)
	}
	l.dir, _ = os.Getwd()
	realms := l.find(path)
	states := l.realms(path, realms)
	l.out.Sort()
	l.out = slices.CompactFunc(l.out, func(a, b model.Diagnostic) bool { return a.Error() == b.Error() })
	return states, l.out
}

// loader collects what is wrong with the files of one [Load].
type loader struct {
	options Options
	dir     string // the working directory
	check   *schema.Checker
	out     model.Diagnostics
}

func (l *loader) add(s model.Severity, src model.Source, code, summary, detail string) {
	l.out = append(l.out, model.Diagnostic{Severity: s, Code: code, Summary: summary, Detail: detail, Source: src})
}

// about adds a diagnostic that is about an object.
func (l *loader) about(it *model.Item, s model.Severity, src model.Source, code, summary, detail string) {
	l.out = append(l.out, model.Diagnostic{Severity: s, Code: code, Summary: summary, Detail: detail, Addr: it.Addr, Source: src})
}

// realms makes a state of each realm that was found.
func (l *loader) realms(path string, found []*realm) []*model.State {
	first := map[string]*realm{}
	var states []*model.State
	var names []string
	for _, r := range found {
		name, src := l.name(r)
		if name == "" {
			continue
		}
		names = append(names, name)
		if l.options.Realm != "" && name != l.options.Realm {
			continue
		}
		l.out = append(l.out, r.problems...)
		r.source = src
		if other, ok := first[name]; ok {
			l.add(model.Error, src, "duplicate-realm",
				fmt.Sprintf("realm %s is declared twice: %s and %s", name, where(other.source), where(src)),
				"put all files of a realm into one directory, or give one of them another name")
			continue
		}
		first[name] = r
		states = append(states, l.assemble(r, name))
	}
	if want := l.options.Realm; want != "" && len(states) == 0 && len(found) > 0 {
		slices.Sort(names)
		detail := "it holds " + strings.Join(slices.Compact(names), ", ")
		if near := model.Nearest(want, names); near != "" {
			detail = fmt.Sprintf("did you mean %s? %s", near, detail)
		}
		l.add(model.Error, model.Source{File: l.shown(path)}, "no-such-realm", "no realm is called "+want, detail)
	}
	slices.SortFunc(states, func(a, b *model.State) int { return cmp.Compare(a.Realm, b.Realm) })
	return states
}

// name returns the realm's name and where it stands. Fragments of one realm
// agree on it; without any that says it, it is the directory's.
func (l *loader) name(r *realm) (string, model.Source) {
	name, src := "", model.Source{File: l.shown(r.path)}
	for _, u := range r.units {
		n := u.realm()
		if u.kind != model.Realm || n == "" {
			continue
		}
		here := model.SourceOf(u.file, u.doc, u.at+model.Pointer("realm"))
		switch {
		case name == "":
			name, src = n, here
		case n != name:
			r.problem(here, "two-names", fmt.Sprintf("realm: %s here, realm: %s in %s", n, name, where(src)),
				"all files in a realm's directory belong to one realm: use one name, or directories of their own")
		}
	}
	if name == "" {
		name = r.name
	}
	if strings.TrimSpace(name) == "" {
		l.out = append(l.out, r.problems...)
		if len(r.units) > 0 {
			src = model.SourceOf(r.units[0].file, r.units[0].doc, r.units[0].at)
		}
		l.add(model.Error, src, "no-name", "the file does not say which realm it is", `add "realm: NAME", or give --realm NAME`)
		return "", src
	}
	if strings.ContainsAny(name, refused) {
		l.add(model.Error, src, "wrong-value", fmt.Sprintf("no realm can be called %q", name), "Keycloak refuses the characters "+refused)
		return "", src
	}
	if n := utf8.RuneCountInString(name); n > mostName {
		l.add(model.Error, src, "wrong-value", fmt.Sprintf("the name of the realm has %d characters", n),
			fmt.Sprintf("Keycloak has room for %d, because it makes longer names of it", mostName))
		return "", src
	}
	return name, src
}

// refused are characters that Keycloak accepts in no realm's name.
const refused = "/+$"

// mostName is how many characters the longest name of a realm has, measured on
// 26.4.7 and 26.7.5.
const mostName = 237

// where returns a place for people.
func where(s model.Source) string {
	if s.Line > 0 {
		return fmt.Sprintf("%s:%d:%d", s.File, s.Line, s.Col)
	}
	return s.File
}

// shown returns a path as messages name it: relative to the working directory
// when it is below.
func (l *loader) shown(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil || l.dir == "" {
		return filepath.Clean(path)
	}
	rel, err := filepath.Rel(l.dir, abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.Clean(path)
	}
	return rel
}
