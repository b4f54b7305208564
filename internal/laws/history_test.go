package laws_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// Each closure that has ended is kept with its name, its call site, and what it took,
// whichever way it was handed over.
func TestHistoryOfEachWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithHistory(16))
		work := func(*actortest.Plain) { time.Sleep(time.Second) }
		for _, way := range []struct {
			name string
			do   func() string
		}{
			{"Do", func() string { _ = svc.Do(work); return actortest.Here() }},
			{"DoContext", func() string {
				_ = svc.DoContext(ctx, func(context.Context, *actortest.Plain) { work(nil) })
				return actortest.Here()
			}},
			{"Run", func() string {
				_ = svc.Run(ctx, func(*actortest.Plain) error { work(nil); return nil })
				return actortest.Here()
			}},
			{"RunContext", func() string {
				_ = svc.RunContext(ctx, func(context.Context, *actortest.Plain) error { work(nil); return nil })
				return actortest.Here()
			}},
			{"Call", func() string {
				_, _ = actor.Call(ctx, svc, func(*actortest.Plain) (int, error) { work(nil); return 1, nil })
				return actortest.Here()
			}},
			{"CallContext", func() string {
				_, _ = actor.CallContext(ctx, svc, func(context.Context, *actortest.Plain) (int, error) { work(nil); return 1, nil })
				return actortest.Here()
			}},
			{"Get", func() string {
				_, _ = actor.Get(ctx, svc, func(*actortest.Plain) int { work(nil); return 1 })
				return actortest.Here()
			}},
			{"Async", func() string {
				actor.Async(svc, func(*actortest.Plain) (int, error) { work(nil); return 1, nil })
				return actortest.Here()
			}},
		} {
			b := actortest.Occupy(t, svc)
			time.AfterFunc(time.Minute, b.LetGo)
			before := len(svc.History())
			site := way.do()
			synctest.Wait()
			time.Sleep(time.Hour)
			h := svc.History()
			if len(h) != min(before+2, 16) {
				t.Fatalf("%s: %d closures after %d", way.name, len(h), before)
			}
			c := h[len(h)-1]
			if !strings.Contains(c.Func, "TestHistoryOfEachWay") || c.Line == 0 || !strings.HasSuffix(c.File, "history_test.go") {
				t.Errorf("%s: the closure is %s", way.name, c)
			}
			// The line of the site is that of here, or the one before.
			file, _, _ := strings.Cut(site, ":")
			if !strings.Contains(c.Site, "TestHistoryOfEachWay") || !strings.Contains(c.Site, file) {
				t.Errorf("%s: handed over in %q, not at %s", way.name, c.Site, site)
			}
			if c.Wait != time.Minute || c.Run != time.Second || c.Crashed {
				t.Errorf("%s: %s", way.name, c)
			}
			if ago := time.Since(c.Begun); ago < 0 || ago > time.Hour+time.Second {
				t.Errorf("%s: begun %v ago", way.name, ago)
			}
		}
		actortest.Stop(t, svc)
	})
}

// As many are kept as were asked for, the last ones, oldest first.
func TestHistoryKeepsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithHistory(3))
		for i := range 11 {
			actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Duration(i) * time.Second) })
		}
		actortest.Stop(t, svc)
		h := svc.History()
		if len(h) != 3 || h[0].Run != 8*time.Second || h[1].Run != 9*time.Second || h[2].Run != 10*time.Second {
			t.Errorf("%v", h)
		}
	})
}

// A crash comes with what was before it, the closure that crashed last, and with what
// was around it.
func TestHistoryComesWithACrash(t *testing.T) {
	ctx := context.Background()
	front := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("front"))
	back := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("back"), actor.WithHistory(4))
	actortest.Do(t, back, func(*actortest.Plain) {})
	inner := func(ctx context.Context, _ *actortest.Plain) error {
		panics(nil)
		return nil
	}
	err := front.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error { return back.RunContext(ctx, inner) })
	var p *actor.PanicError
	if !errors.As(err, &p) {
		t.Fatal(err)
	}
	h := p.History()
	if len(h) != 2 || h[0].Crashed || !h[1].Crashed || !strings.Contains(h[1].Func, "TestHistoryComesWithACrash") {
		t.Errorf("history: %v", h)
	}
	if p.Incarnation != 1 || p.Waiting != 0 || !strings.Contains(p.Site(), "TestHistoryComesWithACrash") {
		t.Errorf("incarnation %d, %d waiting, site %q", p.Incarnation, p.Waiting, p.Site())
	}
	cs := p.Callers()
	if len(cs) != 1 || cs[0].Service != "front" || !strings.Contains(cs[0].Func, "TestHistoryComesWithACrash") || cs[0].Site != p.Site() {
		t.Errorf("callers: %v", cs)
	}
	<-back.Done()
	if h := back.History(); len(h) != 2 {
		t.Errorf("afterwards: %v", h)
	}
	actortest.Stop(t, front)
}

// The chain of callers goes as far as contexts carried it.
func TestHistoryCallersOfCallers(t *testing.T) {
	ctx := context.Background()
	var all []*actor.Service[actortest.Plain]
	for _, name := range []string{"a", "b", "c", "d"} {
		all = append(all, actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName(name)))
	}
	var hop func(i int) func(context.Context, *actortest.Plain) error
	hop = func(i int) func(context.Context, *actortest.Plain) error {
		return func(ctx context.Context, _ *actortest.Plain) error {
			if i == len(all) {
				panic("at the end")
			}
			return all[i].RunContext(ctx, hop(i+1))
		}
	}
	var p *actor.PanicError
	if err := all[0].RunContext(ctx, hop(1)); !errors.As(err, &p) {
		t.Fatal(err)
	}
	var names []string
	for _, c := range p.Callers() {
		names = append(names, c.Service)
		if c.Site == "" || c.Line == 0 {
			t.Errorf("%+v", c)
		}
	}
	if got := strings.Join(names, " "); got != "c b a" {
		t.Errorf("callers %q", got)
	}
	for _, svc := range all[:3] {
		actortest.Stop(t, svc)
	}
}

