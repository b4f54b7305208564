package laws_test

import (
	"context"
	"encoding/json"
	"errors"
	"expvar"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// The running closure is shown with its place, and its age: at least, as long as
// nothing is timed, and exactly otherwise.
func TestInfoShowsWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if i := svc.Info(); i.Closure != nil {
			t.Errorf("%+v runs", i.Closure)
		}
		b := actortest.NewBlocker[actortest.Plain]()
		actortest.Do(t, svc, b.Run)
		<-b.Started
		time.Sleep(time.Minute)
		a := svc.Info().Closure
		if a == nil || !strings.HasSuffix(a.Func, "Run-fm") && !strings.Contains(a.Func, "Blocker") || a.Age != 0 || a.Exact {
			t.Fatalf("first seen: %+v", a)
		}
		time.Sleep(time.Minute)
		if a = svc.Info().Closure; a.Age != time.Minute || a.Exact {
			t.Errorf("a minute after it was seen first: %+v", a)
		}
		b.LetGo()
		synctest.Wait()
		if a = svc.Info().Closure; a != nil {
			t.Errorf("afterwards: %+v", a)
		}
		b = actortest.Occupy(t, svc)
		time.Sleep(time.Minute)
		if a = svc.Info().Closure; a.Age != 0 || a.Exact {
			t.Errorf("another, first seen: %+v", a)
		}
		b.LetGo()
		synctest.Wait()
		svc.Observe(actor.Instruments{Times: true, History: 1})
		b = actortest.Occupy(t, svc)
		time.Sleep(time.Hour)
		if a = svc.Info().Closure; a.Age.Round(time.Millisecond) != time.Hour || !a.Exact {
			t.Errorf("timed: %+v", a)
		}
		b.LetGo()
		actortest.Stop(t, svc)
	})
}

// The high mark is exact while closures are kept, and otherwise at least what Info saw.
func TestInfoHighMark(t *testing.T) {
	for _, exact := range []bool{false, true} {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if exact {
			svc.Observe(actor.Instruments{History: 1})
		}
		b := actortest.Occupy(t, svc)
		for range 50 {
			actortest.Do(t, svc, func(*actortest.Plain) {})
		}
		if !exact {
			if n := svc.Info().High; n != 50 {
				t.Errorf("seen by Info: %d", n)
			}
		}
		b.LetGo()
		if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil {
			t.Error(err)
		}
		if i := svc.Info(); i.High < 50 || i.High > 51 || i.Queued != 0 {
			t.Errorf("exact %v: the high mark is %d, and %d wait", exact, i.High, i.Queued)
		}
		actortest.Stop(t, svc)
	}
}

// What a service waits for outside of the process is shown until it says that it is over, once
// for each wait, of closures with and without a context, of a constructor, and of a goroutine
// with a closure's context. It closes no cycle, and has no part in the search for one.
func TestInfoShowsWhatItWaitsForOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bg := context.Background()
		goOn := make(chan struct{})
		wait := func(ctx context.Context) {
			done := actor.WaitOutside(ctx, "the bank")
			<-goOn
			done()
			done()
		}
		svc := actor.New(func(ctx context.Context) (*actortest.Plain, error) {
			wait(ctx)
			return &actortest.Plain{}, nil
		}, actortest.Quiet(), actor.WithName("shop"))
		other := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("other"))
		served := make(chan error, 1)
		go func() { served <- svc.Serve(bg) }()
		shows := func(what string, n int) {
			t.Helper()
			synctest.Wait()
			w := svc.Info().WaitsFor
			if len(w) != n {
				t.Errorf("%s: waits for %+v", what, w)
			}
			for _, w := range w {
				if w.Service != "shop" || w.For != "the bank" || !w.Outside || !strings.Contains(w.Site, "TestInfoShowsWhatItWaitsForOutside") {
					t.Errorf("%s: %+v", what, w)
				}
			}
		}
		next := func(what string) {
			t.Helper()
			close(goOn)
			shows(what+", afterwards", 0)
			goOn = make(chan struct{})
		}
		shows("a constructor", 1)
		next("a constructor")
		actortest.Do(t, svc, func(*actortest.Plain) { wait(bg) })
		shows("a closure", 1)
		next("a closure")
		asked := make(chan error, 1)
		_ = svc.DoContext(bg, func(ctx context.Context, _ *actortest.Plain) {
			go wait(ctx)
			synctest.Wait()
			second := actor.WaitOutside(ctx, "the bank")
			asked <- other.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
				return svc.Run(ctx, func(*actortest.Plain) error { return nil })
			})
			<-goOn
			second()
		})
		if err := <-asked; !errors.As(err, new(*actor.DeadlockError)) || strings.Contains(err.Error(), "bank") {
			t.Errorf("a cycle beside it: %v", err)
		}
		shows("two at once", 2)
		next("two at once")
		actor.WaitOutside(bg, "the bank")() // of no service
		shows("of no service", 0)
		actortest.Stop(t, svc)
		actortest.Stop(t, other)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// Whom a service waits for is shown while it waits, with the place.
func TestInfoShowsWhomItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		left, right := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("left")), actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("right"))
		b := actortest.Occupy(t, right)
		asked := make(chan error)
		go func() {
			asked <- left.Run(ctx, func(*actortest.Plain) error { return right.Run(ctx, func(*actortest.Plain) error { return nil }) })
		}()
		synctest.Wait()
		w := left.Info().WaitsFor
		if len(w) != 1 || w[0].Service != "left" || w[0].For != "right" || !strings.Contains(w[0].Site, "TestInfoShowsWhomItWaitsFor") {
			t.Errorf("left waits for %+v", w)
		}
		b.LetGo()
		if err := <-asked; err != nil {
			t.Error(err)
		}
		if w := left.Info().WaitsFor; w != nil {
			t.Errorf("afterwards left waits for %+v", w)
		}
		actortest.Stop(t, left)
		actortest.Stop(t, right)
	})
}

