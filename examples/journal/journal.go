// Package journal keeps the state of a service through its crashes, in a file of SQLite: the
// events that have made it, and now and then a snapshot, which takes the place of those
// before it.
//
// A service owns its Journal, as it owns a file: it is opened and read by the constructor,
// written to by closures, and closed by Close.
package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // as "sqlite"
)

// A Journal has events of type E, and snapshots of the state S that they make. Both are kept
// as JSON. It is used by one goroutine at a time.
type Journal[S, E any] struct {
	db      *sql.DB
	every   int
	pending []E // not committed
	last    int64
	since   int // events in the file since the snapshot
	failed  error
}

// Open opens the journal in a file, and makes it if there is none. After every so many events
// there is a snapshot; 0 is none.
func Open[S, E any](ctx context.Context, file string, every int) (*Journal[S, E], error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	// FULL: what is committed is on the disk. immediate: two that write do so in turns.
	query := url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, event TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS snapshot (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, state TEXT NOT NULL)`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal: %s: %w", file, err), db.Close())
	}
	return &Journal[S, E]{db: db, every: every}, nil
}

// Restore puts the latest snapshot into state, if there is one, and applies the events behind
// it in their order. It comes before the first Append.
func (j *Journal[S, E]) Restore(ctx context.Context, state *S, apply func(*S, E)) error {
	var text []byte
	err := j.db.QueryRowContext(ctx, `SELECT number, state FROM snapshot`).Scan(&j.last, &text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return fmt.Errorf("journal: %w", err)
	default:
		if err := json.Unmarshal(text, state); err != nil {
			return fmt.Errorf("journal: the snapshot of event %d: %w", j.last, err)
		}
	}
	rows, err := j.db.QueryContext(ctx, `SELECT number, event FROM events WHERE number > ? ORDER BY number`, j.last)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e E
		if err := rows.Scan(&j.last, &text); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := json.Unmarshal(text, &e); err != nil {
			return fmt.Errorf("journal: event %d: %w", j.last, err)
		}
		apply(state, e)
		j.since++
	}
	return rows.Err()
}

// Append adds an event to those that the next Commit makes safe.
func (j *Journal[S, E]) Append(e E) { j.pending = append(j.pending, e) }

// Commit makes what was appended safe on the disk, all of it or nothing. state is what the
// events have made. After an error it is not known which, and the state is ahead of the file:
// every later Commit returns it, too, and the service is to begin anew.
func (j *Journal[S, E]) Commit(ctx context.Context, state *S) error {
	if j.failed == nil && len(j.pending) > 0 {
		if err := j.commit(ctx, state); err != nil {
			j.failed = fmt.Errorf("journal: %w", err)
		}
		j.pending = nil
	}
	return j.failed
}

func (j *Journal[S, E]) commit(ctx context.Context, state *S) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	last := j.last
	for _, e := range j.pending {
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		last++
		if _, err := tx.ExecContext(ctx, `INSERT INTO events (number, event) VALUES (?, ?)`, last, string(text)); err != nil {
			return err
		}
	}
	since := j.since + len(j.pending)
	if j.every > 0 && since >= j.every {
		if err := snapshot(ctx, tx, last, state); err != nil {
			return err
		}
		since = 0
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	j.last, j.since = last, since
	return nil
}

// snapshot takes the place of all events up to last.
func snapshot(ctx context.Context, tx *sql.Tx, last int64, state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO snapshot (one, number, state) VALUES (1, ?, ?)
		ON CONFLICT (one) DO UPDATE SET number = excluded.number, state = excluded.state`, last, string(text))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM events WHERE number <= ?`, last)
	return err
}

// Close closes the file. What was appended and not committed is not kept.
func (j *Journal[S, E]) Close() error { return j.db.Close() }
