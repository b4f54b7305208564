package laws_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A commit passes through the interceptors as a closure of the service's own, after those of
// its batch and inside of the same ones.
func TestBATCHInterceptorSeesTheCommit(t *testing.T) {
	var d notes
	note := func(c actor.Closure, run func() error) error {
		name := c.String()
		d.add("%s of %s: own %t, awaited %t, %v", name[:strings.Index(name, " ")], c.Service(), c.Own(), c.Awaited(), c.Context())
		err := run()
		d.add("%v", err)
		return err
	}
	svc := actor.Start(&store{commit: func() error { return errLost }}, actortest.Quiet(), actor.WithName("books"),
		actor.WithBatch(10, (*store).flush), actor.WithInterceptor(note))
	_, err := actor.CallBatched(t.Context(), svc, func(s *store) (int, error) { s.insert(); return 1, nil })
	if !errors.Is(err, errLost) {
		t.Errorf("CallBatched = %v", err)
	}
	actortest.Stop(t, svc)
	got := d.take()
	want := []string{"laws_test.(*store).flush of books: own true, awaited false, context.Background", errLost.Error()}
	if len(got) < 4 || !strings.Contains(got[0], "own false, awaited true") || got[1] != "<nil>" || !slices.Equal(got[2:4], want) {
		t.Errorf("%q: want %q at last", got, want)
	}
}

// What an interceptor answers for a commit that it does not let through is the commit's
// error; the next batch is committed.
func TestBATCHRefusedByAnInterceptor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why, refuse := errors.New("read only"), true
		for _, reason := range []error{why, nil, actor.WithOutcome(why, actor.Unknown)} {
			var log actortest.Records
			svc := actor.Start(&store{}, log.Option(), actor.WithBatch(10, (*store).flush),
				actor.WithInterceptor(func(c actor.Closure, run func() error) error {
					if c.Own() && refuse {
						return reason
					}
					return run()
				}))
			insert := func(s *store) (int, error) { s.insert(); return 1, nil }
			refuse = true
			n, err := actor.CallBatched(t.Context(), svc, insert)
			if n != 0 || !errors.Is(err, actor.ErrRefused) || errors.Is(err, why) != (reason != nil) || actor.OutcomeOf(err) != actor.Ran {
				t.Errorf("%v: refused: %d, %v", reason, n, err)
			}
			if len(log.With("actor: commit of a batch failed")) != 1 {
				t.Error("the refusal is not logged")
			}
			if got := batches(t, svc); len(got) != 0 {
				t.Errorf("%v: %v were committed", reason, got)
			}
			_ = svc.Run(t.Context(), func(*store) error { refuse = false; return nil })
			synctest.Wait() // its burst is over
			if n, err := actor.CallBatched(t.Context(), svc, insert); n != 1 || err != nil {
				t.Errorf("%v: afterwards: %d, %v", reason, n, err)
			}
			if got := batches(t, svc); !slices.Equal(got, []int{1, 1}) { // the first one's with the burst that came next
				t.Errorf("%v: batches of %v", reason, got)
			}
			actortest.Stop(t, svc)
			actortest.Balanced(t, svc.Info())
		}
	})
}

// A panic of an interceptor around a commit is the service's crash, which names the
// interceptor; one of the commit names that, also if an interceptor recovers it.
func TestL7PanicAroundTheCommit(t *testing.T) {
	own := func(around actor.Interceptor) actor.Option {
		return actor.WithInterceptor(func(c actor.Closure, run func() error) error {
			if c.Own() {
				return around(c, run)
			}
			return run()
		})
	}
	commits := func(*store) error { return nil }
	for _, row := range []struct {
		name   string
		commit func(*store) error
		around actor.Option
		fn     string
	}{
		{"passes", panicsInCommit, own(func(_ actor.Closure, run func() error) error { return run() }), "panicsInCommit"},
		{"recovered", panicsInCommit, own(func(_ actor.Closure, run func() error) error {
			defer func() { _ = recover() }()
			return run()
		}), "panicsInCommit"},
		{"before", commits, actor.WithInterceptor(panicsBeforeOwn), "panicsBeforeOwn"},
		{"after", commits, actor.WithInterceptor(panicsAfterOwn), "panicsAfterOwn"},
	} {
		t.Run(row.name, func(t *testing.T) {
			svc := actor.Start(&store{}, actortest.Quiet(), actor.WithBatch(10, row.commit), row.around)
			_, err := actor.CallBatched(context.Background(), svc, func(s *store) (int, error) { s.insert(); return 1, nil })
			var p *actor.PanicError
			if actor.OutcomeOf(err) != actor.Crashed || !errors.As(err, &p) || !strings.Contains(p.Func, row.fn) {
				t.Errorf("CallBatched = %v", err)
			}
			<-svc.Done()
			actortest.Balanced(t, svc.Info())
		})
	}
}

func panicsBeforeOwn(c actor.Closure, run func() error) error {
	if c.Own() {
		panic("before")
	}
	return run()
}

func panicsAfterOwn(c actor.Closure, run func() error) error {
	err := run()
	if c.Own() {
		panic(fmt.Sprint("after ", err))
	}
	return err
}

// A commit that no interceptor sees costs no allocation.
func TestBATCHCommitCostsNoAllocation(t *testing.T) {
	filter := actor.FilteredInterceptor{
		Want: func(context.Context) bool { return false },
		Run:  func(_ actor.Closure, run func() error) error { return run() },
	}
	commits := 0
	svc := actor.Start(&actortest.Plain{}, actor.WithBatch(10, func(*actortest.Plain) error { commits++; return nil }),
		actor.WithFilteredInterceptor(filter))
	ctx := context.Background()
	f := func() { _, _ = actor.Get(ctx, svc, numberOf) }
	f()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("a batch of one call allocates %v times", n)
	}
	actortest.Stop(t, svc)
	if commits < 10 { // a call may come into the burst of the one before
		t.Errorf("%d commits", commits)
	}
}
