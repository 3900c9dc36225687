package text

import (
	"reflect"
	"strings"
	"testing"
)

// errorLines returns the errors as Error prints them, without their hints.
func errorLines(errs []SyntaxError) []string {
	lines := []string{}
	for _, e := range errs {
		e.Hint = ""
		lines = append(lines, e.Error())
	}
	return lines
}

func anys(docs []*Node) []any {
	l := []any{}
	for _, d := range docs {
		l = append(l, d.Any())
	}
	return l
}

func TestParseYAMLValues(t *testing.T) {
	type m = map[string]any
	for _, c := range []struct {
		reason, in string
		want       []any
	}{
		{"the 1.2 booleans, in three spellings", "[true, True, TRUE, false]", []any{[]any{true, true, true, false}}},
		{"the booleans of YAML 1.1 are text: a login theme may be called off", "[yes, No, on, off, y, n]", []any{[]any{"yes", "No", "on", "off", "y", "n"}}},
		{"all the nulls", "[~, null, Null, NULL]\n---\na:\n", []any{[]any{nil, nil, nil, nil}, m{"a": nil}}},
		{"numbers are what JSON calls numbers", "[0, 300, -1, 0.5, 1e3, -0]", []any{[]any{int64(0), int64(300), int64(-1), 0.5, 1000.0, int64(0)}}},
		{"a leading zero makes a code, not an octal or decimal number", "[0100, 08, -07, 00, 01.5]", []any{[]any{"0100", "08", "-07", "00", "01.5"}}},
		{"a telephone number keeps its plus", "[+4912345, +1.5]", []any{[]any{"+4912345", "+1.5"}}},
		{"other bases and groupings stay as they are spelled", "[0x1f, 0o17, 0b1, 1_000, 12:30:45]", []any{[]any{"0x1f", "0o17", "0b1", "1_000", "12:30:45"}}},
		{"half numbers and the numbers JSON lacks are text", "[.5, 5., .inf, -.inf, .nan, 1e, -]", []any{[]any{".5", "5.", ".inf", "-.inf", ".nan", "1e", "-"}}},
		{"dates are text: they would come back in another form", "[2001-12-14, 2001-12-14t21:59:43.10-05:00]", []any{[]any{"2001-12-14", "2001-12-14t21:59:43.10-05:00"}}},
		{"quotes make text of anything", `['1', "true", '~', "<<"]`, []any{[]any{"1", "true", "~", "<<"}}},
		{"a bare << is text where it is no key", "[<<]", []any{[]any{"<<"}}},
		{"the core tags work", "[!!str 1, !!int \"1\", !!float 1, !!bool 'true', !!null '']", []any{[]any{"1", int64(1), 1.0, true, nil}}},
		{"keys that are no strings become their text", "1: a\ntrue: b\n~: c\n2001-01-01: d\n1.50: e\n", []any{m{"1": "a", "true": "b", "~": "c", "2001-01-01": "d", "1.50": "e"}}},
		{"the empty key is fine if it is meant", `"": x`, []any{m{"": "x"}}},
		{"empty documents are dropped, written nulls are not", "---\n---\n# nothing\n---\na: 1\n---\n~\n---\n", []any{m{"a": int64(1)}, nil}},
		{"an empty file has no documents", "", []any{}},
		{"nor has one of comments", "# nothing\n\n# here\n", []any{}},
		{"a byte order mark is skipped", "\ufeffa: 1\n", []any{m{"a": int64(1)}}},
		{"Windows line ends", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", []any{m{"a": int64(1), "b": "x\ny\n"}}},
		{"JSON is YAML, with its tabs", "{\n\t\"a\": [\n\t\t1\n\t]\n}\n", []any{m{"a": []any{int64(1)}}}},
		{"aliases stand for copies", "a: &x [1]\nb: *x\n", []any{m{"a": []any{int64(1)}, "b": []any{int64(1)}}}},
		{"an alias can be a key", "&k a: 1\nb: {*k : 2}\n", []any{m{"a": int64(1), "b": m{"a": int64(2)}}}},
		{"own keys win over merged ones, wherever they stand", "a: &x {p: 1, q: 2}\nb: {p: 3, <<: *x}\nc: {<<: *x, p: 4}\n",
			[]any{m{"a": m{"p": int64(1), "q": int64(2)}, "b": m{"p": int64(3), "q": int64(2)}, "c": m{"p": int64(4), "q": int64(2)}}}},
		{"the first of several merged maps wins", "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n",
			[]any{m{"a": m{"p": int64(1)}, "b": m{"p": int64(2), "q": int64(2)}, "c": m{"p": int64(1), "q": int64(2)}}}},
		{"a quoted << is a key like others", `"<<": 1`, []any{m{"<<": int64(1)}}},
		{"anchors are forgotten at the next document, so a name can be used again", "&x 1\n---\n[&x 2, *x]\n", []any{int64(1), []any{int64(2), int64(2)}}},
		{"a value is not folded at 80 columns", "a: " + strings.Repeat("x y ", 100) + "z\n", []any{m{"a": strings.Repeat("x y ", 100) + "z"}}},
	} {
		docs, errs := Parse("f.yaml", []byte(c.in))
		if len(errs) > 0 {
			t.Errorf("%s: %q: %v", c.reason, c.in, errs)
		} else if got := anys(docs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q:\n got %#v\nwant %#v", c.reason, c.in, got, c.want)
		}
	}
}

func TestParseYAMLErrors(t *testing.T) {
	for _, c := range []struct {
		reason, in string
		want       []string
	}{
		{"indentation that fits nowhere: the library names line 2", "a:\n    b: 2\n  c: 3\nd: 5\n",
			[]string{"f.yaml:3:3: this does not fit into the map that starts at line 1"}},
		{"a key under a finished value", "a: 1\nb: 2\n c: 3\n", []string{"f.yaml:3:3: there cannot be a ':' here"}},
		{"a text with a colon; columns count characters", "ä: 1\nü: ö: y\n", []string{"f.yaml:2:5: there cannot be a ':' here"}},
		{"an open quote is shown where it opens, not at the end of the file", "a: 1\nb: \"foo\nc: d\n",
			[]string{"f.yaml:2:4: the quote that starts here is not closed"}},
		{"an open bracket names its place: the library names line 1", "a: 1\nb: [1, 2\nc: d\n",
			[]string{"f.yaml:3:2: in the brackets opened at line 2, column 4, expected ',' or ']'"}},
		{"text after a closing quote", "a: 1\nb: \"x\" y\n", []string{"f.yaml:2:8: this does not fit into the map that starts at line 1"}},
		{"a tab as indentation", "a:\n\tb: 2\n", []string{"f.yaml:2:1: a tab stands where YAML wants spaces"}},
		{"a tab after a value", "a:\n  b: 1\n\tc: 2\n", []string{"f.yaml:3:1: a tab stands where YAML wants spaces"}},
		{"a tab in a block of text", "a: 1\nb: |\n\tfoo\n", []string{"f.yaml:3:1: a tab stands where YAML wants spaces"}},
		{"a key without colon", "a: 1\nb\nc: 3\n", []string{"f.yaml:2:1: there is no ':' after this key"}},
		{"cron expressions start like aliases", "a: 1\nb: */5 * * * *\n", []string{`f.yaml:2:4: a text cannot start with "*"`}},
		{"an alias of nothing, which the library places nowhere; it may be a password, so it is not shown", "a: 1\nb: *hunter2\n",
			[]string{"f.yaml:2:4: this alias (*) stands for nothing: no value before it has its name (&)"}},
		{"a sign that is reserved", "a: 1\nb: @foo\n", []string{`f.yaml:2:4: a text cannot start with "@"`}},
		{"a regular expression in double quotes", "a: \"\\d+\"\n", []string{"f.yaml:1:5: unknown escape in double quotes"}},
		{"a list on its key's line", "a: - x\n", []string{"f.yaml:1:4: a list cannot start here"}},
		{"a key in a list", "- a\nb: c\n", []string{"f.yaml:2:1: this does not fit into the list that starts at line 1"}},
		{"an element between two commas", "a: [1,,2]\n", []string{"f.yaml:1:7: a value is missing here"}},
		{"a key twice names both places", "a: 1\nb: 2\na: 3\n", []string{`f.yaml:3:1: the key "a" is already given at f.yaml:1:1`}},
		{"keys are compared as text", "1: a\n\"1\": b\n", []string{`f.yaml:2:1: the key "1" is already given at f.yaml:1:1`}},
		{"a merge twice is a key twice", "a: &x {}\nb: {<<: *x, <<: *x}\n", []string{`f.yaml:2:13: the key "<<" is already given at f.yaml:2:5`}},
		{"a duplicate in an anchored map is told once, not for each alias", "a: &x {k: 1, k: 2}\nb: *x\nc: *x\n",
			[]string{`f.yaml:1:14: the key "k" is already given at f.yaml:1:8`}},
		{"nothing before the colon", "a: 1\n: x\n", []string{"f.yaml:2:1: there is no key before the ':'"}},
		{"a map as key", "? {a: 1}\n: b\n", []string{"f.yaml:1:3: a key must be text, not a map or a list"}},
		{"an alias of a list as key", "a: &x [1]\n*x : 1\n", []string{"f.yaml:2:1: a key must be text, not a map or a list"}},
		{"tags that mean something elsewhere", "a: !!binary aGk=\nb: !vault x\nc: !!set {x}\nd: !!timestamp 2001-01-01\n", []string{
			"f.yaml:1:4: tags (!) of this kind are not supported", "f.yaml:2:4: tags (!) of this kind are not supported",
			"f.yaml:3:4: tags (!) of this kind are not supported", "f.yaml:4:4: tags (!) of this kind are not supported"}},
		{"a tag that lies", "a: !!int x\nb: !!bool 1\n", []string{
			"f.yaml:1:4: the value does not fit its tag !!int", "f.yaml:2:4: the value does not fit its tag !!bool"}},
		{"an integer too large for int64 would be rounded; it may be a password, so it is not shown", "a: 9223372036854775807\nb: 9223372036854775808\nc: 1e999\n", []string{
			"f.yaml:2:4: the number is too large to be kept exactly", "f.yaml:3:4: the number is too large to be kept exactly"}},
		{"a merge of something else", "a:\n  <<: 1\n", []string{"f.yaml:2:7: << takes a map or a list of maps"}},
		{"a value that contains itself", "a: &x [1, *x]\n", []string{"f.yaml:1:11: this alias (*) is used inside of what it stands for"}},
		{"nothing in the long form of a key", "a:\n  ?\n  : x\n", []string{"f.yaml:2:4: there is no key before the ':'"}},
		{"every problem at once, in file order, over documents", "a: x: y\n---\nb: 1\nb: 2\n? \n: 3\n---\nd: 1\n e: 2\n---\nd: [\n---\nc: 'x\n---\nd: @\n", []string{
			"f.yaml:1:5: there cannot be a ':' here",
			`f.yaml:4:1: the key "b" is already given at f.yaml:3:1`,
			"f.yaml:5:2: there is no key before the ':'",
			"f.yaml:9:3: there cannot be a ':' here",
			"f.yaml:12:1: a value is missing here",
			"f.yaml:13:4: the quote that starts here is not closed",
			`f.yaml:15:4: a text cannot start with "@"`}},
		{"lines that a message names count from the top of the file too", "a: 1\n---\nb: @\n---\nc: 1\nd: [1\ne: f\n---\ng:\n  h: 1\n i: 1\n", []string{
			`f.yaml:3:4: a text cannot start with "@"`,
			"f.yaml:7:2: in the brackets opened at line 6, column 4, expected ',' or ']'",
			"f.yaml:11:2: this does not fit into the map that starts at line 9"}},
		{"an open bracket at the end of a file without line end", "a: [1", []string{"f.yaml:1:6: in the brackets opened at line 1, column 4, expected ',' or ']'"}},
		{"Windows line ends count once", "a: 1\r\n---\r\nb: x: y\r\n---\r\nc: @\r\n", []string{
			"f.yaml:3:5: there cannot be a ':' here", `f.yaml:5:4: a text cannot start with "@"`}},
		{"binary data gives one error, not thousands", "a: b\x00\x00\x01c", []string{"f.yaml:1:5: a NUL byte: this is binary data or UTF-16, not text"}},
		{"UTF-16", "\xff\xfea\x00", []string{"f.yaml:1:1: the file is encoded in UTF-16"}},
		{"Latin-1 and control characters, with their places", "a: b\xe4\nb: \x01\n", []string{
			"f.yaml:1:5: the byte 0xE4 is not valid UTF-8", "f.yaml:2:4: the invisible character U+0001 is not allowed"}},
		{"line breaks that editors do not count", "a: x\u2028y\n", []string{"f.yaml:1:5: the invisible character U+2028 is not allowed"}},
		{"another encoding is given up early", strings.Repeat("\xe4", 1000), []string{
			"f.yaml:1:1: the byte 0xE4 is not valid UTF-8", "f.yaml:1:2: the byte 0xE4 is not valid UTF-8", "f.yaml:1:3: the byte 0xE4 is not valid UTF-8",
			"f.yaml:1:4: the byte 0xE4 is not valid UTF-8", "f.yaml:1:5: the byte 0xE4 is not valid UTF-8", "f.yaml:1:6: the byte 0xE4 is not valid UTF-8",
			"f.yaml:1:7: the byte 0xE4 is not valid UTF-8", "f.yaml:1:8: the byte 0xE4 is not valid UTF-8", "f.yaml:1:9: the byte 0xE4 is not valid UTF-8",
			"f.yaml:1:10: the byte 0xE4 is not valid UTF-8"}},
		{"deep nesting is an error, not a stack overflow", strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
			[]string{"f.yaml:1:201: maps and lists are nested more than 200 levels deep"}},
		{"deeper than the library goes itself", strings.Repeat("[", 100_000),
			[]string{"f.yaml:1:10001: maps and lists are nested more than 200 levels deep"}},
		{"deep nesting by aliases", "a0: &a0 []\n" + chain(300, "a%d: &a%d [*a%d]\n"),
			[]string{"f.yaml:200:14: maps and lists are nested more than 200 levels deep"}},
	} {
		_, errs := Parse("f.yaml", []byte(c.in))
		if got := errorLines(errs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %.80q:\n got %q\nwant %q", c.reason, c.in, got, c.want)
		}
	}
}

// chain fills a format with i, i and i-1.
func chain(n int, format string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(strings.NewReplacer("*a%d", "*a"+itoa(i-1), "a%d", "a"+itoa(i)).Replace(format))
	}
	return b.String()
}

