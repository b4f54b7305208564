package store

import (
	"testing"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
)

// A writer that is closed in the middle of a batch has done nothing of it, and is in no
// other's way, although the context that it was made with goes on.
func TestCloseInABatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		opening := Opening{"open", "ada", 100}
		for range 2 {
			w, err := NewWriter(t.Context(), database, func(Transfer) {})
			if err != nil {
				t.Fatal(err)
			}
			a, err := w.Open(opening)
			if err != nil || a.Again || a.Refusal != "" {
				t.Errorf("%+v, %v", a, err)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
