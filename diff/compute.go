package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kcsync/kcsync/model"
)

// Compute compares what the files of a realm ask for with what the server
// has. The diagnostics are errors that forbid applying the plan; what is only
// good to know is in [Plan.Notes]. Neither state is changed.
//
// Objects are matched by address, renamed ones (previously:) first. Of an
// object only the fields that its file declares are compared; null asks for
// the server's default, which is what the server made of the object when it
// made the object by itself, else what it makes of the smallest object of the
// kind. Maps are compared by declared key: a key that is null goes back to
// the default's, a key that is "" is removed, and an empty map asks for the
// default of every key, because those that the server sets by itself would
// come back anyway.
func Compute(desired, current *model.State, o Options) (*Plan, model.Diagnostics) {
	c := &comparison{
		desired:  desired,
		opt:      o,
		server:   current.Server,
		missing:  current.Missing,
		from:     map[model.Address]model.Address{},
		origin:   map[model.Address]model.Address{},
		replaced: map[model.Address]bool{},
		copied:   map[model.Address]*model.Item{},
		deleted:  map[model.Address]bool{},
		implied:  map[model.Address]bool{},
		objects:  map[model.Address]model.Object{},
		waits:    map[model.Address][]model.Address{},
		plan:     &Plan{Realm: desired.Realm, Server: current.Server},
	}
	c.sorted = desired.Sorted()
	c.learnFresh(current)
	c.call(current)
	c.rename(current)
	c.reset()
	c.native()
	c.revive()
	c.ignore()
	c.keep()
	c.bury()
	c.closed()
	c.compareAll()
	c.leftovers()
	c.restore()
	c.relink()
	c.sway()
	c.unveil()
	c.sustain()
	c.fit()
	c.checkReferences()
	c.checkSole()
	c.checkWithin()
	c.claim()
	c.checkUsers()
	c.checkBound()
	c.plan.Changes = c.arrange()
	c.plan.Notes.Sort()
	c.diags.Sort()
	return c.plan, c.diags
}

// comparison is the work of one [Compute].
type comparison struct {
	desired *model.State
	sorted  []*model.Item // the desired ones
	current *model.State  // as if all renames were done
	fresh   *model.State  // what the server makes by itself
	amended bool          // desired is a copy of what the files declare
	opt     Options
	server  model.Server
	missing bool

	from     map[model.Address]model.Address // of renamed objects: where they were
	origin   map[model.Address]model.Address // of all objects whose address a rename changed, now or earlier: as it was before
	replaced map[model.Address]bool
	copied   map[model.Address]*model.Item // what is renamed by making another, by the address of the first
	deleted  map[model.Address]bool
	implied  map[model.Address]bool         // desired items that no file shows, see reset
	objects  map[model.Address]model.Object // see object

	waits   map[model.Address][]model.Address // of changes: what has to be done before, beyond what references say
	changes []*Change
	plan    *Plan
	diags   model.Diagnostics
}

func (c *comparison) fail(code string, addr model.Address, src model.Source, summary, detail string) {
	c.diags = append(c.diags, model.Diagnostic{Severity: model.Error, Code: code, Summary: summary, Detail: detail, Addr: addr, Source: src})
}

func (c *comparison) note(code string, addr model.Address, src model.Source, summary, detail string) {
	c.plan.Notes = append(c.plan.Notes, model.Diagnostic{Severity: model.Note, Code: code, Summary: summary, Detail: detail, Addr: addr, Source: src})
}

// learnFresh finds out what the server makes by itself.
func (c *comparison) learnFresh(current *model.State) {
	c.fresh = model.NewState(c.desired.Realm)
	switch {
	case c.missing:
		c.fresh = current
	case c.opt.Baseline != nil:
		s, err := c.opt.Baseline.Fresh.State(c.desired.Realm)
		if err != nil {
			c.fail("baseline", "", model.Source{}, "the record of a fresh realm is of no use: "+err.Error(), "")
			return
		}
		c.fresh = s.CalledAs(current)
	}
}

// isRealm reports whether an item is the realm itself.
func isRealm(it *model.Item) bool { return it.Kind == model.Realm }

