package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/catalogue"
)

func apiListCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "list",
		Usage:     "list the operations of the Admin API, or those that have all WORDs in their name or address",
		ArgsUsage: "[WORD...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "keycloak", Usage: "as they are in this `VERSION`, such as 26.5 (default: the newest that is known, " + catalogue.Nearest("") + ")"},
			outputFlag("the list"),
		},
		Action: func(c *cli.Context) error {
			inJSON, err := asJSON(c)
			if err != nil {
				return err
			}
			ops := catalogue.For(c.String("keycloak")).Find(c.Args().Slice()...)
			if inJSON {
				return printJSON(s.out, append([]*catalogue.Operation{}, ops...))
			}
			if len(ops) == 0 {
				return exit{exitFailed, fmt.Errorf("no operation has %s in its name or address", strings.Join(c.Args().Slice(), " and "))}
			}
			w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
			for _, op := range ops {
				mark := ""
				if op.Deprecated {
					mark = "  (deprecated)"
				}
				fmt.Fprintf(w, "%s\t%s\t%s%s\n", op.Name, op.Method, op.Path, mark)
			}
			return w.Flush()
		},
	}
}

// printJSON writes a value as lines that people can read.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// A description is what is known of an operation.
type description struct {
	*catalogue.Operation
	Versions []string                        `json:"versions"`
	Classes  map[string][]catalogue.Property `json:"classes,omitempty"`
}

// describe shows what is known of what a request asks for.
func describe(c *cli.Context, s *streams, r *request) error {
	inJSON, err := asJSON(c)
	if err != nil {
		return err
	}
	if len(r.ops) == 0 {
		return exit{exitInvalid, fmt.Errorf("no version of the Admin API that is known here has %s %s; kcsync api list WORD shows what there is", r.method, r.path)}
	}
	var all []*description
	for _, op := range r.ops {
		all = append(all, newDescription(op))
	}
	if inJSON {
		return printJSON(s.out, all)
	}
	for i, d := range all {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		if err := d.text(s.out); err != nil {
			return err
		}
	}
	return nil
}

func newDescription(op *catalogue.Operation) *description {
	d := &description{Operation: op, Classes: map[string][]catalogue.Property{}}
	for _, v := range catalogue.Versions() {
		if catalogue.For(v).Lookup(op.Name) != nil {
			d.Versions = append(d.Versions, v)
		}
	}
	cat := catalogue.For(d.Versions[len(d.Versions)-1])
	for _, typ := range []string{op.Body, op.Answer} {
		if class := catalogue.ClassOf(typ); class != "" && cat.Class(class) != nil {
			d.Classes[class] = cat.Class(class)
		}
	}
	return d
}

// text writes the description for people.
func (d *description) text(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\n  %s %s\n", d.Name, d.Method, d.Path)
	fmt.Fprintf(w, "  %s in the server, Keycloak %s", d.Handler, d.Versions[0])
	if n := len(d.Versions); n > 1 {
		fmt.Fprintf(w, " to %s", d.Versions[n-1])
	}
	if d.Deprecated {
		fmt.Fprint(w, ", deprecated")
	}
	fmt.Fprintln(w)
	if len(d.Params) > 0 {
		fmt.Fprintln(w, "\nParameters")
	}
	for _, p := range d.Params {
		note := ""
		if p.Default != "" {
			note = "  default " + p.Default
		}
		fmt.Fprintf(w, "  %s\t%s\t%s%s\n", p.Name, p.In, p.Type, note)
	}
	d.section(w, "Body", d.Body, d.Consumes)
	answer := d.Answer
	if answer == "" && len(d.Produces) > 0 {
		answer = "not told by the server's code"
	}
	if d.Answer == "" || catalogue.ClassOf(d.Answer) != catalogue.ClassOf(d.Body) {
		d.section(w, "Answer", answer, d.Produces)
	} else {
		fmt.Fprintf(w, "\nAnswer: %s\n", answer)
	}
	return w.Flush()
}

// section tells of the body or the answer, and what is in it.
func (d *description) section(w io.Writer, title, typ string, media []string) {
	if typ == "" && len(media) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s: %s", title, cmp.Or(typ, "none"))
	if len(media) > 0 && !slices.Equal(media, []string{"application/json"}) {
		fmt.Fprintf(w, " (%s)", strings.Join(media, ", "))
	}
	fmt.Fprintln(w)
	for _, p := range d.Classes[catalogue.ClassOf(typ)] {
		note := ""
		if p.Access != "read-write" {
			note = "  " + p.Access
		}
		if p.Deprecated {
			note += "  deprecated"
		}
		fmt.Fprintf(w, "  %s\t%s%s\n", p.Name, p.Type, note)
	}
}
