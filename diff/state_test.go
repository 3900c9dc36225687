package diff

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
)

// state reads a realm's representation, as a file or a server has it.
func state(t testing.TB, doc string) *model.State {
	t.Helper()
	var rep model.Object
	if err := json.Unmarshal([]byte(doc), &rep); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	if rep["realm"] == nil {
		rep["realm"] = "acme"
	}
	s := model.NewState("acme")
	for _, f := range model.Unfold(model.Realm, "", rep, "") {
		for _, conflict := range s.Add(f.Item) {
			t.Fatalf("%s: %v", f.Addr, conflict)
		}
	}
	for k := range s.Items["realm"].Shown {
		s.Shown[k] = true
	}
	return s
}

// files is state with a place in a file for every object.
func files(t testing.TB, doc string) *model.State {
	t.Helper()
	s := state(t, doc)
	for a, it := range s.Items {
		top := a
		for p := model.ParentOf(top); p != "" && model.KindOf(p) != model.KindOf(top); p = model.ParentOf(top) {
			top = p
		}
		it.Source = model.Source{File: strings.Replace(string(top), "/", "s/", 1) + ".yaml", Line: 1, Col: 1}
		if a != top {
			it.Source.Line = 10
		}
	}
	return s
}

// server is state as if read from a server.
func server(t testing.TB, doc string) *model.State {
	t.Helper()
	s := state(t, doc)
	s.Server = model.Server{URL: "https://sso.acme.example", Version: "26.7.5"}
	return s
}

// env resolves references from a map.
func env(vars map[string]string) model.Resolver {
	return model.Resolver{
		Getenv:   func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
		ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	}
}

// baseline is a fresh realm with the smallest objects of two kinds.
func baseline(t testing.TB, doc string) *model.Baseline {
	t.Helper()
	r := server(t, doc).Record()
	r.Realm = model.RealmName
	return &model.Baseline{
		Fresh: r,
		Defaults: map[string]model.Object{
			"client": {
				"enabled": true, "fullScopeAllowed": true, "nodeReRegistrationTimeout": int64(-1),
				"attributes": map[string]any{"backchannel.logout.session.required": "true"},
			},
			"client-scope": {"attributes": map[string]any{"include.in.token.scope": "true"}},
		},
	}
}

// brief writes a plan in short lines: sign, address, edits, needs.
func brief(p *Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(signs[c.Action] + " " + c.ID)
		if c.From != "" {
			b.WriteString(" from " + string(c.From))
		}
		for _, e := range c.Edits {
			v := viewEdit(c.Kind, e)
			if e.Secret {
				b.WriteString("; " + dotted(e.Path) + ": secret " + inline(v.After))
				continue
			}
			b.WriteString("; " + dotted(e.Path) + ": " + compact(v.Before) + " -> " + compact(v.After))
		}
		if len(c.Needs) > 0 {
			b.WriteString(" <- " + strings.Join(c.Needs, ", "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
