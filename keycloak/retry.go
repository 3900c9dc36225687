package keycloak

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	firstWait     = 250 * time.Millisecond
	longestWait   = 10 * time.Second // of our own choice
	longestAsked  = 60 * time.Second // that a Retry-After is followed for
	doublingsMost = 10
	quick         = 5 * time.Second // below which a 500 is not for want of time
)

var errTimeout = errors.New("no answer in time") // the cause when Options.Timeout ends an attempt

// send makes attempts until one succeeds, fails for good, or there were enough of them.
func (c *Client) send(ctx context.Context, q *call, token string) (*Response, error) {
	for attempt := 1; ; attempt++ {
		start := time.Now()
		res, err := c.once(ctx, q, token, attempt)
		if err == nil && res.Status < 300 {
			return res, nil
		}
		if ctx.Err() != nil {
			return nil, c.noAnswer(q, ctx.Err(), attempt)
		}
		if attempt <= c.opts.Retries && c.again(q, res, err, attempt, time.Since(start)) {
			var asked time.Duration
			if res != nil {
				asked = retryAfter(res.Header, time.Now())
			}
			if err := sleep(ctx, asked+backoff(attempt)); err != nil {
				return nil, c.noAnswer(q, err, attempt)
			}
			continue
		}
		if err != nil {
			return nil, c.noAnswer(q, err, attempt)
		}
		return nil, c.badAnswer(q, res, attempt)
	}
}

// again reports whether another attempt is safe and can help; the rules are told at Request.
func (c *Client) again(q *call, res *Response, err error, attempt int, took time.Duration) bool {
	if err != nil {
		var dial *net.OpError
		unsent := errors.As(err, &dial) && dial.Op == "dial"
		// Where nothing has answered yet the address is more likely wrong than the server away for a moment.
		return c.reached.Load() && !hopeless(err) && (q.repeatable || unsent)
	}
	switch res.Status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusInternalServerError:
		return q.repeatable && attempt == 1 && took < quick
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return q.repeatable
	}
	return false
}

// hopeless reports whether the next attempt would fail in the same way.
func hopeless(err error) bool {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return errors.Is(err, errTimeout) || errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &cert) ||
		errors.As(err, &dns) && dns.IsNotFound
}

// backoff returns the wait after an attempt: doubled each time, with jitter so that parallel requests spread.
func backoff(attempt int) time.Duration {
	d := min(firstWait<<min(attempt-1, doublingsMost), longestWait)
	return d/2 + rand.N(d/2)
}

// retryAfter returns the wait that a server asks for, in seconds or as a date, within bounds; 0 if it asks for none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var d time.Duration
	s := h.Get("Retry-After")
	if n, err := strconv.Atoi(s); err == nil {
		d = time.Duration(min(n, int(longestAsked/time.Second))) * time.Second
	} else if t, err := http.ParseTime(s); err == nil {
		d = t.Sub(now)
	}
	return max(0, min(d, longestAsked))
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
