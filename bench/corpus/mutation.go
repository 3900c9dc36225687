package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// sort is a sort of change that somebody makes to the files of a realm.
type sort string

const (
	changeField sort = "change"
	addObject   sort = "add"
	remove      sort = "remove"
	rename      sort = "rename"
	reorder     sort = "order"
)

var sorts = []sort{changeField, addObject, remove, rename, reorder}

// mutation is one such change to one object, and what a plan of it must show:
// that and nothing else.
type mutation struct {
	sort sort
	it   *model.Item // as it was
	to   model.Address
	proposal
	want []string // see shape
	// Options that the plan takes.
	remove, replace []model.Address
	users           []model.Address // objects that change with it
	anew            []model.Address // objects that are made, with what the server puts below them
	sways           []string        // kinds of which the server may change objects by itself
}

// alsoWanted are the shapes of what changes along with the mutation's own object.
func (m *mutation) alsoWanted() []string {
	return slices.DeleteFunc(slices.Clone(m.want), func(s string) bool { return !strings.HasPrefix(s, "update ") })
}

func (m *mutation) String() string {
	s := fmt.Sprintf("%s %s", m.sort, m.it.Addr)
	if m.to != "" {
		s += " -> " + string(m.to)
	}
	if m.path != nil {
		s += fmt.Sprintf(" %s = %v", strings.Join(m.path, "."), m.value)
	}
	return s
}

// data reports whether the mutation's object is data, which kcsync never
// deletes.
func (m *mutation) data() bool { return m.it.Place().Declared }

// invented reports whether the mutation's value, its key, or a person's name is a
// text made up, which may not be one of those that the server takes.
func (m *mutation) invented() bool {
	return m.to != "" && m.data() || strings.Contains(fmt.Sprint(m.value), "changed") || slices.Contains(m.path, "changed")
}

// shape is what counts of a change in a plan: what is done to which object,
// and of an update which fields.
func shape(action diff.Action, addr, from model.Address, paths ...string) string {
	s := fmt.Sprintf("%s %s", action, addr)
	if from != "" && from != addr {
		s += " from " + string(from)
	}
	if action == diff.Update {
		slices.Sort(paths)
		s += " " + strings.Join(slices.Compact(paths), " ")
	}
	return s
}

// shapes are those of all changes of a plan, sorted.
func shapes(p *diff.Plan) []string {
	paths, anew := map[model.Address][]string{}, map[model.Address]bool{}
	for _, c := range p.Changes {
		anew[c.Addr] = c.Action == diff.Create
		for _, e := range c.Edits {
			paths[c.Addr] = append(paths[c.Addr], e.Path)
		}
	}
	var out []string
	for _, c := range p.Changes {
		if c.ID == string(c.Addr) { // and not the second part of one that was cut in two
			action := c.Action
			if action == diff.Replace && anew[c.Parent] { // of what the server makes there
				action = diff.Create
			}
			out = append(out, shape(action, c.Addr, c.From, paths[c.Addr]...))
		}
	}
	slices.Sort(out)
	return out
}

// mutator finds the changes that can be made to the files of a realm.
type mutator struct {
	*edition
	rand             *rand.Rand
	desired, current *model.State
	fresh            map[model.Address]*model.Item
	untold           map[model.Address]bool // objects with a secret that the server does not tell
	lacking          map[model.Address]bool // objects that name what the server does not have
	keeps            map[model.Address]bool // further objects that the server keeps for itself
}

// veils reports whether the server hides a value of an object, or of another while
// this one is as it is: no export has it, and who writes the object has to say it.
func (m *mutator) veils(a model.Address) bool {
	for at, it := range m.current.Items {
		for _, by := range it.Veiled {
			if a == at || a == by {
				return true
			}
		}
	}
	return false
}

