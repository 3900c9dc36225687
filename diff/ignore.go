package diff

import (
	"slices"
	"strconv"

	"github.com/kcsync/kcsync/model"
)

// ignore takes out of the desired objects what the server takes and drops:
// it would differ for ever.
func (c *comparison) ignore() {
	for i, it := range c.sorted {
		if it.Kind.Ignores == nil {
			continue
		}
		problems := it.Kind.Ignores(it.Fields, c.object(it.Addr), c.beside(it))
		if len(problems) == 0 {
			continue
		}
		fields := it.Fields.Clone()
		for _, p := range slices.Backward(problems) {
			segs := model.Segments(p.Pointer)
			src := it.FieldSource(p.Pointer)
			if member, ok := without(map[string]any(fields), segs).(string); ok {
				src = it.ValueSource(model.Pointer(segs[:len(segs)-1]...), member)
			}
			d := model.Diagnostic{Severity: model.Warning, Code: "ignored", Summary: p.Summary, Detail: p.Detail, Addr: it.Addr, Source: src}
			c.plan.Notes = append(c.plan.Notes, d)
		}
		c.declare(i, fields)
	}
}

// without removes the value to which segments lead from maps and lists, in
// place, and returns what it removed from a list.
func without(v any, segs []string) any {
	last := len(segs) == 1
	switch v := v.(type) {
	case map[string]any:
		below, isList := v[segs[0]].([]any)
		switch {
		case last:
			delete(v, segs[0])
		case isList && len(segs) == 2:
			if n, err := strconv.Atoi(segs[1]); err == nil && n < len(below) {
				member := below[n]
				v[segs[0]] = slices.Delete(below, n, n+1)
				return member
			}
		default:
			m := without(v[segs[0]], segs[1:])
			if o := object(v[segs[0]]); o != nil && len(o) == 0 {
				delete(v, segs[0]) // an empty map would ask for the defaults
			}
			return m
		}
	case []any:
		if n, err := strconv.Atoi(segs[0]); err == nil && n < len(v) && !last {
			return without(v[n], segs[1:])
		}
	}
	return nil
}
