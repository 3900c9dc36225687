package diff

import (
	"strings"

	"github.com/kcsync/kcsync/model"
)

// FormatVersion is the version of the form of [View]. It grows when a field
// goes or changes its meaning; new fields may come at any time.
const FormatVersion = 1

// View is a plan as it is shown: without secrets, and without what only an
// apply needs. Its JSON is what machines read; text is rendered from it and
// from nothing else.
type View struct {
	FormatVersion int        `json:"formatVersion"`
	Realm         string     `json:"realm"`
	Server        ViewServer `json:"server"`
	// Objects counts the objects in the files, on the server, and those that
	// are as the files say.
	Objects ViewObjects `json:"objects"`
	// Summary counts the objects to change, by action.
	Summary ViewSummary `json:"summary"`
	// Changes are in the order in which they are made.
	Changes []ViewChange `json:"changes"`
	// Unmanaged are the addresses of what is on the server and in no file.
	Unmanaged []model.Address `json:"unmanaged"`
	Notes     []ViewNote      `json:"notes"`
}

// ViewServer is the server that was compared with.
type ViewServer struct {
	URL     string `json:"url,omitempty"`
	Version string `json:"version,omitempty"`
}

// ViewObjects are counts of objects.
type ViewObjects struct {
	Desired   int `json:"desired"`
	Current   int `json:"current"`
	Unchanged int `json:"unchanged"`
}

// ViewSummary counts objects by what is done to them.
type ViewSummary struct {
	Create  int `json:"create"`
	Update  int `json:"update"`
	Move    int `json:"move"`
	Replace int `json:"replace"`
	Delete  int `json:"delete"`
}

// ViewChange is one [Change].
type ViewChange struct {
	// ID is what other changes' Needs name: the address, and for the lesser
	// part of a change that was cut in two the address and " (late)" or " (early)".
	ID      string        `json:"id"`
	Address model.Address `json:"address"`
	// From is the address before a move.
	From   model.Address `json:"from,omitempty"`
	Kind   string        `json:"kind"`
	Parent model.Address `json:"parent,omitempty"`
	Action Action        `json:"action"`
	// Late marks the lesser part of a change that was cut in two.
	Late   bool        `json:"late,omitempty"`
	Reason string      `json:"reason,omitempty"`
	Needs  []string    `json:"needs"`
	Source *ViewSource `json:"source,omitempty"`
	// Fields are what the file declares of an object to be created, maps key
	// by key; without its natural key, which is in the address.
	Fields []ViewField `json:"fields,omitempty"`
	// Edits are what differs in an object that exists.
	Edits  []ViewEdit `json:"edits,omitempty"`
	Impact []ViewNote `json:"impact,omitempty"`
}

// ViewSource is a place in a file.
type ViewSource struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
}

// ViewField is a field of an object to be created. A secret's Value is
// [Hidden], or the text of the reference that stands for it.
type ViewField struct {
	Path   string `json:"path"`
	Value  any    `json:"value"`
	Secret bool   `json:"secret,omitempty"`
	// Tree is the value, of a tree.
	Tree []ViewNode `json:"tree,omitempty"`
}

// ViewEdit is an [Edit]. Before and After are null for what is absent. Of a
// secret, Before is never told, and After is [Hidden] or the text of the
// reference that stands for it.
type ViewEdit struct {
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	Secret bool   `json:"secret,omitempty"`
	// Tree is Before and After as one, of a tree.
	Tree []ViewNode `json:"tree,omitempty"`
}

// ViewNote is a [model.Diagnostic].
type ViewNote struct {
	Severity string        `json:"severity"`
	Code     string        `json:"code"`
	Summary  string        `json:"summary"`
	Detail   string        `json:"detail,omitempty"`
	Address  model.Address `json:"address,omitempty"`
	Source   *ViewSource   `json:"source,omitempty"`
}

// Hidden stands for a secret value; in JSON it is {"secret": true}.
type Hidden struct{}

// MarshalJSON returns {"secret": true}.
func (Hidden) MarshalJSON() ([]byte, error) { return []byte(`{"secret":true}`), nil }

// View returns the plan as it is shown.
func (p *Plan) View() *View {
	v := &View{
		FormatVersion: FormatVersion,
		Realm:         p.Realm,
		Server:        ViewServer{URL: p.Server.URL, Version: p.Server.Version},
		Objects:       ViewObjects{Desired: p.Desired, Current: p.Current, Unchanged: p.Unchanged},
		Changes:       []ViewChange{},
		Unmanaged:     append([]model.Address{}, p.Unmanaged...),
		Notes:         append([]ViewNote{}, viewNotes(p.Notes)...),
	}
	for _, c := range p.Changes {
		vc := viewChange(c)
		v.Changes = append(v.Changes, vc)
		if vc.Late {
			continue
		}
		switch c.Action {
		case Create:
			v.Summary.Create++
		case Update:
			v.Summary.Update++
		case Move:
			v.Summary.Move++
		case Replace:
			v.Summary.Replace++
		case Delete:
			v.Summary.Delete++
		}
	}
	return v
}

