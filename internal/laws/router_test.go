package laws_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bruskajp/nano_services/actor"
	"github.com/bruskajp/nano_services/internal/actortest"
)

// pair are two services and a Router that goes to the one that is chosen.
type pair struct {
	svc    [2]*actor.Service[actortest.Plain]
	chosen int
	from   []*actor.Service[actortest.Plain] // that pick was given
	actor.Router[actortest.Plain]
}

func newPair(opts ...actor.Option) *pair {
	p := new(pair)
	for i := range p.svc {
		p.svc[i] = actor.Start(&actortest.Plain{N: i}, append(opts, actortest.Quiet())...)
	}
	p.Router = actor.Route(func(from *actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] {
		p.from = append(p.from, from)
		return p.svc[p.chosen]
	})
	return p
}

func (p *pair) stop(t testing.TB) {
	t.Helper()
	for _, svc := range p.svc {
		actortest.Stop(t, svc)
	}
}

// A Router is accepted wherever a service is, also by what embeds it; each closure goes
// to the service that is picked for it.
func TestRouterIsARef(t *testing.T) {
	p := newPair(actor.WithBatch(1, func(*actortest.Plain) error { return nil }))
	ctx := context.Background()
	number := func(p *actortest.Plain) (int, error) { return p.N, nil }
	forms := map[string]func() (int, error){
		"Call": func() (int, error) { return actor.Call(ctx, p, number) },
		"CallContext": func() (int, error) {
			return actor.CallContext(ctx, p.Router, func(_ context.Context, p *actortest.Plain) (int, error) { return p.N, nil })
		},
		"Get":   func() (int, error) { return actor.Get(ctx, p, (*actortest.Plain).Value) },
		"Async": func() (int, error) { return actor.Async(p, number).Await(ctx) },
		"CallLater": func() (int, error) {
			return actor.CallLater(ctx, p, func(_ context.Context, p *actortest.Plain, r actor.Reply[int]) { r.Answer(p.N, nil) })
		},
		"CallBatched": func() (int, error) { return actor.CallBatched(ctx, p, number) },
		"Inspect":     func() (int, error) { return actor.Inspect(ctx, p, (*actortest.Plain).Value) },
		"Run": func() (n int, err error) {
			err = p.Run(ctx, func(p *actortest.Plain) error { n = p.N; return nil })
			return
		},
		"RunContext": func() (n int, err error) {
			err = p.RunContext(ctx, func(_ context.Context, p *actortest.Plain) error { n = p.N; return nil })
			return
		},
		"Do": func() (int, error) {
			got := make(chan int, 1)
			err := p.Do(func(p *actortest.Plain) { got <- p.N })
			return <-got, err
		},
		"DoContext": func() (int, error) {
			got := make(chan int, 1)
			err := p.DoContext(ctx, func(_ context.Context, p *actortest.Plain) { got <- p.N })
			return <-got, err
		},
		"Pipe": func() (int, error) {
			got := make(chan int, 1)
			err := actor.Pipe(p, func(context.Context) (int, error) { return 0, nil }, func(p *actortest.Plain, _ int, _ error) { got <- p.N })
			return <-got, err
		},
	}
	for what, form := range forms {
		for p.chosen = range p.svc {
			p.from = nil
			if n, err := form(); n != p.chosen || err != nil {
				t.Errorf("%s = %d, %v: want %d", what, n, err, p.chosen)
			}
			if len(p.from) != 1 || p.from[0] != nil {
				t.Errorf("%s: picked for %v: want once, for no service", what, p.from)
			}
		}
	}
	p.stop(t)
}

