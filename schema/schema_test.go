package schema

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kcsync/kcsync/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFiles keeps the schemas that editors use as the registry is.
func TestFiles(t *testing.T) {
	want := map[string]bool{}
	for _, k := range Kinds() {
		data, err := Encode(k)
		if err != nil {
			t.Fatal(err)
		}
		name := k.Name + ".schema.json"
		want[name] = true
		if *update {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, _ := os.ReadFile(name); string(have) != string(data) {
			t.Errorf("%s is not what the registry says; run go test ./schema -update", name)
		}
	}
	files, _ := filepath.Glob("*.schema.json")
	for _, f := range files {
		if !want[f] {
			t.Errorf("%s is of no kind", f)
		}
	}
}

// TestDraft checks the schemas against the draft that they say they follow.
func TestDraft(t *testing.T) {
	meta, err := jsonschema.NewCompiler().Compile(draft)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Kinds() {
		data, _ := Encode(k)
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		if err := meta.Validate(v); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
}

// TestDefaults shows that what the registry gives as a default or an example
// is accepted.
func TestDefaults(t *testing.T) {
	for _, k := range model.Kinds() {
		for i := range k.Fields {
			f := &k.Fields[i]
			if f.Default == nil {
				continue
			}
			s, err := compile(map[string]any{"$schema": draft, "$id": base + "x", "properties": map[string]any{"v": field(f)}})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(map[string]any{"v": f.Default}); err != nil {
				t.Errorf("%s.%s: %v", k.Name, f.Name, err)
			}
		}
	}
}
