package keycloak

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// serve starts a server that speaks for itself, not for Keycloak, and a client with a given token for it.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return newClient(t, Options{URL: s.URL, Token: "t"})
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	notPEM := filepath.Join(t.TempDir(), "ca")
	os.WriteFile(notPEM, []byte("no"), 0o600)
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Token: "t"}, "there is no server address"},
		{Options{URL: "sso.example", Token: "t"}, "write https://sso.example"},
		{Options{URL: "ftp://sso.example", Token: "t"}, "not an http or https URL"},
		{Options{URL: "https://u:pa%ss@h", Token: "t"}, "holds a user name"},
		{Options{URL: "https://h/?x=1", Token: "t"}, "leave out everything from ?"},
		{Options{URL: "https://h"}, "nothing to sign in with"},
		{Options{URL: "https://h", Username: "admin"}, "no password for user admin"},
		{Options{URL: "https://h", Password: "hush"}, "no user name"},
		{Options{URL: "https://h", ClientSecret: "hush"}, "no client id"},
		{Options{URL: "https://h", Token: "hush\nhush"}, "give the access token alone"},
		{Options{URL: "https://h", Token: "t", CAFile: "/nowhere"}, "CA file: open /nowhere"},
		{Options{URL: "https://h", Token: "t", CAFile: notPEM}, "no PEM certificate"},
	} {
		_, err := New(tt.o)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "%ss") {
			t.Errorf("%+v: %v, want %q", tt.o, err, tt.want)
		}
	}
	if c := newClient(t, Options{URL: " https://h/auth// ", Token: "t"}); c.URL() != "https://h/auth" {
		t.Errorf("URL() = %q", c.URL())
	}
}

func TestRequest(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://h/admin/realms/a%2Fb")
		w.Header().Set("X-Got", strings.Join([]string{r.Method, r.RequestURI, r.Host, r.Header.Get("Authorization"),
			r.Header.Get("Accept"), r.Header.Get("Content-Type"), r.Header.Get("X-Gate")}, " "))
		io.Copy(w, r.Body)
	})
	c.opts.Header = http.Header{"Host": {"sso.example"}, "X-Gate": {"open"}}
	got := func(r Request) string {
		res, err := c.Do(t.Context(), r)
		if err != nil {
			return err.Error()
		}
		if res.LocationID() != "a/b" {
			t.Errorf("LocationID() = %q", res.LocationID())
		}
		return res.Header.Get("X-Got") + " " + string(res.Body)
	}
	for _, tt := range []struct {
		r    Request
		want string
	}{
		{Request{Method: "GET", Path: Path("roles", "a/b;c d%é")}, "GET /roles/a%2Fb%3Bc%20d%25%C3%A9 sso.example Bearer t application/json  open "},
		{Request{Method: "PUT", Path: "/x", Body: map[string]any{"a": 1}, Query: map[string][]string{"q": {"ü"}}},
			`PUT /x?q=%C3%BC sso.example Bearer t application/json application/json open {"a":1}`},
		{Request{Method: "PUT", Path: "/x", Body: json.RawMessage("as it is"), Header: http.Header{"Content-Type": {"text/plain"}}},
			"PUT /x sso.example Bearer t application/json text/plain open as it is"},
		{Request{Method: "DELETE", Path: Path("localization", "en", "")}, "a name in the path is empty"},
		{Request{Method: "DELETE", Path: Path("roles", "..")}, `a name in the path is ".."`},
		{Request{Method: "GET", Path: "/x?y=1"}, "give a query apart"},
		{Request{Method: "GET", Path: "x"}, "must begin with a slash"},
		{Request{Method: "POST", Path: "/x", Body: func() {}}, "cannot be written as JSON"},
	} {
		if s := got(tt.r); !strings.Contains(s, tt.want) {
			t.Errorf("%s %s:\n got %s\nwant %s", tt.r.Method, tt.r.Path, s, tt.want)
		}
	}
}

