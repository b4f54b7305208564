package laws_test

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// aside runs f on a goroutine that f may end, and waits for that.
func aside(f func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		f()
	}()
	<-over
}

// emptying is what has the hook called, three times, with a blocker running.
var emptyings = []struct {
	name  string
	opts  []actor.Option
	empty func(*actor.Service[actortest.Closable], *actortest.Blocker[actortest.Closable])
	next  actor.State
}{
	{"Kill", nil, func(s *actor.Service[actortest.Closable], _ *actortest.Blocker[actortest.Closable]) { s.Kill() }, actor.Ended},
	{"Stop without time", nil, func(s *actor.Service[actortest.Closable], _ *actortest.Blocker[actortest.Closable]) {
		_ = s.Stop(expired())
	}, actor.Ended},
	{"CutOff", nil, func(s *actor.Service[actortest.Closable], _ *actortest.Blocker[actortest.Closable]) { s.CutOff(false) }, actor.Down},
	{"CutOff to go on, queue failed", []actor.Option{actor.WithQueuePolicy(actor.FailQueue)},
		func(s *actor.Service[actortest.Closable], _ *actortest.Blocker[actortest.Closable]) { s.CutOff(true) }, actor.Pending},
	{"the end of an abandoned service", nil, func(s *actor.Service[actortest.Closable], b *actortest.Blocker[actortest.Closable]) {
		s.Abandon()
		b.LetGo()
		synctest.Wait()
	}, actor.Down},
	{"the end, queue failed", []actor.Option{actor.WithQueuePolicy(actor.FailQueue)},
		func(_ *actor.Service[actortest.Closable], b *actortest.Blocker[actortest.Closable]) {
			b.LetGo()
			synctest.Wait()
		}, actor.Pending},
}

// A dead-letter hook that panics or calls Goexit harms nobody but, with Goexit, a
// goroutine that it was called on: each closure is shown, each call answered, and
// the service is where it belongs.
func TestL7HookCrashes(t *testing.T) {
	for _, p := range breaks {
		for _, e := range emptyings {
			synctest.Test(t, func(t *testing.T) {
				var log actortest.Records
				shown := 0
				hook := actor.WithDeadLetters(func(actor.DeadLetter) { shown++; p.end() })
				svc := actor.New((&actortest.Factory{}).Build, append(e.opts, hook, log.Option())...)
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				b := actortest.NewBlocker[actortest.Closable]()
				if err := svc.DoContext(t.Context(), func(ctx context.Context, c *actortest.Closable) {
					b.Run(c)
					actor.Exit(ctx, nil)
				}); err != nil {
					t.Fatal(err)
				}
				<-b.Started
				f := actor.Async(svc, func(*actortest.Closable) (int, error) { return 0, nil })
				actortest.Do(t, svc, lostHere)
				last := actor.Async(svc, func(*actortest.Closable) (int, error) { return 0, nil })
				aside(func() { e.empty(svc, b) })
				for _, f := range []*actor.Future[int]{f, last} {
					if _, err := f.Await(t.Context()); actor.OutcomeOf(err) != actor.NotRun {
						t.Errorf("%s, %s: %v", p.name, e.name, err)
					}
				}
				if i := svc.Info(); shown != 3 || i.Dead != 3 || i.State != e.next {
					t.Errorf("%s, %s: %d shown; %+v", p.name, e.name, shown, i)
				}
				for _, rec := range log.With("actor: dead-letter hook panicked") {
					if s := actortest.Attr(rec, "stack").String(); !strings.Contains(s, "_test.") || strings.Contains(s, "nano_services/actor.") {
						t.Errorf("%s: the stack is %q", p.name, s)
					}
				}
				if n := len(log.With("actor: dead-letter hook panicked")); p.name != "Goexit" && n != 3 {
					t.Errorf("%s, %s: %d records", p.name, e.name, n)
				}
				svc.Kill()
				<-svc.Done()
				select {
				case <-b.Release:
				default:
					b.LetGo()
				}
				<-served
			})
		}
	}
}

