package laws_test

//lint:file-ignore ST1008 the error comes first, and where it was caused after it, on the same line

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// crew is a proxy as nanogen writes it, with a method for each form, which does act.
type crew struct {
	*actor.Service[actortest.Plain]
	act func()
}

func (c crew) one(*actortest.Plain) (int, error)                         { c.act(); return 1, nil }
func (c crew) oneContext(context.Context, *actortest.Plain) (int, error) { c.act(); return 1, nil }
func (c crew) Tell() error                                               { return actor.ProxyOf(c.Service).Do(func(*actortest.Plain) { c.act() }) }
func (c crew) TellContext(ctx context.Context) error {
	return actor.ProxyOf(c.Service).DoContext(ctx, func(context.Context, *actortest.Plain) { c.act() })
}
func (c crew) Ask(ctx context.Context) error {
	return actor.ProxyOf(c.Service).Run(ctx, func(*actortest.Plain) error { c.act(); return nil })
}
func (c crew) AskContext(ctx context.Context) error {
	return actor.ProxyOf(c.Service).RunContext(ctx, func(context.Context, *actortest.Plain) error { c.act(); return nil })
}
func (c crew) Call(ctx context.Context) (int, error) {
	return actor.Call(ctx, actor.ProxyOf(c.Service), c.one)
}
func (c crew) CallContext(ctx context.Context) (int, error) {
	return actor.CallContext(ctx, actor.ProxyOf(c.Service), c.oneContext)
}
func (c crew) Get(ctx context.Context) (int, error) {
	return actor.Get(ctx, actor.ProxyOf(c.Service), func(*actortest.Plain) int { c.act(); return 1 })
}
func (c crew) Async() *actor.Future[int] { return actor.Async(actor.ProxyOf(c.Service), c.one) }
func (c crew) Later(ctx context.Context) (int, error) {
	return actor.CallLater(ctx, actor.ProxyOf(c.Service), func(_ context.Context, _ *actortest.Plain, r actor.Reply[int]) {
		c.act()
		r.Answer(1, nil)
	})
}
func (c crew) Batched(ctx context.Context) (int, error) {
	return actor.CallBatched(ctx, actor.ProxyOf(c.Service), c.one)
}

// crewCalls are crew's methods.
type crewCalls interface {
	Tell() error
	TellContext(ctx context.Context) error
	Ask(ctx context.Context) error
	AskContext(ctx context.Context) error
	Call(ctx context.Context) (int, error)
	CallContext(ctx context.Context) (int, error)
	Get(ctx context.Context) (int, error)
	Async() *actor.Future[int]
	Later(ctx context.Context) (int, error)
	Batched(ctx context.Context) (int, error)
}

// genericCrew is the proxy of a type with type parameters; it has methods of its own
// for one function of each kind.
type genericCrew[T any] struct {
	crew
	svc *actor.Service[T]
}

func (c genericCrew[T]) Tell() error { return actor.ProxyOf(c.svc).Do(func(*T) { c.act() }) }
func (c genericCrew[T]) Ask(ctx context.Context) error {
	return actor.ProxyOf(c.svc).Run(ctx, func(*T) error { c.act(); return nil })
}
func (c genericCrew[T]) Get(ctx context.Context) (int, error) {
	return actor.Get(ctx, actor.ProxyOf(c.svc), func(*T) int { c.act(); return 1 })
}

// sending is a way to hand act over. It returns the error, if it waits for one, and where
// that was done.
type sending struct {
	name  string
	waits bool
	chain bool // a crash in a closure that a service waits for knows where, also without a history
	do    func(ctx context.Context, act func()) (err error, site string)
}

type ctx = context.Context

