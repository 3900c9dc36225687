package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/kcsync/kcsync/keycloak"
)

// A session is kept in the keyring, in a file for the owner only, or in the
// file because there is no keyring.
func TestSessionPlaces(t *testing.T) {
	for _, tt := range []struct {
		why    string
		mock   func()
		place  sessionPlace
		inFile bool
	}{
		{"keyring", keyring.MockInit, sessionPlace{keyring: true}, false},
		{"keyring, as nothing was said", keyring.MockInit, sessionPlace{keyring: true, either: true}, false},
		{"no keyring, as nothing was said", func() { keyring.MockInitWithError(errors.New("no bus")) }, sessionPlace{keyring: true, either: true}, true},
		{"file", keyring.MockInit, sessionPlace{}, true},
	} {
		tt.mock()
		dir := t.TempDir()
		t.Setenv("XDG_CACHE_HOME", dir)
		p := tt.place
		p.key = "https://sso.acme.example realm master"
		if k, err := p.load(); err != nil || k != nil {
			t.Errorf("%s, at first: %v, %v", tt.why, k, err)
		}
		want := session{ClientID: "kcsync", Username: "ada", Refresh: "hush"}
		if err := p.save(want); err != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
		if k, err := p.load(); err != nil || k == nil || *k != want {
			t.Errorf("%s: %v, %v", tt.why, k, err)
		}
		other := tt.place
		other.key = "https://sso.acme.example realm acme"
		if k, err := other.load(); err != nil || k != nil {
			t.Errorf("%s, of another realm: %v, %v", tt.why, k, err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "kcsync", "*"))
		if len(files) == 1 != tt.inFile {
			t.Errorf("%s: files %v", tt.why, files)
		}
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", tt.why, info.Mode(), err)
			}
		}
		for range 2 { // nothing to forget is fine
			if err := p.forget(); err != nil {
				t.Errorf("%s: %v", tt.why, err)
			}
		}
		if k, err := p.load(); err != nil || k != nil {
			t.Errorf("%s, forgotten: %v, %v", tt.why, k, err)
		}
	}
	keyring.MockInitWithError(errors.New("no bus"))
	p := sessionPlace{keyring: true}
	if err := p.save(session{Refresh: "hush"}); err == nil || !strings.Contains(err.Error(), "no bus; --token-cache file keeps") || strings.Contains(err.Error(), "hush") {
		t.Error(err)
	}
}

// The kept session is gone on with where nothing else is to sign in with, or
// the same person.
func TestGoOn(t *testing.T) {
	keyring.MockInit()
	p := &sessionPlace{key: "https://sso.acme.example realm master", keyring: true}
	if err := p.save(session{ClientID: "kcsync", Username: "ada", Refresh: "kept"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		why      string
		o        keycloak.Options
		byPerson bool
		way      keycloak.Way
		refresh  string
		keeps    bool
	}{
		{"nothing", keycloak.Options{}, false, keycloak.ByRefresh, "kept", true},
		{"its client", keycloak.Options{ClientID: "kcsync"}, false, keycloak.ByRefresh, "kept", true},
		{"another client", keycloak.Options{ClientID: "other"}, false, "", "", false},
		{"a client that proves itself", keycloak.Options{ClientID: "kcsync", ClientSecret: "hush"}, false, "", "", false},
		{"a token", keycloak.Options{Token: "t"}, false, "", "", false},
		{"a user with a password", keycloak.Options{Way: keycloak.ByPassword, Username: "ada", Password: "hush"}, false, keycloak.ByPassword, "", false},
		{"a user who is asked", keycloak.Options{Way: keycloak.ByPassword, Username: "ada", ClientID: "kcsync"}, true, keycloak.ByPassword, "kept", true},
		{"another user who is asked", keycloak.Options{Way: keycloak.ByPassword, Username: "bob"}, true, keycloak.ByPassword, "", true},
		{"browser", keycloak.Options{Way: keycloak.ByBrowser, ClientID: "kcsync"}, true, keycloak.ByBrowser, "kept", true},
		{"browser, step-up", keycloak.Options{Way: keycloak.ByBrowser, ClientID: "kcsync", ACR: "gold"}, true, keycloak.ByBrowser, "", true},
	} {
		o := tt.o
		if err := p.goOn(&streams{err: new(bytes.Buffer)}, &o, tt.byPerson); err != nil || o.Way != tt.way || o.RefreshToken != tt.refresh || o.Keep != nil != tt.keeps {
			t.Errorf("%s: %v, way %q, refresh token %q, keeps: %t", tt.why, err, o.Way, o.RefreshToken, o.Keep != nil)
		}
	}
}
