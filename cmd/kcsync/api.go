package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/catalogue"
	"github.com/kcsync/kcsync/keycloak"
	"github.com/kcsync/kcsync/model"
)

const apiDescription = `PATH is below the server's address when it begins with a slash, and else below the realm that --realm names:
   kcsync api GET users --realm acme          asks /admin/realms/acme/users
   kcsync api GET '/admin/realms/{realm}'     {realm} stands for --realm
   kcsync api GET 'clients/{shop-web}/roles'  a name in braces stands for the object's id: of clients, users, groups
                                              ({/staff/emea}), client scopes, organizations, flows, components, workflows

--field and --raw-field make the query of GET, HEAD and DELETE, and the JSON body of others; with --input always the query.
--field takes true, false, null and whole numbers for what they are, and @FILE for what is in a file; --raw-field takes
text. Keys may lead into objects and lists: 'attributes[color][]=red'.

The answer goes to standard output as it comes, with the secrets that the server lets this account read.`

// apiCommand is any request to the server.
func apiCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:            "api",
		Usage:           "ask the server anything: any call of the Admin API, signed in",
		ArgsUsage:       "METHOD PATH",
		Description:     apiDescription,
		HideHelpCommand: true,
		Flags:           apiFlags(),
		Subcommands:     []*cli.Command{apiCallCommand(s), apiListCommand(s)},
		BashComplete:    func(c *cli.Context) { completePath(c, s) },
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return cli.ShowSubcommandHelp(c)
			}
			r, err := requestAt(c)
			if err != nil {
				return exit{exitInvalid, err}
			}
			return ask(c, s, r)
		},
	}
}

func apiCallCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:        "call",
		Usage:       "call an operation of the Admin API by its name: kcsync api list shows them",
		ArgsUsage:   "NAME",
		Description: "The parameters of the operation are given by --param, and the realm by --realm; kcsync api call NAME --describe\nshows them. The body is given as for kcsync api METHOD PATH.",
		Flags: append(apiFlags(),
			&cli.StringSliceFlag{Name: "param", Aliases: []string{"p"}, Usage: "a parameter of the operation, as `NAME=VALUE`"}),
		BashComplete: func(*cli.Context) {
			for _, op := range catalogue.For("").Operations {
				fmt.Fprintln(s.out, op.Name)
			}
		},
		Action: func(c *cli.Context) error {
			r, err := requestNamed(c)
			if err != nil {
				return exit{exitInvalid, err}
			}
			return ask(c, s, r)
		},
	}
}

func apiFlags() []cli.Flag {
	return append(connectionFlags(),
		&cli.StringFlag{Name: "realm", Usage: "the `REALM` that is meant", EnvVars: []string{envName("realm")}},
		&cli.StringSliceFlag{Name: "field", Aliases: []string{"F"}, Usage: "a field of the body or the query, as `KEY=VALUE` of any type"},
		&cli.StringSliceFlag{Name: "raw-field", Aliases: []string{"f"}, Usage: "the same, as `KEY=TEXT`"},
		&cli.StringFlag{Name: "input", Usage: "the `FILE` that is the body; - for standard input"},
		&cli.BoolFlag{Name: "paginate", Usage: "read a list to its end, page by page, and write it as one"},
		&cli.StringFlag{Name: "jq", Aliases: []string{"q"}, Usage: "write what the jq `EXPRESSION` makes of the answer; with --paginate of each page"},
		&cli.BoolFlag{Name: "include", Aliases: []string{"i"}, Usage: "write the answer's status and headers before it"},
		&cli.BoolFlag{Name: "describe", Usage: "show parameters, body and answer instead of asking"},
		outputFlag("what --describe shows"),
	)
}

