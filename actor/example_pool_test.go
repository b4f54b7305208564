package actor_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/bruskajp/nano_services/actor"
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
func ExamplePool() {
	ctx := context.Background()
	printers := actor.NewPool(3, newPrinter)
	go printers.Serve(ctx) // or as a child of a supervisor

	// The pool is used like a service: the one with the least to do gets it.
	for _, text := range []string{"one", "two", "three"} {
		fmt.Println(actor.Get(ctx, printers, func(p *Printer) string { return p.Print(text) }))
	}

	// All of them are asked at once.
	pages, err := actor.Gather(ctx, printers, (*Printer).Pages)
	fmt.Println(len(pages), "printers", pages[0]+pages[1]+pages[2], "pages", err)

	fmt.Println(printers.Resize(5), printers.Size())
	fmt.Println(printers.Stop(ctx))
	// Output:
	// ONE <nil>
	// TWO <nil>
	// THREE <nil>
	// 3 printers 3 pages <nil>
	// <nil> 5
	// <nil>
}

// How are the closures of one customer kept in order?
func ExamplePool_Key() {
	ctx := context.Background()
	printers := actor.NewPool(3, newPrinter)
	go printers.Serve(ctx)

	ada := printers.Key("ada") // always the same printer
	for range 4 {
		ada.Do(func(p *Printer) { p.Print("a page") })
	}
	fmt.Println(actor.Call(ctx, ada, (*Printer).Pages))

	printers.Stop(ctx)
	// Output: 4 <nil>
}
