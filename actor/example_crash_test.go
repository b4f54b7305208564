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
