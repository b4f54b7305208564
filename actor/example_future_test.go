package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// How are several services asked at once?
func ExampleAsync() {
	ctx := context.Background()
	tills := []*actor.Service[Till]{
		actor.Start(&Till{cents: 10}),
		actor.Start(&Till{cents: 20}),
		actor.Start(&Till{cents: 30}),
	}

	var answers []*actor.Future[int]
	for _, till := range tills {
		answers = append(answers, actor.Async(till, func(t *Till) (int, error) { return t.Take(15) }))
	}
	for _, answer := range answers {
		fmt.Println(answer.Await(ctx))
	}

	for _, till := range tills {
		till.Stop(ctx)
	}
	// Output:
	// 10 not enough in the till
	// 5 <nil>
	// 15 <nil>
}
