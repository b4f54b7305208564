package actor_test

import (
	"fmt"
	"log/slog"

	"github.com/bruskajp/nano_services/actor"
)

// Where do closures go that will not run?
func ExampleWithDeadLetters() {
	hook := func(d actor.DeadLetter) {
		fmt.Printf("%s: %v (refused: %t)\n", d.Service, d.Reason, d.Refused)
	}
	counter := actor.New(newCounter, actor.WithDeadLetters(hook),
		actor.WithLogger(slog.New(slog.DiscardHandler)))

	counter.Do(func(c *Counter) { c.Add(1) })
	counter.Kill()
	counter.Do(func(c *Counter) { c.Add(1) }) // who ignores the error is seen all the same
	// Output:
	// Counter: actor: service stopped (refused: false)
	// Counter: actor: service stopped (refused: true)
}
