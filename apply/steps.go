package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

// trees takes the edits that are made by steps out of those that have requests
// of their own.
func trees(k *model.Kind, edits []diff.Edit) (tree, links []diff.Edit) {
	for _, e := range edits {
		if l := locate(k.Fields, e.Path); l.f != nil && (l.f.Type == model.Tree || l.f.Stepped) {
			tree = append(tree, e)
		} else {
			links = append(links, e)
		}
	}
	return tree, links
}

// treesOf returns the names of a kind's fields that are trees. What is stepped may
// be about all of them.
func treesOf(k *model.Kind) map[string]bool {
	out := map[string]bool{}
	for _, f := range k.Fields {
		if f.Type == model.Tree {
			out[f.Name] = true
		}
	}
	return out
}

// grow makes the trees of the change's object what is declared, by the steps
// that its kind finds. When the outcome of a step is unknown, reading again
// tells what is left to do.
func (j *job) grow(ctx context.Context, edits []diff.Edit) error {
	if len(edits) == 0 {
		return nil
	}
	c, k := j.c, j.c.Kind
	want := model.Object{k.Key: c.Addr.Key()}
	for _, e := range edits {
		name := model.Segments(e.Path)[0]
		want[name] = e.After
		if e.After == nil {
			want[name] = k.Fields.Get(name).Empty()
		}
	}
	for round := 1; ; round++ {
		if _, _, err := j.read(ctx, treesOf(k)); err != nil {
			return err
		}
		err := j.grown(ctx, want)
		if err == nil || round == rounds || !unsure(err) {
			return err
		}
	}
}

// grown sends the steps that make the job's object, which was read, what is wanted;
// nil is that it goes. Objects that may share something are changed one after
// the other.
func (j *job) grown(ctx context.Context, want model.Object) error {
	others := j.sharing()
	var read []model.Object
	if others != nil {
		j.shares.Lock()
		defer j.shares.Unlock()
		if _, _, err := j.read(ctx, treesOf(j.c.Kind)); err != nil {
			return err
		}
		for _, it := range others {
			other := j.run.job(&diff.Change{Addr: it.Addr, Kind: it.Kind, Parent: it.Parent})
			switch _, _, err := other.read(ctx, treesOf(it.Kind)); {
			case err == nil:
				read = append(read, other.full)
			case !keycloak.IsStatus(err, 404): // it may have gone meanwhile
				return err
			}
		}
	}
	seed := fmt.Sprint(j.full[j.c.Kind.IDField()])
	steps, err := j.c.Kind.Steps(j.full, want, read, !j.w.new(), j.plan.Server.Version, func(name string) string {
		return ownID(j.realmID(ctx), model.Address(seed+"\n"+name), 0)
	})
	if err != nil {
		return err
	}
	return j.steps(ctx, steps)
}

// part lets others keep what they share with the object at an address, which
// goes.
func (j *job) part(ctx context.Context, addr, parent model.Address) error {
	goes := j.run.job(&diff.Change{Addr: addr, Kind: j.c.Kind, Parent: parent})
	switch _, _, err := goes.read(ctx, treesOf(j.c.Kind)); {
	case keycloak.IsStatus(err, 404):
		return nil
	case err != nil:
		return err
	}
	return goes.grown(ctx, nil)
}

// sharing returns the objects that may share something with the job's.
func (j *job) sharing() (out []*model.Item) {
	if j.c.Kind.Shares == nil || j.w.new() {
		return nil
	}
	for _, it := range j.w.items(j.c.Kind) {
		if it.Addr != j.c.Addr && j.c.Kind.Shares(j.full, it.Fields) {
			out = append(out, it)
		}
	}
	return out
}

