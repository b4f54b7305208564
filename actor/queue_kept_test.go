package actor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// ending is a way for an incarnation to end so that another one follows. It is
// called while the incarnation runs a blocker, which then is let go; restart ends
// the context of Serve as a supervisor does that restarts its child.
type ending struct {
	name string
	end  func(svc *actor.Service[closable], restart func())
	next int  // number of the incarnation that runs the queue
	last bool // end is the closure that is queued first, not called from outside
}

var endings = []ending{
	{"a panic", nil, 2, true},
	{"Goexit", func(*actor.Service[closable], func()) { runtime.Goexit() }, 2, true},
	{"a restart", func(_ *actor.Service[closable], restart func()) { restart() }, 2, false},
	{"cut off", func(svc *actor.Service[closable], _ func()) { svc.CutOff(true) }, 2, false},
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
	var f factory
	var d diary
	svc := actor.New(f.build, quiet())
	ctx, cancel := context.WithCancelCause(context.Background())
	served := serve(supervised(ctx), svc)
	b := occupy(t, svc)
	restart := func() { cancel(actor.Restart); synctest.Wait() }
	if e.last {
		do(t, svc, func(*closable) {
			if e.end == nil {
				panic("boom")
			}
			e.end(svc, restart)
		})
	}
	for i := range 20 {
		do(t, svc, d.note(i))
	}
	answer := actor.Async(svc, func(c *closable) (int64, error) { d.note("call")(c); return c.number, nil })
	if !e.last {
		e.end(svc, restart)
	}
	b.letGo()
	<-served
	inState(t, svc, actor.Pending)
	d.expect(t, "") // nothing more ran on the old one
	do(t, svc, d.note("between"))

	again := serve(supervised(context.Background()), svc)
	synctest.Wait()
	want := ""
	for i := range 20 {
		want += fmt.Sprintf("%d:%d ", e.next, i)
	}
	d.expect(t, fmt.Sprintf("%s%d:call %d:between", want, e.next, e.next))
	if n, err := answer.Await(ctx); n != int64(e.next) || err != nil {
		t.Errorf("the queued call: %v, %v", n, err)
	}
	do(t, svc, d.note("after")) // the handle is the same one
	stop(t, svc)
	<-again
	balanced(t, svc.Info())
}

// A constructor that fails takes nothing from the queue.
func TestL9QueueSurvivesConstructor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f factory
		var d diary
		tries := 0
		svc := actor.New(func(ctx context.Context) (*closable, error) {
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
			return f.build(ctx)
		}, quiet())
		want := "2:0 2:1 2:2" // the first T was made and not used
		for i := range 3 {
			do(t, svc, d.note(i))
		}
		for range 4 {
			if err := <-serve(supervised(context.Background()), svc); err == nil {
				t.Error("Serve did not fail")
			}
			inState(t, svc, actor.Pending)
			d.expect(t, "")
		}
		serve(supervised(context.Background()), svc)
		synctest.Wait()
		d.expect(t, want)
		stop(t, svc)
	})
}

// A supervisor that crashed, or gave up, calls nothing; its successor serves the
// same handle.
func TestL9QueueSurvivesSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f factory
		var d diary
		svc := actor.New(f.build, quiet())
		first, giveUp := context.WithCancelCause(context.Background())
		served := serve(supervised(first), svc)
		b := occupy(t, svc)
		do(t, svc, d.note("queued"))
		giveUp(actor.Restart)
		synctest.Wait()
		b.letGo()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}

		// Nobody serves it for as long as the parent takes.
		called := make(chan error, 1)
		call := func(c *closable) error { d.note("call")(c); return nil }
		go func() { called <- svc.Run(context.Background(), call) }()
		synctest.Wait()
		do(t, svc, d.note("pending"))
		d.expect(t, "")

		gone := keepServing(context.Background(), svc)
		if err := <-called; err != nil {
			t.Errorf("the call: %v", err)
		}
		stop(t, svc)
		<-gone
		d.expect(t, "2:queued 2:call 2:pending")
	})
}

// Under load and with one crash after another, what each sender sent runs once
// and in its order.
func TestL9QueueSurvivesManyCrashes(t *testing.T) {
	const senders, each, every = 4, 200, 25
	var f factory
	svc := actor.New(f.build, quiet())
	gone := keepServing(context.Background(), svc)
	var ran [senders][]int // touched by closures only
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				do(t, svc, func(*closable) {
					ran[s] = append(ran[s], i)
					if i%every == s {
						panic("boom")
					}
				})
			}
		})
	}
	wg.Wait()
	if err := svc.Run(context.Background(), nothing); err != nil { // behind all of them
		t.Error(err)
	}
	stop(t, svc)
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
	if n := len(f.list()); n != senders*each/every+1 {
		t.Errorf("%d incarnations", n)
	}
	balanced(t, svc.Info())
}
