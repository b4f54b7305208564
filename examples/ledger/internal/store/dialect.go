package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib" // also as "pgx"
	_ "modernc.org/sqlite"           // as "sqlite"
)

// A dialect is what the databases do differently. All else is the same SQL.
type dialect struct {
	name string
	open func(readOnly bool) (*sql.DB, error)
	lock string // statement at the begin of what writes; "": none is needed
}

// dialectOf tells from what -db says which database it is.
func dialectOf(db string) (dialect, error) {
	switch scheme, _, found := strings.Cut(db, "://"); {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return postgres(db), nil
	case found:
		return dialect{}, fmt.Errorf("store: no database of the kind %q: it is postgres://…, memory: or a file of SQLite", scheme)
	case db == InMemory:
		return dialect{}, fmt.Errorf("store: %s is no database of SQL", db)
	case db == "":
		return dialect{}, fmt.Errorf("store: no database was named")
	}
	return sqlite(db), nil
}

// sqlite is a file. WAL: readers do not wait for the writer, nor it for them. FULL: a
// commit is on the disk when it returns, not only in the cache of the operating system.
// busy_timeout: another process that writes is waited for.
func sqlite(file string) dialect {
	settings := url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"}, "_foreign_keys": {"1"}}
	return dialect{name: "sqlite", open: func(readOnly bool) (*sql.DB, error) {
		query := url.Values{"_busy_timeout": settings["_busy_timeout"], "_query_only": {"1"}, "mode": {"rw"}}
		if !readOnly {
			query = settings
			query.Set("_txlock", "immediate") // or two that have read first could both be refused to write
		}
		path, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		return sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	}}
}

// postgres is a server. The lock has one process write at a time, as a file of SQLite
// does: the numbers of transfers have no gaps, in the order of the commits. It ends with
// the transaction, so also with a process that was killed. A server that does not answer is
// given up after 10 s, if the URL does not say otherwise.
func postgres(name string) dialect {
	return dialect{
		name: "postgres",
		open: func(bool) (*sql.DB, error) {
			config, err := pgx.ParseConfig(name)
			if err != nil {
				return nil, err
			}
			if config.ConnectTimeout == 0 {
				config.ConnectTimeout = 10 * time.Second
			}
			return stdlib.OpenDB(*config), nil
		},
		lock: `SELECT pg_advisory_xact_lock(7321961)`,
	}
}

// connect opens n connections at most, which stay open.
func (d dialect) connect(readOnly bool, n int) (*sql.DB, error) {
	db, err := d.open(readOnly)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", d.name, err)
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// begin begins a transaction that writes.
func (d dialect) begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil || d.lock == "" {
		return tx, err
	}
	if _, err := tx.ExecContext(ctx, d.lock); err != nil {
		tx.Rollback()
		return nil, err
	}
	return tx, nil
}

// ping commits a change, which is the only way to know that one can: a database that can only
// be read lets one begin, and a disk that is full lets one do all but commit.
func (d dialect) ping(ctx context.Context, db *sql.DB) error {
	tx, err := d.begin(ctx, db)
	if err != nil {
		return fmt.Errorf("store: cannot write: %w", err)
	}
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, `INSERT INTO pings (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at`, time.Now().UnixNano())
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("store: cannot write: %w", err)
	}
	return nil
}
