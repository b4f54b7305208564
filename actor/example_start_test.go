package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Counter is an ordinary type: it has no lock and knows nothing of the library.
type Counter struct{ n int }

func (c *Counter) Add(by int)          { c.n += by }
func (c *Counter) Value() int          { return c.n }
func (c *Counter) Reset()              { c.n = 0 }
func (c *Counter) Share(among int) int { return c.n / among }

// What is the smallest program?
func Example() {
	ctx := context.Background()

	counter := actor.Start(&Counter{})
	counter.Do(func(c *Counter) { c.Add(2) })
	n, err := actor.Get(ctx, counter, (*Counter).Value)
	fmt.Println(n, err)

	counter.Stop(ctx)
	// Output: 2 <nil>
}
