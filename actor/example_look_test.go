package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// What can be seen of a service?
func ExampleService_Info() {
	counter := actor.New(newCounter, actor.WithName("hits"), actor.WithCapacity(2))
	for range 2 {
		counter.Do(func(c *Counter) { c.Add(1) })
	}
	actor.Async(counter, func(c *Counter) (int, error) { return c.n, nil }) // no room

	i := counter.Info()
	fmt.Println(i.Name, i.State, "accepted", i.Accepted, "queued", i.Queued, "refused", i.Refused)

	counter.Stop(context.Background()) // nobody served it: nobody can run what it had queued
	i = counter.Info()
	fmt.Println(i.Name, i.State, "accepted", i.Accepted, "executed", i.Executed, "dead", i.Dead)
	// Output:
	// hits pending accepted 2 queued 2 refused 1
	// hits ended accepted 2 executed 0 dead 2
}
