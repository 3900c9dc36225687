package catalogue

import (
	"slices"
	"strings"
	"unicode"
)

// name gives each operation its name. It follows from the operation's own
// handler and address, so that it stays when versions bring others:
//
// The name is the handler's method name, "Of", and the words of the address
// that the method name does not have: getRoles for /roles, getRolesOfClient
// for /clients/{client-uuid}/roles, addRealmRoleMappingsOfUser for
// /users/{user-id}/role-mappings/realm. The word before a variable is in the
// singular. Words are those below the realm, or below /admin.
//
// A method name of a single word is only the verb, and is followed by all words
// of the address right away: deleteComponent for DELETE /components/{id}; in
// the singular for a POST, which makes one: createComponent for POST
// /components.
//
// Where the address tells a {type} apart, "ByType" follows.
//
// Where a handler takes the same thing as a form and as JSON, the one that
// takes the form has "Form" behind its name.
func name(ops []*Operation) {
	at := map[string][]*Operation{}
	for _, op := range ops {
		op.Name = nameOf(op)
		at[op.Name] = append(at[op.Name], op)
	}
	for _, same := range at {
		for _, op := range same {
			if len(same) > 1 && slices.ContainsFunc(op.Consumes, isForm) {
				op.Name += "Form"
			}
		}
	}
}

func isForm(mediaType string) bool {
	return mediaType == "application/x-www-form-urlencoded" || mediaType == "multipart/form-data"
}

func nameOf(op *Operation) string {
	name := handled(op)
	if slices.Contains(Variables(op.Path), "type") {
		name += "ByType"
	}
	return name
}

// handled returns the name without what tells it apart from others.
func handled(op *Operation) string {
	_, method, _ := strings.Cut(op.Handler, ".")
	said := camelWords(method)
	resource := resourceWords(op.Path)
	rest := without(resource, said)
	verb := len(said) == 1 && (op.Method != "GET" || len(rest) == len(resource))
	if verb {
		if op.Method == "POST" && len(rest) > 0 {
			rest[len(rest)-1] = singular(rest[len(rest)-1])
		}
		return method + title(rest)
	}
	if len(rest) == 0 {
		return method
	}
	return method + "Of" + title(rest)
}

// resourceWords returns the words of an address.
func resourceWords(path string) []string {
	below, ok := strings.CutPrefix(path, RealmPath)
	if !ok {
		below = strings.TrimPrefix(path, "/admin")
	}
	var out []string
	for s := range strings.SplitSeq(below, "/") {
		if isVariable(s) {
			if len(out) > 0 {
				out[len(out)-1] = singular(out[len(out)-1])
			}
			continue
		}
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune("-_.{}", r) }) {
			out = append(out, camelWords(part)...)
		}
	}
	return out
}

// camelWords splits a name where a word begins; capitals in a row are one.
func camelWords(s string) []string {
	var out []string
	runes := []rune(s)
	start := 0
	for i := 1; i < len(runes); i++ {
		begins := unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins {
			out = append(out, strings.ToLower(string(runes[start:i])))
			start = i
		}
	}
	return append(out, strings.ToLower(string(runes[start:])))
}

// without returns the words that are not among those said, each of which
// stands for one, the last of its kind: what a resource is comes at the end.
func without(words, said []string) []string {
	said = slices.Clone(said)
	var out []string
	for _, w := range slices.Backward(words) {
		i := slices.IndexFunc(said, func(s string) bool { return singular(s) == singular(w) })
		if i < 0 {
			out = append(out, w)
			continue
		}
		said = slices.Delete(said, i, i+1)
	}
	slices.Reverse(out)
	return out
}

func singular(word string) string {
	if stem, ok := strings.CutSuffix(word, "ies"); ok {
		return stem + "y"
	}
	if strings.HasSuffix(word, "ss") {
		return word
	}
	return strings.TrimSuffix(word, "s")
}

func title(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
