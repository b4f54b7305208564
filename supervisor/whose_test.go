package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/supervisor"
)

// handler is a slog handler that calls a function.
type handler func(slog.Record)

func (h handler) Enabled(context.Context, slog.Level) bool      { return true }
func (h handler) Handle(_ context.Context, r slog.Record) error { h(r); return nil }
func (h handler) WithAttrs([]slog.Attr) slog.Handler            { return h }
func (h handler) WithGroup(string) slog.Handler                 { return h }

// stubborn is a child with a method that calls what a test says.
type stubborn struct {
	*puppet
	abandon func()
}

func (s *stubborn) Abandon() { s.abandon() }

// Stop is at once wherever the end of the tree waits for who calls it, and no time-out has
// to end that.
func TestSUPStopFromWhatTheTreeWaitsFor(t *testing.T) {
	bg := context.Background()
	for name, set := range map[string]func(stop func(), root, mid *supervisor.Spec, p *puppet){
		"OnEvent": func(stop func(), root, _ *supervisor.Spec, _ *puppet) {
			root.OnEvent = func(e supervisor.Event) {
				if e.Kind == supervisor.Exited {
					stop()
				}
			}
		},
		"OnEvent, of each event": func(stop func(), root, _ *supervisor.Spec, _ *puppet) {
			root.OnEvent = func(supervisor.Event) { stop() }
		},
		"Logger": func(stop func(), root, _ *supervisor.Spec, _ *puppet) {
			root.Logger = slog.New(handler(func(r slog.Record) {
				if r.Message == "supervisor: exited" {
					stop()
				}
			}))
		},
		"OnEvent of one below": func(stop func(), _, mid *supervisor.Spec, _ *puppet) {
			mid.OnEvent = func(e supervisor.Event) {
				if e.Kind == supervisor.Exited {
					stop()
				}
			}
		},
		"Decider": func(stop func(), _, mid *supervisor.Spec, _ *puppet) {
			mid.Decider = func(string, error) supervisor.Decision { stop(); return supervisor.ByTable }
		},
		"Decider of the root": func(stop func(), root, mid *supervisor.Spec, _ *puppet) {
			mid.MaxRestarts = supervisor.NoRestarts
			root.Decider = func(string, error) supervisor.Decision { stop(); return supervisor.ByTable }
		},
		"Rand of a Backoff": func(stop func(), _, mid *supervisor.Spec, _ *puppet) {
			mid.Children[0].Backoff = &supervisor.Backoff{Rand: func() float64 { stop(); return 0 }}
		},
		"a method of a child": func(stop func(), _, mid *supervisor.Spec, p *puppet) {
			mid.Children[0].Restart = supervisor.Temporary
			mid.Children[0].Service = &stubborn{p, stop}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var root *supervisor.Supervisor
				stops := 0
				p := newPuppet()
				mid := children(supervisor.Child{Name: "p", Service: p})
				mid.Logger = nil
				spec := children()
				set(func() {
					stops++
					if err := root.Stop(bg); err != nil {
						t.Errorf("Stop = %v", err)
					}
				}, &spec, &mid, p)
				spec.Children = []supervisor.Child{{Service: supervisor.New("mid", mid)}}
				root = supervisor.New("root", spec)
				_ = root.Start(bg) // which a hook may be quicker than
				began := time.Now()
				go p.crash()
				<-root.Done()
				synctest.Wait()
				if d := time.Since(began); d != 0 || stops == 0 {
					t.Errorf("%d times stopped, and it took %v", stops, d)
				}
				select { // of p, which has not begun if a hook was quicker
				case <-p.orders:
				default:
				}
			})
		})
	}
}

// Two trees whose hooks stop each other do not wait for each other.
func TestSUPHooksStopEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var trees [2]*supervisor.Supervisor
		var ps [2]*puppet
		meet := make(chan struct{})
		for i := range trees {
			ps[i] = newPuppet()
			spec := children(supervisor.Child{Name: "p", Service: ps[i]})
			spec.OnEvent = func(e supervisor.Event) {
				if e.Kind == supervisor.Exited {
					select { // both are in their hooks
					case meet <- struct{}{}:
					case <-meet:
					}
					trees[1-i].Stop(context.Background())
				}
			}
			trees[i] = supervisor.New("tree", spec)
			start(t, trees[i])
		}
		began := time.Now()
		ps[0].crash()
		ps[1].crash()
		<-trees[0].Done()
		<-trees[1].Done()
		if d := time.Since(began); d != 0 {
			t.Errorf("it took %v", d)
		}
		synctest.Wait()
	})
}

// A hook that stops a tree that does not wait for it learns how that went.
func TestSUPHookStopsAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newPuppet()
		other := supervisor.New("other", children(supervisor.Child{Name: "q", Service: q, Shutdown: time.Second}))
		start(t, other)
		defer q.hang()()
		var got error
		p := newPuppet()
		spec := children(supervisor.Child{Name: "p", Service: p})
		spec.OnEvent = func(e supervisor.Event) {
			if e.Kind == supervisor.Exited {
				got = other.Stop(context.Background())
			}
		}
		root := supervisor.New("root", spec)
		start(t, root)
		p.crash()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if _, ok := errors.AsType[*supervisor.StuckError](got); !ok {
			t.Errorf("Stop = %v", got)
		}
		stop(t, root)
	})
}

// A Decider that asks its own supervisor for something is refused at once.
func TestSUPRequestOfADecider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var root *supervisor.Supervisor
		var got error
		p := newPuppet()
		spec := children(supervisor.Child{Name: "p", Service: p})
		spec.Decider = func(string, error) supervisor.Decision {
			got = root.Terminate(context.Background(), "p")
			return supervisor.ByTable
		}
		root = supervisor.New("root", spec)
		start(t, root)
		began := time.Now()
		p.crash()
		expectStates(t, root, "p:up")
		if !errors.Is(got, supervisor.ErrWouldDeadlock) || time.Since(began) != 0 {
			t.Errorf("Terminate = %v, after %v", got, time.Since(began))
		}
		stop(t, root)
	})
}
