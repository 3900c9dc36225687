package apply_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/kcsync/kcsync/apply"
	"github.com/kcsync/kcsync/check"
	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/export"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/load"
	"github.com/kcsync/kcsync/model"
)

// The whole way, as kcsync apply goes it: files are loaded, the server is read, both are compared, the plan is shown and
// carried out; then the realm is exported.
func Example() {
	ctx := context.Background()
	client, err := keycloak.New(keycloak.Options{
		URL:      os.Getenv("KCSYNC_TEST_URL"),
		Username: os.Getenv("KCSYNC_TEST_USERNAME"),
		Password: os.Getenv("KCSYNC_TEST_PASSWORD"),
	})
	must(err)
	defer client.SignOut(ctx)
	defer client.Do(ctx, keycloak.Request{Method: "DELETE", Path: "/admin/realms/example-apply"})

	dir, err := os.MkdirTemp("", "realms")
	must(err)
	defer os.RemoveAll(dir)
	must(os.MkdirAll(filepath.Join(dir, "roles"), 0o755))
	must(os.WriteFile(filepath.Join(dir, "realm.yaml"), []byte("realm: example-apply\nenabled: true\n"), 0o644))
	must(os.WriteFile(filepath.Join(dir, "roles", "buyer.yaml"), []byte("name: buyer\ndescription: May buy\n"), 0o644))

	// What the files ask for. Diagnostics tell every problem at once, with its place.
	states, problems := load.Load(dir, load.Options{})
	stopAt(problems)
	desired := states[0]

	// What the server has. Of a realm that is not there, what the server would make by itself.
	current, problems, err := fetch.State(ctx, client, desired.Realm, fetch.For(desired))
	must(err)
	stopAt(problems)
	baseline := fixtures.For(current.Server)
	if current.Missing {
		fresh, err := baseline.Fresh.State(desired.Realm)
		must(err)
		current.Items = fresh.Items
	}

	// The difference.
	plan, problems := diff.Compute(desired, current, diff.Options{Baseline: baseline})
	stopAt(append(problems, check.Check(desired, current, current.Server.Info)...))
	for _, change := range plan.View().Changes {
		fmt.Println(change.Action, change.Address)
	}

	// Nothing but the plan is done.
	result, err := apply.Run(ctx, client, plan, current, apply.Options{Baseline: baseline, Desired: desired, Parallelism: 8})
	must(err)
	fmt.Println(len(result.Done), "done, as planned:", result.Verified)

	// The way back: files of what the server has.
	whole, problems, err := fetch.State(ctx, client, desired.Realm, fetch.All())
	must(err)
	stopAt(problems)
	files, err := export.Files(whole, baseline)
	must(err)
	for _, f := range files.Files {
		fmt.Println(f.Path)
	}

	// Output:
	// create realm
	// create role/buyer
	// 2 done, as planned: true
	// realm.yaml
	// roles/roles.yaml
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func stopAt(problems model.Diagnostics) {
	for _, p := range problems {
		if p.Severity == model.Error {
			log.Fatal(p.Error())
		}
	}
}
