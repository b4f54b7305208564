package actor_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Gallery shows pictures, which take long to load.
type Gallery struct{}

func (g *Gallery) Show(picture string, err error) {
	if err != nil {
		fmt.Println("nothing to show:", err)
		return
	}
	fmt.Println(picture)
}

// load reads a picture from far away.
func load(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", errors.New("no name")
	}
	return "picture of " + name, ctx.Err()
}

// How does a service do what takes long, and go on meanwhile?
func ExamplePipe() {
	gallery := actor.Start(&Gallery{}, actor.WithPipeLimit(1)) // one at a time, in order
	for _, name := range []string{"a cat", "", "a dog"} {
		err := actor.Pipe(gallery,
			func(ctx context.Context) (string, error) { return load(ctx, name) }, // on its own goroutine
			(*Gallery).Show) // on the gallery's
		if err != nil {
			fmt.Println("not accepted:", err)
		}
	}
	gallery.Stop(context.Background()) // waits for the work, and for what is done with it
	// Output:
	// picture of a cat
	// nothing to show: no name
	// picture of a dog
}

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
