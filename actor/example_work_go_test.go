package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Radio hears what is on the air.
type Radio struct{ self *actor.Service[Radio] }

func newRadio(ctx context.Context, air <-chan string) (*Radio, error) {
	r := &Radio{self: actor.Self[Radio](ctx)}
	return r, actor.Go(r.self, func(ctx context.Context) error { return tune(ctx, r.self, air) })
}

func (r *Radio) Hear(line string) { fmt.Println("heard:", line) }

// tune goes on beside the radio until its context ends.
func tune(ctx context.Context, radio *actor.Service[Radio], air <-chan string) error {
	for {
		select {
		case line := <-air:
			if line == "" {
				continue
			}
			if err := radio.Do(func(r *Radio) { r.Hear(line) }); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// How does a service own a goroutine, such as a loop that reads?
func ExampleGo() {
	air := make(chan string)
	radio := actor.New(func(ctx context.Context) (*Radio, error) { return newRadio(ctx, air) })
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- radio.Serve(ctx) }()

	air <- "rain tomorrow"
	air <- "" // it has heard that, when the air is free again
	stop()    // ends the loop, too, and waits for it
	fmt.Println(<-served)
	// Output:
	// heard: rain tomorrow
	// <nil>
}
