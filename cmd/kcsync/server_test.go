package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMetrics(t *testing.T) {
	got := metrics(`# HELP jvm_gc_pause_seconds Time spent in GC pause
# TYPE jvm_gc_pause_seconds summary
jvm_gc_pause_seconds_count{cause="G1 Evacuation Pause",gc="G1 \"Young\"",} 12
jvm_gc_pause_seconds_sum{cause="a,b}",gc="c=\\d\ne"} 0.25 1712345678

# TYPE up gauge
up 1.0
empty{} NaN
broken
`)
	want := []metric{
		{Name: "jvm_gc_pause_seconds_count", Labels: map[string]string{"cause": "G1 Evacuation Pause", "gc": `G1 "Young"`}, Value: "12", Help: "Time spent in GC pause", Type: "summary"},
		{Name: "jvm_gc_pause_seconds_sum", Labels: map[string]string{"cause": "a,b}", "gc": "c=\\d\ne"}, Value: "0.25", Help: "Time spent in GC pause", Type: "summary"},
		{Name: "up", Labels: map[string]string{}, Value: "1.0", Type: "gauge"},
		{Name: "empty", Labels: map[string]string{}, Value: "NaN"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestManagementURL(t *testing.T) {
	for server, want := range map[string]string{
		"http://localhost:8080":        "http://localhost:9000",
		"https://sso.acme.example":     "https://sso.acme.example:9000",
		"https://acme.example/auth":    "https://acme.example:9000/auth",
		"https://[2001:db8::1]:8443/a": "https://[2001:db8::1]:9000/a",
	} {
		if got, err := managementURL(server); err != nil || got != want {
			t.Errorf("for %s it is %s, %v; not %s", server, got, err, want)
		}
	}
}