// compareAll compares every desired object, parents before children.
func (c *comparison) compareAll() {
	for _, it := range c.current.Items {
		if !it.Kind.ReadOnly && !c.missing {
			c.plan.Current++
		}
	}
	realm, unwritable := false, map[*model.Kind][]*model.Item{}
	var sealed []*model.Item
	for _, it := range c.sorted {
		if it.Kind.ReadOnly {
			if c.current.Items[it.Addr] == nil {
				unwritable[it.Kind] = append(unwritable[it.Kind], it)
			}
			continue
		}
		realm = realm || isRealm(it)
		if !c.implied[it.Addr] {
			c.plan.Desired++
		}
		if !c.supported(it) || !c.housed(it) {
			continue
		}
		switch ch, ok := c.compare(it); {
		case ch != nil && c.current.Sealed(it.Addr) != "":
			sealed = append(sealed, it)
		case ch != nil && c.refused(it, ch):
		case ch != nil:
			c.changes = append(c.changes, ch)
		case ok && !c.implied[it.Addr]:
			c.plan.Unchanged++
		}
	}
	c.noteSealed(sealed)
	for _, k := range model.Kinds() {
		if l := unwritable[k]; len(l) > 0 {
			c.note("read-only", l[0].Addr, l[0].Source,
				fmt.Sprintf("%s in the files and not on the server; kcsync cannot create %s yet", are(len(l), k.Name), plural(2, k.Name)), "")
		}
	}
	if c.missing && !realm {
		c.changes = append(c.changes, &Change{
			Addr: model.Address(model.Realm.Name), Kind: model.Realm, Action: Create,
			After: model.Object{"realm": c.desired.Realm},
		})
	}
}

// closed takes out of the desired objects those that the server makes by itself
// and lets nobody change, where it has not made them, and those below one that
// it lets nobody change, and which has no place for them.
func (c *comparison) closed() {
	var out []*model.Item
	gone := map[model.Address]bool{}
	kept := slices.DeleteFunc(slices.Clone(c.sorted), func(it *model.Item) bool {
		if c.current.Seals(it) && c.existing(it.Addr) == nil {
			gone[it.Addr] = true
			c.note("sealed", it.Addr, it.Source, "it is left out: the server makes it by itself, and has not made it; written now, nobody could change or delete it any more", "")
			return true
		}
		owner := c.current.Items[it.Parent]
		if gone[it.Parent] || owner != nil && c.current.Sealed(owner.Addr) != "" && it.Kind.When != nil && !it.Kind.When(owner.Fields) && !c.changed(owner.Addr) {
			if !gone[it.Parent] {
				out = append(out, it)
			}
			gone[it.Addr] = true
		}
		return gone[it.Addr]
	})
	if len(gone) == 0 {
		return
	}
	c.sorted = kept
	c.amend()
	clear(c.objects)
	for a := range gone {
		delete(c.desired.Items, a)
	}
	c.noteSealed(out)
}

// noteSealed says, once for each object that the server lets nobody change,
// what the files want otherwise.
func (c *comparison) noteSealed(items []*model.Item) {
	sealed := func(a model.Address) model.Address {
		for c.current.Sealed(a) == "" {
			a = model.ParentOf(a)
		}
		return c.current.Sealed(a)
	}
	for len(items) > 0 {
		owner := sealed(items[0].Addr)
		var names []string
		rest := items[:0:0]
		for _, it := range items {
			if sealed(it.Addr) != owner {
				rest = append(rest, it)
			} else if name := strings.TrimPrefix(string(it.Addr), string(owner)+"/"); it.Addr == owner {
				names = append(names, "its own settings")
			} else {
				names = append(names, name)
			}
		}
		c.note("sealed", owner, items[0].Source, "the server lets nobody change it; what the files say otherwise is left as it is: "+strings.Join(names, ", "), "")
		items = rest
	}
}

// The codes of what the version or the features of the server do not have.
const (
	CodeSince   = "since"
	CodeFeature = "feature"
)

