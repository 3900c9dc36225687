package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
)

// TestFlowEdits edits a flow of the kind that people have at random, again and
// again: each apply is verified, the plan after it is empty, and what only gets
// another place among its neighbours, name or configuration keeps its id.
// KCSYNC_TEST_SEED repeats a run, KCSYNC_TEST_EDITS makes it longer.
func TestFlowEdits(t *testing.T) {
	c := testServer(t)
	realm := realmName("edits")
	t.Cleanup(func() { removeRealms(c, realm) })
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	seed, edits := rand.Uint64(), 10
	if s := os.Getenv("KCSYNC_TEST_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	if s := os.Getenv("KCSYNC_TEST_EDITS"); s != "" {
		edits, _ = strconv.Atoi(s)
	}
	t.Logf("KCSYNC_TEST_SEED=%d", seed)
	e := &flowEditor{Rand: rand.New(rand.NewPCG(seed, 0)), flow: manyFactors()}
	dir := filepath.Join(t.TempDir(), realm)
	if err := os.MkdirAll(filepath.Join(dir, "authentication/flows"), 0o755); err != nil {
		t.Fatal(err)
	}
	var did []string
	apply := func() string {
		t.Helper()
		flow, _ := json.MarshalIndent(map[string]any{"alias": "mine", "executions": listed(e.flow.below)}, "", "  ")
		for name, text := range map[string]string{"realm.yaml": "realm: " + realm + "\nbrowserFlow: mine\n", "authentication/flows/mine.json": string(flow)} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		code, out := runApply(context.Background(), os.Getenv("KCSYNC_TEST_URL"), dir)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s\n%s", strings.Join(did, "; "), code, out, flow)
		}
		if code, again := runApply(context.Background(), os.Getenv("KCSYNC_TEST_URL"), dir); code != 0 || !strings.Contains(again, "No changes") {
			t.Fatalf("%s: once more, exit code %d\n%s\nafter\n%s\n%s", strings.Join(did, "; "), code, again, out, flow)
		}
		return out
	}
	ids := func() (out []string) {
		t.Helper()
		var list []struct{ ID string }
		if err := c.Get(context.Background(), keycloak.Path("admin", "realms", realm, "authentication", "flows", "mine", "executions"), nil, &list); err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			out = append(out, x.ID)
		}
		slices.Sort(out)
		return out
	}
	apply()
	for range edits {
		before := ids()
		did = did[:0]
		keeps := true
		for range 1 + e.IntN(3) {
			what, same := e.edit()
			did, keeps = append(did, what), keeps && same
		}
		out := apply()
		if after := ids(); keeps && len(did) == 1 && !slices.Equal(before, after) {
			t.Errorf("%s: other ids\n%s", did[0], out)
		}
	}
}

// step is a node of a flow.
type step struct {
	name, requirement string // of an authenticator, or of a sub-flow
	flow              bool
	config            map[string]any
	below             []*step
}

func listed(steps []*step) []any {
	out := []any{}
	for _, s := range steps {
		n := map[string]any{"requirement": s.requirement}
		if s.flow {
			n["flow"], n["executions"] = s.name, listed(s.below)
		} else {
			n["authenticator"] = s.name
		}
		if s.config != nil {
			n["authenticatorConfig"] = s.config
		}
		out = append(out, n)
	}
	return out
}

// manyFactors is a flow with all that people put into one: passkeys, conditions,
// levels of authentication, and steps that stand there twice.
func manyFactors() *step {
	do := func(name, requirement string) *step { return &step{name: name, requirement: requirement} }
	sub := func(name, requirement string, below ...*step) *step {
		return &step{name: name, requirement: requirement, flow: true, below: below}
	}
	with := func(s *step, alias string, config map[string]any) *step {
		s.config = map[string]any{"alias": alias, "config": config}
		return s
	}
	level := func(n string) *step {
		return with(do("conditional-level-of-authentication", "REQUIRED"), "level "+n, map[string]any{"loa-condition-level": n, "loa-max-age": "3600"})
	}
	return sub("mine", "",
		do("auth-cookie", "ALTERNATIVE"),
		with(do("identity-provider-redirector", "ALTERNATIVE"), "elsewhere", map[string]any{"defaultProvider": "corp"}),
		sub("mine forms", "ALTERNATIVE",
			do("auth-username-form", "REQUIRED"),
			sub("mine first", "CONDITIONAL", level("1"),
				sub("mine factors", "REQUIRED",
					do("webauthn-authenticator-passwordless", "ALTERNATIVE"),
					sub("mine password", "ALTERNATIVE", do("auth-password-form", "REQUIRED"),
						sub("mine deep", "CONDITIONAL", do("conditional-user-configured", "REQUIRED"), do("auth-otp-form", "REQUIRED"))))),
			sub("mine second", "CONDITIONAL", level("2"),
				with(do("auth-conditional-otp-form", "ALTERNATIVE"), "some", map[string]any{"skipOtpRole": "friend"}),
				with(do("auth-conditional-otp-form", "ALTERNATIVE"), "others", map[string]any{"forceOtpRole": "foe"}),
				do("deny-access-authenticator", "DISABLED"), do("deny-access-authenticator", "DISABLED"))))
}