// A hook that crashes on a sender's goroutine does not change what Do returns, or
// that the newer closure is accepted.
func TestL7HookCrashesOnTheSender(t *testing.T) {
	for _, p := range breaks {
		svc := actor.Start(&actortest.Closable{}, actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest), actortest.Quiet(),
			actor.WithDeadLetters(func(actor.DeadLetter) { p.end() }))
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, lostHere)
		ran := false
		aside(func() {
			if err := svc.Do(func(*actortest.Closable) { ran = true }); err != nil {
				t.Errorf("%s: Do = %v", p.name, err)
			}
		})
		b.LetGo()
		actortest.Stop(t, svc)
		aside(func() {
			if err := svc.Do(lostHere); err != actor.ErrStopped {
				t.Errorf("%s: Do = %v", p.name, err)
			}
		})
		if i := svc.Info(); !ran || i.Dead != 1 || i.Refused != 1 {
			t.Errorf("%s: %+v; the newer one ran: %t", p.name, i, ran)
		}
	}
}

// A hook that ends a service's goroutine, because a closure of that service sent
// to another one that refused, is a crash of the closure.
func TestL7HookEndsASender(t *testing.T) {
	gone := actor.Start(&actortest.Closable{}, actortest.Quiet(),
		actor.WithDeadLetters(func(actor.DeadLetter) { runtime.Goexit() }))
	actortest.Stop(t, gone)
	svc := actor.Start(&actortest.Closable{}, actortest.Quiet())
	err := svc.Run(t.Context(), func(*actortest.Closable) error { return gone.Do(lostHere) })
	if actor.OutcomeOf(err) != actor.Crashed {
		t.Errorf("Run = %v", err)
	}
	<-svc.Done()
}

// badHandler is a slog.Handler that panics.
type badHandler struct{ slog.Handler }

func (badHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (badHandler) Handle(context.Context, slog.Record) error { panic("the log is full") }
func (h badHandler) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h badHandler) WithGroup(string) slog.Handler           { return h }

// A logger that panics loses the record, and nothing else.
func TestL7LoggerPanics(t *testing.T) {
	logger := actor.WithLogger(slog.New(badHandler{}))
	hook := actor.WithDeadLetters(func(actor.DeadLetter) { panic("the hook too") })
	rows := []struct {
		name string
		end  func(*actor.Service[actortest.Closable])
	}{
		{"crash", func(s *actor.Service[actortest.Closable]) {
			actortest.Do(t, s, func(*actortest.Closable) { panic("crash") })
		}},
		{"Close fails", func(s *actor.Service[actortest.Closable]) { _ = s.Stop(t.Context()) }},
		{"cut off", func(s *actor.Service[actortest.Closable]) {
			b := actortest.Occupy(t, s)
			defer b.LetGo()
			actortest.Do(t, s, lostHere)
			s.Kill()
		}},
	}
	for _, row := range rows {
		svc := actor.Start(&actortest.Closable{Err: errLost}, logger, hook)
		row.end(svc)
		<-svc.Done()
		if err := svc.Do(lostHere); err != actor.ErrStopped { // logs a refusal
			t.Errorf("%s: Do = %v", row.name, err)
		}
		if svc.Err() == nil {
			t.Errorf("%s: no reason", row.name)
		}
	}
}

// A logger may look at the service whose record it gets.
func TestL7LoggerMayUseTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var svc *actor.Service[actortest.Closable]
		svc = actor.Start(&actortest.Closable{Err: errLost}, actor.WithLogger(slog.New(handler(func() {
			_, _, _ = svc.Info(), svc.Err(), svc.Done()
		}))))
		b := actortest.Occupy(t, svc)
		svc.Kill()
		_ = svc.Do(lostHere)
		b.LetGo()
		synctest.Wait()
	})
}

// handler is a slog.Handler that does f for each record.
type handler func()

func (handler) Enabled(context.Context, slog.Level) bool    { return true }
func (h handler) Handle(context.Context, slog.Record) error { h(); return nil }
func (h handler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h handler) WithGroup(string) slog.Handler             { return h }
