package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// newCafe returns a café and what else is to be in its tree: a kitchen of three cooks, a
// waiter who waits for them, a till, and customers.
func newCafe(more ...supervisor.Child) *supervisor.Supervisor {
	cooks := pool.New(3, newCook, actor.WithName("cooks"), actor.WithTimes(), actor.WithHistory(5))
	till := actor.New(newTill, actor.WithTimes())
	waiter := actor.New(func(context.Context) (*waiter, error) { return &waiter{cooks, till}, nil }, actor.WithTimes())
	kitchen := supervisor.New("kitchen", supervisor.Spec{
		Children: []supervisor.Child{{Service: cooks}},
	})
	return supervisor.New("cafe", supervisor.Spec{
		Strategy: supervisor.RestForOne,
		Children: append([]supervisor.Child{
			{Service: kitchen},
			{Service: till},
			{Service: waiter},
			{Name: "customers", Service: supervisor.Func(func(ctx context.Context) error { return visit(ctx, waiter) })},
		}, more...),
	})
}

// cook burns a meal now and then.
type cook struct{ meals int }

func newCook(context.Context) (*cook, error) { return new(cook), nil }

func (c *cook) cook() (meal int, err error) {
	time.Sleep(time.Duration(10+rand.IntN(40)) * time.Millisecond)
	if rand.IntN(100) == 0 {
		panic("burnt")
	}
	c.meals++
	return c.meals, nil
}

type till struct{ sum int }

func newTill(context.Context) (*till, error) { return new(till), nil }

func (t *till) pay(price int) { t.sum += price }

type waiter struct {
	cooks *pool.Pool[cook]
	till  *actor.Service[till]
}

// serve brings a meal and takes the money. What a cook has burnt costs nothing.
func (w *waiter) serve(ctx context.Context) error {
	_, err := actor.CallContext(ctx, w.cooks, func(_ context.Context, c *cook) (int, error) { return c.cook() })
	if actor.OutcomeOf(err) == actor.Crashed {
		return nil
	}
	return errors.Join(err, w.till.Do(func(t *till) { t.pay(7) }))
}

// visit has customers come and order until ctx ends, some 20 a second.
func visit(ctx context.Context, waiter *actor.Service[waiter]) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Duration(20+rand.IntN(60)) * time.Millisecond):
		}
		if err := waiter.DoContext(ctx, serve); err != nil {
			return err
		}
	}
}

func serve(ctx context.Context, w *waiter) {
	if err := w.serve(ctx); err != nil {
		actor.Exit(ctx, err)
	}
}
