package keycloak

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"sync"
)

// Pages reads a list page by page, size objects each, by the parameters first and max, with up to parallel requests in
// flight, and calls each with every page that is not empty, in order and one at a time. An error of each, or of a
// request, ends it and is returned.
//
// The list ends at the first empty page. A page that is merely short is no sign: Keycloak cuts the page first and then
// leaves out objects that fail to load. The requests in flight are one or two at first
// and double with every full page, so that a short list costs few of them. Pages are not a snapshot: objects created or
// deleted meanwhile can show others twice or not at all.
func (c *Client) Pages(ctx context.Context, path string, query url.Values, size, parallel int, each func(page int, body []any) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() {
		if err != nil {
			cancel() // at its end only: a cancelled request costs its connection
		}
		running.Wait()
		cancel()
	}()

	type result struct {
		body []any
		err  error
	}
	var flight []chan result // of the pages that follow, in order
	next := 0
	ask := func() {
		q := maps.Clone(query)
		if q == nil {
			q = url.Values{}
		}
		q.Set("first", strconv.Itoa(next*size))
		q.Set("max", strconv.Itoa(size))
		next++
		ch := make(chan result, 1)
		flight = append(flight, ch)
		running.Go(func() {
			var r result
			r.err = c.Get(ctx, path, q, &r.body)
			ch <- r
		})
	}

	size, parallel = max(size, 1), max(parallel, 1)
	width := min(2, parallel)
	for page := 0; ; page++ {
		for len(flight) < width {
			ask()
		}
		r := <-flight[0]
		flight = flight[1:]
		if r.err != nil {
			return r.err
		}
		if len(r.body) == 0 {
			return nil
		}
		if err := each(page, r.body); err != nil {
			return err
		}
		if len(r.body) == size {
			width = min(width*2, parallel)
		} else {
			width = 1 // probably the last; the one after it tells
		}
	}
}