// waysBy are those of a proxy.
func waysBy(name string, by func(act func()) crewCalls) []sending {
	return []sending{
		{name + ".Tell", false, false, func(_ ctx, f func()) (error, string) { return by(f).Tell(), actortest.Here() }},
		{name + ".TellContext", false, false, func(c ctx, f func()) (error, string) { return by(f).TellContext(c), actortest.Here() }},
		{name + ".Ask", true, true, func(c ctx, f func()) (error, string) { return by(f).Ask(c), actortest.Here() }},
		{name + ".AskContext", true, true, func(c ctx, f func()) (error, string) { return by(f).AskContext(c), actortest.Here() }},
		{name + ".Call", true, true, func(c ctx, f func()) (error, string) { return actortest.Second(by(f).Call(c)), actortest.Here() }},
		{name + ".CallContext", true, true, func(c ctx, f func()) (error, string) { return actortest.Second(by(f).CallContext(c)), actortest.Here() }},
		{name + ".Get", true, true, func(c ctx, f func()) (error, string) { return actortest.Second(by(f).Get(c)), actortest.Here() }},
		{name + ".Async", true, false, func(c ctx, f func()) (error, string) {
			return actortest.Second(by(f).Async().Await(c)), actortest.Here()
		}},
		{name + ".Later", true, false, func(c ctx, f func()) (error, string) { return actortest.Second(by(f).Later(c)), actortest.Here() }},
		{name + ".Batched", true, false, func(c ctx, f func()) (error, string) { return actortest.Second(by(f).Batched(c)), actortest.Here() }},
		{name + ".Get as a value", true, true, func(c ctx, f func()) (error, string) {
			get := by(f).Get
			return actortest.Second(get(c)), actortest.Here()
		}},
		{name + ".Get in Retry", true, true, func(c ctx, f func()) (error, string) {
			return actortest.Second(actor.Retry(c, 1, 0, by(f).Get)), actortest.Here()
		}},
		{name + ".Async in Retry", true, false, func(c ctx, f func()) (error, string) {
			return actortest.Second(actor.Retry(c, 1, 0, by(f).Async().Await)), actortest.Here()
		}},
	}
}

// reference is a Ref with the methods that each has.
type reference interface {
	actor.Ref[actortest.Plain]
	Do(func(*actortest.Plain)) error
	DoContext(ctx, func(ctx, *actortest.Plain)) error
	Run(ctx, func(*actortest.Plain) error) error
	RunContext(ctx, func(ctx, *actortest.Plain) error) error
}

// waysTo are those of a reference without a proxy.
func waysTo(name string, to reference) []sending {
	one := func(f func()) func(*actortest.Plain) (int, error) {
		return func(*actortest.Plain) (int, error) { f(); return 1, nil }
	}
	return []sending{
		{name + ".Do", false, false, func(_ ctx, f func()) (error, string) { return to.Do(func(*actortest.Plain) { f() }), actortest.Here() }},
		{name + ".DoContext", false, false, func(c ctx, f func()) (error, string) {
			return to.DoContext(c, func(ctx, *actortest.Plain) { f() }), actortest.Here()
		}},
		{name + ".Run", true, true, func(c ctx, f func()) (error, string) {
			return to.Run(c, func(*actortest.Plain) error { f(); return nil }), actortest.Here()
		}},
		{name + ".RunContext", true, true, func(c ctx, f func()) (error, string) {
			return to.RunContext(c, func(ctx, *actortest.Plain) error { f(); return nil }), actortest.Here()
		}},
		{"Call of " + name, true, true, func(c ctx, f func()) (error, string) {
			return actortest.Second(actor.Call[actortest.Plain, int](c, to, one(f))), actortest.Here()
		}},
		{"Get of " + name, true, true, func(c ctx, f func()) (error, string) {
			return actortest.Second(actor.Get[actortest.Plain, int](c, to, func(*actortest.Plain) int { f(); return 1 })), actortest.Here()
		}},
		{"Async of " + name, true, false, func(c ctx, f func()) (error, string) {
			return actortest.Second(actor.Async[actortest.Plain, int](to, one(f)).Await(c)), actortest.Here()
		}},
		{"CallLater of " + name, true, false, func(c ctx, f func()) (error, string) {
			return actortest.Second(actor.CallLater[actortest.Plain, int](c, to, func(_ ctx, _ *actortest.Plain, r actor.Reply[int]) { f(); r.Answer(1, nil) })), actortest.Here()
		}},
	}
}

