package model

// RealmAdmin is the role that has every right.
const RealmAdmin = "realm-admin"

// Right is what is to know of a right that objects take, see [Place.Right],
// beside the names of its roles.
type Right struct {
	// Name is the word for it, such as "clients".
	Name string
	// Probe is the path, below the realm's, of a POST that the server refuses
	// for want of the right to write, and that changes nothing: the server looks
	// at the right before it finds that what is to be made has no name, or no
	// content that it knows. That needs no token which tells its roles, and
	// counts roles that are parts of others. Empty: there is none.
	Probe string
	// Blank says that the probe has no body; else it is an empty object.
	Blank bool
	// Finely says that fine-grained permissions to single objects can stand for
	// the role that writing takes.
	Finely bool
	// Silent says that the list of its objects is empty, without a word, for an
	// account that has the role to query only.
	Silent bool
}

// rights are all of them but that to authorization settings: without it these
// cannot be read either.
var rights = []Right{
	{Name: "realm", Probe: "partial-export", Blank: true},
	{Name: "clients", Probe: "client-description-converter", Finely: true},
	{Name: "users", Probe: "users", Finely: true},
	{Name: "identity-providers", Probe: "identity-provider/import-config"},
	{Name: "organizations", Probe: "organizations", Finely: true, Silent: true},
	{Name: RealmAdmin, Probe: "workflows"},
}

// RightNamed returns the right of a name; of one that the registry knows no
// more of, just that.
func RightNamed(name string) Right {
	for _, r := range rights {
		if r.Name == name {
			return r
		}
	}
	return Right{Name: name}
}

// Writing returns the role of the realm's administration that writing takes.
func (r Right) Writing() string {
	if r.Name == RealmAdmin {
		return RealmAdmin
	}
	return "manage-" + r.Name
}
