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
