package model

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/kcsync/kcsync/javaregexp"
)

// validator is what is known of one of the server's validators of users'
// values. What it says is wrong is so on every supported version; where the
// server knows more than can be said here, nothing is.
type validator struct {
	// config returns what is wrong with its configuration, by key.
	config func(c map[string]any) (key, wrong string)
	// value returns what a text must be and is not; "" when it may be right.
	value func(c map[string]any, text string) string
	// absent is what must not be so where there is no value at all.
	absent string
}

// validators are those that come with Keycloak, by id.
var validators = map[string]validator{
	"length": {
		config: func(c map[string]any) (string, string) {
			if c["min"] == nil && c["max"] == nil {
				return "", "needs min or max"
			}
			return bounds(c, wholeNumber, false)
		},
		value: func(c map[string]any, text string) string {
			if fmt.Sprint(c["trim-disabled"]) != "true" {
				text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
			}
			return within(c, wholeNumber, float64(len(utf16.Encode([]rune(text)))), "have", " characters")
		},
	},
	"integer": {
		config: func(c map[string]any) (string, string) { return bounds(c, wholeNumber, true) },
		value:  numbered(wholeNumber, "a whole number"),
	},
	"double": {
		config: func(c map[string]any) (string, string) { return bounds(c, number, true) },
		value:  numbered(number, "a number"),
	},
	"multivalued": {
		config: func(c map[string]any) (string, string) {
			if c["max"] == nil {
				return "", "needs max"
			}
			return bounds(c, wholeNumber, false)
		},
	},
	"pattern": {
		config: func(c map[string]any) (string, string) {
			p, ok := c["pattern"].(string)
			if !ok {
				return "", "needs a pattern"
			}
			if wrong := javaregexp.Wrong(p); wrong != "" {
				return "pattern", "is no regular expression of Java: " + wrong
			}
			return "", ""
		},
		value: func(c map[string]any, text string) string {
			p, _ := c["pattern"].(string)
			if matches, known := javaregexp.Matches(p, text); known && !matches {
				return "must match " + p
			}
			return ""
		},
	},
	"options": {
		config: func(c map[string]any) (string, string) {
			if _, ok := c["options"].([]any); !ok {
				return "", "needs a list of options"
			}
			return "", ""
		},
		value: func(c map[string]any, text string) string {
			if l := asList(c["options"]); !slices.Contains(l, any(text)) {
				return "must be one of " + shownList(l)
			}
			return ""
		},
	},
	"email": {
		config: func(c map[string]any) (string, string) {
			if v, ok := c["max-local-length"]; ok && v != nil {
				if n, ok := wholeNumber(v); !ok || n <= 0 {
					return "max-local-length", "must be a whole number above 0"
				}
			}
			return "", ""
		},
		value: func(c map[string]any, text string) string {
			most := 64.0
			if n, ok := wholeNumber(c["max-local-length"]); ok {
				most = n
			}
			at := strings.LastIndexByte(text, '@')
			if !address.MatchString(text) || !strings.HasPrefix(text, `"`) && float64(len(utf16.Encode([]rune(text[:at])))) > most {
				return "must be an email address"
			}
			return ""
		},
	},
	"uri": {value: func(c map[string]any, text string) string {
		scheme, _, ok := strings.Cut(text, ":")
		switch {
		case noURI.MatchString(text):
			return "must be a URI"
		case !ok && fmt.Sprint(c["requireValidUrl"]) != "false":
			return "must be a URL"
		case ok && c["allowedSchemes"] == nil && scheme != "http" && scheme != "https" && uriScheme.MatchString(scheme):
			return "must be a URL of http or https"
		}
		return ""
	}},
	"iso-date": {value: func(_ map[string]any, text string) string {
		if _, err := time.Parse(time.DateOnly, text); err != nil && len(text) <= len(time.DateOnly) {
			return "must be a date such as 2026-01-31"
		}
		return ""
	}},
	"person-name-prohibited-characters": {value: hasNone(`[<>&"$%!#?§;*~/\\|^=\[\]{}()\x00-\x1f\x7f]`)},
	"username-prohibited-characters":    {value: hasNone("[<>&\"'\\s$%!#?§,;:*~/\\\\|^=\\[\\]{}()`\\x00-\\x1f\\x7f]")},
	"up-username-not-idn-homograph": {value: func(_ map[string]any, text string) string {
		if !latin.MatchString(text) {
			return "must have Latin letters only"
		}
		return ""
	}},
	"not-blank": {absent: "must not be blank"},
	"not-empty": {absent: "must not be empty"},
}

