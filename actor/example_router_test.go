package actor_test

import (
	"context"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

// Desk is one of two.
type Desk struct{ name string }

func (d *Desk) Serve() string { return "at the " + d.name }

// How is a service chosen for each closure, by a rule of one's own?
func ExampleRoute() {
	ctx := context.Background()
	left, right := actor.Start(&Desk{"left"}), actor.Start(&Desk{"right"})

	// open goes to the left desk as long as that is open.
	open := actor.Route(func(*actor.Service[Desk]) *actor.Service[Desk] {
		if _, accepts := left.Load(); accepts {
			return left
		}
		return right
	})
	fmt.Println(actor.Get(ctx, open, (*Desk).Serve))
	left.Stop(ctx)
	fmt.Println(actor.Get(ctx, open, (*Desk).Serve))

	right.Stop(ctx)
	// Output:
	// at the left <nil>
	// at the right <nil>
}
