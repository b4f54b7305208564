package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// What is a whole tree doing?
func ExampleSupervisor_Snapshot() {
	ctx := context.Background()
	silent := slog.New(slog.DiscardHandler)
	basket := actor.New(newBasket, actor.WithName("basket"))
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:   silent,
		Children: []supervisor.Child{{Service: basket}},
	})
	fmt.Println(shop.Start(ctx))
	basket.Do(func(b *Basket) { panic("out of paper") })
	actor.Get(ctx, basket, (*Basket).Items) // of the next incarnation

	tree := shop.Snapshot()
	fmt.Println(tree.Path, tree.State, "restarts", tree.Supervisor.Used, "of", tree.Supervisor.Max, "in", tree.Supervisor.Period)
	for _, child := range tree.Children {
		i := child.Service
		fmt.Println(child.Path, child.State, "incarnation", i.Incarnation, "executed", i.Executed, "crashes", i.Crash.Count)
	}
	fmt.Println(shop.Stop(ctx))
	// Output:
	// <nil>
	// shop up restarts 1 of 3 in 5s
	// shop/basket up incarnation 2 executed 2 crashes 1
	// <nil>
}
