package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// failTimes returns a service that fails so many times, and then calls done and
// waits for its end.
func failTimes(n int, err error, done func()) supervisor.Func {
	return func(ctx context.Context) error {
		if n > 0 {
			n--
			return err
		}
		done()
		<-ctx.Done()
		return nil
	}
}

// How does a program learn what happens in its tree?
func ExampleEvent() {
	ctx, cancel := context.WithCancel(context.Background())
	tree := supervisor.New("tree", supervisor.Spec{
		Logger: slog.New(slog.DiscardHandler),
		OnEvent: func(e supervisor.Event) {
			if e.Err != nil {
				fmt.Println(e.Kind, e.Path, e.Err)
			} else {
				fmt.Println(e.Kind, e.Path)
			}
		},
		Children: []supervisor.Child{
			{Name: "flaky", Service: failTimes(1, errors.New("line is dead"), cancel)},
		},
	})
	tree.Serve(ctx)
	// Output:
	// started tree/flaky
	// exited tree/flaky line is dead
	// restarting tree/flaky line is dead
	// started tree/flaky
	// stopped tree/flaky
	// stopped tree
}

// How is a child kept from restarting too fast?
func ExampleBackoff() {
	ctx, cancel := context.WithCancel(context.Background())
	tree := supervisor.New("tree", supervisor.Spec{
		Logger:      slog.New(slog.DiscardHandler),
		MaxRestarts: supervisor.Unlimited,
		OnEvent: func(e supervisor.Event) {
			if e.Kind == supervisor.Restarting {
				fmt.Println(e.Path, "in", e.Delay)
			}
		},
		Children: []supervisor.Child{{
			Name: "flaky", Service: failTimes(4, errors.New("line is dead"), cancel),
			Backoff: &supervisor.Backoff{Min: time.Millisecond, Max: 5 * time.Millisecond, Healthy: time.Hour},
		}},
	})
	tree.Serve(ctx)
	// Output:
	// tree/flaky in 1ms
	// tree/flaky in 2ms
	// tree/flaky in 4ms
	// tree/flaky in 5ms
}

// How does the kind of an error decide?
func ExampleSpec_decider() {
	errRevoked := errors.New("licence revoked")
	errDisk := errors.New("disk is gone")
	tree := supervisor.New("tree", supervisor.Spec{
		Logger: slog.New(slog.DiscardHandler),
		Decider: func(child string, err error) supervisor.Decision {
			switch {
			case errors.Is(err, errRevoked):
				return supervisor.StopChild // restarting would not help
			case errors.Is(err, errDisk):
				return supervisor.Escalate // nor would restarting the child alone
			}
			return supervisor.ByTable
		},
		Children: []supervisor.Child{
			{Name: "checker", Service: failTimes(1, errRevoked, func() {})},
			{Name: "writer", Service: failTimes(1, errDisk, func() {})},
		},
	})
	err := tree.Serve(context.Background())
	fmt.Println(errors.Is(err, errDisk))
	for _, c := range tree.Children() {
		fmt.Println(c.Name, "restarts:", c.Restarts)
	}
	// Output:
	// true
	// checker restarts: 0
	// writer restarts: 0
}
