package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kcsync/kcsync/model"
)

// inlineWidth is how long a value may be to stand on the line of its field.
const inlineWidth = 100

// inline returns a value on one line.
func inline(v any) string {
	switch v := v.(type) {
	case nil:
		return "(none)"
	case Hidden:
		return "(secret)"
	case string:
		if v == model.Mask {
			return "(hidden)"
		}
		return quoted(v)
	case model.Reference:
		return plain(string(v))
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = inline(e)
		}
		return strings.Join(parts, ", ")
	case map[string]any, model.Object:
		return compact(v)
	}
	return fmt.Sprint(v)
}

// compact returns a value as JSON on one line.
func compact(v any) string { return plain(strings.Join(jsonLines(v, ""), "")) }

// jsonLines returns a value as lines of JSON; without indent it is one line.
func jsonLines(v any, indent string) []string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return []string{fmt.Sprint(v)}
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// quoted returns a text as it is, in quotes where that could be misread.
func quoted(s string) string {
	switch {
	case s == "", strings.TrimSpace(s) != s, s == "(none)", strings.HasPrefix(s, `"`), strings.HasPrefix(s, "(secret"):
		return strconv.Quote(s)
	}
	return plain(s)
}

// plain returns a text without characters that a terminal would act upon or
// not show.
func plain(s string) string {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}

// shorten cuts what is too long, and says how long it is.
func shorten(s string) string {
	n := utf8.RuneCountInString(s)
	if n <= inlineWidth {
		return s
	}
	return string([]rune(s)[:inlineWidth-40]) + fmt.Sprintf("... (%d characters)", n)
}

// around cuts two long texts to where they differ.
func around(a, b string) (string, string) {
	x, y := []rune(a), []rune(b)
	from := 0
	for from < len(x) && from < len(y) && x[from] == y[from] {
		from++
	}
	if from = max(0, from-20); from > 0 {
		x, y = x[from:], y[from:]
	}
	cut := func(r []rune) string {
		s := string(r)
		if len(r) > inlineWidth-20 {
			s = string(r[:inlineWidth-20]) + "..."
		}
		if from > 0 {
			s = "..." + s
		}
		return s
	}
	return cut(x), cut(y)
}
