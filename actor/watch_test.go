package actor_test

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
		svc := actor.Start(&onlooker{}, quiet())
		target := actor.New((&factory{}).build, actor.WithName("target"), quiet())
		actor.Watch(target, svc, (*onlooker).note)
		wantDowns(t, svc) // it is to come yet

		ends := []func(*closable){
			func(*closable) { panic("crash") },
			func(*closable) { target.CutOff(true) },
		}
		for _, end := range ends {
			served := serve(supervised(context.Background()), target)
			do(t, target, end)
			<-served
		}
		for _, reason := range []error{nil, errLost} {
			served := serve(supervised(context.Background()), target)
			err := target.DoContext(t.Context(), func(ctx context.Context, _ *closable) { actor.Exit(ctx, reason) })
			if err != nil {
				t.Error(err)
			}
			<-served
		}
		serve(supervised(context.Background()), target)
		synctest.Wait()
		stop(t, target)

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
		stop(t, svc)
	})
}

// A target that is down is reported at once, whatever has brought it there; one that
// is only declared is not.
func TestWATCHAlreadyDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := actor.Start(&plain{}, quiet())
		do(t, started, func(*plain) { panic("crash") })
		between := actor.New((&factory{}).build, quiet())
		served := serve(supervised(context.Background()), between)
		do(t, between, func(*closable) { panic("crash") })
		<-served
		never := actor.New((&factory{}).build, quiet())
		stop(t, never)
		declared := actor.New((&factory{}).build, quiet())
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
			svc := actor.Start(&onlooker{}, quiet())
			row.watch(svc)
			wantDowns(t, svc, row.want...)
			stop(t, svc)
		}
		stop(t, between)
		stop(t, declared)
	})
}

// After cancel nothing is delivered, also if it was queued.
func TestWATCHCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		svc := actor.Start(&onlooker{}, quiet(), dead.option())
		first, second := actor.Start(&plain{}, quiet()), actor.Start(&plain{}, quiet())
		queued := actor.Watch(first, svc, (*onlooker).note)
		waiting := actor.Watch(second, svc, (*onlooker).note)
		b := occupy(t, svc)
		stop(t, first)
		queued()
		waiting()
		waiting()
		b.letGo()
		stop(t, second)
		wantDowns(t, svc)
		stop(t, svc)
		i := svc.Info()
		balanced(t, i)
		if i.Skipped != 1 || len(dead.list()) != 0 {
			t.Errorf("%+v; %v", i, dead.list())
		}
	})
}

// A watch that a constructor sets ends with the incarnation, and the next sets its
// own: each has one notice.
func TestWATCHOfAnIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		target := actor.New((&factory{}).build, quiet())
		svc := actor.New(func(ctx context.Context) (*onlooker, error) {
			w := &onlooker{self: actor.Self[onlooker](ctx)}
			actor.Watch(target, w.self, (*onlooker).note)
			return w, nil
		}, quiet(), dead.option())
		served := serve(supervised(context.Background()), target)
		for range 3 {
			served := serve(supervised(context.Background()), svc)
			do(t, svc, func(*onlooker) { panic("crash") })
			<-served
		}
		watching := serve(supervised(context.Background()), svc)
		synctest.Wait()
		do(t, target, panics)
		<-served
		wantDowns(t, svc, 1)

		// A notice that is queued when the watcher crashes is not for the next one.
		served = serve(supervised(context.Background()), target)
		do(t, svc, func(*onlooker) {
			time.Sleep(time.Second)
			panic("crash")
		})
		do(t, target, panics)
		<-watching
		<-served
		serve(supervised(context.Background()), svc)
		synctest.Wait()
		wantDowns(t, svc, 2) // from its own watch, at once
		if l := dead.list(); len(l) != 1 || l[0].Reason != actor.ErrRestarted {
			t.Errorf("dead letters: %+v", l)
		}
		stop(t, svc)
		stop(t, target)
		balanced(t, svc.Info())
	})
}

// A watch that was set from outside survives restarts of the watcher.
func TestWATCHOfAService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := actor.Start(&plain{}, quiet())
		svc := actor.New(func(context.Context) (*onlooker, error) { return &onlooker{}, nil }, quiet())
		actor.Watch(target, svc, (*onlooker).note)
		served := serve(supervised(context.Background()), svc)
		do(t, svc, func(*onlooker) { panic("crash") })
		<-served
		stop(t, target) // while nobody serves the watcher
		serve(supervised(context.Background()), svc)
		wantDowns(t, svc, 1)
		stop(t, svc)
	})
}

// A watcher that has ended watches nothing more, and that shows.
func TestWATCHByOneThatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		svc := actor.Start(&onlooker{}, quiet(), dead.option())
		target := actor.Start(&plain{}, quiet())
		actor.Watch(target, svc, (*onlooker).note)
		stop(t, svc)
		if i := svc.Info(); i.Refused != 0 {
			t.Errorf("%+v", i)
		}
		actor.Watch(target, svc, (*onlooker).note)()
		if i, l := svc.Info(), dead.list(); i.Refused != 1 || len(l) != 1 || !l[0].Refused {
			t.Errorf("%+v; %+v", i, l)
		}
		stop(t, target)
		if i := svc.Info(); i.Refused != 1 {
			t.Errorf("%+v", i)
		}
	})
}

