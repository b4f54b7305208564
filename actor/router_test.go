package actor_test

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
)

// pair are two services and a Router that goes to the one that is chosen.
type pair struct {
	svc    [2]*actor.Service[plain]
	chosen int
	from   []*actor.Service[plain] // that pick was given
	actor.Router[plain]
}

func newPair(opts ...actor.Option) *pair {
	p := new(pair)
	for i := range p.svc {
		p.svc[i] = actor.Start(&plain{n: i}, append(opts, quiet())...)
	}
	p.Router = actor.Route(func(from *actor.Service[plain]) *actor.Service[plain] {
		p.from = append(p.from, from)
		return p.svc[p.chosen]
	})
	return p
}

func (p *pair) stop(t testing.TB) {
	t.Helper()
	for _, svc := range p.svc {
		stop(t, svc)
	}
}

// A Router is accepted wherever a service is, also by what embeds it; each closure goes
// to the service that is picked for it.
func TestRouterIsARef(t *testing.T) {
	p := newPair(actor.WithBatch(1, func(*plain) error { return nil }))
	ctx := context.Background()
	number := func(p *plain) (int, error) { return p.n, nil }
	forms := map[string]func() (int, error){
		"Call": func() (int, error) { return actor.Call(ctx, p, number) },
		"CallContext": func() (int, error) {
			return actor.CallContext(ctx, p.Router, func(_ context.Context, p *plain) (int, error) { return p.n, nil })
		},
		"Get":   func() (int, error) { return actor.Get(ctx, p, numberOf) },
		"Async": func() (int, error) { return actor.Async(p, number).Await(ctx) },
		"CallLater": func() (int, error) {
			return actor.CallLater(ctx, p, func(_ context.Context, p *plain, r actor.Reply[int]) { r.Answer(p.n, nil) })
		},
		"CallBatched": func() (int, error) { return actor.CallBatched(ctx, p, number) },
		"Inspect":     func() (int, error) { return actor.Inspect(ctx, p, numberOf) },
		"Run":         func() (n int, err error) { err = p.Run(ctx, func(p *plain) error { n = p.n; return nil }); return },
		"RunContext": func() (n int, err error) {
			err = p.RunContext(ctx, func(_ context.Context, p *plain) error { n = p.n; return nil })
			return
		},
		"Do": func() (int, error) {
			got := make(chan int, 1)
			err := p.Do(func(p *plain) { got <- p.n })
			return <-got, err
		},
		"DoContext": func() (int, error) {
			got := make(chan int, 1)
			err := p.DoContext(ctx, func(_ context.Context, p *plain) { got <- p.n })
			return <-got, err
		},
		"Pipe": func() (int, error) {
			got := make(chan int, 1)
			err := actor.Pipe(p, func(context.Context) (int, error) { return 0, nil }, func(p *plain, _ int, _ error) { got <- p.n })
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
	var lost letters
	p := newPair(lost.option())
	ctx := context.Background()
	stop(t, p.svc[0])
	for what, form := range map[string]func() error{
		"Do":        func() error { return p.Do(func(*plain) {}) },
		"DoContext": func() error { return p.DoContext(ctx, func(context.Context, *plain) {}) },
		"Run":       func() error { return p.Run(ctx, func(*plain) error { return nil }) },
		"Async":     func() error { _, err := actor.Async(p, (*plain).number).Await(ctx); return err },
	} {
		shown, refused := len(lost.list()), p.svc[0].Info().Refused
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
		if got := len(lost.list()) - shown; got != want {
			t.Errorf("%s is shown %d times: want %d", what, got, want)
		}
	}
	if n := p.svc[1].Info().Refused; n != 0 {
		t.Errorf("the other one has refused %d", n)
	}
	stop(t, p.svc[1])
}

func (p *plain) number() (int, error) { return p.n, nil }

// Who asks is known by its goroutine, if it is a service of T.
func TestRouterKnowsWhoAsks(t *testing.T) {
	p := newPair()
	other := actor.Start(&closable{}, quiet())
	ctx := context.Background()
	if err := p.svc[0].Run(ctx, func(*plain) error { return p.Do(func(*plain) {}) }); err != nil {
		t.Error(err)
	}
	if err := other.Run(ctx, func(*closable) error { return p.Do(func(*plain) {}) }); err != nil {
		t.Error(err)
	}
	if want := []*actor.Service[plain]{p.svc[0], nil}; !slices.Equal(p.from, want) {
		t.Errorf("picked for %v: want %v", p.from, want)
	}
	err := p.svc[0].Run(ctx, func(*plain) error { return p.Run(ctx, func(*plain) error { return nil }) })
	if !errors.Is(err, actor.ErrSelfCall) {
		t.Errorf("a call of itself = %v", err)
	}
	p.stop(t)
	stop(t, other)
}

// Each value goes to the service that is picked when it is sent.
func TestRecipientOfARouter(t *testing.T) {
	p := newPair()
	r := newRecipient(t, p, func(p *plain, e int) { p.n += e })
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
		if n, err := actor.Get(t.Context(), svc, numberOf); n != i+10 || err != nil {
			t.Errorf("service %d has %d, %v", i, n, err)
		}
	}
	stop(t, p.svc[1])
	p.chosen = 0
	if send(1, nil); r.Ended() {
		t.Error("it has ended though a service accepts")
	}
	stop(t, p.svc[0])
	if send(1, actor.ErrStopped); !r.Ended() {
		t.Error("it has not ended though no service accepts")
	}
	if _, err := actor.NewRecipient(p, func(*plain, int) {}); !errors.Is(err, actor.ErrStopped) {
		t.Errorf("NewRecipient = %v", err)
	}
}

func TestLoad(t *testing.T) {
	check := func(t *testing.T, when string, svc *actor.Service[plain], n int, accepts bool) {
		t.Helper()
		if gotN, gotAccepts := svc.Load(); gotN != n || gotAccepts != accepts {
			t.Errorf("%s: Load = %d, %v: want %d, %v", when, gotN, gotAccepts, n, accepts)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		svc := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet(), actor.WithCapacity(3))
		check(t, "declared", svc, 0, true)
		for range 2 {
			do(t, svc, func(*plain) {})
		}
		check(t, "with a queue", svc, 2, true)
		served := serve(supervised(t.Context()), svc)
		synctest.Wait()
		check(t, "idle", svc, 0, true)
		b := occupy(t, svc)
		check(t, "running", svc, 1, true)
		do(t, svc, func(*plain) { panic("no") })
		do(t, svc, func(*plain) {})
		do(t, svc, func(*plain) {})
		check(t, "full", svc, 4, true)
		b.letGo()
		<-served
		check(t, "to be restarted", svc, 2, true)
		served = serve(supervised(t.Context()), svc)
		synctest.Wait()
		b = occupy(t, svc)
		stopped := make(chan error, 1)
		go func() { stopped <- svc.Stop(t.Context()) }()
		synctest.Wait()
		check(t, "draining", svc, 1, false)
		b.letGo()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		<-served
		check(t, "stopped", svc, 0, false)
		down := actor.New(func(context.Context) (*plain, error) { return &plain{}, nil }, quiet())
		down.Abandon()
		check(t, "down", down, 0, false)
		down.Kill()
	})
}

