package laws_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// A context that ends while the closure runs ends the waiting at once: the outcome
// is Unknown. The closure goes on, and the service with it.
func TestL5ContextEndsWhileRunning(t *testing.T) {
	for _, d := range dyings() {
		for _, w := range calls[actortest.Closable]() {
			synctest.Test(t, func(t *testing.T) {
				svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
				ctx, cancel := d.make()
				defer cancel()
				begin, ran := time.Now(), false
				err := w.run(ctx, svc, func(*actortest.Closable) {
					time.Sleep(3 * time.Second)
					ran = true
				})
				if actor.OutcomeOf(err) != actor.Unknown || !errors.Is(err, d.want) || errors.Is(err, actor.ErrNotRun) {
					t.Errorf("%s, %s: %v", d.name, w.name, err)
				}
				if time.Since(begin) != time.Second || svc.Info().Running != 1 {
					t.Errorf("%s, %s: after %v; %+v", d.name, w.name, time.Since(begin), svc.Info())
				}
				actortest.Stop(t, svc)
				if i := svc.Info(); !ran || i.Executed != 1 || i.Skipped != 0 {
					t.Errorf("%s, %s: %+v", d.name, w.name, i)
				}
			})
		}
	}
}

// A context that ends afterwards changes nothing.
func TestL5ContextEndsAfterwards(t *testing.T) {
	svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
	for n := range 100 {
		ctx, cancel := context.WithCancel(context.Background())
		got, err := actor.Call(ctx, svc, func(*actortest.Closable) (int, error) { return n, nil })
		cancel()
		if got != n || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
	}
	actortest.Stop(t, svc)
}

// A context that the closure itself ends, just before it returns: the answer is
// either the result or Unknown, and never half of one.
func TestL5ContextEndsAtTheEnd(t *testing.T) {
	svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
	for n := range 2000 {
		ctx, cancel := context.WithCancel(context.Background())
		got, err := actor.Call(ctx, svc, func(*actortest.Closable) (int, error) {
			cancel()
			return n, nil
		})
		switch actor.OutcomeOf(err) {
		case actor.Ran:
			if got != n || err != nil {
				t.Fatalf("ran: %d, %v; want %d", got, err, n)
			}
		case actor.Unknown:
			if got != 0 || !errors.Is(err, context.Canceled) {
				t.Fatalf("unknown: %d, %v", got, err)
			}
		default:
			t.Fatal(err)
		}
	}
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}

// A late answer reaches nobody: while the closure that nobody waits for any more
// runs to its end, the next call of the same type is under way already.
func TestL5LateAnswerReachesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		ask := func(ctx context.Context, answer string, length time.Duration) (string, error) {
			return actor.Call(ctx, svc, func(*actortest.Closable) (string, error) {
				time.Sleep(length)
				return answer, fmt.Errorf("error of %s", answer)
			})
		}
		for n := range 200 {
			// One that has been answered, so that there is a call to use again.
			if got, err := ask(t.Context(), "first", 0); got != "first" || err == nil {
				t.Fatalf("got %q, %v", got, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if got, err := ask(ctx, "late", 2*time.Second); got != "" || actor.OutcomeOf(err) != actor.Unknown {
				t.Fatalf("got %q, %v", got, err)
			}
			cancel()
			want := fmt.Sprint("next ", n)
			got, err := ask(t.Context(), want, time.Second)
			if got != want || err == nil || err.Error() != "error of "+want {
				t.Fatalf("got %q, %v; want %q", got, err, want)
			}
		}
		actortest.Stop(t, svc)
	})
}

// Neither does the end of a closure that the service was cut off from.
func TestL5AnswerAfterCutOffReachesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New((&actortest.Factory{}).Build, actortest.Quiet())
		ask := func(answer string) (string, error) {
			return actor.Get(t.Context(), svc, func(*actortest.Closable) string {
				time.Sleep(2 * time.Second)
				return answer
			})
		}
		actortest.Serve(actortest.Supervised(context.Background()), svc)
		for n := range 50 {
			time.AfterFunc(time.Second, func() {
				svc.CutOff(true)
				actortest.Serve(actortest.Supervised(context.Background()), svc)
			})
			if got, err := ask("late"); got != "" || actor.OutcomeOf(err) != actor.Unknown {
				t.Fatalf("got %q, %v", got, err)
			}
			want := fmt.Sprint("next ", n)
			if got, err := ask(want); got != want || err != nil {
				t.Fatalf("got %q, %v; want %q", got, err, want)
			}
		}
		actortest.Stop(t, svc)
	})
}

// A future outlives the waiting of those who await it, and answers each of them
// with the same.
func TestL5FutureIsAwaitedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
		f := actor.Async(svc, func(*actortest.Closable) (int, error) {
			time.Sleep(3 * time.Second)
			return 42, nil
		})
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			got, err := f.Await(ctx)
			cancel()
			if got != 0 || actor.OutcomeOf(err) != actor.Unknown || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %d, %v", got, err)
			}
		}
		for range 2 {
			if got, err := f.Await(t.Context()); got != 42 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		}
		if got, err := f.Await(expired()); got != 42 || err != nil {
			t.Errorf("an answer that is there: got %d, %v", got, err)
		}
		actortest.Stop(t, svc)
	})
}
