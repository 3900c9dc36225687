// Package schema describes what may stand in files: a JSON Schema (Draft
// 2020-12) for every kind, made from the registry in package model, and the
// check of parsed files against it, which answers in the user's words and
// with places in the file.
//
// The schemas are for editors too: the directory holds each of them as
// KIND.schema.json.
package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

const (
	draft = "https://json-schema.org/draft/2020-12/schema"
	base  = "urn:kcsync:schema:"
)

// Kinds returns the kinds that have a schema of their own: the realm, and
// those that have a folder or a file in a realm's directory.
func Kinds() []*model.Kind {
	var out []*model.Kind
	for _, k := range model.Kinds() {
		if k == model.Realm || k.Folder != "" || k.File != "" {
			out = append(out, k)
		}
	}
	return out
}

// For returns the schema of a kind's own files: one object or a list of
// them. For the realm it is [Realm].
func For(k *model.Kind) map[string]any {
	if k == model.Realm {
		return Realm()
	}
	b := builder{defs: map[string]any{}}
	ref := b.kind(k)
	out := header(k)
	if k.Bare != "" || k.Singleton() {
		out["$ref"], out["$defs"] = ref["$ref"], b.defs
		return out
	}
	// Not anyOf: of two alternatives that both fail, no editor knows which
	// one was meant.
	out["if"] = map[string]any{"type": "array"}
	out["then"] = map[string]any{"items": ref}
	out["else"] = ref
	out["$defs"] = b.defs
	return out
}

// Realm returns the schema of a fragment: a file in the form of Keycloak's
// RealmRepresentation, which may hold objects of every kind.
func Realm() map[string]any {
	b := builder{defs: map[string]any{}}
	out := header(model.Realm)
	for name, v := range b.object(model.Realm) {
		out[name] = v
	}
	props := out["properties"].(map[string]any)
	b.flat(props)
	older(props)
	props[model.Absent] = map[string]any{
		"type":        "array",
		"items":       map[string]any{"type": "string"},
		"description": "The addresses of what is not to be, such as client-scope/address: what Keycloak makes by itself, and else stays.",
	}
	out["$defs"] = b.defs
	return out
}

// Encode returns the schema of a kind as a file.
func Encode(k *model.Kind) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(For(k))
	return b.Bytes(), err
}

func header(k *model.Kind) map[string]any {
	return map[string]any{
		"$schema":     draft,
		"$id":         base + k.Name,
		"title":       k.Name,
		"description": k.Doc,
	}
}

// builder collects the definitions that a schema refers to.
type builder struct{ defs map[string]any }

// kind returns a reference to the definition of a kind's objects.
func (b builder) kind(k *model.Kind) map[string]any {
	if _, ok := b.defs[k.Name]; !ok {
		b.defs[k.Name] = nil // a tree refers to itself
		b.defs[k.Name] = b.object(k)
	}
	return refer(k.Name)
}

func refer(def string) map[string]any {
	return map[string]any{"$ref": "#/$defs/" + def}
}

