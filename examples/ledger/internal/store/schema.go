package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// migrations are the versions of the tables: the first statement makes version 1 of an
// empty database, the next one version 2 of that, and so on. One that was released is
// never changed; what is to be different is another one.
//
// Both databases understand them. BIGINT is what holds 64 bits in both.
var migrations = []string{
	// 1: balances cannot be negative, whoever writes them.
	`CREATE TABLE accounts (
		id      TEXT PRIMARY KEY,
		key     TEXT NOT NULL UNIQUE,
		opened  BIGINT NOT NULL CHECK (opened >= 0),
		balance BIGINT NOT NULL CHECK (balance >= 0)
	);
	CREATE TABLE transfers (
		id      BIGINT PRIMARY KEY,
		debited  TEXT NOT NULL REFERENCES accounts (id),
		credited TEXT NOT NULL REFERENCES accounts (id),
		amount  BIGINT NOT NULL CHECK (amount > 0),
		at      BIGINT NOT NULL
	);
	CREATE TABLE keys (
		key      TEXT PRIMARY KEY,
		debited  TEXT NOT NULL,
		credited TEXT NOT NULL,
		amount   BIGINT NOT NULL,
		transfer BIGINT
	)`,
	// 2: a refusal is an answer, too, and is kept. Until then only transfers had keys.
	`ALTER TABLE keys ADD COLUMN refusal TEXT`,
	// 3: the transfers of an account are found without reading all of them, and so is the
	// key of a transfer.
	`CREATE INDEX transfers_debited ON transfers (debited, id);
	CREATE INDEX transfers_credited ON transfers (credited, id);
	CREATE INDEX keys_transfer ON keys (transfer)`,
	// 4: to know whether one can write one has to write something.
	`CREATE TABLE pings (id BIGINT PRIMARY KEY, at BIGINT NOT NULL)`,
}

// migrate brings the tables of db to the newest version, each version in a transaction
// of its own. It refuses those of a newer program, and leaves them alone.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	return migrateTo(ctx, db, d, len(migrations))
}

func migrateTo(ctx context.Context, db *sql.DB, d dialect, newest int) error {
	for {
		done, err := migrateOnce(ctx, db, d, newest)
		if err != nil {
			return fmt.Errorf("store: cannot bring the tables to version %d: %w", newest, err)
		}
		if done {
			return nil
		}
	}
}

// migrateOnce brings the tables to the next version, or finds them at the newest.
func migrateOnce(ctx context.Context, db *sql.DB, d dialect, newest int) (done bool, err error) {
	tx, err := d.begin(ctx, db)
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS versions (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)`); err != nil {
		return false, err
	}
	var version int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM versions`).Scan(&version); err != nil {
		return false, err
	}
	switch {
	case version > newest:
		return false, fmt.Errorf("they are of version %d already, made by a newer program; nothing was changed", version)
	case version == newest:
		return true, nil
	}
	for statement := range strings.SplitSeq(migrations[version], ";") {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return false, fmt.Errorf("version %d: %w", version+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO versions (version, at) VALUES ($1, $2)`, version+1, time.Now().UnixMilli()); err != nil {
		return false, err
	}
	return false, tx.Commit()
}

// none turns sql.ErrNoRows into another error.
func none(err, instead error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return instead
	}
	return err
}