// supported reports whether the server has the item's kind at all.
func (c *comparison) supported(it *model.Item) bool {
	switch {
	case !model.HasVersion(c.server.Version, it.Kind.Since):
		c.fail(CodeSince, it.Addr, it.Source, fmt.Sprintf("%s exists since Keycloak %s; the server is %s", it.Kind.Name, it.Kind.Since, c.server.Version), "")
		return false
	case !c.server.Has(it.Kind.Feature):
		c.fail(CodeFeature, it.Addr, it.Source, fmt.Sprintf("%s needs the server feature %s, which is off", it.Kind.Name, it.Kind.Feature),
			startWith(it.Kind.Feature))
		return false
	}
	return true
}

// startWith says what to do about a feature that is off.
func startWith(feature string) string {
	return "start the server with --features=" + model.FeatureOption(feature)
}

// housed reports whether the item can exist where its file puts it.
func (c *comparison) housed(it *model.Item) bool {
	if p := it.Parent; p != "" && !c.stands(p) && !c.blind() {
		c.fail("no-parent", it.Addr, it.Source, fmt.Sprintf("it lives in %s, which is neither in the files nor on the server", p), c.suggestAddress(p))
		return false
	}
	if it.Kind.When != nil && !it.Kind.When(c.object(it.Parent)) && !c.changed(it.Parent) {
		needs := it.Kind.WhenText
		if needs != "" {
			needs = "declare " + needs + " there"
		}
		above := it.Parent
		if above == "" {
			above = model.Address(model.Realm.Name)
		}
		c.fail("when", it.Addr, it.Source, fmt.Sprintf("%s, as it is configured, has no %s", above, it.Kind.Name), needs)
		return false
	}
	return true
}

// changed reports whether the server changes the object at an address along
// with others that the files declare.
func (c *comparison) changed(a model.Address) bool {
	return slices.ContainsFunc(c.sorted, func(it *model.Item) bool { return it.Kind.Changes == a && a != "" })
}

// refused reports whether the server would not take the item as it will be,
// where it is written as a whole.
func (c *comparison) refused(it *model.Item, ch *Change) bool {
	if !ch.own() {
		return false
	}
	var have model.Object
	if h := c.existing(it.Addr); h != nil && ch.Action != Replace {
		have = h.Fields
	}
	whole := c.object(it.Addr)
	problems := it.Kind.Lacks(whole, have)
	if it.Kind.Refuses != nil {
		problems = append(problems, it.Kind.Refuses(whole, have, c.beside(it), c.server)...)
	}
	if name := c.switchOf(it.Kind, whole); name != "" && c.other(model.Realm.Name, "")[name] != true {
		problems = append(problems, model.Problem{Summary: fmt.Sprintf("the realm has not switched on %s, without which the server takes no such %s", name, it.Kind.Name),
			Detail: "write " + name + ": true among its settings"})
	}
	for _, p := range problems {
		c.fail("refused", it.Addr, it.ValueSource(p.Pointer, p.Member), p.Summary, p.Detail)
	}
	return len(problems) > 0
}

// other returns an object that lives directly in the realm, or the realm itself,
// as it will be; nil when there is none.
func (c *comparison) other(kind, key string) model.Object {
	a := model.AddressOf("", model.Lookup(kind), key)
	if !c.stands(a) {
		return nil
	}
	return c.object(a)
}

// existing returns the item on the server at an address; nil when there is
// none or it will be gone because an object above it is replaced.
func (c *comparison) existing(a model.Address) *model.Item {
	for p := model.ParentOf(a); p != ""; p = model.ParentOf(p) {
		if c.replaced[p] {
			return nil
		}
	}
	return c.current.Items[a]
}

