package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader is a recursive descent parser. It goes on after the mistakes people make in JSON (comments, trailing and missing commas,
// single quotes, bare words), and gives up where the structure is lost.
//
// Here as in the YAML reader, messages show keys but never values: a value may be a password.
type jsonReader struct {
	file string
	src  string
	off  int
	cur  cursor
	errs []SyntaxError
}

func parseJSON(file, src string) ([]*Node, []SyntaxError) {
	r := &jsonReader{file: file, src: src, cur: cursor{src: src}}
	if r.peek() == 0 {
		return nil, r.errs
	}
	n, ok := r.value(1)
	if !ok {
		return nil, r.errs
	}
	if r.peek() != 0 {
		r.errorf(r.pos(), "put several values into one list in brackets", "there is more text after the end of the JSON value")
	}
	return []*Node{n}, r.errs
}

func (r *jsonReader) pos() Pos { return r.cur.at(r.off) }

func (r *jsonReader) errorf(p Pos, hint, format string, args ...any) {
	r.errs = append(r.errs, SyntaxError{r.file, p, fmt.Sprintf(format, args...), hint})
}

// peek skips space and comments and returns the next byte, 0 at the end. A NUL in the text cannot be: check refuses it.
func (r *jsonReader) peek() byte {
	for r.off < len(r.src) {
		switch c := r.src[r.off]; c {
		case ' ', '\t', '\n', '\r':
			r.off++
		case '#', '/':
			rest := r.src[r.off:]
			end := strings.IndexAny(rest, "\r\n")
			switch {
			case strings.HasPrefix(rest, "/*"):
				if end = strings.Index(rest, "*/"); end >= 0 {
					end += 2
				}
			case c == '/' && !strings.HasPrefix(rest, "//"):
				return c
			}
			r.errorf(r.pos(), "remove it, or make the file a .yaml one, where comments start with #", "JSON has no comments")
			if end < 0 {
				end = len(rest)
			}
			r.off += end
		default:
			return c
		}
	}
	return 0
}

func (r *jsonReader) value(depth int) (*Node, bool) {
	c := r.peek()
	n := &Node{Pos: r.pos()}
	switch {
	case c == '{' || c == '[':
		if depth > MaxDepth {
			r.errorf(n.Pos, "", "maps and lists are nested more than %d levels deep", MaxDepth)
			return nil, false
		}
		if c == '{' {
			return n, r.object(n, depth)
		}
		return n, r.list(n, depth)
	case c == '"' || c == '\'':
		s, ok := r.str()
		n.Value = s
		return n, ok
	case c == 0:
		r.errorf(n.Pos, "the file may be cut off", "a value is missing at the end of the file")
		return nil, false
	}
	word := r.word()
	if word == "" {
		_, size := utf8.DecodeRuneInString(r.src[r.off:])
		r.errorf(n.Pos, "", "expected a value, found %q", r.src[r.off:r.off+size])
		return nil, false
	}
	switch word {
	case "true":
		n.Value = true
	case "false":
		n.Value = false
	case "null":
	default:
		if v, ok := number(word); ok {
			n.Value, n.raw = v, word
			break
		}
		n.Value = word
		switch {
		case isNumber(word):
			r.errorf(n.Pos, hugeHint, hugeProblem)
		case strings.Trim(word, "+-.0123456789") == "":
			r.errorf(n.Pos, hugeHint, "this is not how JSON writes a number")
		default:
			r.errorf(n.Pos, "put text in double quotes; the only bare words are true, false and null", "this is not a JSON value")
		}
	}
	return n, true
}

// word takes a number or a bare word.
func (r *jsonReader) word() string {
	start := r.off
	for r.off < len(r.src) {
		c := r.src[r.off]
		if c < utf8.RuneSelf && !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("+-._$", c) >= 0) {
			break
		}
		r.off++
	}
	return r.src[start:r.off]
}

func (r *jsonReader) object(n *Node, depth int) bool {
	n.Kind = Map
	seen := make(map[string]Pos)
	return r.elements(n.Pos, '{', '}', func(c byte) bool {
		at := r.pos()
		var key string
		if c == '"' || c == '\'' {
			var ok bool
			if key, ok = r.str(); !ok {
				return false
			}
		} else if key = r.word(); key != "" {
			r.errorf(at, "put it in double quotes", "this key has no quotes")
		} else {
			r.errorf(at, "put keys in double quotes", "expected a key")
			return false
		}
		if r.peek() != ':' {
			r.errorf(r.pos(), "write \"key\": value", "a colon is missing after the key")
			return false
		}
		r.off++
		v, ok := r.value(depth + 1)
		if !ok {
			return false
		}
		if first, dup := seen[key]; dup {
			r.errs = append(r.errs, duplicate(r.file, key, at, first))
			return true
		}
		seen[key] = at
		n.Pairs = append(n.Pairs, Pair{key, at, v})
		return true
	})
}

