package laws_test

import (
	"context"
	"reflect"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A closure that crashed counts as crashed, and as executed; who has its answer sees
// it in the numbers, and the service's next incarnation goes on counting.
func TestL3CrashedIsCounted(t *testing.T) {
	ctx := context.Background()
	build, _ := maker(nil)
	svc := actor.New(build, actortest.Quiet(), actor.WithBatch(1, func(c *closing) error {
		if c.close != nil {
			panic("commit")
		}
		return nil
	}))
	var want uint64
	for _, row := range []struct {
		name     string
		do       func() error
		answered bool
	}{
		{"a panic", func() error { return svc.Run(ctx, func(*closing) error { panic("boom") }) }, true},
		{"a Goexit", func() error { return svc.Run(ctx, func(*closing) error { runtime.Goexit(); return nil }) }, true},
		{"a commit", func() error {
			_, err := actor.CallBatched(ctx, svc, func(c *closing) (int, error) {
				c.close = func() error { return nil }
				return 0, nil
			})
			return err
		}, true},
		{"Do", func() error { return svc.Do(func(*closing) { panic("boom") }) }, false},
		{"a tick", func() error { return svc.After(0, func(*closing) { panic("boom") }).Err() }, false},
	} {
		served := actortest.Serve(actortest.Supervised(ctx), svc)
		if err := svc.Run(ctx, actortest.Nothing[closing]); err != nil {
			t.Error(err)
		}
		err := row.do()
		want++
		if row.answered {
			if actor.OutcomeOf(err) != actor.Crashed {
				t.Errorf("%s: %v", row.name, err)
			}
			if i := svc.Info(); i.Crashed != want {
				t.Errorf("%s: %d crashed at the answer, want %d", row.name, i.Crashed, want)
			}
		}
		<-served
		if i := svc.Info(); i.Crashed != want || i.Executed != 2*want {
			t.Errorf("%s: %d crashed, %d executed, want %d, %d", row.name, i.Crashed, i.Executed, want, 2*want)
		}
	}
	svc.Kill()
	actortest.Balanced(t, svc.Info())
}

// What is no closure is in no count of closures, although it crashes the service.
func TestL3CrashOfAnotherKindIsNoClosure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
		if err := actor.Pipe(svc, func(context.Context) (int, error) { panic("work") }, func(*actortest.Plain, int, error) {}); err != nil {
			t.Fatal(err)
		}
		<-svc.Done()
		if i := svc.Info(); i.Crashed != 0 || i.Crash == nil || i.Crash.Count != 1 {
			t.Errorf("%+v", i)
		}
	})
}

// All that was handed over is in one of the numbers, and each number is what it says.
func TestL3EachNumberIsWhatItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		var dead actortest.Letters
		svc := actor.New(wound(func(*actor.Service[clockwork]) {}), actortest.Quiet(), dead.Option(), actor.WithCapacity(4))
		if err := svc.After(sec, (*clockwork).tick).Err(); err == nil { // refused: 1
			t.Error("a timer was set without an incarnation")
		}
		served := actortest.Serve(actortest.Supervised(ctx), svc)
		synctest.Wait()
		svc.After(minute, (*clockwork).tick)          // untimely: 1
		svc.After(minute, (*clockwork).tick).Cancel() // nothing
		svc.Every(minute, (*clockwork).tick)          // nothing
		svc.WhenIdle(minute, (*clockwork).tick)       // nothing
		b := actortest.Occupy(t, svc)                 // executed: 1
		svc.After(0, (*clockwork).tick)               // executed: 2
		svc.After(0, (*clockwork).tick).Cancel()      // skipped: 1
		caller, leave := context.WithCancel(ctx)
		gone := make(chan error, 1)
		go func() { gone <- svc.Run(caller, actortest.Nothing[clockwork]) }() // skipped: 2
		synctest.Wait()
		leave()
		<-gone
		actortest.Do(t, svc, func(*clockwork) { panic("crash") }) // executed: 3, crashed: 1; the mailbox is full
		if svc.Do((*clockwork).tick) != actor.ErrMailboxFull {
			t.Error("not refused") // refused: 2
		}
		svc.After(0, (*clockwork).tick)   // in line, then behind the crash: dead in the next incarnation: 1
		svc.After(sec, (*clockwork).tick) // untimely: 2
		if n := svc.Info().Queued; n != 4 {
			t.Errorf("%d queued", n)
		}
		panics := svc.After(0, (*clockwork).tick)
		if !panics.Cancel() { // it has left the line: never accepted
			t.Error("Cancel = false")
		}
		b.LetGo()
		<-served
		want := actor.Info{Accepted: 6, Executed: 3, Crashed: 1, Skipped: 2, Queued: 1, Refused: 2, Untimely: 2}
		wantNumbers(t, "crashed", svc.Info(), want)
		served = actortest.Serve(actortest.Supervised(ctx), svc)
		synctest.Wait()
		want.Queued, want.Dead = 0, 1
		wantNumbers(t, "restarted", svc.Info(), want)
		svc.After(minute, (*clockwork).tick) // untimely: 3
		last := actortest.Occupy(t, svc)     // executed: 4
		for range 4 {
			actortest.Do(t, svc, func(*clockwork) {}) // executed: 8
		}
		svc.After(0, (*clockwork).tick) // in line until the mailbox is closed: untimely, 4
		go actortest.Stop(t, svc)
		synctest.Wait()
		last.LetGo()
		<-served
		want.Accepted, want.Executed, want.Refused, want.Untimely = 11, 8, 2, 4
		wantNumbers(t, "stopped", svc.Info(), want)
		if n := len(dead.List()); n != int(want.Dead+want.Refused) {
			t.Errorf("%d letters", n)
		}
	})
}

func wantNumbers(t *testing.T, when string, i, want actor.Info) {
	t.Helper()
	actortest.Balanced(t, i)
	got := actor.Info{
		Accepted: i.Accepted, Executed: i.Executed, Crashed: i.Crashed, Dead: i.Dead, Skipped: i.Skipped,
		Queued: i.Queued, Running: i.Running, Refused: i.Refused, Untimely: i.Untimely,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v\nwant %+v", when, got, want)
	}
}
