package text

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxExpansion bounds what aliases and merge keys may copy in one file, in nodes and 32 bytes of text. A realm that repeats a block of
// 200 nodes in each of 1000 clients stays below it; a "billion laughs" does not.
const maxExpansion = 250_000

// maxSyntax is after how many syntax errors reading does not start again: each costs a look at the rest of the file.
const maxSyntax = 100

// yamlReader turns the library's nodes to ours.
type yamlReader struct {
	file   string
	line   int // lines before the part that is being read
	budget int
	errs   []SyntaxError
	done   map[*yaml.Node]*Node // anchored nodes; nil while being read
	deep   bool                 // too deep nesting is reported once per document
	broke  bool                 // so is too large expansion, once per file
}

// parseYAML reads the documents of src. After a syntax error it goes on with the next document, as each "---" starts afresh.
func parseYAML(file, src string) ([]*Node, []SyntaxError) {
	r := &yamlReader{file: file, budget: maxExpansion}
	var docs []*Node
	for range maxSyntax {
		part, bad := r.documents(src)
		docs = append(docs, part...)
		if bad < 0 {
			break
		}
		next, lines := nextDocument(src, bad)
		if next < 0 {
			break
		}
		src = src[next:]
		r.line += lines
	}
	return docs, r.errs
}

// documents reads src up to a syntax error and returns the number of lines before it, or -1.
func (r *yamlReader) documents(src string) (docs []*Node, bad int) {
	d := yaml.NewDecoder(strings.NewReader(src))
	for {
		var doc yaml.Node
		err := decode(d, &doc)
		if err == io.EOF {
			return docs, -1
		}
		if err != nil {
			e, line := r.explain(d, err, src)
			r.errs = append(r.errs, e)
			return docs, line
		}
		if len(doc.Content) == 0 || isEmpty(doc.Content[0]) {
			continue
		}
		r.done = make(map[*yaml.Node]*Node)
		r.deep = false
		docs = append(docs, r.node(doc.Content[0], 1))
	}
}

// decode keeps a panic of the library, which has some "internal error: please report", from ending the program.
func decode(d *yaml.Decoder, doc *yaml.Node) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	return d.Decode(doc)
}

// nextDocument finds the first "---" on line bad or later, but not on the first one: there this part began.
func nextDocument(src string, bad int) (off, line int) {
	for rest := src; ; {
		if line > 0 && line >= bad && strings.HasPrefix(rest, "---") && (len(rest) == 3 || strings.IndexByte(" \t\r\n", rest[3]) >= 0) {
			return len(src) - len(rest), line
		}
		i := strings.IndexAny(rest, "\r\n")
		if i < 0 {
			return -1, 0
		}
		if strings.HasPrefix(rest[i:], "\r\n") {
			i++
		}
		rest = rest[i+1:]
		line++
	}
}

// isEmpty reports whether nothing is written at all: neither null nor ~ nor a tag.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0
}

func (r *yamlReader) pos(n *yaml.Node) Pos { return Pos{n.Line + r.line, n.Column} }

func (r *yamlReader) errorf(p Pos, hint, format string, args ...any) {
	r.errs = append(r.errs, SyntaxError{r.file, p, fmt.Sprintf(format, args...), hint})
}

func (r *yamlReader) node(n *yaml.Node, depth int) *Node {
	out := &Node{Pos: r.pos(n)}
	if n.Kind != yaml.ScalarNode && n.Kind != yaml.AliasNode && !r.shallow(out.Pos, depth) {
		return out
	}
	if n.Anchor != "" {
		r.done[n] = nil
		defer func() { r.done[n] = out }()
	}
	switch n.Kind {
	case yaml.ScalarNode:
		r.scalar(n, out)
	case yaml.AliasNode:
		anchored := r.done[n.Alias]
		if anchored == nil {
			r.errorf(out.Pos, "write the value out", "this alias (*) is used inside of what it stands for")
			break
		}
		at := out.Pos
		*out = *r.copy(anchored, depth, at)
		out.Pos = at // problems of the whole belong to where it is used
	case yaml.SequenceNode:
		out.Kind = List
		r.tag(n, "!!seq")
		for _, item := range n.Content {
			out.Items = append(out.Items, r.node(item, depth+1))
		}
	case yaml.MappingNode:
		out.Kind = Map
		r.tag(n, "!!map")
		r.pairs(n, out, depth)
	}
	return out
}

