package model

var workflow = &Kind{
	Name:   "workflow",
	Doc:    "Steps that the server takes with a user when something happens, or some time after.",
	Class:  "WorkflowRepresentation",
	Since:  "26.5",
	Folder: "workflows",
	// Without its Accept header the server would answer in YAML, and max=-1 is
	// an error 500.
	Places:  []Place{{Path: "workflows", Page: 100, In: "workflows", Right: RealmAdmin}},
	Key:     "name",
	Item:    "workflows/{id}",
	Feature: "WORKFLOWS",
	Fields: Fields{
		str("name").required(),
		boolean("enabled").def(true),
		str("on").doc("The event that starts it."),
		str("if").doc("A condition that users have to meet."),
		object("schedule", str("after").takes(duration), integer("batch-size")),
		object("concurrency", str("cancel-in-progress"), str("restart-in-progress")),
		objectList("steps",
			str("uses").required().names("providers/workflow-step"),
			str("after").takes(duration),
			field("with", SetDict), // the server keeps no order
			str("id").computed(),
			integer("scheduled-at").computed(),
			str("status").computed(),
		),
		str("id").computed(),
		anything("state").computed(),
	},
}
