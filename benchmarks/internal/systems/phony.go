package systems

import "github.com/Arceliar/phony"

func phonySystem() *System {
	return &System{
		Name:      "phony",
		About:     "an Inbox embedded into a struct: Act from outside of actors, and Block",
		Start:     func() (Service, error) { return new(phonyActor), nil },
		NewCaller: func() Caller { return phonyCaller{} },
		Spawn:     phonySpawn,
		NewRing:   newPhonyRing,
	}
}

// phonyActor is an actor as phony's documents have it: a struct that embeds an Inbox,
// whose closures take no argument. It has a goroutine only while it has work, and no
// end.
type phonyActor struct {
	phony.Inbox
	t Tally
}

// Tell sends without a sender. Back-pressure works between actors only, on a sender that
// is one.
func (a *phonyActor) Tell(n int) error {
	inc := a.t.Inc // one closure for all: it says which actor's value it is about
	for range n {
		a.Act(nil, inc)
	}
	return nil
}

func (a *phonyActor) TellCapture(n int) error {
	for i := range n {
		a.Act(nil, func() { a.t.Add(i) })
	}
	return nil
}

func (a *phonyActor) Value() (sum int, err error) {
	phony.Block(a, func() { sum = a.t.Value() })
	return sum, nil
}

func (a *phonyActor) Stop() error { return nil }

type phonyCaller struct{}

func (phonyCaller) Call(s Service, n int) (sum int, err error) {
	a := s.(*phonyActor)
	for range n {
		var v int
		phony.Block(a, func() { v = a.t.Next() })
		sum += v
	}
	return sum, nil
}

func phonySpawn(n int) (ran int, err error) {
	for range n {
		a := new(phonyActor)
		phony.Block(a, a.t.Inc)
		ran += a.t.n
	}
	return ran, nil
}

// phonyNode is an actor of a ring; phonyRing is the ring and its token.
type phonyNode struct {
	phony.Inbox
	next *phonyNode
	hops int
	pass func()
}

type phonyRing struct {
	nodes []*phonyNode
	left  int
	done  chan struct{}
}

func newPhonyRing(size int) (Ring, error) {
	r := &phonyRing{done: make(chan struct{}, 1)}
	for range size {
		n := new(phonyNode)
		n.pass = func() { r.hop(n) }
		r.nodes = append(r.nodes, n)
	}
	for i, n := range r.nodes {
		n.next = r.nodes[(i+1)%size]
	}
	return r, nil
}

// hop runs on the actor that has the token. The next one gets it with back-pressure, as
// between actors.
func (r *phonyRing) hop(n *phonyNode) {
	n.hops++
	r.left--
	if r.left == 0 {
		r.done <- struct{}{}
		return
	}
	n.next.Act(n, n.next.pass)
}

func (r *phonyRing) Pass(hops int) error {
	r.left = hops
	first := r.nodes[0]
	first.Act(nil, first.pass)
	<-r.done
	return nil
}

func (r *phonyRing) Hops() (hops []int, err error) {
	for _, n := range r.nodes {
		phony.Block(n, func() { hops = append(hops, n.hops) })
	}
	return hops, nil
}
