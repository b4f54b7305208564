package actor

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Topic passes events on to those who have subscribed to it: services (Subscribe),
// functions (SubscribeFunc) and channels (SubscribeChan). An event is a value of any
// type; it is shared by all who get it, so nobody changes what it refers to.
//
// The zero value is a topic without subscribers. A topic must not be copied once it
// is used. Its methods, and those that take it, may be called by any number of
// goroutines at once. It has no goroutine, and needs no end: neither does it keep
// its subscribers alive, nor do they keep it.
type Topic[E any] struct {
	// Keep is how many of the latest events are kept for late subscribers who ask
	// for them; see Replay. It is not changed once the topic is used. Default: none.
	// Publish and Subscribe panic if it is negative.
	Keep int

	subs atomic.Pointer[[]*subscriber[E]] // in order of subscription; replaced as a whole, under mu

	mu     sync.Mutex
	kept   []E // the latest events, a ring when it is full; under mu
	oldest int // of a full ring; under mu

	published, delivered, refused atomic.Uint64
}

// Publish hands e to each subscriber, in the order of their subscriptions, and
// returns how many accepted it. It never blocks, and allocates nothing for a
// subscriber. What one goroutine publishes reaches each subscriber in that order.
//
// A service gets the event as a closure in its mailbox, and what is true of Do is
// true of it: it runs once or is a dead letter, and waits for the next incarnation
// if the service crashes. A service that is full refuses it, or drops its oldest
// closure, as it was made to; the refusal is counted, logged and shown to the
// service's dead-letter hook. A service that is not running, and will not, is
// passed over, and forgotten if it has ended.
func (t *Topic[E]) Publish(e E) (got int) {
	t.check("Publish")
	t.published.Add(1)
	subs := t.keep(e)
	if len(subs) == 0 {
		return 0
	}
	event := new(E) // one for all
	*event = e
	refused, gone := 0, false
	for _, s := range subs {
		switch s.take(event) {
		case nil:
			got++
		case ErrMailboxFull:
			refused++
		case errGone:
			gone = true
		}
	}
	t.delivered.Add(uint64(got))
	if refused > 0 {
		t.refused.Add(uint64(refused))
	}
	if gone {
		t.change(func(subs []*subscriber[E]) []*subscriber[E] { return slices.DeleteFunc(subs, (*subscriber[E]).gone) })
	}
	return got
}

// TopicInfo is what can be seen of a topic.
type TopicInfo struct {
	Subscribers int    // that have not ended
	Published   uint64 // calls of Publish
	Delivered   uint64 // events that a subscriber accepted, counted for each
	Refused     uint64 // events for which a subscriber had no room, counted for each
}

// Info returns what can be seen of the topic. Replayed events are not counted.
// A nil topic panics.
func (t *Topic[E]) Info() TopicInfo {
	t.check("Info")
	i := TopicInfo{Published: t.published.Load(), Delivered: t.delivered.Load(), Refused: t.refused.Load()}
	for _, s := range t.subscribers() {
		if !s.gone() {
			i.Subscribers++
		}
	}
	return i
}

func (t *Topic[E]) check(what string) {
	if t == nil {
		panic("actor: " + what + " with a nil topic")
	}
	if t.Keep < 0 {
		panic(fmt.Sprintf("actor: %s: Topic.Keep is %d: a number of events is not negative", what, t.Keep))
	}
}

func (t *Topic[E]) subscribers() []*subscriber[E] {
	if subs := t.subs.Load(); subs != nil {
		return *subs
	}
	return nil
}

// change replaces the subscribers by what f makes of a copy.
func (t *Topic[E]) change(f func([]*subscriber[E]) []*subscriber[E]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	subs := f(slices.Clone(t.subscribers()))
	t.subs.Store(&subs)
}

// keep remembers e and returns who is to get it. A subscriber that joins gets the
// event in exactly one way: kept, or from Publish.
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
	return t.subscribers()
}

// latest returns the last n events that are kept; mu is held.
func (t *Topic[E]) latest(n int) []E {
	all := slices.Concat(t.kept[t.oldest:], t.kept[:t.oldest])
	return all[max(0, len(all)-n):]
}
