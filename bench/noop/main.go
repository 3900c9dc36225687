// Command noop measures how long "kcsync plan" takes when there is nothing to
// change, against a bare program that sends the requests that such a plan
// cannot do without, at the same concurrency, and throws the answers away.
//
// Both run as processes of their own, in turn, against the server that
// KCSYNC_TEST_URL, KCSYNC_TEST_USERNAME and KCSYNC_TEST_PASSWORD name. Start
// one on PostgreSQL with "scripts/keycloak up --db postgres". The realm is
// made first and deleted at the end.
//
// With -users there is a second realm, the same but for so many users that no
// file declares: its plan, in turn with the other, shows what they cost.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/kcsync/kcsync/keycloak"
)

func main() {
	log.SetFlags(0)
	clients := flag.Int("clients", 300, "how many clients the realm has, each with 2 mappers and 2 roles")
	runs := flag.Int("runs", 7, "how often each of the two is timed")
	parallelism := flag.Int("parallelism", 8, "how many requests are under way at once")
	users := flag.Int("users", 0, "how many users a second realm has")
	bare := flag.String("bare", "", "internal: send the requests listed in this file")
	flag.Parse()
	server := server{os.Getenv("KCSYNC_TEST_URL"), os.Getenv("KCSYNC_TEST_USERNAME"), os.Getenv("KCSYNC_TEST_PASSWORD")}
	if server.url == "" {
		log.Fatal("no server is named: set KCSYNC_TEST_URL, or eval \"$(scripts/keycloak env)\"")
	}
	if *bare != "" {
		if err := server.send(*bare, *parallelism); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := measure(server, *clients, *users, *runs, *parallelism); err != nil {
		log.Fatal(err)
	}
}

type server struct{ url, username, password string }

func measure(s server, clients, users, runs, parallelism int) error {
	dir, err := os.MkdirTemp("", "kcsync-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const realm, crowded = "kcsync-bench-noop", "kcsync-bench-users"
	files, others := filepath.Join(dir, realm), filepath.Join(dir, crowded)
	for name, files := range map[string]string{realm: files, crowded: others} {
		if err := generate(files, name, clients); err != nil {
			return err
		}
	}
	kcsync := filepath.Join(dir, "kcsync")
	if out, err := exec.Command("go", "build", "-o", kcsync, "./cmd/kcsync").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	ctx := context.Background()
	c, err := keycloak.New(keycloak.Options{URL: s.url, Username: s.username, Password: s.password, Timeout: 5 * time.Minute})
	if err != nil {
		return err
	}
	remove := func() {
		for _, name := range []string{realm, crowded} {
			c.Do(ctx, keycloak.Request{Method: "DELETE", Path: keycloak.Path("admin", "realms", name), Repeatable: true})
		}
	}
	remove()
	defer remove()
	env := append(os.Environ(), "KCSYNC_URL="+s.url, "KCSYNC_USERNAME="+s.username, "KCSYNC_PASSWORD="+s.password,
		fmt.Sprintf("KCSYNC_PARALLELISM=%d", parallelism))
	start := time.Now()
	if _, err := run(env, kcsync, "apply", "--yes", files); err != nil {
		return err
	}
	fmt.Printf("apply of %d clients to an empty server: %.2f s\n", clients, time.Since(start).Seconds())
	if users > 0 {
		start := time.Now()
		if _, err := run(env, kcsync, "apply", "--yes", others); err != nil {
			return err
		}
		if err := crowd(ctx, c, crowded, users); err != nil {
			return err
		}
		fmt.Printf("a second realm with %d users: %.0f s\n", users, time.Since(start).Seconds())
	}

	list := filepath.Join(dir, "requests")
	if err := necessary(ctx, c, realm, list); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	plan := func(files string) (time.Duration, error) {
		return run(env, kcsync, "plan", "--detailed-exitcode", files)
	}
	bare := func() (time.Duration, error) {
		return run(env, self, "-bare", list, "-parallelism", fmt.Sprint(parallelism))
	}
	var plans, bares, ratios, crowds, costs []float64
	for i := range runs + 1 {
		b, err := bare()
		if err != nil {
			return err
		}
		p, err := plan(files)
		if err != nil {
			return err
		}
		var many time.Duration
		if users > 0 {
			if many, err = plan(others); err != nil {
				return err
			}
		}
		if i == 0 {
			continue // warms the server's caches
		}
		bares = append(bares, b.Seconds())
		plans = append(plans, p.Seconds())
		ratios = append(ratios, p.Seconds()/b.Seconds())
		crowds = append(crowds, many.Seconds())
		costs = append(costs, many.Seconds()/p.Seconds())
	}
	fmt.Printf("%-28s %8s %8s %8s\n", "wall time in seconds", "min", "median", "max")
	row("the necessary requests", bares)
	row("kcsync plan, no changes", plans)
	row("ratio, pair by pair", ratios)
	if users > 0 {
		row("the same beside the users", crowds)
		row("ratio, pair by pair", costs)
	}
	return nil
}

func row(name string, v []float64) {
	slices.Sort(v)
	fmt.Printf("%-28s %8.3f %8.3f %8.3f\n", name, v[0], v[len(v)/2], v[len(v)-1])
}

// run times a command from outside and fails unless it exits with 0.
func run(env []string, name string, args ...string) (time.Duration, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s %v: %w\n%s", filepath.Base(name), args, err, out.Bytes())
	}
	return time.Since(start), nil
}

// crowd makes users that no file declares.
func crowd(ctx context.Context, c *keycloak.Client, realm string, n int) error {
	const at, together = 100, 4 // in one request, and requests
	first := make(chan int)
	errs := make(chan error, together)
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			for i := range first {
				var users []any
				for ; len(users) < at; i++ {
					name := fmt.Sprintf("user-%06d", i)
					users = append(users, map[string]any{"username": name, "email": name + "@acme.example", "enabled": true, "firstName": "U", "lastName": name})
				}
				body := map[string]any{"ifResourceExists": "SKIP", "users": users}
				if _, err := c.Do(ctx, keycloak.Request{Method: "POST", Path: keycloak.Path("admin", "realms", realm, "partialImport"), Body: body, Repeatable: true}); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for i := 0; i < n; i += at {
		first <- i
	}
	close(first)
	all.Wait()
	close(errs)
	return <-errs
}

// generate writes a realm of n clients, each with two mappers and two roles,
// and of ten users.
func generate(dir, realm string, n int) error {
	clients := make([]any, n)
	for i := range clients {
		id := fmt.Sprintf("client-%04d", i)
		mapper := func(name string) map[string]any {
			return map[string]any{
				"name": name, "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
				"config": map[string]any{"claim.name": name, "claim.value": id, "access.token.claim": "true", "jsonType.label": "String"},
			}
		}
		clients[i] = map[string]any{
			"clientId": id, "name": "Client " + id,
			"redirectUris":    []any{"https://" + id + ".acme.example/*"},
			"protocolMappers": []any{mapper("tenant"), mapper("site")},
			"roles":           []any{map[string]any{"name": "reader"}, map[string]any{"name": "writer", "description": "May write"}},
		}
	}
	users := make([]any, 10)
	for i := range users {
		users[i] = map[string]any{"username": fmt.Sprintf("declared-%d", i), "enabled": true, "firstName": "D"}
	}
	rep, err := json.Marshal(map[string]any{"realm": realm, "enabled": true, "clients": clients, "users": users})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "realm.json"), rep, 0o644)
}

