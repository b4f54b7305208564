package actor_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/bruskajp/nano_services/actor"
)

// How are several services asked at once?
func ExampleAsync() {
	ctx := context.Background()
	tills := []*actor.Service[Till]{
		actor.Start(&Till{cents: 10}),
		actor.Start(&Till{cents: 20}),
		actor.Start(&Till{cents: 30}),
	}

	var answers []*actor.Future[int]
	for _, till := range tills {
		answers = append(answers, actor.Async(till, func(t *Till) (int, error) { return t.Take(15) }))
	}
	for _, answer := range answers {
		fmt.Println(answer.Await(ctx))
	}

	for _, till := range tills {
		till.Stop(ctx)
	}
	// Output:
	// 10 not enough in the till
	// 5 <nil>
	// 15 <nil>
}

// How are many calls in flight that are not to run too late?
func ExampleAsyncContext() {
	till := actor.New(func(context.Context) (*Till, error) { return &Till{cents: 10}, nil })

	ctx, cancel := context.WithCancel(context.Background()) // or a deadline
	answer := actor.AsyncContext(ctx, till, func(ctx context.Context, t *Till) (int, error) { return t.Take(5) })
	cancel()        // before anybody serves
	<-answer.Done() // at once: it never runs
	_, err := answer.Await(context.Background())
	fmt.Println(errors.Is(err, context.Canceled), actor.OutcomeOf(err))

	till.Stop(context.Background())
	// Output: true not run
}

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

// Books keeps rows. To make them safe takes long, for one as for a hundred.
type Books struct{ fresh, safe []string }

func (l *Books) Insert(row string) int {
	l.fresh = append(l.fresh, row)
	return len(l.safe) + len(l.fresh)
}

func (l *Books) Commit() error {
	if len(l.fresh) > 0 {
		fmt.Println("commit", l.fresh)
	}
	l.safe = append(l.safe, l.fresh...)
	l.fresh = nil
	return nil
}

// How are many changes made safe with one commit?
func ExampleWithBatch() {
	books := actor.Start(&Books{}, actor.WithBatch(100, (*Books).Commit))
	busy := make(chan struct{})
	books.Do(func(*Books) { <-busy })
	for _, row := range []string{"a", "b", "c"} {
		books.Do(func(l *Books) { l.Insert(row) })
	}
	close(busy)
	books.Stop(context.Background())
	// Output:
	// commit [a b c]
}

// How does a caller wait until its change is safe?
func ExampleCallBatched() {
	ctx := context.Background()
	books := actor.Start(&Books{}, actor.WithBatch(100, (*Books).Commit))
	n, err := actor.CallBatched(ctx, books, func(l *Books) (int, error) { return l.Insert("d"), nil })
	fmt.Println(n, err)
	books.Stop(ctx)
	// Output:
	// commit [d]
	// 1 <nil>
}
