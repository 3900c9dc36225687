package text

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var itoa = strconv.Itoa

const positions = `# a comment
clientId: shop
ä: {x/y: 1, "m~n": [a, {deep: true}]}
mappers:
  - name: one
    config: &c
      a: 1.10
  - name: two
    config: *c
last:
`

func TestPositions(t *testing.T) {
	yamlDocs, errs := Parse("f.yaml", []byte(positions))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	jsonDocs, errs := Parse("f.json", []byte("{\n\t\"ä\": {\"x\": [10,\n\t20]}}"))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		reason    string
		doc       *Node
		pointer   string
		key, node Pos // node is zero where nothing is
	}{
		{"the whole document", yamlDocs[0], "", Pos{2, 1}, Pos{2, 1}},
		{"a key and its value", yamlDocs[0], "/clientId", Pos{2, 1}, Pos{2, 11}},
		{"columns count characters, and / is ~1 in a pointer", yamlDocs[0], "/ä/x~1y", Pos{3, 5}, Pos{3, 10}},
		{"~ is ~0 in a pointer", yamlDocs[0], "/ä/m~0n/1/deep", Pos{3, 25}, Pos{3, 31}},
		{"a list item is where it starts", yamlDocs[0], "/mappers/1", Pos{8, 5}, Pos{8, 5}},
		{"an alias is where it is used", yamlDocs[0], "/mappers/1/config", Pos{9, 5}, Pos{9, 13}},
		{"its parts are where they are written", yamlDocs[0], "/mappers/1/config/a", Pos{7, 7}, Pos{7, 10}},
		{"a missing key has the position of the map's key", yamlDocs[0], "/mappers/0/config/nix/more", Pos{6, 5}, Pos{}},
		{"so has an index out of range", yamlDocs[0], "/mappers/2", Pos{4, 1}, Pos{}},
		{"only the plain form of an index counts", yamlDocs[0], "/mappers/01", Pos{4, 1}, Pos{}},
		{"a scalar has no parts", yamlDocs[0], "/clientId/x", Pos{2, 1}, Pos{}},
		{"a missing key at the top", yamlDocs[0], "/nix", Pos{2, 1}, Pos{}},
		{"something that is no pointer", yamlDocs[0], "clientId", Pos{2, 1}, Pos{}},
		{"a null value exists", yamlDocs[0], "/last", Pos{10, 1}, Pos{10, 6}},
		{"JSON, where a tab is one column", jsonDocs[0], "/ä/x/0", Pos{2, 14}, Pos{2, 14}},
		{"JSON, the next line", jsonDocs[0], "/ä/x/1", Pos{3, 2}, Pos{3, 2}},
		{"JSON, a key", jsonDocs[0], "/ä/x", Pos{2, 8}, Pos{2, 13}},
		{"no tree", nil, "/a", Pos{}, Pos{}},
	} {
		if got := c.doc.PosAt(c.pointer); got != c.key {
			t.Errorf("%s: PosAt(%q) = %v, want %v", c.reason, c.pointer, got, c.key)
		}
		n := c.doc.At(c.pointer)
		if n == nil {
			n = &Node{}
		}
		if n.Pos != c.node {
			t.Errorf("%s: At(%q).Pos = %v, want %v", c.reason, c.pointer, n.Pos, c.node)
		}
	}
	if got := yamlDocs[0].At("/mappers/1/config/a").Text(); got != "1.10" {
		t.Errorf("a number keeps its spelling, also through an alias: %q", got)
	}
	if yamlDocs[0].Get("nix") != nil || yamlDocs[0].Get("clientId").Value != "shop" || yamlDocs[0].Get("clientId").Get("x") != nil {
		t.Error("Get")
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		reason string
		n      *Node
		want   string
	}{
		{"text", &Node{Value: "a"}, "a"},
		{"null", &Node{}, ""},
		{"nothing", nil, ""},
		{"a boolean", &Node{Value: true}, "true"},
		{"an integer made by hand", &Node{Value: int64(-5)}, "-5"},
		{"a float that would read as an integer", &Node{Value: 5.0}, "5.0"},
		{"a float in the file's spelling", &Node{Value: 1.1, raw: "1.10"}, "1.10"},
		{"a value set since then counts", &Node{Value: 1.2, raw: "1.10"}, "1.2"},
		{"a list", &Node{Kind: List}, ""},
	} {
		if got := c.n.Text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}

type object map[string]any // as model.Object

func TestFromAny(t *testing.T) {
	var decoded any
	if err := json.Unmarshal([]byte(`{"b":[1,2.5,"x",null,true],"a":{}}`), &decoded); err != nil {
		t.Fatal(err)
	}
	first := func(path, keys []string) []string {
		if i := slices.Index(keys, "name"); i >= 0 && len(path) > 0 && path[0] == "mappers" {
			return []string{"nix", "name", "name"}
		}
		return nil
	}
	for _, c := range []struct {
		reason string
		in     any
		order  func(path, keys []string) []string
		want   string
	}{
		{"what encoding/json decodes, with its floats for integers", decoded, nil, "a: {}\nb:\n  - 1\n  - 2.5\n  - x\n  - null\n  - true\n"},
		{"named and typed maps and lists", object{"l": []string{"x"}, "m": map[string]string{"k": "1"}, "n": []object{{"a": 1}}}, nil,
			"l:\n  - x\nm:\n  k: \"1\"\n\"n\":\n  - a: 1\n"},
		{"all sizes of numbers", []any{int8(1), uint16(2), uint64(math.MaxUint64), float32(0.5), json.Number("12"), json.Number("x")}, nil,
			"- 1\n- 2\n- 1.8446744073709552e+19\n- 0.5\n- 12\n- x\n"},
		{"nil pointers and maps", []any{nil, (*int)(nil), (*Node)(nil), object(nil), []any(nil)}, nil, "- null\n- null\n- null\n- {}\n- []\n"},
		{"a node is taken as it is", object{"a": &Node{Value: "x"}}, nil, "a: x\n"},
		{"an order by path; unknown and repeated keys do no harm, others follow sorted",
			object{"mappers": []any{object{"z": 1, "config": object{"b": 1, "a": 2}, "name": "n"}}, "name": "x", "alpha": 1}, first,
			"alpha: 1\nmappers:\n  - name: \"n\"\n    config:\n      a: 2\n      b: 1\n    z: 1\nname: x\n"},
	} {
		var b strings.Builder
		if err := Encode(&b, FromAny(c.in, c.order)); err != nil || b.String() != c.want {
			t.Errorf("%s: %v\n got %q\nwant %q", c.reason, err, b.String(), c.want)
		}
	}
	var paths []string
	FromAny(map[string]any{"a": []any{map[string]any{"b": map[string]any{}}}}, func(path, _ []string) []string {
		paths = append(paths, strings.Join(path, "/"))
		return nil
	})
	if want := []string{"", "a/0", "a/0/b"}; !reflect.DeepEqual(paths, want) {
		t.Errorf("paths %q, want %q", paths, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("a struct is a programming error")
		}
	}()
	FromAny(struct{}{}, nil)
}
