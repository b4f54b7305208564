package tutorial_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

var (
	errNoAccount = errors.New("no such account")
	errOverdraft = errors.New("not enough")
)

// Ledger has the balances of accounts, in cents. It is an ordinary type, and has no lock.
type Ledger struct{ balances map[string]int }

// NewLedger returns a ledger without accounts.
func NewLedger() *Ledger { return &Ledger{map[string]int{}} }

// Deposit adds to an account, and opens it if there is none.
func (l *Ledger) Deposit(account string, cents int) { l.balances[account] += cents }

// Transfer moves cents from one account to another.
func (l *Ledger) Transfer(from, to string, cents int) error {
	if _, ok := l.balances[to]; !ok {
		return errNoAccount
	}
	if l.balances[from] < cents {
		return errOverdraft
	}
	l.balances[from] -= cents
	l.balances[to] += cents
	return nil
}

// Balance returns what an account has.
func (l *Ledger) Balance(account string) int { return l.balances[account] }

// Sum returns what all accounts have.
func (l *Ledger) Sum() (sum int) {
	for _, cents := range l.balances {
		sum += cents
	}
	return sum
}

func Example_step1() {
	ctx := context.Background()
	ledger := actor.Start(NewLedger()) // has a goroutine of its own from here on

	// Do hands a closure over, and does not wait.
	ledger.Do(func(l *Ledger) { l.Deposit("ada", 100) })
	ledger.Do(func(l *Ledger) { l.Deposit("bob", 0) })

	// Run waits, and returns the closure's error.
	fmt.Println(ledger.Run(ctx, func(l *Ledger) error { return l.Transfer("ada", "bob", 30) }))
	fmt.Println(ledger.Run(ctx, func(l *Ledger) error { return l.Transfer("ada", "bob", 300) }))

	// Call waits for a result, too, and Get for that of a method without an error.
	fmt.Println(actor.Call(ctx, ledger, func(l *Ledger) (int, error) { return l.Balance("bob"), nil }))
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Sum))

	fmt.Println(ledger.Stop(ctx)) // runs what was accepted before
	// Output:
	// <nil>
	// not enough
	// 30 <nil>
	// 100 <nil>
	// <nil>
}

func Example_step1Wrong() {
	ctx := context.Background()
	ledger := actor.Start(NewLedger())

	// A closure that calls its own service would wait for itself.
	err := ledger.RunContext(ctx, func(ctx context.Context, l *Ledger) error {
		_, err := actor.Get(ctx, ledger, (*Ledger).Sum)
		return err
	})
	fmt.Println(errors.Is(err, actor.ErrSelfCall))

	// After its end a service refuses.
	fmt.Println(ledger.Stop(ctx))
	fmt.Println(ledger.Do(func(l *Ledger) { l.Deposit("ada", 1) }))
	// Output:
	// true
	// <nil>
	// actor: service stopped
}
