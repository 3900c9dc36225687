package text

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Encode writes documents as YAML in block style, in the order of their pairs: the same tree gives the same bytes. A string gets
// quotes only where some reader, of YAML 1.1 or 1.2, would take it for something else. Parse reads back what Encode wrote.
// It fails, before writing anything, for what YAML or Parse could not take: invalid UTF-8, infinite numbers, a key twice in a map,
// too deep nesting.
func Encode(w io.Writer, docs ...*Node) error {
	var e encoder
	for i, doc := range docs {
		if i > 0 {
			e.buf.WriteString("---\n")
		}
		e.document(doc)
	}
	if e.err != nil {
		return e.err
	}
	_, err := w.Write(e.buf.Bytes())
	return err
}

type encoder struct {
	buf bytes.Buffer
	err error
}

func (e *encoder) errorf(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf("text: "+format, args...)
	}
}

func (e *encoder) document(n *Node) {
	switch {
	case n.kind() == Map && len(n.Pairs) > 0:
		e.pairs(n, 0, 1)
	case n.kind() == List && len(n.Items) > 0:
		e.items(n, 0, 1)
	default:
		e.buf.WriteString(e.leaf(n, 2))
		e.buf.WriteByte('\n')
	}
}

// pairs writes a map at an indentation, which is already there for the first line.
func (e *encoder) pairs(n *Node, indent, depth int) {
	e.enter(depth)
	seen := make(map[string]bool, len(n.Pairs))
	for i, p := range n.Pairs {
		if e.err != nil {
			return
		}
		if seen[p.Key] {
			e.errorf("the key %q is twice in a map", p.Key)
		}
		seen[p.Key] = true
		if i > 0 {
			e.indent(indent)
		}
		// A key longer than 1024 characters needs the long form, says YAML; escapes count.
		if key := e.inline(p.Key); utf8.RuneCountInString(key) <= 1000 {
			e.buf.WriteString(key)
		} else {
			e.buf.WriteString("? " + quote(p.Key) + "\n")
			e.indent(indent)
		}
		e.buf.WriteByte(':')
		switch v := p.Value; {
		case v.kind() == Map && len(v.Pairs) > 0:
			e.buf.WriteByte('\n')
			e.indent(indent + 2)
			e.pairs(v, indent+2, depth+1)
		case v.kind() == List && len(v.Items) > 0:
			e.buf.WriteByte('\n')
			e.indent(indent + 2)
			e.items(v, indent+2, depth+1)
		default:
			e.buf.WriteString(" " + e.leaf(v, indent+2) + "\n")
		}
	}
}

// items writes a list the way pairs writes a map.
func (e *encoder) items(n *Node, indent, depth int) {
	e.enter(depth)
	for i, v := range n.Items {
		if e.err != nil {
			return
		}
		if i > 0 {
			e.indent(indent)
		}
		e.buf.WriteString("- ")
		switch {
		case v.kind() == Map && len(v.Pairs) > 0:
			e.pairs(v, indent+2, depth+1)
		case v.kind() == List && len(v.Items) > 0:
			e.items(v, indent+2, depth+1)
		default:
			e.buf.WriteString(e.leaf(v, indent+2) + "\n")
		}
	}
}

func (e *encoder) indent(n int) {
	for range n {
		e.buf.WriteByte(' ')
	}
}

func (e *encoder) enter(depth int) {
	if depth > MaxDepth {
		e.errorf("maps and lists are nested more than %d levels deep", MaxDepth)
	}
}

// leaf spells a scalar, an empty map or an empty list. The lines of a block of text get the given indentation.
func (e *encoder) leaf(n *Node, indent int) string {
	switch n.kind() {
	case Map:
		return "{}"
	case List:
		return "[]"
	}
	if n == nil || n.Value == nil {
		return "null"
	}
	switch v := n.Value.(type) {
	case string:
		if literal(v) {
			return block(v, indent)
		}
		return e.inline(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			e.errorf("%v is not a number that a file can hold", v)
		}
	case bool, int64:
	default:
		e.errorf("%T is not the type of a scalar", v)
	}
	return n.Text()
}

