package model

var localization = &Kind{
	Name:   "localization",
	Doc:    "Texts of a realm, by key, that take the place of those of its themes in one language.",
	Folder: "localization",
	// Any text can be a locale for the server, which also keeps the texts of
	// languages that the realm does not support. keycloak-config-cli calls them
	// messageBundles.
	Places: []Place{{Path: "localization", In: "localizationTexts", Also: []string{"messageBundles"}, Base: true, Right: "realm"}},
	Key:    "locale",
	Item:   "localization/{key}",
	Bare:   "texts",
	Merged: true,
	Clear:  Null,
	Fields: Fields{
		short("locale").required(),
		dict("texts").verbatim().anyKeys(),
	},
	Reads: []Read{{
		Fields: []string{"texts"}, Base: true,
		Path: "localization/{key}",
		Into: func(answer any, _ func(kind, id string) string) Object {
			texts, ok := mapOf(answer)
			if !ok {
				texts = map[string]any{}
			}
			return Object{"texts": texts}
		},
	}},
}
