package model

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// javaRepetition is how a regular expression of Java counts.
var javaRepetition = regexp.MustCompile(`^\{\d{1,10}(,\d{0,10})?\}`)

// javaPattern is a text that can be a regular expression of the server.
var javaPattern = Value{Test: func(text string) bool { return javaPatternWrong(text) == "" }, Want: "a regular expression"}

// javaPatternWrong returns why text is no regular expression of the server, or
// "". It finds what Java reads in no way; of what Java alone can read it says
// nothing.
func javaPatternWrong(text string) string {
	depth, class, repeats := 0, false, false // repeats: something that can be repeated stands before
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch c := text[i]; {
		case rest == `\`:
			return "it ends in a backslash"
		case strings.HasPrefix(rest, `\Q`):
			end := strings.Index(rest, `\E`)
			if end < 0 {
				return "" // all that follows is quoted
			}
			i, repeats = i+end+1, true
		case c == '\\':
			i, repeats = i+1, true
			if i+1 < len(text) && strings.ContainsRune("pPxN", rune(text[i])) && text[i+1] == '{' {
				end := strings.IndexByte(text[i:], '}')
				if end < 0 {
					return "a { is not closed"
				}
				i += end
			}
		case class && c == '[', class && strings.HasPrefix(rest, "&&"):
			return "" // classes in classes are Java's own
		case class && c == ']':
			class, repeats = false, true
		case class:
		case c == '[':
			class = true
			if strings.HasPrefix(text[i+1:], "^") {
				i++
			}
			if strings.HasPrefix(text[i+1:], "]") {
				i++
			}
		case c == '(':
			depth, repeats = depth+1, false
			if flags, ok := strings.CutPrefix(rest, "(?"); ok {
				if i++; strings.HasPrefix(strings.TrimLeft(flags, "idmsuU-"), "x") {
					return "" // with comments
				}
			}
		case c == ')':
			if depth--; depth < 0 {
				return "a ) closes nothing"
			}
			repeats = true
		case c == '|':
			repeats = false
		case c == '*' || c == '+' || c == '?' || c == '{' && repeats:
			switch {
			case !repeats:
				return "nothing stands before a " + string(c) + " to be repeated"
			case c == '{' && !javaRepetition.MatchString(rest):
				return "a { does not say how often to repeat"
			case c == '{':
				i += strings.IndexByte(rest, '}')
			}
			if i+1 < len(text) && (text[i+1] == '+' || text[i+1] == '?') {
				i++ // possessive, reluctant
			}
			repeats = false
		case c == '{': // counts again
		default:
			_, size := utf8.DecodeRuneInString(rest)
			i, repeats = i+size-1, true
		}
	}
	switch {
	case class:
		return "a [ is not closed"
	case depth > 0:
		return "a ( is not closed"
	}
	return ""
}

// javaMatches reports whether the server's regular expression matches the whole
// text; it is not known when that takes what only Java can read, or reads
// otherwise.
func javaMatches(pattern, text string) (matches, known bool) {
	if javaOnly.MatchString(pattern) || strings.ContainsAny(text, "\v\r\u0085\u2028\u2029") {
		return false, false
	}
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		return false, false
	}
	return re.MatchString(text), true
}

// javaOnly is what Go reads otherwise: classes in classes, flags, and ends of
// words and texts. The two also differ in which characters end a line.
var javaOnly = regexp.MustCompile(`\[[^\]]*(\[|&&)|\(\?[^:]|\\[vVbBzZ]`)
