package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// What does a service do next?
func ExampleService_Record() {
	ctx := context.Background()
	counter := actor.Start(&Counter{})

	recording := counter.Record(2)
	for range 3 {
		counter.Do(func(c *Counter) { c.Add(1) })
	}
	closures, err := recording.Wait(ctx)
	for _, c := range closures {
		fmt.Println("waited", c.Wait >= 0, "ran", c.Run >= 0, "from a known place", c.Site != "")
	}
	fmt.Println(err)

	counter.Stop(ctx)
	// Output:
	// waited true ran true from a known place true
	// waited true ran true from a known place true
	// <nil>
}
