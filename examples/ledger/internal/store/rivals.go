package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// What the service is compared with: the same statements on the same connections, with
// a transaction for each request. They are no services, and do not come back from a crash.

// Locked is a Writer behind a mutex.
type Locked struct {
	mu sync.Mutex
	w  *Writer
}

// NewLocked opens the database that -db names, as NewWriter does.
func NewLocked(ctx context.Context, database string, publish func(Transfer)) (*Locked, error) {
	w, err := NewWriter(ctx, database, publish)
	return &Locked{w: w}, err
}

// Close ends the connection.
func (l *Locked) Close() error { return l.w.Close() }

// Ping returns nil if the database can be written to.
func (l *Locked) Ping(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Ping(ctx)
}

// Open opens an account.
func (l *Locked) Open(_ context.Context, o Opening) (Answer[Account], error) {
	return locked(l, func(w *Writer) (Answer[Account], error) { return w.Open(o) })
}

// Transfer moves an amount from one account to another.
func (l *Locked) Transfer(_ context.Context, o Order) (Answer[Transfer], error) {
	return locked(l, func(w *Writer) (Answer[Transfer], error) { return w.Transfer(o) })
}

// TransferAll is Transfer for each of the orders.
func (l *Locked) TransferAll(_ context.Context, orders []Order) ([]Answer[Transfer], error) {
	return locked(l, func(w *Writer) ([]Answer[Transfer], error) { return w.TransferAll(orders) })
}

func locked[R any](l *Locked, do func(*Writer) (R, error)) (R, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, err := do(l.w)
	return r, errors.Join(err, l.w.Commit())
}

// Pooled has several connections that write, of a *sql.DB: the database decides whose
// turn it is.
type Pooled struct {
	db      *sql.DB
	dialect dialect
	publish func(Transfer)
	prepared
}

// NewPooled opens n connections to the database that -db names.
func NewPooled(ctx context.Context, database string, n int, publish func(Transfer)) (*Pooled, error) {
	if err := Try(ctx, database); err != nil {
		return nil, err
	}
	d, err := dialectOf(database)
	if err != nil {
		return nil, err
	}
	db, err := d.connect(false, n)
	if err != nil {
		return nil, err
	}
	p := &Pooled{db: db, dialect: d, publish: publish}
	if err := errors.Join(p.prepare(ctx, db), publishLast(ctx, db, publish)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

// Close ends the connections.
func (p *Pooled) Close() error { return p.db.Close() }

// Ping returns nil if the database can be written to.
func (p *Pooled) Ping(ctx context.Context) error { return p.dialect.ping(ctx, p.db) }

// Open opens an account.
func (p *Pooled) Open(_ context.Context, o Opening) (Answer[Account], error) {
	if err := o.Check(); err != nil {
		return Answer[Account]{}, err
	}
	return inTransaction(p, func(s statements, _ *batch) (Answer[Account], error) { return s.open(o) })
}

// Transfer moves an amount from one account to another.
func (p *Pooled) Transfer(ctx context.Context, o Order) (Answer[Transfer], error) {
	answers, err := p.TransferAll(ctx, []Order{o})
	if err != nil {
		return Answer[Transfer]{}, err
	}
	return answers[0], nil
}

// TransferAll is Transfer for each of the orders.
func (p *Pooled) TransferAll(_ context.Context, orders []Order) ([]Answer[Transfer], error) {
	if err := check(orders); err != nil {
		return nil, err
	}
	return inTransaction(p, func(s statements, b *batch) ([]Answer[Transfer], error) { return b.bookAll(s, orders) })
}

// inTransaction does something in a transaction of its own. The context is not the
// caller's: as in the service, what was begun is brought to its end.
func inTransaction[R any](p *Pooled, do func(statements, *batch) (R, error)) (r R, err error) {
	ctx := context.Background()
	var b batch
	if err = b.begin(ctx, p.db, p.dialect); err == nil {
		r, err = do(p.in(ctx, b.tx), &b)
	}
	if err != nil {
		if b.tx != nil {
			err = errors.Join(err, b.tx.Rollback())
		}
		return r, fmt.Errorf("%w: %w", ErrNotDone, err)
	}
	if err := b.tx.Commit(); err != nil {
		return r, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	for _, t := range b.fresh {
		p.publish(t)
	}
	return r, nil
}

var (
	_ Store = (*Locked)(nil)
	_ Store = (*Pooled)(nil)
)
