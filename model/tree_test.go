package model

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
)

// nodes reads a level of a flow: "name requirement" per entry, sub-flows with
// a leading / and what is below them in parentheses.
func nodes(t *testing.T, s string) []any {
	t.Helper()
	var parse func() []any
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(s))
	n := 0
	parse = func() []any {
		out := []any{}
		for len(words) > 0 && words[0] != ")" {
			node := map[string]any{"requirement": words[1], "id": fmt.Sprintf("id%d", n), "priority": int64(10 * (len(out) + 1))}
			name, config, _ := strings.Cut(words[0], ":")
			if sub, ok := strings.CutPrefix(name, "/"); ok {
				node["flow"], node["flowId"] = sub, fmt.Sprintf("flow%d", n)
			} else {
				node["authenticator"] = name
			}
			if config != "" {
				node["authenticatorConfig"], node["configId"] = map[string]any{"alias": config}, "config-"+config
			}
			n++
			words = words[2:]
			if len(words) > 0 && words[0] == "(" {
				words = words[1:]
				node["executions"] = parse()
				words = words[1:]
			}
			out = append(out, node)
		}
		return out
	}
	return parse()
}

func TestPairs(t *testing.T) {
	for _, tt := range []struct{ why, before, after, want string }{
		{"all stay", "a R b R", "a R b A", "a=a b=b"},
		{"one comes in the middle", "a R b R", "a R x R b R", "a=a +x b=b"},
		{"one goes", "a R b R c R", "a R c R", "a=a -b c=c"},
		{"the fewest move", "a R b R c R", "c R a R b R", "c>c a=a b=b"},
		{"twins are told apart by configuration", "a:1 R a:2 R", "a:2 R a:1 R", "a:2=a:2 a:1>a:1"},
		{"twins without one by position", "a R a R a R", "a R a R", "a=a a=a -a"},
		{"a configuration gets another name", "a:1 R", "a:2 R", "a:1=a:2"},
		{"a sub-flow is known by its alias", "/f R (a R)", "/f R (b R)", "f=f"},
		{"or by what is in it", "/f R (a R)", "/g R (a R)", "f=g"},
		{"or by most of it", "/f R (a R b R c R)", "/g R (a R x R b R)", "f=g"},
		{"else it is another", "/f R (a R)", "/g R (b R)", "+g -f"},
	} {
		var got []string
		name := func(n map[string]any) string {
			s := nodeName(n)
			if c, ok := at(n, "authenticatorConfig/alias").(string); ok {
				s += ":" + c
			}
			return s
		}
		for _, p := range flowExecutions.Pairs(nodes(t, tt.before), nodes(t, tt.after)) {
			switch {
			case p.Before == nil:
				got = append(got, "+"+name(p.After))
			case p.After == nil:
				got = append(got, "-"+name(p.Before))
			case p.Moved:
				got = append(got, name(p.Before)+">"+name(p.After))
			default:
				got = append(got, name(p.Before)+"="+name(p.After))
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, s, tt.want)
		}
	}
}

func TestSameTree(t *testing.T) {
	masked := []any{map[string]any{"authenticator": "a", "authenticatorConfig": map[string]any{"alias": "c", "config": map[string]any{"k": Mask}}}}
	value := []any{map[string]any{"authenticator": "a", "authenticatorConfig": map[string]any{"alias": "c", "config": map[string]any{"k": "v"}}}}
	none := []any{map[string]any{"authenticator": "a", "authenticatorConfig": map[string]any{"alias": "c"}}}
	if !flowExecutions.Equal(masked, value) || !flowExecutions.Equal(value, masked) {
		t.Error("a masked value may be any")
	}
	if flowExecutions.Equal(masked, none) {
		t.Error("a masked value is a value")
	}
}

