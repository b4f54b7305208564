package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// In a bubble time is virtual: what would take hours takes no time, and comes out
// to the nanosecond. This one uses everything that waits or has a clock.
func bubble(t *testing.T) {
	var f actortest.Factory
	svc := actor.New(f.Build, actortest.Quiet(), actor.WithCapacity(4), actor.WithSlowClosure(time.Minute))
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	begin := time.Now()
	served := actortest.Serve(actortest.Supervised(ctx), svc)

	// A call that times out, and a closure that takes its time.
	short, end := context.WithTimeout(ctx, time.Hour)
	defer end()
	err := svc.Run(short, func(*actortest.Closable) error { time.Sleep(2 * time.Hour); return nil })
	actortest.Within(t, "Run", err, context.DeadlineExceeded, actor.Unknown)
	elapsed(t, begin, time.Hour)

	// A future behind it.
	answer := actor.Async(svc, func(c *actortest.Closable) (int64, error) { return c.Number, nil })
	if n, err := answer.Await(ctx); n != 1 || err != nil {
		t.Errorf("Await = %v, %v", n, err)
	}
	elapsed(t, begin, 2*time.Hour)

	// Restarts with a back-off in between, as a supervisor makes them.
	for i := range 3 {
		actortest.Do(t, svc, actortest.Panics)
		<-served
		time.Sleep(time.Hour << i)
		served = actortest.Serve(actortest.Supervised(ctx), svc)
	}
	if n, err := actor.Get(ctx, svc, func(c *actortest.Closable) int64 { return c.Number }); n != 4 || err != nil {
		t.Errorf("Get = %v, %v", n, err)
	}
	elapsed(t, begin, 9*time.Hour)

	// Room, of which there is none.
	b := actortest.Occupy(t, svc)
	for range 4 {
		actortest.Do(t, svc, func(*actortest.Closable) {})
	}
	room, end := context.WithTimeout(ctx, time.Hour)
	defer end()
	err = svc.DoContext(room, func(context.Context, *actortest.Closable) {})
	actortest.Within(t, "DoContext", err, context.DeadlineExceeded, actor.NotRun)
	elapsed(t, begin, 10*time.Hour)

	// A Stop that runs out of time.
	stopping, end := context.WithTimeout(ctx, time.Hour)
	defer end()
	if err := svc.Stop(stopping); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Stop = %v", err)
	}
	elapsed(t, begin, 11*time.Hour)
	b.LetGo()
	<-served
}

func elapsed(t testing.TB, since time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(since); got != want {
		t.Errorf("it is %v, want %v", got, want)
	}
}

// Everything works in a bubble; in one after another, with work outside between
// them, so that nothing of one bubble is met in the next; and under other tests
// that have bubbles of their own.
func TestL15Bubble(t *testing.T) {
	for range 3 {
		synctest.Test(t, bubble)
		outside := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithSlowClosure(time.Hour))
		for range 10 {
			if err := outside.Run(context.Background(), actortest.Nothing); err != nil {
				t.Errorf("outside: %v", err)
			}
		}
		actortest.Stop(t, outside)
	}
	for range 2 {
		t.Run("beside another", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, bubble)
		})
	}
}

// A bubble in which services find a deadlock leaves nothing for the next one.
func TestL15DeadlockInBubbles(t *testing.T) {
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			a, b := bounded("a"), bounded("b")
			err := a.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) error {
				return b.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error { return a.Run(ctx, actortest.Nothing) })
			})
			var deadlock *actor.DeadlockError
			if !errors.As(err, &deadlock) {
				t.Errorf("no deadlock: %v", err)
			}
			actortest.Stop(t, a)
			actortest.Stop(t, b)
		})
	}
}

// All waiting is durable blocking: with every kind of it under way the bubble
// comes to rest, and the clock moves on by exactly what the next timer says.
func TestL15WaitingIsDurable(t *testing.T) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := bounded("busy")
				begin := time.Now()
				actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Hour) })
				synctest.Wait()
				w.prepare(t, svc)
				if err, _ := w.wait(context.Background(), svc); err != nil {
					t.Errorf("the error is %v", err)
				}
				elapsed(t, begin, time.Hour)
				actortest.Stop(t, svc)
			})
		})
	}
}

// A Kill of whatever is under way, in a bubble.
func TestL15Kill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Hour) })
		synctest.Wait()
		svc.Kill()
		<-svc.Done()
		elapsed(t, begin, 0)
		time.Sleep(2 * time.Hour)
	})
}
