package laws_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// arrivals is a T that notes what came from whom.
type arrivals struct{ from map[int][]int }

func newArrivals() *arrivals { return &arrivals{map[int][]int{}} }

// note returns the closure that a sender hands over.
func note(sender, number int) func(*arrivals) {
	return func(a *arrivals) { a.from[sender] = append(a.from[sender], number) }
}

// handOver hands f over in one of four ways, of which one waits for an answer.
// What was refused was not handed over, and is tried again.
func handOver(ctx context.Context, svc *actor.Service[arrivals], way int, f func(*arrivals)) error {
	for {
		var err error
		switch way {
		case 0:
			err = svc.Do(f)
		case 1:
			err = svc.DoContext(ctx, func(_ context.Context, a *arrivals) { f(a) })
		case 2:
			future := actor.Async(svc, func(a *arrivals) (int, error) { f(a); return 0, nil })
			select {
			case <-future.Done(): // perhaps refused
				_, err = future.Await(ctx)
			default:
			}
		case 3:
			err = svc.Run(ctx, func(a *arrivals) error { f(a); return nil })
		}
		if !errors.Is(err, actor.ErrMailboxFull) {
			return err
		}
		runtime.Gosched()
	}
}

// Whatever ways a goroutine uses, and in whatever order, its closures run in the
// order in which it handed them over.
func TestL2OrderOfOneSender(t *testing.T) {
	rows := []struct {
		name string
		opts []actor.Option
	}{
		{"unbounded", nil},
		{"bounded", []actor.Option{actor.WithCapacity(3)}},
		{"drop oldest", []actor.Option{actor.WithCapacity(1000), actor.WithOverflow(actor.DropOldest)}},
	}
	const senders, each = 6, 150
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			svc := actor.Start(newArrivals(), append(row.opts, actortest.Quiet())...)
			var all sync.WaitGroup
			for s := range senders {
				all.Go(func() {
					ways := rand.New(rand.NewPCG(1, uint64(s)))
					for n := range each {
						if err := handOver(t.Context(), svc, ways.IntN(4), note(s, n)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			from, err := actor.Get(t.Context(), svc, func(a *arrivals) map[int][]int { return a.from })
			if err != nil {
				t.Fatal(err)
			}
			for s := range senders {
				if len(from[s]) != each || !slices.IsSorted(from[s]) {
					t.Errorf("of sender %d came %v", s, from[s])
				}
			}
			actortest.Stop(t, svc)
		})
	}
}

// A service that drops its oldest runs what is left in order.
func TestL2OrderOfWhatIsLeft(t *testing.T) {
	state := newArrivals()
	svc := actor.Start(state, actor.WithCapacity(3), actor.WithOverflow(actor.DropOldest), actortest.Quiet())
	b := actortest.Occupy(t, svc)
	for n := range 10 {
		actortest.Do(t, svc, note(0, n))
	}
	b.LetGo()
	actortest.Stop(t, svc)
	if got, want := state.from[0], []int{7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("ran %v; want %v", got, want)
	}
}

// The order outlives incarnations: the next one goes on where the last one ended.
func TestL2OrderAcrossRestarts(t *testing.T) {
	const count = 200
	var ran []int
	svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
	for n := range count {
		actortest.Do(t, svc, func(*actortest.Closable) {
			ran = append(ran, n)
			if n%3 == 0 {
				panic("crash")
			}
		})
	}
	for range (count + 2) / 3 {
		<-actortest.Serve(actortest.Supervised(t.Context()), svc)
	}
	served := actortest.Serve(actortest.Supervised(t.Context()), svc)
	if err := svc.Run(t.Context(), func(*actortest.Closable) error { return nil }); err != nil {
		t.Error(err)
	}
	actortest.Stop(t, svc)
	<-served
	if len(ran) != count || !slices.IsSorted(ran) {
		t.Errorf("ran %v", ran)
	}
}
