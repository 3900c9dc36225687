package schema

import (
	"errors"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kcsync/kcsync/model"
	"github.com/kcsync/kcsync/text"
)

// Checker checks parsed files. It compiles a kind's schema when it first
// needs it, and once. The zero Checker is ready for use, by several goroutines
// at once.
type Checker struct {
	mu       sync.Mutex
	compiled map[*model.Kind]*compiled
}

type compiled struct {
	*jsonschema.Schema
	source map[string]any
}

// Check returns all that is wrong in the value to which pointer leads in a
// parsed document: an object of the kind, or a list of them; for the realm, a
// fragment. It panics when the kind has no schema, see [Kinds].
func (c *Checker) Check(k *model.Kind, file string, doc *text.Node, pointer string) model.Diagnostics {
	s := c.schema(k)
	node := doc.At(pointer)
	var failed *jsonschema.ValidationError
	value := node.Any()
	if rep, ok := value.(map[string]any); ok && k == model.Realm {
		left, _ := model.Lapse(rep)
		value = map[string]any(left)
	}
	if err := s.Validate(value); !errors.As(err, &failed) {
		return nil
	}
	r := report{kind: k, schema: s.source, file: file, doc: doc, at: pointer, node: node}
	r.all(failed)
	r.out.Sort()
	return r.out
}

func (c *Checker) schema(k *model.Kind) *compiled {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.compiled[k]; ok {
		return s
	}
	source := For(k)
	s, err := compile(source)
	if err != nil {
		panic("schema: " + k.Name + ": " + err.Error())
	}
	if c.compiled == nil {
		c.compiled = map[*model.Kind]*compiled{}
	}
	c.compiled[k] = &compiled{s, source}
	return c.compiled[k]
}

func compile(source map[string]any) (*jsonschema.Schema, error) {
	id := source["$id"].(string)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(id, source); err != nil {
		return nil, err
	}
	return c.Compile(id)
}

// all walks down to the failures that have no cause but themselves.
func (r *report) all(e *jsonschema.ValidationError) {
	if len(e.Causes) > 0 {
		for _, c := range e.Causes {
			r.all(c)
		}
		return
	}
	at := r.place(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		r.unknown(at, k.Properties)
	case *kind.Required:
		r.missing(at, k.Missing)
	case *kind.Enum:
		r.notOneOf(at, k.Want)
	case *kind.Minimum, *kind.Maximum, *kind.MaxLength:
		// Told where the files are loaded, see [model.Value].
	default:
		// Type, and Pattern, by which text is told from what it stands for.
		r.wrong(at)
	}
}
