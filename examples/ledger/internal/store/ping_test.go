package store

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
)

// A database that can be read and not written to is no store: a file that was opened so,
// and a connection that has become so.
func TestPingWrites(t *testing.T) {
	writer := func(t *testing.T, database string) *Writer {
		w, err := NewWriter(t.Context(), database, func(Transfer) {})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		if err := w.Ping(t.Context()); err != nil {
			t.Fatalf("before: %v", err)
		}
		return w
	}
	expect := func(t *testing.T, err error) {
		t.Helper()
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "-", ""), "readonly") {
			t.Errorf("%v, want that it is read-only", err)
		}
	}
	t.Run("file", func(t *testing.T) {
		database := dbtest.SQLite(t)
		w := writer(t, database)
		db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: database, RawQuery: "mode=ro&_txlock=immediate"}).String())
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		expect(t, (&Writer{ctx: w.ctx, db: db, dialect: w.dialect}).Ping(t.Context()))
		expect(t, (&Writer{ctx: w.ctx, db: db, dialect: w.dialect}).start())
		expect(t, (&Pooled{db: db, dialect: w.dialect}).Ping(t.Context()))
	})
	dbtest.Each(t, func(t *testing.T, database string) {
		w := writer(t, database)
		only := map[string]string{"sqlite": `PRAGMA query_only = 1`, "postgres": `SET default_transaction_read_only = on`}
		if _, err := w.db.Exec(only[w.dialect.name]); err != nil {
			t.Fatal(err)
		}
		expect(t, w.Ping(t.Context()))
		expect(t, (&Locked{w: w}).Ping(t.Context()))
	})
}

// Only a commit finds out whether one can commit: here each fails, as on a disk that is full.
func TestLEDGERPingCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		w, err := NewWriter(t.Context(), database, func(Transfer) {})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		raw(t, database, func(db *sql.DB, _ dialect) {
			exec(t, db, `CREATE TABLE rooms (id BIGINT PRIMARY KEY)`)
			exec(t, db, `ALTER TABLE pings ADD COLUMN room BIGINT DEFAULT NULL REFERENCES rooms (id) DEFERRABLE INITIALLY DEFERRED`)
			exec(t, db, `DELETE FROM pings`)
		})
		if err := w.Ping(t.Context()); err != nil {
			t.Errorf("before: %v", err)
		}
		full := map[string]string{
			"sqlite": `CREATE TRIGGER full AFTER UPDATE OF at ON pings BEGIN UPDATE pings SET room = 1; END`,
			"postgres": `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.room := 1; RETURN NEW; END';
				CREATE TRIGGER full_disk BEFORE UPDATE ON pings FOR EACH ROW EXECUTE FUNCTION full_disk()`,
		}
		raw(t, database, func(db *sql.DB, d dialect) { exec(t, db, full[d.name]) })
		for range 2 { // nothing is left open by the first one
			if err := w.Ping(t.Context()); err == nil || !strings.Contains(strings.ToLower(err.Error()), "foreign key") {
				t.Errorf("%v, want that the commit has failed", err)
			}
		}
	})
}

// In the middle of a batch, what has become of that is the answer.
func TestPingInABatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		w, err := NewWriter(t.Context(), database, func(Transfer) {})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if _, err := w.Open(Opening{"open", "ada", 100}); err != nil {
			t.Fatal(err)
		}
		if err := w.Ping(t.Context()); err != nil {
			t.Errorf("of a batch that is well: %v", err)
		}
		if _, err := w.tx.Exec(`DROP TABLE keys`); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Transfer(Order{"1", "ada", "bob", 1}); err == nil {
			t.Error("a transfer without a table of keys")
		}
		if err := w.Ping(t.Context()); err == nil {
			t.Error("of a batch that has failed: no error")
		}
		if err := w.Commit(); err == nil {
			t.Error("it was committed")
		}
		if err := w.Ping(t.Context()); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
