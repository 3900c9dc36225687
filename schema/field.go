package schema

import (
	"strings"

	"github.com/kcsync/kcsync/model"
)

// Patterns of text that canonical form takes for something else.
const (
	booleanText = `^(true|false)$`
	someName    = `\S`
	integerText = `^-?[0-9]{1,15}$`
)

// field returns the schema of a field's value. It is as lenient as
// [model.Kind.Canonical]; null asks for the server's default.
func field(f *model.Field) map[string]any {
	if f.Computed {
		// People paste what a server showed them.
		return described(f, map[string]any{"readOnly": true})
	}
	s := map[string]any{}
	var types []any
	switch f.Type {
	case model.String:
		types = scalar()
		if len(f.Enum) > 0 {
			for _, v := range f.Enum {
				s["enum"] = append(list(s["enum"]), v)
			}
			types = nil
		}
		if f.Wrap != "" {
			types = append(types, "object")
			s["properties"], s["required"] = map[string]any{f.Wrap: map[string]any{"type": scalar()}}, []any{f.Wrap}
		}
	case model.Boolean:
		types = []any{"boolean", "string"}
		s["pattern"] = booleanText
	case model.Integer:
		types = []any{"integer", "string"}
		s["pattern"] = integerText
	case model.Set:
		types = append([]any{"array"}, scalar()...)
		s["items"] = taking(map[string]any{"type": scalar()}, f.Takes)
		if len(f.Enum) > 0 {
			var names []any
			for _, v := range f.Enum {
				names = append(names, v)
			}
			s["items"] = map[string]any{"enum": names}
		}
		if f.Wrap != "" {
			s["items"] = map[string]any{
				"type":       append(scalar(), "object"),
				"properties": map[string]any{f.Wrap: map[string]any{"type": scalar()}},
				"required":   []any{f.Wrap},
			}
		}
	case model.List:
		types = append([]any{"array"}, scalar()...)
		s["items"] = map[string]any{"type": scalar()}
		if len(f.Fields) > 0 {
			types = []any{"array"}
			s["items"] = object(f.Fields)
		}
	case model.Dict:
		types = []any{"object"}
		s["additionalProperties"] = taking(map[string]any{"type": append(scalar(), "null")}, f.Takes)
		entries(s, f)
	case model.MultiDict:
		types = []any{"object"}
		s["additionalProperties"] = map[string]any{
			"type":  append(append([]any{"array"}, scalar()...), "null"),
			"items": taking(map[string]any{"type": append(scalar(), "null")}, f.Takes),
		}
		entries(s, f)
	case model.SetDict:
		s = byName(map[string]any{
			"type":  append([]any{"array"}, scalar()...),
			"items": map[string]any{"type": scalar()},
		})
		types = []any{"object"}
	case model.Struct:
		types = []any{"object"}
		for k, v := range object(f.Fields) {
			s[k] = v
		}
	case model.Map:
		types = []any{"object"}
	case model.Any:
		return described(f, s)
	}
	if f.Type == model.String || f.Type == model.Integer {
		taking(s, f.Takes)
	}
	if !f.Required {
		if types != nil {
			types = append(types, "null")
		} else {
			s["enum"] = append(list(s["enum"]), nil)
		}
	}
	if types != nil {
		s["type"] = types
		if len(types) == 1 {
			s["type"] = types[0]
		}
	}
	return described(f, s)
}

// taking adds to the schema of a value, for editors, which values are taken.
// Who breaks these is told when the files are loaded, where old spellings are
// today's.
func taking(s map[string]any, v *model.Value) map[string]any {
	switch {
	case v == nil:
		return s
	case v.Max != 0:
		s["minimum"], s["maximum"] = v.Min, v.Max
	}
	if v.Most > 0 {
		s["maxLength"] = v.Most
	}
	if v.Want != "" {
		s["description"] = strings.ToUpper(v.Want[:1]) + v.Want[1:] + "."
	}
	return s
}

// entries adds which values are taken under single keys of a map.
func entries(s map[string]any, f *model.Field) {
	props := map[string]any{}
	for key := range f.Entries {
		values := f.Entry(key, "")
		if strings.HasSuffix(key, "*") || len(values) == 0 {
			continue
		}
		v := values[0]
		p := taking(map[string]any{"type": s["additionalProperties"].(map[string]any)["type"]}, &v)
		for _, text := range v.Enum {
			p["enum"] = append(list(p["enum"]), text)
		}
		if p["enum"] != nil {
			if !v.Filled {
				p["enum"] = append(list(p["enum"]), "")
			}
			p["enum"] = append(list(p["enum"]), nil)
			delete(p, "type")
		}
		props[key] = p
	}
	if len(props) > 0 {
		s["properties"] = props
	}
}

func object(fs model.Fields) map[string]any {
	props := map[string]any{}
	var required []any
	for i := range fs {
		props[fs[i].Name] = field(&fs[i])
		if fs[i].Required {
			required = append(required, fs[i].Name)
		}
	}
	out := map[string]any{"type": "object", "properties": props, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	return out
}

// key returns the schema of a field that tells objects apart.
func key(f *model.Field) map[string]any {
	return described(f, map[string]any{"type": scalar(), "pattern": someName})
}

// byName returns the schema of a map whose keys are names of objects.
func byName(member map[string]any) map[string]any {
	// Not propertyNames: the library loses the place of such a failure.
	return map[string]any{
		"type":                 "object",
		"patternProperties":    map[string]any{someName: member},
		"additionalProperties": false,
	}
}

// scalar are the types of which canonical form makes text.
func scalar() []any { return []any{"string", "number", "boolean"} }

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// described adds what people should know about a field.
func described(f *model.Field, s map[string]any) map[string]any {
	var doc []string
	say := func(sentence string) { doc = append(doc, sentence) }
	if f.Doc != "" {
		say(f.Doc)
	}
	if taken, ok := s["description"].(string); ok {
		say(taken)
	}
	if f.Ref != "" {
		switch {
		case f.Type == model.SetDict:
			say("Names of objects of the kind " + f.Ref + ", by " + f.Owner + ".")
		case model.Lookup(f.Ref).Tree():
			say("Paths of objects of the kind " + f.Ref + ".")
		case f.Type == model.String:
			say("The name of a " + f.Ref + ".")
		default:
			say("Names of objects of the kind " + f.Ref + ".")
		}
	}
	if f.Computed {
		say("The server's own; not read.")
	}
	if f.Initial {
		say("Only read when the object is created.")
	}
	if f.Immutable {
		say("Cannot be changed once the object exists.")
	}
	if f.Secret {
		say("A secret: write ${env:NAME} or ${file:PATH}.")
		s["writeOnly"] = true
	}
	if len(f.SecretKeys) > 0 {
		say("Secret, to be written as ${env:NAME} or ${file:PATH}: " + strings.Join(f.SecretKeys, ", ") + ".")
	}
	if f.Feature != "" {
		say("Needs the server feature " + f.Feature + ".")
	}
	if f.Same {
		say("To name another is to call it so.")
	}
	if f.Since != "" {
		say("Since Keycloak " + f.Since + ".")
	}
	if doc != nil {
		s["description"] = strings.Join(doc, " ")
	}
	if f.Default != nil {
		s["default"] = f.Default
	}
	return s
}
