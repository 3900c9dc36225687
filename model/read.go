package model

// Read is one request that completes an object with fields that its list
// does not show.
type Read struct {
	// Fields are the top-level fields that the answer gives; the request is
	// needed only when one of them is wanted.
	Fields []string
	// Path is below the realm's, with {id}, {key} and {parent}; empty: there
	// is no such request, the answer is the object's own representation.
	Path string
	// One is the path that finds one {member} of the only field, of which there
	// may be very many: where a file names few, each of them is looked up.
	One string
	// When says for which objects, as listed, the request is needed at all.
	When func(Object) bool
	// Right is the right that the request takes when it is not the place's.
	Right string
	// More completes the answer by further requests, with paths below the
	// realm's, escaped.
	More func(answer any, get func(path string) (any, error)) (any, error)
	// Declared says that the answer is data: it is asked for only where a
	// file declares one of the fields.
	Declared bool
	// Into turns the decoded answer into fields. The function name gives the
	// natural key of an object of a kind by the server's id. The answer is an
	// empty list where nothing had to be asked.
	Into func(answer any, name func(kind, id string) string) Object
	// Base says that a partial export without clients, groups and roles
	// already holds the fields.
	Base bool
	// Vague recognizes, in such an export, an object of which it does not tell
	// the fields for sure.
	Vague func(Object) bool
}

// Few returns the members of the field that a declared object names, or nil
// when all have to be read: because it names none or too many.
func (rd *Read) Few(declared Object) []string {
	const many = 20
	if rd.One == "" {
		return nil
	}
	l, _ := declared[rd.Fields[0]].([]any)
	if len(l) > many {
		return nil
	}
	var out []string
	for _, m := range l {
		if s, ok := m.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
