package supervisor_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
	"github.com/bruskajp/nano_services/internal/foreign/hostile"
	"github.com/bruskajp/nano_services/supervisor"
)

// Whatever a child brings, its tree and its neighbour go on, and whoever looks at the tree
// or stops it does not wait for the child.

// neighbour checks that the tree around a hostile child is well, and stops it.
func neighbour(t *testing.T, root *supervisor.Supervisor, svc *actor.Service[number], release func()) {
	t.Helper()
	synctest.Wait()
	time.Sleep(time.Minute) // what was to be given up has been
	if err := svc.Run(t.Context(), func(*number) error { return nil }); err != nil {
		t.Errorf("a neighbour: %v", err)
	}
	begun := time.Now()
	root.Snapshot()
	if took := time.Since(begun); took > time.Second {
		t.Errorf("Snapshot took %v", took)
	}
	within, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	begun = time.Now()
	_ = root.Stop(within)
	if took := time.Since(begun); took > 10*time.Second+3*lastMoment {
		t.Errorf("Stop took %v", took)
	}
	select {
	case <-root.Done():
	default:
		t.Error("the tree is not down")
	}
	root.Snapshot()
	release()
	synctest.Wait()
}

// hostileTree starts a tree of a neighbour and a child that is to misbehave.
func hostileTree(t *testing.T, c supervisor.Child, spec supervisor.Spec) (*supervisor.Supervisor, *actor.Service[number]) {
	t.Helper()
	svc := actor.New(build, actor.WithName("neighbour"), actor.WithLogger(quiet))
	spec.MaxRestarts = supervisor.Unlimited
	c.Backoff = cmp.Or(c.Backoff, &supervisor.Backoff{Min: 10 * time.Second, Max: time.Hour})
	spec.Children = []supervisor.Child{{Service: svc}, c}
	root := supervisor.New("root", spec)
	within, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_ = root.Start(within)
	return root, svc
}

// An error that misbehaves is a failure of the child that returns it, or panics with it.
func TestL17ErrorsOfAChild(t *testing.T) {
	ways := map[string]func(err error) supervisor.Func{
		"returned":         func(err error) supervisor.Func { return func(context.Context) error { return err } },
		"a panic":          func(err error) supervisor.Func { return func(context.Context) error { panic(err) } },
		"returned in time": func(err error) supervisor.Func { return func(ctx context.Context) error { <-ctx.Done(); return err } },
		"exited":           nil, "constructor": nil, "closed": nil, "work": nil, "crashed": nil, "Go": nil,
	}
	for way, f := range ways {
		actortest.EachError(t, way, func(t *testing.T, name string, err error, release func()) {
			var child supervisor.Service
			if f != nil {
				child = f(err)
			} else {
				child = failing(way, err)
			}
			decided := false
			root, svc := hostileTree(t, supervisor.Child{Name: "hostile", Service: child, Restart: supervisor.Transient}, supervisor.Spec{
				Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
				Decider: func(string, error) supervisor.Decision { decided = true; return supervisor.ByTable },
				OnEvent: func(supervisor.Event) {},
			})
			neighbour(t, root, svc, release)
			// Of an error that does not let its maker go on, nothing is known.
			gone := strings.HasPrefix(name, "blocks") && way != "constructor" || way == "exited" && strings.HasPrefix(name, "calls Goexit")
			if decided == (gone || way == "returned in time") && way != "closed" {
				t.Errorf("the Decider was asked: %t", decided)
			}
		})
	}
}

// failing is a service that fails in some way with err.
func failing(way string, err error) supervisor.Service {
	bg := context.Background()
	var svc *actor.Service[number]
	builds := 0
	svc = actor.New(func(ctx context.Context) (*number, error) {
		builds++
		switch way {
		case "constructor":
			if builds > 1 {
				return nil, err
			}
			actor.Exit(ctx, io.EOF)
		case "closed":
			actor.Exit(ctx, nil)
		case "exited":
			go actor.Exit(ctx, err) // a goroutine of its own, which it may end or hold
		case "work":
			_ = actor.Pipe(svc, func(context.Context) (int, error) { panic(err) }, func(*number, int, error) {})
		case "crashed":
			_ = svc.DoContext(bg, func(context.Context, *number) { panic(err) })
		case "Go":
			_ = actor.Go(svc, func(context.Context) error { return err })
		}
		return new(number), nil
	}, actor.WithLogger(quiet))
	if way == "closed" {
		return closing{svc, err}
	}
	return svc
}

// closing is a service whose Serve ends with an error.
type closing struct {
	*actor.Service[number]
	err error
}

func (c closing) Serve(ctx context.Context) error {
	_ = c.Service.Serve(ctx)
	return c.err
}

// rogue has all the methods that a service may have, of which one misbehaves.
type rogue struct {
	*puppet
	method string
	m      hostile.Manner
}

