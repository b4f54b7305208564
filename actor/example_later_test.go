package actor_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/bruskajp/nano_services/actor"
)

// Prices remembers what it has been asked for, and asks for each price once, however
// many wait for it.
type Prices struct {
	self    *actor.Service[Prices]
	known   map[string]int
	waiting map[string][]actor.Reply[int]
}

func newPrices(ctx context.Context) (*Prices, error) {
	return &Prices{
		self:    actor.Self[Prices](ctx),
		known:   map[string]int{},
		waiting: map[string][]actor.Reply[int]{},
	}, nil
}

// Find answers at once, or when the price has come.
func (p *Prices) Find(ctx context.Context, name string, reply actor.Reply[int]) {
	if price, ok := p.known[name]; ok {
		reply.Answer(price, nil)
		return
	}
	p.waiting[name] = append(p.waiting[name], reply)
	if len(p.waiting[name]) > 1 {
		return // it is on its way
	}
	ask := func(ctx context.Context) (int, error) { return askFar(ctx, name) }
	err := actor.PipeContext(ctx, p.self, ask, func(_ context.Context, p *Prices, price int, err error) {
		p.come(name, price, err)
	})
	if err != nil {
		p.come(name, 0, err)
	}
}

func (p *Prices) come(name string, price int, err error) {
	if err == nil {
		p.known[name] = price
	}
	for _, reply := range p.waiting[name] {
		reply.Answer(price, err)
	}
	delete(p.waiting, name)
}

// askFar asks somebody who is slow.
func askFar(_ context.Context, name string) (int, error) {
	fmt.Println("asked for", name)
	return 10 * len(name), nil
}

// How does a service answer when it does not know the answer yet?
func ExampleCallLater() {
	prices := actor.New(newPrices)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- prices.Serve(ctx) }()

	price := func(name string) (int, error) {
		return actor.CallLater(ctx, prices, func(ctx context.Context, p *Prices, reply actor.Reply[int]) {
			p.Find(ctx, name, reply)
		})
	}
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			if n, err := price("salt"); n != 40 || err != nil {
				fmt.Println(n, err)
			}
		})
	}
	callers.Wait()
	fmt.Println(price("salt"))
	stop()
	fmt.Println(<-served)
	// Output:
	// asked for salt
	// 40 <nil>
	// <nil>
}
