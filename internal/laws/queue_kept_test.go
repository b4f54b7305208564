package laws_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// ending is a way for an incarnation to end so that another one follows. It is
// called while the incarnation runs a blocker, which then is let go; restart ends
// the context of Serve as a supervisor does that restarts its child.
type ending struct {
	name string
	end  func(svc *actor.Service[actortest.Closable], restart func())
	next int  // number of the incarnation that runs the queue
	last bool // end is the closure that is queued first, not called from outside
}

// occupies serves svc, with a blocker that runs. What is queued before finish is called,
// which lets go of it and waits, comes behind the end.
func (e ending) occupies(t *testing.T, svc *actor.Service[actortest.Closable]) (finish func()) {
	ctx, cancel := context.WithCancelCause(t.Context())
	served := actortest.Serve(actortest.Supervised(ctx), svc)
	b := actortest.Occupy(t, svc)
	restart := func() { cancel(actor.Restart); synctest.Wait() }
	if e.last {
		actortest.Do(t, svc, func(*actortest.Closable) {
			if e.end == nil {
				panic("boom")
			}
			e.end(svc, restart)
		})
	}
	return func() {
		if !e.last {
			e.end(svc, restart)
		}
		b.LetGo()
		<-served
	}
}

var endings = []ending{
	{"a panic", nil, 2, true},
	{"Goexit", func(*actor.Service[actortest.Closable], func()) { runtime.Goexit() }, 2, true},
	{"a restart", func(_ *actor.Service[actortest.Closable], restart func()) { restart() }, 2, false},
	{"cut off", func(svc *actor.Service[actortest.Closable], _ func()) { svc.CutOff(true) }, 2, false},
}

// What was queued and not started runs on the next incarnation, in order, and so
// does what comes between the two.
func TestL9QueueSurvivesRestart(t *testing.T) {
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { queueSurvives(t, e) })
		})
	}
}

func queueSurvives(t *testing.T, e ending) {
	var f actortest.Factory
	var d actortest.Diary
	svc := actor.New(f.Build, actortest.Quiet())
	finish := e.occupies(t, svc)
	for i := range 20 {
		actortest.Do(t, svc, d.Note(i))
	}
	answer := actor.Async(svc, func(c *actortest.Closable) (int64, error) { d.Note("call")(c); return c.Number, nil })
	finish()
	actortest.InState(t, svc, actor.Pending)
	d.Expect(t, "") // nothing more ran on the old one
	actortest.Do(t, svc, d.Note("between"))

	again := actortest.Serve(actortest.Supervised(context.Background()), svc)
	synctest.Wait()
	want := ""
	for i := range 20 {
		want += fmt.Sprintf("%d:%d ", e.next, i)
	}
	d.Expect(t, fmt.Sprintf("%s%d:call %d:between", want, e.next, e.next))
	if n, err := answer.Await(t.Context()); n != int64(e.next) || err != nil {
		t.Errorf("the queued call: %v, %v", n, err)
	}
	actortest.Do(t, svc, d.Note("after")) // the handle is the same one
	actortest.Stop(t, svc)
	<-again
	actortest.Balanced(t, svc.Info())
}

// A constructor that fails takes nothing from the queue.
func TestL9QueueSurvivesConstructor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f actortest.Factory
		var d actortest.Diary
		tries := 0
		svc := actor.New(func(ctx context.Context) (*actortest.Closable, error) {
			switch tries++; tries {
			case 1:
				return nil, errors.New("no connection")
			case 2:
				panic("boom")
			case 3:
				return nil, nil
			case 4:
				actor.Exit(ctx, errors.New("not yet"))
			}
			return f.Build(ctx)
		}, actortest.Quiet())
		want := "2:0 2:1 2:2" // the first T was made and not used
		for i := range 3 {
			actortest.Do(t, svc, d.Note(i))
		}
		for range 4 {
			if err := <-actortest.Serve(actortest.Supervised(context.Background()), svc); err == nil {
				t.Error("Serve did not fail")
			}
			actortest.InState(t, svc, actor.Pending)
			d.Expect(t, "")
		}
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		d.Expect(t, want)
		actortest.Stop(t, svc)
	})
}

// A supervisor that crashed, or gave up, calls nothing; its successor serves the
// same handle.
func TestL9QueueSurvivesSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f actortest.Factory
		var d actortest.Diary
		svc := actor.New(f.Build, actortest.Quiet())
		first, giveUp := context.WithCancelCause(context.Background())
		served := actortest.Serve(actortest.Supervised(first), svc)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, d.Note("queued"))
		giveUp(actor.Restart)
		synctest.Wait()
		b.LetGo()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}

		// Nobody serves it for as long as the parent takes.
		called := make(chan error, 1)
		call := func(c *actortest.Closable) error { d.Note("call")(c); return nil }
		go func() { called <- svc.Run(context.Background(), call) }()
		synctest.Wait()
		actortest.Do(t, svc, d.Note("pending"))
		d.Expect(t, "")

		gone := actortest.KeepServing(context.Background(), svc)
		if err := <-called; err != nil {
			t.Errorf("the call: %v", err)
		}
		actortest.Stop(t, svc)
		<-gone
		d.Expect(t, "2:queued 2:call 2:pending")
	})
}

// Under load and with one crash after another, what each sender sent runs once
// and in its order.
func TestL9QueueSurvivesManyCrashes(t *testing.T) {
	const senders, each, every = 4, 200, 25
	var f actortest.Factory
	svc := actor.New(f.Build, actortest.Quiet())
	gone := actortest.KeepServing(context.Background(), svc)
	var ran [senders][]int // touched by closures only
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				actortest.Do(t, svc, func(*actortest.Closable) {
					ran[s] = append(ran[s], i)
					if i%every == s {
						panic("boom")
					}
				})
			}
		})
	}
	wg.Wait()
	if err := svc.Run(context.Background(), actortest.Nothing); err != nil { // behind all of them
		t.Error(err)
	}
	actortest.Stop(t, svc)
	<-gone
	for s := range senders {
		for i, got := range ran[s] {
			if got != i {
				t.Fatalf("sender %d: closure %d ran as number %d", s, got, i)
			}
		}
		if len(ran[s]) != each {
			t.Errorf("sender %d: %d of %d closures ran", s, len(ran[s]), each)
		}
	}
	if n := len(f.List()); n != senders*each/every+1 {
		t.Errorf("%d incarnations", n)
	}
	actortest.Balanced(t, svc.Info())
}
