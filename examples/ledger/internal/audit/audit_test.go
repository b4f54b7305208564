package audit

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/treetest"
)

// books are what a check finds.
type books struct {
	store.Books
	check *atomic.Pointer[store.Check]
	fails *atomic.Int64 // so many looks
	looks *atomic.Int64
}

func newBooks() books {
	b := books{check: new(atomic.Pointer[store.Check]), fails: new(atomic.Int64), looks: new(atomic.Int64)}
	b.check.Store(new(store.Check))
	return b
}

func (b books) Check(context.Context) (store.Check, error) {
	b.looks.Add(1)
	if b.fails.Add(-1) >= 0 {
		return store.Check{}, errors.New("no disk")
	}
	return *b.check.Load(), nil
}

const period = time.Second

// contract has the struct look by itself, and waits for the service to do so.
func contract(t *testing.T, test func(t *testing.T, b books, take func(id int64), look func() Verdict)) {
	t.Run("struct", func(t *testing.T) {
		b := newBooks()
		a, err := NewAudit(t.Context(), b, period)
		if err != nil {
			t.Fatal(err)
		}
		test(t, b, func(id int64) { a.Take(store.Transfer{ID: id}) }, func() Verdict { a.Look(); return a.Verdict() })
	})
	t.Run("service", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBooks()
			svc := NewAuditService(b, period, treetest.Quiet())
			treetest.Start(t, svc)
			test(t, b, func(id int64) {
				if err := svc.Take(store.Transfer{ID: id}); err != nil {
					t.Error(err)
				}
			}, func() Verdict {
				time.Sleep(period)
				synctest.Wait()
				v, err := svc.Verdict(t.Context())
				if err != nil {
					t.Error(err)
				}
				return v
			})
		})
	})
}

func TestAudit(t *testing.T) {
	contract(t, func(t *testing.T, b books, take func(int64), look func() Verdict) {
		if v := look(); v.Wrong != "" || b.looks.Load() != 1 {
			t.Errorf("nothing has come: %+v after %d looks", v, b.looks.Load())
		}
		right := store.Check{Accounts: 2, Transfers: 3, Last: 3, Opened: 10, Sum: 10}
		b.check.Store(&right)
		take(3)
		if v := look(); v.Wrong != "" || v.Check != right || b.looks.Load() != 2 {
			t.Errorf("%+v after %d looks", v, b.looks.Load())
		}
		if look(); b.looks.Load() != 2 {
			t.Errorf("%d looks though nothing has come", b.looks.Load())
		}
		for want, wrong := range map[string]store.Check{
			"store: the sum of balances is 9, and accounts were opened with 10":      {Transfers: 4, Last: 4, Opened: 10, Sum: 9},
			"store: the balances of 2 accounts are not what their transfers come to": {Transfers: 4, Last: 4, Wrong: 2},
			"store: 1 transfers do not belong to exactly one key":                    {Transfers: 4, Last: 4, Keyless: 1},
			"store: 3 transfers, and the last one has the number 4":                  {Transfers: 3, Last: 4},
		} {
			b.check.Store(&right)
			take(3)
			wrong := wrong
			b.check.Store(&wrong)
			take(b.looks.Load() + 100) // something new each time
			if v := look(); v.Wrong != want {
				t.Errorf("%q, want %q", v.Wrong, want)
			}
		}
	})
}

// An audit that cannot look has failed, and the next one looks anew.
func TestAuditFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		svc := NewAuditService(b, period, treetest.Quiet())
		treetest.Start(t, svc)
		b.fails.Store(2) // the look, and that of the next incarnation's begin
		if err := svc.Take(store.Transfer{ID: 1}); err != nil {
			t.Error(err)
		}
		time.Sleep(period)
		synctest.Wait()
		if n := svc.Info().Incarnation; n != 3 {
			t.Errorf("incarnation %d, want 3", n)
		}
	})
}
