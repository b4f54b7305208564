package laws_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/seam"
)

// probed is a context for Serve as a supervisor gives it, and what then looks into the
// service.
func probed() (ctx context.Context, look func() string) {
	var in seam.Insider
	ctx = seam.WithProbe(context.Background(), func(_ string, i seam.Insider) { in = i })
	return actortest.Supervised(ctx), func() string { return in.Inside().String() }
}

// slowToClose is a T whose Close hangs until its gate is closed, if it has one.
type slowToClose struct{ gate chan struct{} }

func (x *slowToClose) Close() error {
	if x.gate != nil {
		<-x.gate
	}
	return nil
}

// The table of what there is together is compared with random histories in
// internal/checks. Here is what makes it what it is, one thing at a time.
func TestSTATEInsideOfACutOff(t *testing.T) {
	for _, row := range []struct {
		name   string
		hang   func(*actor.Service[slowToClose], chan struct{})
		before string
	}{
		{"a closure", func(svc *actor.Service[slowToClose], gate chan struct{}) {
			actortest.Do(t, svc, func(*slowToClose) { <-gate })
		}, "running serving busy -"},
		{"a call", func(svc *actor.Service[slowToClose], gate chan struct{}) {
			actor.Async(svc, func(*slowToClose) (int, error) { <-gate; return 0, nil })
		}, "running serving busy running"},
		{"an inspection", func(svc *actor.Service[slowToClose], gate chan struct{}) {
			go func() {
				_, _ = actor.Inspect(context.Background(), svc, func(*slowToClose) int { <-gate; return 0 })
			}()
		}, "running between held -"},
		{"Close", func(svc *actor.Service[slowToClose], gate chan struct{}) {
			_ = svc.DoContext(context.Background(), func(ctx context.Context, x *slowToClose) {
				x.gate = gate
				actor.Exit(ctx, nil)
			})
		}, "running closing held -"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate, hook := make(chan struct{}), make(chan struct{})
				svc := actor.New(func(context.Context) (*slowToClose, error) { return new(slowToClose), nil }, actortest.Quiet(),
					actor.WithDeadLetters(func(actor.DeadLetter) { <-hook }))
				ctx, look := probed()
				served := actortest.Serve(ctx, svc)
				synctest.Wait()
				row.hang(svc, gate)
				synctest.Wait()
				actortest.Do(t, svc, func(*slowToClose) {})
				is := func(when, want string) {
					t.Helper()
					synctest.Wait()
					if got := look(); got != want {
						t.Errorf("%s it is %q, want %q", when, got, want)
					}
				}
				is("before", row.before)
				go svc.CutOff(false)
				is("in the hook", "draining ending taken -")
				close(gate)
				is("when it has come back", "draining ending taken -")
				close(hook)
				is("afterwards", "down - vacant -")
				<-served
				again := actortest.Serve(ctx, svc)
				is("served again", "running serving held -")
				actortest.Stop(t, svc)
				<-again
				is("stopped", "ended - vacant -")
			})
		})
	}
}

// After the user's code has run beside closures, a closure is a closure.
func TestSTATEInsideOfALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*slowToClose, error) { return new(slowToClose), nil }, actortest.Quiet())
		ctx, look := probed()
		served := actortest.Serve(ctx, svc)
		if _, err := actor.Inspect(context.Background(), svc, func(*slowToClose) int { return 0 }); err != nil {
			t.Fatal(err)
		}
		got, err := actor.Get(context.Background(), svc, func(*slowToClose) string { return look() })
		if want := "running serving busy running"; got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		actortest.Stop(t, svc)
		<-served
	})
}
