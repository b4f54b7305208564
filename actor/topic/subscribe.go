package topic

import (
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// An Option sets something about a subscription.
type Option func(*options)

type options struct{ replay int }

// Replay gives a late subscriber the latest events first: at most n of those that the topic
// keeps (Topic.Keep), oldest first, and then all that come, none missing and none twice. A
// service gets the kept ones in one closure. n below 1 panics.
func Replay(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("topic: Replay(%d): a number of events is at least 1", n))
	}
	return func(o *options) { o.replay = n }
}

func newOptions(opts []Option) (o options) {
	for _, opt := range opts {
		if opt == nil {
			panic("topic: nil option")
		}
		opt(&o)
	}
	return o
}

// Subscribe has f run on the service, with its value, for each event that is
// published from now on. It fits method expressions:
//
//	cancel, err := topic.Subscribe(&sold, ledger, (*Ledger).Book)
//
// The subscription lasts until cancel is called or the service has ended. A restart does not
// end it, and what is published meanwhile is queued. But a subscription that the service makes
// itself, in its constructor or a closure, belongs to the incarnation and ends with it, since
// the next incarnation makes its own; events that are still queued are dead letters. See
// actor.NewRecipient, also for a Router as svc: its subscription is over for good when the
// service that it picks for an event accepts nothing any more, though it might pick another for
// the next one (Recipient.Ended). A function that passes over what was stopped keeps it.
//
// After cancel has returned f does not begin, not even for events that are queued already.
// cancel does not block, and may be called more than once and from f.
//
// The error matches ErrStopped if Do would return ErrStopped; with Replay it may be any error
// of Do. Subscribe does not block. A nil topic or f panics.
func Subscribe[T, E any](t *Topic[E], svc actor.Ref[T], f func(*T, E), opts ...Option) (cancel func(), err error) {
	if f == nil {
		panic("topic: Subscribe with a nil function")
	}
	t.check("Subscribe")
	o := newOptions(opts)
	live, err := actor.NewRecipient(svc, f)
	if err != nil {
		return func() {}, err
	}
	s := &subscriber[E]{sink: live}
	if o.replay == 0 {
		t.join(s)
		return func() { t.drop(s) }, nil
	}
	// The replay is queued before the subscriber joins, and so before any event.
	r := &replay[E]{t: t, s: s, most: o.replay, f: f}
	var late *actor.Recipient[*replay[E]]
	late, err = actor.NewRecipient(svc, func(state *T, r *replay[E]) {
		for _, e := range r.join() {
			if r.s.cancelled.Load() {
				return
			}
			f(state, e)
		}
		late.Close()
	})
	if err == nil {
		err = late.Send(r)
	}
	if err != nil {
		t.drop(s)
		return func() {}, err
	}
	r.join()
	return func() {
		t.drop(s)
		late.Close()
	}, nil
}

// Chan returns a channel with room for size events. An event that finds no room, or, with size
// 0, no goroutine that waits for it, is refused and counted in the topic's Info. cancel closes
// the channel; events in it can still be received. A negative size and a nil topic panic.
func Chan[E any](t *Topic[E], size int, opts ...Option) (events <-chan E, cancel func()) {
	t.check("Chan")
	if size < 0 {
		panic(fmt.Sprintf("topic: Chan with a size of %d: it is not negative", size))
	}
	o := newOptions(opts)
	c := &channel[E]{ch: make(chan E, size)}
	s := &subscriber[E]{sink: c}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.latest(min(o.replay, size)) {
		c.ch <- e
	}
	t.enter(s)
	return c.ch, func() { t.drop(s) }
}
