package laws_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// goexitError is an error that ends the goroutine which asks what it says.
type goexitError struct{}

func (goexitError) Error() string {
	runtime.Goexit()
	return ""
}

// goexits is a T whose Close panics so if it is told to.
type goexits struct{ bad bool }

func (x *goexits) Close() error {
	if x.bad {
		panic(goexitError{})
	}
	return nil
}

// What a panic says is for its value to say, and that may end the goroutine. Wherever the
// panic is, the crash is logged once, and the service can be served again.
func TestSTATEAskedCrashEndsTheGoroutine(t *testing.T) {
	bad := func(*goexits) { panic(goexitError{}) }
	for _, row := range []struct {
		name string
		do   func(*actor.Service[goexits]) error
	}{
		{"the constructor", nil},
		{"Do", func(svc *actor.Service[goexits]) error { return svc.Do(bad) }},
		{"Call", func(svc *actor.Service[goexits]) error {
			go func() {
				err := svc.Run(context.Background(), func(x *goexits) error { bad(x); return nil })
				if actor.OutcomeOf(err) != actor.Crashed {
					t.Errorf("Call: %v", actor.OutcomeOf(err))
				}
			}()
			return nil
		}},
		{"a view", func(svc *actor.Service[goexits]) error {
			var once atomic.Bool
			actor.NewView(svc, func(x *goexits) int {
				if once.CompareAndSwap(false, true) {
					bad(x)
				}
				return 0
			})
			return nil
		}},
		{"Pipe", func(svc *actor.Service[goexits]) error {
			return actor.Pipe(svc, func(context.Context) (int, error) { bad(nil); return 0, nil }, func(*goexits, int, error) {})
		}},
		{"Close", func(svc *actor.Service[goexits]) error {
			return svc.DoContext(context.Background(), func(ctx context.Context, x *goexits) {
				x.bad = true
				actor.Exit(ctx, nil)
			})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log actortest.Records
				builds := 0
				svc := actor.New(func(context.Context) (*goexits, error) {
					if builds++; builds == 1 && row.do == nil {
						bad(nil)
					}
					return new(goexits), nil
				}, log.Option())
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				synctest.Wait()
				if row.do != nil {
					if err := row.do(svc); err != nil {
						t.Fatal(err)
					}
				}
				<-served
				synctest.Wait() // the record is written by who crashed, beside the end
				crashes := log.With("actor: service crashed")
				i := svc.Info()
				if len(crashes) != 1 || i.Crash == nil || !strings.Contains(i.Crash.Message, "ends the goroutine") {
					t.Errorf("%d records, %+v", len(crashes), i.Crash)
				}
				if i.State != actor.Pending {
					t.Errorf("it is %v", i.State)
				}
				again := actortest.Serve(actortest.Supervised(context.Background()), svc)
				if err := svc.Run(context.Background(), func(*goexits) error { return nil }); err != nil {
					t.Errorf("afterwards: %v", err)
				}
				actortest.Stop(t, svc)
				if err := <-again; err != nil {
					t.Errorf("Serve = %v", err)
				}
			})
		})
	}
}
