package laws_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// numbers is the part of Info that L3 speaks of.
type numbers struct {
	accepted, executed, dead, skipped uint64
	queued, running                   int
}

func numbersOf(i actor.Info) numbers {
	return numbers{i.Accepted, i.Executed, i.Dead, i.Skipped, i.Queued, i.Running}
}

// The numbers tell where each closure is, step by step.
func TestL3NumbersStepByStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		check := func(step string, want numbers) {
			t.Helper()
			synctest.Wait()
			actortest.Balanced(t, svc.Info())
			if got := numbersOf(svc.Info()); got != want {
				t.Errorf("%s: %+v; want %+v", step, got, want)
			}
		}
		check("new", numbers{})
		actortest.Do(t, svc, func(*actortest.Closable) {})
		check("queued while pending", numbers{accepted: 1, queued: 1})
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		check("served", numbers{accepted: 1, executed: 1})
		b := actortest.Occupy(t, svc)
		check("one runs", numbers{accepted: 2, executed: 1, running: 1})
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_ = svc.Run(ctx, func(*actortest.Closable) error { t.Error("a dead call ran"); return nil })
		}
		actortest.Do(t, svc, func(*actortest.Closable) { panic("crash") })
		actortest.Do(t, svc, func(*actortest.Closable) { time.Sleep(time.Hour) })
		check("four wait", numbers{accepted: 6, executed: 1, queued: 4, running: 1})
		b.LetGo()
		<-served
		check("crashed", numbers{accepted: 6, executed: 3, skipped: 2, queued: 1})
		served = actortest.Serve(actortest.Supervised(context.Background()), svc)
		check("restarted", numbers{accepted: 6, executed: 3, skipped: 2, running: 1})
		actortest.Do(t, svc, func(*actortest.Closable) {})
		svc.Kill()
		check("killed, and a closure still runs", numbers{accepted: 7, executed: 3, dead: 1, skipped: 2,
			running: 1})
		<-served
		check("it has returned", numbers{accepted: 7, executed: 4, dead: 1, skipped: 2})
	})
}

// While closures are being sent and run, no number goes back and none is made up;
// while they only run, the numbers add up at any moment.
func TestL3NumbersWhileAtWork(t *testing.T) {
	const count = 20_000
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for range count {
			actortest.Do(t, svc, func(*actortest.Plain) {})
		}
	}()
	var last actor.Info
	look := func() actor.Info {
		i := svc.Info()
		if i.Accepted < last.Accepted || i.Executed < last.Executed || i.Executed > i.Accepted ||
			i.Dead+i.Skipped+i.Refused != 0 {
			t.Fatalf("%+v after %+v", i, last)
		}
		last = i
		return i
	}
	for sending := true; sending; look() {
		select {
		case <-sent:
			sending = false
		default:
		}
	}
	for look().Executed != count {
		actortest.Balanced(t, last)
	}
	actortest.Stop(t, svc)
}

// The numbers are right when a hook is told of the end of a queue: that has been emptied.
func TestL3NumbersInTheHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var svc *actor.Service[actortest.Plain]
		var seen []numbers
		svc = actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) {
			seen = append(seen, numbersOf(svc.Info()))
		}))
		actortest.Do(t, svc, func(*actortest.Plain) {})
		b := actortest.Occupy(t, svc)
		for range 3 {
			actortest.Do(t, svc, refusedHere)
		}
		svc.Kill()
		if len(seen) != 3 {
			t.Errorf("the hook saw %+v", seen)
		}
		for n, got := range seen {
			if want := (numbers{5, 1, 3, 0, 0, 1}); got != want {
				t.Errorf("dead letter %d saw %+v; want %+v", n, got, want)
			}
		}
		b.LetGo()
	})
}
