// Package javaregexp tells which regular expressions a Keycloak server takes: it
// reads them as java.util.regex.Pattern does.
package javaregexp

import (
	"regexp"
	"strings"
)

// Wrong returns why text is no regular expression of the server, or
// "". It reads as java.util.regex does, but for the names of blocks and characters
// of Unicode, and what follows on the switch for comments, (?x): of these it says
// nothing.
func Wrong(text string) (why string) {
	if strings.ContainsRune(text, 0) {
		return ""
	}
	p := &reader{text: unquoted([]rune(text))}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			why = string(r)
		case comments:
		default:
			panic(r)
		}
	}()
	p.branches()
	if p.at < len(p.text) {
		return "a ) closes nothing"
	}
	return ""
}

// Matches reports whether the server's regular expression matches the whole
// text; it is not known when that takes what only Java can read, or reads
// otherwise.
func Matches(pattern, text string) (matches, known bool) {
	if onlyJava.MatchString(pattern) || strings.ContainsAny(text, "\v\r\u0085\u2028\u2029") {
		return false, false
	}
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		return false, false
	}
	return re.MatchString(text), true
}

// onlyJava is what Go reads otherwise: classes in classes, flags, and ends of
// words and texts. The two also differ in which characters end a line.
var onlyJava = regexp.MustCompile(`\[[^\]]*(\[|&&)|\(\?[^:]|\\[vVbBzZ]`)
