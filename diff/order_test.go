package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kcsync/kcsync/model"
)

// hand builds nodes from "a: b c", where a needs b and c in any case, and
// "a: ~b", where it needs b for the sake of a late reference.
func hand(lines ...string) []*node {
	role := model.Lookup("role")
	at := map[string]*node{}
	var nodes []*node
	get := func(name string) *node {
		if at[name] == nil {
			at[name] = newNode(&Change{ID: "role/" + name, Addr: model.Address("role/" + name), Kind: role, Action: Create, After: model.Object{}})
			nodes = append(nodes, at[name])
		}
		return at[name]
	}
	for _, l := range lines {
		name, needs, _ := strings.Cut(l, ":")
		n := get(name)
		for _, m := range strings.Fields(needs) {
			if m, ok := strings.CutPrefix(m, "~"); ok {
				n.loose["/composites/realm"] = map[*node]bool{get(m): true}
				putField(n.After, "/composites/realm", []any{m})
				continue
			}
			n.hard[get(m)] = true
		}
	}
	return nodes
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		why  string
		in   []string
		want string
		err  string
	}{
		{"no circle, nothing to cut", []string{"b: a", "c: ~b"}, "a b c", ""},
		{"a circle with a late side", []string{"a: ~b", "b: a"}, "a b a(late)", ""},
		{"an object that refers to itself", []string{"a: ~a"}, "a a(late)", ""},
		{"the one that most need is cut, and only that", []string{"z: ~b", "a: z", "b: a z ~a", "c: z"}, "z a b c z(late)", ""},
		{"two circles through one are one cut", []string{"m: ~a", "a: m ~b", "b: m"}, "m b a m(late)", ""},
		{"what is a circle without it too is cut again", []string{"m: ~a", "a: ~b m", "b: m ~a"}, "m a b a(late) m(late)", ""},
		{"two circles apart are two cuts", []string{"a: ~b", "b: ~a", "c: ~d", "d: ~c"}, "a b a(late) c d c(late)", ""},
		{"nothing late: an error that names the circle, not what hangs on it", []string{"x: a", "a: b", "b: c", "c: a"}, "a b c x", "role/a -> role/b -> role/c -> role/a"},
	} {
		cmp := &comparison{plan: &Plan{}}
		var got []string
		for _, n := range topological(cmp.cut(hand(c.in...), map[*node]*node{})) {
			got = append(got, strings.ReplaceAll(strings.TrimPrefix(n.ID, "role/"), " ", ""))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.why, s, c.want)
		}
		if !strings.Contains(cmp.diags.Error(), c.err) || (c.err == "") != (len(cmp.diags) == 0) {
			t.Errorf("%s: error %q, want %q", c.why, cmp.diags.Error(), c.err)
		}
	}
}

// TestLongChain: references may be nested deeply, and many.
func TestLongChain(t *testing.T) {
	const n = 20000
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("r%05d: ~r%05d", i, (i+1)%n)
	}
	start := time.Now()
	cmp := &comparison{plan: &Plan{}}
	out := topological(cmp.cut(hand(lines...), map[*node]*node{}))
	if len(out) != n+1 {
		t.Errorf("%d changes, want one more than %d", len(out), n)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("a circle of %d took %v", n, d)
	}
}

func TestLineDiff(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a b c", "a b c", " a b c"},
		{"a b c", "a x c", " a-b+x c"},
		{"a b", "b a", "-a b+a"},
		{"", "a b", "+a+b"},
		{"a b c d e f", "a b c d x f", " a b c d-e+x f"},
	} {
		var got strings.Builder
		for _, l := range lineDiff(strings.Fields(c.a), strings.Fields(c.b)) {
			got.WriteString(string(l.sign) + l.text)
		}
		if g := strings.ReplaceAll(got.String(), " ", " "); g != strings.ReplaceAll(c.want, " ", " ") {
			t.Errorf("%q to %q: %q, want %q", c.a, c.b, g, c.want)
		}
	}
	if got := len(nearby(lineDiff(strings.Fields("a b c d e f"), strings.Fields("a b c d x f")))); got != 5 {
		t.Errorf("%d lines near the change, want a gap, one before, two changed, one after", got)
	}
}

func TestInline(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
		why  string
	}{
		{nil, "(none)", "absent"},
		{"", `""`, "empty is not absent"},
		{"(none)", `"(none)"`, "what looks like absent is quoted"},
		{" x", `" x"`, "blanks that cannot be seen"},
		{"a\x1b[31mb", `a\x1b[31mb`, "a terminal must not act on it"},
		{"a\u202eb", `a\u202eb`, "nor turn it round"},
		{"Größe", "Größe", "letters are letters"},
		{[]any{}, "[]", "an empty list"},
		{[]any{"a", int64(1)}, "a, 1", "a list"},
		{map[string]any{"b": "<", "a": true}, `{"a":true,"b":"<"}`, "a map"},
		{Hidden{}, "(secret)", "a secret"},
	} {
		if got := inline(c.v); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	var doc strings.Builder
	doc.WriteString(`{"clients": [`)
	for i := range 2000 {
		if i > 0 {
			doc.WriteByte(',')
		}
		fmt.Fprintf(&doc, `{"clientId": "c%d", "redirectUris": ["https://c%d/*"], "attributes": {"a": "b"}, "roles": [{"name": "r"}, {"name": "s", "composites": {"client": {"c%d": ["r"]}}}],
			"protocolMappers": [{"name": "m", "protocolMapper": "x", "config": {"a": "b"}}, {"name": "n", "protocolMapper": "x"}]}`, i, i, (i+1)%2000)
	}
	doc.WriteString(`]}`)
	desired, same := files(b, doc.String()), server(b, doc.String())
	empty := server(b, `{}`)
	for _, c := range []struct {
		name    string
		current *model.State
		changes int
	}{{"same", same, 0}, {"empty", empty, 10000}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				p, diags := Compute(desired, c.current, Options{})
				if diags != nil || len(p.Changes) != c.changes {
					b.Fatal(len(p.Changes), diags)
				}
			}
		})
	}
}

func TestAfter(t *testing.T) {
	set := map[*node]bool{}
	for _, n := range hand("a:", "b:", "c:", "d:") {
		set[n] = true
	}
	if got := after(set); got != "after role/a, role/b and 2 more" {
		t.Error(got)
	}
	if got := plural(2, "client-policy"); got != "client policies" {
		t.Error(got)
	}
	if got := slices.Collect(func(yield func(string) bool) { yield(listed([]string{"a", "b", "c"})) }); got[0] != "a, b and c" {
		t.Error(got)
	}
}
