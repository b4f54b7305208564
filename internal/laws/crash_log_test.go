package laws_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

const crashMessage = "actor: service crashed"

// A crash is one record, with everything in it.
func TestCrashIsOneRecord(t *testing.T) {
	var log actortest.Records
	svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithHistory(4))
	actortest.Do(t, svc, func(*actortest.Plain) {})
	if err := svc.Do(panics); err != nil {
		t.Fatal(err)
	}
	<-svc.Done()
	all := len(log.List())
	found := log.With(crashMessage)
	if len(found) != 1 || all != 1 {
		t.Fatalf("%d records of a crash among %d", len(found), all)
	}
	rec := found[0]
	for key, want := range map[string]string{
		"service": "Plain", "func": "panics", "file": "crash_log_test.go", "site": "TestCrashIsOneRecord",
		"history": "TestCrashIsOneRecord", "stack": "panics",
	} {
		if got := actortest.Attr(rec, key).String(); !strings.Contains(got, want) || key == "file" && got != want {
			t.Errorf("%s is %q, without %q", key, got, want)
		}
	}
	if actortest.Attr(rec, "line").Int64() == 0 || actortest.Attr(rec, "incarnation").Uint64() != 1 || actortest.Attr(rec, "count").Uint64() != 1 ||
		actortest.Attr(rec, "waiting").Int64() != 0 || actortest.Attr(rec, "value").String() == "" {
		t.Errorf("%v", rec)
	}
}

// What is not known of a crash, or of a closure that is slow, is left out of its record.
func TestCrashLogsWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text, object bytes.Buffer
		for b, h := range map[*bytes.Buffer]slog.Handler{&text: slog.NewTextHandler(&text, nil), &object: slog.NewJSONHandler(&object, nil)} {
			svc := actor.Start(&actortest.Plain{}, actor.WithLogger(slog.New(h)), actor.WithSlowClosure(time.Second))
			_ = svc.Do(func(*actortest.Plain) { time.Sleep(3 * time.Second) })
			_ = svc.Do(panics)
			<-svc.Done()
			synctest.Wait()
			log := b.String()
			for _, known := range []string{"service crashed", "slow closure", "incarnation", "stack"} {
				if !strings.Contains(log, known) {
					t.Errorf("no %s in %s", known, log)
				}
			}
			for _, unknown := range []string{`""`, "callers", "waiters", "waits for"} {
				if strings.Contains(log, unknown) {
					t.Errorf("%s is in %s", unknown, log)
				}
			}
		}
	})
}

// crashLoop serves and crashes a service n times, every interval.
func crashLoop(t *testing.T, svc *actor.Service[actortest.Plain], n int, interval time.Duration) {
	for range n {
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		actortest.Do(t, svc, actortest.Panics)
		<-served
		time.Sleep(interval)
	}
}

// Of repeated crashes one record a second is written, with the number of those that it
// stands for: none is lost.
func TestCrashesAreCountedNotLost(t *testing.T) {
	build := func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }
	count := func(log *actortest.Records) (n uint64) {
		for _, rec := range log.With(crashMessage) {
			n += actortest.Attr(rec, "count").Uint64()
		}
		return n
	}
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		svc := actor.New(build, log.Option())
		crashLoop(t, svc, 25, 100*time.Millisecond) // for two seconds and a half
		time.Sleep(time.Minute)
		all := log.With(crashMessage)
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
		if now := log.With(crashMessage); len(now) != len(all)+1 || actortest.Attr(now[len(all)], "count").Uint64() != 1 {
			t.Errorf("%d records, the last is %v", len(now), now[len(now)-1])
		}
		actortest.Stop(t, svc)
	})
	synctest.Test(t, func(t *testing.T) { // held back, and written at the end
		var log actortest.Records
		svc := actor.New(build, log.Option())
		crashLoop(t, svc, 5, 0)
		if len(log.With(crashMessage)) != 1 {
			t.Error("nothing is held back")
		}
		actortest.Stop(t, svc)
		if count(&log) != 5 {
			t.Errorf("%d of 5 crashes are in the log at the end", count(&log))
		}
		time.Sleep(time.Hour)
		if n := len(log.With(crashMessage)); n != 2 {
			t.Errorf("%d records", n)
		}
	})
}

// A crash that comes at the instant at which those that were held back are to be logged is
// logged with them, or held back itself: there is a second between two records.
func TestCrashAtTheInstantOfTheTimer(t *testing.T) {
	for range 200 { // which of the two is first is open
		synctest.Test(t, func(t *testing.T) {
			var log actortest.Records
			svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, log.Option())
			crashLoop(t, svc, 2, 500*time.Millisecond) // the second is to be logged at 1 s, which it is now
			crashLoop(t, svc, 3, 0)
			time.Sleep(time.Minute)
			all := log.With(crashMessage)
			count := uint64(0)
			for i, rec := range all {
				count += actortest.Attr(rec, "count").Uint64()
				if i > 0 && rec.Time.Sub(all[i-1].Time) < time.Second {
					t.Errorf("record %d comes %v after the one before", i, rec.Time.Sub(all[i-1].Time))
				}
			}
			if len(all) != 3 || count != 5 {
				t.Errorf("%d records of %d crashes", len(all), count)
			}
			actortest.Stop(t, svc)
		})
	}
}

// A crash of the constructor and of Close has its incarnation too.
func TestCrashOfConstructorAndClose(t *testing.T) {
	var log actortest.Records
	svc := actor.New(func(context.Context) (*actortest.Plain, error) { panic("no plan") }, log.Option())
	<-actortest.Serve(actortest.Supervised(context.Background()), svc)
	actortest.Stop(t, svc)
	all := log.With(crashMessage)
	if len(all) != 1 || actortest.Attr(all[0], "incarnation").Uint64() != 1 {
		t.Errorf("%v", all)
	}
}

// panics is here, and not a helper of actortest: that package is the library's, and the stack
// of a crash is without its frames.
func panics(*actortest.Plain) { panic("boom") }
