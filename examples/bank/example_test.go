package bank_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/bank"
	"github.com/bruskajp/nano_services/supervisor"
)

func Example() {
	ctx := context.Background()
	account := bank.NewAccountService(100) // NewAccount's arguments, and then options
	root := supervisor.New("bank", supervisor.Spec{
		Children: []supervisor.Child{{Service: account}},
	})
	fmt.Println(root.Start(ctx))

	fmt.Println(account.Deposit(20))          // does not wait
	fmt.Println(account.Balance(ctx))         // runs after it
	fmt.Println(account.Withdraw(ctx, 30))    // as the struct has it
	fmt.Println(account.Withdraw(ctx, 1_000)) // an error of the struct's own

	fmt.Println(root.Stop(ctx))
	fmt.Println(errors.Is(account.Deposit(1), actor.ErrStopped))
	// Output:
	// <nil>
	// <nil>
	// 120 <nil>
	// 90 <nil>
	// 90 bank: not enough money
	// <nil>
	// true
}

// Payer is what the code below wants to know of an account: a method that struct
// and service have alike.
type Payer interface {
	Withdraw(ctx context.Context, amount int) (left int, err error)
}

// fine takes all that there is, up to an amount.
func fine(ctx context.Context, p Payer, amount int) error {
	left, err := p.Withdraw(ctx, amount)
	if errors.Is(err, bank.ErrTooLittle) {
		_, err = p.Withdraw(ctx, left)
	}
	return err
}

// Where a method has a context and an error, a struct and its service stand for
// each other. In a test of its own, fine needs no service.
func Example_interface() {
	ctx := context.Background()
	direct, _ := bank.NewAccount(10)
	fmt.Println(fine(ctx, direct, 50), direct.Balance())

	ctx, cancel := context.WithCancel(ctx)
	account := bank.NewAccountService(10)
	served := make(chan error)
	go func() { served <- account.Serve(ctx) }() // as a supervisor would
	fmt.Println(fine(ctx, account, 50))
	fmt.Println(account.Balance(ctx))

	cancel()
	fmt.Println(<-served)
	// Output:
	// <nil> 0
	// <nil>
	// 0 <nil>
	// <nil>
}

// The handle and what is queued survive a crash; the struct is made anew, from the
// same arguments. What the methods do not cover, a closure does.
func Example_restart() {
	ctx := context.Background()
	silent := slog.New(slog.DiscardHandler)
	account := bank.NewAccountService(100, actor.WithLogger(silent))
	root := supervisor.New("bank", supervisor.Spec{
		Logger:   silent,
		Children: []supervisor.Child{{Service: account}},
	})
	fmt.Println(root.Start(ctx))

	account.Deposit(1)
	account.Service().Do(func(*bank.Account) { panic("robbed") })
	account.Deposit(2) // waits for the next incarnation
	fmt.Println(account.Balance(ctx))

	fmt.Println(root.Stop(ctx))
	// Output:
	// <nil>
	// 102 <nil>
	// <nil>
}
