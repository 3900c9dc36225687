package diff

// native declares, of the objects that a new realm has, what no file needs to
// say ([model.Field.Native]): it is to be as it is there. Of other objects the
// server alone knows it, whatever a file says.
func (c *comparison) native() {
	for i, it := range c.sorted {
		for _, f := range it.Kind.Fields {
			if !f.Native {
				continue
			}
			fields := it.Fields.Clone()
			if own := c.fresh.Items[c.originOf(it.Addr)]; own == nil {
				delete(fields, f.Name)
			} else if fields[f.Name] == nil {
				fields[f.Name] = own.Fields[f.Name]
			}
			c.declare(i, fields)
			it = c.sorted[i]
		}
	}
}

// revive writes out what files ask to be as the server makes it, of objects that a
// new realm has and this one no longer: the server then makes them like any other.
func (c *comparison) revive() {
	if c.missing {
		return
	}
	for i, it := range c.sorted {
		own := c.fresh.Items[it.Addr]
		if own == nil || c.current.Items[it.Addr] != nil {
			continue
		}
		fields := overlay(it.Kind.Fields, nil, it.Fields, own.Fields)
		for name := range it.Fields {
			if _, ok := fields[name]; !ok {
				fields[name] = nil
			}
		}
		c.declare(i, fields)
	}
}
