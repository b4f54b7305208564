package pool_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/supervisor"
)

// exitGoroutine ends its goroutine.
func exitGoroutine() { runtime.Goexit() }

func TestKeyIsStable(t *testing.T) {
	p := staff(t, 8)
	ctx := context.Background()
	where := func(key string) int64 {
		n, err := actor.Get(ctx, p.Key(key), (*worker).who)
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
	actortest.Stop(t, p)
}

// A key is at the same number in every pool of that size, in every process.
func TestL16KeyIsTheSameEverywhere(t *testing.T) {
	p := newPool(8, workers(), supervisor.Spec{})
	defer actortest.Stop(t, p)
	number := func(m *actor.Service[worker]) int { return slices.Index(p.Members(), m) }
	got := []int{
		number(p.Key("ada")), number(p.Key("bob")), number(p.Key("")), number(p.Key("eve")),
		number(p.KeyNumber(0)), number(p.KeyNumber(1)), number(p.KeyNumber(1 << 63)),
	}
	if want := []int{2, 4, 0, 2, 7, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("the keys are at %v: want %v", got, want)
	}
}

// What is sent to a key whose member is down stands behind what was queued before.
func TestL2KeyOfAMemberThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := &supervisor.Backoff{Min: time.Minute, Max: time.Minute}
		p := started(t, newPool(2, workers(), supervisor.Spec{Template: &supervisor.Child{Backoff: wait}}))
		for number, m := range p.Members() {
			key := uint64(0)
			for key < 64 && p.KeyNumber(key) != m { // half of them are its
				key++
			}
			var order []string // written by the member's goroutine
			goOn := make(chan struct{})
			send := func(f func(*worker)) {
				if err := p.KeyNumber(key).Do(f); err != nil {
					t.Fatal(err)
				}
			}
			send(func(*worker) { <-goOn; panic("no") })
			send(func(*worker) { order = append(order, "queued") })
			close(goOn)
			synctest.Wait() // it is down, for a minute
			send(func(*worker) { order = append(order, "sent while it is down") })
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			if !slices.Equal(order, []string{"queued", "sent while it is down"}) {
				t.Errorf("member %d has run %q", number, order)
			}
		}
		actortest.Stop(t, p)
	})
}

// One sender's closures of one key run in order and one at a time, while the members
// crash.
func TestL2KeyOrderWhileMembersCrash(t *testing.T) {
	p := started(t, newPool(4, workers(), supervisor.Spec{MaxRestarts: supervisor.Unlimited}))
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
				ref := p.Key(fmt.Sprint(key))
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
	eventually(func() bool { return info(p).Accepted > 15000 || t.Failed() })
	over.Store(true)
	all.Wait()
	for key := range keys { // or a crash would end the drain
		if err := p.Key(fmt.Sprint(key)).Run(ctx, func(*worker) error { return nil }); err != nil {
			t.Error(err)
		}
	}
	actortest.Stop(t, p)
	for key := range keys {
		for from := range senders {
			if got := tracks[key].next[from]; got != sent[from][key] {
				t.Errorf("key %d: %d of %d of sender %d have run", key, got, sent[from][key], from)
			}
		}
	}
	actortest.Balanced(t, info(p))
}
