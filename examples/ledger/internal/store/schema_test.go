package store

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
)

// old makes a database whose tables are of an earlier version, with two accounts and a
// transfer.
func old(t *testing.T, database string, version int) {
	t.Helper()
	raw(t, database, func(db *sql.DB, d dialect) {
		if err := migrateTo(t.Context(), db, d, version); err != nil {
			t.Fatal(err)
		}
		exec(t, db, `INSERT INTO accounts (id, key, opened, balance) VALUES ('ada', 'open-ada', 100, 90), ('bob', 'open-bob', 100, 110)`)
		exec(t, db, `INSERT INTO transfers (id, debited, credited, amount, at) VALUES (1, 'ada', 'bob', 10, 1700000000000)`)
		exec(t, db, `INSERT INTO keys (key, debited, credited, amount, transfer) VALUES ('1', 'ada', 'bob', 10, 1)`)
	})
}

func raw(t *testing.T, database string, use func(*sql.DB, dialect)) {
	t.Helper()
	d, err := dialectOf(database)
	if err != nil {
		t.Fatal(err)
	}
	db, err := d.connect(false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	use(db, d)
}

func exec(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// Tables of each earlier version are brought to the newest, with what is in them.
func TestMigrateOld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		for version := 1; version <= len(migrations); version++ {
			name := database
			if version > 1 { // each needs a database of its own
				if strings.HasPrefix(database, "postgres") {
					name = dbtest.Postgres(t)
				} else {
					name = dbtest.SQLite(t)
				}
			}
			old(t, name, version)
			s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, name, publish) })
			s.settle(t, []Order{{"1", "ada", "bob", 10}, {"2", "bob", "ada", 1}}, []bool{true, false})
			s.expect(t, map[string]int64{"ada": 91, "bob": 109})
			if a, err := s.store.Transfer(t.Context(), Order{"3", "ada", "bob", 92}); err != nil || a.Refusal != Overdraft {
				t.Errorf("from version %d: %+v, %v", version, a, err)
			}
		}
	})
}

// Tables of a newer program are refused, and left alone.
func TestMigrateNewer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		old(t, database, len(migrations))
		raw(t, database, func(db *sql.DB, _ dialect) { exec(t, db, `INSERT INTO versions (version, at) VALUES (99, 0)`) })
		_, err := NewWriter(t.Context(), database, func(Transfer) { t.Error("published") })
		if err == nil || !strings.Contains(err.Error(), "version 99") || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("NewWriter: %v", err)
		}
		raw(t, database, func(db *sql.DB, _ dialect) {
			var versions, transfers int
			if err := db.QueryRow(`SELECT (SELECT count(*) FROM versions), (SELECT count(*) FROM transfers)`).Scan(&versions, &transfers); err != nil {
				t.Fatal(err)
			}
			if versions != len(migrations)+1 || transfers != 1 {
				t.Errorf("%d versions and %d transfers are there now", versions, transfers)
			}
		})
	})
}

// The settings of SQLite on which the promises rest are those of each connection.
func TestSettings(t *testing.T) {
	database := dbtest.SQLite(t)
	w, err := NewWriter(t.Context(), database, func(Transfer) {})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := NewReader(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, c := range []struct {
		db            *sql.DB
		pragma, value string
	}{
		{w.db, "journal_mode", "wal"}, {w.db, "synchronous", "2"}, {w.db, "busy_timeout", "5000"}, {w.db, "foreign_keys", "1"},
		{r.db, "journal_mode", "wal"}, {r.db, "query_only", "1"}, {r.db, "busy_timeout", "5000"},
	} {
		var value string
		if err := c.db.QueryRow("PRAGMA " + c.pragma).Scan(&value); err != nil || value != c.value {
			t.Errorf("%s is %s, %v; want %s", c.pragma, value, err, c.value)
		}
	}
}

// What -db may say.
func TestDialects(t *testing.T) {
	for database, want := range map[string]string{
		"ledger.db": "sqlite", "/a b/ledger.db": "sqlite", "postgres://host/db": "postgres", "postgresql://host/db": "postgres",
		"mysql://host/db": "", "": "", InMemory: "",
	} {
		if d, err := dialectOf(database); d.name != want || (err == nil) != (want != "") {
			t.Errorf("%q: %s, %v", database, d.name, err)
		}
	}
}
