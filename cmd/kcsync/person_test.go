package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kcsync/kcsync/keycloak"
)

// person signs in, with a browser: a cookie jar and eyes for forms.
type person struct {
	realm, name, password string
	secret                string // of one-time codes
	way                   way
	cookies               map[string]*http.Cookie
	at                    *url.URL
	page                  string
	begun                 int    // how often the first page was answered
	codes                 int    // how many one-time codes were given
	in                    string // where the server sent them in the end
	post                  *mailServer
	read                  int // how many mails they have read
}

// way is one of the ways into a realm.
type way struct {
	name   string
	open   string // the page at which it begins, below the realm
	first  string // a field that its first page alone has, if no link leads on
	stands string // a field of the page at which somebody may stand who has begun
	home   string // the end of the realm's name in which people have their accounts
	hint   string // the identity provider that is asked for at once
	link   string // a part of the address of the link that leads on from the first page
	mailed bool   // people stand, and wait, until they are sent a mail
}

const loginPage, registrationPage = "/protocol/openid-connect/auth", "/protocol/openid-connect/registrations"

var waysIn = []way{
	{name: "password", open: loginPage, first: "username", stands: "password"},
	{name: "second factor", open: loginPage, first: "username", stands: "otp"},
	{name: "registration", open: registrationPage, first: "password-confirm", stands: "password-confirm"},
	{name: "identity provider", open: loginPage, stands: "firstName", home: "-one", link: "/broker/upstream/login"},
	{name: "forgotten password", open: loginPage, stands: "username", link: "/login-actions/reset-credentials"},
	{name: "forgotten password, by mail", open: loginPage, link: "/login-actions/reset-credentials", mailed: true},
}

// newPerson makes somebody who has an account, or will register one.
func newPerson(c *keycloak.Client, realm string, w way) (*person, error) {
	p := &person{realm: realm, name: "p" + strings.ToLower(rand.Text()[:12]), password: "engine", secret: rand.Text(), way: w, cookies: map[string]*http.Cookie{}}
	if w.open == registrationPage {
		return p, nil
	}
	credentials := []any{map[string]any{"type": "password", "value": p.password}}
	if w.stands == "otp" {
		credentials = append(credentials, map[string]any{"type": "otp",
			"secretData":     `{"value":"` + p.secret + `"}`,
			"credentialData": `{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}`})
	}
	user := map[string]any{"username": p.name, "enabled": true, "email": p.name + "@shop.example", "firstName": "Ada", "lastName": "L", "credentials": credentials}
	_, err := c.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms/" + realm + w.home + "/users", Body: user})
	return p, err
}

// knowledge is what somebody fills into forms. A one-time code is good once,
// and those of the periods before and after are good too.
func (p *person) knowledge() url.Values {
	around := []int{0, 1, -1}[p.codes%3]
	return url.Values{
		"username": {p.name}, "password": {p.password}, "password-confirm": {p.password}, "password-new": {p.password}, "otp": {oneTimeCode(p.secret, around)},
		"email": {p.name + "@shop.example"}, "firstName": {"Ada"}, "lastName": {"L"}, "termsAccepted": {"on"},
	}
}

// oneTimeCode is RFC 6238 for a period beside the present one.
func oneTimeCode(secret string, around int) string {
	h := hmac.New(sha1.New, []byte(secret))
	binary.Write(h, binary.BigEndian, time.Now().Unix()/30+int64(around))
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1000000)
}

var (
	formAction = regexp.MustCompile(`<form[^>]*\saction="([^"]+)"`)
	inputName  = regexp.MustCompile(`<input[^>]*\sname="([^"]+)"`)
	linkTarget = regexp.MustCompile(`<a[^>]*\shref="([^"]+)"`)
)

// sees reports whether a form of the page has a field.
func (p *person) sees(field string) bool {
	for _, m := range inputName.FindAllStringSubmatch(p.page, -1) {
		if m[1] == field {
			return true
		}
	}
	return false
}

// visitFirst opens the first page.
func (p *person) visitFirst() (back string, err error) {
	query := url.Values{"client_id": {"web"}, "redirect_uri": {"http://localhost:1/"}, "response_type": {"code"}, "scope": {"openid"}}
	if p.way.hint != "" {
		query.Set("kc_idp_hint", p.way.hint)
	}
	return p.visit("GET", os.Getenv("KCSYNC_TEST_URL")+"/realms/"+p.realm+p.way.open+"?"+query.Encode(), nil)
}

// begin opens the first page, and goes on to where people stand while the
// flow is changed, or to the end.
func (p *person) begin() error {
	back, err := p.visitFirst()
	for range manyPages {
		switch {
		case err != nil:
			return err
		case back != "":
			p.in = back // nobody asked for what people stand at in this way
			return nil
		case p.way.mailed && len(p.mails()) > 0, p.sees(p.way.stands) && p.leads() == "":
			return nil
		}
		back, err = p.next()
	}
	return fmt.Errorf("no page asks for %s: %s", p.way.stands, wording(p.page))
}