// compare returns the change that one desired item asks for, or nil; it is
// false when what the item asks for cannot be done.
func (c *comparison) compare(it *model.Item) (*Change, bool) {
	have := c.existing(it.Addr)
	realm := c.missing && isRealm(it)
	ch := &Change{Addr: it.Addr, Kind: it.Kind, Parent: it.Parent, Shown: it.Shown, Source: it.Source}
	if have == nil && !realm {
		ch.Action, ch.After, ch.made = Create, c.declared(it), c.predicted(it)
		if why := fixedOtherwise(it, ch.made); why != "" {
			ch.Action, ch.Before, ch.Reason = Replace, ch.made, "the server makes one by itself, and "+why
		}
		if c.copied[it.Previously] == it {
			ch.Reason = "in place of " + string(it.Previously) + " (previously:)"
			ch.After, _ = carry(it.Kind.Fields, c.current.Items[it.Previously].Fields, it.Fields, "")
			ch.After = present(it.Kind.Fields, ch.After)
		}
		ok := c.creatable(it, ch.After)
		return ch, ok
	}
	if have == nil {
		have = &model.Item{Addr: it.Addr, Kind: it.Kind, Fields: model.Object{"realm": c.desired.Realm}}
	}
	d := c.differences(it, have.Fields, realm)
	if p := it.Place(); p != nil && p.Fixed != "" && len(d.edits) > 0 && c.builtin(have) {
		c.fail("fixed-object", it.Addr, it.Source, fmt.Sprintf("the server has a %s of this name for itself, which cannot be changed", it.Kind.Name), "give it another name")
		return nil, false
	}
	ch.Before, ch.Edits = have.Fields, d.edits
	ch.From = c.from[it.Addr]
	if !c.allowed(it, have, d) || !c.renamable(it, ch.From) {
		return nil, false
	}
	ch.Edits = d.edits
	// What the server makes along with a new realm is nobody's yet.
	anew := len(d.fixed) > 0 || c.missing && len(d.hides) > 0 || ch.From != "" && it.Kind.Move == "" && c.movedParent(it)
	if realm || !anew {
		d.tell()
	}
	switch {
	case realm:
		ch.Action, ch.Before, ch.After = Create, nil, c.declared(it)
		return ch, !d.failed
	case d.failed:
		return nil, false
	case anew:
		return c.replace(it, have, ch, d)
	case ch.From != "":
		ch.Action = Move
	case len(d.edits) > 0:
		ch.Action = Update
	default:
		return nil, true
	}
	ch.After = c.declared(it)
	ch.Impact = append(d.impact(), c.evicted(it, have)...)
	if it.Kind.Bound {
		ch.Reason = c.inUse(it.Addr)
	}
	return ch, true
}

// fixedOtherwise says which fields that cannot be written the item declares otherwise
// than they are in what the server makes there; "" when that is none.
func fixedOtherwise(it *model.Item, made model.Object) string {
	d := &differences{c: &comparison{}}
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		want, declared := it.Fields[f.Name]
		if was, there := made[f.Name]; f.Immutable && declared && there && !f.Equal(want, was) {
			d.fixed = append(d.fixed, Edit{Path: model.Pointer(f.Name), Before: was, After: want})
		}
	}
	return d.reason()
}

// movedParent reports whether a renamed item also changes its parent.
func (c *comparison) movedParent(it *model.Item) bool {
	return model.ParentOf(c.from[it.Addr]) != it.Parent
}

// creatable reports whether all that an item to be created declares has a
// value, and whether it declares what the server cannot make it without.
func (c *comparison) creatable(it *model.Item, o model.Object) bool {
	d := c.differences(it, nil, true)
	d.tell()
	for _, name := range it.Kind.Missing(o) {
		d.fail("missing-field", "", fmt.Sprintf("%s is new, and cannot be made without %s", it.Addr, name), "add the field, or correct the name if it is another's")
	}
	return !d.failed
}

// replace returns the change that deletes an object and creates it anew,
// because a field that cannot be written differs.
func (c *comparison) replace(it, have *model.Item, ch *Change, d *differences) (*Change, bool) {
	what, renamed := d.reason(), len(d.fixed) == 0 || len(d.fixed) == 1 && d.fixed[0].Path == model.Pointer(it.Kind.Key)
	if what == "" {
		what = fmt.Sprintf("it cannot move: %s -> %s", ch.From, it.Addr)
	}
	if users := c.usedBeside(have); len(users) > 0 {
		c.fail("fixed-field", it.Addr, it.Source, what+"; deleting the object to create it anew would change, or delete, "+listed(users)+", which use it",
			"declare it under another name, let them refer to that, and remove this one")
		return nil, false
	}
	lost := c.lost(have)
	if !it.Kind.Part && !c.missing && !c.opt.Replace[it.Addr] && !(ch.From != "" && c.opt.Replace[ch.From]) {
		src := it.Source
		if len(d.fixed) > 0 {
			src = it.FieldSource(d.fixed[0].Path)
		}
		c.fail("fixed-field", it.Addr, src, what+"; only deleting the object and creating it anew can change that, which loses "+lost,
			"confirm with --replace "+string(it.Addr))
		return nil, false
	}
	ok := c.creatable(it, have.Fields)
	c.replaced[it.Addr] = true
	ch.Action, ch.Reason, ch.Edits = Replace, what, nil
	ch.After = c.declared(it)
	if renamed {
		// A new name must not cost what the file leaves to the server.
		var masked []string
		ch.After, masked = carry(it.Kind.Fields, have.Fields, it.Fields, "")
		ch.After = present(it.Kind.Fields, ch.After)
		def := c.opt.Baseline.Default(it.Kind, ch.After, c.object(it.Parent), c.object(""))
		leaveDefaults(it.Kind.Fields, ch.After, it.Fields, def)
		for _, p := range masked {
			ch.Impact = append(ch.Impact, c.warn(it, dotted(p)+" cannot be read back and is not in the files: it is lost"))
		}
	}
	if !it.Kind.Part && !c.missing {
		ch.Impact = append(ch.Impact, c.warn(it, "this loses "+lost))
	}
	return ch, ok
}

