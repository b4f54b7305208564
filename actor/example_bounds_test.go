package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

func newCounter(context.Context) (*Counter, error) { return &Counter{}, nil }

// How is a queue kept from growing without end?
func ExampleWithCapacity() {
	counter := actor.New(newCounter, actor.WithCapacity(2),
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	for range 3 {
		fmt.Println(counter.Do(func(c *Counter) { c.Add(1) }))
	}
	counter.Kill()
	// Output:
	// <nil>
	// <nil>
	// actor: mailbox full
}

// What if the newest matters more than the oldest?
func ExampleWithOverflow() {
	counter := actor.New(newCounter, actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest))

	oldest := actor.Async(counter, func(c *Counter) (int, error) { return c.n, nil })
	fmt.Println(counter.Do(func(c *Counter) { c.Add(1) }))
	_, err := oldest.Await(context.Background())
	fmt.Println(errors.Is(err, actor.ErrMailboxFull), actor.OutcomeOf(err))
	counter.Kill()
	// Output:
	// <nil>
	// true not run
}

// How does a sender wait for room?
func ExampleService_DoContext_room() {
	counter := actor.New(newCounter, actor.WithCapacity(1),
		actor.WithLogger(slog.New(slog.DiscardHandler)))
	add := func(_ context.Context, c *Counter) { c.Add(1) }

	ctx, cancel := context.WithCancel(context.Background())
	fmt.Println(counter.DoContext(ctx, add))
	cancel() // or a deadline: nobody serves, so there will be no room
	err := counter.DoContext(ctx, add)
	fmt.Println(errors.Is(err, context.Canceled), actor.OutcomeOf(err))
	counter.Kill()
	// Output:
	// <nil>
	// true not run
}
