package apply

import (
	"context"
	"crypto/sha1"
	"fmt"

	"github.com/kcsync/kcsync/model"
)

// idSpace is the namespace of the ids that kcsync chooses.
var idSpace = [16]byte{0x6b, 0x63, 0x73, 0x79, 0x6e, 0x63, 0x4f, 0x1d, 0x9a, 0x40, 0x2e, 0x7c, 0x51, 0x0b, 0xd3, 0x88}

// ownID returns the n-th id that we would give to the object at an address: a
// UUID of version 5, so that a creation whose outcome is unknown can be sent
// again and is recognized. Ids are unique across a server, hence the realm's.
func ownID(realm string, a model.Address, n int) string {
	name := realm + "\n" + string(a)
	if n > 0 {
		name += fmt.Sprintf("\n%d", n)
	}
	h := sha1.New()
	h.Write(idSpace[:])
	h.Write([]byte(name))
	id := h.Sum(nil)[:16]
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// realmID returns the realm's internal id, or its name when the account may
// not see it.
func (j *job) realmID(ctx context.Context) string {
	a := model.Address(model.Realm.Name)
	if id, err := j.id(ctx, model.Realm, a, ""); err == nil {
		return id
	}
	return j.plan.Realm
}

// taken reports whether an id is known to belong to another object of the
// kind: one that was renamed keeps the id that its first name gave it.
func (w *world) taken(k *model.Kind, id string, a model.Address) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	other, ok := w.byID[kindID{k.Name, id}]
	return ok && other != a
}
