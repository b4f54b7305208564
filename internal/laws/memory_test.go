package laws_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

func join(words []string) string { return strings.Join(words, " ") }

// What happened before a call happens before its closure, and what the closure
// did happens before the call returns. x is handed to and fro without any other
// synchronization; -race sees it if an edge is missing.
func TestL1CallOrdersMemory(t *testing.T) {
	for _, w := range ways[actortest.Plain]() {
		t.Run(w.name, func(t *testing.T) {
			svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					x := 0
					for i := range 200 {
						x++ // before the call
						if err := w.run(t.Context(), svc, func(*actortest.Plain) { x++ }); err != nil {
							t.Error(err)
						}
						if x != 2*(i+1) {
							t.Fatalf("x = %d after %d calls", x, i+1)
						}
					}
				})
			}
			all.Wait()
			actortest.Stop(t, svc)
		})
	}
}

// The result of a call is written before the call returns it.
func TestL1ResultOrdersMemory(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 500 {
				p, err := actor.Get(t.Context(), svc, func(*actortest.Plain) *actortest.Plain { return &actortest.Plain{N: i} })
				if err != nil || p.N != i {
					t.Errorf("got %v, %v; want %d", p, err, i)
				}
			}
		})
	}
	all.Wait()
	actortest.Stop(t, svc)
}

// What a closure did happens before the next one, also across incarnations: a
// value outside of T that only closures touch needs no lock.
func TestL1ClosuresOrderMemory(t *testing.T) {
	f := &actortest.Factory{}
	svc := actor.New(f.Build, actortest.Quiet())
	x := 0
	const rounds = 50
	for range rounds {
		actortest.Do(t, svc, func(*actortest.Closable) { x++ })
		actortest.Do(t, svc, func(*actortest.Closable) { x++; panic("crash") })
	}
	for range rounds {
		<-actortest.Serve(actortest.Supervised(t.Context()), svc)
	}
	if x != 2*rounds {
		t.Errorf("x = %d; want %d", x, 2*rounds)
	}
	actortest.Stop(t, svc)
	if n := len(f.List()); n != rounds {
		t.Errorf("%d incarnations", n)
	}
}

// What happened before Start happens before the first closure, and what the last
// one and Close did happens before Stop returns.
func TestL1EndsOrderMemory(t *testing.T) {
	for range 100 {
		state := &actortest.Plain{N: 1}
		svc := actor.Start(state, actortest.Quiet())
		actortest.Do(t, svc, func(p *actortest.Plain) { p.N++ })
		actortest.Stop(t, svc)
		if state.N != 2 {
			t.Fatalf("n = %d", state.N)
		}
	}
}
