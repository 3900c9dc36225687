package model

import "strings"

// Address names an object within its realm: kind, key, and so on down from
// the realm, as in "client/shop-web/protocol-mapper/tenant" or, for a tree,
// "group/sales/emea". It is comparable and sortable. A "/" within a key is
// written %2F, and a "%" as %25.
type Address string

var (
	keyEscaper   = strings.NewReplacer("%", "%25", "/", "%2F")
	keyUnescaper = strings.NewReplacer("%2F", "/", "%2f", "/", "%25", "%")
)

// EscapeKey returns a natural key as it stands in an address.
func EscapeKey(key string) string { return keyEscaper.Replace(key) }

// UnescapeKey returns the natural key that an address segment stands for.
func UnescapeKey(segment string) string { return keyUnescaper.Replace(segment) }

// AddressOf returns the address of the object of a kind with a natural key
// below a parent; parent is "" for the realm.
func AddressOf(parent Address, k *Kind, key string) Address {
	switch {
	case k == Realm:
		return Address(k.Name)
	case k.Singleton():
		return join2(parent, k.Name)
	case k.Tree() && parent.lastKind() == k.Name:
		return join2(parent, EscapeKey(key))
	}
	return join2(join2(parent, k.Name), EscapeKey(key))
}

// Address returns the address of the object of the kind below a parent that
// a representation is of; false when it lacks a part of its natural key.
func (k *Kind) Address(parent Address, rep Object) (Address, bool) {
	if k.Singleton() {
		return AddressOf(parent, k, ""), true
	}
	// A file may hold a name that looks like a number.
	key, _ := plainText(rep[k.Key])
	if key == "" {
		return "", false
	}
	if len(k.KeyWith) == 0 {
		return AddressOf(parent, k, key), true
	}
	a := join2(parent, k.Name)
	for _, name := range k.KeyWith {
		part, _ := plainText(rep[name])
		if part == "" {
			return "", false
		}
		a = join2(a, EscapeKey(part))
	}
	return join2(a, EscapeKey(key)), true
}

// Renamed returns the address of an object that stands beside the one at a
// and has another natural key.
func (a Address) Renamed(key string) Address {
	return a[:strings.LastIndexByte(string(a), '/')+1] + Address(EscapeKey(key))
}

func join2(a Address, s string) Address {
	if a == "" {
		return Address(s)
	}
	return a + "/" + Address(s)
}

// Under reports whether a is below b.
func (a Address) Under(b Address) bool { return strings.HasPrefix(string(a), string(b)+"/") }

// Key returns the natural key in the address' last segment.
func (a Address) Key() string {
	return UnescapeKey(string(a[strings.LastIndexByte(string(a), '/')+1:]))
}

// Rebase returns a with its leading part from replaced by to; a itself when
// it is neither from nor below it.
func (a Address) Rebase(from, to Address) Address {
	if a == from {
		return to
	}
	if a.Under(from) {
		return to + a[len(from):]
	}
	return a
}

// TreePath turns a path of names as Keycloak writes it, "/sales/emea", into
// the address of the object of a tree kind. A "/" within a name is %2F.
func TreePath(k *Kind, path string) Address {
	return Address(k.Name + "/" + strings.Trim(path, "/"))
}

// PathOf is the inverse of [TreePath].
func PathOf(k *Kind, a Address) string {
	return strings.TrimPrefix(string(a), k.Name)
}

// part is one object on the way from the realm to the one at an address.
type part struct {
	kind *Kind
	end  int // length of the address up to and including the object
}

// parts returns the objects on the way to the one at the address, outermost
// first; nil when a segment that should name a kind does not.
func (a Address) parts() []part {
	var out []part
	rest, end := string(a), 0
	next := func() (string, bool) {
		if rest == "" {
			return "", false
		}
		if end > 0 {
			end++ // the slash before the segment
		}
		seg, tail, _ := strings.Cut(rest, "/")
		rest = tail
		end += len(seg)
		return seg, true
	}
	for {
		seg, ok := next()
		if !ok {
			return out
		}
		k := Lookup(seg)
		if k == nil {
			return nil
		}
		if k.Singleton() {
			out = append(out, part{k, end})
			continue
		}
		for range k.KeyWith {
			if _, ok := next(); !ok {
				return nil
			}
		}
		for again := true; again; again = k.Tree() && rest != "" {
			if head, _, _ := strings.Cut(rest, "/"); len(out) > 0 && out[len(out)-1].kind == k && k.hasChild(head) {
				break
			}
			if _, ok := next(); !ok {
				return nil
			}
			out = append(out, part{k, end})
		}
	}
}

// KindOf returns the kind of the object that an address names, or nil.
func KindOf(a Address) *Kind {
	if p := a.parts(); len(p) > 0 {
		return p[len(p)-1].kind
	}
	return nil
}

// ParentOf returns the address of the object under which the one at a lives;
// "" is the realm.
func ParentOf(a Address) Address {
	if p := a.parts(); len(p) > 1 {
		return a[:p[len(p)-2].end]
	}
	return ""
}

// lastKind returns the name of the kind that the address' object is of.
func (a Address) lastKind() string {
	if k := KindOf(a); k != nil {
		return k.Name
	}
	return ""
}