// outputFlag chooses between text and JSON.
func outputFlag(of string) cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORMAT` of " + of + ": text or json"}
}

// asJSON reads the flag.
func asJSON(c *cli.Context) (bool, error) {
	switch f := c.String("output"); f {
	case "json", "text":
		return f == "json", nil
	default:
		return false, exit{exitInvalid, fmt.Errorf("--output %s: want text or json", f)}
	}
}

// A request is what is asked of the server.
type request struct {
	method, path string // below the server's address; names in braces are still to be looked up
	query        url.Values
	form         url.Values             // parameters of a form
	ops          []*catalogue.Operation // what the catalogue knows at that address
}

// methods are those that may be asked.
var methods = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}

// requestAt returns the request of a method and a path.
func requestAt(c *cli.Context) (*request, error) {
	if c.NArg() != 2 {
		return nil, fmt.Errorf("give a method and a path, as in kcsync api GET users --realm acme; see kcsync api --help")
	}
	r := &request{method: strings.ToUpper(c.Args().First())}
	if !slices.Contains(methods, r.method) {
		if near := model.Nearest(c.Args().First(), []string{"call", "list"}); near != "" {
			return nil, fmt.Errorf("there is no command \"api %s\"; did you mean %q?", c.Args().First(), near)
		}
		return nil, fmt.Errorf("%s is no method; these are: %s", c.Args().First(), strings.Join(methods, ", "))
	}
	path, query, _ := strings.Cut(c.Args().Get(1), "?")
	if strings.Contains(path, "://") {
		return nil, fmt.Errorf("%s: give the path only: the server is named by --url", path)
	}
	if !strings.HasPrefix(path, "/") {
		path = catalogue.RealmPath + "/" + path
	}
	var err error
	if r.query, err = url.ParseQuery(query); err != nil {
		return nil, fmt.Errorf("the query ?%s: %w", query, err)
	}
	r.path = strings.TrimRight(path, "/")
	r.ops = known(func(cat *catalogue.Catalogue) []*catalogue.Operation { return cat.Match(r.method, withNames(r.path)) })
	// Variables are for reading: in a request they need values, other than names in braces.
	if !c.Bool("describe") {
		for _, op := range r.ops {
			for i, s := range strings.Split(op.Path, "/") {
				if segments := strings.Split(r.path, "/"); s != "{realm}" && strings.HasPrefix(s, "{") && segments[i] == s {
					return nil, fmt.Errorf("%s stands for a value: write it instead, or kcsync api call %s --param '%s=VALUE'", s, op.Name, s[1:len(s)-1])
				}
			}
		}
	}
	return r, r.inRealm(c)
}

// inRealm fills in the realm.
func (r *request) inRealm(c *cli.Context) error {
	for _, variable := range []string{"{realm}", "{realmName}"} {
		if !strings.Contains(r.path, variable) || c.Bool("describe") {
			continue
		}
		if c.String("realm") == "" {
			return fmt.Errorf("%s %s: name the realm by --realm", r.method, r.path)
		}
		r.path = strings.ReplaceAll(r.path, variable, url.PathEscape(c.String("realm")))
	}
	return nil
}

// known returns what the newest version knows that knows anything.
func known(of func(*catalogue.Catalogue) []*catalogue.Operation) []*catalogue.Operation {
	for _, v := range slices.Backward(catalogue.Versions()) {
		if ops := of(catalogue.For(v)); len(ops) > 0 {
			return ops
		}
	}
	return nil
}

// requestNamed returns the request of an operation.
func requestNamed(c *cli.Context) (*request, error) {
	name := c.Args().First()
	if c.NArg() != 1 {
		return nil, fmt.Errorf("give the name of one operation; kcsync api list shows them")
	}
	r := &request{query: url.Values{}, form: url.Values{}}
	r.ops = known(func(cat *catalogue.Catalogue) []*catalogue.Operation {
		if op := cat.Lookup(name); op != nil {
			return []*catalogue.Operation{op}
		}
		return nil
	})
	if r.ops == nil {
		var names []string
		for _, op := range catalogue.For("").Operations {
			names = append(names, op.Name)
		}
		if near := model.Nearest(name, names); near != "" {
			return nil, fmt.Errorf("there is no operation %s; did you mean %s?", name, near)
		}
		return nil, fmt.Errorf("there is no operation %s; kcsync api list WORD shows those that have a word in their name or address", name)
	}
	op := r.ops[0]
	r.method, r.path = op.Method, op.Path
	if c.Bool("describe") {
		return r, nil
	}
	if err := r.fill(op, c.StringSlice("param")); err != nil {
		return nil, err
	}
	if err := r.inRealm(c); err != nil {
		return nil, err
	}
	var missing []string
	for i, s := range strings.Split(op.Path, "/") {
		if segments := strings.Split(r.path, "/"); i < len(segments) && strings.HasPrefix(s, "{") && segments[i] == s {
			missing = append(missing, "--param '"+s[1:len(s)-1]+"=VALUE'")
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s needs %s", op.Name, strings.Join(missing, " "))
	}
	return r, nil
}

// fill puts parameters where they belong.
func (r *request) fill(op *catalogue.Operation, given []string) error {
	segments := strings.Split(r.path, "/")
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		if !ok {
			return fmt.Errorf("--param %s: want NAME=VALUE", g)
		}
		i := slices.IndexFunc(op.Params, func(p catalogue.Param) bool { return p.Name == name })
		if i < 0 {
			var names []string
			for _, p := range op.Params {
				names = append(names, p.Name)
			}
			return fmt.Errorf("%s has no parameter %s; it has: %s", op.Name, name, strings.Join(names, ", "))
		}
		switch op.Params[i].In {
		case "query":
			r.query.Add(name, value)
		case "form":
			r.form.Add(name, value)
		default:
			if value == "" {
				return fmt.Errorf("--param %s: the value is empty, which would address something else", name)
			}
			if !strings.HasPrefix(value, "{") || !strings.HasSuffix(value, "}") {
				value = url.PathEscape(value)
			}
			for j, s := range strings.Split(op.Path, "/") {
				if s == "{"+name+"}" {
					segments[j] = value
				}
			}
		}
	}
	r.path = strings.Join(segments, "/")
	return nil
}

// ask describes a request, or sends it and writes the answer.
func ask(c *cli.Context, s *streams, r *request) error {
	if c.Bool("describe") {
		return describe(c, s, r)
	}
	w, err := newAnswerWriter(c, s)
	if err != nil {
		return exit{exitInvalid, err}
	}
	body, err := r.body(c, s)
	if err != nil {
		return exit{exitInvalid, err}
	}
	if c.Bool("paginate") {
		if err := r.pageable(c); err != nil {
			return exit{exitInvalid, err}
		}
	}
	client, err := connect(c, s)
	if err != nil {
		return err
	}
	defer client.SignOut(context.WithoutCancel(c.Context))
	if r.path, err = identify(c.Context, client, c.String("realm"), r.path); err != nil {
		return err
	}
	if c.Bool("paginate") {
		return r.pages(c, client, w)
	}
	q := keycloak.Request{Method: r.method, Path: r.path, Query: r.query, Header: http.Header{"Accept": {r.accept()}}}
	if body != nil {
		q.Body = body.data
		q.Header.Set("Content-Type", body.mediaType)
	}
	res, err := client.Do(c.Context, q)
	if err != nil {
		return r.unknown(err)
	}
	if err := w.whole(res); err != nil {
		return err
	}
	if id := res.LocationID(); id != "" && len(res.Body) == 0 {
		fmt.Fprintln(s.err, "created", id)
	}
	return nil
}

// accept returns the media type to ask for.
func (r *request) accept() string {
	for _, op := range r.ops {
		if len(op.Produces) > 0 && !slices.Contains(op.Produces, "application/json") {
			return op.Produces[0]
		}
	}
	return "application/json"
}

// unknown adds to an error that no version has what was asked for.
func (r *request) unknown(err error) error {
	if len(r.ops) == 0 && keycloak.IsStatus(err, http.StatusNotFound, http.StatusMethodNotAllowed) {
		return fmt.Errorf("%w; no version of the Admin API that is known here has %s at this address: kcsync api list WORD shows what there is", err, r.method)
	}
	return err
}

// pageSize is how many objects are asked for at once, unless the query says.
const pageSize = 100

// pageable reports why a request cannot be read page by page.
func (r *request) pageable(c *cli.Context) error {
	switch {
	case c.Bool("include"):
		return errors.New("--paginate and --include: pages have headers each: leave one of them out")
	case r.query.Has("first"):
		return errors.New("--paginate begins at the beginning: leave out first")
	}
	for _, op := range r.ops {
		has := func(name string) bool {
			return slices.ContainsFunc(op.Params, func(p catalogue.Param) bool { return p.In == "query" && p.Name == name })
		}
		if op.Method == "GET" && has("first") && has("max") {
			return nil
		}
	}
	return fmt.Errorf("%s %s is not read in pages, as far as known here: leave out --paginate", r.method, r.path)
}
