package laws_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// storm sends one service everything at once, and counts for itself what the
// service should have counted.
type storm struct {
	t    *testing.T
	svc  *actor.Service[actortest.Closable]
	dead *actortest.Letters

	tried, ran    atomic.Uint64 // closures that were sent; that began
	taken, turned atomic.Uint64 // Do and DoContext that returned nil; an error
	twice         atomic.Uint64 // closures that ran more than once
}

// The numbers of a service are right after a storm of closures and calls, with
// crashes, Exit, restarts, cut-offs, time-outs and refusals, until a Stop whose
// time is too short: each closure is in exactly one of them.
func TestL3SumAfterStorm(t *testing.T) {
	bound := actor.WithCapacity(4)
	rows := []struct {
		name       string
		supervised bool
		opts       []actor.Option
	}{
		{"started", false, nil},
		{"started, bounded", false, []actor.Option{bound}},
		{"keep", true, nil},
		{"keep, bounded", true, []actor.Option{bound}},
		{"fail", true, []actor.Option{actor.WithQueuePolicy(actor.FailQueue)}},
		{"fail, bounded", true, []actor.Option{bound, actor.WithQueuePolicy(actor.FailQueue)}},
		{"drop oldest", true, []actor.Option{bound, actor.WithOverflow(actor.DropOldest)}},
		{"drop oldest, fail", true, []actor.Option{bound,
			actor.WithOverflow(actor.DropOldest), actor.WithQueuePolicy(actor.FailQueue)}},
	}
	for _, row := range rows {
		for seed := range uint64(4) {
			synctest.Test(t, func(t *testing.T) {
				s := &storm{t: t, dead: &actortest.Letters{}}
				opts := append(row.opts, actortest.Quiet(), s.dead.Option())
				if row.supervised {
					s.svc = actor.New((&actortest.Factory{}).Build, opts...)
					go s.supervise(seed)
				} else {
					s.svc = actor.Start(&actortest.Closable{}, opts...)
				}
				s.blow(seed)
				synctest.Wait()
				s.check(row.name)
			})
		}
	}
}

// blow sends from several goroutines, stops the service in the middle of it, and
// returns when all is over.
func (s *storm) blow(seed uint64) {
	var all sync.WaitGroup
	for n := range uint64(6) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, n))
			for range 80 {
				s.send(r)
				time.Sleep(time.Duration(r.IntN(3000)) * time.Microsecond)
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
	defer cancel()
	_ = s.svc.Stop(ctx)
	all.Wait()
}

// send sends one closure.
func (s *storm) send(r *rand.Rand) {
	var runs atomic.Int64
	length := time.Duration(r.IntN(1500)) * time.Microsecond
	end := r.IntN(30)
	f := func(ctx context.Context) {
		s.ran.Add(1)
		if runs.Add(1) > 1 {
			s.twice.Add(1)
		}
		time.Sleep(length)
		switch end {
		case 0:
			panic("crash")
		case 1:
			runtime.Goexit()
		case 2:
			actor.Exit(ctx, errors.New("failure"))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+r.IntN(4000))*time.Microsecond)
	defer cancel()
	s.tried.Add(1)
	var err error
	switch r.IntN(5) {
	case 0:
		end += 3 // Exit needs a context of the service
		err = s.svc.Do(func(*actortest.Closable) { f(context.Background()) })
	case 1:
		err = s.svc.DoContext(ctx, func(ctx context.Context, _ *actortest.Closable) { f(ctx) })
	case 2:
		actor.Async(s.svc, func(*actortest.Closable) (int, error) { time.Sleep(length); s.ran.Add(1); return 0, nil })
		return
	default:
		_ = s.svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Closable) error { f(ctx); return nil })
		return
	}
	if err != nil {
		s.turned.Add(1)
	} else {
		s.taken.Add(1)
	}
}

// supervise serves again and again, and now and then restarts or cuts off.
func (s *storm) supervise(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 99))
	for s.svc.Info().State != actor.Ended {
		ctx, cancel := context.WithCancelCause(context.Background())
		served := actortest.Serve(actortest.Supervised(ctx), s.svc)
		select {
		case <-served:
		case <-time.After(time.Duration(1+r.IntN(9000)) * time.Microsecond):
			cancel(actor.Restart)
			select {
			case <-served:
			case <-time.After(time.Duration(r.IntN(300)) * time.Microsecond):
				s.svc.CutOff(true)
			}
		}
		cancel(nil)
		time.Sleep(time.Duration(r.IntN(500)) * time.Microsecond)
	}
}

func (s *storm) check(name string) {
	i := s.svc.Info()
	var dead, refused uint64
	for _, d := range s.dead.List() {
		if d.Refused {
			refused++
		} else {
			dead++
		}
	}
	actortest.Balanced(s.t, i)
	for _, n := range []struct {
		what      string
		got, want uint64
	}{
		{"executed", i.Executed, s.ran.Load()},
		{"dead, by the hook", dead, i.Dead},
		{"refused, by the hook", refused, s.turned.Load()},
		{"accepted and refused", i.Accepted + i.Refused, s.tried.Load()},
		{"queued", uint64(i.Queued), 0},
		{"running", uint64(i.Running), 0},
		{"ran twice", s.twice.Load(), 0},
	} {
		if n.got != n.want {
			s.t.Errorf("%s: %s: %d, want %d (%+v)", name, n.what, n.got, n.want, i)
		}
	}
	if i.Accepted < s.taken.Load() || i.State != actor.Ended {
		s.t.Errorf("%s: %d accepted by Do; %+v", name, s.taken.Load(), i)
	}
}
