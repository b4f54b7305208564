package laws_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// What may be called by any goroutine may be called while the service ends, however it
// does: nothing that a lock guards is written without it because the end is near. The race
// detector looks.
func TestL1LookersAtAnEnd(t *testing.T) {
	ends := map[string]func(*actor.Service[actortest.Plain]){
		"Kill":  (*actor.Service[actortest.Plain]).Kill,
		"Stop":  func(svc *actor.Service[actortest.Plain]) { _ = svc.Stop(context.Background()) },
		"crash": func(svc *actor.Service[actortest.Plain]) { _ = svc.Do(func(*actortest.Plain) { panic("x") }) },
		"Exit": func(svc *actor.Service[actortest.Plain]) {
			_ = svc.DoContext(context.Background(), func(ctx context.Context, _ *actortest.Plain) { actor.Exit(ctx, nil) })
		},
		"cut off": func(svc *actor.Service[actortest.Plain]) { svc.CutOff(false) },
		"work": func(svc *actor.Service[actortest.Plain]) {
			_ = actor.Go(svc, func(context.Context) error { panic("x") })
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			for range 6 {
				svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithTimes(), actor.WithHistory(4))
				lookers := lookersAt(t, svc)
				var all sync.WaitGroup
				for _, look := range lookers {
					all.Go(func() {
						for svc.Info().State < actor.Down {
							look()
						}
						look()
					})
				}
				end(svc)
				all.Wait()
				svc.Kill()
				<-svc.Done()
			}
		})
	}
}

func lookersAt(t *testing.T, svc *actor.Service[actortest.Plain]) map[string]func() {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	nothing := func(*actortest.Plain) {}
	timer, every, idle := svc.After(time.Hour, nothing), svc.Every(time.Hour, nothing), svc.WhenIdle(time.Hour, nothing)
	view := actor.NewView(svc, func(*actortest.Plain) int { return 1 })
	to, err := actor.NewRecipient(svc, func(*actortest.Plain, int) {})
	if err != nil {
		t.Fatal(err)
	}
	other := actor.Start(&actortest.Plain{}, actortest.Quiet())
	t.Cleanup(other.Kill)
	return map[string]func(){
		"Name, Err, Load, History": func() { _, _, _ = svc.Name(), svc.Err(), svc.History(); _, _ = svc.Load() },
		"timers":                   func() { timer.Cancel(); every.Cancel(); idle.Cancel(); svc.After(time.Hour, nothing).Cancel() },
		"view":                     func() { _ = view.Load() },
		"recipient":                func() { _ = to.Send(1); to.Ended() },
		"recipient ends":           func() { to.Close() },
		"watch":                    func() { actor.Watch(svc, other, func(*actortest.Plain, actor.DownNotice) {})() },
		"work": func() {
			_ = actor.Pipe(svc, func(context.Context) (int, error) { return 1, nil }, func(*actortest.Plain, int, error) {})
			_ = actor.Go(svc, func(context.Context) error { return nil })
		},
		"calls": func() {
			_ = svc.Do(nothing)
			_ = svc.Run(ctx, func(*actortest.Plain) error { return nil })
			actor.Async(svc, func(*actortest.Plain) (int, error) { return 1, nil })
			_, _ = actor.CallLater(ctx, svc, func(_ context.Context, _ *actortest.Plain, r actor.Reply[int]) { r.Answer(1, nil) })
		},
		"instruments": func() { svc.Observe(actor.Instruments{Times: true}); svc.Record(3).Stop() },
		"requests": func() {
			_, _ = actor.Inspect(ctx, svc, func(*actortest.Plain) int { return 1 })
			_ = svc.Pause(ctx)
			svc.Resume()
		},
	}
}
