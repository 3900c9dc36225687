package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
)

// TestPeopleLogIn lets people sign in without pause, through a flow that is
// changed, renamed and rebuilt meanwhile. Some have begun before each change
// and go on after it. Nobody may meet an error; some of those who stood at a
// step that went may have to begin again.
func TestPeopleLogIn(t *testing.T) {
	c := testServer(t)
	realm := realmName("login")
	t.Cleanup(func() { removeRealms(c, realm) })
	dir := filepath.Join(t.TempDir(), realm)
	write := func(alias, previously, executions string) {
		t.Helper()
		for name, text := range map[string]string{
			"realm.yaml":                     "realm: " + realm + "\nenabled: true\nbrowserFlow: " + alias + "\n",
			"clients/web.yaml":               "clientId: web\npublicClient: true\nredirectUris: [http://localhost:1/*]\n",
			"authentication/flows/flow.yaml": "alias: " + alias + "\n" + previously + "executions:\n" + executions,
		} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		applyFiles(t, dir)
	}

	write("sign-in", "", flowBefore)
	user := map[string]any{"username": "ada", "enabled": true, "email": "ada@shop.example", "firstName": "Ada", "lastName": "L",
		"credentials": []any{map[string]any{"type": "password", "value": "engine"}}}
	if _, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms/" + realm + "/users", Body: user}); err != nil {
		t.Fatal(err)
	}

	var done, again atomic.Int64
	finish := func(p *person) {
		n, err := p.finish()
		if err != nil {
			t.Error(err)
			return
		}
		done.Add(1)
		if n > 0 {
			again.Add(1)
		}
	}
	for _, change := range []struct{ why, alias, previously, executions string }{
		{"requirement, order and configuration", "sign-in", "", flowEdited},
		{"another name", "login", "previously: sign-in\n", flowEdited},
		{"other steps", "login", "", flowRebuilt},
		{"other steps, all required", "login", "", flowRequired},
		{"as it was", "login", "", flowBefore},
	} {
		var begun []*person
		for range 3 {
			p := &person{realm: realm}
			if err := p.begin(); err != nil {
				t.Fatalf("%s: %v", change.why, err)
			}
			begun = append(begun, p)
		}
		before, restarted := done.Load(), again.Load()
		stop := make(chan struct{})
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					p := &person{realm: realm}
					if err := p.begin(); err != nil {
						t.Error(err)
						return
					}
					finish(p)
				}
			})
		}
		write(change.alias, change.previously, change.executions)
		for _, p := range begun {
			finish(p)
		}
		close(stop)
		all.Wait()
		t.Logf("%s: %d logins, %d of them had to begin again", change.why, done.Load()-before, again.Load()-restarted)
		if t.Failed() {
			t.Fatalf("%s broke logins", change.why)
		}
	}
}

const flowBefore = `
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - flow: sign-in forms
    requirement: ALTERNATIVE
    executions:
      - {authenticator: auth-username-password-form, requirement: REQUIRED}
      - flow: sign-in second factor
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: auth-otp-form, requirement: REQUIRED}
`

const flowEdited = `
  - authenticator: identity-provider-redirector
    requirement: ALTERNATIVE
    authenticatorConfig: {alias: redirect, config: {defaultProvider: ""}}
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - flow: sign-in forms
    requirement: REQUIRED
    executions:
      - {authenticator: auth-username-password-form, requirement: REQUIRED}
      - flow: sign-in second factor
        requirement: CONDITIONAL
        executions:
          - {authenticator: conditional-user-configured, requirement: REQUIRED}
          - {authenticator: auth-otp-form, requirement: ALTERNATIVE}
          - {authenticator: auth-recovery-authn-code-form, requirement: ALTERNATIVE}
`

