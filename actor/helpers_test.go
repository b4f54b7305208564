package actor_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

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
func (r *records) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *records) WithGroup(string) slog.Handler            { return r }

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

// attr returns an attribute of a record, or the zero value.
func attr(rec slog.Record, key string) (v slog.Value) {
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == key {
			v = a.Value.Resolve()
		}
		return a.Key != key
	})
	return v
}

// plain is a T without anything.
type plain struct{ n int }

// closable is a T that counts its Close calls, which return err.
type closable struct {
	number int64 // of the incarnation, from 1
	closes atomic.Int64
	err    error
}

var _ io.Closer = (*closable)(nil)

func (c *closable) Close() error {
	c.closes.Add(1)
	return c.err
}

// factory is a constructor that keeps every T that it made.
type factory struct {
	mu   sync.Mutex
	made []*closable
}

func (f *factory) build(context.Context) (*closable, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &closable{number: int64(len(f.made)) + 1}
	f.made = append(f.made, c)
	return c, nil
}

// list returns what was made so far, in order.
func (f *factory) list() []*closable {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*closable(nil), f.made...)
}

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

// result is run as the closure of a call.
func (b *blocker[T]) result(v *T) (int, error) {
	b.run(v)
	return 0, nil
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
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, "actor: ") || !strings.Contains(v, name) {
					t.Errorf("panic %q", v)
				}
			}()
			f()
		})
	}
}

// collected waits until the garbage collector has taken what done looks for. That may take some
// time: the runtime keeps a timer that was stopped, and what its function refers to, until a
// quarter of those beside it were stopped, too, or have fired.
func collected(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s is kept alive", what)
		}
		runtime.GC()
	}
}
