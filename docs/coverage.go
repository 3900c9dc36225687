package docs

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// endpointsCSV holds every endpoint of the Admin API of Keycloak 26.7.5, read
// from its classes, and what each is about.
//
//go:embed endpoints.csv
var endpointsCSV string

const (
	apiVersion = "26.7.5"
	realmPath  = "/admin/realms/{realm}"
)

// row is one endpoint of the Admin API.
type row struct {
	method, path string // path below the realm's, or absolute
	// class is config, data, operational or read-only; subject is what it is
	// about.
	class, subject string
	feature        string
}

func rows() []row {
	records, err := csv.NewReader(strings.NewReader(endpointsCSV)).ReadAll()
	if err != nil {
		panic(err) // the test has read it
	}
	var out []row
	for _, r := range records[1:] {
		path, below := strings.CutPrefix(r[1], realmPath)
		if below {
			path = strings.TrimPrefix(path, "/")
		}
		out = append(out, row{method: r[0], path: path, class: r[2], subject: r[3], feature: r[5]})
	}
	return out
}

// rule says what is to be known about endpoints that no kind's words name.
type rule struct {
	// path is an endpoint's, with its words alike; a * at either end stands
	// for anything.
	path string
	// method is the only one that the rule is about; "" is any.
	method string
	// kind is the kind to which the endpoint belongs; without a why its own
	// steps use it.
	kind string
	// why says why kcsync does not use the endpoint.
	why string
}

var rules = []rule{
	// Other doors to what a kind manages.
	{"/admin/api/*", "", "client", "an experimental second API to the same clients, whose path changed with every version"},
	{"client-templates*", "", "client-scope", "the old name of client-scopes, deprecated"},
	{"clients/{}/certificates/*", "", "client", "writes some of the client's `attributes`"},
	{"clients/{}/roles/{}*", "", "role", "by name; kcsync goes by the id, which a rename does not change"},
	{"roles/{}*", "", "role", "by name; kcsync goes by the id, which a rename does not change"},
	{"clients/{}/service-account-user", "", "service-account", "would make the user where there is none; kcsync looks it up by its name"},
	{"default-groups*", "", "realm", "`defaultGroups` of the realm"},
	{"events/config", "", "realm", "the same fields, for accounts that may manage nothing but events"},
	{"groups/{}/role-mappings", "GET", "group", "the group itself shows its roles"},
	{"organizations/{}/groups/{}/role-mappings", "GET", "organization-group", "the group itself shows its roles"},
	{"ui-ext", "", "realm", "the admin console's way to write the realm and its user profile at once"},
	{"clients/{}/authz/resource-server/import", "", "authorization", "only adds; kcsync writes every object by itself"},

	// Left out.
	{"", "DELETE", "", "kcsync never deletes a realm: its users would go with it"},
	{"partialImport", "", "", "skips what is there, or deletes and makes it anew; kcsync changes objects in place"},
	{"client-types", "", "", "experimental, and a document about how clients are made rather than a part of the realm; the `type` of a client is managed"},

	// What kinds do by steps of their own.
	{"authentication/register-required-action", "", "required-action", ""},
	{"authentication/required-actions*", "", "required-action", ""},
	{"authentication/*", "", "authentication-flow", ""},
	{"client-policies/policies", "", "client-policy", ""},
	{"client-policies/profiles", "", "client-profile", ""},
	{"clients/{}/authz/resource-server/resource*", "", "authorization-resource", ""},
	{"clients/{}/authz/resource-server/scope*", "", "authorization-scope", ""},
	{"clients/{}/authz/resource-server/policy*", "", "authorization-policy", ""},
	{"clients/{}/authz/resource-server/permission*", "", "authorization-policy", ""},
	{"clients/{}/authz/*", "", "authorization", ""},
	{"components*", "", "component", ""},
	{"localization*", "", "localization", ""},
	{"organizations/{}/groups*", "", "organization-group", ""},
	{"organizations*", "", "organization", ""},
	{"users/profile", "", "user-profile", ""},
	{"workflows*", "", "workflow", ""},
}

func (r rule) matches(method, path string) bool {
	if r.method != "" && r.method != method {
		return false
	}
	front, back := strings.HasPrefix(r.path, "*"), strings.HasSuffix(r.path, "*")
	middle := strings.Trim(r.path, "*")
	switch {
	case front:
		return strings.HasSuffix(path, middle)
	case back:
		return strings.HasPrefix(path, middle)
	}
	return path == middle
}

// verdict is what becomes of an endpoint.
type verdict int

const (
	used    verdict = iota // a kind's
	door                   // another door to what a kind manages
	out                    // left out
	later                  // of a kind that is not there yet
	unknown                // nobody thought of it
)

// covered is an endpoint and what becomes of it.
type covered struct {
	row
	verdict
	kinds []string
	why   string
	rule  int // which one said so, -1: the registry
}

// cover finds out what becomes of the endpoints that hold configuration.
func cover() []covered {
	var result []covered
	for _, r := range rows() {
		if r.class != "config" {
			continue
		}
		c := covered{row: r, verdict: unknown, rule: -1}
		path := anyWord(r.path)
		for _, k := range model.Kinds() {
			if !k.ReadOnly && uses(k, r.method, path) {
				c.verdict = used
				c.kinds = append(c.kinds, k.Name)
			}
		}
		for i, rule := range rules {
			if c.verdict != unknown || !rule.matches(r.method, path) {
				continue
			}
			c.rule, c.why = i, rule.why
			if rule.kind != "" {
				c.kinds = []string{rule.kind}
			}
			k := model.Lookup(rule.kind)
			switch {
			case rule.kind == "":
				c.verdict = out
			case k == nil || k.ReadOnly:
				c.verdict, c.why = later, ""
			case rule.why != "":
				c.verdict = door
			default:
				c.verdict = used
			}
		}
		result = append(result, c)
	}
	return result
}

