package topic_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/bruskajp/nano_services/actor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quiet is for services that log what a test provokes.
func quiet() actor.Option { return actor.WithLogger(slog.New(slog.DiscardHandler)) }

// letters records dead letters.
type letters struct {
	mu  sync.Mutex
	all []actor.DeadLetter
}

// option has a service report its dead letters to l.
func (l *letters) option() actor.Option { return actor.WithDeadLetters(l.add) }

func (l *letters) add(d actor.DeadLetter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, d)
}

// list returns what has come so far.
func (l *letters) list() []actor.DeadLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]actor.DeadLetter(nil), l.all...)
}

// records is a slog.Handler that keeps what is logged.
type records struct {
	mu  sync.Mutex
	all []slog.Record
}

// option has a service log to r.
func (r *records) option() actor.Option { return actor.WithLogger(slog.New(r)) }

func (r *records) Enabled(context.Context, slog.Level) bool { return true }

func (r *records) WithAttrs([]slog.Attr) slog.Handler { return r }

func (r *records) WithGroup(string) slog.Handler { return r }

func (r *records) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, rec)
	return nil
}

// with returns the records with that message, so far.
func (r *records) with(message string) (found []slog.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range r.all {
		if rec.Message == message {
			found = append(found, rec)
		}
	}
	return found
}

// plain is a T without anything.
type plain struct{}

// blocker is a closure that runs until it is let go:
//
//	b := newBlocker[plain]()
//	svc.Do(b.run)
//	<-b.started
//	… // the service is busy
//	b.letGo()
type blocker[T any] struct {
	started chan struct{} // closed when it runs
	release chan struct{}
}

func newBlocker[T any]() *blocker[T] {
	return &blocker[T]{make(chan struct{}), make(chan struct{})}
}

func (b *blocker[T]) run(*T) {
	close(b.started)
	<-b.release
}

func (b *blocker[T]) letGo() { close(b.release) }

// occupy has the service run a blocker, and returns when it does.
func occupy[T any](t testing.TB, svc *actor.Service[T]) *blocker[T] {
	t.Helper()
	b := newBlocker[T]()
	do(t, svc, b.run)
	<-b.started
	return b
}

// do is Do of a closure that has to be accepted.
func do[T any](t testing.TB, svc *actor.Service[T], f func(*T)) {
	t.Helper()
	if err := svc.Do(f); err != nil {
		t.Errorf("Do = %v", err)
	}
}

// stop is a Stop that has to succeed.
func stop(t testing.TB, svc interface{ Stop(context.Context) error }) {
	t.Helper()
	if err := svc.Stop(context.Background()); err != nil {
		t.Errorf("Stop = %v", err)
	}
}

// serve has another goroutine call Serve, once, and returns where its result
// comes. The channel is closed when that goroutine ends, also without a result.
func serve(ctx context.Context, svc interface{ Serve(context.Context) error }) <-chan error {
	served := make(chan error, 1)
	go func() {
		defer close(served)
		served <- svc.Serve(ctx)
	}()
	return served
}

// supervised is a context for Serve as a supervisor gives it: the service stays
// pending between two incarnations, and keeps its queue.
func supervised(ctx context.Context) context.Context {
	return actor.Supervised(ctx, "")
}

// balanced checks the sum of L3. Nothing may be sent meanwhile.
func balanced(t testing.TB, i actor.Info) {
	t.Helper()
	if i.Accepted != i.Executed+i.Dead+i.Skipped+uint64(i.Queued)+uint64(i.Running) {
		t.Errorf("the numbers do not add up: %+v", i)
	}
}

// misuse runs functions each of which is to panic with the package's prefix and with
// what it is called.
func misuse(t *testing.T, all map[string]func()) {
	t.Helper()
	for name, f := range all {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, "topic: ") || !strings.Contains(v, name) {
					t.Errorf("panic %q", v)
				}
			}()
			f()
		})
	}
}

// collected waits until the garbage collector has taken what done looks for.
func collected(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s is kept alive", what)
		}
		runtime.GC()
	}
}
