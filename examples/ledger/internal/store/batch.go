package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A batch is what is done between two commits.
type batch struct {
	tx     *sql.Tx    // nil: nothing yet
	last   int64      // number of the last transfer
	fresh  []Transfer // to be published
	failed error      // nothing more can be done in it
}

// begin begins the transaction. It asks for the last number each time, because another
// process may have written meanwhile.
func (b *batch) begin(ctx context.Context, db *sql.DB, d dialect) (err error) {
	if b.tx, err = d.begin(ctx, db); err != nil {
		return err
	}
	return b.tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM transfers`).Scan(&b.last)
}

// book does an order within the batch.
func (b *batch) book(s statements, o Order) (Answer[Transfer], error) {
	a, err := s.transfer(o, b.last+1, time.Now())
	if err == nil && a.Refusal == "" && !a.Again {
		b.last = a.Value.ID
		b.fresh = append(b.fresh, a.Value)
	}
	return a, err
}

// bookAll does orders in their order, up to one that fails.
func (b *batch) bookAll(s statements, orders []Order) (answers []Answer[Transfer], err error) {
	for _, o := range orders {
		a, err := b.book(s, o)
		if err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// prepared are the statements of a connection.
type prepared struct{ addKey, refuseKey, move, addTransfer *sql.Stmt }

func (p *prepared) prepare(ctx context.Context, db *sql.DB) (err error) {
	for _, s := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&p.addKey, `INSERT INTO keys (key, debited, credited, amount, transfer) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING`},
		{&p.refuseKey, `UPDATE keys SET transfer = NULL, refusal = $2 WHERE key = $1`},
		// Both balances, or none of them. That the account has enough is a condition, and not
		// left to the CHECK of the table, because a statement that fails would take the batch with it.
		{&p.move, `UPDATE accounts SET balance = balance + CASE id WHEN $1 THEN -$3 ELSE $3 END
			WHERE id IN ($1, $2)
			AND (SELECT balance FROM accounts WHERE id = $1) >= $3
			AND (SELECT balance FROM accounts WHERE id = $2) <= $4 - $3`},
		{&p.addTransfer, `INSERT INTO transfers (id, debited, credited, amount, at) VALUES ($1, $2, $3, $4, $5)`},
	} {
		if *s.to, err = db.PrepareContext(ctx, s.text); err != nil {
			return err
		}
	}
	return nil
}

// statements are those of a transaction.
type statements struct {
	ctx context.Context
	tx  *sql.Tx
	prepared
}

func (p prepared) in(ctx context.Context, tx *sql.Tx) statements {
	return statements{ctx, tx, prepared{
		tx.StmtContext(ctx, p.addKey), tx.StmtContext(ctx, p.refuseKey),
		tx.StmtContext(ctx, p.move), tx.StmtContext(ctx, p.addTransfer),
	}}
}

// exec returns how many rows a statement has changed.
func (s statements) exec(stmt *sql.Stmt, args ...any) (int64, error) {
	result, err := stmt.ExecContext(s.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// open opens an account. Its key is in its own row.
func (s statements) open(o Opening) (Answer[Account], error) {
	result, err := s.tx.ExecContext(s.ctx, `INSERT INTO accounts (id, key, opened, balance) VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING`,
		o.ID, o.Key, o.Balance)
	if err != nil {
		return Answer[Account]{}, err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return Answer[Account]{Value: Account{o.ID, o.Balance, o.Balance}}, err
	}
	var there Opening
	err = s.tx.QueryRowContext(s.ctx, `SELECT key, id, opened FROM accounts WHERE key = $1`, o.Key).Scan(&there.Key, &there.ID, &there.Balance)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Answer[Account]{Refusal: AccountExists}, nil
	case err != nil:
		return Answer[Account]{}, err
	case there != o:
		return Answer[Account]{Refusal: KeyUsed}, nil
	}
	return Answer[Account]{Value: Account{o.ID, o.Balance, o.Balance}, Again: true}, nil
}

// transfer does an order. The key, the balances and the transfer are of one transaction.
func (s statements) transfer(o Order, id int64, now time.Time) (Answer[Transfer], error) {
	n, err := s.exec(s.addKey, o.Key, o.From, o.To, o.Amount, id)
	if err != nil {
		return Answer[Transfer]{}, err
	}
	if n == 0 {
		return s.again(o)
	}
	if n, err = s.exec(s.move, o.From, o.To, o.Amount, MaxAmount); err != nil {
		return Answer[Transfer]{}, err
	}
	if n == 0 {
		return s.refuse(o)
	}
	t := Transfer{id, o.From, o.To, o.Amount, now.UTC().Truncate(time.Millisecond)}
	_, err = s.exec(s.addTransfer, t.ID, t.From, t.To, t.Amount, t.At.UnixMilli())
	return Answer[Transfer]{Value: t}, err
}

// refuse finds out why, and keeps that under the key.
func (s statements) refuse(o Order) (a Answer[Transfer], err error) {
	var from, to sql.NullInt64
	err = s.tx.QueryRowContext(s.ctx, `SELECT (SELECT balance FROM accounts WHERE id = $1), (SELECT balance FROM accounts WHERE id = $2)`,
		o.From, o.To).Scan(&from, &to)
	if err != nil {
		return a, err
	}
	a.Refusal = refusal(from.Valid, to.Valid, from.Int64 >= o.Amount)
	_, err = s.exec(s.refuseKey, o.Key, string(a.Refusal))
	return a, err
}

func refusal(fromExists, toExists, enough bool) Refusal {
	switch {
	case !fromExists:
		return UnknownFrom
	case !toExists:
		return UnknownTo
	case !enough:
		return Overdraft
	}
	return TooMuch
}

// again returns the answer that the key has had.
func (s statements) again(o Order) (Answer[Transfer], error) {
	there, a, err := answered(s.ctx, s.tx, o.Key)
	if err == nil && there != o {
		return Answer[Transfer]{Refusal: KeyUsed}, nil
	}
	return a, err
}
