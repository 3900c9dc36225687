package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// resolve returns a desired value with what its references stand for, and
// whether there are any. The error tells of the first that stands for
// nothing.
func (c *comparison) resolve(f *model.Field, v any) (any, bool, error) {
	switch v := v.(type) {
	case model.Reference:
		s, err := c.opt.Resolver.Resolve(v)
		return s, true, err
	case []any:
		out, found := make([]any, len(v)), false
		for i, e := range v {
			r, is, err := c.resolve(nil, e)
			if err != nil {
				return nil, true, err
			}
			out[i], found = r, found || is
		}
		if found && f != nil && (f.Type == model.Set || f.Type == model.SetDict) {
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			out = slices.CompactFunc(out, func(a, b any) bool { return a == b })
		}
		return out, found, nil
	case map[string]any:
		out, found := make(map[string]any, len(v)), false
		for _, key := range model.Keys(v) {
			r, is, err := c.resolve(f, v[key])
			if err != nil {
				return nil, true, err
			}
			out[key], found = r, found || is
		}
		return out, found, nil
	}
	return v, false, nil
}

// isVault reports whether a value is an expression that the server looks up
// in its vault. The server never masks one: where it shows a mask, it has
// something else.
func isVault(v any) bool {
	s, ok := v.(string)
	return ok && strings.HasPrefix(s, "${vault.")
}

// secretEndings are how names end of which the registry knows nothing but
// whose values are better not shown: what extensions keep in maps.
var secretEndings = []string{"password", "secret", "privatekey", "private.key", "private_key", "apikey", "api.key", "api_key", "credential", "passphrase"}

func looksSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretEndings, func(e string) bool { return strings.HasSuffix(name, e) })
}
