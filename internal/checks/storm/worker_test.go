package storm

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// worker does one operation after the other.
type worker struct {
	*world
	seed    uint64
	number  int
	table   []operation   // what it does
	lasts   time.Duration // how long it begins others
	steps   uint64
	history []done   // if world.noted
	*draws           // of the step under way
	cancel  []func() // of what it has watched, subscribed and set

	settles []func() // what is looked at when all services have ended

	mu    sync.Mutex
	what  string // the operation under way, or the part of it; "" if none is
	since time.Time
	most  time.Duration // that it may take
}

// step does one operation, on a goroutine of its own: a value that misbehaves may end the one
// that brought it.
func (u *worker) step() {
	u.draws = newDraws(u.seed, uint64(u.number), u.steps)
	u.draws.noted = u.world.noted
	u.steps++
	op := &u.table[u.intN(len(u.table))]
	u.mark(op.name, op.within)
	u.alone(func() { op.do(u) })
	u.mark("", 0)
	u.count(op.name)
	if u.world.noted {
		u.history = append(u.history, done{op.name, u.draws})
	}
}

// alone runs f on another goroutine and waits for its end, whatever that is.
func (u *worker) alone(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer u.excuse()
		f()
	}()
	<-done
}

// excuse recovers from a panic of a value that misbehaves, and from no other.
func (u *worker) excuse() {
	if v := recover(); v != nil && !misbehaves(v) {
		buf := make([]byte, 1<<16)
		u.t.Errorf("panic: %s\n%s", foreign.Text(v), buf[:runtime.Stack(buf, false)])
	}
}

// mark says what is done from now on, and how long it may take, besides the margin.
func (u *worker) mark(what string, most time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.what, u.since, u.most = what, time.Now(), most
}

// overdue returns what has taken longer than it may, or "".
func (u *worker) overdue() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.what == "" || time.Since(u.since) < u.most+margin {
		return ""
	}
	return fmt.Sprintf("%s: worker %d, step %d, seed %d: which may take %v, and", u.what, u.number, u.steps-1, u.seed, u.most)
}

// leave takes back what the worker has set.
func (u *worker) leave() {
	u.mark("the end", inSome)
	for _, f := range u.cancel {
		u.alone(f)
	}
	u.mark("", 0)
}

// kept is how many functions a worker remembers that take something back.
const kept = 50

// keep remembers a function that takes something back, and calls one of those that it
// remembers when they are many.
func (u *worker) keep(cancel func()) {
	which := u.intN(kept + 1) // always, also when they are few
	u.cancel = append(u.cancel, cancel)
	if len(u.cancel) > kept {
		i := which
		f := u.cancel[i]
		u.cancel = append(u.cancel[:i], u.cancel[i+1:]...)
		f()
	}
}

// later has f called when all services have ended.
func (u *worker) later(f func()) {
	if len(u.settles) < 10_000 {
		u.settles = append(u.settles, f)
	}
}

// --- what an operation is done with, at random --------------------------------

// context returns one for a call. The callers of those that end wait no longer than that.
func (u *worker) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	switch u.intN(16) {
	case 0:
		cancel()
	case 1, 2, 3:
		cancel()
		ctx, cancel = context.WithTimeoutCause(context.Background(), u.moment(), u.failure())
	case 4:
		inner := ctx
		ctx = &hostile.Context{Context: inner, Manner: hostile.Manner{Act: u.manner()}}
	case 5:
		ctx = hollow{ctx}
	case 6:
		derived, cut := context.WithCancelCause(ctx)
		inner := cancel
		err := u.failure()
		time.AfterFunc(u.moment(), func() { cut(err) })
		ctx, cancel = derived, func() { inner(); cut(nil) }
	}
	return ctx, cancel
}

var errPlain = errors.New("plain")

// failure returns an error, that may misbehave.
func (u *worker) failure() error {
	if !u.rarely(3) {
		return errPlain
	}
	return u.values.failure(u.draw(0))
}

// manner returns a way to misbehave.
func (u *worker) manner() func() { return u.values.manner(u.draw(0)) }

// act returns what a closure does besides being counted: nothing, in most cases. It says
// whether it leaves the service alone, so that its caller may be answered with nil.
func (u *worker) act() func(ctx context.Context) error {
	switch u.intN(30) {
	case 0:
		err := one(u, u.failure(), actor.WithOutcome(errPlain, actor.NotRun)) // it has run all the same
		return func(context.Context) error { return err }
	case 1:
		v := one[any](u, "a crash", u.failure(), 1, nil)
		return func(context.Context) error { panic(v) }
	case 2:
		return func(context.Context) error { runtime.Goexit(); return nil }
	case 3:
		d := u.moment()
		return func(context.Context) error { time.Sleep(d); return nil }
	case 4:
		err := one(u, nil, u.failure())
		return func(ctx context.Context) error { exit(ctx, err); return nil }
	case 5, 6, 7:
		// Another service, or the same one; a circle is found, or the time ends it.
		return u.nested()
	case 8:
		return func(context.Context) error { runtime.Gosched(); return nil }
	}
	return func(context.Context) error { return nil }
}
