package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/supervisor"
)

// How does a program run a tree until it is told to end?
func ExampleSupervisor_Serve() {
	ctx, interrupt := context.WithCancel(context.Background()) // signal.NotifyContext, in a program
	worker := func(name string) supervisor.Func {
		return func(ctx context.Context) error {
			fmt.Println(name, "begins")
			supervisor.Ready(ctx)
			if name == "second" {
				interrupt()
			}
			<-ctx.Done()
			fmt.Println(name, "ends")
			return nil
		}
	}
	tree := supervisor.New("tree", supervisor.Spec{Children: []supervisor.Child{
		{Name: "first", Service: worker("first"), AwaitReady: true},
		{Name: "second", Service: worker("second")},
	}})
	fmt.Println(tree.Serve(ctx))
	// Output:
	// first begins
	// second begins
	// second ends
	// first ends
	// <nil>
}

// What happens when restarting does not help?
func ExampleGaveUpError() {
	silent := slog.New(slog.DiscardHandler)
	lives := 0
	broken := supervisor.Func(func(context.Context) error {
		lives++
		return errors.New("no such table")
	})
	orders := supervisor.New("orders", supervisor.Spec{
		MaxRestarts: 2,
		Children:    []supervisor.Child{{Name: "query", Service: broken}},
	})
	shop := supervisor.New("shop", supervisor.Spec{
		MaxRestarts: 1,
		Logger:      silent,
		Children:    []supervisor.Child{{Service: orders}},
	})

	err := shop.Serve(context.Background())
	var gaveUp *supervisor.GaveUpError
	if errors.As(err, &gaveUp) {
		fmt.Println(gaveUp.Supervisor, "gave up because of", gaveUp.Child)
		fmt.Println(gaveUp.Err)
	}
	fmt.Println("lives:", lives, "= (1+2) * (1+1)")
	// Output:
	// shop gave up because of shop/orders
	// supervisor: shop/orders gave up after 2 restarts within 5s: shop/orders/query: no such table
	// lives: 6 = (1+2) * (1+1)
}

// What does a bad spec say?
func ExampleSpecError() {
	tree := supervisor.New("tree", supervisor.Spec{
		MaxRestarts: -7,
		Children: []supervisor.Child{
			{Name: "a/b", Service: supervisor.Func(nil)},
			{Name: "c", Service: new(Nothing), Significant: true},
		},
	})
	fmt.Println(tree.Start(context.Background()))
	// Output:
	// supervisor: bad spec:
	// 	tree: MaxRestarts is -7: a number, 0 for the default of 3, NoRestarts or Unlimited
	// 	tree: Children[0] "a/b": Service is nil
	// 	tree: Children[1] "c": Significant with Restart Permanent: a permanent child never ends for good
	// 	tree: Children[1] "c": Significant with AutoShutdown Never: choose AnySignificant or AllSignificant
}

// Nothing is a service that does nothing.
type Nothing struct{}

// Serve waits.
func (*Nothing) Serve(ctx context.Context) error { <-ctx.Done(); return nil }
