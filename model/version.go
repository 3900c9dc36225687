package model

import (
	"regexp"
	"strings"
)

// HasVersion reports whether a server of the version has what exists since
// the given version. Both are dotted numbers; an empty since is always had,
// and an unknown (empty) version is taken to have everything.
func HasVersion(version, since string) bool {
	if since == "" || version == "" {
		return true
	}
	v, s := strings.Split(version, "."), strings.Split(since, ".")
	for i := range s {
		if i >= len(v) {
			return false
		}
		if c := compareNumeric(v[i], s[i]); c != 0 {
			return c > 0
		}
	}
	return len(v) == len(s) || !beforeRelease.MatchString(v[len(s)])
}

// beforeRelease matches what follows the number of a version that is not released.
var beforeRelease = regexp.MustCompile(`^(Alpha|Beta|CR)`)

// compareNumeric compares two runs of digits by value.
func compareNumeric(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
