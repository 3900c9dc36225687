package fetch

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// TestBroken shows what is told of a realm that its server cannot read: how to
// mend it where nobody can sign in to it either, and nothing of that else. A
// real server in that state is of no use to other tests.
func TestBroken(t *testing.T) {
	for public, mends := range map[int]bool{http.StatusInternalServerError: true, http.StatusOK: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			status := http.StatusInternalServerError
			if r.URL.Path == "/admin/serverinfo" {
				status = http.StatusOK
			}
			if strings.HasPrefix(r.URL.Path, "/realms/") {
				status = public
			}
			w.WriteHeader(status)
			w.Write([]byte(`{"error":"unknown_error"}`)) // an object, whatever it is about
		}))
		c, err := keycloak.New(keycloak.Options{URL: server.URL, Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = State(t.Context(), c, "o'hara", Want{Kinds: []string{model.Realm.Name}})
		server.Close()
		if err == nil || !strings.Contains(err.Error(), "500") {
			t.Fatalf("a realm that cannot be read: %v", err)
		}
		if got := strings.Contains(err.Error(), "WHERE name = 'o''hara'"); got != mends {
			t.Errorf("its sign-in answers %d: %v", public, err)
		}
	}
}