// steps sends the requests one after the other. All secrets are looked up
// before the first.
func (j *job) steps(ctx context.Context, steps []model.Step) error {
	encoded, err := j.encode(ctx, steps)
	if err != nil {
		return err
	}
	for i, s := range encoded {
		err := j.sendStep(ctx, s)
		if err == nil {
			continue
		}
		if i > 0 || unsure(err) {
			err = errors.Join(err, j.mend(context.WithoutCancel(ctx), encoded[i:]))
		}
		return err
	}
	return nil
}

// mend gives back, when a step failed or the apply is to stop, what those before
// it may have taken from others. Where they took nothing that changes nothing.
func (j *job) mend(ctx context.Context, left []encoded) error {
	for _, s := range left {
		if !s.Mends {
			continue
		}
		if err := j.sendStep(ctx, s); err != nil {
			return fmt.Errorf("and others are left without what they shared with it: %w", err)
		}
	}
	return nil
}

// encoded is a step whose body is as it is sent.
type encoded struct {
	model.Step
	body    any
	instead []encoded
}

// encode finds the bodies of steps, all before the first is sent.
func (j *job) encode(ctx context.Context, steps []model.Step) ([]encoded, error) {
	enc := j.encoder(ctx)
	out := make([]encoded, len(steps))
	for i, s := range steps {
		out[i].Step = s
		var err error
		if s.Body != nil {
			if out[i].body, err = enc.value(nil, s.Body, false); err != nil {
				return nil, err
			}
		}
		if out[i].instead, err = j.encode(ctx, s.Instead); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sendStep sends a request, or those that come instead of it.
func (j *job) sendStep(ctx context.Context, s encoded) error {
	q := keycloak.Request{Method: s.Method, Path: j.base() + keycloak.Path(s.Path...), Body: s.body}
	_, err := j.send(ctx, q)
	switch {
	case s.Method == "DELETE" && keycloak.IsStatus(err, 404):
		return nil // it went with something else
	case !keycloak.IsStatus(err, 409):
		return err
	case s.Clash != nil:
		if _, gone := j.send(ctx, keycloak.Request{Method: "DELETE", Path: j.base() + keycloak.Path(s.Clash...)}); gone == nil {
			_, err = j.send(ctx, q)
		}
	case len(s.instead) > 0:
		for _, s := range s.instead {
			if err := j.sendStep(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
	return err
}

// more completes the answer to a read by the requests that it takes beyond.
func (j *job) more(ctx context.Context, rd model.Read, answer any) (any, error) {
	if rd.More == nil {
		return answer, nil
	}
	return rd.More(answer, func(path string) (any, error) {
		var v any
		err := j.get(ctx, j.base()+"/"+path, nil, &v)
		return v, err
	})
}

// inUse explains why the server does not delete an object: it is looked for
// everywhere, because a plan reads only what it is about.
func (j *job) inUse(ctx context.Context, a model.Address, err error) error {
	k := model.KindOf(a)
	if !k.Bound || !keycloak.IsStatus(err, 400, 409, 500) {
		return err
	}
	w := fetch.Want{Kinds: []string{k.Name}, Parallelism: j.o.Parallelism, Children: func(model.Address, string) bool { return false }}
	w.Field = func(model.Address, string) bool { return false }
	for _, other := range model.Kinds() {
		if other.Top() && refersTo(other.Fields, k.Name) {
			w.Kinds = append(w.Kinds, other.Name)
		}
	}
	s, _, look := fetch.State(ctx, j.client, j.plan.Realm, w)
	if look != nil {
		return err
	}
	var names []string
	for _, h := range s.Users(a) {
		names = append(names, fmt.Sprintf("%s (%s)", h.Holder.Addr, h.Field.Name))
	}
	if names == nil {
		return err
	}
	return fmt.Errorf("it is in use by %s; let these use something else first (%w)", strings.Join(names, ", "), err)
}

func refersTo(fs model.Fields, kind string) bool {
	return slices.ContainsFunc(fs, func(f model.Field) bool { return f.Ref == kind || refersTo(f.Fields, kind) })
}
