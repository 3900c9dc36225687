package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// place is a value in a file with the schema that it should have fulfilled.
type place struct {
	pointer string
	schema  map[string]any
	// title is what the nearest enclosing object is called.
	title string
	// path leads from that object to the value.
	path []string
	// index says for each element of the path whether it is an index.
	index []bool
}

// place follows a location from the schema's root.
func (r *report) place(location []string) place {
	p := place{pointer: r.at, schema: r.schema, title: r.kind.Name}
	for _, token := range location {
		p.pointer += model.Pointer(token)
		next, index := r.step(p.schema, token)
		p.schema = r.branch(r.deref(next), p.pointer)
		p.path, p.index = append(p.path, token), append(p.index, index)
		if title, ok := p.schema["title"].(string); ok {
			p.title, p.path, p.index = title, nil, nil
		}
	}
	if len(location) == 0 {
		p.schema = r.branch(r.deref(p.schema), p.pointer)
	}
	return p
}

func (r *report) deref(s map[string]any) map[string]any {
	if ref, ok := s["$ref"].(string); ok {
		defs, _ := r.schema["$defs"].(map[string]any)
		s, _ = defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	return s
}

// branch returns the alternative of a conditional schema that describes an
// object, the one at a pointer.
func (r *report) branch(s map[string]any, pointer string) map[string]any {
	names := []string{"else", "then"}
	if cond, ok := s["if"].(map[string]any); ok {
		needs := list(cond["required"])
		if n := r.doc.At(pointer); n != nil && len(needs) > 0 && !slices.ContainsFunc(needs, func(f any) bool { return n.Get(f.(string)) == nil }) {
			names = []string{"then", "else"}
		}
	}
	for _, name := range names {
		if next, ok := s[name].(map[string]any); ok {
			if next = r.deref(next); next["properties"] != nil {
				return next
			}
		}
	}
	return s
}

// step returns the schema of a member of a value, and whether the member
// stands in a list.
func (r *report) step(s map[string]any, token string) (map[string]any, bool) {
	s = r.deref(s)
	props, _ := s["properties"].(map[string]any)
	if next, ok := props[token].(map[string]any); ok {
		return next, false
	}
	if next, ok := s["additionalProperties"].(map[string]any); ok {
		return next, false
	}
	if next, ok := s["patternProperties"].(map[string]any); ok {
		next, _ := next[someName].(map[string]any)
		return next, false
	}
	if next, ok := s["items"].(map[string]any); ok {
		if _, err := strconv.Atoi(token); err == nil {
			return next, true
		}
	}
	for _, name := range []string{"then", "else"} {
		if next, ok := s[name].(map[string]any); ok {
			if next, index := r.step(next, token); next != nil {
				return next, index
			}
		}
	}
	return nil, false
}

// name returns the value's name as the user knows it: "redirectUris[2]",
// "attributes.saml.signature"; "" for a whole object.
func (p place) name() string {
	var b strings.Builder
	for i, token := range p.path {
		switch {
		case p.index[i]:
			b.WriteString("[" + token + "]")
		case i > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	return b.String()
}

// holder returns what a field of the place belongs to.
func (p place) holder() string {
	if name := p.name(); name != "" {
		return name
	}
	return p.title
}

// fields returns the names of the fields that may stand in the place.
func (p place) fields() []string {
	props, _ := p.schema["properties"].(map[string]any)
	return model.Keys(props)
}

// written returns the names of those fields that people write: not the
// server's own, and none that is left alone.
func (p place) written() []string {
	props, _ := p.schema["properties"].(map[string]any)
	return slices.DeleteFunc(p.fields(), func(name string) bool {
		f, _ := props[name].(map[string]any)
		return f["readOnly"] == true || f["deprecated"] == true
	})
}

// takes reports whether a value of a JSON type may stand in the place.
func (p place) takes(typ string) bool {
	switch t := p.schema["type"].(type) {
	case string:
		return t == typ
	case []any:
		return slices.Contains(t, any(typ))
	}
	return false
}
