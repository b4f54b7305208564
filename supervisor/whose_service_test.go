package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
	"github.com/bruskajp/nano_services/supervisor/pool"
)

// employed is a T whose methods, those that the library calls, call what a test says.
type employed struct{ close func() error }

func (e *employed) Close() error { return e.close() }

// A workplace is the service s of a tree root/mid/s whose user's code in one place calls act.
type workplace struct {
	act     func() // at its first call only
	s       *actor.Service[employed]
	mid     *supervisor.Supervisor
	root    *supervisor.Supervisor
	options []actor.Option
	child   supervisor.Child // of s
	midSpec supervisor.Spec
	build   func(context.Context) // called by the constructor, with the employed that it makes
	close   func() error
}

// said returns a logger that calls act for records with a message.
func (w *workplace) said(message string) {
	w.options = append(w.options, actor.WithLogger(slog.New(handler(func(r slog.Record) {
		if r.Message == message {
			w.act()
		}
	}))))
}

// lost has the dead-letter hook call act.
func (w *workplace) lost() {
	w.options = append(w.options, actor.WithQueuePolicy(actor.FailQueue),
		actor.WithDeadLetters(func(actor.DeadLetter) { w.act() }))
}

func nothing(*employed) {}

// crash has s lose a closure by a crash.
func (w *workplace) crash() {
	_ = w.s.Do(func(*employed) { _ = w.s.Do(nothing); panic("x") })
}

