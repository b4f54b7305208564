package actor_test

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/bruskajp/nano_services/actor"
)

// Board keeps scores.
type Board struct{ scores []int }

func (b *Board) Take(scores []int) { b.scores = scores }
func (b *Board) Scores() []int     { return slices.Clone(b.scores) }
func (b *Board) Best() int         { return slices.Max(b.scores) }

// publish hands scores over: whoever calls it lets go of them.
func publish(board *actor.Service[Board], scores []int) error {
	return board.Do(func(b *Board) { b.Take(scores) }) // not used here any more
}

// Who owns data that goes to a service, and data that comes from it?
func Example_handOver() {
	ctx := context.Background()
	board := actor.Start(&Board{})

	publish(board, []int{3, 1, 2})
	best, _ := actor.Get(ctx, board, (*Board).Best)
	ours, _ := actor.Get(ctx, board, (*Board).Scores) // a copy
	slices.Sort(ours)
	theirs, _ := actor.Get(ctx, board, (*Board).Scores)
	fmt.Println(best, ours, theirs)

	board.Stop(ctx)
	// Output: 3 [1 2 3] [3 1 2]
}

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

// Menu is read by many, and seldom changed.
type Menu struct{ prices map[string]int }

func (m *Menu) Set(dish string, cents int) { m.prices[dish] = cents }
func (m *Menu) All() map[string]int        { return maps.Clone(m.prices) }

// How is a service read by many at once, without asking it?
func ExampleNewView() {
	ctx := context.Background()
	menu := actor.Start(&Menu{prices: map[string]int{}})

	prices := actor.NewView(menu, (*Menu).All)
	menu.Run(ctx, func(m *Menu) error { m.Set("soup", 450); return nil })
	fmt.Println(prices.Load()) // takes nanoseconds, on any goroutine

	_, before := prices.Latest()
	menu.Run(ctx, func(m *Menu) error { m.Set("tea", 200); return nil })
	all, version := prices.Latest()
	fmt.Println(all, version-before, "newer")

	menu.Stop(ctx)
	fmt.Println(prices.Load()["tea"]) // the last one seen
	// Output:
	// map[soup:450]
	// map[soup:450 tea:200] 1 newer
	// 200
}

// Desk is one of two.
type Desk struct{ name string }

func (d *Desk) Serve() string { return "at the " + d.name }

// How is a service chosen for each closure, by a rule of one's own?
func ExampleRoute() {
	ctx := context.Background()
	left, right := actor.Start(&Desk{"left"}), actor.Start(&Desk{"right"})

	// open goes to the left desk as long as that is open.
	open := actor.Route(func(*actor.Service[Desk]) *actor.Service[Desk] {
		if _, accepts := left.Load(); accepts {
			return left
		}
		return right
	})
	fmt.Println(actor.Get(ctx, open, (*Desk).Serve))
	left.Stop(ctx)
	fmt.Println(actor.Get(ctx, open, (*Desk).Serve))

	right.Stop(ctx)
	// Output:
	// at the left <nil>
	// at the right <nil>
}
