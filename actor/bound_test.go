package actor_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// A service with a capacity of n takes n closures beside the one that runs, and
// not one more, from whichever way they come.
func TestL14BoundIsExact(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 1000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&plain{}, actor.WithCapacity(n), quiet())
				for round := range 3 { // wherever in its memory the queue begins
					b := occupy(t, svc)
					ended, cancel := context.WithCancel(context.Background())
					cancel()
					for i := range n {
						switch i % 3 {
						case 0:
							do(t, svc, func(*plain) {})
						case 1:
							if err := svc.DoContext(context.Background(), ignore); err != nil {
								t.Errorf("DoContext = %v", err)
							}
						case 2:
							actor.Async(svc, number)
						}
					}
					for range 3 {
						if err := svc.Do(func(*plain) {}); err != actor.ErrMailboxFull {
							t.Errorf("round %d: Do number %d = %v", round, n+1, err)
						}
						_, err := actor.Async(svc, number).Await(context.Background())
						within(t, "Async", err, actor.ErrMailboxFull, actor.NotRun)
						within(t, "DoContext", svc.DoContext(ended, ignore), context.Canceled, actor.NotRun)
					}
					if i := svc.Info(); i.Queued != n || i.Running != 1 {
						t.Errorf("round %d: %+v", round, i)
					}
					b.letGo()
					synctest.Wait()
				}
				stop(t, svc)
			})
		})
	}
}

// Nor is there one more at any instant, with many senders that wait, do not wait,
// or give up. The closures look, and an observer.
func TestL14BoundHolds(t *testing.T) {
	const capacity, senders, each = 3, 6, 300
	svc := actor.Start(&plain{}, actor.WithCapacity(capacity), quiet())
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
					err = svc.Do(func(*plain) { look() })
				case 1:
					err = svc.DoContext(context.Background(), func(context.Context, *plain) { look() })
				case 2:
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*time.Microsecond)
					err = svc.DoContext(ctx, func(context.Context, *plain) { look() })
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
	for isOpen(over) {
		look()
	}
	stop(t, svc)
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
		svc := actor.Start(&plain{}, actor.WithCapacity(2), quiet())
		var ran []int
		var errs []error
		full := occupy(t, svc)
		do(t, svc, func(*plain) { errs = append(errs, svc.Do(func(*plain) { ran = append(ran, -1) })) })
		do(t, svc, func(*plain) { errs = append(errs, svc.Do(func(*plain) { ran = append(ran, -2) })) })
		for i := range n {
			go func() {
				var err error
				if i%2 == 0 {
					err = svc.DoContext(context.Background(), func(context.Context, *plain) { ran = append(ran, i) })
				} else {
					err = svc.Run(context.Background(), func(*plain) error { ran = append(ran, i); return nil })
				}
				if err != nil {
					t.Errorf("sender %d: %v", i, err)
				}
			}()
			synctest.Wait() // it stands in line
		}
		full.letGo()
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
		do(t, svc, func(*plain) {}) // nobody waits any more
		stop(t, svc)
	})
}

// One that gives up leaves the line, and the others keep their order.
func TestL14GivingUpLeavesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("full")
		b := occupy(t, svc)
		do(t, svc, func(*plain) {})
		var ran []int
		for i := range 6 {
			ctx := context.Background()
			if i%2 == 0 {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				ctx = short
			}
			go func() {
				err := svc.DoContext(ctx, func(context.Context, *plain) { ran = append(ran, i) })
				if (err == nil) != (i%2 == 1) {
					t.Errorf("sender %d: %v", i, err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		b.letGo()
		synctest.Wait()
		if !slices.Equal(ran, []int{1, 3, 5}) {
			t.Errorf("ran %v", ran)
		}
		if i := svc.Info(); i.Refused != 3 {
			t.Errorf("%+v", i)
		}
		do(t, svc, func(*plain) {})
		stop(t, svc)
	})
}

// A call whose context has ended keeps its place until its turn, and only then
// makes room.
func TestL14DeadCallKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := bounded("full")
		b := occupy(t, svc)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := svc.Run(ctx, func(*plain) error { t.Error("a dead call ran"); return nil })
		within(t, "Run", err, context.DeadlineExceeded, actor.NotRun)
		if err := svc.Do(func(*plain) {}); err != actor.ErrMailboxFull {
			t.Errorf("Do = %v", err)
		}
		if i := svc.Info(); i.Queued != 1 || i.Skipped != 0 {
			t.Errorf("before its turn: %+v", i)
		}
		b.letGo()
		synctest.Wait()
		if i := svc.Info(); i.Queued != 0 || i.Skipped != 1 {
			t.Errorf("after its turn: %+v", i)
		}
		stop(t, svc)
	})
}