// Without the option closures are kept from the first crash on, for a while; with
// WithHistory(0) never.
func TestHistoryBeginsWithACrash(t *testing.T) {
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
	for _, never := range []bool{false, true} {
		opts := []actor.Option{actortest.Quiet()}
		if never {
			opts = append(opts, actor.WithHistory(0))
		}
		svc := actor.New(build, opts...)
		ctx := actortest.Supervised(context.Background())
		crash := func() *actor.PanicError {
			served := actortest.Serve(ctx, svc)
			actortest.Do(t, svc, func(*actortest.Plain) {})
			actortest.Do(t, svc, actortest.Panics)
			var p *actor.PanicError
			if err := <-served; !errors.As(err, &p) {
				t.Fatal(err)
			}
			return p
		}
		if h := crash().History(); h != nil {
			t.Errorf("with the first crash: %v", h)
		}
		h := crash().History()
		if never != (h == nil) || !never && len(h) != 2 {
			t.Errorf("never: %v; with the second crash: %v", never, h)
		}
		// The next incarnation goes on with what the one before has left.
		if h = crash().History(); !never && (len(h) != 4 || !h[1].Crashed || !h[3].Crashed) {
			t.Errorf("with the third crash: %v", h)
		}
		served := actortest.Serve(ctx, svc)
		for range 1<<16 + 1 {
			actortest.Do(t, svc, func(*actortest.Plain) {})
		}
		if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil {
			t.Fatal(err)
		}
		last := svc.History()
		if !never && len(last) != 16 {
			t.Errorf("%d are kept", len(last))
		}
		actortest.Do(t, svc, func(*actortest.Plain) {})
		actortest.Stop(t, svc)
		if h := svc.History(); !never && h[15].Line != last[15].Line {
			t.Error("closures are kept for ever")
		}
		<-served
	}
}

// A service that is cut off goes on with a history of its own, into which the goroutine
// that was left behind does not write.
func TestHistoryOfACutOffService(t *testing.T) {
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
	svc := actor.New(build, actortest.Quiet(), actor.WithHistory(8))
	ctx := actortest.Supervised(context.Background())
	first := actortest.Serve(ctx, svc)
	actortest.Do(t, svc, func(*actortest.Plain) {})
	b := actortest.Occupy(t, svc)
	svc.CutOff(true)
	second := actortest.Serve(ctx, svc)
	for range 3 {
		if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	b.LetGo()
	<-first
	if h := svc.History(); len(h) != 4 {
		t.Errorf("%v", h)
	}
	actortest.Stop(t, svc)
	<-second
}

// A refused wait comes with the last closures and the callers of the one that waited.
func TestHistoryComesWithADeadlock(t *testing.T) {
	ctx := context.Background()
	left := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("left"))
	right := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("right"), actor.WithHistory(4))
	actortest.Do(t, right, func(*actortest.Plain) {})
	err := left.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
		return right.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
			return left.Run(ctx, func(*actortest.Plain) error { return nil })
		})
	})
	var d *actor.DeadlockError
	if !errors.As(err, &d) {
		t.Fatal(err)
	}
	if h := d.History(); len(h) != 1 {
		t.Errorf("history: %v", h)
	}
	if cs := d.Callers(); len(cs) != 1 || cs[0].Service != "left" || cs[0].Site == "" {
		t.Errorf("callers: %v", cs)
	}
	actortest.Stop(t, left)
	actortest.Stop(t, right)
}

// As many closures are kept as were asked for, also when something has gone wrong: a
// slow closure, a refused wait, a crash.
func TestHistoryKeepsItsLength(t *testing.T) {
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
	for name, goWrong := range map[string]func(svc *actor.Service[actortest.Plain]){
		"slow": func(svc *actor.Service[actortest.Plain]) {
			actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Minute) })
		},
		"refused": func(svc *actor.Service[actortest.Plain]) {
			actortest.Do(t, svc, func(*actortest.Plain) { _ = svc.Run(context.Background(), func(*actortest.Plain) error { return nil }) })
		},
		"crash": func(svc *actor.Service[actortest.Plain]) { actortest.Do(t, svc, actortest.Panics) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.New(build, actortest.Quiet(), actor.WithHistory(4), actor.WithSlowClosure(time.Second))
				ctx := actortest.Supervised(context.Background())
				first := actortest.Serve(ctx, svc)
				goWrong(svc)
				if name == "crash" {
					<-first
					first = actortest.Serve(ctx, svc)
				}
				for range 20 {
					actortest.Do(t, svc, func(*actortest.Plain) {})
				}
				synctest.Wait()
				time.Sleep(time.Hour)
				if h := svc.History(); len(h) != 4 || h[3].Site == "" {
					t.Errorf("%d closures are kept: %v", len(h), h)
				}
				actortest.Do(t, svc, actortest.Panics)
				var p *actor.PanicError
				if err := <-first; !errors.As(err, &p) || len(p.History()) != 4 {
					t.Errorf("with the crash: %v", err)
				}
				actortest.Stop(t, svc)
			})
		})
	}
}
