package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// Cashier finds the basket when somebody pays.
type Cashier struct{}

func newCashier(context.Context) (*Cashier, error) { return &Cashier{}, nil }

func (c *Cashier) Pay(ctx context.Context) (int, error) {
	basket, err := actor.Lookup[*actor.Service[Basket]](ctx, "basket")
	if err != nil {
		return 0, err
	}
	items, err := actor.Get(ctx, basket, (*Basket).Items)
	return len(items), err
}

// How does a service of the tree find another one?
func ExampleLookup() {
	ctx := context.Background()
	silent := slog.New(slog.DiscardHandler)
	shop := supervisor.New("shop", supervisor.Spec{
		Logger: silent,
		Children: []supervisor.Child{
			{Name: "basket", Service: actor.New(newBasket)},
			{Name: "cashiers", Service: pool.New(2, newCashier)},
		},
	})
	shop.Start(ctx)

	basket, err := supervisor.Lookup[*actor.Service[Basket]](shop, "basket")
	fmt.Println(basket.Name(), err)
	basket.Do(func(b *Basket) { b.Put("apple") })

	cashiers, _ := supervisor.Lookup[*pool.Pool[Cashier]](shop, "cashiers")
	fmt.Println(actor.CallContext(ctx, cashiers, func(ctx context.Context, c *Cashier) (int, error) { return c.Pay(ctx) }))

	_, err = supervisor.Lookup[*actor.Service[Cashier]](shop, "basket")
	fmt.Println(err)

	shop.Stop(ctx)
	_, err = supervisor.Lookup[*actor.Service[Basket]](shop, "basket")
	fmt.Println(err)
	// Output:
	// shop/basket <nil>
	// 1 <nil>
	// actor: no such service: "basket" is a *actor.Service[github.com/bruskajp/nano_services/supervisor_test.Basket], not a *actor.Service[github.com/bruskajp/nano_services/supervisor_test.Cashier]
	// actor: no such service: "basket" is down
}

// How is something done around each closure of a tree?
func ExampleSpec_interceptors() {
	ctx := context.Background()
	silent := slog.New(slog.DiscardHandler)
	trace := func(c actor.Closure, run func() error) error {
		fmt.Println("in", c.Service())
		return run()
	}
	basket := actor.New(newBasket, actor.WithName("basket"))
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:       silent,
		Interceptors: []actor.Interceptor{trace},
		Children:     []supervisor.Child{{Service: basket}},
	})
	shop.Start(ctx)
	fmt.Println(actor.Get(ctx, basket, (*Basket).Items))
	shop.Stop(ctx)
	// Output:
	// in shop/basket
	// [] <nil>
}
