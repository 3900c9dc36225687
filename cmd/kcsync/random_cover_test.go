package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// TestRandomCovers checks that random realms are over all kinds: everything
// that the registry knows is drawn, or named with a reason why not.
func TestRandomCovers(t *testing.T) {
	version := fixtures.Nearest("")
	info := fixtures.InfoFor(version)
	server := model.Server{Version: version, Features: map[string]bool{}}
	for name, f := range info.Features {
		server.Features[name] = f.Enabled
	}
	missing := map[string]bool{}
	for _, k := range model.Kinds() {
		if !k.ReadOnly && foreign[k.Name] == "" && model.HasVersion(server.Version, k.Since) && server.Has(k.Feature) {
			missing[k.Name] = true
			fieldsOf(k.Name, k.Fields, server, missing)
		}
	}
	pairs := randomPairs("acme", info, server)
	for seed := 0; len(missing) > 0 && seed < 5000; seed++ {
		drawn := map[string]bool{}
		p := pairs.Example(seed)
		p.first.drawn(drawn)
		p.second.drawn(drawn)
		maps.DeleteFunc(missing, func(path string, _ bool) bool { return drawn[path] })
	}
	for _, path := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("%s is never drawn", path)
	}
}

// fieldsOf notes the fields that a server of a version has and that are drawn.
func fieldsOf(path string, fs model.Fields, server model.Server, all map[string]bool) {
	for i := range fs {
		f := &fs[i]
		if f.Computed || undrawn[path+"."+f.Name] != "" || !model.HasVersion(server.Version, f.Since) || !server.Has(f.Feature) {
			continue
		}
		at := path + "." + f.Name
		all[at] = true
		fieldsOf(at, f.Fields, server, all)
	}
}

// drawn notes what there is in the object and below it.
func (n *node) drawn(in map[string]bool) {
	in[n.kind.Name] = true
	in[n.kind.Name+"."+n.kind.Key] = true
	drawnIn(n.kind.Name, n.kind.Fields, n.fields, in)
	for _, c := range n.children {
		c.drawn(in)
	}
}

func drawnIn(path string, fs model.Fields, o map[string]any, in map[string]bool) {
	for i := range fs {
		f := &fs[i]
		v := o[f.Name]
		if v == nil {
			continue
		}
		at := path + "." + f.Name
		in[at] = true
		switch v := v.(type) {
		case map[string]any:
			if f.Type == model.Struct {
				drawnIn(at, f.Fields, v, in)
			}
		case []any:
			var walk func(l []any)
			walk = func(l []any) {
				for _, e := range l {
					if m, ok := e.(map[string]any); ok {
						drawnIn(at, f.Fields, m, in)
						if f.Type == model.Tree {
							below, _ := m[f.Name].([]any)
							walk(below)
						}
					}
				}
			}
			walk(v)
		}
	}
}
