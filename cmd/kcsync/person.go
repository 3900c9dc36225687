package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/kcsync/kcsync/keycloak"
)

// ask asks for something secret on the terminal that s.in is.
func (s *streams) ask(what string) (string, error) {
	fmt.Fprintf(s.err, "%s: ", what)
	answer, err := term.ReadPassword(int(s.in.(*os.File).Fd()))
	fmt.Fprintln(s.err)
	return strings.TrimSpace(string(answer)), err
}

// invite tells a person where to sign in, and shows the page if it may.
func (s *streams) invite(i keycloak.Invitation, open bool) {
	fmt.Fprintf(s.err, "To sign in, open %s\n", i.URL)
	if i.Code != "" {
		fmt.Fprintf(s.err, "and enter the code %s, before %s\n", i.Code, i.Ends.Local().Format("15:04:05"))
	}
	if !open {
		return
	}
	if err := openPage(i.Open); err != nil {
		fmt.Fprintf(s.err, "warning: no browser could be opened (%v): open the page yourself\n", err)
	}
}

// openPage shows a page in the browser that BROWSER names, or the system's.
func openPage(address string) error {
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return fmt.Errorf("the server gave an address that is no web page's")
	}
	program := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		program = []string{"open"}
	case "windows":
		program = []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if b := os.Getenv("BROWSER"); b != "" {
		program = []string{b}
	}
	cmd := exec.Command(program[0], append(program[1:], address)...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	return nil
}
