// Package dbtest has databases for tests.
package dbtest

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Server is the environment variable that names a PostgreSQL server whose user may make
// databases: postgres://postgres@localhost:5432/postgres.
const Server = "LEDGER_TEST_POSTGRES"

// Each runs a test with an empty database of each kind: a file of SQLite, and a database
// of the server that the environment names. Without one that part is skipped, and in CI
// it fails.
func Each(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns the name of a file that does not exist.
func SQLite(t testing.TB) string {
	return filepath.Join(t.TempDir(), "ledger.db")
}

// Postgres makes a database, which ends with the test.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Server)
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no PostgreSQL: %s is not set", Server)
		}
		t.Skipf("skipped: no PostgreSQL (%s is not set)", Server)
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "ledger_" + strings.ToLower(rand.Text())
	if _, err := db.Exec("CREATE DATABASE " + name + " TEMPLATE template0"); err != nil {
		t.Fatalf("on the server of %s: %v", Server, err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
