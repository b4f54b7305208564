package laws_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// insertLater returns the future of one more row.
func insertLater(ctx context.Context, svc *actor.Service[store]) *actor.Future[int] {
	return actor.AsyncBatched(ctx, svc, func(s *store) (int, error) { s.insert(); return s.fresh, nil })
}

// AsyncBatched hands over at once and in order, and its futures are answered together, after
// the commit, with the closure's result, or with the commit's error.
func TestBATCHAsyncAnsweredAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := error(nil)
		s := &store{commit: func() error { time.Sleep(time.Second); return fails }}
		svc := actor.Start(s, actor.WithBatch(10, (*store).flush), actortest.Quiet())
		for _, want := range []error{nil, errLost} {
			fails = want
			b := actortest.Occupy(t, svc)
			var all []*actor.Future[int]
			for range 3 {
				all = append(all, insertLater(t.Context(), svc))
			}
			b.LetGo()
			synctest.Wait() // the closures have run, and the commit has not
			for i, f := range all {
				select {
				case <-f.Done():
					t.Errorf("%d is answered before the commit", i)
				default:
				}
			}
			begin := time.Now()
			for i, f := range all {
				_, _ = f.Await(t.Context()) // it may be awaited again
				n, err := f.Await(t.Context())
				if want == nil && n != i+1 || !errors.Is(err, want) || actor.OutcomeOf(err) != actor.Ran {
					t.Errorf("%d: %d, %v, want %v", i, n, err, want)
				}
			}
			elapsed(t, begin, time.Second)
		}
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// Each way in which there is no answer after a commit.
func TestBATCHAsyncOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var commit func() error
		svc := actor.Start(&store{commit: func() error { return commit() }}, actor.WithBatch(10, (*store).flush), actor.WithCapacity(2), actortest.Quiet())
		ends := func(what string, f *actor.Future[int], want actor.Outcome, is error) {
			t.Helper()
			if _, err := f.Await(context.Background()); actor.OutcomeOf(err) != want || is != nil && !errors.Is(err, is) {
				t.Errorf("%s: %v, %v; want %v", what, actor.OutcomeOf(err), err, want)
			}
		}
		over, end := context.WithCancel(t.Context())
		b := actortest.Occupy(t, svc)
		queued := insertLater(over, svc)
		waiting := insertLater(t.Context(), svc)
		ends("no room", insertLater(t.Context(), svc), actor.NotRun, actor.ErrMailboxFull)
		end()
		ends("its context ended in the queue", queued, actor.NotRun, context.Canceled)
		ends("its context had ended", insertLater(over, svc), actor.NotRun, context.Canceled)
		commit = func() error { return nil }
		b.LetGo()
		ends("committed", waiting, actor.Ran, nil)
		if got := batches(t, svc); len(got) != 1 || got[0] != 1 {
			t.Errorf("batches of %v: a call whose context had ended was run", got)
		}

		late, endLate := context.WithCancel(t.Context())
		commit = func() error { endLate(); synctest.Wait(); return nil }
		ends("its context ended during the commit", insertLater(late, svc), actor.Ran, nil)

		commit = func() error { panic("no disk") }
		ends("the commit crashed", insertLater(t.Context(), svc), actor.Crashed, nil)
		<-svc.Done()
		ends("the service is gone", insertLater(t.Context(), svc), actor.NotRun, actor.ErrStopped)
	})
}

// A service that awaits its own batch would wait for ever, and is told so.
func TestL10AsyncBatchedOfItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&store{}, actor.WithBatch(10, (*store).flush), actortest.Quiet())
		err := svc.RunContext(t.Context(), func(ctx context.Context, s *store) error {
			_, err := insertLater(ctx, actor.Self[store](ctx)).Await(ctx)
			return err
		})
		if !errors.Is(err, actor.ErrSelfCall) {
			t.Errorf("%v", err)
		}
		actortest.Stop(t, svc)
	})
}
