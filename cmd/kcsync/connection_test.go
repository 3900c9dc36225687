package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// The real server behind an access proxy that wants two headers, and by way of
// a proxy that the options name.
func TestOnTheWay(t *testing.T) {
	testServer(t)
	server, err := url.Parse(os.Getenv("KCSYNC_TEST_URL"))
	if err != nil {
		t.Fatal(err)
	}
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Access-Id") != "kcsync" || r.Header.Get("X-Access-Key") != "hush, hush" {
			http.Error(w, "no entry", http.StatusForbidden)
			return
		}
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(server)
			p.Out.Host = p.In.Host
		}}).ServeHTTP(w, r)
	}))
	defer gate.Close()
	var passed atomic.Int32
	way := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passed.Add(1)
		if r.Header.Get("Proxy-Authorization") != "Basic Z2F0ZTpodXNo" { // gate:hush
			http.Error(w, "who are you?", http.StatusProxyAuthRequired)
			return
		}
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.Out.Host = p.In.Host }}).ServeHTTP(w, r)
	}))
	defer way.Close()
	withPassword := strings.Replace(way.URL, "http://", "http://gate:hush@", 1)

	t.Setenv("KCSYNC_USERNAME", os.Getenv("KCSYNC_TEST_USERNAME"))
	t.Setenv("KCSYNC_PASSWORD", os.Getenv("KCSYNC_TEST_PASSWORD"))
	for _, tt := range []struct {
		why      string
		args     []string
		header   string // KCSYNC_HEADER
		proxy    string // KCSYNC_PROXY
		code     int
		want     string // in what is told
		requests int32  // that the proxy saw
	}{
		{"no header", []string{"--url", gate.URL}, "", "", 1, "something in front of Keycloak lets nobody by: give the header that it asks for", 0},
		{"headers", []string{"--url", gate.URL, "--header", "X-Access-Id: kcsync", "--header", "x-access-key:hush, hush"}, "", "", 0, "", 0},
		{"headers of the environment", []string{"--url", gate.URL}, "X-Access-Id: kcsync\nX-Access-Key: hush, hush\n", "", 0, "", 0},
		{"no name", []string{"--url", gate.URL, "--header", "hush"}, "", "", 3, "--header wants a name, a colon and a value", 0},
		{"the token's header", []string{"--url", gate.URL, "--header", "authorization: hush"}, "", "", 3, "the server finds the access token there", 0},
		{"proxy of the environment", []string{"--url", server.String()}, "", withPassword, 0, "", 1},
		{"proxy that wants a password", []string{"--url", server.String(), "--proxy", way.URL}, "", "", 1, "the proxy on the way wants its own user name and password", 1},
		{"no proxy", []string{"--url", server.String(), "--proxy", "gate:hush"}, "", "", 3, "the proxy's address", 0},
		{"no such proxy", []string{"--url", server.String(), "--proxy", "ftp://gate:hush@proxy"}, "", "", 3, "there are http, https, socks5 and socks5h", 0},
	} {
		t.Setenv("KCSYNC_HEADER", tt.header)
		t.Setenv("KCSYNC_PROXY", tt.proxy)
		passed.Store(0)
		var told bytes.Buffer
		code := Run(context.Background(), append([]string{"kcsync", "token"}, tt.args...), strings.NewReader(""), io.Discard, &told)
		if code != tt.code || !strings.Contains(told.String(), tt.want) || strings.Contains(told.String(), "hush") || passed.Load() < tt.requests {
			t.Errorf("%s: exit code %d, %d requests by the proxy, want %q:\n%s", tt.why, code, passed.Load(), tt.want, told.String())
		}
	}
}
