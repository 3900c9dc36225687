package text

import (
	"math"
	"strings"
	"testing"
)

func TestEncodeStrings(t *testing.T) {
	for _, c := range []struct{ reason, in, want string }{
		{"plain text", "shop-web", "shop-web"},
		{"a URL with port and wildcard", "https://shop.acme.example:8443/*", "https://shop.acme.example:8443/*"},
		{"spaces, apostrophes and signs inside are harmless", `it's "so", [a] {b} & c | d`, `it's "so", [a] {b} & c | d`},
		{"a reference to the environment", "${env:SECRET}", "${env:SECRET}"},
		{"a UUID that starts like a number", "1e3a0c11-2b5f-4c7e-9d3a-0e6f2b8c4d5e", "1e3a0c11-2b5f-4c7e-9d3a-0e6f2b8c4d5e"},
		{"an address is no number", "10.0.0.1", "10.0.0.1"},
		{"nor is a version", "26.7.5", "26.7.5"},
		{"a name that starts with a dash", "-foo", "-foo"},
		{"empty text", "", `""`},
		{"booleans of 1.2", "true", `"true"`},
		{"booleans of 1.1", "off", `"off"`},
		{"and their short forms, which some readers know", "Y", `"Y"`},
		{"nulls", "~", `"~"`}, {"nulls", "Null", `"Null"`},
		{"integers", "300", `"300"`},
		{"text to us, octal to YAML 1.1", "0100", `"0100"`},
		{"text to us, an integer to YAML 1.2", "+49", `"+49"`},
		{"hexadecimal", "0x1f", `"0x1f"`},
		{"octal of 1.2", "0o17", `"0o17"`},
		{"grouped digits", "1_000", `"1_000"`},
		{"floats", "1.5e3", `"1.5e3"`}, {"a float like a commit", "12e45", `"12e45"`}, {"half floats", ".5", `".5"`}, {"infinity", "-.inf", `"-.inf"`},
		{"base 60, as 1.1 reads times and ports", "22:30", `"22:30"`},
		{"dates", "2001-12-14", `"2001-12-14"`}, {"times", "2001-12-14 21:59:43", `"2001-12-14 21:59:43"`},
		{"the merge key", "<<", `"<<"`}, {"the default value of 1.1", "=", `"="`},
		{"a colon and space", "a: b", `"a: b"`}, {"a colon at the end", "a:", `"a:"`}, {"a comment", "a #b", `"a #b"`},
		{"signs at the start", "*", `"*"`}, {"signs at the start", "@x", `"@x"`}, {"signs at the start", "!x", `"!x"`}, {"signs at the start", "%x", `"%x"`},
		{"a list's dash", "- a", `"- a"`}, {"a document's end", "---", `"---"`}, {"a document's end", "...", `"..."`},
		{"JSON reads best in single quotes", `{"a": "it's"}`, `'{"a": "it''s"}'`},
		{"so do backslashes", `\d: x`, `'\d: x'`},
		{"but escapes need double ones", "\"\t\\", `"\"\t\\"`},
		{"space at the ends", " a", `" a"`}, {"space at the ends", "a ", `"a "`}, {"space at the ends", "a\u00a0", "\"a\u00a0\""},
		{"what nobody sees", "a\u2028\ufeff\x00\x7f\u0085\uffff", `"a\u2028\uFEFF\x00\x7F\x85\uFFFF"`},
		{"letters and emoji are for people", "Über 😀", "Über 😀"},
		{"lines", "a\nb\n", "|\n  a\n  b"},
		{"lines without an end", "a\n\n  b: c", "|-\n  a\n\n    b: c"},
		{"lines that start with space", " a\nb\n", "|2\n   a\n  b"},
		{"lines that start with a blank one", "\na\n", "|2\n\n  a"},
		{"one line and its end", "a\n", "|\n  a"},
		{"blank lines at the end would not survive editors", "a\n\n", `"a\n\n"`},
		{"only blank lines", "\n", `"\n"`}, {"only blank lines", "  \n ", `"  \n "`},
		{"Windows line ends", "a\r\nb\r\n", `"a\r\nb\r\n"`},
		{"long text is not folded", strings.Repeat("word ", 100) + "end", strings.Repeat("word ", 100) + "end"},
	} {
		var b strings.Builder
		if err := Encode(&b, &Node{Value: c.in}); err != nil || b.String() != c.want+"\n" {
			t.Errorf("%s: %v\n got %q\nwant %q", c.reason, err, b.String(), c.want+"\n")
		}
		roundTrip(t, c.in)
	}
}

