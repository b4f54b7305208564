package actor_test

import (
	"context"
	"errors"
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

// How are many calls in flight that are not to run too late?
func ExampleAsyncContext() {
	till := actor.New(func(context.Context) (*Till, error) { return &Till{cents: 10}, nil })

	ctx, cancel := context.WithCancel(context.Background()) // or a deadline
	answer := actor.AsyncContext(ctx, till, func(ctx context.Context, t *Till) (int, error) { return t.Take(5) })
	cancel()        // before anybody serves
	<-answer.Done() // at once: it never runs
	_, err := answer.Await(context.Background())
	fmt.Println(errors.Is(err, context.Canceled), actor.OutcomeOf(err))

	till.Stop(context.Background())
	// Output: true not run
}
