package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

// secretFlag returns the flag --NAME-file for a secret whose value stands in
// the environment variable of NAME otherwise. There is no flag for the value:
// other users of the machine see a running command's line.
func secretFlag(category, name, what string) cli.Flag {
	return &cli.StringFlag{Name: name + "-file", Usage: "`FILE` with " + what + " (- is standard input), instead of $" + envName(name),
		EnvVars: []string{envName(name + "-file")}, Category: category}
}

// secret returns the secret of that name, empty when it is not given. The file
// counts more than the variable.
func secret(c *cli.Context, s *streams, name string) (string, error) {
	path := c.String(name + "-file")
	if path == "" {
		return os.Getenv(envName(name)), nil
	}
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(s.in)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("--%s-file: %w", name, err)
	}
	value := strings.TrimRight(string(data), "\r\n")
	if value == "" {
		return "", fmt.Errorf("--%s-file: %s is empty", name, path)
	}
	return value, nil
}
