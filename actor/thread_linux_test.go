package actor_test

import (
	"context"
	"syscall"
	"testing"

	"github.com/bruskajp/nano_services/actor"
)

// All closures of a service with a thread of its own run on that thread, and on no
// other service's.
func TestOSThreadIsTheServicesOwn(t *testing.T) {
	type thing struct{}
	ctx := context.Background()
	thread := func(svc *actor.Service[thing]) int {
		id, err := actor.Get(ctx, svc, func(*thing) int { return syscall.Gettid() })
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	a := actor.Start(new(thing), actor.WithOSThread(), quiet())
	b := actor.Start(new(thing), actor.WithOSThread(), quiet())
	first, other := thread(a), thread(b)
	if first == other {
		t.Errorf("two services on thread %d", first)
	}
	for range 100 {
		if now := thread(a); now != first {
			t.Fatalf("on thread %d, and then on %d", first, now)
		}
		thread(b)
	}
	for _, svc := range []*actor.Service[thing]{a, b} {
		if err := svc.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
}
