package laws_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// clockwork is a T that notes when it is called.
type clockwork struct {
	self  *actor.Service[clockwork]
	begin time.Time
	ticks []time.Duration
}

func (c *clockwork) tick() { c.ticks = append(c.ticks, time.Since(c.begin)) }

// noted returns what a service has noted so far.
func noted(t testing.TB, svc *actor.Service[clockwork]) []time.Duration {
	t.Helper()
	ticks, err := actor.Get(context.Background(), svc, func(c *clockwork) []time.Duration {
		return slices.Clone(c.ticks)
	})
	if err != nil {
		t.Errorf("Get = %v", err)
	}
	return ticks
}

func wantTicks(t testing.TB, svc *actor.Service[clockwork], want ...time.Duration) {
	t.Helper()
	if got := noted(t, svc); !slices.Equal(got, want) {
		t.Errorf("ticks at %v, want %v", got, want)
	}
}

// clocked starts a clockwork.
func clocked(opts ...actor.Option) *actor.Service[clockwork] {
	return actor.Start(&clockwork{begin: time.Now()}, append(opts, actortest.Quiet())...)
}

// wound is a constructor that sets timers for what it makes.
func wound(set func(self *actor.Service[clockwork])) func(context.Context) (*clockwork, error) {
	return func(ctx context.Context) (*clockwork, error) {
		c := &clockwork{self: actor.Self[clockwork](ctx), begin: time.Now()}
		set(c.self)
		return c, nil
	}
}

const (
	sec    = time.Second
	minute = time.Minute
)

// In virtual time timers are exact, whoever sets them.
func TestTIMERExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		svc.After(3*sec, (*clockwork).tick)
		svc.Every(2*sec, (*clockwork).tick)
		actortest.Do(t, svc, func(*clockwork) { svc.After(5*sec, (*clockwork).tick) })
		time.Sleep(6*sec + 1)
		wantTicks(t, svc, 2*sec, 3*sec, 4*sec, 5*sec, 6*sec)
		actortest.Stop(t, svc)
	})
}

// A delay that is over already, as time.Until gives it, is at once.
func TestTIMERAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		svc.After(0, (*clockwork).tick)
		svc.After(-sec, (*clockwork).tick)
		synctest.Wait()
		wantTicks(t, svc, 0, 0)
		actortest.Stop(t, svc)
	})
}

// A service that is busy for long has one tick queued when it comes back, and goes on
// in time with the period.
func TestTIMERSlowServiceGetsNoPile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		svc.Every(sec, (*clockwork).tick)
		actortest.Do(t, svc, func(*clockwork) { time.Sleep(10*sec + sec/2) })
		time.Sleep(10*sec + sec/4)
		if n := svc.Info().Queued; n != 1 {
			t.Errorf("%d ticks wait", n)
		}
		time.Sleep(2 * sec)
		wantTicks(t, svc, 10*sec+sec/2, 11*sec, 12*sec)
		actortest.Stop(t, svc)
	})
}

// What takes longer than the period runs again and again, with one tick behind it.
func TestTIMERSlowTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		svc.Every(sec, func(c *clockwork) { c.tick(); time.Sleep(5 * sec / 2) })
		time.Sleep(8*sec + sec/4)
		if n := svc.Info().Queued; n != 1 {
			t.Errorf("%d ticks wait", n)
		}
		actortest.Stop(t, svc)
		i := svc.Info()
		actortest.Balanced(t, i)
		if i.Executed != 3 || i.Dead != 1 {
			t.Errorf("%+v", i)
		}
	})
}

// After Cancel has returned the closure does not begin, also if it was queued.
func TestTIMERCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		svc := clocked(dead.Option())
		waiting := svc.After(2*sec, (*clockwork).tick)
		queued := svc.After(sec, (*clockwork).tick)
		again := svc.Every(sec, (*clockwork).tick)
		b := actortest.Occupy(t, svc)
		time.Sleep(sec)
		synctest.Wait()
		if n := svc.Info().Queued; n != 2 {
			t.Errorf("%d ticks wait, want 2", n)
		}
		for _, timer := range []*actor.Timer{waiting, queued, again} {
			if !timer.Cancel() || timer.Cancel() {
				t.Error("Cancel does not report what it did")
			}
		}
		b.LetGo()
		time.Sleep(minute)
		wantTicks(t, svc)
		actortest.Stop(t, svc)
		i := svc.Info()
		actortest.Balanced(t, i)
		if i.Skipped != 2 || i.Dead != 0 || len(dead.List()) != 0 {
			t.Errorf("%+v; %v", i, dead.List())
		}
	})
}

