package load

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/schema"
	"github.com/kcsync/kcsync/text"
)

// realm is what the files say of one realm, before it is merged.
type realm struct {
	path string
	// name is the realm's when no fragment says it; "" when one has to.
	name  string
	units []unit
	// imported says that it is all in one file that was asked for.
	imported bool
	// folders are the kinds that have a folder.
	folders []*model.Kind
	// problems are told only if the realm is wanted.
	problems model.Diagnostics
	source   model.Source
}

func (r *realm) problem(src model.Source, code, summary, detail string) {
	r.problems = append(r.problems, model.Diagnostic{Code: code, Summary: summary, Detail: detail, Source: src})
}

func (r *realm) warn(src model.Source, code, summary, detail string) {
	r.problem(src, code, summary, detail)
	r.problems[len(r.problems)-1].Severity = model.Warning
}

// unit is one value that describes objects of a kind, or a part of a realm.
type unit struct {
	kind *model.Kind
	file string
	doc  *text.Node
	at   string // its pointer in the document
	key  string // the natural key that the file's name tells, see model.Kind.Bare
}

// realm returns the name of the realm that the unit says it is about.
func (u unit) realm() string { return strings.TrimSpace(u.doc.At(u.at).Get("realm").Text()) }

// find returns the realms that a path holds.
func (l *loader) find(path string) []*realm {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.add(model.Error, model.Source{File: l.shown(path)}, "not-found", "there is no such file or directory", "expected "+expected)
		return nil
	case err != nil:
		l.unreadable(path, err)
		return nil
	case !info.IsDir():
		if !isText(path) {
			l.add(model.Error, model.Source{File: l.shown(path)}, "not-a-realm", "the file's name does not end in .yaml, .yml or .json", "expected "+expected)
			return nil
		}
		found := l.loose([]string{path}, true)
		for _, r := range found {
			r.imported = true
		}
		return found
	}
	entries := l.read(path)
	if l.isRealm(path, entries) {
		r := l.directory(path)
		r.name = cmp.Or(l.options.Realm, r.name)
		return []*realm{r}
	}
	var out []*realm
	var files []string
	var ignored []string
	for _, e := range entries {
		at := filepath.Join(path, e.Name())
		switch {
		case !e.IsDir():
			files = append(files, at)
		case l.isRealm(at, l.read(at)):
			out = append(out, l.directory(at))
		case l.holdsText(at, nil):
			ignored = append(ignored, at)
		}
	}
	out = append(out, l.loose(files, false)...)
	if len(out) == 0 && !l.out.Errors() {
		detail := "expected " + expected
		if len(entries) == 0 {
			detail = "it holds no YAML or JSON file; " + detail
		}
		l.add(model.Error, model.Source{File: l.shown(path)}, "not-a-realm", "there is no realm here", detail)
	}
	for _, at := range ignored {
		l.add(model.Warning, model.Source{File: l.shown(at)}, "ignored", "the directory is not read: it is no realm's", notRealm(l.read(at)))
	}
	return out
}

const expected = "a realm's directory (with realm.yaml or a folder such as clients/), a directory of such directories, or a file in Keycloak's RealmRepresentation form that says realm: NAME"

// notRealm says what a directory lacks, and which folder may be misspelt.
func notRealm(entries []fs.DirEntry) string {
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if near := model.Nearest(e.Name(), folderNames()); near != "" {
			return fmt.Sprintf("it holds %s/: did you mean %s/?", e.Name(), near)
		}
	}
	return "add a realm.yaml if it should be one"
}

func folderNames() []string {
	var out []string
	for _, k := range schema.Kinds() {
		if k.Folder != "" {
			out = append(out, k.Folder)
		}
	}
	return out
}

// isRealm reports whether a directory with these entries is a realm's.
func (l *loader) isRealm(path string, entries []fs.DirEntry) bool {
	for _, e := range entries {
		if !e.IsDir() && isText(e.Name()) && strings.EqualFold(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), "realm") {
			return true
		}
	}
	return slices.ContainsFunc(folderNames(), func(folder string) bool {
		info, err := os.Stat(filepath.Join(path, filepath.FromSlash(folder)))
		return err == nil && info.IsDir()
	})
}

// directory reads the files of a realm's directory.
func (l *loader) directory(path string) *realm {
	r := &realm{path: path, name: filepath.Base(path)}
	if abs, err := filepath.Abs(path); err == nil {
		r.name = filepath.Base(abs)
	}
	l.walk(r, path, "", model.Realm, nil)
	// realm.yaml is where people look for the realm.
	slices.SortStableFunc(r.units, func(a, b unit) int {
		return cmp.Compare(order(path, a), order(path, b))
	})
	return r
}

func order(path string, u unit) int {
	name := filepath.Base(u.file)
	if u.kind == model.Realm && strings.EqualFold(strings.TrimSuffix(name, filepath.Ext(name)), "realm") {
		return 0
	}
	return 1
}

// walk reads a directory in a realm's: rel is its path in there, k the kind
// of what it holds, above the directories that lead to it.
func (l *loader) walk(r *realm, path, rel string, k *model.Kind, above []fs.FileInfo) {
	info, err := os.Stat(path)
	if err != nil {
		l.unreadable(path, err)
		return
	}
	if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		r.warn(model.Source{File: l.shown(path)}, "loop", "the link leads back to a directory above it; it is not followed", "remove it")
		return
	}
	above = append(above[:len(above):len(above)], info)
	for _, e := range l.read(path) {
		at, name := filepath.Join(path, e.Name()), e.Name()
		if rel != "" {
			name = rel + "/" + name
		}
		if !e.IsDir() {
			of := k
			if k == model.Realm {
				of = ownFile(e.Name())
			}
			r.units = append(r.units, l.file(r, at, of)...)
			continue
		}
		inside := k
		if k == model.Realm {
			inside = folder(name)
			if inside != model.Realm && !slices.Contains(r.folders, inside) {
				r.folders = append(r.folders, inside)
			}
		}
		l.walk(r, at, name, inside, above)
	}
}

