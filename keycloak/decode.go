package keycloak

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Decode reads the body as JSON into v, as encoding/json does, but keeps numbers exact: where v leaves the type open
// (any, and the values of map[string]any, []any and types like them), a number written as an integer becomes an int64,
// one with a fraction or exponent a float64, and one that fits neither a json.Number. An empty body leaves v as it is.
func (r Response) Decode(v any) error {
	if len(bytes.TrimSpace(r.Body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(r.Body))
	d.UseNumber()
	err := d.Decode(v)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = fmt.Errorf("there is more after its end")
		}
	}
	if err != nil {
		return fmt.Errorf("%s: the answer (%s) is not the JSON that was expected: %w; check that no proxy answers in place of Keycloak",
			r.where, r.Header.Get("Content-Type"), err)
	}
	settle(reflect.ValueOf(v))
	return nil
}

// settle replaces the json.Numbers within v, which leads to open types by way of pointers, slices, maps and structs.
func settle(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			settle(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() && v.CanSet() {
			v.Set(reflect.ValueOf(settled(v.Interface())))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			settle(v.Index(i))
		}
	case reflect.Map:
		for k, e := range v.Seq2() {
			n := reflect.New(e.Type()).Elem() // what is in a map cannot be set in place
			n.Set(e)
			settle(n)
			v.SetMapIndex(k, n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				settle(f)
			}
		}
	}
}

func settled(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case map[string]any:
		for k, e := range v {
			v[k] = settled(e)
		}
	case []any:
		for i, e := range v {
			v[i] = settled(e)
		}
	}
	return v
}

func number(n json.Number) any {
	if i, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return i
	}
	if f, err := n.Float64(); err == nil && strings.ContainsAny(string(n), ".eE") {
		return f
	}
	return n
}
