package text

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// strip removes what Encode does not keep: the positions.
func strip(docs []*Node) []*Node {
	var out []*Node
	for _, d := range docs {
		if d == nil {
			d = &Node{}
		}
		n := &Node{Kind: d.Kind, Value: d.Value, Items: strip(d.Items)}
		for _, p := range d.Pairs {
			n.Pairs = append(n.Pairs, Pair{Key: p.Key, Value: strip([]*Node{p.Value})[0]})
		}
		out = append(out, n)
	}
	return out
}

// fixpoint checks that what Encode writes is read as the same trees and written as the same bytes again.
func fixpoint(t *testing.T, docs []*Node) {
	t.Helper()
	var first, second bytes.Buffer
	if err := Encode(&first, docs...); err != nil {
		t.Fatal(err)
	}
	if first.Len() > 0 && (!bytes.HasSuffix(first.Bytes(), []byte("\n")) || bytes.HasSuffix(first.Bytes(), []byte("\n\n"))) {
		t.Fatalf("does not end with one newline: %q", first.Bytes())
	}
	again, errs := Parse("f.yaml", first.Bytes())
	if len(errs) > 0 {
		t.Fatalf("%v\n%q", errs, first.Bytes())
	}
	if !reflect.DeepEqual(strip(again), strip(docs)) {
		t.Fatalf("read back as something else: %.1000q\n got %#v\nwant %#v", first.Bytes(), anys(again), anys(docs))
	}
	if err := Encode(&second, again...); err != nil || first.String() != second.String() {
		t.Fatalf("not a fixpoint: %v\n%q\n%q", err, first.Bytes(), second.Bytes())
	}
}

// roundTrip checks a string in every place a string can have.
func roundTrip(t *testing.T, s string) {
	t.Helper()
	n := func() *Node { return &Node{Value: s} }
	list := &Node{Kind: List, Items: []*Node{n(), {Kind: Map, Pairs: []Pair{{Key: s, Value: n()}, {Key: s + "x", Value: n()}}}, {Kind: List, Items: []*Node{n(), n()}}, n()}}
	fixpoint(t, []*Node{n(), list, {Kind: Map, Pairs: []Pair{{Key: s + "k", Value: list}, {Key: s + "l", Value: n()}, {Key: s, Value: n()}}}, n()})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		positions, "a: 1\n---\nb: 2\n", "{\"a\": [1, 2.5, \"\\u00e4\", null]}", "a: &x {k: 1}\nb: {<<: *x}\nc: [*x]\n", "a: |2-\n   x\n  y\n\nb: >+\n  x\n\n",
		"? a\n: b\n? [x]\n", "- - - a\n    - b\n", "\tx", "a: 'it''s'\nb: \"\\x41\\\n  b\"\n", "%YAML 1.2\n---\n!!str 1\n...\n", "\xff\xfe", "a: x: y\n---\nb: @\n",
		"a:\r\n  - 0100\r\n  - 1.10\r\n", "# c\na: # d\n  # e\n  - b # f\n# g\n", "[[[[{a: {b: [", "{\"a\" 1, 'b': True, // x\n}", "&a [*a]", "a: &a [&b [&c [1]]]\nd: *b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, file := range []string{"f.yaml", "f.json"} {
			docs, errs := Parse(file, data)
			lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 1
			for i, e := range errs {
				if e.Line < 1 || e.Col < 1 || e.Line > lines || e.Col > len(data)+2 || e.Problem == "" || e.File != file {
					t.Errorf("%s: bad error %+v", file, e)
				}
				if i > 0 && e.Pos.Before(errs[i-1].Pos) {
					t.Errorf("%s: errors out of order: %v", file, errs)
				}
			}
			if size := count(docs...); size > 2*maxExpansion+len(data) {
				t.Errorf("%d bytes became %d nodes", len(data), size)
			}
			if len(errs) == 0 {
				fixpoint(t, docs)
			}
		}
	})
}

func FuzzString(f *testing.F) {
	for _, s := range []string{
		"", " ", "\n", "a\nb", "a\n\tb\n", "\ta\nb", "\n\n a\n", "a \n b", "# a\nb", "- a\n- b\n", "---\na", "a: b", "a'b\"c\\", "0100", "\u0085", "\u2028\n", "\ufeffa",
		"key: |\n  x\n", "%a", "a\r\nb", strings.Repeat("ä", 1100), "? a", "\U0001F600", "a\n \n\nb", "null", "-.5e-3_0", "1:2", "2020-1-1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if utf8.ValidString(s) {
			roundTrip(t, s)
		}
	})
}
