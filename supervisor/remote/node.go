package remote

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
	"golang.org/x/sync/semaphore"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/remote/internal/aside"
)

// A Node is this process's end of NATS. Clients and bindings are made with it; the handle
// outlives connections. New and Start make it. Methods may be called by any number of
// goroutines.
type Node struct {
	// Immutable.
	cfg  Config
	id   string                                        // of this process, in its inboxes
	dial func(ctx context.Context) (*nats.Conn, error) // nil of a node that Start made
	room *semaphore.Weighted                           // of Config.InFlight

	serving  atomic.Bool // there is a Serve
	link     changing    // the connection, if there is one
	pending  pending
	inFlight atomic.Int64 // places of room that are taken
	calls    counts
	casts    casts
	letters  letters
	bindings registry
	noise    noise
	log      *aside.Log
}

// New declares a node, a child of a supervisor: up when connected, it ends with an error
// when the connection is closed for good, and connects anew when served again. Until it is
// served, and while it is disconnected, calls end at once with ErrDisconnected, outcome
// NotRun. A nil dial panics, and so does a Config with negative values.
func New(dial func(context.Context) (*nats.Conn, error), cfg Config) *Node {
	must(dial != nil, "remote: New with a nil dial")
	n, err := newNode(cfg)
	must(err == nil, fmt.Sprint(err))
	n.dial = dial
	return n
}

// Start is New for a connection that exists and that another owner closes: the node is up
// at once, and needs not be served. It fails if the connection buffers while it is
// disconnected, and if cfg has negative values.
func Start(nc *nats.Conn, cfg Config) (*Node, error) {
	n, err := newNode(cfg)
	if err != nil {
		return nil, err
	}
	l, err := n.connect(nc)
	if err != nil {
		return nil, err
	}
	go func() {
		<-l.closed
		n.disconnect(l)
	}()
	return n, nil
}

func newNode(cfg Config) (*Node, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Node{cfg: cfg, id: nuid.Next(), room: semaphore.NewWeighted(int64(cfg.InFlight))}
	n.log = aside.NewLog(cfg.Logger)
	n.letters.init(n)
	n.noise.log = n.log
	return n, nil
}

// made panics if n is nil or a zero Node.
func (n *Node) made() { must(n != nil && n.id != "", "remote: a Node is made by New or Start") }

// Name returns "remote", the name of a child that is given no other.
func (n *Node) Name() string { return "remote" }

// SignalsReady tells a supervisor that the node is up when it says so: when it is connected.
func (n *Node) SignalsReady() bool { return true }

// Serve connects, and keeps the connection until ctx ends; then it closes it and returns
// nil. If the connection is closed otherwise, it returns an error. What waits for an answer
// at its end gets ErrNoAnswer, outcome Unknown. Of a node that Start made, the connection
// is left alone. It returns actor.ErrServed if the node is being served.
func (n *Node) Serve(ctx context.Context) error {
	n.made()
	must(ctx != nil, "remote: Serve with a nil context")
	if !n.serving.CompareAndSwap(false, true) {
		return actor.ErrServed
	}
	defer n.serving.Store(false)
	defer n.log.Wait() // which the program may not do
	ctx = foreign.Sound(ctx)
	l, err := n.present(ctx)
	if err != nil {
		return err
	}
	if n.dial != nil {
		defer n.end(l)
	}
	supervisor.Ready(ctx)
	select {
	case <-ctx.Done():
		return nil
	case <-l.closed:
		return fmt.Errorf("remote: the connection to NATS is closed: %w", closedBecause(l.nc))
	}
}

func closedBecause(nc *nats.Conn) error {
	if err := nc.LastError(); err != nil {
		return err
	}
	return nats.ErrConnectionClosed
}

// present returns the connection of a node that Start made, or else a new one.
func (n *Node) present(ctx context.Context) (*link, error) {
	if n.dial == nil {
		if l := n.link.load(); l != nil {
			return l, nil
		}
		return nil, fmt.Errorf("remote: a node that Start made cannot connect anew: %w", nats.ErrConnectionClosed)
	}
	nc, err := n.dial(context.WithValue(ctx, noiseKey{}, &n.noise))
	if err != nil {
		return nil, err
	}
	l, err := n.connect(nc)
	if err != nil && nc != nil {
		nc.Close()
	}
	return l, err
}

// connect uses nc from now on.
func (n *Node) connect(nc *nats.Conn) (*link, error) {
	if err := fit(nc); err != nil {
		return nil, err
	}
	l := newLink(nc, n.id)
	sub, err := nc.Subscribe(l.inboxes+"*", n.answered)
	if err == nil {
		// Not more than are in flight, and what comes late: no bound that a call could meet.
		err = errors.Join(sub.SetPendingLimits(-1, -1), nc.Flush())
	}
	if err != nil {
		l.unwatch()
		return nil, fmt.Errorf("remote: cannot subscribe to answers: %w", err)
	}
	n.link.store(l)
	return l, nil
}

// end closes the connection, when what was published has been written.
func (n *Node) end(l *link) {
	if l.nc.IsConnected() {
		_ = l.nc.FlushTimeout(flushTime) // it may break now
	}
	l.nc.Close()
	<-l.closed
	n.disconnect(l)
}

// disconnect has calls fail from now on, and those that wait.
func (n *Node) disconnect(l *link) {
	n.link.drop(l)
	n.pending.endAll()
}

// answered takes an answer to whom it is for.
func (n *Node) answered(m *nats.Msg) {
	i := strings.LastIndexByte(m.Subject, '.')
	number, err := strconv.ParseUint(m.Subject[i+1:], 10, 64)
	if err != nil {
		return // no inbox of ours
	}
	if a := n.pending.take(number); a != nil {
		a.settle(m)
	}
}
