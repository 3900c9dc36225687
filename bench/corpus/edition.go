package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// edition is a directory of files that somebody edits: what is changed in
// memory is written by the writer of exports, and can be taken back.
type edition struct {
	dir      string
	pristine map[string][]byte
	parsed   map[string]*text.Node
	docs     map[string]*text.Node // those that were opened; nil: the file is gone
}

// edit opens the files of an export, of which each holds one document.
func edit(dir string, files map[string][]byte) (*edition, error) {
	e := &edition{dir: dir, pristine: files, parsed: map[string]*text.Node{}, docs: map[string]*text.Node{}}
	for name, data := range files {
		docs, wrong := text.Parse(name, data)
		if len(wrong) > 0 || len(docs) != 1 {
			return nil, fmt.Errorf("%s does not hold one document: %v", name, wrong)
		}
		e.parsed[name] = docs[0]
		if err := e.put(name, data); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *edition) put(name string, data []byte) error {
	path := filepath.Join(e.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// doc returns a file's document, to be changed.
func (e *edition) doc(name string) *text.Node {
	if _, ok := e.docs[name]; !ok && e.parsed[name] != nil {
		e.docs[name] = clone(e.parsed[name])
	}
	return e.docs[name]
}

// clone returns a copy of a tree.
func clone(n *text.Node) *text.Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Items, c.Pairs = nil, nil
	for _, it := range n.Items {
		c.Items = append(c.Items, clone(it))
	}
	for _, p := range n.Pairs {
		p.Value = clone(p.Value)
		c.Pairs = append(c.Pairs, p)
	}
	return &c
}

// write writes what was changed.
func (e *edition) write() error {
	for name, doc := range e.docs {
		if doc == nil {
			if err := os.Remove(filepath.Join(e.dir, filepath.FromSlash(name))); err != nil {
				return err
			}
			continue
		}
		var b bytes.Buffer
		if err := text.Encode(&b, doc); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := e.put(name, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// restore takes all changes back.
func (e *edition) restore() error {
	for name := range e.docs {
		data, ok := e.pristine[name]
		if !ok {
			if err := os.Remove(filepath.Join(e.dir, filepath.FromSlash(name))); err != nil {
				return err
			}
			continue
		}
		if err := e.put(name, data); err != nil {
			return err
		}
	}
	clear(e.docs)
	return nil
}

// spot is where the representation of an object stands.
type spot struct {
	file string
	at   string // the JSON pointer of it
}

// spotOf returns where an object's own file, or its parent's, describes it.
func (e *edition) spotOf(it *model.Item) spot {
	path, err := filepath.Abs(it.Source.File)
	if err != nil {
		return spot{}
	}
	name, err := filepath.Rel(e.dir, path)
	name = filepath.ToSlash(name)
	if err != nil || e.parsed[name] == nil {
		return spot{}
	}
	at := it.Source.Pointer()
	if e.parsed[name].At(at).Kind != text.Map { // a realm of which a file says the name only
		at = at[:strings.LastIndexByte(at, '/')]
	}
	return spot{name, at}
}

// node returns the representation that stands at a spot.
func (e *edition) node(s spot) *text.Node { return e.doc(s.file).At(s.at) }

// put sets the value at a path of keys below a map; nil takes it out.
func put(n *text.Node, path []string, v *text.Node) {
	for i := range n.Pairs {
		if n.Pairs[i].Key != path[0] {
			continue
		}
		switch {
		case len(path) > 1 && n.Pairs[i].Value != nil && n.Pairs[i].Value.Kind == text.Map:
			put(n.Pairs[i].Value, path[1:], v)
		case v == nil:
			n.Pairs = append(n.Pairs[:i], n.Pairs[i+1:]...)
		default:
			n.Pairs[i].Value = v
		}
		return
	}
	if v == nil {
		return
	}
	for i := len(path) - 1; i > 0; i-- {
		v = &text.Node{Kind: text.Map, Pairs: []text.Pair{{Key: path[i], Value: v}}}
	}
	n.Pairs = append(n.Pairs, text.Pair{Key: path[0], Value: v})
}

// holder returns the list that holds what stands at a spot, and where in it;
// nil for what has a file, or a key, of its own.
func (e *edition) holder(s spot) (*text.Node, int) {
	i := strings.LastIndexByte(s.at, '/')
	if i < 0 {
		return nil, 0
	}
	n, err := strconv.Atoi(s.at[i+1:])
	list := e.doc(s.file).At(s.at[:i])
	if err != nil || list == nil || list.Kind != text.List {
		return nil, 0
	}
	return list, n
}

// remove takes out what stands at a spot: its file, or the member of a list.
// It reports whether it could.
func (e *edition) remove(s spot) bool {
	if s.at == "" {
		e.docs[s.file] = nil
		return true
	}
	list, i := e.holder(s)
	if list == nil {
		return false
	}
	// What stands behind it keeps its place for the edits to come.
	list.Items[i] = gone
	return true
}

// gone stands for a removed member of a list until the file is written.
var gone = &text.Node{Kind: text.Scalar, Value: "(gone)"}

// settle takes the removed members out of all lists.
func (e *edition) settle() {
	for _, doc := range e.docs {
		settle(doc)
	}
	for name, doc := range maps.Clone(e.docs) {
		if doc != nil && doc.Kind == text.List && len(doc.Items) == 0 {
			e.docs[name] = nil
		}
	}
}

func settle(n *text.Node) {
	if n == nil {
		return
	}
	var items []*text.Node
	for _, it := range n.Items {
		if it != gone {
			settle(it)
			items = append(items, it)
		}
	}
	n.Items = items
	for _, p := range n.Pairs {
		settle(p.Value)
	}
}

// insert puts a new object beside the one at a spot.
func (e *edition) insert(s spot, name string, n *text.Node) {
	if list, _ := e.holder(s); list != nil {
		list.Items = append(list.Items, n)
		return
	}
	file := name + ".yaml"
	if i := strings.LastIndexByte(s.file, '/'); i >= 0 {
		file = s.file[:i+1] + file
	}
	e.docs[file] = n
}
