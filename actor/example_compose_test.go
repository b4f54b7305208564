package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Sale is what a cashier sells.
type Sale struct {
	Item  string
	Cents int
}

// Ledger keeps books, of whatever sales.
type Ledger struct{ cents int }

func (l *Ledger) Book(s Sale) { l.cents += s.Cents }
func (l *Ledger) Cents() int  { return l.cents }

// Cashier sends sales to where it was told.
type Cashier struct{ booked *actor.Recipient[Sale] }

func (c *Cashier) Sell(item string, cents int) {
	if err := c.booked.Send(Sale{item, cents}); err != nil {
		fmt.Println(err)
	}
}

// How does a service send to another one without knowing its type?
func ExampleRecipient() {
	ctx := context.Background()
	ledger := actor.Start(&Ledger{})
	booked, err := actor.NewRecipient(ledger, (*Ledger).Book)
	fmt.Println(err)
	cashier := actor.Start(&Cashier{booked: booked}) // knows nothing of ledgers

	cashier.Do(func(c *Cashier) { c.Sell("apple", 30) })
	cashier.Stop(ctx)
	fmt.Println(actor.Get(ctx, ledger, (*Ledger).Cents))

	ledger.Stop(ctx)
	fmt.Println(booked.Send(Sale{"pear", 40}))
	// Output:
	// <nil>
	// 30 <nil>
	// actor: service stopped
}
