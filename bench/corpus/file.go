package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
)

// file applies a realm's file as it is to an empty server: the plan after it
// is empty, and the realm equals what Keycloak's own import makes of the file,
// but for what kcsync says, and for the [quirks] of the import.
func file(ctx context.Context, r *realm) outcome {
	first, unimportable := r.imported(ctx)
	if err := r.remove(ctx); err != nil {
		return failed("%v", err)
	}
	a := r.kcsync(ctx, "plan", r.file)
	switch {
	case a.code == 3:
		if there, err := r.exists(ctx); err != nil || there {
			return failed("refused, and yet there is a realm (%v): %s", err, a.problems())
		}
		return refusal(a)
	case a.code != 0:
		return failed("plan of the file: %s", a.problems())
	}
	a = r.kcsync(ctx, "apply", "--yes", "--verbose", r.file)
	if a.code != 0 {
		return failed("apply of the file: %s", a.problems())
	}
	if again := r.kcsync(ctx, "plan", "--detailed-exitcode", r.file); again.code != 0 {
		return failed("plan after the apply: %s", again.problems()+again.changes())
	}
	if unimportable != nil {
		return unimported(unimportable)
	}
	second, err := r.snapshot(ctx, "from-file")
	if err != nil {
		return failed("%v", err)
	}
	diffs, err := unexplained(first, second, a.err+a.out)
	if err != nil {
		return failed("%v", err)
	}
	if len(diffs) > 0 {
		return failed("%s", strings.Join(diffs, "\n"))
	}
	return outcome{Verdict: through}
}

// exists reports whether the realm is on the server.
func (r *realm) exists(ctx context.Context) (bool, error) {
	_, err := r.client.Do(ctx, keycloak.Request{Method: http.MethodGet, Path: keycloak.Path("admin", "realms", r.Name)})
	if keycloak.IsStatus(err, http.StatusNotFound) {
		return false, nil
	}
	return err == nil, err
}

// quirk is a difference between what Keycloak's import makes of a file and what
// kcsync makes of it.
type quirk struct {
	path   string // of the snapshot, a pattern
	ours   string // a pattern of what kcsync leads to, as JSON; "" is any
	theirs string // of what the import does
	why    string
	said   string // what kcsync says where it is so, a pattern; "" is nothing
}

// quirks are those that are no configuration, and those of which kcsync says
// something in other words than of one field of one object.
var quirks = []quirk{
	{`/components/UserProfileProvider\|.*`, ``, ``, "the import keeps the text of the profile here, which is compared as what the API reads from it", ``},
	{`/realm/attributes/(client(Offline)?Session(IdleTimeout|MaxLifespan)|oauth2Device(CodeLifespan|PollingInterval)|realmReusableOtpCode|scimApiEnabled|acr\.loa\.map)`, ``, ``, "fields that the server shows among the attributes, too, once the realm was written", ``},
	{`/clients/.*/attributes/client\.secret\.rotated.*`, `^$`, ``, "a secret that the server has replaced and lets be used for a while yet", ``},
	{`/realmRoles/default-roles-.*/composite`, `^true$`, `^false$`, "whether there are composites, which are compared themselves", ``},
	{`/clients/.*/registeredNodes`, `^$`, ``, "which machines of a client have registered themselves", ``},
	{`/users/.*/userProfileMetadata/.*`, ``, ``, "the user profile, which is compared itself", ``},
	{`/components/UserStorageProvider\|.*/config/lastSync`, `^$`, ``, "when a directory was last read", ``},
	{`/components/LDAPStorageMapper\|.*\|group-ldap-mapper/config/groups\.path`, `^\["/"\]$`, `^$`, "the API writes what it means to say nothing", ``},
	{`/clients/.*/attributes/saml\.(signing\.(certificate|private\.key)|artifact\.binding\.identifier)`, ``, ``, "keys that the server makes", ``},
	{`/clients/.*/secret`, `^false$`, `^true$`, "a secret that the import makes for a client which has no use of one", ``},
	{`/realm/defaultRole/.*`, ``, ``, "the default role is compared among the roles", ``},
	{`/realm/smtpServer/password`, `^$`, `^"\*{10}"$`, "the server masks an empty password, too", ``},

	{`/(default(Default|Optional)Scopes|clients/.*/(default|optional)(Client)?Scopes)`, ``, `^$`, "the import gives a realm whose file lists client scopes no others than it says", `ClientScopes is not said`},
	{`/clients/.*/serviceAccountRoles(/.*)?`, `"default-roles-`, ``, "the API gives every service account the default roles, the import does not", `a new service account gets the realm's default roles`},
	{`/(default(Default|Optional)Scopes|clients/.*/(default|optional)(Client)?Scopes)`, ``, ``, "the import reads these lists only beside client scopes", `ClientScopes stays as the file has it`},
	{`/realmRoles/default-roles-.*`, `^$`, ``, "the import makes another default role beside one that the file calls so", `is taken to be the defaultRole of the realm`},
	{`/realmRoles/default-roles-.*/composites`, ``, `^$`, "the import makes another default role beside one that the file calls so", `is taken to be the defaultRole of the realm`},
	{`/clients/.*/serviceAccountRoles/realmMappings/default-roles-.*`, `^$`, `^true$`, "the import makes another default role beside one that the file calls so", `is taken to be the defaultRole of the realm`},
	{`/clients/.*/serviceAccountRoles/realmMappings/default-roles-.*`, `^true$`, `^$`, "the import makes another default role beside one that the file calls so", `is taken to be the defaultRole of the realm`},
	{`/clients/.*(/roles|/serviceAccountRoles/clientMappings/.*/mappings)/uma_protection`, ``, `^$`, "the API gives a client with authorization services this role, the import only where the file has no user for its service account", `roles get uma_protection`},
	{`/clients/.*/(roles|serviceAccountRoles(/clientMappings(/.*)?)?)`, `"uma_protection"`, `^$`, "the API gives a client with authorization services this role, the import only where the file has no user for its service account", `roles get uma_protection`},
	{`/clients/.*/secret`, `^true$`, `^false$`, "the import forgets the secret of a client that is public in the file, and is not by its authorization settings", `publicClient is taken to be false`},
}

