package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// differences compares two snapshots and returns, a line for each, the
// differences that nothing of what kcsync said explains, and the addresses of
// what explains others.
func differences(a, b, said string) (diffs, explained []string, err error) {
	x, err := readSnapshot(a)
	if err != nil {
		return nil, nil, err
	}
	y, err := readSnapshot(b)
	if err != nil {
		return nil, nil, err
	}
	explained = bury(x, said)
	notes := explanations(said)
	walk("", x, y, func(path string, a, b any) {
		for at, addr := range notes {
			if path == at || strings.HasPrefix(path, at+"/") {
				if !slices.Contains(explained, addr) {
					explained = append(explained, addr)
				}
				return
			}
		}
		if !excused(noConfiguration, path, a, b, said) {
			diffs = append(diffs, fmt.Sprintf("%s: %s -> %s", path, short(a), short(b)))
		}
	})
	slices.Sort(explained)
	return diffs, explained, nil
}

// readSnapshot reads what load.py wrote, without what says nothing about a
// realm's configuration.
func readSnapshot(file string) (map[string]any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var s map[string]any
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s = plain(s).(map[string]any)
	s = byName(s).(map[string]any)
	dropPages(s)
	derive(s)
	untouched(s)
	return clean("", s).(map[string]any), nil
}

// plain takes back what load.py does to words that happen to be an id, as the
// realm's name is in most, and that of a client, client scope or user in some.
func plain(v any) any {
	switch v := v.(type) {
	case string:
		for _, prefix := range []string{"realm:", "client:", "scope:", "user:"} {
			v = strings.TrimPrefix(v, prefix)
		}
		return v
	case []any:
		for i, e := range v {
			v[i] = plain(e)
		}
	case map[string]any:
		for key, e := range v {
			v[key] = plain(e)
		}
	}
	return v
}

// byName makes maps of the lists whose members have names that no other has,
// so that what comes and goes does not move the others, and leaves of roles
// that are listed where they are mapped to something no more than that.
func byName(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			v[key] = byName(e)
		}
	case []any:
		named := map[string]any{}
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				if name, ok := m["name"].(string); ok {
					named[name] = byName(m)
					if m["clientRole"] != nil && m["composite"] != nil {
						named[name] = true
					}
				}
			}
		}
		if len(named) == len(v) && len(v) > 0 {
			return named
		}
		for i, e := range v {
			v[i] = byName(e)
		}
	}
	return v
}

// dropPages takes away the page of sub-flows that are no forms: old consoles
// wrote one, and nothing ever asks for it. Sub-flows that stand in no flow go,
// too: nobody can see them, or use them.
func dropPages(s map[string]any) {
	flows, _ := s["flows"].(map[string]any)
	held := map[string]bool{}
	defer func() {
		maps.DeleteFunc(flows, func(alias string, f any) bool {
			flow, _ := f.(map[string]any)
			return flow["topLevel"] == false && !held[alias]
		})
	}()
	for _, f := range flows {
		flow, _ := f.(map[string]any)
		executions, _ := flow["executions_in_order"].([]any)
		for _, e := range executions {
			execution, _ := e.(map[string]any)
			alias, _ := execution["flow"].(string)
			held[alias] = true
			if sub, ok := flows[alias].(map[string]any); ok && sub["providerId"] != "form-flow" {
				delete(execution, "authenticator")
			}
		}
	}
}

// derive says of protocol mappers what the server reads into silence: what is
// in the ID token is in the user info, and what is in the access token is
// told when that is looked into. The pattern of a policy is for attributes of
// the context only where that is said.
func derive(v any) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	for key, e := range m {
		config, ok := e.(map[string]any)
		if !ok || key != "config" {
			derive(e)
			continue
		}
		if config["targetContextAttributes"] == "false" {
			delete(config, "targetContextAttributes")
		}
		for name, like := range map[string]string{"userinfo.token.claim": "id.token.claim", "introspection.token.claim": "access.token.claim"} {
			if config[name] == nil && config[like] != nil {
				config[name] = config[like]
			}
		}
	}
}

