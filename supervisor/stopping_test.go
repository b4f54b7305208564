package supervisor_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// A child that ignores its context is cut off after its time and listed with its
// stack; everything else is stopped, and its later calls are refused.
func TestSUPStuckChildIsListed(t *testing.T) {
	fewGoroutines()
	synctest.Test(t, func(t *testing.T) {
		svc, p, last := service("svc"), newPuppet(), newPuppet()
		inner := supervisor.New("inner", children(
			supervisor.Child{Service: svc, Shutdown: time.Second},
			supervisor.Child{Name: "p", Service: p, Shutdown: 2 * time.Second},
		))
		root := supervisor.New("root", children(
			supervisor.Child{Name: "last", Service: last}, supervisor.Child{Service: inner}))
		start(t, root)
		hold := make(chan struct{})
		var later error
		svc.Do(func(*number) { <-hold; later = root.Restart(context.Background(), "last") })
		free := p.hang()
		queued := calling(svc)
		synctest.Wait()

		err := root.Stop(context.Background())
		var stuck *supervisor.StuckError
		if !errors.As(err, &stuck) || len(stuck.Children) != 2 {
			t.Fatalf("Stop = %v", err)
		}
		if got := stuck.Children[0]; got.Path != "root/inner/p" || got.Running != "" ||
			!strings.Contains(got.Stack, "(*puppet).end") {
			t.Errorf("of a function: %+v", got)
		}
		if got := stuck.Children[1]; got.Path != "root/inner/svc" ||
			!strings.Contains(got.Running, "TestSUPStuckChildIsListed") ||
			!strings.Contains(got.Stack, "TestSUPStuckChildIsListed") {
			t.Errorf("of a service: %+v", got)
		}
		if err := <-queued; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("the queued call: %v", err)
		}
		if err := svc.Do(func(*number) {}); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Do afterwards = %v", err)
		}
		expectStates(t, root, "last:terminated inner:terminated")
		close(hold)
		free()
		synctest.Wait()
		if !errors.Is(later, supervisor.ErrNotRunning) {
			t.Errorf("a request of the one that was cut off: %v", later)
		}
		if got := errors.Unwrap(root.Err()); got != nil {
			t.Errorf("Err() = %v", root.Err())
		}
	})
}

// The context of Stop is a deadline for all of it. The error wraps the context's.
func TestSUPStopWithADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc")
		root := supervisor.New("root", children(supervisor.Child{Service: svc, Shutdown: supervisor.Forever}))
		start(t, root)
		hold := make(chan struct{})
		svc.Do(func(*number) { <-hold })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		var stuck *supervisor.StuckError
		if err := root.Stop(ctx); !errors.As(err, &stuck) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop = %v", err)
		}
		if d := time.Since(began); d != time.Minute {
			t.Errorf("Stop took %v", d)
		}
		close(hold)
	})
}

// A stop drains what services had accepted; a supervisor that gives up does not.
func TestSUPStopDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc")
		root := supervisor.New("root", children(supervisor.Child{Service: svc}))
		start(t, root)
		ran := 0
		for range 10 {
			svc.Do(func(*number) { time.Sleep(time.Millisecond); ran++ })
		}
		stop(t, root)
		if ran != 10 {
			t.Errorf("%d of 10 ran", ran)
		}
	})
}

// Several may stop at once, and again.
func TestSUPStopManyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, _ := trio(t, nil, supervisor.Spec{}, func(i int, c *supervisor.Child) {
			c.Service.(*puppet).slow = time.Second
		})
		var stops []<-chan error
		for range 10 {
			stops = append(stops, pending(func() error { return root.Stop(context.Background()) }))
		}
		for _, s := range stops {
			if err := <-s; err != nil {
				t.Errorf("Stop = %v", err)
			}
		}
		<-root.Done()
		stop(t, root)
	})
}

// One that was never started answers for its children when it is stopped.
func TestSUPStopBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := service("svc")
		inner := supervisor.New("inner", children(supervisor.Child{Service: svc}))
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		call := calling(svc)
		synctest.Wait()
		stop(t, root)
		<-root.Done()
		if err := <-call; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Run = %v", err)
		}
		if err := root.Start(t.Context()); !errors.Is(err, supervisor.ErrStopped) {
			t.Errorf("Start = %v", err)
		}
	})
}

// The same when the start fails: those that came after it, too, are answered.
func TestSUPFailedStartAnswersAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, after, p := service("before"), service("after"), newPuppet()
		p.awaits = true
		p.failNext(1)
		root := supervisor.New("root", children(supervisor.Child{Service: before},
			supervisor.Child{Name: "p", Service: p}, supervisor.Child{Service: after}))
		call := calling(after)
		synctest.Wait()
		err := root.Start(t.Context())
		var failed *supervisor.StartError
		if !errors.As(err, &failed) || failed.Child != "root/p" || !errors.Is(err, errCrash) {
			t.Errorf("Start = %v", err)
		}
		if err := <-call; !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Run = %v", err)
		}
		for _, svc := range []*actor.Service[number]{before, after} {
			if err := svc.Do(func(*number) {}); !errors.Is(err, actor.ErrStopped) {
				t.Errorf("%s: Do = %v", svc.Name(), err)
			}
		}
		<-root.Done()
	})
}

// A Start whose context ends stops what it had started, and leaves a tree that
// may be started again.
func TestSUPStartIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newPuppet(), newPuppet()
		b.awaits = true
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: a},
			supervisor.Child{Name: "b", Service: b}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := root.Start(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Start = %v", err)
		}
		expectStates(t, root, "a:terminated b:terminated")
		up := pending(func() error { return root.Start(t.Context()) })
		synctest.Wait()
		b.ready()
		if err := <-up; err != nil {
			t.Errorf("Start again = %v", err)
		}
		expectStates(t, root, "a:up b:up")
		stop(t, root)
	})
}

// The tree lives until Stop, and not until the context of Start ends.
func TestSUPStartOutlivesItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := supervisor.New("root", children(supervisor.Child{Name: "a", Service: newPuppet()}))
		ctx, cancel := context.WithCancel(t.Context())
		if err := root.Start(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		time.Sleep(time.Hour)
		expectStates(t, root, "a:up")
		stop(t, root)
		if err := supervisor.New("x", supervisor.Spec{}).Start(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Start = %v", err)
		}
	})
}

// What a life was told does not reach the next one, however late it comes: here
// the context of a life ends while that life gives up by itself.
func TestSUPLateStopDoesNotReachTheNextLife(t *testing.T) {
	for range 300 {
		life := 0
		up := make(chan context.Context)
		ctx, cancel := context.WithCancel(t.Context())
		s := supervisor.New("s", supervisor.Spec{
			MaxRestarts: supervisor.NoRestarts, Logger: quiet,
			Children: []supervisor.Child{{Name: "x", Service: supervisor.Func(func(ctx context.Context) error {
				if life++; life == 1 {
					cancel()
					return errCrash
				}
				up <- ctx
				<-ctx.Done()
				return nil
			})}},
		})
		if err := s.Serve(ctx); err == nil {
			continue // it was told in time
		}
		second, end := context.WithCancel(t.Context())
		ended := pending(func() error { return s.Serve(second) })
		child := <-up
		for range 100 { // what is late has its chance
			runtime.Gosched()
		}
		if child.Err() != nil {
			t.Fatal("the second life ended with the context of the first")
		}
		end()
		<-ended
	}
}
