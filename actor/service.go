package actor

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync/atomic"

	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/internal/misuse"
	"github.com/bruskajp/nano_services/internal/seam"
	"github.com/bruskajp/nano_services/internal/where"
	"github.com/bruskajp/nano_services/mailbox"
)

// Service is a value of type T with a goroutine of its own, the only one that ever
// touches the value. Closures handed to the service run there, one at a time; those of
// one goroutine run in the order in which it hands them over. A Service is made by Start
// or New and must not be copied. Its methods may be called by any number of goroutines at
// once. Methods of a nil Service panic, and so do functions that are given one.
type Service[T any] struct {
	core
}

// Ref is what closures can be handed to: a *Service, or a Router, which stands for
// several services. A type that embeds one of them, as a proxy or a pool does, is a Ref
// too. Ref cannot be implemented in any other way.
type Ref[T any] interface {
	// service returns the service that the next closure goes to, and the Origin of the
	// functions that are called by the function that the user has called.
	service() (*Service[T], where.Origin)
}

// router is the method by which a Router differs from all other Refs.
type router[T any] interface{ router() Router[T] }

// Start makes state a service that runs at once, without a supervisor: a closure that
// crashes ends the service for good. The caller lets go of state. A nil state panics.
func Start[T any](state *T, opts ...Option) *Service[T] {
	misuse.Unless(state != nil, "actor: Start of a nil state")
	whole := new(struct {
		svc  Service[T]
		only incarnation
	})
	s, in := &whole.svc, &whole.only
	s.init(opts)
	s.unsupervised = true
	s.mu.Lock()
	defer s.mu.Unlock()
	cons, _ := s.box.Acquire()
	in.c, in.cons, in.state = &s.core, cons, state
	in.contexts.base, in.place = context.Background(), &nowhere
	s.takesPart(in)
	s.enter(in)
	go in.live()
	return s
}

// takesPart has the service that Start makes take part in a simulation if the running goroutine
// does, under a name that no other has. No other goroutine knows the service yet.
func (c *core) takesPart(in *incarnation) {
	s, _ := seam.Here()
	if s == nil {
		return
	}
	c.stand.Store(&stand{path: s.Join(c.name, c.Stop)})
	in.scheduled(s, nil)
}

// New declares a service. It may be used at once: what it is handed is queued until Serve is called, normally by
// a supervisor, which makes T by calling build on the service's goroutine. Each incarnation gets a new T.
//
// While build runs, its context ends when the context of Serve does; after that it ends after Close of T, so that
// what build starts with it lives as long as T. A nil T without an error is an error. A nil build panics. If a
// closure has waited for 5 s and the service has not been served, that is logged once, with the place where the
// service was declared.
//
//go:noinline
func New[T any](build func(context.Context) (*T, error), opts ...Option) *Service[T] {
	misuse.Unless(build != nil, "actor: New with a nil constructor")
	s := declare(build, opts)
	s.declared = where.Outside(supervisorPackages).PC // for a pool, where the user called package supervisor
	return s
}

var supervisorPackages = strings.TrimSuffix(packagePath, "actor") + "supervisor/"

func declare[T any](build func(context.Context) (*T, error), opts []Option) *Service[T] {
	s := new(Service[T])
	s.init(opts)
	s.build = build
	s.make = func(ctx context.Context) (any, error) {
		state, err := build(ctx)
		if state == nil {
			return nil, err
		}
		return state, err
	}
	return s
}

// spare has the slots that the queues of all services grow into and give back after a burst.
var spare mailbox.Spare[job]

func (s *Service[T]) init(opts []Option) {
	c := &s.core
	c.self = s
	c.options = newOptions(opts)
	if c.name = c.options.name; c.name == "" {
		c.name = where.Type[T]()
	}
	c.interceptAll(nil)
	box := mailbox.Options[job]{Capacity: c.capacity, Grown: c.grown, Refused: roomRefused, Spare: &spare}
	if c.overflow == DropOldest {
		box.Dropped = func(j job) { c.drop(j, ErrMailboxFull) }
	}
	c.box.Init(box)
	c.isMade()
}

