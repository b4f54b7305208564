package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// What had a service done before it crashed, and for whom?
func ExamplePanicError_History() {
	ctx := context.Background()
	silent := actor.WithLogger(slog.New(slog.DiscardHandler))
	desk := actor.Start(&Counter{}, actor.WithName("desk"), silent)
	till := actor.Start(&Counter{}, actor.WithName("till"), silent, actor.WithHistory(8))

	till.Do(func(c *Counter) { c.Add(1) })
	err := desk.RunContext(ctx, func(ctx context.Context, _ *Counter) error {
		_, err := actor.CallContext(ctx, till, func(_ context.Context, c *Counter) (int, error) {
			return c.Share(0), nil
		})
		return err
	})

	var crash *actor.PanicError
	if errors.As(err, &crash) {
		for _, c := range crash.History() { // c.String() has place, times and call site
			fmt.Println("ran for", c.Run > 0, "crashed", c.Crashed, "known by line", c.Line > 0)
		}
		for _, c := range crash.Callers() {
			fmt.Println("called by", c.Service, "in line", c.Line > 0)
		}
	}
	desk.Stop(ctx)
	// Output:
	// ran for true crashed false known by line true
	// ran for true crashed true known by line true
	// called by desk in line true
}
