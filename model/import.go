package model

// File is what a realm's one file says around an object.
type File struct {
	// New says that no new realm has the object by itself.
	New bool
	// Exported is the version that exported the file, when it is an older one than
	// the server's; "" otherwise.
	Exported string
	// Addr is where the object stands, Of returns what it says of any object, Names
	// reports whether anything in it names one, and Lists whether it lists the
	// realm's objects of a kind.
	Addr  Address
	Of    func(Address) Object
	Names func(Address) bool
	Lists func(kind string) bool
}

// Import is what Keycloak's import gives an object beside what the file says.
type Import struct {
	// Field gets the value: where it is a [Dict], the Key in it does.
	Field, Key, Value string
	// Of recognizes the objects of which that is so; nil is all.
	Of func(o, realm Object) bool
	// Before is the version since which Keycloak knows the key: for older ones
	// the value is what all objects do. Why says so in words.
	Before, Why string
}

// Overrule is a value that a field has to have.
type Overrule struct {
	// Field has to have the value: where it is a [Dict] and there is a Key, that in
	// it. A Value of nil is none.
	Field, Key string
	Value      any
	Why        string
	// Before is the version whose exports keep what they say; "" is none. Dated
	// says that so do files that say no version.
	Before string
	Dated  bool
}
