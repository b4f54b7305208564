package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// A desk is what one Serve of a binding has: the subscriptions.
type desk struct {
	b  *Binding
	l  *link
	nc *nats.Conn

	calls, cancels, pings *nats.Subscription
	drained               chan struct{} // closed when the last message has been handled

	broken chan struct{} // closed when user code has ended the goroutine that messages come on
	breaks sync.Once

	hands *hands
}

func newDesk(b *Binding, l *link) *desk {
	return &desk{
		b: b, l: l, nc: l.nc,
		drained: make(chan struct{}), broken: make(chan struct{}), hands: newHands(),
	}
}

// begin subscribes, and returns when the server knows, or when ctx ends or the connection is
// closed: the server may be away.
func (d *desk) begin(ctx context.Context) (err error) {
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
	for {
		if err = d.nc.FlushTimeout(flushTry); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.l.closed:
			return err
		case <-time.After(flushTry):
		}
	}
}

// flushTry is how long the server is waited for at a time.
const flushTry = 100 * time.Millisecond

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
				d.b.n.log.Warn("remote: messages were dropped, since they came faster than they were taken",
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

// finish has nothing new sent. For good, it waits for the calls that were accepted, as long as
// the child has time, and cuts off what is left then. Otherwise they go on: the service keeps
// its queue, and does not go on with it before the binding has ended.
func (d *desk) finish(shutdown time.Duration, good bool) {
	d.drain(min(flushTime, shutdown/10+flushTry))
	if good {
		d.b.open.end(shutdown-shutdown/10, shutdown/10)
	}
	for _, sub := range []*nats.Subscription{d.cancels, d.pings} {
		if sub != nil {
			_ = sub.Unsubscribe() // it may be closed
		}
	}
	d.hands.end()
	if d.nc.IsConnected() {
		_ = d.nc.FlushTimeout(min(flushTime, shutdown/10+flushTry)) // the answers
	}
}

// drain unsubscribes, and waits for a while until what NATS has sent before it knew of that has been
// taken, as what came before. While NATS is away, its client would subscribe again when it is
// back, and forget that: so then it is to forget the subscription at once.
func (d *desk) drain(patience time.Duration) {
	if d.calls == nil {
		return
	}
	lost := d.nc.StatusChanged(nats.RECONNECTING, nats.CLOSED)
	defer d.nc.RemoveStatusListener(lost)
	select {
	case <-d.broken: // no goroutine takes what has come
		_ = d.calls.Unsubscribe()
		return
	default:
	}
	if !d.nc.IsConnected() || d.calls.Drain() != nil {
		_ = d.calls.Unsubscribe()
		return
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-d.drained:
	case <-lost:
		_ = d.calls.Unsubscribe()
	case <-d.broken:
		_ = d.calls.Unsubscribe()
	case <-wait.C:
	}
}

// cancel ends the context of a call whose caller has left.
func (d *desk) cancel(m *nats.Msg) { d.b.open.cancel(string(m.Data)) }

// pong answers a ping.
func (d *desk) pong(m *nats.Msg) {
	p := Peer{Node: d.b.n.id, Type: d.b.of, Version: version()}
	p.Service, p.State = d.b.service()
	payload, err := json.Marshal(p)
	if err == nil {
		d.b.answer(m.Reply, nil, payload)
	}
}

// version returns that of the main module, as far as it is known.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}
