package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bruskajp/nano_services/actor"
)

// A desk is what one Serve of a binding has: the subscriptions, and the calls that were
// accepted and are not answered.
type desk struct {
	b  *Binding
	l  *link
	nc *nats.Conn

	calls, cancels, pings *nats.Subscription
	drained               chan struct{} // closed when the last message has been handled

	broken chan struct{} // closed when user code has ended the goroutine that messages come on
	breaks sync.Once

	// The contexts of all calls have ended; who waits for a service gives up then.
	cut chan struct{}

	mu   sync.Mutex          // guards what follows
	open map[string]*request // by inbox
	shut bool                // nothing new is taken
	idle chan struct{}       // closed when shut and nothing is open
	left departed
}

func newDesk(b *Binding, l *link) *desk {
	return &desk{
		b: b, l: l, nc: l.nc,
		drained: make(chan struct{}), broken: make(chan struct{}), cut: make(chan struct{}), idle: make(chan struct{}),
		open: map[string]*request{},
	}
}

// begin subscribes, and returns when the server knows.
func (d *desk) begin() (err error) {
	// All methods are one subscription, so that what one sender sends comes in order.
	if d.calls, err = d.nc.QueueSubscribe(callSubject+d.b.name+".*", queueGroup, d.arrive); err != nil {
		return err
	}
	d.calls.SetClosedHandler(func(string) { close(d.drained) })
	if d.cancels, err = d.nc.Subscribe(cancelSubject+d.b.name, d.cancel); err != nil {
		return err
	}
	if d.pings, err = d.nc.QueueSubscribe(pingSubject+d.b.name, queueGroup, d.pong); err != nil {
		return err
	}
	return d.nc.FlushTimeout(d.b.n.cfg.Timeout)
}

// watch waits for the end, and says meanwhile when messages have been dropped.
func (d *desk) watch(ctx context.Context) error {
	tick := time.NewTicker(logEvery)
	defer tick.Stop()
	for seen := uint64(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-d.l.closed:
			return fmt.Errorf("remote: binding of %s: the connection to NATS is closed", d.b.name)
		case <-d.broken:
			return fmt.Errorf("remote: binding of %s: a type's own unmarshaler, or a hook, has ended the goroutine", d.b.name)
		case <-tick.C:
			if n := d.dropped(); n > seen {
				d.b.n.cfg.Logger.Warn("remote: messages were dropped, since they came faster than they were taken",
					"name", d.b.name, "messages", n-seen)
				seen = n
			}
		}
	}
}

// dropped returns how many messages NATS' client has dropped.
func (d *desk) dropped() uint64 {
	n, err := d.calls.Dropped()
	if err != nil {
		return 0
	}
	return uint64(n)
}

// finish takes nothing new, waits for the calls that were accepted, and cuts off what is left
// then.
func (d *desk) finish(drain time.Duration) {
	d.mu.Lock()
	d.shut = true
	if len(d.open) == 0 {
		close(d.idle)
	}
	d.mu.Unlock()
	timer := time.NewTimer(drain)
	defer timer.Stop()
	d.refuseRest(timer.C)
	select {
	case <-d.idle:
	default:
		select {
		case <-d.idle:
		case <-timer.C:
			d.cutOff()
			<-d.idle
		}
	}
	for _, sub := range []*nats.Subscription{d.cancels, d.pings} {
		if sub != nil {
			_ = sub.Unsubscribe() // it may be closed
		}
	}
	_ = d.nc.FlushTimeout(flushTime) // the answers
}

// refuseRest waits until what NATS has sent before it knew of the end has been answered.
func (d *desk) refuseRest(late <-chan time.Time) {
	select {
	case <-d.broken:
		_ = d.calls.Unsubscribe() // no goroutine takes what has come
		return
	default:
	}
	if d.calls == nil || d.calls.Drain() != nil {
		return
	}
	wait := time.NewTimer(flushTime)
	defer wait.Stop()
	select {
	case <-d.drained:
	case <-d.l.closed:
	case <-d.broken:
	case <-wait.C:
	}
}

// cutOff ends the contexts of all calls, and then tells those who wait.
func (d *desk) cutOff() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.open {
		r.cancel()
	}
	close(d.cut)
}

// enter takes a call, or returns why not. A call that is there already, or comes again,
// has no answer: errTwice.
func (d *desk) enter(r *request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.shut:
		return actor.ErrStopped
	case d.open[r.inbox] != nil:
		return errTwice
	case d.left.has(r.inbox):
		return context.Canceled
	case len(d.open) >= d.b.opts.inFlight:
		return fmt.Errorf("%w: %d calls of %s are under way", actor.ErrMailboxFull, len(d.open), d.b.name)
	}
	d.open[r.inbox] = r
	return nil
}

// errTwice: the same message has come twice. What answers the first answers both.
var errTwice = errors.New("remote: the call is under way")

// leave forgets a call that was answered.
func (d *desk) leave(r *request) {
	r.cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open[r.inbox] != r {
		return
	}
	delete(d.open, r.inbox)
	if d.shut && len(d.open) == 0 {
		close(d.idle)
	}
}

// cancel ends the context of a call whose caller has left. Since it comes by another
// subscription, it may be earlier than the call.
func (d *desk) cancel(m *nats.Msg) {
	inbox := string(m.Data)
	if len(inbox) > maxInbox {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.open[inbox]; r != nil {
		r.cancel()
	} else {
		d.left.add(inbox)
	}
}

// pong answers a ping.
func (d *desk) pong(m *nats.Msg) {
	p := Peer{Node: d.b.n.id, Type: d.b.of, Version: version()}
	p.Service, p.State = d.b.service()
	payload, err := json.Marshal(p)
	if err == nil {
		d.answer(m.Reply, nil, payload)
	}
}

// version returns that of the main module, as far as it is known.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}

// answer publishes an answer. If that fails, the caller learns nothing before its deadline.
func (d *desk) answer(to string, h nats.Header, payload []byte) {
	if to == "" {
		return
	}
	if err := d.nc.PublishMsg(&nats.Msg{Subject: to, Header: h, Data: payload}); err != nil {
		d.b.counts.unanswered.Add(1)
		d.b.n.cfg.Logger.Warn("remote: an answer could not be sent", "name", d.b.name, "error", err)
	}
}

const (
	maxInbox    = 256  // bytes
	maxDeparted = 1024 // inboxes
)

// departed is the inboxes of the last calls whose callers have left before they came, or
// that are answered.
type departed struct {
	set  map[string]bool
	ring []string
	next int
}

func (d *departed) has(inbox string) bool { return d.set[inbox] }

func (d *departed) add(inbox string) {
	if d.set == nil {
		d.set = map[string]bool{}
	}
	if d.set[inbox] {
		return
	}
	d.set[inbox] = true
	if len(d.ring) < maxDeparted {
		d.ring = append(d.ring, inbox)
		return
	}
	delete(d.set, d.ring[d.next])
	d.ring[d.next] = inbox
	d.next = (d.next + 1) % maxDeparted
}
