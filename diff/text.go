package diff

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kcsync/kcsync/model"
)

// TextOptions are how a plan is written for people.
type TextOptions struct {
	// Color adds colour; the signs say the same without.
	Color bool
	// Verbose shows long values and long lists whole.
	Verbose bool
	// Source is where the files are; "" is "the files".
	Source string
}

// Text writes the plan for people.
func (p *Plan) Text(w io.Writer, o TextOptions) error { return p.View().Text(w, o) }

// Text writes the view for people.
func (v *View) Text(w io.Writer, o TextOptions) error {
	t := &textWriter{o: o}
	t.head(v)
	for _, b := range blocks(v.Changes) {
		t.b.WriteByte('\n')
		t.block(b, 0)
	}
	t.b.WriteByte('\n')
	t.foot(v)
	_, err := w.Write(t.b.Bytes())
	return err
}

// block is an object in the text, with what changes of it and below it.
type block struct {
	addr     model.Address
	change   *ViewChange   // nil: only what is below it changes
	parts    []*ViewChange // it and, where it was cut, the others, in their order
	children []*block
}

// blocks groups changes by object, objects below the one they are part of.
// Trees stay flat: what is below a group is not part of it.
func blocks(changes []ViewChange) []*block {
	at := map[model.Address]*block{}
	var roots []*block
	var get func(a model.Address) *block
	get = func(a model.Address) *block {
		if b := at[a]; b != nil {
			return b
		}
		b := &block{addr: a}
		at[a] = b
		parent := model.ParentOf(a)
		if parent == "" || model.KindOf(parent) == model.KindOf(a) {
			roots = append(roots, b)
		} else {
			up := get(parent)
			up.children = append(up.children, b)
		}
		return b
	}
	for i := range changes {
		c := &changes[i]
		b := get(c.Address)
		b.parts = append(b.parts, c)
		if !c.Late {
			b.change = c
		}
	}
	order := func(a, b *block) int { return model.CompareAddresses(a.addr, b.addr) }
	for _, b := range at {
		slices.SortFunc(b.children, order)
	}
	slices.SortFunc(roots, order)
	return roots
}

// signs of the actions.
var signs = map[Action]string{Create: "+", Update: "~", Delete: "-", Replace: "-/+", Move: ">"}

// Colours, as the parameters of an ANSI sequence.
const (
	red, green, yellow, magenta, cyan = "31", "32", "33", "35", "36"
	faint, bold                       = "2", "1"
)

var colours = map[string]string{"+": green, "~": yellow, "-": red, "-/+": magenta, ">": cyan, "!": yellow}

// noteColumn is where what is said beside a line begins.
const noteColumn = 56

type textWriter struct {
	o TextOptions
	b bytes.Buffer
}

