package laws_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/tree"
)

// numberOf is a function for views.
func numberOf(p *actortest.Plain) int { return p.N }

// increment is a closure.
func increment(p *actortest.Plain) { p.N++ }

func TestL1ViewShowsWhatTheCallerDid(t *testing.T) {
	svc := actor.Start(&actortest.Plain{})
	defer actortest.Stop(t, svc)
	view := actor.NewView(svc, numberOf)
	ctx := context.Background()
	for i := 1; i <= 100; i++ {
		n, err := actor.Get(ctx, svc, func(p *actortest.Plain) int { p.N++; return p.N })
		if got := view.Load(); err != nil || got != n || n != i {
			t.Fatalf("the call returned %d, %v, and the view shows %d: want %d", n, err, got, i)
		}
	}
	err := svc.Run(ctx, func(p *actortest.Plain) error { p.N++; return errors.New("its own") })
	if got := view.Load(); got != 101 {
		t.Errorf("after %v the view shows %d: want 101", err, got)
	}
	n, err := actor.Async(svc, func(p *actortest.Plain) (int, error) { p.N++; return p.N, nil }).Await(ctx)
	if got := view.Load(); got != n {
		t.Errorf("the future is %d, %v, and the view shows %d", n, err, got)
	}
}

func TestL1ViewIsMadeOnTheServicesGoroutine(t *testing.T) {
	svc := actor.Start(&actortest.Plain{})
	defer actortest.Stop(t, svc)
	self := func() string {
		var b [64]byte
		id, _, _ := strings.Cut(string(b[:runtime.Stack(b[:], false)]), "[")
		return id
	}
	view := actor.NewView(svc, func(*actortest.Plain) string { return self() })
	owner, err := actor.Get(context.Background(), svc, func(*actortest.Plain) string { return self() })
	if got := view.Load(); err != nil || got != owner {
		t.Errorf("the snapshot was made by %q, and the service is %q, %v", got, owner, err)
	}
}

// A snapshot is read by many while the service goes on: no reader sees a part of
// it, and none sees an older one after a newer.
func TestL1ViewOrdersMemory(t *testing.T) {
	type pair struct{ a, b int }
	svc := actor.Start(&actortest.Plain{})
	defer actortest.Stop(t, svc)
	view := actor.NewView(svc, func(p *actortest.Plain) *pair { return &pair{p.N, p.N} })
	var over atomic.Bool
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			var last int
			var lastVersion uint64
			for !over.Load() {
				p, version := view.Latest()
				if p == nil {
					continue
				}
				if p.a != p.b || p.a < last || version < lastVersion {
					t.Errorf("version %d is %+v after version %d with %d", version, *p, lastVersion, last)
					return
				}
				last, lastVersion = p.a, version
			}
		})
	}
	for range 5000 {
		actortest.Do(t, svc, increment)
	}
	if err := svc.Run(context.Background(), func(*actortest.Plain) error { return nil }); err != nil {
		t.Fatal(err)
	}
	over.Store(true)
	readers.Wait()
	if p := view.Load(); p.a != 5000 {
		t.Errorf("the last snapshot is %+v: want 5000", *p)
	}
}

func TestViewOfARunningServiceNeedsNoClosure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{N: 7}, actor.WithCapacity(1))
		synctest.Wait() // it is idle
		view := actor.NewView(svc, numberOf)
		slow := actor.NewBurstView(svc, numberOf)
		synctest.Wait()
		if n, version := view.Latest(); n != 7 || version == 0 {
			t.Errorf("the view shows %d, version %d: want 7", n, version)
		}
		if n := slow.Load(); n != 7 {
			t.Errorf("the view of bursts shows %d: want 7", n)
		}
		if i := svc.Info(); i.Accepted != 0 {
			t.Errorf("a view counts as a closure: %+v", i)
		}
		actortest.Stop(t, svc)
	})
}

// A view made while its service begins is looked at once, whoever comes first: the
// incarnation that begins, or the request of the view.
func TestViewOfABeginningServiceIsMadeOnce(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&sleeper{})
			made := 0
			actor.NewView(svc, func(*sleeper) int { made++; return made })
			synctest.Wait()
			if made != 1 {
				t.Errorf("the view was made %d times: want 1", made)
			}
			actortest.Stop(t, svc)
		})
	}
}

func TestViewBeforeTheFirstSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{N: 5}, nil })
		view := actor.NewView(svc, numberOf)
		if n, version := view.Latest(); n != 0 || version != 0 {
			t.Errorf("before anything was seen the view shows %d, version %d: want 0, 0", n, version)
		}
		served := actortest.Serve(context.Background(), svc)
		synctest.Wait()
		if n, version := view.Latest(); n != 5 || version != 1 {
			t.Errorf("after the constructor the view shows %d, version %d: want 5, 1", n, version)
		}
		actortest.Stop(t, svc)
		<-served
		late := actor.NewView(svc, numberOf)
		synctest.Wait()
		if n, version := late.Latest(); n != 0 || version != 0 {
			t.Errorf("a view of a stopped service shows %d, version %d", n, version)
		}
	})
}

// The first snapshot is there when the supervisor learns that the service is up.
func TestViewIsThereWhenTheServiceIsUp(t *testing.T) {
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{N: 5}, nil })
	view := actor.NewView(svc, numberOf)
	up := make(chan int, 1)
	ready := func() { up <- view.Load() }
	served := actortest.Serve(tree.WithPlace(context.Background(), tree.Place{Ready: ready}), svc)
	if n := <-up; n != 5 {
		t.Errorf("when the service is up the view shows %d: want 5", n)
	}
	actortest.Stop(t, svc)
	<-served
}

func TestL9ViewSurvivesRestart(t *testing.T) {
	var builds atomic.Int64
	gate := make(chan struct{}, 1)
	svc := actor.New(func(context.Context) (*actortest.Plain, error) {
		<-gate
		return &actortest.Plain{N: int(builds.Add(1)) * 100}, nil
	}, actortest.Quiet())
	view := actor.NewView(svc, numberOf)
	ctx := actortest.Supervised(context.Background())
	gate <- struct{}{}
	served := actortest.Serve(ctx, svc)
	if err := svc.Run(context.Background(), func(p *actortest.Plain) error { p.N++; return nil }); err != nil {
		t.Fatal(err)
	}
	_, before := view.Latest()
	crash := svc.Run(context.Background(), func(p *actortest.Plain) error { p.N = -1; panic("half-way") })
	<-served
	if n, version := view.Latest(); n != 101 || version != before {
		t.Errorf("after %v the view shows %d, version %d: want 101, %d", crash, n, version, before)
	}
	served = actortest.Serve(ctx, svc)
	actortest.Do(t, svc, increment)
	if n := view.Load(); n != 101 {
		t.Errorf("while the next one is made the view shows %d: want 101", n)
	}
	gate <- struct{}{}
	n, err := actor.Get(context.Background(), svc, numberOf)
	if now, version := view.Latest(); err != nil || n != 201 || now != 201 || version <= before {
		t.Errorf("the next incarnation has %d, %v, and the view shows %d, version %d", n, err, now, version)
	}
	actortest.Stop(t, svc)
	<-served
	if n := view.Load(); n != 201 {
		t.Errorf("after the end the view shows %d: want 201", n)
	}
}

// share is a function for views that crashes when n is 3.
func share(p *actortest.Plain) int { return 10 / (3 - p.N) }

func TestL7ViewCrashes(t *testing.T) {
	t.Run("after a closure", func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actor.NewView(svc, share)
		actortest.Do(t, svc, increment)
		actortest.Do(t, svc, increment)
		err := svc.Run(context.Background(), func(p *actortest.Plain) error { p.N++; return nil })
		<-svc.Done()
		crashedInView(t, err, svc.Err())
		if o := actor.OutcomeOf(err); o != actor.Crashed {
			t.Errorf("the outcome is %v", o)
		}
		actortest.Balanced(t, svc.Info())
	})
	t.Run("the first", func(t *testing.T) {
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{N: 3}, nil }, actortest.Quiet())
		actor.NewView(svc, share)
		err := svc.Serve(context.Background())
		crashedInView(t, err, svc.Err())
	})
	t.Run("of a running service", func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actor.NewView(svc, func(*actortest.Plain) int { runtime.Goexit(); return 0 })
		<-svc.Done()
		if err := svc.Err(); !errors.Is(err, actor.ErrGoexit) {
			t.Errorf("Err = %v", err)
		}
	})
}