// folder returns the kind whose objects a directory holds; the realm's when
// it is none of the kind folders. These may stand at any depth, so that what
// belongs together can be kept together: shop/clients, shop/roles.
func folder(rel string) *model.Kind {
	for _, k := range model.Kinds() {
		if k.Folder != "" && (rel == k.Folder || strings.HasSuffix(rel, "/"+k.Folder)) {
			return k
		}
	}
	return model.Realm
}

// ownFile returns the kind of which a file of that name holds the one object;
// the realm's when it is none of those.
func ownFile(name string) *model.Kind {
	for _, k := range model.Kinds() {
		if k.File != "" && strings.EqualFold(stem(name), k.File) {
			return k
		}
	}
	return model.Realm
}

// stem returns a file's name without its ending.
func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// file parses one file in a realm's directory.
func (l *loader) file(r *realm, path string, k *model.Kind) []unit {
	var out []unit
	for _, doc := range l.parse(r, path) {
		if k == model.Realm && doc.Kind == text.List {
			r.problem(model.SourceOf(l.shown(path), doc, ""), "wrong-type", "a part of a realm must be a map, not a list",
				"put a list of objects into the folder of their kind; an export of several realms is a file of its own")
			continue
		}
		u := unit{kind: k, file: l.shown(path), doc: doc}
		if k.Bare != "" {
			u.key = stem(filepath.Base(path))
		}
		out = append(out, u)
	}
	return out
}

// parse returns the documents of a file; none if its text is not as it should
// be, because half a document would make errors that are none.
func (l *loader) parse(r *realm, path string) []*text.Node {
	data, err := os.ReadFile(path)
	if err != nil {
		l.unreadable(path, err)
		return nil
	}
	docs, wrong := text.Parse(l.shown(path), data)
	for _, e := range wrong {
		r.problem(model.Source{File: e.File, Line: e.Line, Col: e.Col}, "syntax", e.Problem, e.Hint)
	}
	if len(wrong) > 0 {
		return nil
	}
	return docs
}

// loose reads files that stand in no realm's directory: each document says
// which realm it is about, and those of one realm are merged. Files that say
// nothing of the sort are passed over, unless they were asked for.
func (l *loader) loose(paths []string, asked bool) []*realm {
	var out []*realm
	for _, path := range paths {
		var all realm
		var units []unit
		for _, doc := range l.parse(&all, path) {
			u := unit{kind: model.Realm, file: l.shown(path), doc: doc}
			if doc.Kind != text.List {
				units = append(units, u)
				continue
			}
			for i := range doc.Items {
				u.at = model.Pointer(fmt.Sprint(i))
				units = append(units, u)
			}
		}
		if len(all.problems) > 0 {
			l.out = append(l.out, all.problems...)
			continue
		}
		// The documents of a file that name no realm belong to the one that
		// the others name.
		var names []string
		for _, u := range units {
			if n := u.realm(); n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
		name := ""
		switch {
		case len(names) == 1:
			name = names[0]
		case asked && len(names) == 0:
			name = l.options.Realm
		}
		if !asked && len(names) == 0 {
			l.add(model.Warning, model.Source{File: l.shown(path)}, "ignored", "the file is not read: it does not say which realm it is about",
				"add realm: NAME, or put it into the realm's directory")
			continue
		}
		if len(units) == 0 {
			l.add(model.Error, model.Source{File: l.shown(path)}, "empty", "the file is empty", "expected "+expected)
			continue
		}
		for _, u := range units {
			of := cmp.Or(u.realm(), name)
			i := slices.IndexFunc(out, func(r *realm) bool { return r.name == of && of != "" })
			if i < 0 {
				out = append(out, &realm{path: path, name: of})
				i = len(out) - 1
			}
			out[i].units = append(out[i].units, u)
		}
	}
	return out
}

// read returns the entries of a directory that count, sorted, links resolved:
// directories and text files, none of them hidden.
func (l *loader) read(path string) []fs.DirEntry {
	all, err := os.ReadDir(path)
	if err != nil {
		l.unreadable(path, err)
		return nil
	}
	out := make([]fs.DirEntry, 0, len(all))
	for _, e := range all {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if e.Type()&fs.ModeSymlink != 0 {
			// Kubernetes mounts every file of a ConfigMap as a link.
			info, err := os.Stat(filepath.Join(path, e.Name()))
			if err != nil {
				if isText(e.Name()) {
					l.unreadable(filepath.Join(path, e.Name()), err)
				}
				continue
			}
			e = fs.FileInfoToDirEntry(named{info, e.Name()})
		}
		if e.IsDir() || e.Type().IsRegular() && isText(e.Name()) {
			out = append(out, e)
		}
	}
	return out
}

// named is what a link leads to, under the link's name.
type named struct {
	fs.FileInfo
	name string
}

func (n named) Name() string { return n.name }

// holdsText reports whether a directory holds a file that could be read.
func (l *loader) holdsText(path string, above []fs.FileInfo) bool {
	info, err := os.Stat(path)
	if err != nil || slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
		return false
	}
	above = append(above[:len(above):len(above)], info)
	return slices.ContainsFunc(l.read(path), func(e fs.DirEntry) bool {
		return !e.IsDir() || l.holdsText(filepath.Join(path, e.Name()), above)
	})
}

func (l *loader) unreadable(path string, err error) {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	l.add(model.Error, model.Source{File: l.shown(path)}, "unreadable", "cannot be read: "+err.Error(), "")
}

func isText(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
