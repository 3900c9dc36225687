package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// A requestBody is what a request carries.
type requestBody struct {
	mediaType string
	data      json.RawMessage // of any media type
}

// body reads the flags that make the body and the query of a request; nil for
// a request without body.
func (r *request) body(c *cli.Context, s *streams) (*requestBody, error) {
	fields, err := readFields(c, s)
	if err != nil {
		return nil, err
	}
	input := c.String("input")
	if input != "" || slices.Contains([]string{"GET", "HEAD", "DELETE"}, r.method) {
		if err := addQuery(r.query, fields); err != nil {
			return nil, err
		}
		if input == "" {
			return nil, nil
		}
		data, err := readInput(s, input)
		return &requestBody{r.mediaType(input), data}, err
	}
	switch r.mediaType("") {
	case "multipart/form-data":
		return multipartBody(r.form, fields)
	case "application/x-www-form-urlencoded":
		form := maps.Clone(r.form)
		if form == nil {
			form = url.Values{}
		}
		err := addQuery(form, fields)
		return &requestBody{"application/x-www-form-urlencoded", json.RawMessage(form.Encode())}, err
	}
	if fields == nil {
		return nil, nil
	}
	if t := r.mediaType(""); t != "application/json" && !strings.HasSuffix(t, "+json") {
		return nil, fmt.Errorf("%s %s takes %s, which has no fields: give it by --input", r.method, r.path, t)
	}
	data, err := json.Marshal(fields)
	return &requestBody{r.mediaType(""), data}, err
}

// mediaType returns what a body is sent as: JSON, unless the operation takes
// other things only, or the file that is sent says that it is one of these.
func (r *request) mediaType(file string) string {
	const inJSON = "application/json"
	var taken []string
	for _, op := range r.ops {
		taken = append(taken, op.Consumes...)
	}
	byEnding := map[string]string{".yaml": "application/yaml", ".yml": "application/yaml", ".xml": "application/xml", ".txt": "text/plain"}
	switch of := byEnding[filepath.Ext(file)]; {
	case of != "" && slices.Contains(taken, of):
		return of
	case len(taken) == 0 || slices.Contains(taken, inJSON):
		return inJSON
	}
	return taken[0]
}

func readInput(s *streams, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.in)
	}
	return os.ReadFile(name)
}

// readFields returns the object that --field and --raw-field describe; nil
// when there are none.
func readFields(c *cli.Context, s *streams) (map[string]any, error) {
	var out map[string]any
	add := func(flag, given string, value func(string) (any, error)) error {
		key, text, ok := strings.Cut(given, "=")
		if !ok || key == "" {
			return fmt.Errorf("--%s %s: want KEY=VALUE", flag, given)
		}
		v, err := value(text)
		if err != nil {
			return fmt.Errorf("--%s %s: %w", flag, key, err)
		}
		if out == nil {
			out = map[string]any{}
		}
		if err := setField(out, key, v); err != nil {
			return fmt.Errorf("--%s %s: %w", flag, key, err)
		}
		return nil
	}
	for _, f := range c.StringSlice("raw-field") {
		if err := add("raw-field", f, func(text string) (any, error) { return text, nil }); err != nil {
			return nil, err
		}
	}
	for _, f := range c.StringSlice("field") {
		if err := add("field", f, func(text string) (any, error) { return typed(s, text) }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fileContent is a field's value that was read from a file, whose name a form
// tells along.
type fileContent struct {
	name string
	data []byte
}

// MarshalJSON makes it text.
func (f fileContent) MarshalJSON() ([]byte, error) { return json.Marshal(string(f.data)) }

// typed returns what a --field means.
func typed(s *streams, text string) (any, error) {
	switch text {
	case "true", "false":
		return text == "true", nil
	case "null":
		return nil, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		data, err := readInput(s, name)
		return fileContent{filepath.Base(name), data}, err
	}
	return text, nil
}

// setField sets a value in an object: KEY, KEY[SUB] in the object there,
// KEY[] at the end of the list there.
func setField(in map[string]any, key string, value any) error {
	name, rest, nested := strings.Cut(key, "[")
	if !nested {
		if _, twice := in[name]; twice {
			return fmt.Errorf("it is given twice: write %s[]= for a list", name)
		}
		in[name] = value
		return nil
	}
	inner, rest, closed := strings.Cut(rest, "]")
	if !closed || rest != "" && !strings.HasPrefix(rest, "[") {
		return fmt.Errorf("want KEY[SUB]=VALUE or KEY[]=VALUE")
	}
	if inner == "" {
		if rest != "" {
			return fmt.Errorf("a list of objects cannot be written like this: give the body by --input")
		}
		list, ok := in[name].([]any)
		if in[name] != nil && !ok {
			return fmt.Errorf("%s is no list elsewhere", name)
		}
		in[name] = append(list, value)
		return nil
	}
	sub, ok := in[name].(map[string]any)
	if in[name] == nil {
		sub, ok = map[string]any{}, true
		in[name] = sub
	}
	if !ok {
		return fmt.Errorf("%s is no object elsewhere", name)
	}
	return setField(sub, inner+rest, value)
}

// addQuery adds fields to a query or a form.
func addQuery(q url.Values, fields map[string]any) error {
	for k, v := range fields {
		values, list := v.([]any)
		if !list {
			values = []any{v}
		}
		for _, v := range values {
			switch v := v.(type) {
			case map[string]any:
				return fmt.Errorf("%s is an object, which a query or a form cannot hold", k)
			case fileContent:
				q.Add(k, string(v.data))
			case nil:
				q.Add(k, "")
			default:
				q.Add(k, fmt.Sprint(v))
			}
		}
	}
	return nil
}

// multipartBody returns fields as a form with files.
func multipartBody(form url.Values, fields map[string]any) (*requestBody, error) {
	all := map[string]any{}
	for k, v := range form {
		all[k] = v[0]
	}
	maps.Copy(all, fields)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		var err error
		switch v := all[k].(type) {
		case fileContent:
			var part io.Writer
			if part, err = w.CreateFormFile(k, v.name); err == nil {
				_, err = part.Write(v.data)
			}
		case map[string]any, []any:
			err = fmt.Errorf("%s: a form holds texts and files", k)
		default:
			err = w.WriteField(k, fmt.Sprint(v))
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &requestBody{w.FormDataContentType(), b.Bytes()}, nil
}
