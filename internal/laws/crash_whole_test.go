package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// pensive is an error that thinks before it says what it is.
type pensive struct{}

func (pensive) Error() string { time.Sleep(time.Second); return "pensive" }

// mortal is a T that panics in Close if it is told to.
type mortal struct{ inClose bool }

func (d *mortal) Close() error {
	if d.inClose {
		panic(pensive{})
	}
	return nil
}

// deaths are the places in which the library runs the user's code for a service.
var deaths = map[string]func(ctx context.Context, svc *actor.Service[mortal]){
	"closure": func(_ context.Context, svc *actor.Service[mortal]) { _ = svc.Do(func(*mortal) { panic(pensive{}) }) },
	"call": func(ctx context.Context, svc *actor.Service[mortal]) {
		_ = svc.Run(ctx, func(*mortal) error { panic(pensive{}) })
	},
	"constructor": func(context.Context, *actor.Service[mortal]) {},
	"Close": func(_ context.Context, svc *actor.Service[mortal]) {
		_ = svc.DoContext(context.Background(), func(ctx context.Context, d *mortal) { d.inClose = true; actor.Exit(ctx, nil) })
	},
	"Pipe": func(_ context.Context, svc *actor.Service[mortal]) {
		_ = actor.Pipe(svc, func(context.Context) (int, error) { panic(pensive{}) }, func(*mortal, int, error) {})
	},
	"Go": func(_ context.Context, svc *actor.Service[mortal]) {
		_ = actor.Go(svc, func(context.Context) error { panic(pensive{}) })
	},
	"a timer": func(_ context.Context, svc *actor.Service[mortal]) { svc.After(0, func(*mortal) { panic(pensive{}) }) },
	"a view": func(_ context.Context, svc *actor.Service[mortal]) {
		actor.NewView(svc, func(*mortal) int { panic(pensive{}) })
		_ = svc.Do(func(*mortal) {})
	},
	"an interceptor": func(_ context.Context, svc *actor.Service[mortal]) { _ = svc.Do(func(*mortal) {}) },
}

// The error of a crash is whole when others get it, and the crash is counted: in Err and to
// who watches, and whatever crashed.
func TestL7CrashIsWholeWhenItIsKnown(t *testing.T) {
	for name, die := range deaths {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				built := 0
				var options []actor.Option
				if name == "an interceptor" {
					options = append(options, actor.WithInterceptor(func(actor.Closure, func() error) error { panic(pensive{}) }))
				}
				svc := actor.New(func(context.Context) (*mortal, error) {
					if built++; built == 2 && name == "constructor" {
						panic(pensive{})
					}
					return &mortal{}, nil
				}, append(options, actortest.Quiet())...)
				once, cancel := context.WithCancelCause(t.Context())
				first := actortest.Serve(actortest.Supervised(once), svc)
				synctest.Wait()
				cancel(actor.Restart)
				<-first
				start := time.Now()
				served := actortest.Serve(actortest.Supervised(t.Context()), svc)
				synctest.Wait()
				go die(t.Context(), svc)
				for range 5000 {
					if svc.Err() != nil {
						break
					}
					time.Sleep(time.Millisecond)
				}
				i, err := svc.Info(), svc.Err()
				var p *actor.PanicError
				if !errors.As(err, &p) || p.Incarnation != i.Incarnation || p.Incarnation < 1 {
					t.Errorf("%v: of incarnation %+v, and this is %d", err, p, i.Incarnation)
				}
				if i.Crash == nil || i.Crash.Count != 1 || i.Crash.Err != p || i.Crash.Message != p.Error() || i.Crash.Time.Before(start) {
					t.Errorf("Info has %+v", i.Crash)
				}
				<-served
			})
		})
	}
}
