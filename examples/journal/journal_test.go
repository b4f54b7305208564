package journal

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// state is what the events of the tests make: all of them, in their order.
type state struct{ Events []int }

func (s *state) apply(e int) { s.Events = append(s.Events, e) }

func open(t *testing.T, file string, every int) (*Journal[state, int], *state) {
	t.Helper()
	j, err := Open[state, int](t.Context(), file, every)
	if err != nil {
		t.Fatal(err)
	}
	s := new(state)
	if err := j.Restore(t.Context(), s, (*state).apply); err != nil {
		t.Fatal(err)
	}
	return j, s
}

func count(t *testing.T, j *Journal[state, int], table string) (n int) {
	t.Helper()
	if err := j.db.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Against a slice: what was committed is there after any number of lives, once and in order,
// and what was only appended is not.
func TestModel(t *testing.T) {
	for _, every := range []int{0, 1, 2, 7} {
		random := rand.New(rand.NewPCG(1, uint64(every)))
		file := filepath.Join(t.TempDir(), "journal")
		var model, pending []int
		j, s := open(t, file, every)
		for i := range 300 {
			switch random.IntN(6) {
			case 0: // a life ends
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				pending = nil
				if j, s = open(t, file, every); len(s.Events)+len(model) > 0 && !reflect.DeepEqual(s.Events, model) {
					t.Fatalf("every %d: restored %v, want %v", every, s.Events, model)
				}
			case 1, 2:
				if err := j.Commit(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				model, pending = append(model, pending...), nil
			default:
				j.Append(i)
				s.apply(i)
				pending = append(pending, i)
			}
			if n := count(t, j, "events"); every > 0 && n >= every {
				t.Fatalf("every %d: %d events are kept", every, n)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A commit that fails keeps nothing of what was appended, and no later one pretends to.
func TestCommitFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "journal")
	j, s := open(t, file, 2)
	s.apply(1)
	j.Append(1)
	ended, end := context.WithCancel(t.Context())
	end()
	if err := j.Commit(ended, s); err == nil {
		t.Error("it was committed")
	}
	j.Append(2)
	if err := j.Commit(t.Context(), s); err == nil {
		t.Error("the next one was committed, without what was before it")
	}
	if n := count(t, j, "events") + count(t, j, "snapshot"); n != 0 {
		t.Errorf("%d rows are there", n)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// What cannot be read is named.
func TestRestoreNames(t *testing.T) {
	for spoil, want := range map[string]string{
		`INSERT INTO events (number, event) VALUES (7, 'x')`:               "event 7",
		`INSERT INTO snapshot (one, number, state) VALUES (1, 9, '["x"]')`: "the snapshot of event 9",
	} {
		j, _ := open(t, filepath.Join(t.TempDir(), "journal"), 0)
		if _, err := j.db.Exec(spoil); err != nil {
			t.Fatal(err)
		}
		if err := j.Restore(t.Context(), new(state), (*state).apply); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open[state, int](t.Context(), t.TempDir()+"/no/journal", 0); err == nil || !strings.Contains(err.Error(), "no/journal") {
		t.Errorf("Open: %v", err)
	}
}