// TestFlowSteps shows the requests for changes of a flow.
func TestFlowSteps(t *testing.T) {
	for _, tt := range []struct {
		why           string
		builtin       bool
		before, after string
		want          []string
	}{
		{"nothing differs", false, "a REQUIRED", "a REQUIRED", nil},
		{"one request is atomic", false, "a REQUIRED b ALTERNATIVE", "a REQUIRED b REQUIRED", []string{"PUT id1 REQUIRED 20"}},
		{"so is a new execution, at once between its neighbours", false, "a REQUIRED b REQUIRED", "a REQUIRED x REQUIRED b REQUIRED",
			[]string{"POST x REQUIRED 15"}},
		{"with a configuration it is switched on last", false, "a REQUIRED", "a REQUIRED x:c REQUIRED",
			[]string{"POST x DISABLED 20", "POST config c", "PUT x REQUIRED 20"}},
		{"a sub-flow is filled before it is switched on", false, "a REQUIRED", "a REQUIRED /f REQUIRED ( x REQUIRED )",
			[]string{"POST flow f", "POST f DISABLED 20", "POST x REQUIRED 10", "PUT f REQUIRED 20"}},
		{"one that moves gets a number of its own", false, "a REQUIRED b REQUIRED c REQUIRED", "c REQUIRED a REQUIRED b REQUIRED",
			[]string{"PUT id2 REQUIRED 5"}},
		{"nobody stands at a cookie", false, "auth-cookie ALTERNATIVE b ALTERNATIVE", "auth-cookie DISABLED b ALTERNATIVE",
			[]string{"PUT id0 DISABLED 10"}},
		{"who stands at a form that is disabled must not break", false, "a ALTERNATIVE", "a DISABLED",
			[]string{"POST a DISABLED 10", "DELETE id0"}},
		{"also in a flow of the server's own", true, "a ALTERNATIVE", "a DISABLED",
			[]string{"PUT flow top builtIn false", "POST a DISABLED 10", "DELETE id0", "PUT flow top builtIn true"}},
		{"with all that is removed", true, "/f ALTERNATIVE ( a REQUIRED /g REQUIRED ( b REQUIRED ) )", "/f DISABLED ( a REQUIRED /g REQUIRED ( b REQUIRED ) )",
			[]string{"PUT flow g builtIn false", "PUT flow f builtIn false", "PUT flow top builtIn false",
				"POST flow f 2", "POST f 2 DISABLED 10", "POST a REQUIRED 10", "POST flow g 2", "POST g 2 REQUIRED 20", "POST b REQUIRED 10",
				"DELETE id0", "PUT f 2 DISABLED 10", "PUT g 2 REQUIRED 20",
				"PUT flow g builtIn true", "PUT flow f builtIn true", "PUT flow top builtIn true"}},
		{"which else takes no guard, but is strengthened before it is weakened", true, "a REQUIRED b ALTERNATIVE", "a ALTERNATIVE b REQUIRED",
			[]string{"PUT id1 REQUIRED 20", "PUT id0 ALTERNATIVE 10"}},
		{"nor does one with something that works once", false, "idp-create-user-if-unique REQUIRED b ALTERNATIVE", "idp-create-user-if-unique ALTERNATIVE b REQUIRED",
			[]string{"PUT id1 REQUIRED 20", "PUT id0 ALTERNATIVE 10"}},
		{"a condition goes before what it let pass is asked for elsewhere only", false, "p REQUIRED /f CONDITIONAL ( idp-create-user-if-unique REQUIRED )", "/f REQUIRED ( idp-create-user-if-unique REQUIRED p REQUIRED )",
			[]string{"PUT id1 REQUIRED 20", "POST p REQUIRED 20", "DELETE id0"}},
		{"in a new realm it takes new executions while it is called another's", true, "a REQUIRED /f REQUIRED ( b REQUIRED )", "/f REQUIRED ( b REQUIRED c REQUIRED ) /g REQUIRED ( d REQUIRED )",
			[]string{"PUT flow f builtIn false", "PUT flow top builtIn false",
				"POST c REQUIRED 20", "POST flow g", "POST g REQUIRED 30", "POST d REQUIRED 10", "DELETE id0",
				"PUT flow g builtIn true", "PUT flow f builtIn true", "PUT flow top builtIn true"}},
		{"names are handed on, the last one first", false, "/f REQUIRED ( a REQUIRED /g REQUIRED ( b REQUIRED ) )", "/g REQUIRED ( a REQUIRED /h REQUIRED ( b REQUIRED ) )",
			[]string{"PUT id2 REQUIRED 20 h", "PUT id0 REQUIRED 10 g"}},
		{"or exchanged by way of another", false, "/f REQUIRED ( a REQUIRED /g REQUIRED ( b REQUIRED ) )", "/g REQUIRED ( a REQUIRED /f REQUIRED ( b REQUIRED ) )",
			[]string{"PUT id0 REQUIRED 10 g 2", "PUT id2 REQUIRED 20 f", "PUT id0 REQUIRED 10 g"}},
		{"what takes several requests is done behind the whole new tree", false, "a REQUIRED b REQUIRED", "x REQUIRED b REQUIRED",
			[]string{"POST flow top being changed", "POST top being changed DISABLED 9", "POST x REQUIRED 10", "POST b REQUIRED 20",
				"PUT top being changed REQUIRED 9", "POST x REQUIRED 10", "DELETE id0", "DELETE top being changed"}},
		{"but after everything else where a code moves, which is asked for in one place at a time", false,
			"u REQUIRED p REQUIRED direct-grant-validate-otp REQUIRED", "u REQUIRED q REQUIRED /f CONDITIONAL ( c REQUIRED direct-grant-validate-otp REQUIRED )",
			[]string{"POST flow top being changed", "POST top being changed DISABLED 2147483647", "POST conditional-credential REQUIRED 10", "POST config top being changed",
				"POST flow top being changed top", "POST top being changed top REQUIRED 20", "POST u REQUIRED 10", "POST q REQUIRED 20",
				"POST flow top being changed f", "POST top being changed f CONDITIONAL 30", "POST c REQUIRED 10", "POST direct-grant-validate-otp REQUIRED 20",
				"PUT top being changed CONDITIONAL 2147483647", "POST q REQUIRED 20", "DELETE id2", "DELETE id1",
				"POST flow f", "POST f DISABLED 30", "POST c REQUIRED 10", "POST direct-grant-validate-otp REQUIRED 20", "PUT f CONDITIONAL 30",
				"DELETE top being changed"}},
	} {
		now := Object{"id": "top", "alias": "top", "builtIn": tt.builtin, "executions": nodes(t, tt.before)}
		names := map[string]string{}
		want := Object{"alias": "top", "executions": canonTree(&flowExecutions, nodes(t, tt.after))}
		var got []string
		steps, err := flowSteps(now, want, nil, !strings.HasPrefix(tt.why, "in a new realm"), "", func(name string) string { return name })
		if err != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
		for _, s := range steps {
			id := s.Path[len(s.Path)-1]
			if s.Method != "DELETE" {
				id, _ = s.Body["id"].(string)
			}
			line := s.Method + " "
			switch last := s.Path[len(s.Path)-1]; {
			case s.Body["builtIn"] != nil && s.Method == "PUT":
				line += fmt.Sprint("flow ", s.Body["alias"], " builtIn ", s.Body["builtIn"])
			case s.Method == "DELETE":
				line += cmp.Or(names[id], id)
			case last == "config":
				line += fmt.Sprint("config ", s.Body["alias"])
			case last == "flows":
				names["flow "+id] = fmt.Sprint(s.Body["alias"])
				line += fmt.Sprint("flow ", s.Body["alias"])
			default:
				if flow, ok := s.Body["flowId"].(string); ok && s.Method == "POST" {
					names[id] = names["flow "+flow]
				} else if s.Method == "POST" {
					names[id] = fmt.Sprint(s.Body["authenticator"])
				}
				line += fmt.Sprint(cmp.Or(names[id], id), " ", s.Body["requirement"], " ", s.Body["priority"])
				if to := s.Body["displayName"]; to != nil && strings.Contains(tt.why, "name") || strings.Contains(tt.why, "exchanged") {
					line += fmt.Sprint(" ", to)
				}
			}
			got = append(got, line)
		}
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", tt.why, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// TestRefusedBetween shows of which changes a plan says that who comes by between two
// requests may be refused.
func TestRefusedBetween(t *testing.T) {
	const make, code = "idp-create-user-if-unique REQUIRED", "direct-grant-validate-otp REQUIRED"
	for _, tt := range []struct {
		why, version, before, after string
		want                        bool
	}{
		{"what cannot be done twice moves", "26.7", make, "/f REQUIRED (" + make + ")", true},
		{"or is switched on in one place and off in another", "26.7", make + " /f DISABLED (" + make + ")", "idp-create-user-if-unique DISABLED /f REQUIRED (" + make + ")", true},
		{"it comes, goes or stays", "26.7", make, "a REQUIRED " + make, false},
		{"it moves where nobody comes by", "26.7", "/f DISABLED (" + make + ")", "/f DISABLED (/g REQUIRED (" + make + "))", false},
		{"a code moves", "26.7", code, "/f CONDITIONAL (" + code + ")", false},
		{"where the server does not tell who has given it", "26.4", code, "/f CONDITIONAL (" + code + ")", true},
		{"or where it is asked for in several places", "26.7", code, "/f CONDITIONAL (" + code + ") /g CONDITIONAL (" + code + ")", true},
	} {
		said := flowImpact(Object{"executions": nodes(t, tt.before)}, Object{"executions": nodes(t, tt.after)}, tt.version)
		if got := strings.Contains(strings.Join(said, "\n"), "may be refused"); got != tt.want {
			t.Errorf("%s: %q", tt.why, said)
		}
	}
}

func TestUndermined(t *testing.T) {
	const forms, off = "/forms ALTERNATIVE (auth-username-password-form REQUIRED)", "/forms DISABLED (auth-username-password-form REQUIRED)"
	for _, tt := range []struct{ why, before, after, want string }{
		{"a sub-flow with a page is disabled", forms, off, "forms"},
		{"or goes", forms, "", "forms"},
		{"or what is in it", forms, "/forms ALTERNATIVE (auth-username-password-form DISABLED)", "auth-username-password-form"},
		{"another requirement leaves people where they are", forms, strings.Replace(forms, "ALTERNATIVE", "REQUIRED", 1), ""},
		{"nobody stands where everything is disabled", "/f ALTERNATIVE (auth-otp-form DISABLED)", "/f DISABLED (auth-otp-form DISABLED)", ""},
		{"nor where no page is shown", "/f CONDITIONAL (conditional-user-configured REQUIRED direct-grant-validate-otp REQUIRED)",
			"/f DISABLED (conditional-user-configured REQUIRED direct-grant-validate-otp REQUIRED)", ""},
		{"nor below what was disabled before", "/a DISABLED (" + forms + ")", "/a DISABLED (" + off + ")", ""},
		{"be that switched on or not", "/a DISABLED (" + forms + ")", "/a REQUIRED (" + off + ")", ""},
	} {
		var names []string
		for _, n := range undermined(Object{"executions": nodes(t, tt.before)}, Object{"executions": nodes(t, tt.after)}) {
			names = append(names, nodeName(n))
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.want)
		}
	}
}
