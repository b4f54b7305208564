package tutorial_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
)

// Statement has what has happened to one account.
type Statement struct {
	account string
	lines   []string
}

// Take takes notice of a transfer.
func (s *Statement) Take(o Order) {
	switch s.account {
	case o.From:
		s.lines = append(s.lines, fmt.Sprint("-", o.Cents, " to ", o.To))
	case o.To:
		s.lines = append(s.lines, fmt.Sprint("+", o.Cents, " from ", o.From))
	}
}

func Example_step6() {
	ctx := context.Background()
	name, remove := temporary()
	defer remove()
	books := actor.New(openBooks(name), actor.WithLogger(silent))
	bank, err := start(books)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Who wants to know of transfers subscribes. The books do not know them.
	var booked topic.Topic[Order]
	bob := actor.Start(&Statement{account: "bob"}, actor.WithCapacity(100))
	if _, err := topic.Subscribe(&booked, bob, (*Statement).Take); err != nil {
		fmt.Println(err)
		return
	}
	// A view is read by many goroutines, and does not stand in the queue.
	sum := actor.NewView(books, func(b *Books) int { return b.Sum() })

	order := Order{"k1", "ada", "bob", 30}
	if err := bookSafely(ctx, books, order); err == nil { // what is told is on the disk
		booked.Publish(order)
	}
	fmt.Println(actor.Get(ctx, bob, func(s *Statement) string { return s.lines[0] }))
	fmt.Println(sum.Load())
	fmt.Println(bob.Stop(ctx), bank.Stop(ctx))
	// Output:
	// +30 from ada <nil>
	// 2000
	// <nil> <nil>
}

func Example_step6Wrong() {
	ctx := context.Background()
	var booked topic.Topic[Order]
	slow := actor.Start(&Statement{account: "bob"}, actor.WithCapacity(2), actor.WithLogger(silent))
	if _, err := topic.Subscribe(&booked, slow, (*Statement).Take); err != nil {
		fmt.Println(err)
		return
	}
	slow.Pause(ctx)
	for range 5 { // more than may wait
		fmt.Println(booked.Publish(Order{"k", "ada", "bob", 1}), "got it")
	}
	slow.Resume()
	fmt.Println(slow.Info().Refused, "missed")
	fmt.Println(slow.Stop(ctx))
	// Output:
	// 1 got it
	// 1 got it
	// 0 got it
	// 0 got it
	// 0 got it
	// 3 missed
	// <nil>
}
