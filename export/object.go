package export

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// object returns what a file has to say about an item and its children, or
// nil when that is nothing: the server makes it by itself just so. With whole
// an object of the server's own is shown as if it were not.
func (w *writer) object(it *model.Item, whole bool) *text.Node {
	own, was := w.fresh[it.Addr], w.registered(it)
	if was != nil {
		own = was
	}
	if own != nil && (whole || remade(it, own)) {
		own = nil
	}
	switch living, gone := model.Living(it, w.state.Server.Info); {
	case it.Builtin && it.Place().Fixed != "":
		return nil
	case own == nil && treed(it.Kind) && w.inUse(it.Addr): // it is in use, whoever made it
	case own == nil && (it.Builtin || it.Kind.Builtin != nil && it.Kind.Builtin(it.Fields)):
		switch {
		case gone == nil && treed(it.Kind):
			w.note("built-in-gone", it.Addr, "the server calls it its own, but a new realm is without it: the files leave it out", "")
		case gone != nil:
			w.note("built-in-gone", it.Addr, "the server calls it its own, but it holds "+strings.Join(gone, ", ")+
				", which the server has not, and a new realm is without it: the files leave it out", "")
		}
		return nil
	case living != nil:
		alive := *it
		alive.Fields = living
		it = &alive
		w.note("dead-step", it.Addr, "it holds "+strings.Join(gone, ", ")+", which the server has not: the files leave that out",
			"it does not work, and nobody can take it out of this realm: declare one of another name without it, and bind that")
	}
	it = w.repeatable(it)
	above := it.Parent
	if above == "" {
		above = model.Address(model.Realm.Name)
	}
	if it.Kind.When != nil && !it.Kind.When(w.fields(above)) {
		return nil // the server keeps it for another time
	}
	var base model.Object
	if own != nil {
		base = own.Fields
	} else {
		base = w.baseline.Default(it.Kind, it.Fields, w.fields(it.Parent), w.fields("realm"))
		if made := w.spawned(it.Parent, it.Kind)[it.Addr]; made != nil {
			base = undecided(it.Kind, base, made)
		}
	}
	out := &text.Node{Kind: text.Map}
	made := it.Kind.Spawned || it.Kind.MadeWith != nil && it.Kind.MadeWith(it.Key(), w.fields(it.Parent))
	said := own == nil && !made || was != nil
	sealed, differs := own != nil && w.state.Sealed(it.Addr) == it.Addr, []string(nil)
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		v := model.Literal(it.Fields[f.Name])
		name := f.Name == it.Kind.Key || slices.Contains(it.Kind.KeyWith, f.Name) || it.Kind == model.Realm && f.Name == "realm"
		switch {
		case f.Computed || f.Native && own == nil:
		case f.Required && v == nil: // the scopes of the feature ssf have no protocol
		case f.Veil != nil && v == model.Mask:
			w.note("veiled", it.Addr, fmt.Sprintf("the server hides %s while %s: the files leave it out", f.Name, f.Veil.Of(it.Veiled[f.Name])),
				"declare it, or export again once it is shown")
		case name || f.Required:
			add(out, f.Name, text.FromAny(v, nil))
			if was != nil && f.Name == it.Kind.Key {
				add(out, model.Previously, text.FromAny(was.Key(), nil))
				said = true
			}
			said = said || !name && !f.Equal(v, base[f.Name])
		default:
			switch {
			case own == nil && f.Name == it.Kind.Variant:
				base[f.Name] = f.Default // the recorded defaults are those of the variant
			case own == nil && w.follows(f):
				base[f.Name] = w.followed(it, f)
			}
			unsaid := base[f.Name]
			if own != nil && !sealed && it.Kind.Adds != nil {
				unsaid = joined(it, f, unsaid)
			}
			switch n := w.value(it, f, v, unsaid, model.Pointer(f.Name), own != nil); {
			case sealed && (n != nil || f.Secret && !f.Equal(v, unsaid)):
				differs = append(differs, f.Name)
			case n == nil:
			default:
				add(out, f.Name, w.quoted(it, model.Pointer(f.Name), n))
				said = true
			}
		}
	}
	for _, c := range it.Kind.Children() {
		switch n := w.children(it, c, own != nil); {
		case n == nil:
		case sealed && (c.Place(it.Kind.Name).Right == it.Place().Right || !w.reached(it, own, c)):
			differs = append(differs, c.Place(it.Kind.Name).In)
		default:
			add(out, c.Place(it.Kind.Name).In, n)
			said = true
		}
	}
	if differs != nil {
		w.note("sealed", it.Addr, "it is not as a new realm has it, and the server lets nobody change it: the files leave out its "+strings.Join(differs, ", "), "")

	}
	if it.Kind.Keeps != nil && own == nil {
		w.noteKept(it)
	}
	if !said && it.Kind != model.Realm {
		return nil
	}
	if it.Kind.Bare != "" {
		for _, p := range out.Pairs {
			if p.Key == it.Kind.Bare {
				return p.Value
			}
		}
		return &text.Node{Kind: text.Map}
	}
	return out
}

