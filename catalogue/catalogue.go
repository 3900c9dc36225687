// Package catalogue knows what the Admin API of each Keycloak version can be
// asked: every operation with its address, parameters and body, and the fields
// of the objects that are sent and received. The server ships no description of
// this API; scripts/reflect reads it from the server's own classes.
package catalogue

import (
	"embed"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

//go:embed operations/*.tsv classes/*.tsv
var files embed.FS

// RealmPath is the beginning of the addresses of what belongs to a realm.
const RealmPath = "/admin/realms/{realm}"

// A Catalogue is what one version's Admin API can be asked.
type Catalogue struct {
	Version    string // such as 26.7.5
	Operations []*Operation
}

// An Operation is one thing that the Admin API can be asked to do.
type Operation struct {
	// Name is unique within a version, and the same in all versions unless the
	// server's own method is renamed.
	Name       string   `json:"name"`
	Method     string   `json:"method"`
	Path       string   `json:"path"`             // with variables: /admin/realms/{realm}/clients/{client-uuid}
	Params     []Param  `json:"params,omitempty"` // first those in the path, in its order
	Body       string   `json:"body,omitempty"`   // a type, as in scripts/reflect: object:ClientRepresentation; "" for none
	Answer     string   `json:"answer,omitempty"` // the same; "" also where the server's code does not say
	Consumes   []string `json:"consumes,omitempty"`
	Produces   []string `json:"produces,omitempty"`
	Deprecated bool     `json:"deprecated,omitempty"`
	Handler    string   `json:"handler"` // the server's own method: ClientsResource.getClients
}

// A Param is a parameter of an operation.
type Param struct {
	In      string `json:"in"` // path, query or form
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"`
}

// A Property is one of the fields of a class of objects.
type Property struct {
	Name       string `json:"name"` // "*": any other name
	Type       string `json:"type"`
	Access     string `json:"access"` // read-write, read-only, write-only
	Deprecated bool   `json:"deprecated,omitempty"`
}

// Versions returns the versions that were recorded, oldest first.
func Versions() []string {
	entries, err := files.ReadDir("operations")
	if err != nil {
		panic(err) // an embedded directory can be read
	}
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".tsv"))
	}
	slices.SortFunc(out, func(a, b string) int {
		if model.HasVersion(a, b) {
			return 1
		}
		return -1
	})
	return out
}

// Nearest returns the recorded version that stands for a server's: the newest
// of the same minor version or an older one, else the oldest; the newest of
// all for the unknown version "".
func Nearest(version string) string {
	recorded := Versions()
	best := recorded[0]
	for _, v := range recorded {
		minor := v[:strings.LastIndexByte(v, '.')]
		if model.HasVersion(version, minor) {
			best = v
		}
	}
	return best
}

// For returns the catalogue that stands for a server's version.
func For(version string) *Catalogue {
	c := &Catalogue{Version: Nearest(version)}
	for _, cols := range table("operations/" + c.Version + ".tsv") {
		op := &Operation{Path: cols[0], Method: cols[1], Body: cols[3], Answer: cols[4], Consumes: list(cols[5]), Produces: list(cols[6]),
			Deprecated: cols[7] != "", Handler: cols[8]}
		op.Params = params(op.Path, cols[2])
		c.Operations = append(c.Operations, op)
	}
	name(c.Operations)
	return c
}

// params returns the parameters of an operation: the variables of its path,
// strings unless told otherwise, and those that are told.
func params(path, told string) []Param {
	var out []Param
	for _, v := range Variables(path) {
		out = append(out, Param{In: "path", Name: v, Type: "string"})
	}
	for word := range strings.FieldsSeq(told) {
		parts := strings.SplitN(word, ":", 3)
		p := Param{In: parts[0], Name: parts[1]}
		p.Type, p.Default, _ = strings.Cut(parts[2], "=")
		if i := slices.IndexFunc(out, func(o Param) bool { return o.In == p.In && o.Name == p.Name }); i >= 0 {
			out[i] = p
		} else {
			out = append(out, p)
		}
	}
	return out
}

// Class returns the fields of a class of objects, in the order of their names;
// nil for a class that is not recorded.
func (c *Catalogue) Class(name string) []Property {
	var out []Property
	for _, cols := range table("classes/" + c.Version + ".tsv") {
		if cols[0] != name {
			continue
		}
		access, deprecated := strings.CutSuffix(cols[3], ",deprecated")
		out = append(out, Property{Name: cols[1], Type: cols[2], Access: access, Deprecated: deprecated})
	}
	return out
}

// ClassOf returns the class in a type: that of the objects of a list, and of
// the values of a map; "" when there is none.
func ClassOf(typ string) string {
	_, class, _ := strings.Cut(typ, "object:")
	return strings.TrimRight(class, ">")
}

// table returns the lines of a recorded file, each in its columns.
func table(path string) [][]string {
	data, err := files.ReadFile(path)
	if err != nil {
		panic(err) // there is one of each version
	}
	var out [][]string
	for line := range strings.Lines(string(data)) {
		out = append(out, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return out
}

func list(words string) []string {
	if words == "" {
		return nil
	}
	return strings.Split(words, ",")
}
