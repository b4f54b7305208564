package laws_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// wantedKey is what the filters of these tests look for in a sender's context.
type wantedKey struct{}

// filter wants to see what has a value of wantedKey with its name in it.
func (d *notes) filter(name string) actor.Option {
	return actor.WithFilteredInterceptor(actor.FilteredInterceptor{
		Want: func(ctx context.Context) bool {
			d.add("asked %s", name)
			s, _ := ctx.Value(wantedKey{}).(string)
			return strings.Contains(s, name)
		},
		Run: func(_ actor.Closure, run func() error) error {
			d.add("%s", name)
			return run()
		},
	})
}

// Each filter is asked once, in order and before any interceptor is called, about what was sent
// with a context, and about nothing else. What none wants runs as if there was no interceptor.
func TestInterceptorSeesWhatItWants(t *testing.T) {
	var d notes
	list := []actor.Option{actortest.Quiet(), d.filter("a"), actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
		d.add("all")
		return run()
	}), d.filter("b"), d.filter("c")}
	svc := actor.Start(&actortest.Plain{}, list...)
	few := actor.Start(&actortest.Plain{}, actortest.Quiet(), d.filter("a"), d.filter("b"))
	ctx := func(names string) context.Context { return context.WithValue(context.Background(), wantedKey{}, names) }
	var ran atomic.Int32
	body := func(*actortest.Plain) { d.add("closure"); ran.Add(1) }
	to := newRecipient(t, few, func(p *actortest.Plain, _ int) { body(p) })
	for _, row := range []struct {
		what string
		send func() error
		want string
	}{
		{"a call", func() error { return actor.Wait(ctx("b"), svc, body) }, "asked a, asked b, asked c, all, b, closure"},
		{"of all", func() error { return actor.Wait(ctx("abc"), svc, body) }, "asked a, asked b, asked c, a, all, b, c, closure"},
		{"of none", func() error { return actor.Wait(ctx(""), svc, body) }, "asked a, asked b, asked c, all, closure"},
		{"Do", func() error { return svc.Do(body) }, "all, closure"},
		{"filters only", func() error { return actor.Wait(ctx("b"), few, body) }, "asked a, asked b, b, closure"},
		{"filters only, of none", func() error { return actor.Wait(ctx(""), few, body) }, "asked a, asked b, closure"},
		{"filters only, Do", func() error { return few.Do(body) }, "closure"},
		{"filters only, Async", func() error {
			_, err := actor.Async(few, func(p *actortest.Plain) (int, error) { body(p); return 0, nil }).Await(ctx("a"))
			return err
		}, "closure"},
		{"filters only, DoContext", func() error {
			return few.DoContext(ctx("a"), func(_ context.Context, p *actortest.Plain) { body(p) })
		}, "asked a, asked b, a, closure"},
		{"filters only, PipeContext", func() error {
			return actor.PipeContext(ctx("a"), few, func(context.Context) (int, error) { return 0, nil },
				func(_ context.Context, p *actortest.Plain, _ int, _ error) { body(p) })
		}, "asked a, asked b, a, closure"},
		{"filters only, Pipe", func() error {
			return actor.Pipe(few, func(context.Context) (int, error) { return 0, nil }, func(p *actortest.Plain, _ int, _ error) { body(p) })
		}, "closure"},
		{"filters only, SendContext", func() error { return to.SendContext(ctx("a"), 1) }, "asked a, asked b, a, closure"},
		{"filters only, Send", func() error { return to.Send(1) }, "closure"},
	} {
		before := ran.Load()
		if err := row.send(); err != nil {
			t.Errorf("%s: %v", row.what, err)
		}
		for ran.Load() == before {
			runtime.Gosched()
		}
		waitIdle(svc)
		waitIdle(few)
		if got := d.take(); !slices.Equal(got, strings.Split(row.want, ", ")) {
			t.Errorf("%s: %q: want %s", row.what, got, row.want)
		}
	}
	actortest.Stop(t, svc)
	actortest.Stop(t, few)
	actortest.Balanced(t, few.Info())
}

// A filter that does not want to see a call does not change what becomes of it.
func TestL5CallThatNoFilterWants(t *testing.T) {
	var d notes
	boom := errors.New("boom")
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), d.filter("a"))
	if err := svc.Run(context.Background(), func(*actortest.Plain) error { return boom }); err != boom {
		t.Errorf("the call = %v", err)
	}
	var p *actor.PanicError
	err := svc.Run(context.Background(), noChange)
	if actor.OutcomeOf(err) != actor.Crashed || !errors.As(err, &p) || !strings.Contains(p.Func, "noChange") {
		t.Errorf("a crash = %v", err)
	}
	<-svc.Done()
	actortest.Balanced(t, svc.Info())
}

// A filter is not asked about a call that is not awaited any more.
func TestL6FilterIsNotAskedAboutADeadCall(t *testing.T) {
	var d notes
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), d.filter("a"))
	b := actortest.Occupy(t, svc)
	ctx, cancel := context.WithCancel(context.Background())
	f := actor.AsyncContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { return 0, nil })
	cancel()
	if _, err := f.Await(context.Background()); actor.OutcomeOf(err) != actor.NotRun {
		t.Errorf("the call = %v", err)
	}
	d.take()
	b.LetGo()
	actortest.Stop(t, svc)
	if got := d.take(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// A panic of a filter is the service's crash, named by the filter, and the caller learns it.
func TestL7FilterThatPanics(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithFilteredInterceptor(actor.FilteredInterceptor{
		Want: wantsToPanic,
		Run:  func(_ actor.Closure, run func() error) error { return run() },
	}))
	err := svc.Run(context.Background(), actortest.Nothing[actortest.Plain])
	var p *actor.PanicError
	if actor.OutcomeOf(err) != actor.Crashed || !errors.As(err, &p) || !strings.Contains(p.Func, "wantsToPanic") {
		t.Errorf("the call = %v", err)
	}
	<-svc.Done()
	actortest.Balanced(t, svc.Info())
}

func wantsToPanic(context.Context) bool { panic("want") }

// What no filter wants to see costs no allocation.
func TestInterceptorOfOthersCostsNoAllocation(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actor.WithFilteredInterceptor(actor.FilteredInterceptor{
		Want: func(ctx context.Context) bool { return ctx.Value(wantedKey{}) != nil },
		Run:  func(_ actor.Closure, run func() error) error { return run() },
	}))
	defer actortest.Stop(t, svc)
	ctx := context.Background()
	f := func() {
		_ = svc.Do(increment)
		_, _ = actor.Get(ctx, svc, numberOf)
	}
	f()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("a Do and a call allocate %v times", n)
	}
}
