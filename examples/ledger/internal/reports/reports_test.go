package reports

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
	"github.com/bruskajp/nano_services/examples/ledger/internal/treetest"
)

// books has transfers; while they are read, another one may come.
type books struct {
	store.Books
	all     *[]store.Transfer
	reading func()
}

func (b books) Turnover(ctx context.Context) (store.Turnover, error) {
	db := store.NewMemoryDatabase()
	m := store.NewMemory(db, func(store.Transfer) {})
	for _, id := range []string{"ada", "bob", "cy"} {
		m.Open(store.Opening{Key: id, ID: id, Balance: 1000})
	}
	for _, t := range *b.all {
		m.Transfer(store.Order{Key: t.From + t.To, From: t.From, To: t.To, Amount: t.Amount})
	}
	if err := m.Commit(); err != nil {
		return store.Turnover{}, err
	}
	turnover, err := db.Turnover(ctx)
	b.reading()
	return turnover, err
}

// taker is what struct and service have alike, when the service's errors are looked at.
type taker struct {
	take   func(store.Transfer)
	totals func() Totals
	top    func(n int) []store.AccountTurnover
}

var four = []store.Transfer{
	{ID: 1, From: "ada", To: "bob", Amount: 10},
	{ID: 2, From: "bob", To: "cy", Amount: 5},
	{ID: 3, From: "cy", To: "ada", Amount: 2},
	{ID: 4, From: "cy", To: "bob", Amount: 8},
}

func contract(t *testing.T, test func(t *testing.T, b *books, open func() taker)) {
	t.Run("struct", func(t *testing.T) {
		b := &books{all: new([]store.Transfer), reading: func() {}}
		test(t, b, func() taker {
			r, err := NewReports(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			return taker{r.Take, r.Totals, r.Top}
		})
	})
	t.Run("service", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &books{all: new([]store.Transfer), reading: func() {}}
			test(t, b, func() taker {
				svc := NewReportsService(b, treetest.Quiet())
				treetest.Start(t, svc)
				fine := func(err error) {
					t.Helper()
					if err != nil {
						t.Error(err)
					}
				}
				return taker{
					func(tr store.Transfer) { fine(svc.Take(tr)); synctest.Wait() },
					func() Totals { n, err := svc.Totals(t.Context()); fine(err); return n },
					func(n int) []store.AccountTurnover { l, err := svc.Top(t.Context(), n); fine(err); return l },
				}
			})
		})
	})
}

func TestReports(t *testing.T) {
	contract(t, func(t *testing.T, b *books, open func() taker) {
		*b.all = four[:1]
		r := open()
		r.take(four[0]) // it is in the books already
		r.take(four[1])
		if got := r.totals(); got != (Totals{2, 15}) {
			t.Errorf("after two: %+v", got)
		}
		*b.all = four
		r.take(four[3]) // the third is missing, and in the books
		if got := r.totals(); got != (Totals{4, 25}) {
			t.Errorf("after the gap: %+v", got)
		}
		want := []store.AccountTurnover{{ID: "ada", Paid: 10, Received: 2}, {ID: "cy", Paid: 10, Received: 5}}
		if got := r.top(2); !slices.Equal(got, want) {
			t.Errorf("top: %+v", got)
		}
		if got := r.top(9); len(got) != 3 {
			t.Errorf("top of all: %+v", got)
		}
	})
}

// What comes while the books are read is not lost.
func TestReportsWhileReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &books{all: new([]store.Transfer), reading: func() {}}
		svc := NewReportsService(b, treetest.Quiet())
		treetest.Start(t, svc)
		*b.all = four[:2]
		b.reading = func() {
			b.reading = func() {}
			*b.all = four
			if err := errors.Join(svc.Take(four[2]), svc.Take(four[3])); err != nil {
				t.Error(err)
			}
		}
		if err := svc.Take(four[1]); err != nil { // the first is missing
			t.Error(err)
		}
		synctest.Wait()
		if got, err := svc.Totals(t.Context()); got != (Totals{4, 25}) || err != nil {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
