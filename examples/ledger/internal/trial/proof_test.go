package trial

import (
	"strings"
	"testing"

	"github.com/bruskajp/nano_services/examples/ledger/internal/store"
)

// The proof fails for each way in which a database can differ from what clients remember.
func TestProof(t *testing.T) {
	l := load{name: "t"}
	a, b := l.account(0), l.account(1)
	for name, c := range map[string]struct {
		spoil func(m *store.Memory, records []record) []record
		want  string // "": it does not fail
	}{
		"right": {func(_ *store.Memory, r []record) []record { return r }, ""},
		"lost": {func(_ *store.Memory, r []record) []record {
			return append(r, record{order: store.Order{Key: "lost", From: a, To: b, Amount: 5}, got: store.Transfer{ID: 3}})
		}, "was answered, and the database does not know it"},
		"not asked for": {func(m *store.Memory, r []record) []record {
			m.Transfer(store.Order{Key: "more", From: a, To: b, Amount: 5})
			return r
		}, "2 transfers were acknowledged, and there are 3"},
		"refused and done": {func(_ *store.Memory, r []record) []record {
			r[1].refused = true
			return r
		}, "was refused: true"},
		"done and refused": {func(_ *store.Memory, r []record) []record {
			r[2].refused = false
			return r
		}, "was refused: false"},
		"another one": {func(_ *store.Memory, r []record) []record {
			r[0].got = r[1].got
			return r
		}, "was answered with"},
		"another amount": {func(_ *store.Memory, r []record) []record {
			r[0].order.Amount++
			return r
		}, "by what was acknowledged"},
		"money made": {func(m *store.Memory, r []record) []record {
			m.Open(store.Opening{Key: "made", ID: "made", Balance: 1})
			return r
		}, "the sum of all balances is 3200001, and was 3200000"},
	} {
		t.Run(name, func(t *testing.T) {
			db := store.NewMemoryDatabase()
			m := store.NewMemory(db, func(store.Transfer) {})
			for i := range accounts {
				m.Open(store.Opening{Key: l.account(i), ID: l.account(i), Balance: opened})
			}
			var records []record
			for _, o := range []store.Order{{Key: "1", From: a, To: b, Amount: 10}, {Key: "2", From: b, To: a, Amount: 20}, {Key: "3", From: a, To: b, Amount: 2 * opened}} {
				answer, err := m.Transfer(o)
				if err != nil {
					t.Fatal(err)
				}
				records = append(records, record{o, answer.Value, answer.Refusal != ""})
			}
			records = c.spoil(m, records)
			if err := m.Commit(); err != nil {
				t.Fatal(err)
			}
			err := l.prove(t.Context(), db, store.Check{}, records)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
