package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"

	"github.com/bruskajp/nano_services/actor"
)

// What does a caller learn of a crash?
func ExamplePanicError() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 42}, actor.WithLogger(slog.New(slog.DiscardHandler)))

	_, err := actor.Get(ctx, counter, func(c *Counter) int { return c.Share(0) })

	var crash *actor.PanicError
	fmt.Println(errors.As(err, &crash), actor.OutcomeOf(err))
	fmt.Println(crash.Service, path.Base(crash.File), crash.Line > 0, len(crash.Stack()) > 0)
	fmt.Println(crash.Value)

	<-counter.Done() // a service that Start made has ended with its first crash
	fmt.Println(counter.Err() == error(crash))
	// Output:
	// true crashed
	// Counter example_crash_test.go true true
	// runtime error: integer divide by zero
	// true
}

// How does a client of one's own say that a method has crashed in another process?
func ExamplePanicElsewhere() {
	stack := []byte("bank.(*Account).Withdraw(...)\n\t/src/bank/account.go:44\n")
	var err error = actor.PanicElsewhere("out of change", "ledger.db", "bank.(*Account).Withdraw", "/src/bank/account.go", 41, stack)
	fmt.Println(err)

	var crash *actor.PanicError
	fmt.Println(errors.As(err, &crash), actor.OutcomeOf(err))
	// Output:
	// actor: ledger.db: bank.(*Account).Withdraw (account.go:41) panicked: out of change
	// true crashed
}

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
