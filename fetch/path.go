package fetch

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// Path fills in one of the registry's path templates, such as Kind.Item,
// Place.Path, Kind.Bulk below "{parent}/", Link.Path or Read.Path, and returns
// the path below the server's address, escaped, and the template's query.
//
// In a template {id} is the item's id, an address is the id of the object there, and {key} its natural key, or, for a
// kind that has none, its parent's; {parent} is the parent's own item path,
// {parentId} its id, and {root}, for a tree, the item path of the object of
// another kind below which it stands. More words come in pairs: "target", id,
// "owner", id. A word that stands for nothing leaves an empty segment, which
// the client refuses to send.
func Path(realm string, s *model.State, it *model.Item, template string, more ...string) (string, url.Values) {
	w := wordsOf(s, it, more...)
	for _, a := range Addresses(template) {
		if at := s.Items[a]; at != nil {
			w[string(a)] = at.ID
		}
	}
	return fill(realm, template, w)
}

var addresses = regexp.MustCompile(`\{([a-z-]+/[^}]+)\}`)

// Addresses returns the addresses of objects whose ids a template takes.
func Addresses(template string) []model.Address {
	var out []model.Address
	for _, m := range addresses.FindAllStringSubmatch(template, -1) {
		out = append(out, model.Address(m[1]))
	}
	return out
}

// ItemPath returns the path of one object. It is also what is PUT and DELETEd.
func ItemPath(realm string, s *model.State, it *model.Item) string {
	path, _ := Path(realm, s, it, it.Kind.ItemTemplate(it.Place()))
	return path
}

// CreatePath returns the path to which an object of the item's kind and
// parent is POSTed. The item needs no id.
func CreatePath(realm string, s *model.State, it *model.Item) string {
	path, _ := Path(realm, s, it, placePath(it))
	return path
}

// BulkPath returns the path to which several objects of the item's kind and
// parent are POSTed as a list; "" when the kind has none.
func BulkPath(realm string, s *model.State, it *model.Item) string {
	if it.Kind.Bulk == "" {
		return ""
	}
	template := it.Kind.Bulk
	if it.Parent != "" {
		template = "{parent}/" + template
	}
	path, _ := Path(realm, s, it, template)
	return path
}

func placePath(it *model.Item) string {
	if p := it.Place(); p != nil {
		return p.Path
	}
	return ""
}

// words are what the words in braces stand for: values as they are, but
// "parent" and "root", which are paths below the realm's and escaped already.
type words map[string]string

func wordsOf(s *model.State, it *model.Item, more ...string) words {
	w := words{"id": it.ID, "key": naturalKey(it)}
	if it.Parent != "" && s != nil {
		if parent := s.Items[it.Parent]; parent != nil {
			w["parent"] = relative(parent.Kind.ItemTemplate(parent.Place()), wordsOf(s, parent))
			w["parentId"] = parent.ID
			if w["root"] = w["parent"]; parent.Kind == it.Kind {
				w["root"] = wordsOf(s, parent)["root"]
			}
			if it.Kind.Singleton() {
				w["key"] = naturalKey(parent)
			}
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		w[more[i]] = more[i+1]
	}
	return w
}

// naturalKey returns the key by which the server knows the object, which is
// not that of the address when the server has several of the same key.
func naturalKey(it *model.Item) string {
	if key, ok := it.Fields[it.Kind.Key].(string); ok && key != "" {
		return key
	}
	return it.Key()
}

// fill returns the path below the server's address, and the query.
func fill(realm, template string, w words) (string, url.Values) {
	template, rest, _ := strings.Cut(template, "?")
	path := keycloak.Path("admin", "realms", realm)
	if template != "" {
		path += "/" + relative(template, w)
	}
	if rest == "" {
		return path, nil
	}
	query, _ := url.ParseQuery(rest)
	for _, values := range query {
		for i, v := range values {
			values[i] = w.replace(v, func(s string) string { return s })
		}
	}
	return path, query
}

// relative returns the path below the realm's.
func relative(template string, w words) string { return w.replace(template, url.PathEscape) }

func (w words) replace(template string, escape func(string) string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		word, rest, _ := strings.Cut(after, "}")
		if v := w[word]; word == "parent" || word == "root" {
			b.WriteString(v)
		} else {
			b.WriteString(escape(v))
		}
		template = rest
	}
}
