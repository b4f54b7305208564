package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
)

// services are the services of each database.
func services(t *testing.T, test func(t *testing.T, s *subject)) {
	t.Run("memory", func(t *testing.T) {
		db := NewMemoryDatabase()
		test(t, newSubject(t, func(publish func(Transfer)) opened { return serveMemory(t, db, publish) }))
	})
	dbtest.Each(t, func(t *testing.T, database string) {
		test(t, newSubject(t, func(publish func(Transfer)) opened { return serve(t, database, publish) }))
	})
}

// crash has the store crash between two closures.
func (s *subject) crash() error {
	switch svc := s.store.(type) {
	case WriterService:
		return svc.Do(func(*Writer) { panic("crash") })
	case MemoryService:
		return svc.Do(func(*Memory) { panic("crash") })
	}
	panic("no service")
}

// hold has the store wait, so that what comes meanwhile is one batch.
func (s *subject) hold(t *testing.T) (release func()) {
	t.Helper()
	type service interface {
		Pause(context.Context) error
		Resume()
	}
	svc := s.store.(service)
	if err := svc.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	return svc.Resume
}

// queued returns how many closures wait for the store.
func (s *subject) queued() int {
	return s.store.(interface{ Info() actor.Info }).Info().Queued
}

// transferAtOnce has all orders wait for the store, one behind the other, with what is
// to happen in between, and returns what has come of each.
func (s *subject) transferAtOnce(t *testing.T, orders []Order, between func(i int)) ([]Answer[Transfer], []error) {
	t.Helper()
	release := s.hold(t)
	answers, errs := make([]Answer[Transfer], len(orders)), make([]error, len(orders))
	var callers sync.WaitGroup
	for i, o := range orders {
		n := s.queued()
		callers.Go(func() { answers[i], errs[i] = s.store.Transfer(t.Context(), o) })
		for s.queued() == n { // it has no other way to say that it waits
			runtime.Gosched()
		}
		between(i)
	}
	release()
	callers.Wait()
	return answers, errs
}

// Who has been answered may rely on it, and who has not does not know: the store
// crashes in the middle of a batch, and nothing of that was done.
func TestLEDGERAnsweredAfterTheCommit(t *testing.T) {
	services(t, func(t *testing.T, s *subject) {
		s.open(t, "ada", "bob")
		orders := []Order{{"1", "ada", "bob", 10}, {"2", "ada", "bob", 20}, {"3", "ada", "bob", 30}}
		_, errs := s.transferAtOnce(t, orders, func(i int) {
			if i == 1 {
				if err := s.crash(); err != nil {
					t.Error(err)
				}
			}
		})
		for i, want := range []actor.Outcome{actor.Unknown, actor.Unknown, actor.Ran} {
			if got := actor.OutcomeOf(errs[i]); got != want || (errs[i] == nil) != (want == actor.Ran) {
				t.Errorf("order %d: %v (%v), want %v", i+1, got, errs[i], want)
			}
		}
		s.expect(t, map[string]int64{"ada": 70, "bob": 130})
		s.settle(t, orders, []bool{false, false, true})
		s.expect(t, map[string]int64{"ada": 40, "bob": 160})
	})
}

// settle asks again for orders, and compares whether they had been done.
func (s *subject) settle(t *testing.T, orders []Order, done []bool) {
	t.Helper()
	for i, o := range orders {
		if a, err := s.store.Transfer(t.Context(), o); err != nil || a.Refusal != "" || a.Again != done[i] {
			t.Errorf("order %d: %+v, %v; done before: want %t", i+1, a, err, done[i])
		}
	}
}

