package laws_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// onlooker is a T that notes the ends of others.
type onlooker struct {
	self  *actor.Service[onlooker]
	downs []actor.DownNotice
}

func (w *onlooker) note(d actor.DownNotice) { w.downs = append(w.downs, d) }

func sawDown(t testing.TB, svc *actor.Service[onlooker]) []actor.DownNotice {
	t.Helper()
	downs, err := actor.Get(context.Background(), svc, func(w *onlooker) []actor.DownNotice {
		return slices.Clone(w.downs)
	})
	if err != nil {
		t.Errorf("Get = %v", err)
	}
	return downs
}

// incarnations returns which incarnations were seen to end.
func incarnations(downs []actor.DownNotice) (all []uint64) {
	for _, d := range downs {
		all = append(all, d.Incarnation)
	}
	return all
}

func wantDowns(t testing.TB, svc *actor.Service[onlooker], want ...uint64) []actor.DownNotice {
	t.Helper()
	downs := sawDown(t, svc)
	if !slices.Equal(incarnations(downs), want) {
		t.Errorf("ends of incarnations %v were seen, want %v", incarnations(downs), want)
	}
	return downs
}

// One notice for each end of an incarnation, with its reason, in their order.
func TestWATCHEachEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&onlooker{}, actortest.Quiet())
		target := actor.New((&actortest.Factory{}).Build, actor.WithName("target"), actortest.Quiet())
		actor.Watch(target, svc, (*onlooker).note)
		wantDowns(t, svc) // it is to come yet

		ends := []func(*actortest.Closable){
			func(*actortest.Closable) { panic("crash") },
			func(*actortest.Closable) { target.CutOff(true) },
		}
		for _, end := range ends {
			served := actortest.Serve(actortest.Supervised(context.Background()), target)
			actortest.Do(t, target, end)
			<-served
		}
		for _, reason := range []error{nil, errLost} {
			served := actortest.Serve(actortest.Supervised(context.Background()), target)
			err := target.DoContext(t.Context(), func(ctx context.Context, _ *actortest.Closable) { actor.Exit(ctx, reason) })
			if err != nil {
				t.Error(err)
			}
			<-served
		}
		actortest.Serve(actortest.Supervised(context.Background()), target)
		synctest.Wait()
		actortest.Stop(t, target)

		downs := wantDowns(t, svc, 1, 2, 3, 4, 5)
		var p *actor.PanicError
		switch {
		case !errors.As(downs[0].Reason, &p) || p.Value != "crash":
			t.Errorf("of the crash: %v", downs[0])
		case !errors.Is(downs[1].Reason, actor.ErrCutOff):
			t.Errorf("of what was cut off: %v", downs[1])
		case downs[2].Reason != nil || downs[3].Reason != errLost || downs[4].Reason != nil:
			t.Errorf("of Exit and Stop: %v", downs[2:])
		case downs[0].Service != "target":
			t.Errorf("Service: %v", downs[0].Service)
		}
		actortest.Stop(t, svc)
	})
}

// A target that is down is reported at once, whatever has brought it there; one that
// is only declared is not.
func TestWATCHAlreadyDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actortest.Do(t, started, func(*actortest.Plain) { panic("crash") })
		between := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(context.Background()), between)
		actortest.Do(t, between, func(*actortest.Closable) { panic("crash") })
		<-served
		never := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		actortest.Stop(t, never)
		declared := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		<-started.Done()

		for _, row := range []struct {
			watch func(*actor.Service[onlooker]) func()
			want  []uint64
		}{
			{func(s *actor.Service[onlooker]) func() { return actor.Watch(started, s, (*onlooker).note) }, []uint64{1}},
			{func(s *actor.Service[onlooker]) func() { return actor.Watch(between, s, (*onlooker).note) }, []uint64{1}},
			{func(s *actor.Service[onlooker]) func() { return actor.Watch(never, s, (*onlooker).note) }, []uint64{0}},
			{func(s *actor.Service[onlooker]) func() { return actor.Watch(declared, s, (*onlooker).note) }, nil},
		} {
			svc := actor.Start(&onlooker{}, actortest.Quiet())
			row.watch(svc)
			wantDowns(t, svc, row.want...)
			actortest.Stop(t, svc)
		}
		actortest.Stop(t, between)
		actortest.Stop(t, declared)
	})
}

