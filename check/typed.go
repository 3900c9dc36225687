package check

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/model"
)

// setting is the same for uses of a name with the same value in like places.
func (u use) setting() string { return fmt.Sprintf("%s\x00%v", u.sort(), u.value) }

// typed checks the value of a property that the server reads as JSON. How it
// reads those of providers that are not Keycloak's own is not known.
func (c *checker) typed(it *model.Item, u use) {
	prop, ok := fixtures.InfoFor(c.info.Version).OffersAny(u.paths)[u.provider][u.name]
	if !ok {
		for _, f := range fixtures.Features(c.info.Version) {
			if p, has := f.Info.OffersAny(u.paths)[u.provider][u.name]; has {
				prop, ok = p, true
			}
		}
	}
	if !ok {
		return
	}
	if want := wanted(prop.Type, u.value); want != "" {
		c.add(model.Diagnostic{Addr: it.Addr, Source: it.FieldSource(u.pointer), Code: "wrong-value",
			Summary: fmt.Sprintf("%s of %s %s must be %s, not %s", u.name, Label(u.paths[0]), quote(u.provider), want, written(u.value)),
			Detail:  u.field.Names.Harm})
	}
}

// wanted says what a value of a type of properties is when the one given is
// none; "" when it may be.
func wanted(typ string, v any) string {
	l, isList := v.([]any)
	_, isMap := v.(map[string]any)
	compound := func(e any) bool {
		switch e.(type) {
		case []any, map[string]any:
			return true
		}
		return false
	}
	text := fmt.Sprint(v)
	switch {
	case typ == "Map": // whose text the server takes apart in ways of its own
	case strings.HasPrefix(typ, "Multivalued") || strings.HasSuffix(typ, "MultiList"):
		if !isList || slices.ContainsFunc(l, compound) {
			return "a list of texts"
		}
	case isList || isMap:
		return "a single value"
	case typ == "boolean":
		if _, is := v.(string); is && !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") && text != "" {
			return "true or false"
		}
	case typ == "Integer":
		if _, err := strconv.Atoi(text); err != nil && text != "" {
			return "a whole number"
		}
	}
	return ""
}

// written returns a value as JSON, shortened when it is long.
func written(v any) string {
	if s, ok := v.(string); ok {
		return quote(s)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	s := []rune(string(b))
	const most = 60
	if len(s) > most {
		s = append(s[:most], '…')
	}
	return string(s)
}
