package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// report turns failures into diagnostics.
type report struct {
	kind   *model.Kind
	schema map[string]any
	file   string
	doc    *text.Node
	at     string
	node   *text.Node
	out    model.Diagnostics
}

func (r *report) add(pointer, code, summary, detail string) {
	r.out = append(r.out, model.Diagnostic{
		Code: code, Summary: summary, Detail: detail,
		Source: model.SourceOf(r.file, r.doc, pointer),
	})
}

// object names an object for people: client "shop-web".
func (r *report) object(p place) string {
	if k := model.Lookup(p.title); k != nil && p.path == nil && k.Key != "" {
		if name := r.doc.At(p.pointer + model.Pointer(k.Key)).Text(); name != "" {
			return k.Name + " " + quote(name)
		}
	}
	return p.holder()
}

func (r *report) unknown(p place, names []string) {
	slices.Sort(names)
	if r.misplaced(p, names) {
		return
	}
	for _, name := range names {
		if p.schema["patternProperties"] != nil {
			r.add(p.pointer+model.Pointer(name), "wrong-value", "a name in "+p.holder()+" is empty", "an object is known by its name; give it one")
			continue
		}
		r.add(p.pointer+model.Pointer(name), "unknown-field",
			fmt.Sprintf("unknown field %s in %s", quote(name), p.holder()), r.meant(p, name))
	}
}

// meant says what to write in place of an unknown field.
func (r *report) meant(p place, name string) string {
	near := model.Nearest(name, p.written())
	owners := owners(name)
	if len(owners) > 0 && !strings.HasPrefix(near, name) && !strings.HasPrefix(name, near) {
		near = "" // it is spelled well, but stands in the wrong place
	}
	switch {
	case name == model.Previously:
		return "an object of this kind has no name that could change"
	case near != "" && len(owners) > 0:
		return fmt.Sprintf("did you mean %s? (%s is a field of %s)", quote(near), quote(name), join(owners, "and"))
	case near != "":
		return fmt.Sprintf("did you mean %s?", quote(near))
	case len(owners) > 0:
		return fmt.Sprintf("it is a field of %s", join(owners, "and"))
	case model.Lookup(p.title) == nil || len(p.path) > 0:
		return "known here: " + join(p.written(), "and")
	}
	return fmt.Sprintf("remove it; the fields are those of Keycloak's %s", model.Lookup(p.title).Class)
}

// owners returns the kinds that have a field of that name.
func owners(name string) []string {
	var out []string
	for _, k := range model.Kinds() {
		f := k.Fields.Get(name)
		inside := slices.ContainsFunc(k.Children(), func(c *model.Kind) bool {
			return slices.ContainsFunc(c.Places, func(p model.Place) bool {
				return p.In == name && (p.Parent == k.Name || p.Parent == "" && k == model.Realm)
			})
		})
		if f != nil && !f.Computed || inside {
			out = append(out, k.Name)
		}
	}
	return out
}

// misplaced recognizes an object of another kind where a realm's fragment
// should be. One such error is better than one for each of its fields.
func (r *report) misplaced(p place, names []string) bool {
	if r.kind != model.Realm || p.pointer != r.at {
		return false
	}
	var kinds, folders, lists []string
	for _, k := range Kinds() {
		if k == model.Realm || r.node.Get(k.Key) == nil {
			continue
		}
		known := fieldsOf(k)
		if !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(known, n) }) {
			kinds = append(kinds, article(k.Name))
			folders = append(folders, k.Folder+"/")
			lists = append(lists, k.Place("").In)
		}
	}
	if kinds == nil {
		return false
	}
	r.add(p.pointer, "misplaced", "this is "+join(kinds, "or")+", not a part of a realm",
		fmt.Sprintf("put the file into %s, or the object into a list under %s", join(folders, "or"), join(lists, "or")))
	return true
}

// fieldsOf returns the names that may stand in an object of a kind.
func fieldsOf(k *model.Kind) []string {
	b := builder{defs: map[string]any{}}
	return model.Keys(b.object(k)["properties"].(map[string]any))
}

func (r *report) missing(p place, names []string) {
	node := r.doc.At(p.pointer)
	for _, name := range names {
		// A misspelt field is reported as such.
		if slices.ContainsFunc(node.Pairs, func(pair text.Pair) bool {
			return !slices.Contains(p.fields(), pair.Key) && model.Nearest(pair.Key, p.written()) == name
		}) {
			continue
		}
		detail := "add it"
		if f := r.fieldAt(p, name); f != nil && f.Ref != "" {
			detail = "add the name of " + article(f.Ref)
		}
		r.add(p.pointer, "missing-field", fmt.Sprintf("missing field %s in %s", quote(name), r.object(p)), detail)
	}
}

