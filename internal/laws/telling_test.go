package laws_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"testing"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
)

// A way in which a hook hands a letter to a service that loses it.
type losing struct {
	name string
	opts []actor.Option
	// ready makes the office lose what comes.
	ready func(*testing.T, *actor.Service[actortest.Plain]) (undo func())
	send  func(*actor.Service[actortest.Plain]) error
	lost  func(actor.Info) uint64
}

func losings() []losing {
	stopped := func(t *testing.T, office *actor.Service[actortest.Plain]) func() {
		actortest.Stop(t, office)
		return func() {}
	}
	full := func(t *testing.T, office *actor.Service[actortest.Plain]) func() {
		b := actortest.Occupy(t, office)
		actortest.Do(t, office, func(*actortest.Plain) {})
		return func() { b.LetGo(); actortest.Stop(t, office) }
	}
	refused := func(i actor.Info) uint64 { return i.Refused }
	dead := func(i actor.Info) uint64 { return i.Dead }
	nothing := func(*actortest.Plain) {}
	doIt := func(office *actor.Service[actortest.Plain]) error { return office.Do(nothing) }
	ctx := context.Background()
	expired, cancel := context.WithCancel(ctx)
	cancel()
	doContext := func(office *actor.Service[actortest.Plain]) error {
		return office.DoContext(expired, func(context.Context, *actortest.Plain) {})
	}
	return []losing{
		{"Do, stopped", nil, stopped, doIt, refused},
		{"Do, full", []actor.Option{actor.WithCapacity(1)}, full, doIt, refused},
		{"Do, drops its oldest", []actor.Option{actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest)}, full, doIt, dead},
		{"DoContext, stopped", nil, stopped, doContext, refused},
		{"DoContext, full", []actor.Option{actor.WithCapacity(1)}, full, doContext, refused},
		{"Kill", []actor.Option{}, full, func(office *actor.Service[actortest.Plain]) error {
			office.Kill()
			return nil
		}, dead},
	}
}

// A dead letter about a dead letter is counted, and not told to the hook that has caused
// it.
func TestL17LetterAboutALetter(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 24))
	for _, row := range losings() {
		for name, hooks := range map[string]int{"one hook": 1, "two that cause one another's letters": 2} {
			t.Run(row.name+", "+name, func(t *testing.T) { letterAboutALetter(t, row, hooks) })
		}
	}
}

func letterAboutALetter(t *testing.T, row losing, hooks int) {
	offices := make([]*actor.Service[actortest.Plain], hooks)
	told := make([]atomic.Int32, hooks)
	hook := make([]actor.Option, hooks) // hands the letters of office i to office i+1
	for i := range hook {
		hook[i] = actor.WithDeadLetters(func(actor.DeadLetter) {
			told[i].Add(1)
			_ = row.send(offices[(i+1)%hooks])
		})
	}
	for i := range offices {
		offices[i] = actor.Start(&actortest.Plain{}, append(row.opts, hook[i], actortest.Quiet())...)
	}
	first := actor.Start(&actortest.Plain{}, hook[hooks-1], actortest.Quiet()) // its letters go to the first office
	actortest.Stop(t, first)
	for _, office := range offices {
		defer row.ready(t, office)()
	}
	before := make([]uint64, hooks)
	for i, office := range offices {
		before[i] = row.lost(office.Info())
		told[i].Store(0)
	}
	if err := first.Do(func(*actortest.Plain) {}); !errors.Is(err, actor.ErrStopped) {
		t.Error(err)
	}
	for i, office := range offices {
		if n := row.lost(office.Info()) - before[i]; n == 0 {
			t.Errorf("office %d has lost nothing", i)
		}
		if n := told[i].Load(); n != 1 {
			t.Errorf("hook %d was told %d times", i, n)
		}
	}
}

// Hooks of one kind, each of which hands what it is told to all services, do not go through
// them in every order: that would be n factorial letters, and no end of the Do that began it.
func TestL17HooksOfOneKind(t *testing.T) {
	const n = 30
	var all [n]*actor.Service[actortest.Plain]
	var told atomic.Int64
	for i := range all {
		all[i] = actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) {
			told.Add(1)
			for _, svc := range all {
				_ = svc.Do(increment)
			}
		}))
	}
	for _, svc := range all {
		actortest.Stop(t, svc)
	}
	if err := all[0].Do(increment); err != actor.ErrStopped {
		t.Error(err)
	}
	if got := told.Load(); got < n || got > n*n {
		t.Errorf("%d hooks were called", got)
	}
}

// What is not told is logged.
func TestL17UntoldIsLogged(t *testing.T) {
	var log actortest.Records
	var office *actor.Service[actortest.Plain]
	hook := actor.WithDeadLetters(func(actor.DeadLetter) { _ = office.Do(func(*actortest.Plain) {}) })
	office = actor.Start(&actortest.Plain{}, actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest), hook, log.Option())
	b := actortest.Occupy(t, office)
	actortest.Do(t, office, func(*actortest.Plain) {})
	actortest.Do(t, office, func(*actortest.Plain) {})
	if n := office.Info().Dead; n != 2 {
		t.Errorf("%d dead", n)
	}
	if l := log.With("actor: dead letter that its hook has caused"); len(l) != 1 {
		t.Errorf("logged %v", log.List())
	}
	b.LetGo()
	actortest.Stop(t, office)
}

