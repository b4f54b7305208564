package actor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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
			do(t, from, func(*plain) {
				if err := to.Run(context.Background(), nothing); err != nil {
					t.Errorf("Run = %v", err)
				}
			})
		}
		do(t, x, func(*plain) {
			<-gate
			refused <- a.Run(context.Background(), nothing)
		})
		synctest.Wait()
		call(d, x)
		synctest.Wait()
		call(b, d)
		call(c, d) // waits for room: for D all the same
		synctest.Wait()
		over := make(chan struct{})
		fork := func(ctx context.Context, _ *plain) {
			both := make(chan error, 2)
			go func() { both <- c.Run(ctx, nothing) }()
			time.Sleep(time.Second) // until it waits
			go func() { both <- b.Run(&late{Context: ctx, over: over}, nothing) }()
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
			stop(t, svc)
		}
	})
}
