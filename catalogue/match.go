package catalogue

import (
	"slices"
	"strings"
)

// Lookup returns the operation of a name, nil if there is none.
func (c *Catalogue) Lookup(name string) *Operation {
	for _, op := range c.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// Match returns the operations at an address, best first. Segments of the
// path stand for themselves or for a variable; one that is written as a
// variable, {id}, stands for any variable. An empty method stands for all.
func (c *Catalogue) Match(method, path string) []*Operation {
	asked := strings.Split(strings.Trim(path, "/"), "/")
	best := 0
	var out []*Operation
	for _, op := range c.Operations {
		if method != "" && op.Method != method {
			continue
		}
		words, ok := literal(strings.Split(strings.Trim(op.Path, "/"), "/"), asked)
		switch {
		case !ok || words < best:
		case words > best:
			best, out = words, []*Operation{op}
		default:
			out = append(out, op)
		}
	}
	return out
}

// literal counts the segments of a path that a template has as they are, and
// reports whether the template stands for it.
func literal(template, path []string) (words int, ok bool) {
	if len(template) != len(path) {
		return 0, false
	}
	for i, t := range template {
		switch {
		case t == path[i] && !isVariable(t):
			words++
		case !isVariable(t):
			return 0, false
		}
	}
	return words, true
}

func isVariable(segment string) bool { return strings.HasPrefix(segment, "{") }

// Variables returns the names of a path's variables.
func Variables(path string) []string {
	var out []string
	for s := range strings.SplitSeq(path, "/") {
		// A variable may be the end of a segment: index.{html}.
		if _, name, ok := strings.Cut(s, "{"); ok {
			out = append(out, strings.TrimSuffix(name, "}"))
		}
	}
	return out
}

// Find returns the operations that have each of the words in their name, path,
// or handler, in whatever case.
func (c *Catalogue) Find(words ...string) []*Operation {
	var out []*Operation
	for _, op := range c.Operations {
		text := strings.ToLower(op.Name + " " + op.Method + " " + op.Path + " " + op.Handler)
		found := true
		for _, w := range words {
			found = found && strings.Contains(text, strings.ToLower(w))
		}
		if found {
			out = append(out, op)
		}
	}
	return out
}

// Next returns how a path may go on, for completion: with the next segments of
// all addresses that begin like it, and a slash where more can follow. A
// variable is offered as such.
func (c *Catalogue) Next(method, path string) []string {
	asked := strings.Split(strings.TrimPrefix(path, "/"), "/")
	begun, last := asked[:len(asked)-1], asked[len(asked)-1]
	before := strings.TrimSuffix(path, last)
	var out []string
	for _, op := range c.Operations {
		segments := strings.Split(strings.TrimPrefix(op.Path, "/"), "/")
		if method != "" && op.Method != method || len(segments) < len(asked) {
			continue
		}
		if _, ok := literal(segments[:len(begun)], begun); !ok {
			continue
		}
		next := segments[len(begun)]
		if !strings.HasPrefix(next, last) {
			continue
		}
		if len(segments) > len(asked) {
			next += "/"
		}
		out = append(out, before+next)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