// Coverage returns the page that tells what becomes of every endpoint.
func Coverage() string {
	all := rows()
	count := map[string]int{}
	for _, r := range all {
		count[r.class]++
	}
	cov := cover()
	verdicts := map[verdict]int{}
	for _, c := range cov {
		verdicts[c.verdict]++
	}
	p := &page{}
	p.f("# Coverage\n\n%s\n", generated)
	p.f("The Admin API of Keycloak %s has %d endpoints, and %d of them read or write the configuration of a realm. ", apiVersion, len(all), count["config"])
	p.f("This is what becomes of each; [what each kind holds](kinds.md) is told elsewhere.\n\n")
	p.table([]string{"Endpoints", ""}, tally([][]string{
		{number(verdicts[used]), "belong to a [kind](#of-the-kinds)"},
		{number(verdicts[door]), "are [other doors](#other-doors) to what a kind manages"},
		{number(verdicts[out]), "are [left out](#left-out)"},
		{number(verdicts[later]), "belong to kinds that [are not there yet](#not-yet)"},
		{number(count["data"]), "are about [data, not configuration](#data)"},
		{number(count["operational"]), "are [operations](#operations): they do something once"},
		{number(count["read-only"]), "only show what others configure: views, searches, schemas"},
	}))
	section := func(v verdict, title, intro string) {
		if verdicts[v] == 0 {
			return
		}
		p.f("## %s\n\n", title)
		if intro != "" {
			p.f("%s\n\n", intro)
		}
		p.table([]string{"Endpoint", "Methods", "Kind", "Why"}, lines(cov, v))
	}
	section(used, "Of the kinds", "Below `"+realmPath+"`, unless they start with a slash.")
	section(door, "Other doors", "What they write is written another way.")
	section(out, "Left out", "")
	section(later, "Not yet", "")
	p.f("## Data\n\nWhat applications and people make at run time. It is theirs: kcsync reads and writes of it what files declare, and no more.\n\n")
	p.table([]string{"About", "Endpoints", ""}, subjects(all, "data"))
	p.f("## Operations\n\nRequests that do something once, such as sending a mail or testing a connection.\n\n")
	p.table([]string{"About", "Endpoints"}, subjects(all, "operational"))
	p.f("Every endpoint of every class is asked by [kcsync api](guide.md#any-call-of-the-admin-api), by its address or by its name.\n\n")
	p.inPlaceOf("python-keycloak", capabilities(pythonKeycloak))
	p.inPlaceOf("ackc", capabilities(ackc))
	return strings.TrimRight(p.String(), "\n") + "\n"
}

func number(n int) string { return fmt.Sprint(n) }

// tally leaves out what there is none of.
func tally(rows [][]string) [][]string {
	return slices.DeleteFunc(rows, func(r []string) bool { return r[0] == "0" })
}

// lines returns the rows of a section: the methods of a path together.
func lines(cov []covered, v verdict) [][]string {
	var out [][]string
	for _, c := range cov {
		if c.verdict != v {
			continue
		}
		var kinds []string
		for _, k := range c.kinds {
			if v == later {
				kinds = append(kinds, k)
			} else {
				kinds = append(kinds, "["+k+"](kinds.md#"+k+")")
			}
		}
		path := c.path
		if path == "" {
			path = realmPath
		}
		line := []string{code(path), code(c.method), strings.Join(kinds, ", "), c.why}
		if i := slices.IndexFunc(out, func(l []string) bool { return l[0] == line[0] && l[2] == line[2] && l[3] == line[3] }); i < 0 {
			out = append(out, line)
		} else if have := strings.Trim(out[i][1], "`"); !slices.Contains(strings.Fields(have), c.method) {
			out[i][1] = code(have + " " + c.method)
		}
	}
	return out
}

// theirs says of what is data whose it is and why.
var theirs = map[string]string{
	"User":                      "accounts; kcsync manages those that files declare",
	"(initial access token)":    "a token is told once, when it is made, and counts down: there is nothing to compare",
	"(OID4VC)":                  "credentials that were offered and issued to users",
	"(SSF stream)":              "streams that receivers open for themselves",
	"Organization":              "members; kcsync manages those that files declare",
	"OrganizationGroup":         "members of an organization's groups",
	"(organization invitation)": "invitations that were sent",
	"(users/sessions)":          "sessions and consents",
	"(sessions)":                "sessions",
	"(event log)":               "what happened",
	"(brute-force state)":       "failed logins",
	"Workflow":                  "what workflows are waiting to do",
}

// subjects returns what the endpoints of a class are about.
func subjects(all []row, class string) [][]string {
	var out [][]string
	for _, r := range all {
		if r.class != class {
			continue
		}
		name := r.subject
		if inner, ok := strings.CutPrefix(name, "("); ok {
			name = strings.TrimSuffix(inner, ")")
		}
		path := code(r.method + " " + r.path)
		if i := slices.IndexFunc(out, func(l []string) bool { return l[0] == name }); i >= 0 {
			out[i][1] += "<br>" + path
			continue
		}
		line := []string{name, path}
		if class == "data" {
			line = append(line, theirs[r.subject])
		}
		out = append(out, line)
	}
	slices.SortFunc(out, func(a, b []string) int { return strings.Compare(strings.ToLower(a[0]), strings.ToLower(b[0])) })
	return out
}
