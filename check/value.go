package check

import (
	"strings"

	"github.com/kcsync/kcsync/model"
)

// Values returns what is wrong with single values for a server of the version,
// those that references stand for among them, where these are known; they are
// not shown. What no server takes is found when the files are loaded.
func Values(desired *model.State, version string, r model.Resolver) model.Diagnostics {
	value := func(ref model.Reference) (string, bool) {
		s, err := r.Resolve(ref)
		return s, err == nil
	}
	var out model.Diagnostics
	for _, it := range desired.Sorted() {
		told := map[string]bool{}
		for _, p := range it.Kind.Wrong(it.Fields, "", nil) {
			told[p.Pointer] = true
		}
		for _, p := range it.Kind.Wrong(it.Fields, version, value) {
			if !told[p.Pointer] {
				out = append(out, model.Diagnostic{Code: "wrong-value", Addr: it.Addr, Source: it.ValueSource(p.Pointer, p.Member), Detail: p.Detail,
					Summary: strings.Join(model.Segments(p.Pointer), ".") + " of " + string(it.Addr) + " " + p.Summary})
			}
		}
	}
	return out
}
