package laws_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// store is a T that commits in batches.
type store struct {
	fresh   int   // not committed
	batches []int // the size of each
	commit  func() error
	closed  bool
}

func (s *store) insert() { s.fresh++ }

func (s *store) flush() error {
	if s.fresh == 0 {
		return nil
	}
	s.batches = append(s.batches, s.fresh)
	s.fresh = 0
	if s.commit != nil {
		return s.commit()
	}
	return nil
}

func (s *store) Close() error { s.closed = true; return nil }

// batches returns what a store has committed so far. The question itself ends a batch.
func batches(t testing.TB, svc *actor.Service[store]) []int {
	t.Helper()
	all, err := actor.Get(context.Background(), svc, func(s *store) []int { return slices.Clone(s.batches) })
	if err != nil {
		t.Errorf("Get = %v", err)
	}
	return all
}

// What has come meanwhile is a batch, and so is what comes alone; none is larger than
// the limit.
func TestBATCHSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&store{}, actor.WithBatch(4, (*store).flush), actortest.Quiet())
		actortest.Do(t, svc, (*store).insert)
		synctest.Wait()
		b := actortest.Occupy(t, svc)
		for range 10 {
			actortest.Do(t, svc, (*store).insert)
		}
		b.LetGo()
		synctest.Wait()
		actortest.Do(t, svc, (*store).insert)
		synctest.Wait()
		// The closure that occupied it belongs to the first batch of four.
		if got := batches(t, svc); !slices.Equal(got, []int{1, 3, 4, 3, 1}) {
			t.Errorf("batches of %v", got)
		}
		actortest.Stop(t, svc)
	})
}

// CallBatched is answered after the commit, with the closure's result, and with the
// commit's error, which is joined with the closure's.
func TestBATCHAnsweredAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log actortest.Records
		fails := error(nil)
		s := &store{commit: func() error { time.Sleep(time.Second); return fails }}
		svc := actor.Start(s, actor.WithBatch(10, (*store).flush), log.Option())
		begin := time.Now()
		n, err := actor.CallBatched(t.Context(), svc, func(s *store) (int, error) { s.insert(); return 7, nil })
		if n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		elapsed(t, begin, time.Second)

		fails = errLost
		own := errors.New("its own")
		b := actortest.Occupy(t, svc)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				n, err := actor.CallBatched(context.Background(), svc, func(s *store) (int, error) {
					s.insert()
					if i == 0 {
						return 1, own
					}
					return 1, nil
				})
				if n != 0 || !errors.Is(err, errLost) || errors.Is(err, own) != (i == 0) || actor.OutcomeOf(err) != actor.Ran {
					t.Errorf("%d: %d, %v", i, n, err)
				}
			})
		}
		synctest.Wait()
		b.LetGo()
		wg.Wait()
		if len(log.With("actor: commit of a batch failed")) != 1 {
			t.Error("the error is not logged")
		}
		if err := svc.Run(context.Background(), func(*store) error { return nil }); err != nil {
			t.Error(err)
		}
		actortest.Stop(t, svc)
		actortest.Balanced(t, svc.Info())
	})
}

// What a caller is told by the error of the closure and that of the commit. That the effect is
// unknown is the one outcome that a commit can tell: its closures have run.
func TestBATCHErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := errors.New("its own")
		for _, c := range []struct {
			closure, commit error
			result          int
			want            actor.Outcome
		}{
			{nil, nil, 7, actor.Ran},
			{own, nil, 7, actor.Ran},
			{nil, errLost, 0, actor.Ran},
			{own, errLost, 0, actor.Ran},
			{nil, actor.WithOutcome(errLost, actor.Unknown), 0, actor.Unknown},
			{own, actor.WithOutcome(errLost, actor.Unknown), 0, actor.Unknown},
			{nil, fmt.Errorf("commit: %w", actor.WithOutcome(errLost, actor.Unknown)), 0, actor.Unknown},
			{actor.WithOutcome(own, actor.NotRun), actor.WithOutcome(errLost, actor.Unknown), 0, actor.Unknown},
			{nil, actor.WithOutcome(errLost, actor.NotRun), 0, actor.Ran},
			{actor.WithOutcome(own, actor.Unknown), errLost, 0, actor.Ran},
			{own, actor.WithOutcome(errLost, actor.Crashed), 0, actor.Ran},
			{actor.WithOutcome(own, actor.NotRun), nil, 7, actor.Ran},
		} {
			svc := actor.Start(&store{commit: func() error { return c.commit }}, actor.WithBatch(10, (*store).flush), actortest.Quiet())
			n, err := actor.CallBatched(t.Context(), svc, func(s *store) (int, error) { s.insert(); return 7, c.closure })
			if n != c.result || actor.OutcomeOf(err) != c.want || errors.Is(err, actor.ErrNotRun) {
				t.Errorf("%v, %v: %d, %v (%v), want %d, %v", c.closure, c.commit, n, err, actor.OutcomeOf(err), c.result, c.want)
			}
			if errors.Is(err, own) != (c.closure != nil) || errors.Is(err, errLost) != (c.commit != nil) {
				t.Errorf("%v, %v: %v", c.closure, c.commit, err)
			}
			actortest.Stop(t, svc)
		}
	})
}

