package check

import (
	"strings"

	"github.com/kcsync/kcsync/model"
)

// Names returns which objects the server would not make, because of their
// names; those that it has it keeps, since its import takes any name. Without a
// current state they are warnings: whether there is such an object is not known.
func Names(desired, current *model.State) model.Diagnostics {
	version := ""
	if current != nil {
		version = current.Server.Version
	}
	var out model.Diagnostics
	for _, it := range desired.Sorted() {
		if it.Kind.ReadOnly || current != nil && current.Items[it.Addr] != nil {
			continue
		}
		severity, detail := model.Error, "Keycloak's import makes such names, and nothing else: call it otherwise"
		if current == nil {
			severity, detail = model.Warning, "only Keycloak's import makes such names: plan refuses it where the server does not have it"
		}
		for _, p := range it.Kind.Wrong(it.Fields, version, nil) {
			if it.Kind.CalledBy(p) {
				out = append(out, model.Diagnostic{Severity: severity, Code: "wrong-value", Addr: it.Addr, Source: it.FieldSource(p.Pointer), Detail: detail,
					Summary: it.Kind.Key + " of " + string(it.Addr) + " " + p.Summary})
			}
		}
	}
	return out
}

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
			if !told[p.Pointer] && !it.Kind.CalledBy(p) {
				out = append(out, model.Diagnostic{Code: "wrong-value", Addr: it.Addr, Source: it.ValueSource(p.Pointer, p.Member), Detail: p.Detail,
					Summary: strings.Join(model.Segments(p.Pointer), ".") + " of " + string(it.Addr) + " " + p.Summary})
			}
		}
	}
	return out
}
