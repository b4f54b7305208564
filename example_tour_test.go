package nanoservices

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/bruskajp/nano_services/actor"
)

// Account is an ordinary type: it has no lock and knows nothing of the library.
type Account struct{ balance int }

func (a *Account) Deposit(amount int) { a.balance += amount }

func (a *Account) Balance() int { return a.balance }

func (a *Account) Withdraw(amount int) (left int, err error) {
	if amount > a.balance {
		return a.balance, errors.New("not enough money")
	}
	a.balance -= amount
	return a.balance, nil
}

func Example_tour() {
	ctx := context.Background()
	account := actor.Start(&Account{}) // has a goroutine of its own from here on

	// Asynchronous, like sending an event: any number of goroutines, and no lock.
	var senders sync.WaitGroup
	for range 100 {
		senders.Go(func() {
			if err := account.Do(func(a *Account) { a.Deposit(1) }); err != nil {
				fmt.Println("not accepted:", err)
			}
		})
	}
	senders.Wait()

	// Synchronous, like calling a method.
	balance, err := actor.Get(ctx, account, (*Account).Balance)
	fmt.Println(balance, err)

	withdraw := func(amount int) (int, error) {
		return actor.Call(ctx, account, func(a *Account) (int, error) { return a.Withdraw(amount) })
	}
	fmt.Println(withdraw(30))
	fmt.Println(withdraw(500))

	// Runs what was accepted, and leaves nothing behind.
	fmt.Println(account.Stop(ctx))
	_, err = withdraw(1)
	fmt.Println(errors.Is(err, actor.ErrStopped), actor.OutcomeOf(err))
	// Output:
	// 100 <nil>
	// 70 <nil>
	// 70 not enough money
	// <nil>
	// true not run
}
