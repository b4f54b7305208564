package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// The programs of this file have a bug each, unless they are repaired. They are what the
// simulation is measured by.

// cell is a number that is read and written by two calls, with something in between.
type cell struct{ n int }

func (c *cell) value() int { return c.n }

func tree(s *Sim, children ...supervisor.Child) *supervisor.Supervisor {
	root := supervisor.New("db", supervisor.Spec{Logger: quiet, MaxRestarts: supervisor.Unlimited, Children: children})
	if err := root.Start(s.Context()); err != nil {
		s.Fatal(err)
	}
	return root
}

func newService[T any](name string, build func() *T, opts ...actor.Option) *actor.Service[T] {
	opts = append(opts, actor.WithName(name), actor.WithLogger(quiet))
	return actor.New(func(context.Context) (*T, error) { return build(), nil }, opts...)
}

// lostUpdate has clients that add one by a call that reads and a call that writes. The last of
// them does other things first.
func lostUpdate(clients, first int, repaired bool) func(*Sim) {
	return func(s *Sim) {
		svc := newService("cell", func() *cell { return &cell{} })
		other := newService("other", func() *cell { return &cell{} })
		tree(s, supervisor.Child{Service: svc}, supervisor.Child{Service: other})
		for i := range clients {
			s.Go(fmt.Sprint("writer", i), func(ctx context.Context) {
				for range first {
					if i < clients-1 {
						break
					}
					_, _ = actor.Get(ctx, other, (*cell).value)
				}
				if repaired {
					_ = actor.Wait(ctx, svc, func(c *cell) { c.n++ })
					return
				}
				n, _ := actor.Get(ctx, svc, (*cell).value)
				_ = actor.Wait(ctx, svc, func(c *cell) { c.n = n + 1 })
			})
		}
		s.Finally("no update is lost", func() error {
			if c, _ := State(svc); c.n != clients {
				return fmt.Errorf("it is %d, after %d", c.n, clients)
			}
			return nil
		})
	}
}

// desk is a service that asks another one, and that asks back when it runs low.
type desk struct {
	stock int
	other *actor.Service[desk]
}

func (d *desk) take(ctx context.Context) error {
	if d.stock--; d.stock > 0 || d.other == nil {
		return nil
	}
	f := actor.Async(d.other, func(o *desk) (int, error) { o.stock--; return 1, nil })
	n, err := f.Await(ctx)
	d.stock += n
	return err
}

// cycle has two services that ask one another when their stock is low: both at once is a
// deadlock.
func cycle(s *Sim) {
	var a, b *actor.Service[desk]
	a = newService("a", func() *desk { return &desk{stock: 3, other: b} })
	b = newService("b", func() *desk { return &desk{stock: 3, other: a} })
	tree(s, supervisor.Child{Service: a}, supervisor.Child{Service: b})
	for i, svc := range []*actor.Service[desk]{a, b} {
		s.Go(fmt.Sprint("buyer", i), func(ctx context.Context) {
			for range 3 {
				_ = svc.RunContext(ctx, func(ctx context.Context, d *desk) error { return d.take(ctx) })
			}
		})
	}
}

// journal outlives the store.
type journal struct{ rows []int }

// store has rows, which it takes from the journal when it begins anew.
type store struct {
	journal *actor.Service[journal]
	rows    []int
}

func (s *store) put(ctx context.Context, row int, careful bool) error {
	if careful {
		if err := actor.Wait(ctx, s.journal, func(j *journal) { j.rows = append(j.rows, row) }); err != nil {
			return err
		}
	} else {
		_ = s.journal.Do(func(j *journal) { j.rows = append(j.rows, row) }) // full: nobody looks
	}
	s.rows = append(s.rows, row)
	return nil
}

// lostWrite has a store that acknowledges what its journal has refused, and crashes then.
func lostWrite(careful bool) func(*Sim) {
	return func(s *Sim) {
		book := newService("journal", func() *journal { return &journal{} }, actor.WithCapacity(2))
		build := func(ctx context.Context) (*store, error) {
			rows, err := actor.Get(ctx, book, func(j *journal) []int { return slices.Clone(j.rows) })
			return &store{book, rows}, err
		}
		svc := actor.New(build, actor.WithName("store"), actor.WithLogger(quiet))
		tree(s, supervisor.Child{Service: book}, supervisor.Child{Service: svc})
		s.Faults(Faults{Crash: .1, Of: []string{"db/store"}, Max: 2})
		var acknowledged []int
		for w := range 3 {
			s.Go(fmt.Sprint("writer", w), func(ctx context.Context) {
				for i := range 4 {
					row := 10*(w+1) + i
					err := svc.RunContext(ctx, func(ctx context.Context, st *store) error { return st.put(ctx, row, careful) })
					if err == nil {
						acknowledged = append(acknowledged, row)
					}
				}
			})
		}
		s.Finally("no acknowledged write is lost", func() error {
			st, _ := State(svc)
			if st == nil {
				return errors.New("the store is down")
			}
			for _, row := range acknowledged {
				if !slices.Contains(st.rows, row) {
					return fmt.Errorf("row %d was acknowledged, and is not there", row)
				}
			}
			return nil
		})
	}
}

// shop has timers, work, restarts and topics, and no bug.
type till struct{ sum, ticks int }

func shop(s *Sim) {
	till1 := newService("till", func() *till { return &till{} })
	stock := actor.New(func(ctx context.Context) (*till, error) {
		actor.Self[till](ctx).Every(10*time.Millisecond, func(t *till) { t.ticks++ })
		return &till{}, nil
	}, actor.WithName("stock"), actor.WithLogger(quiet), actor.WithCapacity(3))
	root := tree(s, supervisor.Child{Service: till1}, supervisor.Child{Service: stock})
	s.Faults(Every)
	for i := range 3 {
		s.Go(fmt.Sprint("customer", i), func(ctx context.Context) {
			_ = till1.RunContext(ctx, func(ctx context.Context, t *till) error {
				t.sum++
				return stock.Run(ctx, func(t *till) error { t.sum++; return nil })
			})
			s.Sleep(5 * time.Millisecond)
			_ = stock.DoContext(ctx, func(_ context.Context, t *till) { t.sum++ })
			_ = actor.Pipe(till1, func(context.Context) (int, error) { return i, nil }, func(t *till, n int, err error) { t.sum += n })
			s.Sleep(20 * time.Millisecond)
		})
	}
	s.AtRest("accounted for", func() error {
		for _, svc := range []*actor.Service[till]{till1, stock} {
			i := svc.Info()
			if i.Accepted != i.Executed+i.Dead+i.Skipped+uint64(i.Queued)+uint64(i.Running) {
				return fmt.Errorf("%s: %+v", svc.Name(), i)
			}
		}
		return nil
	})
	s.Eventually("the tree is up", time.Second, root.Up)
}
