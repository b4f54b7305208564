package systems

import "sync"

func mutex() *System {
	return &System{
		Name:      "mutex",
		About:     "a struct with a sync.Mutex: no goroutine, no queue, the caller does the work",
		Start:     func() (Service, error) { return new(locked), nil },
		NewCaller: func() Caller { return lockedCaller{} },
		Spawn:     lockedSpawn,
		NewRing:   newLockedRing,
		NewQueue:  func() Queue { return newSwapped() },
	}
}

// locked is a Tally with a lock.
type locked struct {
	mu sync.Mutex
	t  Tally
}

func (l *locked) Tell(n int) error {
	for range n {
		l.mu.Lock()
		l.t.Inc()
		l.mu.Unlock()
	}
	return nil
}

func (l *locked) TellCapture(n int) error {
	for i := range n {
		l.mu.Lock()
		l.t.Add(i)
		l.mu.Unlock()
	}
	return nil
}

func (l *locked) Value() (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.t.Value(), nil
}

func (l *locked) Stop() error { return nil }

type lockedCaller struct{}

func (lockedCaller) Call(s Service, n int) (sum int, err error) {
	l := s.(*locked)
	for range n {
		l.mu.Lock()
		sum += l.t.Next()
		l.mu.Unlock()
	}
	return sum, nil
}

// newLocked is not inlined, or the value would stay on the stack, where none that is
// shared can be.
//
//go:noinline
func newLocked() *locked { return new(locked) }

func lockedSpawn(n int) (ran int, err error) {
	for range n {
		l := newLocked()
		l.mu.Lock()
		l.t.Inc()
		l.mu.Unlock()
		ran += l.t.n
	}
	return ran, nil
}

// lockedRing has nobody to hand the token to: the goroutine that passes it does the
// work itself, under one lock after the other.
type lockedRing struct{ nodes []*lockedNode }

type lockedNode struct {
	mu   sync.Mutex
	next *lockedNode
	hops int
}

func newLockedRing(size int) (Ring, error) {
	r := new(lockedRing)
	for range size {
		r.nodes = append(r.nodes, new(lockedNode))
	}
	for i, n := range r.nodes {
		n.next = r.nodes[(i+1)%size]
	}
	return r, nil
}

func (r *lockedRing) Pass(hops int) error {
	n := r.nodes[0]
	for range hops {
		n.mu.Lock()
		n.hops++
		n.mu.Unlock()
		n = n.next
	}
	return nil
}

func (r *lockedRing) Hops() (hops []int, err error) {
	for _, n := range r.nodes {
		hops = append(hops, n.hops)
	}
	return hops, nil
}
