package diff

import (
	"maps"

	"github.com/kcsync/kcsync/model"
)

// defaults returns the server's default of the object at an address: what the
// server made of it by itself, else the smallest object of the kind.
func (c *comparison) defaults(a model.Address) model.Object {
	def := c.serverDefaults(a)
	if it := c.desired.Items[a]; it != nil {
		def = leaveHeld(it, def)
	}
	return def
}

// leaveHeld takes out of the defaults of a list what another list, that cannot
// hold the same, declares.
func leaveHeld(it *model.Item, def model.Object) model.Object {
	for i := range it.Kind.Fields {
		f := &it.Kind.Fields[i]
		if f.Link == nil || f.Link.Exclusive == "" {
			continue
		}
		held, had := listOf(it.Fields[f.Link.Exclusive]), listOf(def[f.Name])
		if left := f.Missing(held, had); len(left) < len(had) {
			def = maps.Clone(def)
			def[f.Name] = left
		}
	}
	return def
}

func (c *comparison) serverDefaults(a model.Address) model.Object {
	if f := c.fresh.Items[c.originOf(a)]; f != nil && (c.existing(a) != nil || c.missing) {
		return f.Fields
	}
	var o model.Object
	var k *model.Kind
	if have := c.existing(a); have != nil {
		k, o = have.Kind, have.Fields
	}
	if it := c.desired.Items[a]; it != nil {
		k, o = it.Kind, overlay(it.Kind.Fields, o, it.Fields, nil)
	}
	if k == nil {
		return model.Object{}
	}
	realm := c.object("")
	out := c.opt.Baseline.Default(k, o, c.object(model.ParentOf(a)), realm)
	for i := range k.Fields {
		if f := &k.Fields[i]; f.Follows != "" && realm[f.Follows] != nil {
			out[f.Name] = k.Followed(f, o, realm, c.standsAs)
		}
	}
	if k.Gives != nil {
		maps.Copy(out, k.Gives(c.other))
	}
	return out
}

// standsAs returns the object at an address as it will be; nil when there will
// be none.
func (c *comparison) standsAs(a model.Address) model.Object {
	if !c.stands(a) {
		return nil
	}
	return c.object(a)
}

// object returns the object at an address as it will be: what the files
// declare laid over what the server has, or makes by default. The address ""
// is the realm.
func (c *comparison) object(a model.Address) model.Object {
	if a == "" {
		a = model.Address(model.Realm.Name)
	}
	if o, ok := c.objects[a]; ok {
		return o
	}
	c.objects[a] = nil // the realm is below itself
	have, it := c.existing(a), c.desired.Items[a]
	def := c.defaults(a)
	base := def
	switch {
	case have != nil:
		base = have.Fields
	case it != nil:
		base = overlay(it.Kind.Fields, def, c.predicted(it), def)
	}
	out := base
	if it != nil {
		out = overlay(it.Kind.Fields, base, it.Fields, def)
	}
	c.objects[a] = out
	return out
}

// overlay lays fields over others: null is the default, maps are laid over
// key by key.
func overlay(fs model.Fields, base, over, def map[string]any) model.Object {
	out := model.Object{}
	for name, v := range base {
		out[name] = v
	}
	put := func(m map[string]any, name string, v, def any) {
		if v == nil {
			v = def
		}
		if v == nil {
			delete(m, name)
			return
		}
		m[name] = v
	}
	for name, v := range over {
		f, m := fs.Get(name), object(v)
		switch {
		case f != nil && m != nil && f.Type == model.Struct:
			out[name] = map[string]any(overlay(f.Fields, object(out[name]), m, object(def[name])))
		case f != nil && m != nil && (f.Type == model.Dict || f.Type == model.MultiDict):
			keys := map[string]any{}
			for key, e := range object(out[name]) {
				keys[key] = e
			}
			want, _ := entries(v, out[name], def[name])
			for key, e := range want {
				put(keys, key, e, object(def[name])[key])
			}
			out[name] = keys
		default:
			put(out, name, v, def[name])
		}
	}
	return out
}

// leaveDefaults takes out of an object what nobody declares and the server
// makes by itself.
func leaveDefaults(fs model.Fields, o, declared, def map[string]any) {
	for name, v := range o {
		f := fs.Get(name)
		if f == nil {
			continue
		}
		if _, ok := declared[name]; !ok && f.Equal(v, def[name]) {
			delete(o, name)
			continue
		}
		if m := object(v); m != nil && (f.Type == model.Dict || f.Type == model.MultiDict) {
			d, have := object(declared[name]), object(def[name])
			for key, e := range m {
				if _, ok := d[key]; !ok && model.EqualValues(e, have[key]) {
					delete(m, key)
				}
			}
		}
	}
}

// carry lays declared fields over those of an object that is created anew
// under another name. It returns the secrets that are lost because they
// cannot be read.
func carry(fs model.Fields, have, over map[string]any, at string) (model.Object, []string) {
	var lost []string
	readable := model.Object{}
	for _, name := range model.Keys(have) {
		path, v := at+model.Pointer(name), have[name]
		m, o := object(v), object(over[name])
		switch {
		case v == model.Mask:
			if _, ok := over[name]; !ok {
				lost = append(lost, path)
			}
			continue
		case m != nil:
			f := fs.Get(name)
			var sub model.Fields
			if f != nil {
				sub = f.Fields
			}
			kept, l := carry(sub, m, o, path)
			readable[name], lost = map[string]any(kept), append(lost, l...)
			continue
		}
		readable[name] = v
	}
	return overlay(fs, readable, over, nil), lost
}
