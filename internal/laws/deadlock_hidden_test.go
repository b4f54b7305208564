package laws_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/internal/actortest"
)

// late is a context that has ended when over is closed, which its waiter does not notice
// yet: the moment of any context's end, for as long as a test wants. The waiter has the
// channel that it asked for first.
type late struct {
	context.Context
	asked atomic.Bool
	over  chan struct{}
}

func (l *late) Done() <-chan struct{} {
	if l.asked.Swap(true) {
		return l.over
	}
	return l.Context.Done()
}

// A wait that is over, and leads to the same services as one that is not, does not
// hide that one.
func TestL10EndedWaitHidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c, d, x := bounded("a"), bounded("b"), bounded("c"), bounded("d"), bounded("x")
		gate, refused := make(chan struct{}), make(chan error, 1)
		call := func(from, to plainService) {
			actortest.Do(t, from, func(*actortest.Plain) {
				if err := to.Run(context.Background(), actortest.Nothing); err != nil {
					t.Errorf("Run = %v", err)
				}
			})
		}
		actortest.Do(t, x, func(*actortest.Plain) {
			<-gate
			refused <- a.Run(context.Background(), actortest.Nothing)
		})
		synctest.Wait()
		call(d, x)
		synctest.Wait()
		call(b, d)
		call(c, d) // waits for room: for D all the same
		synctest.Wait()
		over := make(chan struct{})
		fork := func(ctx context.Context, _ *actortest.Plain) {
			both := make(chan error, 2)
			go func() { both <- c.Run(ctx, actortest.Nothing) }()
			time.Sleep(time.Second) // until it waits
			go func() { both <- b.Run(&late{Context: ctx, over: over}, actortest.Nothing) }()
			<-both
			<-both
		}
		if err := a.DoContext(context.Background(), fork); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		close(over)
		close(gate)
		expectCycle(t, <-refused, []string{"x", "a", "c", "d"}, nil)
		synctest.Wait()
		for _, svc := range []plainService{a, b, c, d, x} {
			actortest.Stop(t, svc)
		}
	})
}
