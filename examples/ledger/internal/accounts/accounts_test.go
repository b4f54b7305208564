package accounts

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/treetest"
)

// flaky is a store that does what it is asked for, and loses the answers of the first
// so many times.
type flaky struct {
	store.Store
	mu   sync.Mutex
	lose int
	made int
}

var errLost = fmt.Errorf("%w: lost", store.ErrUnknown)

func (f *flaky) Transfer(ctx context.Context, o store.Order) (store.Answer[store.Transfer], error) {
	a, err := f.Store.Transfer(ctx, o)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	if f.lose > 0 {
		f.lose--
		return store.Answer[store.Transfer]{}, errLost
	}
	return a, err
}

func subjects(t *testing.T, test func(t *testing.T, s *flaky, a AccountsCalls)) {
	for _, name := range []string{"struct", "service", "pool"} {
		t.Run(name, func(t *testing.T) {
			db, err := store.Declare(store.InMemory, store.Size{Batch: 8, Queue: 8}, func(store.Transfer) {}, treetest.Quiet())
			if err != nil {
				t.Fatal(err)
			}
			treetest.Start(t, db.Children[0].Service)
			s := &flaky{Store: db.Store}
			switch name {
			case "struct":
				test(t, s, NewAccounts(s))
			case "service":
				svc := NewAccountsService(s, treetest.Quiet())
				treetest.Start(t, svc)
				test(t, s, svc)
			case "pool":
				p := NewAccountsPool(3, s, treetest.Quiet())
				treetest.Start(t, p)
				test(t, s, p)
			}
		})
	}
}

func open(t *testing.T, a AccountsCalls, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if answer, err := a.Open(t.Context(), store.Opening{Key: "open-" + id, ID: id, Balance: 100}); err != nil || answer.Refusal != "" {
			t.Fatalf("open %s: %+v, %v", id, answer, err)
		}
	}
}

// What is lost is asked for again, and done once.
func TestLostAnswers(t *testing.T) {
	subjects(t, func(t *testing.T, s *flaky, a AccountsCalls) {
		open(t, a, "ada", "bob")
		s.lose = tries - 1
		answer, err := a.Transfer(t.Context(), store.Order{Key: "1", From: "ada", To: "bob", Amount: 70})
		if err != nil || answer.Refusal != "" || answer.Value.ID != 1 || s.made != tries {
			t.Errorf("%+v, %v, after %d tries", answer, err, s.made)
		}
		answer, err = a.Transfer(t.Context(), store.Order{Key: "2", From: "ada", To: "bob", Amount: 31})
		if err != nil || answer.Refusal != store.Overdraft {
			t.Errorf("what is left is not 30: %+v, %v", answer, err)
		}
	})
}

// What stays lost is an error that says so.
func TestLostForGood(t *testing.T) {
	subjects(t, func(t *testing.T, s *flaky, a AccountsCalls) {
		open(t, a, "ada", "bob")
		s.lose = tries
		order := store.Order{Key: "1", From: "ada", To: "bob", Amount: 70}
		if _, err := a.Transfer(t.Context(), order); !errors.Is(err, store.ErrUnknown) {
			t.Errorf("%v", err)
		}
		if answer, err := a.Transfer(t.Context(), order); err != nil || !answer.Again {
			t.Errorf("asked again: %+v, %v", answer, err)
		}
	})
}