func viewChange(c *Change) ViewChange {
	v := ViewChange{
		ID: c.ID, Address: c.Addr, From: c.From, Kind: c.Kind.Name, Parent: c.Parent, Action: c.Action,
		Late: c.ID != string(c.Addr), Reason: c.Reason, Needs: append([]string{}, c.Needs...),
		Source: viewSource(c.Source), Impact: viewNotes(c.Impact),
	}
	if c.Action == Create || c.Action == Replace {
		v.Fields = viewFields(c.Kind, c.Kind.Fields, c.After, "")
	}
	for _, e := range c.Edits {
		parts := []Edit{e}
		if f := c.Kind.Fields.At(e.Path); f != nil && f.Named != "" {
			parts = memberEdits(f, e)
		}
		for _, e := range parts {
			v.Edits = append(v.Edits, viewEdit(c.Kind, e))
		}
	}
	return v
}

func viewSource(s model.Source) *ViewSource {
	if !s.Known() {
		return nil
	}
	return &ViewSource{File: s.File, Line: s.Line, Col: s.Col}
}

func viewNotes(ds []model.Diagnostic) []ViewNote {
	var out []ViewNote
	for _, d := range ds {
		out = append(out, ViewNote{
			Severity: d.Severity.String(), Code: d.Code, Summary: d.Summary, Detail: d.Detail,
			Address: d.Addr, Source: viewSource(d.Source),
		})
	}
	return out
}

func viewEdit(k *model.Kind, e Edit) ViewEdit {
	hidden := hides(k, e.Path)
	v := ViewEdit{Path: e.Path, Before: shown(e.Before, false), After: shown(e.After, hidden), Secret: e.Secret || hidden}
	if v.Secret {
		v.Before = nil
		if e.After != nil && !refers(e.After) {
			v.After = Hidden{}
		}
	} else if f := k.Fields.At(e.Path); f != nil && f.Type == model.Tree {
		v.Tree = viewTree(f, e.Before, e.After)
	}
	return v
}

// viewFields lists the fields of an object in registry order, maps by key.
func viewFields(k *model.Kind, fs model.Fields, o map[string]any, at string) []ViewField {
	var out []ViewField
	add := func(path string, v any) {
		hidden := hides(k, path)
		out = append(out, ViewField{Path: path, Value: shown(v, hidden), Secret: hidden})
	}
	for i := range fs {
		f := &fs[i]
		v, ok := o[f.Name]
		path := at + model.Pointer(f.Name)
		if !ok || path == model.Pointer(k.Key) {
			continue
		}
		m := object(v)
		switch {
		case m != nil && f.Type == model.Struct:
			for _, sub := range viewFields(k, f.Fields, m, path) {
				if !f.Whole || !model.Zero(sub.Value) {
					out = append(out, sub)
				}
			}
		case len(m) > 0 && (f.Type == model.Dict || f.Type == model.MultiDict):
			for _, key := range model.Keys(m) {
				add(path+model.Pointer(key), m[key])
			}
		case f.Type == model.Tree:
			add(path, v)
			out[len(out)-1].Tree = viewTree(f, nil, v)
		default:
			add(path, v)
		}
	}
	for _, name := range model.Keys(o) {
		if fs.Get(name) == nil {
			add(at+model.Pointer(name), o[name])
		}
	}
	return out
}

// hides reports whether the value at a pointer is a secret: because the
// registry says so or, where it knows no names, because of the name.
func hides(k *model.Kind, pointer string) bool {
	if k.Fields.SecretAt(pointer) {
		return true
	}
	segs := model.Segments(pointer)
	f := k.Fields.At(pointer)
	return (f == nil || len(segs) > 1 && (f.Type == model.Dict || f.Type == model.MultiDict)) && looksSecret(segs[len(segs)-1])
}

// shown returns a value as it may be shown. What is hidden shows at most the
// references that stand for it.
func shown(v any, hidden bool) any {
	switch v := v.(type) {
	case nil:
		return nil
	case model.Reference:
		if !hidden {
			return v
		}
		return bare(v)
	case map[string]any:
		if hidden {
			return Hidden{}
		}
		out := make(map[string]any, len(v))
		for key, e := range v {
			_, isText := e.(string)
			out[key] = shown(e, isText && looksSecret(key))
		}
		return out
	case model.Object:
		return shown(map[string]any(v), hidden)
	case []any:
		if hidden {
			return Hidden{}
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = shown(e, false)
		}
		return out
	}
	if hidden {
		return Hidden{}
	}
	return v
}

// bare returns a reference without the text around it, which may be part of a
// secret.
func bare(r model.Reference) model.Reference {
	names := r.Names()
	for i, n := range names {
		names[i] = "${" + n + "}"
	}
	return model.Reference(strings.Join(names, ""))
}

// refers reports whether a value is or holds a reference.
func refers(v any) bool {
	switch v := v.(type) {
	case model.Reference:
		return true
	case []any:
		for _, e := range v {
			if refers(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if refers(e) {
				return true
			}
		}
	}
	return false
}
