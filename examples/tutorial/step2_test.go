package tutorial_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Interest adds interest to all accounts, and has a mistake: it divides by zero.
func (l *Ledger) Interest(parts int) {
	for account, cents := range l.balances {
		l.balances[account] += cents / parts
	}
}

func Example_step2() {
	ctx := context.Background()
	ledger := actor.Start(NewLedger(), actor.WithLogger(silent))
	ledger.Do(func(l *Ledger) { l.Deposit("ada", 100) })

	// A panic ends the service, not the program. Its caller learns of it at once.
	err := ledger.Run(ctx, func(l *Ledger) error { l.Interest(0); return nil })
	fmt.Println(actor.OutcomeOf(err))
	var crash *actor.PanicError
	if errors.As(err, &crash) {
		fmt.Println(crash.Value)
	}

	// What comes behind it was not run, and never will be.
	_, err = actor.Get(ctx, ledger, (*Ledger).Sum)
	fmt.Println(actor.OutcomeOf(err), errors.Is(err, actor.ErrStopped))
	// Output:
	// crashed
	// runtime error: integer divide by zero
	// not run true
}
