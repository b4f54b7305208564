package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/supervisor"
)

// gated is the T of services whose constructor, and Close, wait for what a test opens.
type gated struct{ close chan struct{} }

func (g *gated) Close() error { <-g.close; return nil }

// scene is a supervisor with the children a, b and c, in this order, of which a test ends
// a while the supervisor does something. a is a service or a supervisor of one.
type scene struct {
	root *supervisor.Supervisor
	a    interface {
		supervisor.Service
		Stop(context.Context) error
	}
	of   *actor.Service[gated] // a, or the one below it
	b, c *actor.Service[gated]

	starts, ends chan struct{} // of c: not closed where it takes long
	fails        bool          // the next start of a
}

func opened() chan struct{} { c := make(chan struct{}); close(c); return c }

func newScene(nested bool, s supervisor.Strategy, together bool) *scene {
	x := &scene{starts: opened(), ends: opened()}
	service := func(name string, build func() (*gated, error)) *actor.Service[gated] {
		return actor.New(func(context.Context) (*gated, error) { return build() },
			actor.WithName(name), actor.WithLogger(quiet))
	}
	x.of = service("a", func() (*gated, error) {
		if x.fails {
			x.fails = false
			return nil, errCrash
		}
		return &gated{opened()}, nil
	})
	x.b = service("b", func() (*gated, error) { return &gated{opened()}, nil })
	x.c = service("c", func() (*gated, error) { <-x.starts; return &gated{x.ends}, nil })
	x.a = x.of
	if nested {
		x.a = supervisor.New("a", supervisor.Spec{
			MaxRestarts: supervisor.NoRestarts, AutoShutdown: supervisor.AnySignificant, Logger: quiet,
			Children: []supervisor.Child{{Service: x.of, Restart: supervisor.Transient, Significant: true}},
		})
	}
	hour := &supervisor.Backoff{Min: time.Hour, Max: time.Hour}
	x.root = supervisor.New("root", supervisor.Spec{
		Strategy: s, Together: together, Logger: quiet,
		Children: []supervisor.Child{
			{Service: x.a, Backoff: hour}, {Service: x.b, Backoff: hour},
			{Service: x.c, Shutdown: supervisor.Forever, StartTimeout: time.Minute},
		},
	})
	return x
}

func (x *scene) start() {
	go x.root.Start(context.Background())
	synctest.Wait()
}

func (x *scene) stop() {
	go x.root.Stop(context.Background())
	synctest.Wait()
}

// goOn opens what the supervisor waits for.
func (x *scene) goOn() {
	for _, gate := range []chan struct{}{x.starts, x.ends} {
		select {
		case <-gate:
		default:
			close(gate)
		}
	}
}

func (x *scene) states() string { synctest.Wait(); return states(x.root) }

func crash(s *actor.Service[gated]) { s.Do(func(*gated) { panic(errCrash) }); synctest.Wait() }

// What the supervisor is doing when a ends.
var doing = []struct {
	name string
	set  func(*scene)
}{
	{"up", func(x *scene) { x.start() }},
	{"booting", func(x *scene) { x.starts = make(chan struct{}); x.start() }},
	{"ending c, whose start takes too long", func(x *scene) { x.starts = make(chan struct{}); x.start(); time.Sleep(2 * time.Minute) }},
	{"trying a again at boot", func(x *scene) { x.fails = true; x.start() }},
	{"waiting out the back-off of a", func(x *scene) { x.start(); crash(x.of) }},
	{"waiting out that of b", func(x *scene) { x.start(); crash(x.b) }},
	{"waiting out those of both", func(x *scene) { x.start(); crash(x.b); crash(x.of) }},
	{"ending those that are restarted with a", func(x *scene) {
		x.ends = make(chan struct{})
		x.start()
		crash(x.of)
	}},
	{"starting those that are restarted with c", func(x *scene) {
		x.start()
		x.starts = make(chan struct{})
		crash(x.c)
	}},
	{"stopping", func(x *scene) { x.ends = make(chan struct{}); x.start(); x.stop() }},
	{"stopping, and a has crashed before", func(x *scene) {
		x.ends = make(chan struct{})
		x.start()
		crash(x.of)
		x.stop()
	}},
}

