package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// handedOver has writers that send to a service with room for one. The first one's closure is
// handed over, since the service sleeps; what comes before it has run is refused, and a
// writer that is not careful does not look.
func handedOver(careful bool) func(*Sim) {
	return func(s *Sim) {
		book := newService("book", func() *journal { return &journal{} }, actor.WithCapacity(1))
		tree(s, supervisor.Child{Service: book})
		s.Settle() // it sleeps
		for w := range 2 {
			s.Go(fmt.Sprint("writer", w), func(ctx context.Context) {
				write := func(j *journal) { j.rows = append(j.rows, w) }
				if careful {
					_ = book.DoContext(ctx, func(_ context.Context, j *journal) { write(j) })
				} else {
					_ = book.Do(write)
				}
			})
		}
		s.Finally("both have written", func() error {
			j, _ := State(book)
			slices.Sort(j.rows)
			if !slices.Equal(j.rows, []int{0, 1}) {
				return fmt.Errorf("rows %v, %d refused", j.rows, book.Info().Refused)
			}
			return nil
		})
	}
}

// A bug that is seen only if something comes between the hand-over to a service that sleeps and
// the turn of what was handed over is found, and its run is the same each time.
func TestL16HandOver(t *testing.T) {
	s := quickly(t, handedOver(false), 0)
	_, sd, first := s.search(100)
	if first == nil {
		t.Fatal("not found")
	}
	if first.failure.kind != "finally" {
		t.Fatalf("%+v", first.failure)
	}
	first = s.once(sd, explore(sd), nil, true)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		for range 10 {
			again := s.once(sd, explore(sd), nil, true)
			if again.kern.tale.hash() != first.kern.tale.hash() || again.failure == nil || again.failure.text != first.failure.text {
				t.Fatalf("seed %v, GOMAXPROCS %d: %v; %s", sd, procs, again.failure, differ(first.kern.tale, again.kern.tale))
			}
		}
	}
	if n, sd, r := quickly(t, handedOver(true), 0).search(100); r != nil {
		t.Errorf("run %d, seed %v, of what is careful: %+v", n, sd, r.failure)
	}
}

// What is handed over counts as any other closure until its turn, which is a step.
func TestL16HandedOverWaitsForItsTurn(t *testing.T) {
	s := quickly(t, func(s *Sim) {
		book := newService("book", func() *journal { return &journal{} }, actor.WithCapacity(1))
		tree(s, supervisor.Child{Service: book})
		s.Settle()
		for range 3 {
			if err := book.Do(func(*journal) {}); err != nil {
				s.Error(err)
			}
			if err := book.Do(func(*journal) {}); !errors.Is(err, actor.ErrMailboxFull) {
				s.Error("beside what was handed over:", err)
			}
			if i := book.Info(); i.Queued != 1 || i.Running != 0 {
				s.Errorf("%d queued, %d running", i.Queued, i.Running)
			}
			s.Settle()
		}
		if i := book.Info(); i.Executed != 3 {
			s.Error(i.Executed, "executed")
		}
	}, 1)
	if _, sd, r := s.search(20); r != nil {
		t.Errorf("seed %v: %s", sd, r.failure.text)
	}
}
