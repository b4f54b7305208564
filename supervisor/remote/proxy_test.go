package remote_test

import (
	"net"
	"sync"
	"testing"
)

// proxy is a way to a server that a test cuts: it holds bytes back, in one direction or
// both, until it is healed, and then lets them through, late; or it breaks connections.
type proxy struct {
	listener net.Listener
	to       string
	group    sync.WaitGroup

	mu    sync.Mutex // guards what follows
	cond  *sync.Cond // held has changed
	held  [2]bool    // to the server, and from it
	ended bool
	conns []net.Conn
}

// The directions of a proxy.
const (
	up = iota
	down
)

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, to: to}
	p.cond = sync.NewCond(&p.mu)
	p.group.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = c.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, c, s)
		p.mu.Unlock()
		p.group.Go(func() { p.copy(s, c, up) })
		p.group.Go(func() { p.copy(c, s, down) })
	}
}

// copy lets bytes through while they are not held back.
func (p *proxy) copy(to, from net.Conn, way int) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		for p.held[way] && !p.ended {
			p.cond.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// hold holds back what goes to the server, or comes from it, or lets it through.
func (p *proxy) hold(toServer, fromServer bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = [2]bool{toServer, fromServer}
	p.cond.Broadcast()
}

// cut breaks all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.ended = true
	p.cond.Broadcast()
	p.mu.Unlock()
	p.cut()
	p.group.Wait()
}
