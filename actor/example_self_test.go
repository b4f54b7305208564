package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// Clerk hands work to itself, one step at a time, so that others get their turn.
type Clerk struct {
	self  *actor.Service[Clerk]
	steps int
	done  chan struct{}
}

func (c *Clerk) Step() {
	if c.steps--; c.steps == 0 {
		close(c.done)
		return
	}
	c.self.Do((*Clerk).Step)
}

// How does a service know itself?
func ExampleSelf() {
	done := make(chan struct{})
	clerk := actor.New(func(ctx context.Context) (*Clerk, error) {
		return &Clerk{self: actor.Self[Clerk](ctx), steps: 3, done: done}, nil
	})
	clerk.Do((*Clerk).Step)

	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- clerk.Serve(ctx) }()
	<-done
	stop()
	fmt.Println(<-served, clerk.Info().Executed)
	// Output: <nil> 3
}

// Index takes a while to fill.
type Index struct{ words []string }

func (x *Index) Fill()     { x.words = append(x.words, "apple", "pear") }
func (x *Index) Size() int { return len(x.words) }

// How is something done before the first closure, and not before the service is up?
func ExampleContinue() {
	index := actor.New(func(ctx context.Context) (*Index, error) {
		actor.Continue(ctx, (*Index).Fill)
		return &Index{}, nil
	})
	serving := make(chan error, 1)
	go func() { serving <- index.Serve(context.Background()) }()

	fmt.Println(actor.Get(context.Background(), index, (*Index).Size))
	index.Stop(context.Background())
	fmt.Println(<-serving)
	// Output:
	// 2 <nil>
	// <nil>
}

// How does a service end itself?
func ExampleExit() {
	clerk := actor.New(func(context.Context) (*Clerk, error) { return &Clerk{}, nil },
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	clerk.DoContext(context.Background(), func(ctx context.Context, _ *Clerk) {
		actor.Exit(ctx, errors.New("nothing left to do"))
	})
	fmt.Println(clerk.Serve(context.Background()))
	// Output: nothing left to do
}

// Retire is a method that knows nothing of services, but for this.
func (c *Clerk) Retire() { actor.Exit(context.Background(), errors.New("retired")) }

// How does a method without a context end its service?
func ExampleExit_method() {
	clerk := actor.New(func(context.Context) (*Clerk, error) { return &Clerk{}, nil },
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	clerk.Do((*Clerk).Retire)
	fmt.Println(clerk.Serve(context.Background()))
	// Output: retired
}
