package actor

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// Pool is a number of services of one kind behind one handle, for work that any of
// them can do: a closure that is handed to the pool goes to the member with the
// least to do. A Pool is accepted wherever a service is asked for its answer (Call,
// Get, Async and so on), and Key narrows it to one member. It is made by NewPool
// and must not be copied. Its methods may be called by any number of goroutines at
// once.
//
// A closure waits for the member that it was given to, and stays with it: if that
// crashes, it runs on the member's next incarnation. So closures that are handed to
// a pool have no order among them, except those of one Key.
type Pool[T any] struct {
	// Immutable.
	name   string // its own
	site   location
	build  func(context.Context) (*T, error)
	opts   []Option
	budget restarts
	drain  time.Duration

	list  atomic.Pointer[[]*member[T]] // those that take closures, in their order; replaced as a whole, under mu
	turn  atomic.Uint64                // where to begin to look for the one with the least to do
	slots atomic.Pointer[slots[T]]     // see key.go; made by the first Key

	refuser sync.Once
	none    atomic.Pointer[Service[T]] // see nobody

	mu      sync.Mutex
	leaving []*member[T] // take no more, and run what they had accepted; under mu
	past    Info         // numbers of those that have left; under mu
	path    string       // in the tree; under mu
	life    *poolLife    // of the present Serve; nil: it is not served; under mu
	err     error        // of the latest Serve; under mu
	final   bool         // Stop or Kill was called; under mu
	down    bool         // nobody intends to serve it now; under mu
	done    chan struct{}
	closed  bool // done is; under mu
}

// member is a service of a pool.
type member[T any] struct {
	svc    *Service[T]
	number int // from 0

	leaving atomic.Bool                 // written under Pool.mu
	upIn    *poolLife                   // it has been up in that; under Pool.mu
	asked   atomic.Pointer[farewell[T]] // the one that is under way; nil: none
	slots   slotSet                     // that are its own; see key.go
}

// NewPool declares a pool of n members, each of which build makes its T for, as for
// New. It may be used at once, and queues until Serve is called, normally by a
// supervisor, of which it is a child. Options are for each member: WithCapacity
// bounds every member's queue; WithName names the pool, whose members have numbers,
// as in "shop/workers/0". n below 1 and a nil build panic.
func NewPool[T any](n int, build func(context.Context) (*T, error), opts ...Option) *Pool[T] {
	checkSize("NewPool", n)
	if build == nil {
		panic("actor: NewPool with a nil constructor")
	}
	o := newOptions(opts)
	p := &Pool[T]{name: o.name, build: build, opts: opts, site: callSite(0), budget: o.restarts, drain: o.drain, done: make(chan struct{})}
	if p.name == "" {
		p.name = typeName[T]()
	}
	p.path = p.name
	p.list.Store(&[]*member[T]{})
	p.grow(n)
	(*p.list.Load())[0].svc.watchDeclared(p.site) // one report is enough
	return p
}

func checkSize(what string, n int) {
	if n < 1 {
		panic(fmt.Sprintf("actor: %s of size %d: a pool has at least 1 member", what, n))
	}
}

// grow adds members until there are n; mu is held, or nobody knows the pool.
func (p *Pool[T]) grow(n int) (added []*member[T]) {
	list := slices.Clone(*p.list.Load())
	for len(list) < n {
		m := &member[T]{svc: declare(p.build, p.opts), number: free(list)}
		m.svc.member = true
		m.svc.name = p.path + "/" + strconv.Itoa(m.number)
		if p.down {
			m.svc.Abandon()
		}
		list = slices.Insert(list, m.number, m)
		added = append(added, m)
	}
	p.list.Store(&list)
	return added
}

// free returns the lowest number that no member has, which is also its index.
func free[T any](list []*member[T]) int {
	for i, m := range list {
		if m.number != i {
			return i
		}
	}
	return len(list)
}

