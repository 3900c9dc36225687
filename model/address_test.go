package model

import "testing"

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		a      Address
		kind   string
		parent Address
		key    string
		why    string
	}{
		{"realm", "realm", "", "realm", "the realm has no key"},
		{"client/shop", "client", "", "shop", "a top-level object"},
		{"client/a%2Fb", "client", "", "a/b", "a key may hold a slash"},
		{"client/shop/role/admin", "role", "client/shop", "admin", "the same kind lives in the realm and in clients"},
		{"role/role", "role", "", "role", "a key may be a kind's name"},
		{"client/client/role/client", "role", "client/client", "client", "at every level"},
		{"client/shop/service-account", "service-account", "client/shop", "service-account", "a child without a key"},
		{"group/sales", "group", "", "sales", "a tree's root"},
		{"group/sales/emea", "group", "group/sales", "emea", "a tree's keys follow each other"},
		{"group/group/group", "group", "group/group", "group", "even when they are called as the kind"},
		{"nonsense/x", "", "", "x", "no kind"},
		{"client", "", "", "client", "a key is missing"},
	} {
		k := KindOf(c.a)
		if (k == nil) != (c.kind == "") || k != nil && k.Name != c.kind {
			t.Errorf("%s: KindOf(%s) = %v, want %q", c.why, c.a, k, c.kind)
		}
		if p := ParentOf(c.a); p != c.parent {
			t.Errorf("%s: ParentOf(%s) = %q, want %q", c.why, c.a, p, c.parent)
		}
		if got := c.a.Key(); got != c.key {
			t.Errorf("%s: Key(%s) = %q, want %q", c.why, c.a, got, c.key)
		}
		if k != nil && !k.Singleton() {
			if got := AddressOf(c.parent, k, c.key); got != c.a {
				t.Errorf("%s: AddressOf(%q, %s, %q) = %s, want %s", c.why, c.parent, k.Name, c.key, got, c.a)
			}
		}
	}
}
