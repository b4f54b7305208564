package actor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// exitGoroutine ends its goroutine.
func exitGoroutine() { runtime.Goexit() }

func TestKeyIsStable(t *testing.T) {
	pool, served := staff(t, 8)
	ctx := context.Background()
	where := func(key string) int64 {
		n, err := actor.Get(ctx, pool.Key(key), (*worker).who)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const keys = 2000
	before := map[string]int64{}
	load := map[int64]int{}
	for i := range keys {
		key := fmt.Sprint("user", i)
		before[key] = where(key)
		load[before[key]]++
		if again := where(key); again != before[key] {
			t.Fatalf("%s is with %d and then with %d", key, before[key], again)
		}
	}
	for n, l := range load {
		if l < keys/8/2 || l > keys/8*2 {
			t.Errorf("member %d has %d of %d keys", n, l, keys)
		}
	}
	if err := pool.Resize(9); err != nil {
		t.Fatal(err)
	}
	moved := 0
	for key, n := range before {
		if now := where(key); now != n {
			moved++
			if now <= 8 {
				t.Errorf("%s moved from %d to %d, neither of which is new", key, n, now)
			}
		}
	}
	if moved < keys/9/2 || moved > keys/9*2 {
		t.Errorf("%d of %d keys moved: want about %d", moved, keys, keys/9)
	}
	if err := pool.Resize(8); err != nil {
		t.Fatal(err)
	}
	for key, n := range before {
		if now := where(key); now != n {
			t.Errorf("%s is with %d, and was with %d before", key, now, n)
		}
	}
	stop(t, pool)
	<-served
}

// One sender's closures of one key run in order and one at a time, while the pool
// grows and shrinks and its members crash.
func TestL2KeyOrderWhileThePoolChanges(t *testing.T) {
	pool, served := staff(t, 4, actor.WithRestarts(1<<30, time.Hour))
	const senders, keys = 4, 10
	type track struct {
		busy atomic.Bool
		next [senders]int
	}
	var tracks [keys]track
	var over atomic.Bool
	var all sync.WaitGroup
	ctx := context.Background()
	var sent [senders][keys]int
	for from := range senders {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(from)))
			for !over.Load() {
				key := rng.IntN(keys)
				n := sent[from][key]
				sent[from][key]++
				crash := rng.IntN(500) == 0
				f := func(*worker) {
					k := &tracks[key]
					if k.busy.Swap(true) {
						t.Errorf("key %d is at work twice", key)
					}
					if k.next[from] != n {
						t.Errorf("key %d: %d where %d of sender %d was due", key, n, k.next[from], from)
					}
					k.next[from] = n + 1
					runtime.Gosched()
					k.busy.Store(false)
					if crash {
						panic("now and then")
					}
				}
				ref := pool.Key(fmt.Sprint(key))
				var err error
				switch rng.IntN(4) {
				case 0:
					err = ref.Run(ctx, func(w *worker) error { f(w); return nil })
				case 1:
					actor.Async(ref, func(w *worker) (int, error) { f(w); return 0, nil })
				case 2:
					err = ref.DoContext(ctx, func(_ context.Context, w *worker) { f(w) })
				default:
					err = ref.Do(f)
				}
				if err != nil && actor.OutcomeOf(err) != actor.Crashed {
					t.Errorf("not run: %v", err)
				}
				if rng.IntN(20) == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	rng := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		if err := pool.Resize(1 + rng.IntN(6)); err != nil {
			t.Error(err)
		}
		accepts(t, pool, 50)
	}
	over.Store(true)
	all.Wait()
	for key := range keys { // or a crash would end the drain
		if err := pool.Key(fmt.Sprint(key)).Run(ctx, func(*worker) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	stop(t, pool)
	if err := <-served; err != nil {
		t.Error(err)
	}
	for key := range keys {
		for from := range senders {
			if got := tracks[key].next[from]; got != sent[from][key] {
				t.Errorf("key %d: %d of %d of sender %d have run", key, got, sent[from][key], from)
			}
		}
	}
	balanced(t, pool.Info())
}

// A key with something queued stays where it is, and moves when that has run.
func TestL2KeyMovesWhenNothingIsQueued(t *testing.T) {
	pool, served := staff(t, 1)
	ctx := context.Background()
	if n, err := actor.Get(ctx, pool, (*worker).who); n != 1 || err != nil {
		t.Fatalf("the first member is %d, %v", n, err)
	}
	key := func() actor.Key[worker] { // one that belongs to the second member
		for i := uint64(0); ; i++ {
			k := pool.KeyNumber(i)
			_ = pool.Resize(2)
			n, _ := actor.Get(ctx, k, (*worker).who)
			_ = pool.Resize(1)
			if n != 1 {
				return k
			}
		}
	}()
	who := func() int64 {
		n, err := actor.Get(ctx, key, (*worker).who)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for who() != 1 { // the service answers, and is done with the call a moment later
		runtime.Gosched()
	}
	b := newBlocker[worker]()
	if err := key.Do(b.run); err != nil {
		t.Fatal(err)
	}
	<-b.started
	if err := pool.Resize(2); err != nil {
		t.Fatal(err)
	}
	next := make(chan int64, 1)
	if err := key.Do(func(w *worker) { next <- w.number }); err != nil {
		t.Fatal(err)
	}
	b.letGo()
	if n := <-next; n != 1 {
		t.Errorf("what came while the first member was busy ran on %d", n)
	}
	_ = pool.Run(ctx, func(*worker) error { return nil })
	for range 1000 {
		if who() != 1 {
			break
		}
		runtime.Gosched()
	}
	if n := who(); n == 1 {
		t.Error("it did not move")
	}
	stop(t, pool)
	<-served
}
