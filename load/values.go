package load

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// foreign is how keycloak-config-cli spells what it puts in for it, of which
// [model.ParseReference] reads the variables and files.
var foreign = regexp.MustCompile(`\$\$\{javascript:|\$\((base64(De|En)coder|const|date|dns|env|file|java|javascript|localhost|properties|resourceBundle|script|sys|url|url(De|En)coder|xml|xml(De|En)coder):[^():$]*`)

// placeholder is how other tools, and Keycloak's import when it starts, spell
// a variable.
var placeholder = regexp.MustCompile(`^\$(\{[A-Za-z_][\w.]*(:[^}]*)?\}|[A-Z_][A-Z0-9_]*)$`)

// values looks at an item's values for what no schema can tell.
func (l *loader) values(it *model.Item) {
	if _, ok := model.ParseReference(it.Key()); ok && it.Kind.Key != "" {
		l.about(it, model.Error, it.FieldSource(model.Pointer(it.Kind.Key)), "wrong-value",
			fmt.Sprintf("%s of a %s cannot be a reference: it is what the object is known by", it.Kind.Key, it.Kind.Name), "write the name itself")
	}
	l.masks(it, it.Fields, "")
	if it.Kind.Check != nil {
		for _, p := range it.Kind.Check(it.Fields) {
			severity := model.Error
			if p.Warning {
				severity = model.Warning
			}
			l.about(it, severity, it.FieldSource(p.Pointer), "wrong-value", p.Summary, p.Detail)
		}
	}
	for _, p := range it.Kind.Wrong(it.Fields, "", nil) {
		if it.Kind.CalledBy(p) {
			continue // a server can have it from an import: see [check.Names]
		}
		src := it.ValueSource(p.Pointer, p.Member)
		switch d := l.told(src); {
		case d == nil:
			l.about(it, model.Error, src, "wrong-value", member(it, p.Pointer)+" "+p.Summary, p.Detail)
		case d.Detail == "":
			d.Detail = p.Detail
		}
	}
	for _, name := range model.Keys(it.Fields) {
		if f := it.Kind.Fields.Get(name); f != nil && !f.Computed {
			l.value(it, model.Pointer(name), it.Fields[name])
			l.members(it, f, it.Fields[name])
		}
	}
	l.exclusive(it)
}

// told returns the error that a schema has already found in a place, or nil.
func (l *loader) told(src model.Source) *model.Diagnostic {
	i := slices.IndexFunc(l.out, func(d model.Diagnostic) bool {
		return d.Severity == model.Error && d.Source.File == src.File && d.Source.Line == src.Line && d.Source.Col == src.Col
	})
	if i < 0 {
		return nil
	}
	return &l.out[i]
}

// masks takes the values out of a map of an item that its file holds only as a
// mask. An export tells no secrets: what it does not tell stays as it is.
func (l *loader) masks(it *model.Item, m map[string]any, at string) {
	for _, key := range model.Keys(m) {
		pointer := at + model.Pointer(key)
		switch v := m[key].(type) {
		case string:
			if v != model.Mask {
				continue
			}
			l.about(it, model.Warning, it.FieldSource(pointer), "masked",
				member(it, pointer)+" is "+model.Mask+", which Keycloak shows in place of a secret: it is left as it is on the server, or as it makes it in a new object",
				"write ${env:NAME} to set it")
		case map[string]any:
			if len(v) == 0 {
				continue
			}
			if l.masks(it, v, pointer); len(v) > 0 {
				continue
			}
		default:
			continue
		}
		delete(m, key) // an empty map would ask for the defaults
	}
}

// members checks a list of objects that are told apart by name.
func (l *loader) members(it *model.Item, f *model.Field, v any) {
	list, ok := v.([]any)
	if f.Named == "" || !ok {
		return
	}
	at, seen := it.FieldSource(model.Pointer(f.Name)), map[string]bool{}
	for _, e := range list {
		name := f.Member(e)
		if seen[name] {
			l.about(it, model.Error, at, "duplicate", fmt.Sprintf("%s of %s holds %s twice", f.Name, it.Addr, name), "keep one of them")
		}
		seen[name] = true
	}
	for _, name := range f.Holds {
		if !seen[name] {
			l.about(it, model.Error, at, "wrong-value", fmt.Sprintf("%s of %s does not hold %s, which cannot be removed", f.Name, it.Addr, name),
				"the list is complete: add it, or take the whole list out to leave it as it is")
		}
	}
}

