package systems

import (
	"context"

	"github.com/bruskajp/nano_services/actor"
)

// addNanoNested adds calls that closures make, and closures that need a large stack.
func addNanoNested(s *System) {
	s.NewNest = func() (Nest, error) {
		return nanoNest{actor.Start(new(nanoOuter)), actor.Start(new(Tally))}, nil
	}
	s.CallDeep = func(s Service) (int, error) { return actor.Get(background, s.(nanoService).svc, (*Tally).Deep) }
}

// nanoOuter is a service whose closures call another.
type nanoOuter struct{}

type nanoNest struct {
	outer *actor.Service[nanoOuter]
	inner *actor.Service[Tally]
}

func (n nanoNest) Call(ops int) (int, error) {
	return actor.CallContext(background, n.outer, func(ctx context.Context, _ *nanoOuter) (sum int, err error) {
		for range ops {
			v, err := actor.Get(ctx, n.inner, (*Tally).Next)
			if err != nil {
				return sum, err
			}
			sum += v
		}
		return sum, nil
	})
}

func (n nanoNest) Stop() error {
	if err := n.outer.Stop(background); err != nil {
		return err
	}
	return n.inner.Stop(background)
}
