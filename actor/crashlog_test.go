package actor_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

const crashMessage = "actor: service crashed"

// A crash is one record, with everything in it.
func TestCrashIsOneRecord(t *testing.T) {
	var log records
	svc := actor.Start(&plain{}, log.option(), actor.WithHistory(4))
	do(t, svc, func(*plain) {})
	if err := svc.Do(panics); err != nil {
		t.Fatal(err)
	}
	<-svc.Done()
	log.mu.Lock()
	all := len(log.all)
	log.mu.Unlock()
	found := log.with(crashMessage)
	if len(found) != 1 || all != 1 {
		t.Fatalf("%d records of a crash among %d", len(found), all)
	}
	rec := found[0]
	for key, want := range map[string]string{
		"service": "plain", "func": "panics", "file": "queue_helpers_test.go", "site": "TestCrashIsOneRecord",
		"history": "TestCrashIsOneRecord", "stack": "panics",
	} {
		if got := attr(rec, key).String(); !strings.Contains(got, want) || key == "file" && got != want {
			t.Errorf("%s is %q, without %q", key, got, want)
		}
	}
	if attr(rec, "line").Int64() == 0 || attr(rec, "incarnation").Uint64() != 1 || attr(rec, "count").Uint64() != 1 ||
		attr(rec, "waiting").Int64() != 0 || attr(rec, "value").String() == "" {
		t.Errorf("%v", rec)
	}
}

// crashLoop serves and crashes a service n times, every interval.
func crashLoop(t *testing.T, svc plainService, n int, interval time.Duration) {
	for range n {
		served := serve(supervised(context.Background()), svc)
		do(t, svc, panics)
		<-served
		time.Sleep(interval)
	}
}

// Of repeated crashes one record a second is written, with the number of those that it
// stands for: none is lost.
func TestCrashesAreCountedNotLost(t *testing.T) {
	build := func(context.Context) (*plain, error) { return &plain{}, nil }
	count := func(log *records) (n uint64) {
		for _, rec := range log.with(crashMessage) {
			n += attr(rec, "count").Uint64()
		}
		return n
	}
	synctest.Test(t, func(t *testing.T) {
		var log records
		svc := actor.New(build, log.option())
		crashLoop(t, svc, 25, 100*time.Millisecond) // for two seconds and a half
		time.Sleep(time.Minute)
		all := log.with(crashMessage)
		if len(all) != 4 || count(&log) != 25 { // at 0, 1 and 2 s, and what was left
			t.Errorf("%d records of %d crashes", len(all), count(&log))
		}
		for i := 1; i < len(all); i++ {
			if d := all[i].Time.Sub(all[i-1].Time); d < time.Second {
				t.Errorf("record %d comes %v after the one before", i, d)
			}
		}
		if i := svc.Info(); i.Crash == nil || i.Crash.Count != 25 {
			t.Errorf("Info: %+v", i.Crash)
		}

		// One much later is written at once.
		crashLoop(t, svc, 1, 0)
		if now := log.with(crashMessage); len(now) != len(all)+1 || attr(now[len(all)], "count").Uint64() != 1 {
			t.Errorf("%d records, the last is %v", len(now), now[len(now)-1])
		}
		stop(t, svc)
	})
	synctest.Test(t, func(t *testing.T) { // held back, and written at the end
		var log records
		svc := actor.New(build, log.option())
		crashLoop(t, svc, 5, 0)
		if len(log.with(crashMessage)) != 1 {
			t.Error("nothing is held back")
		}
		stop(t, svc)
		if count(&log) != 5 {
			t.Errorf("%d of 5 crashes are in the log at the end", count(&log))
		}
		time.Sleep(time.Hour)
		if n := len(log.with(crashMessage)); n != 2 {
			t.Errorf("%d records", n)
		}
	})
}

// A crash that comes at the instant at which those that were held back are to be logged is
// logged with them, or held back itself: there is a second between two records.
func TestCrashAtTheInstantOfTheTimer(t *testing.T) {
	for range 200 { // which of the two is first is open
		synctest.Test(t, func(t *testing.T) {
			var log records
			svc := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, log.option())
			crashLoop(t, svc, 2, 500*time.Millisecond) // the second is to be logged at 1 s, which it is now
			crashLoop(t, svc, 3, 0)
			time.Sleep(time.Minute)
			all := log.with(crashMessage)
			count := uint64(0)
			for i, rec := range all {
				count += attr(rec, "count").Uint64()
				if i > 0 && rec.Time.Sub(all[i-1].Time) < time.Second {
					t.Errorf("record %d comes %v after the one before", i, rec.Time.Sub(all[i-1].Time))
				}
			}
			if len(all) != 3 || count != 5 {
				t.Errorf("%d records of %d crashes", len(all), count)
			}
			stop(t, svc)
		})
	}
}

// A crash of the constructor and of Close has its incarnation too.
func TestCrashOfConstructorAndClose(t *testing.T) {
	var log records
	svc := actor.New(func(context.Context) (*plain, error) { panic("no plan") }, log.option())
	<-serve(supervised(context.Background()), svc)
	stop(t, svc)
	all := log.with(crashMessage)
	if len(all) != 1 || attr(all[0], "incarnation").Uint64() != 1 {
		t.Errorf("%v", all)
	}
}
