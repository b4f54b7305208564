package laws_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A service with a capacity of n takes n closures beside the one that runs, and
// not one more, from whichever way they come.
func TestL14BoundIsExact(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 1000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(n), actortest.Quiet())
				for round := range 3 { // wherever in its memory the queue begins
					b := actortest.Occupy(t, svc)
					ended, cancel := context.WithCancel(context.Background())
					cancel()
					for i := range n {
						switch i % 3 {
						case 0:
							actortest.Do(t, svc, func(*actortest.Plain) {})
						case 1:
							if err := svc.DoContext(context.Background(), actortest.Ignore); err != nil {
								t.Errorf("DoContext = %v", err)
							}
						case 2:
							actor.Async(svc, actortest.Number)
						}
					}
					for range 3 {
						if err := svc.Do(func(*actortest.Plain) {}); err != actor.ErrMailboxFull {
							t.Errorf("round %d: Do number %d = %v", round, n+1, err)
						}
						_, err := actor.Async(svc, actortest.Number).Await(context.Background())
						actortest.Within(t, "Async", err, actor.ErrMailboxFull, actor.NotRun)
						actortest.Within(t, "DoContext", svc.DoContext(ended, actortest.Ignore), context.Canceled, actor.NotRun)
					}
					if i := svc.Info(); i.Queued != n || i.Running != 1 {
						t.Errorf("round %d: %+v", round, i)
					}
					b.LetGo()
					synctest.Wait()
				}
				actortest.Stop(t, svc)
			})
		})
	}
}

// Nor is there one more at any instant, with many senders that wait, do not wait,
// or give up. The closures look, and an observer.
func TestL14BoundHolds(t *testing.T) {
	const capacity, senders, each = 3, 6, 300
	svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(capacity), actortest.Quiet())
	look := func() {
		if i := svc.Info(); i.Queued > capacity || i.Running > 1 {
			t.Errorf("%d wait, %d run", i.Queued, i.Running)
		}
	}
	var wg sync.WaitGroup
	var accepted [senders]uint64
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				var err error
				switch (s + i) % 3 {
				case 0:
					err = svc.Do(func(*actortest.Plain) { look() })
				case 1:
					err = svc.DoContext(context.Background(), func(context.Context, *actortest.Plain) { look() })
				case 2:
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*time.Microsecond)
					err = svc.DoContext(ctx, func(context.Context, *actortest.Plain) { look() })
					cancel()
				}
				if err == nil {
					accepted[s]++
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	for actortest.IsOpen(over) {
		look()
	}
	actortest.Stop(t, svc)
	var want uint64
	for _, n := range accepted {
		want += n
	}
	if i := svc.Info(); i.Accepted != want || i.Executed != want {
		t.Errorf("%d were accepted: %+v", want, i)
	}
}

// Those that wait for room get it in the order in which they came, and nobody
// passes them: neither a Do, nor a sender that comes later.
func TestL14NoOvertaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10
		svc := actor.Start(&actortest.Plain{}, actor.WithCapacity(2), actortest.Quiet())
		var ran []int
		var errs []error
		full := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*actortest.Plain) { errs = append(errs, svc.Do(func(*actortest.Plain) { ran = append(ran, -1) })) })
		actortest.Do(t, svc, func(*actortest.Plain) { errs = append(errs, svc.Do(func(*actortest.Plain) { ran = append(ran, -2) })) })
		for i := range n {
			go func() {
				var err error
				if i%2 == 0 {
					err = svc.DoContext(context.Background(), func(context.Context, *actortest.Plain) { ran = append(ran, i) })
				} else {
					err = svc.Run(context.Background(), func(*actortest.Plain) error { ran = append(ran, i); return nil })
				}
				if err != nil {
					t.Errorf("sender %d: %v", i, err)
				}
			}()
			synctest.Wait() // it stands in line
		}
		full.LetGo()
		synctest.Wait()
		// Each of these had taken room away just before; it went to the first in line.
		for _, err := range errs {
			if err != actor.ErrMailboxFull {
				t.Errorf("Do of a closure of its own, while others wait = %v", err)
			}
		}
		if !slices.Equal(ran, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("ran %v", ran)
		}
		actortest.Do(t, svc, func(*actortest.Plain) {}) // nobody waits any more
		actortest.Stop(t, svc)
	})
}

// One that gives up leaves the line, and the others keep their order.
func TestL14GivingUpLeavesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("full")
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*actortest.Plain) {})
		var ran []int
		for i := range 6 {
			ctx := context.Background()
			if i%2 == 0 {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				ctx = short
			}
			go func() {
				err := svc.DoContext(ctx, func(context.Context, *actortest.Plain) { ran = append(ran, i) })
				if (err == nil) != (i%2 == 1) {
					t.Errorf("sender %d: %v", i, err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		b.LetGo()
		synctest.Wait()
		if !slices.Equal(ran, []int{1, 3, 5}) {
			t.Errorf("ran %v", ran)
		}
		if i := svc.Info(); i.Refused != 3 {
			t.Errorf("%+v", i)
		}
		actortest.Do(t, svc, func(*actortest.Plain) {})
		actortest.Stop(t, svc)
	})
}

// A call whose context has ended keeps its place until its turn, and only then
// makes room.
func TestL14DeadCallKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("full")
		b := actortest.Occupy(t, svc)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := svc.Run(ctx, func(*actortest.Plain) error { t.Error("a dead call ran"); return nil })
		actortest.Within(t, "Run", err, context.DeadlineExceeded, actor.NotRun)
		if err := svc.Do(func(*actortest.Plain) {}); err != actor.ErrMailboxFull {
			t.Errorf("Do = %v", err)
		}
		if i := svc.Info(); i.Queued != 1 || i.Skipped != 0 {
			t.Errorf("before its turn: %+v", i)
		}
		b.LetGo()
		synctest.Wait()
		if i := svc.Info(); i.Queued != 0 || i.Skipped != 1 {
			t.Errorf("after its turn: %+v", i)
		}
		actortest.Stop(t, svc)
	})
}
