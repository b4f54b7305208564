package tutorial_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

func Example_step3() {
	ctx := context.Background()
	// New declares a service, with a constructor that is called for each of its lives.
	ledger := actor.New(func(context.Context) (*Ledger, error) { return NewLedger(), nil },
		actor.WithName("ledger"))
	bank := supervisor.New("bank", supervisor.Spec{
		Logger:   silent, // of the services, too
		Children: []supervisor.Child{{Service: ledger}},
	})
	if err := bank.Start(ctx); err != nil { // returns when all of it is up
		fmt.Println(err)
		return
	}
	ledger.Do(func(l *Ledger) { l.Deposit("ada", 100) })
	ledger.Do(func(l *Ledger) { l.Interest(0) })        // crashes
	ledger.Do(func(l *Ledger) { l.Deposit("bob", 50) }) // waits for the next incarnation

	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Sum))
	fmt.Println(ledger.Info().Incarnation)
	fmt.Println(bank.Stop(ctx))
	// Output:
	// 50 <nil>
	// 2
	// <nil>
}
