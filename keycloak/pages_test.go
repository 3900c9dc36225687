package keycloak

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

func TestPages(t *testing.T) {
	failed := errors.New("failed")
	for _, tt := range []struct {
		why            string
		total, hole    int // objects; the one that the server leaves out
		size, parallel int
		stop           int // page that each fails at
		got, most      int // objects and, at most, requests
	}{
		{"empty", 0, -1, 10, 8, -1, 0, 2},
		{"one short page", 3, -1, 10, 8, -1, 3, 2},
		{"one page, nothing in parallel", 3, -1, 10, 1, -1, 3, 2},
		{"full pages", 30, -1, 10, 3, -1, 30, 6},
		{"many", 995, -1, 10, 8, -1, 995, 108},
		{"a short page within", 100, 35, 10, 4, -1, 99, 15},
		{"the first page is short", 100, 0, 10, 1, -1, 99, 11},
		{"stopped", 100, -1, 10, 4, 2, 20, 8},
	} {
		var requests, running, peak atomic.Int32
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			peak.Store(max(peak.Load(), running.Add(1)))
			defer running.Add(-1)
			first, _ := strconv.Atoi(r.FormValue("first"))
			size, _ := strconv.Atoi(r.FormValue("max"))
			var list []string
			for i := first; i < min(first+size, tt.total); i++ {
				if i != tt.hole {
					list = append(list, strconv.Itoa(i))
				}
			}
			fmt.Fprintf(w, "[%s]", strings.Join(list, ","))
		})
		next := 0
		err := c.Pages(t.Context(), "/x", nil, tt.size, tt.parallel, func(page int, body []any) error {
			if page == tt.stop {
				return failed
			}
			for _, v := range body {
				if int(v.(int64)) < next {
					t.Errorf("%s: %v after %d", tt.why, v, next)
				}
				next = int(v.(int64))
				tt.got--
			}
			return nil
		})
		if (tt.stop >= 0) != (err == failed) || tt.got != 0 || int(requests.Load()) > tt.most || int(peak.Load()) > tt.parallel {
			t.Errorf("%s: %v, %d objects missing, %d requests, %d at once", tt.why, err, tt.got, requests.Load(), peak.Load())
		}
	}
}
