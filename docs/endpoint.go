package docs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// endpoint is a path of the Admin API, below the realm's, that a kind uses.
type endpoint struct {
	methods    []string
	path, what string
}

// shown returns the path as it is printed; the realm's own has none.
func (e endpoint) shown() string {
	if e.path == "" {
		return "/"
	}
	return e.path
}

// endpoints returns the endpoints that a kind's words name.
func endpoints(k *model.Kind) []endpoint {
	var out []endpoint
	add := func(path, what string, methods ...string) {
		if path == "" && k != model.Realm {
			return
		}
		for i := range out {
			if out[i].path == path && out[i].what == what {
				return
			}
		}
		out = append(out, endpoint{methods, path, what})
	}
	for i := range k.Places {
		p := &k.Places[i]
		fill := func(template string) string { return expand(template, p, 0) }
		if k == model.Realm {
			add("", "read and update the settings", "GET", "PUT")
			add("/admin/realms", "create the realm", "POST")
			add("partial-export", "read the realm with what comes along", "POST")
			continue
		}
		if !p.Inline && (!k.Singleton() || expand(p.ListPath(""), p, 0) != expand(k.ItemTemplate(p), p, 0)) {
			add(fill(p.ListPath("")), listing(p), "GET")
		}
		for _, show := range []string{k.Find, k.Show} {
			add(fill(show), "find or read one", "GET")
		}
		switch {
		case k.ReadOnly:
			continue
		case p.Document != "":
			add(fill(p.Path), "read and write all of them", "GET", "PUT")
			continue
		case k.Spawned:
			add(fill(k.ItemTemplate(p)), "read and update one", "GET", "PUT")
			continue
		case k.Merged:
			add(fill(k.ItemTemplate(p)), "read, create, update and delete one", "GET", "POST", "DELETE")
			continue
		case k.Register != nil:
			add(fill(k.Register.Path), "make one known", "POST")
		default:
			add(fill(p.Path), "create one", "POST")
		}
		if k.Bulk != "" {
			add(fill("{parent}/"+k.Bulk), "create several", "POST")
		}
		if k.Move != "" && p.Parent == k.Name {
			add(fill(k.Move), "move one below another", "POST")
		}
		add(fill(k.ItemTemplate(p)), "read, update and delete one", "GET", "PUT", "DELETE")
	}
	for i := range k.Places {
		p := &k.Places[i]
		for _, r := range k.Reads {
			add(expand(r.Path, p, 0), "read "+and(codes(r.Fields)), "GET")
		}
		links(k.Fields, "", func(name string, l *model.Link) {
			path := expand(l.Path, p, 0)
			if l.Each {
				add(path, fmt.Sprintf("add to and remove from `%s`", name), "PUT", "DELETE")
			} else {
				add(path, fmt.Sprintf("add to and remove from `%s`", name), "POST", "DELETE")
			}
		})
	}
	return out
}

func listing(p *model.Place) string {
	switch {
	case p.Base:
		return "list them, where the partial export may not be read"
	case p.Each:
		return "list those of one " + parentOf(p).Name
	case p.Page > 0:
		return fmt.Sprintf("list them, %d at a time", p.Page)
	}
	return "list them"
}

// links calls found for every field that is written by links.
func links(fs model.Fields, in string, found func(name string, l *model.Link)) {
	for i := range fs {
		f := &fs[i]
		if f.Link != nil {
			found(in+f.Name, f.Link)
		}
		links(f.Fields, in+f.Name+".", found)
	}
}

// expand replaces {parent} by the path of the parent, and drops the query.
func expand(template string, p *model.Place, depth int) string {
	template, _, _ = strings.Cut(template, "?")
	if !strings.Contains(template, "{parent}") || depth > 3 {
		return template
	}
	parent := parentOf(p)
	above := &parent.Places[0]
	return strings.ReplaceAll(template, "{parent}", expand(parent.ItemTemplate(above), above, depth+1))
}

var word = regexp.MustCompile(`\{[^}]*\}`)

// anyWord returns a path with all its words alike.
func anyWord(path string) string { return word.ReplaceAllString(path, "{}") }

// uses reports whether a kind's words name the endpoint of a method and path,
// the path with its words alike.
func uses(k *model.Kind, method, path string) bool {
	for _, e := range endpoints(k) {
		p := anyWord(e.path)
		if p == path && (slices.Contains(e.methods, method) || method == "GET") {
			return true
		}
		// What lists the members that are added and removed one by one.
		if p == path+"/{}" && method == "GET" && slices.Contains(e.methods, "DELETE") {
			return true
		}
	}
	return false
}