// manyPages is more pages than a flow of the test has, should one begin again.
const manyPages = 10

// finish fills in forms until the login is done, and reports whether it had
// to begin again.
func (p *person) finish() (again bool, err error) {
	for n := 0; p.in == ""; n++ {
		if n == manyPages {
			return false, fmt.Errorf("a login does not end: %s", wording(p.page))
		}
		if p.in, err = p.next(); err != nil {
			return false, err
		}
	}
	if !strings.Contains(p.in, "code=") {
		return false, fmt.Errorf("a login ended at %s", p.in)
	}
	return p.begun > 1, nil
}

// mails returns the mails that the person was sent.
func (p *person) mails() []string {
	if p.post == nil {
		return nil
	}
	return p.post.to(p.name + "@shop.example")
}

var mailedLink = regexp.MustCompile(`https?://\S+/login-actions/action-token\S+`)

// leads returns where the link goes that the way takes, if the page has it.
func (p *person) leads() string {
	if p.way.link == "" {
		return ""
	}
	for _, m := range linkTarget.FindAllStringSubmatch(p.page, -1) {
		if to := html.UnescapeString(m[1]); strings.Contains(to, p.way.link) {
			return to
		}
	}
	return ""
}

// next fills in the form of the page, or follows the link that the way takes.
func (p *person) next() (back string, err error) {
	if mails := p.mails(); len(mails) > p.read {
		p.read = len(mails)
		// A mail may be in lines of which "=" ends those that go on.
		text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(mails[p.read-1])
		return p.visit("GET", html.UnescapeString(mailedLink.FindString(text)), nil)
	}
	if to := p.leads(); to != "" {
		p.begun++
		return p.visit("GET", to, nil)
	}
	m := formAction.FindStringSubmatch(p.page)
	switch {
	case m == nil && strings.Contains(p.page, "Your account has been updated."):
		// The new password is taken, and the server does not know any more for
		// which login: the person begins one.
		return p.visitFirst()
	case m == nil:
		return "", fmt.Errorf("a page without a form: %s", wording(p.page))
	}
	if p.sees(p.way.first) {
		p.begun++
	}
	answers := p.knowledge()
	if p.sees("otp") {
		p.codes++
	}
	return p.visit("POST", html.UnescapeString(m[1]), answers)
}

// visit follows redirects to the next page of the server, or returns the
// address to which it sends the user back.
func (p *person) visit(method, to string, form url.Values) (back string, err error) {
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for {
		at, err := url.Parse(to)
		if err != nil {
			return "", err
		}
		if p.at != nil {
			at = p.at.ResolveReference(at)
		}
		p.at = at
		req, err := http.NewRequest(method, at.String(), strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		if method == "POST" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for _, c := range p.cookies {
			if strings.HasPrefix(at.Path, c.Path) {
				req.Header.Add("Cookie", c.Name+"="+c.Value)
			}
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
			p.cookies[c.Path+" "+c.Name] = c
			if c.MaxAge < 0 {
				delete(p.cookies, c.Path+" "+c.Name)
			}
		}
		p.page = string(body)
		if res.StatusCode >= 400 {
			return "", fmt.Errorf("a login met %s: %s", res.Status, wording(p.page))
		}
		to = res.Header.Get("Location")
		switch {
		case to == "":
			return "", nil
		case strings.HasPrefix(to, "http://localhost:1/"):
			return to, nil
		}
		method, form = "GET", nil
	}
}

// grant asks for a token without a browser.
func (p *person) grant() error {
	form := p.knowledge()
	form.Set("grant_type", "password")
	form.Set("client_id", "web")
	form.Set("totp", form.Get("otp"))
	p.codes++
	res, err := http.PostForm(os.Getenv("KCSYNC_TEST_URL")+"/realms/"+p.realm+"/protocol/openid-connect/token", form)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", res.Status, body)
	}
	return err
}

var markup = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>|\s+`)

// wording returns what a page says.
func wording(page string) string {
	return strings.Join(strings.Fields(markup.ReplaceAllString(page, " ")), " ")
}

// applyFiles runs kcsync apply and returns the plan.
func applyFiles(t *testing.T, args ...string) string {
	t.Helper()
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	all := append([]string{"kcsync", "apply", "--yes", "--url", os.Getenv("KCSYNC_TEST_URL"), "--username", os.Getenv("KCSYNC_TEST_USERNAME")}, args...)
	var out, errs bytes.Buffer
	if code := Run(context.Background(), all, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("apply: exit code %d\n%s%s", code, out.String(), errs.String())
	}
	return out.String()
}
