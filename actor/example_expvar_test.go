package actor_test

import (
	"context"
	"encoding/json"
	"expvar"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// How do I publish a service under /debug/vars?
func ExampleService_Info_expvar() {
	counter := actor.Start(&Counter{}, actor.WithName("hits"))
	expvar.Publish("hits", expvar.Func(func() any { return counter.Info() }))

	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Stop(context.Background())

	var seen struct {
		Name, State string
		Executed    int
	}
	err := json.Unmarshal([]byte(expvar.Get("hits").String()), &seen)
	fmt.Println(seen, err)
	// Output:
	// {hits ended 1} <nil>
}
