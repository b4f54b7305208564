package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// lines starts a pool of n lines.
func lines(t *testing.T, n int) (*supervisor.Supervisor, LinePool) {
	t.Helper()
	numbers := make(chan int, n)
	for i := range n {
		numbers <- i
	}
	pool := NewLinePool(n, numbers, actor.WithLogger(silent))
	return tree(t, supervisor.Child{Service: pool}), pool
}

// What is said with one key is heard in order, whoever else speaks.
func TestKeyOfAPoolKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, pool := lines(t, 4)
		var all sync.WaitGroup
		for i := range 20 {
			who := fmt.Sprint("caller ", i)
			all.Go(func() {
				for n := range 100 {
					if err := pool.Key(who).Say(who, n); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		used := map[int]bool{}
		for i := range 20 {
			who := fmt.Sprint("caller ", i)
			if n, inOrder, err := pool.Key(who).Heard(t.Context(), who); n != 100 || !inOrder || err != nil {
				t.Errorf("Heard(%s) = %d, %t, %v", who, n, inOrder, err)
			}
			n, err := pool.Key(who).Number(t.Context())
			if err != nil {
				t.Error(err)
			}
			used[n] = true
		}
		if len(used) < 2 {
			t.Errorf("20 keys have the members %v", used)
		}
		stop(t, root)
		if err := pool.Key("a").Say("a", 1); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("Say after the stop = %v", err)
		}
	})
}

// Calls go to members that have nothing to do.
func TestPoolCallsWhoIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, pool := lines(t, 3)
		until, busy := make(chan struct{}), make(chan int, 3)
		hold := func() {
			n, err := pool.Hold(t.Context(), until)
			if err != nil {
				t.Error(err)
			}
			busy <- n
		}
		go hold()
		synctest.Wait()
		go hold()
		synctest.Wait()
		var calls LineCalls = pool // for code that does not care who answers
		free, err := calls.Number(t.Context())
		if err != nil {
			t.Error(err)
		}
		close(until)
		if all := map[int]bool{free: true, <-busy: true, <-busy: true}; len(all) != 3 {
			t.Errorf("three calls at once were answered by %v", all)
		}
		stop(t, root)
	})
}

// A pool that is there already gets the methods.
func TestPoolOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, pool := lines(t, 2)
		again := LinePoolOf(pool.Pool())
		if again != pool {
			t.Error("it is another pool")
		}
		if again.Key("a").Service() != pool.Pool().Key("a") {
			t.Error("a key has another member")
		}
		stop(t, root)
		defer func() {
			if p := recover(); p != "run: LinePoolOf of a nil pool" {
				t.Errorf("of a nil pool: %v", p)
			}
		}()
		LinePoolOf(nil)
	})
}

// What the histories of a pool's members name is the line of who called the pool.
func TestPoolNamesItsCallers(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				noBatch := actor.WithBatch(8, func(*Guide) error { return nil })
				pool := NewGuidePool(1, actor.WithLogger(silent), actor.WithHistory(8), noBatch)
				root := tree(t, supervisor.Child{Service: pool})
				_, where := form.do(t.Context(), pool, func() {})
				synctest.Wait()
				h := pool.Members()[0].History()
				if site := h[len(h)-1].Site; !strings.HasSuffix(site, where) {
					t.Errorf("it was called at %s, and the history has %q", where, site)
				}
				stop(t, root)
			})
		})
	}
}

// How do the calls of one key stay in order, when several services share the work?
func ExampleLinePool() {
	ctx := context.Background()
	numbers := make(chan int, 8)
	for n := range 8 {
		numbers <- n
	}
	lines := NewLinePool(8, numbers) // the number of members, NewLine's arguments, and then options
	root := supervisor.New("lines", supervisor.Spec{
		Children: []supervisor.Child{{Service: lines}},
	})
	fmt.Println(root.Start(ctx))

	ann := lines.Key("ann")        // the member that runs all calls of Ann's: always the same
	fmt.Println(ann.Say("ann", 0)) // runs in the order of Ann's calls
	fmt.Println(ann.Say("ann", 1)) // runs after it
	fmt.Println(ann.Heard(ctx, "ann"))
	fmt.Println(root.Stop(ctx))
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 2 true <nil>
	// <nil>
}
