package model

var group = &Kind{
	Name:   "group",
	Doc:    "A group of users, with attributes and roles that its members have; groups form a tree.",
	Class:  "GroupRepresentation",
	Folder: "groups",
	Places: []Place{
		{
			// The one call that returns all groups, flat, with all they have.
			// In what is searched for, "*" stands for anything since 26.6,
			// and "%" did before: each finds nothing on the other servers.
			Path: "groups",
			List: "groups?search=*&populateHierarchy=false&briefRepresentation=false&subGroupsCount=false",
			Page: 100,
			In:   "groups",

			ListSince:  "26.6",
			ListBefore: "groups?search=%25&populateHierarchy=false&briefRepresentation=false&subGroupsCount=false",

			Right: "users",
		},
		{Parent: "group", Path: "{parent}/children", In: "subGroups", Right: "users"},
	},
	Key:      "name",
	Item:     "groups/{id}",
	Examples: []Object{{}},
	Move:     "{parent}/children",
	Called: func(rep Object, _ func(kind, id string) string) string {
		path, _ := rep["path"].(string)
		return path
	},
	Fields: Fields{
		short("name").required(),
		short("description"),
		multi("attributes").most(columnLength),
		realmRoles("realmRoles", "groups/{id}/role-mappings/realm"),
		clientRoles("clientRoles", "groups/{id}/role-mappings/clients/{owner}"),
		str("id").computed(),
		str("path").computed(),
		str("parentId").computed(),
		integer("subGroupCount").computed(),
		anything("access").computed(),
	},
}