// repeatable returns an object without the settings of its provider that only an
// import makes, and that a server would not take in a new object.
func (w *writer) repeatable(it *model.Item) *model.Item {
	if it.Kind.Refuses == nil {
		return it
	}
	for _, p := range it.Kind.Refuses(it.Fields, nil, w.state.Beside(it), w.state.Server) {
		segs := model.Segments(p.Pointer)
		if len(segs) != 2 {
			continue
		}
		f, config := it.Kind.Fields.Get(segs[0]), object(it.Fields[segs[0]])
		if _, said := config[segs[1]]; !said || f.Names == nil || f.Names.ConfigOf == "" {
			continue
		}
		without := *it
		without.Fields = it.Fields.Clone()
		delete(object(without.Fields[segs[0]]), segs[1])
		it = &without
		w.note("import-only", it.Addr, p.Summary+": only an import makes it otherwise, and the files leave it out", "")
	}
	return it
}

// object returns a value that is a map, or nil.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// noteKept says what the server puts into the sets of such an object by itself
// and this one has not.
func (w *writer) noteKept(it *model.Item) {
	for field, kept := range it.Kind.Keeps(w.fields(it.Parent)) {
		byOwner, _ := kept.(map[string]any)
		for _, owner := range model.Keys(byOwner) {
			there, _ := it.Fields[field].(map[string]any)
			for _, name := range it.Kind.Fields.Get(field).Missing(there[owner], byOwner[owner]) {
				w.note("not-kept", it.Addr, fmt.Sprintf("a new one has %s/%s in its %s, this one does not", owner, name, field),
					"the server puts it there by itself: a new realm to which the export is applied has it")
			}
		}
	}
}

// reached reports whether children of a kind can be below an object that nobody
// can change: it is as a new realm has it, or the server changes it along with
// other objects.
func (w *writer) reached(it, own *model.Item, c *model.Kind) bool {
	if c.When == nil || c.When(own.Fields) {
		return true
	}
	for _, other := range w.state.Items {
		if other.Kind.Changes == it.Addr {
			return true
		}
	}
	return false
}

// remade reports whether an object that the server makes has to be deleted and
// made anew to be what it is.
func remade(it, own *model.Item) bool {
	return slices.ContainsFunc(it.Kind.Fields, func(f model.Field) bool {
		return f.Immutable && f.Name != it.Kind.Key && !f.Equal(it.Fields[f.Name], own.Fields[f.Name])
	})
}

// registered returns the object of a fresh realm that the item is under
// another name: it cannot be registered, or made, once more.
func (w *writer) registered(it *model.Item) *model.Item {
	if it.Kind.Register == nil {
		return nil
	}
	first, _ := it.Fields[it.Kind.Register.As].(string)
	a := model.AddressOf(it.Parent, it.Kind, first)
	if w.state.Items[a] != nil {
		return nil
	}
	return w.fresh[a]
}

func add(n *text.Node, key string, v *text.Node) {
	n.Pairs = append(n.Pairs, text.Pair{Key: key, Value: v})
}

