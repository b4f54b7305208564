package actor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// Info of a pool shows what its members show, also those that have left.
func TestPoolInfoIsOfAllMembers(t *testing.T) {
	pool, served := staff(t, 3, actor.WithTimes(), actor.WithRestarts(10, time.Hour))
	ctx := context.Background()
	occupyAll(t, pool)() // all are up
	for _, text := range []string{"first", "second"} {
		err := pool.Run(ctx, func(*worker) error { panic(text) })
		if actor.OutcomeOf(err) != actor.Crashed {
			t.Fatalf("Run = %v", err)
		}
	}
	letGo := occupyAll(t, pool)
	for range 7 {
		_ = pool.Do(func(*worker) {})
	}
	high := pool.Members()[0].Queued // Info looks
	letGo()
	crashes := func(when string) {
		t.Helper()
		i := pool.Info()
		if i.Crash == nil || i.Crash.Count != 2 || i.Crash.Err.Value != "second" {
			t.Errorf("%s: the crash is %+v: want the second of 2", when, i.Crash)
		}
		if i.High < high || i.High > 7 {
			t.Errorf("%s: High is %d: want that of one member", when, i.High)
		}
	}
	crashes("while it is served")
	stop(t, pool)
	<-served
	crashes("when all have left")
	i := pool.Info()
	var inBuckets uint64
	var upTo time.Duration
	for _, b := range i.Runs.Buckets {
		if b.UpTo <= upTo {
			t.Errorf("the bucket up to %v follows that up to %v", b.UpTo, upTo)
		}
		upTo = b.UpTo
		inBuckets += b.Count
	}
	if i.Runs.Count == 0 || inBuckets != i.Runs.Count || i.Runs.Max < i.Runs.Mean || i.Runs.Mean <= 0 {
		t.Errorf("run times of %d in buckets with %d, mean %v, max %v", i.Runs.Count, inBuckets, i.Runs.Mean, i.Runs.Max)
	}
}

// Whom members wait for is whom the pool waits for.
func TestPoolInfoWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, served := staff(t, 2)
		svc := actor.Start(&plain{}, quiet(), actor.WithName("asked"))
		b := occupy(t, svc)
		done := make(chan error, 1)
		go func() {
			done <- pool.RunContext(context.Background(), func(ctx context.Context, _ *worker) error {
				return svc.Run(ctx, func(*plain) error { return nil })
			})
		}()
		synctest.Wait()
		if w := pool.Info().WaitsFor; len(w) != 1 || w[0].For != "asked" {
			t.Errorf("WaitsFor = %+v", w)
		}
		b.letGo()
		if err := <-done; err != nil {
			t.Error(err)
		}
		stop(t, pool)
		stop(t, svc)
		<-served
	})
}

// Watch of a pool tells of the member that it watches, by its name.
func TestWatchOfAPool(t *testing.T) {
	pool, served := staff(t, 1, actor.WithName("crew"))
	svc := actor.Start(&plain{}, quiet())
	told := make(chan actor.DownNotice, 1)
	defer actor.Watch(pool, svc, func(_ *plain, d actor.DownNotice) { told <- d })()
	_ = pool.Do(func(*worker) { panic("down") })
	if d := <-told; d.Service != "crew/0" || d.Incarnation != 1 {
		t.Errorf("the notice is %+v", d)
	}
	if err := pool.Run(context.Background(), func(*worker) error { return nil }); err != nil {
		t.Error(err) // it serves again, or Stop would tell of the crash
	}
	stop(t, pool)
	stop(t, svc)
	<-served
}