// A service that waits for the caller cannot be called by it, also if others stand
// between them; anybody else may wait for it.
func TestL10LoadOfWhoWaitsForTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := actor.Start(&plain{}, quiet()), actor.Start(&plain{}, quiet()), actor.Start(&plain{}, quiet())
		own, of := 0, 0
		hold := make(chan struct{})
		ctx := t.Context()
		go func() { // a waits for b, which waits for c
			_ = a.RunContext(ctx, func(ctx context.Context, _ *plain) error {
				return b.RunContext(ctx, func(ctx context.Context, _ *plain) error {
					return c.Run(ctx, func(*plain) error {
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
		for _, svc := range []*actor.Service[plain]{a, b, c} {
			stop(t, svc)
		}
	})
}

func TestRouterBadInput(t *testing.T) {
	p := newPair()
	defer p.stop(t)
	ctx := context.Background()
	nowhere := actor.Route(func(*actor.Service[plain]) *actor.Service[plain] { return nil })
	misuse(t, map[string]func(){
		"Route with a nil function":    func() { actor.Route[plain](nil) },
		"has picked no service":        func() { _ = nowhere.Do(func(*plain) {}) },
		"Do of a nil closure":          func() { _ = p.Do(nil) },
		"DoContext of a nil closure":   func() { _ = p.DoContext(ctx, nil) },
		"Run of a nil closure":         func() { _ = p.Run(ctx, nil) },
		"RunContext of a nil closure":  func() { _ = p.RunContext(ctx, nil) },
		"Watch of a Router":            func() { actor.Watch(p.Router, p.svc[0], func(*plain, actor.DownNotice) {}) },
		"Watch of a Router: its":       func() { actor.Watch(p, p.svc[0], func(*plain, actor.DownNotice) {}) },
		"a Router is made by Route":    func() { actor.Async(actor.Router[plain]{}, (*plain).number) },
		"DoContext with a nil context": func() { _ = p.DoContext(nilContext, func(context.Context, *plain) {}) },
		"call with a nil context":      func() { _ = p.Run(nilContext, func(*plain) error { return nil }) },
	})
}

var nilContext context.Context
