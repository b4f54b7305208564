package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// Till is money that must not become negative.
type Till struct{ cents int }

var errEmpty = errors.New("not enough in the till")

func (t *Till) Put(cents int) error {
	if cents <= 0 {
		return fmt.Errorf("cannot put %d", cents)
	}
	t.cents += cents
	return nil
}

func (t *Till) Take(cents int) (left int, err error) {
	if cents > t.cents {
		return t.cents, errEmpty
	}
	t.cents -= cents
	return t.cents, nil
}

// How is a question asked?
func ExampleCall() {
	ctx := context.Background()
	till := actor.Start(&Till{cents: 100})

	left, err := actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(30) })
	fmt.Println(left, err)
	left, err = actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(500) })
	fmt.Println(left, err, errors.Is(err, errEmpty))

	till.Stop(ctx)
	// Output:
	// 70 <nil>
	// 70 not enough in the till true
}

// How does one wait for a method that returns nothing?
func ExampleWait() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 42})

	err := actor.Wait(ctx, counter, (*Counter).Reset)
	fmt.Println(err)
	fmt.Println(actor.Get(ctx, counter, (*Counter).Value))

	counter.Stop(ctx)
	fmt.Println(actor.OutcomeOf(actor.Wait(ctx, counter, (*Counter).Reset)))
	// Output:
	// <nil>
	// 0 <nil>
	// not run
}

// How is a question asked whose answer has no error?
func ExampleGet() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 42})

	n, err := actor.Get(ctx, counter, (*Counter).Value)
	fmt.Println(n, err)
	third, err := actor.Get(ctx, counter, func(c *Counter) int { return c.Share(3) })
	fmt.Println(third, err)

	counter.Stop(ctx)
	// Output:
	// 42 <nil>
	// 14 <nil>
}

// How is something done, and waited for, that has no result?
func ExampleService_Run() {
	ctx := context.Background()
	till := actor.Start(&Till{})

	fmt.Println(till.Run(ctx, func(t *Till) error { return t.Put(20) }))
	fmt.Println(till.Run(ctx, func(t *Till) error { return t.Put(-1) }))

	till.Stop(ctx)
	// Output:
	// <nil>
	// cannot put -1
}

// Shop is a service that calls another one.
type Shop struct {
	till *actor.Service[Till]
	sold int
}

func (s *Shop) Sell(ctx context.Context, price int) (sold int, err error) {
	if err := s.till.Run(ctx, func(t *Till) error { return t.Put(price) }); err != nil {
		return s.sold, err
	}
	s.sold++
	return s.sold, nil
}

// How does one service call another?
func ExampleCallContext() {
	ctx := context.Background()
	till := actor.Start(&Till{})
	shop := actor.Start(&Shop{till: till})

	sold, err := actor.CallContext(ctx, shop, func(ctx context.Context, s *Shop) (int, error) {
		return s.Sell(ctx, 20)
	})
	fmt.Println(sold, err)

	shop.Stop(ctx)
	till.Stop(ctx)
	// Output: 1 <nil>
}

// What happens when services wait for each other?
func ExampleDeadlockError() {
	ctx := context.Background()
	left := actor.Start(&Counter{}, actor.WithName("left"))
	right := actor.Start(&Counter{}, actor.WithName("right"))

	err := left.RunContext(ctx, func(ctx context.Context, _ *Counter) error {
		return right.RunContext(ctx, func(ctx context.Context, _ *Counter) error {
			_, err := actor.Get(ctx, left, (*Counter).Value) // left waits for right
			return err
		})
	})
	var deadlock *actor.DeadlockError
	fmt.Println(errors.As(err, &deadlock))
	for _, w := range deadlock.Cycle {
		fmt.Println(w.Service, "waits for", w.For) // w.Site says where
	}

	left.Stop(ctx)
	right.Stop(ctx)
	// Output:
	// true
	// right waits for left
	// left waits for right
}

// What happens when a service waits for itself?
func ExampleService_Run_selfCall() {
	ctx := context.Background()
	counter := actor.Start(&Counter{})

	err := counter.Run(ctx, func(*Counter) error {
		_, err := actor.Get(ctx, counter, (*Counter).Value)
		fmt.Println(errors.Is(err, actor.ErrSelfCall), errors.Is(err, actor.ErrNotRun))
		return nil
	})
	fmt.Println(err)

	counter.Stop(ctx)
	// Output:
	// true true
	// <nil>
}

// May a call that failed be made again?
func ExampleOutcomeOf() {
	ctx := context.Background()
	till := actor.Start(&Till{cents: 100}, actor.WithLogger(slog.New(slog.DiscardHandler)))

	take := func(ctx context.Context, cents int) error {
		_, err := actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(cents) })
		return err
	}
	fmt.Println("its own error:", actor.OutcomeOf(take(ctx, 500)))

	over, cancel := context.WithCancel(ctx)
	cancel()
	fmt.Println("dead context:", actor.OutcomeOf(take(over, 10)))

	leaving, leave := context.WithCancel(ctx)
	release := make(chan struct{})
	err := till.Run(leaving, func(*Till) error {
		leave() // the caller goes away while the closure runs
		<-release
		return nil
	})
	fmt.Println("context ended meanwhile:", actor.OutcomeOf(err))
	close(release)

	err = till.Run(ctx, func(*Till) error { panic("out of change") })
	fmt.Println("panic:", actor.OutcomeOf(err))

	err = take(ctx, 10)
	fmt.Println("afterwards:", actor.OutcomeOf(err))
	fmt.Println(errors.Is(err, actor.ErrStopped), errors.Is(err, actor.ErrNotRun))
	// Output:
	// its own error: ran
	// dead context: not run
	// context ended meanwhile: unknown
	// panic: crashed
	// afterwards: not run
	// true true
}

var errUnreachable = errors.New("no connection")

// Bank calls a service of another process, in some way.
type Bank struct{ connected bool }

func (b *Bank) Balance(context.Context) (int, error) {
	if !b.connected {
		return 0, actor.WithOutcome(errUnreachable, actor.NotRun) // nothing was sent
	}
	return 42, nil
}

// How does a client of one's own say what became of a call?
func ExampleWithOutcome() {
	bank := &Bank{}
	_, err := bank.Balance(context.Background())
	fmt.Println(err, "-", actor.OutcomeOf(err))
	fmt.Println(errors.Is(err, errUnreachable), errors.Is(err, actor.ErrNotRun))
	// Output:
	// no connection - not run
	// true true
}
