package laws_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// badEnd is something that a closure does to end its incarnation or itself badly.
type badEnd struct {
	name string
	end  func(context.Context)
}

func badEnds() []badEnd {
	return []badEnd{
		{"panic", func(context.Context) { panic("crash") }},
		{"panic with an error", func(context.Context) { panic(errors.New("crash")) }},
		{"panic(nil)", func(context.Context) { panic(nil) }},
		{"Goexit", func(context.Context) { runtime.Goexit() }},
		{"Exit", func(ctx context.Context) { actor.Exit(ctx, errors.New("failure")) }},
	}
}

// The closure that ended an incarnation is not run again by the next ones, which
// run what was queued behind it, once each.
func TestL4NeverTwice(t *testing.T) {
	hands := map[string]func(*actor.Service[actortest.Closable], func(context.Context)) error{
		"DoContext": func(svc *actor.Service[actortest.Closable], f func(context.Context)) error {
			return svc.DoContext(context.Background(), func(ctx context.Context, _ *actortest.Closable) { f(ctx) })
		},
		"Do": func(svc *actor.Service[actortest.Closable], f func(context.Context)) error {
			return svc.Do(func(*actortest.Closable) { f(context.Background()) })
		},
	}
	for _, e := range badEnds() {
		for _, w := range ways[actortest.Closable]() {
			for name, hand := range hands {
				neverTwice(t, e, w, name, hand)
			}
		}
	}
}

func neverTwice(t *testing.T, e badEnd, w way[actortest.Closable], name string, hand func(*actor.Service[actortest.Closable], func(context.Context)) error) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		ended, after := 0, 0
		for range 3 {
			go func() {
				_ = w.run(context.Background(), svc, func(*actortest.Closable) { after++ })
			}()
		}
		if err := hand(svc, func(ctx context.Context) {
			ended++
			e.end(ctx)
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for range 3 {
			ctx, cancel := context.WithCancelCause(context.Background())
			served := actortest.Serve(actortest.Supervised(ctx), svc)
			synctest.Wait()
			cancel(actor.Restart)
			<-served
		}
		actortest.Stop(t, svc)
		if ended != 1 || after != 3 {
			t.Errorf("%s by %s, then %s: it ran %d times, the others %d of 3", e.name, name, w.name, ended, after)
		}
	})
}

// A call that crashed is not run again either, whatever form it has.
func TestL4CallNeverTwice(t *testing.T) {
	for _, w := range calls[actortest.Closable]() {
		synctest.Test(t, func(t *testing.T) {
			svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
			runs := 0
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			err := w.run(context.Background(), svc, func(*actortest.Closable) {
				runs++
				panic("crash")
			})
			if actor.OutcomeOf(err) != actor.Crashed {
				t.Errorf("%s: %v", w.name, err)
			}
			<-served
			served = actortest.Serve(actortest.Supervised(context.Background()), svc)
			synctest.Wait()
			actortest.Stop(t, svc)
			<-served
			if runs != 1 {
				t.Errorf("%s: ran %d times", w.name, runs)
			}
		})
	}
}

// A closure that the service was cut off from has begun, and is not run again.
func TestL4CutOffNeverTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		first := actortest.Serve(actortest.Supervised(context.Background()), svc)
		runs := 0
		release := make(chan struct{})
		actortest.Do(t, svc, func(*actortest.Closable) {
			runs++
			<-release
		})
		synctest.Wait()
		svc.CutOff(true)
		second := actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		actortest.Stop(t, svc)
		<-second
		close(release)
		<-first
		if runs != 1 {
			t.Errorf("ran %d times", runs)
		}
	})
}

// A restart lets the running closure end; it is not run again.
func TestL4RestartNeverTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &actortest.Factory{}
		svc := actor.New(f.Build, actortest.Quiet())
		var ran []int64
		for range 5 {
			ctx, cancel := context.WithCancelCause(context.Background())
			served := actortest.Serve(actortest.Supervised(ctx), svc)
			b := actortest.NewBlocker[actortest.Closable]()
			actortest.Do(t, svc, func(c *actortest.Closable) {
				ran = append(ran, c.Number)
				b.Run(c)
			})
			<-b.Started
			cancel(actor.Restart)
			synctest.Wait()
			b.LetGo()
			if err := <-served; err != nil {
				t.Error(err)
			}
		}
		actortest.Stop(t, svc)
		for i, n := range ran {
			if len(ran) != 5 || n != int64(i)+1 {
				t.Fatalf("ran on the incarnations %v", ran)
			}
		}
	})
}
