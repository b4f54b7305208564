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

// lost is an ending of a service after which queued closures do not run.
type lost struct {
	name   string
	opts   []actor.Option
	serve  bool // it is being served, and a closure runs, when it ends
	end    func(*actor.Service[actortest.Closable])
	reason error
}

func losses() []lost {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	return []lost{
		{"Stop without time", nil, true, func(s *actor.Service[actortest.Closable]) { _ = s.Stop(ended) },
			actor.ErrStopped},
		{"Kill", nil, true, (*actor.Service[actortest.Closable]).Kill, actor.ErrStopped},
		{"CutOff for good", nil, true, func(s *actor.Service[actortest.Closable]) { s.CutOff(false) }, actor.ErrStopped},
		{"CutOff to go on, queue failed", []actor.Option{actor.WithQueuePolicy(actor.FailQueue)}, true,
			func(s *actor.Service[actortest.Closable]) { s.CutOff(true) }, actor.ErrRestarted},
		{"Stop of a pending service", nil, false,
			func(s *actor.Service[actortest.Closable]) { _ = s.Stop(context.Background()) }, actor.ErrStopped},
		{"Kill of a pending service", nil, false, (*actor.Service[actortest.Closable]).Kill, actor.ErrStopped},
		{"Abandon", nil, false, (*actor.Service[actortest.Closable]).Abandon, actor.ErrStopped},
	}
}

// lostHere is a closure that is not to run, with a name to be reported.
func lostHere(*actortest.Closable) { panic("ran") }

// A closure that was accepted and will not run is a dead letter, with its reason,
// and a call too; each is shown once and counted once.
func TestL3LostClosureIsADeadLetter(t *testing.T) {
	for _, row := range losses() {
		synctest.Test(t, func(t *testing.T) {
			var dead actortest.Letters
			svc := actor.New((&actortest.Factory{}).Build, append(row.opts, dead.Option(), actortest.Quiet(),
				actor.WithName("lossy"))...)
			var b *actortest.Blocker[actortest.Closable]
			if row.serve {
				served := actortest.Serve(actortest.Supervised(context.Background()), svc)
				defer func() { <-served }()
				b = actortest.Occupy(t, svc)
				defer b.LetGo()
			}
			actortest.Do(t, svc, lostHere)
			if err := svc.DoContext(t.Context(), func(context.Context, *actortest.Closable) { panic("ran") }); err != nil {
				t.Error(err)
			}
			f := actor.Async(svc, func(*actortest.Closable) (int, error) { panic("ran") })
			row.end(svc)
			if _, err := f.Await(t.Context()); !errors.Is(err, row.reason) || actor.OutcomeOf(err) != actor.NotRun {
				t.Errorf("%s: the call: %v", row.name, err)
			}
			checkLetters(t, row.name, dead.List(), row.reason)
			if i := svc.Info(); i.Dead != 3 || i.Queued != 0 {
				t.Errorf("%s: %+v", row.name, i)
			}
			actortest.Balanced(t, svc.Info())
			svc.Kill()
		})
	}
}

// checkLetters wants those of Do, DoContext and a call, in that order.
func checkLetters(t *testing.T, name string, dead []actor.DeadLetter, reason error) {
	t.Helper()
	if len(dead) != 3 {
		t.Fatalf("%s: dead letters %+v", name, dead)
	}
	for n, fn := range []string{"lostHere", "TestL3LostClosureIsADeadLetter",
		"TestL3LostClosureIsADeadLetter"} {
		d := dead[n]
		if d.Service != "lossy" || !errors.Is(d.Reason, reason) || d.Refused || d.Call != (n == 2) ||
			!strings.Contains(d.Func, fn) || !strings.HasSuffix(d.File, "deadletter_test.go") || d.Line == 0 {
			t.Errorf("%s: dead letter %d: %+v; want %s, %v", name, n, d, fn, reason)
		}
	}
}

// What a full service drops to make room is a dead letter.
func TestL3DroppedIsADeadLetter(t *testing.T) {
	var dead actortest.Letters
	svc := actor.Start(&actortest.Closable{}, actor.WithCapacity(2), actor.WithOverflow(actor.DropOldest),
		dead.Option(), actortest.Quiet())
	b := actortest.Occupy(t, svc)
	actortest.Do(t, svc, lostHere)
	f := actor.Async(svc, func(*actortest.Closable) (int, error) { panic("ran") })
	for range 2 {
		actortest.Do(t, svc, func(*actortest.Closable) {})
	}
	if _, err := f.Await(t.Context()); !errors.Is(err, actor.ErrMailboxFull) ||
		actor.OutcomeOf(err) != actor.NotRun {
		t.Errorf("the call: %v", err)
	}
	d := dead.List()
	if len(d) != 2 || d[0].Call || !d[1].Call || d[0].Refused || d[1].Refused ||
		d[0].Reason != actor.ErrMailboxFull || d[1].Reason != actor.ErrMailboxFull {
		t.Errorf("dead letters %+v", d)
	}
	if i := svc.Info(); i.Accepted != 5 || i.Dead != 2 || i.Queued != 2 || i.Running != 1 || i.Executed != 0 {
		t.Errorf("%+v", i)
	}
	b.LetGo()
	actortest.Stop(t, svc)
	actortest.Balanced(t, svc.Info())
}

// A hook may use the service it is told about.
func TestL3HookMayUseTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var svc *actor.Service[actortest.Plain]
		hooked := 0
		hook := func(d actor.DeadLetter) {
			hooked++
			_, _, _ = svc.Info(), svc.Name(), svc.Err()
			svc.Kill()
			if !d.Refused {
				if err := svc.Do(refusedHere); err != actor.ErrStopped {
					t.Errorf("Do in the hook = %v", err)
				}
			}
		}
		svc = actor.Start(&actortest.Plain{}, actor.WithDeadLetters(hook), actortest.Quiet())
		b := actortest.Occupy(t, svc)
		actortest.Do(t, svc, refusedHere)
		actortest.Do(t, svc, refusedHere)
		svc.Kill()
		if hooked != 2 { // and not of what it was refused

			t.Errorf("the hook was called %d times", hooked)
		}
		b.LetGo()
	})
}
