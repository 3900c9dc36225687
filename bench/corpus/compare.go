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
	notes := explanations(said)
	walk("", x, y, func(path string, a, b any) {
		for addr, at := range notes {
			if path == at || strings.HasPrefix(path, at+"/") {
				if !slices.Contains(explained, addr) {
					explained = append(explained, addr)
				}
				return
			}
		}
		if strings.HasPrefix(path, "/identityProviders/") && (a == false && b == nil || a == nil && b == false) {
			return // the server keeps a switch that was never said as off
		}
		made := a == false && strings.HasSuffix(path, "/secret") // by the server, for a client that needs one
		if !made && !noConfiguration.MatchString(path) {
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
	return clean("", s).(map[string]any), nil
}

// plain takes back what load.py does to words that happen to be the id of the
// realm, as in most realms its name is.
func plain(v any) any {
	switch v := v.(type) {
	case string:
		return strings.TrimPrefix(v, "realm:")
	case []any:
		for i, e := range v {
			v[i] = plain(e)
		}
	case map[string]any:
		for key, e := range v {
			v[key] = plain(e)
			if id, ok := v[key].(string); ok && key == "clientId" {
				v[key] = strings.TrimPrefix(id, "client:") // where the id is the same word
			}
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
// wrote one, and nothing ever asks for it.
func dropPages(s map[string]any) {
	flows, _ := s["flows"].(map[string]any)
	for _, f := range flows {
		flow, _ := f.(map[string]any)
		executions, _ := flow["executions_in_order"].([]any)
		for _, e := range executions {
			execution, _ := e.(map[string]any)
			alias, _ := execution["flow"].(string)
			if sub, ok := flows[alias].(map[string]any); ok && sub["providerId"] != "form-flow" {
				delete(execution, "authenticator")
			}
		}
	}
}

// derive says of protocol mappers what the server reads into silence: what is
// in the ID token is in the user info, and what is in the access token is
// told when that is looked into.
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
		for name, like := range map[string]string{"userinfo.token.claim": "id.token.claim", "introspection.token.claim": "access.token.claim"} {
			if config[name] == nil && config[like] != nil {
				config[name] = config[like]
			}
		}
	}
}

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
	if x, ok := a.(map[string]any); ok {
		if y, ok := b.(map[string]any); ok {
			all := maps.Clone(x)
			maps.Copy(all, y)
			for _, key := range slices.Sorted(maps.Keys(all)) {
				walk(path+"/"+key, x[key], y[key], visit)
			}
			return
		}
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

// noConfiguration matches the paths of a snapshot where no configuration stands:
// people, whom an export leaves out; what the server shows in two places, of
// which only one is what was written; when users were last read from a
// directory, and that groups from there stand below no other, which a mapper
// that was imported may not say; who signs in to a mail server, which an import keeps even where
// nobody is to; the keys and certificates that the server makes by itself,
// for SAML clients that have none and where it falls back to one; and a secret
// that has been replaced and may be used for a while yet.
var noConfiguration = regexp.MustCompile(`^/users(/|$)` +
	`|^/realm/attributes/(client(Offline)?Session(IdleTimeout|MaxLifespan)|oauth2Device(CodeLifespan|PollingInterval)|realmReusableOtpCode|scimApiEnabled)$` +
	`|^/clients/.*/attributes/client\.secret\.rotated(\.|$)` +
	`|^/clients/.*/attributes/saml\.(signing\.(certificate|private\.key)|artifact\.binding\.identifier)$` +
	`|^/components/(UserProfileProvider\||.*/config/lastSync$|LDAPStorageMapper\|.*/config/groups\.path$|KeyProvider\|.*\|fallback-)` +
	`|^/realm/smtpServer/(user|password)$`)

// left matches the notes by which kcsync tells what it leaves as it is.
var left = regexp.MustCompile(`(?m)^note: ((client|role|client-scope|authentication-flow|required-action)/[^:]+)[^ ]*: .*(nobody change it|left as it is|this one does not)`)

// explanations returns where in a snapshot differences are explained by what
// kcsync said, by address.
func explanations(said string) map[string]string {
	sections := map[string]string{"client": "clients", "role": "realmRoles", "client-scope": "clientScopes",
		"authentication-flow": "flows", "required-action": "requiredActions"}
	out := map[string]string{}
	for _, m := range left.FindAllStringSubmatch(said, -1) {
		key := strings.ReplaceAll(strings.TrimPrefix(m[1], m[2]+"/"), "%2F", "/")
		out[m[1]] = "/" + sections[m[2]] + "/" + key
	}
	return out
}
