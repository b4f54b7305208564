package supervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// A hook that misbehaves can not hurt the tree, and gets all events that follow.
func TestSUPHookMisbehaves(t *testing.T) {
	for name, misbehave := range map[string]func(){
		"panics":        func() { panic("boom") },
		"panics of nil": func() { panic(nil) },
		"calls Goexit":  runtime.Goexit,
		"is slow":       func() { time.Sleep(time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				log := new(logs)
				p := newPuppet()
				root := supervisor.New("root", supervisor.Spec{
					Logger:   slog.New(log),
					OnEvent:  func(e supervisor.Event) { j.add(e); misbehave() },
					Children: []supervisor.Child{{Name: "p", Service: p}},
				})
				start(t, root)
				p.crash()
				expectStates(t, root, "p:up")
				stop(t, root)
				j.expect(t, "started root/p", "exited root/p: crash", "restarting root/p (1)", "started root/p",
					"stopped root/p", "stopped root")
				panics := log.count("supervisor: OnEvent panicked")
				if want := strings.HasPrefix(name, "panics"); want != (panics == 6) {
					t.Errorf("%d panics logged", panics)
				}
			})
		})
	}
}

// A hook that blocks holds up nothing but the events; the root waits a second for
// it, at its end. What it missed is counted.
func TestSUPHookBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		release := make(chan struct{})
		p := newPuppet()
		root := supervisor.New("root", supervisor.Spec{
			Logger: quiet, MaxRestarts: supervisor.Unlimited,
			OnEvent:  func(e supervisor.Event) { <-release; j.add(e) },
			Children: []supervisor.Child{{Name: "p", Service: p}},
		})
		start(t, root)
		const crashes = 1000 // three events each
		for range crashes {
			p.crash()
		}
		expectStates(t, root, "p:up")
		began := time.Now()
		stop(t, root)
		if d := time.Since(began); d != time.Second {
			t.Errorf("Stop took %v", d)
		}
		close(release)
		synctest.Wait()
		// The 1025th came while 1024 waited for the first. Those after it were lost,
		// with nothing after them to carry their number.
		if got := len(j.take()); got != 1025 {
			t.Errorf("%d events were delivered", got)
		}
	})
}

// The first event after some were dropped says how many.
func TestSUPHookLostEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []supervisor.Event
		release := make(chan struct{})
		p := newPuppet()
		root := supervisor.New("root", supervisor.Spec{
			Logger: quiet, MaxRestarts: supervisor.Unlimited,
			OnEvent:  func(e supervisor.Event) { <-release; got = append(got, e) },
			Children: []supervisor.Child{{Name: "p", Service: p}},
		})
		start(t, root)
		for range 400 {
			p.crash()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		stop(t, root)
		lost := 0
		for _, e := range got {
			lost += e.Lost
		}
		if want := 1 + 3*400 + 2; len(got)+lost != want || lost == 0 {
			t.Errorf("%d delivered and %d lost, of %d", len(got), lost, want)
		}
	})
}

// A hook may call the supervisor. If it waits for the end of the tree, the tree
// does not wait for it for longer than a second.
func TestSUPHookCallsTheSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		var asked atomic.Int32
		p, q := newPuppet(), newPuppet()
		hook := func(e supervisor.Event) {
			if e.Kind != supervisor.Exited || asked.Add(1) > 2 {
				return
			}
			if len(root.Children()) != 2 {
				t.Error("a hook does not see the children")
			}
			if err := root.Terminate(t.Context(), "q"); err != nil {
				t.Error(err)
			}
			if asked.Load() == 2 {
				stop(t, root)
			}
		}
		root = supervisor.New("root", supervisor.Spec{Logger: quiet, OnEvent: hook, Children: []supervisor.Child{
			{Name: "p", Service: p}, {Name: "q", Service: q},
		}})
		start(t, root)
		p.crash()
		expectStates(t, root, "p:up q:terminated")
		p.crash()
		<-root.Done()
	})
}

