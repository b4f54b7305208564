package pool_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// Printer is one of several.
type Printer struct{ pages int }

func newPrinter(context.Context) (*Printer, error) { return &Printer{}, nil }

func (p *Printer) Print(text string) string {
	p.pages++
	return strings.ToUpper(text)
}

func (p *Printer) Pages() (int, error) { return p.pages, nil }

// How do several services share the work?
func Example() {
	ctx := context.Background()
	printers := pool.New(3, newPrinter)
	shop := supervisor.New("shop", supervisor.Spec{
		Logger:   slog.New(slog.DiscardHandler),
		Children: []supervisor.Child{{Name: "printers", Service: printers}},
	})
	shop.Start(ctx)

	// The pool is used like a service: the one with the least to do gets it.
	for _, text := range []string{"one", "two", "three"} {
		fmt.Println(actor.Get(ctx, printers, func(p *Printer) string { return p.Print(text) }))
	}

	// All of them are asked at once.
	pages, err := pool.Gather(ctx, printers, (*Printer).Pages)
	fmt.Println(len(pages), "printers", pages[0]+pages[1]+pages[2], "pages", err)

	// It is a supervisor, too.
	for _, printer := range printers.Children() {
		fmt.Println(printer.Path, printer.State)
	}

	fmt.Println(shop.Stop(ctx))
	// Output:
	// ONE <nil>
	// TWO <nil>
	// THREE <nil>
	// 3 printers 3 pages <nil>
	// shop/printers/0 up
	// shop/printers/1 up
	// shop/printers/2 up
	// <nil>
}

// How are the closures of one customer kept in order?
func ExamplePool_Key() {
	ctx := context.Background()
	printers := pool.New(3, newPrinter)
	go printers.Serve(ctx)

	ada := printers.Key("ada") // always the same printer
	for range 4 {
		ada.Do(func(p *Printer) { p.Print("a page") })
	}
	fmt.Println(actor.Call(ctx, ada, (*Printer).Pages))

	printers.Stop(ctx)
	// Output: 4 <nil>
}

// How many restarts does a pool put up with, and how long may its members take to stop?
func ExampleNewWith() {
	ctx := context.Background()
	printers := pool.NewWith(3, newPrinter, supervisor.Spec{
		MaxRestarts: 10,
		Period:      time.Minute,
		Template:    &supervisor.Child{Shutdown: 30 * time.Second},
	}, actor.WithName("printers"), actor.WithCapacity(100))
	printers.Start(ctx)

	fmt.Println(printers.Snapshot().Supervisor.Max, "restarts")

	printers.Stop(ctx)
	// Output: 10 restarts
}
