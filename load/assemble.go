package load

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// assemble merges what a realm's files say into one state.
func (l *loader) assemble(r *realm, name string) *model.State {
	s := model.NewState(name)
	s.Imported = r.imported
	for _, k := range r.folders {
		s.Shown[k.Name] = true
	}
	left, ids := leftovers{}, map[[2]string]model.Address{}
	for _, u := range r.units {
		l.out = append(l.out, l.check.Check(u.kind, u.file, u.doc, u.at)...)
		for _, o := range objects(u) {
			l.unfold(s, u, o, left, ids)
		}
	}
	left.report(l)
	s = byName(s, ids)
	if it := s.Items[model.Address(model.Realm.Name)]; it == nil {
		s.Add(&model.Item{
			Addr: model.Address(model.Realm.Name), Kind: model.Realm, Fields: model.Object{}, Source: r.source,
			Shown: map[string]bool{}, Fragment: true,
		})
	}
	s.Items[model.Address(model.Realm.Name)].Fields["realm"] = name
	for _, it := range s.Items {
		l.values(it)
	}
	l.renames(s)
	for _, a := range slices.SortedFunc(maps.Keys(s.Absent), model.CompareAddresses) {
		if it := s.Items[a]; it != nil {
			l.add(model.Error, s.Absent[a], "absent", fmt.Sprintf("%s is to be absent, and is declared: %s", a, where(it.Source)), "keep one of the two")
		}
	}
	return s
}

// byName lets references by the ids that an export holds name the objects that
// it means.
func byName(s *model.State, ids map[[2]string]model.Address) *model.State {
	for _, it := range s.Sorted() {
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			if to, ok := ids[[2]string{r.Field.Ref, r.Value}]; ok && s.Items[r.Addr] == nil {
				s = s.Rename(r.Addr, to)
			}
		}
	}
	return s
}

// objects returns the pointers of a unit's objects, each one a map.
func objects(u unit) []string {
	n := u.doc.At(u.at)
	if n.Kind == text.Map {
		return []string{u.at}
	}
	var out []string
	for i, item := range n.Items {
		if item.Kind == text.Map {
			out = append(out, u.at+"/"+strconv.Itoa(i))
		}
	}
	return out
}

// unfold takes the representation at a pointer apart and adds it to the state.
func (l *loader) unfold(s *model.State, u unit, at string, left leftovers, ids map[[2]string]model.Address) {
	rep := model.Object(value(u.doc.At(at)).(map[string]any))
	if u.kind.Bare != "" {
		rep = u.kind.Represent(u.key, map[string]any(rep))
	}
	if u.kind == model.Realm {
		// Old spellings name objects after the realm.
		rep["realm"] = s.Realm
		l.absent(s, u, at, rep)
		var gone map[string]*model.Kind
		rep, gone = model.Lapse(rep)
		for _, pointer := range model.Keys(gone) {
			l.add(model.Warning, model.SourceOf(u.file, u.doc, at+pointer), "lapsed",
				fmt.Sprintf("%s are left out, as by Keycloak's own import: an older version wrote them, with %s, and none of today reads them", strings.Join(model.Segments(pointer), "."), gone[pointer].Lapsed),
				"write them anew, or take them out")
		}
		attributes, _ := rep["attributes"].(map[string]any)
		for _, name := range model.Shadowed(rep) {
			l.out = append(l.out, model.Diagnostic{Severity: model.Warning, Code: "shadowed", Addr: model.Address(u.kind.Name),
				Source:  model.SourceOf(u.file, u.doc, at+model.Pointer("attributes", name)),
				Summary: fmt.Sprintf("realm: %s stays %v, as the field says; Keycloak's own import makes it %v, as the attribute of that name says", name, rep[name], attributes[name]),
				Detail:  "take one of the two out"})
		}
		if v, ok := rep["keycloakVersion"].(string); ok {
			s.Exported, s.ExportedAt = model.ExportedBy(v), model.SourceOf(u.file, u.doc, at+model.Pointer("keycloakVersion"))
		}
	}
	found := model.Unfold(u.kind, "", rep, at)
	for _, f := range found {
		if f.Kind.ReadOnly {
			continue
		}
		left.note(u, f, found)
		if f.Kind.Bare != "" {
			f.Fragment = true // several files may each hold some of its map
		}
		for name := range f.Fields {
			if f.Kind.Fields.Get(name) == nil {
				delete(f.Fields, name)
			}
		}
		f.Source = model.SourceOf(u.file, u.doc, f.At)
		if f.ID != "" {
			ids[[2]string{f.Kind.Name, f.ID}] = f.Addr
		}
		f.ID = "" // an export's ids are another server's
		if f.Kind == model.Realm {
			for k := range f.Shown {
				if !model.Lookup(k).ReadOnly {
					s.Shown[k] = true
				}
			}
			delete(f.Fields, "realm")
			if len(f.Fields) == 0 {
				continue // lists only: not where the realm itself is described
			}
		}
		for _, c := range s.Add(f.Item) {
			l.conflict(f.Item, c)
		}
	}
	if u.kind != model.Realm {
		s.Shown[u.kind.Name] = true
	}
}

