package systems

import (
	"context"
	"errors"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// background is the context of every call: a call that is never given up.
var background = context.Background()

// quiet is a log for what the workloads provoke: long queues and crashes.
var quiet = slog.New(slog.DiscardHandler)

// errCrash is what the services of the restart workload panic with.
var errCrash = errors.New("crash")

// nano is this library without its queues, pools and topics: addNanoQueue and so on add
// those. Each of the files has to do with a part of the library of its own, and needs
// nothing of another but nano.go, so that package against can compile it with an earlier
// commit of the library.
func nano() *System {
	return &System{
		Name:  "nano",
		About: "this library: Do, Get, Stop, and a supervisor",
		Start: func() (Service, error) {
			return nanoService{actor.Start(new(Tally), actor.WithLogger(quiet))}, nil
		},
		Bounded: func(capacity int) (Service, error) {
			return nanoBounded{nanoService{actor.Start(new(Tally), actor.WithCapacity(capacity))}}, nil
		},
		NewCaller:    func() Caller { return nanoCaller{} },
		Spawn:        nanoSpawn,
		NewRing:      newNanoRing,
		NewRestarter: newNanoRestarter,
	}
}

type nanoService struct{ svc *actor.Service[Tally] }

func (s nanoService) Tell(n int) error {
	for range n {
		if err := s.svc.Do((*Tally).Inc); err != nil {
			return err
		}
	}
	return nil
}

func (s nanoService) TellCapture(n int) error {
	for i := range n {
		if err := s.svc.Do(func(t *Tally) { t.Add(i) }); err != nil {
			return err
		}
	}
	return nil
}

func (s nanoService) Value() (int, error) {
	return actor.Get(background, s.svc, (*Tally).Value)
}

func (s nanoService) Stop() error { return s.svc.Stop(background) }

// nanoBounded waits for room instead of being refused.
type nanoBounded struct{ nanoService }

func (s nanoBounded) Tell(n int) error {
	inc := func(_ context.Context, t *Tally) { t.Inc() }
	for range n {
		if err := s.svc.DoContext(background, inc); err != nil {
			return err
		}
	}
	return nil
}

// nanoFlooded is this library as it is to be used where senders may be quicker than the
// service: with a bound, whose senders wait for room.
func nanoFlooded() *System {
	return &System{
		Name:  "nano-bounded",
		About: "this library with WithCapacity(128) and DoContext, where a service is flooded",
		Flood: func() (Service, error) {
			return nanoBounded{nanoService{actor.Start(new(Tally), actor.WithCapacity(128))}}, nil
		},
	}
}

type nanoCaller struct{}

func (nanoCaller) Call(s Service, n int) (sum int, err error) {
	svc := s.(nanoService).svc
	for range n {
		v, err := actor.Get(background, svc, (*Tally).Next)
		if err != nil {
			return sum, err
		}
		sum += v
	}
	return sum, nil
}

func nanoSpawn(n int) (ran int, err error) {
	for range n {
		t := new(Tally)
		svc := actor.Start(t)
		if err := svc.Do((*Tally).Inc); err != nil {
			return ran, err
		}
		if err := svc.Stop(background); err != nil {
			return ran, err
		}
		ran += t.Value()
	}
	return ran, nil
}

// nanoNode is a service of a ring; nanoRing is the ring and its token.
type nanoNode struct {
	next *actor.Service[nanoNode]
	hops int
}

type nanoRing struct {
	nodes []*actor.Service[nanoNode]
	left  int
	done  chan error
	pass  func(*nanoNode)
}

func newNanoRing(size int) (Ring, error) {
	r := &nanoRing{done: make(chan error, 1)}
	r.pass = r.hop
	for range size {
		r.nodes = append(r.nodes, actor.Start(new(nanoNode)))
	}
	for i, svc := range r.nodes {
		next := r.nodes[(i+1)%size]
		if err := svc.Do(func(n *nanoNode) { n.next = next }); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// hop runs on the service that has the token.
func (r *nanoRing) hop(n *nanoNode) {
	n.hops++
	r.left--
	if r.left == 0 {
		r.done <- nil
		return
	}
	if err := n.next.Do(r.pass); err != nil {
		r.done <- err
	}
}

func (r *nanoRing) Pass(hops int) error {
	r.left = hops
	if err := r.nodes[0].Do(r.pass); err != nil {
		return err
	}
	return <-r.done
}

func (r *nanoRing) Hops() (hops []int, err error) {
	for _, svc := range r.nodes {
		n, err := actor.Get(background, svc, func(n *nanoNode) int { return n.hops })
		if err != nil {
			return nil, err
		}
		hops = append(hops, n)
		if err := svc.Stop(background); err != nil {
			return nil, err
		}
	}
	return hops, nil
}

// crash is what the services of the restart workload do before each call.
func crash(*Tally) { panic(errCrash) }

type nanoRestarter struct {
	svc  *actor.Service[Tally]
	root *supervisor.Supervisor
}

func newNanoRestarter() (Restarter, error) {
	build := func(context.Context) (*Tally, error) { return new(Tally), nil }
	svc := actor.New(build, actor.WithLogger(quiet))
	root := supervisor.New("root", supervisor.Spec{
		Logger:      quiet,
		MaxRestarts: supervisor.Unlimited,
		Children:    []supervisor.Child{{Service: svc}},
	})
	return nanoRestarter{svc, root}, root.Start(background)
}

func (r nanoRestarter) Restart(n int) (sum int, err error) {
	for range n {
		if err := r.svc.Do(crash); err != nil {
			return sum, err
		}
		v, err := actor.Get(background, r.svc, (*Tally).Next)
		if err != nil {
			return sum, err
		}
		sum += v
	}
	return sum, nil
}

func (r nanoRestarter) Stop() error { return r.root.Stop(background) }
