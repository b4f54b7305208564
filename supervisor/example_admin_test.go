package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// How are children added, ended and brought back while the tree runs?
func ExampleSupervisor_Add() {
	ctx := context.Background()
	shop := supervisor.New("shop", supervisor.Spec{})
	shop.Start(ctx)

	silent := slog.New(slog.DiscardHandler)
	basket := actor.New(newBasket, actor.WithLogger(silent))
	fmt.Println(shop.Add(ctx, supervisor.Child{Name: "basket", Service: basket}))
	basket.Do(func(b *Basket) { b.Put("apple") })

	fmt.Println(shop.Terminate(ctx, "basket")) // what it had accepted is done first
	fmt.Println(basket.Do(func(b *Basket) { b.Put("pear") }))

	fmt.Println(shop.Restart(ctx, "basket"))
	fmt.Println(actor.Get(ctx, basket, (*Basket).Items)) // of a new Basket

	err := shop.Remove(ctx, "basket")
	fmt.Println(err, errors.Is(err, supervisor.ErrRunning))
	shop.Terminate(ctx, "basket")
	fmt.Println(shop.Remove(ctx, "basket"), len(shop.Children()))
	shop.Stop(ctx)
	// Output:
	// <nil>
	// <nil>
	// actor: service stopped
	// <nil>
	// [] <nil>
	// supervisor: shop: Remove: child is running: basket true
	// <nil> 0
}

// What is seen of a tree?
func ExampleSupervisor_Children() {
	ctx := context.Background()
	money := supervisor.New("money", supervisor.Spec{Children: []supervisor.Child{
		{Name: "till", Service: new(pause)},
		{Name: "bank", Service: new(pause), Restart: supervisor.Temporary},
	}})
	shop := supervisor.New("shop", supervisor.Spec{Children: []supervisor.Child{
		{Name: "stock", Service: new(pause)},
		{Service: money},
	}})
	shop.Start(ctx)
	shop.Terminate(ctx, "stock")
	var show func(*supervisor.Supervisor)
	show = func(s *supervisor.Supervisor) {
		for _, c := range s.Children() {
			fmt.Println(c.Path, c.State)
			if below, ok := c.Service.(*supervisor.Supervisor); ok {
				show(below)
			}
		}
	}
	show(shop)
	shop.Stop(ctx)
	// Output:
	// shop/stock terminated
	// shop/money up
	// shop/money/till up
	// shop/money/bank up
}

// pause is a service that waits for its end. It has a size, so that two of them are
// two services.
type pause struct{ _ int }

func (*pause) Serve(ctx context.Context) error { <-ctx.Done(); return nil }

// How are many children of one kind run?
func ExampleSpec_template() {
	ctx := context.Background()
	sessions := supervisor.New("sessions", supervisor.Spec{
		Template: &supervisor.Child{Restart: supervisor.Temporary},
	})
	sessions.Start(ctx)
	var baskets []*actor.Service[Basket]
	for range 3 {
		b := actor.New(newBasket, actor.WithName("basket"))
		if err := sessions.Add(ctx, supervisor.Child{Service: b}); err != nil {
			fmt.Println(err)
		}
		baskets = append(baskets, b)
	}
	sessions.Terminate(ctx, "basket-2") // a temporary child is forgotten
	for _, c := range sessions.Children() {
		fmt.Println(c.Path)
	}
	fmt.Println(baskets[2].Name())
	sessions.Stop(ctx)
	// Output:
	// sessions/basket-1
	// sessions/basket-3
	// sessions/basket-3
}

// Is the tree up, and how is one of its children?
func ExampleSupervisor_Up() {
	ctx := context.Background()
	money := supervisor.New("money", supervisor.Spec{Children: []supervisor.Child{
		{Name: "till", Service: new(pause), Shutdown: time.Second},
	}})
	shop := supervisor.New("shop", supervisor.Spec{Children: []supervisor.Child{{Service: money}}})
	fmt.Println(shop.Up())
	shop.Start(ctx)
	fmt.Println(shop.Up())
	till, ok := shop.Child("money/till")
	fmt.Println(till.Path, till.State, till.Shutdown, ok)
	shop.Stop(ctx)
	fmt.Println(shop.Up())
	// Output:
	// false
	// true
	// shop/money/till up 1s true
	// false
}
