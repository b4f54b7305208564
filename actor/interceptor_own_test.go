package actor_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
)

// What a service hands to itself says so, and passes an interceptor that looks at
// senders.
func TestInterceptorKnowsTheServicesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d notes
		svc := actor.Start(&plain{}, quiet(), actor.WithInterceptor(func(c actor.Closure, run func() error) error {
			d.add("own: %t", c.Own())
			return run()
		}))
		other := actor.Start(&plain{}, quiet())
		own := func(want string, f func()) {
			t.Helper()
			f()
			time.Sleep(time.Second)
			synctest.Wait()
			if got := d.take(); len(got) != 1 || got[0] != want {
				t.Errorf("%q: want one of %q", got, want)
			}
		}
		own("own: false", func() { do(t, svc, increment) })
		own("own: true", func() { svc.After(time.Millisecond, increment) })
		own("own: true", func() {
			_ = actor.Pipe(svc, func(context.Context) (int, error) { return 1, nil }, func(p *plain, n int, _ error) { p.n += n })
		})
		own("own: true", func() {
			actor.Watch(other, svc, func(p *plain, _ actor.DownNotice) { p.n++ })
			other.Kill()
		})
		if n, err := actor.Get(context.Background(), svc, numberOf); n != 4 || err != nil {
			t.Errorf("%d, %v have run: want 4", n, err)
		}
		stop(t, svc)
	})
}

// A tick that is refused is a dead letter, and not the last one.
func TestL3RefusedTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dead letters
		var let atomic.Bool
		svc := actor.Start(&plain{}, quiet(), dead.option(), actor.WithInterceptor(func(_ actor.Closure, run func() error) error {
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
		stop(t, svc)
		if n := len(dead.list()); n != 2 {
			t.Errorf("%d dead letters: want 2", n)
		}
		balanced(t, svc.Info())
	})
}

// What was cancelled before its turn does not come to the interceptors.
func TestL6InterceptorDoesNotSeeWhatWasCancelled(t *testing.T) {
	var d notes
	svc := actor.Start(&plain{}, quiet(), actor.WithInterceptor(d.logged("i")))
	recipient := newRecipient(t, svc, func(*plain, int) {})
	b := occupy(t, svc)
	_ = recipient.Send(1)
	d.take()
	recipient.Close()
	b.letGo()
	stop(t, svc)
	if got := d.take(); len(got) != 2 { // the end of the blocker
		t.Errorf("%q", got)
	}
}
