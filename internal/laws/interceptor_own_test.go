package laws_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// What a service hands to itself says so, and passes an interceptor that looks at
// senders.
func TestInterceptorKnowsTheServicesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d notes
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(func(c actor.Closure, run func() error) error {
			d.add("own: %t", c.Own())
			return run()
		}))
		other := actor.Start(&actortest.Plain{}, actortest.Quiet())
		own := func(want string, f func()) {
			t.Helper()
			f()
			time.Sleep(time.Second)
			synctest.Wait()
			if got := d.take(); len(got) != 1 || got[0] != want {
				t.Errorf("%q: want one of %q", got, want)
			}
		}
		own("own: false", func() { actortest.Do(t, svc, increment) })
		own("own: true", func() { svc.After(time.Millisecond, increment) })
		own("own: true", func() {
			_ = actor.Pipe(svc, func(context.Context) (int, error) { return 1, nil }, func(p *actortest.Plain, n int, _ error) { p.N += n })
		})
		own("own: true", func() {
			actor.Watch(other, svc, func(p *actortest.Plain, _ actor.DownNotice) { p.N++ })
			other.Kill()
		})
		if n, err := actor.Get(context.Background(), svc, numberOf); n != 4 || err != nil {
			t.Errorf("%d, %v have run: want 4", n, err)
		}
		actortest.Stop(t, svc)
	})
}

// A tick that is refused is a dead letter, and not the last one.
func TestL3RefusedTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead actortest.Letters
		var let atomic.Bool
		svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), dead.Option(), actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
			if !let.Load() {
				return errors.New("not now")
			}
			return run()
		}))
		tick := svc.Every(time.Second, increment)
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		let.Store(true)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		tick.Cancel()
		if n, err := actor.Get(context.Background(), svc, numberOf); n != 2 || err != nil {
			t.Errorf("%d ticks, %v: want 2", n, err)
		}
		actortest.Stop(t, svc)
		if n := len(dead.List()); n != 2 {
			t.Errorf("%d dead letters: want 2", n)
		}
		actortest.Balanced(t, svc.Info())
	})
}

// What was cancelled before its turn does not come to the interceptors.
func TestL6InterceptorDoesNotSeeWhatWasCancelled(t *testing.T) {
	var d notes
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithInterceptor(d.logged("i")))
	recipient := newRecipient(t, svc, func(*actortest.Plain, int) {})
	b := actortest.Occupy(t, svc)
	_ = recipient.Send(1)
	d.take()
	recipient.Close()
	b.LetGo()
	actortest.Stop(t, svc)
	if got := d.take(); len(got) != 2 { // the end of the blocker
		t.Errorf("%q", got)
	}
}
