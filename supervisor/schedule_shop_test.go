package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/sim"
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
	s        *sim.Sim
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

func newShop(s *sim.Sim) *shop {
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
			{Name: "stock", Service: x.stock, Backoff: &supervisor.Backoff{Min: interval, Jitter: 0.5, Rand: s.Rand("jitter").Float64}},
			{Name: "till", Service: x.till},
		},
	})
	x.tree = supervisor.New("shop", supervisor.Spec{
		MaxRestarts: supervisor.Unlimited, Logger: quiet,
		OnEvent: func(e supervisor.Event) { s.Logf("%s: %v", e.Path, e.Kind) },
		Children: []supervisor.Child{
			{Name: "journal", Service: x.journal, Backoff: &supervisor.Backoff{Min: interval}},
			{Name: "back", Service: back},
			{Name: "orders", Service: x.orders, Backoff: &supervisor.Backoff{Min: interval}},
			{Name: "visitors", Service: x.visitors},
		},
	})
	return x
}

// made declares a service whose incarnations are in the trace.
func made[T any](s *sim.Sim, build func(*actor.Service[T]) *T, opts ...actor.Option) *actor.Service[T] {
	var svc *actor.Service[T]
	svc = actor.New(func(context.Context) (*T, error) {
		v := build(svc)
		s.Logf("%s: incarnation %d", svc.Name(), svc.Info().Incarnation)
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
			func(_ *visitors, found int, err error) { x.s.Logf("visitor %d has found %d, %v", who, found, err) })
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
		x.s.Logf("orders: %d taken; stock %v, %d left; till %v, %d in it", o.taken, actor.OutcomeOf(err), left, actor.OutcomeOf(e), sum)
		return left, errors.Join(err, e)
	})
	x.s.Logf("visitor %d, visit %d: %d left, %v", who, i, left, actor.OutcomeOf(err))
	for range 3 { // more than there is room for
		err := x.journal.Do(func(j *diary) {
			if j.lines++; j.lines == 5 {
				panic("no paper")
			}
		})
		x.s.Logf("visitor %d writes: %v", who, err)
	}
}

// trade runs a shop. Whatever crashes and is refused, its numbers add up.
func trade(s *sim.Sim) *shop {
	x := newShop(s)
	if err := x.tree.Start(s.Context()); err != nil {
		s.Errorf("Start = %v", err)
	}
	s.Faults(sim.Every)
	s.Sleep((visits + 3) * interval)
	err := x.tree.Stop(context.Background())
	s.Logf("closed: %v", err)
	for _, i := range []actor.Info{x.visitors.Info(), x.orders.Info(), x.stock.Info(), x.till.Info(), x.journal.Info()} {
		if i.Accepted != i.Executed+i.Dead+i.Skipped {
			s.Errorf("the numbers of %s do not add up: %+v", i.Name, i)
		}
		s.Logf("%s: %d ran, %d refused, %d dead, incarnation %d", i.Name, i.Executed, i.Refused, i.Dead, i.Incarnation)
		s.Sometimes(i.Name+" crashed", i.Crashed > 0)
	}
	s.Sometimes("a closure was refused", x.journal.Info().Refused > 0)
	return x
}

// summary is what a shop has come to.
func (x *shop) summary() string {
	var text string
	for _, i := range []actor.Info{x.visitors.Info(), x.orders.Info(), x.stock.Info(), x.till.Info(), x.journal.Info()} {
		text += fmt.Sprintln(i.Name, i.Executed, i.Refused, i.Dead, i.Incarnation)
	}
	return text
}