func (r *jsonReader) list(n *Node, depth int) bool {
	n.Kind = List
	return r.elements(n.Pos, '[', ']', func(byte) bool {
		v, ok := r.value(depth + 1)
		n.Items = append(n.Items, v)
		return ok
	})
}

// elements reads what stands between two brackets and is separated by commas; element reads one, which starts with the byte c.
func (r *jsonReader) elements(start Pos, open, end byte, element func(c byte) bool) bool {
	r.off++
	comma := true // at the start none is needed
	var at Pos    // of the last comma
	for first := true; ; {
		c := r.peek()
		switch {
		case c == 0:
			r.errorf(start, "the file may be cut off", "this %q is not closed", open)
			return false
		case c == end:
			if comma && !first {
				r.errorf(at, "remove the comma", "there is a comma after the last element")
			}
			r.off++
			return true
		case c == ']' || c == '}':
			r.errorf(r.pos(), fmt.Sprintf("it closes the %q at line %d, column %d", open, start.Line, start.Col), "found %q instead of %q", c, end)
			return false
		case c == ',':
			if comma {
				r.errorf(r.pos(), "remove the comma or write the element", "there is no element before this comma")
			}
			at = r.pos()
			comma, first = true, false
			r.off++
		default:
			if !comma {
				r.errorf(r.pos(), "", "a comma is missing before this element")
			}
			if !element(c) {
				return false
			}
			comma, first = false, false
		}
	}
}

// str takes a string; it accepts single quotes, with a complaint.
func (r *jsonReader) str() (string, bool) {
	start, quote := r.pos(), r.src[r.off]
	if quote == '\'' {
		r.errorf(start, "write double quotes", "JSON has no single quotes")
	}
	r.off++
	var b []byte
	for r.off < len(r.src) {
		switch c := r.src[r.off]; {
		case c == quote:
			r.off++
			return string(b), true
		case c == '\n' || c == '\r':
			r.errorf(start, `close it on its line; a line break in it is written \n`, "the string is not closed")
			return "", false
		case c < ' ':
			r.errorf(r.pos(), fmt.Sprintf(`write it as \u%04x`, c), "a control character stands in a string")
			b = append(b, c)
			r.off++
		case c == '\\':
			b = r.escaped(b)
		default:
			b = append(b, c)
			r.off++
		}
	}
	r.errorf(start, "the file may be cut off", "the string is not closed")
	return "", false
}

// escaped takes one escape sequence, a pair of surrogates being one.
func (r *jsonReader) escaped(b []byte) []byte {
	at := r.pos()
	rest := r.src[r.off:]
	if len(rest) < 2 {
		r.off = len(r.src)
		return b
	}
	if rest[1] == 'u' {
		c, ok := hex4(rest)
		if ok && !utf16.IsSurrogate(c) {
			r.off += 6
			return utf8.AppendRune(b, c)
		}
		if low, lowOK := hex4(rest[min(6, len(rest)):]); ok && lowOK {
			if pair := utf16.DecodeRune(c, low); pair != utf8.RuneError {
				r.off += 12
				return utf8.AppendRune(b, pair)
			}
		}
		if ok {
			r.errorf(at, "", "%s is half of a character", rest[:6])
			r.off += 6
		} else {
			r.errorf(at, "", `\u is not followed by four hexadecimal digits`)
			r.off += 2
		}
		return b
	}
	const codes, values = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(codes, rest[1]); i >= 0 {
		r.off += 2
		return append(b, values[i])
	}
	r.errorf(at, `write \\ for a backslash`, "unknown escape in a string")
	r.off++
	return append(b, '\\')
}

// hex4 reads the escape of a character, \u and four hexadecimal digits, at the start of s.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` || strings.Trim(s[2:6], "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}

// duplicate is the error of both formats for a key that a map has twice.
func duplicate(file, key string, at, first Pos) SyntaxError {
	return SyntaxError{file, at, fmt.Sprintf("the key %q is already given at %s:%d:%d", shorten(key), file, first.Line, first.Col), "keep one of them"}
}

// shorten keeps a message readable whatever the key.
func shorten(key string) string {
	const most = 80
	if len(key) <= most {
		return key
	}
	return strings.ToValidUTF8(key[:most], "") + "..."
}