// Serve runs the service on the calling goroutine: it makes a T and runs closures
// until the incarnation is over, and returns why. Serve is normally called by a
// supervisor, which calls it again to restart the service.
//
// When ctx ends, the service takes nothing new, runs what it had accepted for at most
// five seconds (WithDrainTime), and closes T; then Serve returns nil. If a closure does
// not return in that time, the service is cut off from it. Serve is on the goroutine of
// that closure, so it returns when the closure does, if ever. Serve also returns nil after
// Stop, Kill and Exit(ctx, nil). Otherwise it returns the constructor's error, the error of
// Exit or of Close, a *PanicError, or, if the service was cut off from it, ErrCutOff. If a
// closure calls runtime.Goexit, Serve does not return, and the goroutine ends. (With
// WithOSThread the service runs on another goroutine, and Serve waits for that.)
//
// When Serve has returned, and no supervisor follows it up, the service is down: it
// refuses everything until Serve is called again. Serve returns ErrServed if the service
// is being served already, and ErrStopped if it has ended.
func (s *Service[T]) Serve(ctx context.Context) error {
	s.some().check("Serve", ctx)
	if s.unsupervised {
		return fmt.Errorf("actor: %s: Serve of a service made by Start, which runs without a supervisor (a child of one is made by New): %w", s.core.Name(), ErrServed)
	}
	in, err := s.begin(ctx)
	if err != nil {
		return err
	}
	if in.number == 2 {
		s.noticeDirect(ctx)
	}
	if s.thread {
		return in.liveOnThread(ctx)
	}
	return in.live()
}

// some returns the core of s. It panics if s is nil, because the runtime's message about a
// nil pointer would name a line of the library.
func (s *Service[T]) some() *core {
	if s == nil {
		noService[T]()
	}
	return &s.core
}

//go:noinline
func noService[T any]() { panic("actor: nil *Service[" + where.Type[T]() + "]") }

// serviceOf returns the service that ref stands for now.
func serviceOf[T any](ref Ref[T]) (*Service[T], where.Origin) {
	if ref == nil {
		noService[T]()
	}
	return ref.service()
}

func (s *Service[T]) service() (*Service[T], where.Origin) { s.some(); return s, where.Direct }

// Do hands f over and returns. It never blocks. It returns nil if f was accepted:
// then f runs exactly once, or is reported as a dead letter. Otherwise it returns
// ErrStopped or ErrMailboxFull, and f never runs. A nil f panics.
//
// Do does not wait, so a sender that is faster than the service fills the memory and keeps
// other goroutines from the processors. Against such a flood use WithCapacity, and
// DoContext, which waits for room (docs/performance.rst, busy/http/p99).
func (s *Service[T]) Do(f func(*T)) error {
	misuse.Unless(f != nil, "actor: Do of a nil closure")
	if err := s.some().tryPut(tell[T](f), where.Direct); err != nil {
		return s.refuse(tell[T](f), err)
	}
	return nil
}