// untouched takes away from clients the switches that stand as they do when
// nobody says anything of them, and what says more of something that they have
// not: consoles write all that they show. So it does with the size of keys that
// was the default once.
func untouched(s map[string]any) {
	clients, _ := s["clients"].(map[string]any)
	for _, e := range clients {
		client, _ := e.(map[string]any)
		attributes, _ := client["attributes"].(map[string]any)
		oidc := client["protocol"] == "openid-connect"
		uris, _ := client["redirectUris"].([]any)
		silent := attributes["backchannel.logout.url"] == nil
		maps.DeleteFunc(attributes, func(name string, v any) bool {
			return v == "false" && (switches.MatchString(name) || oidc && ofSAML.MatchString(name)) || v == "true" && name == "use.refresh.tokens" || v == "{}" && name == "acr.loa.map" ||
				v == "+" && name == "post.logout.redirect.uris" && len(uris) == 0 || silent && name == "backchannel.logout.session.required"
		})
	}
	components, _ := s["components"].(map[string]any)
	for name, e := range components {
		component, _ := e.(map[string]any)
		config, _ := component["config"].(map[string]any)
		maps.DeleteFunc(config, func(key string, v any) bool {
			values, _ := v.([]any)
			return strings.HasPrefix(name, "KeyProvider|") && len(values) == 1 && idleKeys.MatchString(fmt.Sprintf("%s %s=%v", name[strings.LastIndex(name, "|")+1:], key, values[0]))
		})
	}
}

// idleKeys matches what a key provider does when nobody says it, or generated
// when nobody chose.
var idleKeys = regexp.MustCompile(` (enabled|active)=true$|^rsa(-enc)?-generated keySize=2048$|^(rsa|rsa-generated) algorithm=RS256$|^(rsa-enc|rsa-enc-generated) algorithm=RSA-OAEP$` +
	`|^aes-generated secretSize=(16|32)$|^hmac-generated secretSize=(64|128)$|EllipticCurveKey=(P-256|Ed25519)$`)

// ofSAML matches what only SAML knows, and switches what is off then.
var ofSAML = regexp.MustCompile(`^saml[._]`)

var switches = regexp.MustCompile(`^(saml\.(artifact\.binding|assertion\.signature|encrypt|multivalued\.roles|onetimeuse\.condition|server\.signature\.keyinfo\.ext)` +
	`|backchannel\.logout\.(revoke\.offline\.tokens|session\.required)|client_credentials\.use_refresh_token|display\.on\.consent\.screen` +
	`|exclude\.(issuer|session\.state)\.from\.auth\.response|id\.token\.as\.detached\.signature|oauth2\.device\.authorization\.grant\.enabled` +
	`|oidc\.ciba\.grant\.enabled|require\.pushed\.authorization\.requests|tls\.client\.certificate\.bound\.access\.tokens|token\.response\.type\.bearer\.lower-case)$`)

// clean takes away what is empty, which is as good as nothing: the server's own
// objects have some, and it does not store others. Lists whose order has no
// meaning are put in order again. Only in a user profile is it something to
// be required of nobody in particular.
func clean(key string, v any) any {
	switch v := v.(type) {
	case []any:
		v = slices.DeleteFunc(v, func(e any) bool { return owned(e) || e == nil || e == "" })
		for i, e := range v {
			v[i] = clean("", e)
		}
		if key != "executions_in_order" {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(compact(a), compact(b)) })
		}
		return v
	case map[string]any:
		for key, e := range v {
			if v[key] = clean(key, e); empty(v[key]) && key != "required" || owned(e) {
				delete(v, key)
			}
		}
	}
	return v
}

// owned reports whether something is a resource that people made for
// themselves: theirs, not the realm's.
func owned(v any) bool {
	m, _ := v.(map[string]any)
	return m["owner"] != nil && m["ownerManagedAccess"] != nil
}

func empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return v == nil
}

