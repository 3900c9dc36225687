package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"github.com/kcsync/kcsync/model"
)

// settingsFile holds options for the commands that are run in its directory.
const settingsFile = "kcsync.yaml"

// readSettings sets the options of the connection that neither the command line
// nor the environment gives as the file in the working directory says.
func readSettings(c *cli.Context) error {
	data, err := os.ReadFile(settingsFile)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("%s: %w", settingsFile, err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("%s:%d:%d: want options of the connection, as in url: https://sso.acme.example", settingsFile, root.Line, root.Column)
	}
	var names []string
	for _, f := range connectionFlags() {
		names = append(names, f.Names()[0])
	}
	given := givenSecret(c, names)
	var problems []string
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		at := fmt.Sprintf("%s:%d:%d", settingsFile, key.Line, key.Column)
		if !slices.Contains(names, key.Value) {
			hint := "these are: " + strings.Join(names, ", ")
			if slices.Contains(names, key.Value+"-file") {
				hint = fmt.Sprintf("a secret has no place here: set %s, or name its file by %s-file", envName(key.Value), key.Value)
			} else if near := model.Nearest(key.Value, names); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			problems = append(problems, fmt.Sprintf("%s: %s is no option of the connection; %s", at, key.Value, hint))
			continue
		}
		if c.IsSet(key.Value) || !slices.ContainsFunc(c.Command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), key.Value) }) {
			continue
		}
		if given != "" && slices.Contains(steering, key.Value) && !loopback(value.Value) {
			problems = append(problems, fmt.Sprintf("%s: %s would decide where the secret of %s goes, and this file is not where that came from; give %s beside it, as %s or --%s",
				at, key.Value, given, key.Value, envName(key.Value), key.Value))
			continue
		}
		values := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			values = value.Content
		}
		for _, v := range values {
			if err := c.Set(key.Value, v.Value); v.Kind != yaml.ScalarNode || err != nil {
				problems = append(problems, fmt.Sprintf("%s: %s does not take this value", at, key.Value))
			}
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	return nil
}

// steering are the options that decide where secrets are sent and who can read
// them on the way.
var steering = []string{"url", "proxy", "ca-file", "insecure"}

// givenSecret returns the variable or the option by which the command line or
// the environment gives a secret, empty when none does.
func givenSecret(c *cli.Context, names []string) string {
	for _, name := range names {
		value, ok := strings.CutSuffix(name, "-file")
		if !ok || slices.Contains(steering, name) {
			continue
		}
		if os.Getenv(envName(value)) != "" {
			return envName(value)
		}
		if c.IsSet(name) {
			return "--" + name
		}
	}
	return ""
}

// loopback says whether the address is this machine's own.
func loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
