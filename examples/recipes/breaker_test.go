package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/actor/topic"
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
	retry    *actor.Timer // nil: none yet
	changes  *topic.Topic[breakerState]
	state    breakerState
	failures int // in a row
}

func newBreaker(changes *topic.Topic[breakerState]) func(context.Context) (*Breaker, error) {
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
		b.retry.Cancel()
		b.enter(closed)
		return
	}
	b.failures++
	if b.failures >= 3 { // as it is in any state but closed
		b.enter(open)
		b.retry.Cancel()
		b.retry = b.self.After(5*time.Millisecond, func(b *Breaker) { b.enter(halfOpen) })
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
	var states topic.Topic[breakerState]
	changes, cancel := topic.Chan(&states, 10)
	defer cancel()
	breaker := actor.New(newBreaker(&states))
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

// The rows of the table that the example does not come by, in virtual time.
func TestBreakerTakesItsTimerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var states topic.Topic[breakerState] // nobody listens
		breaker := actor.New(newBreaker(&states))
		go breaker.Serve(t.Context())
		defer breaker.Stop(context.Background())

		report := func(err error) { breaker.Do(func(b *Breaker) { b.Report(err) }) }
		after := func(d time.Duration, want breakerState) {
			t.Helper()
			time.Sleep(d) // of virtual time
			synctest.Wait()
			state, err := actor.Get(t.Context(), breaker, func(b *Breaker) breakerState { return b.state })
			if state != want || err != nil {
				t.Errorf("%s, %v; want %s", state, err, want)
			}
		}
		refused := errors.New("connection refused")
		for range 3 {
			report(refused)
		}
		after(4*time.Millisecond, open)
		report(refused) // its time begins anew
		after(4*time.Millisecond, open)
		after(time.Millisecond, halfOpen)
		report(refused)
		after(0, open)
		report(nil)
		after(time.Hour, closed) // and not half-open
	})
}
