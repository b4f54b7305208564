package actor

import (
	"context"
	"hash/fnv"
	"iter"
	"math/bits"
	"sync"
	"sync/atomic"
	"weak"
)

// Key is the part of a pool that runs the closures of one key: one member, always the
// same as long as the pool has the same size. It is accepted wherever a service is,
// may be kept or made each time it is needed, and costs no memory.
//
// Closures that one goroutine hands to the same key run one at a time and in that
// order, as those of a single service do (and so closures of a key are never run at
// the same time). That holds while the pool grows and shrinks, too: a key that has to
// move to another member does so when nothing of it is queued or running; until then
// it stays where it is, even if that member is to leave, which it can do only when its
// keys have moved. With one member more or less, of n, about one key in n moves.
//
// Keys move together with others: the pool sorts them into 1024 slots, and a slot that
// never runs out of work does not move. Not in order are only the closures of a member
// that was cut off from one which did not return, and calls whose context had ended
// before they were accepted.
type Key[T any] struct {
	pool *Pool[T]
	slot uint64
}

const slotCount = 1024

// slots say which member runs the closures of a key. A slot moves to another member
// only when nothing that went through it is queued or running: it counts those that
// are being sent, and remembers how many closures its member had accepted after the
// last of them. No closure carries anything for that.
type slots[T any] [slotCount]slot[T]

type slot[T any] struct {
	mu      sync.Mutex
	m       *member[T]
	of      *[]*member[T] // the list from which m was chosen; it is chosen again for another one
	sending int           // calls, until they are answered, included
	mark    uint64        // of what m had accepted, that many may have come through here
}

// slotSet is a set of slots, by their numbers. Each is added and removed under its own
// mutex, so an add is seen by who looks for the slot after something went through it.
type slotSet [slotCount / 64]atomic.Uint64

func (s *slotSet) add(slot uint64)    { s[slot/64].Or(1 << (slot % 64)) }
func (s *slotSet) remove(slot uint64) { s[slot/64].And(^(1 << (slot % 64))) }

// all returns the numbers of the slots in the set, those that come or go meanwhile
// perhaps.
func (s *slotSet) all() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := range s {
			for rest := s[i].Load(); rest != 0; rest &= rest - 1 {
				if !yield(uint64(i*64 + bits.TrailingZeros64(rest))) {
					return
				}
			}
		}
	}
}

// Key returns the part of the pool that runs the closures of key.
func (p *Pool[T]) Key(key string) Key[T] {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return p.KeyNumber(h.Sum64())
}

// KeyNumber is Key for a number.
func (p *Pool[T]) KeyNumber(key uint64) Key[T] {
	p.made()
	if p.slots.Load() == nil {
		p.slots.CompareAndSwap(nil, new(slots[T]))
	}
	return Key[T]{p, mix(key) % slotCount}
}

// mix spreads a number over all bits: the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// owner returns the member of the list that a slot belongs to: the one with the
// highest weight (rendezvous hashing). A member more or less changes nothing between
// the others.
func owner[T any](list []*member[T], slot uint64) (best *member[T]) {
	var highest uint64
	for _, m := range list {
		if w := mix(slot<<32 | uint64(m.number)); best == nil || w > highest {
			best, highest = m, w
		}
	}
	return best
}

// made panics if the key is a zero Key.
func (k Key[T]) made() {
	if k.pool == nil {
		panic("actor: a Key is made by Pool.Key or Pool.KeyNumber")
	}
}

// service implements Ref, for who does not say when it has sent what it is about to
// send: that is taken for the next closure that the member accepts.
func (k Key[T]) service() *Service[T] {
	svc := k.lease()
	s := &k.pool.slots.Load()[k.slot]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m != nil && s.m.svc == svc { // else nobody
		s.mark = svc.box.Counts().Accepted + 1
		s.sending--
	}
	return svc
}

// lease implements Ref: something of the key is about to be sent, until after.
func (k Key[T]) lease() *Service[T] {
	k.made()
	s := &k.pool.slots.Load()[k.slot]
	s.mu.Lock()
	defer s.mu.Unlock()
	list := k.pool.list.Load()
	if s.of != list {
		to := owner(*list, k.slot)
		switch {
		case to == nil:
			return k.pool.nobody()
		case s.m == nil, s.m != to && (s.free() || s.m.svc.over()):
			s.give(to, k.slot)
		}
		if s.m == to {
			s.of = list
		}
	}
	s.sending++
	return s.m.svc
}

// give makes the slot with that number to's, or nobody's; s.mu is held.
func (s *slot[T]) give(to *member[T], number uint64) {
	if s.m != nil {
		s.m.slots.remove(number)
	}
	if to != nil {
		to.slots.add(number)
	}
	s.m, s.mark = to, 0
}

// free reports whether nothing that went through the slot is being sent, waits or
// runs; s.mu is held.
func (s *slot[T]) free() bool {
	if s.sending > 0 {
		return false
	}
	n := s.m.svc.box.Counts()
	gone := n.Taken + n.Dropped
	return gone > s.mark || gone == s.mark && !n.Busy
}

// after implements Ref.
func (k Key[T]) after(svc *Service[T], err error) Ref[T] {
	s := &k.pool.slots.Load()[k.slot]
	s.mu.Lock()
	if s.m == nil || s.m.svc != svc {
		s.mu.Unlock()
		return nil // nobody
	}
	s.mark = max(s.mark, svc.box.Counts().Accepted)
	s.sending--
	m, last := s.m, s.sending == 0
	s.mu.Unlock()
	if last && m.leaving.Load() {
		k.pool.bid(m)
	}
	if m.leaving.Load() && elsewhereMayRun(err) && svc.over() {
		return k // it has left meanwhile, and is chosen no more
	}
	return nil
}

