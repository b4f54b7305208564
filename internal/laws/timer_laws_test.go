package laws_test

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// No tick after Stop, not even one that was queued: that is a dead letter.
func TestL11NoTickAfterStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := clocked(dead.Option())
		svc.Every(sec, (*clockwork).tick)
		svc.After(sec, (*clockwork).tick)
		var ticks []time.Duration
		actortest.Do(t, svc, func(c *clockwork) { time.Sleep(3 * sec / 2) })
		actortest.Do(t, svc, func(c *clockwork) { ticks = c.ticks })
		time.Sleep(3 * sec / 4)
		actortest.Do(t, svc, func(c *clockwork) { time.Sleep(minute) }) // the clock goes on while it drains
		time.Sleep(sec / 2)
		actortest.Stop(t, svc)
		if len(ticks) != 0 {
			t.Errorf("ticks: %v", ticks)
		}
		i := svc.Info()
		actortest.Balanced(t, i)
		if l := dead.List(); len(l) != 2 || l[0].Reason != actor.ErrStopped || l[0].Refused ||
			!strings.HasSuffix(l[0].Func, "clockwork).tick") {
			t.Errorf("dead letters: %+v", l)
		}
		time.Sleep(minute)
		if after := svc.Info(); !reflect.DeepEqual(after, i) {
			t.Errorf("after Stop: %+v", after)
		}
	})
}

// No tick of an incarnation that is over: not on the next one, whether it was queued
// or was to come. What the constructor sets, each incarnation has.
func TestL8NoTickOfAnotherIncarnation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.New(wound(func(self *actor.Service[clockwork]) {
			self.Every(10*sec, (*clockwork).tick)
		}), actortest.Quiet(), dead.Option())
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		stale := func(*clockwork) { t.Error("a tick of an incarnation that is over") }
		actortest.Do(t, svc, func(c *clockwork) {
			c.self.After(sec, stale)
			c.self.Every(sec, stale)
			c.self.After(minute, stale)
			time.Sleep(3 * sec) // two ticks are queued
			panic("crash")
		})
		<-served
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		time.Sleep(2*minute + 1)
		if n := len(noted(t, svc)); n != 12 {
			t.Errorf("%d ticks of the second incarnation", n)
		}
		if l := dead.List(); len(l) != 2 || l[0].Reason != actor.ErrRestarted {
			t.Errorf("dead letters: %+v", l)
		}
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// A goroutine that was cut off sets nothing on the incarnation that follows.
func TestL8LostGoroutineSetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(wound(func(*actor.Service[clockwork]) {}), actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		release := make(chan struct{})
		actortest.Do(t, svc, func(c *clockwork) {
			<-release
			timer := svc.After(sec, (*clockwork).tick)
			if !errors.Is(timer.Err(), actor.ErrStopped) {
				t.Errorf("Err = %v", timer.Err())
			}
		})
		synctest.Wait()
		svc.CutOff(true)
		next := actortest.Serve(actortest.Supervised(context.Background()), svc)
		close(release)
		<-served
		time.Sleep(minute)
		wantTicks(t, svc)
		actortest.Stop(t, svc)
		<-next
	})
}

// A tick takes its place in a bounded service like everybody else: the bound holds,
// nobody waits, and nothing is lost.
func TestL14TickStandsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked(actor.WithCapacity(1))
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, func(*clockwork) {})
		for range 3 {
			svc.After(sec, (*clockwork).tick)
		}
		gone := svc.After(sec, (*clockwork).tick)
		time.Sleep(2 * sec)
		if i := svc.Info(); i.Queued != 1 || i.Refused != 0 {
			t.Errorf("%+v", i)
		}
		if !gone.Cancel() {
			t.Error("Cancel of a tick in line = false")
		}
		b.LetGo()
		synctest.Wait()
		wantTicks(t, svc, 2*sec, 2*sec, 2*sec)
		actortest.Stop(t, svc)
		i := svc.Info()
		actortest.Balanced(t, i)
		if i.Executed != i.Accepted {
			t.Errorf("%+v", i)
		}
	})
}

