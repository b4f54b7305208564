package sim

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// only is the default order with one fault: the first for which there is an opportunity.
type only struct{ kind faultKind }

func (o only) choose(_ []*turn, usual *turn) *turn { return usual }

func (o only) strikes(f fault, _ float64) bool { return f.kind == o.kind }

// felt is what a client has seen of a fault.
type felt struct {
	err     error         // of the call
	outcome actor.Outcome // of it
	took    time.Duration
	n       int // of the service that was asked, afterwards
	crashed uint64
	refused error // of a Do
	worked  bool  // a Pipe has ended with a result
	number  uint64
}

// feel has a client call front, which calls back, with one fault.
func feel(t *testing.T, kind faultKind) (f felt) {
	t.Helper()
	s := quickly(t, func(s *Sim) {
		back := newService("back", func() *cell { return &cell{} })
		front := newService("front", func() *cell { return &cell{} }, actor.WithCapacity(5))
		tree(s, supervisor.Child{Service: back}, supervisor.Child{Service: front})
		s.Faults(Faults{Crash: 1, Build: 1, Slow: 1, Full: 1, Hold: 1, Cancel: 1, Max: 1, Of: []string{"db/front", "client", "db/front#*"}})
		begun := time.Now()
		s.Go("client", func(ctx context.Context) {
			if kind == buildFails {
				_ = front.Do(func(*cell) { panic("make it anew") })
			}
			f.refused = front.Do(func(*cell) {})
			f.err = front.RunContext(ctx, func(ctx context.Context, c *cell) error {
				c.n++
				return actor.Wait(ctx, back, func(b *cell) { b.n++ })
			})
			f.outcome, f.took = actor.OutcomeOf(f.err), time.Since(begun)
			f.n, _ = actor.Get(context.Background(), back, (*cell).value)
			_ = actor.Pipe(front, func(context.Context) (int, error) { return 1, nil }, func(*cell, int, error) { f.worked = true })
			s.Settle()
			f.crashed, f.number = front.Info().Crashed, front.Info().Incarnation
		})
	}, 1, AllowCrashes())
	r := s.once(seed{"default", 0, 1}, only{kind}, nil, false)
	if r.failure != nil {
		t.Fatalf("%s: %s", kind, r.failure.text)
	}
	if len(r.struck) != 1 {
		t.Errorf("%s: %v", kind, r.struck)
	}
	return f
}

// Each kind of fault is what its name says.
func TestL16EachFault(t *testing.T) {
	crashes := func(f felt) bool { return f.crashed == 1 && f.number == 2 }
	rows := map[faultKind]func(f felt) bool{
		crashBefore: func(f felt) bool { return crashes(f) && f.n == 1 },
		crashAfter:  func(f felt) bool { return crashes(f) && f.n == 1 },
		crashMiddle: func(f felt) bool { return crashes(f) && f.outcome == actor.Crashed && f.n == 1 },
		buildFails:  func(f felt) bool { return f.crashed == 1 && f.number == 3 && f.err == nil },
		workFails:   func(f felt) bool { return !f.worked && f.number == 2 },
		slow:        func(f felt) bool { return f.took == faultDelay && f.err == nil },
		full:        func(f felt) bool { return errors.Is(f.refused, actor.ErrMailboxFull) && f.err == nil },
		hold:        func(f felt) bool { return f.took == faultDelay && f.err == nil },
		cancel:      func(f felt) bool { return errors.Is(f.err, context.Canceled) },
	}
	for _, kind := range faultKinds {
		if f := feel(t, kind); rows[kind] == nil || !rows[kind](f) {
			t.Errorf("%s: %+v", kind, f)
		}
	}
}
