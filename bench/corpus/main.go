// Command corpus takes realms that people really run through kcsync, on a real
// Keycloak, and prints a table of what went through, what was refused and why,
// and what went wrong.
//
// The realms are files in Keycloak's own form in a directory beside the
// repository, ../shared/corpus, or in the one that --corpus names: realms/*.json,
// and load.py, which reads the state of a realm from the server independently
// of kcsync and compares two such states. Each mode takes every realm through
// kcsync in another way; see the files of this package that are called by them.
//
// KCSYNC_TEST_URL, KCSYNC_TEST_USERNAME and KCSYNC_TEST_PASSWORD name the
// server. Realms that have the name of one of the corpus are DELETED there.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/schema"
)

// mode is one way of taking a realm through kcsync.
type mode struct {
	name string
	run  func(context.Context, *realm) outcome
	// ours says that it takes the realm of our examples, too, which has
	// something of every kind.
	ours bool
}

// modes are all ways. They run one after the other on a realm, each from
// whatever the one before left on the server: see [realm.imported] and
// [realm.remove].
func modes() []mode {
	return []mode{
		{name: "plan", run: plan},
		{name: "live", run: live},
		{name: "file", run: file},
		{name: "change", run: change, ours: true},
	}
}

// verdict says how a realm fared in a mode.
type verdict string

const (
	through verdict = "through"        // as it should be
	refused verdict = "refused"        // before the first write, with a reason
	strange verdict = "not importable" // Keycloak itself refuses the file, so that there is nothing to compare with
	wrong   verdict = "wrong"
)

// verdicts are all of them, the better ones first.
var verdicts = []verdict{through, refused, strange, wrong}

// outcome is a verdict with its reason, or with the first thing that is wrong.
type outcome struct {
	Verdict verdict
	Reason  string        `json:",omitempty"`
	More    []string      `json:",omitempty"` // everything that is wrong
	Time    time.Duration // how long it took
}

// failed is the outcome of what is wrong, told by one or more lines.
func failed(format string, args ...any) outcome {
	lines := strings.Split(strings.TrimSpace(fmt.Sprintf(format, args...)), "\n")
	return outcome{Verdict: wrong, Reason: lines[0], More: lines}
}

// refusal is the outcome of what kcsync refused before the first write.
func refusal(a answer) outcome {
	lines := strings.Split(a.problems(), "\n")
	return outcome{Verdict: refused, Reason: lines[0], More: lines}
}

// unimported is the outcome of a file for which Keycloak's own import failed:
// strange, where the server answered that it does not take it.
func unimported(err error) outcome {
	o := failed("Keycloak's own import: %v", err)
	if keycloak.IsStatus(err, http.StatusBadRequest, http.StatusConflict, http.StatusInternalServerError) {
		o.Verdict = strange
	}
	return o
}

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("corpus: ", err)
	}
}

