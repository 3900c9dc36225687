package model

import (
	"strings"
	"testing"
)

// TestRegistry walks the registry: what one word says has to fit what the
// others say.
func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			if seen[k.Name] {
				t.Error("the name is taken")
			}
			seen[k.Name] = true
			if k.Doc == "" || !strings.HasSuffix(k.Doc, ".") {
				t.Error("Doc is not a sentence")
			}
			if len(k.Places) == 0 {
				t.Error("lives nowhere")
			}
			if k.Key != "" && k.Fields.Get(k.Key) == nil {
				t.Errorf("Key %q is no field", k.Key)
			}
			if k.Variant != "" && k.Fields.Get(k.Variant) == nil {
				t.Errorf("Variant %q is no field", k.Variant)
			}
			for _, p := range k.Places {
				if p.Parent != "" && Lookup(p.Parent) == nil {
					t.Errorf("parent %q is no kind", p.Parent)
				}
				if p.Parent != "" && p.Parent != k.Name && !seen[p.Parent] {
					t.Errorf("parent %q comes after it in the list of kinds", p.Parent)
				}
				if p.FlatBy != "" && k.Fields.Get(p.FlatBy) == nil {
					t.Errorf("FlatBy %q is no field", p.FlatBy)
				}
				if (p.ListSince == "") != (p.ListBefore == "") {
					t.Errorf("below %q ListSince and ListBefore do not go together", p.Parent)
				}
				if k != Realm && p.In == "" {
					t.Errorf("objects below %q stand in no file", p.Parent)
				}
			}
			if k.Top() && k != Realm && k.Folder == "" && k.File == "" && !k.ReadOnly {
				t.Error("top-level objects have no folder")
			}
			if k.File != "" && !k.Singleton() {
				t.Error("one file, but many objects")
			}
			if k.Bare != "" && k.Fields.Get(k.Bare) == nil {
				t.Errorf("Bare %q is no field", k.Bare)
			}
			for _, name := range k.After {
				if Lookup(name) == nil {
					t.Errorf("comes after %q, which is no kind", name)
				}
			}
			for _, r := range k.Reads {
				for _, f := range r.Fields {
					if k.Fields.Get(f) == nil {
						t.Errorf("Reads %s, which is no field", f)
					}
				}
			}
			for _, f := range k.Fields.Veiled("") {
				if by, id := Lookup(f.Veil.By), k.Fields.Get(f.Veil.ID); by == nil || !by.Top() || id == nil || !id.Computed || f.Veil.Is == "" {
					t.Errorf("%s is veiled by %q, known by %q, which is %q", f.Name, f.Veil.By, f.Veil.ID, f.Veil.Is)
				}
			}
			if k.ParentField != "" && (k.Fields.Get(k.ParentField) == nil || !k.Fields.Get(k.ParentField).Computed) {
				t.Errorf("ParentField %q is no computed field", k.ParentField)
			}
			checkFields(t, k, k.Fields)
		})
	}
}

func checkFields(t *testing.T, k *Kind, fs Fields) {
	names := map[string]bool{}
	for i := range fs {
		f := &fs[i]
		if names[f.Name] {
			t.Errorf("%s stands twice", f.Name)
		}
		names[f.Name] = true
		if f.Ref != "" && Lookup(f.Ref) == nil {
			t.Errorf("%s refers to %q, which is no kind", f.Name, f.Ref)
		}
		for _, sub := range f.Fields {
			if sub.Among != "" && (fs.Get(sub.Among) == nil || fs.Get(sub.Among).Named == "") {
				t.Errorf("%s.%s is among %q, which is no list of objects with names", f.Name, sub.Name, sub.Among)
			}
		}
		if f.Named != "" && (f.Type != List || f.Fields.Get(f.Named) == nil) {
			t.Errorf("members of %s are told apart by %q, which is no field of theirs", f.Name, f.Named)
		}
		if f.Owner != "" && Lookup(f.Owner) == nil {
			t.Errorf("%s is owned by %q, which is no kind", f.Name, f.Owner)
		}
		if f.Link != nil && f.Ref == "" {
			t.Errorf("%s is written by links, but refers to nothing", f.Name)
		}
		if f.Link != nil && f.Link.Each != strings.Contains(f.Link.Path, "{target}") {
			t.Errorf("%s: a link that writes members one by one has {target} in its path", f.Name)
		}
		if f.Link != nil && f.Link.Add != "" && !f.Link.Each {
			t.Errorf("%s: members that are added at a path of their own are added one by one", f.Name)
		}
		if f.Named != "" && f.Fields.Get(f.Named) == nil {
			t.Errorf("%s: Named %q is no field of its members", f.Name, f.Named)
		}
		if f.Link != nil && f.Link.Exclusive != "" && fs.Get(f.Link.Exclusive) == nil {
			t.Errorf("%s excludes %q, which is no field", f.Name, f.Link.Exclusive)
		}
		if f.Follows != "" && Realm.Fields.Get(f.Follows) == nil {
			t.Errorf("%s follows %q, which is no field of the realm", f.Name, f.Follows)
		}
		if low := strings.ToLower(f.Name); f.Type == String && !f.Computed && !f.Secret &&
			(strings.Contains(low, "secret") || strings.Contains(low, "privatekey") || low == "password") {
			t.Errorf("%s looks like a secret and is not marked as one", f.Name)
		}
		if len(f.Fields) > 0 {
			checkFields(t, k, f.Fields)
		}
	}
}

// TestHardReferences shows that references which cannot be written later form
// no circle among kinds: an order of creation always exists.
func TestHardReferences(t *testing.T) {
	needs := map[*Kind]map[*Kind]bool{}
	var collect func(k *Kind, fs Fields)
	collect = func(k *Kind, fs Fields) {
		for i := range fs {
			f := &fs[i]
			if f.Ref != "" && !f.Late && Lookup(f.Ref) != k {
				needs[k][Lookup(f.Ref)] = true
			}
			collect(k, f.Fields)
		}
	}
	for _, k := range Kinds() {
		needs[k] = map[*Kind]bool{}
		collect(k, k.Fields)
	}
	var visit func(k *Kind, path []string)
	visit = func(k *Kind, path []string) {
		for _, p := range path {
			if p == k.Name {
				t.Fatalf("circle of hard references: %v", append(path, k.Name))
			}
		}
		for n := range needs[k] {
			visit(n, append(path, k.Name))
		}
	}
	for _, k := range Kinds() {
		visit(k, nil)
	}
}

// TestRights checks that objects take each right that there is something to
// know of.
func TestRights(t *testing.T) {
	taken := map[string]bool{}
	for _, k := range Kinds() {
		for _, p := range k.Places {
			taken[p.Right] = true
		}
	}
	for _, r := range rights {
		if !taken[r.Name] {
			t.Errorf("no object takes the right %s", r.Name)
		}
	}
}