// shallow checks the depth.
func (r *yamlReader) shallow(p Pos, depth int) bool {
	if depth > MaxDepth && !r.deep {
		r.deep = true
		r.errorf(p, "", "maps and lists are nested more than %d levels deep", MaxDepth)
	}
	return depth <= MaxDepth
}

// copy copies an anchored node to where an alias, which stands at p, wants it. The parts keep their own positions.
func (r *yamlReader) copy(n *Node, depth int, p Pos) *Node {
	s, _ := n.Value.(string)
	if !r.spend(p, len(s)) {
		return &Node{Pos: n.Pos, Kind: n.Kind}
	}
	c := *n
	switch n.Kind {
	case Map:
		if !r.shallow(p, depth) {
			return &Node{Pos: n.Pos, Kind: n.Kind}
		}
		c.Pairs = make([]Pair, 0, len(n.Pairs))
		for _, pair := range n.Pairs {
			if !r.spend(p, len(pair.Key)) {
				break
			}
			pair.Value = r.copy(pair.Value, depth+1, p)
			c.Pairs = append(c.Pairs, pair)
		}
	case List:
		if !r.shallow(p, depth) {
			return &Node{Pos: n.Pos, Kind: n.Kind}
		}
		c.Items = make([]*Node, 0, len(n.Items))
		for _, item := range n.Items {
			if r.budget < 0 {
				break
			}
			c.Items = append(c.Items, r.copy(item, depth+1, p))
		}
	}
	return &c
}

// spend takes what a copy costs from the budget and reports whether there was enough.
func (r *yamlReader) spend(p Pos, size int) bool {
	r.budget -= 1 + size/32
	if r.budget < 0 && !r.broke {
		r.broke = true
		r.errorf(p, "write the values out", "the aliases (*) of this file expand to too much")
	}
	return r.budget >= 0
}

// tag refuses an explicit tag other than want, which the node's form says anyway.
func (r *yamlReader) tag(n *yaml.Node, want string) bool {
	if n.Style&yaml.TaggedStyle == 0 || n.Tag == want {
		return true
	}
	r.errorf(r.pos(n), "remove the tag, or quote a text that starts with !", "tags (!) of this kind are not supported")
	return false
}

func (r *yamlReader) scalar(n *yaml.Node, out *Node) {
	out.Value = n.Value
	plain := n.Style&^yaml.TaggedStyle == 0
	tag := ""
	if n.Style&yaml.TaggedStyle != 0 {
		tag = n.Tag
	}
	switch tag {
	case "":
		if !plain {
			return
		}
	case "!!str":
		return
	case "!!null", "!!bool", "!!int", "!!float":
	default:
		r.tag(n, "")
		return
	}
	v, got := resolve(n.Value)
	if got == "huge" {
		r.errorf(out.Pos, hugeHint, hugeProblem)
		return
	}
	if i, ok := v.(int64); ok && tag == "!!float" {
		v, got = float64(i), tag
	}
	if tag != "" && tag != got {
		r.errorf(out.Pos, "remove the tag or correct the value", "the value does not fit its tag %s", tag)
		return
	}
	out.Value = v
	if got == "!!int" || got == "!!float" {
		out.raw = n.Value
	}
}

// resolve gives a bare word its type, by the rules of the package comment.
func resolve(s string) (v any, tag string) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil, "!!null"
	case "true", "True", "TRUE":
		return true, "!!bool"
	case "false", "False", "FALSE":
		return false, "!!bool"
	}
	if !isNumber(s) {
		return s, "!!str"
	}
	v, ok := number(s)
	if !ok {
		return s, "huge"
	}
	if _, ok := v.(int64); ok {
		return v, "!!int"
	}
	return v, "!!float"
}

