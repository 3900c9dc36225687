// Package export writes a realm's configuration as the files that a careful
// person would have written: no ids, no server defaults, no built-ins that
// nobody changed, references by name, and no secret.
package export

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// File is one file of an export.
type File struct {
	Path    string // slash-separated, below the realm's directory
	Content []byte
}

// Secret is a value that the files refer to and do not hold.
type Secret struct {
	// Name is the environment variable that the files refer to.
	Name string
	Addr model.Address
	// Pointer leads to the field.
	Pointer string
	// Value is what the server lets us read; "" when it masks the secret.
	Value string
}

// Result is an export: files by kind and key, and the secrets that they refer
// to in the order in which the files do.
type Result struct {
	Files   []File
	Secrets []Secret
	Notes   model.Diagnostics
}

// Files returns the files that declare the state. What the baseline, which
// may be nil, knows as the server's own is left out.
func Files(s *model.State, b *model.Baseline) (*Result, error) {
	w := &writer{state: s, baseline: b, names: map[string]bool{}, paths: map[string]bool{}, ours: map[*text.Node]bool{}}
	if b != nil {
		fresh, err := b.Fresh.State(s.Realm)
		if err != nil {
			return nil, fmt.Errorf("the recorded fresh realm: %w", err)
		}
		w.fresh = fresh.CalledAs(s).Items
	}
	for _, k := range model.Kinds() {
		if k.Top() && !k.ReadOnly {
			if err := w.kind(k); err != nil {
				return nil, err
			}
		}
	}
	w.noteData()
	return &w.out, nil
}

// writer collects an export.
type writer struct {
	state    *model.State
	baseline *model.Baseline
	fresh    map[model.Address]*model.Item // what a fresh realm has
	names    map[string]bool               // secrets' names that are taken
	paths    map[string]bool               // lower-cased paths that are taken
	ours     map[*text.Node]bool           // references that were written in the place of something
	out      Result
}

func (w *writer) note(code string, a model.Address, summary, detail string) {
	w.out.Notes = append(w.out.Notes, model.Diagnostic{Severity: model.Note, Code: code, Addr: a, Summary: summary, Detail: detail})
}

// noteData says what the files name and do not hold, because it is data.
func (w *writer) noteData() {
	for _, it := range w.state.Sorted() {
		var names []string
		var k *model.Kind
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			if p := model.KindOf(r.Addr).Place(""); p != nil && p.Declared {
				k, names = model.KindOf(r.Addr), append(names, r.Addr.Key())
			}
		}
		if names != nil {
			slices.Sort(names)
			names = slices.Compact(names)
			w.note("names-data", it.Addr, fmt.Sprintf("it names %ss, which the files leave out: %s", k.Name, strings.Join(names, ", ")),
				fmt.Sprintf("declare them for a server that has them not: %s/%s.yaml with %s: %s", k.Folder, fileName(names[0]), k.Key, names[0]))
		}
	}
}

// kind writes the files of a kind's top-level objects.
func (w *writer) kind(k *model.Kind) error {
	var docs []*text.Node
	for _, it := range w.state.Children("", k) {
		doc := w.object(it, false)
		if k == model.Realm {
			if gone := w.absent(); gone != nil {
				add(doc, model.Absent, gone)
			}
		}
		switch {
		case doc == nil:
		case k.Listed:
			docs = append(docs, doc)
		case k.Bare != "" && !w.named(k, it.Key()):
			docs = append(docs, &text.Node{Kind: text.Map, Pairs: []text.Pair{{Key: it.Key(), Value: doc}}})
		default:
			if err := w.file(w.path(k, it.Key()), doc); err != nil {
				return err
			}
		}
	}
	if len(docs) > 0 && k.Bare != "" {
		// A part of the realm.
		all := &text.Node{Kind: text.Map}
		for _, d := range docs {
			all.Pairs = append(all.Pairs, d.Pairs...)
		}
		return w.file(k.Folder+"-more.yaml", &text.Node{Kind: text.Map, Pairs: []text.Pair{{Key: k.Place("").In, Value: all}}})
	}
	if len(docs) > 0 {
		return w.file(w.path(k, k.Folder), &text.Node{Kind: text.List, Items: docs})
	}
	return nil
}

func (w *writer) file(path string, doc *text.Node) error {
	var b bytes.Buffer
	if err := text.Encode(&b, doc); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	w.out.Files = append(w.out.Files, File{Path: path, Content: b.Bytes()})
	return nil
}

// path returns a path for an object's own file that no other has, not even
// on a file system that does not tell cases apart.
func (w *writer) path(k *model.Kind, key string) string {
	if k == model.Realm {
		return "realm.yaml"
	}
	if k.File != "" {
		return k.File + ".yaml"
	}
	base := k.Folder + "/" + fileName(key)
	path := base + ".yaml"
	for n := 2; w.paths[strings.ToLower(path)]; n++ {
		path = fmt.Sprintf("%s-%d.yaml", base, n)
	}
	w.paths[strings.ToLower(path)] = true
	return path
}

// named reports whether a file can be called by the key itself.
func (w *writer) named(k *model.Kind, key string) bool {
	return fileName(key) == key && !w.paths[strings.ToLower(k.Folder+"/"+key+".yaml")]
}

// fileName returns a natural key as a file name that every system takes.
func fileName(key string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, key), ".-")
	if name == "" {
		return "unnamed"
	}
	return name
}

// absent returns the addresses of what a new realm has and this one does not,
// and notes what of that an apply cannot take out of a new one.
func (w *writer) absent() *text.Node {
	out := &text.Node{Kind: text.List}
	renamed := map[*model.Item]bool{}
	for _, it := range w.state.Items {
		renamed[w.registered(it)] = true
	}
	for _, it := range sorted(w.fresh) {
		k := it.Kind
		switch {
		case renamed[it] || w.state.Items[it.Addr] != nil || k.Part || k.ReadOnly || k.Spawned:
		case it.Parent != "" && w.state.Items[it.Parent] == nil:
		case k.When != nil && !k.When(w.fields(model.Address(model.Realm.Name))):
		case w.stays(it):
			if !w.sealed(it.Addr) { // noted with the object itself
				w.note("built-in-deleted", it.Addr, "a new realm has it, this one does not",
					"the server lets nobody delete it: a new realm to which the export is applied keeps it")
			}
		default:
			out.Items = append(out.Items, text.FromAny(string(it.Addr), nil))
		}
	}
	if len(out.Items) == 0 {
		return nil
	}
	return out
}

// stays reports whether nobody can take an object out of a new realm.
func (w *writer) stays(it *model.Item) bool {
	return it.Kind.Stays != nil && it.Kind.Stays(it.Fields) || w.sealed(it.Addr)
}

// left returns what is left in a new realm of a value of its own that names
// others, once those are taken out of it that this realm has not: they go from
// lists by themselves.
func (w *writer) left(f *model.Field, v any, owner string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, e := range v {
			if e = w.left(f, e, key); !model.Zero(e) {
				out[key] = e
			}
		}
		return out
	case []any:
		return slices.DeleteFunc(slices.Clone(v), func(e any) bool {
			name, _ := e.(string)
			own := w.fresh[f.Target("", owner, name)]
			return own != nil && w.state.Items[own.Addr] == nil && !w.stays(own)
		})
	}
	return v
}

// sealed reports whether the server lets nobody change what is at an address.
func (w *writer) sealed(a model.Address) bool {
	return w.state.Sealed(a) != "" || w.state.Sealed(model.ParentOf(a)) != ""
}

func sorted(items map[model.Address]*model.Item) []*model.Item {
	return (&model.State{Items: items}).Sorted()
}