func crashedInView(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		var p *actor.PanicError
		if !errors.As(err, &p) || !strings.HasSuffix(p.Func, ".share") || !strings.Contains(p.Error(), "divide by zero") {
			t.Errorf("the error is %v: want a panic in the view's function", err)
		}
	}
}

// hanging is closed to let go of what hangs.
type hanging chan struct{}

func (h hanging) hang(*actortest.Plain) int {
	<-h
	return 1
}

// A view's function that hangs does not keep Stop or Kill from ending, in or
// outside of a closure.
func TestL11CutOffFromAView(t *testing.T) {
	for _, row := range []struct {
		name  string
		begin func(svc *actor.Service[actortest.Plain], hang func(*actortest.Plain) int)
	}{
		{"after a closure", func(svc *actor.Service[actortest.Plain], hang func(*actortest.Plain) int) {
			_ = svc.Run(context.Background(), func(*actortest.Plain) error { return nil })
			_ = svc.Do(func(*actortest.Plain) { actor.NewView(svc, hang) })
			_ = svc.Do(increment)
		}},
		{"between closures", func(svc *actor.Service[actortest.Plain], hang func(*actortest.Plain) int) { actor.NewView(svc, hang) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
				synctest.Wait()
				release := make(hanging)
				row.begin(svc, release.hang)
				synctest.Wait() // it hangs
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				err := svc.Stop(ctx)
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "hanging.hang") {
					t.Errorf("Stop = %v", err)
				}
				<-svc.Done()
				actortest.Balanced(t, svc.Info())
				close(release)
			})
		})
	}
}

// What an incarnation that was cut off makes of its value is not shown over the
// snapshot of the next one.
func TestL8ViewOfALostIncarnationIsNotShown(t *testing.T) {
	var builds atomic.Int64
	svc := actor.New(func(context.Context) (*actortest.Plain, error) {
		return &actortest.Plain{N: int(builds.Add(1)) * 100}, nil
	}, actortest.Quiet())
	view := actor.NewView(svc, numberOf)
	first := actortest.Serve(actortest.Supervised(context.Background()), svc)
	b := actortest.Occupy(t, svc)
	svc.CutOff(true)
	second := actortest.Serve(actortest.Supervised(context.Background()), svc)
	if n, err := actor.Get(context.Background(), svc, numberOf); n != 200 || err != nil {
		t.Fatalf("the next incarnation has %d, %v", n, err)
	}
	b.LetGo()
	<-first
	if n := view.Load(); n != 200 {
		t.Errorf("the view shows %d: want 200", n)
	}
	actortest.Stop(t, svc)
	<-second
}

// The same for a view's function that was at work when the service was cut off.
func TestL8ViewInTheMakingIsNotShown(t *testing.T) {
	var builds atomic.Int64
	svc := actor.New(func(context.Context) (*actortest.Plain, error) {
		return &actortest.Plain{N: int(builds.Add(1)) * 100}, nil
	}, actortest.Quiet())
	hangs, release := make(chan struct{}), make(chan struct{})
	view := actor.NewView(svc, func(p *actortest.Plain) int {
		if p.N == 101 {
			close(hangs)
			<-release
		}
		return p.N
	})
	first := actortest.Serve(actortest.Supervised(context.Background()), svc)
	actortest.Do(t, svc, increment)
	<-hangs
	svc.CutOff(true)
	second := actortest.Serve(actortest.Supervised(context.Background()), svc)
	if n, err := actor.Get(context.Background(), svc, numberOf); n != 200 || err != nil {
		t.Fatalf("the next incarnation has %d, %v", n, err)
	}
	close(release)
	<-first
	if n := view.Load(); n != 200 {
		t.Errorf("the view shows %d: want 200", n)
	}
	actortest.Stop(t, svc)
	<-second
}

func TestBurstViewIsRenewedOncePerBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{})
		synctest.Wait()
		view := actor.NewBurstView(svc, numberOf)
		synctest.Wait()
		_, before := view.Latest()
		b := actortest.Occupy(t, svc)
		for range 100 {
			actortest.Do(t, svc, increment)
		}
		b.LetGo()
		synctest.Wait()
		if n, version := view.Latest(); n != 100 || version != before+1 {
			t.Errorf("after a burst of 101 closures: %d, and %d snapshots: want 100, 1", n, version-before)
		}
		// A backlog without an end does not keep it from being renewed.
		b = actortest.Occupy(t, svc)
		for range 3000 {
			actortest.Do(t, svc, increment)
		}
		b.LetGo()
		synctest.Wait()
		if n, version := view.Latest(); n != 3100 || version != before+4 {
			t.Errorf("after 3001 closures more: %d, and %d snapshots: want 3100, 4", n, version-before)
		}
		actortest.Stop(t, svc)
	})
}

func TestClosedViewIsNotRenewed(t *testing.T) {
	svc := actor.Start(&actortest.Plain{})
	defer actortest.Stop(t, svc)
	ctx := context.Background()
	one, other := actor.NewView(svc, numberOf), actor.NewView(svc, numberOf)
	_ = svc.Run(ctx, func(p *actortest.Plain) error { p.N++; return nil })
	one.Close()
	one.Close()
	_ = svc.Run(ctx, func(p *actortest.Plain) error { p.N++; return nil })
	if one.Load() != 1 || other.Load() != 2 {
		t.Errorf("the closed view shows %d, the other %d: want 1 and 2", one.Load(), other.Load())
	}
}

func TestViewClosedBeforeItIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&sleeper{})
		actortest.Do(t, svc, func(*sleeper) { time.Sleep(time.Second) })
		synctest.Wait() // it is busy
		actor.NewView(svc, func(*sleeper) int { t.Error("a closed view is made"); return 0 }).Close()
		actortest.Stop(t, svc)
	})
}

func TestViewLoadAllocatesNothing(t *testing.T) {
	svc := actor.Start(&actortest.Plain{})
	defer actortest.Stop(t, svc)
	view := actor.NewView(svc, numberOf)
	if n := testing.AllocsPerRun(100, func() { view.Load() }); n != 0 {
		t.Errorf("Load allocates %v times", n)
	}
}

// A view is made of whatever stands for one service: a handle, a proxy, and what embeds one.
func TestViewOfWhatStandsForAService(t *testing.T) {
	svc := actor.Start(&actortest.Plain{N: 7})
	views := map[string][2]*actor.View[int]{}
	for name, ref := range map[string]actor.Ref[actortest.Plain]{
		"a service": svc, "a proxy": actor.ProxyOf(svc), "what embeds a service": struct {
			*actor.Service[actortest.Plain]
		}{svc},
	} {
		views[name] = [2]*actor.View[int]{actor.NewView(ref, numberOf), actor.NewBurstView(ref, numberOf)}
	}
	if err := svc.Run(t.Context(), func(p *actortest.Plain) error { p.N++; return nil }); err != nil {
		t.Fatal(err)
	}
	actortest.Stop(t, svc)
	for name, v := range views {
		if v[0].Load() != 8 || v[1].Load() != 8 {
			t.Errorf("of %s it shows %d and %d", name, v[0].Load(), v[1].Load())
		}
	}
}

func TestViewBadInput(t *testing.T) {
	actortest.Misuse(t, "actor", map[string]func(){
		"NewView of a nil function": func() { actor.NewView[actortest.Plain, int](nil, nil) },
		"NewView of a Router": func() {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			defer svc.Kill()
			actor.NewView(actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { return svc }), numberOf)
		},
		"NewBurstView of a nil function":    func() { actor.NewBurstView[actortest.Plain, int](nil, nil) },
		"a Service is made by Start or New": func() { actor.NewView(new(actor.Service[actortest.Plain]), numberOf) },
	})
}
