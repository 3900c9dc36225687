package model

// Represent returns the representation of one object of the kind whose
// natural key and whose own answer, to a GET of its path, are given; nil when
// the answer holds none.
func (k *Kind) Represent(key string, answer any) Object {
	if k.Bare != "" {
		return Object{k.Key: key, k.Bare: answer}
	}
	m, _ := mapOf(answer)
	return m
}

// Listing returns the representations in the answer to the list of a place.
func (k *Kind) Listing(p *Place, answer any) []any {
	m, isMap := mapOf(answer)
	switch {
	case isMap && p.Document != "":
		out, _ := m[p.Document].([]any)
		out = out[:len(out):len(out)]
		fixed, _ := m[p.Fixed].([]any)
		for _, e := range fixed {
			rep := Object{fixedKey: true}
			o, _ := mapOf(e)
			for name, v := range o {
				rep[name] = v
			}
			out = append(out, map[string]any(rep))
		}
		return out
	case isMap && k.Singleton():
		return []any{m}
	}
	l, _ := answer.([]any)
	if k.Bare == "" {
		return l
	}
	out := make([]any, 0, len(l)) // a list of keys
	for _, key := range l {
		out = append(out, map[string]any{k.Key: key})
	}
	return out
}

// FoundIn returns the object in the answer to [Kind.Find], nil when it holds
// none.
func (k *Kind) FoundIn(answer any) Object {
	if l, ok := answer.([]any); ok {
		if len(l) == 0 {
			return nil
		}
		answer = l[0]
	}
	m, _ := mapOf(answer)
	return m
}

// InDocument returns the list in a place's document, and the index there of
// the object with a natural key, -1 when there is none.
func (k *Kind) InDocument(p *Place, doc Object, key string) (list []any, index int) {
	list, _ = doc[p.Document].([]any)
	for i, e := range list {
		if m, ok := mapOf(e); ok && m[k.Key] == key {
			return list, i
		}
	}
	return list, -1
}
