package catalogue

import (
	"slices"
	"strings"
	"testing"
)

// renamed are operations whose handlers got another name between versions, by
// the older one.
var renamed = map[string]string{
	"getScheduledStepsOfWorkflows": "getScheduledWorkflows", // when workflows were no preview any more, 26.6
}

// TestNames shows that a name is that of one operation, and that an operation
// has the same name in every version that has it.
func TestNames(t *testing.T) {
	first := map[string]string{} // names by what is asked
	for _, v := range Versions() {
		names := map[string]*Operation{}
		for _, op := range For(v).Operations {
			if other := names[op.Name]; other != nil {
				t.Errorf("%s: %s is %s %s and %s %s", v, op.Name, op.Method, op.Path, other.Method, other.Path)
			}
			names[op.Name] = op
			asked := op.Method + " " + op.Path + " " + strings.Join(op.Consumes, ",")
			if was := first[asked]; was != "" && was != op.Name && renamed[was] != op.Name {
				t.Errorf("%s: %s is %s in other versions: %s", v, op.Name, was, asked)
			}
			first[asked] = op.Name
		}
	}
}

func TestNameOf(t *testing.T) {
	for name, asked := range map[string]string{
		"getClients":                 "GET /admin/realms/{realm}/clients",
		"createClient":               "POST /admin/realms/{realm}/clients",
		"getRoles":                   "GET /admin/realms/{realm}/roles",
		"getRolesOfClient":           "GET /admin/realms/{realm}/clients/{client-uuid}/roles",
		"addRealmRoleMappingsOfUser": "POST /admin/realms/{realm}/users/{user-id}/role-mappings/realm",
		"createComponent":            "POST /admin/realms/{realm}/components",
		"getRealms":                  "GET /admin/realms",
		"logoutUser":                 "POST /admin/realms/{realm}/users/{user-id}/logout",
		"credentialsOfUser":          "GET /admin/realms/{realm}/users/{user-id}/credentials",
		"getOrganizationMember":      "GET /admin/realms/{realm}/organizations/{org-id}/members/{member-id}",
		"deleteWorkflow":             "DELETE /admin/realms/{realm}/workflows/{id}",
		"getInfoOfServerinfo":        "GET /admin/serverinfo",
		"testLDAPConnection":         "POST /admin/realms/{realm}/testLDAPConnection",
		"getClientsOfApiV2":          "GET /admin/api/{realmName}/clients/v2",
		"getUsersInRole":             "GET /admin/realms/{realm}/roles/{role-name}/users",
		"getRealmLocalizationText":   "GET /admin/realms/{realm}/localization/{locale}/{key}",
	} {
		op := For("").Lookup(name)
		if op == nil || op.Method+" "+op.Path != asked {
			t.Errorf("%s is %v, not %s", name, op, asked)
		}
	}
}

func TestOperation(t *testing.T) {
	op := For("26.7.5").Lookup("executeActionsEmailOfUser")
	want := []Param{
		{"path", "realm", "string", ""}, {"path", "user-id", "string", ""},
		{"query", "redirect_uri", "string", ""}, {"query", "client_id", "string", ""}, {"query", "lifespan", "integer", ""},
	}
	if !slices.Equal(op.Params, want) {
		t.Errorf("parameters are %v", op.Params)
	}
	if op.Body != "list<string>" || op.Handler != "UserResource.executeActionsEmail" {
		t.Errorf("body %s, handler %s", op.Body, op.Handler)
	}
	for typ, class := range map[string]string{"object:A": "A", "list<object:A.B>": "A.B", "map<string,list<object:A>>": "A", "list<string>": "", "": ""} {
		if got := ClassOf(typ); got != class {
			t.Errorf("the class of %q is %q", typ, got)
		}
	}
	fields := For("").Class("RoleRepresentation")
	if !slices.Contains(fields, Property{Name: "composite", Type: "boolean", Access: "read-write"}) {
		t.Errorf("fields of a role are %v", fields)
	}
	if For("").Class("Nothing") != nil {
		t.Error("an unknown class has fields")
	}
}

func TestNearest(t *testing.T) {
	newest := Versions()[len(Versions())-1]
	for version, want := range map[string]string{"": newest, "26.4.0": "26.4.7", "26.5.99": "26.5.7", "26.6": "26.6.4", "27.0.0": newest, "25.0.0": "26.4.7"} {
		if got := Nearest(version); got != want {
			t.Errorf("for %q stands %s, not %s", version, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	for asked, want := range map[string]string{
		"GET /admin/realms/acme/users":               "getUsers",
		"GET /admin/realms/acme/users/count":         "getUsersCount",
		"GET /admin/realms/acme/users/0f3a":          "getUser",
		"GET /admin/realms/{realm}/users/{user-id}":  "getUser",
		"POST /admin/realms/acme/testSMTPConnection": "testSMTPConnection testSMTPConnectionForm",
		"GET /admin/realms/acme/nothing":             "",
		"PUT /admin/realms/acme/users":               "",
	} {
		method, path, _ := strings.Cut(asked, " ")
		var names []string
		for _, op := range For("").Match(method, path) {
			names = append(names, op.Name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s is %q, not %q", asked, got, want)
		}
	}
}

func TestNext(t *testing.T) {
	c := For("")
	for path, want := range map[string][]string{
		"/admin/realms/acme/client-s":  {"/admin/realms/acme/client-scopes", "/admin/realms/acme/client-scopes/", "/admin/realms/acme/client-session-stats"},
		"/admin/realms/acme/users/1/c": {"/admin/realms/acme/users/1/configured-user-storage-credential-types", "/admin/realms/acme/users/1/consents", "/admin/realms/acme/users/1/credentials"},
		"/nothing":                     nil,
	} {
		if got := c.Next("GET", path); !slices.Equal(got, want) {
			t.Errorf("after %s comes %q", path, got)
		}
	}
	if got := c.Next("DELETE", "/admin/realms/acme/ke"); got != nil {
		t.Errorf("keys can be deleted: %q", got)
	}
}
