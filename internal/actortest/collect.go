package actortest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// Letters records dead letters.
type Letters struct {
	mu  sync.Mutex
	all []actor.DeadLetter
}

// Option has a service report its dead letters to l.
func (l *Letters) Option() actor.Option { return actor.WithDeadLetters(l.Add) }

// Add is the hook.
func (l *Letters) Add(d actor.DeadLetter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, d)
}

// List returns what has come so far.
func (l *Letters) List() []actor.DeadLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]actor.DeadLetter(nil), l.all...)
}

// Records is a slog.Handler that keeps what is logged.
type Records struct {
	mu  sync.Mutex
	all []slog.Record
}

// Option has a service log to r.
func (r *Records) Option() actor.Option { return actor.WithLogger(slog.New(r)) }

// Enabled returns true: everything is kept.
func (r *Records) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs returns r: attributes of a logger are not kept.
func (r *Records) WithAttrs([]slog.Attr) slog.Handler { return r }

// WithGroup returns r: groups are not kept.
func (r *Records) WithGroup(string) slog.Handler { return r }

// Handle keeps the record.
func (r *Records) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, rec)
	return nil
}

// List returns the records so far.
func (r *Records) List() []slog.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]slog.Record(nil), r.all...)
}

// With returns the records with that message, so far.
func (r *Records) With(message string) (found []slog.Record) {
	for _, rec := range r.List() {
		if rec.Message == message {
			found = append(found, rec)
		}
	}
	return found
}

// Attr returns an attribute of a record, or the zero value.
func Attr(rec slog.Record, key string) (v slog.Value) {
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == key {
			v = a.Value.Resolve()
		}
		return a.Key != key
	})
	return v
}

// Diary records what ran, in order: it lives longer than a T.
type Diary struct {
	mu    sync.Mutex
	lines []string
}

// Add writes a line.
func (d *Diary) Add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// String returns the lines, with a space between two.
func (d *Diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, " ")
}

// Note returns a closure that writes which incarnation runs it.
func (d *Diary) Note(what any) func(*Closable) {
	return func(c *Closable) { d.Add("%d:%v", c.Number, what) }
}

// Expect compares the diary.
func (d *Diary) Expect(t testing.TB, want string) {
	t.Helper()
	if got := d.String(); got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
}