// What the one that is picked refuses has been refused: counted, and shown once.
func TestL3RouterRefusesOnce(t *testing.T) {
	var lost actortest.Letters
	p := newPair(lost.Option())
	ctx := context.Background()
	actortest.Stop(t, p.svc[0])
	for what, form := range map[string]func() error{
		"Do":        func() error { return p.Do(func(*actortest.Plain) {}) },
		"DoContext": func() error { return p.DoContext(ctx, func(context.Context, *actortest.Plain) {}) },
		"Run":       func() error { return p.Run(ctx, func(*actortest.Plain) error { return nil }) },
		"Async":     func() error { _, err := actor.Async(p, numbered).Await(ctx); return err },
	} {
		shown, refused := len(lost.List()), p.svc[0].Info().Refused
		if err := form(); !errors.Is(err, actor.ErrStopped) {
			t.Errorf("%s = %v", what, err)
		}
		if got := p.svc[0].Info().Refused - refused; got != 1 {
			t.Errorf("%s is counted %d times", what, got)
		}
		want := 0 // of a call the caller has the error
		if strings.HasPrefix(what, "Do") {
			want = 1
		}
		if got := len(lost.List()) - shown; got != want {
			t.Errorf("%s is shown %d times: want %d", what, got, want)
		}
	}
	if n := p.svc[1].Info().Refused; n != 0 {
		t.Errorf("the other one has refused %d", n)
	}
	actortest.Stop(t, p.svc[1])
}

// Who asks is known by its goroutine, if it is a service of T.
func TestRouterKnowsWhoAsks(t *testing.T) {
	p := newPair()
	other := actor.Start(&actortest.Closable{}, actortest.Quiet())
	ctx := context.Background()
	if err := p.svc[0].Run(ctx, func(*actortest.Plain) error { return p.Do(func(*actortest.Plain) {}) }); err != nil {
		t.Error(err)
	}
	if err := other.Run(ctx, func(*actortest.Closable) error { return p.Do(func(*actortest.Plain) {}) }); err != nil {
		t.Error(err)
	}
	if want := []*actor.Service[actortest.Plain]{p.svc[0], nil}; !slices.Equal(p.from, want) {
		t.Errorf("picked for %v: want %v", p.from, want)
	}
	err := p.svc[0].Run(ctx, func(*actortest.Plain) error { return p.Run(ctx, func(*actortest.Plain) error { return nil }) })
	if !errors.Is(err, actor.ErrSelfCall) {
		t.Errorf("a call of itself = %v", err)
	}
	p.stop(t)
	actortest.Stop(t, other)
}

// Each value goes to the service that is picked when it is sent.
func TestRecipientOfARouter(t *testing.T) {
	p := newPair()
	r := newRecipient(t, p, func(p *actortest.Plain, e int) { p.N += e })
	send := func(e int, want error) {
		t.Helper()
		if err := r.Send(e); err != want {
			t.Errorf("Send = %v: want %v", err, want)
		}
	}
	for p.chosen = range p.svc {
		send(10, nil)
	}
	for i, svc := range p.svc {
		if n, err := actor.Get(t.Context(), svc, (*actortest.Plain).Value); n != i+10 || err != nil {
			t.Errorf("service %d has %d, %v", i, n, err)
		}
	}
	actortest.Stop(t, p.svc[1])
	p.chosen = 0
	if send(1, nil); r.Ended() {
		t.Error("it has ended though a service accepts")
	}
	actortest.Stop(t, p.svc[0])
	if send(1, actor.ErrStopped); !r.Ended() {
		t.Error("it has not ended though no service accepts")
	}
	if _, err := actor.NewRecipient(p, func(*actortest.Plain, int) {}); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("NewRecipient = %v", err)
	}
}

