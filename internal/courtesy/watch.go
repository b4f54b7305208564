package courtesy

import (
	"sync"
	"time"

	"github.com/bruskajp/nano_services/internal/alarm"
	"github.com/bruskajp/nano_services/internal/rate"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// Waiter is who waits for what is told. The Teller's lock is free when its methods are called.
type Waiter struct {
	Of    any          // known to the caller
	Above *tree.Behalf // of who waits for that; may be nil

	// GivenUp, if not nil, returns when the Teller will be in a hurry, as far as that is known
	// besides Bound.
	GivenUp func() (at time.Time, known bool)

	// StillTold is called when the wait takes long: see rate.Wait.
	StillTold func(running where.Place, age time.Duration)
}

// watch is a wait for what is told. Guarded by mu, the Teller's.
type watch struct {
	t     *Teller
	mu    *sync.Mutex
	by    Waiter
	wait  rate.Wait
	timer *alarm.Timer

	telling telling
}

// watched begins a watch; mu is held.
func (t *Teller) watched(mu *sync.Mutex, by Waiter) *watch {
	w := &watch{t: t, mu: mu, by: by, wait: rate.Since(time.Now())}
	w.telling.of, w.telling.hangs = by.Of, make(chan struct{})
	if t.bound != nil && !t.bound.Until.IsZero() {
		w.wait.GiveUp(t.bound.Until)
	}
	w.timer = alarm.Func(rate.Patience, w.ring)
	return w
}

// behalf returns that of the goroutine which tells.
func (w *watch) behalf() *tree.Behalf {
	of := &tree.Behalf{Of: w.by.Of, Also: [2]*tree.Behalf{tree.Beside(tree.Behalves.Current(), w.by.Above)}}
	return &tree.Behalf{Of: &w.telling, Also: [2]*tree.Behalf{of}}
}

// over ends the watch, and holds mu from then on.
func (w *watch) over() {
	w.mu.Lock()
	w.timer.Stop()
	w.wait.GiveUp(time.Unix(0, 0)) // it may ring already
}

// ring is called by the timer.
func (w *watch) ring() {
	var at time.Time
	known := false
	if w.by.GivenUp != nil {
		at, known = w.by.GivenUp()
	}
	w.mu.Lock()
	if known {
		w.wait.GiveUp(at)
	}
	age, due := w.wait.Report(time.Now())
	if next, ok := w.wait.Next(); ok {
		w.timer.Reset(time.Until(next))
	}
	due = due && !w.t.hurried
	w.mu.Unlock()
	if due {
		w.by.StillTold(w.telling.running(), age)
	}
}