// planned are those of a realm that is there, where it is the plan that tells what
// it is in the file.
var planned = []quirk{
	{`/.*`, `^"\$\(env:`, `^$`, "a plan does not tell whether a reference has the value that is there", ``},
	{`/realmRoles/default-roles-.*/composites/(realm|client)`, ``, `^(\[\]|{})$`, "the import makes another default role beside one that the file calls so", `is taken to be the defaultRole of the realm`},
	{`/realm/default(Default|Optional)ClientScopes`, ``, ``, "the import reads these lists only beside client scopes", `ClientScopes stays as the file has it`},
}

// unexplained compares the snapshots of two realms, the import's and ours, and
// returns the differences that nothing explains, a line each.
func unexplained(imported, ours, said string) ([]string, error) {
	var s [2]map[string]any
	for i, path := range []string{imported, ours} {
		var err error
		if s[i], err = readSnapshot(path); err != nil {
			return nil, err
		}
	}
	leaveOut(s[0], said)
	told := places(said, s[0], s[1])
	var out []string
	compare("", s[0], s[1], func(path string, a, b any) {
		switch {
		case slices.ContainsFunc(told, func(p place) bool { return p.holds(path) }):
		case excused(quirks, path, a, b, said):
		case scopeLists.MatchString(path) && keepsScopes(a, b, said):
		default:
			out = append(out, fmt.Sprintf("%s: %s -> %s", path, short(a), short(b)))
		}
	})
	return out, nil
}

// excused reports whether one of these explains a difference.
func excused(by []quirk, path string, theirs, ours any, said string) bool {
	return slices.ContainsFunc(by, func(q quirk) bool {
		return q.explains(path, theirs, ours) && regexp.MustCompile(q.said).MatchString(said)
	})
}

func (q quirk) explains(path string, theirs, ours any) bool {
	return regexp.MustCompile(`^`+q.path+`$`).MatchString(path) &&
		regexp.MustCompile(q.ours).MatchString(asText(ours)) && regexp.MustCompile(q.theirs).MatchString(asText(theirs))
}

func asText(v any) string {
	if v == nil {
		return ""
	}
	return short(v)
}

// compare visits the differences between the import's realm and ours.
func compare(path string, a, b any, visit func(path string, a, b any)) {
	x, xok := a.(map[string]any)
	y, yok := b.(map[string]any)
	if xok && yok {
		all := maps.Clone(x)
		maps.Copy(all, y)
		for _, key := range slices.Sorted(maps.Keys(all)) {
			compare(path+"/"+key, x[key], y[key], visit)
		}
		return
	}
	if !reflect.DeepEqual(dense(a), dense(b)) {
		visit(path, a, b)
	}
}

