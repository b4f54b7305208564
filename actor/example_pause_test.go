package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// How do I stop a service for a moment, and look at its value meanwhile?
func ExampleService_Pause() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 1})

	fmt.Println(counter.Pause(ctx)) // no closure runs any more
	counter.Do(func(c *Counter) { c.Add(1) })
	fmt.Println(actor.Inspect(ctx, counter, (*Counter).Value)) // does not stand in the queue
	counter.Resume()
	fmt.Println(actor.Get(ctx, counter, (*Counter).Value))

	counter.Stop(ctx)
	// Output:
	// <nil>
	// 1 <nil>
	// 2 <nil>
}
