package nanoservices_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Account is an ordinary type: it has no lock and knows nothing of the library.
type Account struct{ balance int }

func (a *Account) Deposit(amount int) { a.balance += amount }
func (a *Account) Balance() int       { return a.balance }

func Example() {
	ctx := context.Background()
	account := actor.Start(&Account{}) // has a goroutine of its own from here on

	for range 100 { // like sending an event: it does not wait
		_ = account.Do(func(a *Account) { a.Deposit(1) })
	}
	fmt.Println(actor.Get(ctx, account, (*Account).Balance)) // like calling a method

	fmt.Println(account.Stop(ctx)) // runs what was accepted, and leaves nothing behind
	_, err := actor.Get(ctx, account, (*Account).Balance)
	fmt.Println(actor.OutcomeOf(err))
	// Output:
	// 100 <nil>
	// <nil>
	// not run
}
