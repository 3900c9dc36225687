package text

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseJSONValues(t *testing.T) {
	type m = map[string]any
	for _, c := range []struct {
		reason, in string
		want       []any
	}{
		{"every type, indented by tabs", "{\n\t\"a\": [\n\t\t1, -2.5, 1e3, true, false, null, \"x\"\n\t],\n\t\"b\": {}\n}\n",
			[]any{m{"a": []any{int64(1), -2.5, 1000.0, true, false, nil, "x"}, "b": m{}}}},
		{"integers are exact", "[9223372036854775807, -9223372036854775808, 9007199254740993]",
			[]any{[]any{int64(9223372036854775807), int64(-9223372036854775808), int64(9007199254740993)}}},
		{"escapes, a surrogate pair among them", `"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00"`, []any{"\"\\/\b\f\n\r\tä\U0001F600"}},
		{"the line separators of Unicode are plain characters in JSON", "\"a\u2028b\"", []any{"a\u2028b"}},
		{"an empty file has no documents, as in YAML", " \n", []any{}},
		{"null is a value", "null", []any{nil}},
		{"a byte order mark is skipped", "\ufeff1", []any{int64(1)}},
		{"a << is a key like others in JSON", `{"<<": 1}`, []any{m{"<<": int64(1)}}},
	} {
		docs, errs := Parse("f.JSON", []byte(c.in))
		if len(errs) > 0 {
			t.Errorf("%s: %q: %v", c.reason, c.in, errs)
		} else if got := anys(docs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q:\n got %#v\nwant %#v", c.reason, c.in, got, c.want)
		}
	}
}

func TestParseJSONErrors(t *testing.T) {
	for _, c := range []struct {
		reason, in string
		want       []string
	}{
		{"all problems at once, where the structure survives them",
			"{\n\t\"a\": 1,\n\t// foo\n\t\"b\": [1,,2,],\n\t\"a\": 3 \"c\": 'x', d: True, \"e\": 007, \"f\": 9223372036854775808 /* x\n*/ }\n x", []string{
				"f.json:3:2: JSON has no comments",
				"f.json:4:10: there is no element before this comma",
				"f.json:4:12: there is a comma after the last element",
				`f.json:5:2: the key "a" is already given at f.json:2:2`,
				"f.json:5:9: a comma is missing before this element",
				"f.json:5:14: JSON has no single quotes",
				"f.json:5:19: this key has no quotes",
				"f.json:5:22: this is not a JSON value",
				"f.json:5:33: this is not how JSON writes a number",
				"f.json:5:43: the number is too large to be kept exactly",
				"f.json:5:63: JSON has no comments",
				"f.json:7:2: there is more text after the end of the JSON value"}},
		{"the wrong bracket", `{"a": [1}`, []string{"f.json:1:9: found '}' instead of ']'"}},
		{"a file that is cut off", "{\n \"a\": [1, {", []string{"f.json:2:11: this '{' is not closed"}},
		{"a file that is cut off before a value", `{"a":`, []string{"f.json:1:6: a value is missing at the end of the file"}},
		{"no value", `{"a":}`, []string{`f.json:1:6: expected a value, found "}"`}},
		{"no colon; what stands there may be a password and is not shown", `{"password" "hunter2"}`, []string{"f.json:1:13: a colon is missing after the key"}},
		{"a string over two lines", "{\"a\": \"x\n\"}", []string{"f.json:1:7: the string is not closed"}},
		{"a string at the end of the file", `["\`, []string{"f.json:1:2: the string is not closed"}},
		{"escapes that encoding/json would replace or refuse; columns count characters", `["ä\ud83d\ude00 \ud800 \uzz \q"]`, []string{
			`f.json:1:17: \ud800 is half of a character`, `f.json:1:24: \u is not followed by four hexadecimal digits`, "f.json:1:29: unknown escape in a string"}},
		{"a tab in a string", "[\"a\tb\"]", []string{"f.json:1:4: a control character stands in a string"}},
		{"a comment to the end of the file", "1 /* x", []string{"f.json:1:3: JSON has no comments"}},
		{"YAML in a .json file", "a: 1\n", []string{"f.json:1:1: this is not a JSON value", "f.json:1:2: there is more text after the end of the JSON value"}},
		{"invalid UTF-8", "[\n\"\xe4\"]", []string{"f.json:2:2: the byte 0xE4 is not valid UTF-8"}},
		{"the byte order mark does not count", "\ufeff[x]", []string{"f.json:1:2: this is not a JSON value"}},
		{"deep nesting is an error, not a stack overflow", strings.Repeat(`{"a":[`, 1e6), []string{"f.json:1:601: maps and lists are nested more than 200 levels deep"}},
	} {
		_, errs := Parse("f.json", []byte(c.in))
		if got := errorLines(errs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %.80q:\n got %q\nwant %q", c.reason, c.in, got, c.want)
		}
	}
}
