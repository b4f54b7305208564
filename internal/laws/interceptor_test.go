package laws_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/tree"
)

// notes is what interceptors write down.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (d *notes) add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *notes) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

// logged is an interceptor that writes down what passes through it.
func (d *notes) logged(name string) actor.Interceptor {
	return func(c actor.Closure, run func() error) error {
		d.add("%s: begin", name)
		defer d.add("%s: end", name)
		err := run()
		d.add("%s: %v", name, err)
		return err
	}
}

func TestInterceptorsAreAroundEachClosure(t *testing.T) {
	var d notes
	svc := actor.Start(&actortest.Plain{}, actor.WithInterceptor(d.logged("outer")), actor.WithInterceptor(d.logged("inner")))
	defer actortest.Stop(t, svc)
	ctx := context.Background()
	recipient := newRecipient(t, svc, func(*actortest.Plain, int) { d.add("closure") })
	boom := errors.New("boom")
	for what, send := range map[string]func() error{
		"Do":        func() error { return svc.Do(func(*actortest.Plain) { d.add("closure") }) },
		"DoContext": func() error { return svc.DoContext(ctx, func(context.Context, *actortest.Plain) { d.add("closure") }) },
		"Send":      func() error { return recipient.Send(1) },
		"Run":       func() error { return svc.Run(ctx, func(*actortest.Plain) error { d.add("closure"); return boom }) },
		"Async": func() error {
			_, err := actor.Async(svc, func(*actortest.Plain) (int, error) { d.add("closure"); return 1, boom }).Await(ctx)
			return err
		},
		"CallContext": func() error {
			_, err := actor.CallContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { d.add("closure"); return 1, boom })
			return err
		},
	} {
		err := send()
		if err == nil { // nobody waits
			waitIdle(svc)
		}
		want := []string{"outer: begin", "inner: begin", "closure",
			fmt.Sprint("inner: ", err), "inner: end", fmt.Sprint("outer: ", err), "outer: end"}
		if got := d.take(); !slices.Equal(got, want) {
			t.Errorf("%s: %q", what, got)
		}
	}
}

// waitIdle returns when nothing waits or runs.
func waitIdle[T any](svc *actor.Service[T]) {
	for i := svc.Info(); i.Queued+i.Running > 0; i = svc.Info() {
		runtime.Gosched()
	}
}

func TestInterceptorKnowsTheClosure(t *testing.T) {
	type key struct{}
	var seen []string
	svc := actor.Start(&actortest.Plain{}, actor.WithName("till"), actor.WithInterceptor(func(c actor.Closure, run func() error) error {
		name := runtime.FuncForPC(c.PC()).Name()
		if !strings.Contains(c.String(), "interceptor_test.go:") || !strings.Contains(name, "TestInterceptorKnowsTheClosure") {
			t.Errorf("the closure is %v, %s", c, name)
		}
		seen = append(seen, fmt.Sprintf("%s %v %t", c.Service(), c.Context().Value(key{}), c.Awaited()))
		return run()
	}))
	ctx := context.WithValue(context.Background(), key{}, "me")
	actortest.Do(t, svc, func(*actortest.Plain) {})
	_ = svc.DoContext(ctx, func(context.Context, *actortest.Plain) {})
	_ = svc.Run(ctx, func(*actortest.Plain) error { return nil })
	actortest.Stop(t, svc)
	if want := []string{"till <nil> false", "till me false", "till me true"}; !slices.Equal(seen, want) {
		t.Errorf("%q: want %q", seen, want)
	}
}

// What an interceptor does not let through has one outcome, and is counted.
func TestL3RefusedByAnInterceptor(t *testing.T) {
	var dead actortest.Letters
	no := errors.New("not for you")
	reason := no
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), dead.Option(),
		actor.WithInterceptor(func(actor.Closure, func() error) error { return reason }))
	ctx := context.Background()
	never := func(*actortest.Plain) { t.Error("it ran") }
	err := svc.Run(ctx, func(p *actortest.Plain) error { never(p); return nil })
	if actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, actor.ErrNotRun) || !errors.Is(err, actor.ErrRefused) || !errors.Is(err, no) {
		t.Errorf("the call = %v", err)
	}
	_, err = actor.Async(svc, func(p *actortest.Plain) (int, error) { never(p); return 0, nil }).Await(ctx)
	if actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, no) {
		t.Errorf("the future = %v", err)
	}
	actortest.Do(t, svc, never)
	_ = svc.DoContext(ctx, func(_ context.Context, p *actortest.Plain) { never(p) })
	waitIdle(svc)
	reason = nil
	if err := svc.Run(ctx, func(p *actortest.Plain) error { never(p); return nil }); !errors.Is(err, actor.ErrRefused) {
		t.Errorf("without a reason: %v", err)
	}
	actortest.Stop(t, svc)
	i := svc.Info()
	if i.Dead != 5 || i.Executed != 0 || i.Refused != 0 {
		t.Errorf("Info = %+v", i)
	}
	actortest.Balanced(t, i)
	all := dead.List()
	if len(all) != 5 {
		t.Fatalf("dead letters: %+v", all)
	}
	for n, d := range all {
		if !errors.Is(d.Reason, actor.ErrRefused) || d.Refused || d.Call != (n < 2 || n == 4) {
			t.Errorf("dead letter %d: %+v", n, d)
		}
	}
}

