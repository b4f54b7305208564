package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// The shop of L16: five services that call each other, cast, keep time, crash and are
// restarted, and decide nothing by themselves.
type (
	visitors struct{ came int }
	orders   struct{ taken int }
	stock    struct{ left int }
	till     struct{ sum int }
	diary    struct{ lines int }
)

type shop struct {
	s        *stepper
	tree     *supervisor.Supervisor
	visitors *actor.Service[visitors]
	orders   *actor.Service[orders]
	stock    *actor.Service[stock]
	till     *actor.Service[till]
	journal  *actor.Service[diary]
}

const (
	visits   = 6 // by each of the two who visit
	interval = 10 * time.Millisecond
)

func newShop(s *stepper) *shop {
	x := &shop{s: s}
	x.visitors = made(s, func(svc *actor.Service[visitors]) *visitors {
		x.visit(svc, 1)
		x.visit(svc, 2) // both at the same instants
		return new(visitors)
	})
	x.orders = made(s, func(*actor.Service[orders]) *orders { return new(orders) })
	x.stock = made(s, func(*actor.Service[stock]) *stock { return &stock{3} })
	x.till = made(s, func(*actor.Service[till]) *till { return new(till) }, actor.WithCapacity(2))
	x.journal = made(s, func(*actor.Service[diary]) *diary { return new(diary) }, actor.WithCapacity(1))
	back := supervisor.New("back", supervisor.Spec{
		Strategy: supervisor.RestForOne, MaxRestarts: supervisor.Unlimited,
		Children: []supervisor.Child{
			{Name: "stock", Service: x.stock, Backoff: &supervisor.Backoff{Min: interval, Jitter: 0.5, Rand: s.rng.Float64}},
			{Name: "till", Service: x.till},
		},
	})
	x.tree = supervisor.New("shop", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited, Logger: quiet,
		OnEvent: func(e supervisor.Event) { s.say("%s: %v", e.Path, e.Kind) },
		Children: []supervisor.Child{
			{Name: "journal", Service: x.journal, Backoff: &supervisor.Backoff{Min: interval}},
			{Name: "back", Service: back},
			{Name: "orders", Service: x.orders, Backoff: &supervisor.Backoff{Min: interval}},
			{Name: "visitors", Service: x.visitors},
		},
	})
	return x
}

// made declares a service whose incarnations and crashes are in the trace.
func made[T any](s *stepper, build func(*actor.Service[T]) *T, opts ...actor.Option) *actor.Service[T] {
	var svc *actor.Service[T]
	svc = actor.New(func(context.Context) (*T, error) {
		v := build(svc)
		s.say("%s: incarnation %d", svc.Name(), svc.Info().Incarnation)
		return v, nil
	}, append(opts, actor.WithLogger(quiet))...)
	return svc
}

// visit has one of the visitors come again and again.
func (x *shop) visit(svc *actor.Service[visitors], who int) {
	for i := range visits {
		svc.After(time.Duration(i+1)*interval, func(*visitors) {
			_ = svc.DoContext(context.Background(), func(ctx context.Context, v *visitors) { x.buy(ctx, v, who, i) })
		})
	}
}

// buy is a closure of visitors: a call that makes calls, and casts.
func (x *shop) buy(ctx context.Context, v *visitors, who, i int) {
	v.came++
	for n := range 2 { // work elsewhere: two at once
		actor.Pipe(x.visitors, func(context.Context) (int, error) { return 10*i + n, nil },
			func(_ *visitors, found int, err error) { x.s.say("visitor %d has found %d, %v", who, found, err) })
	}
	left, err := actor.CallContext(ctx, x.orders, func(ctx context.Context, o *orders) (int, error) {
		o.taken++
		bill := actor.Async(x.till, func(t *till) (int, error) { t.sum++; return t.sum, nil })
		left, err := actor.CallContext(ctx, x.stock, func(ctx context.Context, st *stock) (int, error) {
			if st.left == 0 {
				panic("sold out")
			}
			st.left--
			return st.left, nil
		})
		sum, e := bill.Await(ctx)
		x.s.say("orders: %d taken; stock %v, %d left; till %v, %d in it", o.taken, actor.OutcomeOf(err), left, actor.OutcomeOf(e), sum)
		return left, errors.Join(err, e)
	})
	x.s.say("visitor %d, visit %d: %d left, %v", who, i, left, actor.OutcomeOf(err))
	for range 3 { // more than there is room for
		err := x.journal.Do(func(j *diary) {
			if j.lines++; j.lines == 5 {
				panic("no paper")
			}
		})
		x.s.say("visitor %d writes: %v", who, err)
	}
}

// trade runs a shop with the seed and returns the trace.
func trade(t testing.TB, seed uint64) (trace string) {
	synctest.Test(t.(*testing.T), func(t *testing.T) {
		s := newStepper(seed)
		x := newShop(s)
		over := make(chan struct{})
		go func() {
			defer close(over)
			if err := x.tree.Start(s.context()); err != nil {
				t.Errorf("Start = %v", err)
			}
			time.Sleep((visits + 3) * interval)
			err := x.tree.Stop(context.Background())
			s.say("closed: %v", err)
		}()
		s.run(over)
		trace = s.text()
		for _, i := range []actor.Info{x.visitors.Info(), x.orders.Info(), x.stock.Info(), x.till.Info(), x.journal.Info()} {
			if i.Accepted != i.Executed+i.Dead+i.Skipped {
				t.Errorf("the numbers of %s do not add up: %+v", i.Name, i)
			}
			trace += fmt.Sprintf("\n%s: %d ran, %d refused, %d dead, incarnation %d", i.Name, i.Executed, i.Refused, i.Dead, i.Incarnation)
		}
	})
	return trace
}
