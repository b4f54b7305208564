package pool

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/foreign"
)

// Broadcast is Do to each member, once. It returns how many members accepted f. f may run on
// several goroutines at once, so what it captures must not be changed any more. A nil f panics.
func (p *Pool[T]) Broadcast(f func(*T)) (accepted int) {
	p.made()
	if f == nil {
		panic("pool: Broadcast of a nil closure")
	}
	return broadcast(p.members, f)
}

// broadcast also comes to its end if what a member is told of its refusal ends the goroutine.
func broadcast[T any](left []*actor.Service[T], f func(*T)) (accepted int) {
	defer func() {
		if len(left) > 0 {
			broadcast(left, f)
		}
	}()
	for len(left) > 0 {
		m := left[0]
		left = left[1:]
		if m.Do(f) == nil {
			accepted++
		}
	}
	return accepted
}

// Gather calls all members of the pool at once and returns their results, in the order of the
// members. The first error ends the contexts of the other calls. When all calls have ended,
// Gather returns that error; the results of those that ran are there all the same. Gather
// blocks like actor.Call. A nil f panics.
func Gather[T, R any](ctx context.Context, pool *Pool[T], f func(*T) (R, error)) ([]R, error) {
	pool.made()
	if f == nil {
		panic("pool: Gather of a nil closure")
	}
	if ctx == nil {
		panic("pool: Gather with a nil context")
	}
	results := make([]R, len(pool.members))
	g, ctx := errgroup.WithContext(foreign.Sound(ctx)) // it is asked on goroutines of the group, too
	returned := make([]bool, len(pool.members))
	for i, m := range pool.members {
		g.Go(func() (err error) {
			results[i], err = actor.Call(ctx, m, f)
			returned[i] = true
			return err
		})
	}
	err := g.Wait()
	if i := slices.Index(returned, false); err == nil && i >= 0 {
		err = fmt.Errorf("pool: Gather from %s: member %d was not called: the context %w when it was asked", pool.Name(), i, foreign.ErrGoexit)
	}
	return results, err
}
