package remote

import (
	"sync"

	"github.com/nats-io/nats.go"
)

// An asker is a request that was sent and waits for its answer.
type asker interface {
	// settle is called once, by whoever has taken the asker out of the table: with the
	// answer, or nil if the node has ended. It does not wait.
	settle(answer *nats.Msg)
}

// pending is the table of the requests of a node that have no answer yet, by the number
// that their inbox ends with. To take one out is what settles it: the first that does so (the
// answer, the caller whose time is over, the end of the node) says what became of it, and
// one that is later finds nothing.
//
//	state     event                                   next
//	(none)    add, before it is sent                  waiting
//	waiting   take, by one of those above             (none)
//
// A number is never used again, so that a late answer reaches no other request.
type pending struct {
	mu   sync.Mutex // guards what follows
	next uint64
	open map[uint64]asker
}

// add enters an asker. What entered does with the number happens before the asker is
// settled; it may be nil.
func (p *pending) add(a asker, entered func(number uint64)) (number uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		p.open = map[uint64]asker{}
	}
	p.next++
	p.open[p.next] = a
	if entered != nil {
		entered(p.next)
	}
	return p.next
}

// take takes out the asker with that number, which the caller settles then. It is nil if
// another has done so.
func (p *pending) take(number uint64) asker {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.open[number]
	delete(p.open, number)
	return a
}

// endAll settles all that wait, without an answer.
func (p *pending) endAll() {
	p.mu.Lock()
	all := p.open
	p.open = nil
	p.mu.Unlock()
	for _, a := range all {
		a.settle(nil)
	}
}
