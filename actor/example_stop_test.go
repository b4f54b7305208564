package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// What becomes of what is queued when a service is stopped?
func ExampleService_Stop() {
	store := actor.Start(&Store{})
	for _, row := range []string{"a", "b", "c"} {
		store.Do(func(s *Store) { s.Insert(row) })
	}
	fmt.Println(store.Stop(context.Background()))
	<-store.Done() // closed already
	fmt.Println(store.Info().State)
	// Output:
	// close with [a b c]
	// <nil>
	// ended
}

// What if a closure does not come to an end in time?
func ExampleService_Stop_cutOff() {
	counter := actor.Start(&Counter{}, actor.WithLogger(slog.New(slog.DiscardHandler)))
	begun, release := make(chan struct{}), make(chan struct{})
	counter.Do(func(*Counter) {
		close(begun)
		<-release
	})
	counter.Do(func(c *Counter) { c.Add(1) })
	<-begun

	ctx, cancel := context.WithCancel(context.Background())
	cancel() // or a deadline
	err := counter.Stop(ctx)
	fmt.Println(errors.Is(err, context.Canceled)) // err names the closure, too
	i := counter.Info()
	fmt.Println(i.State, "running:", i.Running, "dead:", i.Dead)
	close(release)
	// Output:
	// true
	// ended running: 1 dead: 1
}

// And if there is no time at all?
func ExampleService_Kill() {
	counter := actor.New(func(context.Context) (*Counter, error) { return &Counter{}, nil })
	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Kill()
	<-counter.Done()
	i := counter.Info()
	fmt.Println(i.State, "executed:", i.Executed, "dead:", i.Dead)
	// Output: ended executed: 0 dead: 1
}
