package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/journal"
	"github.com/bruskajp/nano_services/supervisor"
)

// Delivery is what changes a Stock.
type Delivery struct {
	Item  string
	Count int
}

// Shelves are the state of a Stock.
type Shelves struct{ Count map[string]int }

func (s *Shelves) apply(d Delivery) {
	if s.Count == nil {
		s.Count = map[string]int{}
	}
	s.Count[d.Item] += d.Count
}

// Stock is a service whose state survives its crashes.
type Stock struct {
	ctx     context.Context // the incarnation's
	shelves Shelves
	journal *journal.Journal[Shelves, Delivery]
}

// openStock returns the constructor of each life, which begins with what the file has.
func openStock(file string) func(context.Context) (*Stock, error) {
	return func(ctx context.Context) (*Stock, error) {
		j, err := journal.Open[Shelves, Delivery](ctx, file, 1000)
		if err != nil {
			return nil, err
		}
		s := &Stock{ctx: ctx, journal: j}
		if err := j.Restore(ctx, &s.shelves, (*Shelves).apply); err != nil {
			return nil, errors.Join(err, j.Close())
		}
		return s, nil
	}
}

// Deliver changes the state and appends what has changed it.
func (s *Stock) Deliver(d Delivery) {
	s.shelves.apply(d)
	s.journal.Append(d)
}

// Commit ends a batch. If that fails the state is ahead of the file, and the next life begins
// with what is in there.
func (s *Stock) Commit() error {
	err := s.journal.Commit(s.ctx, &s.shelves)
	if err != nil {
		actor.Exit(s.ctx, err)
		return actor.WithOutcome(err, actor.Unknown)
	}
	return nil
}

func (s *Stock) Close() error { return s.journal.Close() }

// deliver returns when the delivery is on the disk.
func deliver(ctx context.Context, stock *actor.Service[Stock], d Delivery) error {
	_, err := actor.CallBatched(ctx, stock, func(s *Stock) (struct{}, error) { s.Deliver(d); return struct{}{}, nil })
	return err
}

// How does a service get its state back after a crash?
func Example_journal() {
	ctx := context.Background()
	silent := slog.New(slog.DiscardHandler)
	folder, err := os.MkdirTemp("", "recipes-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	stock := actor.New(openStock(filepath.Join(folder, "stock")), actor.WithLogger(silent), actor.WithBatch(100, (*Stock).Commit))
	shop := supervisor.New("shop", supervisor.Spec{Logger: silent, Children: []supervisor.Child{{Service: stock}}})
	fmt.Println(shop.Start(ctx))

	fmt.Println(deliver(ctx, stock, Delivery{"apple", 3}))
	stock.Do(func(*Stock) { panic("the shelf has fallen down") })
	fmt.Println(deliver(ctx, stock, Delivery{"apple", 4}))
	fmt.Println(actor.Get(ctx, stock, func(s *Stock) int { return s.shelves.Count["apple"] }))
	fmt.Println(shop.Stop(ctx))
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 7 <nil>
	// <nil>
}
