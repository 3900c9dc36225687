package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/zalando/go-keyring"

	"github.com/kcsync/kcsync/keycloak"
)

// session is what one command keeps for the next: enough to go on, and the
// account that it is of.
type session struct {
	ClientID string `json:"clientId,omitempty"`
	Username string `json:"username,omitempty"`
	Refresh  string `json:"refreshToken"`
}

// sessionPlace keeps the session of one server and realm: in the keyring of
// the operating system, or in a file for the owner only.
type sessionPlace struct {
	key     string // server and realm
	keyring bool
	either  bool // the file where there is no keyring
}

const keyringService = "kcsync"

// keepingPlace returns where to keep a session; nil for nowhere.
func keepingPlace(c *cli.Context) (*sessionPlace, error) {
	p := &sessionPlace{key: strings.TrimRight(c.String("url"), "/") + " realm " + c.String("auth-realm")}
	switch cache := c.String("token-cache"); cache {
	case "keyring":
		p.keyring = true
	case "file":
	case "off":
		return nil, nil
	case "":
		if ci := os.Getenv("CI"); ci != "" && ci != "false" {
			return nil, nil
		}
		p.keyring, p.either = true, true
	default:
		return nil, exit{exitInvalid, fmt.Errorf("--token-cache is keyring, file or off, not %q", cache)}
	}
	return p, nil
}

// String says where it is, for people.
func (p *sessionPlace) String() string {
	if p.keyring {
		return "the keyring"
	}
	path, _ := p.file()
	return path
}

func (p *sessionPlace) file() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no place to keep a session: %w; --token-cache off keeps none", err)
	}
	sum := sha256.Sum256([]byte(p.key))
	return filepath.Join(dir, "kcsync", "session-"+hex.EncodeToString(sum[:8])+".json"), nil
}

// load returns the session that is kept; nil if there is none.
func (p *sessionPlace) load() (*session, error) {
	data, err := p.read()
	if err != nil || data == nil {
		return nil, err
	}
	k := new(session)
	if json.Unmarshal(data, k) != nil || k.Refresh == "" {
		return nil, nil // of another version: as good as none
	}
	return k, nil
}

func (p *sessionPlace) read() ([]byte, error) {
	if p.keyring {
		value, err := keyring.Get(keyringService, p.key)
		switch {
		case err == nil:
			return []byte(value), nil
		case errors.Is(err, keyring.ErrNotFound):
			return nil, nil
		case !p.either:
			return nil, fmt.Errorf("the keyring cannot be read: %w; --token-cache file keeps the session in a file", err)
		}
		p.keyring = false
	}
	path, err := p.file()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

func (p *sessionPlace) save(k session) error {
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if p.keyring {
		err := keyring.Set(keyringService, p.key, string(data))
		if err == nil {
			return nil
		}
		if !p.either {
			return fmt.Errorf("the keyring cannot be written: %w; --token-cache file keeps the session in a file", err)
		}
		p.keyring = false
	}
	path, err := p.file()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeFile(path, data, 0o600)
}

func (p *sessionPlace) forget() error {
	if p.keyring {
		switch err := keyring.Delete(keyringService, p.key); {
		case err == nil, errors.Is(err, keyring.ErrNotFound):
			return nil
		case !p.either:
			return fmt.Errorf("the keyring cannot be written: %w", err)
		}
		p.keyring = false
	}
	path, err := p.file()
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// goOn makes a client go on with the session that is kept, where there is
// nothing else to sign in with, or the same person is to do it. What a person
// had to do something for is kept.
func (p *sessionPlace) goOn(s *streams, o *keycloak.Options, byPerson bool) error {
	nothing := o.Way == "" && o.Token == "" && o.RefreshToken == "" && o.Username == "" && o.Password == "" &&
		(o.ClientID == "" || o.ClientSecret == "" && o.Signer == nil && o.CertFile == "")
	if !nothing && !byPerson {
		return nil
	}
	k, err := p.load()
	if err != nil {
		return err
	}
	if k != nil && (o.ClientID == "" || o.ClientID == k.ClientID) && (o.Username == "" || o.Username == k.Username) && o.ACR == "" {
		o.ClientID, o.Username, o.RefreshToken = k.ClientID, k.Username, k.Refresh
	} else if nothing {
		return nil
	}
	if nothing {
		o.Way = keycloak.ByRefresh
	}
	p.keep(s, o)
	return nil
}

// keep keeps the session that comes of the options.
func (p *sessionPlace) keep(s *streams, o *keycloak.Options) {
	k := session{ClientID: o.ClientID, Username: o.Username}
	o.Keep = func(refresh string) {
		var err error
		if k.Refresh = refresh; refresh == "" {
			err = p.forget()
		} else {
			err = p.save(k)
		}
		if err != nil {
			fmt.Fprintf(s.err, "warning: the session is not kept: %v\n", err)
		}
	}
}
