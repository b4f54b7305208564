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

// A closure that waits for a goroutine to which it has passed its context waits
// for whatever that goroutine waits for: for its own service, or for one that
// waits for it.
func TestL10CycleThroughGoroutine(t *testing.T) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cycleThroughGoroutine(t, w) })
		})
	}
}

func cycleThroughGoroutine(t *testing.T, w wait) {
	a, b := bounded("a"), bounded("b")
	var refused error
	var site string
	// helped runs f on another goroutine and waits for it.
	helped := func(f func()) {
		done := make(chan struct{})
		go func() { defer close(done); f() }()
		<-done
	}
	err := a.RunContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) (err error) {
		w.prepare(t, a)
		helped(func() {
			err = b.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
				helped(func() { refused, site = w.wait(ctx, a) })
				return nil
			})
		})
		return err
	})
	if err != nil {
		t.Errorf("the first call: %v", err)
	}
	expectCycle(t, refused, []string{"b", "a"}, []string{site})
	actortest.Stop(t, a)
	actortest.Stop(t, b)
}

// The same without the second service.
func TestL10SelfCallThroughGoroutine(t *testing.T) {
	for _, w := range waits {
		if w.name == "Stop" {
			continue // does not wait for itself
		}
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := bounded("self")
				done := make(chan struct{})
				ask := func(ctx context.Context, _ *actortest.Plain) error {
					w.prepare(t, svc)
					go func() {
						defer close(done)
						err, site := w.wait(ctx, svc)
						expectCycle(t, err, []string{"self"}, []string{site})
					}()
					<-done
					return nil
				}
				if err := svc.RunContext(context.Background(), ask); err != nil {
					t.Error(err)
				}
				actortest.Stop(t, svc)
			})
		})
	}
}

// Several goroutines may wait on a service's behalf at once, beside the service
// itself; whichever closes a cycle is refused, and none of the others.
func TestL10ManyWaitsOfOneService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c, d := bounded("a"), bounded("b"), bounded("c"), bounded("d")
		slow, quick := make(chan struct{}), make(chan struct{})
		errs := make(chan error, 3)
		start := func(ctx context.Context, _ *actortest.Plain) {
			for _, svc := range []plainService{b, c} {
				go func() { errs <- svc.Run(ctx, func(*actortest.Plain) error { <-slow; return nil }) }()
			}
			errs <- d.Run(context.Background(), func(*actortest.Plain) error { <-quick; return nil })
			<-slow
		}
		if err := a.DoContext(context.Background(), start); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		refused := make(chan error, 3)
		for _, svc := range []plainService{b, c, d} {
			actortest.Do(t, svc, func(*actortest.Plain) {}) // is not in anybody's way
		}
		go func() { refused <- a.Run(context.Background(), actortest.Nothing) }() // nobody's wait
		close(quick)
		synctest.Wait()
		actortest.Do(t, d, func(*actortest.Plain) { refused <- a.Run(context.Background(), actortest.Nothing) }) // A waits for D no more
		synctest.Wait()
		close(slow)
		for range 3 {
			if err := <-errs; err != nil {
				t.Errorf("a wait of a: %v", err)
			}
		}
		for range 2 {
			if err := <-refused; err != nil {
				t.Errorf("refused: %v", err)
			}
		}
		for _, svc := range []plainService{a, b, c, d} {
			actortest.Stop(t, svc)
		}
	})
}

// Of a service's waits each is an edge: the second of two goroutines, and the
// service itself beside them.
func TestL10EachWaitCounts(t *testing.T) {
	for i, name := range []string{"first goroutine", "second goroutine", "the service"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := bounded("a")
				others := []plainService{bounded("x"), bounded("y"), bounded("z")}
				refused := make(chan error, 1)
				var gates []chan struct{}
				for j, svc := range others {
					gate := make(chan struct{})
					gates = append(gates, gate)
					actortest.Do(t, svc, func(*actortest.Plain) {
						<-gate
						if j == i {
							refused <- a.Run(context.Background(), actortest.Nothing)
						}
					})
				}
				start := func(ctx context.Context, _ *actortest.Plain) {
					for _, svc := range others[:2] {
						go func() { _ = svc.Run(ctx, actortest.Nothing) }()
						time.Sleep(time.Second) // until it waits
					}
					_ = others[2].Run(ctx, actortest.Nothing)
				}
				if err := a.DoContext(context.Background(), start); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				close(gates[i]) // the others go on waiting, or the closure would be over
				expectCycle(t, <-refused, []string{[]string{"x", "y", "z"}[i], "a"}, nil)
				for j, gate := range gates {
					if j != i {
						close(gate)
					}
				}
				synctest.Wait()
				actortest.Stop(t, a)
				for _, svc := range others {
					actortest.Stop(t, svc)
				}
			})
		})
	}
}

// A future whose call has begun can not be taken back: what became of it is not
// known to the one who was refused, and is answered to everybody else.
func TestL10StartedFutureIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bounded("a"), bounded("b")
		gate := make(chan struct{})
		refused := make(chan error, 1)
		var f *actor.Future[int]
		actortest.Do(t, a, func(*actortest.Plain) {
			<-gate
			_, err := f.Await(context.Background())
			refused <- err
		})
		f = actor.Async(b, func(*actortest.Plain) (int, error) { return 7, a.Run(context.Background(), actortest.Nothing) })
		synctest.Wait() // the call of f waits for A
		close(gate)
		err := <-refused
		if actor.OutcomeOf(err) != actor.Unknown {
			t.Errorf("the outcome is %v: %v", actor.OutcomeOf(err), err)
		}
		var deadlock *actor.DeadlockError
		if !errors.As(err, &deadlock) || len(deadlock.Cycle) != 2 {
			t.Errorf("no cycle: %v", err)
		}
		if n, err := f.Await(context.Background()); n != 7 || err != nil {
			t.Errorf("Await = %v, %v", n, err)
		}
		actortest.Stop(t, a)
		actortest.Stop(t, b)
	})
}

// One that has not begun is taken back, for everybody.
func TestL10QueuedFutureIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := bounded("a"), bounded("b")
		gate := make(chan struct{})
		refused := make(chan error, 1)
		ran := false
		var f *actor.Future[int]
		actortest.Do(t, a, func(*actortest.Plain) {
			<-gate
			_, err := f.Await(context.Background())
			refused <- err
		})
		actortest.Do(t, b, func(*actortest.Plain) {
			if err := a.Run(context.Background(), actortest.Nothing); err != nil {
				t.Errorf("Run = %v", err)
			}
		})
		synctest.Wait()
		f = actor.Async(b, func(*actortest.Plain) (int, error) { ran = true; return 7, nil })
		elsewhere := make(chan error, 1)
		go func() { elsewhere <- actortest.Second(f.Await(context.Background())) }()
		synctest.Wait()
		close(gate)
		expectCycle(t, <-refused, []string{"a", "b"}, nil)
		expectCycle(t, <-elsewhere, []string{"a", "b"}, nil)
		actortest.Stop(t, a)
		actortest.Stop(t, b)
		if i := b.Info(); ran || i.Skipped != 1 {
			t.Errorf("the call that was taken back: ran: %v, %+v", ran, i)
		}
	})
}
