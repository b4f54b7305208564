package laws_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

const (
	slowMessage     = "actor: slow closure"
	unservedMessage = "actor: nobody serves the service"
)

// A closure that runs longer than the threshold is reported once between one and
// two thresholds after its start, by name, wherever it stands in the work.
func TestL10SlowClosureIsReported(t *testing.T) {
	const d = 10 * time.Millisecond
	for _, before := range []time.Duration{0, 1, d / 3, d - 1, d, d + 1, 5 * d / 2} {
		t.Run(before.String()+" after the service began to work", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log actortest.Records
				svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithSlowClosure(d))
				for range 3 { // each of them quick
					actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(before / 3) })
				}
				var start time.Time
				var line string
				actortest.Do(t, svc, func(*actortest.Plain) {
					line = actortest.Here()
					start = time.Now()
					time.Sleep(2*d + d/2)
				})
				actortest.Do(t, svc, func(*actortest.Plain) {})
				actortest.Stop(t, svc)
				time.Sleep(time.Hour)
				all := log.With(slowMessage)
				if len(all) != 1 {
					t.Fatalf("%d reports", len(all))
				}
				if after := all[0].Time.Sub(start); after < d || after > 2*d {
					t.Errorf("reported after %v", after)
				}
				file, _, _ := strings.Cut(line, ":")
				running := actortest.Attr(all[0], "running").String()
				if !strings.Contains(running, "TestL10SlowClosureIsReported") || !strings.Contains(running, file) {
					t.Errorf("the closure is named %q", running)
				}
				if n := actortest.Attr(all[0], "waiting").Int64(); n != 1 {
					t.Errorf("%d wait behind it", n)
				}
			})
		})
	}
}

// Quick closures are not reported, however long the service is at work.
func TestL10QuickClosuresAreNotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithSlowClosure(10*time.Millisecond))
		for range 1000 {
			actortest.Do(t, svc, func(*actortest.Plain) { time.Sleep(9 * time.Millisecond) })
		}
		actortest.Stop(t, svc)
		if n := len(log.With(slowMessage)); n != 0 {
			t.Errorf("%d reports", n)
		}
	})
}

// One that never returns is reported again at growing intervals, a bounded number
// of times. A year in a bubble takes as long as the timers that fire in it: a watch
// without an end would not let it pass.
func TestL10SlowReportsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithSlowClosure(time.Millisecond))
		b := actortest.Occupy(t, svc)
		time.Sleep(365 * 24 * time.Hour)
		all := log.With(slowMessage)
		if len(all) < 2 || len(all) > 10 {
			t.Fatalf("%d reports", len(all))
		}
		for i := 2; i < len(all); i++ {
			last, now := all[i-1].Time.Sub(all[i-2].Time), all[i].Time.Sub(all[i-1].Time)
			if now <= last {
				t.Errorf("report %d comes %v after the last, that %v after its own", i, now, last)
			}
		}
		b.LetGo()
		actortest.Do(t, svc, func(*actortest.Plain) {})
		synctest.Wait()

		// Later closures are watched again.
		again := actortest.Occupy(t, svc)
		time.Sleep(time.Second)
		again.LetGo()
		actortest.Stop(t, svc)
		if len(log.With(slowMessage)) == len(all) {
			t.Error("a later closure was not reported")
		}
	})
}

// A service without work, or without an incarnation, is not watched: nothing fires
// in a year.
func TestL10WatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		option := actor.WithSlowClosure(time.Nanosecond)
		idle := actor.Start(&actortest.Plain{}, log.Option(), option)
		actortest.Do(t, idle, func(*actortest.Plain) {})
		stuck := actor.Start(&actortest.Plain{}, log.Option(), option)
		b := actortest.Occupy(t, stuck)
		stuck.Kill()
		crashed := actor.Start(&actortest.Plain{}, log.Option(), option)
		actortest.Do(t, crashed, actortest.Panics)
		time.Sleep(365 * 24 * time.Hour)
		if n := len(log.With(slowMessage)); n != 0 {
			t.Errorf("%d reports", n)
		}
		b.LetGo()
		actortest.Stop(t, idle)
	})
}

// A declared service that nobody serves is reported once, with the place of its
// declaration.
func TestL10UnservedIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
		declare := func() (plainService, string) { return actor.New(build, log.Option()), actortest.Here() }
		start := time.Now()
		svc, place := declare()
		actortest.Do(t, svc, func(*actortest.Plain) {})
		time.Sleep(time.Hour)
		all := log.With(unservedMessage)
		if len(all) != 1 {
			t.Fatalf("%d reports", len(all))
		}
		if declared := actortest.Attr(all[0], "declared").String(); !strings.HasSuffix(declared, place) {
			t.Errorf("declared at %q, want %q", declared, place)
		}
		if after := all[0].Time.Sub(start); after > 10*time.Second {
			t.Errorf("reported after %v", after)
		}
		actortest.Stop(t, svc)
	})
}

// Whatever makes the service anything but pending and unserved in time ends that
// watch.
func TestL10ServedIsNotReported(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(plainService)
	}{
		{"Serve", func(svc plainService) { actortest.Serve(context.Background(), svc) }},
		{"Stop", func(svc plainService) { _ = svc.Stop(context.Background()) }},
		{"Kill", plainService.Kill},
		{"Abandon", plainService.Abandon},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log actortest.Records
				svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, log.Option())
				actortest.Do(t, svc, func(*actortest.Plain) {})
				test.do(svc)
				time.Sleep(time.Hour)
				if len(log.With(unservedMessage)) != 0 {
					t.Error("reported")
				}
				actortest.Stop(t, svc)
			})
		})
	}
}

// A declared service for which nothing has been queued has no timer: nothing waits for it. What
// is queued later, also where the oldest is dropped, begins the time.
func TestL10UnservedWithNothingQueued(t *testing.T) {
	for _, option := range []actor.Option{actor.WithName("bounded"), actor.WithOverflow(actor.DropOldest)} {
		synctest.Test(t, func(t *testing.T) {
			var log actortest.Records
			options := []actor.Option{log.Option(), actor.WithCapacity(2), option}
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, options...)
			time.Sleep(time.Hour)
			if len(log.With(unservedMessage)) != 0 {
				t.Error("reported")
			}
			actortest.Do(t, svc, func(*actortest.Plain) {})
			time.Sleep(5*time.Second - 1)
			if len(log.With(unservedMessage)) != 0 {
				t.Error("reported before 5 s")
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			if len(log.With(unservedMessage)) != 1 {
				t.Errorf("%d reports after 5 s", len(log.With(unservedMessage)))
			}
			actortest.Stop(t, svc)
		})
	}
}
