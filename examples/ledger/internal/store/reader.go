package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

//go:generate go tool nanogen -type Reader -pool

// A Reader owns a connection that reads. It implements Books, and so do its service and a
// pool of them.
type Reader struct{ db *sql.DB }

// NewReader opens the database that -db names for reading. There have to be tables: a
// Writer makes them.
func NewReader(ctx context.Context, database string) (*Reader, error) {
	d, err := dialectOf(database)
	if err != nil {
		return nil, err
	}
	db, err := d.connect(true, 1)
	if err != nil {
		return nil, err
	}
	r := &Reader{db}
	if _, err := r.Last(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("store: cannot read: %w", err)
	}
	return r, nil
}

// Close ends the connection.
func (r *Reader) Close() error { return r.db.Close() }

// Account returns an account.
func (r *Reader) Account(ctx context.Context, id string) (Account, error) {
	a := Account{ID: id}
	err := r.db.QueryRowContext(ctx, `SELECT opened, balance FROM accounts WHERE id = $1`, id).Scan(&a.Opened, &a.Balance)
	return a, none(err, ErrNoAccount)
}

// Accounts returns accounts in the order of their IDs.
func (r *Reader) Accounts(ctx context.Context, after string, limit int) ([]Account, error) {
	return list(ctx, r.db, func(row scanner) (a Account, err error) {
		return a, row.Scan(&a.ID, &a.Opened, &a.Balance)
	}, `SELECT id, opened, balance FROM accounts WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// Latest returns transfers, the latest first.
func (r *Reader) Latest(ctx context.Context, account string, before int64, limit int) ([]Transfer, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	if account == "" {
		return list(ctx, r.db, scanTransfer,
			`SELECT id, debited, credited, amount, at FROM transfers WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
	}
	// Each half is read in the order of an index, and no further than the limit.
	return list(ctx, r.db, scanTransfer, `SELECT id, debited, credited, amount, at FROM (
		SELECT * FROM (SELECT * FROM transfers WHERE debited = $1 AND id < $2 ORDER BY id DESC LIMIT $3) AS went
		UNION ALL
		SELECT * FROM (SELECT * FROM transfers WHERE credited = $1 AND id < $2 ORDER BY id DESC LIMIT $3) AS came
	) AS both_of_them ORDER BY id DESC LIMIT $3`, account, before, limit)
}

// After returns transfers in their order.
func (r *Reader) After(ctx context.Context, id int64, limit int) ([]Transfer, error) {
	return list(ctx, r.db, scanTransfer,
		`SELECT id, debited, credited, amount, at FROM transfers WHERE id > $1 ORDER BY id LIMIT $2`, id, limit)
}

// Last returns the ID of the last transfer.
func (r *Reader) Last(ctx context.Context) (id int64, err error) {
	return id, r.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM transfers`).Scan(&id)
}

// Turnover returns what each account has paid and got.
func (r *Reader) Turnover(ctx context.Context) (t Turnover, err error) {
	err = r.snapshot(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM transfers`).Scan(&t.Last); err != nil {
			return err
		}
		t.Accounts, err = list(ctx, tx, func(row scanner) (a AccountTurnover, err error) {
			return a, row.Scan(&a.ID, &a.Paid, &a.Received)
		}, `SELECT id, CAST(sum(paid) AS BIGINT), CAST(sum(received) AS BIGINT) FROM (
			SELECT debited AS id, amount AS paid, 0 AS received FROM transfers
			UNION ALL
			SELECT credited, 0, amount FROM transfers
		) AS sides GROUP BY id ORDER BY id`)
		return err
	})
	return t, err
}

// Answered returns the answer of a transfer's key.
func (r *Reader) Answered(ctx context.Context, key string) (Answer[Transfer], error) {
	_, a, err := answered(ctx, r.db, key)
	return a, err
}

// Check compares balances with transfers, and transfers with keys, all at one moment.
func (r *Reader) Check(ctx context.Context) (c Check, err error) {
	err = r.snapshot(ctx, func(tx *sql.Tx) error {
		for _, q := range []struct {
			text string
			to   []any
		}{
			{`SELECT count(*), CAST(coalesce(sum(opened), 0) AS BIGINT), CAST(coalesce(sum(balance), 0) AS BIGINT) FROM accounts`,
				[]any{&c.Accounts, &c.Opened, &c.Sum}},
			{`SELECT count(*), coalesce(max(id), 0) FROM transfers`, []any{&c.Transfers, &c.Last}},
			{`SELECT count(*) FROM accounts WHERE balance <> opened
				- (SELECT coalesce(sum(amount), 0) FROM transfers WHERE debited = accounts.id)
				+ (SELECT coalesce(sum(amount), 0) FROM transfers WHERE credited = accounts.id)`, []any{&c.Wrong}},
			{`SELECT count(*) FROM transfers WHERE (SELECT count(*) FROM keys WHERE transfer = transfers.id) <> 1`, []any{&c.Keyless}},
		} {
			if err := tx.QueryRowContext(ctx, q.text).Scan(q.to...); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}

// snapshot reads the books as they are at one moment.
func (r *Reader) snapshot(ctx context.Context, read func(*sql.Tx) error) error {
	tx, err := r.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return read(tx)
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(to ...any) error }

func scanTransfer[S scanner](row S) (t Transfer, err error) {
	var at int64
	err = row.Scan(&t.ID, &t.From, &t.To, &t.Amount, &at)
	t.At = time.UnixMilli(at).UTC()
	return t, err
}

// list returns the rows of a query; none is an empty list.
func list[R any](ctx context.Context, q querier, scan func(scanner) (R, error), text string, args ...any) ([]R, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []R{}
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// answered returns what was asked for with a key, and the answer.
func answered(ctx context.Context, q querier, key string) (o Order, a Answer[Transfer], err error) {
	var id, at sql.NullInt64
	var refused sql.NullString
	err = q.QueryRowContext(ctx, `SELECT keys.key, keys.debited, keys.credited, keys.amount, transfer, refusal, at
		FROM keys LEFT JOIN transfers ON transfers.id = transfer WHERE keys.key = $1`, key).
		Scan(&o.Key, &o.From, &o.To, &o.Amount, &id, &refused, &at)
	if err != nil {
		return o, a, none(err, ErrNoKey)
	}
	a = Answer[Transfer]{Refusal: Refusal(refused.String), Again: true}
	if id.Valid {
		a.Value = Transfer{id.Int64, o.From, o.To, o.Amount, time.UnixMilli(at.Int64).UTC()}
	}
	return o, a, nil
}
