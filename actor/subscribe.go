package actor

import (
	"fmt"
	"slices"
	"weak"
)

// A SubscribeOption sets something about a subscription.
type SubscribeOption func(*subscription)

type subscription struct {
	replay  int
	service []Option
}

// Replay gives a late subscriber the latest events first: at most n of those that
// the topic keeps (Topic.Keep), oldest first, and then all that come, without a gap
// and none twice. A service gets them as one closure. n below 1 panics.
func Replay(n int) SubscribeOption {
	if n < 1 {
		panic(fmt.Sprintf("actor: Replay(%d): a number of events is at least 1", n))
	}
	return func(s *subscription) { s.replay = n }
}

// WithService has SubscribeFunc make its service with these options, for example
// with WithCapacity.
func WithService(opts ...Option) SubscribeOption {
	return func(s *subscription) { s.service = opts }
}

func newSubscription(what string, opts []SubscribeOption) (s subscription) {
	for _, opt := range opts {
		if opt == nil {
			panic("actor: nil option")
		}
		opt(&s)
	}
	if s.service != nil && what != "SubscribeFunc" {
		panic("actor: " + what + " makes no service: WithService is for SubscribeFunc")
	}
	return s
}

// Subscribe has f run on the service, with its value, for each event that is
// published from now on. It fits method expressions:
//
//	cancel, err := actor.Subscribe(&sold, ledger, (*Ledger).Book)
//
// The subscription lasts until cancel is called or the service has ended; a restart
// does not end it, and what is published meanwhile is queued. But one that the service
// makes itself, in its constructor or a closure, belongs to the incarnation and ends
// with it, since the next one makes its own; an event of it that is queued then is a
// dead letter.
//
// After cancel has returned no f begins, for events that are queued neither. cancel
// does not block, and may be called more than once and from f.
//
// Of a Router, the service gets an event that is picked when it is published, so that of
// a pool one member gets each. The subscription keeps the Router, and lasts until cancel
// is called or an event finds that the service which is picked accepts nothing any more.
//
// The error is ErrStopped if Do would be refused with it, or, with Replay, that of a
// Do. Subscribe does not block. A nil topic or f panics.
func Subscribe[T, E any](topic *Topic[E], svc Ref[T], f func(*T, E), opts ...SubscribeOption) (cancel func(), err error) {
	if f == nil {
		panic("actor: Subscribe with a nil function")
	}
	topic.check("Subscribe")
	s := &subscriber[E]{
		f:     func(state any, e E) { f(state.(*T), e) },
		where: entry(f),
	}
	at, _ := svc.service()
	to := &at.core
	to.made()
	if r, ok := svc.(router[T]); ok {
		route := r.router()
		s.route = func() *core { s, _ := route.service(); return &s.core }
	} else {
		s.c = weak.Make(to)
	}
	o, cancel := newSubscription("Subscribe", opts), func() { topic.drop(s) }
	if in := owners.Current(); in != nil && s.route == nil && in.c == to {
		e := in.own(lapse[E]{weak.Make(s)})
		if e == nil { // cut off
			return func() {}, fmt.Errorf("actor: %s: Subscribe: %w", in.c.Name(), ErrStopped)
		}
		cancel = func() {
			topic.drop(s)
			in.release(e)
		}
	}
	if err := topic.join(to, s, o); err != nil {
		cancel()
		return func() {}, err
	}
	return cancel, nil
}

// SubscribeFunc is Subscribe for a function without a service. It makes one, so
// that f runs on a goroutine of its own, for one event at a time, and a panic in it
// ends only that. The goroutine ends after cancel.
func SubscribeFunc[E any](topic *Topic[E], f func(E), opts ...SubscribeOption) (cancel func()) {
	if f == nil {
		panic("actor: SubscribeFunc with a nil function")
	}
	topic.check("SubscribeFunc")
	o := newSubscription("SubscribeFunc", opts)
	type function struct{}
	svc := Start(&function{}, o.service...)
	s := &subscriber[E]{
		c:     weak.Make(&svc.core),
		f:     func(_ any, e E) { f(e) },
		where: entry(f),
	}
	_ = topic.join(&svc.core, s, o) // the service has just begun, and is empty
	return func() {
		topic.drop(s)
		svc.stopSoon()
	}
}

// SubscribeChan returns a channel that has room for size events. An event that finds
// no room, or with a size of 0 nobody who waits for it, is refused and counted in
// the topic's Info. cancel closes the channel; what is in it can still be received.
// A negative size and a nil topic panic.
func SubscribeChan[E any](topic *Topic[E], size int, opts ...SubscribeOption) (events <-chan E, cancel func()) {
	topic.check("SubscribeChan")
	if size < 0 {
		panic(fmt.Sprintf("actor: SubscribeChan with a size of %d: it is not negative", size))
	}
	o := newSubscription("SubscribeChan", opts)
	s := &subscriber[E]{ch: make(chan E, size)}
	topic.change(func(subs []*subscriber[E]) []*subscriber[E] {
		for _, e := range topic.latest(min(o.replay, size)) {
			s.ch <- e
		}
		return append(subs, s)
	})
	return s.ch, func() { topic.drop(s) }
}

// join adds a subscriber. One that wants a replay is queued for it before it joins,
// and so before any event that it gets from Publish.
func (t *Topic[E]) join(to *core, s *subscriber[E], o subscription) error {
	if to.refuses() {
		return fmt.Errorf("actor: %s: Subscribe: %w", to.Name(), ErrStopped)
	}
	r := &replay[E]{t: t, s: s, n: o.replay}
	if o.replay > 0 {
		if err := to.tryPut(r, origin{}.in()); err != nil {
			return to.refuse(r, err)
		}
	}
	r.join()
	return nil
}

func (t *Topic[E]) drop(s *subscriber[E]) {
	s.cancel()
	t.change(func(subs []*subscriber[E]) []*subscriber[E] {
		return slices.DeleteFunc(subs, func(other *subscriber[E]) bool { return other == s })
	})
}

// replay is the job of a subscriber that joins late: it runs with what was kept when
// the subscriber joined, which happens when Subscribe goes on or at the job's turn,
// whichever is first.
type replay[E any] struct {
	t *Topic[E]
	s *subscriber[E]
	n int

	joined bool // under t.mu
	events []E
}

func (r *replay[E]) join() []E {
	r.t.change(func(subs []*subscriber[E]) []*subscriber[E] {
		if r.joined {
			return subs
		}
		r.joined = true
		r.events = r.t.latest(r.n)
		return append(subs, r.s)
	})
	return r.events
}

func (r *replay[E]) run(in *incarnation) {
	for _, e := range r.join() {
		if r.s.cancelled.Load() {
			return
		}
		r.s.f(in.state, e)
	}
}

func (r *replay[E]) closure() location { return r.s.where }

// stopSoon is Stop that waits for nothing. A service that nobody serves has yet to be
// stopped afterwards.
func (c *core) stopSoon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.final = true
	if in := c.in.Load(); in != nil {
		c.drainQueue()
		if !in.exiting {
			c.box.Clear(sigOver) // a restart is not to come
		}
	}
}
