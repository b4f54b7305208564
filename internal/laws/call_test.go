package laws_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// scene is a service with a call that runs, until release gets what it is to do
// then, and another one that is queued.
type scene struct {
	t       *testing.T
	svc     *actor.Service[actortest.Closable]
	release chan func()
	cancel  context.CancelCauseFunc // of the context of Serve
	place   func(context.Context) context.Context
}

// serveAgain is the next incarnation. The service is being served when it returns.
func (s *scene) serveAgain() {
	ctx, cancel := context.WithCancelCause(context.Background())
	s.cancel = cancel
	actortest.Serve(s.place(ctx), s.svc)
	synctest.Wait()
}

// let has the running call go on with f.
func (s *scene) let(f func()) {
	s.release <- f
	synctest.Wait()
}

func crash()  { panic("crash") }
func goOn()   {}
func vanish() { runtime.Goexit() }
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// fate is what becomes of a running and a queued call when something happens.
type fate struct {
	name            string
	happens         func(*scene)
	opts            []actor.Option
	alone           bool // Serve without a supervisor
	running, queued actor.Outcome
	why             error         // of the queued call
	after           time.Duration // until both are answered
}

func fates() []fate {
	fail := []actor.Option{actor.WithQueuePolicy(actor.FailQueue)}
	at0 := []actor.Option{actor.WithDrainTime(0)}
	const ran, notRun, crashed, unknown = actor.Ran, actor.NotRun, actor.Crashed, actor.Unknown
	stopped, restarted := actor.ErrStopped, actor.ErrRestarted
	again := func(f func()) func(*scene) {
		return func(s *scene) { s.let(f); s.serveAgain() }
	}
	restart := func(s *scene) { s.cancel(actor.Restart); synctest.Wait(); s.let(goOn); s.serveAgain() }
	cut := func(s *scene) { s.svc.CutOff(true); s.serveAgain() }
	return []fate{
		{name: "Stop", happens: func(s *scene) { go actortest.Stop(s.t, s.svc); s.let(goOn) }, running: ran, queued: ran},
		{name: "Stop without time", happens: func(s *scene) { _ = s.svc.Stop(expired()) },
			running: unknown, queued: notRun, why: stopped},
		{name: "Stop, then a crash",
			happens: func(s *scene) { go func() { _ = s.svc.Stop(context.Background()) }(); s.let(crash) },
			running: crashed, queued: notRun, why: stopped},
		{name: "Kill", happens: func(s *scene) { s.svc.Kill() }, running: unknown, queued: notRun, why: stopped},
		{name: "crash", happens: again(crash), running: crashed, queued: ran},
		{name: "crash, queue failed", happens: again(crash), opts: fail, running: crashed,
			queued: notRun, why: restarted},
		{name: "crash, nobody follows", happens: func(s *scene) { s.let(crash) }, alone: true,
			running: crashed, queued: notRun, why: stopped},
		{name: "Goexit", happens: again(vanish), running: crashed, queued: ran},
		{name: "Goexit, queue failed", happens: again(vanish), opts: fail, running: crashed,
			queued: notRun, why: restarted},
		{name: "restart", happens: restart, running: ran, queued: ran},
		{name: "restart, queue failed", happens: restart, opts: fail, running: ran, queued: notRun,
			why: restarted},
		{name: "crash, then abandoned", happens: func(s *scene) { s.let(crash); s.svc.Abandon() },
			running: crashed, queued: notRun, why: stopped},
		{name: "abandoned, then a crash", happens: func(s *scene) { s.svc.Abandon(); s.let(crash) },
			running: crashed, queued: notRun, why: stopped},
		{name: "crash, then killed", happens: func(s *scene) { s.let(crash); s.svc.Kill() },
			running: crashed, queued: notRun, why: stopped},
		{name: "cut off to go on", happens: cut, running: unknown, queued: ran},
		{name: "cut off to go on, queue failed", happens: cut, opts: fail, running: unknown,
			queued: notRun, why: restarted},
		{name: "cut off", happens: func(s *scene) { s.svc.CutOff(false) }, running: unknown,
			queued: notRun, why: stopped},
		{name: "context ends, drain",
			happens: func(s *scene) { s.cancel(nil); synctest.Wait(); s.let(goOn) },
			alone:   true, running: ran, queued: ran},
		{name: "context ends, no time for the drain", happens: func(s *scene) { s.cancel(nil); synctest.Wait() },
			opts: at0, alone: true, running: unknown, queued: notRun, why: stopped},
		{name: "context ends, closure too long",
			happens: func(s *scene) { s.cancel(nil); time.Sleep(5 * time.Second) },
			alone:   true, running: unknown, queued: notRun, why: stopped, after: 5 * time.Second},
	}
}

// answer is what a call returned, and when.
type answer struct {
	err error
	at  time.Time
}

// Whatever happens to a service, its callers are answered once, at once, and with
// what is true of their closure; whatever the form of the call, and whether its
// context can end or not.
func TestL5EveryCallIsAnswered(t *testing.T) {
	for _, f := range fates() {
		for _, w := range calls[actortest.Closable]() {
			for _, endless := range []bool{true, false} {
				synctest.Test(t, func(t *testing.T) {
					ctx := context.Background()
					if !endless {
						var cancel context.CancelFunc
						ctx, cancel = context.WithCancel(ctx)
						defer cancel()
					}
					f.check(t, ctx, w)
				})
			}
		}
	}
}

func (f fate) check(t *testing.T, ctx context.Context, w way[actortest.Closable]) {
	s := &scene{t: t, release: make(chan func(), 1), place: actortest.Supervised}
	if f.alone {
		s.place = func(ctx context.Context) context.Context { return ctx }
	}
	s.svc = actor.New((&actortest.Factory{}).Build, append(f.opts, actortest.Quiet())...)
	s.serveAgain()
	ask := func(g func(*actortest.Closable)) <-chan answer {
		c := make(chan answer, 2)
		go func() {
			err := w.run(ctx, s.svc, g)
			c <- answer{err, time.Now()}
		}()
		synctest.Wait()
		return c
	}
	runs := 0
	first := ask(func(*actortest.Closable) { (<-s.release)() })
	second := ask(func(*actortest.Closable) { runs++ })
	begin := time.Now()
	f.happens(s)
	synctest.Wait()
	for _, x := range []struct {
		name   string
		answer <-chan answer
		want   actor.Outcome
	}{{"running", first, f.running}, {"queued", second, f.queued}} {
		select {
		case a := <-x.answer:
			got := actor.OutcomeOf(a.err)
			if got != x.want || errors.Is(a.err, actor.ErrNotRun) != (got == actor.NotRun) {
				t.Errorf("%s: %s: the %s call: %v; want %v", f.name, w.name, x.name, a.err, x.want)
			}
			if x.want == actor.NotRun && !errors.Is(a.err, f.why) {
				t.Errorf("%s: %s: the %s call: %v; want %v", f.name, w.name, x.name, a.err, f.why)
			}
			if a.at.Sub(begin) != f.after {
				t.Errorf("%s: %s: the %s call was answered after %v", f.name, w.name, x.name, a.at.Sub(begin))
			}
		default:
			t.Errorf("%s: %s: the %s call was not answered", f.name, w.name, x.name)
		}
	}
	if want := f.queued == actor.Ran; runs > 1 || (runs == 1) != want {
		t.Errorf("%s: %s: the queued closure ran %d times", f.name, w.name, runs)
	}
	s.svc.Kill()
	s.release <- goOn // a closure that was cut off
}
