package store

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/examples/ledger/internal/dbtest"
	"github.com/bruskajp/nano_services/supervisor"
)

// A subject is an implementation under test.
type subject struct {
	store  Store
	books  Books
	told   func() []Transfer // what was published
	reopen func()            // closes it, and opens the same database again
}

// subjects are all of them: each database, as a struct and as a service.
func subjects(t *testing.T, test func(t *testing.T, s *subject)) {
	run := func(name string, open func(t *testing.T) func(publish func(Transfer)) opened) {
		t.Run(name, func(t *testing.T) { test(t, newSubject(t, open(t))) })
	}
	run("memory/struct", func(*testing.T) func(func(Transfer)) opened {
		db := NewMemoryDatabase()
		return func(publish func(Transfer)) opened {
			return opened{direct{NewMemory(db, publish)}, db, func() {}}
		}
	})
	run("memory/service", func(t *testing.T) func(func(Transfer)) opened {
		db := NewMemoryDatabase()
		return func(publish func(Transfer)) opened { return serveMemory(t, db, publish) }
	})
	dbtest.Each(t, func(t *testing.T, database string) {
		t.Run("struct", func(t *testing.T) {
			test(t, newSubject(t, func(publish func(Transfer)) opened { return openDirectly(t, database, publish) }))
		})
	})
	dbtest.Each(t, func(t *testing.T, database string) {
		t.Run("locked", func(t *testing.T) {
			test(t, newSubject(t, func(publish func(Transfer)) opened {
				l, err := NewLocked(t.Context(), database, publish)
				return openRival(t, l, err, database)
			}))
		})
	})
	dbtest.Each(t, func(t *testing.T, database string) {
		t.Run("pooled", func(t *testing.T) {
			test(t, newSubject(t, func(publish func(Transfer)) opened {
				p, err := NewPooled(t.Context(), database, 3, publish)
				return openRival(t, p, err, database)
			}))
		})
	})
	dbtest.Each(t, func(t *testing.T, database string) {
		t.Run("service", func(t *testing.T) {
			test(t, newSubject(t, func(publish func(Transfer)) opened { return serve(t, database, publish) }))
		})
	})
}

type opened struct {
	store Store
	books Books
	close func()
}

func newSubject(t *testing.T, open func(publish func(Transfer)) opened) *subject {
	var mu sync.Mutex
	var told []Transfer
	s := &subject{told: func() []Transfer {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(told)
	}}
	var o opened
	reopen := func() {
		o = open(func(t Transfer) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, t)
		})
		s.store, s.books = o.store, o.books
	}
	reopen()
	s.reopen = func() { o.close(); reopen() }
	t.Cleanup(func() { o.close() })
	return s
}

// batched is a struct whose methods become answers when they are committed.
type batched interface {
	Open(Opening) (Answer[Account], error)
	Transfer(Order) (Answer[Transfer], error)
	TransferAll([]Order) ([]Answer[Transfer], error)
	Ping(context.Context) error
	Commit() error
}

// direct does for a struct what its service does: it commits before it answers.
type direct struct{ batched }

func (d direct) Open(_ context.Context, o Opening) (Answer[Account], error) {
	a, err := d.batched.Open(o)
	return a, errors.Join(err, d.Commit())
}

func (d direct) Transfer(_ context.Context, o Order) (Answer[Transfer], error) {
	a, err := d.batched.Transfer(o)
	return a, errors.Join(err, d.Commit())
}

func (d direct) TransferAll(_ context.Context, orders []Order) ([]Answer[Transfer], error) {
	a, err := d.batched.TransferAll(orders)
	return a, errors.Join(err, d.Commit())
}

func openDirectly(t *testing.T, database string, publish func(Transfer)) opened {
	w, err := NewWriter(t.Context(), database, publish)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return opened{direct{w}, r, func() {
		if err := errors.Join(r.Close(), w.Close()); err != nil {
			t.Error(err)
		}
	}}
}

