package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// TestNewerServer shows that what a newer server has of each kind, and nobody here
// knows, survives an update: a server stands before Keycloak that shows such a field
// in all that it answers, and has to be given it back.
func TestNewerServer(t *testing.T) {
	c, realm, version := refusingRealm(t, "newer")
	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	dir := t.TempDir()
	write := func(note string) {
		t.Helper()
		text := strings.NewReplacer("REALM", realm, "NOTE", note, "DECISION", map[string]string{"1": "UNANIMOUS", "2": "AFFIRMATIVE"}[note]).Replace(newerRealm)
		if !model.HasVersion(version, "26.7") {
			text, _, _ = strings.Cut(text, "workflows:")
		}
		if err := os.WriteFile(filepath.Join(dir, "realm.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("1")
	t.Setenv("KCSYNC_URL", c.URL())
	if code, said := runKcsync("apply", "--yes", dir); code != exitFine {
		t.Fatal(said)
	}
	s := &newerServer{t: t, realm: realm, put: map[string]bool{}}
	s.start(c)
	write("2")
	t.Setenv("KCSYNC_URL", s.url)
	if code, said := runKcsync("apply", "--yes", dir); code != exitFine {
		t.Fatal(said)
	}
	want := []string{"", "/client-policies/policies", "/client-policies/profiles", "/client-scopes/*", "/client-scopes/*/protocol-mappers/models/*", "/clients/*",
		"/clients/*/authz/resource-server", "/clients/*/authz/resource-server/permission/scope/*", "/clients/*/authz/resource-server/policy/*", "/clients/*/authz/resource-server/resource/*", "/clients/*/authz/resource-server/scope/*",
		"/components/*", "/authentication/flows/*", "/authentication/required-actions/*", "/groups/*", "/identity-provider/instances/*", "/identity-provider/instances/*/mappers/*", "/organizations/*",
		"/roles-by-id/*", "/users/*", "/users/profile"}
	if model.HasVersion(version, "26.7") {
		want = append(want, "/workflows/*")
	}
	for _, path := range want {
		if !s.put[path] {
			t.Errorf("nothing was PUT to %s", path)
		}
	}
	t.Log(model.Keys(s.put))
}

// newerServer is a server before Keycloak.
type newerServer struct {
	t          *testing.T
	realm, url string

	mu  sync.Mutex
	put map[string]bool // the places to which objects were PUT, ids as *
}

// ofNewer is a field that nobody knows.
const ofNewer = "ofANewerServer"

func (s *newerServer) start(c *keycloak.Client) {
	target, err := url.Parse(c.URL())
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Accept-Encoding")
			s.request(r.Out)
		},
		ModifyResponse: s.answer,
	})
	s.t.Cleanup(server.Close)
	s.url = server.URL
}

// below returns the place of a request below the realm.
func (s *newerServer) below(r *http.Request) (path string, ok bool) {
	return strings.CutPrefix(r.URL.Path, "/admin/realms/"+s.realm)
}

var anID = regexp.MustCompile(`/([0-9a-f-]{36}|upstream|VERIFY_EMAIL)(/|$)`)

