package ops

import (
	"fmt"
	"slices"
	"strings"
)

// Caches are the caches of a server that can be cleared.
var caches = map[string]string{
	"realm": "realms, clients, roles and groups",
	"user":  "users",
	"keys":  "public keys of clients and identity providers",
	"crl":   "certificate revocation lists (from Keycloak 26.2)",
}

// Caches returns the names of the caches that [Realm.ClearCache] knows.
func Caches() []string {
	var names []string
	for n := range caches {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// ClearCache empties one of the server's caches: what is in it is read from the database, or fetched, again. The
// server clears the caches of all realms, on all its nodes.
func (r Realm) ClearCache(name string) (*Deed, error) {
	what, ok := caches[name]
	if !ok {
		return nil, fmt.Errorf("there is no cache %q; there are %s", name, strings.Join(Caches(), ", "))
	}
	return r.deed("POST", nil, nil, "cleared cache "+name,
		[]string{"empties the server's cache of " + what + ", for all realms; nothing is lost, the next requests are slower"},
		"clear-"+name+"-cache"), nil
}