// mutations returns, for every kind of which the realm has an object, changes
// of every sort that applies, in a seeded order.
func (m *mutator) mutations(k *model.Kind) []*mutation {
	if k.Place("") != nil && k.Place("").Declared && m.blocked() {
		return nil
	}
	var items []*model.Item
	for _, it := range m.desired.Sorted() {
		if it.Kind == k && m.spotOf(it).file != "" && m.current.Sealed(it.Addr) == "" && !m.veils(it.Addr) {
			items = append(items, it)
		}
	}
	if len(items) == 0 {
		return m.ownChanges(k)
	}
	m.rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	var out []*mutation
	for i, it := range items {
		if i >= mostObjects {
			break
		}
		out = append(out, m.changes(it)...)
	}
	// The first few that can be: others are in use, or the server's own.
	for _, of := range []func(*model.Item) *mutation{m.addition, m.removal, m.renaming} {
		found := 0
		for _, it := range items {
			if mu := of(it); mu != nil && found < mostObjects {
				found++
				out = append(out, mu)
			}
		}
	}
	return out
}

// blocked reports whether a directory of the realm lets nobody be looked up, and
// hence made.
func (m *mutator) blocked() bool {
	k := model.Lookup("user-federation")
	return slices.ContainsFunc(m.current.Children("", k), func(it *model.Item) bool { return k.Fits(it.Fields, m.current.Beside(it)) != nil })
}