var (
	latin     = regexp.MustCompile(`^[\p{Latin}\p{Common}]*$`)
	uriScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	// address is an email address: what stands before its @ may be quoted, and
	// a domain may be an IP address in brackets.
	address = regexp.MustCompile(`^(".*"|[^\s"@.(),:;<>\[\\\]]+(\.[^\s"@.(),:;<>\[\\\]]+)*)@(\[.*\]|` +
		`[^\s@._-]([^\s@._]{0,61}[^\s@._-])?(\.[^\s@._-]([^\s@._]{0,61}[^\s@._-])?)*)$`)
)

// hasNone returns the check that a text has none of the characters of a class.
func hasNone(class string) func(map[string]any, string) string {
	prohibited := regexp.MustCompile(class)
	return func(_ map[string]any, text string) string {
		if c := prohibited.FindString(text); c != "" {
			return "must not have a " + strconv.Quote(c)
		}
		return ""
	}
}

// wholeNumber returns a setting or a value as a whole number; a fraction in a
// setting is cut off.
func wholeNumber(v any) (float64, bool) {
	if s, ok := v.(string); ok {
		n, err := strconv.ParseInt(s, 10, 64)
		return float64(n), err == nil
	}
	return number(v)
}

// number returns a setting or a value as a number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case nil, bool, []any, map[string]any, Reference:
		return 0, false
	case string:
		n, err := strconv.ParseFloat(strings.TrimRight(strings.TrimSpace(v), "dDfF"), 64)
		return n, err == nil
	default:
		n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		return n, err == nil
	}
}

// numbered returns the check that a text is a number within the configured
// bounds.
func numbered(parse func(any) (float64, bool), what string) func(map[string]any, string) string {
	return func(c map[string]any, text string) string {
		n, ok := parse(text)
		if !ok {
			if !asciiText.MatchString(text) {
				return "" // other digits
			}
			return "must be " + what
		}
		return within(c, parse, n, "be", "")
	}
}

var asciiText = regexp.MustCompile(`^[\x00-\x7f]*$`)

// bounds returns what is wrong with min and max of a configuration; apart, when
// they must not be equal.
func bounds(c map[string]any, parse func(any) (float64, bool), apart bool) (key, wrong string) {
	for _, key := range []string{"min", "max"} {
		if v := c[key]; v != nil {
			if _, ok := parse(v); !ok {
				return key, "must be a number"
			}
		}
	}
	low, some := parse(c["min"])
	high, both := parse(c["max"])
	switch {
	case !some || !both:
	case low > high:
		return "max", "must not be below min"
	case apart && low == high:
		return "max", "must be above min"
	}
	return "", ""
}

// within returns what a number must be, or have of a unit, and does not.
func within(c map[string]any, parse func(any) (float64, bool), n float64, verb, unit string) string {
	low, below := parse(c["min"])
	high, above := parse(c["max"])
	switch {
	case below && n < low:
		return fmt.Sprintf("must %s at least %v%s", verb, c["min"], unit)
	case above && n > high:
		return fmt.Sprintf("must %s at most %v%s", verb, c["max"], unit)
	}
	return ""
}

// shownList quotes the first of some values.
func shownList(l []any) string {
	const most = 12
	var out []string
	for _, v := range l[:min(len(l), most)] {
		out = append(out, shown(fmt.Sprint(v)))
	}
	if len(l) > most {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}
