package javaregexp

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// escape is what an escape stands for: a character, or something else.
type escape struct {
	char rune
	node node
}

// What stands for no character that is known.
const (
	severalChars rune = -1 - iota
	unknownChar
)

// escaped reads what stands after a backslash; in says that this is in a class, and
// ofRange that it is the first or last character of a range there.
func (p *reader) escaped(in, ofRange bool) escape {
	if p.at >= len(p.text) {
		p.refuse("it ends in a backslash")
	}
	char := func(c rune) escape { return escape{c, node{sort: aCharacter}} }
	other := func(sort shape) escape { return escape{severalChars, node{sort: sort}} }
	c := p.read()
	switch {
	case c == '0':
		return char(p.octal())
	case isDigit(c) && !in:
		return other(aBackReference)
	case c == 'k' && !in:
		if !p.took("<") {
			p.refuse(`a \k is not followed by a name in < and >`)
		}
		if name := p.name(); !slices.Contains(p.names, name) {
			p.refuse(`a \k names ` + name + ", and no group before it is called so")
		}
		return other(aBackReference)
	case c == 'b' && !in && p.peek(0) == '{' && p.peek(1) == 'g':
		if !p.took("{g}") {
			p.refuse("a { is not closed")
		}
		return other(aPlace)
	case strings.ContainsRune("AbBGzZ", c) && !in:
		return other(aPlace)
	case c == 'R' && !in:
		return other(aLineEnd)
	case c == 'X' && !in:
		return other(aGrapheme)
	case c == 'v' && ofRange:
		return char('\v')
	case strings.ContainsRune("dDhHsSvVwW", c):
		return other(aCharacter)
	case c == 'c':
		if p.at >= len(p.text) {
			p.refuse(`a \c has nothing after it`)
		}
		return char(p.read() ^ 64)
	case c == 'x':
		return char(p.hexadecimal())
	case c == 'u':
		return char(p.unicode())
	case c == 'N':
		if !p.took("{") || p.until('}') == "" {
			p.refuse(`a \N is not followed by the name of a character in { and }`)
		}
		return char(unknownChar)
	}
	if control, ok := controls[c]; ok {
		return char(control)
	}
	if isASCIIWord(c) {
		p.refuse(`\` + string(c) + " means nothing to Java")
	}
	return char(c)
}

// controls are the characters with escapes of their own.
var controls = map[rune]rune{'a': '\a', 'e': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *reader) octal() rune {
	n, digits := rune(0), 0
	for ; digits < 3 && '0' <= p.peek(0) && p.peek(0) <= '7' && n*8+7 <= 0377; digits++ {
		n = n*8 + p.read() - '0'
	}
	if digits == 0 {
		p.refuse(`a \0 is not followed by octal digits`)
	}
	return n
}

func (p *reader) hexadecimal() rune {
	if p.peek(0) == '{' && isHex(p.peek(1)) {
		p.at++
		n, err := strconv.ParseInt(p.until('}'), 16, 32)
		if err != nil || n > unicode.MaxRune {
			p.refuse(`a \x{ does not give a character in hexadecimal digits`)
		}
		return rune(n)
	}
	return p.digits(2, `a \x is not followed by two hexadecimal digits`)
}

func (p *reader) unicode() rune {
	const why = `a \u is not followed by four hexadecimal digits`
	n, after := p.digits(4, why), p.at
	if 0xd800 <= n && n < 0xdc00 && p.took(`\u`) {
		if low := p.digits(4, why); 0xdc00 <= low && low < 0xe000 {
			return (n-0xd800)<<10 + low - 0xdc00 + 0x10000
		}
	}
	p.at = after
	return n
}

// digits reads a number of hexadecimal digits.
func (p *reader) digits(n int, why string) rune {
	from := p.at
	for range n {
		if !isHex(p.read()) {
			p.refuse(why)
		}
	}
	v, _ := strconv.ParseInt(string(p.text[from:p.at]), 16, 32)
	return rune(v)
}

// until returns what stands before the next character c, and goes on after it.
func (p *reader) until(c rune) string {
	i := slices.Index(p.text[min(p.at, len(p.text)):], c)
	if i < 0 {
		p.refuse("a { is not closed")
	}
	p.at += i + 1
	return string(p.text[p.at-i-1 : p.at-1])
}
