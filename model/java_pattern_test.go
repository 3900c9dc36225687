package model

import "testing"

// TestJavaPattern holds what Keycloak answered when it was given each pattern
// as that of a password policy. It may take more than is known to be wrong, and
// never less.
func TestJavaPattern(t *testing.T) {
	for _, p := range []string{
		`a*+`, `a*?`, `a{2}`, `{2}`, `a}`, `a]`, `[]a]`, `[^]a]`, `|`, `a||b`, `(?:a)`, `(?<n>a)`, `(?x)a #(`, `[a-z&&[^b]]`, `\Q(`, `\Q(\E`,
		`\p{L}`, `\pL`, `\x41`, `\1`, `a?+`, `a??`, `^*`, `$+`, `(a)*`, `()`, `()*`, `(?=a)*`, `a{1,}`, `a{1,}{2}`, `\d{3}{2}`, `a{2}+`, `[a&&]`, `[\]]`,
		`[\Q]\E]`, `(?<=a+)b`, `[:alpha:]`, `[[:alpha:]]`, `\h`, `^a$`, `a{0}`, `[--a]`, `\_`, `^(?=.*[a-z])(?=.*\d)[a-zA-Z\d]{8,}$`, `(?i)[äöü]+`,
	} {
		if why := javaPatternWrong(p); why != "" {
			t.Errorf("%s: %s", p, why)
		}
	}
	for p, want := range map[string]string{
		`(`: "a ( is not closed", `(a|b`: "a ( is not closed", `[a`: "a [ is not closed", `[]`: "a [ is not closed", `[^]`: "a [ is not closed", `[a-`: "a [ is not closed",
		`)`: "a ) closes nothing", `(a))`: "a ) closes nothing", `\`: "it ends in a backslash", `[\`: "it ends in a backslash",
		`*`: "nothing stands before a * to be repeated", `a**`: "nothing stands before a * to be repeated", `a*++`: "nothing stands before a + to be repeated",
		`a|*`: "nothing stands before a * to be repeated", `(*a)`: "nothing stands before a * to be repeated", `a???`: "nothing stands before a ? to be repeated",
		`a{2}*`: "nothing stands before a * to be repeated", `a{`: "a { does not say how often to repeat", `a{2`: "a { does not say how often to repeat",
		`a{x}`: "a { does not say how often to repeat", `a{,3}`: "a { does not say how often to repeat", `a{99999999999}`: "a { does not say how often to repeat",
		`\p{`: "a { is not closed", `\p{IsLatin`: "a { is not closed",
	} {
		if why := javaPatternWrong(p); why != want {
			t.Errorf("%s: %q, want %q", p, why, want)
		}
	}
}

func TestJavaMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text  string
		matches, known bool
	}{
		{`[a-c]+`, "abc", true, true},
		{`[a-c]+`, "xabc", false, true},
		{`[a-c]+`, "abc\n", false, true},
		{`a|b`, "ab", false, true},
		{`[a-c&&[b]]`, "b", false, false},
		{`(?=a).*`, "b", false, false},
		{`\w+\s\w+`, "a b", true, true},
		{`\w+\s\w+`, "a\vb", false, false},
		{`\bab\b`, "ab", false, false},
	} {
		if m, known := javaMatches(c.pattern, c.text); m != c.matches || known != c.known {
			t.Errorf("%s on %q: %v, %v", c.pattern, c.text, m, known)
		}
	}
}