// A restart and a Stop come after the commit of what has run; a closure that ends the
// incarnation ends the batch.
func TestBATCHIsCommittedBeforeTheEnd(t *testing.T) {
	for name, end := range map[string]func(context.Context, context.CancelCauseFunc, *actor.Service[store]){
		"Stop": func(_ context.Context, _ context.CancelCauseFunc, svc *actor.Service[store]) {
			go svc.Stop(context.Background())
		},
		"restart": func(_ context.Context, cancel context.CancelCauseFunc, _ *actor.Service[store]) {
			cancel(actor.Restart)
		},
		"Exit": func(ctx context.Context, _ context.CancelCauseFunc, _ *actor.Service[store]) { actor.Exit(ctx, nil) },
	} {
		synctest.Test(t, func(t *testing.T) {
			var s *store
			svc := actor.New(func(context.Context) (*store, error) { s = &store{}; return s, nil },
				actor.WithBatch(100, (*store).flush), actortest.Quiet())
			ctx, cancel := context.WithCancelCause(actortest.Supervised(context.Background()))
			served := actortest.Serve(ctx, svc)
			b := actortest.Occupy(t, svc)
			for range 5 {
				actortest.Do(t, svc, (*store).insert)
			}
			err := svc.DoContext(context.Background(), func(ctx context.Context, _ *store) { end(ctx, cancel, svc); time.Sleep(time.Second) })
			if err != nil {
				t.Error(err)
			}
			actortest.Do(t, svc, (*store).insert)
			b.LetGo()
			<-served
			cancel(nil)
			if s.fresh != 0 || len(s.batches) == 0 || !s.closed {
				t.Errorf("%s: %+v", name, s)
			}
			svc.Kill()
			actortest.Balanced(t, svc.Info())
		})
	}
}

// However a restart races with the end of a closure, what has run is committed.
func TestBATCHRestartRaces(t *testing.T) {
	for range 100 {
		var s *store
		svc := actor.New(func(context.Context) (*store, error) { s = &store{}; return s, nil },
			actor.WithBatch(1_000_000, (*store).flush), actortest.Quiet())
		ctx, cancel := context.WithCancelCause(actortest.Supervised(context.Background()))
		served := actortest.Serve(ctx, svc)
		var again func(*store)
		again = func(s *store) { s.insert(); actortest.Do(t, svc, again) }
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, again) // two of them: one always waits, so that the batch goes on
		actortest.Do(t, svc, again)
		running := make(chan struct{})
		actortest.Do(t, svc, func(*store) { close(running) })
		b.LetGo()
		<-running
		cancel(actor.Restart)
		<-served
		if s.fresh != 0 {
			t.Fatalf("%d closures ran and were not committed", s.fresh)
		}
		svc.Kill()
		actortest.Balanced(t, svc.Info())
	}
}

// After a crash nothing is committed, and who waited for that learns it at once.
func TestL8NoCommitAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *store
		svc := actor.New(func(context.Context) (*store, error) { s = &store{}; return s, nil },
			actor.WithBatch(100, (*store).flush), actortest.Quiet())
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		b := actortest.Occupy(t, svc)
		answer := make(chan error, 1)
		go func() {
			_, err := actor.CallBatched(context.Background(), svc, func(s *store) (int, error) { s.insert(); return 1, nil })
			answer <- err
		}()
		synctest.Wait()
		actortest.Do(t, svc, func(*store) { panic("crash") })
		b.LetGo()
		err := <-answer
		actortest.Within(t, "CallBatched", err, actor.ErrRestarted, actor.Unknown)
		if !errors.Is(err, actor.ErrUnanswered) {
			t.Errorf("%v", err)
		}
		<-served
		if s.fresh != 1 || len(s.batches) != 0 {
			t.Errorf("%+v", s)
		}
		svc.Kill()
	})
}

