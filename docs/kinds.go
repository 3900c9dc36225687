package docs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/schema"
)

// Kinds returns the page that describes every kind.
func Kinds() string {
	base := fixtures.For(model.Server{})
	p := &page{}
	p.f("# Kinds\n\n%s\n", generated)
	p.f(`What a realm is made of, kind by kind. The fields have Keycloak's own names.

In every file holds: a field that is **left out** stays as it is on the server; **%s** asks for the server's default; **%s** and **%s** mean
none. A map of texts is managed key by key, and a list that is shown is complete. References are names, never ids. The defaults below are
those of Keycloak %s.

`, "`null`", "`[]`", "`{}`", base.Fresh.Server.Version)
	var rows [][]string
	for _, k := range model.Kinds() {
		rows = append(rows, []string{link(k.Name), strings.Join(homes(k), "<br>"), k.Doc})
	}
	p.table([]string{"Kind", "Where it stands", "What it is"}, rows)
	for _, k := range model.Kinds() {
		kind(p, k, base)
	}
	return strings.TrimRight(p.String(), "\n") + "\n"
}

// kind writes one kind's section.
func kind(p *page, k *model.Kind, base *model.Baseline) {
	p.f("## %s\n\n%s\n\n", k.Name, k.Doc)
	p.table([]string{"", ""}, facts(k))
	rows := fields(k, k.Fields, "", defaultsOf(k, base))
	p.table([]string{"Field", "Value", "Default", ""}, rows)
	if own := computed(k); len(own) > 0 {
		p.f("The server's own, never written: %s.\n\n", strings.Join(codes(own), ", "))
	}
	if len(k.Unmanaged) > 0 {
		p.f("Left as they are on the server, with a warning: %s.\n\n", strings.Join(unmanaged(k), ", "))
	}
	var requests [][]string
	for _, e := range endpoints(k) {
		requests = append(requests, []string{code(strings.Join(e.methods, " ")), code(e.shown()), e.what})
	}
	p.f("<details><summary>Requests</summary>\n\nBelow `/admin/realms/{realm}`.\n\n")
	p.table([]string{"", "", ""}, requests)
	p.f("</details>\n\n")
}

// facts are what is to know about a kind besides its fields.
func facts(k *model.Kind) [][]string {
	var out [][]string
	add := func(name, text string) {
		if text != "" {
			out = append(out, []string{"**" + name + "**", text})
		}
	}
	add("Stands in", strings.Join(homes(k), "<br>"))
	add("Known by", known(k))
	add("Renamed", renamed(k))
	add("Created", created(k))
	add("Deleted", deleted(k))
	add("Exists", exists(k))
	if slices.Contains(schema.Kinds(), k) {
		add("Schema", fmt.Sprintf("[%s.schema.json](../schema/%[1]s.schema.json)", k.Name))
	}
	add("Keycloak's class", code(k.Class))
	return out
}

// homes are the places in files where objects of a kind stand.
func homes(k *model.Kind) []string {
	var out []string
	if k == model.Realm {
		return []string{"every file at the top of the realm's directory: `realm.yaml` and as many others as you like"}
	}
	if k.ReadOnly {
		return []string{"no file; others refer to it"}
	}
	if k.File != "" {
		out = append(out, code(k.File+".yaml"))
	}
	if k.Folder != "" {
		out = append(out, code(k.Folder+"/*.yaml"))
	}
	for i := range k.Places {
		p := &k.Places[i]
		if p.In == "" {
			continue
		}
		in := code(p.In)
		if p.Under != "" {
			in += ", " + code(p.Under) + ","
		}
		if p.Parent == "" {
			in += " of the realm"
		} else {
			in += " of " + a(link(p.Parent))
		}
		if p.By != "" {
			in += ", by " + code(p.By)
		}
		out = append(out, in)
		if p.Flat != "" && p.FlatBy == "" {
			out = append(out, fmt.Sprintf("`%s` of the realm, by %s", p.Flat, p.Parent))
		} else if p.Flat != "" {
			out = append(out, fmt.Sprintf("`%s` of the realm, with `%s`", p.Flat, p.FlatBy))
		}
	}
	return out
}