// dense returns a value without what is as good as absent: in a list of the
// user profile's attributes the import writes more of that than the API.
func dense(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, e := range v {
			if e = dense(e); e != nil {
				out[key] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = dense(e)
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(short(a), short(b)) })
		if len(out) == 0 {
			return nil
		}
		return out
	case bool:
		if !v {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}

// keepsScopes reports whether a list of client scopes holds more than the import's
// only of those that kcsync says it keeps.
func keepsScopes(a, b any, said string) bool {
	kept := map[any]bool{"service_account": true} // which clients with a service account have
	for _, m := range keptScopes.FindAllStringSubmatch(said, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			kept[strings.TrimPrefix(name, "client-scope/")] = true
		}
	}
	theirs, _ := a.([]any)
	list, ok := b.([]any)
	in := func(l []any) func(v any) bool { return func(v any) bool { return slices.Contains(l, v) } }
	return ok && len(slices.DeleteFunc(slices.Clone(theirs), in(list))) == 0 &&
		!slices.ContainsFunc(slices.DeleteFunc(slices.Clone(list), in(theirs)), func(v any) bool { return !kept[v] })
}

// scopeLists matches the lists of client scopes that clients have, and that a realm
// gives to new ones.
var scopeLists = regexp.MustCompile(`^/(clients/.*/)?(default|optional|defaultDefault|defaultOptional)(Client)?Scopes$`)

// keptScopes tells of the client scopes that a realm has though its file lists
// others: lists that name them have them, and not by the import.
var keptScopes = regexp.MustCompile(`(?:clientScopes of realm does not list|Keycloak \S+ did not know) (.*?)(?:, which a new realm has|: they stay in the lists)`)

// told are the lines by which kcsync says something of an object, whose
// addresses they hold, and how those tell of one field only.
var (
	toldLine = regexp.MustCompile(`(?m)^(warning|note): .*$`)
	// severalFields matches a line that tells of a list of fields.
	severalFields = regexp.MustCompile(`^(.*(?:is left to the server|import leaves it out): )([^:]+)()$`)
	severalStay   = regexp.MustCompile(`^(.*?[^ ]: )((?:[A-Za-z.]+, )+[A-Za-z.]+)( stay .*)$`)

	component = regexp.MustCompile(`\b(?:key-provider|user-federation|client-registration-policy)/([^,;:()]+)`)
	// Of these no difference comes, or one that a quirk tells better.
	harmless = regexp.MustCompile(`each becomes a conditional sub-flow|is a secret that stands in the file|is a placeholder that is not replaced|: a new service account gets |: roles get uma_protection|ClientScopes stays as the file has it`)
	ofField  = []*regexp.Regexp{
		regexp.MustCompile(`: ([^ :]+) of (?:[a-z-]+/|realm(?: |$))`),
		regexp.MustCompile(`[^ ]: ([^ :]+) is taken to be `),
		regexp.MustCompile(`: the server drops ([^ :]+) while `),
		regexp.MustCompile(`: the server drops attribute ([^ :]+): `),
		regexp.MustCompile(`: the server does not give a client of protocol .* the (client scope)`),
		regexp.MustCompile(`: ([^ :]+) (?:is not said|get|is not replaced|stays?)[: ]`),
	}
)

// objects are the sections of a snapshot in which objects of a kind stand by
// their keys.
var objects = map[string]string{"client": "clients", "role": "realmRoles", "client-scope": "clientScopes", "group": "groups", "user": "users",
	"identity-provider": "identityProviders", "authentication-flow": "flows", "required-action": "requiredActions"}

// place is where in the snapshots of a realm something stands of which kcsync
// said something: an object, or with a field only that.
type place struct{ path, field string }

// holds reports whether a path is at the place or below.
func (p place) holds(path string) bool {
	rest, ok := strings.CutPrefix(path+"/", p.path+"/")
	if !ok || p.field == "" {
		return ok
	}
	if p.field == "client scope" || p.field == "clientTemplate" { // which is a scope by now
		return strings.Contains(rest, "Scopes/")
	}
	rest = strings.ReplaceAll(rest, "/", ".")
	// The lists of a client's scopes are there under two names.
	field := strings.ReplaceAll(p.field, "ClientScopes", "Scopes")
	return strings.HasPrefix(rest, p.field+".") || strings.HasPrefix(rest, field+".") || strings.HasPrefix(rest, "attributes."+p.field+".") ||
		strings.HasPrefix("attributes."+p.field+".", rest) || strings.HasPrefix(p.field+".", rest) // of which there is nothing else
}