// ownChanges are changes to an object of which the files say nothing, because
// it is as the server made it: a file of its own says what is to be different.
func (m *mutator) ownChanges(k *model.Kind) []*mutation {
	if k.Folder == "" || k.Bare != "" || !k.Top() {
		return nil
	}
	var items []*model.Item
	for _, have := range m.current.Children("", k) {
		if m.current.Sealed(have.Addr) != "" || have.Builtin && k.Place("").Fixed != "" {
			continue // nobody changes it
		}
		it := &model.Item{Addr: have.Addr, Kind: k, Fields: model.Object{}}
		for i := range k.Fields {
			if f := &k.Fields[i]; f.Required || f.Name == k.Key || slices.Contains(k.KeyWith, f.Name) {
				it.Fields[f.Name] = have.Fields[f.Name]
			}
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil
	}
	return m.changes(items[m.rand.IntN(len(items))])
}

// declaration is a file that says of an object nothing but which it is.
func (m *mutator) declaration(it *model.Item) *text.Node {
	file := it.Kind.Folder + "/declared.yaml"
	if m.docs[file] == nil {
		m.docs[file] = &text.Node{Kind: text.Map}
		for i := range it.Kind.Fields {
			if v, ok := it.Fields[it.Kind.Fields[i].Name]; ok {
				put(m.docs[file], []string{it.Kind.Fields[i].Name}, text.FromAny(v, nil))
			}
		}
	}
	return m.docs[file]
}

// described returns the representation of an object in the files.
func (m *mutator) described(it *model.Item) *text.Node {
	s := m.spotOf(it)
	if s.file == "" {
		return m.declaration(it)
	}
	return m.node(s)
}

// mostObjects bounds the objects of a kind to which a change of each sort is
// made, and mostFields the fields of each.
const (
	mostObjects = 3
	mostFields  = 6
)

// changes are those of an object's fields.
func (m *mutator) changes(it *model.Item) []*mutation {
	var out []*mutation
	ps := m.proposals(it)
	m.rand.Shuffle(len(ps), func(i, j int) { ps[i], ps[j] = ps[j], ps[i] })
	ordered := false
	for _, p := range ps {
		s := changeField
		f := it.Kind.Fields.Get(p.path[0])
		if m.reordered(it, f, p) {
			s = reorder
		}
		if s == changeField && len(out) >= mostFields || s == reorder && ordered {
			continue
		}
		if !m.possible(it, f, p) {
			continue
		}
		ordered = ordered || s == reorder
		pointer := model.Pointer(p.path...)
		if len(p.path) > 1 && f.Whole {
			pointer = model.Pointer(p.path[0])
		}
		paths := []string{pointer}
		if f.Type == model.Struct && f.Whole {
			paths = nil
			was, _ := m.value(it, f.Name).(map[string]any)
			now, _ := p.value.(map[string]any)
			for _, sub := range f.Fields {
				if !sub.Equal(was[sub.Name], now[sub.Name]) {
					paths = append(paths, model.Pointer(f.Name, sub.Name))
				}
			}
		}
		if other := m.excluded(it, f, p.value); other != "" {
			paths = append(paths, model.Pointer(other))
			p.also = []string{other}
		}
		out = append(out, &mutation{sort: s, it: it, proposal: p, sways: swaying(it), want: []string{shape(diff.Update, it.Addr, "", paths...)}})
	}
	return out
}

// possible reports whether a proposal says something new, and leaves room for
// what else the files have below the object.
func (m *mutator) possible(it *model.Item, f *model.Field, p proposal) bool {
	if m.dropped(it, p) {
		return false
	}
	whole, before := m.whole(it), model.Object(nil)
	if have := m.current.Items[it.Addr]; have != nil {
		before = have.Fields
	}
	was := whole[f.Name]
	set(whole, p.path, p.value)
	whole = it.Kind.Canonical(whole)
	if f.Equal(was, whole[f.Name]) || len(it.Kind.Lacks(whole, before)) > 0 || it.Kind.Refuses != nil && len(it.Kind.Refuses(whole, before, m.current.Beside(it), m.current.Server)) > 0 {
		return false
	}
	if unnamed(it.Kind.Fields, f.Name, whole) || f.Sole && m.elsewhere(it, whole) {
		return false
	}
	if check := it.Kind.Check; check != nil && len(check(whole)) > len(check(m.whole(it))) {
		return false
	}
	if have := m.current.Items[it.Addr]; have != nil && it.Kind.Rigid != nil && m.made(it) {
		if why, _ := it.Kind.Rigid(have.Fields, model.Object{f.Name: whole[f.Name]}); why != "" {
			return false
		}
	}
	if m.spoils(it, whole) {
		return false
	}
	parent := it.Addr
	if it.Kind == model.Realm {
		parent = ""
	}
	for _, k := range it.Kind.Children() {
		if k.When != nil && !k.When(whole) && len(m.desired.Children(parent, k)) > 0 {
			return false
		}
	}
	return true
}

// elsewhere reports whether an object names what another has for itself alone.
func (m *mutator) elsewhere(it *model.Item, whole model.Object) bool {
	return slices.ContainsFunc(it.Kind.Refs(it.Parent, whole), func(r model.Ref) bool {
		return r.Field.Sole && slices.ContainsFunc(m.desired.Users(r.Addr), func(h model.Held) bool { return h.Field == r.Field && h.Holder.Addr != it.Addr })
	})
}

// whole returns the fields of an object, those that its file declares and those
// that it leaves as they are.
func (m *mutator) whole(it *model.Item) model.Object {
	whole := it.Fields.Clone()
	if have := m.current.Items[it.Addr]; have != nil {
		for name, v := range have.Fields {
			if _, ok := whole[name]; !ok {
				whole[name] = v
			}
		}
	}
	return whole
}

// dangles reports whether an object names what is not there, as an import lets
// it: nothing else can come to do so.
func (m *mutator) dangles(it *model.Item) bool {
	return slices.ContainsFunc(it.Kind.Refs(it.Parent, it.Fields), func(r model.Ref) bool {
		return m.current.Items[r.Addr] == nil && m.desired.Items[r.Addr] == nil
	})
}

// dropped reports whether the server would take the value of a proposal and
// drop it.
func (m *mutator) dropped(it *model.Item, p proposal) bool {
	if it.Kind.Ignores == nil {
		return false
	}
	o := model.Object{}
	set(o, p.path, p.value)
	return len(it.Kind.Ignores(o, m.current.Items[it.Addr].Fields, m.current.Beside(it))) > 0
}

// spoils reports whether an object that becomes another, or comes to be, would
// not fit in with the others of which there are files, or be why the server
// drops something of theirs.
func (m *mutator) spoils(it *model.Item, whole model.Object) bool {
	becomes := func(of *model.Item) func(kind, key string) model.Object {
		now := m.current.Beside(of)
		return func(kind, key string) model.Object {
			if kind == it.Kind.Name && (it.Kind.Singleton() || key == it.Key()) || kind == "" && of.Parent == it.Addr {
				return whole
			}
			return now(kind, key)
		}
	}
	problems := func(of *model.Item, o model.Object, other func(kind, key string) model.Object) (n int) {
		if of.Kind.Ignores != nil {
			n += len(of.Kind.Ignores(of.Fields, o, other))
		}
		if of.Kind.Fits != nil {
			n += len(of.Kind.Fits(o, other))
		}
		if of.Kind.Refuses != nil {
			n += len(of.Kind.Refuses(o, o, other, m.current.Server)) // it may be written along with it
		}
		return n
	}
	for _, of := range m.desired.Items {
		if of.Addr != it.Addr && of.Kind.Fits == nil && !slices.Contains(slices.Collect(maps.Values(of.Kind.LooksAt)), it.Kind.Name) {
			continue
		}
		o, now := of.Fields, of.Fields
		if have := m.current.Items[of.Addr]; have != nil {
			o, now = have.Fields, have.Fields
		}
		other := becomes(of)
		if of.Addr == it.Addr {
			now = whole
			if of.Kind.Fits != nil && len(of.Kind.Fits(now, other)) > 0 {
				return true // it is written
			}
		}
		if problems(of, now, other) > problems(of, o, m.current.Beside(of)) {
			return true
		}
	}
	return false
}

// unnamed reports whether the members of another list name one that a list does
// not have.
func unnamed(fs model.Fields, list string, o model.Object) bool {
	there := map[string]bool{"": true}
	of := fs.Get(list)
	l, _ := o[list].([]any)
	for _, e := range l {
		there[of.Member(e)] = true
	}
	for i := range fs {
		for j := range fs[i].Fields {
			sub := &fs[i].Fields[j]
			if sub.Among != list {
				continue
			}
			members, _ := o[fs[i].Name].([]any)
			for _, e := range members {
				fields, _ := e.(map[string]any)
				if name, _ := fields[sub.Name].(string); !there[name] {
					return true
				}
			}
		}
	}
	return false
}

// excluded returns the field that loses a member because it is put into
// another; "" when the files say themselves what is in it, or none does.
func (m *mutator) excluded(it *model.Item, f *model.Field, v any) string {
	if f.Link == nil || f.Link.Exclusive == "" || it.Fields[f.Link.Exclusive] != nil {
		return ""
	}
	there, _ := m.value(it, f.Link.Exclusive).([]any)
	now, _ := v.([]any)
	if slices.ContainsFunc(now, func(e any) bool { return slices.Contains(there, e) }) {
		return f.Link.Exclusive
	}
	return ""
}

// reordered reports whether a proposal changes nothing but an order.
func (m *mutator) reordered(it *model.Item, f *model.Field, p proposal) bool {
	was, _ := m.value(it, f.Name).([]any)
	now, ok := p.value.([]any)
	if !ok || f.Type == model.Set {
		return false
	}
	return content(was) == content(now)
}

// content returns the members of a list, and of the lists in it, in an order
// that does not depend on theirs.
func content(l []any) string {
	var out []string
	for _, e := range l {
		n, ok := e.(map[string]any)
		if !ok {
			out = append(out, fmt.Sprint(e))
			continue
		}
		var fields []string
		for _, name := range model.Keys(n) {
			if below, ok := n[name].([]any); ok {
				fields = append(fields, name+content(below))
			} else {
				fields = append(fields, fmt.Sprint(name, n[name]))
			}
		}
		out = append(out, fmt.Sprint(fields))
	}
	slices.Sort(out)
	return fmt.Sprint(out)
}

// addition is that of a copy of an object, with all that is in it.
func (m *mutator) addition(it *model.Item) *mutation {
	k := it.Kind
	if k == model.Realm || k.Singleton() || k.Register != nil || m.made(it) || k.Vital != nil && m.untold[it.Addr] {
		return nil // keys cannot be made up
	}
	whole := m.whole(it)
	whole[k.Key] = it.Addr.Key() + "-copy"
	if email, ok := whole["email"].(string); ok {
		whole["email"] = reworded("email", email) // nobody has the mailbox of another
		if m.spoils(it, whole) {
			whole[k.Key] = whole["email"] // by which the realm calls its users
		}
	}
	to := it.Addr.Renamed(whole[k.Key].(string))
	if m.desired.Items[to] != nil || m.current.Items[to] != nil || m.spoils(it, whole) || m.dangles(it) {
		return nil
	}
	mu := &mutation{sort: addObject, it: it, to: to, anew: []model.Address{to}, sways: swaying(it)}
	for _, below := range m.desired.Sorted() {
		if a := below.Addr.Rebase(it.Addr, to); a != below.Addr {
			mu.want = append(mu.want, shape(diff.Create, a, ""))
		}
	}
	return mu
}

// made reports whether the server makes an object by itself.
func (m *mutator) made(it *model.Item) bool {
	k := it.Kind
	parent := model.Object{}
	if above := m.current.Items[it.Parent]; above != nil {
		parent = above.Fields
	}
	have := m.current.Items[it.Addr]
	return m.keeps[it.Addr] || m.fresh[it.Addr] != nil || k.Spawned || k.MadeWith != nil && k.MadeWith(it.Addr.Key(), parent) ||
		have != nil && (have.Builtin || k.Builtin != nil && k.Builtin(have.Fields))
}

// removal is that of an object that nobody uses.
func (m *mutator) removal(it *model.Item) *mutation {
	k := it.Kind
	have := m.current.Items[it.Addr]
	if k == model.Realm || k.Singleton() || it.Place().Declared || m.made(it) || have == nil || m.inUse(it.Addr) || k.Vital != nil && (k.Vital(have.Fields) != "" || m.untold[it.Addr]) {
		return nil
	}
	mu := &mutation{sort: remove, it: it, sways: swaying(it), want: []string{shape(diff.Delete, it.Addr, "")}}
	if !k.Part {
		mu.remove = []model.Address{it.Addr}
	}
	m.losses(mu)
	return mu
}

// losses adds to what a plan must show that objects get again what they lose
// when one in whose links they are goes, see [model.Link.Drops].
func (m *mutator) losses(mu *mutation) {
	for _, r := range mu.it.Kind.Refs(mu.it.Parent, mu.it.Fields) {
		if r.Field.Link == nil || m.desired.Items[r.Addr] == nil {
			continue
		}
		for _, pointer := range r.Field.Link.Drops {
			path := model.Segments(pointer)
			of, _ := m.desired.Items[r.Addr].Fields[path[0]].(map[string]any)
			if len(path) == 2 && of[path[1]] != nil {
				mu.want = append(mu.want, shape(diff.Update, r.Addr, "", pointer))
				mu.users = append(mu.users, r.Addr)
			}
		}
	}
	slices.Sort(mu.want)
}

// inUse reports whether something outside refers to an object or to what is
// below it.
func (m *mutator) inUse(a model.Address) bool {
	for _, s := range []*model.State{m.desired, m.current} {
		for _, other := range s.Items {
			if other.Addr == a || other.Addr.Under(a) {
				continue
			}
			for _, r := range other.Kind.Refs(other.Parent, other.Fields) {
				if r.Addr == a || r.Addr.Under(a) {
					return true
				}
			}
		}
	}
	return false
}

// spelled reports whether the configuration of a provider may name an object: a
// file that does not name it by its new name is refused.
func (m *mutator) spelled(it *model.Item) bool {
	key := it.Key()
	names := func(s string) bool { return false }
	switch it.Kind.Name {
	case "role":
		names = func(s string) bool { return s == key || strings.HasSuffix(s, "."+key) }
	case "group":
		path := model.PathOf(it.Kind, it.Addr)
		names = func(s string) bool {
			s = "/" + strings.TrimPrefix(strings.TrimSpace(s), "/")
			return s == path || strings.HasPrefix(s, path+"/")
		}
	case "client":
		names = func(s string) bool { return s == key || strings.HasPrefix(s, key+".") }
	case "client-scope", "authentication-flow", "identity-provider":
		names = func(s string) bool { return s == key }
	}
	found := false
	for _, other := range m.current.Items {
		for _, field := range []string{"config", "executions", "conditions", "executors"} {
			model.Leaves(other.Fields[field], func(leaf any) any {
				s, ok := leaf.(string)
				found = found || ok && names(s)
				return leaf
			})
		}
	}
	return found
}

// swaying are the kinds of which the server changes objects along with one.
func swaying(it *model.Item) []string {
	var kinds []string
	for _, s := range it.Kind.Sways {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

// renaming gives an object another natural key, and tells the old one; who
// refers to it does so by the new one.
func (m *mutator) renaming(it *model.Item) *mutation {
	k := it.Kind
	if k == model.Realm || k.Singleton() || k.Bare != "" || m.made(it) || m.current.Items[it.Addr] == nil {
		return nil
	}
	if k.Renames != nil {
		if why, _ := k.Renames(m.current.Items[model.Address(model.Realm.Name)].Fields); why != "" {
			return nil
		}
	}
	if m.spelled(it) {
		return nil
	}
	to := it.Addr.Renamed(it.Addr.Key() + "-renamed")
	if whole := m.whole(it); whole != nil {
		if whole[k.Key] = to.Key(); m.spoils(it, whole) {
			return nil
		}
	}
	mu := &mutation{sort: rename, it: it, to: to, sways: swaying(it)}
	f := k.Fields.Get(k.Key)
	switch {
	case k.NamedBy() != nil:
		mu.want = []string{shape(diff.Create, to, ""), shape(diff.Delete, it.Addr, "")}
		for _, h := range m.desired.Users(it.Addr) {
			mu.want = append(mu.want, shape(diff.Update, h.Holder.Addr, "", model.Pointer(h.Field.Name)))
			mu.users = append(mu.users, h.Holder.Addr)
		}
	case f.Immutable:
		if k.Part && m.inUse(it.Addr) {
			return nil
		}
		mu.want = []string{shape(diff.Replace, to, it.Addr)}
		mu.anew = []model.Address{to}
		if !k.Part {
			mu.replace = mu.anew
		}
		for _, below := range m.desired.Sorted() {
			if below.Addr.Under(it.Addr) {
				mu.want = append(mu.want, shape(diff.Create, below.Addr.Rebase(it.Addr, to), ""))
			}
		}
		m.holders(mu, func(f *model.Field) bool { return f.Link != nil }) // links go with it, and are made again
		m.losses(mu)
	default:
		mu.want = []string{shape(diff.Move, to, it.Addr)}
		m.holders(mu, func(f *model.Field) bool { return f.ByName }) // the server lets it go by the old name
	}
	slices.Sort(mu.want)
	return mu
}

// holders adds to what a plan must show the objects whose fields name the one
// that gets another name.
func (m *mutator) holders(mu *mutation, through func(*model.Field) bool) {
	for _, other := range m.desired.Sorted() {
		paths := map[string]bool{}
		for _, r := range other.Kind.Refs(other.Parent, other.Fields) {
			if r.Addr == mu.it.Addr && through(r.Field) {
				paths[model.Pointer(model.Segments(r.Pointer)[0])] = true
			}
		}
		if len(paths) > 0 {
			mu.want = append(mu.want, shape(diff.Update, other.Addr, "", model.Keys(paths)...))
			mu.users = append(mu.users, other.Addr)
		}
	}
}

// make edits the files.
func (m *mutator) make(mu *mutation) error {
	s := m.spotOf(mu.it)
	n := m.described(mu.it)
	if n == nil {
		return fmt.Errorf("%s is not at %s%s", mu.it.Addr, s.file, s.at)
	}
	k := mu.it.Kind
	switch mu.sort {
	case changeField, reorder:
		path := mu.path
		if k.Bare != "" {
			path = path[1:] // the map alone
		}
		put(n, path, text.FromAny(mu.value, nil))
	case addObject:
		c := clone(n)
		m.distinguish(k, c, "-copy")
		if k.Bare == "" {
			put(c, []string{k.Key}, text.FromAny(mu.to.Key(), nil))
		}
		name := strings.TrimSuffix(filepath.Base(s.file), ".yaml") + "-copy"
		if k.Bare != "" {
			name = mu.to.Key()
		}
		m.insert(s, name, c)
	case remove:
		if !m.edition.remove(s) {
			return fmt.Errorf("%s at %s%s is in no list", mu.it.Addr, s.file, s.at)
		}
	case rename:
		put(n, []string{k.Key}, text.FromAny(mu.to.Key(), nil))
		put(n, []string{model.Previously}, text.FromAny(mu.it.Addr.Key(), nil))
		return m.follow(mu.it.Addr, mu.to)
	}
	return nil
}

// forget asks for the server's default where a field was changed of which the
// files had said nothing.
func (m *mutator) forget(mu *mutation) {
	path := mu.path
	if mu.it.Kind.Bare != "" {
		path = path[1:]
	}
	n := m.described(mu.it)
	for _, path := range [][]string{path, mu.also} {
		if path != nil && n.At(model.Pointer(path...)) == nil {
			put(n, path, &text.Node{Kind: text.Scalar})
		}
	}
}

// distinguish gives what has a name that no other object may have, within the
// copy of one, a name of its own.
func (m *mutator) distinguish(k *model.Kind, n *text.Node, suffix string) {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Type == model.Tree {
			rekey(f, n.Get(f.Name), suffix)
		}
		if f.Sole {
			put(n, []string{f.Name}, nil)
		}
		if k.Name == "organization" { // no two have a name, or a domain
			switch f.Name {
			case "name":
				n.Get(f.Name).Value = n.Get(f.Name).Text() + suffix
			case "domains":
				put(n, []string{f.Name}, nil)
			}
		}
		if at := n.Get(f.Name); at != nil && at.Kind == text.Scalar && strings.Contains(at.Text(), "@") {
			at.Value = reworded(f.Name, at.Text()) // nobody has the mailbox of another
		}
	}
}

// rekey changes the names of the nodes of a tree.
func rekey(f *model.Field, list *text.Node, suffix string) {
	if list == nil {
		return
	}
	for _, n := range list.Items {
		for _, key := range f.Keys {
			at := n.At(model.Pointer(strings.Split(key, "/")...))
			if sub := f.Fields.Get(key); at != nil && (sub == nil || sub.Names == nil) {
				at.Value = at.Text() + suffix
			}
		}
		rekey(f, n.Get(f.Name), suffix)
	}
}

// follow rewrites the references of all files to an object that has a new
// name.
func (m *mutator) follow(from, to model.Address) error {
	for _, it := range m.desired.Sorted() {
		s := m.spotOf(it)
		if s.file == "" {
			continue
		}
		for _, r := range it.Kind.Refs(it.Parent, it.Fields) {
			t := r.Addr.Rebase(from, to)
			if t == r.Addr {
				continue
			}
			n := m.node(s)
			if n == nil {
				continue
			}
			respell(n, model.Segments(r.Pointer), func(n *text.Node) { reword(n, r, t) })
		}
	}
	return nil
}

// respell calls a function for what stands at a path, in every member of the
// lists on the way, whichever of them the path names.
func respell(n *text.Node, path []string, do func(*text.Node)) {
	switch {
	case n == nil:
	case len(path) == 0:
		do(n)
	case n.Kind == text.List:
		if _, err := strconv.Atoi(path[0]); err == nil {
			path = path[1:]
		}
		for _, e := range n.Items {
			respell(e, path, do)
		}
	default:
		respell(n.Get(path[0]), path[1:], do)
	}
}

// reword puts the new name of what a reference names in place of the old one.
func reword(n *text.Node, r model.Ref, to model.Address) {
	switch n.Kind {
	case text.Scalar:
		if n.Text() == r.Value {
			n.Value = r.Field.Spell(to)
		}
	case text.List:
		for _, e := range n.Items {
			reword(e, r, to)
		}
	case text.Map:
		for i := range n.Pairs {
			p := &n.Pairs[i]
			if r.Owner != "" && p.Key == r.Owner {
				p.Key = model.ParentOf(to).Key()
			}
			if r.Owner == "" || p.Key == model.ParentOf(to).Key() {
				reword(p.Value, r, to)
			}
		}
	}
}