// follows reports whether the value that the field has when nobody declares
// it depends on a setting of the realm that is not the server's own.
func (w *writer) follows(f *model.Field) bool {
	if f.Follows == "" {
		return false
	}
	now, fresh := w.state.Items["realm"], w.fresh["realm"]
	return now == nil || fresh == nil || !model.Realm.Fields.Get(f.Follows).Equal(now.Fields[f.Follows], fresh.Fields[f.Follows])
}

// followed returns what the field then has.
func (w *writer) followed(it *model.Item, f *model.Field) any {
	realm := w.fields("realm")
	if realm == nil {
		return unknown{}
	}
	return it.Kind.Followed(f, it.Fields, realm, w.fields)
}

// joined returns what a set of an object of the server's own comes to be where
// nothing is said of it: the server may add members to those that it had.
func joined(it *model.Item, f *model.Field, had any) any {
	more, _ := it.Kind.Adds(it.Fields)[f.Name].([]any)
	if len(more) == 0 {
		return had
	}
	list, _ := had.([]any)
	return it.Kind.Canonical(model.Object{f.Name: slices.Concat(list, more)})[f.Name]
}

// treed reports whether objects of the kind are trees: those of the server's own
// differ from one version to the next.
func treed(k *model.Kind) bool {
	return slices.ContainsFunc(k.Fields, func(f model.Field) bool { return f.Type == model.Tree })
}

// inUse reports whether an object refers to the one at an address.
func (w *writer) inUse(a model.Address) bool {
	for _, it := range w.state.Items {
		if it.Addr != a && slices.ContainsFunc(it.Kind.Refs(it.Parent, it.Fields), func(r model.Ref) bool { return r.Addr == a }) {
			return true
		}
	}
	return false
}

// unknown is a default that nothing equals.
type unknown struct{}

// fields returns the fields of the object at an address.
func (w *writer) fields(a model.Address) model.Object {
	if it := w.state.Items[a]; it != nil {
		return it.Fields
	}
	return nil
}

// value returns what a file has to say about a field, or nil when it has the
// value that the server would give it.
func (w *writer) value(it *model.Item, f *model.Field, v, base any, at string, builtin bool) *text.Node {
	switch {
	case f.Secret:
		if s, _ := v.(string); s != "" && !builtin {
			return w.secret(it, at, s)
		}
		return nil
	case f.Type == model.Dict || f.Type == model.MultiDict:
		return w.dict(it, f, v, base, at)
	case f.Type == model.Struct && !f.Whole:
		have, _ := v.(map[string]any)
		was, _ := base.(map[string]any)
		out := &text.Node{Kind: text.Map}
		for i := range f.Fields {
			sub := &f.Fields[i]
			if n := w.value(it, sub, have[sub.Name], was[sub.Name], at+model.Pointer(sub.Name), builtin); n != nil {
				add(out, sub.Name, n)
			}
		}
		if len(out.Pairs) == 0 {
			return nil
		}
		return out
	}
	if builtin && f.Ref != "" && !f.Sibling {
		base = w.left(f, base, "")
	}
	if f.Equal(v, base) {
		return nil
	}
	if v == nil {
		v = f.Empty()
	}
	switch {
	case f.Type == model.Struct:
		return structNode(f, v)
	case f.Type == model.List && len(f.Fields) > 0:
		out := &text.Node{Kind: text.List}
		list, _ := v.([]any)
		for _, e := range list {
			out.Items = append(out.Items, memberNode(f.Fields, e))
		}
		return out
	case f.Type == model.Tree:
		return w.tree(it, f, v, at)
	}
	if l, ok := v.([]any); ok && f.Type == model.List && len(f.Fields) > 0 {
		out := &text.Node{Kind: text.List}
		for _, e := range l {
			out.Items = append(out.Items, structNode(f, e))
		}
		return out
	}
	return text.FromAny(v, nil)
}

