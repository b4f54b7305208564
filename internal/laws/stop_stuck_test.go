package laws_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// stuckIn is a service one of whose functions does not return before gate is
// closed, and that function's place.
type stuckIn struct {
	svc   *actor.Service[closing]
	made  func() *closing
	gate  chan struct{}
	where string
	dead  actortest.Letters
}

var stuckPlaces = []string{"a closure", "the constructor", "Close"}

// newStuck declares it. At run, it gets stuck with two more closures in its queue,
// unless that is answered by then.
func newStuck(t testing.TB, place string) *stuckIn {
	s := &stuckIn{gate: make(chan struct{})}
	var close func() error
	if place == "Close" {
		s.where = "(*closing).Close"
		close = func() error { <-s.gate; return nil }
	}
	build, made := maker(close)
	s.made = made
	s.svc = actor.New(func(ctx context.Context) (*closing, error) {
		if place == "the constructor" {
			s.where = "newStuck.func"
			<-s.gate
		}
		return build(ctx)
	}, actortest.Quiet(), s.dead.Option())
	if place == "a closure" {
		s.where = "newStuck.func"
		actortest.Do(t, s.svc, func(*closing) { <-s.gate })
	}
	if place == "Close" {
		actortest.Do(t, s.svc, actortest.Panics)
	}
	actortest.Do(t, s.svc, func(*closing) { t.Error("a queued closure ran") })
	return s
}

// Stop waits no longer than its context. Then the service is cut off from what is
// still running: the error names that, the rest are dead letters, Done is closed;
// T is closed once, on its own goroutine, when that returns at last.
func TestL11StopNamesWhatIsStuck(t *testing.T) {
	for _, place := range stuckPlaces {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { stopStuck(t, place) })
		})
	}
}

func stopStuck(t *testing.T, place string) {
	s := newStuck(t, place)
	served := actortest.Serve(actortest.Supervised(context.Background()), s.svc)
	synctest.Wait()
	queued := actor.Async(s.svc, func(*closing) (int, error) { return 0, nil })
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	start := time.Now()
	err := s.svc.Stop(ctx)
	if waited := time.Since(start); waited != time.Second {
		t.Errorf("Stop took %v", waited)
	}
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), s.where) {
		t.Errorf("Stop = %v, want it to name %s", err, s.where)
	}
	if actortest.IsOpen(s.svc.Done()) || s.svc.Err() == nil {
		t.Errorf("Done is open: %v, Err = %v", actortest.IsOpen(s.svc.Done()), s.svc.Err())
	}
	actortest.InState(t, s.svc, actor.Ended)
	_, err = queued.Await(context.Background())
	actortest.Within(t, "the queued call", err, actor.ErrStopped, actor.NotRun)
	if n := len(s.dead.List()); n != 2 {
		t.Errorf("%d dead letters", n)
	}
	if place == "a closure" && len(s.made().closed) > 0 {
		t.Error("T was closed while its closure ran")
	}

	close(s.gate)
	if _, ok := <-served; !ok {
		t.Error("Serve did not return")
	}
	s.made().closedAtHome(t)
	actortest.Balanced(t, s.svc.Info())
	if err := s.svc.Stop(context.Background()); err != nil {
		t.Errorf("another Stop = %v", err)
	}
}

// Kill does the same without waiting. A constructor learns of it by its context.
func TestL11KillWhatIsStuck(t *testing.T) {
	for _, place := range stuckPlaces {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStuck(t, place)
				served := actortest.Serve(actortest.Supervised(context.Background()), s.svc)
				synctest.Wait()
				s.svc.Kill()
				if actortest.IsOpen(s.svc.Done()) {
					t.Error("Done is open")
				}
				actortest.InState(t, s.svc, actor.Ended)
				if i := s.svc.Info(); i.Queued != 0 {
					t.Errorf("after Kill: %+v", i)
				}
				close(s.gate)
				<-served
				s.made().closedAtHome(t)
				actortest.Balanced(t, s.svc.Info())
			})
		})
	}
}

// Kill of a service that has nothing to do closes its T all the same, and Serve
// returns nil.
func TestL11KillWhileParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		build, made := maker(nil)
		svc := actor.New(build, actortest.Quiet())
		served := actortest.Serve(context.Background(), svc)
		synctest.Wait()
		svc.Kill()
		<-svc.Done()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if err := svc.Err(); err != nil {
			t.Errorf("Err = %v", err)
		}
		made().closedAtHome(t)
	})
}

// Kill as soon as the service has started, when no incarnation is at work yet.
func TestL11KillAtBirth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := &actortest.Closable{}
		svc := actor.Start(state, actortest.Quiet())
		svc.Kill()
		<-svc.Done()
		synctest.Wait()
		if n := state.Closes.Load(); n != 1 {
			t.Errorf("closed %d times", n)
		}
	})
}

// The same at any moment of a service's work.
func TestL11KillAtAnyMoment(t *testing.T) {
	for i := range 500 {
		state := &actortest.Closable{}
		svc := actor.Start(state, actortest.Quiet())
		for range 50 {
			actortest.Do(t, svc, func(*actortest.Closable) {})
		}
		for range i % 50 {
			_ = svc.Info()
		}
		svc.Kill()
		<-svc.Done()
		if err := svc.Do(func(*actortest.Closable) {}); err != actor.ErrStopped {
			t.Fatalf("Do after Kill = %v", err)
		}
	}
}

// A Stop whose context has ended already does not wait at all.
func TestL11StopWithEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s := newStuck(t, "a closure")
		served := actortest.Serve(context.Background(), s.svc)
		synctest.Wait()
		if err := s.svc.Stop(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Stop = %v", err)
		}
		if actortest.IsOpen(s.svc.Done()) {
			t.Error("Done is open")
		}
		close(s.gate)
		<-served
		s.made().closedAtHome(t)
	})
}

// Two Stops, of which one runs out of time: both return then.
func TestL11StopRunsOutOfTimeForBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStuck(t, "a closure")
		served := actortest.Serve(context.Background(), s.svc)
		synctest.Wait()
		patient := make(chan error, 1)
		go func() { patient <- s.svc.Stop(context.Background()) }()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.svc.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the Stop that ran out of time = %v", err)
		}
		if err := <-patient; err == nil {
			t.Error("the other Stop says that all is well")
		}
		close(s.gate)
		<-served
	})
}

// logged is a slog.Handler that reports each record on a channel.
type logged chan struct{}

func (logged) Enabled(context.Context, slog.Level) bool { return true }
func (l logged) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l logged) WithGroup(string) slog.Handler          { return l }

func (l logged) Handle(context.Context, slog.Record) error {
	l <- struct{}{}
	return nil
}

// And at any moment of an end at which there is nothing to close. The log of the
// crash says that the end is near.
func TestL11CutOffAtTheEnd(t *testing.T) {
	for i := range 5000 {
		near := make(logged, 10)
		build := func(context.Context) (*actortest.Plain, error) { panic("boom") }
		svc := actor.New(build, actor.WithLogger(slog.New(near)))
		served := actortest.Serve(actortest.Supervised(context.Background()), svc)
		<-near
		for range i % 100 {
			_ = svc.Name() // some time
		}
		svc.CutOff(true)
		<-served
		actortest.InState(t, svc, actor.Pending)
		svc.Kill()
	}
}
