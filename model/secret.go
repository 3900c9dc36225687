package model

import (
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
type Reference string

var referencePattern = regexp.MustCompile(`\$\{(env|file):([^}]*)\}`)

// ParseReference returns s as a Reference when it holds one.
func ParseReference(s string) (Reference, bool) {
	if !strings.Contains(s, "${") || !referencePattern.MatchString(s) {
		return "", false
	}
	return Reference(s), true
}

// Names returns what the reference asks for: "env:NAME", "file:PATH".
func (r Reference) Names() []string {
	var out []string
	for _, m := range referencePattern.FindAllStringSubmatch(string(r), -1) {
		out = append(out, m[1]+":"+m[2])
	}
	return out
}

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
	s := referencePattern.ReplaceAllStringFunc(string(r), func(part string) string {
		m := referencePattern.FindStringSubmatch(part)
		var val string
		var there bool
		if m[1] == "env" {
			val, there = getenv(m[2])
		} else if data, err := read(m[2]); err == nil {
			val, there = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), true
		}
		if there && val != "" {
			return val
		}
		if missing == nil {
			missing = Unset{Name: m[1] + ":" + m[2], Empty: there}
		}
		return ""
	})
	return s, missing
}