// places returns where in the snapshots of a realm things stand of which kcsync
// said something.
func places(said string, snapshots ...map[string]any) []place {
	var out []place
	for _, line := range sentences(said) {
		if harmless.MatchString(line) || stepsOut.MatchString(line) {
			continue
		}
		field := fieldOf(line)
		if field != "" && names(line, "realm") {
			out = append(out, place{"/realm", field})
		}
		if field != "" && names(line, "user-profile") {
			out = append(out, place{"/userProfile", field})
		}
		for kind, section := range objects {
			for _, s := range snapshots {
				all, _ := s[section].(map[string]any)
				for key := range all {
					name := strings.NewReplacer("%", "%25", "/", "%2F").Replace(key)
					if section == "groups" { // which their path names
						name = strings.TrimPrefix(key, "/")
					}
					if !names(line, kind+"/"+name) {
						continue
					}
					out = append(out, place{"/" + section + "/" + key + within(line, kind+"/"+name), field})
					if section == "flows" {
						for _, sub := range subFlows(s, key, nil) {
							out = append(out, place{sub, field})
						}
					}
				}
			}
		}
		for _, s := range snapshots {
			components, _ := s["components"].(map[string]any)
			for key := range components {
				parts := strings.Split(key, "|")
				if len(parts) > 3 && slices.ContainsFunc(component.FindAllStringSubmatch(line, -1), func(m []string) bool {
					return strings.HasPrefix(m[1], parts[3]) || strings.HasPrefix(m[1], parts[2]+"/"+parts[3]) || parts[1] == "component:"+strings.TrimSpace(m[1]) ||
						parts[1]+"/user-federation-mapper/"+parts[3] == "component:"+strings.TrimSpace(m[1])
				}) {
					out = append(out, place{"/components/" + key, field})
				}
			}
		}
	}
	return out
}

// fieldOf returns the field that a line tells of; "" is an object as a whole.
func fieldOf(line string) string {
	for _, re := range ofField {
		if m := re.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// sentences returns the lines that say something of the files; one that tells of
// several fields once for each.
func sentences(said string) []string {
	var out []string
	for _, line := range toldLine.FindAllString(said, -1) {
		m := severalFields.FindStringSubmatch(line)
		if m == nil {
			m = severalStay.FindStringSubmatch(line)
		}
		if m == nil {
			out = append(out, line)
			continue
		}
		for each := range strings.SplitSeq(m[2], ", ") {
			out = append(out, m[1]+each+m[3])
		}
	}
	return out
}

// within returns where in a snapshot's object stands what a line names below its
// address.
func within(line, address string) string {
	for kind, section := range map[string]string{"role": "roles", "protocol-mapper": "protocolMappers"} {
		if _, rest, ok := strings.Cut(line, " of "+address+"/"+kind+"/"); ok {
			return "/" + section + "/" + rest
		}
	}
	return ""
}

// names reports whether a line names an object by its address, or one below.
func names(line, address string) bool {
	for {
		i := strings.Index(line, address)
		if i < 0 {
			return false
		}
		before, after := line[:i], line[i+len(address):]
		if (before == "" || strings.ContainsRune(" (", rune(before[len(before)-1]))) && (after == "" || strings.ContainsRune(",;:() /", rune(after[0]))) {
			return true
		}
		line = after
	}
}

// stepsOut tells of the steps that a flow is without: those that the server does not
// have, or those that the import puts into an old one.
var stepsOut = regexp.MustCompile(`authentication-flow/([^:]+) is (?:a built-in flow of another Keycloak: its steps |taken as the file has it: without )(.*?)(?: are left out)?, which this `)

// leaveOut takes out of the flows of a snapshot the steps of which kcsync said
// that it leaves them out.
func leaveOut(snapshot map[string]any, said string) {
	flows, _ := snapshot["flows"].(map[string]any)
	for _, m := range stepsOut.FindAllStringSubmatch(said, -1) {
		alias, gone := strings.ReplaceAll(m[1], "%2F", "/"), strings.Split(m[2], ", ")
		for _, at := range append([]string{"/flows/" + alias}, subFlows(snapshot, alias, nil)...) {
			flow, _ := flows[strings.TrimPrefix(at, "/flows/")].(map[string]any)
			steps, ok := flow["executions_in_order"].([]any)
			if !ok {
				continue
			}
			flow["executions_in_order"] = slices.DeleteFunc(steps, func(e any) bool {
				step, _ := e.(map[string]any)
				name, ok := step["authenticator"].(string)
				if !ok {
					name, _ = step["flow"].(string)
				}
				return slices.Contains(gone, name)
			})
		}
		for _, name := range gone {
			delete(flows, name)
		}
	}
}

// subFlows returns where the sub-flows of a flow stand.
func subFlows(snapshot map[string]any, alias string, above []string) []string {
	if slices.Contains(above, alias) {
		return nil
	}
	var out []string
	flows, _ := snapshot["flows"].(map[string]any)
	flow, _ := flows[alias].(map[string]any)
	executions, _ := flow["executions_in_order"].([]any)
	for _, e := range executions {
		x, _ := e.(map[string]any)
		if sub, ok := x["flow"].(string); ok {
			out = append(out, "/flows/"+sub)
			out = append(out, subFlows(snapshot, sub, append(slices.Clone(above), alias))...)
		}
	}
	return out
}