// After cancel nothing is delivered, also if it was queued.
func TestWATCHCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.Start(&onlooker{}, actortest.Quiet(), dead.Option())
		first, second := actor.Start(&actortest.Plain{}, actortest.Quiet()), actor.Start(&actortest.Plain{}, actortest.Quiet())
		queued := actor.Watch(first, svc, (*onlooker).note)
		waiting := actor.Watch(second, svc, (*onlooker).note)
		b := actortest.Occupy(t, svc)
		actortest.Stop(t, first)
		queued()
		waiting()
		waiting()
		b.LetGo()
		actortest.Stop(t, second)
		wantDowns(t, svc)
		actortest.Stop(t, svc)
		i := svc.Info()
		actortest.Balanced(t, i)
		if i.Skipped != 1 || len(dead.List()) != 0 {
			t.Errorf("%+v; %v", i, dead.List())
		}
	})
}

// A watch that a constructor sets ends with the incarnation, and the next sets its
// own: each has one notice.
func TestWATCHOfAnIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		target := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		svc := actor.New(func(ctx context.Context) (*onlooker, error) {
			w := &onlooker{self: actor.Self[onlooker](ctx)}
			actor.Watch(target, w.self, (*onlooker).note)
			return w, nil
		}, actortest.Quiet(), dead.Option())
		served := actortest.Serve(actortest.Supervised(context.Background()), target)
		for range 3 {
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			actortest.Do(t, svc, func(*onlooker) { panic("crash") })
			<-served
		}
		watching := actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		actortest.Do(t, target, actortest.Panics)
		<-served
		wantDowns(t, svc, 1)

		// A notice that is queued when the watcher crashes is not for the next one.
		served = actortest.Serve(actortest.Supervised(context.Background()), target)
		actortest.Do(t, svc, func(*onlooker) {
			time.Sleep(time.Second)
			panic("crash")
		})
		actortest.Do(t, target, actortest.Panics)
		<-watching
		<-served
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		wantDowns(t, svc, 2) // from its own watch, at once
		if l := dead.List(); len(l) != 1 || l[0].Reason != actor.ErrRestarted {
			t.Errorf("dead letters: %+v", l)
		}
		actortest.Stop(t, svc)
		actortest.Stop(t, target)
		actortest.Balanced(t, svc.Info())
	})
}

// A watch that was set from outside survives restarts of the watcher.
func TestWATCHOfAService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := actor.Start(&actortest.Plain{}, actortest.Quiet())
		svc := actor.New(func(context.Context) (*onlooker, error) { return &onlooker{}, nil }, actortest.Quiet())
		actor.Watch(target, svc, (*onlooker).note)
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		actortest.Do(t, svc, func(*onlooker) { panic("crash") })
		<-served
		actortest.Stop(t, target) // while nobody serves the watcher
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		wantDowns(t, svc, 1)
		actortest.Stop(t, svc)
	})
}

// A watcher that has ended watches nothing more, and that shows.
func TestWATCHByOneThatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.Start(&onlooker{}, actortest.Quiet(), dead.Option())
		target := actor.Start(&actortest.Plain{}, actortest.Quiet())
		actor.Watch(target, svc, (*onlooker).note)
		actortest.Stop(t, svc)
		if i := svc.Info(); i.Refused != 0 {
			t.Errorf("%+v", i)
		}
		actor.Watch(target, svc, (*onlooker).note)()
		if i, l := svc.Info(), dead.List(); i.Refused != 1 || len(l) != 1 || !l[0].Refused {
			t.Errorf("%+v; %+v", i, l)
		}
		actortest.Stop(t, target)
		if i := svc.Info(); i.Refused != 1 {
			t.Errorf("%+v", i)
		}
	})
}