// DoContext is Do for a closure that needs a context. In a bounded service it waits for
// room until ctx ends; then the error wraps that of ctx, and f never runs. Once f is
// accepted, the end of ctx does not matter any more: the context of f has the values of
// ctx, but neither its cancellation nor its deadline. It ends when the incarnation that
// runs f runs no more closures, or is cut off.
//
// A closure that goes on sending to its own service passes the context that it was given.
// If each derived one from its own (WithValue, WithTimeout), the chain would grow for ever.
func (s *Service[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	misuse.Unless(f != nil, "actor: DoContext of a nil closure")
	return s.doContext(ctx, f, where.Direct)
}

// doContext is DoContext, for the method that the user has called.
func (s *Service[T]) doContext(ctx context.Context, f func(context.Context, *T), from where.Origin) error {
	s.some().check("DoContext", ctx)
	j := newTell(ctx, f, s.around.Load() != nil)
	err := s.tryPut(j, from.In())
	if err == ErrMailboxFull {
		err = s.putWaiting(ctx, j, from.In())
	}
	if err != nil {
		return s.refuse(j, err)
	}
	return nil
}

// tryPut queues j, or returns ErrStopped or ErrMailboxFull.
func (c *core) tryPut(j job, from where.Origin) error {
	c.made()
	a := c.around.Load()
	if a != nil && a.observer != nil {
		j = a.observer.stamp(context.Background(), j, from.In())
	}
	if a != nil && len(a.intercept) > 0 {
		j = marked(j)
	}
	if a != nil {
		if a.sends(context.Background()); a.refuses(c) {
			return ErrMailboxFull
		}
	}
	return public(c.box.TryPut(j))
}

// putWaiting queues j, and waits for room. It joins the line before it looks for a cycle:
// a sender that finds room does not wait, and so closes no cycle.
func (c *core) putWaiting(ctx context.Context, j job, from where.Origin) error {
	if err := foreign.ErrOf(ctx); err != nil {
		return &callError{NotRun, c.Name(), j.closure(), outside(ctx, from), err}
	}
	self, on := callerOf(ctx), (*event)(nil)
	if self.in != nil { // before it stands in line: the context may panic when it is asked
		on = self.room(ctx)
	}
	place, err := c.box.Line(j)
	if place == nil {
		return public(err)
	}
	if self.in != nil {
		place.Tell(on.come)
		defer self.waited()
		returned := false
		defer func() {
			if !returned {
				place.Leave()
			}
		}()
		err := self.wait(ctx, c, on, j.closure(), from.In())
		returned = true
		if err != nil && place.Leave() {
			return err
		}
	}
	err = public(place.Wait(ctx))
	if err != nil && err != ErrStopped { // the context's
		return &callError{NotRun, c.Name(), j.closure(), outside(ctx, from), err}
	}
	return err
}

// room returns the event that there is room, which the caller waits for with ctx.
func (k *caller) room(ctx context.Context) *event {
	w := &k.in.waits
	if k.via != nil || w.seq.Load()&1 == 1 || ctx.Done() != nil {
		return (&event{come: new(atomic.Bool)}).of(ctx)
	}
	o := w.own.Get()
	if o.come.Store(false); o.room.come == nil {
		o.room.come = &o.come
	}
	return &o.room
}

// Load returns what a Router needs to choose: how many closures wait or run, and whether
// the service accepts more. A service that is declared, or is to be restarted, accepts;
// one that is stopped, or down, does not. Load ignores whether a bounded service has room.
//
// If the caller is a service that this one waits for, n is math.MaxInt: a call would be
// refused as a deadlock. Load does not block, and takes some nanoseconds.
func (s *Service[T]) Load() (n int, accepts bool) {
	s.some().made()
	counts := s.box.Counts()
	n = counts.Waiting
	if counts.Busy {
		n++
		if in := owners.Current(); in != nil && s.awaits(in) {
			n = math.MaxInt
		}
	}
	return n, !s.box.Closed()
}

// Self returns the service whose constructor or closure was given ctx, or a context that
// ctx was derived from. It returns nil if ctx belongs to no service of T.
func Self[T any](ctx context.Context) *Service[T] {
	misuse.Unless(ctx != nil, "actor: Self with a nil context")
	in, ok := ctx.Value(incarnationKey{}).(*incarnation)
	if !ok {
		return nil
	}
	s, _ := in.c.self.(*Service[T])
	return s
}

// Continue has f run right after the constructor, before anything that is queued. It is for
// work that takes long and must precede the first closure, but for which the supervisor need
// not wait: the service is up meanwhile. Continue is called in a constructor of T, with its
// context. After several calls, the functions run in the order of the calls.
//
// f is a part of the start, like the constructor, and no closure: it is not in the numbers,
// histories and batches of the service, and interceptors do not see it. A panic in f is a
// crash of a service that is up, and names f. Stop waits for f, as for what is queued; if
// the service is cut off from f, the error names it. f is not called if the constructor
// fails, or if Exit, Kill or a restart comes before. Continue panics if f is nil, or if it
// is called elsewhere than in a constructor of T, on the constructor's goroutine.
func Continue[T any](ctx context.Context, f func(*T)) {
	misuse.Unless(f != nil, "actor: Continue of a nil function")
	misuse.Unless(ctx != nil, "actor: Continue with a nil context")
	in, ok := ctx.Value(incarnationKey{}).(*incarnation)
	misuse.Unless(ok && owners.Current() == in && in.state == nil && in.speaks.Load() != noConstructor, "actor: Continue outside of a constructor")
	_, ok = in.c.self.(*Service[T])
	misuse.Unless(ok, "actor: Continue of a function of another type than the constructor's")
	h := in.resources()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over {
		h.next = append(h.next, continuation{where.Entry(f), func(state any) { f(state.(*T)) }})
	}
}

// Move takes a value out of a variable and leaves the zero value there. It marks the
// place of a hand-over. A use of the variable afterwards shows at once, as the use of a
// nil pointer, an empty slice or a nil map.
//
//	page := actor.Move(&draft)
//	err := press.Do(func(p *Press) { p.Print(page) })
//
// Only the value itself is copied, for a slice three words; what it refers to goes over as
// it is, however large. Call Move outside of the closure, and put the result into a new
// variable, because the closure runs later and elsewhere. A nil v panics.
func Move[V any](v *V) V {
	misuse.Unless(v != nil, "actor: Move from a nil pointer")
	moved := *v
	var zero V
	*v = zero
	return moved
}