// An outcome in an interceptor's reason is not the call's.
func TestL5ReasonOfAnInterceptorIsItsOwn(t *testing.T) {
	other := actor.Start(&actortest.Plain{}, actortest.Quiet())
	crash := other.Run(context.Background(), func(*actortest.Plain) error { panic("elsewhere") })
	var dead actortest.Letters
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), dead.Option(),
		actor.WithInterceptor(func(actor.Closure, func() error) error { return crash }))
	err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil })
	if actor.OutcomeOf(err) != actor.NotRun || !errors.Is(err, actor.ErrNotRun) {
		t.Errorf("the call = %v, %v", actor.OutcomeOf(err), err)
	}
	actortest.Do(t, svc, func(*actortest.Plain) {})
	actortest.Stop(t, svc)
	for _, d := range dead.List() {
		if actor.OutcomeOf(d.Reason) != actor.NotRun || !errors.Is(d.Reason, crash) {
			t.Errorf("the dead letter = %v, %v", actor.OutcomeOf(d.Reason), d.Reason)
		}
	}
}

func TestL7InterceptorAndCrashes(t *testing.T) {
	var after []any
	for _, row := range []struct {
		name      string
		intercept actor.Interceptor
		closure   func(*actortest.Plain) error
		want      string // in the error
		fn        string // in the name of the function
	}{
		{"the closure", func(_ actor.Closure, run func() error) error {
			defer func() { after = append(after, "seen") }()
			return run()
		}, noChange, "no change", "noChange"},
		{"recovered", func(_ actor.Closure, run func() error) error {
			defer func() { after = append(after, recover()) }()
			return run()
		}, noChange, "recovered the panic", "noChange"},
		{"before", panicsBefore, actortest.Nothing[actortest.Plain], "before", "panicsBefore"},
		{"afterwards", panicsAfter, actortest.Nothing[actortest.Plain], "after", "panicsAfter"},
		{"Goexit", func(_ actor.Closure, run func() error) error { runtime.Goexit(); return nil },
			actortest.Nothing[actortest.Plain], "Goexit", "TestL7InterceptorAndCrashes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(row.intercept))
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // or it would hang
			defer cancel()
			err := svc.Run(ctx, row.closure)
			var p *actor.PanicError
			if actor.OutcomeOf(err) != actor.Crashed || !errors.As(err, &p) ||
				!strings.Contains(err.Error(), row.want) || !strings.Contains(p.Func, row.fn) {
				t.Errorf("the call = %v", err)
			}
			if t.Failed() {
				return
			}
			<-svc.Done()
			actortest.Balanced(t, svc.Info())
		})
	}
	if want := []any{"seen", "no change"}; !slices.Equal(after, want) {
		t.Errorf("deferred functions saw %v: want %v", after, want)
	}
}

func noChange(*actortest.Plain) error { panic("no change") }

func panicsBefore(actor.Closure, func() error) error { panic("before") }

func panicsAfter(_ actor.Closure, run func() error) error {
	_ = run()
	panic("after")
}

func TestL4InterceptorRunsItOnce(t *testing.T) {
	boom := errors.New("boom")
	svc := actor.Start(&actortest.Plain{}, actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
		if err := run(); err != boom {
			t.Errorf("the first run = %v", err)
		}
		if err := run(); err != boom {
			t.Errorf("the second run = %v", err)
		}
		return nil
	}))
	defer actortest.Stop(t, svc)
	var ran int
	if err := svc.Run(context.Background(), func(*actortest.Plain) error { ran++; return boom }); err != boom || ran != 1 {
		t.Errorf("it ran %d times: %v", ran, err)
	}
}

