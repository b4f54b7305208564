package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// Basket is an ordinary type.
type Basket struct{ items []string }

func newBasket(context.Context) (*Basket, error) { return &Basket{}, nil }

func (b *Basket) Put(item string) { b.items = append(b.items, item) }

// Items returns a copy: the slice is the basket's.
func (b *Basket) Items() []string { return slices.Clone(b.items) }

// What does a supervisor do when a service crashes?
func Example() {
	ctx := context.Background()
	silent := slog.New(slog.DiscardHandler)
	basket := actor.New(newBasket, actor.WithName("basket"))
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:   silent,
		Children: []supervisor.Child{{Service: basket}},
	})
	fmt.Println(shop.Start(ctx))

	basket.Do(func(b *Basket) { b.Put("apple") })
	basket.Do(func(b *Basket) { panic("out of paper") })
	basket.Do(func(b *Basket) { b.Put("pear") }) // waits for the next incarnation
	fmt.Println(actor.Get(ctx, basket, (*Basket).Items))

	child := shop.Children()[0]
	fmt.Println(child.Path, "restarts:", child.Restarts)

	fmt.Println(shop.Stop(ctx))
	fmt.Println(basket.Do(func(b *Basket) { b.Put("plum") }))
	// Output:
	// <nil>
	// [pear] <nil>
	// shop/basket restarts: 1
	// <nil>
	// actor: service stopped
}
