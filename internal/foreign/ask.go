package foreign

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/where"
)

// Patience is how long an answer is waited for.
const Patience = time.Second

// Why a question has no answer, besides a panic.
var (
	ErrSlow    = errors.New("has not returned in time")
	ErrPending = errors.New("has not returned since it was called before")
	ErrGoexit  = errors.New("called runtime.Goexit")
)

// Panicked is why a question has no answer: the method panicked with Value, at Stack.
type Panicked struct{ Value, Stack string }

// Error says what the method panicked with.
func (p *Panicked) Error() string { return "panicked: " + p.Value }

// Questions are the methods of one value that are under way. The zero value is ready for
// use, by any number of goroutines at once.
type Questions struct {
	mu      sync.Mutex
	pending []string
}

// begin reports whether the method may be called: it has returned since it was called before.
func (q *Questions) begin(method string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.pending {
		if m == method {
			return false
		}
	}
	q.pending = append(q.pending, method)
	return true
}

func (q *Questions) end(method string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, m := range q.pending {
		if m == method {
			q.pending = append(q.pending[:i], q.pending[i+1:]...)
			return
		}
	}
}

// Question is a method that is under way, or has answered.
type Question[V any] struct {
	done  chan struct{} // closed when value and err are set
	value V
	err   error
}

// Asked is a Question of any type.
type Asked interface{ answered() <-chan struct{} }

func (a *Question[V]) answered() <-chan struct{} { return a.done }

// Answer returns what has been answered, or why nothing has been until now.
func (a *Question[V]) Answer() (v V, err error) {
	select {
	case <-a.done:
		return a.value, a.err
	default:
		return v, ErrSlow
	}
}

// Begin calls f on another goroutine. f calls the named method of the value that q is about. A
// method that has not returned is not called again.
func Begin[V any](q *Questions, method string, f func() V) *Question[V] {
	a := &Question[V]{done: make(chan struct{}), err: ErrGoexit}
	if !q.begin(method) {
		a.err = ErrPending
		close(a.done)
		return a
	}
	go func() {
		defer func() {
			q.end(method)
			close(a.done)
		}()
		a.value, a.err = Try(f)
	}()
	return a
}

// Here is Begin for f that may be called on the running goroutine, as by Try.
func Here[V any](f func() V) *Question[V] {
	a := &Question[V]{done: make(chan struct{})}
	a.value, a.err = Try(f)
	close(a.done)
	return a
}

// Ask is Begin, Await and Answer in one: it returns what f returns. If there is no answer, the
// error says why, and the caller goes on with a default.
func Ask[V any](q *Questions, method string, f func() V) (V, error) {
	a := Begin(q, method, f)
	Await(nil, a)
	return a.Answer()
}

// Await waits until all have answered or over is closed, and for Patience at most, for all of
// them together.
func Await(over <-chan struct{}, all ...Asked) {
	InTurn(over, len(all), func(i int) Asked { return all[i] })
}

// turn is how long questions are asked one after the other.
const turn = 10 * time.Millisecond

// InTurn begins n questions and waits for them as Await does. It begins each when the one before
// has answered, so that their effects come in order. After a short time, or when over is closed,
// it begins all that are left at once, so that one without an answer holds up no other.
func InTurn(over <-chan struct{}, n int, begin func(i int) Asked) {
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	turns := time.NewTimer(turn)
	defer turns.Stop()
	late := make([]Asked, 0, n)
	for i := range n {
		a := begin(i)
		if len(late) == 0 {
			select {
			case <-a.answered():
				continue
			case <-turns.C:
			case <-over:
			}
		}
		late = append(late, a)
	}
	for _, a := range late {
		select {
		case <-a.answered():
		case <-patience.C:
			return
		case <-over:
			return
		}
	}
}

// Try returns what f returns, or a *Panicked. It calls f on the running goroutine, so f must
// not block, or end the goroutine.
func Try[V any](f func() V) (v V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Panicked{Text(p), where.Panicked()}
		}
	}()
	return f(), nil
}

// Caused reports whether ctx has ended because of target. It does not call methods of a cause
// that are code of the user's.
func Caused(ctx context.Context, target error) bool {
	cause := Cause(ctx)
	return cause != nil && (equal(cause, target) || harmless(cause, maxDepth) && Is(cause, target))
}

// Cause returns context.Cause of a context that may be the user's: nil if that panics.
func Cause(ctx context.Context) (cause error) {
	defer func() { _ = recover() }()
	return context.Cause(ctx)
}
