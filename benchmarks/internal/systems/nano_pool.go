package systems

import (
	"context"
	"strconv"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

func addNanoPool(s *System) { s.NewPool = newNanoPool }

// nanoPool is a pool under a supervisor.
type nanoPool struct {
	pool *pool.Pool[Tally]
	root *supervisor.Supervisor
	keys []string
}

// newNanoPool has many more keys than members, as pools do.
func newNanoPool(members int) (Pool, error) {
	build := func(context.Context) (*Tally, error) { return new(Tally), nil }
	p := nanoPool{pool: pool.New(members, build, actor.WithLogger(quiet))}
	for i := range 64 {
		p.keys = append(p.keys, "customer "+strconv.Itoa(i))
	}
	p.root = supervisor.New("root", supervisor.Spec{
		Logger:   quiet,
		Children: []supervisor.Child{{Service: p.pool}},
	})
	return p, p.root.Start(background)
}

func (p nanoPool) Tell(n int) error {
	for range n {
		if err := p.pool.Do((*Tally).Inc); err != nil {
			return err
		}
	}
	return nil
}

func (p nanoPool) TellByKey(n int) error {
	for i := range n {
		if err := p.pool.Key(p.keys[i%len(p.keys)]).Do((*Tally).Inc); err != nil {
			return err
		}
	}
	return nil
}

func (p nanoPool) Call(n int) error {
	for range n {
		if _, err := actor.Get(background, p.pool, (*Tally).Next); err != nil {
			return err
		}
	}
	return nil
}

func (p nanoPool) Sum() (sum int, err error) {
	values, err := pool.Gather(background, p.pool, func(t *Tally) (int, error) { return t.Value(), nil })
	for _, v := range values {
		sum += v
	}
	return sum, err
}

func (p nanoPool) Stop() error { return p.root.Stop(background) }
