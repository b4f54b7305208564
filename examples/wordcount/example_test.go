package main

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// A service in five lines: start a value of an ordinary type, hand work over, ask,
// and stop. Nobody but the service touches the Counter, so it needs no lock.
func Example() {
	ctx := context.Background()
	counter := actor.Start(NewCounter())

	for chunk := range 3 {
		batch := []Count{{"nano", 2}, {"service", 1}}
		if err := counter.Do(func(c *Counter) { c.Add(1, chunk+1, batch) }); err != nil {
			fmt.Println(err) // the counter was stopped: it will not run this
		}
	}

	sum, err := actor.Get(ctx, counter, func(c *Counter) Summary { return c.Summary(0) })
	fmt.Println(sum.Top, err)

	fmt.Println(counter.Stop(ctx)) // runs what was accepted, then ends
	fmt.Println(counter.Info().Executed, "closures run")
	// Output:
	// [{nano 6} {service 3}] <nil>
	// <nil>
	// 4 closures run
}
