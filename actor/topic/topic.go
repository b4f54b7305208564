package topic

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
)

// Topic passes events on to its subscribers: services (Subscribe) and channels (Chan). An event
// is a value of any type. All subscribers share what it refers to, so that must not be changed.
//
// The zero value is a topic without subscribers. A topic must not be copied once it is used.
// Its methods, and functions that take it, may be called by any number of goroutines at once.
// It has no goroutine, and need not be ended: neither does it keep its subscribers alive, nor
// do they keep it.
type Topic[E any] struct {
	// Keep is how many of the latest events are kept for late subscribers that ask for them;
	// see Replay. It must not be changed once the topic is used. Default: none. Publish and
	// Subscribe panic if it is negative.
	Keep int

	// A copy of all, for publishers. nil: all has changed, and the next publisher copies it, so
	// that joining and leaving cost the same among few and many. Written under mu.
	now atomic.Pointer[[]*subscriber[E]]

	mu     sync.Mutex
	all    list.List // of *subscriber[E], in order of subscription; under mu
	kept   []E       // the latest events, a ring when it is full; under mu
	oldest int       // of a full ring; under mu

	published, delivered, refused atomic.Uint64
}

// Publish hands e to each subscriber, in the order of their subscriptions, and returns how many
// accepted it. It never blocks. It allocates only for the first event after a subscriber has
// joined or left, and while more events wait than before. The events that one goroutine
// publishes reach each subscriber in the order in which it publishes them.
//
// A service gets the event as a closure in its mailbox, as by Do: the closure runs once or is a
// dead letter, and waits for the next incarnation if the service crashes. A service that is full
// refuses the event, or drops its oldest closure, according to its options; the refusal is
// counted, logged and given to the service's dead-letter hook. A service that is not running
// and never will is left out, and forgotten if it has ended; one that drains is forgotten, too,
// and runs the events that it has accepted.
func (t *Topic[E]) Publish(e E) (got int) {
	r := round[E]{t: t, e: e, to: t.begin("Publish", e)}
	r.run()
	return r.got
}

// PublishContext is Publish for an event that has a sender: interceptors of the subscribers
// see ctx as the context of their closures, so that a trace goes through the topic, and a
// crash names the callers that ctx knows. Whether ctx has ended, or ends, does not matter. A
// nil ctx panics.
func (t *Topic[E]) PublishContext(ctx context.Context, e E) (got int) {
	if ctx == nil {
		panic("topic: PublishContext with a nil context")
	}
	r := round[E]{t: t, ctx: ctx, e: e, to: t.begin("PublishContext", e)}
	r.run()
	return r.got
}

// begin counts an event, and returns who gets it.
func (t *Topic[E]) begin(what string, e E) []*subscriber[E] {
	t.check(what)
	t.published.Add(1)
	return t.keep(e)
}

// round hands an event to each subscriber that is to get it.
type round[E any] struct {
	t   *Topic[E]
	ctx context.Context // nil: of Publish
	e   E
	to  []*subscriber[E]

	begun, ended int // of to
	got, refused int
}

func (r *round[E]) run() {
	defer r.finish()
	for r.begun < len(r.to) {
		s := r.to[r.begun]
		r.begun++
		switch err := r.hand(s); {
		case err == nil:
			r.got++
		case err != actor.ErrStopped:
			r.refused++
		case s.Ended():
			r.t.forget(s) // not drop: it may drain, and runs what it has accepted
		}
		r.ended++
	}
}

// finish is deferred: a hook or a logger, which is told of an event that a service refuses, or the
// function of a Router may end the goroutine. The later subscribers get the event all the same.
func (r *round[E]) finish() {
	if r.ended < r.begun {
		r.refused++
		r.ended++
	}
	if r.begun < len(r.to) {
		r.run()
		return
	}
	r.t.count(r.got, r.refused)
}

func (r *round[E]) hand(s *subscriber[E]) error {
	if r.ctx == nil {
		return s.Send(r.e)
	}
	return s.SendContext(r.ctx, r.e)
}

// count counts what became of an event.
func (t *Topic[E]) count(got, refused int) {
	if got > 0 {
		t.delivered.Add(uint64(got))
	}
	if refused > 0 {
		t.refused.Add(uint64(refused))
	}
}

// Info is what can be seen of a topic.
type Info struct {
	Subscribers int    // that have not ended
	Published   uint64 // calls of Publish and PublishContext
	Delivered   uint64 // events that subscribers accepted, counted for each subscriber

	// Events for which subscribers had no room, counted for each subscriber; or for which the
	// function of a Router did not return, or at which a hook of the subscriber ended the
	// publisher's goroutine.
	Refused uint64
}

// Info returns what can be seen of the topic. Replayed events are not counted.
// A nil topic panics.
func (t *Topic[E]) Info() Info {
	t.check("Info")
	i := Info{Published: t.published.Load(), Delivered: t.delivered.Load(), Refused: t.refused.Load()}
	for _, s := range t.subscribers() {
		if !s.Ended() {
			i.Subscribers++
		}
	}
	return i
}

func (t *Topic[E]) check(what string) {
	if t == nil {
		panic("topic: " + what + " with a nil topic")
	}
	if t.Keep < 0 {
		panic(fmt.Sprintf("topic: %s: Topic.Keep is %d: a number of events is not negative", what, t.Keep))
	}
}

// subscribers returns the subscribers that are to get an event.
func (t *Topic[E]) subscribers() []*subscriber[E] {
	if now := t.now.Load(); now != nil {
		return *now
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.copied()
}

// copied is subscribers while mu is held.
func (t *Topic[E]) copied() []*subscriber[E] {
	if now := t.now.Load(); now != nil {
		return *now
	}
	now := make([]*subscriber[E], 0, t.all.Len())
	for e := t.all.Front(); e != nil; e = e.Next() {
		now = append(now, e.Value.(*subscriber[E]))
	}
	t.now.Store(&now)
	return now
}

// join adds a subscriber.
func (t *Topic[E]) join(s *subscriber[E]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(s)
}

// enter is join while mu is held.
func (t *Topic[E]) enter(s *subscriber[E]) {
	s.element = t.all.PushBack(s)
	t.now.Store(nil)
}

// drop ends a subscription.
func (t *Topic[E]) drop(s *subscriber[E]) {
	s.cancelled.Store(true)
	s.Close()
	t.forget(s)
}

// forget has a subscriber get no more events. It keeps those that it has accepted.
func (t *Topic[E]) forget(s *subscriber[E]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.element != nil {
		t.all.Remove(s.element)
		s.element = nil
		t.now.Store(nil)
	}
}

// keep remembers e and returns the subscribers that are to get it. A subscriber that joins gets
// the event in exactly one way: kept, or from Publish.
func (t *Topic[E]) keep(e E) []*subscriber[E] {
	if t.Keep == 0 {
		return t.subscribers()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) < t.Keep {
		t.kept = append(t.kept, e)
	} else {
		t.kept[t.oldest] = e
		t.oldest = (t.oldest + 1) % t.Keep
	}
	return t.copied()
}

// latest returns the last n events that are kept; mu is held.
func (t *Topic[E]) latest(n int) []E {
	all := slices.Concat(t.kept[t.oldest:], t.kept[:t.oldest])
	return all[max(0, len(all)-n):]
}
