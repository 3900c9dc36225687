package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// RealmName stands, in a recorded state, for the name of the realm.
const RealmName = "${realm}"

// Record is a state in the form in which it is kept in a file: what
// "kcsync snapshot" writes and what is recorded of every server version. In
// a record that serves for every realm, [RealmName] stands for the name.
type Record struct {
	Realm  string             `json:"realm"`
	Server Server             `json:"server"`
	Items  map[Address]Object `json:"items"`
}

// Record returns the state's record: canonical objects without ids and
// without secrets.
func (s *State) Record() Record {
	r := Record{Realm: s.Realm, Server: s.Server, Items: map[Address]Object{}}
	r.Server.URL = ""
	for a, it := range s.Items {
		r.Items[a] = withoutSecrets(it.Kind.Fields, it.Fields)
	}
	return r
}

// withoutSecrets returns a copy of o in which no field that the registry
// calls secret is left.
func withoutSecrets(fs Fields, o map[string]any) Object {
	out := Object(o).Clone()
	for i := range fs {
		f := &fs[i]
		if f.Secret {
			delete(out, f.Name)
			continue
		}
		if m, ok := out[f.Name].(map[string]any); ok {
			if f.Type == Struct {
				out[f.Name] = map[string]any(withoutSecrets(f.Fields, m))
			}
			for _, key := range f.SecretKeys {
				delete(m, key)
			}
		}
	}
	return out
}

// Generic returns the record with the realm's name replaced by [RealmName],
// wherever it stands. The name must be one that cannot be part of another
// word.
func (r Record) Generic() Record {
	return r.substitute(r.Realm, RealmName)
}

func (r Record) substitute(old, name string) Record {
	data, err := json.Marshal(r)
	if err != nil {
		panic("model: a canonical object is not JSON: " + err.Error())
	}
	var out Record
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(data), old, name)), &out); err != nil {
		panic("model: a realm's name is not a JSON string: " + err.Error())
	}
	for a, o := range out.Items {
		out.Items[a] = Plain(map[string]any(o)).(map[string]any)
	}
	return out
}

// State returns the recorded state, for a realm of the given name when the
// record serves for every realm.
func (r Record) State(realm string) (*State, error) {
	if r.Realm == RealmName {
		quoted, _ := json.Marshal(realm)
		name := string(quoted[1 : len(quoted)-1])
		// The server writes the name of the default role in small letters.
		const role = "default-roles-"
		r = r.substitute(role+RealmName, role+strings.ToLower(name)).substitute(RealmName, name)
	}
	s := NewState(r.Realm)
	s.Server = r.Server
	for a, o := range r.Items {
		k := KindOf(a)
		if k == nil {
			return nil, fmt.Errorf("recorded address %s is of no kind that kcsync knows", a)
		}
		it := &Item{Addr: a, Kind: k, Fields: Plain(map[string]any(o)).(map[string]any), Shown: map[string]bool{}}
		it.Parent = ParentOf(a)
		s.Items[a] = it
	}
	return s, nil
}

// Baseline is what a server version makes by itself: a fresh realm, and the
// smallest object of each kind as it reads back.
type Baseline struct {
	// Fresh is a realm that nobody configured; its Realm is [RealmName].
	Fresh Record
	// Defaults are the smallest objects by kind and variant, as
	// "client" or "client:saml".
	Defaults map[string]Object
}

// DefaultsKey returns the key in [Baseline.Defaults] of an object of a kind.
func DefaultsKey(k *Kind, variant string) string {
	if variant == "" {
		return k.Name
	}
	return k.Name + ":" + variant
}

// Default returns what the server makes of an object of the kind for which
// nothing but what tells o apart is declared: the recorded defaults of its
// variant and what the server derives from o's other fields, its parent and
// the realm.
// It is empty, never nil, for what was not recorded.
func (b *Baseline) Default(k *Kind, o, parent, realm Object) Object {
	out := Object{}
	if b != nil {
		d, ok := b.Defaults[DefaultsKey(k, k.VariantOf(o))]
		if !ok {
			d = b.Defaults[k.Name]
		}
		out = d.Clone()
		if out == nil {
			out = Object{}
		}
	}
	if k.Fills != nil {
		for name, v := range k.Fills(o) {
			out[name] = v
		}
	}
	if k.Adds != nil {
		for name, more := range k.Adds(o) {
			have, _ := out[name].([]any)
			out[name] = canonSet(slices.Concat(have, more.([]any)))
		}
	}
	if k.Derive != nil {
		for name, v := range k.Derive(o, parent, realm) {
			out[name] = v
		}
	}
	return out
}

// Followed returns what a field of an object has by default that follows one of
// the realm's ([Field.Follows]): of what that names whatever is of the object's
// variant, and what the server adds. The function at gives the object at an
// address, nil when there is none.
func (k *Kind) Followed(f *Field, o, realm Object, at func(Address) Object) any {
	ref, variant := Lookup(f.Ref), k.Fields.Get(k.Variant)
	names := slices.DeleteFunc(slices.Clone(asList(realm[f.Follows])), func(e any) bool {
		name, _ := e.(string)
		named := at(f.Target("", "", name))
		return named == nil || variant != nil && !variant.Equal(named[ref.Variant], o[k.Variant])
	})
	if k.Adds != nil {
		adds := k.Adds(o)
		if f.Link != nil && f.Link.Exclusive != "" {
			names = f.Missing(adds[f.Link.Exclusive], names)
		}
		more, _ := adds[f.Name].([]any)
		names = append(names, more...)
	}
	return canonSet(names)
}