func (t *textWriter) paint(colour, s string) string {
	if !t.o.Color || colour == "" || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// line writes a line: indented, with a sign, and a note beside it.
func (t *textWriter) line(indent int, sign, text, note string) {
	width := indent + utf8.RuneCountInString(text)
	t.b.WriteString(strings.Repeat(" ", indent))
	if sign != "" {
		t.b.WriteString(t.paint(colours[sign], sign))
		t.b.WriteByte(' ')
		width += len(sign) + 1
	}
	t.b.WriteString(text)
	if note != "" {
		t.b.WriteString(strings.Repeat(" ", max(2, noteColumn-width)))
		t.b.WriteString(t.paint(faint, plain(note)))
	}
	t.b.WriteByte('\n')
}

func (t *textWriter) head(v *View) {
	on := ""
	if v.Server.URL != "" {
		on = " on " + plain(v.Server.URL)
	}
	if v.Server.Version != "" {
		on += " (Keycloak " + plain(v.Server.Version) + ")"
	}
	t.line(0, "", t.paint(bold, "Realm "+plain(v.Realm))+on, "")
	in := cmp.Or(t.o.Source, "the files")
	server := fmt.Sprintf(", %d on the server", v.Objects.Current)
	for _, c := range v.Changes {
		if c.Action == Create && c.Kind == model.Realm.Name {
			server = "; the realm is not on the server yet"
		}
	}
	t.line(0, "", count(v.Objects.Desired, "object")+" in "+plain(in)+server, "")
}

func (t *textWriter) block(b *block, depth int) {
	indent := 2 * depth
	name := string(b.addr)
	if depth > 0 {
		name = strings.TrimPrefix(name, string(model.ParentOf(b.addr))+"/")
	}
	name = plain(name)
	c := b.change
	if c == nil && len(b.parts) > 0 {
		c = &ViewChange{Action: Update, Source: b.parts[0].Source}
	}
	if c == nil {
		t.line(indent+2, "", name, "")
	} else {
		t.line(indent, signs[c.Action], name, beside(c))
		for _, part := range b.parts {
			if part == c {
				t.change(c, indent+4)
				continue
			}
			for _, e := range part.Edits {
				t.edit(e, indent+4, part.Reason)
			}
		}
		for _, i := range c.Impact {
			t.line(indent+4, "!", i.text(), "")
		}
	}
	for _, child := range b.children {
		t.block(child, depth+1)
	}
}

// beside returns what is said on the line of an object.
func beside(c *ViewChange) string {
	switch {
	case c.From != "" && model.ParentOf(c.From) == c.Parent:
		return strings.TrimSuffix("renamed from "+string(c.From)+" (previously:); "+c.Reason, "; ")
	case c.From != "":
		return strings.TrimSuffix("moved from "+string(c.From)+" (previously:); "+c.Reason, "; ")
	case c.Reason != "":
		return c.Reason
	case c.Source != nil:
		return c.Source.String()
	}
	return ""
}

// String returns the place as editors and terminals take it: file:line.
func (s *ViewSource) String() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

func (t *textWriter) change(c *ViewChange, indent int) {
	if c.Action == Create || c.Action == Replace {
		for _, f := range c.Fields {
			t.field(f, indent)
		}
		return
	}
	for _, e := range c.Edits {
		if c.Action == Move && e.Path == keyPath(c) {
			continue // it is in the name
		}
		t.edit(e, indent, "")
	}
}

// keyPath returns the pointer of the field that a rename changes.
func keyPath(c *ViewChange) string {
	if k := model.Lookup(c.Kind); k != nil {
		return model.Pointer(k.Key)
	}
	return ""
}

// field writes a field of an object to be created.
func (t *textWriter) field(f ViewField, indent int) {
	name := plain(dotted(f.Path))
	if f.Tree != nil {
		t.line(indent, "", name+":", "")
		t.tree(f.Tree, indent+2)
		return
	}
	list := elements(f.Value)
	text := inline(f.Value)
	if _, isMap := f.Value.(map[string]any); isMap && list != nil {
		text = strings.Join(list, ", ")
	}
	switch {
	case utf8.RuneCountInString(text) <= inlineWidth:
		t.line(indent, "", name+": "+text, "")
	case list != nil:
		t.line(indent, "", name+":", "")
		for _, e := range list {
			t.line(indent+2, "", t.short(e), "")
		}
	default:
		t.line(indent, "", name+": "+t.short(text), "")
	}
}

func (t *textWriter) short(s string) string {
	if t.o.Verbose {
		return s
	}
	return shorten(s)
}

// edit writes what differs in a field.
func (t *textWriter) edit(e ViewEdit, indent int, note string) {
	name := plain(dotted(e.Path))
	if e.Secret {
		t.line(indent, "", name+": "+secretly(e.After), note)
		return
	}
	if e.Tree != nil {
		t.line(indent, "", name+":", note)
		t.tree(e.Tree, indent+2)
		return
	}
	before, after := elements(e.Before), elements(e.After)
	if lines := onlyChanged(lineDiff(before, after)); len(lines) > 0 && !comesOrGoes(e) {
		t.line(indent, "", name+":", note)
		t.lines(indent+2, lines)
		return
	}
	x, y := inline(e.Before), inline(e.After)
	a, b := full(e.Before), full(e.After)
	long := len(x) > inlineWidth || len(y) > inlineWidth
	switch {
	case comesOrGoes(e) && !t.o.Verbose:
		t.line(indent, "", name+": "+shorten(x)+" -> "+shorten(y), note)
	case len(a) > 1 || len(b) > 1:
		t.line(indent, "", name+":", note)
		diff := lineDiff(a, b)
		if !t.o.Verbose {
			diff = nearby(diff)
		}
		t.lines(indent+2, diff)
	case long, len(x)+len(y) > inlineWidth:
		if long && !t.o.Verbose {
			x, y = around(x, y)
		}
		t.line(indent, "", name+":", note)
		t.line(indent+2, "-", x, "")
		t.line(indent+2, "+", y, "")
	default:
		t.line(indent, "", name+": "+x+" -> "+y, note)
	}
}

// comesOrGoes reports whether a map is there on one side only, where an empty
// one is not the same as none.
func comesOrGoes(e ViewEdit) bool {
	return e.Before == nil && object(e.After) != nil || object(e.Before) != nil && e.After == nil
}

// secretly says that a secret changes, and at most where it comes from.
func secretly(after any) string {
	switch after.(type) {
	case nil:
		return "(secret, removed)"
	case Hidden:
		return "(secret, changed)"
	}
	return "(secret, changed) " + inline(after)
}

func (t *textWriter) lines(indent int, l []line) {
	for _, s := range l {
		sign := string(s.sign)
		if s.sign == ' ' {
			t.line(indent+2, "", t.short(plain(s.text)), "")
			continue
		}
		t.line(indent, sign, t.short(plain(s.text)), "")
	}
}

// elements returns the members of a list, or of a map of lists with their
// keys; nil for what is neither.
func elements(v any) []string {
	out := []string{}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, inline(e))
		}
		return out
	case map[string]any:
		for _, key := range model.Keys(v) {
			l, ok := v[key].([]any)
			if !ok {
				return nil
			}
			for _, e := range l {
				out = append(out, plain(key)+": "+inline(e))
			}
		}
		return out
	}
	return nil
}

