package model

import (
	"strings"
	"testing"
)

// TestPasswordPolicy holds what Keycloak answered to each policy: an error, or
// none.
func TestPasswordPolicy(t *testing.T) {
	for _, p := range []string{
		"length(8) and notUsername(undefined)", "length", "length(-1)", "notUsername", "notUsername(x)", "passwordBlacklist",
		"regexPattern(^(?=.*[a-z]).{8,}$)", "regexPattern(a b)", "hashAlgorithm(argon2)", "hashIterations(27500)",
	} {
		if wrong := passwordPolicyWrong(p); wrong != nil {
			t.Errorf("%s: %v", p, wrong)
		}
	}
	for p, want := range map[string]string{
		"length()":                      "length in passwordPolicy must be a whole number, and is empty",
		"length(undefined)":             `length in passwordPolicy must be a whole number, not "undefined"`,
		"length(8.5)":                   `length in passwordPolicy must be a whole number, not "8.5"`,
		"length( 8 )":                   `length in passwordPolicy must be a whole number, not " 8 "`,
		"length(8)and digits(1)":        `length in passwordPolicy must be a whole number, not "8)and digits(1"`,
		"length(8) and":                 `length in passwordPolicy must be a whole number, not "8) an"`,
		"length(8))":                    `length in passwordPolicy must be a whole number, not "8)"`,
		"digits(1":                      "digits in passwordPolicy must be a whole number, and is empty",
		"digits(99999999999)":           `digits in passwordPolicy must be a whole number, not "99999999999"`,
		"maxAuthAge(x)":                 `maxAuthAge in passwordPolicy must be a whole number, not "x"`,
		"regexPattern(()":               "regexPattern in passwordPolicy is no regular expression of Java: a ( is not closed",
		"regexPattern()":                "regexPattern in passwordPolicy needs a regular expression in parentheses",
		"regexPattern":                  "regexPattern in passwordPolicy needs a regular expression in parentheses",
		"hashAlgorithm":                 "hashAlgorithm in passwordPolicy needs the name of an algorithm in parentheses",
		"passwordBlacklist()":           `passwordBlacklist in passwordPolicy must be the name of a file in the server's folder of such files, not ""`,
		"passwordBlacklist(../b.txt)":   `passwordBlacklist in passwordPolicy must be the name of a file in the server's folder of such files, not "../b.txt"`,
		"length(8) and length(9)":       "passwordPolicy names length twice; the server keeps one of them",
		"regexPattern(a) and digits(x)": `digits in passwordPolicy must be a whole number, not "x"`,
	} {
		if got := strings.Join(passwordPolicyWrong(p), "; "); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
}

// TestPasswordLacks holds which passwords Keycloak 26.7.5 takes of ada, whose
// email is ada@acme.example.
func TestPasswordLacks(t *testing.T) {
	for _, c := range []struct{ policy, password, want string }{
		{"length(8)", "12345678", ""},
		{"length", "1234567", "must have 8 characters"},
		{"maxLength(3)", "1234", "must have 3 characters at most"},
		{"digits(2) and upperCase(1)", "a1", "must have 2 digits; must have 1 capital letters"},
		{"specialChars", "password", "must have 1 characters that are neither letters nor digits"},
		{"specialChars(undefined)", "pass word", ""},
		{"lowerCase(1)", "ADA", "must have 1 small letters"},
		{"notUsername(undefined) and notEmail", "ADA", "must not be the username"},
		{"notEmail", "ada@acme.example", "must not be the email"},
		{"passwordHistory(3) and hashIterations(27500)", "x", ""},
	} {
		if got := strings.Join(passwordLacks(c.policy, c.password, "ada", "ada@acme.example"), "; "); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.policy, c.password, got, c.want)
		}
	}
}