// A Cancel that comes too late says so.
func TestTIMERCancelledTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		once := svc.After(sec, (*clockwork).tick)
		var self *actor.Timer
		n := 0
		actortest.Do(t, svc, func(*clockwork) { // on the service's goroutine, which uses self
			self = svc.Every(sec, func(*clockwork) {
				if n++; n == 3 && !self.Cancel() {
					t.Error("Cancel by its own tick = false")
				}
			})
		})
		time.Sleep(minute)
		if once.Cancel() || self.Cancel() {
			t.Error("Cancel = true of a timer that has ended")
		}
		if got, err := actor.Get(t.Context(), svc, func(*clockwork) int { return n }); got != 3 || err != nil {
			t.Errorf("%d ticks, %v", got, err)
		}
		actortest.Stop(t, svc)
		var none *actor.Timer
		if none.Cancel() || new(actor.Timer).Cancel() {
			t.Error("Cancel = true of no timer")
		}
	})
}

// Many goroutines cancel at the instant of the tick: it runs or is cancelled, and
// who was told that it would not run finds that it did not.
func TestTIMERCancelRaces(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	for range 2000 {
		ran := false // the service's
		timer := svc.After(0, func(*actortest.Plain) { ran = true })
		cancelled := make(chan bool)
		go func() { cancelled <- timer.Cancel() }()
		prevented := <-cancelled
		got, err := actor.Get(t.Context(), svc, func(*actortest.Plain) bool { return ran })
		if err != nil || prevented && got {
			t.Fatalf("cancelled: %t, ran: %t, %v", prevented, got, err)
		}
	}
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}

// A timer that is cancelled and set again replaces the one before, also if its tick is
// queued: a dead man's handle, pushed in time, until it is not.
func TestTIMERSetAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := clocked()
		var handle *actor.Timer
		push := func() (in bool) {
			in = handle.Cancel() // at first, nil
			handle = svc.After(sec, (*clockwork).tick)
			return in
		}
		if push() || !push() {
			t.Error("Cancel does not report what it did")
		}
		b := actortest.Occupy(t, svc)
		time.Sleep(2 * sec) // the tick is queued
		if !push() {
			t.Error("a queued tick cannot be taken back")
		}
		b.LetGo()
		time.Sleep(2 * sec)
		wantTicks(t, svc, 3*sec)
		actortest.Stop(t, svc)
	})
}

// The idle time begins when nothing runs and waits, begins anew with whatever comes,
// and runs out once; ticks are nothing that comes.
func TestTIMERWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(wound(func(self *actor.Service[clockwork]) {
			self.WhenIdle(10*sec, (*clockwork).tick)
			self.Every(sec, func(*clockwork) {})
		}), actortest.Quiet())
		actortest.Serve(context.Background(), svc)
		time.Sleep(8 * sec)
		actortest.Do(t, svc, func(*clockwork) {}) // at 8
		time.Sleep(5 * sec)
		actortest.Do(t, svc, func(*clockwork) { time.Sleep(30 * sec) }) // from 13 to 43
		time.Sleep(50 * sec)                                            // until 63
		actortest.Do(t, svc, func(*clockwork) {})
		time.Sleep(minute)
		wantTicks(t, svc, 53*sec, 73*sec)
		actortest.Stop(t, svc)
	})
}

// What comes when the idle tick is queued already keeps it from running.
func TestTIMERNotIdleAfterAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(wound(func(self *actor.Service[clockwork]) {
			self.WhenIdle(10*sec, (*clockwork).tick)
			self.After(10*sec-1, func(*clockwork) { time.Sleep(time.Nanosecond) }) // the clock runs down beside it
		}), actortest.Quiet())
		actortest.Serve(context.Background(), svc)
		time.Sleep(10*sec - 1)
		before := 0
		time.AfterFunc(1, func() {
			actortest.Do(t, svc, func(c *clockwork) {
				before = len(c.ticks)
				time.Sleep(sec)
			})
		})
		time.Sleep(minute)
		// At the same instant either may be first.
		if got := noted(t, svc); before == 0 && len(got) != 1 || got[len(got)-1] != 21*sec {
			t.Errorf("%d before the closure, ticks at %v", before, got)
		}
		actortest.Stop(t, svc)
	})
}

func TestTIMERMisusePanics(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	var zero actor.Service[actortest.Plain]
	f := func(*actortest.Plain) {}
	for want, misuse := range map[string]func(){
		"After of a nil":                 func() { svc.After(sec, nil) },
		"Every of a nil":                 func() { svc.Every(sec, nil) },
		"WhenIdle of a nil":              func() { svc.WhenIdle(sec, nil) },
		"Every with a period of 0s":      func() { svc.Every(0, f) },
		"Every with a period of -1ns":    func() { svc.Every(-1, f) },
		"WhenIdle with a period of -1ns": func() { svc.WhenIdle(-1, f) },
		"is made by Start or New":        func() { zero.After(sec, f) },
	} {
		panicsWith(t, want, misuse)
	}
	if i := svc.Info(); i.Accepted != 0 || i.Refused != 0 {
		t.Errorf("%+v", i)
	}
}

// panicsWith demands a panic with the package's prefix and with want in its text.
func panicsWith(t *testing.T, want string, misuse func()) {
	t.Helper()
	defer func() {
		t.Helper()
		v := recover()
		if text, ok := v.(string); !ok || !strings.HasPrefix(text, "actor: ") || !strings.Contains(text, want) {
			t.Errorf("%s: panic: %v", want, v)
		}
	}()
	misuse()
}