// openRival is for what a service is compared with.
func openRival[S interface {
	Store
	Close() error
}](t *testing.T, s S, err error, database string) opened {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return opened{s, r, func() {
		if err := errors.Join(r.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	}}
}

var silent = slog.New(slog.DiscardHandler)

// serve runs the services of a database as the program does.
func serve(t *testing.T, database string, publish func(Transfer)) opened {
	t.Helper()
	d, err := Declare(database, Size{Batch: 64, Queue: 256, Readers: 2}, publish)
	if err != nil {
		t.Fatal(err)
	}
	return opened{d.Store, d.Books, run(t, d.Children...)}
}

func serveMemory(t *testing.T, db *MemoryDatabase, publish func(Transfer)) opened {
	d := declareMemory(db, Size{Batch: 64, Queue: 256}, publish)
	return opened{d.Store, d.Books, run(t, d.Children...)}
}

// run starts a tree of services, and returns what stops it.
func run(t *testing.T, children ...supervisor.Child) (stop func()) {
	t.Helper()
	tree := supervisor.New("test", supervisor.Spec{MaxRestarts: supervisor.Unlimited, Logger: silent, Children: children})
	if err := tree.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tree.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// open opens accounts with 100 each.
func (s *subject) open(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if a, err := s.store.Open(t.Context(), Opening{"open-" + id, id, 100}); err != nil || a.Refusal != "" {
			t.Fatalf("open %s: %+v, %v", id, a, err)
		}
	}
}

// expect compares balances, and demands that the books are right.
func (s *subject) expect(t *testing.T, balances map[string]int64) {
	t.Helper()
	for id, want := range balances {
		if a, err := s.books.Account(t.Context(), id); err != nil || a.Balance != want {
			t.Errorf("%s has %d, %v; want %d", id, a.Balance, err, want)
		}
	}
	c, err := s.books.Check(t.Context())
	if err != nil || c.Err() != nil || c.Sum != c.Opened {
		t.Errorf("check: %+v, %v", c, errors.Join(err, c.Err()))
	}
}

func TestOpen(t *testing.T) {
	subjects(t, func(t *testing.T, s *subject) {
		s.open(t, "ada")
		for _, c := range []struct {
			opening Opening
			want    Answer[Account]
		}{
			{Opening{"open-ada", "ada", 100}, Answer[Account]{Value: Account{"ada", 100, 100}, Again: true}},
			{Opening{"open-ada", "ada", 101}, Answer[Account]{Refusal: KeyUsed}},
			{Opening{"open-ada", "bob", 100}, Answer[Account]{Refusal: KeyUsed}},
			{Opening{"other", "ada", 100}, Answer[Account]{Refusal: AccountExists}},
			{Opening{"zero", "zero", 0}, Answer[Account]{Value: Account{"zero", 0, 0}}},
		} {
			if a, err := s.store.Open(t.Context(), c.opening); a != c.want || err != nil {
				t.Errorf("%+v: %+v, %v; want %+v", c.opening, a, err, c.want)
			}
		}
		for _, o := range []Opening{{"", "x", 1}, {"k", "", 1}, {"k", "Ada", 1}, {"k", "-a", 1}, {"k", "x", -1}, {"k", "x", MaxAmount + 1}} {
			if _, err := s.store.Open(t.Context(), o); !errors.Is(err, ErrInvalid) {
				t.Errorf("%+v: %v", o, err)
			}
		}
		s.expect(t, map[string]int64{"ada": 100, "zero": 0})
	})
}

func TestTransfer(t *testing.T) {
	subjects(t, func(t *testing.T, s *subject) {
		s.open(t, "ada", "bob")
		if _, err := s.store.Open(t.Context(), Opening{"rich", "rich", MaxAmount}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			order   Order
			refusal Refusal
			id      int64
			again   bool
		}{
			{Order{"a", "ada", "bob", 30}, "", 1, false},
			{Order{"a", "ada", "bob", 30}, "", 1, true},
			{Order{"a", "ada", "bob", 31}, KeyUsed, 0, false},
			{Order{"a", "bob", "ada", 30}, KeyUsed, 0, false},
			{Order{"b", "ada", "bob", 71}, Overdraft, 0, false},
			{Order{"c", "bob", "ada", 130}, "", 2, false},
			{Order{"b", "ada", "bob", 71}, Overdraft, 0, true}, // although it has enough now
			{Order{"d", "ada", "nemo", 1}, UnknownTo, 0, false},
			{Order{"e", "nemo", "ada", 1}, UnknownFrom, 0, false},
			{Order{"f", "ada", "rich", 1}, TooMuch, 0, false},
			{Order{"g", "ada", "bob", 200}, "", 3, false},
		} {
			a, err := s.store.Transfer(t.Context(), c.order)
			if err != nil || a.Refusal != c.refusal || a.Value.ID != c.id || a.Again != c.again {
				t.Errorf("%+v: %+v, %v; want %+v", c.order, a, err, c)
			}
			if o, v := c.order, a.Value; c.id != 0 && (v.From != o.From || v.To != o.To || v.Amount != o.Amount || time.Since(v.At) > time.Hour) {
				t.Errorf("%+v has become %+v", o, v)
			}
		}
		for _, o := range []Order{{"", "ada", "bob", 1}, {"k", "", "bob", 1}, {"k", "ada", "", 1}, {"k", "ada", "ada", 1}, {"k", "ada", "bob", 0}, {"k", "ada", "bob", MaxAmount + 1}} {
			if _, err := s.store.Transfer(t.Context(), o); !errors.Is(err, ErrInvalid) {
				t.Errorf("%+v: %v", o, err)
			}
		}
		s.expect(t, map[string]int64{"ada": 0, "bob": 200, "rich": MaxAmount})
	})
}

// A refusal is no failure: what is asked for before and after it, in the same
// transaction, is done.
func TestTransferAll(t *testing.T) {
	subjects(t, func(t *testing.T, s *subject) {
		s.open(t, "ada", "bob")
		orders := []Order{{"1", "ada", "bob", 60}, {"2", "ada", "bob", 60}, {"3", "ada", "bob", 40}, {"1", "ada", "bob", 60}, {"4", "bob", "ada", 200}}
		answers, err := s.store.TransferAll(t.Context(), orders)
		var got []Refusal
		for _, a := range answers {
			got = append(got, a.Refusal)
		}
		if want := []Refusal{"", Overdraft, "", "", ""}; err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
		if !answers[3].Again || answers[3].Value != answers[0].Value {
			t.Errorf("the same key has got %+v and %+v", answers[0], answers[3])
		}
		s.expect(t, map[string]int64{"ada": 200, "bob": 0})
		if _, err := s.store.TransferAll(t.Context(), []Order{{"5", "ada", "bob", 1}, {"6", "ada", "bob", 0}}); !errors.Is(err, ErrInvalid) {
			t.Errorf("with an invalid one: %v", err)
		}
		s.expect(t, map[string]int64{"ada": 200})
	})
}

func TestBooks(t *testing.T) {
	subjects(t, func(t *testing.T, s *subject) {
		ctx := t.Context()
		if n, err := s.books.Last(ctx); n != 0 || err != nil {
			t.Errorf("Last of none: %d, %v", n, err)
		}
		s.open(t, "cy", "ada", "bob")
		for _, o := range []Order{{"1", "ada", "bob", 1}, {"2", "bob", "cy", 2}, {"3", "cy", "ada", 3}, {"4", "ada", "cy", 4}, {"5", "cy", "bob", 1000}} {
			if _, err := s.store.Transfer(ctx, o); err != nil {
				t.Fatal(err)
			}
		}
		accounts, err := s.books.Accounts(ctx, "ada", 1)
		if err != nil || !slices.Equal(accounts, []Account{{"bob", 100, 99}}) {
			t.Errorf("Accounts: %+v, %v", accounts, err)
		}
		if _, err := s.books.Account(ctx, "nemo"); !errors.Is(err, ErrNoAccount) {
			t.Errorf("Account: %v", err)
		}
		for name, c := range map[string]struct {
			list func() ([]Transfer, error)
			want []int64
		}{
			"latest":        {func() ([]Transfer, error) { return s.books.Latest(ctx, "", 0, 10) }, []int64{4, 3, 2, 1}},
			"before":        {func() ([]Transfer, error) { return s.books.Latest(ctx, "", 4, 2) }, []int64{3, 2}},
			"of an account": {func() ([]Transfer, error) { return s.books.Latest(ctx, "ada", 0, 2) }, []int64{4, 3}},
			"and before":    {func() ([]Transfer, error) { return s.books.Latest(ctx, "ada", 3, 2) }, []int64{1}},
			"after":         {func() ([]Transfer, error) { return s.books.After(ctx, 1, 2) }, []int64{2, 3}},
			"none":          {func() ([]Transfer, error) { return s.books.After(ctx, 4, 2) }, nil},
		} {
			transfers, err := c.list()
			var got []int64
			for _, tr := range transfers {
				got = append(got, tr.ID)
			}
			if err != nil || transfers == nil || !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
			}
		}
		turnover, err := s.books.Turnover(ctx)
		if want := []AccountTurnover{{"ada", 5, 3}, {"bob", 2, 1}, {"cy", 3, 6}}; err != nil || turnover.Last != 4 || !slices.Equal(turnover.Accounts, want) {
			t.Errorf("Turnover: %+v, %v", turnover, err)
		}
		for key, want := range map[string]Answer[Transfer]{"4": {Value: s.told()[3], Again: true}, "5": {Refusal: Overdraft, Again: true}} {
			if a, err := s.books.Answered(ctx, key); a != want || err != nil {
				t.Errorf("Answered: %+v, %v; want %+v", a, err, want)
			}
		}
		if _, err := s.books.Answered(ctx, "6"); !errors.Is(err, ErrNoKey) {
			t.Errorf("Answered: %v", err)
		}
	})
}

// What was answered is there after the end; each transfer was published, in order, and
// the last one once more at the begin.
func TestReopen(t *testing.T) {
	subjects(t, func(t *testing.T, s *subject) {
		s.open(t, "ada", "bob")
		order := Order{"1", "ada", "bob", 1}
		for _, o := range []Order{order, {"2", "ada", "bob", 1000}, {"3", "bob", "ada", 2}} {
			if _, err := s.store.Transfer(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		s.reopen()
		if a, err := s.store.Transfer(t.Context(), order); err != nil || !a.Again || a.Value.ID != 1 {
			t.Errorf("the key of before: %+v, %v", a, err)
		}
		if err := s.store.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		s.expect(t, map[string]int64{"ada": 101, "bob": 99})
		var ids []int64
		for _, tr := range s.told() {
			ids = append(ids, tr.ID)
		}
		if !slices.Equal(ids, []int64{1, 2, 2}) {
			t.Errorf("published %v", ids)
		}
	})
}
