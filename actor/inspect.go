package actor

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/tree"
	"github.com/bruskajp/nano_services/internal/where"
)

// inspection is a function that is to look at T between two closures. It waits for no
// closure but the one that runs, and needs no room.
//
//	state    event                               next     who
//	waits    the service comes to it             looks    the service
//	waits    the context ends                    gone     who asked
//	waits    the service will not be served      gone     the service, or who ended it
//	looks    it has returned, or panicked        (done)   the service
type inspection struct {
	c     *core
	f     func(state any)
	where where.Place
	state atomic.Uint32
	done  chan struct{}
	err   error // before done
}

const (
	inspectionWaits = iota
	inspectionLooks
	inspectionGone
)

// Inspect has f look at the service's value between two closures, and returns what f
// returns. It does not stand in the queue: f runs when the closure that is running has
// ended, however many wait, and also while the service is paused. Inspect is for tests and
// for incidents. f must not change the value, and what it returns by reference is a copy,
// or never changed again. Given a Router, Inspect looks at the service that would get a
// closure now.
//
// If ctx ends first, the error wraps that of ctx, and f may never run. If f panics or calls
// runtime.Goexit, the error is a *PanicError, and the service goes on. If f does not return,
// the service hangs in it as in a closure: Kill, or a Stop whose context ends, cuts it off.
// If the service has no incarnation, Inspect waits while it is pending, and returns
// ErrStopped if it is down or has ended. A service that inspects itself, or would complete
// a cycle of services that wait for each other, gets a *DeadlockError. A nil f panics.
func Inspect[T, R any](ctx context.Context, svc Ref[T], f func(*T) R) (result R, err error) {
	misuse.Unless(f != nil, "actor: Inspect of a nil function")
	var out R
	s, from := serviceOf(svc)
	err = s.lookAt(ctx, from, where.Entry(f), func(state any) { out = f(state.(*T)) })
	if err != nil {
		return result, err // out may yet be written
	}
	return out, nil
}

// lookAt has f look at the state of the service.
func (c *core) lookAt(ctx context.Context, from where.Origin, where where.Place, f func(state any)) error {
	c.check("Inspect", ctx)
	self := callerOf(ctx)
	if self.in != nil {
		if err := self.wait(ctx, c, (&event{}).of(ctx), where, from.In()); err != nil {
			return err
		}
		defer self.waited()
	}
	i := &inspection{c: c, f: f, where: where, done: make(chan struct{})}
	if !c.queueInspection(i) {
		return c.inspectionError(ErrStopped)
	}
	if !foreign.First(i.done, ctx) {
		if i.state.CompareAndSwap(inspectionWaits, inspectionGone) { // or it goes on, though its caller has left
			c.giveUp(i)
		}
		return c.inspectionError(foreign.Why(ctx))
	}
	return i.err
}

func (c *core) inspectionError(err error) error {
	return fmt.Errorf("actor: %s: inspection: %w", c.Name(), err)
}

// queueInspection reports false if no incarnation will come to it.
func (c *core) queueInspection(i *inspection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state >= Down {
		return false
	}
	c.request(i)
	return true
}

func (i *inspection) serve(in *incarnation) (done bool) {
	in.userFunc.Store(i.where.PC)
	in.beside(func() {
		if done = true; i.state.CompareAndSwap(inspectionWaits, inspectionLooks) {
			i.run(in)
		}
	})
	in.userFunc.Store(0)
	return done
}

func (i *inspection) vacated(s State) (kept bool) {
	if s != Pending && i.state.CompareAndSwap(inspectionWaits, inspectionGone) {
		i.err = i.c.inspectionError(ErrStopped)
		close(i.done)
	}
	return s == Pending
}

// run runs the function, on a goroutine of its own because it may end its goroutine
// (runtime.Goexit). The owner waits for it, and it counts as the owner's goroutine.
func (i *inspection) run(in *incarnation) {
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer owners.Leave(owners.Enter(in))
		defer tree.Behalves.Leave(tree.Behalves.Enter(in.place.Behalf))
		returned := false
		defer func() {
			if !returned {
				p := in.c.panicError(recover(), closureLoop.Stack(), i.where)
				i.err = p
				p.keep() // at last: it may end the goroutine
			}
		}()
		i.f(in.state)
		returned = true
	}()
	<-finished
	close(i.done)
}

// Show returns what the service's value says of itself: its LogValue (slog.LogValuer) is
// called between two closures, as Inspect calls its function, and decides what may be
// seen:
//
//	func (l *Login) LogValue() slog.Value {
//		return slog.GroupValue(slog.String("user", l.user), slog.Int("visits", l.visits))
//	}
//
// What the result has by reference is a copy, or never changed again. LogValuers in it are
// asked on the service's goroutine, too, so that none is asked while the service goes on.
// They are asked to a depth of 8 groups, and 10000 of them at most; "…" stands for the rest.
// A T without LogValue is an error. The other errors are those of Inspect; a LogValue that
// panics, or does not return, has the same consequences as a function of Inspect that does.
func (s *Service[T]) Show(ctx context.Context) (slog.Value, error) {
	s.some().check("Show", ctx)
	if _, ok := any((*T)(nil)).(slog.LogValuer); !ok {
		return slog.Value{}, fmt.Errorf("actor: %s: Show: *%s has no LogValue (slog.LogValuer)", s.Name(), where.Type[T]())
	}
	var shown slog.Value
	err := s.lookAt(ctx, where.Direct, where.Entry((*Service[T]).Show), func(state any) {
		left := showing(shownValues)
		shown = left.resolved(state.(slog.LogValuer).LogValue(), shownDepth)
	})
	if err != nil {
		return slog.Value{}, err // shown may yet be written
	}
	return shown, nil
}

// Show is bounded in the depth of groups, since a LogValuer may contain itself, and in the
// number of values, since it may contain itself several times.
const (
	shownDepth  = 8
	shownValues = 10_000
)

// showing is how many values may still be asked.
type showing int

// resolved returns v without a LogValuer in it. Where it is cut there is "…".
func (left *showing) resolved(v slog.Value, depth int) slog.Value {
	v = v.Resolve()
	if v.Kind() != slog.KindGroup {
		return v
	}
	if depth == 0 {
		return slog.StringValue("…")
	}
	var attrs []slog.Attr
	for _, a := range v.Group() {
		if *left == 0 {
			attrs = append(attrs, slog.String("…", "…"))
			break
		}
		*left--
		attrs = append(attrs, slog.Attr{Key: a.Key, Value: left.resolved(a.Value, depth-1)})
	}
	return slog.GroupValue(attrs...)
}

func (i *inspection) gone() bool { return i.state.Load() == inspectionGone }
