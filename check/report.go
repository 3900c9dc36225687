package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// finding is a diagnostic and how often it was found.
type finding struct {
	model.Diagnostic
	more int
}

// report takes note of a name that the server does not have; others are those
// that it has.
func (c *checker) report(it *model.Item, u use, others []string) {
	d := model.Diagnostic{Addr: it.Addr, Source: it.ValueSource(u.pointer, u.name)}
	if u.lax {
		d.Severity = model.Warning
	}
	what := Label(u.paths[0])
	if u.provider != "" {
		d.Code = "unknown-property"
		d.Summary = fmt.Sprintf("%s %s has no property %s", what, quote(u.provider), quote(u.name))
		if v := c.elsewhere(u); v != "" {
			d.Detail = v
		} else if near := model.NearestWithin(u.name, others, len(u.name)/4+1); near != "" {
			d.Detail = fmt.Sprintf("did you mean %s?", quote(near))
		} else if len(others) <= 12 {
			d.Detail = "it has " + strings.Join(others, ", ")
		}
	} else {
		d.Code = "unknown-name"
		d.Summary = fmt.Sprintf("the server has no %s %s", what, quote(u.name))
		d.Detail = c.advice(u, others)
	}
	c.add(d)
}

// add adds a diagnostic, or counts it when there is one that says the same.
func (c *checker) add(d model.Diagnostic) {
	for i := range c.found {
		if f := &c.found[i]; f.Summary == d.Summary && f.Severity == model.Warning {
			f.more++
			return
		}
	}
	c.found = append(c.found, finding{Diagnostic: d})
}

// folded returns what was found, warnings of the same words as one.
func (c *checker) folded() model.Diagnostics {
	var out model.Diagnostics
	for _, f := range c.found {
		if f.more > 0 {
			f.Summary += fmt.Sprintf(" (in %d places)", f.more+1)
		}
		out = append(out, f.Diagnostic)
	}
	return out
}

// advice says what to do about a name that the server does not have.
func (c *checker) advice(u use, others []string) string {
	for _, path := range u.field.Names.In {
		if _, has := c.info.Offers(path)[u.name]; has && u.field.Names.Choose != nil {
			article := "a "
			if strings.ContainsRune("aeiou", rune(Label(path)[0])) {
				article = "an "
			}
			return "it is " + article + Label(path) + ", which does not belong here"
		}
	}
	if v := c.elsewhere(u); v != "" {
		return v
	}
	meant := ""
	if near := nearest(u.name, others); near != "" {
		meant = fmt.Sprintf("did you mean %s? ", quote(near))
	}
	part, _, _ := strings.Cut(u.paths[0], "/")
	switch {
	case part == "enums" && meant != "":
		return strings.TrimSpace(meant)
	case part == "enums":
		return "it has " + some(others)
	case part == "locales":
		return meant + "texts are those of the default language until a theme or the realm's localization has others"
	case u.lax:
		return meant + "it shows its own instead, and does not say so, until one of this name is deployed there"
	case c.info.Stock:
		return meant + "one of your own is known from a snapshot of your server (kcsync snapshot)"
	case meant != "":
		return meant + "one of your own has to be deployed there first, or what needs it taken out of the file"
	}
	return meant + "one of your own has to be deployed there first, or what needs it taken out of the file; others come with features that are off"
}

// nearest returns the candidate that must be meant. Names of providers are
// long and much alike, so it takes a closer likeness than elsewhere.
func nearest(name string, candidates []string) string {
	return model.NearestWithin(name, candidates, len(name)/6+1)
}

// elsewhere says which feature or other version of Keycloak has the name; ""
// when none is known.
func (c *checker) elsewhere(u use) string {
	had := func(info *model.Info) bool {
		offered := info.OffersAny(u.paths)
		if u.provider != "" {
			_, has := offered[u.provider][u.name]
			return has
		}
		_, has := offered[u.name]
		return has
	}
	before := ""
	for _, v := range fixtures.Versions() {
		has := had(fixtures.InfoFor(v))
		switch newer := !model.HasVersion(c.info.Version, v); {
		case has && newer:
			return fmt.Sprintf("Keycloak %s has it; the server is %s", v, c.info.Version)
		case has:
			before = fmt.Sprintf("Keycloak %s was the last to have it; the server is %s", v, c.info.Version)
		}
	}
	for _, v := range fixtures.Versions() {
		features := fixtures.Features(v)
		for _, name := range model.Keys(features) {
			switch own, known := c.info.Features[name]; {
			case !had(features[name].Info):
			case known && !own.Enabled:
				return fmt.Sprintf("it comes with the server feature %s, which is off: start the server with --features=%s", name, model.FeatureOption(name))
			case !known && !model.HasVersion(c.info.Version, v):
				return fmt.Sprintf("Keycloak %s has it with the feature %s; the server is %s", v, name, c.info.Version)
			}
		}
	}
	return before
}

// some returns the first of the names.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// Label says in words what stands at a path: "login theme", "event type".
func Label(path string) string {
	part, name, _ := strings.Cut(path, "/")
	switch part {
	case "themes":
		return name + " theme"
	case "protocolMappers":
		return strings.TrimPrefix(name+" protocol mapper", "* ")
	case "components":
		if name == "" {
			return "type of component"
		}
		return words(name[strings.LastIndexByte(name, '.')+1:])
	case "providers", "enums":
		if name == "cekmanagement" {
			return "encryption of keys"
		}
		return words(name)
	case "identityProviders":
		return "type of identity provider"
	case "passwordPolicies":
		return "password policy"
	}
	return strings.TrimSuffix(words(part), "s")
}

// words takes a name apart: "UserStorageProvider" is "user storage provider",
// "client-policy-executor" is "client policy executor".
func words(name string) string {
	var out []string
	runes := []rune(strings.ReplaceAll(name, "-", " "))
	start := 0
	for i := 1; i <= len(runes); i++ {
		end := i == len(runes) || unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if !end {
			continue
		}
		w := string(runes[start:i])
		if !slices.ContainsFunc([]rune(w), unicode.IsLower) && len(w) > 1 {
			out = append(out, w) // LDAP
		} else {
			out = append(out, strings.ToLower(w))
		}
		start = i
	}
	return strings.Join(out, " ")
}

func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