func TestErrorWords(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{409, `{"errorMessage":"Client sa already exists"}`, "GET /x: 409 Conflict: Client sa already exists"},
		{400, `{"error":"invalid_input","error_description":"Root URL is\n not valid"}`, "GET /x: 400 Bad Request: invalid_input: Root URL is not valid"},
		{404, `{"error":"Could not find client"}`, "GET /x: 404 Not Found: Could not find client"},
		{400, `{"errors":[{"field":"username","errorMessage":"error-invalid-length","params":["username",3,255]},{"field":"email","errorMessage":"error-invalid-email"}]}`,
			"GET /x: 400 Bad Request: username: error-invalid-length 3 255; email: error-invalid-email"},
		{400, `{"field":"username","errorMessage":"error-user-attribute-required","params":[]}`, "GET /x: 400 Bad Request: username: error-user-attribute-required"},
		{500, `{"error":"unknown_error"}`, "GET /x: 500 Internal Server Error: unknown_error (after 2 attempts); the server's log tells"},
		{403, `{"error":"HTTP 403 Forbidden"}`, "GET /x: 403 Forbidden; the signed-in account lacks the right"},
		{401, `{"error":"HTTP 401 Unauthorized"}`, "GET /x: 401 Unauthorized; the given access token is not accepted"},
		{404, `<html>`, "GET /x: 404 Not Found: the answer is not Keycloak's JSON but text/html"},
		{302, ``, "GET /x: 302 Found; the server redirects: use https://other.example/auth as its address"},
		{204, ``, ""},
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if tt.status == 302 {
				w.Header().Set("Location", "https://other.example/auth/x")
			}
			w.WriteHeader(tt.status)
			w.Write([]byte(tt.body))
		})
		_, err := c.Do(t.Context(), Request{Method: "GET", Path: "/x"})
		if tt.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || !IsStatus(err, 1, tt.status) {
			t.Errorf("%s:\n got %v\nwant %s", tt.body, err, tt.want)
		}
	}
}

func TestDecode(t *testing.T) {
	const body = `{"n":[1,-0,1.0,1.5,1e3,9007199254740993,92233720368547758080],"m":{"a":2},"null":null,"s":"1"}`
	want := map[string]any{"n": []any{int64(1), int64(0), 1.0, 1.5, 1e3, int64(9007199254740993), json.Number("92233720368547758080")},
		"m": map[string]any{"a": int64(2)}, "null": nil, "s": "1"}
	type object map[string]any
	type typed struct {
		N []any
		M map[string]struct{ A any }
		S *string
	}
	var open any
	var list []object
	var st map[string]typed
	for _, tt := range []struct {
		body    string
		v, want any
	}{
		{body, &open, want},
		{"[" + body + "]\n", &list, []object{want}},
		{`{"x":{"n":[1],"m":{"k":{"a":2}}}}`, &st, map[string]typed{"x": {N: []any{int64(1)}, M: map[string]struct{ A any }{"k": {int64(2)}}}}},
		{" ", &list, []object{want}}, // 204: left alone
	} {
		if err := (Response{Body: []byte(tt.body)}).Decode(tt.v); err != nil {
			t.Error(err)
		}
		if got := reflect.ValueOf(tt.v).Elem().Interface(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %#v\nwant %#v", tt.body, got, tt.want)
		}
	}
	for _, bad := range []string{"<html>", `{} {}`, `{"a":`} {
		if err := (Response{Body: []byte(bad)}).Decode(&open); err == nil || !strings.Contains(err.Error(), "not the JSON that was expected") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600)
	_, port, _ := strings.Cut(s.URL, "https://127.0.0.1:")
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, tt := range []struct {
		why  string
		o    Options
		want string
	}{
		{"CA file", Options{URL: s.URL, CAFile: ca}, ""},
		{"insecure", Options{URL: s.URL, Insecure: true}, ""},
		{"unknown authority", Options{URL: s.URL}, "as CA file"},
		{"name not in the certificate", Options{URL: "https://localhost:" + port, CAFile: ca}, "a host name that the server's certificate is made for"},
		{"http to an https port", Options{URL: "http://localhost:" + port}, "try https:// in the address"},
		{"https to an http port", Options{URL: strings.Replace(plain.URL(), "http:", "https:", 1)}, "use http:// in the address"},
	} {
		tt.o.Token = "t"
		_, err := newClient(t, tt.o).Do(t.Context(), Request{Method: "GET", Path: "/realms/master"})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.why, err, tt.want)
		}
	}
}

func TestUnreachable(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"http://localhost:1", "nothing listens there"},
		{"http://nowhere.invalid", "check the host name"},
	} {
		attempts := 0
		c := newClient(t, Options{URL: tt.url, Username: "u", Password: "hush", Trace: func(Exchange) { attempts++ }})
		err := c.SignIn(t.Context())
		var e *Error
		if !errors.As(err, &e) || !IsStatus(err, 0) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") || attempts != 1 {
			t.Errorf("%s: %v after %d attempts", tt.url, err, attempts)
		}
	}
}
