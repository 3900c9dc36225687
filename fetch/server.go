package fetch

import (
	"net/http"

	"github.com/kcsync/kcsync/fixtures"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// ask finds out what the server is: version and features.
func (r *run) ask() error {
	defer close(r.asked)
	r.server.URL = r.client.URL()
	if r.want.Server != nil {
		r.server = *r.want.Server
		return nil
	}
	// Not a part of the reading, which may end early: also of a realm that
	// does not exist one wants to know what its server would make.
	info, err := r.client.ServerInfo(r.outer)
	if keycloak.IsStatus(err, http.StatusForbidden) {
		r.note(model.Diagnostic{
			Severity: model.Note, Code: "server-unknown",
			Summary: "the account may not ask which version and features the server has",
			Detail:  "the newest version is assumed; any role of realm administration would do",
		})
		return nil
	}
	if err != nil {
		return err
	}
	r.server.Version, r.server.Features = info.Version, info.Features
	r.server.Info = model.InfoOf(info.Raw)
	if r.server.Version == "" {
		r.server.Version = fixtures.VersionOf(info.Features)
	}
	return nil
}

// exists reports whether the server has the kind. It waits for the server's
// word only when that matters.
func (r *run) exists(k *model.Kind) bool {
	if k.Since == "" && k.Feature == "" {
		return true
	}
	return r.askedFor() && model.HasVersion(r.server.Version, k.Since) && r.server.Has(k.Feature)
}

// askedFor waits until the server has told what it is. It reports false when
// the run ended meanwhile.
func (r *run) askedFor() bool {
	select {
	case <-r.asked:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// room reports whether the realm, as it is configured, can have objects of the
// kind, as far as one may know. It waits for the realm only when that matters.
func (r *run) room(k *model.Kind) bool {
	if k.When == nil {
		return true
	}
	select {
	case <-r.settled:
		return r.base["id"] == nil || k.When(r.base)
	case <-r.ctx.Done():
		return false
	}
}

func (r *run) note(d model.Diagnostic) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, d)
}
