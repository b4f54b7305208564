package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/bruskajp/nano_services/actor"
)

//go:generate go tool nanogen -type Writer

// A Writer owns the connection that writes. Its methods take part in one transaction,
// which Commit ends; as a service it is made with
//
//	actor.WithBatch(n, (*Writer).Commit)
//
// and then each caller is answered when Commit has returned. A statement that fails
// fails the batch: Commit rolls it back. An order that is refused does not: there is no
// statement that fails for it.
type Writer struct {
	ctx     context.Context // the incarnation's, or until Close
	end     context.CancelFunc
	db      *sql.DB
	dialect dialect
	publish func(Transfer)
	prepared
	batch
	crash Point
}

// NewWriter opens the database that -db names for writing, and brings its tables to the
// newest version. One that can only be read is refused. publish is told each transfer once it is committed, in their order,
// and the last one again at the begin: who has missed some because of a crash between
// the two sees by its number that there is a gap.
func NewWriter(ctx context.Context, database string, publish func(Transfer)) (*Writer, error) {
	d, err := dialectOf(database)
	if err != nil {
		return nil, err
	}
	db, err := d.connect(false, 1)
	if err != nil {
		return nil, err
	}
	w := &Writer{db: db, dialect: d, publish: publish}
	w.ctx, w.end = context.WithCancel(ctx)
	if err := w.start(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Writer) start() error {
	if err := migrate(w.ctx, w.db, w.dialect); err != nil {
		return err
	}
	if err := w.dialect.ping(w.ctx, w.db); err != nil { // tables that are the newest can be read
		return err
	}
	if err := w.prepare(w.ctx, w.db); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return publishLast(w.ctx, w.db, w.publish)
}

// publishLast publishes the last transfer again, if there is one.
func publishLast(ctx context.Context, db *sql.DB, publish func(Transfer)) error {
	t, err := scanTransfer(db.QueryRowContext(ctx, `SELECT id, debited, credited, amount, at FROM transfers ORDER BY id DESC LIMIT 1`))
	if err == nil {
		publish(t)
	}
	return none(err, nil)
}

// Close ends the connection. A transaction that is open is rolled back by the end of its
// context, which Close does not wait for: the link to the database may be dead, and then
// no answer comes.
func (w *Writer) Close() error {
	w.end()
	return w.db.Close()
}

// Ping returns nil if the database can be written to.
func (w *Writer) Ping(ctx context.Context) error {
	if w.failed != nil || w.tx != nil {
		return w.failed // it is being written to; there is no other connection
	}
	return w.dialect.ping(ctx, w.db)
}

// Open opens an account.
//
//nano:batched
func (w *Writer) Open(o Opening) (Answer[Account], error) {
	if err := o.Check(); err != nil {
		return Answer[Account]{}, err
	}
	return attempt(w, func(s statements) (Answer[Account], error) { return s.open(o) })
}

// Transfer moves an amount from one account to another.
//
//nano:batched
func (w *Writer) Transfer(o Order) (Answer[Transfer], error) {
	if err := o.Check(); err != nil {
		return Answer[Transfer]{}, err
	}
	return attempt(w, func(s statements) (Answer[Transfer], error) { return w.book(s, o) })
}

// TransferAll is Transfer for each of the orders.
//
//nano:batched
func (w *Writer) TransferAll(orders []Order) ([]Answer[Transfer], error) {
	if err := check(orders); err != nil {
		return nil, err
	}
	return attempt(w, func(s statements) ([]Answer[Transfer], error) { return w.bookAll(s, orders) })
}

// attempt does something within the batch, which begins with the first.
func attempt[R any](w *Writer, do func(statements) (R, error)) (r R, err error) {
	if w.failed == nil && w.tx == nil {
		w.failed = w.begin(w.ctx, w.db, w.dialect)
	}
	if w.failed == nil {
		r, w.failed = do(w.in(w.ctx, w.tx))
	}
	if w.failed != nil {
		return r, fmt.Errorf("%w: %w", ErrNotDone, w.failed)
	}
	return r, nil
}

// Commit ends the batch: it is committed, or it was not done at all, or, if the answer
// of the database is lost, that is not known. Of a connection that has failed once not
// much is to be expected, so then the incarnation ends, and the next one has another.
//
//nano:skip
func (w *Writer) Commit() error {
	w.crashAt(BeforeCommit)
	b := w.batch
	w.batch = batch{}
	switch {
	case b.failed != nil:
		if b.tx != nil {
			b.failed = errors.Join(b.failed, b.tx.Rollback())
		}
		return w.fail(fmt.Errorf("%w: %w", ErrNotDone, b.failed))
	case b.tx == nil:
		w.crashAt(AfterCommit)
		return nil
	}
	if err := b.tx.Commit(); err != nil {
		return w.fail(fmt.Errorf("%w: %w", ErrUnknown, err))
	}
	w.crashAt(AfterCommit)
	for _, t := range b.fresh {
		w.publish(t)
	}
	return nil
}

// fail ends the incarnation, if w is a service.
func (w *Writer) fail(err error) error {
	if actor.Self[Writer](w.ctx) != nil {
		actor.Exit(w.ctx, err)
	}
	return err
}
