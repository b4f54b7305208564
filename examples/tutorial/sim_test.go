package tutorial_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// Whatever crashes, no money is made or lost, and what was acknowledged stays: one order at a
// time as in step 4, and in batches as in step 5. In 200 orders of their steps, each twice.
// The other steps have no tree of their own, or a server.
func TestBooksUnderSimulation(t *testing.T) {
	name, remove := temporary()
	defer remove()
	batch := actor.WithBatch(3, commitOrEnd)
	for kind, ways := range map[string]struct {
		opts []actor.Option
		book func(context.Context, *actor.Service[Books], Order) error
	}{
		"step4": {nil, bookSafely},
		"step5": {[]actor.Option{batch}, book},
	} {
		t.Run(kind, func(t *testing.T) {
			sim.Run(t, func(s *sim.Sim) {
				_ = os.Remove(name) // that of the run before
				opts := append([]actor.Option{actor.WithName("books"), actor.WithLogger(silent)}, ways.opts...)
				books := actor.New(openBooks(name), opts...)
				bank, err := start(books)
				if err != nil {
					s.Fatal(err)
				}
				s.Faults(sim.Every)
				done := map[string]bool{}
				for i := range 3 {
					s.Go(fmt.Sprint("customer", i), func(ctx context.Context) {
						for n := range 3 {
							o := Order{fmt.Sprintf("k%d%d", i, n), "ada", "bob", 100 * (i + n)}
							if ways.book(ctx, books, o) == nil {
								done[o.Key] = true
							}
						}
					})
				}
				s.Eventually("the bank is up, or has given up", time.Minute, func() bool { return bank.Up() || bank.Err() != nil })
				s.Finally("the books are right", func() error { return right(name, books, done) })
			}, sim.Check())
		})
	}
}

// right compares books with what was acknowledged: those that are open, and those that would be
// read from the file.
func right(name string, books *actor.Service[Books], done map[string]bool) error {
	again, err := openBooks(name)(context.Background())
	if err != nil {
		return err
	}
	defer again.Close()
	all := []*Books{again}
	if b, between := sim.State(books); b != nil && between {
		all = append(all, b)
	}
	for _, b := range all {
		if b.Sum() != 2000 {
			return fmt.Errorf("there are %d", b.Sum())
		}
		for key := range done {
			if refused, known := b.known[key]; !known || refused != nil {
				return fmt.Errorf("%s is not booked: %v", key, refused)
			}
		}
	}
	return nil
}
