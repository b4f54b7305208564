package actor_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Till is money that must not become negative.
type Till struct{ cents int }

var errEmpty = errors.New("not enough in the till")

func (t *Till) Put(cents int) error {
	if cents <= 0 {
		return fmt.Errorf("cannot put %d", cents)
	}
	t.cents += cents
	return nil
}

func (t *Till) Take(cents int) (left int, err error) {
	if cents > t.cents {
		return t.cents, errEmpty
	}
	t.cents -= cents
	return t.cents, nil
}

// How is a question asked?
func ExampleCall() {
	ctx := context.Background()
	till := actor.Start(&Till{cents: 100})

	left, err := actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(30) })
	fmt.Println(left, err)
	left, err = actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(500) })
	fmt.Println(left, err, errors.Is(err, errEmpty))

	till.Stop(ctx)
	// Output:
	// 70 <nil>
	// 70 not enough in the till true
}

// How does one wait for a method that returns nothing?
func ExampleWait() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 42})

	err := actor.Wait(ctx, counter, (*Counter).Reset)
	fmt.Println(err)
	fmt.Println(actor.Get(ctx, counter, (*Counter).Value))

	counter.Stop(ctx)
	fmt.Println(actor.OutcomeOf(actor.Wait(ctx, counter, (*Counter).Reset)))
	// Output:
	// <nil>
	// 0 <nil>
	// not run
}

// How is a question asked whose answer has no error?
func ExampleGet() {
	ctx := context.Background()
	counter := actor.Start(&Counter{n: 42})

	n, err := actor.Get(ctx, counter, (*Counter).Value)
	fmt.Println(n, err)
	third, err := actor.Get(ctx, counter, func(c *Counter) int { return c.Share(3) })
	fmt.Println(third, err)

	counter.Stop(ctx)
	// Output:
	// 42 <nil>
	// 14 <nil>
}

// How is something done, and waited for, that has no result?
func ExampleService_Run() {
	ctx := context.Background()
	till := actor.Start(&Till{})

	fmt.Println(till.Run(ctx, func(t *Till) error { return t.Put(20) }))
	fmt.Println(till.Run(ctx, func(t *Till) error { return t.Put(-1) }))

	till.Stop(ctx)
	// Output:
	// <nil>
	// cannot put -1
}
