package laws_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
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
	var f actortest.Factory
	var d actortest.Diary
	var dead actortest.Letters
	svc := actor.New(f.Build, actortest.Quiet(), actor.WithQueuePolicy(actor.FailQueue), dead.Option())
	finish := e.occupies(t, svc)
	actortest.Do(t, svc, d.Note("queued"))
	called := make(chan error, 1)
	go func() { called <- svc.Run(context.Background(), actortest.Nothing) }()
	synctest.Wait()
	finish()
	actortest.Within(t, "the queued call", <-called, actor.ErrRestarted, actor.NotRun)
	all := dead.List()
	if len(all) != 2 || all[0].Reason != actor.ErrRestarted || all[0].Call || !all[1].Call {
		t.Errorf("dead letters: %+v", all)
	}

	actortest.InState(t, svc, actor.Pending)
	actortest.Do(t, svc, d.Note("between"))
	again := actortest.Serve(actortest.Supervised(context.Background()), svc)
	synctest.Wait()
	actortest.Stop(t, svc)
	<-again
	d.Expect(t, "2:between")
	actortest.Balanced(t, svc.Info())
}

// The option concerns restarts. A stop drains, and what the service accepted
// before its first incarnation waits for that.
func TestL9QueueFailsAtRestartsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f actortest.Factory
		var d actortest.Diary
		svc := actor.New(f.Build, actortest.Quiet(), actor.WithQueuePolicy(actor.FailQueue))
		actortest.Do(t, svc, d.Note("pending"))
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, d.Note("queued"))
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(context.Background()) }()
		synctest.Wait()
		b.LetGo()
		if err := <-stopped; err != nil {
			t.Errorf("Stop = %v", err)
		}
		<-served
		d.Expect(t, "1:pending 1:queued")
	})
}
