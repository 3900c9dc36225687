// Package text reads configuration text, YAML or JSON, to a tree in which every key and value knows its place in the file, and writes
// such trees back as small, plain YAML.
//
// The scalar types are those that JSON has too, and a bare word means the same to everybody who reads the file:
//
//   - true and false (also True, TRUE …) are booleans; yes, no, on, off, y and n stay text, as YAML 1.2 says;
//   - null, ~ and nothing at all are null;
//   - a number is what JSON calls a number: 300, -1, 0.5, 1e3. Everything else that resembles one stays text, because in configuration
//     it is a code, a version or a telephone number whose spelling matters: 0100, +49, 0x1f, 0o17, 1_000, .5, 12:30, .inf;
//   - dates and times are text.
//
// An integer that int64 cannot hold is an error rather than a rounded number.
package text

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// MaxDepth is how deep maps and lists may be nested. Keycloak's own files stay below 20; the bound keeps hostile ones off the stack.
const MaxDepth = 200

// Pos is a place in a file, counted from 1. Col counts characters, as editors do.
type Pos struct {
	Line, Col int
}

// Before reports whether p comes before q in the file.
func (p Pos) Before(q Pos) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col
}

// Kind says which of a Node's fields hold its content.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota // Value
	Map                // Pairs
	List               // Items
)

// String returns the name that messages use: "value", "map" or "list".
func (k Kind) String() string {
	switch k {
	case Scalar:
		return "value"
	case Map:
		return "map"
	case List:
		return "list"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Node is a value in a file. Nodes made by hand or by FromAny have no position.
type Node struct {
	Pos
	Kind  Kind
	Value any     // of a scalar: nil, bool, int64, float64 or string
	Pairs []Pair  // of a map, in file order
	Items []*Node // of a list

	raw string // a number as the file spells it; see Text
}

// Pair is one entry of a map.
type Pair struct {
	Key    string
	KeyPos Pos
	Value  *Node
}

// SyntaxError is one problem of a file's text and what to do about it.
type SyntaxError struct {
	File string
	Pos
	Problem string
	Hint    string
}

// Error returns "file:line:col: problem; hint".
func (e SyntaxError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Problem)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Parse reads all documents of a file: JSON if its name ends in .json, else YAML. Empty documents are dropped. It goes on after a
// problem where the syntax lets it, and returns the problems in file order; the documents are complete only if there are none.
func Parse(file string, data []byte) ([]*Node, []SyntaxError) {
	var docs []*Node
	isJSON := strings.EqualFold(filepath.Ext(file), ".json")
	src, errs := check(file, data, !isJSON)
	if len(errs) == 0 {
		if isJSON {
			docs, errs = parseJSON(file, src)
		} else {
			docs, errs = parseYAML(file, src)
		}
	}
	slices.SortStableFunc(errs, func(a, b SyntaxError) int {
		switch {
		case a.Pos.Before(b.Pos):
			return -1
		case b.Pos.Before(a.Pos):
			return 1
		}
		return 0
	})
	return docs, errs
}

// Text returns a scalar as text. A number keeps the spelling of its file, so that whoever wants text gets 1.10 and not 1.1.
// Null, maps and lists have the text "".
func (n *Node) Text() string {
	if n == nil || n.Kind != Scalar {
		return ""
	}
	switch v := n.Value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64, float64:
		// The spelling counts only as long as nobody has set another value.
		if n.raw != "" {
			if r, ok := number(n.raw); ok && r == v {
				return n.raw
			}
		}
		if i, ok := v.(int64); ok {
			return strconv.FormatInt(i, 10)
		}
		return formatFloat(v.(float64))
	}
	return ""
}

// Any returns the node as plain Go values: map[string]any, []any and scalars. Maps and lists are never nil.
func (n *Node) Any() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Map:
		m := make(map[string]any, len(n.Pairs))
		for _, p := range n.Pairs {
			m[p.Key] = p.Value.Any()
		}
		return m
	case List:
		l := make([]any, len(n.Items))
		for i, item := range n.Items {
			l[i] = item.Any()
		}
		return l
	}
	return n.Value
}

// Get returns the value of a map's key, or nil.
func (n *Node) Get(key string) *Node {
	if p := n.pair(key); p != nil {
		return p.Value
	}
	return nil
}

