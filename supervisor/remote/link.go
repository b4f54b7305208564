package remote

import (
	"cmp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// flushTime is how long a node that ends waits for what it has published to be written.
const flushTime = 2 * time.Second

// A link is one connection of a node.
type link struct {
	nc      *nats.Conn
	inboxes string        // what the subjects of answers begin with
	closed  chan struct{} // closed when the connection is, for good
	status  chan nats.Status
}

// newLink watches nc from now on. The inboxes are those of the node, so that what may
// read the answers of one need not be permitted to read another's.
func newLink(nc *nats.Conn, node string) *link {
	prefix := cmp.Or(nc.Opts.InboxPrefix, inboxSubject)
	l := &link{nc: nc, inboxes: prefix + "." + node + ".", closed: make(chan struct{}), status: nc.StatusChanged(nats.CLOSED)}
	go func() {
		defer close(l.closed)
		if !nc.IsClosed() { // else it may have been before the channel was there
			<-l.status
		}
		l.unwatch()
	}()
	return l
}

// address returns where the server is that nc is connected to. A connection in memory has
// the address of one that was not given.
func address(nc *nats.Conn) string {
	if nc.Opts.InProcessServer != nil {
		return "memory"
	}
	return nc.ConnectedUrlRedacted()
}

// unwatch ends the watching of a connection. It may be called again.
func (l *link) unwatch() { l.nc.RemoveStatusListener(l.status) }

// inbox returns the subject of the answer to the request with that number.
func (l *link) inbox(number uint64) string { return l.inboxes + strconv.FormatUint(number, 10) }

// changing is a link that is there or not, for those who wait for the next one.
type changing struct {
	now  atomic.Pointer[link] // written with mu
	mu   sync.Mutex           // guards what follows
	next chan struct{}        // closed when there is one; nil: no one waits
}

func (c *changing) load() *link { return c.now.Load() }

func (c *changing) store(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Store(l)
	if c.next != nil {
		close(c.next)
		c.next = nil
	}
}

// drop forgets l, unless another has come.
func (c *changing) drop(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.CompareAndSwap(l, nil)
}

// wait returns the link, or else a channel that is closed when there is one.
func (c *changing) wait() (*link, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.now.Load(); l != nil {
		return l, nil
	}
	if c.next == nil {
		c.next = make(chan struct{})
	}
	return nil, c.next
}