// A full watcher gets its notices when it has room, and holds nobody up.
func TestL14NoticeStandsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&onlooker{}, actortest.Quiet(), actor.WithCapacity(1))
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*onlooker) {})
		for i := range 3 {
			target := actor.Start(&actortest.Plain{}, actor.WithName(fmt.Sprint("target", i)), actortest.Quiet())
			actor.Watch(target, svc, (*onlooker).note)
			actortest.Stop(t, target)
		}
		if n := svc.Info().Queued; n != 1 {
			t.Errorf("%d closures wait", n)
		}
		b.LetGo()
		synctest.Wait()
		if downs := sawDown(t, svc); len(downs) != 3 || downs[2].Service != "target2" {
			t.Errorf("%v", downs)
		}
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// Services that watch each other and end at once are no deadlock.
func TestWATCHEachOther(t *testing.T) {
	for range 200 {
		left, right := actor.New(watcherOf, actortest.Quiet()), actor.New(watcherOf, actortest.Quiet())
		ends := []<-chan error{actortest.Serve(context.Background(), left), actortest.Serve(context.Background(), right)}
		for _, pair := range [][2]*actor.Service[onlooker]{{left, right}, {right, left}, {left, left}} {
			actortest.Do(t, pair[0], func(w *onlooker) { actor.Watch(pair[1], w.self, (*onlooker).note) })
			actor.Watch(pair[1], pair[0], (*onlooker).note)
		}
		go left.Kill()
		go right.Kill()
		<-left.Done()
		<-right.Done()
		for _, end := range ends {
			<-end
		}
	}
}

func watcherOf(ctx context.Context) (*onlooker, error) {
	return &onlooker{self: actor.Self[onlooker](ctx)}, nil
}

// To queue a notice may call the dead-letter hook of the service that watches, and the hook
// may end the target: the end is told afterwards. A hook that ends the goroutine of the
// caller does not keep it from being told.
func TestWATCHHookEndsTheTarget(t *testing.T) {
	for _, end := range []func(){func() {}, runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			target := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
			target.Abandon() // down, without an incarnation so far
			var letters []actor.DeadLetter
			svc := actor.Start(&onlooker{}, actortest.Quiet(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest),
				actor.WithDeadLetters(func(l actor.DeadLetter) {
					letters = append(letters, l)
					target.Kill()
					end()
				}))
			gate := make(chan struct{})
			actortest.Do(t, svc, func(*onlooker) { <-gate })
			synctest.Wait()
			actortest.Do(t, svc, func(*onlooker) {})
			watched := make(chan struct{})
			go func() {
				defer close(watched)
				actor.Watch(target, svc, (*onlooker).note)
			}()
			<-watched
			close(gate)
			synctest.Wait()
			wantDowns(t, svc, 0) // of two the first was dropped to make room, as what was queued before
			if len(letters) != 2 || actortest.IsOpen(target.Done()) {
				t.Errorf("%d dead letters; the target is %v", len(letters), target.Info().State)
			}
			actortest.Stop(t, svc)
		})
	}
}

func TestWATCHMisusePanics(t *testing.T) {
	svc := actor.Start(&onlooker{}, actortest.Quiet())
	target := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	defer actortest.Stop(t, target)
	var zero actor.Service[onlooker]
	panicsWith(t, "Watch with a nil closure", func() { actor.Watch(target, svc, nil) })
	panicsWith(t, "is made by Start or New", func() { actor.Watch(target, &zero, (*onlooker).note) })
	panicsWith(t, "is made by Start or New", func() { actor.Watch(&zero, svc, (*onlooker).note) })
}

// A watcher keeps nothing of those that have ended for good.
func TestL12WatchKeepsNothing(t *testing.T) {
	svc := actor.New(watcherOf, actortest.Quiet())
	served := actortest.Serve(context.Background(), svc)
	var kept []weak.Pointer[actor.Service[actortest.Plain]]
	for i := range 20 {
		target := actor.Start(&actortest.Plain{}, actortest.Quiet())
		watch := func(*onlooker) { actor.Watch(target, svc, (*onlooker).note) }
		if i%2 == 0 {
			actortest.Do(t, svc, watch)
		} else {
			watch(nil) // from outside
		}
		if err := svc.Run(t.Context(), func(*onlooker) error { return nil }); err != nil {
			t.Error(err)
		}
		actortest.Stop(t, target)
		kept = append(kept, weak.Make(target))
	}
	if n := len(sawDown(t, svc)); n != 20 {
		t.Errorf("%d ends were seen", n)
	}
	alive := func() (n int) {
		for _, k := range kept {
			if k.Value() != nil {
				n++
			}
		}
		return n
	}
	// The last closures may be remembered.
	actortest.Collected(t, "more than two services", func() bool { return alive() <= 2 })
	actortest.Stop(t, svc)
	<-served
}