func (r *rogue) act(method string) {
	if r.method == method {
		r.m.Act()
	}
}

func (r *rogue) Name() string          { r.act("Name"); return "rogue" }
func (r *rogue) SignalsReady() bool    { r.act("SignalsReady"); return false }
func (r *rogue) Done() <-chan struct{} { r.act("Done"); return nil }
func (r *rogue) Abandon()              { r.act("Abandon") }
func (r *rogue) CutOff(bool) string    { r.act("CutOff"); return "" }
func (r *rogue) Info() actor.Info      { r.act("Info"); return actor.Info{Name: "rogue"} }

func TestL17MethodsOfAChild(t *testing.T) {
	for _, method := range []string{"Name", "SignalsReady", "Done", "Abandon", "CutOff", "Info"} {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, release func()) {
			p := newPuppet()
			root, svc := hostileTree(t, supervisor.Child{Name: "rogue", Service: &rogue{p, method, m}, Shutdown: time.Second}, supervisor.Spec{Logger: quiet})
			p.crash()
			time.Sleep(2 * time.Second) // what does not answer has been waited for
			expectStates(t, root, "neighbour:up rogue:waiting")
			time.Sleep(15 * time.Second)
			free := p.hang()
			begun := time.Now()
			if n := root.Snapshot().Children[1]; (n.Service == nil) != (method == "Info") {
				t.Errorf("%+v", n)
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("Snapshot took %v", took)
			}
			if err := root.Terminate(t.Context(), "rogue"); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took > 4*time.Second { // its time, and two methods; and Snapshot
				t.Errorf("Terminate took %v", took)
			}
			free()
			if err := root.Remove(t.Context(), "rogue"); err != nil {
				t.Error(err)
			}
			other := &rogue{newPuppet(), method, m}
			if err := root.Add(t.Context(), supervisor.Child{Service: other}); (err != nil) != (method == "Name") {
				t.Errorf("Add = %v", err)
			}
			neighbour(t, root, svc, release)
		})
	}
}

// server is a rogue that is no service, and answers requests.
type server struct{ *rogue }

func (s server) Info() {}
func (s server) Requests() supervisor.Requests {
	s.act("Requests")
	return supervisor.Requests{UnderWay: 1}
}

// historian keeps the closures of a service itself.
type historian struct{ *rogue }

func (h historian) History() []actor.ClosureRecord {
	h.act("History")
	return make([]actor.ClosureRecord, 1)
}

// Who only looks is held up for a second, once.
func TestL17LooksOfAChild(t *testing.T) {
	for _, method := range []string{"Requests", "History"} {
		actortest.EachManner(t, method, func(t *testing.T, m hostile.Manner, release func()) {
			r := &rogue{newPuppet(), method, m}
			root, svc := hostileTree(t, supervisor.Child{Name: "server", Service: server{r}}, supervisor.Spec{Logger: quiet})
			if err := root.Add(t.Context(), supervisor.Child{Name: "historian", Service: historian{r}}); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			for range 2 {
				n := root.Snapshot()
				if (n.Children[1].Requests == nil) != (method == "Requests") {
					t.Errorf("%+v", n.Children[1])
				}
				if (n.Children[2].History() == nil) != (method == "History") {
					t.Errorf("%+v", n.Children[2])
				}
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("to look took %v", took)
			}
			neighbour(t, root, svc, release)
		})
	}
}

// The jitter, the Decider, the hook and the logger of a tree may be hostile, too.
func TestL17PartsOfASpec(t *testing.T) {
	parts := map[string]func(s *supervisor.Spec, c *supervisor.Child, m hostile.Manner){
		"Rand": func(_ *supervisor.Spec, c *supervisor.Child, m hostile.Manner) {
			c.Backoff = &supervisor.Backoff{Min: 10 * time.Second, Jitter: 1, Rand: func() float64 { m.Act(); return 0 }}
		},
		"Decider": func(s *supervisor.Spec, _ *supervisor.Child, m hostile.Manner) {
			s.Decider = func(string, error) supervisor.Decision { m.Act(); return supervisor.StopChild }
		},
		"OnEvent": func(s *supervisor.Spec, _ *supervisor.Child, m hostile.Manner) {
			s.OnEvent = func(supervisor.Event) { m.Act() }
		},
		"Logger": func(s *supervisor.Spec, _ *supervisor.Child, m hostile.Manner) {
			s.Logger = slog.New(&hostile.Handler{Manner: m})
		},
		"Leveler": func(s *supervisor.Spec, _ *supervisor.Child, m hostile.Manner) {
			s.Logger = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: &hostile.Handler{Manner: m}}))
		},
		"Attr": func(s *supervisor.Spec, _ *supervisor.Child, m hostile.Manner) {
			s.Logger = slog.New(slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func([]string, slog.Attr) slog.Attr {
				m.Act()
				return slog.Attr{}
			}}))
		},
		"zero Logger": func(s *supervisor.Spec, _ *supervisor.Child, _ hostile.Manner) { s.Logger = &slog.Logger{} },
	}
	for part, set := range parts {
		actortest.EachManner(t, part, func(t *testing.T, m hostile.Manner, release func()) {
			var spec supervisor.Spec
			spec.Logger = quiet
			p := newPuppet()
			c := supervisor.Child{Name: "child", Service: p}
			set(&spec, &c, m)
			root, svc := hostileTree(t, c, spec)
			p.crash()
			time.Sleep(2 * time.Second)
			expectStates(t, root, "neighbour:up child:waiting")
			time.Sleep(11 * time.Second) // the table decides, and the delay is whole
			expectStates(t, root, "neighbour:up child:up")
			neighbour(t, root, svc, release)
		})
	}
}

