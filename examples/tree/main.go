// Tree shows what a supervision tree does: it starts one, has services crash, and
// stops it, and prints what happened and the tree after each step.
//
//	go run ./tree
package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tree:", err)
		os.Exit(1)
	}
}

// run tells the story to w.
func run(ctx context.Context, w io.Writer) error {
	s := newShop()
	n := newNarrator(w, s.root, s.events)

	n.title("Start: each child when the one before is up")
	if err := s.root.Start(ctx); err != nil {
		return err
	}
	n.until("started shop/clerk")

	n.title("The till panics, and the bank is restarted with it (one-for-all)")
	s.till.Do(func(*till) { panic("out of paper") })
	s.till.Do(func(t *till) { t.put(5) }) // waits for the next till
	n.until("started shop/money/bank")
	if err := n.cash(ctx, s.till); err != nil {
		return err
	}

	n.title("Once more: money gives up, and is restarted with all that comes after it (rest-for-one)")
	s.till.Do(func(*till) { panic("out of paper") })
	s.till.Do(func(t *till) { t.put(7) }) // waits for the next money
	n.until("started shop/clerk")
	if err := n.cash(ctx, s.till); err != nil {
		return err
	}

	n.title("Stop: in the reverse order")
	if err := s.root.Stop(ctx); err != nil {
		return err
	}
	n.until("stopped shop")
	return nil
}
