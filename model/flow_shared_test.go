package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestFlowSharedConfig shows the requests where steps share a configuration.
func TestFlowSharedConfig(t *testing.T) {
	step := func(id, config, value string) map[string]any {
		n := map[string]any{"id": id, "authenticator": "a-" + id, "requirement": required, "priority": int64(10)}
		if config != "" {
			n["configId"], n["authenticatorConfig"] = config, map[string]any{"alias": "c", "config": map[string]any{"key": value}}
		}
		return n
	}
	flow := func(steps ...any) Object { return Object{"id": "top", "alias": "top", "executions": steps} }
	other := []Object{flow(step("z", "one", "1"))}
	masked := []Object{flow(step("z", "one", Mask))}
	for _, tt := range []struct {
		why       string
		now, want Object
		others    []Object
		steps     []string
	}{
		{"what changes gets one of its own, and the other has its again", flow(step("x", "one", "1")), flow(step("x", "-", "2")), other,
			[]string{"POST x own 2", "POST z one 1", "PUT own 2"}},
		{"within a flow, too", flow(step("x", "one", "1"), step("y", "one", "1")), flow(step("x", "-", "1"), step("y", "-", "2")), nil,
			[]string{"POST y own 2", "POST x one 1", "PUT own 2"}},
		{"all others have it again at once", flow(step("x", "one", "1"), step("y", "one", "1")), flow(step("x", "-", "2"), step("y", "-", "3")), append(other, other...),
			[]string{"POST x own 2", "POST y own 3", "POST z one 1", "PUT own 2", "PUT own 3"}},
		{"what goes takes nothing along", flow(step("x", "one", "1"), step("y", "", "")), flow(step("y", "", "")), other,
			[]string{"POST x own", "POST z one 1", "DELETE x"}},
		{"so does a configuration that goes", flow(step("x", "one", "1")), flow(step("x", "", "")), other,
			[]string{"POST x own", "POST z one 1", "DELETE own"}},
		{"and a flow", flow(step("x", "one", "1")), nil, other, []string{"POST x own", "POST z one 1"}},
		{"one that goes from all of them is deleted", flow(step("x", "one", "1"), step("y", "one", "1")), flow(step("x", "", ""), step("y", "", "")), nil,
			[]string{"DELETE one"}},
		{"what nobody changes is left", flow(step("x", "one", "1"), step("y", "two", "1")), flow(step("x", "-", "1"), step("y", "-", "2")), other,
			[]string{"PUT two 2"}},
		{"a value that the server does not show cannot be given to the other", flow(step("x", "one", "1")), flow(step("x", "-", "2")), masked, nil},
	} {
		steps, err := flowSteps(tt.now, tt.want, tt.others, false, "", func(name string) string { return name })
		if (err != nil) != (tt.steps == nil) {
			t.Errorf("%s: %v", tt.why, err)
		}
		var got []string
		for _, s := range steps {
			line := s.Method + " " + s.Path[2]
			if s.Method == "POST" {
				line = fmt.Sprint("POST ", s.Path[2], " ", s.Body["id"])
			}
			for _, step := range "xyz" {
				line = strings.ReplaceAll(line, string(step)+" config", "own")
			}
			if config, ok := s.Body["config"].(map[string]any); ok && config["key"] != nil {
				line += fmt.Sprint(" ", config["key"])
			}
			got = append(got, line)
		}
		if !slices.Equal(got, tt.steps) {
			t.Errorf("%s: %q, want %q", tt.why, got, tt.steps)
		}
	}
}
