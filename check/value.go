package check

import (
	"fmt"
	"strings"

	"github.com/kcsync/kcsync/fixtures"
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

// New returns what objects lack without which no server makes them, nor works with
// them. Whether there are such objects is not known without a server: these are
// warnings, and none is about what every realm has.
func New(desired *model.State) (model.Diagnostics, error) {
	fresh, err := fixtures.For(model.Server{}).Fresh.State(desired.Realm)
	if err != nil {
		return nil, err
	}
	var out model.Diagnostics
	for _, it := range desired.Sorted() {
		if it.Kind.ReadOnly || it.Previously != "" || fresh.Items[it.Addr] != nil {
			continue
		}
		if up := desired.Items[it.Parent]; up != nil && it.Kind.SpawnedOn(fresh.Server.Version, it.Parent, up.Fields)[it.Addr] != nil {
			continue // it comes with what it needs
		}
		warn := func(src model.Source, summary string) {
			out = append(out, model.Diagnostic{Severity: model.Warning, Code: "missing-field", Addr: it.Addr, Source: src,
				Summary: summary, Detail: "plan refuses it where the server does not have it"})
		}
		for _, name := range it.Kind.Missing(it.Fields) {
			warn(it.Source, fmt.Sprintf("%s has no %s, without which none can be made", it.Addr, name))
		}
		for _, p := range it.Kind.Lacks(it.Fields, nil) {
			warn(it.FieldSource(p.Pointer), fmt.Sprintf("%s: %s", it.Addr, p.Summary))
		}
	}
	return out, nil
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
