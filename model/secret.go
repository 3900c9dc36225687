package model

import (
	"cmp"
	"os"
	"regexp"
	"strings"
)

// Mask is what Keycloak shows in place of a secret it does not tell. It is
// never a value: written back, a client's secret would become ten asterisks.
const Mask = "**********"

// Reference is a value that comes from outside the files: a string that
// holds at least one ${env:NAME} or ${file:PATH}. It stays a Reference until
// the last moment; what it stands for is treated as secret.
//
// It may also be spelled as in files of keycloak-config-cli, where a variable
// can have a default: $(env:NAME), $(env:NAME:-default), $(file:UTF-8:PATH).
type Reference string

var referencePattern = regexp.MustCompile(`\$\{(env|file):([^}]*)\}` +
	`|\$\((env):([^():$]*)(?::-([^()$]*))?\)|\$\((file):(?i:UTF-8):([^()$]*)\)`)

// outside is what a place in a Reference asks for.
type outside struct{ kind, name, def string }

func (p outside) String() string { return p.kind + ":" + p.name }

// outsideOf returns what a match of the pattern asks for.
func outsideOf(m []string) outside {
	return outside{kind: cmp.Or(m[1], m[3], m[6]), name: cmp.Or(m[2], m[4], m[7]), def: m[5]}
}

// ParseReference returns s as a Reference when it holds one.
func ParseReference(s string) (Reference, bool) {
	if !strings.Contains(s, "${") && !strings.Contains(s, "$(") || !referencePattern.MatchString(s) {
		return "", false
	}
	return Reference(s), true
}

// Literal returns a value of the server, in which what looks like a Reference
// is only text.
func Literal(v any) any {
	return Leaves(v, func(leaf any) any {
		if r, ok := leaf.(Reference); ok {
			return string(r)
		}
		return leaf
	})
}

// Names returns what the reference asks for: "env:NAME", "file:PATH".
func (r Reference) Names() []string {
	var out []string
	for _, m := range referencePattern.FindAllStringSubmatch(string(r), -1) {
		out = append(out, outsideOf(m).String())
	}
	return out
}

// Rest returns the text around what the reference asks for.
func (r Reference) Rest() string { return referencePattern.ReplaceAllString(string(r), "") }

// Resolver gives the values of references. The zero value asks the process'
// environment and reads files relative to the working directory.
type Resolver struct {
	// Getenv looks up an environment variable; nil is os.LookupEnv.
	Getenv func(name string) (string, bool)
	// ReadFile reads a secret file, of which one trailing newline is dropped;
	// nil is os.ReadFile.
	ReadFile func(path string) ([]byte, error)
}

// Unset is the error of a reference that stands for nothing. What is there
// and empty is nothing, too: that is what pipelines make of a secret that
// nobody gave them.
type Unset struct {
	Name  string
	Empty bool
}

func (u Unset) Error() string {
	what, is := strings.TrimPrefix(u.Name, "file:"), "cannot be read"
	if name, ok := strings.CutPrefix(u.Name, "env:"); ok {
		what, is = "environment variable "+name, "is not set"
	}
	if u.Empty {
		is = "is empty"
	}
	return what + " " + is
}

// Resolve returns the value that r stands for. The error is an [Unset] for
// the first part that has no value; it never holds a value.
func (v Resolver) Resolve(r Reference) (string, error) {
	getenv, read := v.Getenv, v.ReadFile
	if getenv == nil {
		getenv = os.LookupEnv
	}
	if read == nil {
		read = os.ReadFile
	}
	var missing error
	s := referencePattern.ReplaceAllStringFunc(string(r), func(match string) string {
		p := outsideOf(referencePattern.FindStringSubmatch(match))
		var val string
		var there bool
		if p.kind == "env" {
			val, there = getenv(p.name)
		} else if data, err := read(p.name); err == nil {
			val, there = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), true
		}
		if there && val != "" {
			return val
		}
		if p.def != "" {
			return p.def
		}
		if missing == nil {
			missing = Unset{Name: p.String(), Empty: there}
		}
		return ""
	})
	return s, missing
}
