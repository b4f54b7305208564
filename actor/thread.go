package actor

import (
	"context"
	"runtime"

	"github.com/bruskajp/nano_services/internal/tree"
)

// A thread whose state was changed must not run anything else afterwards. The runtime
// ends the thread of a goroutine that ends locked to it, and knows no other way to get
// rid of one. (The process's main thread can not end: the runtime lets it sleep for good.)
// So an incarnation with a thread of its own has a goroutine of its own, which
// never unlocks: for Start that is so anyway, and Serve waits for one.

// liveOnThread is live on a goroutine of its own. If that is ended by runtime.Goexit, so
// is the caller's.
func (in *incarnation) liveOnThread(ctx context.Context) (err error) {
	place, _ := tree.PlaceOf(ctx)
	returned := false
	over := make(chan struct{})
	go func() {
		defer close(over)
		if place.Adopt != nil {
			defer place.Adopt()()
		}
		err = in.live()
		returned = true
	}()
	<-over
	if !returned {
		runtime.Goexit()
	}
	return err
}