func run() error {
	var (
		corpus = flag.String("corpus", "", "the `DIR` of the corpus; ../shared/corpus, seen from the repository, when it is left out")
		only   = flag.String("only", "*", "take only the realms whose slug or code matches the `PATTERNS`, which commas set apart")
		which  = flag.String("mode", "", "run only these `MODES`, which commas set apart")
		jobs   = flag.Int("jobs", 2, "`N` realms are under way at once")
		result = flag.String("json", "", "write the outcomes to `FILE`")
		write  = flag.String("write", "", "write the outcomes as a page of the documentation to `FILE`")
		check  = flag.String("check", "", "fail only where a realm fares worse than when the page `FILE` was written")
		seed   = flag.Uint64("seed", 0, "choose other changes in mode change, by the number `N`")
		keep   = flag.String("keep", "", "keep each realm's exports, plans and snapshots in `DIR`")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := open(ctx, *corpus, *keep)
	if err != nil {
		return err
	}
	defer b.close()
	chosen, err := choose(*which)
	if err != nil {
		return err
	}
	realms, err := b.realms(strings.Split(*only, ","))
	if err != nil {
		return err
	}
	b.seed = *seed
	start := time.Now()
	try := func(r *realm) {
		for _, m := range chosen {
			if ctx.Err() != nil {
				return
			}
			if r.ours && !m.ours {
				continue
			}
			began := time.Now()
			o := m.run(ctx, r)
			o.Time = time.Since(began).Round(time.Millisecond)
			r.Outcomes[m.name] = o
			fmt.Fprintf(os.Stderr, "%-8s %-7s %5.1fs %s  %s\n", m.name, o.Verdict, o.Time.Seconds(), r.Slug, o.Reason)
		}
		r.remove(context.WithoutCancel(ctx))
	}
	b.each(ctx, realms, *jobs, try)
	if err := ctx.Err(); err != nil {
		return err
	}
	if *result != "" {
		data, err := json.MarshalIndent(realms, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(*result, append(data, '\n'), 0o644); err != nil {
			return err
		}
	}
	summary(os.Stdout, realms, chosen, time.Since(start))
	if *write != "" {
		if err := os.WriteFile(*write, []byte(page(realms, chosen)), 0o644); err != nil {
			return err
		}
	}
	if *check != "" {
		rec, err := readRecord(*check)
		if err != nil {
			return err
		}
		if doubtful := rec.doubtful(realms, chosen); len(doubtful) > 0 {
			fmt.Fprintln(os.Stderr, "again, one at a time, as a busy machine may be to blame:")
			b.each(ctx, doubtful, 1, try)
		}
		if worse := rec.worse(realms, chosen); len(worse) > 0 {
			return fmt.Errorf("it fares worse than %s says:\n%s", *check, strings.Join(worse, "\n"))
		}
		return nil
	}
	for _, r := range realms {
		for _, o := range r.Outcomes {
			if o.Verdict == wrong {
				return fmt.Errorf("not every realm goes through")
			}
		}
	}
	return nil
}

// choose returns the modes of these names, all of them when there are none.
func choose(names string) ([]mode, error) {
	if names == "" {
		return modes(), nil
	}
	asked := strings.Split(names, ",")
	out := slices.DeleteFunc(modes(), func(m mode) bool { return !slices.Contains(asked, m.name) })
	for _, name := range asked {
		if !slices.ContainsFunc(out, func(m mode) bool { return m.name == name }) {
			return nil, fmt.Errorf("there is no mode %q", name)
		}
	}
	return out, nil
}

// bench is what all realms share.
type bench struct {
	root   string // of the repository
	corpus string // its directory
	dir    string // where files of ours are
	kept   bool   // they stay
	seed   uint64 // of mode change
	binary string // kcsync
	server keycloak.Options
	client *keycloak.Client

	readers chan *reader   // that are idle
	written sync.Map       // what to tell of requests that write, a func(keycloak.Exchange) by the path of the realm
	checker schema.Checker // of all files that are loaded here
}

// open builds kcsync, signs in, and finds the corpus.
func open(ctx context.Context, corpus, keep string) (*bench, error) {
	b := &bench{readers: make(chan *reader, 64), dir: keep, kept: keep != ""}
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	root := strings.TrimSpace(string(out))
	// kcsync and load.py are run in directories of their own.
	if corpus == "" {
		b.corpus, err = beside(root)
	} else {
		b.corpus, err = filepath.Abs(corpus)
	}
	if err != nil {
		return nil, err
	}
	if b.dir == "" {
		b.dir, err = os.MkdirTemp("", "kcsync-corpus-*")
	} else if b.dir, err = filepath.Abs(keep); err == nil {
		err = os.MkdirAll(b.dir, 0o755)
	}
	if err != nil {
		return nil, err
	}
	b.root, b.binary = root, filepath.Join(b.dir, "kcsync")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "./cmd/kcsync")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	b.server = keycloak.Options{
		URL:      os.Getenv("KCSYNC_TEST_URL"),
		Username: os.Getenv("KCSYNC_TEST_USERNAME"),
		Password: os.Getenv("KCSYNC_TEST_PASSWORD"),
		Timeout:  5 * time.Minute,
	}
	if b.server.URL == "" {
		return nil, fmt.Errorf("no server is named: set KCSYNC_TEST_URL, or eval \"$(scripts/keycloak env)\"")
	}
	o := b.server
	o.Trace = b.trace
	if b.client, err = keycloak.New(o); err != nil {
		return nil, err
	}
	return b, b.client.SignIn(ctx)
}

// trace tells whoever works on a realm of a request that writes there.
func (b *bench) trace(x keycloak.Exchange) {
	if x.Method == "GET" || strings.HasSuffix(x.Path, "/partial-export") {
		return
	}
	if parts := strings.SplitN(x.Path, "/", 5); len(parts) > 3 {
		if tell, ok := b.written.Load(strings.Join(parts[:4], "/")); ok {
			tell.(func(keycloak.Exchange))(x)
		}
	}
}

// beside finds the corpus beside the repository, or beside a directory in
// which the repository is checked out deeper.
func beside(root string) (string, error) {
	for dir := root; ; dir = filepath.Dir(dir) {
		corpus := filepath.Join(filepath.Dir(dir), "shared", "corpus")
		if _, err := os.Stat(corpus); err == nil {
			return corpus, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no corpus at ../shared/corpus: give its directory by --corpus")
		}
	}
}

func (b *bench) close() {
	close(b.readers)
	for r := range b.readers {
		r.in.Close()
	}
	if !b.kept {
		os.RemoveAll(b.dir)
	}
}
