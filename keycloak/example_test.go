package keycloak_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
)

// connect signs in to the server that the tests use. An application gives its own address and account; see
// [keycloak.Options] for the other ways to sign in.
func connect() *keycloak.Client {
	client, err := keycloak.New(keycloak.Options{
		URL:      os.Getenv("KCSYNC_TEST_URL"),
		Username: os.Getenv("KCSYNC_TEST_USERNAME"),
		Password: os.Getenv("KCSYNC_TEST_PASSWORD"),
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// must ends an example that goes wrong.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// makeRealm makes a realm for an example, and returns how to remove it.
func makeRealm(client *keycloak.Client, realm map[string]any) (remove func()) {
	path := keycloak.Path("admin", "realms", realm["realm"].(string))
	delete := func() {
		_, err := client.Do(context.Background(), keycloak.Request{Method: "DELETE", Path: path})
		if !keycloak.IsStatus(err, 404) {
			must(err)
		}
	}
	delete() // left by a run that was interrupted
	_, err := client.Do(context.Background(), keycloak.Request{Method: "POST", Path: "/admin/realms", Body: realm})
	must(err)
	return delete
}

// A user is made, found, changed, given a password, a group and a role, and deleted.
func Example() {
	ctx := context.Background()
	client := connect()
	defer makeRealm(client, map[string]any{
		"realm": "example-users", "enabled": true,
		"groups": []any{map[string]any{"name": "staff"}},
		"roles":  map[string]any{"realm": []any{map[string]any{"name": "buyer"}}},
	})()
	at := func(segments ...string) string {
		return keycloak.Path(append([]string{"admin", "realms", "example-users"}, segments...)...)
	}

	// Make a user; the answer's Location holds the id.
	ada := map[string]any{"username": "ada", "email": "ada@acme.example", "enabled": true, "firstName": "Ada", "lastName": "Acme"}
	res, err := client.Do(ctx, keycloak.Request{Method: "POST", Path: at("users"), Body: ada})
	must(err)
	id := res.LocationID()

	// Make it again: the error tells the status and the server's words.
	_, err = client.Do(ctx, keycloak.Request{Method: "POST", Path: at("users"), Body: ada})
	fmt.Println("there already:", keycloak.IsStatus(err, 409))

	// Find it by name, count, and change it.
	var found []map[string]any
	must(client.Get(ctx, at("users"), url.Values{"username": {"ada"}, "exact": {"true"}}, &found))
	fmt.Println("found:", found[0]["username"], found[0]["id"] == id)
	var count int
	must(client.Get(ctx, at("users", "count"), nil, &count))
	fmt.Println("users:", count)
	_, err = client.Do(ctx, keycloak.Request{Method: "PUT", Path: at("users", id), Body: map[string]any{"lastName": "Lovelace"}})
	must(err)

	// Give it a password, a group and a role.
	password := map[string]any{"type": "password", "value": "swordfish", "temporary": true}
	_, err = client.Do(ctx, keycloak.Request{Method: "PUT", Path: at("users", id, "reset-password"), Body: password})
	must(err)
	var group, role map[string]any
	must(client.Get(ctx, at("group-by-path", "staff"), nil, &group))
	_, err = client.Do(ctx, keycloak.Request{Method: "PUT", Path: at("users", id, "groups", group["id"].(string))})
	must(err)
	must(client.Get(ctx, at("roles", "buyer"), nil, &role))
	_, err = client.Do(ctx, keycloak.Request{Method: "POST", Path: at("users", id, "role-mappings", "realm"), Body: []any{role}})
	must(err)

	var user map[string]any
	must(client.Get(ctx, at("users", id), nil, &user))
	fmt.Println(user["firstName"], user["lastName"], user["requiredActions"])
	var groups []map[string]any
	must(client.Get(ctx, at("users", id, "groups"), nil, &groups))
	fmt.Println("member of", groups[0]["path"])

	// Delete it.
	_, err = client.Do(ctx, keycloak.Request{Method: "DELETE", Path: at("users", id)})
	must(err)
	fmt.Println("gone:", keycloak.IsStatus(client.Get(ctx, at("users", id), nil, &user), 404))

	// Output:
	// there already: true
	// found: ada true
	// users: 1
	// Ada Lovelace [UPDATE_PASSWORD]
	// member of /staff
	// gone: true
}

// Clients, roles and groups are made and read in the same way, by the path of the server's documentation.
func ExampleClient_Do() {
	ctx := context.Background()
	client := connect()
	defer makeRealm(client, map[string]any{"realm": "example-clients", "enabled": true})()
	at := func(segments ...string) string {
		return keycloak.Path(append([]string{"admin", "realms", "example-clients"}, segments...)...)
	}

	res, err := client.Do(ctx, keycloak.Request{Method: "POST", Path: at("clients"), Body: map[string]any{"clientId": "shop", "redirectUris": []string{"https://shop.example/*"}}})
	must(err)
	id := res.LocationID()
	_, err = client.Do(ctx, keycloak.Request{Method: "POST", Path: at("clients", id, "roles"), Body: map[string]any{"name": "seller"}})
	must(err)
	var roles []map[string]any
	must(client.Get(ctx, at("clients", id, "roles"), nil, &roles))
	fmt.Println("role:", roles[0]["name"])

	res, err = client.Do(ctx, keycloak.Request{Method: "POST", Path: at("groups"), Body: map[string]any{"name": "staff"}})
	must(err)
	_, err = client.Do(ctx, keycloak.Request{Method: "POST", Path: at("groups", res.LocationID(), "children"), Body: map[string]any{"name": "night"}})
	must(err)
	var night map[string]any
	must(client.Get(ctx, at("group-by-path", "staff", "night"), nil, &night))
	fmt.Println("group:", night["path"])

	// Output:
	// role: seller
	// group: /staff/night
}

// A long list is read page by page, several at once.
func ExampleClient_Pages() {
	ctx := context.Background()
	client := connect()
	var users []any
	for i := range 25 {
		users = append(users, map[string]any{"username": fmt.Sprintf("user-%02d", i)})
	}
	defer makeRealm(client, map[string]any{"realm": "example-pages", "enabled": true, "users": users})()

	var names []string
	err := client.Pages(ctx, "/admin/realms/example-pages/users", url.Values{"briefRepresentation": {"true"}}, 10, 4, func(_ int, page []any) error {
		for _, u := range page {
			names = append(names, u.(map[string]any)["username"].(string))
		}
		return nil
	})
	must(err)
	slices.Sort(names)
	fmt.Println(len(names), "users, the last", names[len(names)-1])

	// Output:
	// 25 users, the last user-24
}

func ExampleClient_ServerInfo() {
	info, err := connect().ServerInfo(context.Background())
	must(err)
	fmt.Println("organizations:", info.Features["ORGANIZATION"])
	// Output: organizations: true
}

// A user signs in with an application's client: who is it, what does the token say, is it good, and good for whom?
func ExampleClient_Verify() {
	ctx := context.Background()
	defer makeRealm(connect(), map[string]any{
		"realm": "example-tokens", "enabled": true,
		"clients": []any{
			map[string]any{"clientId": "shop", "secret": "shop-secret", "directAccessGrantsEnabled": true, "attributes": map[string]any{"standard.token.exchange.enabled": "true"},
				"protocolMappers": []any{map[string]any{"name": "for itself", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
					"config": map[string]any{"included.client.audience": "shop", "access.token.claim": "true"}},
					map[string]any{"name": "for stock", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
						"config": map[string]any{"included.client.audience": "stock", "access.token.claim": "true"}}}},
			map[string]any{"clientId": "stock", "secret": "stock-secret"},
		},
		"users": []any{map[string]any{"username": "ada", "email": "ada@acme.example", "firstName": "Ada", "lastName": "Acme", "enabled": true,
			"credentials": []any{map[string]any{"type": "password", "value": "swordfish"}}}},
	})()

	shop, err := keycloak.New(keycloak.Options{
		URL: os.Getenv("KCSYNC_TEST_URL"), AuthRealm: "example-tokens", ClientID: "shop", ClientSecret: "shop-secret",
		Username: "ada", Password: "swordfish", Scope: "openid",
	})
	must(err)
	token, err := shop.AccessToken(ctx) // signs in, and refreshes when it is time
	must(err)

	who, err := shop.UserInfo(ctx)
	must(err)
	fmt.Println("who:", who["preferred_username"], who["email"])

	said, err := shop.Verify(ctx, token) // with the realm's keys, without asking the server about the token
	must(err)
	fmt.Println("for:", slices.Sorted(slices.Values(said.Audience())), "problems:", len(said.Problems))

	known, err := shop.Introspect(ctx, token) // the server's own opinion
	must(err)
	fmt.Println("active:", known["active"])

	exchanged, err := shop.Exchange(ctx, keycloak.TokenExchange{Subject: token, Audience: []string{"stock"}})
	must(err)
	said, err = shop.Verify(ctx, exchanged)
	must(err)
	fmt.Println("exchanged for:", said.Audience())

	must(shop.SignOut(ctx))
	known, err = shop.Introspect(ctx, token)
	must(err)
	fmt.Println("active:", known["active"])

	// Output:
	// who: ada ada@acme.example
	// for: [shop stock] problems: 0
	// active: true
	// exchanged for: [stock]
	// active: false
}

// Endpoints that are not of the Admin API are asked in the same way: what a realm says of itself, and what a user may do
// with the resources of a client (UMA).
func ExampleClient_Do_permissions() {
	ctx := context.Background()
	defer makeRealm(connect(), map[string]any{
		"realm": "example-permissions", "enabled": true,
		"clients": []any{map[string]any{
			"clientId": "library", "secret": "library-secret", "directAccessGrantsEnabled": true,
			"serviceAccountsEnabled": true, "authorizationServicesEnabled": true,
			"authorizationSettings": map[string]any{
				"resources": []any{map[string]any{"name": "reading room"}, map[string]any{"name": "archive"}},
				"policies": []any{
					map[string]any{"name": "ada", "type": "user", "config": map[string]any{"users": `["ada"]`}},
					map[string]any{"name": "ada reads", "type": "resource", "config": map[string]any{
						"resources": `["reading room"]`, "applyPolicies": `["ada"]`}},
				},
			},
		}},
		"users": []any{map[string]any{"username": "ada", "email": "ada@acme.example", "firstName": "Ada", "lastName": "Acme", "enabled": true,
			"credentials": []any{map[string]any{"type": "password", "value": "swordfish"}}}},
	})()
	ada, err := keycloak.New(keycloak.Options{
		URL: os.Getenv("KCSYNC_TEST_URL"), AuthRealm: "example-permissions", ClientID: "library", ClientSecret: "library-secret",
		Username: "ada", Password: "swordfish",
	})
	must(err)

	var about map[string]any
	must(ada.Get(ctx, "/realms/example-permissions/.well-known/openid-configuration", nil, &about))
	fmt.Println("token endpoint:", strings.TrimPrefix(about["token_endpoint"].(string), ada.URL()))

	may := func(resource string) bool {
		form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:uma-ticket"}, "audience": {"library"},
			"permission": {resource}, "response_mode": {"decision"}}
		_, err := ada.Do(ctx, keycloak.Request{
			Method: "POST", Path: "/realms/example-permissions/protocol/openid-connect/token", Repeatable: true,
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()),
		})
		if !keycloak.IsStatus(err, 403) {
			must(err)
		}
		return err == nil
	}
	fmt.Println("reading room:", may("reading room"))
	fmt.Println("archive:", may("archive"))

	// Output:
	// token endpoint: /realms/example-permissions/protocol/openid-connect/token
	// reading room: true
	// archive: false
}