// The answer of the commit is lost with the store; the keys tell what it was.
func TestLEDGERCrashAtTheCommit(t *testing.T) {
	for _, c := range []struct {
		at   Point
		done bool
	}{{BeforeCommit, false}, {AfterCommit, true}} {
		t.Run(string(c.at), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, database string) {
				s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, database, publish) })
				s.open(t, "ada", "bob")
				orders := []Order{{"1", "ada", "bob", 10}, {"2", "ada", "bob", 20}}
				_, errs := s.transferAtOnce(t, orders, func(i int) {
					if i == 0 {
						if err := s.store.(WriterService).Do(func(w *Writer) { w.CrashAt(c.at) }); err != nil {
							t.Error(err)
						}
					}
				})
				for i, err := range errs {
					if actor.OutcomeOf(err) != actor.Crashed {
						t.Errorf("order %d: %v", i+1, err)
					}
				}
				s.settle(t, orders, []bool{c.done, c.done})
				s.expect(t, map[string]int64{"ada": 70, "bob": 130})
			})
		})
	}
}

// Settle finds out by itself.
func TestLEDGERSettle(t *testing.T) {
	for _, at := range []Point{BeforeCommit, AfterCommit} {
		s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, dbtest.SQLite(t), publish) })
		s.open(t, "ada", "bob")
		if err := s.store.(WriterService).Do(func(w *Writer) { w.CrashAt(at) }); err != nil {
			t.Fatal(err)
		}
		a, err := Settle(t.Context(), 3, func(ctx context.Context) (Answer[Transfer], error) {
			return s.store.Transfer(ctx, Order{"1", "ada", "bob", 10})
		})
		if err != nil || a.Value.ID != 1 {
			t.Errorf("%s: %+v, %v", at, a, err)
		}
		s.expect(t, map[string]int64{"ada": 90, "bob": 110})
	}
}

// What Settle makes of the outcomes of its tries.
func TestSettleOutcomes(t *testing.T) {
	lost, away, wrong := fmt.Errorf("%w: gone", ErrUnknown), fmt.Errorf("%w: full", ErrNotDone), fmt.Errorf("%w: no", ErrInvalid)
	for name, c := range map[string]struct {
		tries []error
		want  error // nil: an answer
		made  int
	}{
		"at once":             {[]error{nil}, nil, 1},
		"lost, then answered": {[]error{lost, nil}, nil, 2},
		"not done, then done": {[]error{away, nil}, nil, 2},
		"invalid":             {[]error{wrong}, ErrInvalid, 1},
		"never done":          {[]error{away, away, away}, ErrNotDone, 3},
		"lost, then not done": {[]error{lost, away, away}, ErrUnknown, 3},
		"always lost":         {[]error{lost, lost, lost}, ErrUnknown, 3},
	} {
		made := 0
		_, err := Settle(t.Context(), 3, func(context.Context) (Answer[Account], error) {
			made++
			return Answer[Account]{}, c.tries[made-1]
		})
		if !errors.Is(err, c.want) || made != c.made {
			t.Errorf("%s: %v after %d tries, want %v after %d", name, err, made, c.want, c.made)
		}
	}
}