// busy has s be in a closure that does not return before act is over, with another one behind it.
func (w *workplace) busy(over <-chan struct{}) {
	_ = w.s.Do(func(*employed) { <-over })
	_ = w.s.Do(nothing)
	synctest.Wait()
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// workplaces are where a service calls the user's code: each sets up, before there is a
// service, and returns what makes it call act when it is up. over is closed when act is over.
var workplaces = map[string]func(w *workplace, over <-chan struct{}) (begin func()){
	"dead-letter hook, a crash": func(w *workplace, _ <-chan struct{}) func() { w.lost(); return w.crash },
	"dead-letter hook, Kill by another": func(w *workplace, over <-chan struct{}) func() {
		w.lost()
		return func() { w.busy(over); go w.s.Kill() }
	},
	"dead-letter hook, Stop by another": func(w *workplace, over <-chan struct{}) func() {
		w.lost()
		return func() { w.busy(over); go func() { _ = w.s.Stop(ended()) }() }
	},
	"dead-letter hook, cut off by the supervisor": func(w *workplace, over <-chan struct{}) func() {
		w.lost()
		w.child.Shutdown = supervisor.AtOnce
		return func() { w.busy(over); go func() { _ = w.mid.Terminate(context.Background(), "s") }() }
	},
	"dead-letter hook, OnEvent kills": func(w *workplace, over <-chan struct{}) func() {
		w.lost()
		w.midSpec.OnEvent = func(e supervisor.Event) {
			if e.Kind == supervisor.Exited && e.Path == "root/mid/other" {
				w.s.Kill()
			}
		}
		other := supervisor.Func(func(context.Context) error { w.busy(over); return nil })
		w.midSpec.Children = []supervisor.Child{{Name: "other", Service: other, Restart: supervisor.Temporary}}
		return func() {}
	},
	"dead-letter hook, abandoned": func(w *workplace, _ <-chan struct{}) func() {
		w.lost()
		w.child.Backoff = &supervisor.Backoff{Min: time.Hour, Max: time.Hour}
		return func() {
			_ = w.s.Do(func(*employed) { panic("x") })
			synctest.Wait()
			_ = w.s.Do(nothing)
			go func() { _ = w.mid.Terminate(context.Background(), "s") }()
		}
	},
	"dead-letter hook, on a thread": func(w *workplace, _ <-chan struct{}) func() {
		w.lost()
		w.options = append(w.options, actor.WithOSThread())
		return w.crash
	},
	"dead-letter hook of who watches": func(w *workplace, over <-chan struct{}) func() {
		var first atomic.Bool
		watcher := actor.Start(new(int), actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest),
			actor.WithLogger(quiet), actor.WithDeadLetters(func(actor.DeadLetter) {
				if !first.Swap(true) {
					w.act()
				}
			}))
		return func() {
			actor.Watch(w.s, watcher, func(*int, actor.DownNotice) {})
			_ = watcher.Do(func(*int) { <-over })
			synctest.Wait()
			_ = watcher.Do(func(*int) {})
			w.crash()
			go func() { <-over; watcher.Kill() }()
		}
	},
	"logger, what will not run": func(w *workplace, _ <-chan struct{}) func() {
		w.options = append(w.options, actor.WithQueuePolicy(actor.FailQueue))
		w.said("actor: accepted closures will not run")
		return w.crash
	},
	"logger, a crash": func(w *workplace, _ <-chan struct{}) func() { w.said("actor: service crashed"); return w.crash },
	"logger, what was cut off": func(w *workplace, over <-chan struct{}) func() {
		w.said("actor: cut off from what still runs")
		return func() { w.busy(over); go func() { _ = w.s.Stop(ended()) }() }
	},
	"logger, Close": func(w *workplace, _ <-chan struct{}) func() {
		w.close = func() error { return errors.New("x") }
		w.said("actor: Close failed")
		return w.crash
	},
	"logger, a commit": func(w *workplace, _ <-chan struct{}) func() {
		w.options = append(w.options, actor.WithBatch(4, func(*employed) error { return errors.New("x") }))
		w.said("actor: commit of a batch failed")
		return func() { _ = w.s.Do(nothing) }
	},
	"interceptor": func(w *workplace, _ <-chan struct{}) func() {
		w.options = append(w.options, actor.WithInterceptor(func(_ actor.Closure, run func() error) error { w.act(); return run() }))
		return func() { _ = w.s.Do(nothing) }
	},
	"constructor": func(w *workplace, _ <-chan struct{}) func() {
		var again atomic.Bool
		w.build = func(context.Context) {
			if again.Swap(true) {
				w.act()
			}
		}
		return w.crash
	},
	"Continue": func(w *workplace, _ <-chan struct{}) func() {
		w.build = func(ctx context.Context) { actor.Continue(ctx, func(*employed) { w.act() }) }
		return func() {}
	},
	"Close": func(w *workplace, _ <-chan struct{}) func() {
		w.close = func() error { w.act(); return nil }
		return w.crash
	},
	"closure": func(w *workplace, _ <-chan struct{}) func() {
		return func() { _ = w.s.Do(func(*employed) { w.act() }) }
	},
	"timer": func(w *workplace, _ <-chan struct{}) func() {
		return func() { w.s.After(0, func(*employed) { w.act() }) }
	},
	"view": func(w *workplace, _ <-chan struct{}) func() {
		return func() { actor.NewView(w.s, func(*employed) int { w.act(); return 0 }) }
	},
	"commit": func(w *workplace, _ <-chan struct{}) func() {
		w.options = append(w.options, actor.WithBatch(4, func(*employed) error { w.act(); return nil }))
		return func() { _ = w.s.Do(nothing) }
	},
	"Inspect": func(w *workplace, _ <-chan struct{}) func() {
		return func() {
			go func() {
				_, _ = actor.Inspect(context.Background(), w.s, func(*employed) int { w.act(); return 0 })
			}()
		}
	},
	"Go": func(w *workplace, _ <-chan struct{}) func() {
		return func() { _ = actor.Go(w.s, func(context.Context) error { w.act(); return nil }) }
	},
	"Go, crashing": func(w *workplace, _ <-chan struct{}) func() {
		w.said("actor: service crashed")
		return func() { _ = actor.Go(w.s, func(context.Context) error { panic("x") }) }
	},
	"Pipe": func(w *workplace, _ <-chan struct{}) func() {
		return func() {
			_ = actor.Pipe(w.s, func(context.Context) (int, error) { w.act(); return 0, nil }, func(*employed, int, error) {})
		}
	},
	"Pipe, dropping what waits": func(w *workplace, over <-chan struct{}) func() {
		w.lost()
		w.options = append(w.options, actor.WithCapacity(1), actor.WithOverflow(actor.DropOldest))
		return func() {
			w.busy(over)
			_ = actor.Pipe(w.s, func(context.Context) (int, error) { return 0, nil }, func(*employed, int, error) {})
		}
	},
	"text of a panic": func(w *workplace, _ <-chan struct{}) func() {
		return func() { _ = w.s.Do(func(*employed) { panic(&speaking{w.act}) }) }
	},
}

// speaking is an error whose text calls what a test says.
type speaking struct{ say func() }

func (s *speaking) Error() string { s.say(); return "x" }

