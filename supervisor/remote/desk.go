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

// finish has nothing new sent. For good, it waits for the calls that were accepted, and cuts
// off what is left then. Otherwise they go on: the service keeps its queue, and does not go
// on with it before the binding has ended.
func (d *desk) finish(patience time.Duration, good bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	d.drain()
	if good {
		d.b.open.end(timer.C)
	}
	for _, sub := range []*nats.Subscription{d.cancels, d.pings} {
		if sub != nil {
			_ = sub.Unsubscribe() // it may be closed
		}
	}
	d.hands.end()
	_ = d.nc.FlushTimeout(flushTime) // the answers
}

// drain unsubscribes, and waits until what NATS has sent before it knew of that has been
// taken, as what came before.
func (d *desk) drain() {
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