// necessary writes the requests that tell all that the files speak of: the
// realm, the clients in pages of 50, and the roles of every client.
func necessary(ctx context.Context, c *keycloak.Client, realm, file string) error {
	var clients []map[string]any
	base := keycloak.Path("admin", "realms", realm)
	if err := c.Get(ctx, base+"/clients", nil, &clients); err != nil {
		return err
	}
	paths := []string{base, "/admin/serverinfo"}
	for i := range 10 {
		paths = append(paths, fmt.Sprintf("%s/users?username=declared-%d&exact=true", base, i))
	}
	for first := 0; first < len(clients); first += 50 {
		paths = append(paths, fmt.Sprintf("%s/clients?first=%d&max=50", base, first))
	}
	for _, cl := range clients {
		if id := cl["clientId"].(string); len(id) == len("client-0000") && id[:7] == "client-" {
			paths = append(paths, fmt.Sprintf("%s/clients/%s/roles?briefRepresentation=false", base, cl["id"]))
		}
	}
	data, err := json.Marshal(paths)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// send signs in and sends the listed requests, so many at once.
func (s server) send(file string, parallelism int) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var paths []string
	if err := json.Unmarshal(data, &paths); err != nil {
		return err
	}
	res, err := http.PostForm(s.url+"/realms/master/protocol/openid-connect/token", url.Values{
		"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {s.username}, "password": {s.password},
	})
	if err != nil {
		return err
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	err = json.NewDecoder(res.Body).Decode(&token)
	res.Body.Close()
	if err != nil {
		return err
	}
	hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: parallelism}}
	work := make(chan string)
	errs := make(chan error, parallelism)
	var wg sync.WaitGroup
	for range parallelism {
		wg.Go(func() {
			for p := range work {
				if err := get(hc, s.url+p, token.AccessToken); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for _, p := range paths {
		work <- p
	}
	close(work)
	wg.Wait()
	close(errs)
	return <-errs
}

func get(hc *http.Client, url, token string) error {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, res.Status)
	}
	return nil
}
