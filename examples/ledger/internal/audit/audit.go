// Package audit looks at all of the books now and then: whether each balance is what
// its transfers come to, and the sum of all is what accounts were opened with.
package audit

import (
	"context"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/aside"
	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

//go:generate go tool nanogen -type Audit

// A Verdict is what the last look has found.
type Verdict struct {
	At    time.Time   `json:"at"`
	Check store.Check `json:"check"`
	Wrong string      `json:"wrong,omitempty"` // "": the books are right
}

// An Audit has the last verdict, and knows whether something has come since.
type Audit struct {
	ctx     context.Context // the incarnation's
	books   store.Books
	verdict Verdict
	seen    int64 // the last transfer that it knows of
	looking bool
}

// NewAudit returns an audit that has looked once, and as a service looks again after
// each period in which something has come.
func NewAudit(ctx context.Context, books store.Books, period time.Duration) (*Audit, error) {
	a := &Audit{ctx: ctx, books: books}
	c, err := books.Check(ctx)
	if err != nil {
		return nil, err
	}
	a.judge(c)
	if self := actor.Self[Audit](ctx); self != nil {
		self.Every(period, (*Audit).Look)
	}
	return a, nil
}

// Take takes notice of a transfer.
func (a *Audit) Take(t store.Transfer) { a.seen = max(a.seen, t.ID) }

// Look begins a look at the books, if something has come since the last one.
func (a *Audit) Look() {
	if a.looking || a.seen <= a.verdict.Check.Last {
		return
	}
	a.looking = true
	aside.Run(a.ctx, a, a.books.Check, func(a *Audit, c store.Check, err error) {
		a.looking = false
		if err != nil {
			aside.Fail(a.ctx, a, err)
			return
		}
		a.judge(c)
	})
}

func (a *Audit) judge(c store.Check) {
	a.verdict = Verdict{At: time.Now(), Check: c}
	if err := c.Err(); err != nil {
		a.verdict.Wrong = err.Error()
	}
}

// Verdict returns what the last look has found.
func (a *Audit) Verdict() Verdict { return a.verdict }
