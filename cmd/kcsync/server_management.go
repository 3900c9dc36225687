package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/keycloak"
)

// managementPort is where a server tells health and metrics unless it is told
// otherwise.
const managementPort = "9000"

func healthCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "health",
		Usage:     "show whether the server is up, and ready, live or started",
		ArgsUsage: "[ready|live|started]",
		Flags:     managementFlags(),
		Action: func(c *cli.Context) error {
			path := "/health"
			switch probe := c.Args().First(); {
			case c.NArg() > 1 || probe != "" && !slices.Contains([]string{"ready", "live", "started"}, probe):
				return exit{exitInvalid, fmt.Errorf("server health takes ready, live or started; see kcsync server health --help")}
			case probe != "":
				path += "/" + probe
			}
			inJSON, err := asJSON(c)
			if err != nil {
				return err
			}
			body, err := askManagement(c, s, path, "health", "application/json")
			if err != nil {
				return err
			}
			var health struct {
				Status string
				Checks []struct {
					Name, Status string
					Data         map[string]any
				}
			}
			if err := json.Unmarshal(body, &health); err != nil || health.Status == "" {
				return fmt.Errorf("what answers is no health of a Keycloak; check --management-url")
			}
			if inJSON {
				if err := printJSON(s.out, json.RawMessage(body)); err != nil {
					return err
				}
			} else {
				var rows [][]string
				for _, check := range health.Checks {
					var data []string
					for k, v := range check.Data {
						data = append(data, fmt.Sprintf("%s: %v", k, v))
					}
					slices.Sort(data)
					rows = append(rows, []string{check.Name, check.Status, strings.Join(data, ", ")})
				}
				fmt.Fprintln(s.out, health.Status)
				if len(rows) > 0 {
					if err := showRows(s.out, []string{"CHECK", "STATUS", "DATA"}, rows, nil); err != nil {
						return err
					}
				}
			}
			if health.Status != "UP" {
				return exit{exitFailed, nil}
			}
			return nil
		},
	}
}

// A metric is one value that a server measures.
type metric struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
	Value  string            `json:"value"` // as it is told: it may be NaN
	Help   string            `json:"help,omitempty"`
	Type   string            `json:"type,omitempty"`
}

func metricsCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:      "metrics",
		Usage:     "show what the server measures, or what has all WORDs in its line",
		ArgsUsage: "[WORD...]",
		Flags:     managementFlags(),
		Action: func(c *cli.Context) error {
			inJSON, err := asJSON(c)
			if err != nil {
				return err
			}
			body, err := askManagement(c, s, "/metrics", "metrics", "text/plain")
			if err != nil {
				return err
			}
			all := []metric{}
			var rows [][]string
			for _, m := range metrics(string(body)) {
				row := []string{m.Name, m.Value, m.labels()}
				line := strings.ToLower(strings.Join(row, " "))
				if slices.ContainsFunc(c.Args().Slice(), func(w string) bool { return !strings.Contains(line, strings.ToLower(w)) }) {
					continue
				}
				all, rows = append(all, m), append(rows, row)
			}
			if inJSON {
				return printJSON(s.out, all)
			}
			return showRows(s.out, []string{"METRIC", "VALUE", "OF"}, rows, nil)
		},
	}
}

// labels returns the labels of a metric on one line.
func (m metric) labels() string {
	var out []string
	for k, v := range m.Labels {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// metrics reads the lines of a server's metrics: NAME{LABEL="VALUE",…} VALUE,
// and comments with the help and the type of a name.
func metrics(text string) []metric {
	var out []metric
	help, types := map[string]string{}, map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "# "); ok {
			word, rest, _ := strings.Cut(comment, " ")
			name, what, _ := strings.Cut(rest, " ")
			switch word {
			case "HELP":
				help[name] = what
			case "TYPE":
				types[name] = what
			}
			continue
		}
		m := metric{Labels: map[string]string{}}
		end := strings.IndexAny(line, "{ ")
		if end < 0 {
			continue
		}
		m.Name = line[:end]
		rest := line[end:]
		if rest[0] == '{' {
			rest = m.readLabels(rest[1:])
		}
		m.Value, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
		for _, name := range []string{m.Name, familyOf(m.Name)} {
			if m.Type == "" {
				m.Help, m.Type = help[name], types[name]
			}
		}
		out = append(out, m)
	}
	return out
}

// readLabels reads labels, and returns what is behind them.
func (m *metric) readLabels(text string) string {
	for {
		text = strings.TrimLeft(text, ", ")
		name, rest, ok := strings.Cut(text, `="`)
		if !ok || strings.HasPrefix(text, "}") {
			return strings.TrimPrefix(text, "}")
		}
		var value strings.Builder
		i := 0
		for ; i < len(rest) && rest[i] != '"'; i++ {
			if rest[i] == '\\' && i+1 < len(rest) {
				i++
				if rest[i] == 'n' {
					value.WriteByte('\n')
					continue
				}
			}
			value.WriteByte(rest[i])
		}
		m.Labels[name] = value.String()
		text = rest[min(i+1, len(rest)):]
	}
}

// familyOf returns the name that the help of a histogram's or summary's part
// stands at.
func familyOf(name string) string {
	for _, part := range []string{"_bucket", "_count", "_sum", "_total"} {
		if family, ok := strings.CutSuffix(name, part); ok {
			return family
		}
	}
	return name
}

func managementFlags() []cli.Flag {
	return append(reachFlags(), outputFlag("the answer"),
		&cli.StringFlag{Name: "management-url", EnvVars: []string{envName("management-url")},
			Usage: "the `ADDRESS` where the server tells health and metrics (default: that of --url, with port " + managementPort + ")"})
}

// askManagement asks the server's management interface, to which nobody signs
// in, and returns the answer; that of a server that is not up, too.
func askManagement(c *cli.Context, s *streams, path, of, accept string) ([]byte, error) {
	given := c.String("management-url")
	if given != "" {
		if err := c.Set("url", given); err != nil {
			return nil, err
		}
	}
	o, err := reach(c, s)
	if err == nil && given == "" {
		o.URL, err = managementURL(o.URL)
	}
	if err != nil {
		return nil, exit{exitInvalid, err}
	}
	o.Way = keycloak.Nobody
	o.Retries = -1 // what is down is told as it is
	client, err := newClient(o)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(c.Context, keycloak.Request{Method: "GET", Path: path, Header: http.Header{"Accept": {accept}}})
	var e *keycloak.Error
	switch {
	case err == nil:
		return res.Body, nil
	case errors.As(err, &e) && e.Status == http.StatusServiceUnavailable && of == "health" && json.Valid(e.Body):
		return e.Body, nil
	case keycloak.IsStatus(err, http.StatusNotFound):
		return nil, fmt.Errorf("%s does not tell %s: start it with --%[2]s-enabled=true (KC_%s_ENABLED)", o.URL, of, strings.ToUpper(of))
	case keycloak.IsStatus(err, 0) && c.Context.Err() == nil:
		return nil, fmt.Errorf("%w; a server tells %s on port "+managementPort+" of its own, if it is started with --%[2]s-enabled=true: "+
			"another port (http-management-port) is named by --management-url", err, of)
	}
	return nil, err
}

// managementURL returns the address of a server's management interface.
func managementURL(server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Host = net.JoinHostPort(u.Hostname(), managementPort)
	return u.String(), nil
}
