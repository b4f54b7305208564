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

// Panicked is why a question has no answer: the method panicked, with what says so, and where.
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

type answer[V any] struct {
	value V
	err   error
}

// Ask returns what f returns, which calls that method of the value that q is about, on
// another goroutine. It waits for Patience at most. If there is no answer it says why, and
// the caller goes on with a default; as long as f has not returned it is not called again.
func Ask[V any](q *Questions, method string, f func() V) (V, error) {
	if !q.begin(method) {
		return answer[V]{}.value, ErrPending
	}
	got := make(chan answer[V], 1)
	go func() {
		a := answer[V]{err: ErrGoexit}
		defer func() {
			q.end(method)
			got <- a
		}()
		a.value, a.err = Try(f)
	}()
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	select {
	case a := <-got:
		return a.value, a.err
	case <-patience.C:
	}
	select {
	case a := <-got: // was first
		return a.value, a.err
	default:
		return answer[V]{}.value, ErrSlow
	}
}

// Try returns what f returns, or a *Panicked. It calls f on the running goroutine, so f is
// none that may block or end that.
func Try[V any](f func() V) (v V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Panicked{Text(p), where.Panicked()}
		}
	}()
	return f(), nil
}

// Caused reports whether ctx has ended because of target. A cause that is code of the
// user's is not asked.
func Caused(ctx context.Context, target error) bool {
	cause := Cause(ctx)
	return cause != nil && (equal(cause, target) || harmless(cause, maxDepth) && Is(cause, target))
}

// Cause returns context.Cause of a context that may be the user's: nil if that panics.
func Cause(ctx context.Context) (cause error) {
	defer func() { _ = recover() }()
	return context.Cause(ctx)
}
