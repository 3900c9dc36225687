package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kcsync/kcsync/apply"
	"github.com/kcsync/kcsync/diff"
	"github.com/kcsync/kcsync/fetch"
	"github.com/kcsync/kcsync/model"
)

// terminal reports whether a stream is one at which a person sits.
func (s *streams) terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// color reports whether to colour what goes to a stream: on a terminal, and
// unless NO_COLOR asks not to.
func (s *streams) color(stream io.Writer) bool {
	return s.terminal(stream) && os.Getenv("NO_COLOR") == ""
}

// progress shows how far the work is: on a terminal one line that is written
// over, elsewhere a line for each step that is done.
type progress struct {
	w     io.Writer
	live  bool
	width int
	areas []fetch.Event
	shown int // characters of the live line
}

func newProgress(s *streams) *progress {
	p := &progress{w: s.err, live: s.terminal(s.err)}
	if p.live {
		if w, _, err := term.GetSize(int(s.err.(*os.File).Fd())); err == nil {
			p.width = w
		}
	}
	return p
}

// area is told how far an area of the realm is read.
func (p *progress) area(e fetch.Event) {
	if !p.live {
		if e.Done && e.Objects > 0 {
			fmt.Fprintf(p.w, "read %s: %d\n", e.Area, e.Objects)
		}
		return
	}
	found := false
	for i := range p.areas {
		if p.areas[i].Area == e.Area {
			p.areas[i], found = e, true
		}
	}
	if !found {
		p.areas = append(p.areas, e)
	}
	var parts []string
	for _, a := range p.areas {
		mark := "…"
		if a.Done {
			mark = ""
		}
		parts = append(parts, fmt.Sprintf("%s %d%s", a.Area, a.Objects, mark))
	}
	p.line("reading: " + strings.Join(parts, ", "))
}

// change is told of every step of an apply.
func (p *progress) change(e apply.Event) {
	switch e.Phase {
	case apply.Started:
		if p.live {
			p.line(fmt.Sprintf("%d of %d: %s %s", e.Done+e.Failed+e.Skipped+1, e.Total, doing[word(e.Change)], e.Change.Addr))
		}
	case apply.Done:
		p.line("")
		fmt.Fprintf(p.w, "%s %s\n", done[word(e.Change)], e.Change.ID)
	case apply.Failed:
		p.line("")
		fmt.Fprintf(p.w, "failed %s\n", e.Change.ID)
	case apply.Verifying:
		if p.live {
			p.line("reading again what was changed")
		}
	}
}

// rename is a move that stays below its parent.
const rename diff.Action = "rename"

// word returns what people call the action of a change.
func word(c *diff.Change) diff.Action {
	if c.Action == diff.Move && model.ParentOf(c.From) == c.Parent {
		return rename
	}
	return c.Action
}

var (
	doing = map[diff.Action]string{
		diff.Create: "creating", diff.Update: "updating", diff.Delete: "deleting",
		diff.Replace: "replacing", diff.Move: "moving", rename: "renaming",
	}
	done = map[diff.Action]string{
		diff.Create: "created", diff.Update: "updated", diff.Delete: "deleted",
		diff.Replace: "replaced", diff.Move: "moved", rename: "renamed",
	}
)

// line writes over the live line; "" clears it.
func (p *progress) line(s string) {
	if !p.live {
		return
	}
	r := []rune(s)
	if p.width > 1 && len(r) >= p.width {
		r = append(r[:p.width-2], '…')
	}
	pad := max(p.shown-len(r), 0)
	fmt.Fprintf(p.w, "\r%s%s", string(r), strings.Repeat(" ", pad))
	if len(r) == 0 {
		fmt.Fprint(p.w, "\r")
	}
	p.shown = len(r)
}

// end clears the live line.
func (p *progress) end() {
	if p.shown > 0 {
		p.line("")
	}
}
