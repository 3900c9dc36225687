package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// cut takes kinds and fields out of representations.
type cut struct {
	kind  func(*model.Kind) bool
	field func(*model.Kind, *model.Field) bool
}

// lacking takes out what a server does not have.
func lacking(s model.Server) cut {
	return cut{
		kind:  func(k *model.Kind) bool { return !model.HasVersion(s.Version, k.Since) || !s.Has(k.Feature) },
		field: func(_ *model.Kind, f *model.Field) bool { return !model.HasVersion(s.Version, f.Since) },
	}
}

// defaultAuthorization takes out authorization services: servers before 26.5
// make resources and policies of their own along with them, which only a
// second apply removes.
var defaultAuthorization = cut{
	kind:  func(k *model.Kind) bool { return k.Name == "authorization" },
	field: func(_ *model.Kind, f *model.Field) bool { return f.Name == "authorizationServicesEnabled" },
}

// data takes out what is data, of which an export says nothing: the kinds
// whose objects are only looked at where a file declares them, and the fields
// that are only read then.
var data = cut{
	kind: func(k *model.Kind) bool { return k.Top() && k.Place("").Declared },
	field: func(k *model.Kind, f *model.Field) bool {
		for _, r := range k.Reads {
			for _, name := range r.Fields {
				if r.Declared && name == f.Name {
					return true
				}
			}
		}
		return false
	},
}

// object cuts a representation of a kind, in place, at every depth.
func (c cut) object(k *model.Kind, rep map[string]any) {
	for i := range k.Fields {
		if f := &k.Fields[i]; c.field(k, f) {
			delete(rep, f.Name)
		}
	}
	of := k.Name
	if k == model.Realm {
		of = ""
	}
	for _, child := range k.Children() {
		keys := child.Place(of).Keys()
		if len(keys) == 0 {
			continue
		}
		m := rep
		for _, key := range keys[:len(keys)-1] {
			m, _ = m[key].(map[string]any)
		}
		last := keys[len(keys)-1]
		if m[last] != nil && c.kind(child) {
			delete(m, last)
			continue
		}
		switch v := m[last].(type) {
		case map[string]any:
			if child.Singleton() {
				c.object(child, v)
			}
		case []any:
			for _, e := range v {
				c.object(child, e.(map[string]any))
			}
		}
	}
}

// directory cuts the files of a realm's directory, in place.
func (c cut) directory(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		k := kindOf(strings.TrimPrefix(path, dir+"/"))
		switch {
		case c.kind(k):
			return os.Remove(path)
		case k.Bare != "":
			return nil
		}
		docs, bad := text.Parse(path, []byte(readFile(t, path)))
		if len(bad) > 0 {
			return bad[0]
		}
		var objects []any
		for _, doc := range docs {
			v := doc.Any()
			if l, ok := v.([]any); ok {
				objects = append(objects, l...)
				continue
			}
			objects = append(objects, v)
		}
		before, err := json.Marshal(objects)
		if err != nil {
			return err
		}
		for _, o := range objects {
			c.object(k, o.(map[string]any))
		}
		after, err := json.Marshal(objects)
		if err != nil || bytes.Equal(before, after) {
			return err
		}
		if k == model.Realm {
			after = bytes.TrimSuffix(bytes.TrimPrefix(after, []byte("[")), []byte("]")) // a fragment is no list
		}
		return os.WriteFile(path, after, 0o644) // JSON is YAML, too
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kindOf returns the kind of what a file in a realm's directory holds.
func kindOf(path string) *model.Kind {
	for _, k := range model.Kinds() {
		if k.Folder != "" && strings.HasPrefix(path, k.Folder+"/") || k.File != "" && path == k.File+".yaml" {
			return k
		}
	}
	return model.Realm
}