// A hook or a logger that waits for Done of its tree, whose context it has ended, is not
// waited for; what comes after that is delivered when it returns.
func TestSUPHookWaitsForDone(t *testing.T) {
	for name, set := range map[string]func(root, mid *supervisor.Spec, f func()){
		"OnEvent": func(root, _ *supervisor.Spec, f func()) {
			root.OnEvent = func(e supervisor.Event) {
				if e.Kind == supervisor.Exited {
					f()
				}
			}
		},
		"OnEvent of one below": func(_, mid *supervisor.Spec, f func()) {
			mid.OnEvent = func(e supervisor.Event) {
				if e.Kind == supervisor.Exited {
					f()
				}
			}
		},
		"Logger": func(root, _ *supervisor.Spec, f func()) {
			root.Logger = slog.New(handler(func(r slog.Record) {
				if r.Message == "supervisor: exited" {
					f()
				}
			}))
		},
	} {
		for _, late := range []bool{false, true} { // it asks when the tree waits for it already
			t.Run(fmt.Sprintf("%s, late %t", name, late), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var root *supervisor.Supervisor
					ctx, cancel := context.WithCancel(t.Context())
					p, spec, waited := newPuppet(), supervisor.Spec{Logger: quiet}, false
					mid := supervisor.Spec{Children: []supervisor.Child{{Name: "p", Service: p}}}
					set(&spec, &mid, func() {
						cancel()
						if late {
							time.Sleep(time.Millisecond)
						}
						<-root.Done()
						waited = true
					})
					spec.Children = []supervisor.Child{{Service: supervisor.New("mid", mid)}}
					root = supervisor.New("root", spec)
					ended := pending(func() error { return root.Serve(ctx) })
					p.crash()
					began := time.Now()
					if err := <-ended; err != nil {
						t.Errorf("Serve = %v", err)
					}
					synctest.Wait()
					if d := time.Since(began); d > time.Millisecond || !waited {
						t.Errorf("it took %v, and the hook has waited: %t", d, waited)
					}
				})
			})
		}
	}
}

// One that has asked for Done and does not wait is waited for again.
func TestSUPHookAsksForDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		told := 0
		root = supervisor.New("root", supervisor.Spec{
			Logger: quiet, Children: []supervisor.Child{{Name: "p", Service: newPuppet()}},
			OnEvent: func(supervisor.Event) {
				if told++; told == 1 {
					_ = root.Done()
				} else {
					time.Sleep(time.Millisecond)
				}
			},
		})
		start(t, root)
		synctest.Wait()
		stop(t, root)
		if told != 3 {
			t.Errorf("%d events were told when the tree was down", told)
		}
	})
}

// The end of the tree waits for the hooks of all supervisors in it.
func TestSUPHooksBelowGetTheirEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		slow := func(supervisor.Event) { time.Sleep(10 * time.Millisecond); told++ }
		inner := supervisor.New("inner", supervisor.Spec{
			OnEvent: slow, Children: []supervisor.Child{{Name: "p", Service: newPuppet()}, {Name: "q", Service: newPuppet()}},
		})
		root := supervisor.New("root", children(supervisor.Child{Service: inner}))
		start(t, root)
		stop(t, root)
		if told != 4 {
			t.Errorf("%d events were told when the tree was down", told)
		}
	})
}

