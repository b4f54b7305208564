package supervisor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// lingers is a T whose Close is that of a test.
type lingers struct{ close func() }

func (s *lingers) Close() { s.close() }

// hangsIn is looked for in stacks.
func hangsIn(gate <-chan struct{}) { <-gate }

// What still runs when a child is cut off is named, and the stack is that of the goroutine that
// runs it, whichever of the service's that is; also where another service hangs in the same.
func TestSUPStackIsOfWhatStillRuns(t *testing.T) {
	bg := context.Background()
	nothing := func(*lingers) {}
	type place struct { // what is nil does nothing
		options func(hang func()) []actor.Option
		build   func(ctx context.Context, hang func()) (closes func())
		begin   func(s *actor.Service[lingers], hang func())
		running string // "": a function of this test
	}
	for name, at := range map[string]place{
		"closure": {begin: func(s *actor.Service[lingers], hang func()) { _ = s.Do(func(*lingers) { hang() }) }},
		"constructor": {build: func(_ context.Context, hang func()) func() { hang(); return func() {} },
			running: "stuckIn."},
		"Continue": {build: func(ctx context.Context, hang func()) func() {
			actor.Continue(ctx, func(*lingers) { hang() })
			return func() {}
		}},
		"Close": {build: func(_ context.Context, hang func()) func() { return hang }, running: "(*lingers).Close"},
		"After": {begin: func(s *actor.Service[lingers], hang func()) { s.After(0, func(*lingers) { hang() }) }},
		"Every": {begin: func(s *actor.Service[lingers], hang func()) { s.Every(time.Second, func(*lingers) { hang() }) }},
		"WhenIdle": {begin: func(s *actor.Service[lingers], hang func()) {
			s.WhenIdle(time.Second, func(*lingers) { hang() })
		}},
		"Inspect": {begin: func(s *actor.Service[lingers], hang func()) {
			go func() { _, _ = actor.Inspect(bg, s, func(*lingers) int { hang(); return 0 }) }()
		}},
		"view": {begin: func(s *actor.Service[lingers], hang func()) {
			actor.NewView(s, func(*lingers) int { hang(); return 0 })
		}},
		"interceptor": {options: func(hang func()) []actor.Option {
			return []actor.Option{actor.WithInterceptor(func(_ actor.Closure, run func() error) error { hang(); return run() })}
		}, begin: func(s *actor.Service[lingers], _ func()) { _ = s.Do(nothing) }},
		"a thread": {options: func(func()) []actor.Option { return []actor.Option{actor.WithOSThread()} },
			begin: func(s *actor.Service[lingers], hang func()) { _ = s.Do(func(*lingers) { hang() }) }},
		"Go": {begin: func(s *actor.Service[lingers], hang func()) {
			_ = s.Do(func(*lingers) { _ = actor.Go(s, func(context.Context) error { hang(); return nil }) })
		}},
		"Go, from elsewhere": {begin: func(s *actor.Service[lingers], hang func()) {
			_ = actor.Go(s, func(context.Context) error { hang(); return nil })
		}},
		"Pipe": {begin: func(s *actor.Service[lingers], hang func()) {
			_ = s.Do(func(*lingers) {
				_ = actor.Pipe(s, func(context.Context) (int, error) { hang(); return 0, nil }, func(*lingers, int, error) {})
			})
		}},
		"a hook": {options: func(hang func()) []actor.Option {
			return []actor.Option{actor.WithQueuePolicy(actor.FailQueue), actor.WithDeadLetters(func(actor.DeadLetter) { hang() })}
		}, begin: func(s *actor.Service[lingers], _ func()) {
			_ = s.DoContext(bg, func(ctx context.Context, _ *lingers) { _ = s.Do(nothing); actor.Exit(ctx, errCrash) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				hang := func() { hangsIn(gate) }
				var cs []supervisor.Child
				var all []*actor.Service[lingers]
				for _, n := range []string{"a", "b"} {
					opts := []actor.Option{actor.WithLogger(quiet)}
					if at.options != nil {
						opts = append(opts, at.options(hang)...)
					}
					s := actor.New(stuckIn(at.build, hang), opts...)
					cs, all = append(cs, supervisor.Child{Name: n, Service: s, Shutdown: time.Second}), append(all, s)
				}
				spec := children(cs...)
				spec.Together = true
				root := supervisor.New("root", spec)
				go func() { _ = root.Start(context.Background()) }()
				synctest.Wait()
				for _, s := range all {
					if at.begin != nil {
						at.begin(s, hang)
					}
				}
				time.Sleep(2 * time.Second)
				err := root.Stop(bg)
				var stuck *supervisor.StuckError
				if !errors.As(err, &stuck) || len(stuck.Children) != 2 {
					t.Errorf("Stop = %v", err)
				} else {
					for _, c := range stuck.Children {
						want := at.running
						if want == "" {
							want = "TestSUPStackIsOfWhatStillRuns.func"
						}
						if !strings.Contains(c.Running, want) || !ofNoService(name) && !strings.Contains(c.Stack, ".hangsIn(") {
							t.Errorf("%s is in %q, with the stack\n%s", c.Path, c.Running, c.Stack)
						}
					}
					if a, b := stuck.Children[0].Stack, stuck.Children[1].Stack; a == b {
						t.Error("both have one stack")
					}
				}
				close(gate)
			})
		})
	}
}

// ofNoService reports whether it is not known whose such a work is, where several are in one
// function: who has created its goroutine is no service.
func ofNoService(place string) bool { return place == "Go, from elsewhere" }

// stuckIn returns a constructor that calls what a test has.
func stuckIn(build func(context.Context, func()) func(), hang func()) func(context.Context) (*lingers, error) {
	return func(ctx context.Context) (*lingers, error) {
		s := &lingers{func() {}}
		if build != nil {
			s.close = build(ctx, hang)
		}
		return s, nil
	}
}
