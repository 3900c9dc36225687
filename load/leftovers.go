package load

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// leftovers are the properties that files hold and kcsync leaves alone, in
// the order in which they were found.
type leftovers map[string]*leftover

type leftover struct {
	first         model.Source
	of            model.Address
	path, instead string
	count         int
}

func (ls leftovers) add(u unit, f model.Found, pointer, path string, lo leftover) {
	key := u.file + "\x00" + f.Kind.Name + "\x00" + path
	if ls[key] == nil {
		lo.first, lo.of, lo.path = model.SourceOf(u.file, u.doc, pointer), f.Addr, path
		ls[key] = &lo
	}
	ls[key].count++
}

// note looks for properties that are left alone in an object's representation,
// in which all that was found stands.
func (ls leftovers) note(u unit, f model.Found, found []model.Found) {
	node := u.doc.At(f.At)
	look := func(path string, lo leftover) {
		pointer := f.At + model.Pointer(strings.Split(path, ".")...)
		if n := u.doc.At(pointer); n != nil && !empty(n) {
			ls.add(u, f, pointer, path, lo)
		}
	}
	for _, path := range f.Kind.Unmanaged {
		head, rest, _ := strings.Cut(path, ".")
		if _, left := f.Fields[head]; node.Get(head) == nil || !left {
			continue // not there, or taken for something else
		}
		m, nested := f.Fields[head].(map[string]any)
		if _, left := m[rest]; nested && rest != "" && !left {
			continue
		}
		look(path, leftover{instead: f.Kind.Instead[path]})
		delete(m, rest)
	}
	for _, c := range f.Kind.Children() {
		if p := c.Place(f.Kind.Name); p != nil && len(p.Also) > 1 {
			others := node.Get(p.Also[0])
			if others == nil {
				continue
			}
			for _, pair := range others.Pairs {
				if pair.Key != p.Also[1] && !empty(pair.Value) {
					ls.add(u, f, f.At+model.Pointer(p.Also[0], pair.Key), p.Also[0]+"."+pair.Key, leftover{})
				}
			}
		}
	}
	if f.Kind != model.Realm {
		return
	}
	for _, k := range model.Kinds() {
		for _, p := range k.Places {
			for _, key := range p.Except {
				pointer := f.At + model.Pointer(append(p.Keys(), key)...)
				taken := slices.ContainsFunc(found, func(f model.Found) bool { return strings.HasPrefix(f.At, pointer+"/") })
				if n := u.doc.At(pointer); n != nil && !empty(n) && !taken {
					ls.add(u, f, pointer, strings.Join(append(p.Keys(), key), "."), leftover{})
				}
			}
			if k.ReadOnly && p.Parent == "" && p.In != "" {
				look(p.In, leftover{})
			}
		}
	}
}

func empty(n *text.Node) bool {
	return n.Kind == text.Scalar && n.Value == nil || n.Kind != text.Scalar && len(n.Pairs)+len(n.Items) == 0
}

func (ls leftovers) report(l *loader) {
	for _, key := range model.Keys(ls) {
		lo := ls[key]
		what := lo.path
		if lo.of != model.Address(model.Realm.Name) {
			what += " of " + string(lo.of)
		}
		summary, detail := what+" is not managed by kcsync", "it is left as it is on the server"
		switch {
		case lo.count > 1:
			summary = fmt.Sprintf("%s and %d more like it in this file are not managed by kcsync", what, lo.count-1)
			detail = "they are left as they are on the server"
		}
		if lo.instead != "" {
			summary, detail = what+" is an old spelling that is not read", "write "+lo.instead
		}
		l.out = append(l.out, model.Diagnostic{Severity: model.Warning, Code: "unmanaged", Summary: summary, Detail: detail, Addr: lo.of, Source: lo.first})
	}
}
