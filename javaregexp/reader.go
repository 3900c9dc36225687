package javaregexp

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// reader reads a regular expression of Java.
type reader struct {
	text  []rune // without \Q and \E
	at    int
	posix bool     // whether (?U) lets classes be called otherwise
	names []string // of groups
}

// A refusal is why Java refuses an expression, and comments is the end of
// what is known of one: both end the reading.
type (
	refusal  string
	comments struct{}
)

func (p *reader) refuse(why string) { panic(refusal(why)) }

// end is what stands after the last character.
const end = rune(0)

// peek returns the character that is n after the next one, which is 0.
func (p *reader) peek(n int) rune {
	if p.at+n < len(p.text) {
		return p.text[p.at+n]
	}
	return end
}

// read returns the next character and goes on.
func (p *reader) read() rune {
	c := p.peek(0)
	p.at++
	return c
}

// took goes on when the text does with s.
func (p *reader) took(s string) bool {
	for i, c := range []rune(s) {
		if p.peek(i) != c {
			return false
		}
	}
	p.at += len(s)
	return true
}

// unquoted escapes each character that stands between \Q and \E, as Java does
// before it reads anything.
func unquoted(text []rune) []rune {
	var out []rune
	for i, quoted, first := 0, false, false; i < len(text); i++ {
		c, next := text[i], end
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch {
		case !quoted && c == '\\' && next == 'Q':
			i, quoted, first = i+1, true, true
			continue
		case !quoted && c == '\\' && next != end:
			i, out = i+1, append(out, c, next)
		case quoted && c == '\\' && next == 'E':
			i, quoted = i+1, false
		case quoted && first && '0' <= c && c <= '9':
			out = append(out, '\\', 'x', '3', c)
		case quoted && c <= unicode.MaxASCII && !isASCIIWord(c):
			out = append(out, '\\', c)
		default:
			out = append(out, c)
		}
		first = false
	}
	return out
}

func isASCIILetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isASCIIWord(c rune) bool   { return isASCIILetter(c) || isDigit(c) }
func isDigit(c rune) bool       { return '0' <= c && c <= '9' }
func isHex(c rune) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// branches reads alternatives up to the end, or to a ) that it leaves.
func (p *reader) branches() []node {
	all := [][]node{p.sequence()}
	for p.took("|") {
		all = append(all, p.sequence())
	}
	if len(all) == 1 {
		return all[0]
	}
	return []node{{sort: aChoice, of: all}}
}

// sequence reads what stands in a row.
func (p *reader) sequence() []node {
	var out []node
	for {
		switch c := p.peek(0); c {
		case end, '|', ')':
			return out
		case '(':
			out = append(out, p.group()...)
		case '*', '+', '?':
			p.refuse("nothing stands before a " + string(c) + " to be repeated")
		case '{': // it repeats nothing at all, and says how often
			out = append(out, p.repeated(node{}))
		default:
			out = append(out, p.repeated(p.one()))
		}
	}
}

// one reads one character, or what stands for one.
func (p *reader) one() node {
	character := node{sort: aCharacter}
	switch p.read() {
	case '^', '$':
		return node{}
	case '[':
		p.class(true)
	case '\\':
		if p.took("p") || p.took("P") {
			p.property()
			return character
		}
		return p.escaped(false, false).node
	}
	return character
}

// repeated reads how often a node is to be repeated, if that is said.
func (p *reader) repeated(n node) node {
	least, most, said := p.repetition()
	if !said {
		return n
	}
	greedy := !p.took("?") && !p.took("+")
	switch {
	case least == 0 && most == 1:
		return node{sort: anOption, of: [][]node{{n}}}
	case most == math.MaxInt32 && greedy && n.sort == aCharacter:
		return node{sort: aRun}
	}
	return node{sort: aRepetition, least: least, most: most, of: [][]node{{n}}}
}

// repetition reads how often something is to be repeated.
func (p *reader) repetition() (least, most int32, said bool) {
	switch {
	case p.took("?"):
		return 0, 1, true
	case p.took("*"):
		return 0, math.MaxInt32, true
	case p.took("+"):
		return 1, math.MaxInt32, true
	case !p.took("{"):
		return 0, 0, false
	case !isDigit(p.peek(0)):
		p.refuse("a { does not say how often to repeat")
	}
	least = p.number()
	most = least
	if p.took(",") {
		if most = math.MaxInt32; p.peek(0) != '}' {
			most = p.number()
		}
	}
	switch {
	case !p.took("}"):
		p.refuse("a { does not say how often to repeat")
	case most < least:
		p.refuse("a { says more for the least than for the most")
	}
	return least, most, true
}

func (p *reader) number() int32 {
	from := p.at
	for isDigit(p.peek(0)) {
		p.at++
	}
	n, err := strconv.ParseInt("0"+string(p.text[from:p.at]), 10, 32)
	if err != nil {
		p.refuse("a { says more than Java can count")
	}
	return int32(n)
}

// group reads a group, with how often it is repeated. What it holds stands in the
// row around it when that is not said.
func (p *reader) group() []node {
	p.at++
	posix, behind := p.posix, false
	around := func(of []node) node { return node{sort: anAtomicGroup, of: [][]node{of}} }
	single := false // closed for what stands around it
	if p.took("?") {
		switch c := p.read(); c {
		case ':':
		case '>':
			single = true
		case '=', '!':
			single, around = true, func([]node) node { return node{} }
		case '<':
			if behind = p.took("=") || p.took("!"); behind {
				single, around = true, func([]node) node { return node{} }
				break
			}
			name := p.name()
			if slices.Contains(p.names, name) {
				p.refuse("two groups are called " + name)
			}
			p.names = append(p.names, name)
		default:
			p.at--
			if p.switches() {
				return nil
			}
		}
	}
	inner := p.branches()
	if behind && !reachOf(inner).bounded {
		p.refuse("what stands in a look-behind, (?<, can be of any length")
	}
	if !p.took(")") {
		p.refuse("a ( is not closed")
	}
	p.posix = posix
	if single {
		return []node{p.repeated(around(inner))}
	}
	least, most, said := p.repetition()
	if !said {
		return inner
	}
	possessive := p.took("+")
	if !possessive {
		p.took("?")
	}
	n := node{sort: aRepetition, least: least, most: most, of: [][]node{inner}}
	switch {
	case least == 0 && most == 1 && possessive:
		n.sort = anOption
	case least == 0 && most == 1:
		n.sort, n.of = aChoice, [][]node{inner, nil}
	case !possessive && !reachOf(inner).fixed:
		n.sort = aLoop
	}
	return []node{n}
}

// switches reads what a group switches on and off, and reports whether it is no
// more than that.
func (p *reader) switches() (alone bool) {
	for on := true; ; {
		switch c := p.read(); {
		case c == '-' && on:
			on = false
		case c == 'x' && on:
			panic(comments{})
		case c == 'U' && on:
			p.posix = true
		case strings.ContainsRune("imsducxU", c) && c != end:
		case c == ')':
			return true
		case c == ':':
			return false
		default:
			p.refuse("a (? is followed by no sort of group that Java knows")
		}
	}
}

// name reads the name of a group, with the > after it.
func (p *reader) name() string {
	from := p.at
	if !isASCIILetter(p.peek(0)) {
		p.refuse("the name of a group does not begin with a letter of ASCII")
	}
	for isASCIIWord(p.peek(0)) {
		p.at++
	}
	name := string(p.text[from:p.at])
	if !p.took(">") {
		p.refuse("the name of a group has other characters than letters and digits of ASCII, or no > after it")
	}
	return name
}