// keyTarget is a key with what its pool does for it.
type keyTarget[T any] struct {
	*Pool[T]
	key Key[T]
}

// keyPart is what a subscription keeps of a key, and hands its events to: it does not
// hold the pool, and being one pointer it costs nothing to be a target.
type keyPart[T any] struct {
	pool weak.Pointer[Pool[T]]
	slot uint64
}

func (k Key[T]) hear(_ *weak.Pointer[core], pool *func() target) {
	k.made()
	part := &keyPart[T]{weak.Make(k.pool), k.slot}
	*pool = func() target {
		if part.pool.Value() == nil {
			return nil
		}
		return part
	}
}

// held returns the key, or false if nobody knows its pool any more.
func (t *keyPart[T]) held() (k keyTarget[T], ok bool) {
	p := t.pool.Value()
	return keyTarget[T]{p, Key[T]{p, t.slot}}, p != nil
}

func (t *keyPart[T]) tryPut(j job) error {
	if k, ok := t.held(); ok {
		return k.tryPut(j)
	}
	return ErrStopped
}

func (t *keyPart[T]) refuse(j job, reason error) error {
	if k, ok := t.held(); ok {
		return k.refuse(j, reason)
	}
	return reason
}

func (t *keyPart[T]) refuses() bool {
	k, ok := t.held()
	return !ok || k.refuses()
}

func (t *keyPart[T]) over() bool {
	k, ok := t.held()
	return !ok || k.over()
}

func (t *keyPart[T]) Name() string {
	if k, ok := t.held(); ok {
		return k.Name()
	}
	return typeName[T]()
}

func (t keyTarget[T]) tryPut(j job) error {
	for {
		s := t.key.lease()
		err := s.tryPut(j)
		if t.key.after(s, err) == nil {
			return err
		}
	}
}

// Do is Service.Do for a closure of the key. A nil f panics.
func (k Key[T]) Do(f func(*T)) error {
	if f == nil {
		panic("actor: Do of a nil closure")
	}
	t := keyTarget[T]{k.pool, k}
	if err := t.tryPut(tell[T](f)); err != nil {
		return t.refuse(tell[T](f), err)
	}
	return nil
}

// DoContext is Service.DoContext for a closure of the key. A nil f panics.
func (k Key[T]) DoContext(ctx context.Context, f func(context.Context, *T)) error {
	if f == nil {
		panic("actor: DoContext of a nil closure")
	}
	if ctx == nil {
		panic("actor: DoContext with a nil context")
	}
	return doContext(ctx, Ref[T](k), f)
}

// Run is Service.Run for a closure of the key. A nil f panics.
func (k Key[T]) Run(ctx context.Context, f func(*T) error) error {
	if f == nil {
		panic("actor: Run of a nil closure")
	}
	_, err := do[T, struct{}](ctx, k, errorOnly, f)
	return err
}

// RunContext is Service.RunContext for a closure of the key. A nil f panics.
func (k Key[T]) RunContext(ctx context.Context, f func(context.Context, *T) error) error {
	if f == nil {
		panic("actor: RunContext of a nil closure")
	}
	_, err := do[T, struct{}](ctx, k, errorContext, f)
	return err
}

// bid asks a member to leave when it has run what it has now, unless it is being asked
// already. Nobody waits for room here: a member that is full is asked when it has some.
func (p *Pool[T]) bid(m *member[T]) {
	if f := (&farewell[T]{p, m}); m.asked.CompareAndSwap(nil, f) {
		f.queue()
	}
}

// bidAgain is bid for a member whose farewell may have been lost, which may also be
// there yet: that does nothing then.
func (p *Pool[T]) bidAgain(m *member[T]) {
	f := &farewell[T]{p, m}
	m.asked.Store(f)
	f.queue()
}

// farewell is the job of a member that is to leave: what was accepted before it has
// run. It moves the slots of which nothing is on its way to the others, and if no
// slot is left, the member ends. A slot that is being sent through, or that has
// something queued behind, holds the member back: then another farewell comes after
// that.
//
// Of a member one farewell counts, the one in asked. So that no request is lost, it
// is taken out of there before it looks at the slots: who changes a slot that was
// looked at already finds asked empty, and bids.
type farewell[T any] struct {
	p *Pool[T]
	m *member[T]
}

func (f *farewell[T]) queue() {
	if _, err := f.m.svc.box.Line(f); err != nil {
		f.m.asked.CompareAndSwap(f, nil) // it ends anyway
	}
}

func (f *farewell[T]) run(in *incarnation) {
	if !f.m.asked.CompareAndSwap(f, nil) {
		return
	}
	n := in.c.box.Counts()
	done := n.Taken + n.Dropped - 1 // without this one
	stays, again := false, false
	for i := range f.m.slots.all() {
		s := &f.p.slots.Load()[i]
		s.mu.Lock()
		if s.m == f.m {
			switch {
			case s.sending > 0: // the last of them comes back to this
				stays = true
			case s.mark > done:
				stays, again = true, true
			default:
				s.give(nil, i)
				s.of = nil
			}
		}
		s.mu.Unlock()
	}
	switch {
	case again:
		f.p.bid(f.m)
	case !stays:
		in.c.stopSoon()
	}
}

// unwanted implements optional: a farewell that is not run is nobody's loss. One that
// was dropped to make room, or with the queue of an incarnation, is followed by another.
func (f *farewell[T]) unwanted() bool {
	if f.m.asked.CompareAndSwap(f, nil) && !f.m.svc.box.Closed() {
		go f.p.bid(f.m) // here somebody is about to send
	}
	return true
}

func (f *farewell[T]) unseen() {}

func (f *farewell[T]) closure() location { return entry(farewellOf) }

// farewellOf stands for a farewell in reports.
func farewellOf() {}