// walk visits the differences between two values.
func walk(path string, a, b any, visit func(path string, a, b any)) {
	x, xok := a.(map[string]any)
	y, yok := b.(map[string]any)
	if xok && (yok || b == nil) || yok && a == nil { // of what is absent, each part is
		all := map[string]any{}
		if len(x)+len(y) == 0 && xok != yok {
			visit(path, a, b)
		}
		maps.Copy(all, x)
		maps.Copy(all, y)
		for _, key := range slices.Sorted(maps.Keys(all)) {
			walk(path+"/"+key, x[key], y[key], visit)
		}
		return
	}
	if x, ok := a.([]any); ok {
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				walk(path+"/"+strconv.Itoa(i), x[i], y[i], visit)
			}
			return
		}
	}
	if !reflect.DeepEqual(a, b) {
		visit(path, a, b)
	}
}

// short returns a value in at most some hundred characters.
func short(v any) string {
	if v == nil {
		return "(absent)"
	}
	s := compact(v)
	if len(s) > 400 {
		s = strings.ToValidUTF8(s[:400], "") + "..."
	}
	return s
}

// compact returns a value as JSON.
func compact(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// noConfiguration are differences between a realm (theirs) and what was made of its
// export, or of a change to it (ours), in which no configuration stands.
var noConfiguration = []quirk{
	{`/users(/.*)?|/organizations/.*/members`, ``, ``, "people, whom an export leaves out", ``},
	{`/!errors`, `^$`, `^\["\d+ /users/[^"]*"(,"\d+ /users/[^"]*")*\]$`, "people whom nobody can look up, as their names cannot stand in a path", ``},
	{`/realm/attributes/(client(Offline)?Session(IdleTimeout|MaxLifespan)|scimApiEnabled)`, `^("0"|"false")$`, `^$`, "fields that the server shows among the attributes, too, once the realm was written", ``},
	{`/clients/.*/secret`, `^true$`, `^false$`, "a secret that the server makes for a client that needs one", ``},
	{`/clients/broker/secret`, `^false$`, `^true$`, "the secret that an import makes for the server's own client, which has no use of one", ``},
	{`/clients/.*/registeredNodes(/.*)?`, `^$`, ``, "which machines of a client have registered themselves", ``},
	{`/clients/.*/attributes/client\.secret\.rotated(\..*)?`, `^$`, ``, "a secret that the server has replaced and lets be used for a while yet", ``},
	{`/clients/.*/attributes/saml\.signing\.(certificate|private\.key)`, ``, `^$`, "keys that the server makes for a client that has none", ``},
	{`/clients/.*/attributes/saml\.artifact\.binding\.identifier`, ``, ``, "what the server computes of the name of a client, or keeps of that which it had elsewhere", ``},
	{`/clients/admin-permissions/default(Client)?Scopes(/.*)?`, ``, ``, "what an import makes otherwise of the server's own client of admin permissions", ``},
	{`/identityProviders/.*`, `^(false)?$`, `^(false)?$`, "the server keeps a switch that was never said as off", ``},
	{`/flows/.*/builtIn`, `^(false)?$`, ``, "which flows of another version the server calls its own", ``},
	{`/components/UserProfileProvider\|.*`, ``, ``, "the text of the profile, which is compared as what the API reads from it", ``},
	{`/components/.*/config/lastSync`, `^$`, ``, "when a directory was last read", ``},
	{`/components/LDAPStorageMapper\|.*/config/groups\.path`, `^\["/"\]$`, `^$`, "the API writes what it means to say nothing", ``},
	{`/components/KeyProvider\|.*\|fallback-.*`, `^$`, ``, "keys that the server made when it lacked one", ``},
	{`/realm/smtpServer/(user|password)`, `^$`, ``, "who signs in to a mail server, which an import keeps even where nobody is to", ``},
}

// Notes by which kcsync tells what it leaves out, or as it is, or what a realm
// has that this one did not.
var (
	absent  = regexp.MustCompile(`(?m)^note: ([a-z-]+)/([^:]+): a new realm has it, this one does not; `)
	sealed  = regexp.MustCompile(`(?m)^note: (client)/([^:]+): it is not as a new realm has it, .*: the files leave out its (.*)$`)
	foreign = regexp.MustCompile(`(?m)^note: authentication-flow/([^:]+): the server calls it its own, but .*: the files leave it out`)
	dead    = regexp.MustCompile(`(?m)^note: authentication-flow/([^:]+): it holds (.*), which the server has not: the files leave that out`)
	unseen  = regexp.MustCompile(`(?m)^note: (client)/([^:]+): its service-account is not found: `)
	kept    = regexp.MustCompile(`(?m)^note: (client)/([^:]+)/service-account: a new one has (.*)/([^/]*) in its clientRoles, this one does not`)
)

// explanations returns what in a snapshot is explained by what kcsync said: by
// path, the address that it was said of.
func explanations(said string) map[string]string {
	out := map[string]string{}
	at := func(kind, key string) string {
		return "/" + sections[kind] + "/" + strings.ReplaceAll(key, "%2F", "/")
	}
	for _, m := range absent.FindAllStringSubmatch(said, -1) {
		out[at(m[1], m[2])] = m[1] + "/" + m[2]
	}
	for _, m := range sealed.FindAllStringSubmatch(said, -1) {
		for name := range strings.SplitSeq(m[3], ", ") {
			for _, field := range append([]string{name}, shownAs[name]...) {
				out[at(m[1], m[2])+"/"+field] = m[1] + "/" + m[2]
			}
		}
	}
	for _, m := range unseen.FindAllStringSubmatch(said, -1) {
		out[at(m[1], m[2])+"/serviceAccountRoles"] = m[1] + "/" + m[2]
	}
	for _, m := range kept.FindAllStringSubmatch(said, -1) {
		client, of := m[1]+"/"+m[2], strings.ReplaceAll(m[3], "%2F", "/")
		out[at(m[1], m[3])+"/roles/"+m[4]] = client
		mapped := at(m[1], m[2]) + "/serviceAccountRoles/clientMappings/" + of
		out[mapped+"/mappings/"+m[4]], out[mapped+"/client"] = client, client
	}
	return out
}

// sections are the sections of a snapshot by kind.
var sections = map[string]string{"client": "clients", "role": "realmRoles", "client-scope": "clientScopes",
	"authentication-flow": "flows", "required-action": "requiredActions"}

// shownAs says where else a snapshot shows a field.
var shownAs = map[string][]string{
	"defaultClientScopes":          {"defaultScopes"},
	"optionalClientScopes":         {"optionalScopes"},
	"authorizationSettings":        {"authz", "authorizationServicesEnabled", "roles/uma_protection", "serviceAccountRoles"},
	"authorizationServicesEnabled": {"authz"},
	"serviceAccountsEnabled":       {"serviceAccountRoles"},
}

// bury takes out of a snapshot the flows, and the steps of flows, of which
// kcsync said that the server has them not, and returns these flows.
func bury(s map[string]any, said string) (told []string) {
	gone := map[any]bool{}
	for _, m := range dead.FindAllStringSubmatch(said, -1) {
		told = append(told, "authentication-flow/"+m[1])
		for name := range strings.SplitSeq(m[2], ", ") {
			gone[name] = true
		}
	}
	flows, _ := s["flows"].(map[string]any)
	var remove func(alias string)
	remove = func(alias string) {
		flow, _ := flows[alias].(map[string]any)
		delete(flows, alias)
		steps, _ := flow["executions_in_order"].([]any)
		for _, e := range steps {
			step, _ := e.(map[string]any)
			if below, ok := step["flow"].(string); ok {
				remove(below)
			}
		}
	}
	for _, m := range foreign.FindAllStringSubmatch(said, -1) {
		told = append(told, "authentication-flow/"+m[1])
		remove(strings.ReplaceAll(m[1], "%2F", "/"))
	}
	for _, f := range flows {
		flow, _ := f.(map[string]any)
		if steps, ok := flow["executions_in_order"].([]any); ok && flow["builtIn"] == true {
			flow["executions_in_order"] = slices.DeleteFunc(steps, func(e any) bool {
				step, _ := e.(map[string]any)
				return gone[step["authenticator"]]
			})
		}
	}
	return told
}
