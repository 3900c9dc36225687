package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// rep returns the object's own fields as a file has them.
func (n *node) rep() model.Object {
	out := model.Object{}
	if n.key != "" {
		out[n.kind.Key] = n.key
	}
	for name, v := range n.fields {
		out[name] = spelled(v)
	}
	return out
}

// spelled returns a value with references as they are written.
func spelled(v any) any {
	switch v := v.(type) {
	case link:
		return v.field.Spell(v.to.address())
	case byOwner:
		out := map[string]any{}
		for _, r := range v {
			l, _ := out[r.to.parent.key].([]any)
			out[r.to.parent.key] = append(l, r.to.key)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = spelled(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, e := range v {
			out[key] = spelled(e)
		}
		return out
	}
	return v
}

func (n *node) address() model.Address {
	if n == nil || n.kind == model.Realm {
		return ""
	}
	rep := model.Object{}
	maps.Copy(rep, n.shape.fixed)
	for _, name := range n.kind.KeyWith {
		rep[name] = n.fields[name]
	}
	if n.key != "" {
		rep[n.kind.Key] = n.key
	}
	a, ok := n.kind.Address(n.parent.address(), rep)
	if !ok {
		panic(fmt.Sprintf("a %s has no address: %v", n.kind.Name, rep))
	}
	return a
}

// file returns the representation of the object with all that is below it.
func (n *node) file() model.Object {
	out := n.rep()
	if n.was != nil && n.was.parent != n.parent.before() {
		from, root := n.was.address(), n.was
		for root.parent != nil && root.parent.kind == n.kind {
			root = root.parent
		}
		above := root.parent.address()
		if above != "" {
			above += "/"
		}
		out[model.Previously] = strings.TrimPrefix(string(from), string(above)+n.kind.Name)
	} else if n.was != nil && n.was.key != n.key {
		out[model.Previously] = n.was.key
	} else if n.called != "" {
		out[model.Previously] = n.called
	}
	of := n.kind.Name
	if n.kind == model.Realm {
		of = ""
	}
	for _, c := range n.kind.Children() {
		place := c.Place(of)
		if !n.shown[c.Name] {
			continue
		}
		var members []any
		for _, child := range n.children {
			if child.kind == c {
				members = append(members, map[string]any(child.file()))
			}
		}
		var v any = members
		switch {
		case place.Declared && len(members) == 0:
			continue
		case c.Singleton() && len(members) == 0:
			continue
		case c.Singleton():
			v = members[0]
		case c.Bare != "":
			m := map[string]any{}
			for _, e := range members {
				o := e.(map[string]any)
				m[o[c.Key].(string)] = o[c.Bare]
				if o[c.Bare] == nil {
					m[o[c.Key].(string)] = map[string]any{}
				}
			}
			v = m
		case members == nil:
			v = []any{}
		}
		at := map[string]any(out)
		keys := place.Keys()
		for _, key := range keys[:len(keys)-1] {
			next, ok := at[key].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[key] = next
			}
			at = next
		}
		at[keys[len(keys)-1]] = v
	}
	return out
}

// replaced returns the addresses of those that have to be made anew, among an
// object and all below it.
func (n *node) replaced() []model.Address {
	var out []model.Address
	if n.anew {
		out = append(out, n.address())
	}
	for _, c := range n.children {
		out = append(out, c.replaced()...)
	}
	return out
}

// json returns the file of the realm.
func (n *node) json() []byte {
	out, err := json.MarshalIndent(n.file(), "", "  ")
	if err != nil {
		panic(err)
	}
	return out
}