// Resize makes the pool one of n members, and returns without waiting. A member
// that is added is constructed, if the pool is served, and takes closures at once.
// One that is to leave, of those with the highest numbers, gets no more, runs what
// it had accepted, and ends. So nothing is lost either way; what became of the order
// of a Key's closures says Key. The error is ErrStopped after Stop. n below 1 panics.
func (p *Pool[T]) Resize(n int) error {
	p.made()
	checkSize("Pool.Resize", n)
	p.mu.Lock()
	if p.final {
		p.mu.Unlock()
		return fmt.Errorf("actor: %s: Resize: %w", p.path, ErrStopped)
	}
	for _, m := range p.grow(n) {
		if p.life != nil {
			p.launch(p.life, m)
		}
	}
	list := *p.list.Load()
	var out []*member[T]
	if len(list) > n {
		kept := slices.Clone(list[:n])
		out = list[n:]
		p.list.Store(&kept)
		p.leaving = append(p.leaving, out...)
		for _, m := range out {
			m.leaving.Store(true)
		}
	}
	p.mu.Unlock()
	for _, m := range out {
		p.bid(m)
	}
	return nil
}

// made panics if the pool is a zero or nil Pool.
func (p *Pool[T]) made() {
	if p == nil || p.build == nil {
		panic("actor: a Pool is made by NewPool")
	}
}

// members returns those that take closures.
func (p *Pool[T]) members() []*member[T] {
	p.made()
	return *p.list.Load()
}

// Size returns the number of members that take closures.
func (p *Pool[T]) Size() int { return len(p.members()) }

// service implements Ref.
func (p *Pool[T]) service() *Service[T] {
	if m := p.pick(nil); m != nil {
		return m.svc
	}
	return p.nobody()
}

func (p *Pool[T]) lease() *Service[T] { return p.service() }

// nobody returns a service that has ended, which refuses and counts what is handed to
// a pool of which no member is left.
func (p *Pool[T]) nobody() *Service[T] {
	p.refuser.Do(func() {
		s := declare(p.build, p.opts)
		s.name = p.name
		s.Kill()
		p.none.Store(s)
	})
	return p.none.Load()
}

// pick returns the member with the least to do, of those not among tried: the fewest
// closures that wait or run, a running one before one that is to be restarted. Among
// equals they take turns. The one that asks, if it is a member, is out of the
// question, unless there is no other.
func (p *Pool[T]) pick(tried []*Service[T]) (best *member[T]) {
	list := p.members()
	self := owners.Current()
	least := ^uint64(0)
	start := p.turn.Add(1)
	for i := range list {
		m := list[(start+uint64(i))%uint64(len(list))]
		load, ok := m.load()
		if !ok || slices.Contains(tried, m.svc) {
			continue
		}
		if self != nil && self.c == &m.svc.core {
			load += 1 << 62
		}
		if load < least {
			best, least = m, load
		}
		if load == 0 {
			break
		}
	}
	return best
}

// load returns how much the member has to do, if it takes closures.
func (m *member[T]) load() (load uint64, ok bool) {
	c := &m.svc.core
	if c.box.Closed() {
		return 0, false
	}
	n := c.box.Counts()
	load = uint64(n.Waiting)
	if n.Busy {
		load++
	}
	if c.in.Load() == nil {
		load += 1 << 61
	}
	return load, true
}

// after implements Ref: a call that was not run because its member has left, or
// because that waits for the caller, may be made to another one.
func (p *Pool[T]) after(s *Service[T], err error) Ref[T] {
	if !elsewhereMayRun(err) {
		return nil
	}
	return (&elsewhere[T]{pool: p}).after(s, err)
}

// elsewhere is a pool without the members that were tried.
type elsewhere[T any] struct {
	pool  *Pool[T]
	tried []*Service[T]
	next  *Service[T]
}

func (e *elsewhere[T]) service() *Service[T] { return e.next }
func (e *elsewhere[T]) lease() *Service[T]   { return e.next }

func (e *elsewhere[T]) hear(c *weak.Pointer[core], pool *func() target) { e.pool.hear(c, pool) }

func (e *elsewhere[T]) after(s *Service[T], err error) Ref[T] {
	if !elsewhereMayRun(err) {
		return nil
	}
	e.tried = append(e.tried, s)
	m := e.pool.pick(e.tried)
	if m == nil {
		return nil
	}
	e.next = m.svc
	return e
}
