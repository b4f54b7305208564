package systems

func channels() []*System {
	perCall := func() Caller { return channelCaller{} }
	plain := channelSystem("chan128", "a goroutine that reads functions from a channel of 128; a reply channel per call",
		128, perCall)
	plain.Bounded = func(capacity int) (Service, error) { return startChannel(capacity, new(Tally)), nil }
	plain.NewNest = newChannelNest
	plain.CallDeep = func(s Service) (int, error) { return ask(s.(*channel), (*Tally).Deep), nil }
	reuse := channelSystem("chan128-reuse", "the same, with one reply channel for all calls of a goroutine", 128, newReuser)
	reuse.Few = true
	long := channelSystem("chan1024", "the same with a channel of 1,024, and a reply channel per call", 1024, perCall)
	long.Few = true
	return []*System{plain, reuse, long}
}

func channelSystem(name, about string, capacity int, caller func() Caller) *System {
	return &System{
		Name:         name,
		About:        about,
		Start:        func() (Service, error) { return startChannel(capacity, new(Tally)), nil },
		NewCaller:    caller,
		Spawn:        func(n int) (int, error) { return channelSpawn(capacity, n), nil },
		NewRing:      func(size int) (Ring, error) { return newChannelRing(capacity, size), nil },
		NewRestarter: func() (Restarter, error) { return newChannelRestarter(capacity), nil },
		NewQueue:     func() Queue { return make(channelQueue, capacity) },
	}
}

// channel is the goroutine that one would write by hand.
type channel struct {
	inbox chan func(*Tally)
	done  chan struct{}
}

func startChannel(capacity int, t *Tally) *channel {
	c := &channel{make(chan func(*Tally), capacity), make(chan struct{})}
	go func() {
		defer close(c.done)
		for f := range c.inbox {
			f(t)
		}
	}()
	return c
}

func (c *channel) Tell(n int) error {
	for range n {
		c.inbox <- (*Tally).Inc
	}
	return nil
}

func (c *channel) TellCapture(n int) error {
	for i := range n {
		c.inbox <- func(t *Tally) { t.Add(i) }
	}
	return nil
}

func (c *channel) Value() (int, error) {
	reply := make(chan int, 1)
	c.inbox <- func(t *Tally) { reply <- t.Value() }
	return <-reply, nil
}

func (c *channel) Stop() error {
	close(c.inbox)
	<-c.done
	return nil
}

// channelCaller makes a reply channel for each call.
type channelCaller struct{}

func (channelCaller) Call(s Service, n int) (sum int, err error) {
	c := s.(*channel)
	for range n {
		reply := make(chan int, 1)
		c.inbox <- func(t *Tally) { reply <- t.Next() }
		sum += <-reply
	}
	return sum, nil
}

// ask calls a function that returns a number.
func ask(c *channel, f func(*Tally) int) int {
	reply := make(chan int, 1)
	c.inbox <- func(t *Tally) { reply <- f(t) }
	return <-reply
}

// channelNest is a goroutine that calls another for its caller.
type channelNest struct{ outer, inner *channel }

func newChannelNest() (Nest, error) {
	const capacity = 128
	return channelNest{startChannel(capacity, new(Tally)), startChannel(capacity, new(Tally))}, nil
}

func (n channelNest) Call(ops int) (sum int, err error) {
	done := make(chan struct{})
	n.outer.inbox <- func(*Tally) {
		sum, err = channelCaller{}.Call(n.inner, ops)
		close(done)
	}
	<-done
	return sum, err
}

func (n channelNest) Stop() error {
	_ = n.outer.Stop()
	return n.inner.Stop()
}

// reuser has one reply channel, and one closure that answers there, for all calls. It
// is right only while no call is given up: the late answer would be taken for the next.
type reuser struct {
	reply chan int
	next  func(*Tally)
}

func newReuser() Caller {
	r := &reuser{reply: make(chan int, 1)}
	r.next = func(t *Tally) { r.reply <- t.Next() }
	return r
}

func (r *reuser) Call(s Service, n int) (sum int, err error) {
	c := s.(*channel)
	for range n {
		c.inbox <- r.next
		sum += <-r.reply
	}
	return sum, nil
}

func channelSpawn(capacity, n int) (ran int) {
	for range n {
		t := new(Tally)
		c := startChannel(capacity, t)
		c.inbox <- (*Tally).Inc
		close(c.inbox)
		<-c.done
		ran += t.n
	}
	return ran
}

// channelNode is a goroutine of a ring; channelRing is the ring and its token.
type channelNode struct {
	inbox chan func(*channelNode)
	done  chan struct{}
	next  *channelNode
	hops  int
}

type channelRing struct {
	nodes []*channelNode
	left  int
	done  chan struct{}
	pass  func(*channelNode)
}

func newChannelRing(capacity, size int) *channelRing {
	r := &channelRing{done: make(chan struct{}, 1)}
	r.pass = r.hop
	for range size {
		r.nodes = append(r.nodes, &channelNode{inbox: make(chan func(*channelNode), capacity), done: make(chan struct{})})
	}
	for i, n := range r.nodes {
		n.next = r.nodes[(i+1)%size]
		go n.serve()
	}
	return r
}

func (n *channelNode) serve() {
	defer close(n.done)
	for f := range n.inbox {
		f(n)
	}
}

// hop runs on the goroutine that has the token.
func (r *channelRing) hop(n *channelNode) {
	n.hops++
	r.left--
	if r.left == 0 {
		r.done <- struct{}{}
		return
	}
	n.next.inbox <- r.pass
}

func (r *channelRing) Pass(hops int) error {
	r.left = hops
	r.nodes[0].inbox <- r.pass
	<-r.done
	return nil
}

func (r *channelRing) Hops() (hops []int, err error) {
	for _, n := range r.nodes {
		close(n.inbox)
		<-n.done
		hops = append(hops, n.hops)
	}
	return hops, nil
}

// channelRestarter is the least that has to be done: a loop that recovers, around a
// goroutine's loop.
type channelRestarter struct {
	inbox chan func(*Tally)
	done  chan struct{}
	reuser
}

func newChannelRestarter(capacity int) *channelRestarter {
	r := &channelRestarter{inbox: make(chan func(*Tally), capacity), done: make(chan struct{})}
	r.reply = make(chan int, 1)
	r.next = func(t *Tally) { r.reply <- t.Next() }
	go func() {
		defer close(r.done)
		for r.life() {
		}
	}()
	return r
}

// life serves with a fresh Tally until something panics, and reports whether to go on.
func (r *channelRestarter) life() (again bool) {
	defer func() { again = recover() != nil }()
	t := new(Tally)
	for f := range r.inbox {
		f(t)
	}
	return false
}

func (r *channelRestarter) Restart(n int) (sum int, err error) {
	for range n {
		r.inbox <- crash
		r.inbox <- r.next
		sum += <-r.reply
	}
	return sum, nil
}

func (r *channelRestarter) Stop() error {
	close(r.inbox)
	<-r.done
	return nil
}
