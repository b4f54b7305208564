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

// How is a call refused at once when there is no room?
func ExampleFuture_Await_room() {
	counter := actor.New(newCounter, actor.WithCapacity(1))
	value := func(c *Counter) (int, error) { return c.n, nil }
	counter.Do(func(c *Counter) { c.Add(1) }) // and full it is, until another goroutine serves

	ctx := context.Background()
	_, err := actor.Async(counter, value).Await(ctx) // actor.Call would wait for room
	fmt.Println(errors.Is(err, actor.ErrMailboxFull), actor.OutcomeOf(err))

	go counter.Serve(ctx)
	n, err := actor.Call(ctx, counter, value)
	fmt.Println(n, err)
	counter.Stop(ctx)
	// Output:
	// true not run
	// 1 <nil>
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

// Where do closures go that will not run?
func ExampleWithDeadLetters() {
	hook := func(d actor.DeadLetter) {
		fmt.Printf("%s: %v (refused: %t)\n", d.Service, d.Reason, d.Refused)
	}
	counter := actor.New(newCounter, actor.WithDeadLetters(hook),
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Kill()
	counter.Do(func(c *Counter) { c.Add(1) }) // who ignores the error is seen all the same
	// Output:
	// Counter: actor: service stopped (refused: false)
	// Counter: actor: service stopped (refused: true)
}
