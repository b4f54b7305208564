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