// full returns the lines of a text that has several, and of a map that is
// long; one line for all else.
func full(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return strings.Split(v, "\n")
	case map[string]any:
		if len(compact(v)) > inlineWidth {
			return jsonLines(v, "  ")
		}
	}
	return []string{inline(v)}
}

func (n ViewNote) text() string {
	s := n.Summary
	if n.Detail != "" {
		s += "; " + n.Detail
	}
	return plain(s)
}

func (t *textWriter) foot(v *View) {
	t.unmanaged(v.Unmanaged)
	said := map[string]int{} // by code
	for _, n := range v.Notes {
		if said[n.Code]++; said[n.Code] > manyNotes && !t.o.Verbose {
			continue
		}
		about := ""
		if n.Address != "" {
			about = plain(string(n.Address)) + ": "
		}
		place := ""
		if n.Source != nil {
			place = " (" + plain(n.Source.String()) + ")"
		}
		t.line(0, "", n.Severity+": "+about+n.text()+t.paint(faint, place), "")
	}
	for _, code := range model.Keys(said) {
		if n := said[code] - manyNotes; n > 0 && !t.o.Verbose {
			t.line(0, "", fmt.Sprintf("note: and %d more of the sort %q; --verbose shows them", n, code), "")
		}
	}
	if len(v.Changes) == 0 {
		switch n := v.Objects.Unchanged; n {
		case 1:
			t.line(0, "", t.paint(bold, "No changes.")+" 1 object is as the files say.", "")
		default:
			t.line(0, "", t.paint(bold, "No changes.")+fmt.Sprintf(" %d objects are as the files say.", n), "")
		}
		return
	}
	var todo []string
	for _, a := range []struct {
		n    int
		word string
	}{
		{v.Summary.Create, "create"}, {v.Summary.Update, "update"}, {v.Summary.Move, "move"},
		{v.Summary.Replace, "replace"}, {v.Summary.Delete, "delete"},
	} {
		if a.n > 0 {
			todo = append(todo, fmt.Sprintf("%d to %s", a.n, a.word))
		}
	}
	t.line(0, "", t.paint(bold, "Plan:")+fmt.Sprintf(" %s; %d unchanged", strings.Join(todo, ", "), v.Objects.Unchanged), "")
}

// manyNotes is how many notes of one sort are shown.
const manyNotes = 3

// manyUnmanaged is from how many on objects in no file are only counted.
const manyUnmanaged = 10

func (t *textWriter) unmanaged(l []model.Address) {
	if len(l) == 0 {
		return
	}
	n := map[*model.Kind]int{}
	for _, a := range l {
		n[model.KindOf(a)]++
	}
	var counts []string
	for _, k := range model.Kinds() {
		if n[k] > 0 {
			counts = append(counts, count(n[k], k.Name))
		}
	}
	hint := ""
	if len(l) > manyUnmanaged && !t.o.Verbose {
		hint = " (--verbose names them)"
	}
	t.line(0, "", "Not managed: "+strings.Join(counts, ", ")+" on the server and in no file"+hint, "")
	if hint == "" {
		for _, a := range l {
			t.line(4, "", plain(string(a)), "")
		}
	}
}