// flowEditor makes edits at random.
type flowEditor struct {
	*rand.Rand
	flow  *step
	names int
}

// all returns the steps that pick says, each with the one above.
func (e *flowEditor) all(pick func(*step) bool) (out [][2]*step) {
	var walk func(up *step)
	walk = func(up *step) {
		for _, s := range up.below {
			if pick(s) {
				out = append(out, [2]*step{up, s})
			}
			walk(s)
		}
	}
	walk(e.flow)
	return out
}

func (e *flowEditor) one(pick func(*step) bool) (up, s *step) {
	all := e.all(pick)
	if len(all) == 0 {
		return nil, nil
	}
	p := all[e.IntN(len(all))]
	return p[0], p[1]
}

func (e *flowEditor) new(of string) string {
	e.names++
	return fmt.Sprint(of, " ", e.names)
}

// edit changes something, and tells whether everything keeps its id.
func (e *flowEditor) edit() (what string, keeps bool) {
	anyStep := func(*step) bool { return true }
	subFlow := func(s *step) bool { return s.flow }
	configured := func(s *step) bool { return s.config != nil }
	for {
		switch e.IntN(10) {
		case 0:
			up, s := e.one(anyStep)
			if s == nil || len(up.below) < 2 {
				continue
			}
			e.Shuffle(len(up.below), func(i, j int) { up.below[i], up.below[j] = up.below[j], up.below[i] })
			return "another order below " + up.name, true
		case 1:
			if _, s := e.one(subFlow); s != nil {
				old := s.name
				s.name = e.new("mine called")
				return old + " called " + s.name, len(s.below) > 0
			}
		case 2:
			if _, s := e.one(configured); s != nil {
				s.config = maps.Clone(s.config)
				s.config["alias"] = e.new("config")
				return "a configuration of " + s.name + " called otherwise", true
			}
		case 3:
			if _, s := e.one(configured); s != nil {
				s.config = map[string]any{"alias": s.config["alias"], "config": map[string]any{"default.reference.maxAge": fmt.Sprint(e.IntN(1000))}}
				return s.name + " configured otherwise", true
			}
		case 4:
			if _, s := e.one(anyStep); s != nil {
				choice := []string{"REQUIRED", "ALTERNATIVE", "DISABLED"}
				if s.flow {
					choice = append(choice, "CONDITIONAL")
				}
				s.requirement = choice[e.IntN(len(choice))]
				return s.name + " " + s.requirement, false
			}
		case 5:
			up, s := e.one(anyStep)
			_, to := e.one(func(other *step) bool { return other.flow })
			if s == nil || to == nil || to == s || within(s, to) {
				continue
			}
			up.below = slices.DeleteFunc(up.below, func(x *step) bool { return x == s })
			at := e.IntN(len(to.below) + 1)
			to.below = slices.Insert(to.below, at, s)
			return s.name + " into " + to.name, false
		case 6:
			up, s := e.one(anyStep)
			if s == nil || len(up.below) < 2 {
				continue
			}
			up.below = slices.DeleteFunc(up.below, func(x *step) bool { return x == s })
			return s.name + " goes", false
		case 7:
			up, s := e.one(func(s *step) bool { return !s.flow })
			if s == nil {
				continue
			}
			twin := *s
			if s.config != nil && e.IntN(2) == 0 {
				twin.config = map[string]any{"alias": e.new("twin"), "config": s.config["config"]}
			}
			up.below = slices.Insert(up.below, e.IntN(len(up.below)+1), &twin)
			return s.name + " twice", false
		case 8:
			_, to := e.one(subFlow)
			if to == nil {
				continue
			}
			s := &step{name: e.new("mine new"), requirement: "ALTERNATIVE", flow: true, below: []*step{{name: "auth-password-form", requirement: "REQUIRED"}}}
			to.below = slices.Insert(to.below, e.IntN(len(to.below)+1), s)
			return s.name + " comes into " + to.name, false
		case 9:
			// What is below one comes into its place.
			up, s := e.one(subFlow)
			if s == nil || len(s.below) == 0 {
				continue
			}
			i := slices.Index(up.below, s)
			up.below = slices.Replace(up.below, i, i+1, s.below...)
			return "without " + s.name, false
		}
	}
}

func within(s, other *step) bool {
	return s == other || slices.ContainsFunc(s.below, func(b *step) bool { return within(b, other) })
}