// leftovers deals with what is on the server and in no file: parts of an
// object whose file shows the complete list are deleted, and all else that
// the files could have held is told, or with Prune deleted. What the server
// made by itself is left alone, and so is all below objects that no file
// declares.
func (c *comparison) leftovers() {
	holders := c.holders()
	for _, have := range c.current.Sorted() {
		k := have.Kind
		if it := c.copied[have.Addr]; it != nil {
			c.deleted[have.Addr] = true
			c.changes = append(c.changes, &Change{
				Addr: have.Addr, Kind: k, Parent: have.Parent, Action: Delete, Before: have.Fields,
				Reason: "now called " + it.Addr.Key(), Source: it.Source,
			})
			continue
		}
		if src, absent := c.desired.Absent[have.Addr]; absent && c.existing(have.Addr) != nil {
			c.remove(have, src)
			continue
		}
		if c.desired.Items[have.Addr] != nil || k.ReadOnly || k.Spawned || isRealm(have) || c.existing(have.Addr) == nil || c.current.Sealed(have.Addr) != "" {
			continue
		}
		if p := have.Place(); p != nil && p.Declared {
			continue // it was looked up only because something names it
		}
		shown, src := c.desired.Shown, model.Source{}
		if have.Parent != "" {
			parent := c.desired.Items[have.Parent]
			if parent == nil {
				continue
			}
			shown, src = parent.Shown, parent.Source
		}
		if !shown[k.Name] {
			continue
		}
		ch := &Change{Addr: have.Addr, Kind: k, Parent: have.Parent, Action: Delete, Before: have.Fields}
		switch {
		case k.Part:
			ch.Reason, ch.Source = "no longer in the files", src
		case c.builtin(have) || c.comesWith(have.Addr) || holders[have.Addr]:
			continue
		case k.Vital != nil && k.Vital(have.Fields) != "" && !c.another(k, k.Vital(have.Fields), have.Addr):
			c.plan.Unmanaged = append(c.plan.Unmanaged, have.Addr)
			if c.opt.Prune {
				c.note("last-one", have.Addr, src, "it stays: the realm has no other "+k.Vital(have.Fields), "declare another one first")
			}
			continue
		case c.opt.Delete[have.Addr]:
			ch.Reason = "in no file (--delete)"
			ch.Impact = c.goesWith(have)
		case c.opt.Prune && k.Takes == "":
			ch.Reason = "in no file (--prune)"
			ch.Impact = c.goesWith(have)
		default:
			c.plan.Unmanaged = append(c.plan.Unmanaged, have.Addr)
			if c.opt.Prune {
				c.note("kept", have.Addr, model.Source{}, "--prune does not delete it: "+k.Takes, "confirm with --delete "+string(have.Addr))
			}
			continue
		}
		c.deleted[have.Addr] = true
		c.changes = append(c.changes, ch)
	}
	c.spawned()
	for a := range c.opt.Delete {
		if !c.deleted[a] {
			c.note("not-deleted", a, model.Source{}, "--delete does nothing: it is not on the server, or in a file, or of a kind that no file speaks of",
				"an empty list of the kind in a file speaks of it")
		}
	}
}

