package text

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBad is after how many bad characters a file is given up: it is in another encoding altogether.
const maxBad = 10

// check finds what no parser can read, before one stumbles over it without saying where: other encodings, binary data and, for YAML,
// characters that it does not allow or that it takes for line breaks while editors do not. It returns the text without byte order mark.
func check(file string, data []byte, yaml bool) (string, []SyntaxError) {
	fail := func(p Pos, problem, hint string) []SyntaxError {
		return []SyntaxError{{file, p, problem, hint}}
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return "", fail(Pos{1, 1}, "the file is encoded in UTF-16", "save it as UTF-8")
	}
	src := strings.TrimPrefix(string(data), "\ufeff")
	var errs []SyntaxError
	c := cursor{src: src}
	for i, r := range src {
		// Nearly everything is plain text; the cursor is asked only about the rest.
		if r >= ' ' && r < 0x7f || r == '\n' || r == '\t' || r == '\r' {
			continue
		}
		if r == 0 {
			return "", fail(c.at(i), "a NUL byte: this is binary data or UTF-16, not text", "save the file as UTF-8 text")
		}
		if r == utf8.RuneError && strings.HasPrefix(src[i:], "\ufffd") {
			continue
		}
		if r != utf8.RuneError && (!yaml || printable(r)) {
			continue
		}
		if len(errs) == maxBad {
			break
		}
		if r == utf8.RuneError {
			errs = append(errs, fail(c.at(i), fmt.Sprintf("the byte 0x%02X is not valid UTF-8", src[i]), "save the file as UTF-8")...)
		} else {
			errs = append(errs, fail(c.at(i), fmt.Sprintf("the invisible character U+%04X is not allowed", r),
				fmt.Sprintf("remove it, or write it as %s in double quotes", escape(r)))...)
		}
	}
	return src, errs
}

// printable reports whether a character may stand in YAML text as it is and is no line break for anybody. Tab is.
func printable(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t'
	case r < 0xa0:
		return r < 0x7f
	case r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
		return false
	}
	return true
}

// cursor turns offsets to positions. It moves forward only as far as it is asked to, so that positions of a long file, or of a long
// line, cost one pass altogether.
type cursor struct {
	src  string
	off  int
	line int // lines before off
	col  int // characters before off in its line
}

// at returns the position of an offset that is not before the last one.
func (c *cursor) at(off int) Pos {
	for c.off < off && c.off < len(c.src) {
		switch b := c.src[c.off]; {
		case b == '\n' || b == '\r' && !strings.HasPrefix(c.src[c.off:], "\r\n"):
			c.line++
			c.col = 0
			c.off++
		case b < utf8.RuneSelf:
			c.col++
			c.off++
		default:
			_, size := utf8.DecodeRuneInString(c.src[c.off:])
			c.col++
			c.off += size
		}
	}
	return Pos{c.line + 1, c.col + 1}
}

// isNumber reports whether s is a number by JSON's grammar.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() int {
		i := 0
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		s = s[i:]
		return i
	}
	zero := strings.HasPrefix(s, "0")
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		s = s[1:]
		if digits() == 0 {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return s == ""
}

// number returns the int64 or float64 that s is by JSON's grammar. It is false for other text and for numbers out of range.
func number(s string) (any, bool) {
	if !isNumber(s) {
		return nil, false
	}
	if !strings.ContainsAny(s, ".eE") {
		i, err := strconv.ParseInt(s, 10, 64)
		return i, err == nil
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// formatFloat spells a float so that it is read as a float again.
func formatFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".eE") {
		s += ".0"
	}
	return s
}

const (
	hugeProblem = "the number is too large to be kept exactly"
	hugeHint    = "put it in quotes if it is text"
)
