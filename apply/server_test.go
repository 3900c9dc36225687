package apply

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// place is a realm of a test's own, gone after it.
type place struct {
	*keycloak.Client
	t     *testing.T
	realm string
	env   map[string]string

	mu     sync.Mutex
	sent   []keycloak.Exchange
	onSend func(keycloak.Exchange)
}

type object = map[string]any

// newPlace names a realm; it does not exist yet.
func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, realm: "apply-test-" + strings.ToLower(rand.Text()[:10]), env: map[string]string{}}
	o := keycloak.Options{URL: os.Getenv("KCSYNC_TEST_URL"), Username: os.Getenv("KCSYNC_TEST_USERNAME"), Password: os.Getenv("KCSYNC_TEST_PASSWORD")}
	if o.URL == "" {
		t.Fatal("KCSYNC_TEST_URL names no Keycloak to test against: run scripts/test, which starts one")
	}
	o.Trace = p.trace
	var err error
	if p.Client, err = keycloak.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := p.Do(context.Background(), keycloak.Request{Method: "DELETE", Path: p.path("")})
		if err != nil && !keycloak.IsStatus(err, 404) {
			t.Error(err)
		}
		p.SignOut(context.Background())
	})
	return p
}

func (p *place) trace(x keycloak.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, x)
	if p.onSend != nil {
		p.onSend(x)
	}
}

// writes returns the requests since the last call that write, as "POST
// /clients" with the realm's own path cut off.
func (p *place) writes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, x := range p.sent {
		if x.Method != "GET" && !strings.HasPrefix(x.Path, "/realms/") && !strings.HasSuffix(x.Path, "/partial-export") {
			out = append(out, x.Method+" "+strings.TrimPrefix(x.Path, p.path("")))
		}
	}
	p.sent = nil
	return out
}

// path returns a path below the realm's, which is escaped already.
func (p *place) path(rest string) string { return keycloak.Path("admin", "realms", p.realm) + rest }

// get reads what a test has to see with its own eyes.
func (p *place) get(path string) (v any) {
	p.t.Helper()
	res, err := p.Do(context.Background(), keycloak.Request{Method: "GET", Path: p.path(path)})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := res.Decode(&v); err != nil {
		p.t.Fatal(err)
	}
	return v
}

// send changes something behind apply's back.
func (p *place) send(method, path string, body any) {
	p.t.Helper()
	if _, err := p.Do(context.Background(), keycloak.Request{Method: method, Path: p.path(path), Body: body}); err != nil {
		p.t.Fatal(err)
	}
}

var (
	baselineOnce sync.Once
	baseline     *model.Baseline
)

// fresh returns what the server makes of a new realm.
func (p *place) fresh() *model.Baseline {
	p.t.Helper()
	baselineOnce.Do(func() {
		ctx, name := context.Background(), "apply-test-fresh-"+strings.ToLower(rand.Text()[:10])
		if _, err := p.Do(ctx, keycloak.Request{Method: "POST", Path: "/admin/realms", Body: object{"realm": name}}); err != nil {
			p.t.Fatal(err)
		}
		defer p.Do(ctx, keycloak.Request{Method: "DELETE", Path: keycloak.Path("admin", "realms", name)})
		if err := p.Renew(ctx); err != nil {
			p.t.Fatal(err)
		}
		s, _, err := fetch.State(ctx, p.Client, name, fetch.All())
		if err != nil {
			p.t.Fatal(err)
		}
		baseline = &model.Baseline{Fresh: s.Record().Generic()}
	})
	if baseline == nil {
		p.t.Fatal("there is no baseline")
	}
	return baseline
}

// desire loads what files ask for: YAML of the realm's representation.
func (p *place) desire(yaml string) *model.State {
	p.t.Helper()
	dir := filepath.Join(p.t.TempDir(), p.realm)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "realm.yaml"), []byte("realm: "+p.realm+"\n"+strings.ReplaceAll(yaml, "\t", "  ")), 0o644); err != nil {
		p.t.Fatal(err)
	}
	states, diags := load.Load(dir, load.Options{})
	if diags.Errors() || len(states) != 1 {
		p.t.Fatal(diags.Error())
	}
	return states[0]
}

// work is one plan and what it was made of.
type work struct {
	desired, current *model.State
	plan             *diff.Plan
}

func (p *place) resolver() model.Resolver {
	return model.Resolver{Getenv: func(name string) (string, bool) { v, ok := p.env[name]; return v, ok }}
}

