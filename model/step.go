package model

// Step is one request of several that change one object. Bodies hold
// canonical values, so that secrets in them are still references.
type Step struct {
	Method string
	Path   []string // segments below the realm's path
	Body   Object
	// Clash is what to delete, and then to try again, when something of the
	// body's id is there already: an earlier attempt left it behind.
	Clash []string
	// Instead is sent when the server answers that something has the name in
	// the body.
	Instead []Step
	// Mends says that the steps before took something from others, which this
	// one gives back: it is sent, too, when one of them fails or the apply is to
	// stop.
	Mends bool
}
