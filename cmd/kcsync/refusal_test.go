package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// refusals are requests of which the server refuses some: kcsync has to say so
// before, and has to be right. Each stands in a realm of its own kind of
// object; those that only the server knows are told apart.
type refusal struct {
	body string
	says answer
}

// answer is what becomes of a request.
type answer int

const (
	taken   answer = iota // by the server, and kcsync says nothing
	refused               // by both
	unknown               // by the server, and kcsync cannot know
	broken                // taken by the server, which fails later: kcsync says so
)

// judge compares what kcsync says of an object with what the server answers to
// it.
func judge(t *testing.T, c *keycloak.Client, version, what string, says answer, k *model.Kind, o model.Object, other func(kind, key string) model.Object, req keycloak.Request) (id string) {
	t.Helper()
	problems := wrongWith(k, o, version, other)
	res, err := c.Do(context.Background(), req)
	if err == nil {
		id = res.LocationID()
	}
	if (err != nil) != (says == refused || says == unknown) {
		t.Errorf("%s: the server says %v", what, err)
	}
	if (len(problems) > 0) != (says == refused || says == broken) {
		t.Errorf("%s: kcsync says %v, and the server %v", what, problems, err)
	}
	return id
}

// wrongWith returns what kcsync says of a new object.
func wrongWith(k *model.Kind, o model.Object, version string, other func(kind, key string) model.Object) []model.Problem {
	o = k.Canonical(o)
	problems := append(k.Wrong(o, version, nil), k.Lacks(o, nil)...)
	if k.Check != nil {
		problems = append(problems, k.Check(o)...)
	}
	if k.Refuses != nil {
		problems = append(problems, k.Refuses(o, nil, other, model.Server{Version: version})...)
	}
	if k.Fits != nil {
		problems = append(problems, k.Fits(o, other)...)
	}
	return problems
}

