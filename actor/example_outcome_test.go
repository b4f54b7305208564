package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// May a call that failed be made again?
func ExampleOutcomeOf() {
	ctx := context.Background()
	till := actor.Start(&Till{cents: 100}, actor.WithLogger(slog.New(slog.DiscardHandler)))

	take := func(ctx context.Context, cents int) error {
		_, err := actor.Call(ctx, till, func(t *Till) (int, error) { return t.Take(cents) })
		return err
	}
	fmt.Println("its own error:", actor.OutcomeOf(take(ctx, 500)))

	over, cancel := context.WithCancel(ctx)
	cancel()
	fmt.Println("dead context:", actor.OutcomeOf(take(over, 10)))

	leaving, leave := context.WithCancel(ctx)
	release := make(chan struct{})
	err := till.Run(leaving, func(*Till) error {
		leave() // the caller goes away while the closure runs
		<-release
		return nil
	})
	fmt.Println("context ended meanwhile:", actor.OutcomeOf(err))
	close(release)

	err = till.Run(ctx, func(*Till) error { panic("out of change") })
	fmt.Println("panic:", actor.OutcomeOf(err))

	err = take(ctx, 10)
	fmt.Println("afterwards:", actor.OutcomeOf(err))
	fmt.Println(errors.Is(err, actor.ErrStopped), errors.Is(err, actor.ErrNotRun))
	// Output:
	// its own error: ran
	// dead context: not run
	// context ended meanwhile: unknown
	// panic: crashed
	// afterwards: not run
	// true true
}

var errUnreachable = errors.New("no connection")

// Bank calls a service of another process, in some way.
type Bank struct{ connected bool }

func (b *Bank) Balance(context.Context) (int, error) {
	if !b.connected {
		return 0, actor.WithOutcome(errUnreachable, actor.NotRun) // nothing was sent
	}
	return 42, nil
}

// How does a client of one's own say what became of a call?
func ExampleWithOutcome() {
	bank := &Bank{}
	_, err := bank.Balance(context.Background())
	fmt.Println(err, "-", actor.OutcomeOf(err))
	fmt.Println(errors.Is(err, errUnreachable), errors.Is(err, actor.ErrNotRun))
	// Output:
	// no connection - not run
	// true true
}