// A goroutine that was cut off from its service commits nothing when it comes back.
func TestL8NoCommitByALostGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made []*store
		svc := actor.New(func(context.Context) (*store, error) {
			made = append(made, &store{})
			return made[len(made)-1], nil
		}, actor.WithBatch(100, (*store).flush), actortest.Quiet())
		first := actortest.Serve(actortest.Supervised(context.Background()), svc)
		release := make(chan struct{})
		actortest.Do(t, svc, func(s *store) { s.insert(); <-release })
		synctest.Wait()
		svc.CutOff(true)
		close(release)
		<-first
		second := actortest.Serve(actortest.Supervised(context.Background()), svc)
		synctest.Wait()
		actortest.Do(t, svc, (*store).insert)
		actortest.Stop(t, svc)
		<-second
		if len(made) != 2 || len(made[0].batches) != 0 || !slices.Equal(made[1].batches, []int{1}) {
			t.Errorf("%+v", made)
		}
	})
}

func panicsInCommit(*store) error { panic("commit") }
func exitsInCommit(*store) error  { runtime.Goexit(); return nil }

// A panic or Goexit in the commit is the service's crash, which names it, and not the
// latest closure; the calls of the batch have crashed.
func TestL7PanicInTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, commit := range map[string]func(*store) error{"panicsInCommit": panicsInCommit, "exitsInCommit": exitsInCommit} {
			svc := actor.New(func(context.Context) (*store, error) { return &store{}, nil }, actor.WithBatch(10, commit), actortest.Quiet())
			served := actortest.Serve(actortest.Supervised(context.Background()), svc)
			_, err := actor.CallBatched(context.Background(), svc, func(s *store) (int, error) { s.insert(); return 1, nil })
			var p *actor.PanicError
			if !errors.As(err, &p) || actor.OutcomeOf(err) != actor.Crashed || !strings.HasSuffix(p.Func, name) {
				t.Errorf("CallBatched = %v", err)
			}
			<-served
			if !errors.As(svc.Err(), &p) || !strings.HasSuffix(p.Func, name) || len(p.Stack()) == 0 {
				t.Errorf("Err = %v", svc.Err())
			}
			actortest.InState(t, svc, actor.Pending)
			actortest.Stop(t, svc)
			actortest.Balanced(t, svc.Info())
		}
	})
}

// A commit that does not return is cut off like a closure.
func TestL11CommitIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		svc := actor.Start(&store{}, actor.WithBatch(10, func(*store) error { <-release; return nil }), actortest.Quiet())
		answer := make(chan error, 2)
		b := actortest.Occupy(t, svc)
		for range 2 {
			go func() {
				_, err := actor.CallBatched(context.Background(), svc, func(s *store) (int, error) { return 1, nil })
				answer <- err
			}()
		}
		synctest.Wait()
		b.LetGo()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := svc.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop = %v", err)
		}
		for range 2 {
			actortest.Within(t, "CallBatched", <-answer, actor.ErrStopped, actor.Unknown)
		}
		close(release)
		synctest.Wait()
		actortest.Balanced(t, svc.Info())
	})
}

// A call that has been committed is not kept by its service, nor is its result.
func TestBATCHLetsGoOfWhatIsCommitted(t *testing.T) {
	svc := actor.Start(&store{}, actor.WithBatch(10, (*store).flush), actortest.Quiet())
	defer actortest.Stop(t, svc)
	var results []weak.Pointer[[1 << 10]byte]
	for range 3 {
		r, err := actor.CallBatched(t.Context(), svc, func(s *store) (*[1 << 10]byte, error) { s.insert(); return new([1 << 10]byte), nil })
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, weak.Make(r))
	}
	for i, r := range results {
		actortest.Collected(t, fmt.Sprint("result ", i), func() bool { return r.Value() == nil })
	}
}

func TestBATCHMisusePanics(t *testing.T) {
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet())
	defer actortest.Stop(t, svc)
	nothing := func(*actortest.Plain) error { return nil }
	panicsWith(t, "WithBatch(0)", func() { actor.WithBatch(0, nothing) })
	panicsWith(t, "WithBatch with a nil", func() { actor.WithBatch[actortest.Plain](1, nil) })
	panicsWith(t, "WithBatch for a Plain given to the service store", func() { actor.Start(&store{}, actor.WithBatch(1, nothing)) })
	panicsWith(t, "without WithBatch", func() {
		_, _ = actor.CallBatched(t.Context(), svc, func(*actortest.Plain) (int, error) { return 0, nil })
	})
	panicsWith(t, "AsyncBatched on ", func() {
		actor.AsyncBatched(t.Context(), svc, func(*actortest.Plain) (int, error) { return 0, nil })
	})
	panicsWith(t, "CallBatched of a nil", func() { _, _ = actor.CallBatched[actortest.Plain, int](t.Context(), svc, nil) })
}