func (r *report) fieldAt(p place, name string) *model.Field {
	if k := model.Lookup(p.title); k != nil && p.path == nil {
		return k.Fields.Get(name)
	}
	return nil
}

func (r *report) notOneOf(p place, want []any) {
	var allowed []string
	for _, w := range want {
		s, ok := w.(string)
		// Variants in case are for old files, and the empty text says nothing.
		if ok && s != "" && !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, s) }) {
			allowed = append(allowed, s)
		}
	}
	got := r.doc.At(p.pointer)
	detail := ""
	if near := model.Nearest(got.Text(), allowed); near != "" {
		detail = fmt.Sprintf("did you mean %s?", quote(near))
	}
	if _, ok := model.ParseReference(got.Text()); ok {
		detail = onlyText
	}
	r.add(p.pointer, "wrong-value", fmt.Sprintf("%s must be %s, not %s", p.name(), join(allowed, "or"), show(got)), detail)
}

const onlyText = "a reference such as ${env:NAME} can only stand for text; write the value"

// wrong reports a value of the wrong type.
func (r *report) wrong(p place) {
	got := r.doc.At(p.pointer)
	name := p.name()
	if name == "" {
		name = article(p.title)
		if p.pointer == r.at && r.kind == model.Realm {
			name = "a part of a realm"
		}
	}
	want := wanted(p.schema)
	switch {
	case got.Kind == text.Scalar && got.Value == nil:
		r.add(p.pointer, "wrong-type", name+" is empty", filled(p, want))
		return
	case want == aName && got.Kind == text.Scalar:
		r.add(p.pointer, "wrong-value", name+" is empty", "an object is known by its name; give it one")
		return
	}
	// The value itself is shown only where it cannot be a secret that stands
	// in the wrong place.
	is, detail := sortOf(got), ""
	if want == aNumber || want == aBoolean {
		is = show(got)
		if _, ok := model.ParseReference(got.Text()); ok {
			detail = onlyText
		} else if want == aNumber {
			detail = unit(p.name())
		}
	}
	r.add(p.pointer, "wrong-type", fmt.Sprintf("%s must be %s, not %s", name, want, is), detail)
}

// What a schema wants, in words.
const (
	aList    = "a list"
	aMap     = "a map"
	aNumber  = "a whole number"
	aBoolean = "true or false"
	aName    = "a name"
	someText = "text"
)

func wanted(s map[string]any) string {
	p := place{schema: s}
	switch {
	case p.takes("array"):
		return aList
	case p.takes("integer"):
		return aNumber
	case s["pattern"] == booleanText:
		return aBoolean
	case s["pattern"] != nil:
		return aName
	case p.takes("string"):
		return someText
	}
	return aMap
}

// filled says what to write where nothing stands.
func filled(p place, want string) string {
	leave := ", or take the line out to leave it as it is"
	if len(p.path) > 1 {
		leave = ", or remove the line"
	}
	switch {
	case p.path == nil:
		return "write the object, or remove the entry"
	case want == aList:
		return "write [] for none" + leave
	case want == aMap:
		return "write {} for none" + leave
	case p.index[len(p.index)-1]:
		return "remove the entry"
	}
	return "give it a value"
}

// unit says in which unit a number counts.
func unit(name string) string {
	for _, end := range []string{"MilliSeconds", "Seconds"} {
		if strings.HasSuffix(name, end) {
			return "it counts " + strings.ToLower(end)
		}
	}
	for _, part := range []string{"Lifespan", "IdleTimeout", "Timeout", "Period"} {
		if strings.Contains(name, part) {
			return "it counts seconds"
		}
	}
	return ""
}

// sortOf says what sort of value a node is.
func sortOf(n *text.Node) string {
	switch n.Kind {
	case text.Map:
		return "a map"
	case text.List:
		return "a list"
	}
	switch n.Value.(type) {
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case nil:
		return "nothing"
	}
	return "text"
}

// show returns a value as the file holds it.
func show(n *text.Node) string {
	if n.Kind != text.Scalar {
		return sortOf(n)
	}
	if s, ok := n.Value.(string); ok {
		return quote(s)
	}
	if n.Value == nil {
		return "nothing"
	}
	return n.Text()
}

// quote quotes a word, shortened when it is long.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// article puts the article before a kind's name.
func article(name string) string {
	if name != "" && strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// join joins words: "a, b or c".
func join(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