const flowRebuilt = `
  - {authenticator: auth-cookie, requirement: ALTERNATIVE}
  - flow: sign-in forms
    requirement: ALTERNATIVE
    executions:
      - {authenticator: auth-username-form, requirement: REQUIRED}
      - flow: sign-in factors
        requirement: REQUIRED
        executions:
          - {authenticator: auth-password-form, requirement: ALTERNATIVE}
          - {authenticator: webauthn-authenticator, requirement: ALTERNATIVE}
  - flow: sign-in second factor
    requirement: DISABLED
    executions:
      - {authenticator: auth-otp-form, requirement: REQUIRED}
`

const flowRequired = `
  - {authenticator: auth-username-form, requirement: REQUIRED}
  - {authenticator: auth-password-form, requirement: REQUIRED}
  - flow: sign-in forms
    requirement: DISABLED
    executions:
      - {authenticator: auth-username-password-form, requirement: REQUIRED}
`

// applyFiles runs kcsync apply.
func applyFiles(t *testing.T, dir string) {
	t.Helper()
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	args := []string{"kcsync", "apply", "--yes", "--url", os.Getenv("KCSYNC_TEST_URL"), "--username", os.Getenv("KCSYNC_TEST_USERNAME"), dir}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), args, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("apply: exit code %d\n%s%s", code, out.String(), errs.String())
	}
}

// person signs in with a browser: a cookie jar and eyes for forms.
type person struct {
	realm   string
	cookies map[string]string
	page    string
}

var formAction = regexp.MustCompile(`<form[^>]*\saction="([^"]+)"`)

// begin opens the login page.
func (p *person) begin() error {
	p.cookies = map[string]string{}
	query := url.Values{"client_id": {"web"}, "redirect_uri": {"http://localhost:1/"}, "response_type": {"code"}, "scope": {"openid"}}
	at, err := p.visit("GET", os.Getenv("KCSYNC_TEST_URL")+"/realms/"+p.realm+"/protocol/openid-connect/auth?"+query.Encode(), nil)
	if err == nil && at != "" {
		err = fmt.Errorf("a login began at %s", at)
	}
	return err
}

// manyPages is more pages than a flow of the test has, should one begin again.
const manyPages = 8

// finish fills in forms until the login is done, and returns how many pages
// came beyond those of a login that nobody disturbs.
func (p *person) finish() (more int, err error) {
	answers := url.Values{"username": {"ada"}, "password": {"engine"}}
	two := !strings.Contains(p.page, `name="password"`) // the name first, the password on a page of its own
	for n := 1; n <= manyPages; n++ {
		m := formAction.FindStringSubmatch(p.page)
		if m == nil {
			return 0, fmt.Errorf("a page without a form: %s", wording(p.page))
		}
		at, err := p.visit("POST", html.UnescapeString(m[1]), answers)
		if err != nil {
			return 0, err
		}
		if at != "" {
			if !strings.Contains(at, "code=") {
				return 0, fmt.Errorf("a login ended at %s", at)
			}
			if two {
				n--
			}
			return n - 1, nil
		}
	}
	return 0, fmt.Errorf("a login does not end: %s", wording(p.page))
}

// visit follows redirects to the next page of the server, or returns the
// address to which it sends the user back.
func (p *person) visit(method, at string, form url.Values) (back string, err error) {
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for {
		req, err := http.NewRequest(method, at, strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		if method == "POST" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for name, v := range p.cookies {
			req.Header.Add("Cookie", name+"="+v)
		}
		res, err := browser.Do(req)
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return "", err
		}
		for _, c := range res.Cookies() {
			if c.MaxAge < 0 {
				delete(p.cookies, c.Name)
			} else {
				p.cookies[c.Name] = c.Value
			}
		}
		p.page = string(body)
		if res.StatusCode >= 400 {
			return "", fmt.Errorf("a login met %s: %s", res.Status, wording(p.page))
		}
		to := res.Header.Get("Location")
		switch {
		case to == "":
			return "", nil
		case strings.HasPrefix(to, "http://localhost:1/"):
			return to, nil
		}
		method, at, form = "GET", to, nil
	}
}

var markup = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>|\s+`)

// wording returns what a page says.
func wording(page string) string {
	return strings.Join(strings.Fields(markup.ReplaceAllString(page, " ")), " ")
}
