package actortest

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// Plain is a T without anything but a number.
type Plain struct{ N int }

// Value returns the number.
func (p *Plain) Value() int { return p.N }

// Closable is a T that counts its Close calls, which return Err.
type Closable struct {
	Number int64 // of the incarnation, from 1
	Closes atomic.Int64
	Err    error
}

var _ io.Closer = (*Closable)(nil)

// Close counts.
func (c *Closable) Close() error {
	c.Closes.Add(1)
	return c.Err
}

// Factory is a constructor that keeps every T that it made.
type Factory struct {
	mu   sync.Mutex
	made []*Closable
}

// Build is the constructor.
func (f *Factory) Build(context.Context) (*Closable, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &Closable{Number: int64(len(f.made)) + 1}
	f.made = append(f.made, c)
	return c, nil
}

// List returns what was made so far, in order.
func (f *Factory) List() []*Closable {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*Closable(nil), f.made...)
}

// Blocker is a closure that runs until it is let go:
//
//	b := NewBlocker[Plain]()
//	svc.Do(b.Run)
//	<-b.Started
//	… // the service is busy
//	b.LetGo()
type Blocker[T any] struct {
	Started chan struct{} // closed when it runs
	Release chan struct{} // closed by LetGo
}

// NewBlocker returns one that does not run yet.
func NewBlocker[T any]() *Blocker[T] {
	return &Blocker[T]{make(chan struct{}), make(chan struct{})}
}

// Run is the closure.
func (b *Blocker[T]) Run(*T) {
	close(b.Started)
	<-b.Release
}

// Result is Run as the closure of a call.
func (b *Blocker[T]) Result(v *T) (int, error) {
	b.Run(v)
	return 0, nil
}

// LetGo has the closure return. It is called once.
func (b *Blocker[T]) LetGo() { close(b.Release) }

// Occupy has the service run a blocker, and returns when it does.
func Occupy[T any](t testing.TB, svc *actor.Service[T]) *Blocker[T] {
	t.Helper()
	b := NewBlocker[T]()
	Do(t, svc, b.Run)
	<-b.Started
	return b
}