// absent takes the list of what is not to be out of a realm's representation.
func (l *loader) absent(s *model.State, u unit, at string, rep model.Object) {
	list, _ := rep[model.Absent].([]any)
	delete(rep, model.Absent)
	for i, e := range list {
		name, ok := e.(string)
		src := model.SourceOf(u.file, u.doc, at+model.Pointer(model.Absent, strconv.Itoa(i)))
		switch a := model.Address(name); {
		case !ok: // the schema's affair
		case model.KindOf(a) == nil || model.KindOf(a) == model.Realm:
			l.add(model.Error, src, "absent", fmt.Sprintf("%q is not the address of an object", name), "write its kind and name, as in client-scope/address")
		default:
			s.Absent[a] = src
		}
	}
}

func (l *loader) conflict(it *model.Item, c model.Conflict) {
	what := string(it.Addr) + " is declared"
	if c.Field != "" {
		what = strings.Join(model.Segments(c.Field), ".") + " of " + string(it.Addr) + " is set"
	}
	first, second := c.First, c.Second
	if second.File < first.File || second.File == first.File && (second.Line < first.Line || second.Line == first.Line && second.Col < first.Col) {
		first, second = second, first
	}
	l.about(it, model.Error, second, "duplicate", fmt.Sprintf("%s twice: %s and %s", what, where(first), where(second)), "keep one of them")
}

// value returns a node as plain values. Numbers with a fraction stay as they
// are spelled, for fields in which they are text: a version 1.10 is not 1.1.
func value(n *text.Node) any {
	switch n.Kind {
	case text.Map:
		m := make(map[string]any, len(n.Pairs))
		for _, p := range n.Pairs {
			m[p.Key] = value(p.Value)
		}
		return m
	case text.List:
		l := make([]any, len(n.Items))
		for i, item := range n.Items {
			l[i] = value(item)
		}
		return l
	}
	if _, ok := n.Value.(float64); ok {
		return json.Number(n.Text())
	}
	return n.Value
}

// renames checks that every previous name is one.
func (l *loader) renames(s *model.State) {
	var renamed []*model.Item
	for _, it := range s.Items {
		if it.Previously != "" && !it.Kind.Singleton() {
			renamed = append(renamed, it)
		}
	}
	slices.SortFunc(renamed, model.CompareItems)
	taken := map[model.Address]*model.Item{}
	for _, it := range renamed {
		prev := it.Previously
		src := it.FieldSource(model.Pointer(model.Previously))
		switch other := s.Items[prev]; {
		case prev == it.Addr:
			l.about(it, model.Error, src, "renamed", fmt.Sprintf("previously: of %s is its own name", it.Addr), "write the name that it had before, or remove the line")
		case other != nil && other.Previously == it.Addr:
			l.about(it, model.Error, src, "renamed", fmt.Sprintf("%s and %s were previously each other: %s", it.Addr, prev, where(other.Source)),
				"nobody could tell afterwards that it was done: give one of them a third name in an apply, and the names that both are to have in a second and a third one")
		case other != nil:
			l.about(it, model.Error, src, "renamed", fmt.Sprintf("%s was previously %s, which is declared too: %s", it.Addr, prev, where(other.Source)),
				"an object that was renamed is no longer there: remove one of the two")
		case taken[prev] != nil:
			l.about(it, model.Error, src, "renamed", fmt.Sprintf("%s was previously %s, and so was %s: %s", it.Addr, prev, taken[prev].Addr, where(taken[prev].Source)),
				"only one object can be the renamed one")
		default:
			taken[prev] = it
		}
	}
}
