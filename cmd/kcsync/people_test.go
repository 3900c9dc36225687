package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// token asks a realm's token endpoint, as an application would.
func token(ts *testscript.TestScript, form url.Values) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	address := os.Getenv("KCSYNC_TEST_URL") + "/realms/" + ts.Getenv("REALM") + "/protocol/openid-connect/token"
	req, err := http.NewRequestWithContext(ctx, "POST", address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%d: %v", res.StatusCode, answer)
	}
	return answer, nil
}

// signIn is the script command of that name: signs a user of $REALM in with a
// public client, and keeps the refresh token in $REFRESH.
func signIn(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: signin CLIENT USER PASSWORD [SCOPE]")
	}
	form := url.Values{"grant_type": {"password"}, "client_id": {args[0]}, "username": {args[1]}, "password": {args[2]}}
	if len(args) > 3 {
		form.Set("scope", args[3])
	}
	keep(ts, neg, args, form)
}

// refresh is the script command of that name: gets new tokens for $REFRESH.
func refresh(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: refresh CLIENT")
	}
	keep(ts, neg, args, url.Values{"grant_type": {"refresh_token"}, "client_id": {args[0]}, "refresh_token": {ts.Getenv("REFRESH")}})
}

// credentials is the script command of that name: signs a client in by itself.
func credentials(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: credentials CLIENT SECRET-FILE")
	}
	secret := strings.TrimSpace(ts.ReadFile(args[1]))
	keep(ts, neg, args, url.Values{"grant_type": {"client_credentials"}, "client_id": {args[0]}, "client_secret": {secret}})
}

func keep(ts *testscript.TestScript, neg bool, args []string, form url.Values) {
	answer, err := token(ts, form)
	if neg != (err != nil) {
		ts.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	if err == nil {
		refresh, _ := answer["refresh_token"].(string)
		ts.Setenv("REFRESH", refresh)
	}
}

// A mailServer takes every mail that is sent to it.
type mailServer struct {
	mu    sync.Mutex
	mails []string
}

// startMailServer is the script command mailserver: starts one until the
// script ends, and sets $SMTP to its port.
func (m *mailServer) start(ts *testscript.TestScript, neg bool, args []string) {
	port, stop, err := m.listen()
	ts.Check(err)
	ts.Defer(stop)
	ts.Setenv("SMTP", fmt.Sprint(port))
}

// listen takes mails at a port of its own, until it is stopped.
func (m *mailServer) listen() (port int, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go m.serve(c)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, func() { l.Close() }, nil
}

// to returns the mails to an address.
func (m *mailServer) to(address string) (mails []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, mail := range m.mails {
		if strings.Contains(mail, "To: "+address) {
			mails = append(mails, mail)
		}
	}
	return mails
}

// serve speaks as much SMTP as a client needs to get rid of a mail.
func (m *mailServer) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	fmt.Fprint(c, "220 test\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			var mail strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil && err != io.EOF {
					return
				}
				if strings.TrimSpace(line) == "." || err != nil {
					break
				}
				mail.WriteString(line)
			}
			m.mu.Lock()
			m.mails = append(m.mails, mail.String())
			m.mu.Unlock()
			fmt.Fprint(c, "250 taken\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 fine\r\n")
		}
	}
}

// print is the script command mails: prints what was sent, headers first.
func (m *mailServer) print(ts *testscript.TestScript, neg bool, args []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fmt.Fprint(ts.Stdout(), strings.Join(m.mails, "\n"))
	m.mails = nil
}
