package laws_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A constructor that panics or calls Goexit fails that incarnation only: what is
// queued waits for the next.
func TestL7ConstructorCrashes(t *testing.T) {
	for _, p := range breaks {
		synctest.Test(t, func(t *testing.T) {
			fails := true
			build := func(context.Context) (*actortest.Closable, error) {
				if fails {
					deep(p.end)
				}
				return &actortest.Closable{}, nil
			}
			svc := actor.New(build, actor.WithName("risky"), actortest.Quiet())
			f := actor.Async(svc, func(*actortest.Closable) (int, error) { return 42, nil })
			err, returned := <-actortest.Serve(actortest.Supervised(context.Background()), svc)
			if returned == (p.name == "Goexit") {
				t.Errorf("%s: Serve returned: %t", p.name, returned)
			}
			if !returned {
				err = svc.Err()
			}
			name, file, line := place(build)
			var pe *actor.PanicError
			if !errors.As(err, &pe) || !p.check(pe) || pe.Service != "risky" ||
				pe.Func != name || pe.File != file || pe.Line != line {
				t.Fatalf("%s: %v", p.name, err)
			}
			checkStack(t, string(pe.Stack()), name)
			if i := svc.Info(); i.State != actor.Pending || i.Queued != 1 {
				t.Errorf("%s: %+v", p.name, i)
			}
			fails = false
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			if n, err := f.Await(t.Context()); n != 42 || err != nil {
				t.Errorf("%s: %d, %v", p.name, n, err)
			}
			actortest.Stop(t, svc)
			<-served
		})
	}
}

// A constructor's error ends the incarnation, and is what Serve returns.
func TestL7ConstructorFails(t *testing.T) {
	svc := actor.New(func(context.Context) (*actortest.Closable, error) { return &actortest.Closable{}, errLost },
		actor.WithName("risky"), actortest.Quiet())
	if err := <-actortest.Serve(actortest.Supervised(t.Context()), svc); !errors.Is(err, errLost) ||
		!strings.Contains(err.Error(), "risky") {
		t.Errorf("Serve = %v", err)
	}
	svc.Kill()
}

// unclosable is a T whose Close does what it is told.
type unclosable struct {
	end    func()
	closes *int
}

func (u *unclosable) Close() error {
	*u.closes++
	deep(u.end)
	return errLost
}

// A Close that panics, calls Goexit or fails is called once and does no harm: the
// service is where it would be otherwise, and Stop and Err tell.
func TestL7CloseCrashes(t *testing.T) {
	for _, p := range breaks {
		closes := 0
		svc := actor.Start(&unclosable{p.end, &closes}, actor.WithName("risky"), actortest.Quiet())
		err := svc.Stop(t.Context())
		var pe *actor.PanicError
		if !errors.As(err, &pe) || !p.check(pe) || pe.Service != "risky" || !strings.Contains(pe.Func, "Close") {
			t.Fatalf("%s: %v", p.name, err)
		}
		<-svc.Done()
		actortest.Stop(t, svc) // once more: it has ended
		if svc.Info().State != actor.Ended || closes != 1 || svc.Err() == nil {
			t.Errorf("%s: %+v; closed %d times; %v", p.name, svc.Info(), closes, svc.Err())
		}
	}
}

func TestL7CloseFails(t *testing.T) {
	state := &actortest.Closable{Err: errLost}
	svc := actor.Start(state, actor.WithName("risky"), actortest.Quiet())
	if err := svc.Stop(t.Context()); !errors.Is(err, errLost) || !strings.Contains(err.Error(), "risky") {
		t.Errorf("Stop = %v", err)
	}
	if err := svc.Err(); !errors.Is(err, errLost) || state.Closes.Load() != 1 {
		t.Errorf("Err = %v; closed %d times", err, state.Closes.Load())
	}
}

// If both a closure and then Close crash, both are told, and the next incarnation
// comes all the same.
func TestL7ClosureAndCloseCrash(t *testing.T) {
	for _, closure := range breaks {
		for _, closing := range breaks {
			synctest.Test(t, func(t *testing.T) {
				closes := 0
				end := closing.end
				svc := actor.New(func(context.Context) (*unclosable, error) {
					return &unclosable{end, &closes}, nil
				}, actortest.Quiet())
				actortest.Do(t, svc, func(*unclosable) { closure.end() })
				f := actor.Async(svc, func(*unclosable) (int, error) { return 42, nil })
				<-actortest.Serve(actortest.Supervised(context.Background()), svc)
				checkBoth(t, closure.name+", "+closing.name, svc.Err(), closure.check, closing.check)
				end = func() {}
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				if n, err := f.Await(t.Context()); n != 42 || err != nil {
					t.Errorf("%s, %s: %d, %v", closure.name, closing.name, n, err)
				}
				if err := svc.Stop(t.Context()); !errors.Is(err, errLost) { // of Close
					t.Error(err)
				}
				if <-served; closes != 2 {
					t.Errorf("closed %d times", closes)
				}
			})
		}
	}
}

// checkBoth wants two crashes in err, joined.
func checkBoth(t *testing.T, name string, err error, checks ...func(*actor.PanicError) bool) {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != len(checks) {
		t.Fatalf("%s: %v", name, err)
	}
	for i, e := range joined.Unwrap() {
		var pe *actor.PanicError
		if !errors.As(e, &pe) || !checks[i](pe) {
			t.Errorf("%s: error %d: %v", name, i, e)
		}
	}
}
