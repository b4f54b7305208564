package topic

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"

	"github.com/bruskajp/nano_services/actor"
)

// sink is where a subscriber gets its events: an *actor.Recipient, or a channel.
type sink[E any] interface {
	// Send returns nil, actor.ErrMailboxFull, or actor.ErrStopped. It does not block.
	Send(e E) error
	// SendContext is Send with the context of the sender.
	SendContext(ctx context.Context, e E) error
	// Close ends it: after that nothing more is received.
	Close()
	// Ended reports whether Send will never succeed again.
	Ended() bool
}

// subscriber is one subscription.
type subscriber[E any] struct {
	sink[E]               // immutable
	cancelled atomic.Bool // written by cancel

	element *list.Element // in the topic's list; nil: not yet, or no more; under Topic.mu
}

// replay is the value that a late subscriber is sent, by a Recipient of its own. It stands for
// the events that the topic had kept when the subscriber joined. The subscriber joins when
// Subscribe goes on or at the replay's turn, whichever is first.
type replay[E any] struct {
	t    *Topic[E]
	s    *subscriber[E]
	most int
	f    any // the user's

	joined bool // under Topic.mu
	events []E  // under Topic.mu until joined
}

// Func implements seam.Named.
func (r *replay[E]) Func() any { return r.f }

// join adds the subscriber to the topic, and returns the events that it gets first.
func (r *replay[E]) join() []E {
	r.t.mu.Lock()
	defer r.t.mu.Unlock()
	if !r.joined {
		r.joined = true
		r.events = r.t.latest(r.most)
		r.t.enter(r.s)
	}
	return r.events
}

// channel is the sink of Chan.
type channel[E any] struct {
	mu     sync.Mutex
	ch     chan E
	closed bool // under mu
}

func (c *channel[E]) Send(e E) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return actor.ErrStopped
	}
	select {
	case c.ch <- e:
		return nil
	default:
		return actor.ErrMailboxFull
	}
}

func (c *channel[E]) SendContext(_ context.Context, e E) error { return c.Send(e) }

func (c *channel[E]) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.ch)
	}
}

func (c *channel[E]) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}