func TestLoad(t *testing.T) {
	check := func(t *testing.T, when string, svc *actor.Service[actortest.Plain], n int, accepts bool) {
		t.Helper()
		if gotN, gotAccepts := svc.Load(); gotN != n || gotAccepts != accepts {
			t.Errorf("%s: Load = %d, %v: want %d, %v", when, gotN, gotAccepts, n, accepts)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet(), actor.WithCapacity(3))
		check(t, "declared", svc, 0, true)
		for range 2 {
			actortest.Do(t, svc, func(*actortest.Plain) {})
		}
		check(t, "with a queue", svc, 2, true)
		served := actortest.Serve(actortest.Supervised(t.Context()), svc)
		synctest.Wait()
		check(t, "idle", svc, 0, true)
		b := actortest.Occupy(t, svc)
		check(t, "running", svc, 1, true)
		actortest.Do(t, svc, func(*actortest.Plain) { panic("no") })
		actortest.Do(t, svc, func(*actortest.Plain) {})
		actortest.Do(t, svc, func(*actortest.Plain) {})
		check(t, "full", svc, 4, true)
		b.LetGo()
		<-served
		check(t, "to be restarted", svc, 2, true)
		served = actortest.Serve(actortest.Supervised(t.Context()), svc)
		synctest.Wait()
		b = actortest.Occupy(t, svc)
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(t.Context()) }()
		synctest.Wait()
		check(t, "draining", svc, 1, false)
		b.LetGo()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		<-served
		check(t, "stopped", svc, 0, false)
		down := actor.New(func(context.Context) (*actortest.Plain, error) { return &actortest.Plain{}, nil }, actortest.Quiet())
		down.Abandon()
		check(t, "down", down, 0, false)
		down.Kill()
	})
}

// A service that waits for the caller cannot be called by it, also if others stand
// between them; anybody else may wait for it.
func TestL10LoadOfWhoWaitsForTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := actor.Start(&actortest.Plain{}, actortest.Quiet()), actor.Start(&actortest.Plain{}, actortest.Quiet()), actor.Start(&actortest.Plain{}, actortest.Quiet())
		own, of := 0, 0
		hold := make(chan struct{})
		ctx := t.Context()
		go func() { // a waits for b, which waits for c
			_ = a.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
				return b.RunContext(ctx, func(ctx context.Context, _ *actortest.Plain) error {
					return c.Run(ctx, func(*actortest.Plain) error {
						own, _ = c.Load()
						of, _ = a.Load()
						<-hold
						return nil
					})
				})
			})
		}()
		synctest.Wait()
		if own != 1 || of != math.MaxInt {
			t.Errorf("the last one has %d to do, and the first one %d for it", own, of)
		}
		if n, _ := a.Load(); n != 1 {
			t.Errorf("the first one has %d to do", n)
		}
		close(hold)
		time.Sleep(time.Second)
		if n, _ := a.Load(); n != 0 {
			t.Errorf("afterwards it has %d to do", n)
		}
		for _, svc := range []*actor.Service[actortest.Plain]{a, b, c} {
			actortest.Stop(t, svc)
		}
	})
}

func TestRouterBadInput(t *testing.T) {
	p := newPair()
	defer p.stop(t)
	ctx := context.Background()
	nowhere := actor.Route(func(*actor.Service[actortest.Plain]) *actor.Service[actortest.Plain] { return nil })
	actortest.Misuse(t, "actor", map[string]func(){
		"Route with a nil function":    func() { actor.Route[actortest.Plain](nil) },
		"has picked no service":        func() { _ = nowhere.Do(func(*actortest.Plain) {}) },
		"Do of a nil closure":          func() { _ = p.Do(nil) },
		"DoContext of a nil closure":   func() { _ = p.DoContext(ctx, nil) },
		"Run of a nil closure":         func() { _ = p.Run(ctx, nil) },
		"RunContext of a nil closure":  func() { _ = p.RunContext(ctx, nil) },
		"Watch of a Router":            func() { actor.Watch(p.Router, p.svc[0], func(*actortest.Plain, actor.DownNotice) {}) },
		"Watch of a Router: its":       func() { actor.Watch(p, p.svc[0], func(*actortest.Plain, actor.DownNotice) {}) },
		"a Router is made by Route":    func() { actor.Async(actor.Router[actortest.Plain]{}, numbered) },
		"DoContext with a nil context": func() { _ = p.DoContext(nilContext, func(context.Context, *actortest.Plain) {}) },
		"call with a nil context":      func() { _ = p.Run(nilContext, func(*actortest.Plain) error { return nil }) },
	})
}

var nilContext context.Context

func numbered(p *actortest.Plain) (int, error) { return p.N, nil }