// exclusive takes out of each field what the object also has in one that comes
// before and excludes it, as the server does.
func (l *loader) exclusive(it *model.Item) {
	for i, f := range it.Kind.Fields {
		if f.Link == nil || it.Kind.Fields[:i].Get(f.Link.Exclusive) == nil {
			continue
		}
		first, _ := it.Fields[f.Link.Exclusive].([]any)
		list, _ := it.Fields[f.Name].([]any)
		var kept []any
		for _, m := range list {
			if !slices.Contains(first, m) {
				kept = append(kept, m)
				continue
			}
			name := fmt.Sprint(m)
			l.about(it, model.Warning, it.ValueSource(model.Pointer(f.Name), name), "twice",
				fmt.Sprintf("%s in %s is ignored: it is in %s, too", name, member(it, model.Pointer(f.Name)), f.Link.Exclusive), "it can be in one of the two only")
		}
		if len(kept) < len(list) {
			it.Fields[f.Name] = append([]any{}, kept...)
		}
	}
}

func (l *loader) value(it *model.Item, pointer string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range model.Keys(v) {
			l.value(it, pointer+model.Pointer(key), v[key])
		}
	case []any:
		for _, e := range v {
			// The list's own place: canonical sets are not in the file's order.
			l.value(it, pointer, e)
		}
	case model.Reference:
		l.reference(it, pointer, v)
	case string:
		l.string(it, pointer, v)
	}
}

// member returns the name of a value for messages.
func member(it *model.Item, pointer string) string {
	return strings.Join(model.Segments(pointer), ".") + " of " + string(it.Addr)
}

func (l *loader) reference(it *model.Item, pointer string, r model.Reference) {
	for _, name := range r.Names() {
		kind, of, _ := strings.Cut(name, ":")
		if strings.TrimSpace(of) == "" {
			l.about(it, model.Error, it.FieldSource(pointer), "wrong-value",
				fmt.Sprintf("${%s:} in %s refers to nothing", kind, member(it, pointer)), "write ${env:NAME} or ${file:PATH}")
		}
	}
	l.foreign(it, pointer, r.Rest())
}

// foreign reports what another tool would have put a value in for: as it
// stands, nobody can have meant it.
func (l *loader) foreign(it *model.Item, pointer, s string) {
	if f := foreign.FindString(s); f != "" {
		l.about(it, model.Error, it.FieldSource(pointer), "foreign-reference",
			fmt.Sprintf("%s… in %s is not replaced by kcsync", f, member(it, pointer)), "write the value, or ${env:NAME} or ${file:PATH}")
	}
}

func (l *loader) string(it *model.Item, pointer, s string) {
	secret := it.Kind.Fields.SecretAt(pointer)
	switch {
	case s == model.Mask:
		l.about(it, model.Error, it.FieldSource(pointer), "masked",
			member(it, pointer)+" is "+model.Mask+", which Keycloak shows in place of a secret",
			"write ${env:NAME}, or remove the line to leave the secret as it is on the server")
	case foreign.MatchString(s):
		l.foreign(it, pointer, s)
	case secret && strings.HasPrefix(s, "${vault."):
		// Keycloak itself looks there.
	case secret && placeholder.MatchString(s):
		l.about(it, model.Warning, it.FieldSource(pointer), "literal-secret",
			member(it, pointer)+" is a placeholder that is not replaced: its letters become the secret", "write ${env:NAME}")
	case secret && s != "":
		l.about(it, model.Warning, it.FieldSource(pointer), "literal-secret",
			member(it, pointer)+" is a secret that stands in the file", "write ${env:NAME} or ${file:PATH} and keep the value elsewhere")
	}
}