// inline spells a string on one line.
func (e *encoder) inline(s string) string {
	switch {
	case !utf8.ValidString(s):
		e.errorf("%q is not valid UTF-8", s)
		return `""`
	case plain(s):
		return s
	case !strings.ContainsAny(s, `"\`) || strings.ContainsFunc(s, func(r rune) bool { return r == '\t' || !printable(r) }):
		return quote(s)
	}
	// In single quotes only the quote itself is doubled; that reads better than backslashes.
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// odd matches text of digits and signs that some reader takes for a number, a time or a date. It knows the spellings of YAML 1.1 too:
// 0b1, 0x1f, 017, 1_000, 190:20:30, 2001-12-14 21:59:43.
var odd = regexp.MustCompile(`^(` +
	`[-+]?([0-9][0-9_]*)?\.?[0-9_]*([eE][-+]?[0-9_]*)?` + // integers and floats
	`|[-+]?0b[01_]*|[-+]?0o[0-7_]*|[-+]?0[xX][0-9a-fA-F_]*` +
	`|[-+]?[0-9][0-9_]*(:[0-9]{1,2})+(\.[0-9_]*)?` + // base 60
	`|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)` +
	`|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?` +
	`)$`)

// plain reports whether a string needs no quotes.
func plain(s string) bool {
	if s == "" {
		return false
	}
	switch strings.ToLower(s) {
	case "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<":
		return false
	}
	switch c := s[0]; {
	case c == '-':
		// "-foo" is text, "- foo" a list, "---" the end of the document.
		if len(s) < 2 || !isAlnum(s[1]) {
			return false
		}
	case strings.IndexByte("?:,[]{}#&*!|>'\"%@`", c) >= 0, strings.HasPrefix(s, "..."):
		return false
	}
	if strings.IndexByte("+-.0123456789", s[0]) >= 0 && odd.MatchString(s) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.IsSpace(first) || unicode.IsSpace(last) || last == ':' {
		return false
	}
	if strings.Contains(s, ": ") || strings.Contains(s, " #") {
		return false
	}
	for _, r := range s {
		if r == '\t' || !printable(r) {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// quote spells a string in double quotes. Only what YAML cannot hold is escaped: umlauts and emoji are for people.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if r == '"' || r == '\\' || r == '\t' || !printable(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escape spells a character for double quotes.
func escape(r rune) string {
	switch r {
	case '"', '\\':
		return `\` + string(r)
	case '\n':
		return `\n`
	case '\t':
		return `\t`
	case '\r':
		return `\r`
	}
	if r < 0x100 {
		return fmt.Sprintf(`\x%02X`, r)
	}
	return fmt.Sprintf(`\u%04X`, r) // printable refuses nothing beyond four digits
}

// literal reports whether a string is best written as a block of lines: it has more than one, and neither a character nor an end
// that a block cannot hold. Blank lines at the end would need "|+", and the next editor removes them.
func literal(s string) bool {
	text := strings.TrimSuffix(s, "\n")
	if !strings.Contains(s, "\n") || text == "" || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r != '\n' && !printable(r) {
			return false
		}
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return strings.Trim(last, " \t") != ""
}

// block spells a string that is literal.
func block(s string, indent int) string {
	var b strings.Builder
	b.WriteByte('|')
	// Readers guess the indentation from the first line, so one that starts with space needs it said.
	if strings.IndexByte(" \t\n", s[0]) >= 0 {
		b.WriteString(strconv.Itoa(2))
	}
	text, closed := strings.CutSuffix(s, "\n")
	if !closed {
		b.WriteByte('-')
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteByte('\n')
		if line != "" {
			b.WriteString(strings.Repeat(" ", indent))
			b.WriteString(line)
		}
	}
	return b.String()
}
