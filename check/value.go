package check

import (
	"strings"

	"github.com/kcsync/kcsync/model"
)

// References returns what is wrong with the values that references stand for,
// where these are known: what stands in the files itself is checked when they
// are loaded. The values are not shown.
func References(desired *model.State, r model.Resolver) model.Diagnostics {
	value := func(ref model.Reference) (string, bool) {
		s, err := r.Resolve(ref)
		return s, err == nil
	}
	var out model.Diagnostics
	for _, it := range desired.Sorted() {
		told := map[string]bool{}
		for _, p := range it.Kind.Wrong(it.Fields, nil) {
			told[p.Pointer] = true
		}
		for _, p := range it.Kind.Wrong(it.Fields, value) {
			if !told[p.Pointer] {
				out = append(out, model.Diagnostic{Code: "wrong-value", Addr: it.Addr, Source: it.FieldSource(p.Pointer), Detail: p.Detail,
					Summary: "what stands for " + strings.Join(model.Segments(p.Pointer), ".") + " of " + string(it.Addr) + " " + p.Summary})
			}
		}
	}
	return out
}
