package actor_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
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
		svc := actor.New((&factory{}).build, quiet())
		check := func(step string, want numbers) {
			t.Helper()
			synctest.Wait()
			balanced(t, svc.Info())
			if got := numbersOf(svc.Info()); got != want {
				t.Errorf("%s: %+v; want %+v", step, got, want)
			}
		}
		check("new", numbers{})
		do(t, svc, func(*closable) {})
		check("queued while pending", numbers{accepted: 1, queued: 1})
		served := serve(supervised(context.Background()), svc)
		check("served", numbers{accepted: 1, executed: 1})
		b := occupy(t, svc)
		check("one runs", numbers{accepted: 2, executed: 1, running: 1})
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_ = svc.Run(ctx, func(*closable) error { t.Error("a dead call ran"); return nil })
		}
		do(t, svc, func(*closable) { panic("crash") })
		do(t, svc, func(*closable) { time.Sleep(time.Hour) })
		check("four wait", numbers{accepted: 6, executed: 1, queued: 4, running: 1})
		b.letGo()
		<-served
		check("crashed", numbers{accepted: 6, executed: 3, skipped: 2, queued: 1})
		served = serve(supervised(context.Background()), svc)
		check("restarted", numbers{accepted: 6, executed: 3, skipped: 2, running: 1})
		do(t, svc, func(*closable) {})
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
	svc := actor.Start(&plain{}, quiet())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for range count {
			do(t, svc, func(*plain) {})
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
		balanced(t, last)
	}
	stop(t, svc)
}

// The numbers are right when a hook is told of the end of a queue: that has been emptied.
func TestL3NumbersInTheHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var svc *actor.Service[plain]
		var seen []numbers
		svc = actor.Start(&plain{}, quiet(), actor.WithDeadLetters(func(actor.DeadLetter) {
			seen = append(seen, numbersOf(svc.Info()))
		}))
		do(t, svc, func(*plain) {})
		b := occupy(t, svc)
		for range 3 {
			do(t, svc, refusedHere)
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
		b.letGo()
	})
}
