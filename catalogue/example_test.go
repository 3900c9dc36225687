package catalogue_test

import (
	"fmt"

	"github.com/kcsync/kcsync/catalogue"
)

// What the Admin API of a server can be asked, by name and by address.
func Example() {
	c := catalogue.For("26.5.2")
	op := c.Lookup("getRolesOfClient")
	fmt.Println(op.Method, op.Path)
	for _, op := range c.Match("POST", "/admin/realms/acme/clients") {
		fmt.Println(op.Name, "takes", op.Body)
	}
	for _, p := range c.Class("RoleRepresentation")[:3] {
		fmt.Println(p.Name, p.Type)
	}
	// Output:
	// GET /admin/realms/{realm}/clients/{client-uuid}/roles
	// createClient takes object:ClientRepresentation
	// attributes map<string,list<string>>
	// clientRole boolean
	// composite boolean
}
