package actor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// diary records what ran, in order: it lives longer than a T.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, " ")
}

// note returns a closure that writes which incarnation runs it.
func (d *diary) note(what any) func(*closable) {
	return func(c *closable) { d.add("%d:%v", c.number, what) }
}

// expect compares the diary.
func (d *diary) expect(t testing.TB, want string) {
	t.Helper()
	if got := d.String(); got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
}

// keepServing is a very small supervisor: it serves svc again and again, each
// time on another goroutine, until ctx ends or the service does. The channel is
// closed when it has given up.
func keepServing(ctx context.Context, svc *actor.Service[closable]) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for ctx.Err() == nil {
			err, ok := <-serve(supervised(ctx), svc)
			if ok && errors.Is(err, actor.ErrStopped) {
				return
			}
		}
		svc.Abandon()
	}()
	return gone
}

// panics is a closure that crashes its service.
func panics[T any](*T) { panic("boom") }

// nothing is the closure of a Run.
func nothing[T any](*T) error { return nil }

// inState checks a service's state.
func inState(t testing.TB, svc interface{ Info() actor.Info }, want actor.State) {
	t.Helper()
	if got := svc.Info().State; got != want {
		t.Errorf("the service is %v, want %v", got, want)
	}
}

// isOpen reports whether a channel is not closed yet.
func isOpen[V any](c <-chan V) bool {
	select {
	case <-c:
		return false
	default:
		return true
	}
}

// here returns the place where it is called, as locations are printed.
func here() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf(" %s:%d", file[strings.LastIndexByte(file, '/')+1:], line)
}

// within demands an outcome and an error.
func within(t testing.TB, what string, err, is error, outcome actor.Outcome) {
	t.Helper()
	if !errors.Is(err, is) || actor.OutcomeOf(err) != outcome {
		t.Errorf("%s: %v (%v), want %v (%v)", what, err, actor.OutcomeOf(err), is, outcome)
	}
	if notRun := errors.Is(err, actor.ErrNotRun); notRun != (outcome == actor.NotRun) {
		t.Errorf("%s: matches ErrNotRun: %v, outcome: %v", what, notRun, outcome)
	}
}
