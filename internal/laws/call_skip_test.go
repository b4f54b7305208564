package laws_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// dying is a way in which a call's context ends while the call is queued.
type dying struct {
	name string
	make func() (context.Context, context.CancelFunc)
	want error
}

func dyings() []dying {
	return []dying{
		{"cancelled", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, context.Canceled},
		{"past its deadline", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), time.Second)
		}, context.DeadlineExceeded},
	}
}

// waiters are calls but Async, whose Await's context does not bound the call.
func waiters() []way[actortest.Closable] {
	all := calls[actortest.Closable]()
	return all[:len(all)-1]
}

// A call whose context ends before its turn does not run, whoever takes it from
// the queue in the end, and is counted.
func TestL6DeadCallDoesNotRun(t *testing.T) {
	turns := []struct {
		name string
		end  func(svc *actor.Service[actortest.Closable], letGo func())
	}{
		{"its turn", func(_ *actor.Service[actortest.Closable], letGo func()) { letGo() }},
		{"the drain", func(svc *actor.Service[actortest.Closable], letGo func()) {
			letGo()
			_ = svc.Stop(context.Background())
		}},
		{"Kill", func(svc *actor.Service[actortest.Closable], letGo func()) {
			svc.Kill()
			letGo()
		}},
		{"a cut-off and the next incarnation", func(svc *actor.Service[actortest.Closable], letGo func()) {
			svc.CutOff(true)
			letGo()
			actortest.Serve(actortest.Supervised(context.Background()), svc)
		}},
	}
	for _, d := range dyings() {
		for _, turn := range turns {
			for _, w := range waiters() {
				synctest.Test(t, func(t *testing.T) {
					var dead actortest.Letters
					svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet(), dead.Option())
					actortest.Serve(actortest.Supervised(context.Background()), svc)
					b := actortest.Occupy(t, svc)
					ctx, cancel := d.make()
					defer cancel()
					begin := time.Now()
					err := w.run(ctx, svc, func(*actortest.Closable) { t.Errorf("%s, %s: %s ran", d.name, turn.name, w.name) })
					if !errors.Is(err, d.want) || actor.OutcomeOf(err) != actor.NotRun ||
						time.Since(begin) != time.Second {
						t.Errorf("%s: %v after %v", d.name, err, time.Since(begin))
					}
					if i := svc.Info(); i.Queued != 1 || i.Skipped != 0 {
						t.Errorf("before its turn: %+v", i)
					}
					turn.end(svc, b.LetGo)
					synctest.Wait()
					if i := svc.Info(); i.Queued != 0 || i.Skipped != 1 || i.Executed != 1 || i.Dead != 0 {
						t.Errorf("%s, %s, %s: %+v", d.name, turn.name, w.name, i)
					}
					if l := dead.List(); len(l) != 0 {
						t.Errorf("dead letters %+v", l)
					}
					actortest.Stop(t, svc)
				})
			}
		}
	}
}

// The context counts, not whether its caller has noticed already: here the closure
// before the call ends the call's context.
func TestL6ContextEndedJustBefore(t *testing.T) {
	for _, w := range waiters() {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		const rounds = 300
		for range rounds {
			b := actortest.Occupy(t, svc)
			ctx, cancel := context.WithCancel(context.Background())
			actortest.Do(t, svc, func(*actortest.Closable) { cancel() })
			var all sync.WaitGroup
			all.Go(func() {
				err := w.run(ctx, svc, func(*actortest.Closable) { t.Errorf("%s ran", w.name) })
				if !errors.Is(err, context.Canceled) || actor.OutcomeOf(err) != actor.NotRun {
					t.Errorf("%s: %v", w.name, err)
				}
			})
			for svc.Info().Queued != 2 {
				runtime.Gosched()
			}
			b.LetGo()
			all.Wait()
		}
		actortest.Stop(t, svc)
		if i := svc.Info(); i.Skipped != rounds || i.Executed != 2*rounds {
			t.Errorf("%s: %+v", w.name, i)
		}
	}
}

// A call whose context has ended already is not even queued.
func TestL6DeadFromTheBeginning(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
	for _, w := range waiters() {
		err := w.run(ctx, svc, func(*actortest.Closable) { t.Errorf("%s ran", w.name) })
		if !errors.Is(err, context.Canceled) || actor.OutcomeOf(err) != actor.NotRun {
			t.Errorf("%s: %v", w.name, err)
		}
	}
	actortest.Stop(t, svc)
	if i := svc.Info(); i.Accepted != 0 {
		t.Errorf("%+v", i)
	}
}

// A deadline that passes while a call waits for room: it was never accepted.
func TestL6DeadWhileWaitingForRoom(t *testing.T) {
	for _, w := range waiters() {
		if w.name == "AsyncContext" { // does not wait for room
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			svc := actor.Start(&actortest.Closable{}, actor.WithCapacity(1), actortest.Quiet())
			b := actortest.Occupy(t, svc)
			actortest.Do(t, svc, func(*actortest.Closable) {})
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			err := w.run(ctx, svc, func(*actortest.Closable) { t.Errorf("%s ran", w.name) })
			if !errors.Is(err, context.DeadlineExceeded) || actor.OutcomeOf(err) != actor.NotRun {
				t.Errorf("%s: %v", w.name, err)
			}
			b.LetGo()
			actortest.Stop(t, svc)
			if i := svc.Info(); i.Accepted != 2 || i.Refused != 1 || i.Skipped != 0 {
				t.Errorf("%s: %+v", w.name, i)
			}
		})
	}
}

// A call that was taken back, because awaiting it was refused, does not run either:
// everybody who awaits it has been told so.
func TestL6TakenBackCallDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		var f *actor.Future[int]
		err := svc.RunContext(t.Context(), func(ctx context.Context, _ *actortest.Closable) error {
			f = actor.Async(svc, func(*actortest.Closable) (int, error) { t.Error("ran"); return 0, nil })
			_, err := f.Await(ctx)
			if !errors.Is(err, actor.ErrSelfCall) {
				t.Errorf("Await on its own service: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := f.Await(t.Context()); !errors.Is(err, actor.ErrSelfCall) ||
			actor.OutcomeOf(err) != actor.NotRun {
			t.Errorf("Await of what was taken back: %v", err)
		}
		synctest.Wait()
		if i := svc.Info(); i.Accepted != 2 || i.Executed != 1 || i.Skipped != 1 {
			t.Errorf("%+v", i)
		}
		actortest.Stop(t, svc)
	})
}