func TestBillionLaughs(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for reason, in := range map[string]string{
		"lists in lists":     "a0: &a0 [lol]\n" + chain(30, "a%d: &a%d [*a%d, *a%d, *a%d]\n"),
		"empty lists":        "a0: &a0 [[],[],[],[],[],[],[],[]]\n" + chain(30, "a%d: &a%d [*a%d, *a%d, *a%d]\n"),
		"merges":             "a0: &a0 {k: [1,2,3,4]}\n" + chain(30, "a%d: &a%d {x: *a%d, y: *a%d, <<: *a%d}\n"),
		"one long text":      "a: &a " + long + "\nb: [" + strings.Repeat("*a,", 1000) + "]\n",
		"one long text, key": "? &a " + long + "\n: 1\nb: [" + strings.Repeat("{*a : 1},", 1000) + "]\n",
	} {
		docs, errs := Parse("f.yaml", []byte(in))
		if len(errs) != 1 || !strings.Contains(errs[0].Problem, "expand to too much") {
			t.Errorf("%s: %v", reason, errs)
		}
		if size := count(docs...); size > 2*maxExpansion {
			t.Errorf("%s: %d nodes", reason, size)
		}
	}
	// What people do with aliases stays well below the bound.
	ok := "m: &m\n" + strings.Repeat("  - {name: x, config: {a: 1, b: 2}}\n", 20) + strings.Repeat("---\nx: &m {a: 1}\n", 1) + "y: [" + strings.Repeat("*m,", 1000) + "]\n"
	if _, errs := Parse("f.yaml", []byte(ok)); len(errs) > 0 {
		t.Error(errs)
	}
}

func count(docs ...*Node) int {
	n := 0
	for _, d := range docs {
		n += 1 + count(d.Items...)
		for _, p := range d.Pairs {
			n += count(p.Value)
		}
	}
	return n
}

// A mark that the library hides must be found; without it columns would silently be 1.
func TestLibraryMarks(t *testing.T) {
	_, errs := Parse("f.yaml", []byte("a:\n  b: [x\n  c: d\n"))
	if len(errs) != 1 || errs[0].Line != 3 || errs[0].Col != 4 {
		t.Errorf("the library's fields have changed, see explain: %v", errs)
	}
}
