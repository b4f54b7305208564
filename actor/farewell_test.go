package actor_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// held returns a key of the second of two members, which runs a blocker of that key.
func held(t *testing.T, pool *actor.Pool[worker]) (actor.Key[worker], *blocker[worker]) {
	t.Helper()
	numbers, err := actor.Gather(t.Context(), pool, func(w *worker) (int64, error) { return w.number, nil })
	if err != nil {
		t.Fatal(err)
	}
	for i := uint64(0); ; i++ {
		k := pool.KeyNumber(i)
		if n, err := actor.Get(t.Context(), k, (*worker).who); err != nil {
			t.Fatal(err)
		} else if n == numbers[1] {
			b := newBlocker[worker]()
			if err := k.Do(b.run); err != nil {
				t.Fatal(err)
			}
			<-b.started
			return k, b
		}
	}
}

// A member that is to leave, and whose keys are at work, is asked so once at a time,
// whatever comes through the keys: its own closures do not add up with those of others.
func TestPoolFarewellIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, served := staff(t, 2)
		synctest.Wait()
		key, b := held(t, pool)
		last, err := actor.Get(t.Context(), pool, (*worker).who) // by the one that is not busy
		if err != nil {
			t.Fatal(err)
		}
		if err := pool.Resize(1); err != nil {
			t.Fatal(err)
		}
		before := pool.Info().Accepted
		var ran atomic.Int64
		const n = 1000
		for range n {
			if err := key.Do(func(*worker) { ran.Add(1) }); err != nil {
				t.Error(err)
			}
		}
		if got := pool.Info().Accepted - before; got != n {
			t.Errorf("%d were accepted beside the %d that were sent", got-n, n)
		}
		b.letGo()
		synctest.Wait()
		if got := ran.Load(); got != n {
			t.Errorf("%d of %d have run", got, n)
		}
		if got := pool.Info().Accepted - before - n; got > 1 { // behind what came meanwhile
			t.Errorf("%d farewells were needed more: want 1", got)
		}
		if who, err := actor.Get(t.Context(), key, (*worker).who); who != last || err != nil {
			t.Errorf("the key is with %d, %v: want the one that is left", who, err)
		}
		stop(t, pool)
		<-served
		balanced(t, pool.Info())
	})
}

// A pool that changes its mind again and again loses nothing: its own farewells are
// neither dead letters nor in the log as such.
func TestPoolFarewellIsNoLoss(t *testing.T) {
	for _, end := range []func(*actor.Pool[worker]){
		func(pool *actor.Pool[worker]) { stop(t, pool) },
		(*actor.Pool[worker]).Kill,
	} {
		var log records
		var lost letters
		pool := actor.NewPool(2, workers(), log.option(), lost.option())
		served := serve(t.Context(), pool)
		_, b := held(t, pool)
		for range 100 {
			for n := range 2 {
				if err := pool.Resize(1 + n); err != nil {
					t.Error(err)
				}
			}
		}
		if err := pool.Resize(1); err != nil {
			t.Error(err)
		}
		ended := make(chan struct{})
		go func() { defer close(ended); end(pool) }()
		b.letGo()
		<-ended
		<-served
		if got := log.with("actor: accepted closures will not run"); len(got) > 0 {
			t.Errorf("%d records of losses, the first %v", len(got), got[0])
		}
		if got := lost.list(); len(got) > 0 {
			t.Errorf("dead letters %+v", got)
		}
		i := pool.Info()
		if i.Dead != 0 || i.Refused != 0 {
			t.Errorf("Info = %+v", i)
		}
		balanced(t, i)
	}
}

// A member that was to leave when the pool went down, and lost its farewell by that,
// leaves in the pool's next life.
func TestPoolFarewellAfterDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := actor.NewPool(2, workers(), quiet(), actor.WithDrainTime(time.Second))
		if err := pool.Resize(1); err != nil {
			t.Fatal(err)
		}
		pool.Abandon() // what is queued is answered
		served := serve(t.Context(), pool)
		synctest.Wait()
		if i := pool.Info(); i.Dead != 0 || i.Skipped != 1 {
			t.Errorf("Info = %+v: want the farewell of before skipped", i)
		}
		if i := pool.Info(); i.State != actor.Running || i.Executed != 1 {
			t.Errorf("Info = %+v: want one farewell", i)
		}
		stop(t, pool)
		if err := <-served; err != nil {
			t.Error(err)
		}
		if i := pool.Info(); i.Executed != 1 {
			t.Errorf("Info = %+v", i)
		}
	})
}
