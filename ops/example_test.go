package ops_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/ops"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// connect signs in to the server that the tests use, and makes a realm for an example.
func connect(name string, users ...string) (realm ops.Realm, remove func()) {
	ctx := context.Background()
	client, err := keycloak.New(keycloak.Options{
		URL:      os.Getenv("KCSYNC_TEST_URL"),
		Username: os.Getenv("KCSYNC_TEST_USERNAME"),
		Password: os.Getenv("KCSYNC_TEST_PASSWORD"),
	})
	must(err)
	remove = func() {
		_, err := client.Do(ctx, keycloak.Request{Method: "DELETE", Path: keycloak.Path("admin", "realms", name)})
		if !keycloak.IsStatus(err, 404) {
			must(err)
		}
	}
	remove() // left by a run that was interrupted
	var list []any
	for _, u := range users {
		list = append(list, map[string]any{"username": u, "enabled": true})
	}
	body := map[string]any{"realm": name, "enabled": true, "users": list}
	_, err = client.Do(ctx, keycloak.Request{Method: "POST", Path: "/admin/realms", Body: body})
	must(err)
	return ops.Of(client, name), remove
}

// What a deed would do can be told before it is done.
func ExampleDeed() {
	ctx := context.Background()
	realm, remove := connect("example-deed", "ada")
	defer remove()

	deed, err := realm.ResetPassword(ctx, "ada", "swordfish", true)
	must(err)
	for _, effect := range deed.Effects {
		fmt.Println("-", effect)
	}
	result, err := deed.Do(ctx)
	must(err)
	fmt.Println(result.Done)

	// Output:
	// - replaces the password of user ada of realm example-deed
	// - the user has to change it at the next sign-in
	// - sessions go on; kcsync ops user logout ends them
	// replaced the password of ada
}

// Users move from realm to realm, in as little memory for millions as for two.
func ExampleRealm_ImportUsers() {
	ctx := context.Background()
	from, remove := connect("example-export", "ada", "bob")
	defer remove()
	to, remove := connect("example-import")
	defer remove()

	var file strings.Builder
	must(from.ExportUsers(ctx, ops.UserExport{}, func(user ops.Object) error {
		_, err := fmt.Fprintf(&file, "{\"username\": %q}\n", user["username"])
		return err
	}))
	must(to.ImportUsers(ctx, strings.NewReader(file.String()), ops.UserImport{Existing: ops.Skip}, func(done ops.Imported) error {
		fmt.Println(done.Added, "users made")
		return nil
	}))

	// Output:
	// 2 users made
}

// Keys are rotated step by step.
func ExampleRealm_AddKey() {
	ctx := context.Background()
	realm, remove := connect("example-keys")
	defer remove()

	do := func(deed *ops.Deed, err error) {
		must(err)
		_, err = deed.Do(ctx)
		must(err)
		keys, err := realm.Keys(ctx)
		must(err)
		var states []string
		for _, k := range keys.Items {
			if k["algorithm"] == "RS256" {
				states = append(states, fmt.Sprint(k["provider"], " ", k["state"]))
			}
		}
		fmt.Println(strings.Join(states, "; "))
	}
	do(realm.AddKey(ctx, "RS256", "rsa-2027"))
	do(realm.PromoteKey(ctx, "rsa-2027"))
	do(realm.RetireKey(ctx, "rsa-generated"))
	do(realm.RemoveKey(ctx, "rsa-generated"))

	// Output:
	// rsa-generated active; rsa-2027 standby
	// rsa-2027 active; rsa-generated standby
	// rsa-2027 active; rsa-generated passive
	// rsa-2027 active
}