// waysToAll returns a service, made with the options, and the ways to it.
func waysToAll(t *testing.T, opts []actor.Option) (svc *actor.Service[actortest.Plain], ways []sending) {
	opts = append(opts, actor.WithBatch(100, func(*actortest.Plain) error { return nil }))
	svc = actor.Start(&actortest.Plain{}, opts...)
	t.Cleanup(svc.Kill)
	of := func(f func()) crew { return crew{svc, f} }
	ways = waysBy("crew", func(f func()) crewCalls { return of(f) })
	ways = append(ways, waysBy("*crew", func(f func()) crewCalls { c := of(f); return &c })...)
	ways = append(ways, waysBy("embedded", func(f func()) crewCalls { return struct{ crewCalls }{of(f)} })...)
	ways = append(ways, waysBy("generic", func(f func()) crewCalls { return genericCrew[actortest.Plain]{of(f), svc} })...)
	ways = append(ways, waysTo("a service", svc)...)
	ways = append(ways, waysTo("a router", actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { return svc }))...)
	return svc, append(ways, waysByPipe(svc)...)
}

// waysByPipe have another service wait with Pipe.
func waysByPipe(svc *actor.Service[actortest.Plain]) []sending {
	host := func() (*actor.Service[actortest.Plain], chan error, func(*actortest.Plain, int, error)) {
		out := make(chan error, 1)
		h := actor.Start(&actortest.Plain{}, actortest.Quiet())
		return h, out, func(_ *actortest.Plain, _ int, err error) { out <- err; h.Kill() }
	}
	of := func(f func()) crew { return crew{svc, f} }
	return []sending{
		{"Async in Pipe", true, false, func(_ ctx, f func()) (error, string) {
			h, out, then := host()
			where := must(actor.Pipe(h, of(f).Async().Await, then), actortest.Here())
			return <-out, where
		}},
		{"Get in Pipe", true, false, func(_ ctx, f func()) (error, string) {
			h, out, then := host()
			where := must(actor.Pipe(h, of(f).Get, then), actortest.Here())
			return <-out, where
		}},
		{"Get in PipeContext", true, false, func(c ctx, f func()) (error, string) {
			h, out, then := host()
			where := must(actor.PipeContext(c, h, of(f).Get, func(_ ctx, p *actortest.Plain, n int, err error) { then(p, n, err) }), actortest.Here())
			return <-out, where
		}},
	}
}

func must(err error, where string) string {
	if err != nil {
		panic(err)
	}
	return where
}

// eachWay runs a test in a bubble for each way.
func eachWay(t *testing.T, opts []actor.Option, test func(t *testing.T, svc *actor.Service[actortest.Plain], w sending)) {
	n := 1
	for i := 0; i < n; i++ {
		synctest.Test(t, func(t *testing.T) {
			svc, ways := waysToAll(t, append([]actor.Option{actortest.Quiet(), actor.WithName("crew")}, opts...))
			n = len(ways)
			test(t, svc, ways[i])
		})
	}
}

// at demands that a text ends with the site, or has it before a punctuation mark.
func (w sending) at(t *testing.T, what, text, site string) {
	t.Helper()
	if !strings.Contains(text+";", site+";") {
		t.Errorf("%s, %s: %q, and it was called at %s", w.name, what, text, site)
	}
}

func nothingToDo() {}

// The error of a call names the caller's line, whoever took the call on its way.
func TestSiteInErrors(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		if !w.waits {
			return
		}
		if !strings.Contains(w.name, "Pipe") {
			b := actortest.Occupy(t, svc)
			c, cancel := context.WithTimeout(t.Context(), time.Second)
			err, site := w.do(c, nothingToDo)
			cancel()
			b.LetGo()
			actortest.Within(t, w.name, err, context.DeadlineExceeded, actor.OutcomeOf(err))
			w.at(t, "a context that ended", err.Error(), site)
		}
		svc.Kill()
		<-svc.Done()
		err, site := w.do(t.Context(), nothingToDo)
		actortest.Within(t, w.name, err, actor.ErrStopped, actor.NotRun)
		w.at(t, "stopped", err.Error(), site)
	})
}

