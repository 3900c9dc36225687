package keycloak

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A script is a transport that answers as told, the last answer for ever: by status, with Retry-After after a blank;
// or "refused", "reset", "hang".
type script struct {
	answers []string
	sent    int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	status, after, _ := strings.Cut(s.answers[min(s.sent, len(s.answers)-1)], " ")
	s.sent++
	switch status {
	case "refused":
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	case "reset":
		return nil, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	case "hang":
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if status == "late" {
		time.Sleep(time.Minute)
		status = "500"
	}
	code := map[string]int{"200": 200, "400": 400, "429": 429, "500": 500, "502": 502, "503": 503, "504": 504}[status]
	return &http.Response{StatusCode: code, Header: http.Header{"Retry-After": {after}}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

func scripted(t *testing.T, answers ...string) (*Client, *script) {
	c, s := newClient(t, Options{URL: "http://h", Token: "t"}), &script{answers: answers}
	c.http.Transport = s
	c.reached.Store(true)
	return c, s
}

func TestRetry(t *testing.T) {
	get, post, again := Request{Method: "GET", Path: "/x"}, Request{Method: "POST", Path: "/x"}, Request{Method: "POST", Path: "/x", Repeatable: true}
	for _, tt := range []struct {
		why      string
		r        Request
		answers  []string
		sent     int
		status   int           // 200: success
		from, to time.Duration // that it takes
	}{
		{"busy twice, then well", get, []string{"503", "502", "200"}, 3, 200, 375 * time.Millisecond, 750 * time.Millisecond},
		{"the server asks for 7 s", get, []string{"503 7", "200"}, 2, 200, 7 * time.Second, 7250 * time.Millisecond},
		{"the server asks for a date", get, []string{"429 Sat, 01 Jan 2000 00:00:09 GMT", "200"}, 2, 200, 9 * time.Second, 9250 * time.Millisecond},
		{"the server asks for an hour", get, []string{"429 3600", "200"}, 2, 200, time.Minute, time.Minute + 250*time.Millisecond},
		{"busy for ever", get, []string{"504"}, 5, 504, 1875 * time.Millisecond, 3750 * time.Millisecond},
		{"the server's own error", get, []string{"500"}, 2, 500, 125 * time.Millisecond, 250 * time.Millisecond},
		{"a race in the server", get, []string{"500", "200"}, 2, 200, 125 * time.Millisecond, 250 * time.Millisecond},
		{"the server ran out of time", get, []string{"late"}, 1, 500, time.Minute, time.Minute},
		{"POST that failed in the server", post, []string{"500"}, 1, 500, 0, 0},
		{"connection lost", get, []string{"reset", "refused", "200"}, 3, 200, 375 * time.Millisecond, 750 * time.Millisecond},
		{"out of time", get, []string{"hang"}, 1, 0, time.Minute, time.Minute},
		{"POST refused by load", post, []string{"429", "200"}, 2, 200, 125 * time.Millisecond, 250 * time.Millisecond},
		{"POST not sent", post, []string{"refused", "200"}, 2, 200, 125 * time.Millisecond, 250 * time.Millisecond},
		{"POST perhaps carried out", post, []string{"reset"}, 1, 0, 0, 0},
		{"POST perhaps carried out", post, []string{"503 1"}, 1, 503, 0, 0},
		{"POST safe to repeat", again, []string{"reset", "503", "200"}, 3, 200, 375 * time.Millisecond, 750 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, s := scripted(t, tt.answers...)
			start := time.Now()
			_, err := c.Do(t.Context(), tt.r)
			took := time.Since(start)
			if (tt.status == 200) != (err == nil) || err != nil && !IsStatus(err, tt.status) || s.sent != tt.sent || took < tt.from || took > tt.to {
				t.Errorf("%s: %v after %d attempts and %v", tt.why, err, s.sent, took)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	for _, answer := range []string{"hang", "503 30"} { // while waiting for the answer, and between attempts
		synctest.Test(t, func(t *testing.T) {
			c, _ := scripted(t, answer)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			_, err := c.Do(ctx, Request{Method: "GET", Path: "/x"})
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 2*time.Second {
				t.Errorf("%s: %v after %v", answer, err, time.Since(start))
			}
		})
	}
}
