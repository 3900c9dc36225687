package fetch

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kcsync/kcsync/keycloak"
)

// broken says what to do about a realm that the server cannot read. A wrong
// number among its attributes, which the server takes, is one reason: then it
// shows nobody anything of the realm, not even its sign-in, refuses to change
// or delete it, and does not start again; only its database can be mended.
func (r *run) broken(err error) error {
	for _, path := range []string{keycloak.Path("admin", "realms", r.realm), keycloak.Path("realms", r.realm) + "/.well-known/openid-configuration"} {
		if _, also := r.client.Do(r.ctx, keycloak.Request{Method: http.MethodGet, Path: path}); !keycloak.IsStatus(also, http.StatusInternalServerError) {
			return err
		}
	}
	return fmt.Errorf("%w; nobody can sign in to the realm either. A value that is no number among the realm's attributes does that, and no request "+
		"mends it. The server's log says which value (For input string). Do not stop the server, for it would not start again. Find the value in its database:\n"+
		"  SELECT name, value FROM realm_attribute WHERE realm_id = (SELECT id FROM realm WHERE name = '%s');\n"+
		"and delete that row: the server then takes its own default, and reads the realm at once", err, strings.ReplaceAll(r.realm, "'", "''"))
}
