package actor_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

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