func (p *place) plan(yaml string, change ...func(*diff.Options)) work {
	p.t.Helper()
	w := work{desired: p.desire(yaml)}
	var err error
	if w.current, _, err = fetch.State(context.Background(), p.Client, p.realm, fetch.For(w.desired)); err != nil {
		p.t.Fatal(err)
	}
	o := diff.Options{Baseline: p.fresh(), Resolver: p.resolver()}
	if w.current.Missing {
		s, err := o.Baseline.Fresh.State(p.realm)
		if err != nil {
			p.t.Fatal(err)
		}
		s.Missing, s.Server = true, w.current.Server
		w.current = s
	}
	for _, f := range change {
		f(&o)
	}
	var diags model.Diagnostics
	w.plan, diags = diff.Compute(w.desired, w.current, o)
	if diags.Errors() {
		p.t.Fatal(diags.Error())
	}
	return w
}

func (p *place) run(ctx context.Context, w work) (*Result, error) {
	return Run(ctx, p.Client, w.plan, w.current, Options{Resolver: p.resolver(), Baseline: p.fresh(), Desired: w.desired})
}

// apply makes the realm what the files say, and sees to it that a second plan
// is empty.
func (p *place) apply(yaml string, change ...func(*diff.Options)) work {
	p.t.Helper()
	w := p.plan(yaml, change...)
	p.writes()
	res, err := p.run(context.Background(), w)
	if err != nil {
		for _, f := range res.Failed {
			p.t.Error(f.Err)
		}
		p.t.Fatal(err)
	}
	if !res.Verified || len(res.Done) != len(w.plan.Changes) {
		p.t.Fatalf("verified %v, %d of %d done", res.Verified, len(res.Done), len(w.plan.Changes))
	}
	p.mu.Lock()
	sent := p.sent
	p.mu.Unlock()
	if again := p.plan(yaml, change...); !again.plan.Empty() {
		p.t.Fatalf("the plan after the apply is not empty: %s", summary(again.plan.Changes))
	}
	p.mu.Lock()
	p.sent = sent
	p.mu.Unlock()
	return w
}

func prune(o *diff.Options) { o.Prune = true }

const acme = `
displayName: Acme
enabled: true
accessTokenLifespan: 600
attributes: {frontendUrl: "https://acme.example"}
smtpServer: {host: mail.acme.example, from: no-reply@acme.example, auth: "true", user: mailer, password: "${env:SMTP}"}
browserFlow: browser
defaultGroups: [/staff]
defaultDefaultClientScopes: [profile, email, roles, basic, tenant]
defaultOptionalClientScopes: [phone, address, acr]
roles:
  realm:
  - name: admin
    description: Runs things
    attributes: {level: [high]}
    composites: {realm: [user, auditor], client: {realm-management: [view-users], web: [editor]}}
  - name: user
    composites: {realm: [auditor]}
  - name: auditor
    composites: {realm: [user]}
  client:
    web:
    - {name: editor, composites: {client: {web: [viewer]}}}
    - {name: viewer}
clientScopes:
- name: tenant
  protocol: openid-connect
  attributes: {include.in.token.scope: "true"}
  protocolMappers:
  - {name: tenant, protocolMapper: oidc-usermodel-attribute-mapper, config: {user.attribute: tenant, claim.name: tenant, access.token.claim: "true"}}
  scopeMappings: {realm: [user], client: {web: [viewer]}}
clients:
- clientId: web
  secret: ${env:WEB}
  redirectUris: ["https://web.acme.example/*"]
  defaultClientScopes: [profile, tenant, phone, service_account]
  serviceAccountsEnabled: true
  authenticationFlowBindingOverrides: {browser: browser, direct_grant: direct grant}
  attributes: {pkce.code.challenge.method: S256}
  protocolMappers:
  - {name: aud, protocolMapper: oidc-audience-mapper, config: {included.client.audience: api, access.token.claim: "true"}}
  - {name: ten, protocolMapper: oidc-usermodel-attribute-mapper, config: {user.attribute: tenant, claim.name: ten, access.token.claim: "true"}}
  - {name: hard, protocolMapper: oidc-hardcoded-claim-mapper, config: {claim.name: x, claim.value: "1", access.token.claim: "true"}}
  scopeMappings: {realm: [auditor]}
  fullScopeAllowed: false
  serviceAccount:
    realmRoles: [user]
    clientRoles: {realm-management: [view-users], web: [viewer]}
    groups: [/staff/emea]
- {clientId: api, bearerOnly: true}
- {clientId: legacy, protocol: saml}
groups:
- name: staff
  attributes: {site: [hq]}
  realmRoles: [user]
  clientRoles: {web: [viewer]}
  subGroups:
  - {name: emea, subGroups: [{name: north, realmRoles: [auditor]}]}
  - {name: apac}
- name: guests
identityProviders:
- alias: google
  providerId: google
  config: {clientId: x, clientSecret: "${env:GOOGLE}"}
  mappers:
  - {name: tenant, identityProviderMapper: google-user-attribute-mapper, config: {syncMode: INHERIT, jsonField: hd, userAttribute: tenant}}
  - {name: role, identityProviderMapper: oidc-hardcoded-role-idp-mapper, config: {syncMode: INHERIT, role: user}}
`