// decoded returns a JSON object.
func decoded(t *testing.T, text string) model.Object {
	t.Helper()
	var o model.Object
	if err := (keycloak.Response{Body: []byte(text)}).Decode(&o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

// TestRefusedProfiles shows that the settings of validators that kcsync refuses
// are those that the server does.
func TestRefusedProfiles(t *testing.T) {
	c, realm, version := refusingRealm(t, "profiles")
	path := keycloak.Path("admin", "realms", realm, "users", "profile")
	base := got(t, c, path)
	for _, r := range []refusal{
		{`"validations": {"length": {}}`, refused},
		{`"validations": {"length": {"min": "3"}}`, taken},
		{`"validations": {"length": {"min": "x"}}`, refused},
		{`"validations": {"length": {"min": 5, "max": 3}}`, refused},
		{`"validations": {"length": {"min": 3, "max": 3}}`, taken},
		{`"validations": {"length": {"min": 1.5}}`, taken},
		{`"validations": {"length": {"min": " 3"}}`, refused},
		{`"validations": {"length": {"min": true}}`, refused},
		{`"validations": {"length": {"min": "+3"}}`, taken},
		{`"validations": {"integer": {}}`, taken},
		{`"validations": {"integer": {"min": "1.5"}}`, refused},
		{`"validations": {"integer": {"min": 3, "max": 3}}`, refused},
		{`"validations": {"double": {"min": "1.5", "max": "1e3"}}`, taken},
		{`"validations": {"double": {"min": "1,5"}}`, refused},
		{`"validations": {"double": {"min": "1d"}}`, taken},
		{`"validations": {"pattern": {}}`, refused},
		{`"validations": {"pattern": {"pattern": "["}}`, refused},
		{`"validations": {"pattern": {"pattern": 3}}`, refused},
		{`"validations": {"pattern": {"pattern": "a*+(?<=x)[a&&b]"}}`, taken},
		{`"validations": {"pattern": {"pattern": "[z-a]"}}`, refused},
		{`"validations": {"pattern": {"pattern": "\\p{InNowhere}"}}`, unknown},
		{`"validations": {"options": {}}`, refused},
		{`"validations": {"options": {"options": "a"}}`, refused},
		{`"validations": {"options": {"options": []}}`, taken},
		{`"validations": {"multivalued": {"min": 1}}`, refused},
		{`"validations": {"multivalued": {"max": 3}}`, taken},
		{`"validations": {"multivalued": {"min": 4, "max": 3}}`, refused},
		{`"validations": {"email": {"max-local-length": "x"}}`, refused},
		{`"validations": {"email": {"max-local-length": 200}}`, taken},
		{`"validations": {"uri": {}, "local-date": {}, "iso-date": {}, "not-blank": {}}`, taken},
		{`"annotations": {"inputOptions": "x"}`, refused},
		{`"annotations": {"inputOptionLabels": []}`, refused},
		{`"annotations": {"inputType": 3}`, taken},
		{`"defaultValue": "abc", "validations": {"length": {"max": 3}}`, taken},
		{`"name": "a b"`, refused},
		{`"name": "Email"`, taken},
	} {
		profile := base.Clone()
		profile["attributes"] = append(profile["attributes"].([]any), map[string]any(decoded(t, `{"name": "x", `+r.body+`}`)))
		judge(t, c, version, r.body, r.says, model.Lookup("user-profile"), profile, nil, keycloak.Request{Method: "PUT", Path: path, Body: profile})
	}
}

// TestRefusedPatterns shows that the regular expressions which kcsync refuses are
// those that the server does.
func TestRefusedPatterns(t *testing.T) {
	c, realm, _ := refusingRealm(t, "patterns")
	path := keycloak.Path("admin", "realms", realm, "users", "profile")
	base := got(t, c, path)
	text, err := os.ReadFile("../../javaregexp/testdata/patterns.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		pattern := strings.TrimSuffix(line[len("refuses "):], "\n")
		profile := base.Clone()
		profile["attributes"] = append(profile["attributes"].([]any), map[string]any{"name": "x", "validations": map[string]any{"pattern": map[string]any{"pattern": pattern}}})
		_, err := c.Do(t.Context(), keycloak.Request{Method: "PUT", Path: path, Body: profile})
		if (err != nil) != strings.HasPrefix(line, "refuses") {
			t.Errorf("%s: the server says %v", pattern, err)
		}
	}
}

// TestRefusedUsers shows that the values of users that kcsync refuses are those
// that the server does.
func TestRefusedUsers(t *testing.T) {
	c, realm, version := refusingRealm(t, "users")
	path := keycloak.Path("admin", "realms", realm)
	base := got(t, c, path+"/users/profile")
	settings := got(t, c, path)
	everybody := `"permissions": {"view": ["admin"], "edit": ["admin"]}`
	for _, of := range []struct {
		attribute string // "": only what a new realm has
		users     []refusal
	}{
		{"", []refusal{
			{`"username": "ab"`, refused},
			{`"username": "a+b@c_d-e.f"`, taken},
			{`"username": "a<b"`, refused},
			{`"username": "a b"`, refused},
			{`"username": "a,b"`, refused},
			{`"username": "müller"`, taken},
			{`"username": "иван"`, refused},
			{`"email": "x"`, refused},
			{`"email": "x@y"`, taken},
			{`"email": "a b@c.de"`, refused},
			{`"email": "\"a b\"@c.de"`, taken},
			{`"email": "x@-y.de"`, refused},
			{`"email": "x@y..de"`, refused},
			{`"email": ".x@y.de"`, refused},
			{`"email": "x@y_z.de"`, refused},
			{`"email": "x@y.de."`, refused},
			{`"email": "x@[1.2.3.4]"`, taken},
			{`"email": "o'x+y@z.de"`, taken},
			{`"email": "ü@y.de"`, taken},
			{`"email": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@y.de"`, refused},
			{`"firstName": "Anne-Marie O'Neill, Dr."`, taken},
			{`"firstName": "a\nb"`, refused},
			{`"firstName": "Ann (admin)"`, refused},
			{`"firstName": ""`, taken},
		}},
		{everybody + `, "validations": {"length": {"max": 3000}}`, []refusal{{`["` + strings.Repeat("a", 2500) + `"]`, taken}}},
		{everybody, []refusal{
			{`["` + strings.Repeat("a", 2500) + `"]`, refused},
			{`["a"]`, taken},
			{`["a", "b"]`, refused},
			{`["", "a"]`, taken},
		}},
		{everybody + `, "multivalued": true`, []refusal{{`["a", "b"]`, taken}}},
		{everybody + `, "required": {}`, []refusal{{`null`, refused}, {`[" "]`, refused}, {`["a"]`, taken}}},
		{everybody + `, "required": {"roles": ["admin"]}`, []refusal{{`null`, refused}}},
		{everybody + `, "required": {"roles": ["user"]}`, []refusal{{`null`, taken}}},
		{everybody + `, "required": {"scopes": ["email"]}`, []refusal{{`null`, taken}}},
		{`"required": {}, "permissions": {"view": ["admin"], "edit": ["user"]}`, []refusal{{`null`, taken}}},
		{everybody + `, "multivalued": true, "validations": {"multivalued": {"min": 2, "max": 3}}`, []refusal{
			{`null`, refused}, {`["a"]`, refused}, {`["a", "b"]`, taken}, {`["a", "b", "c", "d"]`, refused},
		}},
		{everybody + `, "validations": {"length": {"min": 2, "max": 3}}`, []refusal{
			{`["a"]`, refused}, {`["ab "]`, taken}, {`[" a "]`, refused}, {`["abcd"]`, refused}, {`["äöü"]`, taken}, {`["😀😀"]`, refused}, {`null`, taken},
		}},
		{everybody + `, "validations": {"integer": {"min": "2", "max": 5}}`, []refusal{
			{`["3"]`, taken}, {`["1"]`, refused}, {`["3.0"]`, refused}, {`[" 3"]`, refused}, {`["+3"]`, taken}, {`["٣"]`, taken},
		}},
		{everybody + `, "validations": {"double": {"min": 1.5}}`, []refusal{
			{`["1"]`, refused}, {`["1e3"]`, taken}, {`[" 2d "]`, taken}, {`["2,5"]`, refused}, {`["0x1p3"]`, taken},
		}},
		{everybody + `, "validations": {"pattern": {"pattern": "[a-c]+"}}`, []refusal{
			{`["abc"]`, taken}, {`["xabc"]`, refused}, {`["abc\n"]`, refused},
		}},
		{everybody + `, "validations": {"pattern": {"pattern": "(?=x).*"}}`, []refusal{{`["xa"]`, taken}, {`["ax"]`, unknown}}},
		{everybody + `, "validations": {"options": {"options": ["a", "b"]}}`, []refusal{{`["a"]`, taken}, {`["A"]`, refused}, {`["a "]`, refused}}},
		{everybody + `, "validations": {"email": {"max-local-length": 3}}`, []refusal{{`["abc@d.de"]`, taken}, {`["abcd@d.de"]`, refused}}},
		{everybody + `, "validations": {"uri": {}}`, []refusal{
			{`["http://x"]`, taken}, {`["x"]`, refused}, {`["ftp://x"]`, refused}, {`["http://a b"]`, refused}, {`["https://ü/y#z"]`, taken}, {`["HTTP://x"]`, refused},
		}},
		{everybody + `, "validations": {"iso-date": {}}`, []refusal{{`["2024-02-29"]`, taken}, {`["2024-02-30"]`, refused}, {`["2024-1-1"]`, refused}}},
		{everybody + `, "validations": {"local-date": {}}`, []refusal{{`["1/31/24"]`, taken}, {`["2024-01-31"]`, unknown}}},
		{everybody + `, "validations": {"person-name-prohibited-characters": {}}`, []refusal{{`["a<b"]`, refused}, {`["a'b"]`, taken}}},
		{`"permissions": {"view": ["admin"], "edit": ["user"]}, "validations": {"multivalued": {"min": 1, "max": 3}}`, []refusal{{`null`, refused}}},
		{`"permissions": {"view": ["admin"], "edit": []}, "validations": {"not-blank": {}}`, []refusal{{`null`, refused}}},
		{`"validations": {"length": {"min": 2}}`, []refusal{{`null`, taken}}},
		{everybody + `, "validations": {"not-blank": {}}`, []refusal{{`null`, refused}, {`["a"]`, taken}}},
	} {
		profile := base.Clone()
		if of.attribute != "" {
			profile["attributes"] = append(profile["attributes"].([]any), map[string]any(decoded(t, `{"name": "x", `+of.attribute+`}`)))
		}
		if _, err := c.Do(context.Background(), keycloak.Request{Method: "PUT", Path: path + "/users/profile", Body: profile}); err != nil {
			t.Fatalf("%s: %v", of.attribute, err)
		}
		others := map[string]model.Object{"user-profile": model.Lookup("user-profile").Canonical(profile), "realm": settings}
		for i, r := range of.users {
			text := fmt.Sprintf(`{"username": "user-%d", "attributes": {"x": %s}}`, i, r.body)
			if of.attribute == "" {
				text = fmt.Sprintf(`{"username": "user-%d", %s}`, i, r.body)
			}
			user := decoded(t, text)
			id := judge(t, c, version, of.attribute+" "+r.body, r.says, model.Lookup("user"), user,
				func(kind, _ string) model.Object { return others[kind] },
				keycloak.Request{Method: "POST", Path: path + "/users", Body: json.RawMessage(text)})
			if id != "" {
				if _, err := c.Do(context.Background(), keycloak.Request{Method: "DELETE", Path: path + "/users/" + id}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// refusingRealm makes a realm for a test.
func refusingRealm(t *testing.T, of string) (c *keycloak.Client, realm, version string) {
	t.Helper()
	c = testServer(t)
	info, err := c.ServerInfo(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	realm = realmName("refused-" + of)
	body := map[string]any{"realm": realm, "enabled": true}
	if _, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms", Body: body}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := removeRealms(c, realm); err != nil {
			t.Error(err)
		}
	})
	return c, realm, info.Version
}

// got returns an object of the server, which a query may name.
func got(t *testing.T, c *keycloak.Client, path string, query ...string) model.Object {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	res, err := c.Do(context.Background(), keycloak.Request{Method: "GET", Path: path, Query: values, Repeatable: true})
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, string(res.Body))
}

// TestRefusedWorkflows shows the same of workflows.
func TestRefusedWorkflows(t *testing.T) {
	c, realm, version := refusingRealm(t, "workflows")
	if !model.HasVersion(version, "26.7") {
		return // they are a preview until then, and know other words
	}
	const steps = `"steps": [{"uses": "disable-user", "after": "1d"}]`
	for i, r := range []refusal{
		{`"on": "user_created"`, taken},
		{`"on": "USER-CREATED OR user_authenticated(shop)"`, taken},
		{`"on": "not (user-created or !user-authenticated)"`, taken},
		{`"on": "not (user-created or not user-authenticated(a\\))"`, refused},
		{`"on": "not (user-created or not user-authenticated(a\\)))"`, taken},
		{`"on": "user_created("`, refused},
		{`"on": "user_created or"`, refused},
		{`"on": "user_created, user_authenticated"`, refused},
		{`"on": ""`, taken},
		{`"if": "has-role(a) and is-member-of(/b c)"`, taken},
		{`"if": "has-role"`, taken},
		{`"if": "has-role(a) has-role(b)"`, refused},
		{`"if": "(has-role(a)"`, refused},
		{`"if": "has-role(a))"`, refused},
		{`"if": "1"`, refused},
		{`"if": "has-role (a)"`, taken},
		{`"concurrency": {"cancel-in-progress": "true"}`, taken},
		{`"concurrency": {"cancel-in-progress": "user-created("}`, refused},
		{`"schedule": {"after": "1d"}`, taken},
		{`"schedule": {"after": "0"}`, refused},
		{`"schedule": {"after": ""}`, refused},
		{`"steps": []`, refused},
		{`"steps": [{"uses": "disable-user"}, {"uses": "restart"}]`, refused},
		{`"steps": [{"uses": "disable-user", "after": "0"}, {"uses": "restart"}]`, refused},
		{`"steps": [{"uses": "disable-user"}, {"uses": "restart", "after": "1d"}]`, taken},
		{`"steps": [{"uses": "disable-user", "after": "1d"}, {"uses": "restart", "with": {"position": ["1"]}}]`, refused},
		{`"steps": [{"uses": "disable-user", "after": "1d"}, {"uses": "restart", "with": {"position": ["-1"]}}]`, refused},
		{`"steps": [{"uses": "disable-user", "after": "1d"}, {"uses": "restart", "with": {"position": ["x"]}}]`, refused},
		{`"steps": [{"uses": "restart", "after": "1d"}, {"uses": "disable-user", "after": "1d"}]`, refused},
		{`"steps": [{"uses": "disable-user"}, {"uses": "disable-client"}]`, refused},
		{`"steps": [{"uses": "restart", "after": "1d"}]`, unknown},
	} {
		text := fmt.Sprintf(`{"name": "w%d", %s, %s}`, i, r.body, steps)
		if strings.HasPrefix(r.body, `"steps"`) {
			text = fmt.Sprintf(`{"name": "w%d", %s}`, i, r.body)
		}
		judge(t, c, version, r.body, r.says, model.Lookup("workflow"), decoded(t, text), nil,
			keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms", realm, "workflows"), Body: json.RawMessage(text)})
	}
}

// TestRefusedClients shows the same of the attributes of clients.
func TestRefusedClients(t *testing.T) {
	c, realm, version := refusingRealm(t, "clients")
	path := keycloak.Path("admin", "realms", realm)
	levels := map[string]any{"attributes": map[string]any{"acr.loa.map": `{"gold": 2}`}}
	if _, err := c.Do(context.Background(), keycloak.Request{Method: "PUT", Path: path, Body: levels}); err != nil {
		t.Fatal(err)
	}
	settings := got(t, c, path)
	newer := func(a answer) answer {
		if model.HasVersion(version, "26.6") {
			return a
		}
		return taken
	}
	for i, r := range []refusal{
		{`"acr.loa.map": "{\"gold\": 2, \"silver\": \"1\"}"`, taken},
		{`"acr.loa.map": "{}"`, taken},
		{`"acr.loa.map": "x"`, newer(refused)},
		{`"acr.loa.map": "[]"`, newer(refused)},
		{`"acr.loa.map": "{\"gold\": \"high\"}"`, newer(refused)},
		{`"acr.loa.map": "{\"gold\": {}}"`, newer(refused)},
		{`"default.acr.values": "gold##1"`, taken},
		{`"default.acr.values": "gold##silver"`, refused},
		{`"default.acr.values": "2"`, unknown},
		{`"default.acr.values": "silver", "acr.loa.map": "{\"silver\": 1}"`, taken},
		{`"minimum.acr.value": "silver"`, refused},
		{`"request.uris": "https://a.example##/b"`, taken},
		{`"request.uris": "https://a.example##javascript:x"`, newer(refused)},
		{`"ciba.backchannel.auth.request.signing.alg": "ES256"`, taken},
		{`"ciba.backchannel.auth.request.signing.alg": "none"`, taken},
		{`"ciba.backchannel.auth.request.signing.alg": "HS256"`, refused},
		{`"ciba.backchannel.auth.request.signing.alg": "any"`, refused},
		{`"ciba.backchannel.client.notification.endpoint": "x"`, refused},
		{`"saml_assertion_consumer_url_redirect": "x"`, refused},
		{`"saml_artifact_resolution_service_url": "https://a.example/x"`, taken},
		{`"pkce.code.challenge.method": ""`, taken},
	} {
		text := fmt.Sprintf(`{"clientId": "c%d", "attributes": {%s}}`, i, r.body)
		o := decoded(t, text)
		if strings.HasPrefix(r.body, `"saml`) {
			o["protocol"] = "saml"
		}
		judge(t, c, version, r.body, r.says, model.Lookup("client"), o,
			func(string, string) model.Object { return settings },
			keycloak.Request{Method: "POST", Path: path + "/clients", Body: o})
	}
}

// TestRefusedRealms shows the same of password policies and mail servers.
func TestRefusedRealms(t *testing.T) {
	c, realm, version := refusingRealm(t, "realms")
	path := keycloak.Path("admin", "realms", realm)
	newer := func(a answer) answer {
		if model.HasVersion(version, "26.7") {
			return a
		}
		return taken
	}
	for _, r := range []refusal{
		{`"passwordPolicy": "length(8) and notUsername(undefined) and digits"`, taken},
		{`"passwordPolicy": "length(undefined)"`, refused},
		{`"passwordPolicy": "length(8.5)"`, refused},
		{`"passwordPolicy": "length(8)and digits(1)"`, refused},
		{`"passwordPolicy": "digits(1"`, refused},
		{`"passwordPolicy": "maxAuthAge(x)"`, refused},
		{`"passwordPolicy": "regexPattern(^(?=.*[a-z]).{8,}$)"`, taken},
		{`"passwordPolicy": "regexPattern(()"`, refused},
		{`"passwordPolicy": "regexPattern"`, refused},
		{`"passwordPolicy": "hashAlgorithm"`, refused},
		{`"passwordPolicy": "passwordBlacklist()"`, refused},
		{`"passwordPolicy": "passwordBlacklist(../x.txt)"`, refused},
		{`"passwordPolicy": "passwordBlacklist(not-there.txt)"`, unknown},
		{`"accessCodeLifespanLogin": 0, "accessCodeLifespanUserAction": 300`, refused},
		{`"accessCodeLifespanLogin": 1800, "accessCodeLifespanUserAction": -1`, refused},
		{`"ssoSessionIdleTimeout": 1800, "clientSessionIdleTimeout": 1800`, taken},
		{`"ssoSessionIdleTimeout": 1800, "clientSessionIdleTimeout": 1801`, newer(refused)},
		{`"ssoSessionMaxLifespan": 36000, "clientSessionMaxLifespan": 36001`, newer(refused)},
		{`"ssoSessionMaxLifespan": 36000, "clientSessionMaxLifespan": 36001, "rememberMe": false, "ssoSessionMaxLifespanRememberMe": 40000`, newer(refused)},
		{`"ssoSessionMaxLifespan": 36000, "clientSessionMaxLifespan": 36001, "rememberMe": true, "ssoSessionMaxLifespanRememberMe": 40000`, taken},
		{`"ssoSessionIdleTimeout": 0, "clientSessionIdleTimeout": 0, "clientSessionMaxLifespan": 0, "rememberMe": false`, taken},
		{`"clientOfflineSessionIdleTimeout": 99999999, "offlineSessionIdleTimeout": 60`, taken},
		{`"smtpServer": {}`, taken},
		{`"smtpServer": {"host": "mail.example"}`, refused},
		{`"smtpServer": {"host": "mail.example", "from": "a@b.example", "port": "x", "envelopeFrom": "x"}`, taken},
		{`"smtpServer": {"host": "mail.example", "from": "a@b.example", "replyTo": "x"}`, newer(refused)},
	} {
		judge(t, c, version, r.body, r.says, model.Realm, decoded(t, `{`+r.body+`}`), func(string, string) model.Object { return nil },
			keycloak.Request{Method: "PUT", Path: path, Body: json.RawMessage(`{` + r.body + `}`)})
	}
}

// TestRefusedFederationMappers shows the same of the mappers of directories.
func TestRefusedFederationMappers(t *testing.T) {
	c, realm, version := refusingRealm(t, "federation")
	path := keycloak.Path("admin", "realms", realm, "components")
	made := func(body model.Object) string {
		t.Helper()
		res, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: path, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		return res.LocationID()
	}
	directory := decoded(t, `{"name": "corp", "providerId": "ldap", "providerType": "org.keycloak.storage.UserStorageProvider", "config": {
		"vendor": ["other"], "connectionUrl": ["ldap://ldap.invalid"], "usersDn": ["ou=people"], "editMode": ["READ_ONLY"], "authType": ["none"],
		"usernameLDAPAttribute": ["uid"], "rdnLDAPAttribute": ["uid"], "uuidLDAPAttribute": ["entryUUID"], "userObjectClasses": ["person"]}}`)
	id := made(directory)
	federation := model.Lookup("user-federation").Canonical(directory)
	const attribute, certificate = `"ldap.attribute": ["mail"], "user.model.attribute": ["email"]`, `"user.model.attribute": ["x"], "ldap.attribute": ["c"]`
	const group, role = `"groups.dn": ["ou=groups"], "mode": ["READ_ONLY"]`, `"roles.dn": ["ou=roles"], "mode": ["READ_ONLY"], "use.realm.roles.mapping": ["true"]`
	for i, r := range []struct {
		provider, config string
		says             answer
	}{
		{"user-attribute-ldap-mapper", attribute, taken},
		{"user-attribute-ldap-mapper", `"ldap.attribute": ["mail"]`, refused},
		{"user-attribute-ldap-mapper", `"user.model.attribute": ["email"], "ldap.attribute": [" "]`, refused},
		{"user-attribute-ldap-mapper", attribute + `, "is.binary.attribute": ["true"]`, refused},
		{"user-attribute-ldap-mapper", attribute + `, "is.binary.attribute": ["true"], "always.read.value.from.ldap": ["TRUE"]`, taken},
		{"user-attribute-ldap-mapper", attribute + `, "is.binary.attribute": ["yes"]`, taken},
		{"certificate-ldap-mapper", certificate, taken},
		{"certificate-ldap-mapper", certificate + `, "is.der.formatted": ["true"]`, refused},
		{"full-name-ldap-mapper", `"ldap.full.name.attribute": ["cn"]`, taken},
		{"full-name-ldap-mapper", `"read.only": ["true"]`, refused},
		{"full-name-ldap-mapper", `"ldap.full.name.attribute": ["cn"], "read.only": ["true"], "write.only": ["true"]`, refused},
		{"full-name-ldap-mapper", `"ldap.full.name.attribute": ["cn"], "read.only": ["false"], "write.only": ["true"]`, refused},
		{"hardcoded-attribute-mapper", `"user.model.attribute": ["x"], "attribute.value": ["y"]`, taken},
		{"hardcoded-attribute-mapper", `"user.model.attribute": ["x"]`, refused},
		{"hardcoded-attribute-mapper", `"user.model.attribute": ["Email"], "attribute.value": ["y"]`, refused},
		{"hardcoded-ldap-attribute-mapper", `"ldap.attribute.name": ["x"]`, refused},
		{"hardcoded-ldap-attribute-mapper", `"ldap.attribute.name": ["x"], "ldap.attribute.value": ["y"]`, taken},
		{"hardcoded-ldap-role-mapper", ``, refused},
		{"hardcoded-ldap-role-mapper", `"role": ["offline_access"]`, taken},
		{"hardcoded-ldap-group-mapper", ``, refused},
		{"group-ldap-mapper", group, taken},
		{"group-ldap-mapper", `"mode": ["READ_ONLY"]`, refused},
		{"group-ldap-mapper", `"groups.dn": ["ou=groups"]`, refused},
		{"group-ldap-mapper", `"groups.dn": ["ou=groups"], "mode": ["READ"]`, broken},
		{"group-ldap-mapper", group + `, "membership.attribute.type": ["dn"]`, refused},
		{"group-ldap-mapper", group + `, "membership.attribute.type": ["UID"]`, taken},
		{"group-ldap-mapper", group + `, "membership.attribute.type": ["UID"], "preserve.group.inheritance": ["true"]`, refused},
		{"group-ldap-mapper", group + `, "groups.ldap.filter": ["cn=x"]`, refused},
		{"group-ldap-mapper", group + `, "groups.ldap.filter": [" (cn=x) "]`, taken},
		{"role-ldap-mapper", role, taken},
		{"role-ldap-mapper", `"roles.dn": ["ou=roles"], "mode": ["READ_ONLY"]`, refused},
		{"role-ldap-mapper", `"roles.dn": ["ou=roles"], "mode": ["READ_ONLY"], "client.id": ["account"]`, taken},
		{"role-ldap-mapper", role + `, "roles.ldap.filter": ["cn=x"]`, refused},
	} {
		mapper := decoded(t, fmt.Sprintf(`{"name": "m%d", "providerId": %q, "providerType": "org.keycloak.storage.ldap.mappers.LDAPStorageMapper", "parentId": %q, "config": {%s}}`, i, r.provider, id, r.config))
		judge(t, c, version, r.provider+" "+r.config, r.says, model.Lookup("user-federation-mapper"), mapper,
			func(string, string) model.Object { return federation }, keycloak.Request{Method: "POST", Path: path, Body: mapper})
	}
}

// TestRefusedPairwiseMappers shows the same of the mappers by which each host
// knows users by another id.
func TestRefusedPairwiseMappers(t *testing.T) {
	c, realm, version := refusingRealm(t, "pairwise")
	path := keycloak.Path("admin", "realms", realm, "clients")
	for i, r := range []struct {
		owner, config string
		says          answer
	}{
		{`"redirectUris": []`, ``, refused},
		{`"redirectUris": ["/x"]`, ``, refused},
		{`"redirectUris": ["/x"], "rootUrl": "https://a.example"`, ``, taken},
		{`"redirectUris": ["*"]`, ``, taken},
		{`"redirectUris": ["https://a.example:1/x", "https://a.example/*", "https://a.example"]`, ``, taken},
		{`"redirectUris": ["https://a.example/x", "https://b.example/x"]`, ``, refused},
		{`"redirectUris": ["http://localhost/x", "http://127.0.0.1/x"]`, ``, refused},
		{`"redirectUris": ["https://a.example/x", "app:/x"]`, ``, unknown},
		{`"redirectUris": ["https://a.example/x"]`, `"sectorIdentifierUri": "a.example"`, refused},
		{`"redirectUris": ["https://a.example/x"]`, `"sectorIdentifierUri": "https://sector.invalid"`, unknown},
	} {
		owner := decoded(t, fmt.Sprintf(`{"clientId": "c%d", "publicClient": true, %s}`, i, r.owner))
		res, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: path, Body: owner})
		if err != nil {
			t.Fatal(err)
		}
		mapper := decoded(t, `{"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": {`+r.config+`}}`)
		judge(t, c, version, r.owner+" "+r.config, r.says, model.Lookup("protocol-mapper"), mapper,
			func(string, string) model.Object { return owner },
			keycloak.Request{Method: "POST", Path: path + "/" + res.LocationID() + "/protocol-mappers/models", Body: mapper})
	}
}