// request looks whether an update gives back what was shown, and takes it out.
func (s *newerServer) request(r *http.Request) {
	path, ok := s.below(r)
	if !ok || r.Body == nil {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		if o, isObject := v.(map[string]any); isObject && r.Method == "PUT" && !strings.HasSuffix(path, "/executions") {
			path = anID.ReplaceAllString(anID.ReplaceAllString(path, "/*$2"), "/*$2")
			s.mu.Lock()
			s.put[path] = true
			s.mu.Unlock()
			whole := members(o, "profiles", "policies") // of a document of these
			if !strings.HasPrefix(path, "/client-policies/") {
				whole = []map[string]any{o}
			}
			if slices.ContainsFunc(whole, func(m map[string]any) bool { return m[ofNewer] == nil }) {
				s.t.Errorf("PUT %s: what a newer server has is lost: %s", path, body)
			}
		}
		body, _ = json.Marshal(marked(v, nil))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
}

// members are the objects in some lists of an object.
func members(o map[string]any, lists ...string) (out []map[string]any) {
	for _, list := range lists {
		l, _ := o[list].([]any)
		for _, e := range l {
			if m, ok := e.(map[string]any); ok {
				out = append(out, m)
			}
		}
	}
	return out
}

// answer shows the field in each object of an answer.
func (s *newerServer) answer(res *http.Response) error {
	path, ok := s.below(res.Request)
	if !ok || res.Request.Method != "GET" || strings.HasPrefix(path, "/localization") || !strings.Contains(res.Header.Get("Content-Type"), "json") {
		return nil
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		body, _ = json.Marshal(marked(v, true))
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.ContentLength = int64(len(body))
	res.Header.Del("Content-Length")
	return nil
}

// marked returns an object, or all objects of a list, with the field; nil takes it
// out of them.
func marked(v, mark any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = marked(v[i], mark)
		}
	case map[string]any:
		if v[ofNewer] = mark; mark == nil {
			delete(v, ofNewer)
		}
		for _, m := range members(v, "profiles", "policies", "protocolMappers", "resources", "scopes") {
			marked(m, mark)
		}
	}
	return v
}

// newerRealm has an object of each kind that is updated by a PUT.
const newerRealm = `realm: REALM
displayName: NOTE
organizationsEnabled: true
adminPermissionsEnabled: true
roles: {realm: [{name: buyer, description: NOTE}]}
groups: [{name: staff, attributes: {note: ["NOTE"]}}]
clientScopes:
  - {name: tenant, protocol: openid-connect, description: NOTE, protocolMappers: [{name: m, protocolMapper: oidc-hardcoded-claim-mapper, config: {claim.name: c, claim.value: NOTE}}]}
clients:
  - clientId: web
    description: NOTE
  - clientId: api
    serviceAccountsEnabled: true
    authorizationServicesEnabled: true
    authorizationSettings:
      decisionStrategy: DECISION
      scopes: [{name: read, displayName: NOTE}]
      resources: [{name: shelf, displayName: NOTE}]
      policies: [{name: buyers, type: role, roles: [buyer], description: NOTE}]
users: [{username: anna, firstName: Anna NOTE, lastName: A, email: anna@shop.example}]
identityProviders:
  - alias: upstream
    providerId: oidc
    displayName: NOTE
    config: {clientId: c, clientSecret: s, authorizationUrl: "https://up.example/a", tokenUrl: "https://up.example/t"}
    mappers: [{name: m, identityProviderMapper: hardcoded-attribute-idp-mapper, config: {attribute: a, attribute.value: NOTE}}]
components:
  org.keycloak.keys.KeyProvider: [{name: hmac, providerId: hmac-generated, config: {priority: ["NOTE"]}}]
requiredActions: [{alias: VERIFY_EMAIL, name: Verify NOTE}]
authenticationFlows: [{alias: mine, description: NOTE, executions: [{authenticator: auth-cookie, requirement: ALTERNATIVE}]}]
organizations: [{name: shop, alias: shop, description: NOTE}]
userProfile:
  attributes: [{name: username}, {name: email}, {name: firstName, displayName: First NOTE, permissions: {view: [admin], edit: [admin]}}, {name: lastName, permissions: {view: [admin], edit: [admin]}}]
clientProfiles: {profiles: [{name: p, description: NOTE, executors: []}]}
clientPolicies: {policies: [{name: p, description: NOTE, enabled: true, profiles: [p], conditions: []}]}
adminPermissions:
  policies: [{name: buyers, type: role, roles: [buyer]}]
  permissions: [{name: theirs, resourceType: Users, scopes: [view], policies: [buyers], description: NOTE}]
workflows: [{name: leavers, "on": user_created, steps: [{uses: disable-user, after: NOTEd}]}]
`