// pairs fills a map. Its own keys win over merged ones, and of several merged maps the first wins.
func (r *yamlReader) pairs(n *yaml.Node, out *Node, depth int) {
	const ( // what is done with the value
		drop = iota
		keep
		merge
	)
	keys := make([]string, len(n.Content)/2)
	use := make([]int, len(keys))
	own := make(map[string]Pos)
	var merging Pos
	for i := range keys {
		k := n.Content[2*i]
		at := r.pos(k)
		if isMerge(k) {
			if merging != (Pos{}) {
				r.errs = append(r.errs, duplicate(r.file, "<<", at, merging))
				continue
			}
			merging, use[i] = at, merge
			continue
		}
		key, ok := r.key(k)
		if !ok {
			continue
		}
		if first, dup := own[key]; dup {
			r.errs = append(r.errs, duplicate(r.file, key, at, first))
			continue
		}
		own[key], keys[i], use[i] = at, key, keep
	}
	merged := make(map[string]bool)
	for i, key := range keys {
		// The value of a bad key is read all the same: it has problems of its own, and anchors.
		value := r.node(n.Content[2*i+1], depth+1)
		switch use[i] {
		case keep:
			out.Pairs = append(out.Pairs, Pair{key, own[key], value})
		case merge:
			sources := []*Node{value}
			if value.Kind == List {
				sources = value.Items
			}
			for _, source := range sources {
				if source.Kind != Map {
					r.errorf(source.Pos, `write "<<" in quotes if it is a key of that name`, "<< takes a map or a list of maps")
					break
				}
				for _, p := range source.Pairs {
					if _, ok := own[p.Key]; ok || merged[p.Key] {
						continue
					}
					merged[p.Key] = true
					out.Pairs = append(out.Pairs, p)
				}
			}
		}
	}
}

func isMerge(k *yaml.Node) bool {
	return k.Kind == yaml.ScalarNode && k.Tag == "!!merge" && k.Value == "<<"
}

const (
	noKey     = "there is no key before the ':'"
	noKeyHint = `write "" if it is meant to be empty`
)

// key returns the text of a map's key; true, 1 and null are keys of that text.
func (r *yamlReader) key(k *yaml.Node) (string, bool) {
	at := r.pos(k)
	if k.Kind == yaml.AliasNode {
		k = k.Alias
		r.spend(at, len(k.Value))
	}
	switch {
	case k.Kind != yaml.ScalarNode:
		r.errorf(at, "", "a key must be text, not a map or a list")
		return "", false
	case isEmpty(k):
		r.errorf(at, noKeyHint, noKey)
		return "", false
	}
	n := &Node{Pos: at}
	r.scalar(k, n)
	if k.Anchor != "" {
		r.done[k] = n
	}
	return k.Value, true
}

// mark is a place as the library counts it: from 0, in its part of the file.
type mark struct{ line, col int }

