package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

// An answerWriter writes what the server answered: as it came, or what a jq
// expression makes of it, and in lines that people can read on a terminal.
type answerWriter struct {
	w       io.Writer
	jq      *gojq.Code
	include bool
	pretty  bool
}

func newAnswerWriter(c *cli.Context, s *streams) (*answerWriter, error) {
	a := &answerWriter{w: s.out, include: c.Bool("include"), pretty: s.terminal(s.out)}
	if e := c.String("jq"); e != "" {
		q, err := gojq.Parse(e)
		if err == nil {
			a.jq, err = gojq.Compile(q)
		}
		if err != nil {
			return nil, fmt.Errorf("--jq %s: %w", e, err)
		}
	}
	return a, nil
}

// whole writes an answer.
func (a *answerWriter) whole(res *keycloak.Response) error {
	if a.include {
		fmt.Fprintf(a.w, "%d %s\n", res.Status, http.StatusText(res.Status))
		for _, name := range slices.Sorted(maps.Keys(res.Header)) {
			for _, v := range res.Header[name] {
				fmt.Fprintf(a.w, "%s: %s\n", name, v)
			}
		}
		fmt.Fprintln(a.w)
	}
	if len(res.Body) == 0 {
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if mediaType != "application/json" && !strings.HasSuffix(mediaType, "+json") {
		if a.jq != nil {
			return fmt.Errorf("--jq: the answer is %s, not JSON", mediaType)
		}
		if _, err := a.w.Write(res.Body); err != nil || !a.pretty {
			return err
		}
		_, err := fmt.Fprintln(a.w)
		return err
	}
	if a.jq != nil {
		return a.filter(res.Body)
	}
	return a.json(res.Body)
}

// json writes a JSON text on lines of its own.
func (a *answerWriter) json(text []byte) error {
	text = bytes.TrimSpace(text)
	if a.pretty {
		var b bytes.Buffer
		if json.Indent(&b, text, "", "  ") == nil {
			text = b.Bytes()
		}
	}
	_, err := a.w.Write(append(text[:len(text):len(text)], '\n'))
	return err
}

// filter writes what the jq expression makes of a JSON text: texts as they
// are, everything else as JSON.
func (a *answerWriter) filter(text []byte) error {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	results := a.jq.Run(v)
	for {
		v, more := results.Next()
		if !more {
			return nil
		}
		switch v := v.(type) {
		case error:
			return fmt.Errorf("--jq: %w", v)
		case string:
			if _, err := fmt.Fprintln(a.w, v); err != nil {
				return err
			}
		default:
			out, err := gojq.Marshal(v)
			if err != nil {
				return err
			}
			if err := a.json(out); err != nil {
				return err
			}
		}
	}
}

// pages reads a list page by page and writes it as one, as it comes.
func (r *request) pages(c *cli.Context, client *keycloak.Client, a *answerWriter) error {
	size := pageSize
	if m := r.query.Get("max"); m != "" {
		n, err := strconv.Atoi(m)
		if err != nil || n < 1 {
			return exit{exitInvalid, fmt.Errorf("max=%s: want how many objects a page has", m)}
		}
		size = n
	}
	if a.jq != nil {
		return r.unknown(client.Pages(c.Context, r.path, r.query, size, c.Int("parallelism"), func(_ int, page []any) error {
			text, err := json.Marshal(page)
			if err != nil {
				return err
			}
			return a.filter(text)
		}))
	}
	list := &listWriter{w: a.w, pretty: a.pretty}
	err := client.Pages(c.Context, r.path, r.query, size, c.Int("parallelism"), func(_ int, page []any) error {
		for _, v := range page {
			if err := list.add(v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return r.unknown(err)
	}
	return list.end()
}

// A listWriter writes a JSON list element by element, each on lines of its own.
type listWriter struct {
	w      io.Writer
	pretty bool
	begun  bool
}

func (l *listWriter) add(v any) error {
	var b bytes.Buffer
	b.WriteString(",\n")
	if !l.begun {
		b.Reset()
		b.WriteString("[\n")
	}
	l.begun = true
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if l.pretty {
		b.WriteString("  ")
		e.SetIndent("  ", "  ")
	}
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := l.w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return err
}

func (l *listWriter) end() error {
	end := "\n]\n"
	if !l.begun {
		end = "[]\n"
	}
	_, err := io.WriteString(l.w, end)
	return err
}