// object returns the schema of one object of a kind with what stands inside.
func (b builder) object(k *model.Kind) map[string]any {
	if k.Bare != "" {
		s := field(k.Fields.Get(k.Bare))
		s["title"], s["description"], s["type"] = k.Name, k.Doc, "object"
		return s
	}
	props := map[string]any{}
	var required []any
	for i := range k.Fields {
		f := &k.Fields[i]
		props[f.Name] = field(f)
		if f.Type == model.Tree {
			props[f.Name] = b.tree(k, f)
		}
		// A directory names its realm by its own name.
		if f.Required && !f.OfNew && k != model.Realm {
			required = append(required, f.Name)
		}
	}
	if !k.Singleton() {
		props[k.Key] = key(k.Fields.Get(k.Key))
		props[model.Previously] = map[string]any{
			"type":        []any{"string", "number"},
			"pattern":     someName,
			"description": "The " + k.Key + " that the object had before it was renamed; its id and everything that hangs on it stay.",
		}
	}
	if k.Tree() {
		props[model.Previously].(map[string]any)["description"] = "The " + k.Key + ", or with a leading / the path, that the object had before it was renamed or moved."
	}
	for _, c := range k.Children() {
		parent := k.Name
		if k == model.Realm {
			parent = ""
		}
		switch p := c.Place(parent); {
		case p.By != "":
			b.by(props, c, p)
		case p.In != "":
			putAt(props, p.Keys(), b.child(c))
		}
		if also := c.Place(parent).Also; also != nil {
			putAt(props, also, b.child(c))
			if len(also) > 1 {
				// What else there may be is told apart from what is misspelt
				// by the server alone.
				props[also[0]].(map[string]any)["additionalProperties"] = true
			}
		}
	}
	for _, name := range k.Unmanaged {
		s := map[string]any{"description": "Left as it is on the server."}
		if instead := k.Instead[name]; instead != "" {
			s = map[string]any{"description": "An old spelling; write " + instead + ".", "deprecated": true}
		}
		put(props, name, s)
	}
	out := map[string]any{
		"title":                k.Name,
		"description":          k.Doc,
		"type":                 "object",
		"properties":           props,
		"additionalProperties": false,
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// tree returns the schema of a tree, whose nodes have a definition that refers
// to itself.
func (b builder) tree(k *model.Kind, f *model.Field) map[string]any {
	name := k.Name + "." + f.Name
	list := map[string]any{"type": "array", "items": refer(name)}
	node := object(f.Fields)
	node["title"] = "an entry of " + f.Name
	props := node["properties"].(map[string]any)
	for i := range f.Fields {
		if f.Fields[i].Computed {
			delete(props, f.Fields[i].Name)
		}
	}
	props[f.Name] = list
	b.defs[name] = node
	return described(f, map[string]any{"type": []any{"array", "null"}, "items": refer(name), "description": f.Doc})
}

// child returns the schema of what stands in a parent under a child kind's key.
func (b builder) child(k *model.Kind) map[string]any {
	switch {
	case k.ReadOnly:
		return map[string]any{"description": k.Doc + " Left as it is on the server."}
	case k.Singleton():
		return b.kind(k)
	case k.Bare != "":
		return with(byName(b.kind(k)), k.Doc+" By "+k.Key+".")
	}
	return map[string]any{"description": "The complete list. " + k.Doc, "type": "array", "items": b.kind(k)}
}

// flat adds the realm's lists of objects that live below others.
func (b builder) flat(props map[string]any) {
	for _, k := range model.Kinds() {
		for _, p := range k.Places {
			switch {
			case p.Flat == "":
			case p.FlatBy == "":
				put(props, p.Flat, with(byName(map[string]any{"type": "array", "items": b.kind(k)}), k.Doc+" By "+p.Parent+"."))
			default:
				items := b.listed(k, &p)
				if p.Mixed {
					items = map[string]any{
						"type": "object",
						"if":   map[string]any{"required": []any{p.FlatBy}},
						"then": items,
					}
					for _, other := range model.Kinds() {
						if o := other.Place(""); o != nil && o.In == p.Flat {
							items["else"] = b.kind(other)
						}
					}
				}
				put(props, p.Flat, map[string]any{"description": k.Doc, "type": "array", "items": items})
			}
		}
	}
}

// by adds a map of lists whose keys are a field of the objects in them.
func (b builder) by(props map[string]any, k *model.Kind, p *model.Place) {
	for _, key := range p.Except {
		putAt(props, append(p.Keys(), key), map[string]any{"description": "Left as it is on the server."})
	}
	def := b.object(k)
	def["required"] = slices.DeleteFunc(list(def["required"]), func(name any) bool { return name == p.By })
	name := k.Name + "." + p.In
	b.defs[name] = def
	at := map[string]any{"properties": props}
	for _, key := range p.Keys() {
		at = at["properties"].(map[string]any)[key].(map[string]any)
	}
	at["additionalProperties"] = map[string]any{"description": "The complete list. " + k.Doc, "type": "array", "items": refer(name)}
}

// listed returns a reference to the definition of a kind's objects that name
// their parent.
func (b builder) listed(k *model.Kind, p *model.Place) map[string]any {
	def := b.object(k)
	by := key(k.Fields.Get(p.FlatBy))
	by["description"] = "The " + p.Parent + "."
	def["properties"].(map[string]any)[p.FlatBy] = by
	required, _ := def["required"].([]any)
	def["required"] = append([]any{p.FlatBy}, required...)
	name := k.Name + "." + p.Flat
	b.defs[name] = def
	return refer(name)
}

// put puts a schema at a dotted path of properties; maps on the way are
// closed objects.
func put(props map[string]any, path string, s map[string]any) {
	putAt(props, strings.Split(path, "."), s)
}

func putAt(props map[string]any, keys []string, s map[string]any) {
	head, rest := keys[0], keys[1:]
	if len(rest) == 0 {
		props[head] = s
		return
	}
	next, ok := props[head].(map[string]any)
	if !ok {
		next = map[string]any{"type": "object", "properties": map[string]any{}, "additionalProperties": false}
		props[head] = next
	}
	putAt(next["properties"].(map[string]any), rest, s)
}

// older adds what the realm kind's Unfold takes apart: lists of which Keycloak
// makes use in a RealmRepresentation only.
func older(props map[string]any) {
	mappings := map[string]any{
		"type": "array",
		"items": map[string]any{
			"type": "object",
			"properties": map[string]any{
				"client":         map[string]any{"type": "string", "pattern": someName, "description": "The client that gets the roles."},
				"clientScope":    map[string]any{"type": "string", "pattern": someName, "description": "The client scope that gets the roles."},
				"roles":          names("The roles."),
				"clientTemplate": map[string]any{"description": "The old spelling of clientScope.", "deprecated": true},
				"self":           map[string]any{"readOnly": true},
			},
			"required":             []any{"roles"},
			"additionalProperties": false,
		},
	}
	props["authenticatorConfig"] = map[string]any{
		"description": "The configurations that authenticationExecutions of authenticationFlows name by alias.",
		"type":        "array",
		"items":       map[string]any{"type": "object"},
	}
	props["scopeMappings"] = with(mappings, "Realm roles in the scope of clients and client scopes; the same as scopeMappings.realm there.")
	props["clientScopeMappings"] = with(byName(mappings),
		"Client roles in the scope of clients and client scopes, by the client that has the roles; the same as scopeMappings.client there.")
	props["defaultRoles"] = names("The roles of which the role default-roles-REALM is composed, as it was written until Keycloak 12.")
}

func names(doc string) map[string]any {
	return map[string]any{"description": doc, "type": "array", "items": map[string]any{"type": scalar()}}
}

// with returns a copy of a schema with a description.
func with(s map[string]any, doc string) map[string]any {
	out := map[string]any{"description": doc}
	for k, v := range s {
		out[k] = v
	}
	return out
}
