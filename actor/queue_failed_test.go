package actor_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
)

// With FailQueue the queue does not survive: calls end with ErrRestarted, closures
// become dead letters, and what comes later is for the next incarnation.
func TestL9QueueFails(t *testing.T) {
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { queueFails(t, e) })
		})
	}
}

func queueFails(t *testing.T, e ending) {
	var f factory
	var d diary
	var dead letters
	svc := actor.New(f.build, quiet(), actor.WithQueuePolicy(actor.FailQueue), dead.option())
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
	do(t, svc, d.note("queued"))
	called := make(chan error, 1)
	go func() { called <- svc.Run(context.Background(), nothing) }()
	synctest.Wait()
	if !e.last {
		e.end(svc, restart)
	}
	b.letGo()
	<-served
	within(t, "the queued call", <-called, actor.ErrRestarted, actor.NotRun)
	all := dead.list()
	if len(all) != 2 || all[0].Reason != actor.ErrRestarted || all[0].Call || !all[1].Call {
		t.Errorf("dead letters: %+v", all)
	}

	inState(t, svc, actor.Pending)
	do(t, svc, d.note("between"))
	again := serve(supervised(context.Background()), svc)
	synctest.Wait()
	stop(t, svc)
	<-again
	d.expect(t, "2:between")
	balanced(t, svc.Info())
}

// The option concerns restarts. A stop drains, and what the service accepted
// before its first incarnation waits for that.
func TestL9QueueFailsAtRestartsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f factory
		var d diary
		svc := actor.New(f.build, quiet(), actor.WithQueuePolicy(actor.FailQueue))
		do(t, svc, d.note("pending"))
		served := serve(supervised(context.Background()), svc)
		b := occupy(t, svc)
		do(t, svc, d.note("queued"))
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(context.Background()) }()
		synctest.Wait()
		b.letGo()
		if err := <-stopped; err != nil {
			t.Errorf("Stop = %v", err)
		}
		<-served
		d.expect(t, "1:pending 1:queued")
	})
}