// Whatever the logger, the hook or a value of a service below does not do in time, what is
// asked of its supervisor ends with its context, or with the child's time.
func TestL17TreeIsNotHeldUp(t *testing.T) {
	parts := map[string]func(m hostile.Manner) []actor.Option{
		"logger": func(m hostile.Manner) []actor.Option {
			return []actor.Option{actor.WithLogger(slog.New(&hostile.Handler{Manner: m}))}
		},
		"hook": func(m hostile.Manner) []actor.Option {
			return []actor.Option{actor.WithLogger(quiet), actor.WithDeadLetters(func(actor.DeadLetter) { m.Act() })}
		},
		"value": func(hostile.Manner) []actor.Option { return nil },
	}
	asks := map[string]func(ctx context.Context, root *supervisor.Supervisor, svc *actor.Service[number]) error{
		"Stop": func(ctx context.Context, root *supervisor.Supervisor, _ *actor.Service[number]) error {
			return root.Stop(ctx)
		},
		"Terminate": func(ctx context.Context, root *supervisor.Supervisor, _ *actor.Service[number]) error {
			return root.Terminate(ctx, "a")
		},
		"Restart": func(ctx context.Context, root *supervisor.Supervisor, _ *actor.Service[number]) error {
			return root.Restart(ctx, "a")
		},
		"Add": func(ctx context.Context, root *supervisor.Supervisor, _ *actor.Service[number]) error {
			return root.Add(ctx, supervisor.Child{Name: "b", Service: actor.New(build)})
		},
		"Kill": func(_ context.Context, _ *supervisor.Supervisor, svc *actor.Service[number]) error {
			svc.Kill()
			return nil
		},
	}
	for part, options := range parts {
		for ask, f := range asks {
			actortest.EachManner(t, part+"/"+ask, func(t *testing.T, m hostile.Manner, release func()) {
				svc := actor.New(build, options(m)...)
				root, beside := hostileTree(t, supervisor.Child{Name: "a", Service: svc, Shutdown: time.Second}, supervisor.Spec{Logger: quiet})
				gate := make(chan struct{})
				_ = svc.Do(func(*number) {
					<-gate
					if part == "value" {
						panic(&hostile.Error{Manner: m})
					}
					panic("crash")
				})
				for range 3 {
					_ = svc.Do(func(*number) {})
				}
				close(gate)
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				begun := time.Now()
				err := f(ctx, root, svc)
				if took := time.Since(begun); took > 6*time.Second || ask == "Kill" && took > time.Second {
					t.Errorf("took %v: %v", took, err)
				}
				if ask == "Stop" {
					release()
					<-root.Done()
					return
				}
				neighbour(t, root, beside, release)
			})
		}
	}
}

// A *PanicError of the program's own, as a middleware makes one, is asked on the goroutine of the
// child that returns it: what its value does there harms nobody who waits or looks.
func TestL17PanicErrorOfTheProgram(t *testing.T) {
	actortest.EachManner(t, "says", func(t *testing.T, m hostile.Manner, release func()) {
		for what, value := range map[string]any{"error": &hostile.Error{Manner: m}, "Stringer": &hostile.Stringer{Manner: m}} {
			root := supervisor.New("root", supervisor.Spec{Logger: quiet, Children: []supervisor.Child{{
				Name: "f", Backoff: &supervisor.Backoff{Min: time.Hour, Max: time.Hour},
				Service: supervisor.Func(func(context.Context) error { return &actor.PanicError{Value: value, Service: "f"} }),
			}}})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			begun := time.Now()
			over := make(chan bool)
			go func() {
				defer close(over)
				_ = root.Start(ctx)
				time.Sleep(time.Second)
				root.Snapshot()
				_ = root.Stop(t.Context())
				over <- true
			}()
			if whole := <-over; !whole {
				t.Errorf("%s: who waits or looks is ended", what)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("%s: it took %v", what, took)
			}
			cancel()
		}
		release()
	})
}
