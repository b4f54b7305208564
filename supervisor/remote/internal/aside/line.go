// Package aside calls hooks and loggers of the user's on goroutines of their own: package
// remote meets what they are to be told of on goroutines of NATS' client and server, which
// all calls of a node share, and which must not wait, panic or end.
package aside

import (
	"sync"
	"time"
)

// A Line tells a function of values, one after the other, on a goroutine that is there while
// there are some. The function may wait, which holds up the line and nothing else, and may end
// the goroutine; its panics are its own to recover. NewLine makes it; its methods may be called
// by any number of goroutines.
type Line[V any] struct {
	tell func(V)

	mu    sync.Mutex // guards what follows
	queue []V
	idle  chan struct{} // closed when the queue is empty; nil: it is
}

// NewLine returns a line that calls tell.
func NewLine[V any](tell func(V)) *Line[V] { return &Line[V]{tell: tell} }

// Add has the function told of v, and does not wait. It reports false, and does nothing, if so
// many are waiting already; a negative number is no bound.
func (l *Line[V]) Add(v V, most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if most >= 0 && len(l.queue) >= most {
		return false
	}
	l.queue = append(l.queue, v)
	if l.idle == nil {
		l.idle = make(chan struct{})
		go l.deliver()
	}
	return true
}

// deliver tells the function until none are left. If that ends the goroutine another goes on.
func (l *Line[V]) deliver() {
	over := false
	defer func() {
		if !over {
			go l.deliver()
		}
	}()
	for {
		v, ok := l.next()
		if !ok {
			over = true
			return
		}
		l.tell(v)
	}
}

// next takes the first that waits. If there is none the line is idle.
func (l *Line[V]) next() (v V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		close(l.idle)
		l.queue, l.idle = nil, nil
		return v, false
	}
	v = l.queue[0]
	clear(l.queue[:1]) // nothing is kept by what was told
	l.queue = l.queue[1:]
	return v, true
}

// Wait returns when all have been told, or the time is over.
func (l *Line[V]) Wait(most time.Duration) {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	if idle == nil {
		return
	}
	over := time.NewTimer(most)
	defer over.Stop()
	select {
	case <-idle:
	case <-over.C:
	}
}