// How a ends. What runs on it runs when it is back, if it waits.
var ways = []struct {
	name    string
	forGood bool // and at once, whatever a and the supervisor are doing
	end     func(*scene)
}{
	{"Stop", true, func(x *scene) { go x.a.Stop(context.Background()) }},
	{"Kill", true, func(x *scene) {
		if k, ok := x.a.(interface{ Kill() }); ok {
			k.Kill()
			return
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		x.a.Stop(ended)
	}},
	{"Stop from inside", false, func(x *scene) { x.of.Do(func(*gated) { x.a.Stop(context.Background()) }) }},
	{"crash", false, func(x *scene) { x.of.Do(func(*gated) { panic(errCrash) }) }},
	{"normal end", false, func(x *scene) {
		x.of.DoContext(context.Background(), func(ctx context.Context, _ *gated) { actor.Exit(ctx, nil) })
	}},
	// Requests wait until the supervisor waits for nothing else.
	{"Terminate", false, func(x *scene) { go x.root.Terminate(context.Background(), "a") }},
	{"Remove", false, func(x *scene) { go x.root.Remove(context.Background(), "a") }}, // is refused: it runs
}

// becomes returns what becomes of the children when a ends: at once, when what the
// supervisor waits for has come, and two hours later; what is the same again is left out.
func (x *scene) becomes(t *testing.T, what string, end func(*scene), forGood bool) string {
	end(x)
	all := []string{x.states()}
	a, _, _ := strings.Cut(all[0], " ")
	if forGood && a != "a:exited" && a != "a:terminated" && a != "a:stopping" {
		t.Errorf("%s: %s, and it has ended", what, a)
	}
	x.goOn()
	all = append(all, x.states())
	time.Sleep(2 * time.Hour)
	all = append(all, x.states())
	x.root.Stop(context.Background())
	if end := x.states(); strings.Contains(end, "waiting") || strings.Contains(end, "up") || strings.Contains(end, "starting") {
		t.Errorf("%s: it is down, with %s", what, end)
	}
	return strings.Join(slices.Compact(all), " | ")
}

// Whatever ends a child, in whatever its supervisor is doing, is noticed when it happens.
// testdata/ends.table has what becomes of all; -rewrite writes it anew.
func TestSUPEnds(t *testing.T) {
	for _, nested := range []bool{false, true} {
		var table strings.Builder
		table.WriteString("# What becomes of a, b and c when a ends; see TestSUPEnds.")
		for _, s := range []struct {
			name     string
			strategy supervisor.Strategy
			together bool
		}{
			{"one for one", supervisor.OneForOne, false}, {"together", supervisor.OneForOne, true},
			{"one for all", supervisor.OneForAll, false}, {"rest for one", supervisor.RestForOne, false},
		} {
			for _, d := range doing {
				var before, last string
				for _, w := range ways {
					synctest.Test(t, func(t *testing.T) {
						x := newScene(nested, s.strategy, s.together)
						d.set(x)
						if now := x.states(); now != before {
							before = now
							fmt.Fprintf(&table, "\n\n%s, %s: %s", s.name, d.name, before)
						}
						what := fmt.Sprintf("nested %t, %s, %s, %s", nested, s.name, d.name, w.name)
						became := x.becomes(t, what, w.end, w.forGood)
						if became != last {
							last = became
							fmt.Fprintf(&table, "\n\t%s: %s", became, w.name)
						} else {
							table.WriteString(", " + w.name)
						}
					})
				}
			}
		}
		const file = "testdata/ends.table"
		want, err := os.ReadFile(file)
		switch got := table.String(); {
		case got == string(want):
		case *rewrite && !nested:
			err = os.WriteFile(file, []byte(got), 0o644)
		default:
			t.Errorf("nested %t: it goes differently:\n%s", nested, difference(string(want), got))
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// shutter is a T with a Close.
type shutter struct{ close func() }

func (s *shutter) Close() { s.close() }

// Whoever kills a service need not wait for what does not return, and neither does its
// supervisor: the child has ended, in whatever it is.
func TestSUPKilledWhileItHangs(t *testing.T) {
	at := func(row, place string, hang <-chan struct{}) {
		if row == place {
			<-hang
		}
	}
	stopAtOnce := func(a *actor.Service[shutter]) {
		over, end := context.WithCancel(context.Background())
		end()
		if err := a.Stop(over); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "Close") {
			t.Errorf("Stop: %v", err)
		}
	}
	for _, row := range []struct {
		name string // where it hangs
		kill func(*actor.Service[shutter])
	}{
		{"a closure", (*actor.Service[shutter]).Kill},
		{"the constructor", (*actor.Service[shutter]).Kill},
		{"Close", (*actor.Service[shutter]).Kill}, // of a service at rest
		{"Close", stopAtOnce},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hang := make(chan struct{})
				lives := 0
				a := actor.New(func(context.Context) (*shutter, error) {
					if lives++; lives > 1 {
						at(row.name, "the constructor", hang)
					}
					return &shutter{func() { at(row.name, "Close", hang) }}, nil
				}, actor.WithName("a"), actor.WithLogger(quiet))
				root := supervisor.New("root", supervisor.Spec{
					Strategy: supervisor.RestForOne, Logger: quiet,
					Children: []supervisor.Child{{Service: a}, {Name: "b", Service: newPuppet()}},
				})
				start(t, root)
				switch row.name {
				case "the constructor":
					_ = a.Do(func(*shutter) { panic("the next one is not built") })
				case "a closure":
					_ = a.Do(func(*shutter) { <-hang })
				}
				synctest.Wait()
				row.kill(a)
				synctest.Wait()
				expectStates(t, root, "a:exited b:up")
				if err := root.Restart(t.Context(), "a"); !errors.Is(err, actor.ErrStopped) {
					t.Errorf("Restart: %v", err)
				}
				close(hang) // what is left behind comes to an end, and nobody waits for it
				synctest.Wait()
				stop(t, root)
			})
		})
	}
}