func (n *Node) pair(key string) *Pair {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key == key {
			return &n.Pairs[i]
		}
	}
	return nil
}

// At returns the node at a JSON pointer ("" is n itself, "/mappers/0/name"), or nil.
func (n *Node) At(pointer string) *Node {
	at, _, whole := n.walk(pointer)
	if !whole {
		return nil
	}
	return at
}

// PosAt returns the position of the deepest existing part of a JSON pointer: where its key stands or its list item starts, and
// n's own position if not even the first part exists.
func (n *Node) PosAt(pointer string) Pos {
	_, pos, _ := n.walk(pointer)
	return pos
}

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// walk follows a pointer as far as it goes and reports whether that was the whole of it.
func (n *Node) walk(pointer string) (at *Node, pos Pos, whole bool) {
	if n == nil {
		return nil, Pos{}, false
	}
	at, pos = n, n.Pos
	if pointer == "" {
		return at, pos, true
	}
	if pointer[0] != '/' {
		return at, pos, false
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		switch at.kind() {
		case Map:
			p := at.pair(unescapePointer.Replace(token))
			if p == nil {
				return at, pos, false
			}
			at, pos = p.Value, p.KeyPos
		case List:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at.Items) || strconv.Itoa(i) != token {
				return at, pos, false
			}
			at = at.Items[i]
			if at != nil {
				pos = at.Pos
			}
		default:
			return at, pos, false
		}
	}
	return at, pos, true
}

// kind treats a missing node as a null scalar.
func (n *Node) kind() Kind {
	if n == nil {
		return Scalar
	}
	return n.Kind
}

// FromAny builds a tree from plain Go values: everything encoding/json decodes to, all sizes of numbers, maps with string keys,
// slices, and *Node, which is taken as it is. A float64 that is a whole number becomes an integer: JSON decoders make floats of all
// numbers. Any other type is a programming error and panics.
//
// order puts the keys of one map in order; path leads to the map (list items by their index) and keys are sorted. Keys it leaves out
// follow the others. A nil order keeps them sorted.
func FromAny(v any, order func(path []string, keys []string) []string) *Node {
	return fromAny(reflect.ValueOf(v), nil, order)
}

func fromAny(v reflect.Value, path []string, order func(path, keys []string) []string) *Node {
	if !v.IsValid() {
		return &Node{}
	}
	switch x := v.Interface().(type) {
	case *Node:
		if x == nil {
			return &Node{}
		}
		return x
	case json.Number:
		if n, ok := number(x.String()); ok {
			return &Node{Value: n, raw: x.String()}
		}
		return &Node{Value: x.String()}
	}
	switch v.Kind() {
	case reflect.Bool:
		return &Node{Value: v.Bool()}
	case reflect.String:
		return &Node{Value: v.String()}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &Node{Value: v.Int()}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if u := v.Uint(); u <= math.MaxInt64 {
			return &Node{Value: int64(u)}
		}
		return &Node{Value: float64(v.Uint())}
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
			return &Node{Value: int64(f)}
		}
		return &Node{Value: f}
	case reflect.Interface, reflect.Pointer:
		return fromAny(v.Elem(), path, order)
	case reflect.Slice, reflect.Array:
		n := &Node{Kind: List}
		for i := range v.Len() {
			n.Items = append(n.Items, fromAny(v.Index(i), append(path, strconv.Itoa(i)), order))
		}
		return n
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			break
		}
		byKey := make(map[string]reflect.Value, v.Len())
		keys := make([]string, 0, v.Len())
		for k, item := range v.Seq2() {
			keys = append(keys, k.String())
			byKey[k.String()] = item
		}
		slices.Sort(keys)
		if order != nil {
			keys = append(order(slices.Clone(path), slices.Clone(keys)), keys...)
		}
		n := &Node{Kind: Map}
		for _, k := range keys {
			item, ok := byKey[k]
			if !ok {
				continue
			}
			delete(byKey, k)
			n.Pairs = append(n.Pairs, Pair{Key: k, Value: fromAny(item, append(path, k), order)})
		}
		return n
	}
	panic("text: FromAny of " + v.Type().String())
}
