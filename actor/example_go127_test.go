//go:build go1.27

package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

func ExampleService_Get() {
	ctx := context.Background()
	counter := actor.Start(&Counter{})
	if err := counter.Do(func(c *Counter) { c.Add(2) }); err != nil {
		fmt.Println(err)
	}
	fmt.Println(counter.Get(ctx, (*Counter).Value))
	fmt.Println(counter.Stop(ctx))
	// Output:
	// 2 <nil>
	// <nil>
}
