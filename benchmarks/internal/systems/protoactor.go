package systems

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	proto "github.com/asynkron/protoactor-go/actor"
)

func protoactors() []*System {
	unbounded := protoSystem("protoactor", "messages as types, a mailbox without bound",
		func() proto.MailboxProducer { return proto.Unbounded() })
	bounded := protoSystem("protoactor-bounded", "the same with a mailbox for 128 messages",
		func() proto.MailboxProducer { return proto.Bounded(128) })
	bounded.Few = true
	return []*System{unbounded, bounded}
}

// The messages. Those without content are sent as the same pointer again and again, as
// the other systems send one closure without captures.
type (
	protoInc    struct{}
	protoAdd    struct{ k int }
	protoNext   struct{}
	protoValue  struct{}
	protoCrash  struct{}
	protoLinkTo struct{ next *proto.PID }
	protoToken  struct{}
	protoHops   struct{}
)

var (
	msgInc   = new(protoInc)
	msgNext  = new(protoNext)
	msgValue = new(protoValue)
	msgCrash = new(protoCrash)
	msgHops  = new(protoHops)
)

// protoTimeout is for futures, which ask for one. No answer takes as long.
const protoTimeout = 5 * time.Minute

// protoTally is a Tally as an actor.
type protoTally struct{ Tally }

func (t *protoTally) Receive(ctx proto.Context) {
	switch msg := ctx.Message().(type) {
	case *protoInc:
		t.Inc()
	case *protoAdd:
		t.Add(msg.k)
	case *protoNext:
		ctx.Respond(t.Next())
	case *protoValue:
		ctx.Respond(t.Value())
	case *protoCrash:
		panic(errCrash)
	}
}

// protoWorld is the actor system of this process: one for all services, as there should
// be. It is made when it is needed first, since it has goroutines of its own.
var protoWorld = sync.OnceValue(func() *proto.ActorSystem {
	return proto.NewActorSystem(proto.WithLoggerFactory(func(*proto.ActorSystem) *slog.Logger { return quiet }))
})

func protoSystem(name, about string, mailbox func() proto.MailboxProducer) *System {
	with := func(mailbox proto.MailboxProducer) *proto.Props {
		return proto.PropsFromProducer(func() proto.Actor { return new(protoTally) }, proto.WithMailbox(mailbox))
	}
	start := func(mailbox proto.MailboxProducer) (Service, error) {
		root := protoWorld().Root
		return protoService{root, root.Spawn(with(mailbox))}, nil
	}
	return &System{
		Name:      name,
		About:     about,
		Start:     func() (Service, error) { return start(mailbox()) },
		NewCaller: func() Caller { return protoCaller{} },
		Spawn:     func(n int) (int, error) { return protoSpawn(mailbox(), n) },
		NewRing:   func(size int) (Ring, error) { return newProtoRing(mailbox(), size) },
		NewRestarter: func() (Restarter, error) {
			root := protoWorld().Root.WithGuardian(proto.NewRestartingStrategy())
			return protoRestarter{protoService{root, root.Spawn(with(mailbox()))}}, nil
		},
	}
}

type protoService struct {
	root *proto.RootContext
	pid  *proto.PID
}

func (s protoService) Tell(n int) error {
	for range n {
		s.root.Send(s.pid, msgInc)
	}
	return nil
}

func (s protoService) TellCapture(n int) error {
	for i := range n {
		s.root.Send(s.pid, &protoAdd{i})
	}
	return nil
}

func (s protoService) Value() (int, error) { return s.ask(msgValue) }

func (s protoService) ask(message any) (int, error) {
	answer, err := s.root.RequestFuture(s.pid, message, protoTimeout).Result()
	if err != nil {
		return 0, err
	}
	n, ok := answer.(int)
	if !ok {
		return 0, fmt.Errorf("the answer is a %T", answer)
	}
	return n, nil
}

// Stop has the actor end after what it was sent.
func (s protoService) Stop() error { return s.root.PoisonFuture(s.pid).Wait() }

type protoCaller struct{}

func (protoCaller) Call(s Service, n int) (sum int, err error) {
	svc := s.(protoService)
	for range n {
		v, err := svc.ask(msgNext)
		if err != nil {
			return sum, err
		}
		sum += v
	}
	return sum, nil
}

func protoSpawn(mailbox proto.MailboxProducer, n int) (ran int, err error) {
	root := protoWorld().Root
	for range n {
		t := new(protoTally)
		pid := root.Spawn(proto.PropsFromProducer(func() proto.Actor { return t }, proto.WithMailbox(mailbox)))
		root.Send(pid, msgInc)
		if err := root.PoisonFuture(pid).Wait(); err != nil {
			return ran, err
		}
		ran += t.n
	}
	return ran, nil
}

// protoNode is an actor of a ring; protoRing is the ring and its token.
type protoNode struct {
	ring *protoRing
	next *proto.PID
	hops int
}

type protoRing struct {
	root  *proto.RootContext
	nodes []*proto.PID
	left  int
	done  chan struct{}
	token *protoToken
}

func newProtoRing(mailbox proto.MailboxProducer, size int) (Ring, error) {
	r := &protoRing{root: protoWorld().Root, done: make(chan struct{}, 1), token: new(protoToken)}
	props := proto.PropsFromProducer(func() proto.Actor { return &protoNode{ring: r} }, proto.WithMailbox(mailbox))
	for range size {
		r.nodes = append(r.nodes, r.root.Spawn(props))
	}
	for i, pid := range r.nodes {
		r.root.Send(pid, &protoLinkTo{r.nodes[(i+1)%size]})
	}
	return r, nil
}

func (n *protoNode) Receive(ctx proto.Context) {
	switch msg := ctx.Message().(type) {
	case *protoLinkTo:
		n.next = msg.next
	case *protoToken:
		n.hops++
		n.ring.left--
		if n.ring.left == 0 {
			n.ring.done <- struct{}{}
			return
		}
		ctx.Send(n.next, msg)
	case *protoHops:
		ctx.Respond(n.hops)
	}
}

func (r *protoRing) Pass(hops int) error {
	r.left = hops
	r.root.Send(r.nodes[0], r.token)
	<-r.done
	return nil
}

func (r *protoRing) Hops() (hops []int, err error) {
	for _, pid := range r.nodes {
		node := protoService{r.root, pid}
		n, err := node.ask(msgHops)
		if err != nil {
			return nil, err
		}
		hops = append(hops, n)
		if err := node.Stop(); err != nil {
			return nil, err
		}
	}
	return hops, nil
}

// protoRestarter has a guardian that restarts its actor as often as it panics.
type protoRestarter struct{ protoService }

func (r protoRestarter) Restart(n int) (sum int, err error) {
	for range n {
		r.root.Send(r.pid, msgCrash)
		v, err := r.ask(msgNext)
		if err != nil {
			return sum, err
		}
		sum += v
	}
	return sum, nil
}
