package actor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// Monitor has a lamp for each service that it watches.
type Monitor struct{ lamps chan string }

func (m *Monitor) Lost(d actor.DownNotice) {
	var crash *actor.PanicError
	if errors.As(d.Reason, &crash) {
		m.lamps <- fmt.Sprintf("%s %d crashed: %v", d.Service, d.Incarnation, crash.Value)
		return
	}
	m.lamps <- fmt.Sprintf("%s %d ended: %v", d.Service, d.Incarnation, d.Reason)
}

// How does a service learn that another one is down?
func ExampleWatch() {
	silent := actor.WithLogger(slog.New(slog.DiscardHandler))
	left := actor.Start(&Counter{}, actor.WithName("left"), silent)
	right := actor.Start(&Counter{}, actor.WithName("right"), silent)
	lamps := make(chan string)
	monitor := actor.Start(&Monitor{lamps})

	actor.Watch(left, monitor, (*Monitor).Lost)
	cancel := actor.Watch(right, monitor, (*Monitor).Lost)
	left.Do(func(*Counter) { panic("out of numbers") })
	fmt.Println(<-lamps)

	cancel() // nothing more of this one
	right.Stop(context.Background())
	actor.Watch(right, monitor, (*Monitor).Lost) // down already: at once
	fmt.Println(<-lamps)
	monitor.Stop(context.Background())
	// Output:
	// left 1 crashed: out of numbers
	// right 1 ended: <nil>
}

// How does main, or a test, wait for the end of a service?
func ExampleAwaitDown() {
	ctx := context.Background()
	silent := actor.WithLogger(slog.New(slog.DiscardHandler))
	counter := actor.Start(&Counter{}, actor.WithName("counter"), silent)
	counter.Do(func(*Counter) { panic("out of numbers") })

	down, err := actor.AwaitDown(ctx, counter)
	fmt.Println(down.Service, down.Incarnation, err)
	var crash *actor.PanicError
	fmt.Println(errors.As(down.Reason, &crash), crash.Value)
	// Output:
	// counter 1 <nil>
	// true out of numbers
}
