package accounts

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/treetest"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/sim"
)

// Whatever crashes, refuses or is late in the store and before it: no money is lost or made,
// and what was acknowledged was done, once.
func TestMoneyUnderSimulation(t *testing.T) {
	sim.Run(t, func(s *sim.Sim) {
		db, err := store.Declare(store.InMemory, store.Size{Batch: 4, Queue: 4}, func(store.Transfer) {}, treetest.Quiet())
		if err != nil {
			s.Fatal(err)
		}
		members := NewAccountsPool(3, db.Store, treetest.Quiet())
		tree := supervisor.New("ledger", supervisor.Spec{
			MaxRestarts: supervisor.Unlimited, Logger: treetest.Silent,
			Children: append(db.Children, supervisor.Child{Service: members}),
		})
		if err := tree.Start(s.Context()); err != nil {
			s.Fatal(err)
		}
		for _, id := range []string{"ada", "bob", "cy"} {
			if a, err := members.Open(s.Context(), store.Opening{Key: "open-" + id, ID: id, Balance: 100}); err != nil || a.Refusal != "" {
				s.Fatal(a, err)
			}
		}
		s.Faults(sim.Every)
		done := map[string]store.Transfer{}
		for i, from := range []string{"ada", "bob", "cy"} {
			s.Go(from, func(ctx context.Context) {
				for n := range 3 {
					o := store.Order{Key: fmt.Sprint(from, n), From: from, To: []string{"bob", "cy", "ada"}[i], Amount: 30}
					if a, err := members.Transfer(ctx, o); err == nil && a.Refusal == "" {
						done[o.Key] = a.Value
					}
				}
			})
		}
		s.Eventually("the tree is up", time.Minute, tree.Up)
		s.Finally("the books are right", func() error { return right(db.Books, done) })
	}, sim.AllowCrashes(), sim.Check())
}

// right compares the books with what was acknowledged.
func right(books store.Books, done map[string]store.Transfer) error {
	ctx := context.Background()
	accounts, err := books.Accounts(ctx, "", 10)
	if err != nil {
		return err
	}
	sum := int64(0)
	for _, a := range accounts {
		if sum += a.Balance; a.Balance < 0 {
			return fmt.Errorf("%s has %d", a.ID, a.Balance)
		}
	}
	if sum != 300 {
		return fmt.Errorf("there are %d, and not 300", sum)
	}
	transfers, err := books.Latest(ctx, "", 0, 100)
	if err != nil {
		return err
	}
	booked := map[int64]store.Transfer{}
	for _, t := range transfers {
		booked[t.ID] = t
	}
	for key, t := range done {
		if booked[t.ID] != t {
			return fmt.Errorf("%s was acknowledged as %+v, and is %+v", key, t, booked[t.ID])
		}
	}
	return nil
}