// A hook is told by another goroutine while it runs, and again when it has returned.
func TestL17HookIsToldByOthersMeanwhile(t *testing.T) {
	var told atomic.Int32
	entered, leave := make(chan struct{}), make(chan struct{})
	svc := actor.Start(&actortest.Plain{}, actortest.Quiet(), actor.WithDeadLetters(func(actor.DeadLetter) {
		if told.Add(1) == 1 {
			close(entered)
			<-leave
		}
	}))
	actortest.Stop(t, svc)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = svc.Do(func(*actortest.Plain) {})
		_ = svc.Do(func(*actortest.Plain) {})
	}()
	<-entered
	_ = svc.Do(func(*actortest.Plain) {})
	if n := told.Load(); n != 2 {
		t.Errorf("told %d times", n)
	}
	close(leave)
	<-over
	if n := told.Load(); n != 3 {
		t.Errorf("told %d times", n)
	}
}

// A letter that an interceptor refuses at its turn is a dead letter on the office's own
// goroutine, and not told to the hook that has sent it: else it would be sent for ever.
func TestL17RefusedLetter(t *testing.T) {
	ctx := t.Context()
	var office *actor.Service[actortest.Plain]
	var to *actor.Recipient[int]
	nothing := func(*actortest.Plain) {}
	for name, send := range map[string]func(){
		"Do":        func() { _ = office.Do(nothing) },
		"DoContext": func() { _ = office.DoContext(ctx, func(context.Context, *actortest.Plain) {}) },
		"Async":     func() { actor.Async(office, func(*actortest.Plain) (int, error) { return 0, nil }) },
		"Run":       func() { _ = office.Run(ctx, func(*actortest.Plain) error { return nil }) },
		"Send":      func() { _ = to.Send(1) },
		"a router": func() {
			_ = actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { return office }).Do(nothing)
		},
	} {
		for _, observed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, observed: %t", name, observed), func(t *testing.T) {
				var told atomic.Int32
				hook := actor.WithDeadLetters(func(actor.DeadLetter) {
					if told.Add(1) < 100 {
						send()
					}
				})
				options := []actor.Option{hook, actortest.Quiet(), actor.WithInterceptor(func(actor.Closure, func() error) error { return nil })}
				if observed {
					options = append(options, actor.WithTimes(), actor.WithHistory(1))
				}
				office = actor.Start(&actortest.Plain{}, options...)
				to, _ = actor.NewRecipient(office, func(*actortest.Plain, int) {})
				first := actor.Start(&actortest.Plain{}, hook, actortest.Quiet())
				actortest.Stop(t, first)
				_ = first.Do(nothing)
				actortest.Stop(t, office)
				if n := told.Load(); n != 1 {
					t.Errorf("the hook was told %d times", n)
				}
				if i := office.Info(); i.Dead != 1 {
					t.Errorf("%d dead", i.Dead)
				}
			})
		}
	}
}

// A logger that uses services is not called for what it causes itself.
func TestL17LoggerCausesARecord(t *testing.T) {
	var svcs []*actor.Service[actortest.Plain]
	var calls, deepest, depth int
	h := &handling{handle: func() {
		calls++
		depth++
		deepest = max(deepest, depth)
		for _, svc := range svcs {
			_ = svc.Do(func(*actortest.Plain) {})
		}
		depth--
	}}
	option := actor.WithLogger(slog.New(h))
	for range 10 {
		svc := actor.Start(&actortest.Plain{}, option)
		actortest.Stop(t, svc)
		svcs = append(svcs, svc)
	}
	_ = svcs[0].Do(func(*actortest.Plain) {})
	if calls != 1 || deepest != 1 {
		t.Errorf("called %d times, %d deep", calls, deepest)
	}
}

// handling is a slog.Handler that does something.
type handling struct{ handle func() }

func (h *handling) Enabled(context.Context, slog.Level) bool { return true }
func (h *handling) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *handling) WithGroup(string) slog.Handler            { return h }
func (h *handling) Handle(context.Context, slog.Record) error {
	h.handle()
	return nil
}

// What a hook panics with is asked once, by the goroutine that is in the hook, and the logger
// gets the answer: it may look at it anywhere, and walks through no map that is being changed.
func TestL17ValueOfAHooksPanic(t *testing.T) {
	held, release := hostile.New("panics with itself")
	defer release()
	for want, value := range map[string]any{
		"(map[string]int)": map[string]int{"a": 1},
		"(*hostile.Stringer, which panics when it is asked: (*hostile.Error))": &hostile.Stringer{Manner: held},
		"text": "text",
	} {
		var log actortest.Records
		svc := actor.Start(&actortest.Plain{}, log.Option(), actor.WithDeadLetters(func(actor.DeadLetter) { panic(value) }))
		actortest.Stop(t, svc)
		_ = svc.Do(func(*actortest.Plain) {})
		l := log.With("actor: dead-letter hook panicked")
		if len(l) != 1 {
			t.Fatalf("%s: %d records", want, len(l))
		}
		if v := actortest.Attr(l[0], "value"); v.Kind() != slog.KindString || v.String() != want {
			t.Errorf("logged is a %v: %v", v.Kind(), v)
		}
	}
}