// Times in the queue and in closures, exact in virtual time, where every closure takes
// long enough to be measured.
func TestInfoTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithTimes())
		for range 9 {
			actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(10 * time.Millisecond) })
		}
		actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(time.Second) })
		actortest.Stop(t, svc)
		i := svc.Info()
		near := func(what string, got, want time.Duration) {
			if got < want*7/8 || got > want*9/8 {
				t.Errorf("%s is %v, and not about %v", what, got, want)
			}
		}
		if i.Runs.Count != 10 || i.Runs.Max != time.Second {
			t.Errorf("%d measured, at most %v", i.Runs.Count, i.Runs.Max)
		}
		near("the median", i.Runs.Quantile(0.5), 10*time.Millisecond)
		near("the longest", i.Runs.Quantile(1), time.Second)
		near("the mean", i.Runs.Mean, 109*time.Millisecond)
		if i.Waits.Count == 0 || i.Waits.Max > 90*time.Millisecond {
			t.Errorf("%d waits measured, at most %v", i.Waits.Count, i.Waits.Max)
		}
	})
}

// Without instruments nothing is measured and nothing kept.
func TestInfoWithoutInstruments(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	for range 1000 {
		actortest.Do(t, svc, func(*actortest.Plain) {})
	}
	actortest.Stop(t, svc)
	if i := svc.Info(); i.Runs.Count != 0 || i.Waits.Count != 0 || svc.History() != nil || i.Crash != nil {
		t.Errorf("%+v, %v", i, svc.History())
	}
}

// An Info is plain data, and what expvar publishes.
func TestInfoIsPlainData(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithName("ledger"), actor.WithTimes(), actor.WithHistory(2))
	actortest.Do(t, svc, panics)
	<-svc.Done()
	var v expvar.Var = expvar.Func(func() any { return svc.Info() })
	var got struct {
		Name, State string
		Executed    uint64
		Crash       struct {
			Func string
			Line int
		}
	}
	if err := json.Unmarshal([]byte(v.String()), &got); err != nil {
		t.Fatalf("%v in %s", err, v)
	}
	if got.Name != "ledger" || got.State != "ended" || got.Executed != 1 || got.Crash.Line == 0 ||
		!strings.Contains(got.Crash.Func, "panics") {
		t.Errorf("%s", v)
	}
}

// Quantiles of a histogram that is known.
func TestHistogramQuantiles(t *testing.T) {
	h := actor.Histogram{Count: 100, Max: 7, Buckets: []actor.Bucket{{UpTo: 1, Count: 50}, {UpTo: 3, Count: 40}, {UpTo: 8, Count: 10}}}
	for _, q := range []struct {
		q    float64
		want time.Duration
	}{{0, 1}, {0.49, 1}, {0.5, 3}, {0.89, 3}, {0.9, 7}, {1, 7}} {
		if got := h.Quantile(q.q); got != q.want {
			t.Errorf("Quantile(%v) = %v, want %v", q.q, int64(got), int64(q.want))
		}
	}
	if (actor.Histogram{}).Quantile(0.5) != 0 {
		t.Error("of nothing")
	}
}

// A state is read as it is written, and nothing else is.
func TestInfoStateIsText(t *testing.T) {
	for _, want := range []actor.State{actor.Pending, actor.Running, actor.Draining, actor.Down, actor.Ended} {
		text, err := want.MarshalText()
		got := actor.State(99)
		if err := errors.Join(err, got.UnmarshalText(text)); err != nil || got != want {
			t.Errorf("%v: %q: %v, %v", want, text, got, err)
		}
	}
	got := actor.Draining
	if err := got.UnmarshalText([]byte("asleep")); err == nil || got != actor.Draining {
		t.Errorf("%v, %v", got, err)
	}
}

// Info has the bound and the policies of the queue, the timers that are to come and who hears
// of the ends.
func TestInfoShowsPoliciesTimersAndWatchers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if i := plain.Info(); i.Capacity != 0 || i.Overflow != "" || i.OnRestart != "keep" || i.Timers != 0 || i.Watchers != 0 {
			t.Errorf("of none: %+v", i)
		}
		rejects := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(3))
		if i := rejects.Info(); i.Capacity != 3 || i.Overflow != "reject" {
			t.Errorf("bounded: %+v", i)
		}
		drops := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest),
			actor.WithQueuePolicy(actor.FailQueue))
		if i := drops.Info(); i.Capacity != 1 || i.Overflow != "drop oldest" || i.OnRestart != "fail" {
			t.Errorf("bounded, drops: %+v", i)
		}
		nothing := func(*actortest.Plain) {}
		first := plain.After(time.Minute, nothing)
		plain.Every(time.Hour, nothing)
		unwatch := actor.Watch(plain, rejects, func(*actortest.Plain, actor.DownNotice) {})
		if i := plain.Info(); i.Timers != 2 || i.Watchers != 1 {
			t.Errorf("two timers, one watcher: %+v", i)
		}
		first.Cancel()
		unwatch()
		if i := plain.Info(); i.Timers != 1 || i.Watchers != 0 {
			t.Errorf("one timer: %+v", i)
		}
		for _, svc := range []*actor.Service[actortest.Plain]{plain, rejects, drops} {
			actortest.Stop(t, svc)
		}
		if i := plain.Info(); i.Timers != 0 {
			t.Errorf("afterwards: %+v", i)
		}
	})
}
