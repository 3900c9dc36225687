package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kcsync/kcsync/keycloak"
)

// realm is one realm of the corpus on its way.
type realm struct {
	*bench   `json:"-"`
	Slug     string
	Code     string // of eight letters and digits; pages show it, for slugs hold the names of people
	Name     string // the realm's
	Bytes    int    // of its file
	Exported int    // bytes of the export of it
	Outcomes map[string]outcome
	Changes  changes // of mode change

	file string            // of Keycloak's form; of the realm that is ours, its directory
	ours bool              // kcsync itself makes it
	dir  string            // for what comes of it
	ids  map[string]bool   // that the file holds: no two realms of a server can have the same
	env  []string          // secrets, NAME=value
	keys map[string]string // the secrets of key providers, by address and pointer
	snap string            // the snapshot of Keycloak's own import, once taken
	own  error             // why there is none
	pure bool              // what is on the server is Keycloak's own import
}

// realms reads the realms whose slug matches one of the patterns, or whose code
// is one.
func (b *bench) realms(patterns []string) ([]*realm, error) {
	files, err := filepath.Glob(filepath.Join(b.corpus, "realms", "*.json"))
	if err != nil {
		return nil, err
	}
	var out []*realm
	for _, file := range append(files, filepath.Join(b.root, "examples", "harbor")) {
		slug := strings.TrimSuffix(filepath.Base(file), ".json")
		code := fmt.Sprintf("%x", sha256.Sum256([]byte(slug)))[:8]
		if !slices.ContainsFunc(patterns, func(p string) bool { ok, _ := filepath.Match(p, slug); return ok || p == code }) {
			continue
		}
		r := &realm{bench: b, Slug: slug, Code: code, Outcomes: map[string]outcome{}, file: file, dir: filepath.Join(b.dir, slug), ids: map[string]bool{}}
		if err := r.open(); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no realm of %s matches %s", b.corpus, strings.Join(patterns, ","))
	}
	return out, nil
}

// open makes the realm's own directory, and reads its file. The realm that is ours has a directory, which is
// called by its name.
func (r *realm) open() error {
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return err
	}
	if filepath.Ext(r.file) == "" {
		r.Name, r.ours = r.Slug, true
		return nil
	}
	data, err := os.ReadFile(r.file)
	if err != nil {
		return err
	}
	var rep map[string]any
	if err := json.Unmarshal(data, &rep); err != nil {
		return err
	}
	r.Bytes = len(data)
	r.Name, _ = rep["realm"].(string)
	r.ids[r.Name] = true
	collect(rep, r.ids)
	r.keys = providerKeys(rep)
	return nil
}

// providerKeys returns the secrets of the key providers in a representation,
// by the address and the pointer under which kcsync speaks of them.
func providerKeys(rep map[string]any) map[string]string {
	out := map[string]string{}
	if key, ok := rep["privateKey"].(string); ok { // as it was until Keycloak 2
		out["key-provider/rsa/config/privateKey"], out["key-provider/rsa-enc/config/privateKey"] = key, key
	}
	components, _ := rep["components"].(map[string]any)
	providers, _ := components["org.keycloak.keys.KeyProvider"].([]any)
	for _, e := range providers {
		p, _ := e.(map[string]any)
		config, _ := p["config"].(map[string]any)
		for key, v := range config {
			if l, ok := v.([]any); ok && len(l) == 1 {
				out[fmt.Sprintf("key-provider/%v/config/%s", p["name"], key)], _ = l[0].(string)
			}
		}
	}
	return out
}

// collect adds every id in a representation.
func collect(v any, ids map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			if id, ok := e.(string); ok && (key == "id" || key == "_id" || key == "internalId") {
				ids[id] = true
			}
			collect(e, ids)
		}
	case []any:
		for _, e := range v {
			collect(e, ids)
		}
	}
}

