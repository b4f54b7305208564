package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// breakerState is what a Breaker is doing:
//
//	state     event                    next
//	closed    three failures in a row  open
//	open      a failure                open, and its time begins anew
//	open      its time is over         halfOpen
//	halfOpen  a failure                open
//	any       a success                closed
type breakerState string

const (
	closed   breakerState = "closed"
	open     breakerState = "open"
	halfOpen breakerState = "half-open"
)

// Breaker keeps callers from something that fails, and lets them try again later.
type Breaker struct {
	self     *actor.Service[Breaker]
	changes  *actor.Topic[breakerState]
	state    breakerState
	failures int // in a row
}

func newBreaker(changes *actor.Topic[breakerState]) func(context.Context) (*Breaker, error) {
	return func(ctx context.Context) (*Breaker, error) {
		return &Breaker{self: actor.Self[Breaker](ctx), changes: changes, state: closed}, nil
	}
}

// Allows reports whether something may be tried.
func (b *Breaker) Allows() bool { return b.state != open }

// Report tells how a try has ended.
func (b *Breaker) Report(err error) {
	if err == nil {
		b.failures = 0
		b.self.CancelKeyed("retry")
		b.enter(closed)
		return
	}
	b.failures++
	if b.failures >= 3 { // as it is in any state but closed
		b.enter(open)
		b.self.AfterKeyed("retry", 5*time.Millisecond, func(b *Breaker) { b.enter(halfOpen) })
	}
}

func (b *Breaker) enter(next breakerState) {
	if b.state != next {
		b.state = next
		b.changes.Publish(next) // never blocks
	}
}

// How does a state change with time as well as with events?
func Example_stateMachine() {
	ctx := context.Background()
	var topic actor.Topic[breakerState]
	changes, cancel := actor.SubscribeChan(&topic, 10)
	defer cancel()
	breaker := actor.New(newBreaker(&topic))
	go breaker.Serve(ctx) // or as a child of a supervisor

	report := func(err error) { breaker.Do(func(b *Breaker) { b.Report(err) }) }
	refused := errors.New("connection refused")

	fmt.Println(actor.Get(ctx, breaker, (*Breaker).Allows))
	for range 3 {
		report(refused)
	}
	fmt.Println(<-changes, "then", <-changes) // with time
	report(refused)
	fmt.Println(<-changes, "then", <-changes)
	report(nil)
	fmt.Println(<-changes)
	fmt.Println(actor.Get(ctx, breaker, (*Breaker).Allows))
	fmt.Println(breaker.Stop(ctx))
	// Output:
	// true <nil>
	// open then half-open
	// open then half-open
	// closed
	// true <nil>
	// <nil>
}
