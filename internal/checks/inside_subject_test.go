package checks

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/seam"
)

// subject is one service of a history, and what it runs: each piece of user code looks
// into it from where it is.
type subject struct {
	seam.Plain
	table *insideTable
	svc   *actor.Service[thing]
	in    atomic.Pointer[seam.Insider] // nil: not served yet
	cuts  atomic.Int64                 // how often it may have been cut off
	seen  atomic.Int64                 // closures, by the interceptor

	mu       sync.Mutex
	gates    []chan struct{} // what hangs
	over     bool            // nothing is to hang any more
	fault    string
	builds   manner // how the next constructor ends
	closes   manner // and Close of what it makes
	hookHang bool   // the next dead letter hangs
	stepHang bool   // the beginning of the next incarnation does, if it has a scheduler
}

// manner is how a piece of user code ends.
type manner string

const (
	returns    manner = "returns"
	fails      manner = "fails"
	hangs      manner = "hangs"
	panics     manner = "panics"
	panicsLook manner = "panics with an error that looks"
	panicsOut  manner = "panics with an error that ends the goroutine"
	goexits    manner = "ends the goroutine"
	exits      manner = "exits"
	exitsBadly manner = "exits with an error"
	hangsFirst manner = "hangs and panics"
)

// thing is the T.
type thing struct {
	s      *subject
	born   int64 // cuts when it was served
	closes manner
}

type bornKey struct{}

// at looks from a piece of user code of the incarnation that was served when there had
// been so many cuts. If it was not cut off since, what must be true of that place is.
func (s *subject) at(place string, born int64, phases, turn string) {
	in := s.in.Load()
	if in == nil {
		return
	}
	i := (*in).Inside()
	switch {
	case !s.table.has(i):
		s.blame("%s: %v is not in the table", place, i)
	case born == s.cuts.Load() && (i.Turn != turn || i.Phase != phases):
		s.blame("%s: %v", place, i)
	}
}

// look looks from a place at which everything of the table may be.
func (s *subject) look(place string) { s.at(place, -1, "", "") }

func (s *subject) blame(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == "" {
		s.fault = fmt.Sprintf(format, args...)
	}
}

// hang blocks until the history opens the gate.
func (s *subject) hang() {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	gate := make(chan struct{})
	s.gates = append(s.gates, gate)
	s.mu.Unlock()
	<-gate
}

// open opens the i-th gate of those that are there.
func (s *subject) open(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.gates) > 0 {
		i %= len(s.gates)
		close(s.gates[i])
		s.gates = append(s.gates[:i:i], s.gates[i+1:]...)
	}
}

// finish ends a piece of user code. It returns an error if that is how.
func (s *subject) finish(m manner) error {
	switch m {
	case hangs:
		s.hang()
		s.look("what hung")
	case hangsFirst:
		s.hang()
		panic("after all")
	case fails:
		return errFailure
	case panics:
		panic("boom")
	case panicsLook:
		panic(askedError(func() { s.look("the error of a panic") }))
	case panicsOut:
		panic(askedError(func() { s.look("the error of a panic"); runtime.Goexit() }))
	case goexits:
		runtime.Goexit()
	}
	return nil
}

// askedError is what a closure panics with; it does something when it is asked what it says.
type askedError func()

func (f askedError) Error() string {
	f()
	return "asked"
}

// askedContext looks when it is asked whether it has ended.
type askedContext struct {
	context.Context
	s *subject
}

func (x askedContext) Err() error {
	x.s.look("the context of a call")
	return x.Context.Err()
}

func (s *subject) build(ctx context.Context) (*thing, error) {
	s.mu.Lock()
	how, closes := s.builds, s.closes
	s.mu.Unlock()
	born, _ := ctx.Value(bornKey{}).(int64)
	s.at("the constructor", born, "building", "held")
	if how == exits {
		actor.Exit(ctx, nil)
	}
	if err := s.finish(how); err != nil {
		return nil, err
	}
	return &thing{s: s, born: born, closes: closes}, nil
}

func (x *thing) Close() error {
	x.s.at("Close", x.born, "closing", "held")
	return x.s.finish(x.closes)
}

// ran is a closure without a context.
func (x *thing) ran(m manner) error {
	x.s.at("a closure", x.born, "serving", "busy")
	return x.s.finish(m)
}

// ranIn is a closure with one.
func (x *thing) ranIn(ctx context.Context, m manner) error {
	switch m {
	case exits:
		actor.Exit(ctx, nil)
	case exitsBadly:
		actor.Exit(ctx, errFailure)
	}
	return x.ran(m)
}

func (s *subject) deadLetter(l actor.DeadLetter) {
	s.look("the dead-letter hook")
	if l.Refused || l.Reason == actor.ErrMailboxFull { // it is the history itself that has sent
		return
	}
	s.mu.Lock()
	hang := s.hookHang
	s.hookHang = false
	s.mu.Unlock()
	if hang {
		s.hang()
		s.look("the dead-letter hook, later")
	}
}

// intercept refuses each fifth closure.
func (s *subject) intercept(_ actor.Closure, run func() error) error {
	s.look("an interceptor")
	if s.seen.Add(1)%5 == 0 {
		return errFailure
	}
	defer s.look("an interceptor, afterwards")
	return run()
}

func (s *subject) commit(x *thing) error {
	s.at("a commit", x.born, "serving", "busy")
	return nil
}

// Enabled, Handle, WithAttrs and WithGroup make the subject a logger that looks.
func (s *subject) Enabled(context.Context, slog.Level) bool {
	s.look("a logger")
	return true
}

func (s *subject) Handle(context.Context, slog.Record) error {
	s.look("a logger")
	return nil
}

func (s *subject) WithAttrs([]slog.Attr) slog.Handler { return s }
func (s *subject) WithGroup(string) slog.Handler      { return s }

// Step makes it a scheduler that looks, and grants each step; some begin late.
func (s *subject) Step(_ string, k seam.Kind) error {
	s.look("a step")
	if k != seam.Begin {
		return nil
	}
	s.mu.Lock()
	hang := s.stepHang
	s.stepHang = false
	s.mu.Unlock()
	if hang {
		s.hang()
		s.look("a step, later")
	}
	return nil
}