func TestEncode(t *testing.T) {
	for _, c := range []struct{ reason, in, want string }{
		{"lists are indented under their key", "a: [x, [w, [z]], {k: [v], l: {m: 1}}]",
			"a:\n  - x\n  - - w\n    - - z\n  - k:\n      - v\n    l:\n      m: 1\n"},
		{"empty maps and lists", "a: {}\nb: []\nc: [{}, []]\n", "a: {}\nb: []\nc:\n  - {}\n  - []\n"},
		{"scalars; a number keeps its spelling", "[null, true, 1, 1.10, 1.0, 1E3]", "- null\n- true\n- 1\n- 1.10\n- 1.0\n- 1E3\n"},
		{"keys are text and quoted like it", "1: a\non: b\nx y: c\n'a: b': d\n'': e\n<<x: f", "\"1\": a\n\"on\": b\nx y: c\n\"a: b\": d\n\"\": e\n<<x: f\n"},
		{"a key of two lines", "\"a\\nb\": 1", "\"a\\nb\": 1\n"},
		{"a block of text inside of maps and lists", "a: [\"x\\ny\\n\", {b: \" x\\ny\"}]", "a:\n  - |\n    x\n    y\n  - b: |2-\n       x\n      y\n"},
		{"documents, null, empty and blocks of text among them", "~\n--- {}\n---\na: 1\n---\n|\n x\n---\n[]\n", "null\n---\n{}\n---\na: 1\n---\n|\n  x\n---\n[]\n"},
		{"aliases and merges are written out", "a: &x {p: 1}\nb: {<<: *x, q: 2}\nc: *x", "a:\n  p: 1\nb:\n  p: 1\n  q: 2\nc:\n  p: 1\n"},
		{"nothing at all", "", ""},
	} {
		docs, errs := Parse("f.yaml", []byte(c.in))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		var b strings.Builder
		if err := Encode(&b, docs...); err != nil || b.String() != c.want {
			t.Errorf("%s: %v\n got %q\nwant %q", c.reason, err, b.String(), c.want)
		}
		fixpoint(t, docs)
	}
	long := strings.Repeat("\u2028k", 400) // 2800 characters in quotes
	for _, v := range []any{1, []any{long}, map[string]any{long: "a\nb"}, map[string]any{}} {
		fixpoint(t, []*Node{FromAny(map[string]any{long: v, "z": []any{map[string]any{long: v, "z": 1}}}, nil)})
	}
}

func TestEncodeErrors(t *testing.T) {
	deep := &Node{}
	for range MaxDepth + 1 {
		deep = &Node{Kind: List, Items: []*Node{deep}}
	}
	for reason, n := range map[string]*Node{
		"not UTF-8":                     {Value: "a\xff"},
		"not UTF-8, lines":              {Value: "a\n\xff"},
		"not UTF-8, key":                {Kind: Map, Pairs: []Pair{{Key: "\xff"}}},
		"no number of JSON":             {Value: math.Inf(1)},
		"not a number":                  {Value: math.NaN()},
		"a type that Parse never makes": {Value: 1},
		"a key twice":                   {Kind: Map, Pairs: []Pair{{Key: "a"}, {Key: "a"}}},
		"deeper than Parse reads":       deep,
	} {
		var b strings.Builder
		if err := Encode(&b, &Node{}, n); err == nil || b.Len() > 0 {
			t.Errorf("%s: wrote %q, %v", reason, b.String(), err)
		}
	}
	fixpoint(t, deep.Items) // one level less is fine
}
