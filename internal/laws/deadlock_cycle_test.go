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

// Each way of waiting closes a cycle with each other way: B waits for A, and A,
// which B waits for, waits for B.
func TestL10CycleOfTwo(t *testing.T) {
	for _, first := range waits {
		for _, last := range waits {
			t.Run(first.name+", "+last.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { cycleOfTwo(t, first, last) })
			})
		}
	}
}

func cycleOfTwo(t *testing.T, first, last wait) {
	a, b := bounded("a"), bounded("b")
	gate := make(chan struct{})
	type result struct {
		err  error
		site string
	}
	waited, refused := make(chan result, 1), make(chan result, 1)
	actortest.Do(t, b, func(*actortest.Plain) {
		<-gate
		err, site := last.wait(context.Background(), a)
		refused <- result{err, site}
	})
	synctest.Wait()
	first.prepare(t, b)
	actortest.Do(t, a, func(*actortest.Plain) {
		err, site := first.wait(context.Background(), b)
		waited <- result{err, site}
	})
	synctest.Wait()
	last.prepare(t, a)
	before := a.Info()
	close(gate)
	synctest.Wait()

	// The one that was there first goes on and succeeds.
	w := <-waited
	if w.err != nil {
		t.Errorf("the first wait: %v", w.err)
	}
	r := <-refused
	expectCycle(t, r.err, []string{"b", "a"}, []string{r.site, w.site})
	if last.name == "Await" {
		before.Accepted++
	}
	if after := a.Info(); after.Accepted != before.Accepted || after.State != actor.Running {
		t.Errorf("the refused wait has changed the service: %+v, then %+v", before, after)
	}
	actortest.Stop(t, a)
	actortest.Stop(t, b)
}

// A → B → C → A, the last wait in each way, with the context passed on and
// without.
func TestL10CycleOfThree(t *testing.T) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cycleOfThree(t, w, false) })
		})
		t.Run(w.name+" with the context", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cycleOfThree(t, w, true) })
		})
	}
}

func cycleOfThree(t *testing.T, w wait, pass bool) {
	a, b, c := bounded("a"), bounded("b"), bounded("c")
	var refused error
	var lastSite, innerSite string
	last := func(ctx context.Context) error {
		w.prepare(t, a)
		refused, lastSite = w.wait(ctx, a)
		return refused
	}
	// hop has svc do what comes next.
	hop := func(svc plainService, next func(context.Context) error) func(context.Context) error {
		closure := func(ctx context.Context, _ *actortest.Plain) error {
			if !pass {
				ctx = context.Background()
			}
			return next(ctx)
		}
		return func(ctx context.Context) error {
			innerSite = actortest.Here() // both are here
			return svc.RunContext(ctx, closure)
		}
	}
	err := hop(a, hop(b, hop(c, last)))(context.Background())
	if !errors.Is(err, refused) || actor.OutcomeOf(err) != actor.Ran {
		t.Errorf("the first call: %v (%v)", err, actor.OutcomeOf(err))
	}
	site := strings.Split(innerSite, ":")[0]
	expectCycle(t, refused, []string{"c", "a", "b"}, []string{lastSite})
	var deadlock *actor.DeadlockError
	if errors.As(refused, &deadlock) {
		for _, w := range deadlock.Cycle[1:] {
			if !strings.Contains(w.Site, site) {
				t.Errorf("the site of an inner wait is %s", w.Site)
			}
		}
	}
	for _, svc := range []plainService{a, b, c} {
		if err := svc.Run(context.Background(), actortest.Nothing); err != nil {
			t.Errorf("a service of the cycle does not go on: %v", err)
		}
		actortest.Stop(t, svc)
	}
}