// A full watcher gets its notices when it has room, and holds nobody up.
func TestL14NoticeStandsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&onlooker{}, quiet(), actor.WithCapacity(1))
		b := occupy(t, svc)
		do(t, svc, func(*onlooker) {})
		for i := range 3 {
			target := actor.Start(&plain{}, actor.WithName(fmt.Sprint("target", i)), quiet())
			actor.Watch(target, svc, (*onlooker).note)
			stop(t, target)
		}
		if n := svc.Info().Queued; n != 1 {
			t.Errorf("%d closures wait", n)
		}
		b.letGo()
		synctest.Wait()
		if downs := sawDown(t, svc); len(downs) != 3 || downs[2].Service != "target2" {
			t.Errorf("%v", downs)
		}
		stop(t, svc)
		balanced(t, svc.Info())
	})
}

// Services that watch each other and end at once are no deadlock.
func TestWATCHEachOther(t *testing.T) {
	for range 200 {
		left, right := actor.New(watcherOf, quiet()), actor.New(watcherOf, quiet())
		ends := []<-chan error{serve(context.Background(), left), serve(context.Background(), right)}
		for _, pair := range [][2]*actor.Service[onlooker]{{left, right}, {right, left}, {left, left}} {
			do(t, pair[0], func(w *onlooker) { actor.Watch(pair[1], w.self, (*onlooker).note) })
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
			target := actor.New((&factory{}).build, quiet())
			target.Abandon() // down, without an incarnation so far
			var letters []actor.DeadLetter
			svc := actor.Start(&onlooker{}, quiet(), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest),
				actor.WithDeadLetters(func(l actor.DeadLetter) {
					letters = append(letters, l)
					target.Kill()
					end()
				}))
			gate := make(chan struct{})
			do(t, svc, func(*onlooker) { <-gate })
			synctest.Wait()
			do(t, svc, func(*onlooker) {})
			watched := make(chan struct{})
			go func() {
				defer close(watched)
				actor.Watch(target, svc, (*onlooker).note)
			}()
			<-watched
			close(gate)
			synctest.Wait()
			wantDowns(t, svc, 0) // of two the first was dropped to make room, as what was queued before
			if len(letters) != 2 || isOpen(target.Done()) {
				t.Errorf("%d dead letters; the target is %v", len(letters), target.Info().State)
			}
			stop(t, svc)
		})
	}
}

// Watches are set and cancelled, and watchers restarted, while the target ends again
// and again: nobody hears of one end twice, or in another order.
func TestWATCHHammer(t *testing.T) {
	target := actor.New((&factory{}).build, quiet())
	svc := actor.Start(&onlooker{}, quiet())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 300 {
			served := serve(supervised(context.Background()), target)
			if err := target.Do(panics); err != nil {
				t.Error(err)
			}
			<-served
		}
	}()
	for range 300 {
		heard := []uint64{}
		cancel := actor.Watch(target, svc, func(_ *onlooker, d actor.DownNotice) { heard = append(heard, d.Incarnation) })
		err := svc.Run(t.Context(), func(*onlooker) error {
			cancel()
			if !slices.IsSorted(heard) || len(slices.Compact(slices.Clone(heard))) != len(heard) {
				return fmt.Errorf("heard of %v", heard)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	<-done
	stop(t, target)
	stop(t, svc)
}

func TestWATCHMisusePanics(t *testing.T) {
	svc := actor.Start(&onlooker{}, quiet())
	target := actor.Start(&plain{}, quiet())
	defer stop(t, svc)
	defer stop(t, target)
	var zero actor.Service[onlooker]
	panicsWith(t, "Watch with a nil closure", func() { actor.Watch(target, svc, nil) })
	panicsWith(t, "is made by Start or New", func() { actor.Watch(target, &zero, (*onlooker).note) })
	panicsWith(t, "is made by Start or New", func() { actor.Watch(&zero, svc, (*onlooker).note) })
}

// A watcher keeps nothing of those that have ended for good.
func TestL12WatchKeepsNothing(t *testing.T) {
	svc := actor.New(watcherOf, quiet())
	served := serve(context.Background(), svc)
	var kept []weak.Pointer[actor.Service[plain]]
	for i := range 20 {
		target := actor.Start(&plain{}, quiet())
		watch := func(*onlooker) { actor.Watch(target, svc, (*onlooker).note) }
		if i%2 == 0 {
			do(t, svc, watch)
		} else {
			watch(nil) // from outside
		}
		if err := svc.Run(t.Context(), func(*onlooker) error { return nil }); err != nil {
			t.Error(err)
		}
		stop(t, target)
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
	collected(t, "more than two services", func() bool { return alive() <= 2 })
	stop(t, svc)
	<-served
}