// explain makes our error of the library's. It returns as well how many lines are before the place where reading stopped.
//
// The library's messages name no column, and often the wrong line. It knows better in fields that it does not export, so explain
// looks there; should they be gone one day, the message's line has to do. (Version 4 of the library exports them.)
func (r *yamlReader) explain(d *yaml.Decoder, err error, src string) (e SyntaxError, line int) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var n int
	if _, scanErr := fmt.Sscanf(text, "line %d: ", &n); scanErr == nil {
		_, text, _ = strings.Cut(text, ": ")
	} else {
		n = 1
	}
	p := reflect.ValueOf(d).Elem().FieldByName("parser")
	at := mark{n - 1, 0}
	context := at
	if m, ok := field(p, "parser", "problem_mark"); ok {
		at = m
		context, _ = field(p, "parser", "context_mark")
	}
	if strings.HasPrefix(text, "unknown anchor") {
		at, _ = field(p, "event", "start_mark")
	}
	line = at.line
	char := charAt(src, at)
	switch {
	case strings.Contains(text, "a tab character"), strings.Contains(text, "cannot start any token") && char == "\t":
		e = SyntaxError{Problem: "a tab stands where YAML wants spaces", Hint: "indent with spaces only"}
	case strings.Contains(text, "cannot start any token"):
		e = SyntaxError{Problem: fmt.Sprintf("a text cannot start with %q", char), Hint: "put it in quotes"}
	case strings.Contains(text, "mapping values are not allowed"):
		e = SyntaxError{Problem: "there cannot be a ':' here", Hint: "put a text that contains ': ' in quotes, or check the indentation"}
	case strings.Contains(text, "block sequence entries are not allowed"):
		e = SyntaxError{Problem: "a list cannot start here", Hint: "write its first '- ' on a line of its own, or quote the text"}
	case strings.Contains(text, "could not find expected ':'"):
		at = context
		e = SyntaxError{Problem: "there is no ':' after this key", Hint: "write 'key: value', or indent the line if it goes on with the text before"}
	case strings.Contains(text, "expected key") && char == ":":
		e = SyntaxError{Problem: noKey, Hint: noKeyHint}
	case strings.Contains(text, "expected key"), strings.Contains(text, "expected '-' indicator"):
		what := "map"
		if strings.Contains(text, "'-'") {
			what = "list"
		}
		e = SyntaxError{Problem: fmt.Sprintf("this does not fit into the %s that starts at line %d", what, r.line+context.line+1),
			Hint: "check the indentation, and that all of a text is inside its quotes"}
	case strings.Contains(text, "expected ',' or"):
		e = SyntaxError{Problem: strings.Replace(text, "did not find expected", fmt.Sprintf("in the brackets opened at line %d, column %d, expected",
			r.line+context.line+1, context.col+1), 1), Hint: "close the bracket, or quote a text that contains brackets or commas"}
	case strings.Contains(text, "unexpected end of stream"), strings.Contains(text, "unexpected document indicator"):
		at = context
		e = SyntaxError{Problem: "the quote that starts here is not closed", Hint: "a quote inside of a text is written '' in single and \\\" in double quotes"}
	case strings.Contains(text, "unknown escape character"):
		e = SyntaxError{Problem: "unknown escape in double quotes", Hint: `write \\ for a backslash, or use single quotes`}
	case strings.Contains(text, "expected alphabetic or numeric character"):
		at = context
		e = SyntaxError{Problem: fmt.Sprintf("a text cannot start with %q", charAt(src, at)), Hint: "put it in quotes"}
	case strings.Contains(text, "unknown anchor"):
		e = SyntaxError{Problem: "this alias (*) stands for nothing: no value before it has its name (&)", Hint: "put a text that starts with * in quotes"}
	case strings.Contains(text, "expected node content"):
		e = SyntaxError{Problem: "a value is missing here", Hint: "quote a text that starts with a bracket, a comma or another sign"}
	case strings.Contains(text, "expected comment or line break"):
		e = SyntaxError{Problem: "the text has to start on the line after its | or >", Hint: "quote a text that starts with | or >"}
	case strings.Contains(text, "exceeded max depth"):
		e = SyntaxError{Problem: fmt.Sprintf("maps and lists are nested more than %d levels deep", MaxDepth)}
	case strings.Contains(text, "expected <document start>"):
		e = SyntaxError{Problem: "there is more text after the end of the document", Hint: "start another document with ---, or check the indentation"}
	default:
		e = SyntaxError{Problem: "not valid YAML: " + text, Hint: "check indentation and quotes"}
	}
	e.File = r.file
	e.Pos = Pos{at.line + 1, at.col + 1}
	// The library ends a last line that has no end, and then is on the line after it.
	c := cursor{src: src}
	if end := c.at(len(src)); end.Before(e.Pos) {
		e.Pos = end
	}
	e.Line += r.line
	return e, line
}

// field reads a mark from one of the library's unexported structs.
func field(v reflect.Value, name, markName string) (mark, bool) {
	for _, f := range []string{name, markName} {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return mark{}, false
		}
		v = v.FieldByName(f)
	}
	if v.Kind() != reflect.Struct {
		return mark{}, false
	}
	line, col := v.FieldByName("line"), v.FieldByName("column")
	if !line.IsValid() || !col.IsValid() || !line.CanInt() || !col.CanInt() {
		return mark{}, false
	}
	return mark{int(line.Int()), int(col.Int())}, true
}

// charAt returns the character at a mark, or "".
func charAt(src string, m mark) string {
	c := cursor{src: src}
	for off, r := range src {
		if p := c.at(off); p.Line > m.line+1 {
			break
		} else if p == (Pos{m.line + 1, m.col + 1}) {
			return string(r)
		}
	}
	return ""
}
