package javaregexp

import (
	"slices"
	"strings"
	"unicode"
)

// property reads the name of a class of characters after \p.
func (p *reader) property() {
	name := string(p.peek(0))
	switch {
	case p.at >= len(p.text):
		p.refuse(`a \p names no class`)
	case p.took("{"):
		name = p.until('}')
	default:
		p.at++
	}
	if !p.isProperty(name) {
		p.refuse(`there is no class of characters \p{` + name + "}")
	}
}

func (p *reader) isProperty(name string) bool {
	of, value, ok := strings.Cut(name, "=")
	short, is := strings.CutPrefix(name, "Is")
	switch {
	case ok && slices.Contains([]string{"sc", "script"}, strings.ToLower(of)):
		return isScript(value)
	case ok && slices.Contains([]string{"gc", "general_category"}, strings.ToLower(of)):
		return slices.Contains(properties, value)
	case ok && slices.Contains([]string{"blk", "block"}, strings.ToLower(of)), !ok && strings.HasPrefix(name, "In"):
		return value != "" || len(name) > len("In")
	case ok:
		return false
	case is:
		return slices.Contains(properties, short) || slices.Contains(unicodeProperties, strings.ToUpper(short)) || isScript(short)
	}
	return slices.Contains(properties, name) || p.posix && slices.Contains(unicodeProperties, strings.ToUpper(name))
}

// isScript reports whether a name may be that of a script of Unicode: each has a
// name and a code of four letters.
func isScript(name string) bool {
	if len(name) == 4 {
		return true
	}
	for s := range unicode.Scripts {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return strings.EqualFold(name, "Unknown")
}

// properties are the classes of characters that Java knows by these names, and
// unicodeProperties those that it knows after Is in any case; after (?U) it knows
// some of them without.
var (
	properties = strings.Fields("Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf L M N Z C P S LC LD L1 all" +
		" ASCII Alnum Alpha Blank Cntrl Digit Graph Lower Print Punct Space Upper XDigit" +
		" javaLowerCase javaUpperCase javaAlphabetic javaIdeographic javaTitleCase javaDigit javaDefined javaLetter javaLetterOrDigit" +
		" javaJavaIdentifierStart javaJavaIdentifierPart javaUnicodeIdentifierStart javaUnicodeIdentifierPart javaIdentifierIgnorable" +
		" javaSpaceChar javaWhitespace javaISOControl javaMirrored")
	unicodeProperties = strings.Fields("ALPHABETIC ASSIGNED CONTROL EMOJI EMOJI_PRESENTATION EMOJI_MODIFIER EMOJI_MODIFIER_BASE EMOJI_COMPONENT EXTENDED_PICTOGRAPHIC" +
		" HEXDIGIT HEX_DIGIT IDEOGRAPHIC JOINCONTROL JOIN_CONTROL LETTER LOWERCASE NONCHARACTERCODEPOINT NONCHARACTER_CODE_POINT TITLECASE PUNCTUATION UPPERCASE" +
		" WHITESPACE WHITE_SPACE WORD ALPHA LOWER UPPER SPACE PUNCT XDIGIT ALNUM CNTRL DIGIT BLANK GRAPH PRINT")
)

// class reads a class of characters after its [, up to its ] and with that; one
// that is part of an intersection has neither.
func (p *reader) class(own bool) {
	if own {
		p.took("^")
	}
	for some := false; ; some = true {
		switch {
		case p.at >= len(p.text):
			p.refuse("a [ is not closed")
		case p.took("["):
			p.class(true)
		case p.took("&&"):
			if right := p.intersected(); !some && !right {
				p.refuse("a && stands between no two classes")
			}
		case p.peek(0) == ']' && some:
			if own {
				p.at++
			}
			return
		default:
			p.member()
		}
	}
}

// intersected reads the classes after a &&, and reports whether there are any.
func (p *reader) intersected() (any bool) {
	for p.peek(0) != ']' && p.peek(0) != '&' {
		any = true
		p.class(p.took("["))
	}
	return any
}

// member reads a character of a class, a range, or what stands for several.
func (p *reader) member() {
	from := p.at
	first := p.bound(p.peek(0) == '\\' && p.peek(2) == '-')
	if first == severalChars || p.peek(0) != '-' || p.peek(1) == ']' || p.peek(1) == '[' {
		return
	}
	p.at++
	if p.peek(0) == '\\' && (p.peek(1) == 'p' || p.peek(1) == 'P') {
		p.refuse("a range ends in a class of characters")
	}
	if last := p.bound(true); first != unknownChar && last != unknownChar && last < first {
		p.refuse(string(p.text[from:min(p.at, len(p.text))]) + " is no range of characters")
	}
}

// bound reads a character of a class.
func (p *reader) bound(ofRange bool) rune {
	switch {
	case p.took(`\p`), p.took(`\P`):
		p.property()
		return severalChars
	case p.took(`\`):
		return p.escaped(true, ofRange).char
	}
	return p.read()
}