// Events go to the nearest OnEvent and the nearest Logger above; the hook of a
// supervisor below has its own order.
func TestSUPEventsOfNestedSupervisors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outer, own journal
		rootLog, innerLog := new(logs), new(logs)
		p, q := newPuppet(), newPuppet()
		with := supervisor.New("with", supervisor.Spec{
			OnEvent: own.add, Children: []supervisor.Child{{Name: "p", Service: p}},
		})
		without := supervisor.New("without", supervisor.Spec{
			Logger: slog.New(innerLog), Children: []supervisor.Child{{Name: "q", Service: q}},
		})
		root := supervisor.New("root", supervisor.Spec{
			Logger: slog.New(rootLog), OnEvent: outer.add,
			Children: []supervisor.Child{{Service: with}, {Service: without}},
		})
		start(t, root)
		synctest.Wait()
		outer.take()
		own.take()
		p.crash()
		own.expect(t, "exited root/with/p: crash", "restarting root/with/p (1)", "started root/with/p")
		q.crash()
		outer.expect(t, "exited root/without/q: crash", "restarting root/without/q (1)", "started root/without/q")
		own.expect(t)
		if a, b := rootLog.count("supervisor: exited"), innerLog.count("supervisor: exited"); a != 1 || b != 1 {
			t.Errorf("logged %d by the root's logger and %d by its own", a, b)
		}
		stop(t, root)
	})
}

// A logger that panics loses a record, and nothing else.
func TestSUPLoggerPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		p := newPuppet()
		root := supervisor.New("root", supervisor.Spec{
			Logger: slog.New(rude{}), OnEvent: j.add, Children: []supervisor.Child{{Name: "p", Service: p}},
		})
		start(t, root)
		stop(t, root)
		j.expect(t, "started root/p", "stopped root/p", "stopped root")
	})
}

type rude struct{ slog.Handler }

func (rude) Enabled(context.Context, slog.Level) bool { panic("boom") }

// logs counts records by their message.
type logs struct {
	mu       sync.Mutex
	messages []string
}

func (l *logs) Enabled(context.Context, slog.Level) bool { return true }
func (l *logs) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logs) WithGroup(string) slog.Handler            { return l }

func (l *logs) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = append(l.messages, r.Message)
	return nil
}

func (l *logs) count(message string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.messages {
		if m == message {
			n++
		}
	}
	return n
}

// asleep is a log whose handler does not come back, not even when it is asked for its
// level, until it is woken.
type asleep chan struct{}

func (h asleep) Enabled(context.Context, slog.Level) bool  { <-h; return false }
func (h asleep) Handle(context.Context, slog.Record) error { <-h; return nil }
func (h asleep) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h asleep) WithGroup(string) slog.Handler             { return h }

// A logger that blocks holds up nothing, wherever it does.
func TestSUPLoggerBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := make(asleep)
		p := newPuppet()
		root := supervisor.New("root", supervisor.Spec{
			Logger:   slog.New(log),
			Children: []supervisor.Child{{Name: "p", Service: p}},
		})
		start(t, root)
		p.crash()
		expectStates(t, root, "p:up")
		expectLives(t, []int{2}, p)
		stop(t, root)
		close(log)
	})
}

// slowToPart is cut off at once, and takes half a second to say what it does.
type slowToPart struct{ *puppet }

func (slowToPart) CutOff(bool) string { time.Sleep(time.Second / 2); return "something" }

// A hook that has asked for Done while the tree was being stopped, and has returned since,
// gets all events before the tree is down.
func TestSUPHookThatHasAskedForDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		p := newPuppet()
		free := p.hang()
		var root *supervisor.Supervisor
		root = supervisor.New("root", supervisor.Spec{
			Logger: quiet,
			OnEvent: func(e supervisor.Event) {
				if e.Path == "root/b" && e.Kind == supervisor.Stopped {
					time.Sleep(5 * time.Second / 4)
					_ = root.Done() // which the root comes to know when it has ended a
				} else if e.Kind == supervisor.CutOff {
					time.Sleep(time.Second / 4)
				}
				j.add(e)
			},
			Children: []supervisor.Child{
				{Name: "a", Service: slowToPart{p}, Shutdown: time.Second}, {Name: "b", Service: newPuppet()},
			},
		})
		start(t, root)
		synctest.Wait()
		j.take()
		_ = root.Stop(t.Context())
		j.expect(t, "stopped root/b", "cut off root/a", "stopped root/a",
			"stopped root: supervisor: did not end in time and was cut off: root/a in something")
		free()
	})
}