// remove deletes what the files say is not to be, if the server lets us.
func (c *comparison) remove(have *model.Item, src model.Source) {
	k := have.Kind
	switch {
	case k.ReadOnly || k.Spawned || c.current.Sealed(have.Addr) != "" || k.Stays != nil && k.Stays(have.Fields) || have.Place().Fixed != "" && c.builtin(have):
		c.fail("stays", have.Addr, src, fmt.Sprintf("%s is one that the server lets nobody delete", have.Addr), "take it out of the list")
		return
	case k.Takes != "" && !c.missing && !c.opt.Delete[have.Addr]:
		c.fail("kept", have.Addr, src, fmt.Sprintf("%s is not deleted unasked: %s", have.Addr, k.Takes), "confirm with --delete "+string(have.Addr))
		return
	}
	c.deleted[have.Addr] = true
	ch := &Change{Addr: have.Addr, Kind: k, Parent: have.Parent, Action: Delete, Before: have.Fields, Reason: "absent:", Source: src}
	if !c.missing {
		ch.Impact = c.goesWith(have)
	}
	c.changes = append(c.changes, ch)
}

// spawned deletes what the server will make by itself along with an object
// whose file shows a complete list without it.
func (c *comparison) spawned() {
	for _, ch := range slices.Clone(c.changes) {
		it := c.desired.Items[ch.Addr]
		if it == nil || ch.Action != Create && ch.Action != Replace {
			continue
		}
		for _, k := range it.Kind.Children() {
			c.noteWithin(it, k)
			made := k.SpawnedOn(c.server.Version, it.Addr, ch.After)
			if !it.Shown[k.Name] {
				c.noteSpawned(it, k, made)
				continue
			}
			for _, a := range sortedByAddress(slices.Collect(maps.Keys(made))) {
				if c.desired.Items[a] != nil {
					continue
				}
				c.changes = append(c.changes, &Change{
					Addr: a, Kind: k, Parent: it.Addr, Action: Delete, Before: made[a], Source: it.Source,
					Reason: "the server makes it by itself; not in the files",
				})
			}
		}
	}
}

// noteWithin says what the server will make by itself in what it makes along with
// an object, where no file speaks of that.
func (c *comparison) noteWithin(it *model.Item, k *model.Kind) {
	a := model.AddressOf(it.Addr, k, "")
	if !k.Spawned || c.desired.Items[a] != nil || k.When != nil && !k.When(c.object(it.Addr)) {
		return
	}
	for _, below := range k.Children() {
		c.noteSpawned(it, below, below.SpawnedOn(c.server.Version, a, nil))
	}
}

// noteSpawned says what the server will make by itself along with an object of
// which the file does not say whether it has any.
func (c *comparison) noteSpawned(it *model.Item, k *model.Kind, made map[model.Address]model.Object) {
	var names []string
	for _, a := range sortedByAddress(slices.Collect(maps.Keys(made))) {
		if c.desired.Items[a] == nil {
			names = append(names, a.Key())
		}
	}
	if names != nil {
		c.note("spawned", it.Addr, it.Source, fmt.Sprintf("the server makes along with it: %s %s", plural(len(names), k.Name), strings.Join(names, ", ")),
			"declare those that there are to be; an empty list is none")
	}
}

// builtin reports whether the server made the object by itself.
func (c *comparison) builtin(it *model.Item) bool {
	return it.Builtin || c.fresh.Items[c.originOf(it.Addr)] != nil || it.Kind.Builtin != nil && it.Kind.Builtin(it.Fields)
}

// holders returns the addresses below which a file declares something.
func (c *comparison) holders() map[model.Address]bool {
	out := map[model.Address]bool{}
	for _, it := range c.desired.Items {
		for p := it.Parent; p != "" && !out[p]; p = model.ParentOf(p) {
			out[p] = true
		}
	}
	return out
}

// originOf returns the address that an object had before it was renamed.
func (c *comparison) originOf(a model.Address) model.Address {
	if o, ok := c.origin[a]; ok {
		return o
	}
	return a
}

// sortedByAddress returns addresses in the order of [model.CompareAddresses].
func sortedByAddress(l []model.Address) []model.Address {
	slices.SortFunc(l, model.CompareAddresses)
	return l
}
