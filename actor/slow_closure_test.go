package actor_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
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
				var log records
				svc := actor.Start(&plain{}, log.option(), actor.WithSlowClosure(d))
				for range 3 { // each of them quick
					do(t, svc, func(*plain) { time.Sleep(before / 3) })
				}
				var start time.Time
				var line string
				do(t, svc, func(*plain) {
					line = here()
					start = time.Now()
					time.Sleep(2*d + d/2)
				})
				do(t, svc, func(*plain) {})
				stop(t, svc)
				time.Sleep(time.Hour)
				all := log.with(slowMessage)
				if len(all) != 1 {
					t.Fatalf("%d reports", len(all))
				}
				if after := all[0].Time.Sub(start); after < d || after > 2*d {
					t.Errorf("reported after %v", after)
				}
				file, _, _ := strings.Cut(line, ":")
				running := attr(all[0], "running").String()
				if !strings.Contains(running, "TestL10SlowClosureIsReported") || !strings.Contains(running, file) {
					t.Errorf("the closure is named %q", running)
				}
				if n := attr(all[0], "waiting").Int64(); n != 1 {
					t.Errorf("%d wait behind it", n)
				}
			})
		})
	}
}

// Quick closures are not reported, however long the service is at work.
func TestL10QuickClosuresAreNotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log records
		svc := actor.Start(&plain{}, log.option(), actor.WithSlowClosure(10*time.Millisecond))
		for range 1000 {
			do(t, svc, func(*plain) { time.Sleep(9 * time.Millisecond) })
		}
		stop(t, svc)
		if n := len(log.with(slowMessage)); n != 0 {
			t.Errorf("%d reports", n)
		}
	})
}

// One that never returns is reported again at growing intervals, a bounded number
// of times. A year in a bubble takes as long as the timers that fire in it: a watch
// without an end would not let it pass.
func TestL10SlowReportsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log records
		svc := actor.Start(&plain{}, log.option(), actor.WithSlowClosure(time.Millisecond))
		b := occupy(t, svc)
		time.Sleep(365 * 24 * time.Hour)
		all := log.with(slowMessage)
		if len(all) < 2 || len(all) > 10 {
			t.Fatalf("%d reports", len(all))
		}
		for i := 2; i < len(all); i++ {
			last, now := all[i-1].Time.Sub(all[i-2].Time), all[i].Time.Sub(all[i-1].Time)
			if now <= last {
				t.Errorf("report %d comes %v after the last, that %v after its own", i, now, last)
			}
		}
		b.letGo()
		do(t, svc, func(*plain) {})
		synctest.Wait()

		// Later closures are watched again.
		again := occupy(t, svc)
		time.Sleep(time.Second)
		again.letGo()
		stop(t, svc)
		if len(log.with(slowMessage)) == len(all) {
			t.Error("a later closure was not reported")
		}
	})
}

// A service without work, or without an incarnation, is not watched: nothing fires
// in a year.
func TestL10WatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log records
		option := actor.WithSlowClosure(time.Nanosecond)
		idle := actor.Start(&plain{}, log.option(), option)
		do(t, idle, func(*plain) {})
		stuck := actor.Start(&plain{}, log.option(), option)
		b := occupy(t, stuck)
		stuck.Kill()
		crashed := actor.Start(&plain{}, log.option(), option)
		do(t, crashed, panics)
		time.Sleep(365 * 24 * time.Hour)
		if n := len(log.with(slowMessage)); n != 0 {
			t.Errorf("%d reports", n)
		}
		b.letGo()
		stop(t, idle)
	})
}

// A declared service that nobody serves is reported once, with the place of its
// declaration.
func TestL10UnservedIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log records
		build := func(context.Context) (*plain, error) { return &plain{}, nil }
		declare := func() (plainService, string) { return actor.New(build, log.option()), here() }
		start := time.Now()
		svc, place := declare()
		do(t, svc, func(*plain) {})
		time.Sleep(time.Hour)
		all := log.with(unservedMessage)
		if len(all) != 1 {
			t.Fatalf("%d reports", len(all))
		}
		if declared := attr(all[0], "declared").String(); !strings.HasSuffix(declared, place) {
			t.Errorf("declared at %q, want %q", declared, place)
		}
		if after := all[0].Time.Sub(start); after > 10*time.Second {
			t.Errorf("reported after %v", after)
		}
		stop(t, svc)
	})
}

// Whatever makes the service anything but pending and unserved in time ends that
// watch.
func TestL10ServedIsNotReported(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(plainService)
	}{
		{"Serve", func(svc plainService) { serve(context.Background(), svc) }},
		{"Stop", func(svc plainService) { _ = svc.Stop(context.Background()) }},
		{"Kill", plainService.Kill},
		{"Abandon", plainService.Abandon},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log records
				svc := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, log.option())
				test.do(svc)
				time.Sleep(time.Hour)
				if len(log.with(unservedMessage)) != 0 {
					t.Error("reported")
				}
				stop(t, svc)
			})
		})
	}
}
