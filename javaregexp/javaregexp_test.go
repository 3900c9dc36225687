package javaregexp

import (
	"os"
	"strings"
	"testing"
)

// TestWrong holds which expressions the server takes; TestRefusedPatterns
// asks it.
func TestWrong(t *testing.T) {
	text, err := os.ReadFile("testdata/patterns.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		p := strings.TrimSuffix(line[len("refuses "):], "\n")
		if why := Wrong(p); (why != "") != strings.HasPrefix(line, "refuses") {
			t.Errorf("%s: %q", p, why)
		}
	}
	for p, want := range map[string]string{
		`(a|b`: "a ( is not closed", `[^]`: "a [ is not closed", `(a))`: "a ) closes nothing", `[\`: "it ends in a backslash",
		`a|*`: "nothing stands before a * to be repeated", `a*++`: "nothing stands before a + to be repeated",
		`a{x}`: "a { does not say how often to repeat", `a{99999999999}`: "a { says more than Java can count", `a{3,1}`: "a { says more for the least than for the most",
		`\p{IsLatin`: "a { is not closed", `\p{Foo}`: `there is no class of characters \p{Foo}`, `[z-a]`: "z-a is no range of characters", `\y`: `\y means nothing to Java`,
		`[a-\d]`: `a-\d is no range of characters`, `(?<=(ab)+)`: "what stands in a look-behind, (?<, can be of any length", `(?P<n>a)`: "a (? is followed by no sort of group that Java knows",
	} {
		if why := Wrong(p); why != want {
			t.Errorf("%s: %q, want %q", p, why, want)
		}
	}
}

func TestMatches(t *testing.T) {
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
		if m, known := Matches(c.pattern, c.text); m != c.matches || known != c.known {
			t.Errorf("%s on %q: %v, %v", c.pattern, c.text, m, known)
		}
	}
}