// So does that of whoever waits for room.
func TestSiteInErrorsOfFullServices(t *testing.T) {
	eachWay(t, []actor.Option{actor.WithCapacity(1)}, func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		if !strings.Contains(w.name, "Context") || strings.Contains(w.name, "Pipe") {
			return
		}
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*actortest.Plain) {})
		c, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err, site := w.do(c, nothingToDo)
		b.LetGo()
		actortest.Within(t, w.name, err, context.DeadlineExceeded, actor.NotRun)
		w.at(t, "no room", err.Error(), site)
	})
}

// And so does a refused deadlock.
func TestSiteInDeadlocks(t *testing.T) {
	eachWay(t, nil, func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		if !w.waits || strings.Contains(w.name, "Pipe") {
			return
		}
		var refused error
		var site string
		_ = svc.Run(t.Context(), func(*actortest.Plain) error { refused, site = w.do(context.Background(), nothingToDo); return nil })
		var d *actor.DeadlockError
		if !errors.As(refused, &d) {
			t.Fatalf("%s: %v", w.name, refused)
		}
		w.at(t, "a self call", d.Cycle[0].Site, site)

		front := actor.Start(&actortest.Plain{}, actortest.Quiet())
		defer front.Kill()
		_ = front.Run(t.Context(), func(*actortest.Plain) error {
			_, site = w.do(context.Background(), func() {
				synctest.Wait() // until front waits: of Async that is later
				refused = front.Run(context.Background(), actortest.Nothing)
			})
			return nil
		})
		if !errors.As(refused, &d) || len(d.Cycle) != 2 {
			t.Fatalf("%s: %v", w.name, refused)
		}
		w.at(t, "the other's wait in a cycle", d.Cycle[1].Site, site)
	})
}

// A crash names it: of a call that another service waits for, and always when there
// is a history.
func TestSiteOfCrashes(t *testing.T) {
	crash := func() { panic("crash") }
	eachWay(t, nil, func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		if !w.chain {
			return
		}
		front := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("front"))
		defer front.Kill()
		var site string
		err := front.RunContext(t.Context(), func(c ctx, _ *actortest.Plain) (err error) { err, site = w.do(c, crash); return err })
		var p *actor.PanicError
		if !errors.As(err, &p) || len(p.Callers()) != 1 {
			t.Fatalf("%s: %v", w.name, err)
		}
		w.at(t, "a crash", p.Site(), site)
		w.at(t, "the callers of a crash", p.Callers()[0].Site, site)
	})
	eachWay(t, []actor.Option{actor.WithHistory(4)}, func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		_, site := w.do(t.Context(), crash)
		synctest.Wait()
		p := svc.Info().Crash
		if p == nil {
			t.Fatalf("%s: no crash", w.name)
		}
		w.at(t, "a crash in a history", p.Err.Site(), site)
	})
}

// A history has it of each closure.
func TestSiteInHistories(t *testing.T) {
	eachWay(t, []actor.Option{actor.WithHistory(4)}, func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		_, site := w.do(t.Context(), nothingToDo)
		synctest.Wait()
		h := svc.History()
		w.at(t, "the history", h[len(h)-1].Site, site)
	})
}

// Who looks at a service that waits sees it, and so does the report of a slow closure.
func TestSiteOfWhoWaits(t *testing.T) {
	var log safeBuffer
	opts := []actor.Option{actor.WithSlowClosure(time.Second), actor.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))}
	loud := func(t *testing.T, svc *actor.Service[actortest.Plain], w sending) {
		if !w.chain {
			return
		}
		front := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("front"))
		defer front.Kill()
		var site, seen string
		_ = front.RunContext(t.Context(), func(c ctx, _ *actortest.Plain) (err error) {
			err, site = w.do(c, func() { seen = front.Info().WaitsFor[0].Site; time.Sleep(time.Minute) })
			return err
		})
		w.at(t, "Info", seen, site)
		_, report, _ := strings.Cut(log.text(), "waiters=\"front in ")
		report, _, _ = strings.Cut(report, "\"")
		w.at(t, "the report of a slow closure", report, site)
		log.reset()
	}
	eachWay(t, opts, loud)
}