func known(k *model.Kind) string {
	switch {
	case k == model.Realm:
		return "`realm`; the name of the directory where no file says it"
	case k.Singleton():
		return "what it belongs to: there is one at most"
	case k.Tree():
		return fmt.Sprintf("`%s`, unique among its siblings; references give the path, `/sales/emea`", k.Key)
	}
	return and(append(codes(k.KeyWith), code(k.Key)))
}

func renamed(k *model.Kind) string {
	key := k.Fields.Get(k.Key)
	switch {
	case k.Singleton() || k.ReadOnly:
		return ""
	case len(k.NamedBy()) > 0:
		return "`previously: OLD`; it is made anew, those that name it follow, and the old one goes"
	case k.Bare != "":
		return ""
	case key != nil && key.Immutable && k.Part:
		return "`previously: OLD`; the server cannot, so it is made anew under the new name"
	case key != nil && key.Immutable:
		return "`previously: OLD` and `--replace ADDRESS`; the server cannot, so it is deleted and made anew"
	case k.Move != "":
		return "`previously: OLD` for another name, `previously: /old/path` for another parent; id, members and all below stay"
	}
	return "`previously: OLD`; the id, and all that hangs on it, stays"
}

func created(k *model.Kind) string {
	switch {
	case k.Spawned && k.Singleton() && k.Top():
		return "never: the realm has it from the beginning"
	case k.Spawned:
		return "by the server, with what it belongs to; kcsync finds it there"
	case k.ReadOnly:
		return "not by kcsync"
	case k.Spawns != nil:
		return "some by the server, with what they belong to: kcsync finds them there, and removes those that the list does not hold"
	case slices.ContainsFunc(k.Places, func(p model.Place) bool { return len(p.Given) > 0 }):
		return given(k)
	case k.MadeWith != nil:
		return "some by the server, with what they belong to"
	}
	return ""
}

// given says what a feature of the server puts into new objects by itself.
func given(k *model.Kind) string {
	var out []string
	for _, p := range k.Places {
		for _, o := range p.Given {
			out = append(out, fmt.Sprintf("`%s` by servers with the feature `%s`, in each new %s whose file has no list `%s`", o[k.Key], model.FeatureOption(p.With), p.Parent, p.In))
		}
	}
	return strings.Join(out, "; ")
}

func deleted(k *model.Kind) string {
	switch {
	case k == model.Realm:
		return "never"
	case k.ReadOnly:
		return "not by kcsync"
	case k.Spawned && k.Singleton() && k.Top():
		return "never"
	case k.Spawned && k.Part:
		return "by the server, with what it belongs to; when the list in the file that shows it no longer holds it, it goes back to what it was at first"
	case k.Spawned:
		return "by the server, with what it belongs to"
	case k.Part:
		return "when the list in the file that shows it no longer holds it"
	}
	out := "only with `--prune`, and never what the server made by itself"
	if k.Vital != nil {
		out += " nor the last one that the realm needs"
	}
	if k.Loses != "" {
		out += "; with it goes " + k.Loses
	}
	return out
}

func exists(k *model.Kind) string {
	var out []string
	if k.Since != "" {
		out = append(out, "since Keycloak "+k.Since)
	}
	if k.Feature != "" {
		out = append(out, "with the server feature "+code(k.Feature))
	}
	if k.WhenText != "" {
		out = append(out, fmt.Sprintf("where the object that it belongs to has `%s`", k.WhenText))
	}
	return strings.Join(out, ", ")
}

func computed(k *model.Kind) []string {
	var out []string
	for _, f := range k.Fields {
		if f.Computed {
			out = append(out, f.Name)
		}
	}
	return out
}

func unmanaged(k *model.Kind) []string {
	out := codes(k.Unmanaged)
	for i, name := range k.Unmanaged {
		if now := k.Instead[name]; now != "" {
			out[i] += " (today " + code(now) + ")"
		}
	}
	return out
}
