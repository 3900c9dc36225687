package model

import (
	"strings"

	"github.com/kcsync/kcsync/javaregexp"
)

// javaPattern is a text that can be a regular expression of the server.
var javaPattern = Value{Test: func(text string) bool { return javaregexp.Wrong(text) == "" }, Want: "a regular expression"}

// javaPatternWith is a text that can be one where the key beside it says "true".
func javaPatternWith(key string) Value {
	return Value{Beside: key, Agrees: func(text, on string) string {
		if why := javaregexp.Wrong(text); why != "" && strings.EqualFold(on, "true") {
			return "is no regular expression: " + why
		}
		return ""
	}}
}
