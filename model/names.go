package model

import (
	"maps"
	"slices"
)

// Names says what on a server the values of a field name, so that they can be
// checked before anything is written. What a server has is its [Info].
type Names struct {
	// In are the paths, for [Info.Offers], at one of which the server lists a
	// name: "themes/login". {field} stands for another field of the same
	// object, or of the object around it: "components/{providerType}".
	In []string
	// Choose returns those of In that are meant, by the object that has the
	// name and the one around it; nil: all are.
	Choose func(o, around Object) []string
	// Lax says that the server takes names of which it knows nothing, and
	// goes on without what they name.
	Lax bool
	// Split returns the names that a value holds when it is not one itself.
	Split func(string) []Part
	// Keys says that the names are the keys of the field's map.
	Keys bool
	// Entries are the paths of what single entries of a map name, by key, and
	// LaxEntries those of which the server takes unknown names, too.
	Entries    map[string]string
	LaxEntries []string
	// ConfigOf is the field, of the same object or one around it, that names
	// the provider which the map configures: its keys are that provider's
	// properties, and Also.
	ConfigOf string
	Also     []string
	// Typed says that the server reads the configuration as JSON of the types
	// that the properties have, and Harm what becomes of it when it cannot; ""
	// where it refuses that.
	Typed bool
	Harm  string
	// Refers are the kinds of the objects that some properties name, where the type
	// does not say it: by property, or by provider and property, as in
	// "client-updater-source-roles/roles". Alone are names that stand for none and are
	// taken nevertheless.
	Refers map[string]string
	Alone  []string
	// Firm are the properties in which the server takes only the name of an
	// object, such as a role, that is there. In others it takes any, and goes on
	// without the object.
	Firm []string
	// Made are properties that such a provider makes by itself and does not
	// describe.
	Made []string
}

// Part is a name that a value holds among others.
type Part struct {
	// In is the path at which the server lists it; "" is one of the field's.
	In, Name string
}

// names says at which of the server's lists the values stand.
func (f Field) names(in ...string) Field {
	n := f.namesOrNew()
	n.In = in
	f.Names = n
	return f
}

// loosely says that the server takes values of which it knows nothing; of a map,
// under some keys.
func (f Field) loosely(keys ...string) Field {
	n := f.namesOrNew()
	n.Lax, n.LaxEntries = len(keys) == 0, keys
	f.Names = n
	return f
}

// split says how the names in a value are found.
func (f Field) split(by func(string) []Part) Field {
	n := f.namesOrNew()
	n.Split = by
	f.Names = n
	return f
}

// keysName says at which of the server's lists the keys of a map stand.
func (f Field) keysName(in ...string) Field {
	f = f.names(in...)
	f.Names.Keys = true
	return f
}

// entryNames says at which of the server's lists the values under some keys of
// a map stand.
func (f Field) entryNames(in string, keys ...string) Field {
	n := f.namesOrNew()
	entries := map[string]string{}
	maps.Copy(entries, n.Entries)
	for _, key := range keys {
		entries[key] = in
	}
	n.Entries = entries
	f.Names = n
	return f
}

// choose says by what it depends which of the server's lists is meant.
func (f Field) choose(by func(o, around Object) []string) Field {
	n := f.namesOrNew()
	n.Choose = by
	f.Names = n
	return f
}

// configOf says that the map configures the provider that another field
// names; also are keys that every such provider has.
func (f Field) configOf(field string, also ...string) Field {
	n := f.namesOrNew()
	n.ConfigOf, n.Also = field, also
	f.Names = n
	return f
}

// typed says that the values of the map are JSON of the properties' types, and
// what becomes of a server that is given others.
func (f Field) typed(harm string) Field {
	n := f.namesOrNew()
	n.Typed, n.Harm = true, harm
	f.Names = n
	return f
}

// firmly says in which properties the server takes no name of an object that is
// not there.
func (f Field) firmly(keys ...string) Field {
	n := f.namesOrNew()
	n.Firm = keys
	f.Names = n
	return f
}

// refers says of which kind the objects are that some properties name.
func (f Field) refers(kind string, keys ...string) Field {
	n := f.namesOrNew()
	refers := maps.Clone(n.Refers)
	if refers == nil {
		refers = map[string]string{}
	}
	for _, key := range keys {
		refers[key] = kind
	}
	n.Refers = refers
	f.Names = n
	return f
}

// alone says which names in the properties stand for no object.
func (f Field) alone(names ...string) Field {
	n := f.namesOrNew()
	n.Alone = names
	f.Names = n
	return f
}

// Means returns the addresses of the objects that a text in a property of a
// provider's configuration can name; none where it is not a name.
func (n *Names) Means(provider, key string, p Property, text string) []Address {
	kind, ok := n.Refers[provider+"/"+key]
	if !ok {
		kind, ok = n.Refers[key]
	}
	switch {
	case slices.Contains(n.Alone, text) || text == "":
		return nil
	case ok:
		p.Type = kind
	}
	return p.Means(text)
}

// Firmly returns the addresses of the objects that the configuration of providers in
// an object names where the server takes only what is there ([Names.Firm]), of those
// properties of which the registry says the kind.
func (k *Kind) Firmly(o Object) []Address { return firmlyIn(k.Fields, o) }

func firmlyIn(fs Fields, o map[string]any) []Address {
	var out []Address
	for i := range fs {
		f := &fs[i]
		for _, e := range asList(o[f.Name]) {
			if member, ok := mapOf(e); ok {
				out = append(out, firmlyIn(f.Fields, member)...)
			}
		}
		if f.Names == nil {
			continue
		}
		provider, _ := o[f.Names.ConfigOf].(string)
		config, _ := mapOf(o[f.Name])
		for _, key := range f.Names.Firm {
			for _, e := range asList(config[key]) {
				text, _ := e.(string)
				out = append(out, f.Names.Means(provider, key, Property{}, text)...)
			}
		}
	}
	return out
}

// makes names the properties that a configured provider makes by itself.
func (f Field) makes(keys ...string) Field {
	n := f.namesOrNew()
	n.Made = keys
	f.Names = n
	return f
}

// namesOrNew returns a copy of what the field's values name so far.
func (f Field) namesOrNew() *Names {
	if f.Names == nil {
		return &Names{}
	}
	n := *f.Names
	return &n
}
