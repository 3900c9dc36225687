package model

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// javaPattern is a text that can be a regular expression of the server.
var javaPattern = Value{Test: func(text string) bool { return javaPatternWrong(text) == "" }, Want: "a regular expression"}

// javaPatternWith is a text that can be one where the key beside it says "true".
func javaPatternWith(key string) Value {
	return Value{Beside: key, Agrees: func(text, on string) string {
		if why := javaPatternWrong(text); why != "" && strings.EqualFold(on, "true") {
			return "is no regular expression: " + why
		}
		return ""
	}}
}

// javaPatternWrong returns why text is no regular expression of the server, or
// "". It reads as java.util.regex does, but for the names of blocks and characters
// of Unicode, and what follows on the switch for comments, (?x): of these it says
// nothing.
func javaPatternWrong(text string) (why string) {
	if strings.ContainsRune(text, 0) {
		return ""
	}
	p := &javaReader{text: unquoted([]rune(text))}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case javaRefusal:
			why = string(r)
		case javaComments:
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

// javaReader reads a regular expression of Java.
type javaReader struct {
	text  []rune // without \Q and \E
	at    int
	posix bool     // whether (?U) lets classes be called otherwise
	names []string // of groups
}

// A javaRefusal is why Java refuses an expression, and javaComments is the end of
// what is known of one: both end the reading.
type (
	javaRefusal  string
	javaComments struct{}
)

func (p *javaReader) refuse(why string) { panic(javaRefusal(why)) }

// end is what stands after the last character.
const end = rune(0)

// peek returns the character that is n after the next one, which is 0.
func (p *javaReader) peek(n int) rune {
	if p.at+n < len(p.text) {
		return p.text[p.at+n]
	}
	return end
}

// read returns the next character and goes on.
func (p *javaReader) read() rune {
	c := p.peek(0)
	p.at++
	return c
}

// took goes on when the text does with s.
func (p *javaReader) took(s string) bool {
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
func (p *javaReader) branches() []javaNode {
	all := [][]javaNode{p.sequence()}
	for p.took("|") {
		all = append(all, p.sequence())
	}
	if len(all) == 1 {
		return all[0]
	}
	return []javaNode{{sort: javaBranch, of: all}}
}

// sequence reads what stands in a row.
func (p *javaReader) sequence() []javaNode {
	var out []javaNode
	for {
		switch c := p.peek(0); c {
		case end, '|', ')':
			return out
		case '(':
			out = append(out, p.group()...)
		case '*', '+', '?':
			p.refuse("nothing stands before a " + string(c) + " to be repeated")
		case '{': // it repeats nothing at all, and says how often
			out = append(out, p.repeated(javaNode{}))
		default:
			out = append(out, p.repeated(p.one()))
		}
	}
}

// one reads one character, or what stands for one.
func (p *javaReader) one() javaNode {
	character := javaNode{sort: javaCharacter}
	switch p.read() {
	case '^', '$':
		return javaNode{}
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
func (p *javaReader) repeated(n javaNode) javaNode {
	least, most, said := p.repetition()
	if !said {
		return n
	}
	greedy := !p.took("?") && !p.took("+")
	switch {
	case least == 0 && most == 1:
		return javaNode{sort: javaMaybe, of: [][]javaNode{{n}}}
	case most == math.MaxInt32 && greedy && n.sort == javaCharacter:
		return javaNode{sort: javaCharacters}
	}
	return javaNode{sort: javaRepeated, least: least, most: most, of: [][]javaNode{{n}}}
}

// repetition reads how often something is to be repeated.
func (p *javaReader) repetition() (least, most int32, said bool) {
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

func (p *javaReader) number() int32 {
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
func (p *javaReader) group() []javaNode {
	p.at++
	posix, behind := p.posix, false
	around := func(of []javaNode) javaNode { return javaNode{sort: javaAlone, of: [][]javaNode{of}} }
	single := false // closed for what stands around it
	if p.took("?") {
		switch c := p.read(); c {
		case ':':
		case '>':
			single = true
		case '=', '!':
			single, around = true, func([]javaNode) javaNode { return javaNode{} }
		case '<':
			if behind = p.took("=") || p.took("!"); behind {
				single, around = true, func([]javaNode) javaNode { return javaNode{} }
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
		return []javaNode{p.repeated(around(inner))}
	}
	least, most, said := p.repetition()
	if !said {
		return inner
	}
	possessive := p.took("+")
	if !possessive {
		p.took("?")
	}
	node := javaNode{sort: javaRepeated, least: least, most: most, of: [][]javaNode{inner}}
	switch {
	case least == 0 && most == 1 && possessive:
		node.sort = javaMaybe
	case least == 0 && most == 1:
		node.sort, node.of = javaBranch, [][]javaNode{inner, nil}
	case !possessive && !reachOf(inner).fixed:
		node.sort = javaLoop
	}
	return []javaNode{node}
}

// switches reads what a group switches on and off, and reports whether it is no
// more than that.
func (p *javaReader) switches() (alone bool) {
	for on := true; ; {
		switch c := p.read(); {
		case c == '-' && on:
			on = false
		case c == 'x' && on:
			panic(javaComments{})
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
func (p *javaReader) name() string {
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

// javaEscape is what an escape stands for: a character, or something else.
type javaEscape struct {
	char rune
	node javaNode
}

// What stands for no character that is known.
const (
	severalChars rune = -1 - iota
	unknownChar
)

// escaped reads what stands after a backslash; in says that this is in a class, and
// ofRange that it is the first or last character of a range there.
func (p *javaReader) escaped(in, ofRange bool) javaEscape {
	if p.at >= len(p.text) {
		p.refuse("it ends in a backslash")
	}
	char := func(c rune) javaEscape { return javaEscape{c, javaNode{sort: javaCharacter}} }
	other := func(sort javaSort) javaEscape { return javaEscape{severalChars, javaNode{sort: sort}} }
	c := p.read()
	switch {
	case c == '0':
		return char(p.octal())
	case isDigit(c) && !in:
		return other(javaBack)
	case c == 'k' && !in:
		if !p.took("<") {
			p.refuse(`a \k is not followed by a name in < and >`)
		}
		if name := p.name(); !slices.Contains(p.names, name) {
			p.refuse(`a \k names ` + name + ", and no group before it is called so")
		}
		return other(javaBack)
	case c == 'b' && !in && p.peek(0) == '{' && p.peek(1) == 'g':
		if !p.took("{g}") {
			p.refuse("a { is not closed")
		}
		return other(javaPlace)
	case strings.ContainsRune("AbBGzZ", c) && !in:
		return other(javaPlace)
	case c == 'R' && !in:
		return other(javaLine)
	case c == 'X' && !in:
		return other(javaGrapheme)
	case c == 'v' && ofRange:
		return char('\v')
	case strings.ContainsRune("dDhHsSvVwW", c):
		return other(javaCharacter)
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
	if control, ok := javaControls[c]; ok {
		return char(control)
	}
	if isASCIIWord(c) {
		p.refuse(`\` + string(c) + " means nothing to Java")
	}
	return char(c)
}

// javaControls are the characters with escapes of their own.
var javaControls = map[rune]rune{'a': '\a', 'e': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *javaReader) octal() rune {
	n, digits := rune(0), 0
	for ; digits < 3 && '0' <= p.peek(0) && p.peek(0) <= '7' && n*8+7 <= 0377; digits++ {
		n = n*8 + p.read() - '0'
	}
	if digits == 0 {
		p.refuse(`a \0 is not followed by octal digits`)
	}
	return n
}

func (p *javaReader) hexadecimal() rune {
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

func (p *javaReader) unicode() rune {
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
func (p *javaReader) digits(n int, why string) rune {
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
func (p *javaReader) until(c rune) string {
	i := slices.Index(p.text[min(p.at, len(p.text)):], c)
	if i < 0 {
		p.refuse("a { is not closed")
	}
	p.at += i + 1
	return string(p.text[p.at-i-1 : p.at-1])
}

// property reads the name of a class of characters after \p.
func (p *javaReader) property() {
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

func (p *javaReader) isProperty(name string) bool {
	of, value, ok := strings.Cut(name, "=")
	short, is := strings.CutPrefix(name, "Is")
	switch {
	case ok && slices.Contains([]string{"sc", "script"}, strings.ToLower(of)):
		return isScript(value)
	case ok && slices.Contains([]string{"gc", "general_category"}, strings.ToLower(of)):
		return slices.Contains(javaProperties, value)
	case ok && slices.Contains([]string{"blk", "block"}, strings.ToLower(of)), !ok && strings.HasPrefix(name, "In"):
		return value != "" || len(name) > len("In")
	case ok:
		return false
	case is:
		return slices.Contains(javaProperties, short) || slices.Contains(unicodeProperties, strings.ToUpper(short)) || isScript(short)
	}
	return slices.Contains(javaProperties, name) || p.posix && slices.Contains(unicodeProperties, strings.ToUpper(name))
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

// javaProperties are the classes of characters that Java knows by these names, and
// unicodeProperties those that it knows after Is in any case; after (?U) it knows
// some of them without.
var (
	javaProperties = strings.Fields("Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf L M N Z C P S LC LD L1 all" +
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
func (p *javaReader) class(own bool) {
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
func (p *javaReader) intersected() (any bool) {
	for p.peek(0) != ']' && p.peek(0) != '&' {
		any = true
		p.class(p.took("["))
	}
	return any
}

// member reads a character of a class, a range, or what stands for several.
func (p *javaReader) member() {
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
func (p *javaReader) bound(ofRange bool) rune {
	switch {
	case p.took(`\p`), p.took(`\P`):
		p.property()
		return severalChars
	case p.took(`\`):
		return p.escaped(true, ofRange).char
	}
	return p.read()
}

// javaNode is what Java makes of a part of an expression: it tells how far that can
// reach, which has to be known of what stands in a look-behind.
type javaNode struct {
	sort        javaSort
	least, most int32        // times, when repeated
	of          [][]javaNode // what is repeated; alternatives
}

type javaSort int

const (
	javaPlace      javaSort = iota // matches no character
	javaCharacter                  // or one of several
	javaCharacters                 // one as often as it goes
	javaLine                       // the end of a line
	javaGrapheme                   // several characters that are one
	javaBack                       // what a group was
	javaAlone                      // a group that is not tried again
	javaMaybe
	javaRepeated
	javaLoop // repeated, of which Java knows no end
	javaBranch
)

// javaReach is how far something reaches at most, where it is bounded, and whether
// it is fixed how it does. The numbers overflow where Java's do.
type javaReach struct {
	most           int32
	bounded, fixed bool
}

func reachOf(nodes []javaNode) javaReach {
	return javaReach{bounded: true, fixed: true}.through(nodes)
}

// through returns the reach with nodes that come after it.
func (r javaReach) through(nodes []javaNode) javaReach {
	for i, n := range nodes {
		switch n.sort {
		case javaCharacter:
			r.most++
		case javaLine:
			r.most += 2
		case javaCharacters:
			if r.fixed = false; r.bounded {
				r.most += math.MaxInt32
			}
		case javaGrapheme:
			r.fixed = false
		case javaBack:
			r.bounded = false
		case javaAlone:
			r = r.through(n.of[0])
		case javaMaybe:
			r = r.through(n.of[0])
			r.fixed = false
		case javaRepeated:
			one := reachOf(n.of[0])
			most := one.most*n.most + r.most
			if r.bounded = r.bounded && one.bounded; r.bounded {
				r.bounded, r.most = most >= r.most, most
			}
			r.fixed = r.fixed && one.fixed && n.least == n.most
		case javaLoop:
			return javaReach{most: r.most}
		case javaBranch:
			after, most := reachOf(nodes[i+1:]), int32(-1)
			for _, nodes := range n.of {
				one := reachOf(nodes)
				most, r.bounded = max(most, one.most), r.bounded && one.bounded
			}
			return javaReach{most: r.most + most + after.most, bounded: r.bounded && after.bounded}
		}
	}
	return r
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