// memberNode writes a member of a list in the order of its fields.
func memberNode(fs model.Fields, v any) *text.Node {
	m, ok := v.(map[string]any)
	if !ok {
		return text.FromAny(v, nil)
	}
	out := &text.Node{Kind: text.Map}
	for i := range fs {
		if e, ok := m[fs[i].Name]; ok {
			add(out, fs[i].Name, memberNode(fs[i].Fields, e))
		}
	}
	for _, name := range model.Keys(m) {
		if fs.Get(name) == nil {
			add(out, name, text.FromAny(m[name], nil))
		}
	}
	return out
}

// structNode writes a struct in the order of its fields, without what is
// empty.
func structNode(f *model.Field, v any) *text.Node {
	m, _ := v.(map[string]any)
	out := &text.Node{Kind: text.Map}
	for i := range f.Fields {
		if sub := &f.Fields[i]; !model.Zero(m[sub.Name]) {
			add(out, sub.Name, text.FromAny(m[sub.Name], nil))
		}
	}
	return out
}

// dict writes the keys of a map that differ from the server's default; one
// that the server would set and the object has not is written empty.
func (w *writer) dict(it *model.Item, f *model.Field, v, base any, at string) *text.Node {
	have, _ := v.(map[string]any)
	was, _ := base.(map[string]any)
	var derived map[string]any // what the server reads into a key's absence
	if it.Kind.Derive != nil {
		derived, _ = it.Kind.Derive(it.Fields, w.fields(it.Parent), w.fields("realm"))[f.Name].(map[string]any)
	}
	var there map[string]any // what it has in a new realm
	if own := w.fresh[it.Addr]; own != nil {
		there, _ = own.Fields[f.Name].(map[string]any)
	}
	keys := model.Keys(have)
	for _, m := range []map[string]any{was, there} {
		for k := range m {
			if _, ok := have[k]; !ok {
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	out := &text.Node{Kind: text.Map}
	for _, k := range slices.Compact(keys) {
		val, ok := have[k]
		switch {
		case ok && f.Verbatim && val != was[k]:
			add(out, k, text.FromAny(val, nil))
		case !ok && (model.Zero(was[k]) && model.Zero(there[k]) || derived[k] != nil):
		case !ok && f.Type == model.MultiDict:
			add(out, k, text.FromAny([]any{}, nil))
		case !ok:
			add(out, k, text.FromAny("", nil))
		case slices.Contains(f.SecretKeys, k) || val == model.Mask:
			if s, _ := val.(string); s != "" {
				add(out, k, w.secret(it, at+model.Pointer(k), s))
			}
		case was[k] == nil && derived[k] != nil && model.EqualValues(val, derived[k]):
			// Said or not: a server that shows it once puts it into new realms.
		case was[k] == nil && there[k] == nil && f.Idle != nil && f.Idle(it.Fields, k, val):
		case !model.EqualValues(val, was[k]):
			add(out, k, text.FromAny(val, nil))
		}
	}
	if len(out.Pairs) == 0 {
		return nil
	}
	return out
}

// quoted writes references in the places of texts which a file would take for
// references of its own.
func (w *writer) quoted(it *model.Item, at string, n *text.Node) *text.Node {
	switch n.Kind {
	case text.Map:
		for i, p := range n.Pairs {
			n.Pairs[i].Value = w.quoted(it, at+model.Pointer(p.Key), p.Value)
		}
	case text.List:
		for i, e := range n.Items {
			n.Items[i] = w.quoted(it, at+model.Pointer(strconv.Itoa(i)), e)
		}
	default:
		if _, ok := model.ParseReference(n.Text()); ok && !w.ours[n] {
			return w.secret(it, at, n.Text())
		}
	}
	return n
}

// secret writes a reference in the place of a secret, and remembers what it
// stands for.
func (w *writer) secret(it *model.Item, at, value string) *text.Node {
	return w.secretAs(at, it, at, value)
}

// secretAs is secret of one that is called by another pointer than its own.
func (w *writer) secretAs(known string, it *model.Item, at, value string) *text.Node {
	if value == model.Mask {
		value = ""
	}
	if strings.HasPrefix(value, "${vault.") {
		return text.FromAny(value, nil)
	}
	name := w.secretName(it.Addr, known)
	w.out.Secrets = append(w.out.Secrets, Secret{Name: name, Addr: it.Addr, Pointer: at, Value: value})
	n := text.FromAny("${env:"+name+"}", nil)
	w.ours[n] = true
	return n
}

// secretName makes an environment variable's name of an object's address and
// a field: ACME_CLIENT_SHOP_WEB_SECRET.
func (w *writer) secretName(a model.Address, at string) string {
	words := strings.FieldsFunc(w.state.Realm+" "+model.UnescapeKey(string(a))+" "+camelWords(model.Segments(at)), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	})
	base := strings.ToUpper(strings.Join(words, "_"))
	if base[0] >= '0' && base[0] <= '9' {
		base = "REALM_" + base // no shell takes a name that starts with a digit
	}
	name := base
	for n := 2; w.names[name]; n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	w.names[name] = true
	return name
}

// camelWords joins segments and sets the words in them apart: "smtpServer",
// "password" become "smtp_Server_password".
func camelWords(segs []string) string {
	var b strings.Builder
	for i, s := range segs {
		if i > 0 {
			b.WriteByte('_')
		}
		for j, r := range s {
			if j > 0 && r >= 'A' && r <= 'Z' {
				b.WriteByte('_')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// children returns what a file has to say about the children of one kind.
func (w *writer) children(it *model.Item, c *model.Kind, builtin bool) *text.Node {
	place := c.Place(it.Kind.Name)
	if it.Kind == model.Realm || place == nil || place.In == "" {
		return nil
	}
	items := w.state.Children(it.Addr, c)
	// A list of parts that is shown is complete: all or none of it.
	whole := c.Part && builtin && !w.sameParts(it, c, items)
	if made := w.spawned(it.Addr, c); len(made) > 0 && !builtin {
		if same(made, items) {
			return nil
		}
		whole = true
	}
	out := &text.Node{Kind: text.List}
	for _, child := range items {
		if n := w.object(child, whole); n != nil {
			out.Items = append(out.Items, n)
		}
	}
	switch {
	case c.Singleton() && len(out.Items) == 1:
		return out.Items[0]
	case len(out.Items) == 0 && !whole:
		return nil
	}
	return out
}

// spawned returns, in canonical form, what the server makes by itself along
// with the object at an address.
func (w *writer) spawned(parent model.Address, k *model.Kind) map[model.Address]model.Object {
	if w.fresh[parent] != nil {
		return nil
	}
	made := k.SpawnedOn(w.state.Server.Version, parent, w.fields(parent))
	maps.Copy(made, k.GivenOn(w.state.Server, parent))
	return made
}

// same reports whether objects are just those that the server makes.
func same(made map[model.Address]model.Object, items []*model.Item) bool {
	for _, it := range items {
		o := made[it.Addr]
		for i := range it.Kind.Fields {
			f := &it.Kind.Fields[i]
			if o == nil || !f.Computed && !f.Equal(o[f.Name], it.Fields[f.Name]) {
				return false
			}
		}
	}
	return len(items) == len(made)
}

// undecided returns the defaults of an object that the server makes by itself,
// or we do, as it may come: with no value where the two differ.
func undecided(k *model.Kind, base, made model.Object) model.Object {
	out := base.Clone()
	for name, v := range made {
		m, isMap := v.(map[string]any)
		if !isMap {
			if !k.Fields.Get(name).Equal(out[name], v) {
				out[name] = unknown{}
			}
			continue
		}
		keys, _ := out[name].(map[string]any)
		if keys == nil {
			keys = map[string]any{}
			out[name] = keys
		}
		for key, val := range m {
			if !model.EqualValues(keys[key], val) {
				keys[key] = unknown{}
			}
		}
	}
	return out
}

// sameParts reports whether the parts of a built-in object are those that it
// has in a fresh realm.
func (w *writer) sameParts(it *model.Item, c *model.Kind, items []*model.Item) bool {
	own := (&model.State{Items: w.fresh}).Children(it.Addr, c)
	if len(own) != len(items) {
		return false
	}
	for i := range own {
		if own[i].Addr != items[i].Addr || w.object(items[i], false) != nil {
			return false
		}
	}
	return true
}