// A service that drops its oldest may drop a tick; the next one comes all the same.
func TestL14TickIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := clocked(actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest), dead.Option())
		svc.Every(sec, (*clockwork).tick)
		once := svc.After(sec, (*clockwork).tick)
		b := actortest.Occupy(t, svc)
		time.Sleep(3 * sec / 2)
		actortest.Do(t, svc, func(*clockwork) {})
		b.LetGo()
		time.Sleep(sec)
		wantTicks(t, svc, 2*sec)
		if once.Cancel() {
			t.Error("a timer whose tick was dropped is still there")
		}
		if l := dead.List(); len(l) != 2 || l[0].Reason != actor.ErrMailboxFull {
			t.Errorf("dead letters: %+v", l)
		}
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// A panic in a tick is the service's crash, and names the tick's function.
func TestL7PanicInATick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		svc.After(sec, func(*clockwork) { panic("tick") })
		<-svc.Done()
		var p *actor.PanicError
		if !errors.As(svc.Err(), &p) || p.Value != "tick" || !strings.Contains(p.Func, "TestL7PanicInATick") {
			t.Errorf("Err = %v", svc.Err())
		}
	})
}

// After Stop, Kill or a crash no timer has its turn any more.
func TestL12NoTimerOfAServiceIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []func(*actor.Service[clockwork]){
			func(s *actor.Service[clockwork]) { actortest.Stop(t, s) },
			func(s *actor.Service[clockwork]) { s.Kill() },
			func(s *actor.Service[clockwork]) { actortest.Do(t, s, func(*clockwork) { panic("crash") }) },
		} {
			svc := clocked(actor.WithCapacity(1))
			svc.Every(sec, (*clockwork).tick)
			svc.After(1000*time.Hour, (*clockwork).tick)
			svc.WhenIdle(sec/2, (*clockwork).tick)
			time.Sleep(minute + 1) // not beside a tick, for which the only place is taken
			end(svc)
			<-svc.Done()
		}
		before := time.Now()
		time.Sleep(sec)
		elapsed(t, before, sec)
	})
}

// A timer that nobody can run is refused like a Do: with an error, counted, and
// shown.
func TestL3RefusedTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := actor.New(wound(func(*actor.Service[clockwork]) {}), actortest.Quiet(), dead.Option())
		if err := svc.After(sec, (*clockwork).tick).Err(); err != actor.ErrNotRunning {
			t.Errorf("pending: %v", err)
		}
		actortest.Serve(context.Background(), svc)
		synctest.Wait()
		timer := svc.After(sec, (*clockwork).tick)
		actortest.Do(t, svc, func(*clockwork) {
			time.Sleep(minute)
			if err := svc.Every(sec, (*clockwork).tick).Err(); err != actor.ErrStopped {
				t.Errorf("draining, from inside: %v", err)
			}
		})
		synctest.Wait()
		go actortest.Stop(t, svc)
		synctest.Wait()
		if err := svc.After(sec, (*clockwork).tick).Err(); err != actor.ErrStopped {
			t.Errorf("draining: %v", err)
		}
		<-svc.Done()
		late := svc.WhenIdle(sec, (*clockwork).tick)
		if err := late.Err(); err != actor.ErrStopped || late.Cancel() || timer.Err() != nil || timer.Cancel() {
			t.Errorf("ended: %v", err)
		}
		if i, l := svc.Info(), dead.List(); i.Refused != 4 || len(l) != 4 || !l[0].Refused ||
			!errors.Is(l[0].Reason, actor.ErrNotRun) {
			t.Errorf("%+v; %+v", i, l)
		}
	})
}

// A service that has ended, and what it owned, are not kept alive by the clock: no timer
// is left there. Nor does the runtime, which keeps a timer that was stopped as long as most
// others are not.
func TestL12ClockKeepsNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // one heap of timers
	crowd := func(due time.Duration) {
		for range 100 {
			timer := time.AfterFunc(due, func() {})
			t.Cleanup(func() { timer.Stop() })
		}
	}
	crowd(500 * time.Hour)
	kept, service := func() (weak.Pointer[clockwork], weak.Pointer[actor.Service[clockwork]]) {
		c := &clockwork{}
		svc := actor.Start(c, actortest.Quiet())
		svc.After(1000*time.Hour, (*clockwork).tick)
		svc.Every(1000*time.Hour, (*clockwork).tick)
		svc.WhenIdle(1000*time.Hour, (*clockwork).tick)
		crowd(2000 * time.Hour)
		actortest.Stop(t, svc)
		return weak.Make(c), weak.Make(svc)
	}()
	actortest.Collected(t, "the T", func() bool { return kept.Value() == nil })
	actortest.Collected(t, "the service", func() bool { return service.Value() == nil })
}
