package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/kcsync/kcsync/javaregexp"
)

// policyPart is one of the policies in a password policy as Keycloak writes it:
// "length(8) and notUsername(undefined)".
type policyPart struct {
	name     string
	argument string
	argued   bool // has an argument, be it empty
}

// policyParts takes a password policy apart as the server does: what follows on
// a name, but for the last character, is its argument.
func policyParts(policy string) []policyPart {
	var out []policyPart
	for text := range strings.SplitSeq(policy, " and ") {
		text = strings.TrimSpace(text)
		name, rest, argued := strings.Cut(text, "(")
		p := policyPart{name: strings.TrimSpace(name), argued: argued}
		if rest != "" {
			p.argument = rest[:len(rest)-1]
		}
		if text != "" {
			out = append(out, p)
		}
	}
	return out
}

// policyNames returns what a password policy names: the policies, and how
// passwords are hashed.
func policyNames(policy string) []Part {
	var out []Part
	for _, p := range policyParts(policy) {
		if p.name != "" {
			out = append(out, Part{Name: p.name})
		}
		if p.name == "hashAlgorithm" && p.argument != "" {
			out = append(out, Part{In: "providers/password-hashing", Name: p.argument})
		}
	}
	return out
}

// numericPolicies are those that take a number, which all but some can do
// without.
var numericPolicies = []string{
	"length", "maxLength", "digits", "lowerCase", "upperCase", "specialChars", "maxAuthAge",
	"passwordHistory", "forceExpiredPasswordChange", "hashIterations", "passwordAge", "recoveryCodesWarningThreshold",
}

// passwordPolicyWrong says what is wrong with a password policy, beyond the
// names in it.
func passwordPolicyWrong(policy string) []string {
	var out []string
	wrong := func(p policyPart, text string) { out = append(out, p.name+" in passwordPolicy "+text) }
	seen := map[string]bool{}
	for _, p := range policyParts(policy) {
		if seen[p.name] {
			out = append(out, "passwordPolicy names "+p.name+" twice; the server keeps one of them")
		}
		seen[p.name] = true
		switch {
		case slices.Contains(numericPolicies, p.name):
			v := Value{Min: math.MinInt32, Max: math.MaxInt32, Want: "a whole number", Filled: true}
			if text := v.Wrong(p.argument, false); p.argued && text != "" {
				wrong(p, text)
			}
		case p.name == "regexPattern" && strings.TrimSpace(p.argument) == "":
			wrong(p, "needs a regular expression in parentheses")
		case p.name == "regexPattern":
			if text := javaregexp.Wrong(p.argument); text != "" {
				wrong(p, "is no regular expression of Java: "+text)
			}
		case p.name == "hashAlgorithm" && p.argument == "":
			wrong(p, "needs the name of an algorithm in parentheses")
		case p.name == "passwordBlacklist" && p.argued && (p.argument == "" || strings.ContainsAny(p.argument, `/\`)):
			wrong(p, "must be the name of a file in the server's folder of such files, not "+shown(p.argument))
		}
	}
	return out
}

// passwordLacks says what a password must be to keep to a policy, and is not.
// Policies that look further than at the password and its owner are not asked.
func passwordLacks(policy, password, username, email string) []string {
	var out []string
	for _, p := range policyParts(policy) {
		n, err := strconv.Atoi(p.argument)
		number := func(otherwise int) int {
			if err != nil {
				return otherwise
			}
			return n
		}
		few := func(is func(rune) bool, what string) {
			count := 0
			for _, r := range password {
				if is(r) {
					count++
				}
			}
			if least := number(1); count < least {
				out = append(out, fmt.Sprintf("must have %d %s", least, what))
			}
		}
		length := len(utf16.Encode([]rune(password)))
		switch p.name {
		case "length":
			if least := number(8); length < least {
				out = append(out, fmt.Sprintf("must have %d characters", least))
			}
		case "maxLength":
			if most := number(64); length > most {
				out = append(out, fmt.Sprintf("must have %d characters at most", most))
			}
		case "digits":
			few(unicode.IsDigit, "digits")
		case "lowerCase":
			few(unicode.IsLower, "small letters")
		case "upperCase":
			few(unicode.IsUpper, "capital letters")
		case "specialChars":
			few(func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }, "characters that are neither letters nor digits")
		case "notUsername":
			if strings.EqualFold(password, username) {
				out = append(out, "must not be the username")
			}
		case "notEmail":
			if email != "" && strings.EqualFold(password, email) {
				out = append(out, "must not be the email")
			}
		}
	}
	return out
}
