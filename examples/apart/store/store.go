// Package store keeps orders in a file of SQLite. DB is an ordinary struct; nanogen makes it
// a service, and a client for other processes.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // as "sqlite"
)

//go:generate go tool nanogen -type DB -remote

// ErrTwice is told of an order whose id is there already. errors.Is finds it in another
// process, too.
var ErrTwice = errors.New("store: there is an order with this id")

// An Order is what is kept.
type Order struct {
	ID    string
	Cents int64
}

// A DB has the file open. It is used by its service's goroutine only.
type DB struct{ file *sql.DB }

// NewDB opens the file, and makes it if there is none.
func NewDB(ctx context.Context, file string) (*DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	// FULL: what is committed is on the disk, also if the process is killed.
	query := url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, cents INTEGER NOT NULL)`); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %s: %w", file, err), db.Close())
	}
	return &DB{db}, nil
}

// Put keeps an order. If it returns an error the order is not kept.
func (d *DB) Put(ctx context.Context, o Order) error {
	// Once it has begun it is not cut off: whether it was kept would not be known then.
	result, err := d.file.ExecContext(context.WithoutCancel(ctx), `INSERT OR IGNORE INTO orders VALUES (?, ?)`, o.ID, o.Cents)
	if err != nil {
		return fmt.Errorf("store: order %s: %w", o.ID, err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("order %s: %w", o.ID, ErrTwice)
	}
	return nil
}

// Sum returns how many orders there are, and what they are worth.
func (d *DB) Sum(ctx context.Context) (orders int, cents int64, err error) {
	err = d.file.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(cents), 0) FROM orders`).Scan(&orders, &cents)
	return orders, cents, err
}

// All returns each order, as the file has it.
//
//nano:local
func (d *DB) All(ctx context.Context) (all []Order, err error) {
	rows, err := d.file.QueryContext(ctx, `SELECT id, cents FROM orders ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o Order
		if err := rows.Scan(&o.ID, &o.Cents); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

// Close closes the file.
func (d *DB) Close() error { return d.file.Close() }