// each runs a function on every realm, several at once: but not two that
// cannot be on a server at the same time.
func (b *bench) each(ctx context.Context, realms []*realm, jobs int, do func(*realm)) {
	var mu sync.Mutex
	wake := sync.NewCond(&mu)
	waiting, busy := slices.Clone(realms), map[*realm]bool{}
	next := func() *realm {
		mu.Lock()
		defer mu.Unlock()
		for len(waiting) > 0 && ctx.Err() == nil {
			i := slices.IndexFunc(waiting, func(r *realm) bool {
				for other := range busy {
					if r.clashes(other) {
						return false
					}
				}
				return true
			})
			if i < 0 {
				wake.Wait()
				continue
			}
			r := waiting[i]
			waiting = slices.Delete(waiting, i, i+1)
			busy[r] = true
			return r
		}
		return nil
	}
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for r := next(); r != nil; r = next() {
				do(r)
				mu.Lock()
				delete(busy, r)
				mu.Unlock()
				wake.Broadcast()
			}
		})
	}
	wg.Wait()
}

func (r *realm) clashes(other *realm) bool {
	for id := range r.ids {
		if other.ids[id] {
			return true
		}
	}
	return false
}

// at returns a path below the realm's own directory.
func (r *realm) at(name string) string { return filepath.Join(r.dir, name) }

// imported has Keycloak itself import the file, and returns the snapshot of
// what came of it. It is taken once: after that the realm on the server may be
// another, or gone.
func (r *realm) imported(ctx context.Context) (string, error) {
	if r.snap == "" && r.own == nil {
		r.own = r.load(ctx)
		if r.own == nil {
			r.snap, r.own = r.snapshot(ctx, "imported")
		}
	}
	return r.snap, r.own
}

// load has Keycloak itself import the file in place of what is there.
func (r *realm) load(ctx context.Context) error {
	if r.pure {
		return nil
	}
	if err := r.remove(ctx); err != nil {
		return err
	}
	if r.ours {
		return r.makeOurs(ctx)
	}
	data, err := os.ReadFile(r.file)
	if err != nil {
		return err
	}
	_, err = r.client.Do(ctx, keycloak.Request{Method: http.MethodPost, Path: "/admin/realms", Body: json.RawMessage(data)})
	r.pure = err == nil
	return err
}

// makeOurs has kcsync make the realm that is ours, with secrets made up.
func (r *realm) makeOurs(ctx context.Context) error {
	r.env = nil
	err := filepath.WalkDir(r.file, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range environment.FindAllSubmatch(data, -1) {
			r.env = append(r.env, string(m[1])+"=a secret of our own")
		}
		return err
	})
	if err != nil {
		return err
	}
	if a := r.kcsync(ctx, "apply", "--yes", r.file); a.code != 0 {
		return fmt.Errorf("kcsync apply: %s", a.problems())
	}
	r.pure = true
	return nil
}

var environment = regexp.MustCompile(`\$\{env:([A-Za-z0-9_]+)\}`)

// remove deletes the realm from the server.
func (r *realm) remove(ctx context.Context) error {
	r.pure = false
	_, err := r.client.Do(ctx, keycloak.Request{Method: http.MethodDelete, Path: keycloak.Path("admin", "realms", r.Name)})
	if keycloak.IsStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// snapshot has load.py read the realm on the server into a file.
func (r *realm) snapshot(ctx context.Context, name string) (string, error) {
	path := r.at(name + ".snapshot.json")
	return path, r.read(ctx, r.Name, path)
}

// answer is what kcsync said.
type answer struct {
	code     int
	out, err string
}

// kcsync runs kcsync, with the realm's secrets in its environment.
func (r *realm) kcsync(ctx context.Context, args ...string) answer {
	cmd := exec.CommandContext(ctx, r.binary, args...)
	cmd.Dir = r.dir
	cmd.Env = append(append(os.Environ(), r.env...), "NO_COLOR=1",
		"KCSYNC_URL="+r.server.URL, "KCSYNC_USERNAME="+r.server.Username, "KCSYNC_PASSWORD="+r.server.Password)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	a := answer{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	if err != nil && a.code < 0 {
		a.err += err.Error()
	}
	return a
}

// problems are the lines of what kcsync said that tell of what went wrong.
func (a answer) problems() string {
	var out []string
	for line := range strings.Lines(a.err) {
		if strings.HasPrefix(line, "error: ") || strings.HasPrefix(line, "skipped: ") || strings.HasPrefix(line, "kcsync: ") || strings.HasPrefix(line, "panic: ") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	if len(out) == 0 && a.code != 0 && a.code != 2 {
		return strings.TrimSpace(a.err)
	}
	return strings.Join(out, "\n")
}
