package sim

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/internal/seam"
)

// tale is a run as it is told: a line for each step. It is kept only of runs that are shown
// or compared.
type tale struct {
	begun  time.Time
	lines  []line
	states map[string]string // as last shown, by path
}

// line is a step, or a note to one.
type line struct {
	step     int
	switched bool // not the default order
	at       time.Duration
	who      string
	does     string
	cause    string // who has handed the closure over, and when
	state    string // of the service, if the step has changed it
	note     string // instead of a step
}

func newTale() *tale { return &tale{begun: time.Now(), states: map[string]string{}} }

// does says in words what a step is.
var does = map[seam.Kind]string{
	seam.Begin: "begins", seam.Closure: "its next closure", seam.End: "ends", seam.Resume: "goes on", seam.Decide: "decides",
	seam.Timer: "timer", seam.Work: "begins to work", seam.Outcome: "hands its outcome over", seam.Send: "sends", settles: "all is settled",
}

// tellStep is called before a step is granted; mu is held.
func (k *kernel) tellStep(t *turn) {
	if k.tale == nil {
		return
	}
	k.tale.lines = append(k.tale.lines, line{
		step: k.at, switched: k.switched, at: time.Since(k.tale.begun), who: t.who, does: does[t.kind],
	})
}

// tells says which closure the step runs, and who has handed it over; mu is held.
func (k *kernel) tells(s *service, closure fmt.Stringer) {
	_, taken := s.in.Queue()
	var by cause
	if left := s.seen - min(s.seen, taken); uint64(len(s.causes)) > left { // those before are of closures that were taken
		by = s.causes[uint64(len(s.causes))-left-1]
		s.causes = s.causes[uint64(len(s.causes))-left:]
	}
	if k.tale == nil || len(k.tale.lines) == 0 {
		return
	}
	if last := &k.tale.lines[len(k.tale.lines)-1]; k.busy.path == s.path {
		if last.does = closure.String(); k.run.client(s.path) != nil {
			last.does = "runs"
		}
		if by.who != "" && by.who != s.path {
			last.cause = fmt.Sprintf("<- %s, step %d", by.who, by.step)
		}
	}
}

// tellState enters the state of a service that the latest step has changed; mu is held.
func (k *kernel) tellState() {
	if k.tale == nil || len(k.tale.lines) == 0 {
		return
	}
	s := k.services[k.busy.path]
	if s == nil || s.in == nil || k.run.client(k.busy.path) != nil {
		return
	}
	state, _ := s.in.State()
	text := show(state)
	if k.tale.states[s.path] == text {
		return
	}
	k.tale.states[s.path] = text
	for i := len(k.tale.lines) - 1; i >= 0; i-- {
		if k.tale.lines[i].note == "" {
			k.tale.lines[i].state = text
			return
		}
	}
}

// notes enters what has happened in a step; mu is held.
func (k *kernel) notes(text string) {
	if k.tale != nil {
		k.tale.lines = append(k.tale.lines, line{step: k.at, note: text})
	}
}

// hash is a number for all of the tale.
func (t *tale) hash() uint64 {
	h := fnv.New64a()
	for _, l := range t.lines {
		_, _ = fmt.Fprintln(h, l)
	}
	return h.Sum64()
}

// text returns the last steps, at most so many lines.
func (t *tale) text(most int) string {
	lines := t.lines
	var b strings.Builder
	if cut := len(lines) - most; cut > 0 {
		fmt.Fprintf(&b, "(%d lines before are left out; -sim.v shows them)\n", cut)
		lines = lines[cut:]
	}
	who, what, why := len("who"), len("does"), len("because of")
	for _, l := range lines {
		who, what, why = max(who, len(l.who)), max(what, len(l.does)), max(why, len(l.cause))
	}
	row := func(mark, step, at, a, b, c, d string) string {
		return strings.TrimRight(fmt.Sprintf("%s%5s %7s  %-*s  %-*s  %-*s  %s", mark, step, at, who, a, what, b, why, c, d), " ") + "\n"
	}
	b.WriteString(row(" ", "step", "time", "who", "does", "because of", ""))
	for _, l := range lines {
		switch {
		case l.note != "":
			for part := range strings.SplitSeq(l.note, "\n") {
				fmt.Fprintf(&b, "%s| %s\n", strings.Repeat(" ", 16), part)
			}
		default:
			mark := " "
			if l.switched {
				mark = "*"
			}
			b.WriteString(row(mark, fmt.Sprint(l.step), l.at.String(), l.who, l.does, l.cause, l.state))
		}
	}
	return b.String()
}

// differ says in which step two tales of one schedule part.
func differ(a, b *tale) string {
	for i := range min(len(a.lines), len(b.lines)) {
		if x, y := a.lines[i], b.lines[i]; x != y {
			var b strings.Builder
			for _, l := range a.lines[max(0, i-5):i] {
				fmt.Fprintf(&b, "after %3d %s\n", l.step, l.brief())
			}
			return fmt.Sprintf("%sstep %d was once\n    %s\nand once\n    %s", b.String(), x.step, x.brief(), y.brief())
		}
	}
	return fmt.Sprintf("one has %d lines, and one %d", len(a.lines), len(b.lines))
}

func (l line) brief() string {
	if l.note != "" {
		return l.note
	}
	return strings.Join(strings.Fields(strings.Join([]string{l.at.String(), l.who, l.does, l.cause, l.state}, " ")), " ")
}