// What an interceptor may do runs out with its call: then, and on another goroutine, run
// does nothing and says so, whichever of several interceptors it belongs to.
func TestL1RunOfAnInterceptorIsRevoked(t *testing.T) {
	ctx := t.Context()
	elsewhere := func(run func() error) (err error) {
		over := make(chan struct{})
		go func() { defer close(over); err = run() }()
		<-over
		return err
	}
	passes := func(_ actor.Closure, run func() error) error { return run() }
	for _, order := range []string{"alone", "outer", "inner"} {
		for _, late := range []string{"on another goroutine, meanwhile", "by a later closure", "on another goroutine, later", "in the next life"} {
			t.Run(order+", "+late, func(t *testing.T) {
				var keep func() error
				var second error
				keeps := func(_ actor.Closure, run func() error) error {
					if keep != nil { // a later closure passes
						return run()
					}
					if keep = run; late == "on another goroutine, meanwhile" {
						second = elsewhere(run)
					}
					return errors.New("too slow")
				}
				list := []actor.Option{actor.WithInterceptor(keeps)}
				switch order {
				case "outer":
					list = append(list, actor.WithInterceptor(passes))
				case "inner":
					list = append([]actor.Option{actor.WithInterceptor(passes)}, list...)
				}
				svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, append(list, actortest.Quiet())...)
				once, cancel := context.WithCancelCause(ctx)
				served := actortest.Serve(actortest.Supervised(once), svc)
				ran := 0
				if err := svc.Run(ctx, func(*actortest.Plain) error { ran++; return nil }); actor.OutcomeOf(err) != actor.NotRun {
					t.Errorf("the call = %v", err)
				}
				call := func() {
					if err := svc.Run(ctx, func(*actortest.Plain) error { second = keep(); return nil }); err != nil {
						t.Error(err)
					}
				}
				switch late {
				case "by a later closure":
					call()
				case "on another goroutine, later":
					second = elsewhere(keep)
				case "in the next life":
					cancel(actor.Restart)
					<-served
					served = actortest.Serve(actortest.Supervised(ctx), svc)
					call()
				}
				if ran != 0 || second == nil || !strings.Contains(second.Error(), "run of an interceptor") {
					t.Errorf("it ran %d times, and run returned %v", ran, second)
				}
				actortest.Stop(t, svc)
				<-served
				cancel(nil)
				if i := svc.Info(); i.Dead != 1 {
					t.Errorf("%d dead", i.Dead)
				}
			})
		}
	}
}

// A call that nobody waits for any more does not come to the interceptors.
func TestL6InterceptorDoesNotSeeADeadCall(t *testing.T) {
	var seen int
	svc := actor.Start(&actortest.Plain{}, actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
		seen++
		return run()
	}))
	b := actortest.Occupy(t, svc)
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan error)
	go func() { asked <- svc.Run(ctx, func(*actortest.Plain) error { return nil }) }()
	for svc.Info().Queued == 0 {
		runtime.Gosched()
	}
	cancel()
	<-asked
	b.LetGo()
	actortest.Stop(t, svc)
	if seen != 1 {
		t.Errorf("%d closures were seen: want 1", seen)
	}
}

// The interceptors of a place are outside of the service's own, for as long as it is
// served from there.
func TestInterceptorsOfAPlace(t *testing.T) {
	var d notes
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet(), actor.WithInterceptor(d.logged("own")))
	ctx := context.Background()
	once := func(place tree.Place) []string {
		served := actortest.Serve(tree.WithPlace(ctx, place), svc)
		_ = svc.Run(ctx, func(*actortest.Plain) error { return nil })
		_ = svc.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error { actor.Exit(ctx, nil); return nil })
		<-served
		return d.take()[:2]
	}
	if got := once(tree.Place{Interceptors: []actor.FilteredInterceptor{{Run: d.logged("tree")}}}); got[0] != "tree: begin" || got[1] != "own: begin" {
		t.Errorf("in a tree: %q", got)
	}
	if got := once(tree.Place{}); got[0] != "own: begin" || got[1] != "own: <nil>" {
		t.Errorf("elsewhere: %q", got)
	}
	svc.Kill()
}

func TestInterceptorBadInput(t *testing.T) {
	run := func(_ actor.Closure, run func() error) error { return run() }
	want := func(context.Context) bool { return true }
	for _, row := range []struct {
		want   string
		misuse func()
	}{
		{"actor: WithInterceptor(nil)", func() { actor.WithInterceptor(nil) }},
		{"actor: WithFilteredInterceptor with a nil function", func() { actor.WithFilteredInterceptor(actor.FilteredInterceptor{Run: run}) }},
		{"actor: WithFilteredInterceptor with a nil function", func() { actor.WithFilteredInterceptor(actor.FilteredInterceptor{Want: want}) }},
	} {
		panicsWith(t, row.want, row.misuse)
	}
}

func TestNoInterceptorNoAllocation(t *testing.T) {
	svc := actor.Start(&actortest.Plain{})
	defer actortest.Stop(t, svc)
	ctx := context.Background()
	f := func() { _, _ = actor.Get(ctx, svc, numberOf) }
	f()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("a call allocates %v times", n)
	}
}
