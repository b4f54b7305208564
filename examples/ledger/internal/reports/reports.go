// Package reports adds up what accounts have paid and got.
package reports

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/bruskajp/nano_services/examples/ledger/internal/aside"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

//go:generate go tool nanogen -type Reports

// Reports has the sums up to one transfer. It reads the books at the begin, and again
// when it has missed one.
type Reports struct {
	ctx      context.Context // the incarnation's
	books    store.Books
	accounts map[string]store.AccountTurnover
	totals   Totals
	seen     int64 // the last transfer that it knows of
	reading  bool
}

// Totals are sums over all accounts.
type Totals struct {
	Transfers int64 `json:"transfers"` // how many, and so the number of the last one
	Volume    int64 `json:"volume"`    // in minor units
}

// NewReports returns the reports on all transfers in the books.
func NewReports(ctx context.Context, books store.Books) (*Reports, error) {
	t, err := books.Turnover(ctx)
	if err != nil {
		return nil, err
	}
	r := &Reports{ctx: ctx, books: books}
	r.take(t)
	return r, nil
}

// Take adds the next transfer.
func (r *Reports) Take(t store.Transfer) {
	r.seen = max(r.seen, t.ID)
	switch {
	case r.reading || t.ID <= r.totals.Transfers:
	case t.ID == r.totals.Transfers+1:
		from, to := r.accounts[t.From], r.accounts[t.To]
		r.accounts[t.From] = store.AccountTurnover{ID: t.From, Paid: from.Paid + t.Amount, Received: from.Received}
		r.accounts[t.To] = store.AccountTurnover{ID: t.To, Paid: to.Paid, Received: to.Received + t.Amount}
		r.totals = Totals{t.ID, r.totals.Volume + t.Amount}
	default:
		r.read()
	}
}

// read begins to read the books. What is published meanwhile may be in there or not.
func (r *Reports) read() {
	r.reading = true
	aside.Run(r.ctx, r, r.books.Turnover, (*Reports).hasRead)
}

func (r *Reports) hasRead(t store.Turnover, err error) {
	r.reading = false
	if err != nil {
		aside.Fail(r.ctx, r, err)
		return
	}
	r.take(t)
	if r.seen > t.Last {
		r.read()
	}
}

func (r *Reports) take(t store.Turnover) {
	r.accounts = make(map[string]store.AccountTurnover, len(t.Accounts))
	r.totals = Totals{Transfers: t.Last}
	for _, a := range t.Accounts {
		r.accounts[a.ID] = a
		r.totals.Volume += a.Paid
	}
}

// Totals returns the sums over all accounts.
func (r *Reports) Totals() Totals { return r.totals }

// Top returns the n accounts that have paid most, those first that have paid more.
func (r *Reports) Top(n int) []store.AccountTurnover {
	list := slices.SortedFunc(maps.Values(r.accounts), func(a, b store.AccountTurnover) int {
		return cmp.Or(cmp.Compare(b.Paid, a.Paid), cmp.Compare(a.ID, b.ID))
	})
	return slices.Clone(list[:min(n, len(list))])
}
