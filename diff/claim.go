package diff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kcsync/kcsync/model"
)

// claimed are the objects of a kind by what each has to itself, see
// [model.Kind.Claims].
type claimed map[*model.Kind]map[string][]model.Address

func (h claimed) add(it *model.Item, claims map[string]string) {
	if h[it.Kind] == nil {
		h[it.Kind] = map[string][]model.Address{}
	}
	for _, what := range claims {
		h[it.Kind][what] = append(h[it.Kind][what], it.Addr)
	}
}

// claim finds the objects that come to have what another has, where the server
// lets only one have it, and lets what comes to have it wait for what gives it
// up.
func (c *comparison) claim() {
	before, after := claimed{}, claimed{}
	for _, it := range c.current.Sorted() {
		if it.Kind.Claims != nil {
			before.add(it, it.Kind.Claims(it.Fields, c.object("")))
		}
	}
	for _, it := range c.sorted {
		if it.Kind.Claims != nil {
			after.add(it, it.Kind.Claims(c.object(it.Addr), c.object("")))
		}
	}
	for _, it := range c.current.Sorted() {
		if it.Kind.Claims != nil && c.desired.Items[it.Addr] == nil && c.stands(it.Addr) {
			after.add(it, it.Kind.Claims(it.Fields, c.object("")))
		}
	}
	for _, ch := range c.changes {
		it := c.desired.Items[ch.Addr]
		if ch.Kind.Claims == nil || it == nil {
			continue
		}
		claims := ch.Kind.Claims(c.object(ch.Addr), c.object(""))
		for _, pointer := range slices.Sorted(maps.Keys(claims)) {
			what := claims[pointer]
			other := func(a model.Address) bool { return a != ch.Addr }
			if slices.Contains(before[ch.Kind][what], ch.Addr) {
				continue
			}
			if i := slices.IndexFunc(after[ch.Kind][what], other); i >= 0 {
				has := after[ch.Kind][what][i]
				detail := "take it away from one of the two"
				if ch.Action == Create && c.desired.Items[has] == nil {
					detail += fmt.Sprintf(", or write previously: %s if it is the same", has.Key())
				}
				c.fail("taken", ch.Addr, it.FieldSource(pointer), fmt.Sprintf("%s is that of %s, too; only one can have it", what, has), detail)
				continue
			}
			c.waits[ch.Addr] = append(c.waits[ch.Addr], slices.DeleteFunc(slices.Clone(before[ch.Kind][what]), func(a model.Address) bool { return !other(a) })...)
		}
	}
}