// What ends the tree, or a part of it, or asks it for something, is at once wherever a service
// calls the user's code, since the tree waits for that: for ever, if the child's Shutdown is.
func TestSUPStopFromWhereAServiceCallsOut(t *testing.T) {
	bg := context.Background()
	for act, does := range map[string]func(w *workplace) error{
		"root.Stop":      func(w *workplace) error { return w.root.Stop(bg) },
		"mid.Stop":       func(w *workplace) error { return w.mid.Stop(bg) },
		"root.Terminate": func(w *workplace) error { return w.root.Terminate(bg, "mid") },
		"mid.Terminate":  func(w *workplace) error { return w.mid.Terminate(bg, "s") },
		"mid.Restart":    func(w *workplace) error { return w.mid.Restart(bg, "s") },
		"mid.Remove":     func(w *workplace) error { return w.mid.Remove(bg, "s") },
		"s.Stop":         func(w *workplace) error { return w.s.Stop(bg) },
		"AwaitDown":      func(w *workplace) error { _, err := actor.AwaitDown(bg, w.s); return err },
	} {
		for place, at := range workplaces {
			if act == "AwaitDown" && (strings.HasPrefix(place, "Go") || strings.HasPrefix(place, "Pipe")) {
				continue // an end other than by Stop does not wait for a work
			}
			t.Run(act+"/"+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { actsAtOnce(t, does, at) })
			})
		}
	}
}

func actsAtOnce(t *testing.T, does func(*workplace) error, at func(*workplace, <-chan struct{}) func()) {
	w := &workplace{build: func(context.Context) {}, close: func() error { return nil }}
	w.child = supervisor.Child{Name: "s", Shutdown: supervisor.Forever}
	var first atomic.Bool
	over := make(chan struct{})
	w.act = func() {
		if !first.Swap(true) {
			defer close(over)
			_ = does(w) // also a refusal is at once
		}
	}
	w.options = []actor.Option{actor.WithLogger(quiet)}
	begin := at(w, over)
	w.s = actor.New(func(ctx context.Context) (*employed, error) {
		w.build(ctx)
		return &employed{w.close}, nil
	}, w.options...)
	w.child.Service = w.s
	w.midSpec.MaxRestarts, w.midSpec.Logger = supervisor.Unlimited, quiet
	w.midSpec.Children = append([]supervisor.Child{w.child}, w.midSpec.Children...)
	w.mid = supervisor.New("mid", w.midSpec)
	w.root = supervisor.New("root", children(supervisor.Child{Service: w.mid}))
	began := time.Now()
	_ = w.root.Start(t.Context()) // which the service may be quicker than
	begin()
	select {
	case <-over:
	case <-time.After(time.Hour):
		t.Error("it does not return in an hour")
	}
	if d := time.Since(began); d != 0 {
		t.Errorf("it took %v", d)
	}
	began = time.Now()
	if t.Failed() {
		_ = w.root.Stop(ended())
		return
	}
	_ = w.root.Stop(context.Background())
	if d := time.Since(began); d != 0 {
		t.Errorf("the end of the tree took %v", d)
	}
}

// A function that serves a service is the child, whatever context it serves it with.
func TestSUPStopFromAServiceOfAFunction(t *testing.T) {
	for name, of := range map[string]func(context.Context) context.Context{
		"its own":    func(ctx context.Context) context.Context { return ctx },
		"another":    func(context.Context) context.Context { return context.Background() },
		"supervised": func(ctx context.Context) context.Context { return actor.Supervised(context.Background(), "") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var root *supervisor.Supervisor
				over := make(chan struct{})
				s := actor.New(func(context.Context) (*int, error) { return new(int), nil }, actor.WithLogger(quiet))
				serve := supervisor.Func(func(ctx context.Context) error { return s.Serve(of(ctx)) })
				root = supervisor.New("root", children(supervisor.Child{Name: "f", Service: serve, Shutdown: supervisor.Forever}))
				start(t, root)
				_ = s.Do(func(*int) { // when it serves
					_ = actor.Go(s, func(context.Context) error {
						defer close(over)
						return root.Stop(context.Background())
					})
				})
				select {
				case <-over:
				case <-time.After(time.Hour):
					t.Error("it waits")
					_ = root.Stop(ended())
				}
				s.Kill() // or a function that does not pass its context on does not return
				<-root.Done()
			})
		})
	}
}

// The hook of a pool's member stops the pool.
func TestSUPStopOfAPoolFromItsMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *pool.Pool[int]
		over := make(chan struct{})
		p = pool.NewWith(1, func(context.Context) (*int, error) { return new(int), nil }, supervisor.Spec{Template: &supervisor.Child{Shutdown: supervisor.Forever}},
			actor.WithLogger(quiet), actor.WithQueuePolicy(actor.FailQueue),
			actor.WithDeadLetters(func(actor.DeadLetter) {
				_ = p.Stop(context.Background())
				close(over)
			}))
		root := supervisor.New("root", children(supervisor.Child{Service: p}))
		start(t, root)
		began := time.Now()
		_ = p.Do(func(*int) { _ = p.Do(func(*int) {}); panic("x") })
		<-over
		if d := time.Since(began); d != 0 {
			t.Errorf("it took %v", d)
		}
		stop(t, root)
	})
}
