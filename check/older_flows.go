package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// flows takes steps out of trees that the export calls the server's own.
func (f *forward) flows(info *model.Info) {
	for _, it := range f.desired.Sorted() {
		for i := range it.Kind.Fields {
			tree := &it.Kind.Fields[i]
			nodes, ok := it.Fields[tree.Name].([]any)
			if tree.Type != model.Tree || !ok {
				continue
			}
			if old := outdated(tree, nodes); old != "" {
				f.outdated(it, tree, old)
				break
			}
			if !it.Builtin {
				continue
			}
			kept, gone := tree.Having(nodes, info)
			if have := f.current.Items[it.Addr]; have != nil && f.current.Missing {
				own, _ := have.Fields[tree.Name].([]any)
				if lacks := slices.DeleteFunc(names(tree, own), func(s string) bool { return slices.Contains(names(tree, nodes), s) }); len(lacks) > 0 {
					f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "older", Addr: it.Addr, Source: it.Source,
						Summary: fmt.Sprintf("%s is taken as the file has it: without %s, which this version has in it", it.Addr, strings.Join(lacks, ", "))})
				}
			}
			if gone == nil && f.current.Items[it.Addr] == nil && f.current.Missing && f.desired.Imported {
				f.out = append(f.out, model.Diagnostic{Severity: model.Note, Code: "older", Addr: it.Addr, Source: it.Source,
					Summary: fmt.Sprintf("builtIn of %s is not kept: it is a flow of another Keycloak, and is made as one of the realm's own", it.Addr)})
			}
			if gone == nil {
				continue
			}
			slices.Sort(gone)
			steps := strings.Join(slices.Compact(gone), ", ")
			if f.current.Items[it.Addr] == nil {
				if f.named(it.Addr) {
					continue // it is in use: what it needs is missing
				}
				delete(f.desired.Items, it.Addr)
				f.warn(it, fmt.Sprintf("%s is a built-in flow of another Keycloak and needs %s, which this server has not: it is not made", it.Addr, steps), "")
				continue
			}
			c := *it
			c.Fields = it.Fields.Clone()
			c.Fields[tree.Name] = kept
			f.desired.Items[it.Addr] = &c
			f.warn(it, fmt.Sprintf("%s is a built-in flow of another Keycloak: its steps %s are left out, which this server has not", it.Addr, steps), "")
		}
	}
}

// named reports whether an object of the files refers to the one at an address.
func (f *forward) named(a model.Address) bool {
	for _, it := range f.desired.Items {
		if slices.ContainsFunc(it.Kind.Refs(it.Parent, it.Fields), func(r model.Ref) bool { return r.Addr == a }) {
			return true
		}
	}
	return false
}

// outdated returns a value in a tree that no version of the server of today
// has, as OPTIONAL was until Keycloak 7; "" when there is none.
func outdated(tree *model.Field, nodes []any) string {
	for _, e := range nodes {
		node, _ := e.(map[string]any)
		for i := range tree.Fields {
			sub := &tree.Fields[i]
			if s, _ := node[sub.Name].(string); s != "" && sub.Enum != nil && !slices.Contains(sub.Enum, s) {
				return sub.Name + " " + s
			}
		}
		below, _ := node[tree.Name].([]any)
		if s := outdated(tree, below); s != "" {
			return s
		}
	}
	return ""
}

// outdated says what comes of a tree that holds an outdated value: one that is
// the server's own gives way to that of the server, and of others Keycloak's
// import makes something of today.
func (f *forward) outdated(it *model.Item, tree *model.Field, old string) {
	switch {
	case !it.Builtin:
		if nodes, _ := it.Fields[tree.Name].([]any); f.desired.Imported && tree.Renew != nil {
			if nodes = tree.Renew(nodes, it.Addr.Key()); outdated(tree, nodes) == "" {
				c := *it
				c.Fields = it.Fields.Clone()
				c.Fields[tree.Name] = nodes
				c.Fields = c.Kind.Canonical(c.Fields)
				f.desired.Items[it.Addr] = &c
				f.warn(it, fmt.Sprintf("%s has steps of %s, which is gone: each becomes a conditional sub-flow, as by Keycloak's own import", it.Addr, old), "")
				return
			}
		}
		f.out = append(f.out, model.Diagnostic{Code: "older", Addr: it.Addr, Source: it.Source,
			Summary: fmt.Sprintf("%s has steps of %s, which Keycloak does not know or not any more", it.Addr, old),
			Detail:  "write a CONDITIONAL sub-flow of conditional-user-configured and the step, both REQUIRED"})
		return
	case f.current.Items[it.Addr] == nil:
		f.warn(it, fmt.Sprintf("%s is a built-in flow of another Keycloak, with steps of %s, which is gone: it is not made", it.Addr, old), "")
	default:
		f.warn(it, fmt.Sprintf("%s is a built-in flow of another Keycloak, with steps of %s, which is gone: the server's own is left as it is", it.Addr, old), "")
	}
	delete(f.desired.Items, it.Addr)
}

// names returns what the nodes of a tree are known by.
func names(tree *model.Field, nodes []any) []string {
	var out []string
	for _, e := range nodes {
		node, _ := e.(map[string]any)
		for _, key := range tree.Keys {
			if s, _ := node[key].(string); s != "" {
				out = append(out, s)
				break
			}
		}
		below, _ := node[tree.Name].([]any)
		out = append(out, names(tree, below)...)
	}
	return out
}