// A statement that fails takes its batch with it, and the incarnation; the queue goes on
// with the next one.
func TestStatementFails(t *testing.T) {
	s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, dbtest.SQLite(t), publish) })
	s.open(t, "ada", "bob")
	err := s.store.(WriterService).Run(t.Context(), func(w *Writer) error {
		_, err := w.db.Exec(`CREATE TRIGGER fails BEFORE INSERT ON transfers WHEN NEW.amount = 13 BEGIN SELECT RAISE(ABORT, 'no luck'); END`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	orders := []Order{{"1", "ada", "bob", 10}, {"2", "ada", "bob", 13}, {"3", "ada", "bob", 20}}
	_, errs := s.transferAtOnce(t, orders, func(int) {})
	for i, err := range errs {
		if !errors.Is(err, ErrNotDone) || actor.OutcomeOf(err) != actor.Ran {
			t.Errorf("order %d: %v", i+1, err)
		}
	}
	s.expect(t, map[string]int64{"ada": 100, "bob": 100})
	s.settle(t, []Order{orders[0], orders[2]}, []bool{false, false})
	if n := s.store.(WriterService).Info().Incarnation; n != 2 {
		t.Errorf("incarnation %d, want 2", n)
	}
}

// A commit that returns an error may have been done. Here it was not: a reference to an
// account is missing that only the commit looks for.
func TestLEDGERCommitFails(t *testing.T) {
	s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, dbtest.SQLite(t), publish) })
	s.open(t, "ada", "bob")
	svc := s.store.(WriterService)
	orders := []Order{{"1", "ada", "bob", 10}, {"2", "ada", "bob", 20}}
	_, errs := s.transferAtOnce(t, orders, func(i int) {
		if i == 0 {
			svc.Do(func(w *Writer) {
				_, err := w.tx.Exec(`PRAGMA defer_foreign_keys = 1`)
				if err == nil {
					_, err = w.tx.Exec(`UPDATE transfers SET credited = 'nemo'`)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
	for i, err := range errs {
		if !errors.Is(err, ErrUnknown) || actor.OutcomeOf(err) != actor.Unknown {
			t.Errorf("order %d: %v (%v)", i+1, err, actor.OutcomeOf(err))
		}
	}
	s.settle(t, orders, []bool{false, false})
	s.expect(t, map[string]int64{"ada": 70, "bob": 130})
}

// An overdraft in the middle of a batch does not concern the others.
func TestLEDGERRefusalInABatch(t *testing.T) {
	services(t, func(t *testing.T, s *subject) {
		s.open(t, "ada", "bob")
		answers, errs := s.transferAtOnce(t, []Order{{"1", "ada", "bob", 60}, {"2", "ada", "bob", 60}, {"3", "ada", "bob", 40}}, func(int) {})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for i, want := range []Refusal{"", Overdraft, ""} {
			if answers[i].Refusal != want {
				t.Errorf("order %d: %+v", i+1, answers[i])
			}
		}
		s.expect(t, map[string]int64{"ada": 0, "bob": 200})
	})
}

// Readers have connections of their own: they do not wait for the writer, and see what
// is committed.
func TestReadsDoNotQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database string) {
		s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, database, publish) })
		s.open(t, "ada", "bob")
		svc := s.store.(WriterService)
		begun, release := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			done <- svc.Run(t.Context(), func(w *Writer) error {
				_, err := w.Transfer(Order{"1", "ada", "bob", 10}) // and not committed
				close(begun)
				<-release
				return err
			})
		}()
		<-begun
		if a, err := s.books.Account(t.Context(), "ada"); err != nil || a.Balance != 100 {
			t.Errorf("meanwhile: %+v, %v", a, err)
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.settle(t, []Order{{"1", "ada", "bob", 10}}, []bool{true})
		s.expect(t, map[string]int64{"ada": 90})
	})
}

// The server of the database ends the connection in the middle of a batch. What was in
// it is not known to its callers; the next incarnation has another connection.
func TestPostgresConnectionLost(t *testing.T) {
	database := dbtest.Postgres(t)
	s := newSubject(t, func(publish func(Transfer)) opened { return serve(t, database, publish) })
	s.open(t, "ada", "bob")
	svc := s.store.(WriterService)
	orders := []Order{{"1", "ada", "bob", 10}, {"2", "ada", "bob", 20}}
	_, errs := s.transferAtOnce(t, orders, func(i int) {
		if i == 1 { // behind both
			svc.Do(func(w *Writer) {
				var pid int
				if err := w.tx.QueryRow(`SELECT pg_backend_pid()`).Scan(&pid); err != nil {
					t.Error(err)
				}
				raw(t, database, func(db *sql.DB, _ dialect) {
					if _, err := db.Exec(`SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
						t.Error(err)
					}
				})
			})
		}
	})
	for i, err := range errs {
		if !errors.Is(err, ErrUnknown) || actor.OutcomeOf(err) != actor.Unknown {
			t.Errorf("order %d: %v (%v)", i+1, err, actor.OutcomeOf(err))
		}
	}
	s.settle(t, orders, []bool{false, false})
	s.expect(t, map[string]int64{"ada": 70, "bob": 130})
}
